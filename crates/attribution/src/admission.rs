//! Documents before a Datanet can accept them: whether a proof shows that what a contribution states of them is wrong.
//!
//! A contribution commits to what is in its documents, and states where they stand: their parents and roots. Who states is answerable with a bond for
//! what was settled then. What rests on another contribution that was not is to be stated anew, and costs nothing.

mod abi;
mod find;
mod judge;

pub use find::{NotChecked, Statement, find_fault};

use crate::{
    LeafError, Sketch,
    leaf::{Content, Document},
    opening::WordsOpening,
    tree::{HashProof, ProofError},
};
use alloy_primitives::B256;

/// What the chain knows of a place in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// In seconds.
    pub committed_at: u64,
    /// What was revealed; `None` of one that was not.
    pub revealed: Option<Revealed>,
}

/// What the chain knows of a contribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revealed {
    /// Root of its documents, as it was stated last.
    pub batch_root: B256,
    /// Root of what is in them.
    pub content_root: B256,
    /// Whose it is.
    pub contributor: u64,
    /// How many there are.
    pub documents: u32,
    /// Its licence; that of its Datanet where it has none.
    pub licence: u32,
    /// One bit for each kind that is in it.
    pub kinds: u8,
    /// When the root was stated, in seconds.
    pub stated_at: u64,
    /// When it was expelled, in seconds.
    pub expelled_at: Option<u64>,
    /// Whether something that was demanded of it is not shown yet.
    pub is_asked: bool,
    /// Since when something else is to be stated, in seconds.
    pub out_of_date_since: Option<u64>,
}

/// The chain's register of contributions.
pub trait Contributions {
    /// What is known of a place; `None` where nobody has it.
    fn record(&self, commit_seq: u32) -> Option<Record>;

    /// Seconds from a commit to the end of its reveal.
    fn reveal_window(&self) -> u64;

    /// Seconds in which documents are judged.
    fn admission_time(&self) -> u64;

    /// In seconds.
    fn now(&self) -> u64;
}

/// What becomes of a contribution that is shown to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No Datanet can have it, and its bond is lost.
    Expelled,
    /// It is to be stated anew.
    OutOfDate,
}

/// A document where it is stated to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The document.
    pub document: Document,
    /// That it is in the statement.
    pub proof: HashProof,
}

/// What is in a document, where it was committed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedContent {
    /// What is in it.
    pub content: Content,
    /// That it was committed to.
    pub proof: HashProof,
}

/// A proof that something that a contribution states is wrong. A claim, until [`verify`](Self::verify) says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refutation {
    /// The statement is of another number of leaves than there are documents.
    Count {
        /// Leaves.
        count: u64,
        /// The node above them.
        top: B256,
    },
    /// A leaf is no document, or not one of this contribution at this place.
    Leaf {
        /// Any bytes.
        leaf: Vec<u8>,
        /// That they are in the statement.
        proof: HashProof,
    },
    /// What is in a document is not what was committed to.
    Content {
        /// The document.
        document: Placed,
        /// Any bytes.
        content: Vec<u8>,
        /// That they were committed to.
        proof: HashProof,
    },
    /// Its words have another sketch.
    Sketch {
        /// The document.
        document: Placed,
        /// All of its words.
        words: WordsOpening,
    },
    /// An earlier document has more of it than its parent, or as much and is earlier still.
    Nearer {
        /// The document.
        document: Placed,
        /// Its sketch.
        sketch: Sketch,
        /// The earlier one's commit.
        commit_seq: u32,
        /// The earlier one.
        earlier: PlacedContent,
        /// Its sketch.
        earlier_sketch: Sketch,
    },
    /// Its parent is not there.
    Gone {
        /// The document.
        document: Placed,
    },
    /// Its parent has another part of it than it says.
    Containment {
        /// The document.
        document: Placed,
        /// Its sketch.
        sketch: Sketch,
        /// Its parent.
        parent: PlacedContent,
        /// The parent's sketch.
        parent_sketch: Sketch,
    },
    /// Its parent has another root.
    ParentRoot {
        /// The document.
        document: Placed,
        /// Its parent.
        parent: Placed,
    },
}

/// Why a proof shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRefuted {
    /// Something is not in its tree.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// What should be a leaf is out of range.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The chain knows nothing of a contribution, or it is expelled.
    #[error("contribution {0} does not stand")]
    Unknown(u32),
    /// Something is not what is asked for.
    #[error("{0} is another")]
    Other(&'static str),
    /// All of it is shown, and nothing is wrong.
    #[error("nothing is wrong")]
    NoFault,
}
