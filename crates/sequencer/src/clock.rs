//! The chain's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Wall-clock time with an offset: a development chain that was stopped resumes where it stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    /// Milliseconds that the chain's clock is behind the wall clock.
    behind_ms: u64,
}

impl Clock {
    /// The wall clock itself.
    pub const fn wall() -> Self {
        Self { behind_ms: 0 }
    }

    /// A clock that stands at `timestamp` (seconds) now; the wall clock if that is in the future.
    pub fn resuming_at(timestamp: u64) -> Self {
        let wall = Self::wall().now_ms();
        Self {
            behind_ms: wall.saturating_sub(timestamp.saturating_mul(1000)),
        }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        u64::try_from(wall.as_millis())
            .unwrap_or(u64::MAX)
            .saturating_sub(self.behind_ms)
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        self.now_ms() / 1000
    }

    /// Seconds that the chain's clock is behind the wall clock.
    pub const fn behind(&self) -> u64 {
        self.behind_ms / 1000
    }

    /// Time until the chain's clock shows `timestamp` (seconds); zero when it has passed.
    pub fn until(&self, timestamp: u64) -> Duration {
        Duration::from_millis(timestamp.saturating_mul(1000).saturating_sub(self.now_ms()))
    }
}
