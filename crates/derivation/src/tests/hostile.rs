//! Whatever the batcher's key writes to the L1: derivation goes on, within bounds.

use crate::kit::{Choices, FIRST_L1, Node, World, ZLIB, cases, frames, singulars, span};
use alloy_primitives::Bytes;
use openledger_primitives::Block;
use openledger_protocol::{
    Batch, ChannelId, Compression, SpanContext, batch_rlp, compress, encode_frames,
};
use proptest::prelude::*;
use std::sync::Arc;

const WINDOW: u64 = 6;
const L1_BLOCKS: u64 = 30;

/// Damages bytes at a few places: changed, removed, repeated.
fn damage(mut bytes: Vec<u8>, choices: &mut Choices) -> Vec<u8> {
    for _ in 0..choices.next(4) {
        if bytes.is_empty() {
            break;
        }
        let at = choices.next(bytes.len());
        match choices.next(5) {
            0 => bytes[at] ^= 1 << choices.next(8),
            1 => bytes[at] = choices.next(256) as u8,
            2 => bytes.truncate(at),
            3 => {
                bytes.remove(at);
            }
            _ => {
                let tail = bytes[at..].to_vec();
                bytes.extend(tail);
            }
        }
    }
    bytes
}

/// A payload that is wrong in one of the layers, or in none.
fn payload(world: &World, chain: &[Arc<Block>], noise: &[u8], choices: &mut Choices) -> Bytes {
    let layer = choices.next(6);
    let from = 1 + choices.next(chain.len() - 1);
    let to = (from + 1 + choices.next(30)).min(chain.len());
    let context = SpanContext::of(&world.rollup);
    let batches = match choices.next(2) {
        0 => singulars(world, &chain[from..to]),
        _ => vec![Batch::Span(span(world, &chain[from..to]))],
    };
    let mut content = Vec::new();
    for batch in &batches {
        let mut bytes = batch.encode(&context).expect("encodes");
        if layer == 0 {
            bytes = damage(bytes, choices);
        }
        batch_rlp(&bytes, &mut content);
    }
    if layer == 1 {
        content = damage(content, choices);
    }
    let compression = match choices.next(2) {
        0 => ZLIB,
        _ => Compression::Brotli {
            quality: 1,
            window: 16,
        },
    };
    let mut channel = compress(&content, compression);
    if layer == 2 {
        channel = damage(channel, choices);
    }
    if layer == 3 {
        channel = noise.to_vec();
    }
    let id = ChannelId([choices.next(3) as u8; 16]);
    let mut list = frames(id, &channel, 1 + channel.len() / (1 + choices.next(4)));
    if choices.next(3) == 0 && !list.is_empty() {
        let at = choices.next(list.len());
        list[at].number = choices.next(5) as u16;
        list[at].is_last = choices.next(2) == 0;
        let other = choices.next(list.len());
        list.swap(at, other);
    }
    match layer {
        4 => damage(encode_frames(&list), choices).into(),
        5 => Bytes::copy_from_slice(noise),
        _ => encode_frames(&list).into(),
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn no_payload_stops_derivation_or_makes_it_grow(
        list in prop::collection::vec(any::<u16>(), 20..300),
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..20),
    ) {
        let mut choices = Choices::new(list);
        let mut world = World::new(WINDOW);
        world.mine(L1_BLOCKS);
        let mut chain = vec![world.genesis.clone()];
        world.sequence(&mut chain, &choices.plan(80));
        for number in FIRST_L1 + 1..=FIRST_L1 + L1_BLOCKS {
            for _ in 0..choices.next(4) {
                let noise = noise[choices.next(noise.len())].clone();
                let payload = payload(&world, &chain, &noise, &mut choices);
                world.post(number, payload);
            }
        }
        let mut node = Node::new(&world);
        let mut more = true;
        while more {
            more = node.advance().map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert!(node.pipeline.l1_window() as u64 <= WINDOW + 2);
        }
        // Everything was read, and the epochs whose window is over have their blocks.
        prop_assert_eq!(node.pipeline.origin().number, world.head());
        let safe = node.safe();
        let origin = world.head_of(node.chain.last().expect("a block")).block.l1_origin.number;
        prop_assert!(origin + WINDOW >= world.head(), "{} at {}", safe.number, origin);
        // The rules of the chain hold, whoever wrote it.
        for pair in node.chain.windows(2) {
            let (parent, block) = (world.head_of(&pair[0]).block, world.head_of(&pair[1]).block);
            prop_assert_eq!(block.parent_hash, parent.hash);
            prop_assert_eq!(block.timestamp, parent.timestamp + world.rollup.block_time);
            let moved = block.l1_origin.number - parent.l1_origin.number;
            prop_assert!(moved <= 1);
            let expected = if moved == 1 { 0 } else { parent.sequence_number + 1 };
            prop_assert_eq!(block.sequence_number, expected);
            let origin = world.inputs(block.l1_origin.number).expect("canonical").block;
            prop_assert_eq!(origin.hash, block.l1_origin.hash);
            prop_assert!(block.timestamp >= origin.timestamp);
        }
    }
}

#[test]
fn a_channel_that_decompresses_to_more_than_the_limit_counts_up_to_it() {
    let mut world = World::new(100);
    world.mine(20);
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &Choices::new(vec![1]).plan(4));
    let context = SpanContext::of(&world.rollup);
    let mut content = Vec::new();
    for batch in singulars(&world, &chain[1..]) {
        batch_rlp(&batch.encode(&context).expect("encodes"), &mut content);
    }
    // A batch longer than the rest of the limit follows.
    content.extend_from_slice(&[0xbb, 0x7f, 0xff, 0xff, 0xff]);
    content.resize(
        openledger_protocol::MAX_RLP_BYTES_PER_CHANNEL + 1_000_000,
        0,
    );
    world.post_channel(FIRST_L1 + 5, compress(&content, ZLIB));
    let mut node = Node::new(&world);
    node.run().expect("one branch");
    assert_eq!(node.chain, chain);
}
