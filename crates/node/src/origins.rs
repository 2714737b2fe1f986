//! The head tracker as the sequencer's view of the L1.

use openledger_l1::{HeadTracker, L1Client, L1Event};
use openledger_primitives::BlockRef;
use openledger_protocol::L1Block;
use openledger_sequencer::{Origins, Wake};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{runtime::Handle, sync::broadcast::error::RecvError};
use tracing::{info, warn};

/// L1 blocks from the tracker's window, older ones from the endpoint.
pub(crate) struct TrackedOrigins {
    tracker: HeadTracker,
    client: L1Client,
    runtime: Handle,
    reorgs: Arc<AtomicU64>,
}

impl TrackedOrigins {
    /// Counts reorganisations and raises `wake` whenever the L1 moves.
    pub(crate) fn new(tracker: HeadTracker, client: L1Client, wake: Arc<Wake>) -> Self {
        let reorgs = Arc::new(AtomicU64::new(0));
        let mut events = tracker.subscribe();
        let counter = reorgs.clone();
        tokio::spawn(async move {
            loop {
                match events.recv().await {
                    Ok(L1Event::NewHead(_)) => {}
                    Ok(L1Event::Reorg {
                        common_ancestor,
                        removed,
                    }) => {
                        info!(
                            ?common_ancestor,
                            removed = removed.len(),
                            "the L1 was reorganised"
                        );
                        counter.fetch_add(1, Ordering::Release);
                    }
                    // What was missed may have been a reorganisation.
                    Err(RecvError::Lagged(_)) => {
                        counter.fetch_add(1, Ordering::Release);
                    }
                    Err(RecvError::Closed) => return,
                }
                wake.raise();
            }
        });
        Self {
            tracker,
            client,
            runtime: Handle::current(),
            reorgs,
        }
    }

    /// Asks the endpoint for a block below the tracker's window.
    fn fetch(&self, number: u64) -> Option<L1Block> {
        if number > self.tracker.view().borrow().head.number {
            return None;
        }
        match self.runtime.block_on(self.client.block_by_number(number)) {
            Ok(block) => block,
            Err(error) => {
                warn!(number, %error, "the L1 does not serve an older block");
                None
            }
        }
    }
}

impl Origins for TrackedOrigins {
    fn block(&self, number: u64) -> Option<L1Block> {
        self.tracker
            .canonical(number)
            .or_else(|| self.fetch(number))
    }

    fn head(&self) -> Option<L1Block> {
        Some(self.tracker.view().borrow().head)
    }

    fn is_gone(&self, block: BlockRef) -> bool {
        match self.tracker.is_canonical(block.number, block.hash) {
            Some(canonical) => !canonical,
            None => self
                .fetch(block.number)
                .is_some_and(|found| found.hash != block.hash),
        }
    }

    fn reorgs(&self) -> u64 {
        self.reorgs.load(Ordering::Acquire)
    }
}
