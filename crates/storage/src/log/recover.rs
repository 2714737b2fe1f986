//! Reading the log at start.

use super::{LogError, LogRecord, LogState, frame, segment::Segment};
use std::{fs, path::PathBuf};

/// What the log held when it was opened.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Every record, in order. They obey the state machine.
    pub records: Vec<LogRecord>,
    /// The write that a crash interrupted, when there was one; it is cut off now.
    pub torn: Option<TornTail>,
}

/// The end of the log that a crash left unfinished. Nothing in it was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// The segment.
    pub path: PathBuf,
    /// Where it was cut off.
    pub offset: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
    /// What was wrong with them.
    pub reason: &'static str,
}

/// What reading the segments yields.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) recovered: Recovered,
    pub(super) state: LogState,
    /// Length of the intact part of the last segment.
    pub(super) end: u64,
}

/// Reads all segments and sets their highest blocks. Changes nothing on the disk.
pub(super) fn scan(segments: &mut [Segment]) -> Result<Scan, LogError> {
    let mut scan = Scan::default();
    let last = segments.len().saturating_sub(1);
    for (index, segment) in segments.iter_mut().enumerate() {
        let bytes = fs::read(&segment.path).map_err(LogError::io("reading", &segment.path))?;
        if bytes.is_empty() && index != last {
            return Err(corrupt(
                segment,
                0,
                "the segment is empty and others follow".into(),
            ));
        }
        scan_segment(segment, &bytes, index == last, &mut scan)?;
    }
    Ok(scan)
}

fn scan_segment(
    segment: &mut Segment,
    bytes: &[u8],
    is_last: bool,
    scan: &mut Scan,
) -> Result<(), LogError> {
    let mut offset = 0;
    while offset < bytes.len() {
        let frame = match frame::read_frame(&bytes[offset..]) {
            Ok(frame) => frame,
            Err(reason) => {
                check_torn(segment, bytes, offset, is_last, reason)?;
                scan.recovered.torn = Some(TornTail {
                    path: segment.path.clone(),
                    offset: offset as u64,
                    bytes: (bytes.len() - offset) as u64,
                    reason,
                });
                break;
            }
        };
        let record = LogRecord::decode(frame).map_err(|error| {
            corrupt(
                segment,
                offset,
                format!("the record does not decode: {error}"),
            )
        })?;
        // Usually they are equal. The record may be of an earlier block when the one that the segment was made for was
        // never written, because the disk was full.
        if offset == 0 && record.number() > segment.first {
            let (name, number) = (segment.first, record.number());
            let reason = format!(
                "the segment is named after block {name}, its first record is of block {number}"
            );
            return Err(corrupt(segment, 0, reason));
        }
        scan.state = scan.state.after(record.step()).map_err(|expected| {
            corrupt(
                segment,
                offset,
                format!("found {}, expected {expected}", describe(&record)),
            )
        })?;
        segment.note(&record);
        scan.recovered.records.push(record);
        offset += frame.size;
    }
    scan.end = offset as u64;
    Ok(())
}

/// Only what nothing intact follows can be an interrupted write.
fn check_torn(
    segment: &Segment,
    bytes: &[u8],
    offset: usize,
    is_last: bool,
    reason: &str,
) -> Result<(), LogError> {
    if !is_last {
        return Err(corrupt(
            segment,
            offset,
            format!("{reason}, and another segment follows"),
        ));
    }
    let intact = |frame: frame::Frame<'_>| LogRecord::decode(frame).is_ok();
    if let Some(next) = frame::find_frame(bytes, offset + 1, LogRecord::plausible, intact) {
        let reason = format!("{reason}, and an intact record follows at offset {next}");
        return Err(corrupt(segment, offset, reason));
    }
    Ok(())
}

pub(super) fn describe(record: &LogRecord) -> String {
    let number = record.number();
    match record {
        LogRecord::Start(_) => format!("the start of block {number}"),
        LogRecord::Group {
            first,
            transactions,
            ..
        } => {
            format!(
                "a group of block {number} from index {first} with {} transactions",
                transactions.len()
            )
        }
        LogRecord::Seal { .. } => format!("the seal of block {number}"),
        LogRecord::Retract { .. } => format!("the retraction of block {number}"),
    }
}

fn corrupt(segment: &Segment, offset: usize, reason: String) -> LogError {
    LogError::Corrupt {
        path: segment.path.clone(),
        offset: offset as u64,
        reason,
    }
}

impl Segment {
    /// Takes note of a record in this segment.
    pub(super) fn note(&mut self, record: &LogRecord) {
        if !matches!(record, LogRecord::Retract { .. }) {
            self.highest = self.highest.max(record.number());
        }
    }
}
