//! A span batch of 2,000 token transfers: encoding, decoding, compression. Throughput is in transactions.

use alloy_consensus::{Header, SignableTransaction, TxEip1559};
use alloy_primitives::{Address, B256, Signature, TxKind, U256, keccak256};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use openledger_primitives::{Block, BlockRef, Tx, TxEnvelope};
use openledger_protocol::{
    Batch, Compression, L2BlockRef, SpanBatchBuilder, SpanContext, batch_rlp, compress,
    decode_blob, decompress, encode_blob,
};
use std::hint::black_box;

const BLOCKS: u64 = 20;
const PER_BLOCK: u64 = 100;
const CONTEXT: SpanContext = SpanContext {
    genesis_time: 1_700_000_000,
    block_time: 2,
    chain_id: 901,
};

/// A transfer with the entropy of a real one. The signature is random: nothing here looks into it.
fn transfer(index: u64) -> Tx {
    let random = |salt: u64| keccak256([index.to_be_bytes(), salt.to_be_bytes()].concat());
    let mut input = vec![0xa9, 0x05, 0x9c, 0xbb];
    input.extend(Address::from_word(random(1)).into_word());
    input.extend(B256::from(U256::from(1_000_000_000 + index * 7_919)));
    let tx = TxEip1559 {
        chain_id: CONTEXT.chain_id,
        nonce: index / 50,
        gas_limit: 65_000,
        max_fee_per_gas: 1_000_000_000,
        max_priority_fee_per_gas: 1_000_000,
        to: TxKind::Call(Address::repeat_byte(0x42)),
        input: input.into(),
        ..Default::default()
    };
    let signature = Signature::new(random(2).into(), random(3).into(), index.is_multiple_of(2));
    let envelope = TxEnvelope::Eip1559(tx.into_signed(signature));
    Tx::with_signer(envelope, Address::from_word(random(4)))
}

fn blocks() -> Vec<(Block, L2BlockRef)> {
    (0..BLOCKS)
        .map(|number| {
            let transactions = (0..PER_BLOCK).map(|i| transfer(number * PER_BLOCK + i));
            let timestamp = CONTEXT.genesis_time + number * CONTEXT.block_time;
            let header = Header {
                number,
                timestamp,
                ..Default::default()
            };
            let block = Block::new(header, transactions.collect(), None);
            let place = L2BlockRef {
                hash: block.hash(),
                number,
                parent_hash: B256::ZERO,
                timestamp,
                l1_origin: BlockRef::default(),
                sequence_number: number,
            };
            (block, place)
        })
        .collect()
}

fn build(builder: &mut SpanBatchBuilder, blocks: &[(Block, L2BlockRef)]) -> Vec<u8> {
    builder.clear();
    for (block, place) in blocks {
        builder.push(block, place).expect("blocks in order");
    }
    builder.encode().expect("blocks were pushed")
}

fn span(c: &mut Criterion) {
    let blocks = blocks();
    let mut builder = SpanBatchBuilder::new(CONTEXT);
    let batch = build(&mut builder, &blocks);
    let mut group = c.benchmark_group("span");
    group.throughput(Throughput::Elements(BLOCKS * PER_BLOCK));
    group.bench_function("encode", |b| {
        b.iter(|| build(&mut builder, black_box(&blocks)))
    });
    group.bench_function("decode", |b| {
        b.iter(|| Batch::decode(black_box(&batch), &CONTEXT))
    });
    group.finish();

    let mut content = Vec::new();
    batch_rlp(&batch, &mut content);
    let mut group = c.benchmark_group("channel");
    group.throughput(Throughput::Elements(BLOCKS * PER_BLOCK));
    group.sample_size(10);
    let brotli = (4..=11).map(|quality| Compression::Brotli {
        quality,
        window: 22,
    });
    for with in brotli.chain([Compression::Zlib { level: 9 }]) {
        let channel = compress(&content, with);
        println!("{with:?}: {} of {} bytes", channel.len(), content.len());
        group.bench_function(format!("compress {with:?}"), |b| {
            b.iter(|| compress(&content, with))
        });
        group.bench_function(format!("decompress {with:?}"), |b| {
            b.iter(|| decompress(&channel))
        });
    }
    group.finish();

    let data = vec![0xab; openledger_protocol::BLOB_CAPACITY];
    let blob = encode_blob(&data).expect("it fits");
    c.bench_function("blob encode", |b| {
        b.iter_batched(|| (), |()| encode_blob(&data), BatchSize::LargeInput)
    });
    c.bench_function("blob decode", |b| b.iter(|| decode_blob(black_box(&blob))));
}

criterion_group!(benches, span);
criterion_main!(benches);
