//! Accounts that sign outside the node, as wallets do.

use alloy_consensus::{
    SignableTransaction, TxEip1559, TxEip2930, TxEip4844, TxEip4844WithSidecar, TxEip7702,
    TxEnvelope, TxLegacy,
};
use alloy_eips::{
    eip2718::Encodable2718,
    eip2930::AccessList,
    eip7594::BlobTransactionSidecarVariant,
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address, keccak256};
use alloy_signer::SignerSync;
use alloy_signer_local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};
use anyhow::{Context, Result};

const MNEMONIC: &str = "test test test test test test test test test test test junk";

/// Wrapped OPEN, an ERC-20 that every chain has from genesis.
pub const WOPEN: Address = address!("0x4200000000000000000000000000000000000006");

/// A fee per gas, in wei, that is above any base fee that a test reaches.
pub const MAX_FEE: u128 = 50_000_000_000;

/// What the block's producer gets of it per gas, in wei, where the form names that.
const PRIORITY_FEE: u128 = 1_000;

/// A blob transaction as it is sent: with its sidecar.
type PooledEnvelope =
    alloy_consensus::EthereumTxEnvelope<TxEip4844WithSidecar<BlobTransactionSidecarVariant>>;

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

/// The form in which a call is signed.
#[derive(Debug, Clone)]
pub enum TxForm {
    /// Type 0, for this chain only.
    Legacy,
    /// Type 0 from before replay protection: valid on every chain.
    Unprotected,
    /// Type 1, which names what it will read.
    AccessList(AccessList),
    /// Type 2.
    DynamicFee,
    /// Type 4, which gives accounts the code of others; it cannot create a contract.
    SetCode(Vec<SignedAuthorization>),
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

    /// Signs a call as type 2 with a generous fee; the transaction's hash and bytes.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(&self, chain_id: u64, nonce: u64, call: Call) -> Result<(B256, Bytes)> {
        self.sign_as(TxForm::DynamicFee, chain_id, nonce, call)
    }

    /// Signs a call in any form with a generous fee; the transaction's hash and bytes.
    ///
    /// # Errors
    /// When signing fails, or type 4 is to create a contract.
    pub fn sign_as(
        &self,
        form: TxForm,
        chain_id: u64,
        nonce: u64,
        call: Call,
    ) -> Result<(B256, Bytes)> {
        let Call {
            to,
            value,
            input,
            gas: gas_limit,
        } = call;
        let kind = to.map_or(TxKind::Create, TxKind::Call);
        let legacy = |chain_id| TxLegacy {
            chain_id,
            nonce,
            gas_price: MAX_FEE,
            gas_limit,
            to: kind,
            value,
            input: input.clone(),
        };
        match form {
            TxForm::Legacy => self.seal(legacy(Some(chain_id))),
            TxForm::Unprotected => self.seal(legacy(None)),
            TxForm::AccessList(access_list) => self.seal(TxEip2930 {
                chain_id,
                nonce,
                gas_price: MAX_FEE,
                gas_limit,
                to: kind,
                value,
                access_list,
                input,
            }),
            TxForm::DynamicFee => self.seal(TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: MAX_FEE,
                max_priority_fee_per_gas: PRIORITY_FEE,
                to: kind,
                value,
                access_list: AccessList::default(),
                input,
            }),
            TxForm::SetCode(authorization_list) => self.seal(TxEip7702 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: MAX_FEE,
                max_priority_fee_per_gas: PRIORITY_FEE,
                to: to.context("a transaction of type 4 creates no contract")?,
                value,
                access_list: AccessList::default(),
                authorization_list,
                input,
            }),
        }
    }

    /// Allows a type 4 transaction to give this account the code of `delegate`. `nonce` is the account's when the
    /// authorization is applied: one more than the transaction's where the account sends that itself.
    ///
    /// # Errors
    /// When signing fails.
    pub fn authorize(
        &self,
        chain_id: u64,
        nonce: u64,
        delegate: Address,
    ) -> Result<SignedAuthorization> {
        let authorization = Authorization {
            chain_id: U256::from(chain_id),
            address: delegate,
            nonce,
        };
        let signature = self
            .signer
            .sign_hash_sync(&authorization.signature_hash())?;
        Ok(authorization.into_signed(signature))
    }

    /// Signs a blob transaction; its bytes with the blobs, as it is sent.
    ///
    /// # Errors
    /// When signing fails.
    pub fn seal_blobs(
        &self,
        tx: TxEip4844,
        sidecar: impl Into<BlobTransactionSidecarVariant>,
    ) -> Result<Bytes> {
        let sidecar = sidecar.into();
        let signature = self.signer.sign_hash_sync(&tx.signature_hash())?;
        let signed = TxEip4844WithSidecar { tx, sidecar }.into_signed(signature);
        Ok(PooledEnvelope::from(signed).encoded_2718().into())
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
