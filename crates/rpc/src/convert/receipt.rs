//! Receipts.

use super::{Inclusion, L1Fees, log::rpc_log};
use alloy_consensus::{Eip658Value, Transaction, TxReceipt};
use alloy_eips::Typed2718;
use alloy_primitives::{Address, B256, Bloom, U8, U64, U128, U256};
use openledger_genesis::ChainSpec;
use openledger_primitives::{Receipt, Tx};
use serde::Serialize;

/// A receipt as `eth_getTransactionReceipt` shows it: geth's fields, and op-geth's under OP rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RpcReceipt {
    /// Zero until the block is sealed.
    pub block_hash: B256,
    /// The block's number.
    pub block_number: U64,
    /// The created contract.
    pub contract_address: Option<Address>,
    /// Gas used in the block up to and including this transaction.
    pub cumulative_gas_used: U64,
    /// Wei paid per gas.
    pub effective_gas_price: U128,
    /// The sender.
    pub from: Address,
    /// Gas used by this transaction.
    pub gas_used: U64,
    /// Logs in order.
    pub logs: Vec<alloy_rpc_types_eth::Log>,
    /// Bloom of the logs.
    pub logs_bloom: Bloom,
    /// 1 for success (EIP-658).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<U64>,
    /// Intermediate state root, before Byzantium.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<B256>,
    /// The callee; `null` for a creation.
    pub to: Option<Address>,
    /// The transaction's hash.
    pub transaction_hash: B256,
    /// Position in the block.
    pub transaction_index: U64,
    /// EIP-2718 type.
    pub r#type: U8,
    /// Blob gas (Ethereum), or the DA footprint (OP, Jovian).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blob_gas_used: Option<U64>,
    /// Wei per blob gas (blob transactions).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blob_gas_price: Option<U128>,
    /// What OP rules add.
    #[serde(flatten)]
    pub op: OpReceiptFields,
}

/// op-geth's receipt fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpReceiptFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    l1_gas_price: Option<U256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l1_gas_used: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l1_fee: Option<U256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l1_base_fee_scalar: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l1_blob_base_fee: Option<U256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l1_blob_base_fee_scalar: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_fee_scalar: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_fee_constant: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    da_footprint_gas_scalar: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit_nonce: Option<U64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit_receipt_version: Option<U64>,
}

/// What all receipts of a block share; computed once for a block.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptContext {
    inclusion: Inclusion,
    blob_gas_price: Option<u128>,
    l1: Option<L1Fees>,
}

/// Where a transaction stands in its block.
#[derive(Debug, Clone, Copy, Default)]
pub struct Position {
    /// Index in the block.
    pub index: usize,
    /// Gas used by the transactions before it.
    pub gas_before: u64,
    /// Logs of the transactions before it.
    pub logs_before: u64,
}

