//! Waiting for something to become true.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up: far above what it takes on a slow machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(20);

/// Looks again and again until `look` finds something.
///
/// # Errors
/// What `look` fails with, or that `what` did not happen within [`DEADLINE`].
pub async fn until<T, F>(what: &str, mut look: F) -> Result<T>
where
    F: AsyncFnMut() -> Result<Option<T>>,
{
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if Instant::now() >= end {
            bail!("{what}: not within {} s", DEADLINE.as_secs());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
