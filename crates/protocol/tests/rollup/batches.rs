//! Singular and span batches: what goes in comes out.

use crate::support::{CONTEXT, Span, Spec, any_span, any_spec};
use alloy_primitives::{Address, B256, Bytes, U256};
use openledger_primitives::{BlockRef, Tx};
use openledger_protocol::{
    Batch, BatchError, SingularBatch, SpanBatch, SpanBatchBuilder, SpanBlock,
};
use proptest::prelude::*;

fn spec(kind: u8) -> Spec {
    Spec {
        kind,
        key: 1,
        nonce: 3,
        gas: 21_000,
        fees: [1, 2],
        to: Some(Address::repeat_byte(5)),
        value: U256::from(9),
        input: Bytes::new(),
        access: Vec::new(),
        authorizations: 1,
    }
}

fn expected(span: &Span) -> Vec<SpanBlock> {
    let blocks = span.blocks.iter().zip(&span.places);
    blocks
        .map(|(block, place)| SpanBlock {
            epoch_number: place.l1_origin.number,
            timestamp: place.timestamp,
            transactions: block.transactions[1..]
                .iter()
                .map(|tx| tx.encoded().clone())
                .collect(),
        })
        .collect()
}

proptest! {
    #[test]
    fn a_span_comes_back_with_every_byte_of_its_transactions(span in any_span()) {
        let builder = span.builder();
        let encoded = builder.encode().expect("blocks were pushed");
        prop_assert_eq!(encoded.len(), builder.encoded_len());
        prop_assert_eq!(builder.blocks(), span.blocks.len());
        let Ok(Batch::Span(batch)) = Batch::decode(&encoded, &CONTEXT) else {
            return Err(TestCaseError::fail("no span batch"));
        };
        let (first, last) = (&span.places[0], span.places.last().expect("blocks"));
        prop_assert_eq!(&batch.blocks, &expected(&span));
        prop_assert!(batch.check_parent_hash(first.parent_hash));
        prop_assert!(batch.check_origin_hash(last.l1_origin.hash));
        prop_assert!(!batch.check_parent_hash(B256::ZERO));
        prop_assert_eq!(batch.first_origin_changed, first.sequence_number == 0);
        prop_assert_eq!(batch.timestamp(), first.timestamp);
        // Our other encoder, which knows the bytes alone, makes the same of it.
        prop_assert_eq!(Batch::Span(batch).encode(&CONTEXT).expect("decoded before"), encoded);
    }

    #[test]
    fn a_refused_block_leaves_the_builder_as_it_was(span in any_span(), stranger in any_spec()) {
        let mut builder = span.builder();
        let before = builder.encode();
        // The last block once more is in no order; a good block with one bad transaction is refused as a whole.
        let (block, place) = (span.blocks.last().expect("blocks"), *span.places.last().expect("blocks"));
        prop_assert!(matches!(builder.push(block, &place), Err(BatchError::Order(_))));
        let mut bad = block.clone();
        bad.transactions.push(Spec { kind: 3, ..stranger }.sign(CONTEXT.chain_id + 1));
        let next = openledger_protocol::L2BlockRef { timestamp: place.timestamp + CONTEXT.block_time, ..place };
        prop_assert_eq!(builder.push(&bad, &next), Err(BatchError::ChainId(CONTEXT.chain_id)));
        prop_assert_eq!(builder.encode(), before);
        // A cleared builder is a new one.
        builder.clear();
        prop_assert!(builder.is_empty());
        for (block, place) in span.blocks.iter().zip(&span.places) {
            builder.push(block, place).expect("a block of the span");
        }
        prop_assert_eq!(builder.encode(), span.builder().encode());
    }

    #[test]
    fn singular_batches_come_back(
        hashes in any::<[[u8; 32]; 2]>(), number in any::<u64>(), timestamp in any::<u64>(),
        transactions in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..10),
    ) {
        let batch = Batch::Singular(SingularBatch {
            parent_hash: hashes[0].into(),
            epoch: BlockRef { hash: hashes[1].into(), number },
            timestamp,
            transactions: transactions.into_iter().map(Bytes::from).collect(),
        });
        let mut encoded = batch.encode(&CONTEXT).expect("always possible");
        prop_assert_eq!(Batch::decode(&encoded, &CONTEXT), Ok(batch.clone()));
        // What follows is ignored.
        encoded.push(0);
        prop_assert_eq!(Batch::decode(&encoded, &CONTEXT), Ok(batch));
    }
}

