//! Which L1 block an L2 block has as its origin.

use openledger_derivation::MAX_SEQUENCER_DRIFT;
use openledger_primitives::BlockRef;
use openledger_protocol::{L1Block, L1Inputs, L2BlockRef};
use std::sync::Arc;

/// The L1's canonical chain as the sequencer needs it. Implemented over the head tracker, and by tests.
pub trait Origins: Send + Sync {
    /// The canonical block at a height, `None` when it does not exist or is not known any more.
    fn block(&self, number: u64) -> Option<L1Block>;
    /// The newest canonical block.
    fn head(&self) -> Option<L1Block>;
    /// What a canonical block brings to the L2: deposits and configuration changes. `None` when that can not be told now; the
    /// block is then not adopted yet.
    fn inputs(&self, block: &L1Block) -> Option<Arc<L1Inputs>>;
    /// True when the block is known to be no longer canonical. False when in doubt.
    fn is_gone(&self, block: BlockRef) -> bool;
    /// Number of reorganisations seen so far.
    fn reorgs(&self) -> u64;
}

/// What to do about the next block's origin.
// One at a time on the stack: boxing the block would only cost an allocation.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginChoice {
    /// Keep the parent's origin.
    Keep,
    /// Adopt the next L1 block.
    Adopt(L1Block),
    /// The drift is used up and the next L1 block is not known: whether the block may keep the parent's origin depends on that
    /// one's time.
    Wait,
}

/// Chooses the origin of a block at `timestamp` whose parent has `origin`.
///
/// Rules (derivation checks the same): the origin stays or moves by one; a block is not older than its origin; a block more than
/// [`MAX_SEQUENCER_DRIFT`] seconds after it must move on, unless the next L1 block is younger than itself.
pub fn choose_origin(
    origins: &dyn Origins,
    origin: &L1Block,
    timestamp: u64,
    confirmations: u64,
) -> OriginChoice {
    let drifted = is_drifted(origin, timestamp);
    let Some(next) = next_of(origins, origin) else {
        return if drifted {
            OriginChoice::Wait
        } else {
            OriginChoice::Keep
        };
    };
    let deep_enough = origins
        .head()
        .is_some_and(|head| head.number >= next.number + confirmations);
    if next.timestamp <= timestamp && (deep_enough || drifted) {
        OriginChoice::Adopt(next)
    } else {
        OriginChoice::Keep
    }
}

/// Whether a block at `timestamp` is so far from its origin that it may hold no transactions but the forced ones.
pub(crate) fn is_drifted(origin: &L1Block, timestamp: u64) -> bool {
    timestamp > origin.timestamp.saturating_add(MAX_SEQUENCER_DRIFT)
}

/// Whether derivation refuses a block because it kept its parent's origin where it had to adopt the next one. That was not to be
/// seen when it was made if the L1 has replaced the next one since.
pub(crate) fn keeps_too_long(origins: &dyn Origins, origin: &L1Block, block: &L2BlockRef) -> bool {
    block.sequence_number > 0
        && is_drifted(origin, block.timestamp)
        && next_of(origins, origin).is_some_and(|next| next.timestamp <= block.timestamp)
}

fn next_of(origins: &dyn Origins, origin: &L1Block) -> Option<L1Block> {
    origins
        .block(origin.number + 1)
        .filter(|next| next.parent_hash == origin.hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::B256;

    struct Fixed(Vec<L1Block>);

    impl Origins for Fixed {
        fn block(&self, number: u64) -> Option<L1Block> {
            self.0.iter().find(|block| block.number == number).copied()
        }
        fn head(&self) -> Option<L1Block> {
            self.0.last().copied()
        }
        fn inputs(&self, _: &L1Block) -> Option<Arc<L1Inputs>> {
            None
        }
        fn is_gone(&self, _: BlockRef) -> bool {
            false
        }
        fn reorgs(&self) -> u64 {
            0
        }
    }

    fn block(number: u64, timestamp: u64) -> L1Block {
        L1Block {
            number,
            hash: B256::with_last_byte(number as u8 + 1),
            parent_hash: B256::with_last_byte(number as u8),
            timestamp,
            base_fee: 7,
            excess_blob_gas: Some(0),
            blob_base_fee: 1,
            prev_randao: B256::ZERO,
            parent_beacon_block_root: B256::ZERO,
            receipts_root: B256::ZERO,
            gas_limit: 30_000_000,
        }
    }

    #[test]
    fn the_origin_follows_the_rules_of_time_and_confirmations() {
        let chain = Fixed(vec![block(0, 100), block(1, 102), block(2, 104)]);
        let at = |timestamp, confs| choose_origin(&chain, &block(0, 100), timestamp, confs);
        // Not older than its origin.
        assert_eq!(at(101, 0), OriginChoice::Keep);
        assert_eq!(at(102, 0), OriginChoice::Adopt(block(1, 102)));
        // One at a time, however late.
        assert_eq!(at(1_000, 0), OriginChoice::Adopt(block(1, 102)));
        // Confirmations hold it back, unless the drift is used up.
        assert_eq!(at(102, 2), OriginChoice::Keep);
        assert_eq!(at(2_000, 2), OriginChoice::Adopt(block(1, 102)));
        // No next block.
        let last = |timestamp| choose_origin(&chain, &block(2, 104), timestamp, 0);
        assert_eq!(last(1_904), OriginChoice::Keep);
        assert_eq!(last(1_905), OriginChoice::Wait);
        // One that is younger.
        let gap = Fixed(vec![block(2, 104), block(3, 3_000)]);
        let over = |timestamp| choose_origin(&gap, &block(2, 104), timestamp, 0);
        assert_eq!(over(2_999), OriginChoice::Keep);
        assert_eq!(over(3_000), OriginChoice::Adopt(block(3, 3_000)));
    }

    #[test]
    fn a_block_keeps_its_origin_too_long_when_it_is_not_older_than_the_next_one() {
        let chain = Fixed(vec![block(2, 104), block(3, 3_000)]);
        let kept = |timestamp, sequence_number| {
            let block = L2BlockRef {
                hash: B256::ZERO,
                number: 1,
                parent_hash: B256::ZERO,
                timestamp,
                l1_origin: chain.0[0].id(),
                sequence_number,
            };
            keeps_too_long(&chain, &chain.0[0], &block)
        };
        assert!(!kept(2_999, 5));
        assert!(kept(3_000, 5));
        // It adopted that origin itself.
        assert!(!kept(3_000, 0));
        let near = Fixed(vec![block(2, 104), block(3, 106)]);
        let within = L2BlockRef {
            hash: B256::ZERO,
            number: 1,
            parent_hash: B256::ZERO,
            timestamp: 1_904,
            l1_origin: near.0[0].id(),
            sequence_number: 1,
        };
        assert!(!keeps_too_long(&near, &near.0[0], &within));
    }

    #[test]
    fn a_block_of_another_fork_is_not_adopted() {
        let mut other = block(1, 102);
        other.parent_hash = B256::ZERO;
        let chain = Fixed(vec![block(0, 100), other]);
        assert_eq!(
            choose_origin(&chain, &block(0, 100), 110, 0),
            OriginChoice::Keep
        );
    }
}
