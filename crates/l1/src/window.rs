//! The newest part of the canonical L1 chain, as far as it was seen.

use crate::{L1Block, L1BlockRef};
use alloy_primitives::B256;
use std::collections::VecDeque;

/// How the window changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// New blocks on top of the head.
    Extended,
    /// Blocks were taken back.
    Reorg {
        /// The newest block that both chains have; `None` when it lies below the window.
        common_ancestor: Option<L1BlockRef>,
        /// The blocks that are canonical no longer, ascending.
        removed: Vec<L1BlockRef>,
    },
}

/// A contiguous, linked run of canonical blocks that ends in the head.
///
/// Guarantees: never empty, each block's parent is the block before it, at most `capacity` blocks.
#[derive(Debug, Clone)]
pub struct HeadWindow {
    blocks: VecDeque<L1Block>,
    capacity: usize,
}

impl HeadWindow {
    /// A window that knows one block. A capacity of zero is taken as one.
    pub fn new(head: L1Block, capacity: usize) -> Self {
        Self {
            blocks: VecDeque::from([head]),
            capacity: capacity.max(1),
        }
    }

    /// The head.
    pub fn head(&self) -> &L1Block {
        &self.blocks[self.blocks.len() - 1]
    }

    /// The oldest block that is remembered.
    pub fn oldest(&self) -> &L1Block {
        &self.blocks[0]
    }

    /// Blocks that fit.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The canonical block of a height, when it is remembered.
    pub fn get(&self, number: u64) -> Option<&L1Block> {
        let index = number.checked_sub(self.oldest().number)?;
        self.blocks.get(usize::try_from(index).ok()?)
    }

    /// True when the block is remembered as canonical.
    pub fn contains(&self, number: u64, hash: B256) -> bool {
        self.get(number).is_some_and(|block| block.hash == hash)
    }

    /// Puts the parent of the oldest block below it. False, and nothing done, when it is not its parent or the window is
    /// full.
    pub fn prepend(&mut self, block: L1Block) -> bool {
        let fits = self.oldest().parent_hash == block.hash
            && block.number.checked_add(1) == Some(self.oldest().number)
            && self.blocks.len() < self.capacity;
        if fits {
            self.blocks.push_front(block);
        }
        fits
    }

    /// Makes `branch` (ascending and linked, not empty) the top of the chain.
    ///
    /// When its first block's parent is in the window, what stood above that parent goes; else everything does.
    pub fn apply(&mut self, branch: Vec<L1Block>) -> Option<Advance> {
        let first = branch.first()?;
        let parent = first
            .number
            .checked_sub(1)
            .filter(|number| self.contains(*number, first.parent_hash));
        let kept = parent.map_or(0, |number| (number - self.oldest().number) as usize + 1);
        let removed: Vec<_> = self
            .blocks
            .drain(kept..)
            .map(|block| block.block_ref())
            .collect();
        let common_ancestor = self.blocks.back().map(L1Block::block_ref);
        self.blocks.extend(branch);
        let excess = self.blocks.len().saturating_sub(self.capacity);
        self.blocks.drain(..excess);
        Some(if removed.is_empty() {
            Advance::Extended
        } else {
            Advance::Reorg {
                common_ancestor,
                removed,
            }
        })
    }

    /// Takes back everything above a remembered height; `None` when nothing stands above it or it is not remembered.
    pub fn shorten(&mut self, number: u64) -> Option<Advance> {
        let common_ancestor = self.get(number)?.block_ref();
        let kept = (number - self.oldest().number) as usize + 1;
        let removed: Vec<_> = self
            .blocks
            .drain(kept..)
            .map(|block| block.block_ref())
            .collect();
        (!removed.is_empty()).then_some(Advance::Reorg {
            common_ancestor: Some(common_ancestor),
            removed,
        })
    }
}
