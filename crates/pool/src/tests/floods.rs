//! Attempts to crowd the others out.

use super::*;
use crate::{Executed, Rejection};

fn small(max_transactions: usize) -> PoolConfig {
    PoolConfig {
        max_transactions,
        ..Default::default()
    }
}

#[test]
fn a_nonce_gap_flood_does_not_keep_executable_transactions_out() {
    let pool = pool(small(50));
    for n in 0..200_u8 {
        // Generous, but never executable: nonce 0 is missing.
        let tx = Draft::new(1)
            .fees(1_000 * GWEI, 1_000 * GWEI)
            .from(account(n));
        let _ = pool.add(tx, rich(0));
    }
    assert_eq!((pool.status().queued, pool.status().pending), (50, 0));
    let honest = pool
        .add(Draft::new(0).from(account(250)), rich(0))
        .expect("room is made");
    assert!(honest.executable);
    assert_eq!(pool.status().queued, 49);
    assert_eq!(taken(&pool, 10), [(account(250), 0)]);
}

#[test]
fn a_full_pool_refuses_what_could_not_be_executed_anyway() {
    let pool = pool(small(3));
    for n in 0..3 {
        pool.add(Draft::new(0).from(account(n)), rich(0))
            .expect("accepted");
    }
    let gapped = Draft::new(1)
        .fees(1_000 * GWEI, 1_000 * GWEI)
        .from(account(9));
    assert_rejected(pool.add(gapped, rich(0)), "txpool is full");
    assert_eq!(pool.status().pending, 3);
}

#[test]
fn one_account_can_queue_only_so_many_and_still_fill_the_gap() {
    let pool = pool(PoolConfig {
        account_queued: 4,
        ..Default::default()
    });
    for nonce in 1..5 {
        pool.add(Draft::new(nonce).from(account(1)), rich(0))
            .expect("accepted");
    }
    assert_rejected(
        pool.add(Draft::new(5).from(account(1)), rich(0)),
        "account limit exceeded",
    );
    pool.add(Draft::new(0).from(account(1)), rich(0))
        .expect("the gap can always be filled");
    assert_eq!(pool.pending_nonce(account(1)), Some(5));
}

#[test]
fn replacement_spam_pays_ten_per_cent_more_each_time() {
    let pool = pool(PoolConfig::default());
    let (mut fee_cap, mut tip) = (100 * GWEI, 10 * GWEI);
    let mut last = pool
        .add(Draft::new(0).fees(fee_cap, tip).from(account(1)), rich(0))
        .expect("accepted");
    for _ in 0..20 {
        let stingy = Draft::new(0)
            .fees(fee_cap * 11 / 10 - 1, tip * 11 / 10)
            .from(account(1));
        assert_rejected(
            pool.add(stingy, rich(0)),
            "replacement transaction underpriced",
        );
        let tipless = Draft::new(0)
            .fees(fee_cap * 11 / 10 + 10, tip * 11 / 10 - 1)
            .from(account(1));
        assert_rejected(
            pool.add(tipless, rich(0)),
            "replacement transaction underpriced",
        );
        (fee_cap, tip) = (fee_cap * 11 / 10 + 1, tip * 11 / 10 + 1);
        let added = pool
            .add(Draft::new(0).fees(fee_cap, tip).from(account(1)), rich(0))
            .expect("replaced");
        assert_eq!(added.replaced, Some(last.hash));
        last = added;
    }
    assert_eq!(pool.status().pending, 1);
    let ready = pool.take_ready(10);
    assert_eq!(ready.iter().map(Tx::hash).collect::<Vec<_>>(), [last.hash]);
    let late = Draft::new(0).fees(fee_cap * 2, tip * 2).from(account(1));
    assert_rejected(
        pool.add(late, rich(0)),
        "nonce too low: a transaction with nonce 0 is being executed",
    );
}

#[test]
fn a_full_pool_accepts_replacements_and_better_paying_transactions() {
    let pool = pool(small(10));
    for n in 0..10 {
        let tx = Draft::new(0)
            .fees((10 + u128::from(n)) * GWEI, GWEI + u128::from(n))
            .from(account(n));
        pool.add(tx, rich(0)).expect("accepted");
    }
    let replacement = Draft::new(0).fees(20 * GWEI, 2 * GWEI).from(account(3));
    assert!(
        pool.add(replacement, rich(0))
            .expect("accepted")
            .replaced
            .is_some()
    );
    let worse = Draft::new(0).fees(10 * GWEI, GWEI - 1).from(account(100));
    assert_rejected(pool.add(worse, rich(0)), "transaction underpriced");
    pool.add(
        Draft::new(0).fees(30 * GWEI, 3 * GWEI).from(account(101)),
        rich(0),
    )
    .expect("accepted");
    assert_eq!(pool.status().pending, 10);
    assert!(
        pool.content_from(account(0)).pending.is_empty(),
        "the one that paid least has gone"
    );
}

