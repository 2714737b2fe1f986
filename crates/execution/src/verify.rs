//! Executing a sealed block again, independently of whoever built it.

use crate::{
    BlockAttributes, BlockExecution, ExecutedPayload, ExecutionError, StateSource, TxError,
};
use alloy_consensus::TxReceipt;
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_hardforks::EthereumHardforks;
use alloy_op_hardforks::OpHardforks;
use alloy_primitives::B256;
use openledger_genesis::ChainSpec;
use openledger_primitives::{Block, BlockChanges, Receipt};
use std::sync::Arc;

/// EIP-7934: the largest RLP of a block since Osaka, in bytes.
const MAX_RLP_BLOCK_SIZE: usize = 8 * 1024 * 1024;

/// Where a block and its re-execution differ first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("block {number}: {what}: block has {block}, re-execution has {reexecution}{}", transaction(.index, .tx_hash))]
pub struct Mismatch {
    /// The block's number.
    pub number: u64,
    /// Which value differs.
    pub what: &'static str,
    /// The value in the block.
    pub block: String,
    /// The value by re-execution.
    pub reexecution: String,
    /// Position of the first transaction whose receipt differs, when receipts are known.
    pub index: Option<usize>,
    /// That transaction's hash.
    pub tx_hash: Option<B256>,
}

fn transaction(index: &Option<usize>, hash: &Option<B256>) -> String {
    match (index, hash) {
        (Some(index), Some(hash)) => format!(" (first at transaction {index}, {hash})"),
        _ => String::new(),
    }
}

/// Why a block is not what its header says.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A transaction of the block can not be executed.
    #[error("block {number}: transaction {index} ({hash}) is invalid: {error}")]
    Transaction {
        /// The block's number.
        number: u64,
        /// Position in the block.
        index: usize,
        /// The transaction's hash.
        hash: B256,
        /// What is wrong with it.
        error: TxError,
    },
    /// A value of the header (or a receipt) differs.
    #[error(transparent)]
    Mismatch(Box<Mismatch>),
    /// The node could not execute it.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
}

/// Executes the transactions of a block on its parent's state.
pub fn execute_block(
    spec: &Arc<ChainSpec>,
    source: Arc<dyn StateSource>,
    block: &Block,
) -> Result<ExecutedPayload, VerifyError> {
    let mut execution =
        BlockExecution::begin(spec.clone(), source, BlockAttributes::of_block(block))?;
    for (index, tx) in block.transactions.iter().enumerate() {
        execution.execute(tx).map_err(|error| match error {
            TxError::Fatal(error) => VerifyError::Execution(error),
            error => VerifyError::Transaction {
                number: block.number(),
                index,
                hash: tx.hash(),
                error,
            },
        })?;
    }
    Ok(execution.finish()?)
}

/// Executes a block again and compares everything but the state root with its header; with the builder's receipts
/// and changes also those, so that the first differing transaction can be named.
///
/// Returns the re-execution's result.
pub fn verify_block(
    spec: &Arc<ChainSpec>,
    source: Arc<dyn StateSource>,
    block: &Block,
    built: Option<(&[Receipt], &BlockChanges)>,
) -> Result<ExecutedPayload, VerifyError> {
    let header = &block.header;
    let time = header.timestamp;
    let differ = |what, in_block: String, ours: String| {
        VerifyError::Mismatch(Box::new(Mismatch {
            number: header.number,
            what,
            block: in_block,
            reexecution: ours,
            index: None,
            tx_hash: None,
        }))
    };
    macro_rules! same {
        ($what:literal, $block:expr, $ours:expr) => {
            let (block, ours) = ($block, $ours);
            if block != ours {
                return Err(differ($what, format!("{block:?}"), format!("{ours:?}")));
            }
        };
    }
    same!(
        "transactionsRoot",
        header.transactions_root,
        Block::transactions_root(&block.transactions)
    );
    same!(
        "sha3Uncles",
        header.ommers_hash,
        Block::ommers_hash(&block.ommers)
    );
    if spec.is_op() {
        same!(
            "withdrawals",
            Some(0),
            block.withdrawals.as_ref().map(|list| list.len())
        );
    } else {
        let root = block
            .withdrawals
            .as_ref()
            .map(|list| alloy_consensus::proofs::calculate_withdrawals_root(list));
        same!("withdrawalsRoot", header.withdrawals_root, root);
    }
    if !spec.is_op() && spec.is_osaka_active_at_timestamp(time) && block.size() > MAX_RLP_BLOCK_SIZE
    {
        return Err(differ(
            "size",
            block.size().to_string(),
            format!("at most {MAX_RLP_BLOCK_SIZE}"),
        ));
    }

    let payload = execute_block(spec, source, block)?;
    if let Some((receipts, changes)) = built {
        let first = receipts
            .iter()
            .zip(&payload.receipts)
            .position(|(a, b)| a != b);
        if let Some(index) = first {
            return Err(VerifyError::Mismatch(Box::new(Mismatch {
                number: header.number,
                what: "receipt",
                block: summary(&receipts[index]),
                reexecution: summary(&payload.receipts[index]),
                index: Some(index),
                tx_hash: block.transactions.get(index).map(|tx| tx.hash()),
            })));
        }
        same!("number of receipts", receipts.len(), payload.receipts.len());
        if *changes != payload.changes {
            let (ours, theirs) = first_difference(changes, &payload.changes);
            return Err(differ("state changes", ours, theirs));
        }
    }
    same!("gasUsed", header.gas_used, payload.gas_used);
    let (receipts_root, logs_bloom) = Receipt::root_and_bloom(&payload.receipts);
    same!("receiptsRoot", header.receipts_root, receipts_root);
    same!("logsBloom", header.logs_bloom, logs_bloom);
    if spec.is_cancun_active_at_timestamp(time) {
        let blob_gas = if spec.is_op() && !spec.is_jovian_active_at_timestamp(time) {
            0
        } else {
            payload.blob_gas_used
        };
        same!("blobGasUsed", header.blob_gas_used, Some(blob_gas));
    }
    if spec.is_prague_active_at_timestamp(time) {
        let hash = if spec.is_op() {
            EMPTY_REQUESTS_HASH
        } else {
            payload.requests.requests_hash()
        };
        same!("requestsHash", header.requests_hash, Some(hash));
    }
    Ok(payload)
}

fn summary(receipt: &Receipt) -> String {
    format!(
        "status {}, cumulative gas {}, {} logs",
        receipt.success(),
        receipt.cumulative_gas_used,
        receipt.logs().len()
    )
}

fn first_difference(block: &BlockChanges, ours: &BlockChanges) -> (String, String) {
    let mut pairs = block.accounts.iter().zip(&ours.accounts);
    match pairs.find(|(a, b)| a != b) {
        Some((a, b)) => (format!("{a:?}"), format!("{b:?}")),
        None => (
            format!("{} accounts", block.accounts.len()),
            format!("{} accounts", ours.accounts.len()),
        ),
    }
}
