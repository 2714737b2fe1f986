//! What the batcher has promised itself, on disk before the L1 hears of it.
//!
//! Files `<number>.journal` of [`SEGMENT`] bytes or a little more, to which records are appended and synced one by one. Old
//! files are deleted when nothing in them is needed any more.
//!
//! Guarantees: a record that [`append`](Journal::append) returned for is there after a crash; a record that was cut short is
//! not, and nothing is after it. What the files lose beyond that (a disk that lies, a hand that cuts) costs money, not safety:
//! the blocks are in the database, and what of them is on the L1 is what derivation says.

mod record;

pub use record::{Record, Transaction};

use crate::ChannelInfo;
use alloy_primitives::Bytes;
use openledger_primitives::crash_point;
use openledger_protocol::ChannelId;
use std::{
    collections::{BTreeMap, VecDeque},
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};
use tracing::{debug, error};

/// Bytes after which a new file is begun.
const SEGMENT: u64 = 64 << 20;

/// Why the journal can not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{action} {path} failed")]
pub struct JournalError {
    /// What was tried.
    pub action: &'static str,
    /// On which file.
    pub path: PathBuf,
    /// Why it failed.
    #[source]
    pub source: io::Error,
}

impl JournalError {
    fn of(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self {
            action,
            path,
            source,
        }
    }
}

/// What a record says, without a channel's data: that stays on disk until [`Journal::channel`] asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A channel and its place in the order.
    Channel(u64, ChannelInfo),
    /// What a nonce carries.
    Transaction(Transaction),
    /// The channels from `from` on, of those before this entry, were abandoned.
    Rewind {
        /// The first of them.
        from: u64,
    },
}

/// A file of the journal.
#[derive(Debug)]
struct Segment {
    index: u64,
    path: PathBuf,
    file: File,
    /// Bytes of whole records: what is behind them is not valid.
    len: u64,
    /// One more than the highest channel and nonce in it.
    channels_end: u64,
    nonces_end: u64,
}

#[derive(Debug, Clone, Copy)]
struct Location {
    segment: u64,
    offset: u64,
    len: usize,
}

/// The journal of one batcher. Every call blocks on the disk.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    segments: VecDeque<Segment>,
    channels: BTreeMap<u64, Location>,
    segment_bytes: u64,
}

impl Journal {
    /// Opens the journal in a directory, which is created when it is not there, and returns what it holds, in order.
    ///
    /// A record that was cut short is removed. Fails when files can not be read or written.
    pub fn open(directory: &Path) -> Result<(Self, Vec<Entry>), JournalError> {
        Self::open_with(directory, SEGMENT)
    }

    fn open_with(directory: &Path, segment_bytes: u64) -> Result<(Self, Vec<Entry>), JournalError> {
        fs::create_dir_all(directory).map_err(JournalError::of("creating", directory))?;
        let mut journal = Self {
            directory: directory.to_owned(),
            segments: VecDeque::new(),
            channels: BTreeMap::new(),
            segment_bytes,
        };
        let mut entries = Vec::new();
        let indices = journal.stored()?;
        let mut damaged = false;
        for index in indices {
            let path = journal.path(index);
            if damaged {
                // What follows damage refers to what is lost.
                error!(path = %path.display(), "a file of the batcher's journal follows a damaged one: it is set aside");
                let aside = path.with_extension("damaged");
                fs::rename(&path, &aside).map_err(JournalError::of("renaming", &path))?;
                continue;
            }
            damaged = journal.read_segment(index, path, &mut entries)?;
        }
        Ok((journal, entries))
    }

    fn stored(&self) -> Result<Vec<u64>, JournalError> {
        let failed = || JournalError::of("reading", &self.directory);
        let mut indices = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(failed())? {
            let path = entry.map_err(failed())?.path();
            if path.extension().is_some_and(|end| end == "journal")
                && let Some(index) = path
                    .file_stem()
                    .and_then(|stem| stem.to_str()?.parse().ok())
            {
                indices.push(index);
            }
        }
        indices.sort_unstable();
        Ok(indices)
    }

