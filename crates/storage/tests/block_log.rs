//! The block log: what was synced comes back, whatever happens to the files.

mod common;

use alloy_consensus::{Header, Sealable};
use alloy_primitives::{Address, B256};
use openledger_primitives::BlockRef;
use openledger_storage::{BlockLog, BlockStart, LogError, LogRecord, LogState};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn start(number: u64, forced: u64) -> LogRecord {
    LogRecord::Start(BlockStart {
        number,
        timestamp: 1_700_000_000 + number,
        l1_origin: BlockRef {
            number: number / 6,
            hash: B256::repeat_byte(number as u8),
        },
        sequence_number: number % 6,
        gas_limit: 60_000_000,
        base_fee: 1_000_000 + number,
        extra_data: vec![1; (number % 5) as usize].into(),
        prev_randao: B256::repeat_byte(3),
        parent_beacon_root: number.is_multiple_of(2).then(|| B256::repeat_byte(4)),
        fee_recipient: Address::repeat_byte(5),
        forced: (0..forced)
            .map(|i| common::transaction(number, 900 + i))
            .collect(),
    })
}

fn group(number: u64, first: u32, count: u64) -> LogRecord {
    let transactions = (0..count)
        .map(|i| common::transaction(number, u64::from(first) + i))
        .collect();
    LogRecord::Group {
        number,
        first,
        transactions,
    }
}

fn seal(number: u64) -> LogRecord {
    let header = Header {
        number,
        timestamp: 1_700_000_000 + number,
        ..Default::default()
    };
    LogRecord::Seal {
        number,
        header: header.seal_slow(),
    }
}

fn retract(number: u64) -> LogRecord {
    LogRecord::Retract {
        number,
        reason: "the L1 has another block 17".into(),
    }
}

/// Blocks with overlapping seals, and a retraction.
fn history() -> Vec<LogRecord> {
    let mut records = vec![start(10, 1), group(10, 1, 2), group(10, 3, 1), seal(10)];
    for number in 11..16 {
        records.push(start(number, number % 3));
        if number > 11 {
            records.push(seal(number - 1));
        }
        records.push(group(number, (number % 3) as u32, 3));
    }
    records.extend([
        retract(13),
        start(13, 0),
        group(13, 0, 1),
        seal(13),
        start(14, 1),
    ]);
    records
}

fn write(directory: &Path, records: &[LogRecord]) {
    let (mut log, recovered) = BlockLog::open(directory).unwrap();
    assert!(recovered.records.is_empty() && recovered.torn.is_none());
    for record in records {
        log.append(record).unwrap();
        log.sync().unwrap();
    }
}

fn only_segment(directory: &Path) -> PathBuf {
    let mut segments = segments(directory);
    assert_eq!(segments.len(), 1);
    segments.remove(0)
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|e| e == "log"))
        .collect();
    files.sort();
    files
}

/// Where each record ends.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let mut ends = vec![0];
    while let Some(len) = bytes
        .get(ends[ends.len() - 1]..)
        .and_then(|rest| rest.first_chunk::<4>())
    {
        ends.push(ends[ends.len() - 1] + 8 + u32::from_le_bytes(*len) as usize);
    }
    ends
}

#[test]
fn records_come_back_in_order() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), &history());
    for _ in 0..2 {
        let (log, recovered) = BlockLog::open(directory.path()).unwrap();
        assert_eq!(recovered.records, history());
        assert_eq!(recovered.torn, None);
        let expected = LogState {
            sealed: Some(13),
            sealing: None,
            open: Some((14, 1)),
        };
        assert_eq!(log.state(), expected);
    }
}

