//! One nonce.

use super::{
    Hold, TxCandidate,
    fees::{Fees, bump_percent},
};
use alloy_primitives::{B256, U256};
use openledger_primitives::BlockRef;
use std::time::Duration;

/// What of a transaction matters for its price and its place in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Gas limit.
    pub(super) gas: u64,
    /// Wei that it carries.
    pub(super) value: U256,
    /// Number of blobs; `None` for a transaction without.
    pub(super) blobs: Option<u64>,
}

impl Shape {
    pub(super) fn of(candidate: &TxCandidate) -> Self {
        Self {
            gas: candidate.gas,
            value: candidate.value,
            blobs: candidate.blobs(),
        }
    }

    /// Wei that it takes from the balance at most.
    pub(super) fn cost(&self, fees: &Fees) -> U256 {
        self.value
            .saturating_add(fees.cost(self.gas, self.blobs.unwrap_or_default()))
    }
}

/// What was signed last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newest {
    pub(super) hash: B256,
    pub(super) fees: Fees,
    pub(super) signed_at: Duration,
    /// The L1's height then.
    pub(super) height: u64,
}

/// Whether the pool has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pooled {
    /// As far as is known.
    Yes,
    /// To be sent when the time has come.
    No { from: Duration },
}

#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) shape: Shape,
    pub(super) newest: Option<Newest>,
    pub(super) pooled: Pooled,
    /// Why the last try failed.
    pub(super) hold: Option<Hold>,
    /// The block at which the nonce was seen to be used.
    pub(super) included: Option<BlockRef>,
    pub(super) confirmed: bool,
}

impl Slot {
    pub(super) fn new(shape: Shape) -> Self {
        Self {
            shape,
            newest: None,
            pooled: Pooled::No {
                from: Duration::ZERO,
            },
            hold: None,
            included: None,
            confirmed: false,
        }
    }

    /// Wei that the pool counts for it.
    pub(super) fn cost(&self) -> U256 {
        self.newest
            .map_or(U256::ZERO, |newest| self.shape.cost(&newest.fees))
    }

    /// Wei that it costs more when its fees are raised once.
    pub(super) fn raise_cost(&self) -> U256 {
        let percent = U256::from(bump_percent(self.shape.blobs.is_some()));
        let fees = self.cost().saturating_sub(self.shape.value);
        (fees * percent).div_ceil(U256::from(100))
    }

    /// Back to where it was before it was included.
    pub(super) fn exclude(&mut self, now: Duration) {
        self.included = None;
        self.confirmed = false;
        self.try_again(now, None);
    }

    pub(super) fn try_again(&mut self, from: Duration, hold: Option<Hold>) {
        self.pooled = Pooled::No { from };
        self.hold = hold;
    }
}
