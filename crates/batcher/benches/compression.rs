//! What a transaction costs the batcher, and how many bytes it takes on the L1, beside brotli over the whole span batch.
//!
//! Prints bytes per transaction once; the times are criterion's. Token transfers with real signatures, in blocks of 1,000.

#[allow(dead_code, reason = "a bench uses a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use openledger_batcher::{ChannelConfig, CloseReason, ClosedChannel, Encoder, compress_batch};
use openledger_primitives::Block;
use openledger_protocol::{Compression, batch_rlp, compress};
use std::{hint::black_box, sync::Arc};
use support::{Users, chain, rollup};

const TRANSACTIONS: usize = 10_000;
const PER_BLOCK: usize = 1_000;

fn blocks(fresh: bool) -> Vec<Arc<Block>> {
    let mut users = Users::new(1_000, 7);
    chain((TRANSACTIONS / PER_BLOCK) as u64, |_| {
        (0..PER_BLOCK).map(|_| users.transfer(fresh)).collect()
    })
}

fn encode(blocks: &[Arc<Block>]) -> ClosedChannel {
    let rollup = rollup();
    let config = ChannelConfig {
        target_bytes: usize::MAX,
        ..ChannelConfig::default()
    };
    let mut encoder = Encoder::new(config, &rollup, rollup.genesis.l2, 0);
    for block in blocks {
        encoder.add_block(block.clone()).unwrap();
    }
    encoder.close(CloseReason::Flush);
    encoder.next_closed().unwrap()
}

fn whole(batch: &[u8], quality: u32) -> Vec<u8> {
    let mut raw = Vec::new();
    batch_rlp(batch, &mut raw);
    compress(
        &raw,
        Compression::Brotli {
            quality,
            window: 22,
        },
    )
}

fn compression(c: &mut Criterion) {
    for (name, fresh) in [("holders", false), ("fresh", true)] {
        let blocks = blocks(fresh);
        let mut group = c.benchmark_group(format!("erc20-to-{name}"));
        group
            .throughput(Throughput::Elements(TRANSACTIONS as u64))
            .sample_size(10);
        group.bench_function("encode", |b| b.iter(|| black_box(encode(&blocks))));
        let batch = encode(&blocks).batch;
        let per_tx = |bytes: &[u8]| bytes.len() as f64 / TRANSACTIONS as f64;
        println!("{name}: raw {:.2} B a transaction", per_tx(&batch));
        println!(
            "{name}: whole, quality 10: {:.2} B",
            per_tx(&whole(&batch, 10))
        );
        group.bench_function("whole-10", |b| b.iter(|| black_box(whole(&batch, 10))));
        for quality in [2, 4, 5, 6, 7, 8, 9, 10, 11] {
            let bytes = compress_batch(&batch, quality);
            println!(
                "{name}: columns, quality {quality}: {:.2} B",
                per_tx(&bytes)
            );
            group.bench_function(format!("columns-{quality}"), |b| {
                b.iter(|| black_box(compress_batch(&batch, quality)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, compression);
criterion_main!(benches);
