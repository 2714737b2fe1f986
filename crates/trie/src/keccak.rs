//! Keccak-256 of many nodes at once.
//!
//! Hashing is most of what a root costs. Where the processor has AVX-512, eight messages are hashed
//! side by side, one in each 64-bit lane of the vectors, in little more time than one alone takes;
//! elsewhere they are hashed one by one.

use alloy_primitives::{B256, keccak256};

/// Bytes absorbed between permutations.
const RATE: usize = 136;
/// Messages hashed side by side.
pub(crate) const LANES: usize = 8;
/// A branch has at most 532 bytes.
const MAX_BLOCKS: usize = 4;

/// Keccak-256 of many short messages, such as addresses or slots, in their order.
pub fn keccak256_all<M: AsRef<[u8]>>(messages: &[M]) -> Vec<B256> {
    let mut hashes = vec![B256::ZERO; messages.len()];
    let mut sink = |index: usize, hash| hashes[index] = hash;
    let mut batch = Batch::new();
    for (index, message) in messages.iter().enumerate() {
        batch.push(message.as_ref(), index, &mut sink);
    }
    batch.flush(&mut sink);
    hashes
}

/// Collects messages and hashes those of the same number of blocks together.
pub(crate) struct Batch<T> {
    wide: bool,
    queues: [Queue<T>; MAX_BLOCKS],
}

struct Queue<T> {
    /// Messages one after the other, each padded to whole blocks.
    padded: Vec<u8>,
    tags: Vec<T>,
    /// The length of the first message.
    first: usize,
}

impl<T> Batch<T> {
    pub(crate) fn new() -> Self {
        let queues = std::array::from_fn(|_| {
            let (padded, tags) = (Vec::new(), Vec::new());
            Queue {
                padded,
                tags,
                first: 0,
            }
        });
        Self {
            wide: wide_is_available(),
            queues,
        }
    }

    /// Adds a message; the sink gets its hash, under its tag, now or until the next
    /// [`Self::flush`].
    pub(crate) fn push(&mut self, message: &[u8], tag: T, sink: &mut impl FnMut(T, B256)) {
        let blocks = message.len() / RATE + 1;
        if !self.wide || blocks > MAX_BLOCKS {
            return sink(tag, keccak256(message));
        }
        let queue = &mut self.queues[blocks - 1];
        let start = queue.padded.len();
        let end = start + blocks * RATE;
        if start == 0 {
            queue.first = message.len();
        }
        queue.padded.extend_from_slice(message);
        // Keccak's padding: a one bit after the message, a one bit at the end of the block.
        queue.padded.push(0x01);
        queue.padded.resize(end, 0);
        queue.padded[end - 1] |= 0x80;
        queue.tags.push(tag);
        if queue.tags.len() == LANES {
            queue.hash(blocks, sink);
        }
    }

    /// Hashes what was collected.
    pub(crate) fn flush(&mut self, sink: &mut impl FnMut(T, B256)) {
        for (queue, blocks) in self.queues.iter_mut().zip(1..) {
            if !queue.tags.is_empty() {
                queue.hash(blocks, sink);
            }
        }
    }
}

impl<T> Queue<T> {
    fn hash(&mut self, blocks: usize, sink: &mut impl FnMut(T, B256)) {
        if self.tags.len() == 1 {
            // Alone it is faster the plain way.
            let hash = keccak256(&self.padded[..self.first]);
            self.tags.drain(..).for_each(|tag| sink(tag, hash));
            return self.padded.clear();
        }
        let mut messages = [&self.padded[..blocks * RATE]; LANES];
        for (message, padded) in messages
            .iter_mut()
            .zip(self.padded.chunks_exact(blocks * RATE))
        {
            *message = padded;
        }
        for (tag, hash) in self.tags.drain(..).zip(wide_keccak(&messages)) {
            sink(tag, hash);
        }
        self.padded.clear();
    }
}

#[cfg(target_arch = "x86_64")]
fn wide_is_available() -> bool {
    is_x86_feature_detected!("avx512f")
}

#[cfg(not(target_arch = "x86_64"))]
fn wide_is_available() -> bool {
    false
}

/// The hashes of padded messages of equal length.
#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "vector code needs a processor that has the instructions"
)]
fn wide_keccak(messages: &[&[u8]; LANES]) -> [B256; LANES] {
    assert!(
        wide_is_available(),
        "a batch collects messages only where they can be hashed at once"
    );
    // SAFETY: the processor has AVX-512, which is all that the function asks for.
    unsafe { avx512::keccak(messages) }
}

