//! What can go wrong with the database, and what the operator should do about it.

use alloy_primitives::B256;
use openledger_trie::TrieError;
use signet_libmdbx::{MdbxError, ReadError};
use std::path::PathBuf;

/// Why the database could not do what it was asked.
///
/// A failed write leaves the database as it was before.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another process, or another handle of this one, writes to the database.
    #[error("the database {path} is in use by another process; stop that node first")]
    Locked {
        /// The database's directory.
        path: PathBuf,
    },
    /// The process may not read or write the files.
    #[error(
        "no permission to {action} the database {path}; check the owner and mode of the directory and its files"
    )]
    Permission {
        /// `read` or `write`.
        action: &'static str,
        /// The database's directory.
        path: PathBuf,
    },
    /// Nothing is there to open for reading.
    #[error(
        "there is no database at {path}; start a node with this data directory first, or correct the path"
    )]
    NotFound {
        /// The database's directory.
        path: PathBuf,
    },
    /// The file is no MDBX database.
    #[error(
        "{path} is not a database of this program or is damaged; restore a backup, or delete it and synchronise again"
    )]
    NotADatabase {
        /// The database's directory.
        path: PathBuf,
    },
    /// An MDBX database, but of something else.
    #[error("{path} is a database of another program; choose another data directory")]
    Foreign {
        /// The database's directory.
        path: PathBuf,
    },
    /// The tables have another layout than this program writes.
    #[error(
        "the database has schema version {found}, this program reads version {expected}; use the program version that wrote it, or delete the database and synchronise again"
    )]
    SchemaVersion {
        /// Version in the database.
        found: u32,
        /// Version of this program.
        expected: u32,
    },
    /// The disk has no room.
    #[error(
        "the disk is full; free some space and start again, nothing that was committed is lost"
    )]
    DiskFull,
    /// A write of the commit ended early, which MDBX reports like a failing device: mostly the disk became full in its middle.
    #[error(
        "a write was cut short: the disk is full, or it fails; see that there is space and start again, nothing that was committed is lost"
    )]
    CutShort,
    /// The database has grown to its configured limit.
    #[error("the database has reached its configured size limit; raise the limit and start again")]
    MapFull,
    /// Too many readers at once.
    #[error("too many readers at once; raise the reader limit or find what keeps readers open")]
    ReadersFull,
    /// The process may not map as much memory as the size limit says.
    #[error(
        "the address space for the database can not be reserved; lower its size limit or raise the memory limit (ulimit -v)"
    )]
    AddressSpace,
    /// The genesis in the database is another one.
    #[error(
        "the database holds a chain with genesis {stored}, the configuration has genesis {configured}; choose another data directory or the matching configuration"
    )]
    GenesisMismatch {
        /// Hash of block 0 in the database.
        stored: B256,
        /// Hash of the configured block 0.
        configured: B256,
    },
    /// The chain id in the database is another one.
    #[error(
        "the database holds chain {stored}, the configuration has chain {configured}; choose another data directory or the matching configuration"
    )]
    ChainIdMismatch {
        /// In the database.
        stored: u64,
        /// Configured.
        configured: u64,
    },
    /// The database has no genesis yet.
    #[error("the database is empty; write the genesis first")]
    Empty,
    /// The block does not follow the persisted head.
    #[error(
        "block {number} with parent {parent} does not follow the persisted head {head_number} {head_hash}"
    )]
    NotContinuous {
        /// The refused block.
        number: u64,
        /// Its parent hash.
        parent: B256,
        /// Persisted head.
        head_number: u64,
        /// Persisted head.
        head_hash: B256,
    },
    /// The block lacks its trie updates, or they are not those of its state root.
    #[error("block {number} has state root {header}, its trie updates have {trie}")]
    StateRoot {
        /// The block.
        number: u64,
        /// Root in the header.
        header: B256,
        /// Root of the trie updates.
        trie: B256,
    },
    /// The block is above the persisted head.
    #[error("block {number} is not persisted; the persisted head is {head}")]
    UnknownBlock {
        /// The block asked for.
        number: u64,
        /// Persisted head.
        head: u64,
    },
    /// So much changed since a block that its tries can not be made again.
    #[error(
        "too much changed between block {number} and the head {head} to prove the older state; ask for a newer block"
    )]
    TooManyChanges {
        /// The block asked for.
        number: u64,
        /// The persisted head.
        head: u64,
    },
    /// The state of the block is no longer kept.
    #[error("the state of block {number} is pruned; the oldest one kept is {oldest}")]
    HistoryPruned {
        /// The block asked for.
        number: u64,
        /// Oldest block whose state is kept.
        oldest: u64,
    },
    /// A safe or finalized label names a block that is not in the database, or labels are out of order.
    #[error("label out of order: {0}")]
    Label(String),
    /// A key or value is larger than the database can hold.
    #[error("a {what} of {len} bytes does not fit the table {table}")]
    TooLarge {
        /// `key` or `value`.
        what: &'static str,
        /// Its length in bytes.
        len: usize,
        /// The table.
        table: &'static str,
    },
    /// The database contradicts itself.
    #[error("the database is corrupt: {0}; restore a backup, or delete it and synchronise again")]
    Corrupt(#[from] Corruption),
    /// The stored trie contradicts itself; found while unwinding or checking.
    #[error(
        "the stored trie can not be used: {0}; restore a backup, or delete the database and synchronise again"
    )]
    Trie(Box<TrieError<StorageError>>),
    /// A file system call failed.
    #[error("{action} {path} failed")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// Any other failure of the store.
    #[error("the store failed: {0}")]
    Mdbx(MdbxError),
}

