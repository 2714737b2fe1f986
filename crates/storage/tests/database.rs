//! Stories of one database.

mod common;

use alloy_primitives::B256;
use common::{
    CHAIN_ID, Chain, Op, address, assert_same, assert_state, dump, hashed, open, options,
};
use openledger_primitives::BlockRef;
use openledger_storage::{
    Database, ExecutedBlock, Labels, StorageError, SyncMode, Table, TxLocation,
};
use std::{fs, sync::Arc};

fn two_accounts() -> Vec<Op> {
    vec![
        Op::Balance(1, 100),
        Op::Balance(2, 7),
        Op::Slot(2, 3, 9),
        Op::Deploy(2, 1),
    ]
}

#[test]
fn a_chain_survives_closing_and_opening() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let block = chain.extend(
        &database,
        &[Op::Slot(2, 3, 10), Op::Destroy(1), Op::Balance(5, 5)],
    );
    database.commit(&[block]).unwrap();
    let before = dump(&database);
    drop(database);

    let database = open(directory.path());
    assert_same(&before, &dump(&database));
    let reader = database.reader().unwrap();
    assert_eq!(reader.head().unwrap(), chain.head().block_ref());
    assert_eq!(reader.genesis().unwrap(), chain.blocks[0].block_ref());
    assert_eq!(reader.chain_id().unwrap(), CHAIN_ID);
    assert_state(&reader, chain.states.last().unwrap());
}

#[test]
fn durable_commits_work_too() {
    let directory = tempfile::tempdir().unwrap();
    let options = openledger_storage::DatabaseOptions {
        sync: SyncMode::Durable,
        ..options()
    };
    let database = Database::open(directory.path(), &options).unwrap();
    let mut chain = Chain::new(&database, &two_accounts());
    let block = chain.extend(&database, &[Op::Balance(1, 1)]);
    database.commit(&[block]).unwrap();
    database.check(true).unwrap();
}

#[test]
fn transactions_and_receipts_are_found_one_by_one() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let three = [Op::Balance(1, 1), Op::Balance(1, 2), Op::Balance(1, 3)];
    let blocks: Vec<_> = (0..3).map(|_| chain.extend(&database, &three)).collect();
    database.commit(&blocks).unwrap();
    let reader = database.reader().unwrap();
    for block in &blocks {
        assert_eq!(reader.transaction_count(block.number()).unwrap(), Some(3));
        let mut first_log = 0;
        for (index, tx) in block.block.transactions.iter().enumerate() {
            let at = reader.tx_lookup(tx.hash()).unwrap().unwrap();
            assert_eq!(
                at,
                TxLocation {
                    number: block.number(),
                    index: index as u32
                }
            );
            assert_eq!(reader.transaction(at).unwrap().unwrap(), *tx);
            let receipt = reader.receipt(at).unwrap().unwrap();
            assert_eq!(receipt.receipt, block.receipts[index]);
            assert_eq!(
                (receipt.gas_used, receipt.first_log_index),
                (21_000, first_log)
            );
            first_log += receipt.receipt.logs.len() as u64;
        }
        let beyond = TxLocation {
            number: block.number(),
            index: 3,
        };
        assert!(
            reader.transaction(beyond).unwrap().is_none()
                && reader.receipt(beyond).unwrap().is_none()
        );
    }
    assert_eq!(reader.tx_lookup(B256::ZERO).unwrap(), None);
    assert!(reader.block(99).unwrap().is_none() && reader.receipts(99).unwrap().is_none());
}

#[test]
fn a_reader_sees_one_snapshot() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let readers = [
        database.reader().unwrap(),
        database.parallel_reader().unwrap(),
    ];
    let block = chain.extend(
        &database,
        &[Op::Balance(1, 5), Op::Slot(2, 3, 1), Op::Destroy(2)],
    );
    database.commit(&[block]).unwrap();
    for reader in &readers {
        assert_eq!(reader.head().unwrap().number, 0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| assert_state(reader, &chain.states[0])));
            }
        });
    }
    assert_state(&database.reader().unwrap(), &chain.states[1]);
}

