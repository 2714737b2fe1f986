//! What was encoded is what is derived, however it was cut into pieces.

use crate::kit::{Choices, FIRST_L1, Node, World, cases};
use alloy_primitives::Bytes;
use openledger_primitives::Block;
use openledger_protocol::{ConfigUpdate, decode_frames};
use proptest::prelude::*;
use std::sync::Arc;

const L1_BLOCKS: u64 = 150;

/// A random world with a random chain in it.
fn random_chain(choices: &mut Choices, blocks: usize) -> (World, Vec<Arc<Block>>) {
    let mut world = World::of_fork(500, choices.next(4) != 0);
    world.mine(L1_BLOCKS);
    for number in FIRST_L1 + 1..FIRST_L1 + 20 {
        for _ in 0..choices.next(3) {
            world.add_deposit(number, choices.next(50));
        }
        match choices.next(6) {
            0 => world.update_config(number, ConfigUpdate::GasLimit(30_000_000 + number)),
            1 => world.update_config(number, ConfigUpdate::DaFootprintGasScalar(number as u16)),
            _ => {}
        }
    }
    let mut chain = vec![world.genesis.clone()];
    let plan = choices.plan(blocks);
    world.sequence(&mut chain, &plan);
    (world, chain)
}

/// The same with the chain on the L1, in random pieces.
pub(super) fn posted_chain(choices: &mut Choices, blocks: usize) -> (World, Vec<Arc<Block>>) {
    let (mut world, chain) = random_chain(choices, blocks);
    let mut l1 = FIRST_L1 + 1;
    for (earliest, payload) in choices.payloads(&world, &chain[1..]) {
        l1 = l1.max(earliest) + [0, 0, 0, 1, 2][choices.next(5)];
        world.post(l1.min(FIRST_L1 + L1_BLOCKS), payload);
    }
    (world, chain)
}

fn derive(world: &World) -> Result<Vec<Arc<Block>>, TestCaseError> {
    let mut node = Node::new(world);
    node.run().map_err(|e| TestCaseError::fail(e.to_string()))?;
    Ok(node.chain)
}

fn undecodable(bytes: Vec<u8>) -> Option<Bytes> {
    decode_frames(&bytes).is_err().then(|| bytes.into())
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn every_encoding_of_a_chain_derives_it(
        list in prop::collection::vec(any::<u16>(), 8..80),
        blocks in 1usize..90,
    ) {
        let (world, chain) = posted_chain(&mut Choices::new(list), blocks);
        prop_assert_eq!(derive(&world)?, chain);
    }

    #[test]
    fn garbage_and_repeated_payloads_change_nothing(
        list in prop::collection::vec(any::<u16>(), 8..80),
        blocks in 1usize..60,
        garbage in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..30),
    ) {
        let mut choices = Choices::new(list);
        let (mut world, chain) = random_chain(&mut choices, blocks);
        let mut garbage = garbage.into_iter().filter_map(undecodable).cycle();
        let mut l1 = FIRST_L1 + 1;
        for (earliest, payload) in choices.payloads(&world, &chain[1..]) {
            l1 = l1.max(earliest) + choices.next(2) as u64;
            for _ in 0..choices.next(3) {
                world.post(l1, garbage.next().unwrap_or_default());
            }
            for _ in 0..1 + choices.next(3) {
                world.post(l1, payload.clone());
            }
        }
        prop_assert_eq!(derive(&world)?, chain);
    }

    #[test]
    fn lost_and_reordered_payloads_never_make_another_chain(
        list in prop::collection::vec(any::<u16>(), 8..80),
        blocks in 1usize..60,
    ) {
        let mut choices = Choices::new(list);
        let (mut world, chain) = random_chain(&mut choices, blocks);
        let mut payloads = choices.payloads(&world, &chain[1..]);
        for i in (1..payloads.len()).rev() {
            if choices.next(3) == 0 {
                let other = choices.next(i + 1);
                payloads.swap(i, other);
            }
        }
        payloads.retain(|_| choices.next(8) != 0);
        let mut l1 = FIRST_L1 + 1;
        for (earliest, payload) in payloads {
            l1 = l1.max(earliest);
            world.post(l1, payload);
        }
        let derived = derive(&world)?;
        prop_assert!(derived.len() <= chain.len());
        prop_assert_eq!(&derived[..], &chain[..derived.len()]);
    }
}
