//! `kill -9` at any moment: what was reported as done is there afterwards, and everything agrees.
//!
//! The test runs itself again as a child that works without end and prints what it has done, and kills it.

mod common;

use alloy_primitives::B256;
use common::{Chain, Op, options};
use openledger_storage::{BlockLog, BlockStart, Database, LogError, LogRecord, StorageError};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where the child works.
const DIRECTORY: &str = "OPENLEDGER_CRASH_DIRECTORY";

fn child() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(Into::into)
}

/// Starts the test in a child, kills it after it has reported `reports` times, and returns the last number reported;
/// `meanwhile` runs while the child still works.
fn kill_after(test: &str, directory: &Path, reports: usize, meanwhile: impl FnOnce()) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let done = lines
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("done ")?.parse().ok());
    let last = done.take(reports).last();
    meanwhile();
    child.kill().unwrap();
    child.wait().unwrap();
    last.unwrap()
}

fn report(number: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\ndone {number}").unwrap();
    out.flush().unwrap();
}

#[test]
fn committed_blocks_survive() {
    if let Some(directory) = child() {
        let database = common::open(&directory);
        let mut chain = Chain::new(&database, &[Op::Balance(0, 1)]);
        for n in 0.. {
            let n = n as u8;
            let ops = [
                Op::Slot(n % 7, n % 5, n),
                Op::Balance(n % 11, u64::from(n)),
                Op::Destroy(n % 13),
                Op::Deploy(n % 3, n),
            ];
            let block = chain.extend(&database, &ops);
            database.commit(&[block]).unwrap();
            report(chain.head_number());
            if n % 16 == 15 {
                let target = chain.head_number() - 3;
                database.unwind_to(target).unwrap();
                chain.truncate(target);
                report(target);
            }
        }
    }
    for reports in [1, 2, 9, 16, 17, 18, 40] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let last = kill_after("committed_blocks_survive", path, reports, || {
            assert!(matches!(
                Database::open(path, &options()),
                Err(StorageError::Locked { .. })
            ));
            let reading = Database::open_read_only(path, &options()).unwrap();
            assert!(reading.check(true).unwrap().head.number > 0);
        });
        let database = common::open(directory.path());
        let check = database.check(true).unwrap();
        // It went on for a while before the signal came, and may have unwound three blocks since.
        assert!(
            check.head.number + 3 >= last,
            "{} blocks where {last} were reported",
            check.head.number
        );
        database.unwind_to(0).unwrap();
        database.check(true).unwrap();
    }
}

fn start(number: u64) -> LogRecord {
    LogRecord::Start(BlockStart {
        number,
        timestamp: number,
        l1_origin: Default::default(),
        sequence_number: 0,
        gas_limit: 30_000_000,
        base_fee: 7,
        extra_data: Default::default(),
        prev_randao: B256::ZERO,
        parent_beacon_root: None,
        fee_recipient: Default::default(),
        forced: Vec::new(),
    })
}

#[test]
fn synced_records_survive() {
    if let Some(directory) = child() {
        let (mut log, _) = BlockLog::open_with(&directory, 10_000).unwrap();
        log.append(&start(1)).unwrap();
        for number in 1.. {
            let transactions: Vec<_> = (0..3).map(|i| common::transaction(number, i)).collect();
            log.append_group(number, 0, &transactions).unwrap();
            log.append_group(number, 3, &transactions).unwrap();
            log.sync().unwrap();
            report(number);
            log.append(&LogRecord::Retract {
                number,
                reason: "again".into(),
            })
            .unwrap();
            log.append(&start(number)).unwrap();
            log.append(&start(number + 1)).unwrap();
            log.append(&LogRecord::Retract {
                number: number + 1,
                reason: "and again".into(),
            })
            .unwrap();
            log.append(&start(number + 1)).unwrap();
            log.append(&seal(number)).unwrap();
        }
    }
    for reports in [1, 3, 30, 60] {
        let directory = tempfile::tempdir().unwrap();
        let last = kill_after("synced_records_survive", directory.path(), reports, || {
            assert!(matches!(
                BlockLog::open(directory.path()),
                Err(LogError::Locked { .. })
            ));
        });
        let (log, recovered) = BlockLog::open_with(directory.path(), 10_000).unwrap();
        let groups = recovered
            .records
            .iter()
            .filter(|record| matches!(record, LogRecord::Group { .. }))
            .count();
        assert!(groups as u64 >= 2 * last);
        assert!(log.state().top().unwrap() >= last);
    }
}

fn seal(number: u64) -> LogRecord {
    use alloy_consensus::{Header, Sealable};
    LogRecord::Seal {
        number,
        header: Header {
            number,
            ..Default::default()
        }
        .seal_slow(),
    }
}
