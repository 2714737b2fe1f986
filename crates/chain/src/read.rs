//! Reading blocks: memory first, then the database.

use crate::{Chain, ChainError, PendingBlock, view::StateView};
use alloy_primitives::B256;
use openledger_execution::StateSource;
use openledger_primitives::{Block, BlockRef, Receipt, SealedHeader, Tx};
use openledger_storage::{ExecutedBlock, TxLocation, TxReceipt};
use std::sync::Arc;

impl Chain {
    /// The latest sealed block.
    pub fn head(&self) -> Arc<ExecutedBlock> {
        self.memory.load().head().clone()
    }

    /// The open block as far as it is preconfirmed; `None` without a sequencer, or when the head has caught up with it.
    pub fn pending(&self) -> Option<Arc<PendingBlock>> {
        let head = self.memory.load().head().number();
        self.pending
            .load_full()
            .filter(|block| block.number() > head)
    }

    /// The safe block: derived from the L1.
    pub fn safe(&self) -> BlockRef {
        self.labels.read().safe
    }

    /// The finalized block: derived from finalized L1 blocks.
    pub fn finalized(&self) -> BlockRef {
        self.labels.read().finalized
    }

    /// A block that is still in memory, with receipts and changes.
    pub fn recent(&self, number: u64) -> Option<Arc<ExecutedBlock>> {
        self.memory.load().get(number).cloned()
    }

    /// The canonical header at a height.
    pub fn header(&self, number: u64) -> Result<Option<SealedHeader>, ChainError> {
        if let Some(block) = self.memory.load().get(number) {
            return Ok(Some(block.block.header.clone()));
        }
        Ok(self.db.reader()?.header(number)?)
    }

    /// The canonical header with a hash.
    pub fn header_by_hash(&self, hash: B256) -> Result<Option<SealedHeader>, ChainError> {
        match self.block_number(hash)? {
            Some(number) => self.header(number),
            None => Ok(None),
        }
    }

    /// The height of a canonical block.
    pub fn block_number(&self, hash: B256) -> Result<Option<u64>, ChainError> {
        if let Some(number) = self.memory.load().numbers.get(&hash) {
            return Ok(Some(*number));
        }
        Ok(self.db.reader()?.header_number(hash)?)
    }

    /// The canonical block at a height.
    pub fn block(&self, number: u64) -> Result<Option<Arc<Block>>, ChainError> {
        if let Some(block) = self.memory.load().get(number) {
            return Ok(Some(Arc::new(block.block.clone())));
        }
        Ok(self.db.reader()?.block(number)?.map(Arc::new))
    }

    /// The receipts of the canonical block at a height.
    pub fn receipts(&self, number: u64) -> Result<Option<Arc<Vec<Receipt>>>, ChainError> {
        if let Some(block) = self.memory.load().get(number) {
            return Ok(Some(Arc::new(block.receipts.clone())));
        }
        Ok(self.db.reader()?.receipts(number)?.map(Arc::new))
    }

    /// One transaction of the canonical block at a height; the others are not read.
    pub fn transaction_in(&self, number: u64, index: usize) -> Result<Option<Tx>, ChainError> {
        if let Some(block) = self.memory.load().get(number) {
            return Ok(block.block.transactions.get(index).cloned());
        }
        let Ok(index) = u32::try_from(index) else {
            return Ok(None);
        };
        Ok(self
            .db
            .reader()?
            .transaction(TxLocation { number, index })?)
    }

    /// One receipt of the canonical block at a height, when the block is not in memory any more (see
    /// [`recent`](Self::recent)); the others are not read.
    pub fn stored_receipt(
        &self,
        number: u64,
        index: usize,
    ) -> Result<Option<TxReceipt>, ChainError> {
        let Ok(index) = u32::try_from(index) else {
            return Ok(None);
        };
        Ok(self.db.reader()?.receipt(TxLocation { number, index })?)
    }

    /// Where a transaction is in the canonical chain: block and index.
    pub fn transaction(&self, hash: B256) -> Result<Option<(u64, usize)>, ChainError> {
        if let Some(found) = self.memory.load().transactions.get(&hash) {
            return Ok(Some(*found));
        }
        let found = self.db.reader()?.tx_lookup(hash)?;
        // A block can be durable a moment before it is the head; until then nobody may see its transactions. The head is read
        // after the database: a block that was appended and persisted since the look at memory is not missed.
        let head = self.memory.load().head().number();
        Ok(found
            .filter(|at| at.number <= head)
            .map(|at| (at.number, at.index as usize)))
    }

    /// The state after a block.
    ///
    /// Fails for blocks above the head and for those older than the history window.
    pub fn state_at(&self, number: u64) -> Result<Arc<dyn StateSource>, ChainError> {
        // Memory before the snapshot: a block that is persisted in between is then in both.
        let memory = self.memory.load_full();
        Ok(Arc::new(StateView::new(
            &memory,
            self.db.reader()?,
            number,
        )?))
    }

    /// The state after a block that was sealed but not appended yet: an overlay on its parent's.
    pub fn state_on(&self, block: Arc<ExecutedBlock>) -> Result<Arc<dyn StateSource>, ChainError> {
        let memory = self.memory.load_full();
        let parent = block.number().checked_sub(1).ok_or(ChainError::Future(0))?;
        Ok(Arc::new(StateView::on(
            &memory,
            self.db.reader()?,
            parent,
            block,
        )?))
    }
}
