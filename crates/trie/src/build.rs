//! Making a whole trie at once.

use crate::{
    BranchRecord, NodeRef,
    encode::Encoder,
    node::{Age, Branch, Edge, Extension, LeafValue, Target, common_prefix, nibble, path},
};
use alloy_primitives::{B256, U256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use nybbles::Nibbles;

/// Leaves did not come in ascending order of distinct keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("leaf {key} comes after {previous}")]
pub struct Unsorted {
    /// The leaf before.
    pub previous: B256,
    /// The leaf that should have come earlier.
    pub key: B256,
}

/// Makes the records and the root of the account trie from all accounts, in ascending order of
/// hashed addresses. Time is linear in the number of leaves, memory constant: each record goes to
/// `sink` as soon as it is complete, and no path comes twice.
///
/// # Errors
/// [`Unsorted`]; what went to the sink is then to be thrown away.
pub fn build_account_trie(
    accounts: impl IntoIterator<Item = (B256, TrieAccount)>,
    sink: impl FnMut(Nibbles, BranchRecord),
) -> Result<B256, Unsorted> {
    Builder::new(sink).run(accounts)
}

/// Makes the records and the root of a storage trie from all slots that are not zero, in the same
/// way.
///
/// # Errors
/// [`Unsorted`]; what went to the sink is then to be thrown away.
pub fn build_storage_trie(
    slots: impl IntoIterator<Item = (B256, U256)>,
    sink: impl FnMut(Nibbles, BranchRecord),
) -> Result<B256, Unsorted> {
    Builder::new(sink).run(slots)
}

/// A branch whose last child may still be to come.
struct Open {
    depth: usize,
    branch: Branch,
}

impl Open {
    fn at(depth: usize) -> Self {
        Self {
            depth,
            branch: Branch::new(Age::loaded(0)),
        }
    }
}

struct Builder<F> {
    sink: F,
    encoder: Encoder,
    /// Deeper and deeper; the first is the root, at depth 0, whether it is a branch or not.
    open: Vec<Open>,
    /// The depth and the reference of the branch completed last.
    sealed: Option<(usize, NodeRef)>,
}

impl<F: FnMut(Nibbles, BranchRecord)> Builder<F> {
    fn new(sink: F) -> Self {
        Self {
            sink,
            encoder: Encoder::default(),
            open: vec![Open::at(0)],
            sealed: None,
        }
    }

    fn run<V: LeafValue>(
        mut self,
        leaves: impl IntoIterator<Item = (B256, V)>,
    ) -> Result<B256, Unsorted> {
        let mut leaves = leaves.into_iter();
        let Some(mut last) = leaves.next() else {
            return Ok(EMPTY_ROOT_HASH);
        };
        let mut only_leaf = true;
        for next in leaves {
            if next.0 <= last.0 {
                return Err(Unsorted {
                    previous: last.0,
                    key: next.0,
                });
            }
            only_leaf = false;
            self.place(&last.0, &last.1, common_prefix(&last.0, &next.0));
            last = next;
        }
        self.place(&last.0, &last.1, 0);
        let root = match self.open.pop() {
            Some(Open { branch, .. }) => self.finish(branch, only_leaf.then_some(&last), &last.0),
            None => EMPTY_ROOT_HASH,
        };
        Ok(root)
    }

    /// Adds a leaf, of whose key the next one shares `shared` nibbles.
    fn place<V: LeafValue>(&mut self, key: &B256, value: &V, shared: usize) {
        let depth = self.open_at_least(shared) + 1;
        let reference = NodeRef::of_rlp(self.encoder.leaf(key, depth, value));
        self.add(
            key,
            Edge {
                reference,
                target: Target::Leaf(None),
            },
        );
        while self.depth() > shared {
            let Some(Open { depth, branch }) = self.open.pop() else {
                return;
            };
            let own = self.seal(key, depth, &branch);
            let parent = self.open_at_least(shared);
            let extension = path(key, depth).slice(parent + 1..);
            let reference = if extension.is_empty() {
                own
            } else {
                NodeRef::of_rlp(self.encoder.extension(&extension, &own))
            };
            let extension = Extension::new(extension);
            self.add(
                key,
                Edge {
                    reference,
                    target: Target::Branch {
                        id: None,
                        extension,
                    },
                },
            );
        }
    }

    /// The depth of the deepest open branch.
    fn depth(&self) -> usize {
        self.open.last().map_or(0, |open| open.depth)
    }

    /// Makes sure that there is an open branch at `depth` or below, and returns its depth.
    fn open_at_least(&mut self, depth: usize) -> usize {
        if self.depth() < depth {
            self.open.push(Open::at(depth));
        }
        self.depth()
    }

    /// Adds a child to the deepest open branch.
    fn add(&mut self, key: &B256, edge: Edge) {
        if let Some(open) = self.open.last_mut() {
            open.branch.set(nibble(key, open.depth), Some(edge));
        }
    }

    fn seal(&mut self, key: &B256, depth: usize, branch: &Branch) -> NodeRef {
        (self.sink)(path(key, depth), branch.record());
        let own = NodeRef::of_rlp(self.encoder.branch(branch.mask(), branch.edges().iter()));
        self.sealed = Some((depth, own));
        own
    }

    /// The hash of the root with these children. `only_leaf` is the leaf when there is but one.
    fn finish<V: LeafValue>(
        &mut self,
        root: Branch,
        only_leaf: Option<&(B256, V)>,
        key: &B256,
    ) -> B256 {
        (self.sink)(Nibbles::new(), root.record());
        if let Some((key, value)) = only_leaf {
            return keccak256(self.encoder.leaf(key, 0, value));
        }
        if root.len() > 1 {
            return keccak256(self.encoder.branch(root.mask(), root.edges().iter()));
        }
        // One branch under an extension; it was sealed last.
        match &self.sealed {
            Some((depth, own)) => keccak256(self.encoder.extension(&path(key, *depth), own)),
            None => EMPTY_ROOT_HASH,
        }
    }
}
