//! The chain on disk: MDBX tables with atomic commit and unwind of blocks, history of the state, and beside them the
//! write-ahead block log.
//!
//! Everything here is synchronous and blocks on the disk; callers keep it off the async threads. `README.md` says what
//! this crate does not do.

mod codec;
mod database;
mod error;
mod executed;
mod lock;
mod log;
mod metrics;
mod reader;
mod tables;

pub use database::{Check, Database, DatabaseOptions, Labels, Pruned, SyncMode, TableStats};
pub use error::{Corruption, StorageError};
pub use executed::{ExecutedBlock, HashedAccountChange, HashedBlockChanges, HashedSlotChange};
pub use log::{BlockLog, BlockStart, LogError, LogRecord, LogState, Recovered, TornTail};
pub use reader::{Body, Reader, TxLocation, TxReceipt};
pub use tables::Table;
