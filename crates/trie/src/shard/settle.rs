//! Hashing what a pass changed.
//!
//! Nodes at the same depth do not depend on each other, so they are hashed together, from the
//! deepest up.

use super::{Pass, Shard, load::Place};
use crate::{
    NodeRef,
    arena::Id,
    encode::Encoder,
    keccak::Batch,
    node::{Branch, LeafValue, Target},
    source::Source,
};
use nybbles::Nibbles;

/// An edge whose node is to be hashed.
pub(super) struct Stale {
    /// Of the edge, in nibbles.
    depth: usize,
    place: Place,
    /// Of the branch behind the edge, its extension included. Nothing for a leaf.
    path: Nibbles,
}

impl<S: Source> Pass<'_, S> {
    /// Lists the stale edges of a branch, which keep their places until they are hashed.
    pub(super) fn list_stale(&mut self, id: Id, at: &Nibbles, branch: &Branch) {
        let mut mask = branch.mask();
        for (position, edge) in branch.edges().iter().enumerate() {
            let nibble = mask.trailing_zeros() as u8;
            mask &= mask - 1;
            if !edge.reference.is_stale() {
                continue;
            }
            let mut path = Nibbles::new();
            if let Target::Branch { extension, .. } = &edge.target {
                path = *at;
                path.push(nibble);
                path.extend(extension.nibbles());
            }
            let place = Place::Child(id, position);
            self.stale.push(Stale {
                depth: at.len() + 1,
                place,
                path,
            });
        }
    }
}

impl<V: LeafValue> Shard<V> {
    /// Hashes everything that is stale, and adds the records of the changed branches to what there
    /// is to write.
    pub(super) fn settle<S: Source<Value = V>>(&mut self, pass: &mut Pass<'_, S>) {
        if let Some(top) = &self.top
            && top.reference.is_stale()
        {
            let mut path = Nibbles::from_nibbles_unchecked([self.nibble]);
            if let Target::Branch { extension, .. } = &top.target {
                path.extend(extension.nibbles());
            }
            pass.stale.push(Stale {
                depth: 1,
                place: Place::Top,
                path,
            });
        }
        let mut stale = std::mem::take(&mut pass.stale);
        stale.sort_unstable_by_key(|stale| std::cmp::Reverse(stale.depth));
        let mut batch = Batch::new();
        let mut extensions = Encoder::default();
        for level in stale.chunk_by(|a, b| a.depth == b.depth) {
            for Stale { depth, place, path } in level {
                let rlp = match self.edge(*place).map(|edge| &edge.target) {
                    Some(Target::Leaf(Some(id))) => {
                        let leaf = self.leaves.get(*id);
                        pass.encoder.leaf(&leaf.key, *depth, &leaf.value)
                    }
                    Some(Target::Branch { id: Some(id), .. }) => {
                        let branch = self.branches.get(*id);
                        pass.nodes.push((*path, Some(branch.record())));
                        pass.encoder.branch(branch.mask(), branch.edges().iter())
                    }
                    // What is stale is in memory.
                    _ => continue,
                };
                if rlp.len() < 32 {
                    self.set_reference(&mut extensions, *place, NodeRef::of_rlp(rlp));
                } else {
                    batch.push(rlp, *place, &mut |place, hash| {
                        self.set_reference(&mut extensions, place, NodeRef::hash(hash));
                    });
                }
            }
            batch.flush(&mut |place, hash| {
                self.set_reference(&mut extensions, place, NodeRef::hash(hash));
            });
        }
    }

    /// Gives an edge the reference of its node, through the extension if there is one.
    fn set_reference(&mut self, encoder: &mut Encoder, place: Place, own: NodeRef) {
        let Some(edge) = self.edge_mut(place) else {
            return;
        };
        edge.reference = match &edge.target {
            Target::Branch { extension, .. } if !extension.is_empty() => {
                NodeRef::of_rlp(encoder.extension(extension.nibbles(), &own))
            }
            _ => own,
        };
    }
}
