//! What an answer was given: its prompt, and what was retrieved for it.

use crate::HashTree;
use alloy_primitives::{B256, Bytes, Keccak256};
use serde::{Deserialize, Serialize};

/// Most items of a context.
pub const MAX_ITEMS: usize = 64;

/// Bytes of an item.
const ITEM_LEN: usize = 20;

/// The prompt's root and the items that were retrieved, as bytes: any bytes are a context, so that nobody is stopped by what a gateway
/// committed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Context(Bytes);

/// What was retrieved for an answer, as its gateway attests and its payer countersigns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The document.
    pub seq: u64,
    /// Whose it is.
    pub contributor: u64,
    /// How much of it there is, next to the other items.
    pub weight: u32,
}

impl Context {
    /// Of a prompt and items. `None` for more than [`MAX_ITEMS`].
    pub fn new(prompt: B256, items: &[Item]) -> Option<Self> {
        if items.len() > MAX_ITEMS {
            return None;
        }
        let mut bytes = prompt.to_vec();
        for item in items {
            bytes.extend_from_slice(&item.seq.to_be_bytes());
            bytes.extend_from_slice(&item.contributor.to_be_bytes());
            bytes.extend_from_slice(&item.weight.to_be_bytes());
        }
        Some(Self(bytes.into()))
    }

    /// The bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// What an answer's leaf has of it: `H(05|context)`.
    pub fn root(&self) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update([5]);
        hasher.update(&self.0);
        hasher.finalize()
    }

    /// Root of the prompt's chunks.
    pub fn prompt(&self) -> B256 {
        match self.0.first_chunk() {
            Some(root) => B256::new(*root),
            None => HashTree::new(Vec::new()).root(),
        }
    }

    /// What was retrieved.
    pub fn items(&self) -> Vec<Item> {
        let bytes = self.0.get(32..).unwrap_or_default();
        if !bytes.len().is_multiple_of(ITEM_LEN) || bytes.len() > MAX_ITEMS * ITEM_LEN {
            return Vec::new();
        }
        let item = |bytes: &[u8]| {
            let (seq, rest) = bytes.split_first_chunk()?;
            let (contributor, weight) = rest.split_first_chunk()?;
            Some(Item {
                seq: u64::from_be_bytes(*seq),
                contributor: u64::from_be_bytes(*contributor),
                weight: u32::from_be_bytes(*weight.first_chunk()?),
            })
        };
        bytes.chunks_exact(ITEM_LEN).filter_map(item).collect()
    }
}

impl From<Bytes> for Context {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}
