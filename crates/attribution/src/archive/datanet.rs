//! Datanets: batches that were accepted, and the versions that hold them.

use super::{Archive, ArchiveError};
use crate::{
    HashTree, Leaf, Segment, SegmentBuilder, leaf::DatanetVersion, opening::DocumentOpening,
};
use std::{collections::BTreeSet, sync::Arc};

/// The versions of a Datanet.
#[derive(Debug, Default)]
pub(super) struct Datanet {
    /// Commits, as they were accepted.
    batches: Vec<u32>,
    pub(super) versions: Vec<Published>,
}

/// A version, which holds the batches of the versions before it and some more.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) leaf: DatanetVersion,
    /// Of all its batches.
    tree: HashTree,
    /// The documents of those that came with it.
    pub(super) segment: Arc<Segment>,
}

impl Archive {
    /// Publishes the next version of a Datanet: the batches of the version before, then these.
    ///
    /// # Errors
    /// When a commit is not known or was accepted before, or no segment can be made.
    pub fn publish(
        &mut self,
        datanet: u64,
        commits: &[u32],
    ) -> Result<DatanetVersion, ArchiveError> {
        let known = self.datanets.get(&datanet);
        let before = known.map_or(&[][..], |known| &known.batches);
        let version = known.map_or(0, |known| known.versions.len());
        let (mut batches, mut new) = (before.to_vec(), BTreeSet::new());
        for commit in commits {
            let known = self.commits.get(commit);
            let known = known.ok_or(ArchiveError::NoCommit(*commit))?;
            if known.accepted.is_some() || !new.insert(*commit) {
                return Err(ArchiveError::CommitTwice(*commit));
            }
            batches.push(*commit);
        }
        let leaves = batches.iter().filter_map(|commit| self.commits.get(commit));
        let tree = HashTree::new(leaves.map(|commit| commit.batch.hash()).collect());
        let leaf = DatanetVersion {
            datanet,
            version: u32::try_from(version).map_err(|_| ArchiveError::NoVersion {
                datanet,
                version: u32::MAX,
            })?,
            root: tree.root(),
        };
        let published = Published {
            leaf: leaf.clone(),
            tree,
            segment: Arc::new(self.segment_of(commits)?),
        };
        for (commit, place) in batches.iter().zip(0..) {
            if let Some(commit) = self.commits.get_mut(commit) {
                commit.accepted = Some((datanet, place));
            }
        }
        let known = self.datanets.entry(datanet).or_default();
        known.batches = batches;
        known.versions.push(published);
        Ok(leaf)
    }

    /// The commits whose batches a Datanet version holds, as they were accepted.
    pub fn batches(&self, datanet: u64, version: u32) -> Option<&[u32]> {
        let count = self.version(datanet, version)?.tree.count();
        let batches = &self.datanets.get(&datanet)?.batches;
        batches.get(..usize::try_from(count).ok()?)
    }

    fn segment_of(&self, commits: &[u32]) -> Result<Segment, ArchiveError> {
        let mut commits = commits.to_vec();
        commits.sort_unstable();
        let mut builder = SegmentBuilder::new();
        for commit in commits {
            let (first, last) = (
                u64::from(commit) << 32,
                u64::from(commit) << 32 | u64::from(u32::MAX),
            );
            for (seq, stored) in self.documents.range(first..=last) {
                builder.push(crate::Document {
                    seq: *seq,
                    root_seq: stored.document.root_seq,
                    words: stored.text.words(),
                })?;
            }
        }
        Ok(builder.into_segment()?)
    }

    pub(super) fn version(&self, datanet: u64, version: u32) -> Option<&Published> {
        let versions = &self.datanets.get(&datanet)?.versions;
        versions.get(usize::try_from(version).ok()?)
    }

    /// A document in the first version that holds it, of those that are asked for.
    pub(super) fn open(
        &self,
        seq: u64,
        mut among: impl FnMut(&Published) -> bool,
    ) -> Option<DocumentOpening> {
        let commit = self.commits.get(&u32::try_from(seq >> 32).ok()?)?;
        let (datanet, place) = commit.accepted?;
        let mut versions = self.datanets.get(&datanet)?.versions.iter();
        let version = versions.find(|version| version.tree.count() > place && among(version))?;
        Some(DocumentOpening {
            document: self.document(seq)?.clone(),
            in_batch: commit.tree.prove(u64::from(seq as u32))?,
            batch: commit.batch.clone(),
            in_version: version.tree.prove(place)?,
            version: version.leaf.clone(),
        })
    }
}
