//! What was contributed, and what a model may be matched against.

use super::field::{fields, one_of};
use super::{Leaf, LeafError, RawCid};
use crate::sketch::{Band, MAX_BPS};
use alloy_primitives::B256;

/// Most words of a document; a longer file is several.
pub const MAX_DOCUMENT_LEN: u16 = 512;

/// What somebody did for a Datanet or a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContributionKind {
    /// Text of their own, or that they may give.
    Data,
    /// Judgements about data.
    Label,
    /// Prompts.
    Prompt,
    /// Tested outputs.
    Eval,
    /// The making of an adapter or a model.
    Tuning,
    /// Machines.
    Compute,
    /// Programs.
    Code,
    /// Votes and curation.
    Governance,
}

one_of!(
    ContributionKind,
    "kind",
    Data,
    Label,
    Prompt,
    Eval,
    Tuning,
    Compute,
    Code,
    Governance
);

/// A document: one part of a contributed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its place among all documents: the sequence of its commit in the upper 32 bits, its index in the commit in the lower.
    pub seq: u64,
    /// The contributor's id.
    pub contributor: u64,
    /// What it is.
    pub kind: ContributionKind,
    /// The number of its file in the commit, from zero on.
    pub file: u32,
    /// The number of the part in its file, from zero on.
    pub part: u32,
    /// Its words, 1 to [`MAX_DOCUMENT_LEN`].
    pub words: u16,
    /// Root of its chunks.
    pub chunk_root: B256,
    /// Hash of its sketch.
    pub sketch_hash: B256,
    /// The earlier document that holds most of it; its own sequence for an original.
    pub parent_seq: u64,
    /// The first document of its cluster, at or before its parent; its own sequence for an original.
    pub root_seq: u64,
    /// How much of it the parent holds, in basis points. Below the derivative band for an original, in it or above for others.
    pub contain_bps: u16,
    /// Its licence's id.
    pub licence: u32,
    /// The file it was cut from.
    pub raw_cid: RawCid,
}

fields!(
    Document, b'D',
    seq: u64,
    contributor: u64,
    kind: ContributionKind,
    file: u32,
    part: u32,
    words: u16,
    chunk_root: B256,
    sketch_hash: B256,
    parent_seq: u64,
    root_seq: u64,
    contain_bps: u16,
    licence: u32,
    raw_cid: RawCid,
);

impl Leaf for Document {
    fn check(&self) -> Result<(), LeafError> {
        if self.words == 0 || self.words > MAX_DOCUMENT_LEN {
            return Err(LeafError::Range("words"));
        }
        if self.contain_bps > MAX_BPS {
            return Err(LeafError::Range("containBps"));
        }
        let original = Band::of(self.contain_bps) == Band::Original;
        let parent_in_range = match original {
            true => self.parent_seq == self.seq,
            false => self.parent_seq < self.seq,
        };
        if !parent_in_range {
            return Err(LeafError::Range("parentSeq"));
        }
        let root_in_range = match original {
            true => self.root_seq == self.seq,
            false => self.root_seq <= self.parent_seq,
        };
        match root_in_range {
            true => Ok(()),
            false => Err(LeafError::Range("rootSeq")),
        }
    }
}

impl Document {
    /// What is in it, wherever it stands.
    pub fn content(&self) -> Content {
        Content {
            kind: self.kind,
            file: self.file,
            part: self.part,
            words: self.words,
            chunk_root: self.chunk_root,
            sketch_hash: self.sketch_hash,
            raw_cid: self.raw_cid,
        }
    }
}

/// What a document is wherever it stands: what can be committed to before its place is known, and the earlier documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it is.
    pub kind: ContributionKind,
    /// The number of its file in the commit, from zero on.
    pub file: u32,
    /// The number of the part in its file, from zero on.
    pub part: u32,
    /// Its words, 1 to [`MAX_DOCUMENT_LEN`].
    pub words: u16,
    /// Root of its chunks.
    pub chunk_root: B256,
    /// Hash of its sketch.
    pub sketch_hash: B256,
    /// The file it was cut from.
    pub raw_cid: RawCid,
}

fields!(
    Content, b'O',
    kind: ContributionKind,
    file: u32,
    part: u32,
    words: u16,
    chunk_root: B256,
    sketch_hash: B256,
    raw_cid: RawCid,
);

impl Leaf for Content {
    fn check(&self) -> Result<(), LeafError> {
        match self.words == 0 || self.words > MAX_DOCUMENT_LEN {
            true => Err(LeafError::Range("words")),
            false => Ok(()),
        }
    }
}

/// The documents of one commit, accepted into a Datanet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Sequence of the commit: the upper half of its documents' sequences.
    pub commit_seq: u32,
    /// Root of its documents.
    pub root: B256,
}

fields!(Batch, b'B', commit_seq: u32, root: B256);

impl Leaf for Batch {}

/// A Datanet as a corpus holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatanetVersion {
    /// The Datanet's id.
    pub datanet: u64,
    /// Its version, from zero on.
    pub version: u32,
    /// Root of its batches at that version.
    pub root: B256,
}

fields!(DatanetVersion, b'V', datanet: u64, version: u32, root: B256);

impl Leaf for DatanetVersion {}
