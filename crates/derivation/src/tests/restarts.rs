//! A node that is restarted, wherever it was, derives the chain that one without restarts derives.

use crate::kit::{
    BlockPlan, Choices, FIRST_L1, Node, World, ZLIB, cases, frames, pool, singulars, span,
};
use openledger_primitives::Block;
use openledger_protocol::{Batch, ChannelId, encode_frames};
use proptest::prelude::*;
use std::sync::Arc;

/// A batcher that contradicts itself: it writes several chains that part at random places, in any order, with gaps, and with blocks
/// that the engine refuses.
fn contradictions(choices: &mut Choices) -> World {
    let mut world = World::new(6 + choices.next(6) as u64);
    world.mine(24);
    let mut chains = vec![vec![world.genesis.clone()]];
    world.sequence(&mut chains[0], &choices.plan(60));
    for _ in 0..3 {
        let base = choices.next(chains.len());
        let at = 1 + choices.next(chains[base].len());
        let mut other = chains[base][..at.min(chains[base].len())].to_vec();
        let plan = choices.plan(40);
        world.sequence(&mut other, &plan);
        chains.push(other);
    }
    for number in FIRST_L1 + 1..=FIRST_L1 + 24 {
        for _ in 0..choices.next(3) {
            let chain = &chains[choices.next(chains.len())];
            // Only blocks whose origins are known by now, mostly around those that may be next.
            let known = |block: &Arc<Block>| world.head_of(block).block.l1_origin.number < number;
            let end = chain.iter().take_while(|b| known(b)).count();
            let from = (1 + choices.next(end.max(2)) / 2).min(end);
            let to = (from + choices.next(20)).min(end);
            let batches = choices.batches(&world, &chain[from..to]);
            if !batches.is_empty() {
                world.post_batches(number, &batches);
            }
        }
    }
    world
}

fn node<'w>(world: &'w World, refused: &[usize]) -> Node<'w> {
    refuse(Node::new(world), refused)
}

fn refuse<'w>(mut node: Node<'w>, refused: &[usize]) -> Node<'w> {
    node.refused = refused.iter().map(|i| pool()[*i].hash()).collect();
    node
}

fn ok<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, TestCaseError> {
    result.map_err(|error| TestCaseError::fail(error.to_string()))
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_restart_from_a_checkpoint_is_exact_even_when_the_batcher_contradicts_itself(
        list in prop::collection::vec(any::<u16>(), 20..200),
        refused in prop::collection::vec(0..pool().len(), 0..3),
    ) {
        let world = contradictions(&mut Choices::new(list));
        let mut whole = node(&world, &refused);
        ok(whole.run())?;
        for &(l1, safe) in &whole.checkpoints {
            let chain = whole.chain[..=safe as usize].to_vec();
            let again = ok(Node::restarted(&world, chain, Some(l1)))?;
            let mut again = refuse(again, &refused);
            ok(again.run())?;
            prop_assert_eq!(&again.chain, &whole.chain, "from L1 block {}, L2 block {}", l1, safe);
            let after: Vec<_> = whole.derived.iter().filter(|d| d.derived_from.number > l1).cloned().collect();
            prop_assert_eq!(again.derived.len(), after.len());
            for (one, other) in again.derived.iter().zip(&after) {
                prop_assert_eq!(one.derived_from, other.derived_from);
                prop_assert_eq!(one.deposits_only, other.deposits_only);
            }
        }
    }

    #[test]
    fn a_node_that_is_stopped_at_every_step_derives_the_same(
        list in prop::collection::vec(any::<u16>(), 20..200),
        refused in prop::collection::vec(0..pool().len(), 0..3),
    ) {
        let world = contradictions(&mut Choices::new(list));
        let mut whole = node(&world, &refused);
        ok(whole.run())?;
        // One step, then a new pipeline from the last checkpoint, until a checkpoint is reached that was not there before.
        let (mut chain, mut checkpoint) = (vec![world.genesis.clone()], FIRST_L1 - 1);
        let mut steps = 1;
        loop {
            let again = ok(Node::restarted(&world, chain.clone(), Some(checkpoint)))?;
            let mut again = refuse(again, &refused);
            let mut more = true;
            for _ in 0..steps {
                more = ok(again.advance())?;
            }
            let reached = again.checkpoints.iter().rfind(|(l1, _)| *l1 > checkpoint).copied();
            if let Some((l1, safe)) = reached {
                checkpoint = l1;
                chain = again.chain[..=safe as usize].to_vec();
                steps = 1;
            } else {
                steps += 1;
            }
            if !more {
                prop_assert_eq!(&again.chain, &whole.chain);
                break;
            }
        }
    }
}

#[test]
fn a_restart_from_any_safe_block_is_exact_when_the_batcher_is_honest() {
    let mut world = World::new(40);
    world.mine(90);
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &BlockPlan::usual(420));
    // Channels of 30 blocks, every third one twice, and one that begins before its time and comes again.
    for (i, blocks) in chain[1..].chunks(30).enumerate() {
        let origin = world.head_of(blocks.last().unwrap()).block.l1_origin.number;
        let batches = match i % 2 {
            0 => singulars(&world, blocks),
            _ => vec![Batch::Span(span(&world, blocks))],
        };
        for repeat in 0..=u64::from(i % 3 == 0) {
            world.post_batches(origin + 2 + repeat, &batches);
        }
    }
    let mut whole = Node::new(&world);
    whole.run().unwrap();
    assert_eq!(whole.chain[..chain.len()], chain);
    for safe in (1..whole.chain.len()).step_by(7) {
        let mut again = Node::restarted(&world, whole.chain[..=safe].to_vec(), None).unwrap();
        again.run().unwrap();
        assert_eq!(again.chain, whole.chain, "from L2 block {safe}");
    }
}

#[test]
fn a_restart_begins_early_enough_for_a_channel_that_was_open() {
    // Its last frame is in the last L1 block that counts, 50 after its first.
    let mut world = World::new(200);
    world.mine(120);
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &BlockPlan::usual(664));
    let origin = |world: &World, block: usize| world.head_of(&chain[block]).block.l1_origin.number;
    assert_eq!(origin(&world, 662), FIRST_L1 + 110);
    world.post_batches(FIRST_L1 + 60, &[Batch::Span(span(&world, &chain[1..300]))]);
    let channel = world.channel(&[Batch::Span(span(&world, &chain[300..]))], ZLIB);
    let parts = frames(ChannelId([7; 16]), &channel, channel.len() / 2 + 1);
    world.post(FIRST_L1 + 61, encode_frames(&parts[..1]));
    world.post(FIRST_L1 + 111, encode_frames(&parts[1..]));
    let mut whole = Node::new(&world);
    whole.run().unwrap();
    assert_eq!(whole.chain, chain);
    for safe in [250, 299, 310, 661, 662, 663] {
        let mut again = Node::restarted(&world, chain[..=safe].to_vec(), None).unwrap();
        again.run().unwrap();
        assert_eq!(again.chain, chain, "from L2 block {safe}");
    }
}
