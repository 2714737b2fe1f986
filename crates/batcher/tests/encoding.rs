//! What the encoder makes is what derivation reads: blocks in, payloads out, the same blocks back.

#[allow(dead_code, reason = "each test uses a part of it")]
mod support;

use openledger_batcher::{
    Channel, ChannelConfig, CloseReason, EncodeError, Encoder, Packer, assemble,
};
use openledger_primitives::{Block, BlockRef};
use openledger_protocol::{
    BLOB_CAPACITY, Batch, BatchReader, ChannelEnd, ChannelId, L2BlockRef, SpanBatch, SpanContext,
    decode_blob, decode_frames, decompress, encode_blob,
};
use proptest::prelude::*;
use std::{collections::HashMap, sync::Arc};
use support::{Users, chain, child, rollup};

fn encode(config: ChannelConfig, blocks: &[Arc<Block>]) -> Vec<Channel> {
    let rollup = rollup();
    let quality = config.quality;
    let mut encoder = Encoder::new(config, &rollup, rollup.genesis.l2, 0);
    let mut channels = Vec::new();
    for block in blocks {
        encoder.add_block(block.clone()).unwrap();
        while let Some(closed) = encoder.next_closed() {
            let channel = closed.compress(quality);
            encoder.learn(&channel);
            channels.push(channel);
        }
    }
    encoder.close(CloseReason::Flush);
    channels.extend(encoder.next_closed().map(|closed| closed.compress(quality)));
    assert!(encoder.next_closed().is_none());
    channels
}

/// Cuts everything into payloads of `capacity` bytes.
fn payloads(channels: &[Channel], per_tx: usize, capacity: usize) -> Vec<Vec<u8>> {
    let mut packer = Packer::default();
    for (seq, channel) in channels.iter().enumerate() {
        packer.push(seq as u64, channel.data.len(), 0, 0);
    }
    let mut payloads = Vec::new();
    while !packer.is_empty() {
        let packed = packer.peek(per_tx, capacity);
        packer.take(&packed);
        for pieces in &packed.payloads {
            let of = |seq: u64| {
                let channel = channels.get(seq as usize)?;
                Some((channel.id, channel.data.clone()))
            };
            payloads.push(assemble(pieces, of).unwrap().to_vec());
        }
    }
    payloads
}

/// Reads payloads strictly in order, as Holocene demands.
fn decode(payloads: &[Vec<u8>]) -> Vec<SpanBatch> {
    let mut open: Option<(ChannelId, u16, Vec<u8>)> = None;
    let mut seen = HashMap::new();
    let mut batches = Vec::new();
    for frame in payloads
        .iter()
        .flat_map(|payload| decode_frames(payload).unwrap())
    {
        let (id, next, mut data) = open.take().unwrap_or((frame.channel, 0, Vec::new()));
        assert_eq!((frame.channel, frame.number), (id, next));
        data.extend_from_slice(&frame.data);
        if !frame.is_last {
            open = Some((id, next + 1, data));
            continue;
        }
        assert!(seen.insert(id, ()).is_none(), "two channels with one id");
        let raw = decompress(&data);
        assert_eq!(raw.end, ChannelEnd::Complete);
        for batch in BatchReader::new(raw.data, SpanContext::of(&rollup())) {
            match batch.unwrap() {
                Batch::Span(span) => batches.push(span),
                Batch::Singular(_) => panic!("a singular batch"),
            }
        }
    }
    assert!(open.is_none(), "a channel without end");
    batches
}

