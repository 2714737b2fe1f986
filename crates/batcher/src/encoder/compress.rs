//! Compressing a span batch for a fraction of what brotli asks for the whole of it.
//!
//! Of the 72 bytes that a token transfer takes in a span batch, 64 are its signature: random, so nothing to gain, yet a
//! compressor at a high quality spends most of its time on searching them. The brotli format (RFC 7932) is a sequence of
//! meta-blocks, and a meta-block may be stored as it is. The signatures stand together in a span batch, in one column, so the stream is written
//! as
//!
//! ```text
//! window size, empty metadata │ columns before │ signatures, stored │ columns after │ last, empty
//!                             └─ byte aligned ─┴────────────────────┴───────────────┘
//! ```
//!
//! Each compressed part is made by an encoder of its own that never refers to data before its part, nor to the static
//! dictionary, whose addresses depend on the position in the stream. The result is a plain brotli stream for every decoder.

use brotli::enc::BrotliEncoderParams;
use openledger_protocol::{Compression, batch_rlp, compress};
use std::ops::Range;

/// First byte of a channel in brotli (Fjord).
const CHANNEL_BROTLI: u8 = 1;
/// Base-2 logarithm of the window: 4 MiB, the largest that every decoder reads by default.
const WINDOW: u8 = 22;
/// Transactions below which the batch is compressed in one piece: the parts' headers would outweigh what is saved.
const MIN_TRANSACTIONS: usize = 24;
/// Quality for batches in one piece; they are small.
const SMALL_QUALITY: u32 = 11;
/// Bytes above which a batch in one piece (of deposits and empty blocks, or with few transactions of much data) is not small.
const SMALL: usize = 128 << 10;
const SIGNATURE: usize = 64;
/// The longest stored meta-block.
const MAX_STORED: usize = 1 << 24;

/// The bytes of a channel that holds one span batch (`batch`: version byte and content), as
/// [`decompress`](openledger_protocol::decompress) reads them.
pub fn compress_batch(batch: &[u8], quality: u32) -> Vec<u8> {
    let mut raw = Vec::with_capacity(batch.len() + 9);
    batch_rlp(batch, &mut raw);
    let prefix = raw.len().saturating_sub(batch.len());
    match signatures(batch) {
        Some(range) if range.len() >= MIN_TRANSACTIONS * SIGNATURE => {
            in_columns(&raw, range.start + prefix..range.end + prefix, quality)
        }
        _ => compress(
            &raw,
            Compression::Brotli {
                quality: if raw.len() <= SMALL {
                    SMALL_QUALITY
                } else {
                    quality
                },
                window: WINDOW.into(),
            },
        ),
    }
}

fn in_columns(raw: &[u8], signatures: Range<usize>, quality: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(signatures.len() + raw.len() / 8 + 64);
    out.push(CHANNEL_BROTLI);
    // Four bits of window size; then an empty metadata block (six bits), after which the stream is byte aligned.
    out.extend_from_slice(&[((WINDOW - 17) << 1) | 1 | 0x60, 0]);
    part(&raw[..signatures.start], quality, &mut out);
    for chunk in raw[signatures.clone()].chunks(MAX_STORED) {
        stored(chunk, &mut out);
    }
    part(&raw[signatures.end..], quality, &mut out);
    // ISLAST and ISLASTEMPTY.
    out.push(3);
    out
}

/// Appends meta-blocks that begin and end on a byte boundary.
fn part(data: &[u8], quality: u32, out: &mut Vec<u8>) {
    let params = BrotliEncoderParams {
        quality: i32::try_from(quality).unwrap_or(11),
        lgwin: WINDOW.into(),
        // Few meta-blocks, as each has its own prefix codes.
        lgblock: WINDOW.into(),
        size_hint: data.len(),
        // Without stream header and end, ending on a byte boundary.
        bare_stream: true,
        // Without references to what is before the part.
        catable: true,
        ..BrotliEncoderParams::default()
    };
    let before = out.len();
    let mut input = data;
    if data.is_empty() {
        return;
    }
    if brotli::BrotliCompress(&mut input, out, &params).is_err() {
        // Memory does not fail to be read or written; but were it so, storing is always right.
        out.truncate(before);
        for chunk in data.chunks(MAX_STORED) {
            stored(chunk, out);
        }
    }
}

