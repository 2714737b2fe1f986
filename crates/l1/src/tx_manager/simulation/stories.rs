//! What happens one thing at a time, and answers that make no sense.

use super::{FIRST_NONCE, MAX_FEE, World, l1::SimTx};
use crate::tx_manager::{
    Hold, TxEvent,
    core::{Action, Observation, SHORTER_LOOKS},
    fees::{Fees, Market},
    refusal::Refusal,
    slot::Shape,
};
use alloy_primitives::{B256, U256};
use openledger_primitives::BlockRef;
use proptest::prelude::*;
use std::{collections::BTreeMap, time::Duration};

fn quiet() -> World {
    let mut world = World::new(0);
    world.chaos = false;
    world
}

fn plain(gas: u64) -> Shape {
    Shape {
        gas,
        value: U256::ZERO,
        blobs: None,
    }
}

#[test]
fn a_nonce_waits_for_the_one_before_it() {
    let mut world = quiet();
    world.look();
    world.core.submit(FIRST_NONCE + 1, plain(21_000));
    assert_eq!(world.core.next_action(world.now), None);
    assert_eq!(world.core.hold(), Some(&Hold::NonceGap(FIRST_NONCE)));
    world.core.submit(FIRST_NONCE, plain(21_000));
    let action = world.core.next_action(world.now);
    assert!(
        matches!(
            action,
            Some(Action::Sign {
                nonce: FIRST_NONCE,
                ..
            })
        ),
        "{action:?}"
    );
}

#[test]
fn the_other_kind_waits_until_the_pool_is_free() {
    let mut world = quiet();
    world.wish(plain(21_000));
    world.wish(Shape {
        gas: 21_000,
        value: U256::ZERO,
        blobs: Some(1),
    });
    world.look();
    world.act();
    assert_eq!(world.newest.len(), 1, "{:?}", world.newest);
    world.calm();
    world.check();
}

#[test]
fn fees_beyond_the_limits_are_waited_out() {
    let mut world = quiet();
    world.l1.base_fee = MAX_FEE + 1;
    world.look();
    world.wish(plain(21_000));
    world.act();
    assert!(world.newest.is_empty());
    assert_eq!(world.core.hold(), Some(&Hold::FeeLimit));
    world.calm();
    world.check();
}

#[test]
fn a_nonce_that_a_block_has_already_is_told_and_not_signed() {
    let mut world = quiet();
    let tx = SimTx {
        nonce: FIRST_NONCE,
        hash: B256::repeat_byte(9),
        fees: Fees {
            max_fee: 500,
            tip: 5,
            blob_fee: 0,
        },
        shape: plain(30_000),
    };
    world.l1.accept(tx).expect("it is fine");
    world.l1.mine(1);
    world.look();
    world.wish(tx.shape);
    world.act();
    world.listen();
    assert!(world.newest.is_empty());
    world.check();
}

#[test]
fn a_reorganisation_that_keeps_the_count_is_told() {
    let mut world = quiet();
    world.wish(plain(21_000));
    world.look();
    world.act();
    world.l1.mine(1);
    world.look();
    world.listen();
    let before = world.told[&FIRST_NONCE];
    // The same transaction in the block's replacement, and one more on top.
    world.l1.reorganise(1, true);
    world.l1.mine(1);
    world.l1.mine(0);
    world.look();
    let excluded = TxEvent::Excluded { from: FIRST_NONCE };
    let events = world.core.take_events();
    assert_eq!(events[0], excluded);
    assert!(
        matches!(events[1], TxEvent::Included { nonce: FIRST_NONCE, block } if block != before),
        "{events:?}"
    );
}

#[test]
fn an_endpoint_that_is_behind_is_not_believed_for_a_while() {
    let mut world = quiet();
    world.wish(plain(21_000));
    world.look();
    world.act();
    world.l1.mine(1);
    world.look();
    world.listen();
    world.l1.shorten(1);
    for _ in 1..SHORTER_LOOKS {
        world.look();
        assert_eq!(world.core.take_events(), []);
    }
    world.look();
    let excluded = TxEvent::Excluded { from: FIRST_NONCE };
    assert_eq!(world.core.take_events(), [excluded]);
}

