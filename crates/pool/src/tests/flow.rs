//! The way of transactions through the pool.

use super::*;
use crate::{Executed, Rejection};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

fn done(tx: &PooledTx, after: AccountView) -> Executed {
    Executed {
        hash: tx.tx.hash(),
        sender: tx.tx.signer(),
        account: after,
    }
}

#[test]
fn accounts_are_served_by_tip_and_arrival_and_each_in_the_order_of_nonces() {
    let pool = pool(PoolConfig::default());
    for (sender, nonce, tip) in [(1, 0, 1), (1, 1, 9), (2, 0, 5), (3, 0, 5), (2, 1, 5)] {
        pool.add(
            Draft::new(nonce)
                .fees(100 * GWEI, tip)
                .from(account(sender)),
            rich(0),
        )
        .expect("accepted");
    }
    let order: Vec<_> = pool
        .best(GWEI as u64)
        .map(|tx| (tx.signer(), alloy_consensus::Transaction::nonce(&*tx)))
        .collect();
    let expected = [
        (account(2), 0),
        (account(3), 0),
        (account(2), 1),
        (account(1), 0),
        (account(1), 1),
    ];
    assert_eq!(order, expected);
    assert_eq!(taken(&pool, 10), expected);
    assert_eq!(
        pool.best(GWEI as u64).count(),
        5,
        "what is being executed is still pending"
    );
    let mut best = pool.best(GWEI as u64);
    best.skip_account(account(2));
    assert_eq!(best.count(), 3);
    assert_eq!(pool.best(200 * GWEI as u64).count(), 0);
}

#[test]
fn the_pending_nonce_moves_at_once_and_only_over_what_is_executable() {
    let pool = pool(PoolConfig::default());
    assert_eq!(pool.pending_nonce(account(1)), None);
    pool.add(Draft::new(5).from(account(1)), rich(5))
        .expect("accepted");
    assert_eq!(pool.pending_nonce(account(1)), Some(6));
    let gapped = pool
        .add(Draft::new(7).from(account(1)), rich(5))
        .expect("accepted");
    assert!(!gapped.executable);
    assert_eq!(pool.pending_nonce(account(1)), Some(6));
    pool.add(Draft::new(6).from(account(1)), rich(5))
        .expect("accepted");
    assert_eq!(pool.pending_nonce(account(1)), Some(8));
    let content = pool.content();
    assert_eq!(
        content.pending[&account(1)]
            .keys()
            .copied()
            .collect::<Vec<_>>(),
        [5, 6, 7]
    );
    assert!(content.queued.is_empty());
}

#[test]
fn a_view_that_is_older_than_the_last_execution_is_not_believed() {
    let pool = pool(PoolConfig::default());
    let first = Draft::new(0).from(account(1));
    pool.add(first.clone(), rich(0)).expect("accepted");
    pool.take_ready(1);
    pool.on_executed(&[done(&first, rich(1))]);
    // The caller read the state before the execution.
    assert!(
        pool.add(Draft::new(1).from(account(1)), rich(0))
            .expect("accepted")
            .executable
    );
    assert_eq!(taken(&pool, 10), [(account(1), 1)]);
}

#[test]
fn a_reader_ahead_of_the_sequencers_report_loses_nothing() {
    let pool = pool(PoolConfig::default());
    let first = Draft::new(0).from(account(1));
    pool.add(first.clone(), rich(0)).expect("accepted");
    pool.take_ready(1);
    pool.add(Draft::new(1).from(account(1)), rich(1))
        .expect("accepted");
    assert!(pool.contains(first.tx.hash()), "it is not sealed yet");
    pool.on_executed(&[done(&first, rich(1))]);
    assert_eq!(pool.status().executed, 1);
    pool.on_block(1, &[first.tx.hash()], &[(account(1), rich(1))]);
    assert!(!pool.contains(first.tx.hash()));
    assert_eq!(taken(&pool, 10), [(account(1), 1)]);
}

