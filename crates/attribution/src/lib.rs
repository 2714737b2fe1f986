//! Proof of Attribution: from a text to the documents and people behind it, re-executable by anyone.
//!
//! The method is written down in `docs/attribution-method.md`; this crate is its first implementation.

pub mod abi;
pub mod admission;
pub mod archive;
pub mod boilerplate;
pub mod cluster;
pub mod corpus;
pub mod demand;
pub mod dispute;
pub mod epoch;
pub mod facts;
pub mod fault;
mod json;
pub mod leaf;
pub mod method;
pub mod model;
pub mod opening;
mod paid;
pub mod pay;
pub mod payout;
pub mod segment;
pub mod share;
pub mod sketch;
pub mod text;
pub mod tiling;
pub mod train;
pub mod tree;
pub mod word;

pub use archive::Archive;
pub use boilerplate::Boilerplate;
pub use corpus::{Corpus, Match};
pub use demand::{Demand, Response, is_answered, respond};
pub use dispute::find_fault;
pub use epoch::{Attributed, Epoch, EpochRoots, EpochTrees};
pub use facts::Facts;
pub use fault::Fault;
pub use leaf::{Leaf, LeafError, Summed};
pub use method::{Method, Parameters};
pub use model::ReferenceModel;
pub use payout::{PayoutProof, prove_payout};
pub use segment::{Document, Segment, SegmentBuilder};
pub use share::{ShareError, share, split};
pub use sketch::{Band, Sketch};
pub use text::Text;
pub use tiling::{Prompt, Tile, TileKind, Tiling, tile};
pub use train::{Accumulator, TrainingWeights};
pub use tree::{AppendTree, HashProof, HashTree, SumNode, SumProof, SumTree};
pub use word::{Word, WordId, words};