#[test]
fn only_the_same_genesis_is_accepted_again() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    assert!(matches!(
        database.reader().unwrap().head(),
        Err(StorageError::Empty)
    ));
    let chain = Chain::new(&database, &two_accounts());
    assert!(!database.init_genesis(CHAIN_ID, &chain.blocks[0]).unwrap());
    let other_directory = tempfile::tempdir().unwrap();
    let other = Chain::new(&open(other_directory.path()), &[Op::Balance(1, 1)]);
    let error = database
        .init_genesis(CHAIN_ID, &other.blocks[0])
        .unwrap_err();
    assert!(
        matches!(&error, StorageError::GenesisMismatch { stored, configured }
        if *stored == chain.head().hash() && *configured == other.head().hash())
    );
    assert!(error.to_string().contains(&chain.head().hash().to_string()));
    let error = database.init_genesis(1, &chain.blocks[0]).unwrap_err();
    assert!(matches!(
        error,
        StorageError::ChainIdMismatch {
            stored: CHAIN_ID,
            configured: 1
        }
    ));
}

#[test]
fn blocks_that_do_not_follow_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let first = chain.extend(&database, &[Op::Balance(1, 1)]);
    let second = chain.extend(&database, &[Op::Balance(1, 2)]);
    let before = dump(&database);
    let not_continuous = |result| matches!(result, Err(StorageError::NotContinuous { .. }));
    assert!(not_continuous(
        database.commit(std::slice::from_ref(&second))
    ));
    assert!(not_continuous(
        database.commit(&[first.clone(), first.clone()])
    ));
    assert!(not_continuous(
        database.commit(&[second.clone(), first.clone()])
    ));
    let mut trieless = ExecutedBlock::clone(&second);
    trieless.trie = Default::default();
    let result = database.commit(&[first.clone(), Arc::new(trieless)]);
    assert!(matches!(
        result,
        Err(StorageError::StateRoot { number: 2, .. })
    ));
    assert_same(&before, &dump(&database));
    database.commit(&[]).unwrap();
    database.commit(&[first, second]).unwrap();
    assert!(matches!(
        database.unwind_to(3),
        Err(StorageError::UnknownBlock { number: 3, head: 2 })
    ));
    assert!(matches!(
        database.prune_history(3, &[]),
        Err(StorageError::UnknownBlock { .. })
    ));
    let reader = database.reader().unwrap();
    assert!(matches!(
        reader.account_at(3, hashed(1)),
        Err(StorageError::UnknownBlock { .. })
    ));
}

#[test]
fn unwinding_stops_at_the_floor() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let blocks: Vec<_> = (0..5)
        .map(|n| chain.extend(&database, &[Op::Balance(1, n)]))
        .collect();
    database.commit(&blocks).unwrap();
    database.prune_history(3, &[(hashed(1), 1)]).unwrap();
    let result = database.unwind_to(2);
    assert!(matches!(
        result,
        Err(StorageError::HistoryPruned {
            number: 2,
            oldest: 3
        })
    ));
    assert_eq!(database.unwind_to(3).unwrap().len(), 2);
    assert_eq!(database.unwind_to(3).unwrap(), []);
    database.check(true).unwrap();
}

#[test]
fn labels_are_kept_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let blocks: Vec<_> = (0..4)
        .map(|n| chain.extend(&database, &[Op::Balance(1, n)]))
        .collect();
    database.commit(&blocks).unwrap();
    let at = |n: usize| Some(chain.blocks[n].block_ref());
    assert_eq!(
        database.reader().unwrap().labels().unwrap(),
        Labels::default()
    );
    let labels = Labels {
        safe: at(3),
        finalized: at(2),
    };
    database.set_labels(labels).unwrap();
    assert_eq!(database.reader().unwrap().labels().unwrap(), labels);
    let unknown = Some(BlockRef {
        number: 1,
        hash: B256::ZERO,
    });
    for wrong in [
        Labels {
            safe: at(1),
            finalized: at(2),
        },
        Labels {
            safe: unknown,
            finalized: None,
        },
        Labels {
            safe: Some(BlockRef {
                number: 9,
                hash: B256::ZERO,
            }),
            finalized: None,
        },
    ] {
        assert!(matches!(
            database.set_labels(wrong),
            Err(StorageError::Label(_))
        ));
    }
    database.unwind_to(2).unwrap();
    let lowered = Labels {
        safe: at(2),
        finalized: at(2),
    };
    assert_eq!(database.reader().unwrap().labels().unwrap(), lowered);
    database.set_labels(Labels::default()).unwrap();
    assert_eq!(
        database.reader().unwrap().labels().unwrap(),
        Labels::default()
    );
}