#[test]
fn a_large_newcomer_that_has_to_go_takes_nobody_with_it() {
    let small: Vec<_> = (0..4_u8)
        .map(|n| {
            Draft::new(0)
                .fees(10 * GWEI, if n == 3 { 5 * GWEI } else { 1 })
                .from(account(n))
        })
        .collect();
    let room = small.iter().map(PooledTx::size).sum();
    let pool = pool(PoolConfig {
        max_bytes: room,
        ..Default::default()
    });
    for tx in small {
        pool.add(tx, rich(0)).expect("accepted");
    }
    // Pays more than three of the four, but needs the room of more than those.
    let large = Draft::new(0)
        .fees(10 * GWEI, 2 * GWEI)
        .input(vec![0; room / 2], 200_000)
        .from(account(9));
    assert_rejected(pool.add(large, rich(0)), "transaction underpriced");
    assert_eq!(pool.status().pending, 4);
    assert_eq!(taken(&pool, 9).len(), 4);
}

#[test]
fn an_overdraft_chain_is_refused() {
    let pool = pool(PoolConfig::default());
    let view = with_balance(0, 100_000 * GWEI);
    pool.add(Draft::new(0).from(account(1)), view)
        .expect("42,000 of 100,000");
    pool.add(Draft::new(1).from(account(1)), view)
        .expect("84,000 of 100,000");
    assert_rejected(
        pool.add(Draft::new(2).from(account(1)), view),
        "insufficient funds for gas * price + value",
    );
    // Not behind a gap either.
    assert_rejected(
        pool.add(Draft::new(7).from(account(1)), view),
        "insufficient funds for gas * price + value",
    );
    assert_eq!(taken(&pool, 10).len(), 2);
}

#[test]
fn a_fee_bump_is_accepted_though_the_balance_no_longer_covers_what_follows() {
    let pool = pool(PoolConfig::default());
    let view = with_balance(0, 84_000 * GWEI);
    for nonce in 0..2 {
        pool.add(Draft::new(nonce).from(account(1)), view)
            .expect("accepted");
    }
    let bump = Draft::new(0).fees(3 * GWEI, 2 * GWEI).from(account(1));
    assert!(pool.add(bump, view).expect("accepted").executable);
    let status = pool.status();
    assert_eq!((status.pending, status.queued), (1, 1));
    assert_eq!(taken(&pool, 10), [(account(1), 0)]);
}

#[test]
fn a_rising_l1_fee_holds_back_what_the_balance_no_longer_covers() {
    let pool = pool(PoolConfig::default());
    let view = with_balance(0, 130_000 * GWEI);
    for nonce in 0..3 {
        pool.add(Draft::new(nonce).from(account(1)), view)
            .expect("accepted");
    }
    assert_eq!(pool.pending_nonce(account(1)), Some(3));
    let dear = HeadInfo {
        l1_block_info: Some(l1_info(4_000_000_000)),
        ..head(GWEI)
    };
    pool.set_head(dear);
    let status = pool.status();
    assert!(
        status.pending < 3 && status.pending + status.queued == 3,
        "{status:?}"
    );
    pool.set_head(HeadInfo {
        l1_block_info: Some(l1_info(0)),
        ..head(GWEI)
    });
    assert_eq!(pool.pending_nonce(account(1)), Some(3));
    assert_eq!(taken(&pool, 10).len(), 3);
}

#[test]
fn calldata_is_limited_per_transaction_and_bytes_in_all() {
    let gas = 21_000 + 40 * 131_072;
    let config = PoolConfig {
        max_bytes: 3 << 20,
        ..Default::default()
    };
    let pool = pool(config);
    let over = Draft::new(0).input(vec![1; 131_072], gas).from(account(0));
    assert_rejected(pool.add(over, rich(0)), "oversized data: transaction size");
    for n in 0..30 {
        let _ = pool.add(
            Draft::new(0).input(vec![1; 130_000], gas).from(account(n)),
            rich(0),
        );
        assert!(pool.status().bytes <= 3 << 20);
    }
    assert!(pool.status().pending >= 10);
}

#[test]
fn what_no_block_has_da_space_for_is_refused() {
    use rand::RngCore;
    let pool = pool(PoolConfig::default());
    let mut info = l1_info(1);
    info.da_footprint_gas_scalar = Some(400);
    pool.set_head(HeadInfo {
        l1_block_info: Some(info),
        ..head(GWEI)
    });
    let mut input = vec![0; 100_000];
    let gas = 21_000 + 40 * 100_000;
    pool.add(
        Draft::new(0).input(input.clone(), gas).from(account(1)),
        rich(0),
    )
    .expect("zeros compress");
    rand::rng().fill_bytes(&mut input);
    let hog = Draft::new(0).input(input, gas).from(account(2));
    assert_rejected(
        pool.add(hog, rich(0)),
        "exceeds block gas limit: DA footprint",
    );
}

