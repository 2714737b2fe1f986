//! Fingerprints of documents, and how much of one stands in another.
//!
//! Robust winnowing (Schleimer, Wilkerson and Aiken, 2003) over grams of 4 words with windows of 5: any 8 equal words in a row,
//! which is the shortest match that pays, leave an equal fingerprint in both documents. All fingerprints are kept. A sketch that
//! is sampled further could be searched for a text that slips through.

use crate::leaf::MAX_DOCUMENT_LEN;
use crate::tree::leaf_hash;
use crate::word::WordId;
use alloy_primitives::{B256, Keccak256};
use std::cmp::Ordering;

/// Words of a gram.
pub const SKETCH_GRAM: usize = 4;

/// Grams of a window, of which one is kept.
pub const SKETCH_WINDOW: usize = 5;

/// All of something, in basis points.
pub const MAX_BPS: u16 = 10_000;

/// Containment from which on a document is a derivative, in basis points.
pub const DERIVATIVE_BPS: u16 = 1_500;

/// Containment from which on a document is held, in basis points.
pub const HELD_BPS: u16 = 4_000;

/// Most fingerprints of a document: one for each gram.
const MAX_FINGERPRINTS: usize = MAX_DOCUMENT_LEN as usize - SKETCH_GRAM + 1;

const TAG: u8 = b'S';

/// Bytes of an encoded fingerprint.
const FINGERPRINT_LEN: usize = 10;

/// A gram that stands for its window. Ordered by the hash, then by the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// The first 8 bytes of the keccak-256 of the gram's word ids, one after the other.
    pub hash: u64,
    /// The gram's first word in the document.
    pub position: u16,
}

/// The fingerprints of a document, at least one, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    fingerprints: Vec<Fingerprint>,
}

/// Why there is no sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SketchError {
    /// Not a document's number of words.
    #[error("{0} words, a document has 1 to {MAX_DOCUMENT_LEN}")]
    Words(usize),
    /// Not a document's number of fingerprints.
    #[error("{0} fingerprints, a document has 1 to {MAX_FINGERPRINTS}")]
    Count(usize),
    /// Another number of bytes than the fingerprints have.
    #[error("{found} bytes, not {expected}")]
    Length {
        /// By the number of fingerprints.
        expected: usize,
        /// Given.
        found: usize,
    },
    /// The fingerprint at this place is not above the one before it.
    #[error("fingerprint {0} is out of order")]
    Order(usize),
    /// No document has a gram there, or two fingerprints are at one position.
    #[error("a fingerprint at position {0}, which can not be")]
    Position(u16),
}

impl Sketch {
    /// The sketch of a document.
    ///
    /// Of each window the gram with the lowest hash is kept; of several the one that the window before kept, else the rightmost. A
    /// document with fewer grams than a window is one window, and one shorter than a gram is one gram of all its words.
    pub fn of(words: &[WordId]) -> Result<Self, SketchError> {
        if words.is_empty() || words.len() > usize::from(MAX_DOCUMENT_LEN) {
            return Err(SketchError::Words(words.len()));
        }
        let grams: Vec<Fingerprint> = words
            .windows(SKETCH_GRAM.min(words.len()))
            .zip(0..)
            .map(|(gram, position)| Fingerprint {
                hash: gram_hash(gram),
                position,
            })
            .collect();
        let mut fingerprints: Vec<Fingerprint> = vec![];
        for window in grams.windows(SKETCH_WINDOW.min(grams.len())) {
            // The last of the lowest hashes.
            let rightmost = window
                .iter()
                .min_by_key(|gram| (gram.hash, std::cmp::Reverse(gram.position)));
            let Some(&lowest) = rightmost else { continue };
            let kept = fingerprints
                .last()
                .is_some_and(|kept| kept.hash == lowest.hash && window.contains(kept));
            if !kept {
                fingerprints.push(lowest);
            }
        }
        fingerprints.sort_unstable();
        Ok(Self { fingerprints })
    }