#[test]
fn the_layout_of_a_small_span_is_the_specifications() {
    let txs = |kinds: &[u8]| {
        kinds
            .iter()
            .map(|kind| spec(*kind).sign(CONTEXT.chain_id))
            .collect()
    };
    let mut creation = spec(0);
    creation.to = None;
    let mut second: Vec<Tx> = txs(&[1]);
    second.push(creation.sign(CONTEXT.chain_id));
    let contents = vec![(txs(&[3]), true), (Vec::new(), true), (second, false)];
    let encoded = Span::new(CONTEXT.genesis_time + 300, 70, contents)
        .builder()
        .encode();
    let encoded = encoded.expect("blocks were pushed");
    assert_eq!(encoded[..5], [1, 0xac, 0x02, 71, 0xaa]);
    let payload = &encoded[4 + 40..];
    // Three blocks; the first two change their origin; one, no and two transactions.
    assert_eq!(payload[..5], [3, 0b011, 1, 0, 2]);
    // The last of three transactions creates a contract.
    assert_eq!(payload[5], 0b100);
    let recipients = 7 + 3 * 64;
    assert_eq!(payload[recipients..recipients + 40], [5; 40]);
    let datas = &payload[recipients + 40..];
    // 0x02 ‖ [value, tip, fee cap, input, access list], then [value, gas price, input] twice.
    assert_eq!(datas[..7], [2, 0xc5, 9, 1, 2, 0x80, 0xc0]);
    assert_eq!(datas[7..15], [0xc3, 9, 2, 0x80, 0xc3, 9, 2, 0x80]);
    // Nonces, gas limits, and of two legacy transactions the second is protected.
    assert_eq!(
        datas[15..],
        [3, 3, 3, 0x88, 0xa4, 1, 0x88, 0xa4, 1, 0x88, 0xa4, 1, 0b10]
    );
}

#[test]
fn what_a_span_can_not_express_is_refused_with_its_reason() {
    let block = |timestamp, epoch_number, transactions| SpanBlock {
        epoch_number,
        timestamp,
        transactions,
    };
    let batch = |blocks| SpanBatch {
        parent_check: [1; 20],
        l1_origin_check: [2; 20],
        first_origin_changed: false,
        blocks,
    };
    let t = CONTEXT.genesis_time;
    let encode = |blocks| batch(blocks).encode(&CONTEXT);
    assert_eq!(encode(vec![]), Err(BatchError::NoBlocks));
    assert_eq!(
        SpanBatchBuilder::new(CONTEXT).encode(),
        Err(BatchError::NoBlocks)
    );
    assert!(encode(vec![block(t, 5, vec![]), block(t + 2, 6, vec![])]).is_ok());
    for bad in [
        vec![block(t - 1, 5, vec![])],
        vec![block(t, 5, vec![]), block(t + 3, 5, vec![])],
        vec![block(t, 5, vec![]), block(t + 2, 7, vec![])],
        vec![block(t, 5, vec![]), block(t + 2, 4, vec![])],
    ] {
        assert!(matches!(encode(bad), Err(BatchError::Order(_))));
    }
    let with = |tx: Vec<u8>| encode(vec![block(t, 5, vec![tx.into()])]);
    assert_eq!(with(vec![]), Err(BatchError::Truncated));
    assert_eq!(with(vec![0x7e, 0xc0]), Err(BatchError::TxType(0x7e)));
    assert_eq!(with(vec![0x03, 0xc0]), Err(BatchError::TxType(3)));
    for kind in [0, 2, 3, 4] {
        let foreign = spec(kind).sign(CONTEXT.chain_id + 1).encoded().to_vec();
        assert_eq!(with(foreign), Err(BatchError::ChainId(CONTEXT.chain_id)));
        let mut longer = spec(kind).sign(CONTEXT.chain_id).encoded().to_vec();
        longer.push(0);
        assert!(matches!(with(longer), Err(BatchError::Malformed(_))));
    }
}

#[test]
fn a_set_code_transaction_without_recipient_is_no_batch() {
    let span = Span::new(
        CONTEXT.genesis_time,
        1,
        vec![(vec![spec(4).sign(CONTEXT.chain_id)], false)],
    );
    let mut encoded = span.builder().encode().expect("a block was pushed");
    // Behind version, time, origin and checks: one block, its origin bit, one transaction, its creation bit.
    let creation = 3 + 40 + 3;
    assert_eq!(encoded[creation], 0);
    encoded[creation] = 1;
    encoded.drain(creation + 2 + 64..creation + 2 + 64 + 20);
    assert!(matches!(
        Batch::decode(&encoded, &CONTEXT),
        Err(BatchError::Malformed(_))
    ));
}
