//! Phrases that belong to nobody.

use super::Leaf;
use super::field::fields;
use crate::tree::SortedLeaf;
use crate::word::WordId;
use alloy_primitives::B256;

/// Words of a boilerplate phrase, which is the shortest match.
pub const GRAM_LEN: usize = 8;

/// A phrase of the boilerplate list of a model version. The list is in the order of the phrases' ids, compared as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gram {
    /// Its words.
    pub ids: [WordId; GRAM_LEN],
}

fields!(Gram, b'G', ids: [WordId; GRAM_LEN]);

impl Leaf for Gram {}

impl SortedLeaf for Gram {
    type Key = [WordId; GRAM_LEN];
    type Node = B256;

    fn key(&self) -> Self::Key {
        self.ids
    }

    fn node(&self) -> B256 {
        self.hash()
    }
}
