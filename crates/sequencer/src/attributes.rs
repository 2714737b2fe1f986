//! From an L1 origin to the attributes of an L2 block.

use alloy_consensus::Header;
use alloy_eips::eip4895::Withdrawals;
use alloy_primitives::{Address, B256, U256, address};
use op_revm::L1BlockInfo as FeeInfo;
use openledger_execution::{BlockAttributes, FeeParams, HeaderError, next_base_fee};
use openledger_genesis::{ChainSpec, FeeMarket, RollupConfig, SystemConfig};
use openledger_pool::HeadInfo;
use openledger_primitives::{BlockRef, Tx};
use openledger_protocol::{L1Block, L1BlockInfo, L1InfoFormat, l1_info_tx};
use openledger_storage::BlockStart;

/// SequencerFeeVault: receives priority fees.
pub(crate) const FEE_RECIPIENT: Address = address!("0x4200000000000000000000000000000000000011");

/// Everything about the next block that is known before its parent's hash.
pub(crate) struct NextBlock {
    pub(crate) attributes: BlockAttributes,
    pub(crate) origin: L1Block,
    pub(crate) sequence_number: u64,
    pub(crate) forced: Vec<Tx>,
}

/// Builds the next block's attributes. `parent` needs no state root; `parent_hash` is zero when it is not known yet.
pub(crate) fn next_block(
    spec: &ChainSpec,
    rollup: &RollupConfig,
    parent: &Header,
    parent_hash: B256,
    origin: L1Block,
    sequence_number: u64,
) -> Result<NextBlock, HeaderError> {
    let config = &rollup.genesis.system_config;
    let timestamp = parent.timestamp + rollup.block_time;
    let forced = vec![l1_info_tx(
        &L1BlockInfo::new(&origin, config, sequence_number),
        format(rollup),
    )];
    let attributes = BlockAttributes {
        number: parent.number + 1,
        parent_hash,
        timestamp,
        beneficiary: FEE_RECIPIENT,
        prev_randao: origin.prev_randao,
        gas_limit: config.gas_limit,
        base_fee: next_base_fee(spec, parent)?,
        parent_beacon_block_root: Some(origin.parent_beacon_block_root),
        withdrawals: Some(Withdrawals::default()),
        extra_data: FeeParams::encode(spec, timestamp, fee_market(spec, config)),
        excess_blob_gas: Some(0),
    };
    Ok(NextBlock {
        attributes,
        origin,
        sequence_number,
        forced,
    })
}

fn format(rollup: &RollupConfig) -> L1InfoFormat {
    if rollup.is_jovian() {
        L1InfoFormat::Jovian
    } else {
        L1InfoFormat::Isthmus
    }
}

fn fee_market(spec: &ChainSpec, config: &SystemConfig) -> FeeMarket {
    let defaults = spec.op_defaults();
    let (denominator, elasticity) = config
        .eip1559()
        .map_or((defaults.denominator, defaults.elasticity), |params| {
            (params.denominator, params.elasticity)
        });
    FeeMarket {
        denominator,
        elasticity,
        min_base_fee: config.min_base_fee,
    }
}

impl NextBlock {
    /// The log's start record.
    pub(crate) fn start(&self) -> BlockStart {
        let attributes = &self.attributes;
        BlockStart {
            number: attributes.number,
            timestamp: attributes.timestamp,
            l1_origin: BlockRef {
                hash: self.origin.hash,
                number: self.origin.number,
            },
            sequence_number: self.sequence_number,
            gas_limit: attributes.gas_limit,
            base_fee: attributes.base_fee,
            extra_data: attributes.extra_data.clone(),
            prev_randao: attributes.prev_randao,
            parent_beacon_root: attributes.parent_beacon_block_root,
            fee_recipient: attributes.beneficiary,
            forced: self.forced.clone(),
        }
    }
}

/// The attributes of a logged block, to execute it again.
pub(crate) fn logged_attributes(start: &BlockStart, parent_hash: B256) -> BlockAttributes {
    BlockAttributes {
        number: start.number,
        parent_hash,
        timestamp: start.timestamp,
        beneficiary: start.fee_recipient,
        prev_randao: start.prev_randao,
        gas_limit: start.gas_limit,
        base_fee: start.base_fee,
        parent_beacon_block_root: start.parent_beacon_root,
        withdrawals: Some(Withdrawals::default()),
        extra_data: start.extra_data.clone(),
        excess_blob_gas: Some(0),
    }
}

/// What the pool needs to know about the block that transactions are admitted for.
pub fn head_info(
    attributes: &BlockAttributes,
    origin: &L1Block,
    config: &SystemConfig,
) -> HeadInfo {
    let (base_fee_scalar, blob_base_fee_scalar) = config.scalars();
    let (operator_scalar, operator_constant) = config.operator_fee();
    HeadInfo {
        number: attributes.number,
        timestamp: attributes.timestamp,
        base_fee: attributes.base_fee,
        gas_limit: attributes.gas_limit,
        blob_base_fee: 0,
        l1_block_info: Some(FeeInfo {
            l1_base_fee: U256::from(origin.base_fee),
            l1_base_fee_scalar: U256::from(base_fee_scalar),
            l1_blob_base_fee: Some(U256::from(origin.blob_base_fee)),
            l1_blob_base_fee_scalar: Some(U256::from(blob_base_fee_scalar)),
            operator_fee_scalar: Some(U256::from(operator_scalar)),
            operator_fee_constant: Some(U256::from(operator_constant)),
            da_footprint_gas_scalar: Some(config.effective_da_footprint_gas_scalar()),
            ..Default::default()
        }),
    }
}
