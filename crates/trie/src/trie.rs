//! One trie: the root over sixteen shards.

use crate::{
    NodeUpdate, TrieError,
    encode::Encoder,
    node::{Change, Edge, LeafValue, nibble, record},
    shard::{Pass, Shard, fits},
    source::Source,
};
use alloy_primitives::{B256, Bytes, keccak256};
use alloy_trie::EMPTY_ROOT_HASH;
use nybbles::Nibbles;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// From how many keys on the shards are worked on by several threads.
const PARALLEL_KEYS: usize = 128;

/// The account trie, or a storage trie, as far as it is in memory.
#[derive(Debug)]
pub(crate) struct Trie<V> {
    /// By first nibble; what is absent is empty.
    shards: [Option<Box<Shard<V>>>; 16],
    root: B256,
    /// The last block that used it.
    touched: u64,
    /// The last block that changed it.
    changed: u64,
}

impl<V: LeafValue> Trie<V> {
    /// A trie without leaves, whatever the database holds.
    pub(crate) fn empty(block: u64) -> Self {
        let shards = Default::default();
        Self {
            shards,
            root: EMPTY_ROOT_HASH,
            touched: block,
            changed: block,
        }
    }

    /// The trie of the database.
    pub(crate) fn load<S: Source<Value = V>>(
        source: &S,
        block: u64,
    ) -> Result<Self, TrieError<S::Error>> {
        let mut trie = Self {
            changed: 0,
            ..Self::empty(block)
        };
        if let Some(record) = source.branch(&Nibbles::new())? {
            for child in record.children() {
                let nibble = child.nibble;
                let edge = Edge::from(child);
                if !fits(&edge, 1) {
                    return Err(source.inconsistent(Nibbles::new()));
                }
                let shard = Shard::new(nibble, Some(edge));
                trie.shards[usize::from(nibble)] = Some(Box::new(shard));
            }
            trie.root = trie.compute_root(&mut Pass::new(source, block))?;
        }
        Ok(trie)
    }

    pub(crate) fn root(&self) -> B256 {
        self.root
    }

    /// Nodes in memory, the root being one.
    pub(crate) fn node_count(&self) -> usize {
        1 + self
            .shards
            .iter()
            .flatten()
            .map(|shard| shard.node_count())
            .sum::<usize>()
    }

    /// Applies changes in ascending order of distinct keys, and returns what there is to write. The
    /// values of the changes are complete afterwards. After an error the trie is unusable.
    pub(crate) fn update<S: Source<Value = V>>(
        &mut self,
        source: &S,
        block: u64,
        changes: &mut [Change<V>],
    ) -> Result<Vec<NodeUpdate>, TrieError<S::Error>> {
        self.touched = block;
        let parallel = changes.len() >= PARALLEL_KEYS;
        let mut rest = changes;
        let mut jobs = Vec::with_capacity(16);
        for (at, slot) in self.shards.iter_mut().enumerate() {
            let end = rest.partition_point(|change| usize::from(nibble(&change.key, 0)) <= at);
            let (group, tail) = rest.split_at_mut(end);
            rest = tail;
            if !group.is_empty() {
                let shard = slot.get_or_insert_with(|| Box::new(Shard::new(at as u8, None)));
                jobs.push((shard, group));
            }
        }
        let work = |(shard, group): (&mut Box<Shard<V>>, &mut [Change<V>])| {
            let before = shard.top.as_ref().map(|top| top.reference);
            let mut pass = Pass::new(source, block);
            shard.update(&mut pass, group)?;
            let changed = before != shard.top.as_ref().map(|top| top.reference);
            Ok((changed, pass.nodes))
        };
        let results: Result<Vec<_>, _> = if parallel {
            jobs.into_par_iter().map(work).collect()
        } else {
            jobs.into_iter().map(work).collect()
        };
        let mut nodes = Vec::new();
        let mut changed = false;
        for (shard_changed, shard_nodes) in results? {
            changed |= shard_changed;
            nodes.extend(shard_nodes);
        }
        for slot in &mut self.shards {
            if slot.as_ref().is_some_and(|shard| shard.top.is_none()) {
                *slot = None;
            }
        }
        if changed {
            self.changed = block;
            self.root = self.compute_root(&mut Pass::new(source, block))?;
            let (mask, edges) = self.tops();
            let root = (mask != 0).then(|| record(mask, edges.into_iter()));
            nodes.push((Nibbles::new(), root));
        }
        Ok(nodes)
    }

