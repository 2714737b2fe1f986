//! Bytes that nobody meant well: no panic, no memory that the bytes do not account for.

use crate::channels::compressions;
use crate::support::{CONTEXT, any_span};
use alloy_eips::eip4844::Blob;
use alloy_primitives::{B256, Log, LogData};
use openledger_protocol::{
    Batch, BatchError, BatchReader, CONFIG_UPDATE_TOPIC, ChannelId, ConfigUpdate,
    DEPOSIT_EVENT_TOPIC, Frame, L1BlockInfo, L1InfoFormat, batch_rlp, compress, decode_blob,
    decode_deposit, decode_frames, decompress, encode_blob, encode_frames,
};
use proptest::prelude::*;

/// Gives the bytes to everything that reads bytes from outside. What is read must be readable again from its encoding.
fn fuzz(data: &[u8]) {
    if let Ok(frames) = decode_frames(data) {
        assert_eq!(encode_frames(&frames), data);
    }
    for batch in BatchReader::new(decompress(data).data, CONTEXT) {
        let _ = batch;
    }
    for batch in BatchReader::new(data.to_vec().into(), CONTEXT) {
        let _ = batch;
    }
    if let Ok(batch) = Batch::decode(data, &CONTEXT) {
        read_again(&batch);
    }
    let topics = data.first().map_or(0, |first| usize::from(first % 6));
    for event in [DEPOSIT_EVENT_TOPIC, CONFIG_UPDATE_TOPIC] {
        let mut topics = vec![B256::with_last_byte(data.last().map_or(0, |byte| byte % 9)); topics];
        if let Some(first) = topics.first_mut() {
            *first = event;
        }
        if let Some(version) = topics.get_mut(if event == CONFIG_UPDATE_TOPIC { 1 } else { 3 }) {
            *version = B256::ZERO;
        }
        let log = Log {
            address: Default::default(),
            data: LogData::new_unchecked(topics, data.to_vec().into()),
        };
        let _ = decode_deposit(&log, B256::ZERO, 0);
        let _ = ConfigUpdate::decode(&log);
    }
    let _ = L1BlockInfo::decode(data);
    let mut blob = Box::<Blob>::default();
    let len = data.len().min(blob.len());
    blob[..len].copy_from_slice(&data[..len]);
    if let Ok(content) = decode_blob(&blob) {
        assert_eq!(encode_blob(&content), Ok(blob));
    }
}

fn read_again(batch: &Batch) {
    // Numbers may have wrapped, and amounts may be beyond 256 bits: the encoder need not take what the decoder took.
    if let Ok(encoded) = batch.encode(&CONTEXT) {
        assert_eq!(Batch::decode(&encoded, &CONTEXT).as_ref(), Ok(batch));
    }
}

/// Valid bytes of every kind.
fn valid() -> impl Strategy<Value = Vec<u8>> {
    (any_span(), compressions(), 0u8..6).prop_map(|(span, with, kind)| {
        let batch = span.builder().encode().expect("blocks");
        let mut content = Vec::new();
        batch_rlp(&batch, &mut content);
        let channel = compress(&content, with);
        let frame = Frame {
            channel: ChannelId([1; 16]),
            number: 0,
            data: channel.clone().into(),
            is_last: true,
        };
        match kind {
            0 => batch,
            1 => content,
            2 => channel,
            3 => encode_frames(&[frame]),
            4 => encode_blob(&channel).expect("it fits").to_vec(),
            _ => L1BlockInfo::default().encode(L1InfoFormat::Jovian).to_vec(),
        }
    })
}

#[test]
fn counts_beyond_the_bytes_allocate_nothing() {
    let prefix = |count: &[u8]| [&[1, 0, 0][..], &[0; 40], count].concat();
    let decode = |bytes: Vec<u8>| Batch::decode(&bytes, &CONTEXT).map(|_| ());
    let most = [0x80, 0xad, 0xe2, 0x04]; // 10,000,000
    let more = [0x81, 0xad, 0xe2, 0x04];
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert_eq!(decode(prefix(&[0])), Err(BatchError::NoBlocks));
    for count in [&more[..], &huge] {
        assert_eq!(decode(prefix(count)), Err(BatchError::TooMany));
    }
    assert_eq!(decode(prefix(&most)), Err(BatchError::Truncated));
    // Origin bits for all of them, and no byte for their counts.
    assert_eq!(
        decode([prefix(&most), vec![0; 1_250_000]].concat()),
        Err(BatchError::Truncated)
    );
    // One block with very many transactions, and two blocks that only together have too many.
    assert_eq!(
        decode([prefix(&[1, 0]), most.to_vec()].concat()),
        Err(BatchError::Truncated)
    );
    assert_eq!(
        decode([prefix(&[1, 0]), more.to_vec()].concat()),
        Err(BatchError::TooMany)
    );
    let two = [prefix(&[2, 0]), most.to_vec(), vec![1]].concat();
    assert_eq!(decode(two), Err(BatchError::TooMany));
    // Bits for all transactions, and no byte for their signatures.
    let bits = [prefix(&[1, 0]), most.to_vec(), vec![0; 2_500_000]].concat();
    assert_eq!(decode(bits), Err(BatchError::Truncated));
    // An RLP string that claims more than there is.
    let claims = [0xbb, 0xff, 0xff, 0xff, 0xff].to_vec();
    assert_eq!(
        BatchReader::new(claims.into(), CONTEXT)
            .filter(Result::is_err)
            .count(),
        1
    );
}

proptest! {
    #[test]
    fn random_bytes_are_survived(data in prop::collection::vec(any::<u8>(), 0..2_000)) {
        fuzz(&data);
    }

    #[test]
    fn random_bytes_behind_a_plausible_beginning_are_survived(
        start in prop::sample::select(vec![
            vec![0u8], vec![1], vec![1, 0, 0], vec![0x78, 0x9c], vec![0xb8, 0x40, 1], vec![0xf8, 0x50],
        ]),
        checks in any::<bool>(),
        data in prop::collection::vec(prop_oneof![0u8..4, any::<u8>()], 0..600),
    ) {
        let checks = if checks { vec![7; 40] } else { Vec::new() };
        fuzz(&[start, checks, data].concat());
    }

    #[test]
    fn damaged_encodings_are_survived(
        mut data in valid(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u32..8), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        for (at, bit) in flips {
            let at = at.index(data.len());
            data[at] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            data.truncate(cut.index(data.len()));
        }
        fuzz(&data);
    }

    #[test]
    fn a_batch_that_is_cut_off_is_no_batch(span in any_span(), cut in any::<prop::sample::Index>()) {
        let batch = span.builder().encode().expect("blocks");
        prop_assert!(Batch::decode(&batch[..cut.index(batch.len())], &CONTEXT).is_err());
    }
}
