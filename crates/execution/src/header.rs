//! Headers: making them, and checking them against the parent.

use crate::ExecutedPayload;
use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy_eips::{calc_next_block_base_fee, eip1559::BaseFeeParams, eip7685::EMPTY_REQUESTS_HASH};
use alloy_hardforks::EthereumHardforks;
use alloy_op_hardforks::OpHardforks;
use alloy_primitives::{B64, B256, Bytes, U256};
use op_alloy_consensus::{
    decode_holocene_extra_data, decode_jovian_extra_data, encode_holocene_extra_data,
    encode_jovian_extra_data,
};
use openledger_genesis::{ChainSpec, FeeMarket};
use openledger_primitives::{Block, Receipt, SealedHeader};

/// Ethereum's smallest block gas limit.
const MIN_GAS_LIMIT: u64 = 5_000;
/// Ethereum's largest block gas limit, 2^63 - 1 (EIP-1985).
const MAX_GAS_LIMIT: u64 = i64::MAX as u64;
/// A block's gas limit moves by less than 1/1024 of the parent's.
const GAS_LIMIT_BOUND_DIVISOR: u64 = 1_024;
/// Bytes of extra data under Ethereum rules.
const MAX_EXTRA_DATA: usize = 32;

/// Why a header is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A field has another value than the rules give it.
    #[error("header field {field}: expected {expected}, found {found}")]
    Field {
        /// The field's JSON name.
        field: &'static str,
        /// The value by the rules.
        expected: String,
        /// The value in the header.
        found: String,
    },
    /// A field is out of its bounds.
    #[error("header field {field} is out of bounds: {found}")]
    Bounds {
        /// The field's JSON name.
        field: &'static str,
        /// The value in the header.
        found: String,
    },
    /// The extra data does not hold fee parameters.
    #[error("header field extraData does not hold EIP-1559 parameters: {0}")]
    ExtraData(String),
}

fn expect<T: PartialEq + std::fmt::Debug>(
    field: &'static str,
    expected: T,
    found: T,
) -> Result<(), HeaderError> {
    if expected == found {
        return Ok(());
    }
    Err(HeaderError::Field {
        field,
        expected: format!("{expected:?}"),
        found: format!("{found:?}"),
    })
}

fn bounds(field: &'static str, found: impl std::fmt::Debug, ok: bool) -> Result<(), HeaderError> {
    if ok {
        Ok(())
    } else {
        Err(HeaderError::Bounds {
            field,
            found: format!("{found:?}"),
        })
    }
}

/// The fee market that a block's header sets for its child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeParams;

impl FeeParams {
    /// Reads the parameters for the child of `header`.
    pub fn of(spec: &ChainSpec, header: &Header) -> Result<FeeMarket, HeaderError> {
        if !spec.is_op() {
            return Ok(FeeMarket {
                denominator: 8,
                elasticity: 2,
                min_base_fee: 0,
            });
        }
        let (elasticity, denominator, min_base_fee) =
            if spec.is_jovian_active_at_timestamp(header.timestamp) {
                decode_jovian_extra_data(&header.extra_data)
                    .map_err(|e| HeaderError::ExtraData(e.to_string()))?
            } else {
                let (elasticity, denominator) = decode_holocene_extra_data(&header.extra_data)
                    .map_err(|e| HeaderError::ExtraData(e.to_string()))?;
                (elasticity, denominator, 0)
            };
        if elasticity == 0 || denominator == 0 {
            return Err(HeaderError::ExtraData(
                "zero elasticity or denominator".into(),
            ));
        }
        Ok(FeeMarket {
            denominator,
            elasticity,
            min_base_fee,
        })
    }

