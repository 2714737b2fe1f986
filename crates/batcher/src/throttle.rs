//! Back-pressure: how much data the sequencer may put into blocks while the L1 takes less than it makes.

use crate::{BadThrottle, ThrottleConfig, metrics};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the sequencer reads before it takes a transaction in. Shared in an `Arc`; reading costs one atomic load.
///
/// Guarantees: without a backlog, and without a batcher, there is no limit. A limit concerns user transactions alone: forced ones
/// are taken whatever their size.
#[derive(Debug)]
pub struct Throttle {
    max_block: AtomicU64,
    max_tx: AtomicU64,
    backlog_bytes: AtomicU64,
    backlog_blocks: AtomicU64,
    /// Thousandths of the way from the threshold to the full limits.
    intensity: AtomicU64,
    first: ThrottleConfig,
    /// Held while limits are decided on.
    config: Mutex<ThrottleConfig>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self::new(ThrottleConfig::default())
    }
}

impl Throttle {
    /// Without limits until there is a backlog.
    pub(crate) fn new(config: ThrottleConfig) -> Self {
        Self {
            max_block: AtomicU64::new(u64::MAX),
            max_tx: AtomicU64::new(u64::MAX),
            backlog_bytes: AtomicU64::new(0),
            backlog_blocks: AtomicU64::new(0),
            intensity: AtomicU64::new(0),
            first: config.clone(),
            config: Mutex::new(config),
        }
    }

    /// What the limits follow from now.
    pub fn config(&self) -> ThrottleConfig {
        self.config.lock().clone()
    }

    /// Lets the limits follow from something else, at once and until the next run.
    ///
    /// Fails, and changes nothing, when the configuration contradicts itself.
    pub fn configure(&self, config: ThrottleConfig) -> Result<(), BadThrottle> {
        config.check()?;
        let mut current = self.config.lock();
        *current = config;
        self.decide(&current);
        Ok(())
    }

    /// Goes back to the configuration that the batcher was started with, and decides anew whether there are limits.
    pub fn reset(&self) {
        let mut current = self.config.lock();
        *current = self.first.clone();
        self.max_block.store(u64::MAX, Ordering::Relaxed);
        self.decide(&current);
    }

    /// How far the limits have come from their highest (0) to their lowest (1).
    pub fn intensity(&self) -> f64 {
        self.intensity.load(Ordering::Relaxed) as f64 / 1000.0
    }

    /// Estimated compressed bytes (`Tx::da_size` / 10^6) that the user transactions of a block may have together; `u64::MAX`: any.
    pub fn max_block_bytes(&self) -> u64 {
        self.max_block.load(Ordering::Relaxed)
    }

    /// Estimated compressed bytes (`Tx::da_size` / 10^6) of the largest user transaction that may be included; `u64::MAX`: any.
    pub fn max_tx_bytes(&self) -> u64 {
        self.max_tx.load(Ordering::Relaxed)
    }

    /// Estimated compressed bytes that are not included in the L1 yet.
    pub fn backlog_bytes(&self) -> u64 {
        self.backlog_bytes.load(Ordering::Relaxed)
    }

    /// Blocks that are not safe yet.
    pub fn backlog_blocks(&self) -> u64 {
        self.backlog_blocks.load(Ordering::Relaxed)
    }

    /// True while limits are in force.
    pub fn active(&self) -> bool {
        self.max_block_bytes() != u64::MAX
    }

    /// Takes the backlog of now into account.
    pub(crate) fn update(&self, bytes: u64, blocks: u64) {
        let config = self.config.lock();
        self.backlog_bytes.store(bytes, Ordering::Relaxed);
        self.backlog_blocks.store(blocks, Ordering::Relaxed);
        metrics::backlog(bytes, blocks);
        self.decide(&config);
    }

