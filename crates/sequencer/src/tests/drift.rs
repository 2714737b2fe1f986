//! An L1 that is further behind than the drift allows.

use super::{
    operator::{origin, stopped},
    *,
};
use crate::Starting;
use openledger_derivation::MAX_SEQUENCER_DRIFT;

fn is_empty(node: &Running, number: u64) -> bool {
    let block = node.chain.block(number).unwrap().unwrap();
    block.transactions.len() == 1
}

#[test]
fn beyond_the_drift_blocks_wait_for_the_l1_and_fill_their_slots_when_it_is_back() {
    let world = World::founded(MAX_SEQUENCER_DRIFT + 100);
    let mut node = world.run().unwrap();
    // One more might be older than the next L1 block, or not: it is too early to tell.
    node.until_height(MAX_SEQUENCER_DRIFT);
    let head = stopped(&node);
    assert_eq!(head.number, MAX_SEQUENCER_DRIFT);
    assert_eq!(
        node.sequencer.start_production(head.hash).unwrap(),
        Starting::Started
    );
    let tx = world.transfer(0, 0);
    node.send(&tx);
    let gap = MAX_SEQUENCER_DRIFT + 50;
    world.l1.extend_after(1, gap);
    node.wake.raise();
    let number = node.until_sealed(&tx);
    assert!(number > gap);
    for between in head.number + 1..gap {
        assert_eq!(origin(&world, &node, between), 0);
        assert!(is_empty(&node, between), "block {between}");
    }
    assert_eq!(origin(&world, &node, gap), 1);
    let status = node.sequencer.status();
    assert!(!status.waits_for_l1);
    assert_eq!(status.halted, None);
}

#[test]
fn origins_that_are_old_themselves_bring_no_transactions() {
    let world = World::founded(MAX_SEQUENCER_DRIFT + 100);
    let mut node = world.run().unwrap();
    node.until_height(MAX_SEQUENCER_DRIFT);
    // So old that the blocks on it, though each adopts one more, are still beyond the drift.
    (0..150).for_each(|_| world.l1.extend(1));
    let tx = world.transfer(0, 0);
    node.send(&tx);
    let number = node.until_sealed(&tx);
    let drift = |number| number - origin(&world, &node, number);
    for earlier in MAX_SEQUENCER_DRIFT + 1..number {
        assert!(
            drift(earlier) <= MAX_SEQUENCER_DRIFT || is_empty(&node, earlier),
            "block {earlier}"
        );
    }
    assert!(drift(number) <= MAX_SEQUENCER_DRIFT);
}

#[test]
fn blocks_that_the_l1_s_new_way_makes_invalid_are_made_anew() {
    let world = World::founded(MAX_SEQUENCER_DRIFT + 100);
    world.l1.extend_after(1, MAX_SEQUENCER_DRIFT + 80);
    let mut node = world.run().unwrap();
    node.until_height(MAX_SEQUENCER_DRIFT + 90);
    let next = |node: &Running| {
        (1..=node.chain.head().number()).find(|number| origin(&world, node, *number) == 1)
    };
    assert_eq!(next(&node), Some(MAX_SEQUENCER_DRIFT + 80));
    // Another block takes that one's place, which the blocks between had to adopt.
    world.l1.blocks.write().truncate(1);
    world.l1.extend_after(2, MAX_SEQUENCER_DRIFT + 20);
    world.l1.reorgs.fetch_add(1, Ordering::Release);
    node.wake.raise();
    let lowest = |blocks: &[Arc<openledger_storage::ExecutedBlock>]| {
        blocks.iter().map(|block| block.number()).min()
    };
    node.until("the second retraction", |event| match event {
        ChainEvent::Retracted(blocks) => {
            (lowest(&blocks) == Some(MAX_SEQUENCER_DRIFT + 20)).then_some(())
        }
        _ => None,
    });
    node.until_height(MAX_SEQUENCER_DRIFT + 90);
    assert_eq!(next(&node), Some(MAX_SEQUENCER_DRIFT + 20));
    assert_eq!(node.sequencer.status().halted, None);
}
