//! What the chain and the pool report, passed on to those who wait for it.

use crate::{convert::Position, filters::Filters, workers::Workers};
use alloy_primitives::{B256, map::B256Map};
use openledger_chain::{Chain, ChainEvent, PendingBlock};
use openledger_pool::Pool;
use openledger_primitives::Tx;
use openledger_storage::ExecutedBlock;
use parking_lot::Mutex;
use std::{ops::Range, sync::Arc};
use tokio::sync::{
    broadcast::{self, error::RecvError},
    oneshot,
};
use tokio_util::sync::CancellationToken;

/// Notices that a slow subscriber may fall behind by.
const BACKLOG: usize = 1_024;

/// Where a watched transaction turned up.
#[derive(Debug, Clone)]
pub(crate) enum Arrival {
    /// In the open block.
    Preconfirmed(Arc<PendingBlock>, Position),
    /// In a sealed block.
    Sealed(Arc<ExecutedBlock>, usize),
}

/// What subscribers hear.
#[derive(Debug, Clone)]
pub(crate) enum Notice {
    /// A new head.
    Head(Arc<ExecutedBlock>),
    /// Blocks taken back, newest first.
    Retracted(Arc<[Arc<ExecutedBlock>]>),
    /// Transactions that became executable.
    Pooled(Arc<[Tx]>),
}

/// The hub.
#[derive(Debug)]
pub(crate) struct Events {
    notices: broadcast::Sender<Notice>,
    watched: Mutex<B256Map<Vec<oneshot::Sender<Arrival>>>>,
}

