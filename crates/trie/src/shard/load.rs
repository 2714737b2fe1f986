//! Bringing nodes into memory, each checked against the reference that its parent holds.

use super::{Pass, Shard};
use crate::{
    NodeRef, TrieError,
    arena::Id,
    node::{Age, Branch, Edge, Extension, Leaf, LeafValue, Target, nibble, path},
    source::Source,
};
use alloy_primitives::B256;
use nybbles::Nibbles;

/// A node met on the way to a key.
pub(super) enum Step {
    /// A branch, the nibbles that lead from its parent's edge to it, and whether the key begins with
    /// all of them.
    Branch {
        id: Id,
        extension: Extension,
        reached: bool,
    },
    /// The leaf at the end of the way, of this key or of another, and the depth of its edge.
    Leaf { id: Id, depth: usize },
}

/// Where the edge of a node is kept.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Top,
    Child(Id, usize),
}

impl<V: LeafValue> Shard<V> {
    /// Loads the nodes on the way to a key and marks them as used.
    pub(crate) fn load<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        key: &B256,
    ) -> Result<(), TrieError<S::Error>> {
        self.walk(pass, key, |_| {})
    }

    /// The value of a key.
    pub(crate) fn get<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        key: &B256,
    ) -> Result<Option<V>, TrieError<S::Error>> {
        let mut last = None;
        self.walk(pass, key, |step| last = Some(step))?;
        Ok(match last {
            Some(Step::Leaf { id, .. }) => {
                let leaf = self.leaves.get(id);
                (leaf.key == *key).then(|| leaf.value.clone())
            }
            _ => None,
        })
    }

    /// Visits the nodes from the top towards a key, up to the leaf or the node where the key parts
    /// from what is there, loading what is not in memory.
    pub(super) fn walk<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        key: &B256,
        mut visit: impl FnMut(Step),
    ) -> Result<(), TrieError<S::Error>> {
        let mut place = Place::Top;
        let mut at = Nibbles::from_nibbles_unchecked([self.nibble]);
        loop {
            let Some(edge) = self.edge(place) else {
                return Ok(());
            };
            let Edge { reference, target } = edge.clone();
            match target {
                Target::Leaf(id) => {
                    let id = self.ensure_leaf(pass, id, &reference, &at)?;
                    self.link(place, id);
                    visit(Step::Leaf {
                        id,
                        depth: at.len(),
                    });
                    return Ok(());
                }
                Target::Branch { id, extension } => {
                    at.extend(extension.nibbles());
                    let id = self.ensure_branch(pass, id, &extension, &reference, &at)?;
                    self.link(place, id);
                    let reached = path(key, at.len()) == at;
                    visit(Step::Branch {
                        id,
                        extension,
                        reached,
                    });
                    if !reached {
                        return Ok(());
                    }
                    let nibble = nibble(key, at.len());
                    let Some(position) = self.branches.get(id).position(nibble) else {
                        return Ok(());
                    };
                    place = Place::Child(id, position);
                    at.push(nibble);
                }
            }
        }
    }

    /// Loads the node behind the top.
    pub(super) fn load_top<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
    ) -> Result<Option<Step>, TrieError<S::Error>> {
        let Some(Edge { reference, target }) = self.top.clone() else {
            return Ok(None);
        };
        let mut at = Nibbles::from_nibbles_unchecked([self.nibble]);
        let (id, step) = match target {
            Target::Leaf(id) => {
                let id = self.ensure_leaf(pass, id, &reference, &at)?;
                (id, Step::Leaf { id, depth: 1 })
            }
            Target::Branch { id, extension } => {
                at.extend(extension.nibbles());
                let id = self.ensure_branch(pass, id, &extension, &reference, &at)?;
                (
                    id,
                    Step::Branch {
                        id,
                        extension,
                        reached: true,
                    },
                )
            }
        };
        self.link(Place::Top, id);
        Ok(Some(step))
    }

    pub(super) fn edge(&self, place: Place) -> Option<&Edge> {
        match place {
            Place::Top => self.top.as_ref(),
            Place::Child(id, position) => Some(self.branches.get(id).edge(position)),
        }
    }

    pub(super) fn edge_mut(&mut self, place: Place) -> Option<&mut Edge> {
        match place {
            Place::Top => self.top.as_mut(),
            Place::Child(id, position) => Some(self.branches.get_mut(id).edge_mut(position)),
        }
    }

    /// Remembers that the node behind an edge is in memory.
    fn link(&mut self, place: Place, node: Id) {
        match self.edge_mut(place).map(|edge| &mut edge.target) {
            Some(Target::Leaf(id) | Target::Branch { id, .. }) => *id = Some(node),
            None => {}
        }
    }

    /// The leaf behind an edge at `at`.
    pub(super) fn ensure_leaf<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        id: Option<Id>,
        reference: &NodeRef,
        at: &Nibbles,
    ) -> Result<Id, TrieError<S::Error>> {
        if let Some(id) = id {
            self.leaves.get_mut(id).age.touched = pass.block;
            return Ok(id);
        }
        let found = pass.source.first_leaf(at)?;
        let (key, value) = found.ok_or_else(|| pass.source.inconsistent(*at))?;
        let leaf = NodeRef::of_rlp(pass.encoder.leaf(&key, at.len(), &value));
        if path(&key, at.len()) != *at || leaf != *reference {
            return Err(pass.source.inconsistent(*at));
        }
        Ok(self.leaves.insert(Leaf {
            key,
            value,
            age: Age::loaded(pass.block),
        }))
    }

    /// The branch at `at`, behind an edge with this extension and reference.
    pub(super) fn ensure_branch<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        id: Option<Id>,
        extension: &Extension,
        reference: &NodeRef,
        at: &Nibbles,
    ) -> Result<Id, TrieError<S::Error>> {
        if let Some(id) = id {
            self.branches.get_mut(id).age.touched = pass.block;
            return Ok(id);
        }
        let found = pass.source.branch(at)?;
        let record = found.ok_or_else(|| pass.source.inconsistent(*at))?;
        let branch = Branch::from_record(&record, Age::loaded(pass.block));
        let own = pass.branch_ref(&branch);
        let fits = branch.len() > 1 && branch.edges().iter().all(|edge| fits(edge, at.len() + 1));
        if !fits || pass.extended_ref(extension.nibbles(), own) != *reference {
            return Err(pass.source.inconsistent(*at));
        }
        Ok(self.branches.insert(branch))
    }

    /// The reference of the branch at `at` itself, whatever extension leads to it.
    pub(super) fn own_ref<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        edge: &mut Edge,
        at: &Nibbles,
    ) -> Result<NodeRef, TrieError<S::Error>> {
        let Target::Branch { id, extension } = &mut edge.target else {
            return Ok(edge.reference);
        };
        if extension.is_empty() {
            return Ok(edge.reference);
        }
        let loaded = self.ensure_branch(pass, *id, extension, &edge.reference, at)?;
        *id = Some(loaded);
        Ok(pass.branch_ref(self.branches.get(loaded)))
    }
}

/// Whether an edge that begins at `depth` leads to a node that keys of 64 nibbles can reach.
pub(crate) fn fits(edge: &Edge, depth: usize) -> bool {
    match &edge.target {
        Target::Leaf(_) => depth <= 64,
        Target::Branch { extension, .. } => depth + extension.len() < 64,
    }
}
