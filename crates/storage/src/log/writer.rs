//! Appending to the log.

use super::{
    LogError, LogRecord, LogState, Recovered,
    record::{Step, write_group},
    recover::{describe, scan},
    segment::{Segment, sync_directory},
};
use crate::{lock, metrics};
use openledger_primitives::Tx;
use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    time::Instant,
};

/// A segment that is this long gets no further block. Half of the 64 MiB that a segment may have, so that the block that
/// passes this mark still fits unless it is larger than the other half.
const SEGMENT_FULL: u64 = 32 << 20;

/// The write-ahead log of blocks.
///
/// Guarantees: a record is durable when [`sync`](Self::sync) returned after its [`append`](Self::append), and survives any
/// crash from then on; records keep their order; a record that may not follow the one before is refused. Of a write that a
/// crash interrupts, a prefix of its records is there at the next start or none.
///
/// One thread owns it. Dropping it does not sync what was appended since.
#[derive(Debug)]
pub struct BlockLog {
    directory: PathBuf,
    /// In order; the last one is written to.
    segments: Vec<Segment>,
    /// The last segment's file; `None` when there is no segment.
    file: Option<File>,
    /// Length of the intact and synced part of the last segment.
    end: u64,
    /// Framed records that are not written yet.
    buffer: Vec<u8>,
    /// After all records, those in the buffer too.
    state: LogState,
    /// After the synced records.
    synced: LogState,
    /// The highest block of the last segment's synced records.
    synced_highest: u64,
    poisoned: bool,
    full_at: u64,
    _lock: File,
}

impl BlockLog {
    /// Opens the log in this directory, creates it when it is not there, and cuts off what a crash left unfinished.
    ///
    /// # Errors
    /// [`LogError::Corrupt`] when a record is damaged that is not the last, or stands where it may not;
    /// [`LogError::Locked`]; failures of the file system.
    pub fn open(directory: impl AsRef<Path>) -> Result<(Self, Recovered), LogError> {
        Self::open_with(directory.as_ref(), SEGMENT_FULL)
    }

