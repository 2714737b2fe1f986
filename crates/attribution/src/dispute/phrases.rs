//! A model version's boilerplate, to show what is in it and what is not.

use super::absence_at;
use crate::{
    Boilerplate, HashProof, Leaf, WordId,
    leaf::{GRAM_LEN, Gram},
    tree::{Absence, HashTree},
};
use alloy_primitives::B256;

/// A model version's boilerplate and its tree.
#[derive(Debug, Clone)]
pub struct PhraseList {
    list: Boilerplate,
    tree: HashTree,
}

impl From<Boilerplate> for PhraseList {
    fn from(list: Boilerplate) -> Self {
        let leaves = list.phrases().iter().map(|ids| Gram { ids: *ids }.hash());
        let tree = HashTree::new(leaves.collect());
        Self { list, tree }
    }
}

impl PhraseList {
    /// The list.
    pub fn list(&self) -> &Boilerplate {
        &self.list
    }

    /// What the chain holds of it.
    pub fn root(&self) -> B256 {
        self.tree.root()
    }

    pub(crate) fn prove(&self, gram: &Gram) -> Option<HashProof> {
        let place = self.list.phrases().binary_search(&gram.ids).ok()?;
        self.tree.prove(place as u64)
    }

    pub(super) fn absence(&self, gram: &Gram) -> Absence<Gram> {
        let phrases = self.list.phrases();
        let leaf = |place: usize| {
            Some(Gram {
                ids: *phrases.get(place)?,
            })
        };
        let right = phrases.partition_point(|ids| *ids < gram.ids);
        absence_at(right, leaf, &self.tree)
    }
}

pub(super) fn grams(words: &[WordId]) -> impl Iterator<Item = Gram> {
    let grams = words.windows(GRAM_LEN);
    grams.filter_map(|ids| {
        Some(Gram {
            ids: *ids.first_chunk()?,
        })
    })
}
