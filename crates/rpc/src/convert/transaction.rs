//! Transactions.

use super::Inclusion;
use alloy_consensus::Transaction;
use alloy_eips::{Typed2718, eip2930::AccessList, eip7702::SignedAuthorization};
use alloy_primitives::{Address, B256, Bytes, Signature, U8, U64, U128, U256};
use openledger_primitives::{Receipt, Tx, TxEnvelope};
use serde::Serialize;

/// A transaction as `eth_getTransactionByHash` shows it: geth's fields, and op-geth's for deposits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RpcTransaction {
    /// `null` in the pool, zero in the open block.
    pub block_hash: Option<B256>,
    /// `null` in the pool.
    pub block_number: Option<U64>,
    /// The sender.
    pub from: Address,
    /// Gas limit.
    pub gas: U64,
    /// What was paid per gas; in the pool the fee cap.
    pub gas_price: U128,
    /// Fee cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fee_per_gas: Option<U128>,
    /// Tip cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_priority_fee_per_gas: Option<U128>,
    /// Blob fee cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fee_per_blob_gas: Option<U128>,
    /// The transaction's hash.
    pub hash: B256,
    /// Calldata or init code.
    pub input: Bytes,
    /// The nonce; a deposit's is the sender's at execution.
    pub nonce: U64,
    /// `null` for a creation.
    pub to: Option<Address>,
    /// `null` in the pool.
    pub transaction_index: Option<U64>,
    /// Value in wei.
    pub value: U256,
    /// EIP-2718 type.
    pub r#type: U8,
    /// EIP-2930.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_list: Option<AccessList>,
    /// Absent in legacy transactions without replay protection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_id: Option<U64>,
    /// EIP-4844.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blob_versioned_hashes: Option<Vec<B256>>,
    /// EIP-7702.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_list: Option<Vec<SignedAuthorization>>,
    /// Recovery value: EIP-155's for legacy transactions, the parity for others.
    pub v: U256,
    /// Signature.
    pub r: U256,
    /// Signature.
    pub s: U256,
    /// Parity of the signature; typed transactions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y_parity: Option<U64>,
    /// Deposits only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_hash: Option<B256>,
    /// Deposits only: wei minted, absent when none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mint: Option<U128>,
    /// Deposits only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_system_tx: Option<bool>,
    /// Deposits only, once executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_receipt_version: Option<U64>,
}

impl RpcTransaction {
    /// A transaction that waits in the pool.
    pub fn pooled(tx: &Tx) -> Self {
        let mut shown = Self::bare(tx);
        shown.gas_price = U128::from(tx.max_fee_per_gas());
        shown
    }

    /// A transaction in a block. A deposit's nonce is in its receipt.
    pub fn included(
        tx: &Tx,
        receipt: Option<&Receipt>,
        inclusion: Inclusion,
        index: usize,
    ) -> Self {
        let mut shown = Self::bare(tx);
        shown.block_hash = Some(inclusion.block_hash);
        shown.block_number = Some(U64::from(inclusion.block_number));
        shown.transaction_index = Some(U64::from(index));
        if tx.is_deposit() {
            if let Some(receipt) = receipt {
                shown.nonce = U64::from(receipt.deposit_nonce.unwrap_or_default());
                shown.deposit_receipt_version = receipt.deposit_receipt_version.map(U64::from);
            }
        } else {
            shown.gas_price = U128::from(tx.effective_gas_price(Some(inclusion.base_fee)));
        }
        shown
    }

    fn bare(tx: &Tx) -> Self {
        let envelope = tx.envelope();
        let deposit = envelope.as_deposit_tx();
        let dynamic_fee = tx.is_dynamic_fee() && deposit.is_none();
        let signature = signature(envelope);
        let parity = signature
            .map(|signature| u64::from(signature.v()))
            .unwrap_or_default();
        let legacy = matches!(envelope, TxEnvelope::Legacy(_));
        let v = match (legacy, tx.chain_id()) {
            (true, Some(id)) => U256::from(id) * U256::from(2) + U256::from(35 + parity),
            (true, None) => U256::from(27 + parity),
            (false, _) => U256::from(parity),
        };
        Self {
            block_hash: None,
            block_number: None,
            from: tx.signer(),
            gas: U64::from(tx.gas_limit()),
            gas_price: U128::ZERO,
            max_fee_per_gas: dynamic_fee.then(|| U128::from(tx.max_fee_per_gas())),
            max_priority_fee_per_gas: tx
                .max_priority_fee_per_gas()
                .filter(|_| dynamic_fee)
                .map(U128::from),
            max_fee_per_blob_gas: tx.max_fee_per_blob_gas().map(U128::from),
            hash: tx.hash(),
            input: tx.input().clone(),
            nonce: U64::from(tx.nonce()),
            to: tx.to(),
            transaction_index: None,
            value: tx.value(),
            r#type: U8::from(envelope.ty()),
            access_list: tx.access_list().cloned(),
            chain_id: tx.chain_id().filter(|_| deposit.is_none()).map(U64::from),
            blob_versioned_hashes: tx.blob_versioned_hashes().map(<[B256]>::to_vec),
            authorization_list: tx.authorization_list().map(<[SignedAuthorization]>::to_vec),
            v,
            r: signature.map(Signature::r).unwrap_or_default(),
            s: signature.map(Signature::s).unwrap_or_default(),
            y_parity: (!legacy && deposit.is_none()).then(|| U64::from(parity)),
            source_hash: deposit.map(|deposit| deposit.source_hash),
            mint: deposit
                .map(|deposit| U128::from(deposit.mint))
                .filter(|mint| !mint.is_zero()),
            is_system_tx: deposit.map(|deposit| deposit.is_system_transaction),
            deposit_receipt_version: None,
        }
    }
}

const fn signature(envelope: &TxEnvelope) -> Option<&Signature> {
    match envelope {
        TxEnvelope::Legacy(tx) => Some(tx.signature()),
        TxEnvelope::Eip2930(tx) => Some(tx.signature()),
        TxEnvelope::Eip1559(tx) => Some(tx.signature()),
        TxEnvelope::Eip4844(tx) => Some(tx.signature()),
        TxEnvelope::Eip7702(tx) => Some(tx.signature()),
        TxEnvelope::Deposit(_) => None,
    }
}
