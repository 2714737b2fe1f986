//! What can go wrong with the block log and the journal.

use std::{io, path::PathBuf};

/// Why the block log or the journal could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another process has it open.
    #[error("the log {path} is in use by another process; stop that node first")]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// A record that may not stand here. As an answer to an append: a bug of the caller, nothing was appended.
    #[error("{found} is out of order: expected {expected}")]
    OutOfOrder {
        /// The record.
        found: String,
        /// What could have stood here.
        expected: String,
    },
    /// A record in the log can not be what was written, or may not stand where it does. The node must not start: what it
    /// acknowledged may be in what is damaged.
    #[error(
        "{path}, offset {offset}: {reason}; restore the file from a backup, or move the log away and accept that what only it holds is lost"
    )]
    Corrupt {
        /// The segment.
        path: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// What was found and what was expected.
        reason: String,
    },
    /// The disk has no room. What was appended since the last successful sync is not in the log; earlier records are
    /// unharmed, and appending may be tried again.
    #[error("the disk is full; free some space, nothing that was acknowledged is lost")]
    DiskFull,
    /// The operating system could not say what is on the disk. Open the log again to find out.
    #[error("the log is unusable since writing to it failed; start the node again")]
    Poisoned,
    /// A record is larger than the log can hold (1 GiB).
    #[error("a record of {len} bytes is too large for the log")]
    TooLarge {
        /// Its length.
        len: usize,
    },
    /// A file system call failed.
    #[error("{action} {path} failed")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

impl LogError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::DiskFull,
            _ => Self::Io {
                action,
                path: path.into(),
                source,
            },
        }
    }
}
