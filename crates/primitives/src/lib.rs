//! One transaction type, one receipt type, one block type for both rule sets.
//!
//! The types are supersets: an Ethereum block and an OP Stack block are the same Rust type, and what a rule set
//! forbids (blob transactions on the L2, deposits on the L1) is rejected by the pool, the executor and the codecs
//! that know the rule set. Nothing here does IO. Besides them there are the [`crash_point`]s of the tests, since every crate can have some.

mod block;
mod changes;
mod crash;
mod evm;
mod receipt;
mod transaction;

pub use alloy_consensus::Header;
pub use block::{Block, BlockDecodeError, BlockRef, SealedHeader};
pub use changes::{Account, AccountChange, BlockChanges};
pub use crash::crash_point;
pub use evm::SupersetReceiptBuilder;
pub use receipt::Receipt;
pub use transaction::{BlobSidecar, PooledTx, Tx, TxDecodeError, TxEnvelope, TxType, TypedTx};