    /// Reads a file's records. Returns whether something behind them was not one.
    fn read_segment(
        &mut self,
        index: u64,
        path: PathBuf,
        entries: &mut Vec<Entry>,
    ) -> Result<bool, JournalError> {
        let bytes = fs::read(&path).map_err(JournalError::of("reading", &path))?;
        let file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(JournalError::of("opening", &path))?;
        let mut segment = Segment {
            index,
            path,
            file,
            len: 0,
            channels_end: 0,
            nonces_end: 0,
        };
        let mut rest = &bytes[..];
        while let Some((record, size)) = Record::decode(rest) {
            rest = &rest[size..];
            self.note(&mut segment, &record, size);
            entries.push(match record {
                Record::Channel { seq, channel } => Entry::Channel(seq, channel.info()),
                Record::Transaction(transaction) => Entry::Transaction(transaction),
                Record::Rewind { from } => Entry::Rewind { from },
            });
        }
        if !rest.is_empty() {
            error!(path = %segment.path.display(), bytes = rest.len(), "the batcher's journal ends in what is no record: it is cut off");
            segment
                .file
                .set_len(segment.len)
                .and_then(|()| segment.file.sync_all())
                .map_err(JournalError::of("truncating", &segment.path))?;
        }
        self.segments.push_back(segment);
        Ok(!rest.is_empty())
    }

    fn note(&mut self, segment: &mut Segment, record: &Record, size: usize) {
        match record {
            Record::Channel { seq, .. } => {
                segment.channels_end = segment.channels_end.max(seq.saturating_add(1));
                self.channels.insert(
                    *seq,
                    Location {
                        segment: segment.index,
                        offset: segment.len,
                        len: size,
                    },
                );
            }
            Record::Transaction(transaction) => {
                segment.nonces_end = segment.nonces_end.max(transaction.nonce.saturating_add(1));
            }
            Record::Rewind { .. } => {}
        }
        segment.len += size as u64;
    }

    /// Appends a record; when this returns it survives a crash.
    ///
    /// After a failure nothing of the record counts, and appending may be tried again.
    pub fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        let bytes = record.encode();
        let mut segment = match self.segments.pop_back() {
            Some(last) if last.len < self.segment_bytes => last,
            full => {
                let index = full.as_ref().map_or(0, |last| last.index + 1);
                self.segments.extend(full);
                self.begin_segment(index)?
            }
        };
        let result = write(&segment, &bytes).map_err(JournalError::of("writing", &segment.path));
        if result.is_ok() {
            self.note(&mut segment, record, bytes.len());
        }
        self.segments.push_back(segment);
        result
    }

    fn begin_segment(&self, index: u64) -> Result<Segment, JournalError> {
        let path = self.path(index);
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(JournalError::of("creating", &path))?;
        // The file's name must be as durable as what will be in it.
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(JournalError::of("syncing", &self.directory))?;
        Ok(Segment {
            index,
            path,
            file,
            len: 0,
            channels_end: 0,
            nonces_end: 0,
        })
    }

    /// The identifier and the data of a channel; `None` when the journal does not have it.
    pub fn channel(&self, seq: u64) -> Result<Option<(ChannelId, Bytes)>, JournalError> {
        let Some(location) = self.channels.get(&seq) else {
            return Ok(None);
        };
        let Some(segment) = self
            .segments
            .iter()
            .find(|segment| segment.index == location.segment)
        else {
            return Ok(None);
        };
        let mut bytes = vec![0; location.len];
        segment
            .file
            .read_exact_at(&mut bytes, location.offset)
            .map_err(JournalError::of("reading", &segment.path))?;
        Ok(match Record::decode(&bytes) {
            Some((Record::Channel { channel, .. }, _)) => Some((channel.id, channel.data)),
            _ => None,
        })
    }

    /// Deletes the files in which nothing is needed when all channels below `channels` and all nonces below `nonces` are not.
    pub fn prune(&mut self, channels: u64, nonces: u64) -> Result<(), JournalError> {
        while self.segments.len() > 1
            && let Some(first) = self
                .segments
                .pop_front_if(|first| first.channels_end <= channels && first.nonces_end <= nonces)
        {
            fs::remove_file(&first.path).map_err(JournalError::of("deleting", &first.path))?;
            self.channels
                .retain(|_, location| location.segment != first.index);
            crash_point("batcher-journal-pruned");
            debug!(path = %first.path.display(), "deleted an old file of the batcher's journal");
        }
        Ok(())
    }

    fn path(&self, index: u64) -> PathBuf {
        self.directory.join(format!("{index:08}.journal"))
    }
}

/// Writes and syncs bytes behind what the segment holds; what a failed attempt left there is overwritten.
fn write(segment: &Segment, bytes: &[u8]) -> io::Result<()> {
    // A record that is cut short is never valid, wherever the cut is; the crash tests make one.
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    segment.file.set_len(segment.len)?;
    segment.file.write_all_at(head, segment.len)?;
    crash_point("batcher-journal-torn");
    segment
        .file
        .write_all_at(tail, segment.len + head.len() as u64)?;
    segment.file.sync_data()
}

#[cfg(test)]
mod tests;
