//! Which L1 block an L2 block has as its origin.

use openledger_primitives::BlockRef;
use openledger_protocol::{L1Block, L1Inputs};
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
    /// The drift is used up and there is no next L1 block: the block may hold no transactions but the forced ones, and
    /// keeps the parent's origin.
    KeepWithoutTransactions,
}

/// Chooses the origin of a block at `timestamp` whose parent has `origin`.
///
/// Rules (derivation checks the same): the origin stays or moves by one; a block is not older than its origin; a block more than
/// `max_drift` seconds after its origin must move on, and holds no user transactions when it can not.
pub fn choose_origin(
    origins: &dyn Origins,
    origin: &L1Block,
    timestamp: u64,
    confirmations: u64,
    max_drift: u64,
) -> OriginChoice {
    let drifted = timestamp > origin.timestamp.saturating_add(max_drift);
    let next = origins.block(origin.number + 1).filter(|next| {
        let deep_enough = origins
            .head()
            .is_some_and(|head| head.number >= next.number + confirmations);
        next.parent_hash == origin.hash && next.timestamp <= timestamp && (deep_enough || drifted)
    });
    match next {
        Some(next) => OriginChoice::Adopt(next),
        None if drifted => OriginChoice::KeepWithoutTransactions,
        None => OriginChoice::Keep,
    }
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
        let at = |timestamp, confs, drift| {
            choose_origin(&chain, &block(0, 100), timestamp, confs, drift)
        };
        // Not older than its origin.
        assert_eq!(at(101, 0, 1800), OriginChoice::Keep);
        assert_eq!(at(102, 0, 1800), OriginChoice::Adopt(block(1, 102)));
        // One at a time, however late.
        assert_eq!(at(1_000, 0, 1800), OriginChoice::Adopt(block(1, 102)));
        // Confirmations hold it back, unless the drift is used up.
        assert_eq!(at(102, 2, 1800), OriginChoice::Keep);
        assert_eq!(at(2_000, 2, 1800), OriginChoice::Adopt(block(1, 102)));
        // No next block.
        let last = |timestamp| choose_origin(&chain, &block(2, 104), timestamp, 0, 1800);
        assert_eq!(last(1_904), OriginChoice::Keep);
        assert_eq!(last(1_905), OriginChoice::KeepWithoutTransactions);
    }

    #[test]
    fn a_block_of_another_fork_is_not_adopted() {
        let mut other = block(1, 102);
        other.parent_hash = B256::ZERO;
        let chain = Fixed(vec![block(0, 100), other]);
        assert_eq!(
            choose_origin(&chain, &block(0, 100), 110, 0, 1800),
            OriginChoice::Keep
        );
    }
}
