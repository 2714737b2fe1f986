//! What is offered, by the market and the limits.

use super::{Hold, TxManagerConfig};
use alloy_eips::eip4844::DATA_GAS_PER_BLOB;
use alloy_primitives::U256;

/// By how many percent pools want a replacement to offer more, in every field: geth's and reth's defaults.
pub(super) fn bump_percent(blobs: bool) -> u128 {
    if blobs { 100 } else { 10 }
}

/// The fee fields of a transaction, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fees {
    /// `maxFeePerGas`.
    pub(super) max_fee: u128,
    /// `maxPriorityFeePerGas`.
    pub(super) tip: u128,
    /// `maxFeePerBlobGas`; zero without blobs.
    pub(super) blob_fee: u128,
}

/// What the L1 asks for, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Market {
    /// Base fee of the head.
    pub(super) base_fee: u128,
    /// Tip that the endpoint suggests.
    pub(super) tip: u128,
    /// Blob base fee; `None` on an L1 without blobs.
    pub(super) blob_base_fee: Option<u128>,
}

/// The part of the configuration that bounds fees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    max_fee: u128,
    min_tip: u128,
    max_blob_fee: u128,
    min_blob_fee: u128,
}

impl From<&TxManagerConfig> for Limits {
    fn from(config: &TxManagerConfig) -> Self {
        Self {
            max_fee: config.max_fee,
            min_tip: config.min_tip.min(config.max_fee),
            max_blob_fee: config.max_blob_fee,
            min_blob_fee: config.min_blob_fee.min(config.max_blob_fee),
        }
    }
}

impl Limits {
    /// What a transaction should offer now: so many times the base fees. Twice is enough for about six full blocks.
    ///
    /// Fails when the L1 asks for more than the limits allow, or has no blobs.
    pub(super) fn wanted(&self, market: &Market, blobs: bool, times: u128) -> Result<Fees, Hold> {
        let blob_base_fee = match (blobs, market.blob_base_fee) {
            (false, _) => None,
            (true, Some(fee)) => Some(fee),
            (true, None) => return Err(Hold::NoBlobs),
        };
        // Without any tip nobody has a reason to include it.
        let least = market.base_fee.saturating_add(self.min_tip);
        if least > self.max_fee || blob_base_fee.is_some_and(|fee| fee > self.max_blob_fee) {
            return Err(Hold::FeeLimit);
        }
        let tip = market.tip.clamp(self.min_tip, self.max_fee);
        let max_fee = market.base_fee.saturating_mul(times).saturating_add(tip);
        let blob_fee = blob_base_fee.map_or(0, |fee| {
            let fee = fee.saturating_mul(times);
            fee.clamp(self.min_blob_fee, self.max_blob_fee)
        });
        Ok(Fees {
            max_fee: max_fee.min(self.max_fee),
            tip,
            blob_fee,
        })
    }

    /// What a replacement of a transaction that offers `old` offers: as much more as pools want, or what is
    /// [`wanted`](Self::wanted) now when that is higher.
    ///
    /// Fails when the limits do not allow for it.
    pub(super) fn raised(
        &self,
        old: &Fees,
        market: &Market,
        blobs: bool,
        times: u128,
    ) -> Result<Fees, Hold> {
        let wanted = self.wanted(market, blobs, times)?;
        let raise = |old: u128, wanted: u128, limit: u128| {
            let more = old.saturating_mul(bump_percent(blobs)).div_ceil(100);
            let fee = old.saturating_add(more.max(1)).max(wanted);
            if fee <= limit {
                Ok(fee)
            } else {
                Err(Hold::FeeLimit)
            }
        };
        let max_fee = raise(old.max_fee, wanted.max_fee, self.max_fee)?;
        let blob_fee = if blobs {
            raise(old.blob_fee, wanted.blob_fee, self.max_blob_fee)?
        } else {
            0
        };
        Ok(Fees {
            max_fee,
            tip: raise(old.tip, wanted.tip, max_fee)?,
            blob_fee,
        })
    }
}

impl Fees {
    /// Wei that a transaction with these fees may cost at most, without its value. Pools count it whole.
    pub(super) fn cost(&self, gas: u64, blobs: u64) -> U256 {
        let execution = U256::from(gas) * U256::from(self.max_fee);
        execution + U256::from(blobs) * U256::from(DATA_GAS_PER_BLOB) * U256::from(self.blob_fee)
    }

    /// Whether a block with this market could include it.
    pub(super) fn covers(&self, market: &Market, blobs: bool) -> bool {
        self.max_fee >= market.base_fee
            && (!blobs || market.blob_base_fee.is_none_or(|fee| self.blob_fee >= fee))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limits() -> Limits {
        Limits {
            max_fee: 1_000,
            min_tip: 2,
            max_blob_fee: 400,
            min_blob_fee: 10,
        }
    }

    fn market(base_fee: u128, blob_base_fee: u128) -> Market {
        Market {
            base_fee,
            tip: 5,
            blob_base_fee: Some(blob_base_fee),
        }
    }

    #[test]
    fn offers_leave_room_and_stay_within_the_limits() {
        let check = |base, blob, expected: Option<(u128, u128, u128)>| {
            let fees = limits().wanted(&market(base, blob), true, 2).ok();
            assert_eq!(fees.map(|f| (f.max_fee, f.tip, f.blob_fee)), expected);
        };
        check(100, 1, Some((205, 5, 10)));
        check(100, 100, Some((205, 5, 200)));
        check(700, 300, Some((1_000, 5, 400)));
        check(999, 1, None);
        check(100, 401, None);
        assert!(limits().wanted(&market(100, 401), false, 2).is_ok());
    }

    #[test]
    fn a_replacement_beyond_the_limits_is_refused() {
        let old = Fees {
            max_fee: 205,
            tip: 5,
            blob_fee: 201,
        };
        let beyond = Err(Hold::FeeLimit);
        assert_eq!(limits().raised(&old, &market(100, 1), true, 2), beyond);
        assert_eq!(limits().raised(&old, &market(999, 1), false, 2), beyond);
        let plain = limits().raised(&old, &market(100, 1), false, 1).ok();
        assert_eq!(
            plain.map(|f| (f.max_fee, f.tip, f.blob_fee)),
            Some((226, 6, 0))
        );
    }

    proptest! {
        #[test]
        fn replacements_offer_as_much_more_as_pools_want(
            base in 0_u128..2_000, blob in 0_u128..1_000, blobs: bool, times in 1_u128..3,
            max_fee in 1_u128..1_000, tip in 0_u128..1_000, blob_fee in 0_u128..400,
        ) {
            let old = Fees { max_fee, tip: tip.min(max_fee), blob_fee };
            let Ok(new) = limits().raised(&old, &market(base, blob), blobs, times) else { return Ok(()) };
            let percent = if blobs { 200 } else { 110 };
            prop_assert!(new.max_fee * 100 >= old.max_fee * percent && new.tip * 100 >= old.tip * percent);
            prop_assert!(new.tip <= new.max_fee && new.max_fee <= 1_000);
            if blobs {
                prop_assert!(new.blob_fee * 100 >= old.blob_fee * percent && new.blob_fee <= 400);
            }
        }
    }
}