    fn decide(&self, config: &ThrottleConfig) {
        let bytes = self.backlog_bytes();
        let threshold = config.threshold_bytes;
        // Limits that came at the threshold go at half of it: otherwise a backlog at the threshold would have them flap.
        let engaged = threshold > 0
            && (bytes >= threshold || (self.active() && bytes >= threshold.div_ceil(2)));
        let full = config.full_bytes.max(threshold.saturating_add(1));
        // Thousandths of the way from the threshold to the full limits.
        let intensity = if engaged {
            let over = bytes.saturating_sub(threshold).min(full - threshold);
            u64::try_from(u128::from(over) * 1000 / u128::from(full - threshold)).unwrap_or(1000)
        } else {
            0
        };
        let limit = |(high, low): (u64, u64)| {
            if engaged {
                high - high.saturating_sub(low) / 1000 * intensity
                    - high.saturating_sub(low) % 1000 * intensity / 1000
            } else {
                u64::MAX
            }
        };
        let (block, tx) = (limit(config.block_bytes), limit(config.tx_bytes));
        self.max_block.store(block, Ordering::Relaxed);
        self.max_tx.store(tx, Ordering::Relaxed);
        self.intensity.store(intensity, Ordering::Relaxed);
        metrics::throttle(intensity as f64 / 1000.0, engaged.then_some((block, tx)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_come_at_the_threshold_tighten_and_go_at_half_of_it() {
        let config = ThrottleConfig {
            threshold_bytes: 1_000,
            full_bytes: 2_000,
            block_bytes: (130_000, 2_000),
            tx_bytes: (20_000, 150),
        };
        let throttle = Throttle::new(config);
        let at = |bytes| {
            throttle.update(bytes, bytes / 10);
            (throttle.max_block_bytes(), throttle.max_tx_bytes())
        };
        assert_eq!(at(999), (u64::MAX, u64::MAX));
        assert_eq!(at(1_000), (130_000, 20_000));
        assert_eq!(at(1_500), (66_000, 10_075));
        assert_eq!(at(2_000), (2_000, 150));
        assert_eq!(at(u64::MAX), (2_000, 150));
        assert_eq!(at(500), (130_000, 20_000));
        assert_eq!(at(499), (u64::MAX, u64::MAX));
        assert_eq!(at(999), (u64::MAX, u64::MAX));
        assert_eq!(
            (throttle.backlog_bytes(), throttle.backlog_blocks()),
            (999, 99)
        );
    }

    #[test]
    fn a_threshold_of_zero_never_limits() {
        let config = ThrottleConfig {
            threshold_bytes: 0,
            ..ThrottleConfig::default()
        };
        let throttle = Throttle::new(config);
        throttle.update(u64::MAX, 1);
        assert!(!throttle.active());
    }

    #[test]
    fn another_configuration_holds_at_once_and_a_reset_takes_it_back() {
        let throttle = Throttle::default();
        throttle.update(1_500, 3);
        assert!(!throttle.active());
        let tight = ThrottleConfig {
            threshold_bytes: 1_000,
            full_bytes: 2_000,
            block_bytes: (10_000, 2_000),
            tx_bytes: (1_000, 150),
        };
        throttle.configure(tight.clone()).unwrap();
        assert_eq!(throttle.config(), tight);
        assert_eq!(
            (throttle.max_block_bytes(), throttle.max_tx_bytes()),
            (6_000, 575)
        );
        assert_eq!(throttle.intensity(), 0.5);
        // At half of the threshold limits that are in force stay, but not through a reset.
        throttle.update(700, 3);
        assert!(throttle.active());
        throttle.reset();
        assert_eq!(throttle.config(), ThrottleConfig::default());
        assert!(!throttle.active());
        assert_eq!(throttle.max_tx_bytes(), u64::MAX);
    }

    #[test]
    fn a_configuration_that_contradicts_itself_changes_nothing() {
        let throttle = Throttle::default();
        let default = ThrottleConfig::default();
        for config in [
            ThrottleConfig {
                full_bytes: default.threshold_bytes,
                ..default.clone()
            },
            ThrottleConfig {
                block_bytes: (2_000, 130_000),
                ..default.clone()
            },
            ThrottleConfig {
                tx_bytes: (150, 20_000),
                ..default.clone()
            },
            ThrottleConfig {
                tx_bytes: (20_000, 99),
                ..default.clone()
            },
            ThrottleConfig {
                block_bytes: (130_000, 149),
                ..default.clone()
            },
        ] {
            assert!(throttle.configure(config.clone()).is_err(), "{config:?}");
            assert_eq!(throttle.config(), default);
        }
        assert_eq!(default.check(), Ok(()));
    }
}
