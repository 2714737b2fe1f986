//! The genesis block and state.

use crate::ChainSpec;
use alloy_consensus::{EMPTY_ROOT_HASH, Header, constants::EMPTY_WITHDRAWALS};
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_genesis::Genesis;
use alloy_hardforks::EthereumHardforks;
use alloy_op_hardforks::OpHardforks;
use alloy_primitives::{B64, B256, Bytes, U256, keccak256, map::B256Map};
use op_alloy_consensus::{encode_holocene_extra_data, encode_jovian_extra_data};
use openledger_primitives::{Account, AccountChange, BlockChanges};

/// The state that a genesis allocates, as the changes of block 0.
pub type GenesisState = BlockChanges;

/// Turns the allocation into the changes of block 0, ascending by address.
pub fn genesis_state(genesis: &Genesis) -> GenesisState {
    let mut codes = B256Map::<Bytes>::default();
    let accounts = genesis
        .alloc
        .iter()
        .filter_map(|(address, account)| {
            let code_hash = account
                .code
                .as_ref()
                .filter(|code| !code.is_empty())
                .map(|code| {
                    let hash = keccak256(code);
                    codes.insert(hash, code.clone());
                    hash
                });
            let info = Account {
                nonce: account.nonce.unwrap_or_default(),
                balance: account.balance,
                code_hash: code_hash.unwrap_or(alloy_primitives::KECCAK256_EMPTY),
            };
            let storage: Vec<_> = account
                .storage
                .iter()
                .flatten()
                .filter(|(_, value)| **value != B256::ZERO)
                .map(|(slot, value)| {
                    (
                        U256::from_be_bytes(slot.0),
                        U256::ZERO,
                        U256::from_be_bytes(value.0),
                    )
                })
                .collect();
            // An empty account is no account (EIP-161).
            (info != Account::default() || !storage.is_empty()).then_some(AccountChange {
                address: *address,
                before: None,
                after: Some(info),
                wiped: false,
                storage,
            })
        })
        .collect();
    GenesisState { accounts, codes }
}

/// The genesis header.
///
/// `withdrawals_root` is the storage root of L2ToL1MessagePasser under OP rules (Isthmus) and ignored otherwise.
pub fn genesis_header(
    spec: &ChainSpec,
    genesis: &Genesis,
    state_root: B256,
    message_passer_root: B256,
) -> Header {
    let time = genesis.timestamp;
    let shanghai = spec.is_shanghai_active_at_timestamp(time);
    let cancun = spec.is_cancun_active_at_timestamp(time);
    let prague = spec.is_prague_active_at_timestamp(time);
    let withdrawals_root = match (spec.is_op(), shanghai) {
        (true, _) => Some(message_passer_root),
        (false, true) => Some(EMPTY_WITHDRAWALS),
        (false, false) => None,
    };
    Header {
        parent_hash: genesis.parent_hash.unwrap_or_default(),
        beneficiary: genesis.coinbase,
        state_root,
        transactions_root: EMPTY_ROOT_HASH,
        receipts_root: EMPTY_ROOT_HASH,
        difficulty: genesis.difficulty,
        number: genesis.number.unwrap_or_default(),
        gas_limit: genesis.gas_limit,
        timestamp: time,
        extra_data: genesis_extra_data(spec, genesis),
        mix_hash: genesis.mix_hash,
        nonce: B64::from(genesis.nonce),
        base_fee_per_gas: Some(
            genesis
                .base_fee_per_gas
                .and_then(|fee| u64::try_from(fee).ok())
                .unwrap_or(alloy_eips::eip1559::INITIAL_BASE_FEE),
        ),
        withdrawals_root,
        blob_gas_used: cancun.then(|| genesis.blob_gas_used.unwrap_or_default()),
        excess_blob_gas: cancun.then(|| genesis.excess_blob_gas.unwrap_or_default()),
        parent_beacon_block_root: cancun.then_some(B256::ZERO),
        requests_hash: prague.then_some(EMPTY_REQUESTS_HASH),
        ..Default::default()
    }
}

/// An OP genesis without fee parameters in its extra data gets the chain's defaults, since the next block reads them.
fn genesis_extra_data(spec: &ChainSpec, genesis: &Genesis) -> Bytes {
    if !spec.is_op() || genesis.extra_data.len() >= 9 {
        return genesis.extra_data.clone();
    }
    let defaults = spec.op_defaults();
    let params = alloy_eips::eip1559::BaseFeeParams {
        max_change_denominator: u128::from(defaults.denominator),
        elasticity_multiplier: u128::from(defaults.elasticity),
    };
    let encoded = if spec.is_jovian_active_at_timestamp(genesis.timestamp) {
        encode_jovian_extra_data(B64::ZERO, params, 0)
    } else {
        encode_holocene_extra_data(B64::ZERO, params)
    };
    // Both encoders fail only when a parameter does not fit u32, and the defaults are u32.
    encoded.unwrap_or_default()
}
