//! The part of a trie under one first nibble.
//!
//! Shards share nothing, so the sixteen of a trie can be worked on by as many threads.

mod load;
mod prove;
mod settle;
mod update;

pub(crate) use load::fits;

use crate::{
    NodeRef, NodeUpdate,
    arena::Arena,
    encode::Encoder,
    node::{Branch, Edge, Leaf, LeafValue, Target},
    source::Source,
};
use nybbles::Nibbles;
use std::collections::BTreeMap;

/// The nodes in memory of everything under one first nibble.
#[derive(Debug)]
pub(crate) struct Shard<V> {
    /// The first nibble.
    nibble: u8,
    /// What the root has at that nibble; `None` when there is nothing.
    pub(crate) top: Option<Edge>,
    branches: Arena<Branch>,
    leaves: Arena<Leaf<V>>,
}

/// What one pass over a shard works with.
pub(crate) struct Pass<'a, S> {
    source: &'a S,
    /// What the nodes in use are marked with.
    block: u64,
    /// What an update leaves to write.
    pub(crate) nodes: Vec<NodeUpdate>,
    pub(crate) encoder: Encoder,
    /// The edges whose nodes are to be hashed.
    stale: Vec<settle::Stale>,
}

impl<'a, S: Source> Pass<'a, S> {
    pub(crate) fn new(source: &'a S, block: u64) -> Self {
        let (nodes, stale) = (Vec::new(), Vec::new());
        Self {
            source,
            block,
            nodes,
            encoder: Encoder::default(),
            stale,
        }
    }

    fn branch_ref(&mut self, branch: &Branch) -> NodeRef {
        NodeRef::of_rlp(self.encoder.branch(branch.mask(), branch.edges().iter()))
    }

    /// The reference of a branch seen through an extension, which may be empty.
    pub(crate) fn extended_ref(&mut self, extension: &Nibbles, branch: NodeRef) -> NodeRef {
        if extension.is_empty() {
            return branch;
        }
        NodeRef::of_rlp(self.encoder.extension(extension, &branch))
    }
}

impl<V: LeafValue> Shard<V> {
    pub(crate) fn new(nibble: u8, top: Option<Edge>) -> Self {
        Self {
            nibble,
            top,
            branches: Arena::default(),
            leaves: Arena::default(),
        }
    }

    /// Nodes in memory.
    pub(crate) fn node_count(&self) -> usize {
        self.branches.len() + self.leaves.len()
    }

    /// Counts the nodes that may be dropped once `persisted` is in the database, by the block that
    /// last used them.
    pub(crate) fn count_evictable(&self, persisted: u64, counts: &mut BTreeMap<u64, usize>) {
        let ages = self.branches.iter().map(|branch| branch.age);
        for age in ages.chain(self.leaves.iter().map(|leaf| leaf.age)) {
            if age.changed <= persisted {
                *counts.entry(age.touched).or_default() += 1;
            }
        }
    }

    /// Drops the nodes last used before `cutoff`, unless changed after `persisted`.
    pub(crate) fn evict(&mut self, persisted: u64, cutoff: u64) {
        if let Some(mut top) = self.top.take() {
            self.evict_edge(&mut top, persisted, cutoff);
            self.top = Some(top);
        }
        self.branches.reset_if_empty();
        self.leaves.reset_if_empty();
    }

    fn evict_edge(&mut self, edge: &mut Edge, persisted: u64, cutoff: u64) {
        match &mut edge.target {
            Target::Leaf(slot) => {
                let Some(id) = *slot else { return };
                let age = self.leaves.get(id).age;
                if age.touched < cutoff && age.changed <= persisted {
                    self.leaves.remove(id);
                    *slot = None;
                }
            }
            Target::Branch { id: slot, .. } => {
                let Some(id) = *slot else { return };
                let mut branch = self.branches.borrow(id);
                // A node is never younger than its parent: when this one goes, so does all below.
                for position in 0..branch.len() {
                    self.evict_edge(branch.edge_mut(position), persisted, cutoff);
                }
                if branch.age.touched < cutoff && branch.age.changed <= persisted {
                    self.branches.release(id);
                    *slot = None;
                } else {
                    self.branches.restore(id, branch);
                }
            }
        }
    }
}
