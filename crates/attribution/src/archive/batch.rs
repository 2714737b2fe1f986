//! The documents of a commit by themselves: what it commits to, and what it states.

use super::Archive;
use crate::{HashTree, Leaf, Sketch, leaf::Document};

impl Archive {
    /// The documents of a commit, by their index; none of one that was not admitted.
    pub fn documents_of(&self, commit_seq: u32) -> impl Iterator<Item = &Document> {
        let first = u64::from(commit_seq) << 32;
        let range = self.documents.range(first..=first | u64::from(u32::MAX));
        range.map(|(_, stored)| &stored.document)
    }

    /// What a commit states: the tree of its documents.
    pub fn batch_tree(&self, commit_seq: u32) -> Option<&HashTree> {
        Some(&self.commits.get(&commit_seq)?.tree)
    }

    /// What it commits to: the tree of what is in them.
    pub fn content_tree(&self, commit_seq: u32) -> Option<HashTree> {
        self.commits.get(&commit_seq)?;
        let contents = self.documents_of(commit_seq).map(Document::content);
        Some(HashTree::new(
            contents.map(|content| content.hash()).collect(),
        ))
    }

    /// The sketch of a document.
    pub fn sketch(&self, seq: u64) -> Option<Sketch> {
        Sketch::of(self.words(seq)?.words()).ok()
    }
}
