//! What an operator tells the sequencer.

use super::*;
use crate::{Starting, Stopping};

pub(super) fn stopped(node: &Running) -> BlockRef {
    match node.sequencer.stop_production().unwrap() {
        Stopping::Stopped(head) => head,
        Stopping::WasStopped => panic!("it was stopped before"),
    }
}

pub(super) fn origin(world: &World, node: &Running, number: u64) -> u64 {
    let block = node.chain.block(number).unwrap().unwrap();
    let reference = L2BlockRef::of_block(&block, &world.rollup.genesis).unwrap();
    reference.l1_origin.number
}

#[test]
fn a_stop_seals_what_was_preconfirmed_and_the_start_includes_what_came_since() {
    let world = World::new();
    let mut node = world.run().unwrap();
    node.until_height(1);
    let tx = world.transfer(0, 0);
    node.send(&tx);
    let hash = tx.hash();
    node.until("the preconfirmation", |event| match event {
        ChainEvent::Preconfirmed(block, _) => block.position(hash).map(drop),
        _ => None,
    });
    let head = stopped(&node);
    assert_eq!(node.chain.head().block_ref(), head);
    assert!(node.chain.transaction(hash).unwrap().is_some());
    assert!(node.chain.pending().is_none());
    assert!(!node.sequencer.status().active);
    assert_eq!(
        node.sequencer.stop_production().unwrap(),
        Stopping::WasStopped
    );

    let later = world.transfer(0, 1);
    node.send(&later);
    assert_eq!(
        node.sequencer.start_production(B256::ZERO).unwrap(),
        Starting::OtherHead(head)
    );
    assert!(!node.sequencer.status().producing);
    assert_eq!(node.chain.head().block_ref(), head);
    assert_eq!(
        node.sequencer.start_production(head.hash).unwrap(),
        Starting::Started
    );
    assert!(node.until_sealed(&later) > head.number);
    assert_eq!(
        node.sequencer.start_production(head.hash).unwrap(),
        Starting::WasStarted
    );
    assert_eq!(node.sequencer.status().halted, None);
}

#[test]
fn a_stop_outlasts_neither_the_run_nor_needs_an_l1_that_answers() {
    let world = World::new();
    world.l1.extend(1);
    let mut node = world.run().unwrap();
    node.until_height(3);
    let head = stopped(&node);
    assert_eq!(origin(&world, &node, head.number), 1);
    // The L1 serves the head's origin no more, and does not say that it is gone: the builder waits for it.
    world.l1.shorten(0);
    assert_eq!(
        node.sequencer.start_production(head.hash).unwrap(),
        Starting::Started
    );
    assert_eq!(stopped(&node), head);
    world.l1.extend(1);
    node.sequencer.stop();
    drop(node);
    let mut node = world.run().unwrap();
    assert!(node.sequencer.status().active);
    node.until_height(head.number + 1);
}

#[test]
fn in_recover_mode_every_block_takes_the_next_origin_and_no_transaction_of_a_user() {
    let world = World::new();
    let mut node = world.run().unwrap();
    node.until_height(1);
    assert!(node.sequencer.set_recover_mode(true));
    assert!(!node.sequencer.set_recover_mode(true));
    let tx = world.transfer(0, 0);
    // The next L1 block is there, but not what it brings: the block that must take it as its origin waits.
    world.l1.withheld.store(true, Ordering::Release);
    let (asked, asks) = crossbeam_channel::unbounded();
    *world.l1.asked.write() = Some(asked);
    let before = node.chain.head().number();
    world.l1.extend(1);
    for _ in 0..5 {
        assert_eq!(asks.recv_timeout(PATIENCE).unwrap(), 1);
    }
    world.l1.withheld.store(false, Ordering::Release);
    node.send(&tx);
    // One block was open, and one was being sealed.
    node.until_height(before + 5);
    assert_eq!(origin(&world, &node, before + 3), 1);
    for number in before + 3..=before + 5 {
        let block = node.chain.block(number).unwrap().unwrap();
        assert_eq!(block.transactions.len(), 1, "block {number}");
    }
    assert!(node.sequencer.set_recover_mode(false));
    assert!(node.until_sealed(&tx) > before + 5);
}