impl Events {
    /// Follows the chain and the pool until `shutdown`, or until they are gone.
    pub(crate) fn start(
        chain: Arc<Chain>,
        pool: Arc<Pool>,
        filters: Arc<Filters>,
        reads: Workers,
        shutdown: CancellationToken,
    ) -> Arc<Self> {
        let events = Arc::new(Self {
            notices: broadcast::Sender::new(BACKLOG),
            watched: Mutex::default(),
        });
        let follower = Follower {
            events: events.clone(),
            filters,
            reads,
            counted: None,
        };
        // Subscribed here, so that nothing that happens after this call is missed.
        let (of_chain, of_pool) = (chain.subscribe(), pool.subscribe());
        tokio::spawn(follower.run(chain, of_chain, of_pool, shutdown));
        events
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    /// Hears of the block that takes this transaction in.
    pub(crate) fn watch(&self, hash: B256) -> oneshot::Receiver<Arrival> {
        let (sender, receiver) = oneshot::channel();
        let mut watched = self.watched.lock();
        let waiting = watched.entry(hash).or_default();
        // Clients that hung up are never heard of again otherwise.
        waiting.retain(|sender| !sender.is_closed());
        waiting.push(sender);
        receiver
    }

    /// Forgets those who no longer wait for a transaction.
    pub(crate) fn forget(&self, hash: B256) {
        let mut watched = self.watched.lock();
        if let Some(waiting) = watched.get_mut(&hash) {
            waiting.retain(|sender| !sender.is_closed());
            if waiting.is_empty() {
                watched.remove(&hash);
            }
        }
    }

    fn arrived(&self, hash: B256, arrival: &Arrival) {
        for waiting in self.watched.lock().remove(&hash).into_iter().flatten() {
            let _ = waiting.send(arrival.clone());
        }
    }

    fn nobody_waits(&self) -> bool {
        self.watched.lock().is_empty()
    }
}

struct Follower {
    events: Arc<Events>,
    filters: Arc<Filters>,
    reads: Workers,
    /// Of the open block: its number, transactions counted, their logs.
    counted: Option<(u64, usize, u64)>,
}

impl Follower {
    async fn run(
        mut self,
        chain: Arc<Chain>,
        mut of_chain: broadcast::Receiver<ChainEvent>,
        mut of_pool: broadcast::Receiver<Arc<[Tx]>>,
        shutdown: CancellationToken,
    ) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                event = of_chain.recv() => match event {
                    Ok(event) => self.chain_event(event).await,
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "JSON-RPC fell behind the chain's events");
                        self.filters.missed_events();
                        self.look_up_watched(&chain).await;
                    }
                    Err(RecvError::Closed) => return,
                },
                txs = of_pool.recv() => match txs {
                    Ok(txs) => {
                        self.filters.on_pooled(&txs);
                        let _ = self.events.notices.send(Notice::Pooled(txs));
                    }
                    Err(RecvError::Lagged(_)) => self.filters.missed_events(),
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    async fn chain_event(&mut self, event: ChainEvent) {
        match event {
            ChainEvent::Preconfirmed(block, new) => self.preconfirmed(&block, new),
            ChainEvent::PendingRetracted(_) => self.counted = None,
            ChainEvent::Committed(block) => {
                if !self.events.nobody_waits() {
                    for (index, tx) in block.block.transactions.iter().enumerate() {
                        self.events
                            .arrived(tx.hash(), &Arrival::Sealed(block.clone(), index));
                    }
                }
                let _ = self.events.notices.send(Notice::Head(block.clone()));
                if !self.filters.is_empty() {
                    let filters = self.filters.clone();
                    // In order, since it is awaited; a full queue costs the filters this block, and they say so.
                    let feed = move || {
                        filters.on_committed(&block);
                        Ok(())
                    };
                    if self.reads.run(feed).await.is_err() {
                        self.filters.missed_events();
                    }
                }
            }
            ChainEvent::Retracted(blocks) => {
                self.counted = None;
                self.filters.on_retracted(&blocks);
                let _ = self.events.notices.send(Notice::Retracted(blocks.into()));
            }
        }
    }

    fn preconfirmed(&mut self, block: &Arc<PendingBlock>, new: Range<usize>) {
        let (mut at, mut logs_before) = match self.counted {
            Some((number, at, logs)) if number == block.number() && at <= new.start => (at, logs),
            _ => (0, 0),
        };
        let someone_waits = !self.events.nobody_waits();
        // By position: skipping to it one by one would read the whole block again for each group.
        while at < new.end {
            let Some(receipt) = block.receipt(at) else {
                break;
            };
            if at >= new.start
                && someone_waits
                && let Some(tx) = block.transactions.get(at)
            {
                let gas_before = at
                    .checked_sub(1)
                    .and_then(|at| block.receipt(at))
                    .map_or(0, |r| r.cumulative_gas_used);
                let position = Position {
                    index: at,
                    gas_before,
                    logs_before,
                };
                self.events
                    .arrived(tx.hash(), &Arrival::Preconfirmed(block.clone(), position));
            }
            at += 1;
            logs_before += receipt.logs.len() as u64;
        }
        self.counted = Some((block.number(), at, logs_before));
    }

    /// After missed events: asks the chain for what is waited for.
    async fn look_up_watched(&mut self, chain: &Arc<Chain>) {
        self.counted = None;
        let (chain, events) = (chain.clone(), self.events.clone());
        let looked = self.reads.run(move || {
            let hashes: Vec<_> = events.watched.lock().keys().copied().collect();
            let pending = chain.pending();
            for hash in hashes {
                if let Some(block) = &pending
                    && let Some(index) = block.position(hash)
                {
                    let before = block.receipts().take(index);
                    let position = Position {
                        index,
                        gas_before: before
                            .clone()
                            .last()
                            .map_or(0, |receipt| receipt.cumulative_gas_used),
                        logs_before: before.map(|receipt| receipt.logs.len() as u64).sum(),
                    };
                    events.arrived(hash, &Arrival::Preconfirmed(block.clone(), position));
                } else if let Some((number, index)) = chain.transaction(hash)?
                    && let Some(block) = chain.recent(number)
                {
                    events.arrived(hash, &Arrival::Sealed(block, index));
                }
            }
            Ok(())
        });
        if let Err(error) = looked.await {
            tracing::warn!(%error, "watched transactions could not be looked up");
        }
    }
}
