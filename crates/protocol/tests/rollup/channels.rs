//! Frames, blobs and compression: what goes in comes out, and what is not exactly right does not.

use crate::support::{CONTEXT, any_span};
use alloy_primitives::Bytes;
use openledger_protocol::{
    BLOB_CAPACITY, BatchReader, BlobError, ChannelEnd, ChannelId, Compression, FRAME_OVERHEAD,
    Frame, FrameError, MAX_FRAME_LEN, batch_rlp, compress, decode_blob, decode_frames, decompress,
    encode_blob, encode_frames,
};
use proptest::prelude::*;

fn frame(number: u16, data: Vec<u8>, is_last: bool) -> Frame {
    Frame {
        channel: ChannelId([9; 16]),
        number,
        data: data.into(),
        is_last,
    }
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let data = prop::collection::vec(any::<u8>(), 0..200);
    (any::<[u8; 16]>(), any::<u16>(), data, any::<bool>()).prop_map(
        |(id, number, data, is_last)| Frame {
            channel: ChannelId(id),
            number,
            data: data.into(),
            is_last,
        },
    )
}

pub fn compressions() -> impl Strategy<Value = Compression> {
    prop_oneof![
        (0u32..11).prop_map(|level| Compression::Zlib { level }),
        (0u32..13, 8u32..26).prop_map(|(quality, window)| Compression::Brotli { quality, window }),
    ]
}

#[test]
fn a_frame_is_laid_out_as_specified() {
    let encoded = encode_frames(&[frame(0x0102, vec![7, 8], true)]);
    let mut expected = vec![0];
    expected.extend([9; 16]);
    expected.extend([1, 2, 0, 0, 0, 2, 7, 8, 1]);
    assert_eq!(encoded, expected);
    assert_eq!(encoded.len(), 1 + FRAME_OVERHEAD + 2);
    assert_eq!(ChannelId([0xab; 16]).to_string(), "ab".repeat(16));
}

#[test]
fn one_bad_frame_makes_the_whole_payload_worthless() {
    let good = encode_frames(&[frame(0, vec![1], false), frame(1, vec![2; 30], true)]);
    assert_eq!(decode_frames(&good).map(|frames| frames.len()), Ok(2));
    assert_eq!(decode_frames(&[]), Err(FrameError::EmptyPayload));
    assert_eq!(decode_frames(&[0]), Err(FrameError::NoFrames));
    let mut version = good.clone();
    version[0] = 1;
    assert_eq!(decode_frames(&version), Err(FrameError::Version(1)));
    let mut last = good.clone();
    *last.last_mut().expect("bytes") = 2;
    assert_eq!(decode_frames(&last), Err(FrameError::IsLast(2)));
    assert_eq!(
        decode_frames(&[&good[..], &[0]].concat()),
        Err(FrameError::Truncated)
    );
    for cut in 1 + FRAME_OVERHEAD + 2..good.len() {
        assert_eq!(decode_frames(&good[..cut]), Err(FrameError::Truncated));
    }
    let longest = encode_frames(&[frame(0, vec![3; MAX_FRAME_LEN], false)]);
    assert_eq!(
        decode_frames(&longest).map(|frames| frames[0].data.len()),
        Ok(MAX_FRAME_LEN)
    );
    let mut longer = longest;
    longer[1 + 18..1 + 22].copy_from_slice(&(MAX_FRAME_LEN as u32 + 1).to_be_bytes());
    longer.push(0);
    assert_eq!(
        decode_frames(&longer),
        Err(FrameError::TooLong(MAX_FRAME_LEN as u32 + 1))
    );
}

#[test]
fn blobs_hold_every_length_that_is_special() {
    // Around the first round's end, a later round's end and the capacity.
    for len in [
        0,
        1,
        26,
        27,
        28,
        122,
        123,
        124,
        250,
        251,
        129_917,
        BLOB_CAPACITY - 1,
        BLOB_CAPACITY,
    ] {
        let data: Vec<u8> = (0..len).map(|i| (i * 7 + 255) as u8).collect();
        let blob = encode_blob(&data).expect("it fits");
        assert_eq!(
            decode_blob(&blob).map(|found| found.to_vec()),
            Ok(data),
            "{len}"
        );
    }
    let error = encode_blob(&vec![0; BLOB_CAPACITY + 1]).map(|_| ());
    assert_eq!(error, Err(BlobError::TooMuchData(BLOB_CAPACITY + 1)));
}

#[test]
fn a_blob_is_laid_out_as_specified() {
    let data: Vec<u8> = (1..=130).collect();
    let blob = encode_blob(&data).expect("it fits");
    // Version, length, then the content where the first element has room.
    assert_eq!(blob[1..5], [0, 0, 0, 130]);
    assert_eq!(blob[5..32], data[..27]);
    let (x, y, z) = (data[27], data[59], data[91]);
    assert_eq!(blob[0], x & 0b11_1111);
    assert_eq!(blob[32], (y & 0b1111) | ((x & 0b1100_0000) >> 2));
    assert_eq!(blob[64], z & 0b11_1111);
    assert_eq!(blob[96], ((z & 0b1100_0000) >> 2) | (y >> 4));
    assert_eq!(blob[33..64], data[28..59]);
    assert_eq!(blob[65..96], data[60..91]);
    assert_eq!(blob[97..128], data[92..123]);
    assert_eq!(blob[129..136], data[123..130]);
    assert!(blob[136..].iter().all(|byte| *byte == 0));
}

