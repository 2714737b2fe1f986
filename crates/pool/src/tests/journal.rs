//! What survives the process.

use super::*;
use crate::Executed;
use std::{fs::File, path::Path, time::Instant};

fn reopened(path: &Path) -> (Pool, Vec<u64>, crate::LoadedJournal) {
    use alloy_consensus::Transaction;
    let pool = pool(PoolConfig::default());
    let mut loaded = pool.open_journal(path).expect("opens");
    let txs = std::mem::take(&mut loaded.transactions);
    let nonces = txs.iter().map(|tx| tx.tx.nonce()).collect();
    pool.restore(txs.into_iter().map(|tx| (tx, rich(0))).collect());
    (pool, nonces, loaded)
}

#[test]
fn accepted_transactions_come_back_with_their_senders() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("pool.journal");
    let key = key(1);
    {
        let (pool, ..) = reopened(&path);
        for nonce in [0, 1, 3] {
            pool.add(Draft::new(nonce).signed(&key), rich(0))
                .expect("accepted");
        }
        assert_rejected(
            pool.add(Draft::new(0).signed(&key), rich(0)),
            "already known",
        );
        pool.add(Draft::new(1).fees(9 * GWEI, 9 * GWEI).signed(&key), rich(0))
            .expect("replaces");
    }
    for _ in 0..2 {
        let (pool, nonces, loaded) = reopened(&path);
        assert_eq!(
            nonces,
            [0, 1, 3, 1],
            "what was refused is not in it; reading it back adds nothing"
        );
        assert_eq!((loaded.malformed, loaded.torn_bytes), (0, 0));
        let content = pool.content_from(key.address());
        assert_eq!(content.pending[&key.address()].len(), 2);
        assert_eq!(content.queued[&key.address()].len(), 1);
    }
}

#[test]
fn a_write_interrupted_at_any_byte_loses_only_what_was_not_acknowledged() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("pool.journal");
    let key = key(1);
    let mut ends = vec![0];
    {
        let (pool, ..) = reopened(&path);
        for nonce in 0..4 {
            pool.add(Draft::new(nonce).signed(&key), rich(0))
                .expect("accepted");
            ends.push(std::fs::metadata(&path).expect("exists").len() as usize);
        }
    }
    let whole = std::fs::read(&path).expect("readable");
    assert_eq!(whole.len(), ends[4]);
    for cut in 0..=whole.len() {
        let path = dir.path().join(format!("cut-{cut}"));
        std::fs::write(&path, &whole[..cut]).expect("written");
        let intact = ends.iter().filter(|end| **end <= cut).count() - 1;
        let (pool, nonces, loaded) = reopened(&path);
        assert_eq!(
            nonces,
            (0..intact as u64).collect::<Vec<_>>(),
            "cut at {cut}"
        );
        assert_eq!(loaded.torn_bytes as usize, cut - ends[intact]);
        // And it goes on from there.
        pool.add(Draft::new(intact as u64).signed(&key), rich(0))
            .expect("accepted");
        drop(pool);
        assert_eq!(
            reopened(&path).1,
            (0..=intact as u64).collect::<Vec<_>>(),
            "cut at {cut}"
        );
        std::fs::remove_file(path).expect("removed");
    }
}

#[test]
fn damaged_records_are_skipped_and_counted() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("pool.journal");
    let key = key(1);
    {
        let (pool, ..) = reopened(&path);
        for nonce in 0..3 {
            pool.add(Draft::new(nonce).signed(&key), rich(0))
                .expect("accepted");
        }
    }
    let mut bytes = std::fs::read(&path).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // Intact, but no transaction.
    let junk = b"junk";
    bytes.extend_from_slice(&(junk.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(junk).to_le_bytes());
    bytes.extend_from_slice(junk);
    std::fs::write(&path, bytes).expect("written");
    let (_, nonces, loaded) = reopened(&path);
    assert_eq!(
        (nonces, loaded.malformed, loaded.torn_bytes),
        (vec![0, 2], 2, 0)
    );
}