#[test]
fn every_prefix_of_the_file_recovers_to_a_prefix_of_the_records() {
    let directory = common::fast_directory();
    write(directory.path(), &history());
    let path = only_segment(directory.path());
    let bytes = fs::read(&path).unwrap();
    let ends = boundaries(&bytes);
    assert_eq!(ends.len(), history().len() + 1);
    for len in 0..=bytes.len() {
        fs::write(&path, &bytes[..len]).unwrap();
        let whole = ends.iter().filter(|end| **end <= len).count() - 1;
        let (mut log, recovered) = BlockLog::open(directory.path()).unwrap();
        assert_eq!(recovered.records, history()[..whole], "cut at {len}");
        let torn = recovered
            .torn
            .map(|torn| (torn.offset as usize, torn.bytes as usize));
        let expected = (ends[whole] < len).then(|| (ends[whole], len - ends[whole]));
        assert_eq!(torn, expected, "cut at {len}");
        // And the log goes on where it was cut.
        let near_boundary = len - ends[whole] < 2;
        if let Some(next) = history().get(whole).filter(|_| near_boundary) {
            log.append(next).unwrap();
            log.sync().unwrap();
            drop(log);
            let (_, recovered) = BlockLog::open(directory.path()).unwrap();
            assert_eq!(recovered.records, history()[..=whole]);
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let directory = common::fast_directory();
    write(directory.path(), &history()[..9]);
    let path = only_segment(directory.path());
    let bytes = fs::read(&path).unwrap();
    let ends = boundaries(&bytes);
    let last = ends[ends.len() - 2];
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&path, &damaged).unwrap();
        let record = ends.iter().filter(|end| **end <= at).count() - 1;
        match BlockLog::open(directory.path()) {
            // An interrupted write looks the same as damage to the last record, and only to the last.
            Ok((_, recovered)) => {
                assert!(at >= last, "damage at {at} went unnoticed");
                assert_eq!(recovered.records, history()[..8]);
                assert_eq!(recovered.torn.unwrap().offset as usize, last);
            }
            Err(LogError::Corrupt {
                offset,
                path: named,
                ..
            }) => {
                assert!(at < last);
                assert_eq!((offset as usize, &named), (ends[record], &path));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_tail_of_zeros_is_an_interrupted_write() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), &history()[..5]);
    let path = only_segment(directory.path());
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len() as u64;
    bytes.resize(bytes.len() + 10_000, 0);
    fs::write(&path, &bytes).unwrap();
    let (_, recovered) = BlockLog::open(directory.path()).unwrap();
    assert_eq!(recovered.records, history()[..5]);
    assert_eq!(recovered.torn.unwrap().offset, end);
    assert_eq!(fs::metadata(&path).unwrap().len(), end);
}

#[test]
fn a_record_out_of_order_is_named_with_what_was_expected() {
    let directory = tempfile::tempdir().unwrap();
    write(
        directory.path(),
        &[start(10, 1), group(10, 1, 2), group(10, 3, 1)],
    );
    let path = only_segment(directory.path());
    let bytes = fs::read(&path).unwrap();
    let ends = boundaries(&bytes);
    // The second record is taken out.
    fs::write(&path, [&bytes[..ends[1]], &bytes[ends[2]..]].concat()).unwrap();
    let error = BlockLog::open(directory.path()).unwrap_err();
    assert!(matches!(error, LogError::Corrupt { offset, .. } if offset as usize == ends[1]));
    let message = error.to_string();
    assert!(
        message.contains("found a group of block 10 from index 3"),
        "{message}"
    );
    assert!(
        message.contains("expected a group of block 10 from index 1"),
        "{message}"
    );
}

#[test]
fn the_writer_refuses_what_the_reader_would() {
    let directory = tempfile::tempdir().unwrap();
    let (mut log, _) = BlockLog::open(directory.path()).unwrap();
    log.append(&start(10, 1)).unwrap();
    assert!(matches!(
        log.append(&group(10, 2, 1)),
        Err(LogError::OutOfOrder { .. })
    ));
    assert!(matches!(
        log.append(&start(12, 1)),
        Err(LogError::OutOfOrder { .. })
    ));
    assert!(matches!(
        log.append_group(10, 1, &[]),
        Err(LogError::OutOfOrder { .. })
    ));
    let transactions: Vec<_> = (1..3).map(|i| common::transaction(10, i)).collect();
    log.append_group(10, 1, &transactions).unwrap();
    assert!(log.pending() > 0);
    log.sync().unwrap();
    assert_eq!(log.pending(), 0);
    drop(log);
    let (_, recovered) = BlockLog::open(directory.path()).unwrap();
    assert_eq!(recovered.records, [start(10, 1), group(10, 1, 2)]);
}

#[test]
fn what_was_not_synced_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let (mut log, _) = BlockLog::open(directory.path()).unwrap();
    log.append(&start(10, 1)).unwrap();
    log.sync().unwrap();
    log.append(&group(10, 1, 1)).unwrap();
    drop(log);
    let (_, recovered) = BlockLog::open(directory.path()).unwrap();
    assert_eq!(recovered.records, [start(10, 1)]);
}

