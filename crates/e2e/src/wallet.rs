//! Accounts that sign outside the node, as wallets do.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address, keccak256};
use alloy_signer::SignerSync;
use alloy_signer_local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};
use anyhow::Result;

const MNEMONIC: &str = "test test test test test test test test test test test junk";

/// Wrapped OPEN, an ERC-20 that every chain has from genesis.
pub const WOPEN: Address = address!("0x4200000000000000000000000000000000000006");

/// A fee per gas, in wei, that is above any base fee that a test reaches.
pub const MAX_FEE: u128 = 50_000_000_000;

/// A development account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its key.
    pub signer: PrivateKeySigner,
    /// Its address.
    pub address: Address,
}

/// What a transaction does.
#[derive(Debug, Clone)]
pub struct Call {
    /// The callee; `None` creates a contract.
    pub to: Option<Address>,
    /// In wei.
    pub value: U256,
    /// The input.
    pub input: Bytes,
    /// Gas limit.
    pub gas: u64,
}

impl Call {
    /// A plain transfer.
    pub fn pay(to: Address, value: u64) -> Self {
        Self {
            to: Some(to),
            value: U256::from(value),
            input: Bytes::new(),
            gas: 21_000,
        }
    }

    /// Creates a contract.
    pub fn create(code: impl Into<Bytes>) -> Self {
        Self {
            to: None,
            value: U256::ZERO,
            input: code.into(),
            gas: 1_000_000,
        }
    }
}

/// Wraps `value` wei.
pub fn deposit_call(value: u64) -> Call {
    let input = keccak256("deposit()")[..4].to_vec().into();
    Call {
        to: Some(WOPEN),
        value: U256::from(value),
        input,
        gas: 100_000,
    }
}

/// Pays wrapped wei: two storage slots and a log.
pub fn transfer_call(to: Address, value: u64) -> Call {
    let mut input = keccak256("transfer(address,uint256)")[..4].to_vec();
    input.extend(to.into_word());
    input.extend(U256::from(value).to_be_bytes::<32>());
    Call {
        to: Some(WOPEN),
        value: U256::ZERO,
        input: input.into(),
        gas: 100_000,
    }
}

impl Account {
    /// The development account of this index.
    ///
    /// # Errors
    /// When the key can not be derived.
    pub fn development(index: u32) -> Result<Self> {
        let signer = MnemonicBuilder::<English>::default()
            .phrase(MNEMONIC)
            .index(index)?
            .build()?;
        Ok(Self {
            address: signer.address(),
            signer,
        })
    }

    /// Signs a call with a generous fee; the transaction's hash and bytes.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(&self, chain_id: u64, nonce: u64, call: Call) -> Result<(B256, Bytes)> {
        self.seal(TxEip1559 {
            chain_id,
            nonce,
            gas_limit: call.gas,
            max_fee_per_gas: MAX_FEE,
            max_priority_fee_per_gas: 1_000,
            to: call.to.map_or(TxKind::Create, TxKind::Call),
            value: call.value,
            access_list: Default::default(),
            input: call.input,
        })
    }

    /// Signs any transaction; its hash and bytes.
    ///
    /// # Errors
    /// When signing fails.
    pub fn seal<T>(&self, tx: T) -> Result<(B256, Bytes)>
    where
        T: SignableTransaction<alloy_primitives::Signature>,
        TxEnvelope: From<alloy_consensus::Signed<T>>,
    {
        let signature = self.signer.sign_hash_sync(&tx.signature_hash())?;
        let envelope = TxEnvelope::from(tx.into_signed(signature));
        Ok((*envelope.tx_hash(), envelope.encoded_2718().into()))
    }
}