#[test]
fn a_journal_that_can_not_be_written_refuses_the_batch_and_leaves_the_pool_as_it_was() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("pool.journal");
    let pool = pool(PoolConfig {
        max_transactions: 3,
        ..Default::default()
    });
    pool.open_journal(&path).expect("opens");
    let (key, other) = (key(1), key(2));
    for nonce in 0..2 {
        pool.add(Draft::new(nonce).signed(&key), rich(0))
            .expect("accepted");
    }
    pool.add(Draft::new(0).fees(GWEI, 0).signed(&other), rich(0))
        .expect("accepted");
    let before = (pool.status(), pool.content());

    let working = pool
        .with_journal(|j| j.replace_file(File::open(&path).expect("read-only")))
        .expect("attached");
    let batch = || {
        vec![
            // A replacement, one that evicts the other account's, and one that does not get that far.
            (Draft::new(1).fees(9 * GWEI, 9 * GWEI).signed(&key), rich(0)),
            (Draft::new(2).signed(&key), rich(0)),
            (Draft::new(0).signed(&key), rich(0)),
        ]
    };
    let results = pool.add_batch(batch());
    assert_rejected(
        results[0].clone(),
        "transaction not accepted: the pool's journal can not be written",
    );
    assert_rejected(
        results[1].clone(),
        "transaction not accepted: the pool's journal can not be written",
    );
    assert_eq!(results[2], Err(Rejected::AlreadyKnown));
    let after = (pool.status(), pool.content());
    assert_eq!(after.0, before.0);
    assert_eq!(after.1.pending, before.1.pending);

    pool.with_journal(|j| j.replace_file(working));
    let results = pool.add_batch(batch());
    assert!(results[0].is_ok() && results[1].is_ok(), "{results:?}");
    drop(pool);
    assert_eq!(reopened(&path).1, [0, 1, 0, 1, 2]);
}

#[test]
fn compaction_keeps_what_is_not_sealed() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("pool.journal");
    let pool = pool(PoolConfig {
        journal_compact_above: 100,
        ..Default::default()
    });
    pool.open_journal(&path).expect("opens");
    let key = key(1);
    let txs: Vec<_> = (0..6).map(|nonce| Draft::new(nonce).signed(&key)).collect();
    for tx in &txs {
        pool.add(tx.clone(), rich(0)).expect("accepted");
    }
    // 0 to 2 sealed, 3 executed, 4 handed out, 5 waiting.
    pool.take_ready(5);
    let sender = key.address();
    for (nonce, tx) in txs.iter().take(4).enumerate() {
        let account = rich(nonce as u64 + 1);
        pool.on_executed(&[Executed {
            hash: tx.tx.hash(),
            sender,
            account,
        }]);
    }
    let sealed: Vec<_> = txs.iter().take(3).map(|tx| tx.tx.hash()).collect();
    pool.on_block(1, &sealed, &[(sender, rich(3))]);
    let before = std::fs::metadata(&path).expect("exists").len();
    assert!(pool.maintain(Instant::now()).expect("compacts").compacted);
    assert!(std::fs::metadata(&path).expect("exists").len() < before);
    assert!(
        !pool
            .maintain(Instant::now())
            .expect("nothing to do")
            .compacted
    );
    pool.add(Draft::new(6).signed(&key), rich(3))
        .expect("accepted");
    drop(pool);
    assert_eq!(reopened(&path).1, [3, 4, 5, 6]);
}

#[test]
fn what_is_accepted_during_a_compaction_is_in_the_new_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("pool.journal");
    let (mut journal, _) = crate::PoolJournal::open(&path).expect("opens");
    let key = key(1);
    let record = |nonce| Draft::new(nonce).signed(&key).encode();
    journal.append(&[record(0), record(1)]).expect("written");
    let new = journal.begin_compaction();
    journal.append(&[record(2)]).expect("written");
    let (file, len) = crate::journal::write_compacted(&new, &[record(1)]).expect("written");
    journal.append(&[record(3)]).expect("written");
    journal.finish_compaction(file, len).expect("renamed");
    journal.append(&[record(4)]).expect("written");
    drop(journal);
    assert_eq!(reopened(&path).1, [1, 2, 3, 4]);
}
