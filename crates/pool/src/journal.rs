//! The journal: what the pool has accepted survives the process.

use alloy_primitives::Bytes;
use openledger_primitives::PooledTx;
use rayon::prelude::*;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// `length u32 | crc32 u32`, little endian, before every payload.
const FRAME: usize = 8;

/// No transaction is larger (blobs included), so a longer length is damage.
const MAX_PAYLOAD: usize = 16 << 20;

/// What was found in a journal.
#[derive(Debug, Default)]
pub struct LoadedJournal {
    /// Transactions in the order of their acceptance. Some are included by now, or replaced: adding them again sorts it out.
    pub transactions: Vec<PooledTx>,
    /// Records that are damaged or hold no valid transaction; they were skipped.
    pub malformed: usize,
    /// Bytes of an interrupted write at the end; they were cut off.
    pub torn_bytes: u64,
}

/// An append-only file of accepted transactions.
///
/// Guarantees: a transaction whose append returned survives `kill -9` of the process at any instruction; it is handed to
/// the kernel, not synced to the disk, so a power failure can lose it (a receipt, not a hash, promises that). A write that
/// fails leaves no part of itself behind. Opening cuts an interrupted last record off.
#[derive(Debug)]
pub struct PoolJournal {
    path: PathBuf,
    file: File,
    /// Bytes of whole records.
    len: u64,
    /// Set when a failed write could not be cut off; nothing is appended before that has worked.
    ragged: bool,
    /// What was appended since a compaction began.
    since: Option<Vec<u8>>,
    compacted_len: u64,
}

impl PoolJournal {
    /// Opens or creates the journal and decodes what it holds, recovering senders on all cores.
    ///
    /// Fails when the file can not be read, written or cut.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<(Self, LoadedJournal)> {
        let path = path.into();
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)?;
        let bytes = std::fs::read(&path)?;
        let (payloads, damaged, len) = split(&bytes);
        let decoded: Vec<_> = payloads
            .par_iter()
            .map(|payload| PooledTx::decode(payload).ok())
            .collect();
        let transactions: Vec<_> = decoded.into_iter().flatten().collect();
        let loaded = LoadedJournal {
            malformed: damaged + payloads.len() - transactions.len(),
            torn_bytes: (bytes.len() - len) as u64,
            transactions,
        };
        if loaded.torn_bytes > 0 {
            file.set_len(len as u64)?;
        }
        let len = len as u64;
        Ok((
            Self {
                path,
                file,
                len,
                ragged: false,
                since: None,
                compacted_len: len,
            },
            loaded,
        ))
    }

    /// Appends transactions in one write. On failure none of them is in the journal.
    pub(crate) fn append(&mut self, transactions: &[Bytes]) -> io::Result<()> {
        if self.ragged {
            self.file.set_len(self.len)?;
            self.ragged = false;
        }
        let buffer = frames(transactions)?;
        if let Err(error) = self.file.write_all(&buffer) {
            self.ragged = self.file.set_len(self.len).is_err();
            return Err(error);
        }
        self.len += buffer.len() as u64;
        if let Some(since) = &mut self.since {
            since.extend_from_slice(&buffer);
        }
        Ok(())
    }

    /// True when compaction is worth its cost: the file has doubled since the last one, and is not small.
    pub(crate) fn wants_compaction(&self, above: u64) -> bool {
        self.since.is_none() && self.len > above && self.len / 2 > self.compacted_len
    }

    /// Begins a compaction: what is appended from now on is remembered.
    pub(crate) fn begin_compaction(&mut self) -> PathBuf {
        self.since = Some(Vec::new());
        self.path.with_extension("compacting")
    }

    /// Gives a compaction up; the journal goes on as it was.
    pub(crate) fn abort_compaction(&mut self) {
        self.since = None;
    }

    /// Adds what was appended meanwhile to the rewritten file and puts it in the journal's place.
    pub(crate) fn finish_compaction(
        &mut self,
        mut rewritten: File,
        written: u64,
    ) -> io::Result<()> {
        let since = self.since.take().unwrap_or_default();
        rewritten.write_all(&since)?;
        std::fs::rename(self.path.with_extension("compacting"), &self.path)?;
        self.file = rewritten;
        self.len = written + since.len() as u64;
        self.compacted_len = self.len;
        self.ragged = false;
        Ok(())
    }

    /// Bytes of the file.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    #[cfg(test)]
    pub(crate) fn replace_file(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file, file)
    }
}

/// Writes a fresh journal file and syncs it, so that the rename that follows never exposes an empty one.
pub(crate) fn write_compacted(path: &Path, transactions: &[Bytes]) -> io::Result<(File, u64)> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create_new(true)
        .open(path)?;
    let mut len = 0;
    for chunk in transactions.chunks(1_024) {
        let buffer = frames(chunk)?;
        file.write_all(&buffer)?;
        len += buffer.len() as u64;
    }
    file.sync_data()?;
    Ok((file, len))
}

fn frames(transactions: &[Bytes]) -> io::Result<Vec<u8>> {
    let mut buffer = Vec::with_capacity(transactions.iter().map(|tx| FRAME + tx.len()).sum());
    for tx in transactions {
        if tx.len() > MAX_PAYLOAD {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "transaction too large for the journal",
            ));
        }
        buffer.extend_from_slice(&(tx.len() as u32).to_le_bytes());
        buffer.extend_from_slice(&crc32fast::hash(tx).to_le_bytes());
        buffer.extend_from_slice(tx);
    }
    Ok(buffer)
}

/// The intact payloads, the number of damaged records among them, and where the last intact one ends.
fn split(bytes: &[u8]) -> (Vec<&[u8]>, usize, usize) {
    let (mut payloads, mut damaged, mut whole) = (Vec::new(), 0, 0);
    let (mut at, mut doubtful) = (0, 0);
    while let Some((frame, rest)) = bytes[at..].split_first_chunk::<FRAME>() {
        let [a, b, c, d, crc @ ..] = *frame;
        let len = u32::from_le_bytes([a, b, c, d]) as usize;
        let Some(payload) = rest.get(..len).filter(|_| len > 0 && len <= MAX_PAYLOAD) else {
            break;
        };
        at += FRAME + len;
        if crc32fast::hash(payload) == u32::from_le_bytes(crc) {
            payloads.push(payload);
            damaged += std::mem::take(&mut doubtful);
            whole = at;
        } else {
            // Damaged if something intact follows; otherwise what an interrupted write left.
            doubtful += 1;
        }
    }
    (payloads, damaged, whole)
}
