//! The nodes that prove what a key holds.

use super::{Pass, Shard, load::Step};
use crate::{NodeRef, TrieError, node::LeafValue, source::Source};
use alloy_primitives::{B256, Bytes};
use nybbles::Nibbles;

impl<V: LeafValue> Shard<V> {
    /// Appends the RLP of the nodes from the top to a key, leaving out those that are inlined in
    /// their parents. With `is_root` the top is the root itself: it takes in the shard's nibble and
    /// is never left out.
    pub(crate) fn prove<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
        key: &B256,
        is_root: bool,
        proof: &mut Vec<Bytes>,
    ) -> Result<(), TrieError<S::Error>> {
        let mut steps = Vec::new();
        self.walk(pass, key, |step| steps.push(step))?;
        for (i, step) in steps.into_iter().enumerate() {
            let is_root = is_root && i == 0;
            let mut push = |rlp: &[u8], forced: bool| {
                if forced || rlp.len() >= 32 {
                    proof.push(Bytes::copy_from_slice(rlp));
                }
            };
            match step {
                Step::Leaf { id, depth } => {
                    let leaf = self.leaves.get(id);
                    let depth = depth - usize::from(is_root);
                    push(pass.encoder.leaf(&leaf.key, depth, &leaf.value), is_root);
                }
                Step::Branch {
                    id,
                    extension,
                    reached,
                } => {
                    let mut nibbles = Nibbles::new();
                    if is_root {
                        nibbles.push(self.nibble);
                    }
                    nibbles.extend(extension.nibbles());
                    let branch = self.branches.get(id);
                    if !nibbles.is_empty() {
                        let own = pass.branch_ref(branch);
                        push(pass.encoder.extension(&nibbles, &own), is_root);
                    }
                    if reached {
                        push(
                            pass.encoder.branch(branch.mask(), branch.edges().iter()),
                            false,
                        );
                    }
                }
            }
        }
        Ok(())
    }

    /// The reference of the top when it is the root itself, with the shard's nibble taken in.
    pub(crate) fn root_ref<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
    ) -> Result<Option<NodeRef>, TrieError<S::Error>> {
        let top = self.load_top(pass)?;
        Ok(top.map(|step| match step {
            Step::Leaf { id, .. } => {
                let leaf = self.leaves.get(id);
                NodeRef::of_rlp(pass.encoder.leaf(&leaf.key, 0, &leaf.value))
            }
            Step::Branch { id, extension, .. } => {
                let own = pass.branch_ref(self.branches.get(id));
                let mut nibbles = Nibbles::from_nibbles_unchecked([self.nibble]);
                nibbles.extend(extension.nibbles());
                pass.extended_ref(&nibbles, own)
            }
        }))
    }
}
