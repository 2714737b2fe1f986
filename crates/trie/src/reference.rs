//! How a parent node refers to a child.

use alloy_primitives::{B256, keccak256};
use std::fmt;

/// A reference to a trie node as its parent holds it: the Keccak-256 hash of the node's RLP, or the
/// RLP itself when that is shorter than 32 bytes.
///
/// Two nodes have equal references exactly when they are equal (up to hash collisions), so
/// comparing references tells whether a subtrie changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeRef {
    bytes: [u8; 32],
    /// 32 for a hash, the length of the RLP otherwise. Bytes beyond it are zero.
    len: u8,
}

impl NodeRef {
    /// The reference to a node with this hash.
    pub const fn hash(hash: B256) -> Self {
        Self {
            bytes: hash.0,
            len: 32,
        }
    }

    /// Marks an edge whose node changed and was not hashed yet. Never leaves an update.
    pub(crate) const STALE: Self = Self {
        bytes: [0; 32],
        len: 0,
    };

    pub(crate) const fn is_stale(&self) -> bool {
        self.len == 0
    }

    /// The reference to the node with this RLP, which is not empty.
    pub fn of_rlp(rlp: &[u8]) -> Self {
        if rlp.len() >= 32 {
            return Self::hash(keccak256(rlp));
        }
        let mut bytes = [0; 32];
        bytes[..rlp.len()].copy_from_slice(rlp);
        Self {
            bytes,
            len: rlp.len() as u8,
        }
    }

    /// The inline reference with these bytes; `None` unless they are one RLP list of 1 to 31 bytes.
    pub fn inline(rlp: &[u8]) -> Option<Self> {
        let first = *rlp.first()?;
        let is_list = rlp.len() < 32 && first >= 0xc0 && usize::from(first - 0xc0) == rlp.len() - 1;
        is_list.then(|| Self::of_rlp(rlp))
    }

    /// The node's hash, or `None` when the node is inlined in its parent.
    pub fn as_hash(&self) -> Option<B256> {
        (self.len == 32).then(|| B256::new(self.bytes))
    }

    /// Whether the node is inlined in its parent.
    pub const fn is_inline(&self) -> bool {
        self.len != 32
    }

    /// The hash, or the inlined RLP.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The hash of the node, computed when the reference is inline. This is what a root is.
    pub fn to_hash(&self) -> B256 {
        self.as_hash().unwrap_or_else(|| keccak256(self.as_slice()))
    }

    /// Appends the reference as an item of the parent's RLP list.
    pub(crate) fn write_rlp(&self, out: &mut Vec<u8>) {
        if !self.is_inline() {
            out.push(0xa0);
        }
        out.extend_from_slice(self.as_slice());
    }
}

impl fmt::Debug for NodeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_inline() { "inline" } else { "hash" };
        write!(
            f,
            "{kind}:{}",
            alloy_primitives::hex::encode(self.as_slice())
        )
    }
}