fn check(blocks: &[Arc<Block>], batches: &[SpanBatch]) {
    let genesis = rollup().genesis;
    let mut parent = genesis.l2.hash;
    let mut rest = blocks.iter();
    for batch in batches {
        assert!(batch.check_parent_hash(parent));
        for derived in &batch.blocks {
            let block = rest.next().unwrap();
            let place = L2BlockRef::of_block(block, &genesis).unwrap();
            assert_eq!(derived.timestamp, block.header.timestamp);
            assert_eq!(derived.epoch_number, place.l1_origin.number);
            let user = block.transactions.iter().filter(|tx| !tx.is_deposit());
            assert!(derived.transactions.iter().eq(user.map(|tx| tx.encoded())));
            parent = block.hash();
            if std::ptr::eq(derived, batch.blocks.last().unwrap()) {
                assert!(batch.check_origin_hash(place.l1_origin.hash));
            }
        }
    }
    assert!(rest.next().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn blocks_of_every_kind_come_back(
        seed: u64,
        sizes in prop::collection::vec(0usize..40, 1..30),
        target_bytes in 500usize..20_000,
        max_raw_bytes in 2_000usize..100_000,
        quality in 4u32..=10,
        capacity in prop_oneof![Just(BLOB_CAPACITY), 1_000usize..5_000],
    ) {
        let mut users = Users::new(5, seed);
        let blocks = chain(sizes.len() as u64, |number| {
            (0..sizes[number as usize - 1]).map(|_| users.any()).collect()
        });
        let config = ChannelConfig { target_bytes, max_raw_bytes, quality, ..ChannelConfig::default() };
        let channels = encode(config, &blocks);
        check(&blocks, &decode(&payloads(&channels, 3, capacity)));
    }
}

#[test]
fn blobs_are_full_under_a_backlog() {
    let mut users = Users::new(20, 3);
    let blocks = chain(60, |_| (0..150).map(|_| users.transfer(true)).collect());
    let config = ChannelConfig {
        target_bytes: 170_000,
        ..ChannelConfig::default()
    };
    let channels = encode(config, &blocks);
    assert!(channels.len() >= 4, "{} channels", channels.len());
    let payloads = payloads(&channels, 6, BLOB_CAPACITY);
    for payload in &payloads[..payloads.len() - 1] {
        assert!(
            payload.len() * 100 >= BLOB_CAPACITY * 99,
            "{} bytes",
            payload.len()
        );
    }
    let back: Vec<Vec<u8>> = payloads
        .iter()
        .map(|payload| {
            decode_blob(&encode_blob(payload).unwrap())
                .unwrap()
                .to_vec()
        })
        .collect();
    assert_eq!(back, payloads);
    check(&blocks, &decode(&back));
}

#[test]
fn the_estimate_follows_what_channels_come_to() {
    let mut users = Users::new(50, 4);
    let blocks = chain(40, |_| (0..100).map(|_| users.transfer(false)).collect());
    let config = ChannelConfig {
        target_bytes: 40_000,
        ..ChannelConfig::default()
    };
    let channels = encode(config, &blocks);
    for channel in &channels[2..channels.len() - 1] {
        let len = channel.data.len();
        assert!((32_000..50_000).contains(&len), "{len} bytes");
    }
}

#[test]
fn a_block_that_does_not_follow_comes_back_with_its_error() {
    let blocks = chain(3, |_| Vec::new());
    let rollup = rollup();
    let mut encoder = Encoder::new(ChannelConfig::default(), &rollup, rollup.genesis.l2, 0);
    encoder.add_block(blocks[0].clone()).unwrap();
    let rejected = encoder.add_block(blocks[2].clone()).unwrap_err();
    assert_eq!(rejected.block, blocks[2]);
    assert_eq!(
        rejected.error,
        EncodeError::NotNext {
            parent: blocks[1].hash(),
            last: blocks[0].block_ref()
        }
    );
    encoder.add_block(blocks[1].clone()).unwrap();
    // Another second block, after a rewind.
    let other = Arc::new(child(&blocks[0], 0, 2, Vec::new(), 9));
    assert!(encoder.add_block(other.clone()).is_err());
    encoder.rewind(blocks[0].block_ref());
    encoder.add_block(other.clone()).unwrap();
    encoder.close(CloseReason::Flush);
    let closed = encoder.next_closed().unwrap();
    assert_eq!(
        (closed.blocks.first(), closed.blocks.last),
        (2, other.block_ref())
    );
}

#[test]
fn channels_close_by_age_and_before_the_window_ends() {
    let blocks = chain(20, |_| Vec::new());
    let mut rollup = rollup();
    rollup.seq_window_size = 30;
    let config = ChannelConfig {
        max_duration: 4,
        window_margin: 10,
        ..ChannelConfig::default()
    };
    let mut encoder = Encoder::new(config, &rollup, rollup.genesis.l2, 3);
    let mut closed = |l1_head: u64, block: Option<usize>| {
        encoder.on_l1_head(l1_head);
        if let Some(block) = block {
            encoder.add_block(blocks[block].clone()).unwrap();
        }
        encoder
            .next_closed()
            .map(|channel| (channel.reason, channel.blocks.count()))
    };
    assert_eq!(closed(3, Some(0)), None);
    assert_eq!(closed(6, Some(1)), None);
    assert_eq!(closed(7, None), Some((CloseReason::Duration, 2)));
    assert_eq!(closed(30, None), None);
    // Its origin is 0, whose window ends at 30.
    assert_eq!(closed(30, Some(2)), Some((CloseReason::Window, 1)));
    assert_eq!(closed(19, Some(3)), None);
    assert_eq!(closed(20, None), Some((CloseReason::Window, 1)));
}

#[test]
fn an_empty_encoder_has_nothing_to_close() {
    let rollup = rollup();
    let mut encoder = Encoder::new(ChannelConfig::default(), &rollup, BlockRef::default(), 0);
    encoder.close(CloseReason::Flush);
    encoder.on_l1_head(100);
    assert!(encoder.next_closed().is_none());
}
