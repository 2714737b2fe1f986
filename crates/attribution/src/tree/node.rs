//! The hashes of trees.

use super::ProofError;
use alloy_primitives::{B256, Keccak256};
use std::convert::Infallible;
use std::fmt;

/// The hash of a leaf: its kind and its fields, which have a fixed width.
pub fn leaf_hash(tag: u8, fields: &[u8]) -> B256 {
    hash(&[&[0, tag], fields])
}

fn hash(parts: &[&[u8]]) -> B256 {
    let mut keccak = Keccak256::new();
    for part in parts {
        keccak.update(part);
    }
    keccak.finalize()
}

/// What a tree is made of: a hash, or a hash and a sum.
pub trait Node: Copy + Eq + fmt::Debug {
    /// Bytes of a node in a proof.
    const LEN: usize;

    /// Why two nodes may not be joined.
    type Overflow: Into<ProofError>;

    /// The node above two neighbours. Their order matters.
    fn join(self, right: Self) -> Result<Self, Self::Overflow>;

    /// The root of a tree with this many leaves and this top, which is `None` for none.
    fn root(count: u64, top: Option<Self>) -> B256;

    /// Appends [`LEN`](Self::LEN) bytes.
    fn encode(&self, out: &mut Vec<u8>);

    /// `None` unless there are [`LEN`](Self::LEN) bytes.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

impl Node for B256 {
    const LEN: usize = 32;

    type Overflow = Infallible;

    fn join(self, right: Self) -> Result<Self, Infallible> {
        Ok(hash(&[&[1], self.as_slice(), right.as_slice()]))
    }

    fn root(count: u64, top: Option<Self>) -> B256 {
        let top = top.unwrap_or_default();
        hash(&[&[2], &count.to_be_bytes(), top.as_slice()])
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_slice());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        Self::try_from(bytes).ok()
    }
}

/// A node of a sum tree. What is added up is the tree's own affair: tokens, or words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SumNode {
    /// Of a leaf's fields, or of the two nodes below and their sums.
    pub hash: B256,
    /// Of all leaves below. A node is bound to it by the node above, and the top by the root.
    pub sum: u128,
}

/// The sums of two nodes add up to 2^128 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sums add up to 2^128 or more")]
pub struct SumOverflow;

impl Node for SumNode {
    const LEN: usize = 48;

    type Overflow = SumOverflow;

    fn join(self, right: Self) -> Result<Self, SumOverflow> {
        let sum = self.sum.checked_add(right.sum).ok_or(SumOverflow)?;
        Ok(Self {
            hash: sum_hash(self, right),
            sum,
        })
    }

    fn root(count: u64, top: Option<Self>) -> B256 {
        let top = top.unwrap_or_default();
        hash(&[
            &[3],
            &count.to_be_bytes(),
            top.hash.as_slice(),
            &top.sum.to_be_bytes(),
        ])
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.hash.as_slice());
        out.extend_from_slice(&self.sum.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (hash, sum) = bytes.split_at_checked(32)?;
        Some(Self {
            hash: B256::try_from(hash).ok()?,
            sum: u128::from_be_bytes(sum.try_into().ok()?),
        })
    }
}

/// The hash of a node of a sum tree, whether or not its sums can be added.
pub(super) fn sum_hash(left: SumNode, right: SumNode) -> B256 {
    hash(&[
        &[1],
        left.hash.as_slice(),
        &left.sum.to_be_bytes(),
        right.hash.as_slice(),
        &right.sum.to_be_bytes(),
    ])
}
