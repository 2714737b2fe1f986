//! The head tracker as the sequencer's view of the L1.

use crate::l1_inputs::InputsCache;
use openledger_l1::{HeadTracker, L1Client, L1Event};
use openledger_primitives::BlockRef;
use openledger_protocol::{L1Block, L1Inputs};
use openledger_sequencer::{Origins, Wake};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Handle, sync::broadcast::error::RecvError};
use tracing::{info, warn};

/// How long the builder waits for the deposits of an L1 block that were not fetched before: a block is not held up longer.
const INPUTS_PATIENCE: Duration = Duration::from_secs(1);

/// L1 blocks from the tracker's window, older ones from the endpoint.
pub(crate) struct TrackedOrigins {
    tracker: Arc<HeadTracker>,
    client: L1Client,
    inputs: InputsCache,
    runtime: Handle,
    reorgs: Arc<AtomicU64>,
}

impl TrackedOrigins {
    /// Counts reorganisations, fetches what new blocks bring, and raises `wakes` whenever the L1 moves.
    pub(crate) fn new(
        tracker: Arc<HeadTracker>,
        client: L1Client,
        inputs: InputsCache,
        wakes: Vec<Arc<Wake>>,
    ) -> Self {
        let reorgs = Arc::new(AtomicU64::new(0));
        let mut events = tracker.subscribe();
        let counter = reorgs.clone();
        let ahead = inputs.clone();
        tokio::spawn(async move {
            loop {
                match events.recv().await {
                    Ok(L1Event::NewHead(head)) => {
                        let ahead = ahead.clone();
                        // Whoever needs them asks again, and is told then why they can not be had.
                        tokio::spawn(async move { drop(ahead.fetch(&head).await) });
                    }
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
                wakes.iter().for_each(|wake| wake.raise());
            }
        });
        Self {
            tracker,
            client,
            inputs,
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

    fn inputs(&self, block: &L1Block) -> Option<Arc<L1Inputs>> {
        if let Some(inputs) = self.inputs.get(block.hash) {
            return Some(inputs);
        }
        // Timers exist on the runtime only.
        let fetched = self.runtime.block_on(async {
            tokio::time::timeout(INPUTS_PATIENCE, self.inputs.fetch(block)).await
        });
        match fetched {
            Ok(Ok(inputs)) => Some(inputs),
            Ok(Err(error)) => {
                warn!(number = block.number, %error, "the deposits of an L1 block can not be read: it is no origin yet");
                None
            }
            Err(_) => {
                warn!(
                    number = block.number,
                    "the L1 is slow to serve the deposits of a block: it is no origin yet"
                );
                None
            }
        }
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