#[test]
fn segments_begin_with_blocks_and_go_when_they_are_persisted() {
    let directory = tempfile::tempdir().unwrap();
    let (mut log, _) = BlockLog::open_with(directory.path(), 2_000).unwrap();
    let mut records = Vec::new();
    for number in 1..=40 {
        records.extend([start(number, 1), group(number, 1, 2)]);
        if number > 1 {
            records.push(seal(number - 1));
        }
    }
    for record in &records {
        log.append(record).unwrap();
    }
    log.sync().unwrap();
    let all = segments(directory.path());
    assert!(all.len() > 5);
    assert!(all[0].ends_with("000000000001.log"));
    drop(log);
    let (mut log, recovered) = BlockLog::open_with(directory.path(), 2_000).unwrap();
    assert_eq!(recovered.records, records);

    log.remove_persisted(0).unwrap();
    assert_eq!(segments(directory.path()), all);
    log.remove_persisted(20).unwrap();
    let left = segments(directory.path());
    assert!(left.len() < all.len() && all.ends_with(&left));
    drop(log);
    let (mut log, recovered) = BlockLog::open_with(directory.path(), 2_000).unwrap();
    assert!(recovered.records[0].number() <= 21);
    assert!(records.ends_with(&recovered.records));
    log.remove_persisted(1_000).unwrap();
    assert_eq!(
        segments(directory.path()).len(),
        1,
        "the last segment stays"
    );
    log.append(&seal(40)).unwrap();
    log.append(&start(41, 0)).unwrap();
    log.sync().unwrap();
}

#[test]
fn a_retraction_keeps_segments_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let (mut log, _) = BlockLog::open_with(directory.path(), 1_000).unwrap();
    let mut records = Vec::new();
    for number in 1..=20 {
        records.extend([start(number, 1), group(number, 1, 2), seal(number)]);
    }
    records.push(retract(5));
    for number in 5..=30 {
        records.extend([start(number, 0), group(number, 0, 2), seal(number)]);
    }
    for record in &records {
        log.append(record).unwrap();
        log.sync().unwrap();
    }
    // Blocks up to 20 of the first branch are in these segments, and of the second one in later ones.
    log.remove_persisted(10).unwrap();
    drop(log);
    let (_, recovered) = BlockLog::open_with(directory.path(), 1_000).unwrap();
    assert!(records.ends_with(&recovered.records));
    let retracted = recovered
        .records
        .iter()
        .position(|record| *record == retract(5))
        .unwrap();
    assert!(recovered.records[retracted..].contains(&seal(30)));
}

#[test]
fn damage_in_an_early_segment_or_a_missing_one_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let (mut log, _) = BlockLog::open_with(directory.path(), 500).unwrap();
    for number in 1..=6 {
        for record in [start(number, 1), group(number, 1, 2), seal(number)] {
            log.append(&record).unwrap();
        }
    }
    log.sync().unwrap();
    drop(log);
    let all = segments(directory.path());
    assert!(all.len() > 2);
    let corrupt = |path: &PathBuf| {
        let error = BlockLog::open(directory.path()).unwrap_err();
        assert!(
            matches!(&error, LogError::Corrupt { path: named, .. } if named == path),
            "{error}"
        );
    };
    let bytes = fs::read(&all[1]).unwrap();
    fs::write(&all[1], &bytes[..bytes.len() - 1]).unwrap();
    corrupt(&all[1]);
    fs::write(&all[1], b"").unwrap();
    corrupt(&all[1]);
    fs::remove_file(&all[1]).unwrap();
    corrupt(&all[2]);
    fs::write(&all[1], &bytes).unwrap();
    // A segment that was created and got nothing is as if it was not.
    fs::write(directory.path().join("000000000007.log"), b"").unwrap();
    let (log, _) = BlockLog::open(directory.path()).unwrap();
    assert_eq!(segments(directory.path()), all);
    assert_eq!(log.state().sealed, Some(6));
}

#[test]
fn one_process_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let log = BlockLog::open(directory.path()).unwrap();
    assert!(matches!(
        BlockLog::open(directory.path()),
        Err(LogError::Locked { .. })
    ));
    drop(log);
    BlockLog::open(directory.path()).unwrap();
}