    /// Loads the nodes on the way to keys in ascending order.
    pub(crate) fn prefetch<S: Source<Value = V>>(
        &mut self,
        source: &S,
        block: u64,
        keys: &[B256],
    ) -> Result<(), TrieError<S::Error>> {
        self.touched = block;
        let parallel = keys.len() >= PARALLEL_KEYS;
        let mut rest = keys;
        let mut jobs = Vec::with_capacity(16);
        for (at, shard) in self.shards.iter_mut().enumerate() {
            let end = rest.partition_point(|key| usize::from(nibble(key, 0)) <= at);
            let (group, tail) = rest.split_at(end);
            rest = tail;
            if let Some(shard) = shard
                && !group.is_empty()
            {
                jobs.push((shard, group));
            }
        }
        let work = |(shard, group): (&mut Box<Shard<V>>, &[B256])| {
            let mut pass = Pass::new(source, block);
            group.iter().try_for_each(|key| shard.load(&mut pass, key))
        };
        if parallel {
            jobs.into_par_iter().try_for_each(work)
        } else {
            jobs.into_iter().try_for_each(work)
        }
    }

    /// The value of a key.
    pub(crate) fn get<S: Source<Value = V>>(
        &mut self,
        source: &S,
        block: u64,
        key: &B256,
    ) -> Result<Option<V>, TrieError<S::Error>> {
        self.touched = block;
        match &mut self.shards[usize::from(nibble(key, 0))] {
            None => Ok(None),
            Some(shard) => shard.get(&mut Pass::new(source, block), key),
        }
    }

    /// The nodes that prove what a key holds, the root first; none when the trie is empty.
    pub(crate) fn prove<S: Source<Value = V>>(
        &mut self,
        source: &S,
        block: u64,
        key: &B256,
    ) -> Result<Vec<Bytes>, TrieError<S::Error>> {
        self.touched = block;
        let mut pass = Pass::new(source, block);
        let mut proof = Vec::new();
        let (mask, edges) = self.tops();
        let is_root = edges.len() == 1;
        let at = if is_root {
            mask.trailing_zeros() as u8
        } else {
            nibble(key, 0)
        };
        if edges.len() > 1 {
            let root = Encoder::default().branch(mask, edges.into_iter()).to_vec();
            proof.push(root.into());
        }
        if let Some(shard) = &mut self.shards[usize::from(at)] {
            shard.prove(&mut pass, key, is_root, &mut proof)?;
        }
        Ok(proof)
    }

    pub(crate) fn count_evictable(&self, persisted: u64, counts: &mut BTreeMap<u64, usize>) {
        for shard in self.shards.iter().flatten() {
            shard.count_evictable(persisted, counts);
        }
        if self.changed <= persisted {
            *counts.entry(self.touched).or_default() += 1;
        }
    }

    /// Drops nodes last used before `cutoff`, unless changed after `persisted`. `false` when the
    /// whole trie can go.
    pub(crate) fn evict(&mut self, persisted: u64, cutoff: u64) -> bool {
        if self.changed <= persisted && self.touched < cutoff {
            return false;
        }
        for shard in self.shards.iter_mut().flatten() {
            shard.evict(persisted, cutoff);
        }
        true
    }

    /// The edges of the root and the mask of their nibbles.
    fn tops(&self) -> (u16, Vec<&Edge>) {
        let mut mask = 0;
        let mut edges = Vec::with_capacity(16);
        for (at, shard) in self.shards.iter().enumerate() {
            if let Some(top) = shard.as_ref().and_then(|shard| shard.top.as_ref()) {
                mask |= 1 << at;
                edges.push(top);
            }
        }
        (mask, edges)
    }

    fn compute_root<S: Source<Value = V>>(
        &mut self,
        pass: &mut Pass<'_, S>,
    ) -> Result<B256, TrieError<S::Error>> {
        let (mask, edges) = self.tops();
        if edges.len() > 1 {
            return Ok(keccak256(pass.encoder.branch(mask, edges.into_iter())));
        }
        let mut root = None;
        for shard in self.shards.iter_mut().flatten() {
            root = shard.root_ref(pass)?;
        }
        Ok(root.map_or(EMPTY_ROOT_HASH, |root| root.to_hash()))
    }
}