    /// Extra data that carries these parameters: 17 bytes under Jovian, 9 under Isthmus.
    pub fn encode(spec: &ChainSpec, timestamp: u64, market: FeeMarket) -> Bytes {
        let params = BaseFeeParams {
            max_change_denominator: u128::from(market.denominator),
            elasticity_multiplier: u128::from(market.elasticity),
        };
        // The encoders fail only for parameters beyond u32, which these are not.
        if spec.is_jovian_active_at_timestamp(timestamp) {
            encode_jovian_extra_data(B64::ZERO, params, market.min_base_fee).unwrap_or_default()
        } else {
            encode_holocene_extra_data(B64::ZERO, params).unwrap_or_default()
        }
    }
}

/// The base fee of the child of `parent`.
pub fn next_base_fee(spec: &ChainSpec, parent: &Header) -> Result<u64, HeaderError> {
    let market = FeeParams::of(spec, parent)?;
    let params = BaseFeeParams {
        max_change_denominator: u128::from(market.denominator),
        elasticity_multiplier: u128::from(market.elasticity),
    };
    // Jovian: a block that is full by data availability raises the fee like one that is full by gas.
    let gas_used = if spec.is_op() && spec.is_jovian_active_at_timestamp(parent.timestamp) {
        parent
            .gas_used
            .max(parent.blob_gas_used.unwrap_or_default())
    } else {
        parent.gas_used
    };
    let base_fee = parent.base_fee_per_gas.unwrap_or_default();
    let next = calc_next_block_base_fee(gas_used, parent.gas_limit, base_fee, params);
    Ok(next.max(market.min_base_fee))
}

/// Makes the header of an executed block.
///
/// `message_passer_root` is the storage root of L2ToL1MessagePasser after the block; it is the `withdrawalsRoot` under OP rules.
pub fn assemble_header(
    spec: &ChainSpec,
    payload: &ExecutedPayload,
    state_root: B256,
    message_passer_root: B256,
) -> Header {
    let mut header = header_without_roots(spec, payload);
    if spec.is_op() {
        header.withdrawals_root = Some(message_passer_root);
    }
    header.state_root = state_root;
    header.transactions_root = Block::transactions_root(&payload.transactions);
    (header.receipts_root, header.logs_bloom) = Receipt::root_and_bloom(&payload.receipts);
    header
}

/// The header of an executed block with zeros for the roots of state, transactions and receipts, for the bloom and for an OP
/// block's `withdrawalsRoot`: all that the next block's attributes depend on, at no cost.
pub fn header_without_roots(spec: &ChainSpec, payload: &ExecutedPayload) -> Header {
    let attributes = &payload.attributes;
    let time = attributes.timestamp;
    let cancun = spec.is_cancun_active_at_timestamp(time);
    let jovian = spec.is_op() && spec.is_jovian_active_at_timestamp(time);
    let withdrawals_root = if spec.is_op() {
        Some(B256::ZERO)
    } else {
        attributes
            .withdrawals
            .as_ref()
            .map(|list| alloy_consensus::proofs::calculate_withdrawals_root(list))
    };
    Header {
        parent_hash: attributes.parent_hash,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: attributes.beneficiary,
        state_root: B256::ZERO,
        transactions_root: B256::ZERO,
        receipts_root: B256::ZERO,
        difficulty: U256::ZERO,
        number: attributes.number,
        gas_limit: attributes.gas_limit,
        gas_used: payload.gas_used,
        timestamp: time,
        extra_data: attributes.extra_data.clone(),
        mix_hash: attributes.prev_randao,
        nonce: B64::ZERO,
        base_fee_per_gas: Some(attributes.base_fee),
        withdrawals_root,
        // Under OP rules before Jovian the field is there and zero.
        blob_gas_used: cancun.then_some(if spec.is_op() && !jovian {
            0
        } else {
            payload.blob_gas_used
        }),
        excess_blob_gas: cancun.then(|| attributes.excess_blob_gas.unwrap_or_default()),
        parent_beacon_block_root: attributes.parent_beacon_block_root,
        requests_hash: spec.is_prague_active_at_timestamp(time).then(|| {
            if spec.is_op() {
                EMPTY_REQUESTS_HASH
            } else {
                payload.requests.requests_hash()
            }
        }),
        ..Default::default()
    }
}