#[test]
fn a_blob_with_anything_else_in_it_is_refused() {
    let blob = encode_blob(&[5; 200]).expect("it fits");
    let check = |at: usize, byte: u8, expected| {
        let mut blob = blob.clone();
        blob[at] = byte;
        assert_eq!(decode_blob(&blob), Err(expected), "{at}");
    };
    check(1, 1, BlobError::Version(1));
    check(2, 0xff, BlobError::Length(0xff_00c8));
    check(0, 0x40, BlobError::FieldElement(0));
    check(64, 0x80, BlobError::FieldElement(64));
    check(160, 0xc0, BlobError::FieldElement(160));
    check(255, 1, BlobError::Padding);
    check(256, 1, BlobError::Padding);
    check(131_071, 1, BlobError::Padding);
}

#[test]
fn a_channel_names_its_compression_by_its_first_byte() {
    let brotli = compress(
        b"batches",
        Compression::Brotli {
            quality: 10,
            window: 22,
        },
    );
    assert_eq!(brotli[0], 1);
    let zlib = compress(b"batches", Compression::Zlib { level: 9 });
    assert_eq!(zlib[0] & 0x0f, 8);
    for unknown in [&[][..], &[0], &[2, 1, 2], &[0x0b, 0x00]] {
        let found = decompress(unknown);
        assert_eq!(
            (found.data.len(), found.end),
            (0, ChannelEnd::UnknownCompression)
        );
    }
    for damaged in [
        &[1][..],
        &[8],
        &[0x0f, 1],
        &[0x78],
        &[0x78, 0xbb, 1, 2, 3, 4],
    ] {
        let found = decompress(damaged);
        assert_eq!(
            (found.data.len(), found.end),
            (0, ChannelEnd::Damaged),
            "{damaged:?}"
        );
    }
}

#[test]
fn large_windows_are_refused_as_op_node_refuses_them() {
    // The first byte 0x11 of a brotli stream announces RFC 7932's extension for windows of more than 24 bits.
    let found = decompress(&[1, 0x11, 0x1e, 0x00, 0x00, 0x00]);
    assert_eq!((found.data.len(), found.end), (0, ChannelEnd::Damaged));
}

proptest! {
    #[test]
    fn frames_come_back(frames in prop::collection::vec(any_frame(), 1..6)) {
        prop_assert_eq!(decode_frames(&encode_frames(&frames)), Ok(frames));
    }

    #[test]
    fn blobs_come_back(data in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let blob = encode_blob(&data).expect("it fits");
        prop_assert_eq!(decode_blob(&blob), Ok(Bytes::from(data)));
    }

    #[test]
    fn batches_survive_compression_and_frames(spans in prop::collection::vec(any_span(), 1..3), with in compressions(), size in 1usize..500) {
        let mut content = Vec::new();
        for span in &spans {
            batch_rlp(&span.builder().encode().expect("blocks"), &mut content);
        }
        let channel = compress(&content, with);
        let chunks: Vec<_> = channel.chunks(size).collect();
        let frames: Vec<_> = chunks.iter().enumerate()
            .map(|(i, data)| frame(i as u16, data.to_vec(), i + 1 == chunks.len())).collect();
        let frames = decode_frames(&encode_frames(&frames)).expect("our own frames");
        let channel: Vec<u8> = frames.iter().flat_map(|frame| frame.data.to_vec()).collect();
        let found = decompress(&channel);
        prop_assert_eq!(found.end, ChannelEnd::Complete);
        prop_assert_eq!(&found.data[..], &content[..]);
        let batches: Result<Vec<_>, _> = BatchReader::new(found.data, CONTEXT).collect();
        let again: Vec<_> = batches.expect("our own batches").iter()
            .map(|batch| batch.encode(&CONTEXT)).collect();
        prop_assert_eq!(again, spans.iter().map(|span| span.builder().encode()).collect::<Vec<_>>());
    }

    #[test]
    fn batches_before_a_damage_are_read(spans in prop::collection::vec(any_span(), 2..4), garbage in any::<[u8; 3]>()) {
        let mut content = Vec::new();
        for span in &spans {
            batch_rlp(&span.builder().encode().expect("blocks"), &mut content);
        }
        // A list where a string must be ends the channel, and so does whatever comes behind.
        content.push(0xc0);
        content.extend(garbage);
        let mut reader = BatchReader::new(content.clone().into(), CONTEXT);
        for _ in &spans {
            prop_assert!(matches!(reader.next(), Some(Ok(_))));
        }
        prop_assert!(matches!(reader.next(), Some(Err(_))));
        prop_assert!(reader.next().is_none());
        // Stored blocks give back all that was there before the stream was cut.
        let mut cut = compress(&content, Compression::Zlib { level: 0 });
        cut.truncate(cut.len() - 4 - garbage.len());
        let found = decompress(&cut);
        prop_assert_eq!(found.end, ChannelEnd::Damaged);
        let good = BatchReader::new(found.data, CONTEXT).filter(Result::is_ok).count();
        prop_assert_eq!(good, spans.len());
    }
}