#[cfg(not(target_arch = "x86_64"))]
fn wide_keccak(_: &[&[u8]; LANES]) -> [B256; LANES] {
    unreachable!("a batch collects messages only where they can be hashed at once")
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{LANES, RATE};
    use alloy_primitives::B256;
    use std::arch::x86_64::{
        __m512i, _mm512_rol_epi64, _mm512_set_epi64, _mm512_set1_epi64, _mm512_setzero_si512,
        _mm512_ternarylogic_epi64, _mm512_xor_si512,
    };

    const ROUND_CONSTANTS: [u64; 24] = [
        0x0000_0000_0000_0001,
        0x0000_0000_0000_8082,
        0x8000_0000_0000_808a,
        0x8000_0000_8000_8000,
        0x0000_0000_0000_808b,
        0x0000_0000_8000_0001,
        0x8000_0000_8000_8081,
        0x8000_0000_0000_8009,
        0x0000_0000_0000_008a,
        0x0000_0000_0000_0088,
        0x0000_0000_8000_8009,
        0x0000_0000_8000_000a,
        0x0000_0000_8000_808b,
        0x8000_0000_0000_008b,
        0x8000_0000_0000_8089,
        0x8000_0000_0000_8003,
        0x8000_0000_0000_8002,
        0x8000_0000_0000_0080,
        0x0000_0000_0000_800a,
        0x8000_0000_8000_000a,
        0x8000_0000_8000_8081,
        0x8000_0000_0000_8080,
        0x0000_0000_8000_0001,
        0x8000_0000_8000_8008,
    ];

    /// Ternary truth tables: the sum of three bits, and `a ^ (!b & c)`.
    const XOR3: i32 = 0x96;
    const CHI: i32 = 0xd2;

    #[target_feature(enable = "avx512f")]
    pub(super) fn keccak(messages: &[&[u8]; LANES]) -> [B256; LANES] {
        let mut state = [_mm512_setzero_si512(); 25];
        for start in (0..messages[0].len()).step_by(RATE) {
            for (i, lane) in state.iter_mut().take(RATE / 8).enumerate() {
                let at = start + i * 8;
                let word = |message: &[u8]| {
                    let mut bytes = [0; 8];
                    bytes.copy_from_slice(&message[at..at + 8]);
                    i64::from_le_bytes(bytes)
                };
                let [a, b, c, d, e, f, g, h] = messages.map(word);
                *lane = _mm512_xor_si512(*lane, _mm512_set_epi64(h, g, f, e, d, c, b, a));
            }
            state = permute(state);
        }
        let mut hashes = [B256::ZERO; LANES];
        for (i, lane) in state.iter().take(4).enumerate() {
            for (hash, word) in hashes.iter_mut().zip(words(*lane)) {
                hash[i * 8..i * 8 + 8].copy_from_slice(&word.to_le_bytes());
            }
        }
        hashes
    }

    #[allow(unsafe_code, reason = "there is no safe way to look into a vector")]
    fn words(lane: __m512i) -> [u64; LANES] {
        // SAFETY: both are 64 bytes of which every value is valid.
        unsafe { std::mem::transmute(lane) }
    }

    /// `Keccak-f[1600]` on eight states. Word `x + 5 * y` of the specification's state is at that
    /// index.
    #[target_feature(enable = "avx512f")]
    fn permute(mut s: [__m512i; 25]) -> [__m512i; 25] {
        for constant in ROUND_CONSTANTS {
            // Theta.
            let mut parity = [_mm512_setzero_si512(); 5];
            for x in 0..5 {
                let upper = _mm512_ternarylogic_epi64::<XOR3>(s[x], s[x + 5], s[x + 10]);
                parity[x] = _mm512_ternarylogic_epi64::<XOR3>(upper, s[x + 15], s[x + 20]);
            }
            for x in 0..5 {
                let left = parity[(x + 4) % 5];
                let right = _mm512_rol_epi64::<1>(parity[(x + 1) % 5]);
                for y in 0..5 {
                    let word = &mut s[x + 5 * y];
                    *word = _mm512_ternarylogic_epi64::<XOR3>(*word, left, right);
                }
            }
            // Rho and pi.
            let mut b = [_mm512_setzero_si512(); 25];
            macro_rules! rotate {
                ($($to:literal = $from:literal << $by:literal;)*) => {
                    $( b[$to] = _mm512_rol_epi64::<$by>(s[$from]); )*
                };
            }
            rotate! {
                0 = 0 << 0; 10 = 1 << 1; 20 = 2 << 62; 5 = 3 << 28; 15 = 4 << 27;
                16 = 5 << 36; 1 = 6 << 44; 11 = 7 << 6; 21 = 8 << 55; 6 = 9 << 20;
                7 = 10 << 3; 17 = 11 << 10; 2 = 12 << 43; 12 = 13 << 25; 22 = 14 << 39;
                23 = 15 << 41; 8 = 16 << 45; 18 = 17 << 15; 3 = 18 << 21; 13 = 19 << 8;
                14 = 20 << 18; 24 = 21 << 2; 9 = 22 << 61; 19 = 23 << 56; 4 = 24 << 14;
            }
            // Chi.
            for y in (0..25).step_by(5) {
                for x in 0..5 {
                    let (next, after) = (b[(x + 1) % 5 + y], b[(x + 2) % 5 + y]);
                    s[x + y] = _mm512_ternarylogic_epi64::<CHI>(b[x + y], next, after);
                }
            }
            // Iota.
            s[0] = _mm512_xor_si512(s[0], _mm512_set1_epi64(constant as i64));
        }
        s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_at_once_equal_hashes_one_by_one() {
        // Every length around the limits of blocks, in an order that mixes the queues.
        let messages: Vec<Vec<u8>> = (0..900usize)
            .map(|n| (0..(n * 7919) % 700).map(|i| (i * 31 + n) as u8).collect())
            .collect();
        for count in [1, 2, 7, 8, 9, 900] {
            let mut batch = Batch::new();
            let mut hashes = vec![None; count];
            let mut sink = |tag: usize, hash| assert_eq!(hashes[tag].replace(hash), None);
            for (tag, message) in messages[..count].iter().enumerate() {
                batch.push(message, tag, &mut sink);
            }
            batch.flush(&mut sink);
            for (hash, message) in hashes.iter().zip(&messages) {
                assert_eq!(*hash, Some(keccak256(message)));
            }
        }
    }
}
