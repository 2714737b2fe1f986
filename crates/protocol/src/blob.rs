//! Arbitrary bytes in a blob (OP Stack specification, Ecotone, "Blob Encoding").
//!
//! A blob is 4096 field elements of 32 bytes, and an element's two top bits must be zero. Four elements in a row carry
//! 127 bytes: 31 behind each element's first byte, and three more bytes in the four times six low bits of the first
//! bytes. The very first element gives four of its bytes to a version and the length.

use alloy_eips::eip4844::Blob;
use alloy_primitives::Bytes;

/// Most bytes that a blob carries.
pub const BLOB_CAPACITY: usize = ROUNDS * ROUND_DATA - HEADER;

const VERSION: u8 = 0;
/// Four elements are one round.
const ROUNDS: usize = 1024;
const ROUND: usize = 4 * ELEMENT;
const ROUND_DATA: usize = 4 * 31 + 3;
const ELEMENT: usize = 32;
/// Version and u24 length, which stand where the first round's first bytes would.
const HEADER: usize = 4;

/// Why bytes do not fit into a blob, or a blob does not hold bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// More bytes than a blob carries.
    #[error("{0} bytes do not fit into a blob, the most is {BLOB_CAPACITY}")]
    TooMuchData(usize),
    /// Another encoding.
    #[error("unknown blob encoding version {0}")]
    Version(u8),
    /// The length is more than a blob carries.
    #[error("the blob claims {0} bytes, the most is {BLOB_CAPACITY}")]
    Length(usize),
    /// One of the two top bits of a field element is set.
    #[error("a top bit of the field element at byte {0} is set")]
    FieldElement(usize),
    /// Something stands behind the data.
    #[error("the blob is not zero behind its data")]
    Padding,
}

/// Puts up to [`BLOB_CAPACITY`] bytes into a blob.
pub fn encode_blob(data: &[u8]) -> Result<Box<Blob>, BlobError> {
    if data.len() > BLOB_CAPACITY {
        return Err(BlobError::TooMuchData(data.len()));
    }
    let mut blob = zeroed_blob();
    let [_, length @ ..] = (data.len() as u32).to_be_bytes();
    let mut content = [0; ROUND_DATA];
    content[0] = VERSION;
    content[1..HEADER].copy_from_slice(&length);
    let (first, mut rest) = data.split_at(data.len().min(ROUND_DATA - HEADER));
    content[HEADER..HEADER + first.len()].copy_from_slice(first);
    for round in blob.0.chunks_exact_mut(ROUND) {
        encode_round(&content, round);
        if rest.is_empty() {
            break;
        }
        let (next, behind) = rest.split_at(rest.len().min(ROUND_DATA));
        content = [0; ROUND_DATA];
        content[..next.len()].copy_from_slice(next);
        rest = behind;
    }
    Ok(blob)
}

/// Takes the bytes out of a blob.
///
/// Fails unless the blob is exactly what [`encode_blob`] makes of them.
pub fn decode_blob(blob: &Blob) -> Result<Bytes, BlobError> {
    let [_, version, high, middle, low, ..] = blob.0;
    if version != VERSION {
        return Err(BlobError::Version(version));
    }
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    if length > BLOB_CAPACITY {
        return Err(BlobError::Length(length));
    }
    let used = (HEADER + length).div_ceil(ROUND_DATA);
    let (rounds, padding) = blob.0.split_at(used * ROUND);
    let mut out = vec![0; used * ROUND_DATA];
    for (index, (round, content)) in rounds
        .chunks_exact(ROUND)
        .zip(out.chunks_exact_mut(ROUND_DATA))
        .enumerate()
    {
        decode_round(round, content)
            .map_err(|element| BlobError::FieldElement(index * ROUND + element * ELEMENT))?;
    }
    if !all_zero(padding) || !all_zero(&out[HEADER + length..]) {
        return Err(BlobError::Padding);
    }
    out.truncate(HEADER + length);
    Ok(Bytes::from(out).slice(HEADER..))
}

/// 127 bytes of content into four elements.
fn encode_round(content: &[u8; ROUND_DATA], round: &mut [u8]) {
    // The bytes at 31, 63 and 95 are those that the elements' first bytes share.
    let (x, y, z) = (content[31], content[63], content[95]);
    round[0] = x & 0x3f;
    round[32] = (y & 0x0f) | ((x & 0xc0) >> 2);
    round[64] = z & 0x3f;
    round[96] = ((z & 0xc0) >> 2) | (y >> 4);
    for element in 0..4 {
        round[element * 32 + 1..element * 32 + 32]
            .copy_from_slice(&content[element * 32..element * 32 + 31]);
    }
}

/// Four elements into 127 bytes of content; `Err` with the element whose top bits are not zero.
fn decode_round(round: &[u8], content: &mut [u8]) -> Result<(), usize> {
    let (a, b, c, d) = (round[0], round[32], round[64], round[96]);
    if (a | b | c | d) & 0xc0 != 0 {
        return Err([a, b, c, d]
            .iter()
            .position(|byte| byte & 0xc0 != 0)
            .unwrap_or(0));
    }
    for element in 0..4 {
        content[element * 32..element * 32 + 31]
            .copy_from_slice(&round[element * 32 + 1..element * 32 + 32]);
    }
    content[31] = a | ((b & 0x30) << 2);
    content[63] = (b & 0x0f) | ((d & 0x0f) << 4);
    content[95] = c | ((d & 0x30) << 2);
    Ok(())
}

fn all_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// A blob is too large for the stack of a small thread, so it begins on the heap.
fn zeroed_blob() -> Box<Blob> {
    Box::default()
}