impl ReceiptContext {
    /// For a block with these transactions. `excess_blob_gas` is its header's.
    pub fn new<'a>(
        spec: &ChainSpec,
        inclusion: Inclusion,
        excess_blob_gas: Option<u64>,
        transactions: impl IntoIterator<Item = &'a Tx>,
    ) -> Self {
        let blob_gas_price = spec
            .blob_params(inclusion.timestamp)
            .zip(excess_blob_gas)
            .map(|(params, excess)| params.calc_blob_fee(excess));
        let l1 = if spec.is_op() {
            L1Fees::of_block(transactions)
        } else {
            None
        };
        Self {
            inclusion,
            blob_gas_price,
            l1,
        }
    }

    /// The receipts of the whole block. `transactions` and `receipts` go in step.
    pub fn all<'a>(
        &self,
        transactions: impl IntoIterator<Item = &'a Tx>,
        receipts: impl IntoIterator<Item = &'a Receipt>,
    ) -> Vec<RpcReceipt> {
        let mut position = Position::default();
        transactions
            .into_iter()
            .zip(receipts)
            .map(|(tx, receipt)| {
                let shown = self.at(tx, receipt, position);
                position.index += 1;
                position.gas_before = receipt.cumulative_gas_used;
                position.logs_before += receipt.logs.len() as u64;
                shown
            })
            .collect()
    }

    /// The receipt of the transaction at `index`; `None` when there is none.
    pub fn one<'a>(
        &self,
        index: usize,
        tx: &Tx,
        receipts: impl IntoIterator<Item = &'a Receipt>,
    ) -> Option<RpcReceipt> {
        let mut position = Position {
            index,
            ..Default::default()
        };
        for (at, receipt) in receipts.into_iter().enumerate() {
            if at == index {
                return Some(self.at(tx, receipt, position));
            }
            position.gas_before = receipt.cumulative_gas_used;
            position.logs_before += receipt.logs.len() as u64;
        }
        None
    }

    /// The receipt of a transaction whose position is known.
    pub fn at(&self, tx: &Tx, receipt: &Receipt, position: Position) -> RpcReceipt {
        let inclusion = self.inclusion;
        let creator_nonce = receipt.deposit_nonce.unwrap_or_else(|| tx.nonce());
        let (status, root) = match receipt.status {
            Eip658Value::Eip658(success) => (Some(U64::from(u64::from(success))), None),
            Eip658Value::PostState(root) => (None, Some(root)),
        };
        let (op, da_footprint) = self.op_fields(tx, receipt);
        let price = if tx.is_deposit() {
            0
        } else {
            tx.effective_gas_price(Some(inclusion.base_fee))
        };
        let blob_gas = tx.blob_gas_used();
        RpcReceipt {
            block_hash: inclusion.block_hash,
            block_number: U64::from(inclusion.block_number),
            contract_address: tx.to().is_none().then(|| tx.signer().create(creator_nonce)),
            cumulative_gas_used: U64::from(receipt.cumulative_gas_used),
            effective_gas_price: U128::from(price),
            from: tx.signer(),
            gas_used: U64::from(
                receipt
                    .cumulative_gas_used
                    .saturating_sub(position.gas_before),
            ),
            logs: receipt
                .logs
                .iter()
                .zip(position.logs_before..)
                .map(|(log, at)| {
                    rpc_log(log, inclusion, tx.hash(), position.index as u64, at, false)
                })
                .collect(),
            logs_bloom: receipt.bloom(),
            status,
            root,
            to: tx.to(),
            transaction_hash: tx.hash(),
            transaction_index: U64::from(position.index),
            r#type: U8::from(receipt.ty()),
            blob_gas_used: blob_gas.or(da_footprint).map(U64::from),
            blob_gas_price: blob_gas.and(self.blob_gas_price).map(U128::from),
            op,
        }
    }

    /// The OP fields, and the DA footprint.
    fn op_fields(&self, tx: &Tx, receipt: &Receipt) -> (OpReceiptFields, Option<u64>) {
        if tx.is_deposit() {
            let fields = OpReceiptFields {
                deposit_nonce: receipt.deposit_nonce.map(U64::from),
                deposit_receipt_version: receipt.deposit_receipt_version.map(U64::from),
                ..Default::default()
            };
            // A deposit takes no room on the L1, and Jovian says so.
            let footprint = self.l1.and_then(|l1| l1.da_footprint_gas_scalar).map(|_| 0);
            return (fields, footprint);
        }
        let Some(l1) = self.l1 else {
            return Default::default();
        };
        let charged = l1.of_transaction(tx.encoded());
        let operator = l1.operator_fee_scalar != 0 || l1.operator_fee_constant != 0;
        let fields = OpReceiptFields {
            l1_gas_price: Some(l1.base_fee),
            l1_gas_used: Some(U64::from(charged.gas_used)),
            l1_fee: Some(charged.fee),
            l1_base_fee_scalar: Some(U64::from(l1.base_fee_scalar)),
            l1_blob_base_fee: Some(l1.blob_base_fee),
            l1_blob_base_fee_scalar: Some(U64::from(l1.blob_base_fee_scalar)),
            operator_fee_scalar: operator.then(|| U64::from(l1.operator_fee_scalar)),
            operator_fee_constant: operator.then(|| U64::from(l1.operator_fee_constant)),
            da_footprint_gas_scalar: l1.da_footprint_gas_scalar.map(U64::from),
            ..Default::default()
        };
        (fields, charged.da_footprint)
    }
}
