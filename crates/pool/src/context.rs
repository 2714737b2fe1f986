//! The block that transactions are admitted for.

use crate::PoolConfig;
use alloy_consensus::Transaction;
use alloy_eips::eip7840::BlobParams;
use alloy_hardforks::EthereumHardforks;
use alloy_op_hardforks::OpHardforks;
use alloy_primitives::U256;
use op_revm::{L1BlockInfo, OpSpecId};
use openledger_genesis::ChainSpec;
use openledger_primitives::Tx;
use revm::{context_interface::cfg::gas_params::GasParams, primitives::hardfork::SpecId};
use std::sync::Arc;

/// Attributes of the block that transactions will be executed in: the open one, or the one after the head.
#[derive(Debug, Clone)]
pub struct HeadInfo {
    /// The block's number.
    pub number: u64,
    /// Its timestamp in seconds; decides which forks are active.
    pub timestamp: u64,
    /// Its base fee in wei.
    pub base_fee: u64,
    /// Its gas limit.
    pub gas_limit: u64,
    /// Its blob base fee in wei; zero under OP rules.
    pub blob_base_fee: u128,
    /// L1Block's fee parameters as that block's L1-info deposit sets them; `None` under Ethereum rules.
    pub l1_block_info: Option<L1BlockInfo>,
}

impl HeadInfo {
    /// A block that admits everything, for a pool that has not been told its head yet: zero fees, no gas limit.
    pub const fn unknown() -> Self {
        Self {
            number: 0,
            timestamp: 0,
            base_fee: 0,
            gas_limit: u64::MAX,
            blob_base_fee: 0,
            l1_block_info: None,
        }
    }
}

/// Everything that validation reads: rules, limits and the block. Immutable, shared between threads.
#[derive(Debug, Clone)]
pub struct ChainContext {
    pub(crate) chain: Arc<ChainSpec>,
    pub(crate) config: Arc<PoolConfig>,
    pub(crate) head: HeadInfo,
    pub(crate) spec_id: SpecId,
    pub(crate) gas_params: GasParams,
    pub(crate) blob_params: Option<BlobParams>,
    pub(crate) l1_fees: Option<L1Fees>,
}

impl ChainContext {
    /// Resolves the rules that are active at `head`.
    pub fn new(chain: Arc<ChainSpec>, config: Arc<PoolConfig>, head: HeadInfo) -> Self {
        let spec_id = chain.ethereum_spec_id(head.timestamp);
        let blob_params = chain.blob_params(head.timestamp);
        let op_spec = chain.op_spec_id(head.timestamp);
        let l1_fees = head
            .l1_block_info
            .clone()
            .filter(|_| chain.is_op())
            .map(|i| L1Fees::new(i, op_spec));
        Self {
            gas_params: GasParams::new_spec(spec_id),
            chain,
            config,
            head,
            spec_id,
            blob_params,
            l1_fees,
        }
    }

    /// The block that transactions are admitted for.
    pub const fn head(&self) -> &HeadInfo {
        &self.head
    }

    pub(crate) fn osaka(&self) -> bool {
        !self.chain.is_op() && self.chain.is_osaka_active_at_timestamp(self.head.timestamp)
    }

    /// A transaction's share of the block's DA footprint, in gas; zero before Jovian and under Ethereum rules.
    pub(crate) fn da_footprint(&self, weight: &Weight) -> u64 {
        let info = self.head.l1_block_info.as_ref();
        let scalar = info
            .and_then(|info| info.da_footprint_gas_scalar)
            .unwrap_or_default();
        let jovian = self.chain.is_op()
            && self
                .chain
                .is_jovian_active_at_timestamp(self.head.timestamp);
        if jovian {
            (weight.da_size / 1_000_000).saturating_mul(u64::from(scalar))
        } else {
            0
        }
    }

    /// What the L1 fee and the operator fee add to a transaction's worst case, in wei.
    pub(crate) fn extra_cost(&self, weight: &Weight) -> U256 {
        self.l1_fees
            .as_ref()
            .map_or(U256::ZERO, |fees| fees.charge(weight))
    }
}