#[test]
fn what_follows_an_invalid_transaction_waits_for_another_with_its_nonce() {
    let pool = pool(PoolConfig::default());
    for nonce in 0..3 {
        pool.add(Draft::new(nonce).from(account(1)), rich(0))
            .expect("accepted");
    }
    let ready = pool.take_ready(10);
    let recalled = pool.on_rejected(ready[0].hash(), Rejection::Invalid);
    assert_eq!(recalled, [ready[1].hash(), ready[2].hash()]);
    assert!(pool.take_ready(10).is_empty());
    assert_eq!((pool.status().pending, pool.status().queued), (0, 2));
    // Late news about a recalled one changes nothing.
    assert!(
        pool.on_rejected(ready[1].hash(), Rejection::Invalid)
            .is_empty()
    );
    pool.add(Draft::new(0).value(1).from(account(1)), rich(0))
        .expect("accepted");
    assert_eq!(
        taken(&pool, 10),
        [(account(1), 0), (account(1), 1), (account(1), 2)]
    );
}

#[test]
fn a_block_of_another_sequencer_moves_the_accounts_on() {
    let pool = pool(PoolConfig::default());
    let txs: Vec<_> = (0..4)
        .map(|nonce| Draft::new(nonce).from(account(1)))
        .collect();
    for tx in &txs {
        pool.add(tx.clone(), rich(0)).expect("accepted");
    }
    pool.on_block(
        1,
        &[txs[0].tx.hash(), txs[1].tx.hash()],
        &[(account(1), with_balance(2, 50_000 * GWEI))],
    );
    let status = pool.status();
    assert_eq!(
        (status.pending, status.queued, status.executed),
        (1, 1, 0),
        "the balance covers one of two"
    );
    pool.on_block(2, &[], &[(account(1), rich(2))]);
    assert_eq!(taken(&pool, 10), [(account(1), 2), (account(1), 3)]);
}

#[test]
fn a_retraction_brings_everything_back_in_its_place() {
    let pool = pool(PoolConfig::default());
    let txs: Vec<_> = (0..4)
        .map(|nonce| Draft::new(nonce).from(account(1)))
        .collect();
    for tx in &txs {
        pool.add(tx.clone(), rich(0)).expect("accepted");
    }
    // 0 sealed, 1 executed, 2 handed out, 3 waiting.
    pool.take_ready(3);
    pool.on_executed(&[done(&txs[0], rich(1))]);
    pool.on_block(1, &[txs[0].tx.hash()], &[(account(1), rich(1))]);
    pool.on_executed(&[done(&txs[1], rich(2))]);
    let back = pool
        .reinject(vec![txs[0].clone()], &[(account(1), rich(0))])
        .expect("no journal");
    assert_eq!(back, 1);
    assert_eq!(
        taken(&pool, 10),
        [0, 1, 2, 3].map(|nonce| (account(1), nonce))
    );
}

#[test]
fn a_retraction_drops_what_the_new_head_has_included_otherwise() {
    let pool = pool(PoolConfig::default());
    let tx = Draft::new(0).from(account(1));
    pool.add(tx.clone(), rich(0)).expect("accepted");
    pool.take_ready(1);
    pool.on_executed(&[done(&tx, rich(1))]);
    pool.on_block(1, &[tx.tx.hash()], &[(account(1), rich(1))]);
    assert_eq!(
        pool.reinject(vec![tx], &[(account(1), rich(1))])
            .expect("no journal"),
        0
    );
    assert!(pool.take_ready(10).is_empty());
}

#[test]
fn what_waits_too_long_for_a_nonce_expires() {
    let pool = pool(PoolConfig::default());
    pool.add(Draft::new(0).from(account(1)), rich(0))
        .expect("accepted");
    pool.add(Draft::new(2).from(account(1)), rich(0))
        .expect("accepted");
    let now = Instant::now();
    assert_eq!(pool.maintain(now).expect("no journal").expired, 0);
    let later = now + Duration::from_secs(3 * 60 * 60 + 60);
    assert_eq!(pool.maintain(later).expect("no journal").expired, 1);
    assert_eq!((pool.status().pending, pool.status().queued), (1, 0));
}

