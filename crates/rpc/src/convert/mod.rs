//! Blocks, transactions and receipts as JSON-RPC shows them, under both rule sets.

mod block;
mod l1_fees;
mod log;
mod receipt;
mod transaction;

pub use block::{RpcBlock, RpcHeader};
pub use l1_fees::{L1Fees, TxL1Fees};
pub use log::block_logs;
pub use receipt::{Position, ReceiptContext, RpcReceipt};
pub use transaction::RpcTransaction;

use alloy_primitives::B256;
use openledger_execution::BlockAttributes;
use openledger_primitives::SealedHeader;

/// The block that a transaction is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inclusion {
    /// The block's hash; zero until the block is sealed.
    pub block_hash: B256,
    /// The block's number.
    pub block_number: u64,
    /// The block's timestamp in seconds.
    pub timestamp: u64,
    /// The block's base fee in wei.
    pub base_fee: u64,
}

impl Inclusion {
    /// In a sealed block.
    pub fn sealed(header: &SealedHeader) -> Self {
        Self {
            block_hash: header.seal(),
            block_number: header.number,
            timestamp: header.timestamp,
            base_fee: header.base_fee_per_gas.unwrap_or_default(),
        }
    }

    /// Preconfirmed: in the open block, which has a number but no hash yet.
    ///
    /// This decides how a preconfirmed transaction and its receipt look: the pending block's number, and a zero hash
    /// (libraries read a receipt without hash as malformed, and a zero hash as "not mined yet").
    pub const fn preconfirmed(attributes: &BlockAttributes) -> Self {
        Self {
            block_hash: B256::ZERO,
            block_number: attributes.number,
            timestamp: attributes.timestamp,
            base_fee: attributes.base_fee,
        }
    }
}
