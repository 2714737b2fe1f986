//! A full disk, made by a limit on the size of files: the test runs itself again in a shell that sets the limit.

mod common;

use common::{Chain, Op, assert_same, dump, options};
use openledger_storage::{BlockLog, BlockStart, Database, LogError, LogRecord, StorageError};
use std::{path::Path, process::Command};

/// Says in which part of the test the process is.
const PHASE: &str = "OPENLEDGER_DISK_FULL_DIRECTORY";

/// Runs a test of this file again where no file may grow beyond so many blocks of 512 or 1,024 bytes. The signal that
/// the limit sends is ignored, so that writes fail as they do on a full disk.
fn again_with_limit(test: &str, directory: &Path, blocks: u32) {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(script)
        .arg(program)
        .args(["--exact", test, "--nocapture"]);
    let output = command.env(PHASE, directory).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

fn directory() -> Option<std::path::PathBuf> {
    std::env::var_os(PHASE).map(Into::into)
}

fn start(number: u64) -> LogRecord {
    LogRecord::Start(BlockStart {
        number,
        timestamp: number,
        l1_origin: Default::default(),
        sequence_number: 0,
        gas_limit: 1,
        base_fee: 1,
        extra_data: Default::default(),
        prev_randao: Default::default(),
        parent_beacon_root: None,
        fee_recipient: Default::default(),
        forced: Vec::new(),
    })
}

#[test]
fn the_log_goes_on_after_a_full_disk() {
    let Some(directory) = directory() else {
        let directory = tempfile::tempdir().unwrap();
        again_with_limit("the_log_goes_on_after_a_full_disk", directory.path(), 16);
        let (_, recovered) = BlockLog::open(directory.path()).unwrap();
        // What the other process synced is there, and nothing else.
        let expected = std::fs::read_to_string(directory.path().join("synced")).unwrap();
        assert_eq!(recovered.records.len().to_string(), expected);
        assert_eq!(recovered.torn, None);
        return;
    };
    let (mut log, _) = BlockLog::open(&directory).unwrap();
    log.append(&start(1)).unwrap();
    log.sync().unwrap();
    let mut synced = 1;
    let mut first = 0;
    let error = loop {
        let transactions: Vec<_> = (0..8).map(|i| common::transaction(1, i)).collect();
        let before = log.state();
        log.append_group(1, first, &transactions).unwrap();
        match log.sync() {
            Ok(()) => synced += 1,
            Err(error) => {
                assert_eq!(log.state(), before);
                assert_eq!(log.pending(), 0);
                break error;
            }
        }
        first += 8;
    };
    assert!(matches!(error, LogError::DiskFull), "{error:?}");
    // Less fits still.
    log.append(&LogRecord::Retract {
        number: 1,
        reason: String::new(),
    })
    .unwrap();
    log.sync().unwrap();
    std::fs::write(directory.join("synced"), (synced + 1).to_string()).unwrap();
}

#[test]
fn the_database_keeps_what_was_committed() {
    let Some(directory) = directory() else {
        let directory = tempfile::tempdir().unwrap();
        drop(Database::open(directory.path(), &options()).unwrap());
        // 3 or 6 MiB: the file is at most 2 MiB long so far.
        again_with_limit(
            "the_database_keeps_what_was_committed",
            directory.path(),
            6 * 1024,
        );
        let database = common::open(directory.path());
        database.check(true).unwrap();
        return;
    };
    let database = common::open(&directory);
    let mut chain = Chain::new(&database, &[Op::Balance(1, 1)]);
    let error = loop {
        let deploy: Vec<_> = (0..12).map(|n| Op::Deploy(n, n)).collect();
        let mut block = chain.extend(&database, &deploy).as_ref().clone();
        block.receipts = vec![common::receipt(1, 200); 20];
        let number = block.number();
        block.block.transactions = (0..20).map(|i| common::transaction(number, i)).collect();
        let before = dump(&database);
        match database.commit(&[block.into()]) {
            Ok(()) => {}
            Err(error) => {
                assert_same(&before, &dump(&database));
                break error;
            }
        }
    };
    assert!(
        matches!(error, StorageError::DiskFull | StorageError::MapFull),
        "{error:?}"
    );
    database.check(true).unwrap();
    // Reading goes on, and so does writing when there is room.
    assert!(database.reader().unwrap().head().unwrap().number > 0);
}