#[test]
fn listeners_hear_of_what_can_be_taken_and_subscribers_of_what_is_executable() {
    let pool = pool(PoolConfig::default());
    let heard = Arc::new(AtomicUsize::new(0));
    pool.set_ready_listener({
        let heard = heard.clone();
        move || {
            heard.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut pending = pool.subscribe();
    pool.add(Draft::new(1).from(account(1)), rich(0))
        .expect("accepted");
    assert_eq!(heard.load(Ordering::SeqCst), 0);
    assert!(pending.try_recv().is_err());
    pool.add(Draft::new(0).from(account(1)), rich(0))
        .expect("accepted");
    assert_eq!(heard.load(Ordering::SeqCst), 1);
    let promoted = pending.try_recv().expect("a batch");
    assert_eq!(
        promoted.len(),
        2,
        "the gap's filler and what waited behind it"
    );
}

#[test]
fn batches_answer_in_order_and_see_what_came_before_in_them() {
    let pool = pool(PoolConfig::default());
    let mut other_chain = Draft::new(2);
    other_chain.0.chain_id = 1;
    let results = pool.add_batch(vec![
        (Draft::new(0).from(account(1)), rich(0)),
        (other_chain.from(account(1)), rich(0)),
        (Draft::new(0).from(account(1)), rich(0)),
        (Draft::new(1).from(account(1)), rich(0)),
    ]);
    assert!(results[0].as_ref().expect("accepted").executable);
    assert!(matches!(results[1], Err(Rejected::InvalidChainId { .. })));
    assert_eq!(results[2], Err(Rejected::AlreadyKnown));
    assert!(results[3].as_ref().expect("accepted").executable);
}

#[test]
fn accounts_with_nothing_waiting_are_forgotten_a_block_later() {
    let pool = pool(PoolConfig::default());
    let tx = Draft::new(0).from(account(1));
    pool.add(tx.clone(), rich(0)).expect("accepted");
    pool.take_ready(1);
    pool.on_executed(&[done(&tx, rich(1))]);
    pool.on_block(1, &[tx.tx.hash()], &[(account(1), rich(1))]);
    assert_eq!(pool.pending_nonce(account(1)), Some(1));
    pool.set_head(HeadInfo {
        number: 2,
        ..head(GWEI)
    });
    pool.on_block(2, &[], &[]);
    assert_eq!(pool.pending_nonce(account(1)), None);
}

#[test]
fn many_submitters_and_one_sequencer_lose_and_repeat_nothing() {
    use alloy_consensus::Transaction;
    let (submitters, each) = (4_u8, 500_u64);
    let pool = pool(PoolConfig::default());
    let mut next = [0_u64; 4];
    std::thread::scope(|scope| {
        for sender in 0..submitters {
            let pool = &pool;
            scope.spawn(move || {
                for nonce in 0..each {
                    pool.add(Draft::new(nonce).from(account(sender + 1)), rich(0))
                        .expect("accepted");
                }
            });
        }
        while next.iter().sum::<u64>() < u64::from(submitters) * each {
            let ready = pool.take_ready(7);
            let executed: Vec<_> = ready
                .iter()
                .map(|tx| {
                    let at = usize::from(tx.signer()[0] - 1);
                    assert_eq!(tx.nonce(), next[at]);
                    next[at] += 1;
                    Executed {
                        hash: tx.hash(),
                        sender: tx.signer(),
                        account: rich(next[at]),
                    }
                })
                .collect();
            pool.on_executed(&executed);
            if ready.is_empty() {
                std::thread::yield_now();
            }
        }
    });
    assert_eq!(
        pool.status().executed,
        usize::from(submitters) * each as usize
    );
    assert_eq!(pool.status().pending + pool.status().queued, 0);
}
