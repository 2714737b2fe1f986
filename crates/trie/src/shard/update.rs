//! Applying changes to the shape of a trie.
//!
//! All changes of a pass go down together, sorted, so that every node is visited once. Edges to what
//! changed become stale, and are listed for hashing when the branch that holds them has its final
//! shape, which no later step of the pass alters.

use super::{Pass, Shard};
use crate::{
    NodeRef, TrieError,
    arena::Id,
    node::{
        Age, Branch, Change, Edge, Extension, Leaf, LeafValue, Target, common_prefix, nibble, path,
    },
    source::Source,
};
use alloy_primitives::B256;
use nybbles::Nibbles;

impl<V: LeafValue> Shard<V> {
    /// Applies changes in ascending order of distinct keys, all of this shard's nibble.
    pub(crate) fn update<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        changes: &mut [Change<V>],
    ) -> Result<(), TrieError<S::Error>> {
        let top = self.top.take();
        self.top = self.update_edge(pass, top, 1, changes)?;
        self.settle(pass);
        Ok(())
    }

    /// Applies changes to what is behind an edge. The keys have the first `depth` nibbles in common,
    /// which lead to that edge.
    fn update_edge<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        edge: Option<Edge>,
        depth: usize,
        changes: &mut [Change<V>],
    ) -> Result<Option<Edge>, TrieError<S::Error>> {
        match edge {
            None => {
                for change in changes.iter_mut() {
                    complete(pass, change, None)?;
                }
                let leaves = changes
                    .iter()
                    .filter_map(|c| Some((c.key, c.value.clone()?)));
                let leaves: Vec<_> = leaves.collect();
                Ok(self.build(pass, depth, &leaves))
            }
            Some(Edge {
                reference,
                target: Target::Leaf(id),
            }) => self.update_leaf(pass, id, reference, depth, changes),
            Some(edge) => self.update_branch(pass, edge, depth, changes),
        }
    }

    fn update_leaf<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        id: Option<Id>,
        reference: NodeRef,
        depth: usize,
        changes: &mut [Change<V>],
    ) -> Result<Option<Edge>, TrieError<S::Error>> {
        let at = path(&changes[0].key, depth);
        let id = self.ensure_leaf(pass, id, &reference, &at)?;
        let leaf = self.leaves.get_mut(id);
        let position = changes.binary_search_by(|change| change.key.cmp(&leaf.key));
        let mut others = 0;
        for (i, change) in changes.iter_mut().enumerate() {
            let same = position == Ok(i);
            complete(pass, change, same.then_some(&leaf.value))?;
            others += usize::from(!same && change.value.is_some());
        }
        if others > 0 {
            let leaf = self.leaves.remove(id);
            let leaves = changes
                .iter()
                .filter_map(|c| Some((c.key, c.value.clone()?)));
            let mut leaves: Vec<_> = leaves.collect();
            if position.is_err() {
                let place = leaves.partition_point(|(key, _)| *key < leaf.key);
                leaves.insert(place, (leaf.key, leaf.value));
            }
            return Ok(self.build(pass, depth, &leaves));
        }
        let mut reference = reference;
        if let Ok(position) = position {
            match &changes[position].value {
                None => {
                    self.leaves.remove(id);
                    return Ok(None);
                }
                Some(value) if *value != leaf.value => {
                    leaf.value = value.clone();
                    leaf.age = Age::changed(pass.block);
                    reference = NodeRef::STALE;
                }
                Some(_) => {}
            }
        }
        Ok(Some(Edge {
            reference,
            target: Target::Leaf(Some(id)),
        }))
    }

    fn update_branch<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        mut edge: Edge,
        depth: usize,
        changes: &mut [Change<V>],
    ) -> Result<Option<Edge>, TrieError<S::Error>> {
        let Target::Branch { id, extension } = &mut edge.target else {
            return Ok(Some(edge));
        };
        let mut at = path(&changes[0].key, depth);
        at.extend(extension.nibbles());
        let mut changes = changes;
        if !extension.is_empty() {
            // Where the first of the new keys leaves the extension. Deletions that do concern
            // keys that are not there.
            let inserted = changes.iter().filter(|change| change.value.is_some());
            let fork = inserted
                .map(|change| path(&change.key, at.len()).common_prefix_length(&at))
                .min()
                .unwrap_or(at.len());
            changes = under(changes, &at.slice(..fork));
            if fork < at.len() {
                return self.split(pass, edge, depth, &at, fork, changes);
            }
            if changes.is_empty() {
                return Ok(Some(edge));
            }
        }
        let loaded = self.ensure_branch(pass, *id, extension, &edge.reference, &at)?;
        *id = Some(loaded);
        let mut branch = self.branches.borrow(loaded);
        if !self.update_children(pass, &mut branch, at.len(), changes)? {
            self.branches.restore(loaded, branch);
            return Ok(Some(edge));
        }
        self.finish(pass, depth, &at, branch, Some(loaded))
    }

    /// Puts a branch into the extension before the branch at `at`, at depth `fork`.
    fn split<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        mut edge: Edge,
        depth: usize,
        at: &Nibbles,
        fork: usize,
        changes: &mut [Change<V>],
    ) -> Result<Option<Edge>, TrieError<S::Error>> {
        let own = self.own_ref(pass, &mut edge, at)?;
        let below = at.slice(fork + 1..);
        edge.reference = pass.extended_ref(&below, own);
        if let Target::Branch { extension, .. } = &mut edge.target {
            *extension = Extension::new(below);
        }
        let mut branch = Branch::new(Age::changed(pass.block));
        branch.set(at.get_unchecked(fork), Some(edge));
        self.update_children(pass, &mut branch, fork, changes)?;
        self.finish(pass, depth, &at.slice(..fork), branch, None)
    }

    /// Applies changes to the children of a branch at `depth`. Says whether any child changed.
    fn update_children<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        branch: &mut Branch,
        depth: usize,
        mut changes: &mut [Change<V>],
    ) -> Result<bool, TrieError<S::Error>> {
        branch.age.touched = pass.block;
        let mut changed = false;
        while let Some(first) = changes.first() {
            let at = nibble(&first.key, depth);
            let end = changes.partition_point(|change| nibble(&change.key, depth) <= at);
            let (group, rest) = changes.split_at_mut(end);
            changes = rest;
            let old = branch.hollow(at);
            let before = old.as_ref().map(|edge| edge.reference);
            let new = self.update_edge(pass, old, depth + 1, group)?;
            // A stale reference is never equal to the one before.
            changed |= before != new.as_ref().map(|edge| edge.reference);
            branch.set(at, new);
        }
        Ok(changed)
    }

    /// Turns a branch at `at` whose children are final into the edge at `depth` that leads to what
    /// is left of it. `id` is its number, if it is not a new branch.
    fn finish<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        depth: usize,
        at: &Nibbles,
        mut branch: Branch,
        id: Option<Id>,
    ) -> Result<Option<Edge>, TrieError<S::Error>> {
        if branch.len() > 1 {
            return Ok(Some(self.seal(pass, depth, at, branch, id)));
        }
        if let Some(id) = id {
            self.branches.release(id);
            pass.nodes.push((*at, None));
        }
        let Some((nibble, mut edge)) = branch.pop_single() else {
            return Ok(None);
        };
        let mut child = *at;
        child.push(nibble);
        if let Target::Leaf(id) = &mut edge.target {
            let loaded = self.ensure_leaf(pass, *id, &edge.reference, &child)?;
            *id = Some(loaded);
            // Though its value is the same, the leaf must stay until this is in the database: what
            // was its sibling is still stored there under the same prefix.
            self.leaves.get_mut(loaded).age = Age::changed(pass.block);
            edge.reference = NodeRef::STALE;
            return Ok(Some(edge));
        }
        if let Target::Branch { extension, .. } = &edge.target {
            child.extend(extension.nibbles());
        }
        let joined = child.slice(depth..);
        if !edge.reference.is_stale() {
            let own = self.own_ref(pass, &mut edge, &child)?;
            edge.reference = pass.extended_ref(&joined, own);
        }
        if let Target::Branch { extension, .. } = &mut edge.target {
            *extension = Extension::new(joined);
        }
        Ok(Some(edge))
    }

    /// Stores a changed branch of two children or more, and lists its stale edges.
    fn seal<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        depth: usize,
        at: &Nibbles,
        mut branch: Branch,
        id: Option<Id>,
    ) -> Edge {
        branch.age = Age::changed(pass.block);
        let id = id.unwrap_or_else(|| self.branches.reserve());
        pass.list_stale(id, at, &branch);
        self.branches.restore(id, branch);
        let extension = Extension::new(at.slice(depth..));
        Edge {
            reference: NodeRef::STALE,
            target: Target::Branch {
                id: Some(id),
                extension,
            },
        }
    }

    /// Makes a subtrie of leaves in ascending order, whose keys have the first `depth` nibbles in
    /// common.
    fn build<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        depth: usize,
        leaves: &[(B256, V)],
    ) -> Option<Edge> {
        let (first, last) = (leaves.first()?, leaves.last()?);
        if leaves.len() == 1 {
            let (key, value) = first.clone();
            let id = self.leaves.insert(Leaf {
                key,
                value,
                age: Age::changed(pass.block),
            });
            return Some(Edge {
                reference: NodeRef::STALE,
                target: Target::Leaf(Some(id)),
            });
        }
        let fork = common_prefix(&first.0, &last.0);
        let mut branch = Branch::new(Age::changed(pass.block));
        let mut rest = leaves;
        while let Some((key, _)) = rest.first() {
            let at = nibble(key, fork);
            let (group, tail) =
                rest.split_at(rest.partition_point(|(key, _)| nibble(key, fork) <= at));
            rest = tail;
            branch.set(at, self.build(pass, fork + 1, group));
        }
        Some(self.seal(pass, depth, &path(&first.0, fork), branch, None))
    }
}

/// Completes a change from the value it replaces.
fn complete<S: Source>(
    pass: &Pass<'_, S>,
    change: &mut Change<S::Value>,
    old: Option<&S::Value>,
) -> Result<(), TrieError<S::Error>> {
    let fits = change
        .value
        .as_mut()
        .is_none_or(|value| value.complete(old, change.hint));
    if fits {
        Ok(())
    } else {
        Err(pass.source.inconsistent(path(&change.key, 64)))
    }
}

/// The changes of keys that begin with `prefix`.
fn under<'a, V: LeafValue>(changes: &'a mut [Change<V>], prefix: &Nibbles) -> &'a mut [Change<V>] {
    let len = prefix.len();
    let start = changes.partition_point(|change| path(&change.key, len) < *prefix);
    let end = changes.partition_point(|change| path(&change.key, len) <= *prefix);
    &mut changes[start..end]
}
