//! That a leaf is in a tree.

use super::{Node, SumOverflow, shape};
use alloy_primitives::B256;
use std::convert::Infallible;

/// That a leaf stands at an index of a tree: the nodes to join it with on the way to the top.
///
/// A claim, until [`verify`](Self::verify) says otherwise: it may come from anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof<N> {
    /// The leaf's place, from zero on.
    pub index: u64,
    /// Leaves of the tree.
    pub count: u64,
    /// From the leaf's neighbour upwards; none where the last node goes up alone.
    pub siblings: Vec<N>,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such node.
    #[error("node {index} of {width}")]
    Index {
        /// Claimed.
        index: u64,
        /// Nodes of the level.
        width: u64,
    },
    /// Another number of siblings than the index and the count ask for.
    #[error("{found} siblings, not {expected}")]
    Length {
        /// By the index and the count.
        expected: usize,
        /// In the proof.
        found: usize,
    },
    /// No honest tree has such sums.
    #[error(transparent)]
    Sum(#[from] SumOverflow),
    /// The tree with this root does not hold the leaf there.
    #[error("it leads to another root")]
    Root,
}

impl From<Infallible> for ProofError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The bytes are not a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeProofError {
    /// The bytes end before the siblings begin.
    #[error("{0} bytes, too few for an index and a count")]
    Short(usize),
    /// There is no such leaf.
    #[error("leaf {index} of {count}")]
    Index {
        /// Claimed.
        index: u64,
        /// Claimed.
        count: u64,
    },
    /// Another number of bytes than the index and the count ask for.
    #[error("{found} bytes, not {expected}")]
    Length {
        /// By the index and the count.
        expected: usize,
        /// Given.
        found: usize,
    },
}

/// Bytes before the siblings.
const HEAD: usize = 16;

impl<N: Node> Proof<N> {
    /// Checks that the tree with this root holds the leaf at the index, and returns its top: in a sum tree the sum of all leaves
    /// is proven with it.
    ///
    /// At most 64 hashes and one, whatever the proof.
    pub fn verify(&self, root: B256, leaf: N) -> Result<N, ProofError> {
        let top = shape::climb(self.index, self.count, leaf, &self.siblings)?;
        match N::root(self.count, Some(top)) == root {
            true => Ok(top),
            false => Err(ProofError::Root),
        }
    }

    /// `index u64 ‖ count u64 ‖ siblings`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD + self.siblings.len() * N::LEN);
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.count.to_be_bytes());
        for sibling in &self.siblings {
            sibling.encode(&mut out);
        }
        out
    }

    /// The inverse of [`encode`](Self::encode). No other bytes are a proof, so that none has two encodings.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeProofError> {
        let found = bytes.len();
        let short = DecodeProofError::Short(found);
        let (index, rest) = bytes.split_first_chunk().ok_or(short)?;
        let (count, siblings) = rest.split_first_chunk().ok_or(short)?;
        let (index, count) = (u64::from_be_bytes(*index), u64::from_be_bytes(*count));
        if index >= count {
            return Err(DecodeProofError::Index { index, count });
        }
        let expected = HEAD + shape::siblings(index, count) * N::LEN;
        let wrong_length = DecodeProofError::Length { expected, found };
        if found != expected {
            return Err(wrong_length);
        }
        let siblings = siblings.chunks_exact(N::LEN).map(N::decode);
        Ok(Self {
            index,
            count,
            siblings: siblings.collect::<Option<_>>().ok_or(wrong_length)?,
        })
    }
}
