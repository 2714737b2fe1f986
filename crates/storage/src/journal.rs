//! The pool's journal: transactions that were accepted and are not in a block yet.

use crate::log::{LogError, frame, sync_directory};
use alloy_primitives::Bytes;
use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// The kind of a transaction's frame; the block log has others.
const TRANSACTION: u8 = 16;

/// An append-only file of transactions.
///
/// Guarantees: what [`append`](Self::append) took is handed to the operating system and survives the process's death at
/// any instant. A power failure may lose the last transactions: the journal is not synced, since a returned hash does not
/// promise that. [`rewrite`](Self::rewrite) is atomic.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Length of the intact part.
    end: u64,
    buffer: Vec<u8>,
}

/// What the journal held when it was opened.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct JournalRecovered {
    /// The transactions' bytes, in the order in which they were appended.
    pub entries: Vec<Bytes>,
    /// Bytes that could not be read: an interrupted write at the end, or damage, which costs only what is damaged.
    pub damaged: u64,
}

impl Journal {
    /// Opens the journal, and creates it when it is not there. When part of it is damaged, the rest is kept and the file is
    /// rewritten.
    ///
    /// # Errors
    /// Failures of the file system.
    pub fn open(path: impl AsRef<Path>) -> Result<(Self, JournalRecovered), LogError> {
        let path = path.as_ref().to_path_buf();
        let io = |action| LogError::io(action, &path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io("creating"))?;
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(io("opening"))?;
        let bytes = fs::read(&path).map_err(io("reading"))?;
        let recovered = recover(&bytes);
        let mut journal = Self {
            path,
            file,
            end: bytes.len() as u64,
            buffer: Vec::new(),
        };
        if recovered.damaged > 0 {
            journal.rewrite(&recovered.entries)?;
        }
        Ok((journal, recovered))
    }

    /// Appends a transaction.
    ///
    /// # Errors
    /// [`LogError::DiskFull`] and other failures of the file system: the transaction is not in the journal, which can be
    /// used further.
    pub fn append(&mut self, transaction: &[u8]) -> Result<(), LogError> {
        self.append_all([transaction])
    }

    /// Appends several transactions with one write: all or none.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_all<T: AsRef<[u8]>>(
        &mut self,
        transactions: impl IntoIterator<Item = T>,
    ) -> Result<(), LogError> {
        self.buffer.clear();
        encode(transactions, &mut self.buffer)?;
        if let Err(error) = self.file.write_all_at(&self.buffer, self.end) {
            // Should this fail too, the reader skips what is cut short.
            let _ = self.file.set_len(self.end);
            return Err(LogError::io("writing", &self.path)(error));
        }
        self.end += self.buffer.len() as u64;
        Ok(())
    }

    /// Replaces the contents, durably: of a crash at any instant either the old or the new ones are left.
    ///
    /// # Errors
    /// Failures of the file system; the journal is as before.
    pub fn rewrite<T: AsRef<[u8]>>(
        &mut self,
        transactions: impl IntoIterator<Item = T>,
    ) -> Result<(), LogError> {
        let mut bytes = Vec::new();
        encode(transactions, &mut bytes)?;
        let mut temporary = self.path.clone().into_os_string();
        temporary.push(".new");
        let temporary = PathBuf::from(temporary);
        let write = || {
            let file = File::options()
                .create(true)
                .truncate(true)
                .write(true)
                .open(&temporary)?;
            file.write_all_at(&bytes, 0)?;
            file.sync_data()?;
            fs::rename(&temporary, &self.path)?;
            Ok(file)
        };
        let file = write().map_err(|error| {
            let _ = fs::remove_file(&temporary);
            LogError::io("writing", &temporary)(error)
        })?;
        self.file = file;
        self.end = bytes.len() as u64;
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync_directory(parent),
            _ => Ok(()),
        }
    }

    /// The size in bytes, for deciding when to rewrite.
    pub fn size(&self) -> u64 {
        self.end
    }
}

fn encode<T: AsRef<[u8]>>(
    transactions: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
) -> Result<(), LogError> {
    for transaction in transactions {
        frame::write_frame(out, TRANSACTION, |out| {
            out.extend_from_slice(transaction.as_ref())
        })?;
    }
    Ok(())
}

/// Reads all intact transactions.
fn recover(bytes: &[u8]) -> JournalRecovered {
    let mut recovered = JournalRecovered::default();
    let mut offset = 0;
    while offset < bytes.len() {
        match frame::read_frame(&bytes[offset..]) {
            Ok(found) if found.kind == TRANSACTION => {
                recovered
                    .entries
                    .push(Bytes::copy_from_slice(found.payload));
                offset += found.size;
            }
            _ => {
                let next =
                    frame::find_frame(bytes, offset + 1, |kind, _| kind == TRANSACTION, |_| true);
                let next = next.unwrap_or(bytes.len());
                recovered.damaged += (next - offset) as u64;
                offset = next;
            }
        }
    }
    recovered
}
