//! `openledger health`.

use anyhow::{Context, Result, bail};
use std::time::Duration;

/// A health check that hangs is a failed one.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks a running node whether it is ready.
pub fn run(url: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        let url = format!("{}/readyz", url.trim_end_matches('/'));
        let response = client
            .get(&url)
            .send()
            .await
            .with_context(|| format!("no answer from {url}"))?;
        let status = response.status();
        let body = response.text().await.unwrap_or_default();
        if !status.is_success() {
            bail!("not ready: {body}");
        }
        println!("{body}");
        Ok(())
    })
}