#[test]
fn one_writer_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    Chain::new(&database, &two_accounts());
    let error = Database::open(directory.path(), &options()).unwrap_err();
    assert!(matches!(&error, StorageError::Locked { .. }));
    assert!(error.to_string().contains("in use by another process"));
    drop(database);
    open(directory.path());
}

#[test]
fn reading_only_needs_a_database_and_refuses_writes() {
    let directory = tempfile::tempdir().unwrap();
    let missing = Database::open_read_only(directory.path(), &options());
    assert!(matches!(missing, Err(StorageError::NotFound { .. })));
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let block = chain.extend(&database, &[Op::Balance(1, 5)]);
    drop(database);
    let database = Database::open_read_only(directory.path(), &options()).unwrap();
    assert_state(&database.reader().unwrap(), &chain.states[0]);
    database.check(true).unwrap();
    assert!(database.commit(&[block]).is_err());
}

#[test]
fn statistics_name_every_table() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let block = chain.extend(&database, &[Op::Balance(1, 5)]);
    database.commit(&[block]).unwrap();
    let stats = database.stats().unwrap();
    assert_eq!(
        stats.iter().map(|stats| stats.table).collect::<Vec<_>>(),
        Table::ALL
    );
    let entries = |table| {
        stats
            .iter()
            .find(|stats| stats.table == table)
            .unwrap()
            .entries
    };
    assert_eq!(
        (
            entries(Table::Headers),
            entries(Table::Accounts),
            entries(Table::Storage)
        ),
        (2, 2, 1)
    );
    assert_eq!(
        (entries(Table::AccountHistory), entries(Table::Codes)),
        (1, 1)
    );
}

#[test]
fn an_executed_block_answers_for_its_changes() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    let mut chain = Chain::new(&database, &two_accounts());
    let ops = [
        Op::Slot(2, 5, 1),
        Op::Balance(3, 3),
        Op::Destroy(1),
        Op::Deploy(3, 2),
    ];
    let block = chain.extend(&database, &ops);
    let number = alloy_primitives::U256::from;
    assert_eq!(block.account(&address(1)), Some(None));
    assert_eq!(block.account(&address(9)), None);
    assert_eq!(
        block.account(&address(3)).flatten().unwrap().balance,
        number(3) << 3
    );
    assert_eq!(block.slot(&address(2), &number(5)), Some(number(1) << 1));
    assert_eq!(
        block.slot(&address(2), &number(3)),
        None,
        "not changed: ask the parent"
    );
    assert_eq!(
        block.slot(&address(1), &number(3)),
        Some(number(0)),
        "gone with its account"
    );
    let code = block.account(&address(3)).flatten().unwrap().code_hash;
    assert_eq!(block.code(&code).unwrap().len(), 100);
}

/// Overwrites part of a file.
fn damage(path: &std::path::Path, range: std::ops::Range<usize>, byte: u8) {
    let mut bytes = fs::read(path).unwrap();
    let end = range.end.min(bytes.len());
    bytes[range.start.min(end)..end].fill(byte);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_or_foreign_file_is_an_error_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mdbx.dat");
    let database = open(directory.path());
    Chain::new(&database, &two_accounts());
    drop(database);
    let intact = fs::read(&file).unwrap();

    for byte in [0, 0x5a, 0xff] {
        damage(&file, 0..3 * 4096, byte);
        let error = Database::open(directory.path(), &options()).unwrap_err();
        assert!(
            matches!(error, StorageError::NotADatabase { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("restore a backup"));
    }
    for contents in [&b"not a database, much too short"[..], &[7; 100_000][..]] {
        fs::write(&file, contents).unwrap();
        let error = Database::open(directory.path(), &options()).unwrap_err();
        assert!(
            matches!(error, StorageError::NotADatabase { .. }),
            "{error:?}"
        );
    }

    // Behind the three meta pages every page may be hit: reading fails or gives what was there.
    for page in 3..intact.len() / 4096 {
        if intact[page * 4096..(page + 1) * 4096]
            .iter()
            .all(|byte| *byte == 0)
        {
            continue;
        }
        fs::write(&file, &intact).unwrap();
        damage(&file, page * 4096..page * 4096 + 64, 0xee);
        if let Ok(database) = Database::open(directory.path(), &options()) {
            let _ = database.check(true);
        }
    }

    fs::write(&file, &intact).unwrap();
    open(directory.path()).check(true).unwrap();
}
