//! Nodes as they are held in memory.

use crate::{
    BranchRecord, ChildKind, NodeRef,
    arena::Id,
    record::{ChildRecord, RecordWriter},
};
use alloy_primitives::{B256, U256};
use alloy_rlp::Encodable;
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use nybbles::Nibbles;
use std::fmt::Debug;

/// What a leaf holds: an account or the value of a slot.
pub(crate) trait LeafValue: Clone + PartialEq + Debug + Send + Sync {
    /// What a change knows of the value it replaces.
    type Hint: Copy + Debug + Send + Sync;

    /// Completes a new value from the one that it replaces, if there is one. `false` when the
    /// change was made for a different old value.
    fn complete(&mut self, old: Option<&Self>, hint: Self::Hint) -> bool;

    /// Appends the RLP of the value.
    fn write_rlp(&self, out: &mut Vec<u8>);
}

/// How a changed account gets its storage root.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RootHint {
    /// From the account as it was.
    Keep,
    /// From its storage trie, which started from this root.
    Updated(B256),
    /// From a storage trie that started empty.
    Replaced,
}

impl LeafValue for TrieAccount {
    type Hint = RootHint;

    fn complete(&mut self, old: Option<&Self>, hint: RootHint) -> bool {
        let old_root = old.map_or(EMPTY_ROOT_HASH, |old| old.storage_root);
        match hint {
            RootHint::Keep => self.storage_root = old_root,
            RootHint::Updated(from) => return from == old_root,
            RootHint::Replaced => {}
        }
        true
    }

    fn write_rlp(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }
}

impl LeafValue for U256 {
    type Hint = ();

    fn complete(&mut self, _: Option<&Self>, (): ()) -> bool {
        true
    }

    fn write_rlp(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }
}

/// The new value of a key, `None` to delete it.
#[derive(Debug)]
pub(crate) struct Change<V: LeafValue> {
    pub(crate) key: B256,
    pub(crate) value: Option<V>,
    pub(crate) hint: V::Hint,
}

/// A leaf that was loaded or made. Its value and the rest of its key are needed when it is pushed
/// up or down; a leaf that is only referred to need not be in memory.
#[derive(Debug)]
pub(crate) struct Leaf<V> {
    pub(crate) key: B256,
    pub(crate) value: V,
    pub(crate) age: Age,
}

/// When a node was last used and changed, in block numbers. A node's parent has numbers that are no
/// lower than the node's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Age {
    pub(crate) touched: u64,
    pub(crate) changed: u64,
}

impl Age {
    /// Read from the database for this block.
    pub(crate) const fn loaded(block: u64) -> Self {
        Self {
            touched: block,
            changed: 0,
        }
    }

    /// Made or changed by this block.
    pub(crate) const fn changed(block: u64) -> Self {
        Self {
            touched: block,
            changed: block,
        }
    }
}

/// The nibbles between a child's nibble and the branch behind it. Hardly ever any, so they live
/// elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Extension(Option<Box<Nibbles>>);

static NO_NIBBLES: Nibbles = Nibbles::new();

impl Extension {
    pub(crate) fn new(nibbles: Nibbles) -> Self {
        Self((!nibbles.is_empty()).then(|| Box::new(nibbles)))
    }

    pub(crate) fn nibbles(&self) -> &Nibbles {
        self.0.as_deref().unwrap_or(&NO_NIBBLES)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn len(&self) -> usize {
        self.nibbles().len()
    }
}

/// What a parent holds of a child. A reference is always that of the child's present content.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) reference: NodeRef,
    pub(crate) target: Target,
}

/// What is behind an edge; without an id it is not in memory.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Leaf(Option<Id>),
    Branch {
        id: Option<Id>,
        extension: Extension,
    },
}

impl From<ChildRecord> for Edge {
    fn from(child: ChildRecord) -> Self {
        let target = match child.kind {
            ChildKind::Leaf => Target::Leaf(None),
            ChildKind::Subtrie { extension } => Target::Branch {
                id: None,
                extension: Extension::new(extension),
            },
        };
        Self {
            reference: child.reference,
            target,
        }
    }
}

