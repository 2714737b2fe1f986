//! The RLP of nodes, written into buffers that are used again.

use crate::{
    NodeRef,
    node::{Edge, LeafValue},
};
use alloy_primitives::B256;
use alloy_rlp::Header;
use nybbles::Nibbles;

/// Encodes nodes. What a method returns is valid until the next call.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    node: Vec<u8>,
    value: Vec<u8>,
}

impl Encoder {
    /// A leaf whose parent consumed `depth` nibbles of its key, at most 64.
    pub(crate) fn leaf(&mut self, key: &B256, depth: usize, value: &impl LeafValue) -> &[u8] {
        self.value.clear();
        value.write_rlp(&mut self.value);
        let rest = &key[depth.div_ceil(2)..];
        // Hex-prefix encoding: flag 2 says leaf, flag 1 that the number of nibbles is odd.
        let first = if depth.is_multiple_of(2) {
            0x20
        } else {
            0x30 | key[depth / 2] & 0x0f
        };
        let path_len = string_len(1 + rest.len(), first);
        let value_len = string_len(
            self.value.len(),
            self.value.first().copied().unwrap_or(0x80),
        );
        self.start_list(path_len + value_len);
        if !rest.is_empty() {
            self.node.push(0x80 + 1 + rest.len() as u8);
        }
        self.node.push(first);
        self.node.extend_from_slice(rest);
        if self.value.len() != 1 || self.value[0] >= 0x80 {
            Header {
                list: false,
                payload_length: self.value.len(),
            }
            .encode(&mut self.node);
        }
        self.node.extend_from_slice(&self.value);
        &self.node
    }

    /// An extension over at least one nibble, to the branch of this reference.
    pub(crate) fn extension(&mut self, nibbles: &Nibbles, branch: &NodeRef) -> &[u8] {
        let mut path = [0; 33];
        let odd = nibbles.len() % 2;
        path[0] = if odd == 1 {
            0x10 | nibbles.get_unchecked(0)
        } else {
            0
        };
        let packed = nibbles.slice(odd..).pack();
        path[1..=packed.len()].copy_from_slice(&packed);
        let path = &path[..=packed.len()];
        let branch_len = branch.as_slice().len() + usize::from(!branch.is_inline());
        self.start_list(string_len(path.len(), path[0]) + branch_len);
        if path.len() > 1 {
            self.node.push(0x80 + path.len() as u8);
        }
        self.node.extend_from_slice(path);
        branch.write_rlp(&mut self.node);
        &self.node
    }

    /// A branch with these children.
    pub(crate) fn branch<'a>(
        &mut self,
        mask: u16,
        edges: impl Iterator<Item = &'a Edge> + Clone,
    ) -> &[u8] {
        let absent = 17 - mask.count_ones() as usize;
        let present: usize = edges
            .clone()
            .map(|edge| edge.reference.as_slice().len() + usize::from(!edge.reference.is_inline()))
            .sum();
        self.start_list(absent + present);
        let mut edges = edges;
        for nibble in 0..16 {
            match (mask & 1 << nibble != 0).then(|| edges.next()).flatten() {
                Some(edge) => edge.reference.write_rlp(&mut self.node),
                None => self.node.push(0x80),
            }
        }
        self.node.push(0x80);
        &self.node
    }

    fn start_list(&mut self, payload_length: usize) {
        self.node.clear();
        Header {
            list: true,
            payload_length,
        }
        .encode(&mut self.node);
    }
}

/// The length of the RLP of a string of this length and first byte.
fn string_len(len: usize, first: u8) -> usize {
    if len == 1 && first < 0x80 {
        return 1;
    }
    len + Header {
        list: false,
        payload_length: len,
    }
    .length()
}