    /// The fingerprints, sorted.
    pub fn fingerprints(&self) -> &[Fingerprint] {
        &self.fingerprints
    }

    /// `n u16 ‖ n × (hash u64 ‖ position u16)`.
    pub fn encode(&self) -> Vec<u8> {
        let count = self.fingerprints.len();
        let mut out = Vec::with_capacity(2 + count * FINGERPRINT_LEN);
        out.extend_from_slice(&(count as u16).to_be_bytes());
        for Fingerprint { hash, position } in &self.fingerprints {
            out.extend_from_slice(&hash.to_be_bytes());
            out.extend_from_slice(&position.to_be_bytes());
        }
        out
    }

    /// The inverse of [`encode`](Self::encode). Whether it is the sketch of a document takes the document to tell.
    pub fn decode(bytes: &[u8]) -> Result<Self, SketchError> {
        let Some((count, rest)) = bytes.split_first_chunk() else {
            let (expected, found) = (2, bytes.len());
            return Err(SketchError::Length { expected, found });
        };
        let count = usize::from(u16::from_be_bytes(*count));
        if count == 0 || count > MAX_FINGERPRINTS {
            return Err(SketchError::Count(count));
        }
        let (expected, found) = (2 + count * FINGERPRINT_LEN, bytes.len());
        if found != expected {
            return Err(SketchError::Length { expected, found });
        }
        let fingerprints: Vec<Fingerprint> = rest
            .chunks_exact(FINGERPRINT_LEN)
            .map(|bytes| {
                let (hash, position) = bytes.split_at(8);
                let number = |bytes: &[u8]| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b));
                Fingerprint {
                    hash: number(hash),
                    position: number(position) as u16,
                }
            })
            .collect();
        if let Some(at) = fingerprints.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(SketchError::Order(at + 1));
        }
        let mut taken = [false; MAX_FINGERPRINTS];
        for Fingerprint { position, .. } in &fingerprints {
            match taken.get_mut(usize::from(*position)) {
                Some(taken) if !*taken => *taken = true,
                _ => return Err(SketchError::Position(*position)),
            }
        }
        Ok(Self { fingerprints })
    }

    /// What a document commits to: `H(00|S|encoding)`.
    pub fn hash(&self) -> B256 {
        leaf_hash(TAG, &self.encode())
    }

    /// How much of this document stands in the other, in basis points: its fingerprints whose hash the other has too, of all of its
    /// own, rounded down. A phrase that it repeats counts as often.
    pub fn contained_in(&self, other: &Self) -> u16 {
        let mut others = other.fingerprints.iter().peekable();
        let mut found = 0;
        for Fingerprint { hash, .. } in &self.fingerprints {
            while let Some(other) = others.peek() {
                match other.hash.cmp(hash) {
                    Ordering::Less => others.next(),
                    Ordering::Equal => {
                        found += 1;
                        break;
                    }
                    Ordering::Greater => break,
                };
            }
        }
        // At most 509 of 509, and at least one.
        (found * u32::from(MAX_BPS) / self.fingerprints.len() as u32) as u16
    }
}

fn gram_hash(gram: &[WordId]) -> u64 {
    let mut keccak = Keccak256::new();
    for word in gram {
        keccak.update(word.0);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&keccak.finalize()[..8]);
    u64::from_be_bytes(first)
}

/// What a document is to the earlier one that holds most of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Band {
    /// A work of its own.
    Original,
    /// The earlier one takes the containment's share of what it earns.
    Derivative,
    /// The earlier one's cluster takes all until curators confirm that it is new.
    Held,
}

impl Band {
    /// The band of a containment in basis points. A band begins with its threshold.
    pub fn of(contain_bps: u16) -> Self {
        match contain_bps {
            ..DERIVATIVE_BPS => Self::Original,
            DERIVATIVE_BPS..HELD_BPS => Self::Derivative,
            HELD_BPS.. => Self::Held,
        }
    }
}

#[cfg(test)]
mod tests;