/// A value in the database that can not be what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("table {table}, key {}: {reason}", alloy_primitives::hex::encode(key))]
pub struct Corruption {
    /// The table.
    pub table: &'static str,
    /// The key in it.
    pub key: Vec<u8>,
    /// What is wrong.
    pub reason: String,
}

// Linux's numbers; MDBX hands the system's errors through as they are.
const ENOENT: i32 = 2;
const EIO: i32 = 5;
const ENOMEM: i32 = 12;
const EACCES: i32 = 13;
const EROFS: i32 = 30;
const ENOSPC: i32 = 28;
const EFBIG: i32 = 27;
const EDQUOT: i32 = 122;
const EAGAIN: i32 = 11;

impl StorageError {
    /// Translates an error of opening.
    pub(crate) fn opening(error: MdbxError, path: &std::path::Path) -> Self {
        let path = path.to_path_buf();
        match error {
            MdbxError::Invalid
            | MdbxError::VersionMismatch
            | MdbxError::Corrupted
            | MdbxError::PageNotFound
            | MdbxError::BadSignature
            | MdbxError::TooLarge
            | MdbxError::WannaRecovery => Self::NotADatabase { path },
            MdbxError::Busy | MdbxError::Incompatible | MdbxError::Other(EAGAIN) => {
                Self::Locked { path }
            }
            MdbxError::Access | MdbxError::Permission | MdbxError::Other(EROFS | EACCES) => {
                Self::Permission {
                    action: "write",
                    path,
                }
            }
            MdbxError::Other(ENOENT) => Self::NotFound { path },
            other => other.into(),
        }
    }
}

impl StorageError {
    /// Translates an error of a commit, where the system's "I/O error" is what MDBX makes of a short write. Nothing is committed
    /// then.
    pub(crate) fn committing(error: MdbxError) -> Self {
        match error {
            MdbxError::Other(EIO) => Self::CutShort,
            other => other.into(),
        }
    }
}

impl From<MdbxError> for StorageError {
    fn from(error: MdbxError) -> Self {
        match error {
            MdbxError::MapFull => Self::MapFull,
            MdbxError::ReadersFull => Self::ReadersFull,
            MdbxError::UnableExtendMapSize | MdbxError::Other(ENOMEM) => Self::AddressSpace,
            MdbxError::Other(ENOSPC | EFBIG | EDQUOT) => Self::DiskFull,
            MdbxError::Corrupted | MdbxError::PageNotFound | MdbxError::Other(EIO) => {
                Self::Corrupt(Corruption {
                    table: "(pages)",
                    key: Vec::new(),
                    reason: error.to_string(),
                })
            }
            other => Self::Mdbx(other),
        }
    }
}

impl From<ReadError> for StorageError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Mdbx(error) => error.into(),
            ReadError::Decoding(error) => Self::Corrupt(Corruption {
                table: "(value)",
                key: Vec::new(),
                reason: error.to_string(),
            }),
        }
    }
}

impl From<TrieError<StorageError>> for StorageError {
    fn from(error: TrieError<StorageError>) -> Self {
        match error {
            TrieError::Reader(error) => error,
            other => Self::Trie(Box::new(other)),
        }
    }
}