#[test]
fn a_raise_is_possible_when_the_balance_is_just_enough() {
    let mut world = quiet();
    world.wish(plain(100_000));
    world.wish(plain(100_000));
    // Enough for both at 203 wei a gas, not for both and a tenth of the first.
    world.l1.balance = U256::from(100_000 * 203 * 2);
    world.look();
    world.act();
    assert_eq!(world.newest.len(), 1, "the second waits");
    assert!(matches!(world.core.hold(), Some(Hold::Funds { .. })));
    // Blocks pass it by for long enough: the fees of the first are raised.
    world.l1.base_fee = 210;
    world.l1.mine(0);
    world.l1.mine(0);
    world.now += Duration::from_secs(21);
    world.look();
    world.act();
    assert!(world.newest[&FIRST_NONCE].fees.max_fee > 210);
    // A refill is all that it takes.
    world.l1.recover();
    world.calm();
    world.check();
}

#[test]
fn a_long_wait_behind_others_is_no_reason_to_raise_fees() {
    let mut world = quiet();
    world.wish(plain(21_000));
    world.wish(plain(21_000));
    world.look();
    world.act();
    let first = world.newest[&(FIRST_NONCE + 1)].hash;
    world.now += Duration::from_secs(100);
    (0..5).for_each(|_| world.l1.mine(0));
    world.l1.mine(1);
    world.look();
    world.act();
    assert_eq!(world.newest[&(FIRST_NONCE + 1)].hash, first);
    world.now += Duration::from_secs(20);
    (0..2).for_each(|_| world.l1.mine(0));
    world.look();
    world.act();
    assert_ne!(world.newest[&(FIRST_NONCE + 1)].hash, first);
}

#[test]
fn another_endpoint_that_is_behind_takes_nothing_back_and_its_pool_is_filled() {
    let mut world = quiet();
    world.submit();
    world.look();
    world.act();
    let count = |world: &World| world.core.seen().map(|seen| seen.count);
    world.l1.mine(1);
    world.submit();
    world.look();
    world.act();
    assert_eq!(count(&world), Some(FIRST_NONCE + 1));
    let seen = world.core.seen().expect("looked").clone();
    world.core.take_events();
    let behind = Observation {
        endpoint: 1,
        head: BlockRef {
            hash: B256::repeat_byte(1),
            number: seen.head.number - 1,
        },
        count: FIRST_NONCE,
        replaced: None,
        pool: BTreeMap::from([(FIRST_NONCE, false), (FIRST_NONCE + 1, false)]),
        ..seen
    };
    for _ in 0..100 {
        world.core.on_observation(behind.clone(), world.now);
    }
    assert_eq!(count(&world), Some(FIRST_NONCE + 1));
    assert!(world.core.take_events().is_empty());
    // What its pool does not have is sent there.
    let action = world.core.next_action(world.now);
    assert!(
        matches!(action, Some(Action::Broadcast { nonce, .. }) if nonce == FIRST_NONCE + 1),
        "{action:?}"
    );
}

proptest! {
    #[test]
    fn no_answer_of_an_endpoint_panics(
        number: u64, count: u64, balance: [u64; 4], fees: [u128; 3], words in "gapped|nonce too low|already known|insufficient funds|sidecar|.{0,40}", nonce: u64,
    ) {
        let mut world = quiet();
        for nonce in [nonce, count, u64::MAX] {
            world.core.submit(nonce, Shape { gas: 21_000, value: U256::ZERO, blobs: (nonce % 2 == 0).then_some(6) });
        }
        let observation = |number, count| Observation {
            endpoint: 0,
            head: BlockRef { hash: B256::ZERO, number },
            count,
            balance: U256::from_limbs(balance),
            market: Market { base_fee: fees[0], tip: fees[1], blob_base_fee: Some(fees[2]) },
            replaced: Some(BlockRef { hash: B256::ZERO, number }),
            pool: BTreeMap::from([(nonce, false), (count, true)]),
        };
        for (number, count) in [(number, count), (0, 0), (u64::MAX, u64::MAX), (number, nonce)] {
            world.core.on_observation(observation(number, count), world.now);
            while let Some(action) = world.core.next_action(world.now) {
                match action {
                    Action::Sign { nonce, fees } => {
                        world.core.on_signed(nonce, B256::ZERO, fees, world.now);
                    }
                    Action::Broadcast { nonce, hash } => {
                        world.core.on_answer(nonce, hash, Err(Refusal::of(&words)), world.now);
                    }
                }
            }
        }
    }
}