/// What the fees beside gas depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weight {
    /// FastLZ-estimated size in bytes, times 10^6 (Fjord). Zero under Ethereum rules.
    pub da_size: u64,
    /// Gas limit.
    pub gas_limit: u64,
}

impl Weight {
    pub(crate) fn of(tx: &Tx, is_op: bool) -> Self {
        let da_size = if is_op { tx.da_size() } else { 0 };
        Self {
            da_size,
            gas_limit: tx.gas_limit(),
        }
    }
}

/// The L1 and operator fee of a block.
///
/// op-revm computes both from a transaction's bytes. Compressing them again for every waiting transaction whenever the
/// L1's fees move would cost milliseconds under the pool's lock, so the compressed size is kept and only the
/// multiplication repeated; a test holds the result equal to op-revm's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct L1Fees {
    info: L1BlockInfo,
    spec: OpSpecId,
    /// `l1BaseFee * 16 * baseFeeScalar + blobBaseFee * blobBaseFeeScalar`.
    scaled: U256,
}

impl L1Fees {
    fn new(mut info: L1BlockInfo, spec: OpSpecId) -> Self {
        // op-revm panics on a missing operator fee since Isthmus; a missing one charges nothing.
        info.operator_fee_scalar.get_or_insert(U256::ZERO);
        info.operator_fee_constant.get_or_insert(U256::ZERO);
        // Caches of one transaction and of one block: they would make equal fees look different.
        info.clear_tx_l1_cost();
        info.l2_block = None;
        let calldata = info
            .l1_base_fee
            .saturating_mul(U256::from(16))
            .saturating_mul(info.l1_base_fee_scalar);
        let blob = info
            .l1_blob_base_fee
            .unwrap_or_default()
            .saturating_mul(info.l1_blob_base_fee_scalar.unwrap_or_default());
        Self {
            scaled: calldata.saturating_add(blob),
            info,
            spec,
        }
    }

    fn charge(&self, weight: &Weight) -> U256 {
        let l1 = U256::from(weight.da_size)
            .saturating_mul(self.scaled)
            .wrapping_div(U256::from(1_000_000_000_000_u64));
        // The first argument only tells deposits from others; any other byte stands for "a user's transaction".
        let operator = self
            .info
            .operator_fee_charge(&[2], U256::from(weight.gas_limit), self.spec);
        l1.saturating_add(operator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn charges_what_op_revm_charges(
            base_fee: u64, blob_base_fee: u64, base_scalar: u32, blob_scalar: u32,
            operator_scalar: u32, operator_constant: u64, gas_limit: u64, jovian: bool,
            mut bytes in proptest::collection::vec(any::<u8>(), 1..2_000), repeat in 1..20_usize,
        ) {
            bytes[0] = 2;
            let bytes = bytes.repeat(repeat);
            let mut info = L1BlockInfo {
                l1_base_fee: U256::from(base_fee),
                l1_base_fee_scalar: U256::from(base_scalar),
                l1_blob_base_fee: Some(U256::from(blob_base_fee)),
                l1_blob_base_fee_scalar: Some(U256::from(blob_scalar)),
                operator_fee_scalar: Some(U256::from(operator_scalar)),
                operator_fee_constant: Some(U256::from(operator_constant)),
                ..Default::default()
            };
            let spec = if jovian { OpSpecId::JOVIAN } else { OpSpecId::ISTHMUS };
            let fees = L1Fees::new(info.clone(), spec);
            let expected = info.tx_cost(&bytes, U256::from(gas_limit), spec);
            prop_assert_eq!(fees.charge(&Weight { da_size: op_revm::estimate_tx_compressed_size(&bytes), gas_limit }), expected);
        }
    }

    #[test]
    fn a_missing_operator_fee_charges_nothing() {
        let fees = L1Fees::new(L1BlockInfo::default(), OpSpecId::JOVIAN);
        assert_eq!(
            fees.charge(&Weight {
                da_size: 100,
                gas_limit: 21_000
            }),
            U256::ZERO
        );
    }
}
