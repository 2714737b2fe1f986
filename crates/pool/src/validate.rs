//! What can be said about a transaction without looking at the rest of the pool.

use crate::{
    AccountCode, AccountView, ChainContext, Rejected,
    account::{Entry, Held},
    context::Weight,
};
use alloy_consensus::Transaction;
use alloy_eips::{
    Typed2718, eip4844::VERSIONED_HASH_VERSION_KZG, eip4844::env_settings::EnvKzgSettings,
};
use alloy_primitives::{Address, U256};
use openledger_primitives::{BlobSidecar, PooledTx};
use revm::primitives::{eip3860::MAX_INITCODE_SIZE, eip7825::TX_GAS_LIMIT_CAP, hardfork::SpecId};
use std::time::Instant;

const BLOB: u8 = 3;
const SET_CODE: u8 = 4;

/// A transaction that passed every check that does not depend on the rest of the pool.
#[derive(Debug, Clone)]
pub struct ValidTx {
    pub(crate) entry: Held,
    pub(crate) view: AccountView,
}

impl ValidTx {
    /// The transaction.
    pub const fn pooled(&self) -> &PooledTx {
        &self.entry.pooled
    }
}

/// Checks a transaction against the rules, the block and the sender's account. Pure; cheap checks come first, and
/// those that an attacker would pay nothing for (signatures of authorisations, KZG proofs) only after the balance.
pub(crate) fn validate(
    pooled: PooledTx,
    view: AccountView,
    context: &ChainContext,
) -> Result<ValidTx, Rejected> {
    let tx = pooled.tx.envelope();
    let config = &context.config;
    check_type(&pooled, context)?;
    let size = pooled.tx.encoded().len();
    if size > config.max_transaction_bytes {
        return Err(Rejected::Oversized {
            size,
            limit: config.max_transaction_bytes,
        });
    }
    // A legacy transaction without chain id is valid on every chain (the deterministic deployment proxy's is one).
    if let Some(have) = tx.chain_id().filter(|id| *id != context.chain.chain_id()) {
        return Err(Rejected::InvalidChainId {
            have,
            want: context.chain.chain_id(),
        });
    }
    let (fee_cap, tip_cap) = check_fees(&pooled, context)?;
    check_gas(&pooled, context)?;
    if tx.ty() == BLOB {
        check_blob_fields(&pooled, context)?;
    }

    if view.code == AccountCode::Contract {
        return Err(Rejected::SenderNotEoa(pooled.tx.signer()));
    }
    if tx.nonce() == u64::MAX {
        return Err(Rejected::NonceMax);
    }
    if tx.nonce() < view.nonce {
        return Err(Rejected::NonceTooLow {
            next: view.nonce,
            got: tx.nonce(),
        });
    }
    let blob_cost = tx.max_fee_per_blob_gas().map_or(U256::ZERO, |fee| {
        U256::from(fee) * U256::from(tx.blob_gas_used().unwrap_or_default())
    });
    let base_cost = (U256::from(tx.gas_limit()) * U256::from(fee_cap))
        .saturating_add(blob_cost)
        .saturating_add(tx.value());
    let weight = Weight::of(&pooled.tx, context.chain.is_op());
    let (footprint, limit) = (context.da_footprint(&weight), context.head.gas_limit);
    if footprint > limit {
        return Err(Rejected::DaFootprint { footprint, limit });
    }
    let cost = base_cost.saturating_add(context.extra_cost(&weight));
    if cost > view.balance {
        return Err(Rejected::InsufficientFunds {
            balance: view.balance,
            queued: U256::ZERO,
            cost,
        });
    }

    let authorities = authorities(&pooled);
    if tx.ty() == BLOB {
        verify_blobs(&pooled)?;
    }
    let size = pooled.size();
    let entry = Box::new(Entry {
        seq: 0,
        arrived: Instant::now(),
        fee_cap,
        tip_cap,
        base_cost,
        weight,
        cost,
        size,
        authorities,
        pooled,
    });
    Ok(ValidTx { entry, view })
}

fn check_type(pooled: &PooledTx, context: &ChainContext) -> Result<(), Rejected> {
    let ty = pooled.tx.ty();
    let supported = match ty {
        0..=2 => true,
        BLOB => context.blob_params.is_some(),
        SET_CODE => context.spec_id.is_enabled_in(SpecId::PRAGUE),
        _ => false,
    };
    if supported {
        Ok(())
    } else {
        Err(Rejected::TypeNotSupported(ty))
    }
}

/// `(fee cap, tip cap)`; a legacy gas price is both.
fn check_fees(pooled: &PooledTx, context: &ChainContext) -> Result<(u128, u128), Rejected> {
    let tx = pooled.tx.envelope();
    let fee_cap = tx.max_fee_per_gas();
    let tip_cap = tx.max_priority_fee_per_gas().unwrap_or(fee_cap);
    if tip_cap > fee_cap {
        return Err(Rejected::TipAboveFeeCap { tip_cap, fee_cap });
    }
    if tip_cap < context.config.min_tip {
        return Err(Rejected::TipTooLow {
            tip_cap,
            minimum: context.config.min_tip,
        });
    }
    if fee_cap < context.config.min_fee_cap {
        return Err(Rejected::FeeCapTooLow {
            fee_cap,
            minimum: context.config.min_fee_cap,
        });
    }
    Ok((fee_cap, tip_cap))
}

