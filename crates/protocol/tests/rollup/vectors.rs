//! What op-node's batchers really wrote: recorded in `shared/testdata/optimism`.

use alloy_consensus::Transaction;
use alloy_primitives::{address, hex};
use openledger_primitives::Tx;
use openledger_protocol::{
    Batch, BatchReader, ChannelEnd, SpanBatch, SpanContext, decode_frames, decompress,
};
use std::path::PathBuf;

/// The recorded file; `None`, said aloud, when the test data is not there. The files hold raw bytes in spite of their names.
fn recorded(file: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("OPENLEDGER_TESTDATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
        PathBuf::from,
    );
    let path = root.join("optimism").join(file);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("{} is not there: it is not tested", path.display());
    }
    bytes
}

/// OP Mainnet's.
const OP_MAINNET: SpanContext = SpanContext {
    genesis_time: 1_686_068_903,
    block_time: 2,
    chain_id: 10,
};

/// Every transaction decodes, recovers a sender and is what it was encoded from.
fn transactions(batch: &SpanBatch) -> Vec<Tx> {
    let encoded = batch.blocks.iter().flat_map(|block| &block.transactions);
    encoded
        .map(|bytes| {
            let tx = Tx::decode(bytes).expect("a transaction of a recorded batch");
            assert_eq!(tx.encoded(), bytes);
            tx
        })
        .collect()
}

#[test]
fn a_recorded_batch_decodes_and_is_encoded_to_the_same_bytes() {
    let Some(content) = recorded("raw_batch.hex") else {
        return;
    };
    let batch = SpanBatch::decode(&content, &OP_MAINNET).expect("a span batch");
    assert_eq!(
        batch.parent_check,
        hex!("01ddf682e2f8a6f10c2207e02322897e65317196")
    );
    assert_eq!(
        batch.l1_origin_check,
        hex!("8527cdb6f601acf9b483817abd1da92790c92b19")
    );
    let counts: Vec<_> = batch
        .blocks
        .iter()
        .map(|block| block.transactions.len())
        .collect();
    assert_eq!(counts, [8, 15, 15, 1]);
    let last = 16_988_980_031_808_077_784u64;
    let origins: Vec<_> = batch
        .blocks
        .iter()
        .map(|block| block.epoch_number)
        .collect();
    assert_eq!(origins, [last - 2, last - 2, last - 1, last]);
    assert_eq!(batch.timestamp(), OP_MAINNET.genesis_time + 1_639_845_645);
    assert_eq!(
        batch.encode(&OP_MAINNET).map(|found| found == content),
        Ok(true)
    );
}

#[test]
fn a_recorded_batcher_transaction_decodes_down_to_its_transactions() {
    let Some(bytes) = recorded("raw_batcher_tx.hex") else {
        return;
    };
    let batcher_tx = Tx::decode(&bytes).expect("an L1 transaction");
    assert_eq!(
        batcher_tx.to(),
        Some(address!("ff00000000000000000000000000000000000010"))
    );
    let frames = decode_frames(batcher_tx.input()).expect("frames");
    assert_eq!(frames.len(), 1);
    let frame = &frames[0];
    assert_eq!(
        frame.channel.to_string(),
        "ac329933f5efdcc35ccd284232a376d3"
    );
    assert_eq!(
        (frame.number, frame.data.len(), frame.is_last),
        (0, 119_799, true)
    );
    let channel = decompress(&frame.data);
    // The recorded stream lacks its end, which costs nothing: everything before it counts.
    assert_eq!(
        (channel.data.len(), channel.end),
        (240_308, ChannelEnd::Damaged)
    );
    let batches: Result<Vec<_>, _> = BatchReader::new(channel.data.clone(), OP_MAINNET).collect();
    let batches = batches.expect("batches");
    let [Batch::Span(batch)] = &batches[..] else {
        panic!("one span batch")
    };
    let transactions = transactions(batch);
    assert_eq!((batch.blocks.len(), transactions.len()), (27, 209));
    let encoded = batches[0].encode(&OP_MAINNET).expect("decoded before");
    assert_eq!(encoded, channel.data[4..]);
}
