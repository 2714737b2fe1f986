//! Words, in the pieces that a contract opens.

use super::field::fields;
use super::{Leaf, LeafError};
use crate::word::WordId;
use alloy_primitives::B256;

/// Most words of a chunk; only the last of a text has fewer. Larger chunks cost a dispute more than they save.
pub const CHUNK_LEN: usize = 32;

/// A run of a text's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its place among the chunks, from zero on.
    pub index: u32,
    /// Zero in a document. In an answer it is random, or short outputs could be guessed from their hash.
    pub salt: B256,
    words: u8,
    ids: [WordId; CHUNK_LEN],
}

fields!(Chunk, b'C', index: u32, salt: B256, words: u8, ids: [WordId; CHUNK_LEN]);

impl Chunk {
    /// A chunk of 1 to [`CHUNK_LEN`] words.
    pub fn new(index: u32, salt: B256, words: &[WordId]) -> Result<Self, LeafError> {
        if words.is_empty() || words.len() > CHUNK_LEN {
            return Err(LeafError::Range("n"));
        }
        let mut ids = [WordId::default(); CHUNK_LEN];
        ids[..words.len()].copy_from_slice(words);
        let words = words.len() as u8;
        Ok(Self {
            index,
            salt,
            words,
            ids,
        })
    }

    /// Its words.
    pub fn words(&self) -> &[WordId] {
        &self.ids[..usize::from(self.words)]
    }
}

impl Leaf for Chunk {
    fn check(&self) -> Result<(), LeafError> {
        let words = usize::from(self.words);
        if words == 0 || words > CHUNK_LEN {
            return Err(LeafError::Range("n"));
        }
        // Or one chunk would have several hashes.
        match self.ids[words..].iter().all(|id| *id == WordId::default()) {
            true => Ok(()),
            false => Err(LeafError::Range("an id beyond n")),
        }
    }
}

/// The chunks of a text: all full but the last. None without words. `salt` is asked for each chunk's.
pub fn chunks<'a>(
    words: &'a [WordId],
    mut salt: impl FnMut(u32) -> B256 + 'a,
) -> impl Iterator<Item = Result<Chunk, LeafError>> + 'a {
    words.chunks(CHUNK_LEN).enumerate().map(move |(at, words)| {
        let index = u32::try_from(at).map_err(|_| LeafError::Range("index"))?;
        Chunk::new(index, salt(index), words)
    })
}
