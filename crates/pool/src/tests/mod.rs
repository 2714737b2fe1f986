//! The pool's stories. Transactions carry made-up signatures where nothing reads them back.

mod blobs;
mod delegation;
mod floods;
mod flow;
mod journal;
mod property;
mod rules;

use crate::{AccountCode, AccountView, HeadInfo, Pool, PoolConfig, Rejected};
use alloy_consensus::{SignableTransaction, TxEip1559, TxLegacy};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use op_revm::L1BlockInfo;
use openledger_genesis::ChainSpec;
use openledger_primitives::{PooledTx, Tx, TxEnvelope};
use std::sync::Arc;

pub(crate) const GWEI: u128 = 1_000_000_000;

pub(crate) fn chain(forks: serde_json::Value) -> Arc<ChainSpec> {
    let mut config = serde_json::json!({ "chainId": 1337, "terminalTotalDifficulty": 0,
        "terminalTotalDifficultyPassed": true });
    for (key, value) in forks.as_object().expect("an object") {
        config[key] = value.clone();
    }
    let genesis = serde_json::json!({ "config": config, "alloc": {}, "gasLimit": "0x1c9c380", "difficulty": "0x0",
        "timestamp": "0x0", "extraData": "0x", "nonce": "0x0" });
    let genesis = serde_json::from_value(genesis).expect("a genesis");
    Arc::new(ChainSpec::from_genesis(&genesis).expect("rules"))
}

pub(crate) fn op_chain() -> Arc<ChainSpec> {
    let mut forks = serde_json::json!({
        "optimism": { "eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250 }
    });
    for fork in [
        "regolith", "canyon", "ecotone", "fjord", "granite", "holocene", "isthmus", "jovian",
    ] {
        forks[format!("{fork}Time")] = 0.into();
    }
    chain(forks)
}

pub(crate) fn ethereum(newest: &str) -> Arc<ChainSpec> {
    let mut forks = serde_json::json!({});
    for fork in ["shanghai", "cancun", "prague", "osaka"] {
        forks[format!("{fork}Time")] = 0.into();
        if fork == newest {
            break;
        }
    }
    chain(forks)
}

pub(crate) fn head(base_fee: u128) -> HeadInfo {
    HeadInfo {
        number: 1,
        timestamp: 1,
        base_fee: base_fee as u64,
        gas_limit: 30_000_000,
        blob_base_fee: 1,
        l1_block_info: None,
    }
}

/// An L1 whose fee is `scalar` wei for every estimated byte (times 16 / 10^6 for rounding's sake).
pub(crate) fn l1_info(base_fee: u64) -> L1BlockInfo {
    L1BlockInfo {
        l1_base_fee: U256::from(base_fee),
        l1_base_fee_scalar: U256::from(1_000_000),
        l1_blob_base_fee: Some(U256::from(1)),
        l1_blob_base_fee_scalar: Some(U256::ZERO),
        operator_fee_scalar: Some(U256::from(7)),
        operator_fee_constant: Some(U256::from(1_000)),
        ..Default::default()
    }
}

pub(crate) fn pool(config: PoolConfig) -> Pool {
    let pool = Pool::new(op_chain(), config);
    pool.set_head(head(GWEI));
    pool
}

pub(crate) fn account(n: u8) -> Address {
    Address::repeat_byte(n)
}

pub(crate) fn rich(nonce: u64) -> AccountView {
    AccountView {
        nonce,
        balance: U256::from(10).pow(U256::from(24)),
        code: AccountCode::None,
    }
}

pub(crate) fn with_balance(nonce: u64, balance: u128) -> AccountView {
    AccountView {
        balance: U256::from(balance),
        ..rich(nonce)
    }
}

/// A transfer, to be varied before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Draft(pub TxEip1559);

impl Draft {
    pub(crate) fn new(nonce: u64) -> Self {
        Self(TxEip1559 {
            chain_id: 1337,
            nonce,
            gas_limit: 21_000,
            max_fee_per_gas: 2 * GWEI,
            max_priority_fee_per_gas: GWEI,
            to: TxKind::Call(Address::repeat_byte(0xee)),
            ..Default::default()
        })
    }

    pub(crate) const fn fees(mut self, fee_cap: u128, tip_cap: u128) -> Self {
        self.0.max_fee_per_gas = fee_cap;
        self.0.max_priority_fee_per_gas = tip_cap;
        self
    }

    pub(crate) fn value(mut self, value: u128) -> Self {
        self.0.value = U256::from(value);
        self
    }

    pub(crate) fn input(mut self, input: impl Into<Bytes>, gas_limit: u64) -> Self {
        self.0.input = input.into();
        self.0.gas_limit = gas_limit;
        self
    }

    pub(crate) fn from(self, sender: Address) -> PooledTx {
        unsigned(TxEnvelope::Eip1559(self.0.into_signed(made_up())), sender)
    }

    pub(crate) fn signed(self, key: &PrivateKeySigner) -> PooledTx {
        let signature = key
            .sign_hash_sync(&self.0.signature_hash())
            .expect("a signature");
        let tx = Tx::recover(TxEnvelope::Eip1559(self.0.into_signed(signature))).expect("a sender");
        PooledTx { tx, sidecar: None }
    }
}

pub(crate) fn made_up() -> Signature {
    Signature::new(U256::from(1), U256::from(2), false)
}

pub(crate) fn unsigned(envelope: TxEnvelope, sender: Address) -> PooledTx {
    // The sender goes into the signature: else equal drafts of two accounts would have one hash.
    let envelope = match envelope {
        TxEnvelope::Eip1559(tx) => {
            let r = U256::from_be_slice(sender.as_slice());
            TxEnvelope::Eip1559(tx.strip_signature().into_signed(Signature::new(
                r,
                U256::from(2),
                false,
            )))
        }
        other => other,
    };
    PooledTx {
        tx: Tx::with_signer(envelope, sender),
        sidecar: None,
    }
}

pub(crate) fn legacy(sender: Address, chain_id: Option<u64>) -> PooledTx {
    let tx = TxLegacy {
        chain_id,
        nonce: 0,
        gas_price: 2 * GWEI,
        gas_limit: 21_000,
        to: TxKind::Call(Address::ZERO),
        ..Default::default()
    };
    unsigned(TxEnvelope::Legacy(tx.into_signed(made_up())), sender)
}

pub(crate) fn key(n: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::with_last_byte(n)).expect("a key")
}

/// The nonces handed out, with their senders.
pub(crate) fn taken(pool: &Pool, max: usize) -> Vec<(Address, u64)> {
    use alloy_consensus::Transaction;
    pool.take_ready(max)
        .iter()
        .map(|tx| (tx.signer(), tx.nonce()))
        .collect()
}

#[track_caller]
pub(crate) fn assert_rejected<T: std::fmt::Debug>(result: Result<T, Rejected>, text: &str) {
    let message = result.expect_err("must be rejected").to_string();
    assert!(
        message.starts_with(text),
        "{message:?} does not begin with {text:?}"
    );
}
