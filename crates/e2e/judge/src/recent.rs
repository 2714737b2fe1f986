//! A small memory of what was fetched lately.

use alloy_primitives::B256;
use std::collections::{HashMap, VecDeque};

/// How many L1 blocks are remembered: kona reads a block's receipts when it walks over it, and again when the L2 adopts
/// it as an origin, within a channel's life time.
const CAPACITY: usize = 128;

/// The last values by block hash.
#[derive(Debug)]
pub(crate) struct Recent<V> {
    values: HashMap<B256, V>,
    order: VecDeque<B256>,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Self {
            values: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<V: Clone> Recent<V> {
    /// A copy of what was kept for `hash`.
    pub(crate) fn get(&self, hash: &B256) -> Option<V> {
        self.values.get(hash).cloned()
    }

    /// Keeps `value`, and forgets the oldest when there are too many.
    pub(crate) fn insert(&mut self, hash: B256, value: V) {
        if self.values.insert(hash, value).is_none() {
            self.order.push_back(hash);
        }
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
    }
}
