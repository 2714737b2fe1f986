//! A text in chunks, and their tree: what its owner keeps to open parts of it.

use crate::{
    HashTree, Leaf, LeafError, WordId,
    leaf::{CHUNK_LEN, Chunk, chunks},
    opening::WordsOpening,
};
use alloy_primitives::B256;
use std::ops::Range;

/// The words of a document, an output or a prompt.
#[derive(Debug, Clone)]
pub struct Text {
    words: Vec<WordId>,
    chunks: Vec<Chunk>,
    tree: HashTree,
}

impl Text {
    /// Cuts words into chunks. `salt` is asked for each chunk's: zero in a document.
    ///
    /// # Errors
    /// When there are more chunks than their number can say.
    pub fn new(words: Vec<WordId>, salt: impl FnMut(u32) -> B256) -> Result<Self, LeafError> {
        let chunks = chunks(&words, salt).collect::<Result<Vec<_>, _>>()?;
        let tree = HashTree::new(chunks.iter().map(Leaf::hash).collect());
        Ok(Self {
            words,
            chunks,
            tree,
        })
    }

    /// All words.
    pub fn words(&self) -> &[WordId] {
        &self.words
    }

    /// All chunks, in their order.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Root of the chunks.
    pub fn root(&self) -> B256 {
        self.tree.root()
    }

    /// The chunks that hold these words, as far as there are such.
    pub fn open(&self, range: Range<u32>) -> WordsOpening {
        let chunk = |at: u32| at as usize / CHUNK_LEN;
        let last = match range.end.checked_sub(1) {
            Some(last) if range.start <= last => chunk(last),
            _ => return WordsOpening::default(),
        };
        let wanted = (chunk(range.start)..=last)
            .filter_map(|at| Some((self.chunks.get(at)?.clone(), self.tree.prove(at as u64)?)));
        WordsOpening {
            chunks: wanted.collect(),
        }
    }

    /// All chunks.
    pub fn open_whole(&self) -> WordsOpening {
        self.open(0..self.words.len() as u32)
    }

    /// The last chunk, which tells how many words there are; nothing when there are none.
    pub fn open_end(&self) -> WordsOpening {
        let words = self.words.len() as u32;
        self.open(words.saturating_sub(1)..words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_opened_is_what_stands_there(words in 0..200usize, start in 0..220u32, len in 0..80u32) {
            let ids: Vec<_> = (0..words).map(|word| WordId::of(&word.to_be_bytes())).collect();
            let text = Text::new(ids.clone(), |chunk| B256::with_last_byte(chunk as u8)).expect("short");
            let range = start..start + len;
            let opened = text.open(range.clone()).verify(text.root(), Some(words as u32), range.clone());
            let expected = ids.get(start as usize..(start + len) as usize);
            if len > 0 {
                prop_assert_eq!(opened.ok(), expected.map(<[_]>::to_vec));
            }
            prop_assert_eq!(text.open_end().verify_end(text.root()), Ok(words as u64));
            // What is not the last chunk is no end, and other words are not these.
            if words > CHUNK_LEN {
                prop_assert!(text.open(0..1).verify_end(text.root()).is_err());
            }
            prop_assert!(text.open(0..1).verify(B256::ZERO, None, 0..1).is_err());
        }
    }
}