    /// Opens a log that ends its segments at another size, in bytes, than 32 MiB.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(directory: &Path, full_at: u64) -> Result<(Self, Recovered), LogError> {
        fs::create_dir_all(directory).map_err(LogError::io("creating", directory))?;
        let lock = lock::lock_directory(directory).map_err(|error| match error {
            lock::LockError::Held => LogError::Locked {
                path: directory.into(),
            },
            lock::LockError::Io(error) => LogError::io("locking", directory)(error),
        })?;
        if let Some(parent) = directory
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            sync_directory(parent)?;
        }
        let mut segments = Segment::list(directory)?;
        let found = scan(&mut segments)?;
        let mut file = segments.last().map(Segment::open).transpose()?;
        if let (Some(last), Some(open)) = (segments.last(), &file) {
            if found.recovered.torn.is_some() {
                let cut = open.set_len(found.end).and_then(|()| open.sync_all());
                cut.map_err(LogError::io("cutting", &last.path))?;
            }
            if found.end == 0 {
                // Its name promises a block that it does not hold, and the next one may be another.
                last.remove(directory)?;
                segments.pop();
                file = segments.last().map(Segment::open).transpose()?;
            }
        }
        let end = match (&file, segments.last()) {
            (Some(file), Some(last)) => file
                .metadata()
                .map_err(LogError::io("reading", &last.path))?
                .len(),
            _ => 0,
        };
        let log = Self {
            directory: directory.into(),
            synced_highest: segments.last().map_or(0, |last| last.highest),
            segments,
            file,
            end,
            buffer: Vec::new(),
            state: found.state,
            synced: found.state,
            poisoned: false,
            full_at,
            _lock: lock,
        };
        Ok((log, found.recovered))
    }

    /// Appends a record, in memory until [`sync`](Self::sync).
    ///
    /// # Errors
    /// [`LogError::OutOfOrder`] and [`LogError::TooLarge`]: the record is not appended, the log goes on. When the record
    /// begins a new segment, everything before it is synced, with the errors of [`sync`](Self::sync).
    pub fn append(&mut self, record: &LogRecord) -> Result<(), LogError> {
        let state = self.check(record.step(), || describe(record))?;
        self.choose_segment(record)?;
        record.write(&mut self.buffer)?;
        self.accept(state, record.step());
        Ok(())
    }

    /// Appends a [`LogRecord::Group`].
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_group(
        &mut self,
        number: u64,
        first: u32,
        transactions: &[Tx],
    ) -> Result<(), LogError> {
        let count = transactions.len();
        let step = Step::Group {
            number,
            first,
            count,
        };
        let state = self.check(step, || {
            format!("a group of block {number} from index {first} with {count} transactions")
        })?;
        write_group(number, first, transactions, &mut self.buffer)?;
        self.accept(state, step);
        Ok(())
    }

    /// Makes everything that was appended durable: one write and one fdatasync, none when there is nothing.
    ///
    /// # Errors
    /// [`LogError::DiskFull`] and [`LogError::Io`]: nothing of what was appended since the last sync is in the log, which
    /// is as it was then and can be used. [`LogError::Poisoned`]: what is on the disk is unknown; open the log again.
    pub fn sync(&mut self) -> Result<(), LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned);
        }
        let (Some(file), Some(segment)) = (&self.file, self.segments.last()) else {
            return Ok(());
        };
        if self.buffer.is_empty() {
            return Ok(());
        }
        let started = Instant::now();
        if let Err(error) = file.write_all_at(&self.buffer, self.end) {
            let error = LogError::io("writing", &segment.path)(error);
            // The tail must not be taken for a torn write that was followed by intact ones.
            if file.set_len(self.end).is_err() {
                self.poisoned = true;
            }
            self.roll_back();
            return Err(error);
        }
        if let Err(error) = file.sync_data() {
            // The kernel may have dropped the pages: a second sync would succeed without having written them.
            self.poisoned = true;
            return Err(LogError::Io {
                action: "syncing",
                path: segment.path.clone(),
                source: error,
            });
        }
        metrics::record_log_sync(self.buffer.len(), started.elapsed());
        self.end += self.buffer.len() as u64;
        self.buffer.clear();
        self.synced = self.state;
        self.synced_highest = segment.highest;
        Ok(())
    }

    /// Removes the segments in which every block is at or below `number`, but never the last. Call it when the database
    /// has made the block durable.
    ///
    /// # Errors
    /// Failures of the file system.
    pub fn remove_persisted(&mut self, number: u64) -> Result<(), LogError> {
        while let [first, _, ..] = &self.segments[..]
            && first.highest <= number
        {
            first.remove(&self.directory)?;
            self.segments.remove(0);
        }
        Ok(())
    }

    /// Where the log stands, with what was appended and is not synced.
    pub fn state(&self) -> LogState {
        self.state
    }

    /// Bytes appended and not synced.
    pub fn pending(&self) -> usize {
        self.buffer.len()
    }

    fn check(&self, step: Step, found: impl FnOnce() -> String) -> Result<LogState, LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned);
        }
        let next = self.state.after(step);
        next.map_err(|expected| LogError::OutOfOrder {
            found: found(),
            expected,
        })
    }

    fn accept(&mut self, state: LogState, step: Step) {
        self.state = state;
        let (Step::Start { number, .. } | Step::Group { number, .. } | Step::Seal { number }) =
            step
        else {
            return;
        };
        if let Some(last) = self.segments.last_mut() {
            last.highest = last.highest.max(number);
        }
    }

    /// Begins a new segment when there is none, or when the last is full and a block begins.
    fn choose_segment(&mut self, record: &LogRecord) -> Result<(), LogError> {
        let number = record.number();
        if let Some(last) = self.segments.last() {
            let full = self.end + self.buffer.len() as u64 >= self.full_at;
            // After a retraction numbers repeat, and names must rise with the order of the segments.
            if !full || !matches!(record, LogRecord::Start(_)) || number <= last.first {
                return Ok(());
            }
            self.sync()?;
        }
        let segment = Segment::new(&self.directory, number);
        self.file = Some(segment.create(&self.directory)?);
        self.segments.push(segment);
        self.end = 0;
        self.synced_highest = 0;
        Ok(())
    }

    /// Forgets what was appended since the last sync.
    fn roll_back(&mut self) {
        self.buffer.clear();
        self.state = self.synced;
        if let Some(last) = self.segments.last_mut() {
            last.highest = self.synced_highest;
        }
    }
}
