//! State and block overrides.

use super::{SimDb, SimulateError};
use alloy_primitives::{Address, U256, map::HashMap};
use alloy_rpc_types_eth::{
    BlockOverrides,
    state::{AccountOverride, StateOverride},
};
use revm::{
    Database, bytecode::Bytecode, context::BlockEnv,
    context_interface::block::BlobExcessGasAndPrice,
};

/// Applies the overrides and returns the precompiles to move: from, to.
pub(super) fn apply_state(
    db: &mut SimDb,
    overrides: &StateOverride,
) -> Result<Vec<(Address, Address)>, SimulateError> {
    let mut moves = Vec::new();
    for (address, account) in overrides {
        apply_account(db, *address, account)?;
        moves.extend(account.move_precompile_to.map(|to| (*address, to)));
    }
    Ok(moves)
}

fn apply_account(
    db: &mut SimDb,
    address: Address,
    account: &AccountOverride,
) -> Result<(), SimulateError> {
    let mut info = db.basic(address)?.unwrap_or_default();
    if let Some(nonce) = account.nonce {
        info.nonce = nonce;
    }
    if let Some(balance) = account.balance {
        info.balance = balance;
    }
    if let Some(code) = &account.code {
        let code = Bytecode::new_raw_checked(code.clone())
            .map_err(|e| SimulateError::Request(format!("code override of {address}: {e}")))?;
        info.code_hash = code.hash_slow();
        info.code = Some(code);
    }
    db.insert_account_info(address, info);
    match (&account.state, &account.state_diff) {
        (Some(_), Some(_)) => {
            return Err(SimulateError::Request(format!(
                "account {address} has both 'state' and 'stateDiff'"
            )));
        }
        (Some(state), None) => {
            let slots: HashMap<U256, U256> = state
                .iter()
                .map(|(slot, value)| ((*slot).into(), (*value).into()))
                .collect();
            db.replace_account_storage(address, slots.into_iter().collect())?;
        }
        (None, Some(diff)) => {
            for (slot, value) in diff {
                db.insert_account_storage(address, (*slot).into(), (*value).into())?;
            }
        }
        (None, None) => {}
    }
    Ok(())
}

pub(super) fn apply_block(db: &mut SimDb, block: &mut BlockEnv, overrides: &BlockOverrides) {
    if let Some(number) = overrides.number {
        block.number = number;
    }
    if let Some(difficulty) = overrides.difficulty {
        block.difficulty = difficulty;
    }
    if let Some(time) = overrides.time {
        block.timestamp = U256::from(time);
    }
    if let Some(gas_limit) = overrides.gas_limit {
        block.gas_limit = gas_limit;
    }
    if let Some(coinbase) = overrides.coinbase {
        block.beneficiary = coinbase;
    }
    if let Some(random) = overrides.random {
        block.prevrandao = Some(random);
    }
    if let Some(base_fee) = overrides.base_fee {
        block.basefee = base_fee.saturating_to();
    }
    if let Some(fee) = overrides.blob_base_fee {
        block.blob_excess_gas_and_price = Some(BlobExcessGasAndPrice {
            excess_blob_gas: 0,
            blob_gasprice: fee.saturating_to(),
        });
    }
    for (number, hash) in overrides.block_hash.iter().flatten() {
        db.cache.block_hashes.insert(U256::from(*number), *hash);
    }
}
