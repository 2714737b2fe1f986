//! Holds kona in an L1 block until all of the block's data was read.
//!
//! kona 0.4.5 takes a dropped span for the end of the L1 block's data (`BatchStream` answers `Eof`) and goes on to the next
//! L1 block, although the one that it leaves may hold more payloads. It then reads those one L1 block later each, and never
//! looks into the L1 blocks that it passes meanwhile. By the specification the next L1 block is read when no stage has data
//! any more. So the next one is withheld until the data source has come to its end; nothing else of kona is changed by it.

use crate::{L1, SourceError};
use alloy_consensus::{Header, Receipt, TxEnvelope};
use alloy_primitives::{Address, B256};
use async_trait::async_trait;
use kona_derive::{
    ChainProvider, DataAvailabilityProvider, PipelineError, PipelineErrorKind, PipelineResult,
};
use kona_protocol::BlockInfo;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The L1 as kona's traversal sees it.
#[derive(Debug, Clone)]
pub(crate) struct PacedL1 {
    l1: L1,
    /// Number of the newest L1 block whose data was read to its end.
    read: Arc<AtomicU64>,
}

/// The data source whose progress it waits for.
#[derive(Debug)]
pub(crate) struct PacedSource<S> {
    source: S,
    read: Arc<AtomicU64>,
}

/// The two sides of one pace.
pub(crate) fn paced<S>(l1: L1, source: S) -> (PacedL1, PacedSource<S>) {
    let read = Arc::new(AtomicU64::new(0));
    let source = PacedSource {
        source,
        read: Arc::clone(&read),
    };
    (PacedL1 { l1, read }, source)
}

#[async_trait]
impl<S: DataAvailabilityProvider + Send> DataAvailabilityProvider for PacedSource<S> {
    type Item = S::Item;

    async fn next(&mut self, block: &BlockInfo, batcher: Address) -> PipelineResult<S::Item> {
        let next = self.source.next(block, batcher).await;
        if let Err(PipelineErrorKind::Temporary(PipelineError::Eof)) = next {
            self.read.store(block.number, Ordering::Relaxed);
        }
        next
    }

    fn clear(&mut self) {
        self.source.clear();
    }
}

#[async_trait]
impl ChainProvider for PacedL1 {
    type Error = SourceError;

    async fn header_by_hash(&mut self, hash: B256) -> Result<Header, SourceError> {
        self.l1.header_by_hash(hash).await
    }

    /// Only the traversal asks for this, and only for the block after the one that it is at.
    async fn block_info_by_number(&mut self, number: u64) -> Result<BlockInfo, SourceError> {
        if number > self.read.load(Ordering::Relaxed) + 1 {
            return Err(SourceError::Unread(number));
        }
        self.l1.block_info_by_number(number).await
    }

    async fn receipts_by_hash(&mut self, hash: B256) -> Result<Vec<Receipt>, SourceError> {
        self.l1.receipts_by_hash(hash).await
    }

    async fn block_info_and_transactions_by_hash(
        &mut self,
        hash: B256,
    ) -> Result<(BlockInfo, Vec<TxEnvelope>), SourceError> {
        self.l1.block_info_and_transactions_by_hash(hash).await
    }
}
