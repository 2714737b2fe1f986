//! The database: opening it, and its writers.

mod check;
mod commit;
mod erase;
mod open;
mod prune;
mod unwind;
mod writer;

pub use check::{Check, TableStats};
pub use open::{DatabaseOptions, SyncMode};
pub use prune::Pruned;

use crate::{
    Reader, StorageError,
    codec::BytesReader,
    metrics,
    tables::{Table, corrupt, meta},
};
use alloy_primitives::B256;
use openledger_primitives::BlockRef;
use parking_lot::{Mutex, MutexGuard};
use signet_libmdbx::Environment;
use std::{fmt, fs::File, path::PathBuf, sync::Arc};
use writer::Writer;

pub(crate) use writer::decode_number;

/// The handles of all tables. They are the environment's, valid in every transaction.
pub(crate) type Handles = [signet_libmdbx::Database; Table::ALL.len()];

/// The database of one chain: headers, bodies, receipts, the state with its tries, and history of the state.
///
/// Cheap to clone. Every write is one atomic transaction, durable when it returns (under
/// [`SyncMode::Durable`]): a crash at any instant leaves either all of it or nothing. Reads see a snapshot and never wait
/// for writes. One process writes at a time, held by a lock file; within it writes wait for each other.
///
/// Every method blocks on the disk. Writes must not be called from a rayon worker, which could pick up another write
/// while it waits in this one.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    env: Environment,
    handles: Handles,
    path: PathBuf,
    /// Serialises the writers of this process, including what they read before they write.
    writing: Mutex<()>,
    /// Read transactions that a parallel reader opens.
    threads: usize,
    /// Held until the database is closed; `None` when it is open for reading only.
    _lock: Option<File>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("path", &self.0.path)
            .finish_non_exhaustive()
    }
}

/// The blocks that the L1 vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Labels {
    /// Derived from L1 data.
    pub safe: Option<BlockRef>,
    /// Derived from finalized L1 data.
    pub finalized: Option<BlockRef>,
}

impl Database {
    /// A snapshot of what is committed now, in one read transaction. It keeps pages that later commits free from being
    /// used again: do not hold it for long.
    ///
    /// It may be used from several threads, which wait for each other.
    ///
    /// # Errors
    /// [`StorageError::ReadersFull`], and failures of the store.
    pub fn reader(&self) -> Result<Reader, StorageError> {
        Reader::open(self, 1)
    }

    /// A snapshot with a read transaction for every rayon thread, for the trie.
    ///
    /// # Errors
    /// As [`reader`](Self::reader).
    pub fn parallel_reader(&self) -> Result<Reader, StorageError> {
        Reader::open(self, self.0.threads)
    }

    /// Sets the labels, durably.
    ///
    /// # Errors
    /// [`StorageError::Label`] unless finalized <= safe <= head and both are blocks of the database.
    pub fn set_labels(&self, labels: Labels) -> Result<(), StorageError> {
        let (_guard, mut writer) = self.writer()?;
        let head = writer.head()?.ok_or(StorageError::Empty)?;
        let order = |low: Option<BlockRef>, high: u64| low.is_none_or(|low| low.number <= high);
        let safe = labels.safe.map_or(head.number, |safe| safe.number);
        if !order(labels.safe, head.number) || !order(labels.finalized, safe) {
            let message = format!(
                "finalized {:?}, safe {:?}, head {head:?}",
                labels.finalized, labels.safe
            );
            return Err(StorageError::Label(message));
        }
        for (key, label) in [
            (meta::SAFE, labels.safe),
            (meta::FINALIZED, labels.finalized),
        ] {
            match label {
                None => writer.delete(Table::Meta, key)?,
                Some(block) => {
                    if writer.block_number(&block.hash)? != Some(block.number) {
                        return Err(StorageError::Label(format!(
                            "{block:?} is not in the database"
                        )));
                    }
                    writer.put(Table::Meta, key, &encode_block_ref(&block))?;
                }
            }
        }
        writer.commit()
    }

    /// Where the database is.
    pub fn path(&self) -> &std::path::Path {
        &self.0.path
    }

    pub(crate) fn env(&self) -> &Environment {
        &self.0.env
    }

    pub(crate) fn handles(&self) -> &Handles {
        &self.0.handles
    }

    /// Begins a write transaction, which ends without effect unless it is committed.
    fn writer(&self) -> Result<(MutexGuard<'_, ()>, Writer<'_>), StorageError> {
        let guard = self.0.writing.lock();
        let writer = Writer::begin(&self.0.env, &self.0.handles)?;
        Ok((guard, writer))
    }

    fn record_size(&self) {
        if let Ok(info) = self.0.env.info() {
            metrics::record_database_pages(info.last_pgno());
        }
    }
}

pub(crate) fn encode_block_ref(block: &BlockRef) -> [u8; 40] {
    let mut out = [0; 40];
    out[..8].copy_from_slice(&block.number.to_le_bytes());
    out[8..].copy_from_slice(block.hash.as_slice());
    out
}

pub(crate) fn decode_block_ref(key: &[u8], bytes: &[u8]) -> Result<BlockRef, StorageError> {
    let mut reader = BytesReader::new(bytes);
    let mut decode = || -> Result<BlockRef, crate::codec::Malformed> {
        let number = reader.u64()?;
        let hash: B256 = reader.b256()?;
        reader.end()?;
        Ok(BlockRef { number, hash })
    };
    decode().map_err(|error| corrupt(Table::Meta, key, error))
}
