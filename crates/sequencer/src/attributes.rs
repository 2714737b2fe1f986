//! From payload attributes to the attributes of an L2 block.

use alloy_consensus::Header;
use alloy_eips::eip4895::Withdrawals;
use alloy_primitives::{B256, U256};
use op_revm::L1BlockInfo as FeeInfo;
use openledger_derivation::PayloadAttributes;
use openledger_execution::{BlockAttributes, FeeParams, HeaderError, next_base_fee};
use openledger_genesis::{ChainSpec, FeeMarket, SystemConfig};
use openledger_pool::HeadInfo;
use openledger_primitives::{Block, Tx};
use openledger_protocol::L1Block;
use openledger_storage::BlockStart;

/// The attributes of the block that `payload` describes on `parent`, which needs no state root; `parent_hash` is zero when it is
/// not known yet.
///
/// Fails when the parent's header holds no fee parameters.
pub fn block_attributes(
    spec: &ChainSpec,
    parent: &Header,
    parent_hash: B256,
    payload: &PayloadAttributes,
) -> Result<BlockAttributes, HeaderError> {
    Ok(BlockAttributes {
        number: payload.number,
        parent_hash,
        timestamp: payload.timestamp,
        beneficiary: payload.fee_recipient,
        prev_randao: payload.prev_randao,
        gas_limit: payload.gas_limit,
        base_fee: next_base_fee(spec, parent)?,
        parent_beacon_block_root: Some(payload.parent_beacon_block_root),
        withdrawals: Some(Withdrawals::default()),
        extra_data: FeeParams::encode(spec, payload.timestamp, fee_market(spec, payload)),
        excess_blob_gas: Some(0),
    })
}

fn fee_market(spec: &ChainSpec, payload: &PayloadAttributes) -> FeeMarket {
    let defaults = spec.op_defaults();
    let (denominator, elasticity) = payload
        .config
        .eip1559()
        .map_or((defaults.denominator, defaults.elasticity), |params| {
            (params.denominator, params.elasticity)
        });
    FeeMarket {
        denominator,
        elasticity,
        min_base_fee: payload.min_base_fee.unwrap_or_default(),
    }
}

/// Compares a block with the payload attributes that derivation has for its height: `Err` names the first field that differs.
///
/// What follows from the attributes (roots, gas used, base fee) needs no comparison: both are executed by the same rules.
pub fn same_payload(
    spec: &ChainSpec,
    block: &Block,
    payload: &PayloadAttributes,
) -> Result<(), &'static str> {
    let header = &block.header;
    let extra_data = FeeParams::encode(spec, payload.timestamp, fee_market(spec, payload));
    let fields = [
        ("number", header.number == payload.number),
        ("timestamp", header.timestamp == payload.timestamp),
        ("prevRandao", header.mix_hash == payload.prev_randao),
        ("feeRecipient", header.beneficiary == payload.fee_recipient),
        ("gasLimit", header.gas_limit == payload.gas_limit),
        ("extraData", header.extra_data == extra_data),
        (
            "parentBeaconBlockRoot",
            header.parent_beacon_block_root == Some(payload.parent_beacon_block_root),
        ),
        (
            "number of transactions",
            block.transactions.len() == payload.forced.len() + payload.transactions.len(),
        ),
    ];
    if let Some((field, _)) = fields.into_iter().find(|(_, same)| !same) {
        return Err(field);
    }
    let (forced, others) = block.transactions.split_at(payload.forced.len());
    let same_forced = forced
        .iter()
        .zip(&payload.forced)
        .all(|(tx, derived)| tx.hash() == derived.hash());
    let same_others = others
        .iter()
        .zip(&payload.transactions)
        .all(|(tx, derived)| tx.encoded() == derived);
    match (same_forced, same_others) {
        (true, true) => Ok(()),
        (false, _) => Err("deposits"),
        (true, false) => Err("transactions"),
    }
}

/// The log's start record of a block that begins with `forced`.
pub(crate) fn start_record(
    attributes: &BlockAttributes,
    payload: &PayloadAttributes,
    forced: Vec<Tx>,
) -> BlockStart {
    BlockStart {
        number: attributes.number,
        timestamp: attributes.timestamp,
        l1_origin: payload.origin,
        sequence_number: payload.sequence_number,
        gas_limit: attributes.gas_limit,
        base_fee: attributes.base_fee,
        extra_data: attributes.extra_data.clone(),
        prev_randao: attributes.prev_randao,
        parent_beacon_root: attributes.parent_beacon_block_root,
        fee_recipient: attributes.beneficiary,
        forced,
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
