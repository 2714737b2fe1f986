//! The blocks that are in memory: those that the database does not have yet, and the head.

use alloy_primitives::{B256, map::B256Map};
use openledger_storage::ExecutedBlock;
use std::{collections::VecDeque, sync::Arc};

/// An immutable snapshot; every change makes a new one.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    /// Consecutive, oldest first; the last is the head. Never empty.
    pub(crate) blocks: VecDeque<Arc<ExecutedBlock>>,
    /// The highest block that is durable in the database.
    pub(crate) persisted: u64,
    /// Position of each transaction of `blocks`.
    pub(crate) transactions: imbl::HashMap<B256, (u64, usize)>,
    pub(crate) numbers: B256Map<u64>,
}

impl Memory {
    /// Starts with the head, which is persisted.
    pub(crate) fn new(head: Arc<ExecutedBlock>) -> Self {
        let persisted = head.number();
        let mut memory = Self {
            blocks: VecDeque::new(),
            persisted,
            transactions: imbl::HashMap::new(),
            numbers: B256Map::default(),
        };
        memory.push(head);
        memory
    }

    pub(crate) fn head(&self) -> &Arc<ExecutedBlock> {
        // Never empty by construction: `new` pushes, `pop` and `trim` keep one.
        &self.blocks[self.blocks.len() - 1]
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Arc<ExecutedBlock>> {
        let first = self.blocks.front()?.number();
        self.blocks
            .get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    pub(crate) fn push(&mut self, block: Arc<ExecutedBlock>) {
        let number = block.number();
        for (index, tx) in block.block.transactions.iter().enumerate() {
            self.transactions.insert(tx.hash(), (number, index));
        }
        self.numbers.insert(block.hash(), number);
        self.blocks.push_back(block);
    }

    /// Drops durable blocks from the front, but never the head.
    pub(crate) fn trim(&mut self, persisted: u64) {
        self.persisted = self.persisted.max(persisted);
        while self.blocks.len() > 1 && self.blocks[0].number() <= self.persisted {
            if let Some(block) = self.blocks.pop_front() {
                self.forget(&block);
            }
        }
    }

    fn forget(&mut self, block: &ExecutedBlock) {
        for tx in &block.block.transactions {
            self.transactions.remove(&tx.hash());
        }
        self.numbers.remove(&block.hash());
    }
}
