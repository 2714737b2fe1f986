//! From a text to words: the unit that contributions and answers are made of, matched by and paid by.
//!
//! [`normalise`] takes away what two copies of one text may differ in without saying anything else (case, width, ligatures, the
//! order of marks, invisible characters); [`words`] cuts what is left. Both are tables of one pinned Unicode version and a few
//! rules without context, so that another implementation can be checked against all of Unicode by one hash.

mod cut;
mod normal;

pub use cut::{Word, Words, words, words_in_bytes};
pub use normal::normalise;

use alloy_primitives::{B256, b256, hex, keccak256};
use std::fmt;

/// The Unicode version that the method is pinned to. Another version is another method.
pub const UNICODE_VERSION: (u8, u8, u8) = (18, 0, 0);

/// The pin of the tables: the keccak-256, over every character in the order of code points, of `code point u32 ‖ class u8 ‖ bytes u8
/// ‖ normalised UTF-8`, classes being 0 separator, 1 letter, 2 letter of an unspaced script, 3 mark.
pub const UNICODE_TABLE: B256 =
    b256!("0xe9ecb2c992f168b58307db195bffd6475323697307a3609ca9918315cba9b798");

/// Most bytes of a word's normalised UTF-8; a longer one is cut into several.
pub const MAX_WORD_LEN: usize = 32;

/// The name of a word: the first 16 bytes of the keccak-256 of its normalised UTF-8. Ordered by its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WordId(pub [u8; 16]);

impl WordId {
    /// The name of a word that is normalised already.
    pub fn of(word: &[u8]) -> Self {
        let hash = keccak256(word);
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }
}

impl fmt::Display for WordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for WordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The bytes are not a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid UTF-8 at byte {offset}")]
pub struct NotUtf8 {
    /// Bytes before the first that is not part of a valid sequence.
    pub offset: usize,
}

#[cfg(test)]
mod tests;