fn check_gas(pooled: &PooledTx, context: &ChainContext) -> Result<(), Rejected> {
    let tx = pooled.tx.envelope();
    let gas = tx.gas_limit();
    if gas > context.head.gas_limit {
        return Err(Rejected::ExceedsBlockGasLimit {
            gas,
            limit: context.head.gas_limit,
        });
    }
    let caps = [
        context.osaka().then_some(TX_GAS_LIMIT_CAP),
        context.config.max_gas_limit,
    ];
    if let Some(cap) = caps.into_iter().flatten().min().filter(|cap| gas > *cap) {
        return Err(Rejected::GasLimitTooHigh { gas, cap });
    }
    let input = tx.input();
    let is_create = tx.is_create();
    if is_create
        && context.spec_id.is_enabled_in(SpecId::SHANGHAI)
        && input.len() > MAX_INITCODE_SIZE
    {
        return Err(Rejected::InitCodeSize {
            size: input.len(),
            limit: MAX_INITCODE_SIZE,
        });
    }
    let authorizations = tx.authorization_list().map_or(0, <[_]>::len);
    if tx.ty() == SET_CODE && authorizations == 0 {
        return Err(Rejected::EmptyAuthorizationList);
    }
    let (accounts, slots) = tx.access_list().map_or((0, 0), |list| {
        list.iter().fold((0, 0), |(a, s), item| {
            (a + 1, s + item.storage_keys.len() as u64)
        })
    });
    let needed =
        context
            .gas_params
            .initial_tx_gas(input, is_create, accounts, slots, authorizations as u64);
    if gas < needed.initial_total_gas {
        return Err(Rejected::IntrinsicGas {
            gas,
            needed: needed.initial_total_gas,
        });
    }
    if context.spec_id.is_enabled_in(SpecId::PRAGUE) && gas < needed.floor_gas {
        return Err(Rejected::FloorDataGas {
            gas,
            needed: needed.floor_gas,
        });
    }
    Ok(())
}

fn check_blob_fields(pooled: &PooledTx, context: &ChainContext) -> Result<(), Rejected> {
    let tx = pooled.tx.envelope();
    let hashes = tx.blob_versioned_hashes().unwrap_or_default();
    if hashes.is_empty() {
        return Err(Rejected::NoBlobs);
    }
    if let Some(params) = &context.blob_params {
        let permitted = params.max_blobs_per_tx.min(params.max_blob_count);
        if hashes.len() as u64 > permitted {
            return Err(Rejected::TooManyBlobs {
                have: hashes.len(),
                permitted,
            });
        }
    }
    if let Some(at) = hashes
        .iter()
        .position(|hash| hash[0] != VERSIONED_HASH_VERSION_KZG)
    {
        return Err(Rejected::BlobHashVersion(at));
    }
    let (cap, fee) = (
        tx.max_fee_per_blob_gas().unwrap_or_default(),
        context.head.blob_base_fee,
    );
    if cap < fee {
        return Err(Rejected::BlobFeeTooLow { cap, fee });
    }
    let sidecar = pooled.sidecar.as_deref().ok_or(Rejected::MissingSidecar)?;
    let want = u8::from(context.osaka());
    let (got, blobs) = match sidecar {
        BlobSidecar::Eip4844(s) => (0, s.blobs.len()),
        BlobSidecar::Eip7594(s) => (1, s.blobs.len()),
    };
    if got != want {
        return Err(Rejected::SidecarVersion { want, got });
    }
    if blobs != hashes.len() {
        return Err(Rejected::Kzg(format!(
            "{blobs} blobs for {} hashes",
            hashes.len()
        )));
    }
    Ok(())
}

/// Checks the proofs. The first call of the process loads the trusted setup, which takes about two seconds.
fn verify_blobs(pooled: &PooledTx) -> Result<(), Rejected> {
    let sidecar = pooled.sidecar.as_deref().ok_or(Rejected::MissingSidecar)?;
    let hashes = pooled.tx.blob_versioned_hashes().unwrap_or_default();
    sidecar
        .validate(hashes, EnvKzgSettings::Default.get())
        .map_err(|e| Rejected::Kzg(e.to_string()))
}

/// The accounts that a set-code transaction delegates. Entries with an invalid signature are skipped, as execution does.
fn authorities(pooled: &PooledTx) -> Box<[Address]> {
    let list = pooled.tx.authorization_list().unwrap_or_default();
    let mut found: Vec<_> = list
        .iter()
        .filter_map(|auth| auth.recover_authority().ok())
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_boxed_slice()
}