#[test]
fn duplicates_are_known_until_their_nonce_has_passed() {
    let pool = pool(PoolConfig::default());
    let tx = Draft::new(0).from(account(1));
    let hash = pool.add(tx.clone(), rich(0)).expect("accepted").hash;
    assert_rejected(pool.add(tx.clone(), rich(0)), "already known");
    pool.take_ready(1);
    assert_rejected(pool.add(tx.clone(), rich(0)), "already known");
    pool.on_executed(&[Executed {
        hash,
        sender: account(1),
        account: rich(1),
    }]);
    assert_rejected(pool.add(tx.clone(), rich(0)), "already known");
    assert_rejected(pool.add(tx.clone(), rich(1)), "already known");
    pool.on_block(1, &[hash], &[(account(1), rich(1))]);
    // A reader of the state that is behind does not bring it back.
    assert_rejected(pool.add(tx, rich(0)), "nonce too low");
    assert_eq!(pool.status(), Default::default());
}

#[test]
fn a_flood_of_invalid_signatures_never_reaches_the_pool() {
    let pool = pool(PoolConfig::default());
    for r in [U256::ZERO, U256::MAX] {
        let mut tx = Draft::new(0)
            .0
            .into_signed(Signature::new(r, U256::from(1), false));
        tx = alloy_consensus::Signed::new_unhashed(tx.tx().clone(), *tx.signature());
        let bytes = alloy_eips::Encodable2718::encoded_2718(&TxEnvelope::Eip1559(tx));
        for _ in 0..100 {
            let rejected = Rejected::from(PooledTx::decode(&bytes).expect_err("no sender"));
            assert_rejected::<()>(Err(rejected), "invalid sender");
        }
    }
    assert_eq!(pool.status(), Default::default());
}

#[test]
fn executable_transactions_keep_flowing_past_the_underpriced() {
    let pool = pool(PoolConfig::default());
    let mut sent = 0;
    for block in 0..20_u64 {
        // The base fee climbs by an eighth a block, and nine of ten senders did not expect it.
        let base_fee = GWEI * 9_u128.pow(block as u32) / 8_u128.pow(block as u32);
        pool.set_head(HeadInfo {
            number: block + 1,
            ..head(base_fee)
        });
        for n in 0..10_u8 {
            let sender = Address::left_padding_from(&[block as u8, n]);
            let fee_cap = if n == 0 { 100 * GWEI } else { GWEI - 1 };
            pool.add(Draft::new(0).fees(fee_cap, 1).from(sender), rich(0))
                .expect("accepted");
        }
        sent += 1;
        let ready = pool.take_ready(100);
        assert_eq!(ready.len(), 1, "block {block}");
        let done = Executed {
            hash: ready[0].hash(),
            sender: ready[0].signer(),
            account: rich(1),
        };
        pool.on_executed(&[done]);
        pool.on_block(block + 1, &[done.hash], &[(done.sender, done.account)]);
    }
    assert_eq!(pool.status().parked_accounts, sent * 9);
    pool.set_head(HeadInfo {
        number: 30,
        ..head(GWEI / 2)
    });
    assert_eq!(
        pool.take_ready(1_000).len(),
        sent * 9,
        "a falling base fee sets them free"
    );
}

#[test]
fn what_does_not_fit_a_block_does_not_stop_the_others() {
    let pool = pool(PoolConfig::default());
    pool.add(
        Draft::new(0)
            .fees(9 * GWEI, 5 * GWEI)
            .input(vec![1; 100_000], 5_000_000)
            .from(account(1)),
        rich(0),
    )
    .expect("accepted");
    pool.add(
        Draft::new(1).fees(9 * GWEI, 5 * GWEI).from(account(1)),
        rich(0),
    )
    .expect("accepted");
    pool.add(Draft::new(0).from(account(2)), rich(0))
        .expect("accepted");
    let ready = pool.take_ready(2);
    assert_eq!(ready.len(), 2);
    assert_eq!(
        pool.on_rejected(ready[0].hash(), Rejection::Deferred),
        [ready[1].hash()]
    );
    assert_eq!(taken(&pool, 10), [(account(2), 0)]);
    assert!(taken(&pool, 10).is_empty());
    pool.set_head(HeadInfo {
        number: 2,
        ..head(GWEI)
    });
    assert_eq!(taken(&pool, 10), [(account(1), 0), (account(1), 1)]);
}