/// A branch: its children's edges in order of their nibbles.
#[derive(Debug)]
pub(crate) struct Branch {
    mask: u16,
    edges: Vec<Edge>,
    pub(crate) age: Age,
}

impl Branch {
    pub(crate) fn new(age: Age) -> Self {
        Self {
            mask: 0,
            edges: Vec::new(),
            age,
        }
    }

    pub(crate) fn from_record(record: &BranchRecord, age: Age) -> Self {
        let mask = record.mask();
        let mut edges = Vec::with_capacity(mask.count_ones() as usize);
        edges.extend(record.children().map(Edge::from));
        Self { mask, edges, age }
    }

    pub(crate) fn mask(&self) -> u16 {
        self.mask
    }

    pub(crate) fn edges(&self) -> &[Edge] {
        &self.edges
    }

    pub(crate) fn len(&self) -> usize {
        self.edges.len()
    }

    /// Where the child of this nibble is among the edges.
    pub(crate) fn position(&self, nibble: u8) -> Option<usize> {
        let bit = 1u16 << nibble;
        (self.mask & bit != 0).then(|| (self.mask & (bit - 1)).count_ones() as usize)
    }

    pub(crate) fn edge(&self, position: usize) -> &Edge {
        &self.edges[position]
    }

    pub(crate) fn edge_mut(&mut self, position: usize) -> &mut Edge {
        &mut self.edges[position]
    }

    /// Takes the edge of this nibble, leaving a hollow one that [`Self::set`] fills or removes.
    pub(crate) fn hollow(&mut self, nibble: u8) -> Option<Edge> {
        let position = self.position(nibble)?;
        let hollow = Edge {
            reference: NodeRef::hash(B256::ZERO),
            target: Target::Leaf(None),
        };
        Some(std::mem::replace(&mut self.edges[position], hollow))
    }

    /// Sets or removes the edge of this nibble.
    pub(crate) fn set(&mut self, nibble: u8, edge: Option<Edge>) {
        let bit = 1u16 << nibble;
        match (self.position(nibble), edge) {
            (Some(position), Some(edge)) => self.edges[position] = edge,
            (Some(position), None) => {
                self.edges.remove(position);
                self.mask &= !bit;
            }
            (None, Some(edge)) => {
                let position = (self.mask & (bit - 1)).count_ones() as usize;
                self.edges.insert(position, edge);
                self.mask |= bit;
            }
            (None, None) => {}
        }
    }

    /// The only child, if there is no other.
    pub(crate) fn pop_single(&mut self) -> Option<(u8, Edge)> {
        if self.edges.len() != 1 {
            return None;
        }
        let nibble = self.mask.trailing_zeros() as u8;
        self.mask = 0;
        self.edges.pop().map(|edge| (nibble, edge))
    }

    pub(crate) fn record(&self) -> BranchRecord {
        record(self.mask, self.edges.iter())
    }
}

/// The record of children with these nibbles.
pub(crate) fn record<'a>(
    mut mask: u16,
    edges: impl ExactSizeIterator<Item = &'a Edge>,
) -> BranchRecord {
    let mut writer = RecordWriter::with_children(edges.len());
    for edge in edges {
        let nibble = mask.trailing_zeros() as u8;
        mask &= mask - 1;
        let extension = match &edge.target {
            Target::Leaf(_) => None,
            Target::Branch { extension, .. } => Some(extension.nibbles()),
        };
        writer.push(nibble, &edge.reference, extension);
    }
    writer.finish()
}

/// The nibble of a key at this depth, which is below 64.
pub(crate) fn nibble(key: &B256, depth: usize) -> u8 {
    let byte = key[depth / 2];
    if depth.is_multiple_of(2) {
        byte >> 4
    } else {
        byte & 0x0f
    }
}

/// The first nibbles of a key.
pub(crate) fn path(key: &B256, depth: usize) -> Nibbles {
    let mut path = Nibbles::unpack_array(&key.0);
    path.truncate(depth);
    path
}

/// How many nibbles two keys have in common at their start.
pub(crate) fn common_prefix(a: &B256, b: &B256) -> usize {
    match a.iter().zip(b.iter()).position(|(x, y)| x != y) {
        None => 64,
        Some(byte) => byte * 2 + usize::from((a[byte] ^ b[byte]) < 0x10),
    }
}
