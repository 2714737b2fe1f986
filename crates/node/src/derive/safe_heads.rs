//! Which L2 block was safe after which L1 block: where derivation goes on after a restart or a reorganisation of the L1.

use anyhow::{Context, Result};
use openledger_primitives::BlockRef;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};
use tracing::warn;

/// Bytes of a record: two blocks and a CRC.
const RECORD: usize = 84;

/// Records that are kept when the file is opened: a sequencing window of 12 hours, many times over.
const KEPT: usize = 65_536;

/// After this L1 block, this L2 block was the newest that the L1 determines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SafeHead {
    pub(crate) l1: BlockRef,
    pub(crate) l2: BlockRef,
}

/// The safe heads by L1 block, ascending, in a file.
///
/// Guarantees: at most one entry for each L1 height; an entry for a height takes those of this height and above away, as a
/// reorganisation does. Entries that a crash lost are derived again; a damaged record ends what is read. So nothing is synced.
#[derive(Debug)]
pub(crate) struct SafeHeads {
    entries: Vec<SafeHead>,
    /// The last entry is not in the file yet: it may still grow.
    unwritten: bool,
    file: File,
    path: PathBuf,
}

impl SafeHeads {
    /// Opens the file, creating it, and makes it small.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let describe = || {
            format!(
                "the record of safe blocks {} can not be used",
                path.display()
            )
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(describe)?;
        }
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(describe),
        };
        let mut entries = Vec::new();
        for record in bytes.chunks(RECORD) {
            let Some(entry) = decode(record) else {
                warn!(path = %path.display(), "the record of safe blocks is damaged: what is behind it is derived again");
                break;
            };
            put(&mut entries, entry);
        }
        let surplus = entries.len().saturating_sub(KEPT);
        entries.drain(..surplus);
        let temporary = path.with_extension("tmp");
        let compact: Vec<u8> = entries.iter().flat_map(encode).collect();
        std::fs::write(&temporary, compact).with_context(describe)?;
        std::fs::rename(&temporary, path).with_context(describe)?;
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .with_context(describe)?;
        Ok(Self {
            entries,
            unwritten: false,
            file,
            path: path.to_owned(),
        })
    }

    /// The newest entry.
    pub(crate) fn last(&self) -> Option<SafeHead> {
        self.entries.last().copied()
    }

    /// Takes the newest entry away.
    pub(crate) fn pop(&mut self) {
        self.entries.pop();
        self.unwritten = false;
    }

    /// What was safe after the L1 block of a height: the newest entry at or below it.
    pub(crate) fn at(&self, l1_number: u64) -> Option<SafeHead> {
        let above = self
            .entries
            .partition_point(|entry| entry.l1.number <= l1_number);
        above
            .checked_sub(1)
            .and_then(|at| self.entries.get(at))
            .copied()
    }

    /// Notes the safe block after an L1 block. It is written when the next L1 block has one, or by [`flush`](Self::flush).
    pub(crate) fn note(&mut self, entry: SafeHead) -> Result<()> {
        if self.last().is_some_and(|last| last.l1 != entry.l1) {
            self.flush()?;
        }
        put(&mut self.entries, entry);
        self.unwritten = true;
        Ok(())
    }

    /// Writes what was noted.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if let Some(last) = self.entries.last().filter(|_| self.unwritten) {
            self.file.write_all(&encode(last)).with_context(|| {
                format!(
                    "the record of safe blocks {} can not be written",
                    self.path.display()
                )
            })?;
            self.unwritten = false;
        }
        Ok(())
    }
}

fn put(entries: &mut Vec<SafeHead>, entry: SafeHead) {
    while entries
        .last()
        .is_some_and(|last| last.l1.number >= entry.l1.number)
    {
        entries.pop();
    }
    entries.push(entry);
}

fn encode(entry: &SafeHead) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[..8].copy_from_slice(&entry.l1.number.to_le_bytes());
    record[8..40].copy_from_slice(entry.l1.hash.as_slice());
    record[40..48].copy_from_slice(&entry.l2.number.to_le_bytes());
    record[48..80].copy_from_slice(entry.l2.hash.as_slice());
    let crc = crc32fast::hash(&record[..80]);
    record[80..].copy_from_slice(&crc.to_le_bytes());
    record
}

fn decode(record: &[u8]) -> Option<SafeHead> {
    let (body, crc) = record.split_at_checked(80)?;
    if crc != crc32fast::hash(body).to_le_bytes() {
        return None;
    }
    let block = |bytes: &[u8]| {
        let (number, hash) = bytes.split_first_chunk::<8>()?;
        Some(BlockRef {
            number: u64::from_le_bytes(*number),
            hash: alloy_primitives::B256::try_from(hash).ok()?,
        })
    };
    Some(SafeHead {
        l1: block(&body[..40])?,
        l2: block(&body[40..])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::B256;

    fn head(l1: u64, fork: u8, l2: u64) -> SafeHead {
        SafeHead {
            l1: BlockRef {
                number: l1,
                hash: B256::with_last_byte(fork),
            },
            l2: BlockRef {
                number: l2,
                hash: B256::with_last_byte(l2 as u8),
            },
        }
    }

    #[test]
    fn what_was_safe_after_an_l1_block_is_known_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("derivation/safe-heads");
        let mut heads = SafeHeads::open(&path).unwrap();
        assert_eq!(heads.last(), None);
        for entry in [head(5, 1, 10), head(5, 1, 11), head(7, 1, 14)] {
            heads.note(entry).unwrap();
        }
        assert_eq!(heads.at(4), None);
        assert_eq!(heads.at(6), Some(head(5, 1, 11)));
        heads.flush().unwrap();
        let heads = SafeHeads::open(&path).unwrap();
        assert_eq!(heads.last(), Some(head(7, 1, 14)));
        assert_eq!(heads.at(5), Some(head(5, 1, 11)));
    }

    #[test]
    fn an_entry_for_a_height_takes_those_above_it_away() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("safe-heads");
        let mut heads = SafeHeads::open(&path).unwrap();
        for entry in [
            head(5, 1, 10),
            head(6, 1, 12),
            head(7, 1, 14),
            head(6, 2, 11),
        ] {
            heads.note(entry).unwrap();
        }
        heads.flush().unwrap();
        let heads = SafeHeads::open(&path).unwrap();
        assert_eq!(heads.last(), Some(head(6, 2, 11)));
        assert_eq!(heads.at(9), Some(head(6, 2, 11)));
        assert_eq!(heads.at(5), Some(head(5, 1, 10)));
    }

    #[test]
    fn a_cut_or_damaged_record_ends_what_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("safe-heads");
        let mut heads = SafeHeads::open(&path).unwrap();
        for entry in [head(5, 1, 10), head(6, 1, 12), head(7, 1, 14)] {
            heads.note(entry).unwrap();
        }
        heads.flush().unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let read = SafeHeads::open(&path).unwrap().entries.len();
            assert_eq!(read, length / RECORD, "{length}");
        }
        let mut damaged = whole;
        damaged[RECORD + 3] ^= 1;
        std::fs::write(&path, &damaged).unwrap();
        assert_eq!(SafeHeads::open(&path).unwrap().last(), Some(head(5, 1, 10)));
    }
}