/// Appends an uncompressed meta-block; the stream must be byte aligned. `data` is neither empty nor longer than [`MAX_STORED`].
fn stored(data: &[u8], out: &mut Vec<u8>) {
    let len = (data.len() - 1) as u32;
    // ISLAST 0; two bits: the length's nibbles less four; the length less one; ISUNCOMPRESSED 1; zeros to the byte's end.
    let extra_nibbles = u32::from(len >= 1 << 16) + u32::from(len >= 1 << 20);
    let length_bits = 16 + 4 * extra_nibbles;
    let header = (extra_nibbles << 1) | (len << 3) | (1 << (3 + length_bits));
    let header_bytes = (4 + length_bits).div_ceil(8) as usize;
    out.extend_from_slice(&header.to_le_bytes()[..header_bytes]);
    out.extend_from_slice(data);
}

/// Where the signatures of a span batch are. `None` when `batch` is none.
fn signatures(batch: &[u8]) -> Option<Range<usize>> {
    let mut rest = batch.strip_prefix(&[1])?;
    // Relative timestamp, number of the last block's origin, the checks of parent and origin.
    uvarint(&mut rest)?;
    uvarint(&mut rest)?;
    rest = rest.get(40..)?;
    let blocks = usize::try_from(uvarint(&mut rest)?).ok()?;
    rest = rest.get(blocks.div_ceil(8)..)?;
    let mut transactions = 0usize;
    for _ in 0..blocks {
        transactions = transactions.checked_add(usize::try_from(uvarint(&mut rest)?).ok()?)?;
    }
    // Bits of contract creations and of signatures' parities.
    rest = rest.get(transactions.div_ceil(8).checked_mul(2)?..)?;
    let start = batch.len() - rest.len();
    let end = start.checked_add(transactions.checked_mul(SIGNATURE)?)?;
    (end <= batch.len()).then_some(start..end)
}

/// Reads a base-128 varint, least significant group first (Go's `binary.Uvarint`).
fn uvarint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use openledger_protocol::decompress;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    /// A batch whose columns have the lengths of `transactions` transactions in one block, with `columns` after the signatures.
    fn batch(transactions: usize, columns: &[u8], seed: u64) -> Vec<u8> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut out = vec![1, 5, 7];
        out.extend_from_slice(&[3; 40]);
        out.extend_from_slice(&[1, 0x80]);
        let mut count = transactions;
        while count >= 0x80 {
            out.push(count as u8 | 0x80);
            count >>= 7;
        }
        out.push(count as u8);
        out.resize(out.len() + 2 * transactions.div_ceil(8), 0);
        let start = out.len();
        out.resize(start + transactions * SIGNATURE, 0);
        rng.fill(&mut out[start..]);
        assert_eq!(signatures(&out), Some(start..out.len()));
        out.extend_from_slice(columns);
        out
    }

    fn check(batch: &[u8], quality: u32) {
        let mut raw = Vec::new();
        batch_rlp(batch, &mut raw);
        let compressed = compress_batch(batch, quality);
        assert_eq!(&decompress(&compressed).data[..], &raw[..]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_compressed_in_columns_is_a_plain_brotli_stream(
            transactions in 0usize..3_000,
            columns in prop::collection::vec(prop_oneof![Just(0u8), Just(7u8), any::<u8>()], 0..5_000),
            repeat in 1usize..20,
            quality in 2u32..=11,
            seed: u64,
        ) {
            check(&batch(transactions, &columns.repeat(repeat), seed), quality);
        }

        #[test]
        fn anything_is_compressed(bytes in prop::collection::vec(any::<u8>(), 0..200), quality in 0u32..=11) {
            check(&bytes, quality);
        }
    }

    #[test]
    fn stored_blocks_of_every_length_class_come_back() {
        for transactions in [1_024, 1_025, 16_384, 16_385, 262_145] {
            check(&batch(transactions, &[0; 100], 1), 5);
        }
    }
}