/// Checks everything about a header that its parent decides. What execution decides (roots, gas used) is not looked at.
pub fn validate_header(
    spec: &ChainSpec,
    header: &Header,
    parent: &SealedHeader,
) -> Result<(), HeaderError> {
    let time = header.timestamp;
    expect("parentHash", parent.seal(), header.parent_hash)?;
    bounds(
        "number",
        header.number,
        parent.number.checked_add(1) == Some(header.number),
    )?;
    bounds("timestamp", time, time > parent.timestamp)?;
    expect("difficulty", U256::ZERO, header.difficulty)?;
    expect("nonce", B64::ZERO, header.nonce)?;
    expect("sha3Uncles", EMPTY_OMMER_ROOT_HASH, header.ommers_hash)?;
    bounds(
        "gasUsed",
        header.gas_used,
        header.gas_used <= header.gas_limit,
    )?;
    bounds(
        "gasLimit",
        header.gas_limit,
        (MIN_GAS_LIMIT..=MAX_GAS_LIMIT).contains(&header.gas_limit),
    )?;
    if spec.is_op() {
        FeeParams::of(spec, header)?;
    } else {
        let bound = parent.gas_limit / GAS_LIMIT_BOUND_DIVISOR;
        bounds(
            "gasLimit",
            header.gas_limit,
            header.gas_limit.abs_diff(parent.gas_limit) < bound,
        )?;
        bounds(
            "extraData",
            &header.extra_data,
            header.extra_data.len() <= MAX_EXTRA_DATA,
        )?;
    }
    expect(
        "baseFeePerGas",
        Some(next_base_fee(spec, parent)?),
        header.base_fee_per_gas,
    )?;

    let shanghai = spec.is_op() || spec.is_shanghai_active_at_timestamp(time);
    expect(
        "withdrawalsRoot (presence)",
        shanghai,
        header.withdrawals_root.is_some(),
    )?;
    let cancun = spec.is_cancun_active_at_timestamp(time);
    expect(
        "blobGasUsed (presence)",
        cancun,
        header.blob_gas_used.is_some(),
    )?;
    expect(
        "parentBeaconBlockRoot (presence)",
        cancun,
        header.parent_beacon_block_root.is_some(),
    )?;
    expect(
        "excessBlobGas",
        expected_excess_blob_gas(spec, parent, time),
        header.excess_blob_gas,
    )?;
    if let Some(params) = spec.blob_params(time) {
        let used = header.blob_gas_used.unwrap_or_default();
        bounds(
            "blobGasUsed",
            used,
            used <= params.max_blob_gas_per_block()
                && used.is_multiple_of(alloy_eips::eip4844::DATA_GAS_PER_BLOB),
        )?;
    }
    let prague = spec.is_prague_active_at_timestamp(time);
    expect(
        "requestsHash (presence)",
        prague,
        header.requests_hash.is_some(),
    )?;
    if spec.is_op() && prague {
        expect(
            "requestsHash",
            Some(EMPTY_REQUESTS_HASH),
            header.requests_hash,
        )?;
    }
    Ok(())
}

/// The excess blob gas of a block at `timestamp` on `parent` (EIP-4844, EIP-7918); `None` before Cancun.
pub fn expected_excess_blob_gas(spec: &ChainSpec, parent: &Header, timestamp: u64) -> Option<u64> {
    if !spec.is_cancun_active_at_timestamp(timestamp) {
        return None;
    }
    let Some(params) = spec.blob_params(timestamp) else {
        return Some(0);
    };
    // The first block with blobs has no parent that counted them.
    Some(
        parent
            .next_block_excess_blob_gas(params)
            .unwrap_or_default(),
    )
}
