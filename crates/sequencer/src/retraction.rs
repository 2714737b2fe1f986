//! Taking blocks back: because their L1 origin is gone, or because derivation decided otherwise.

use crate::{
    SequencerError,
    builder::{Builder, Open, Parent},
    log_writer::{LogMessage, view_in},
    metrics,
};
use alloy_primitives::Address;
use crossbeam_channel::bounded;
use openledger_primitives::{PooledTx, Tx};
use openledger_protocol::L2BlockRef;
use tracing::{info, warn};

impl Builder {
    /// Looks whether the L1 took the origin of the open block or of sealed ones back, and if so retracts them.
    pub(crate) fn origin_lost(&mut self, open: &mut Open) -> Result<bool, SequencerError> {
        let reorgs = self.origins.reorgs();
        if reorgs == self.seen_reorgs {
            return Ok(false);
        }
        let origin = open.origin.id();
        if !self.origins.is_gone(origin) {
            // An L1 that became shorter does not say yet what will stand at this height, and growing again is no
            // reorganisation: until it says so, look again.
            if let Some(block) = self.origins.block(origin.number) {
                self.seen_reorgs = reorgs;
                // After recovery on an L1 that went and came back, only number and hash are known of it.
                open.origin = block;
            }
            return Ok(false);
        }
        self.seen_reorgs = reorgs;
        self.check_l1()?;
        self.settle(open)?;
        let mut lowest = self.chain.head().number() + 1;
        while lowest > 1 {
            let Some(block) = self.chain.block(lowest - 1)? else {
                break;
            };
            let reference = L2BlockRef::of_block(&block, &self.config.rollup.genesis)?;
            if !self.origins.is_gone(reference.l1_origin) {
                break;
            }
            lowest -= 1;
        }
        self.retract(lowest, "its L1 origin is no longer canonical")?;
        Ok(true)
    }

    /// Waits until the block below the open one has become the head.
    pub(crate) fn settle(&self, open: &Open) -> Result<(), SequencerError> {
        if let Parent::Unsealed { sealing, .. } = &open.parent {
            sealing.wait()?;
        }
        self.flush_log()
    }

    /// Fails when the rollup's first origin is gone: no block would be left, and none could follow.
    pub(crate) fn check_l1(&self) -> Result<(), SequencerError> {
        let first = self.config.rollup.genesis.l1;
        if self.origins.is_gone(first) {
            return Err(SequencerError::OtherL1(first));
        }
        Ok(())
    }

    /// Puts what is in the blocks from `lowest` on into the pool's journal.
    fn keep(&self, lowest: u64) -> Result<(), SequencerError> {
        let mut transactions = Vec::new();
        for number in lowest..=self.chain.head().number() {
            if let Some(block) = self.chain.block(number)? {
                transactions.extend(block.transactions.iter().cloned());
            }
        }
        if let Some(open) = self.chain.pending() {
            transactions.extend(open.transactions.iter().cloned());
        }
        if let Err(error) = self.pool.keep(&poolable(transactions)) {
            warn!(%error, "the pool's journal could not be written before a retraction");
        }
        Ok(())
    }

    /// Takes back the blocks from `lowest` on, the open one included.
    pub(crate) fn retract(&mut self, lowest: u64, reason: &str) -> Result<(), SequencerError> {
        // First: a crash between the record and the pool's having them again must not lose them.
        self.keep(lowest)?;
        let (done, durable) = bounded(1);
        self.send(LogMessage::Retract {
            number: lowest,
            reason: reason.into(),
            done,
        })?;
        durable
            .recv()
            .map_err(|_| self.stopped("the log writer has ended"))?;
        let mut transactions: Vec<Tx> = self
            .chain
            .pending()
            .map(|open| open.transactions.iter().cloned().collect())
            .unwrap_or_default();
        self.chain.retract_pending();
        let removed = self.chain.unwind_to(lowest - 1)?;
        for block in removed.iter() {
            transactions.splice(0..0, block.block.transactions.iter().cloned());
        }
        transactions.extend(self.leftover.drain(..));
        self.verified.lower(self.chain.head().block_ref());
        warn!(
            lowest,
            blocks = removed.len(),
            transactions = transactions.len(),
            reason,
            "blocks retracted"
        );
        metrics::retracted(removed.len() + 1);
        let mut touched: Vec<Address> = removed
            .iter()
            .flat_map(|block| block.accounts.keys().copied())
            .collect();
        touched.extend(transactions.iter().map(Tx::signer));
        self.reinject(transactions, touched)
    }

    /// Puts transactions of retracted blocks back into the pool; forced ones belong to the lost origin.
    fn reinject(
        &self,
        transactions: Vec<Tx>,
        mut touched: Vec<Address>,
    ) -> Result<(), SequencerError> {
        let state = self.chain.state_at(self.chain.head().number())?;
        touched.sort_unstable();
        touched.dedup();
        let views = touched
            .into_iter()
            .map(|address| Ok((address, view_in(&*state, address)?)))
            .collect::<Result<Vec<_>, SequencerError>>()?;
        let transactions = poolable(transactions);
        let count = transactions.len();
        match self.pool.reinject(transactions, &views) {
            Ok(back) => info!(
                back,
                of = count,
                "transactions of retracted blocks are back in the pool"
            ),
            // They are in the pool; only a second crash right now could lose them.
            Err(error) => {
                warn!(%error, "the pool's journal could not be rewritten after a retraction")
            }
        }
        Ok(())
    }
}

/// Those of a block's transactions that a pool takes: the forced ones belong to their origin.
fn poolable(transactions: Vec<Tx>) -> Vec<PooledTx> {
    transactions
        .into_iter()
        .filter(|tx| !tx.is_deposit())
        .map(|tx| PooledTx { tx, sidecar: None })
        .collect()
}
