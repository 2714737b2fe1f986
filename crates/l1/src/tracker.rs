//! Following the L1's head.

use crate::{
    HeadWindow, L1Block, L1BlockRef, L1Client, L1Error,
    follower::{Follower, begin},
    metrics,
};
use alloy_primitives::B256;
use parking_lot::RwLock;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Events that a slow subscriber may be behind before it misses some.
const EVENT_BACKLOG: usize = 256;
/// The head is never asked for more often.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How the head is followed.
#[derive(Debug, Clone)]
pub struct TrackerOptions {
    /// Time between two polls; less than 50 ms is taken as 50 ms. Default 3 s, a quarter of Ethereum's slot.
    pub poll_interval: Duration,
    /// Canonical blocks that are remembered. Default 4,096.
    pub window: usize,
    /// Blocks below the head that are fetched at the start as far as endpoints answer, so that an early reorganisation finds its
    /// common ancestor.
    /// Default 64.
    pub backfill: u64,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_secs(3),
            window: 4_096,
            backfill: 64,
        }
    }
}

impl TrackerOptions {
    /// The default options with a poll interval of a quarter of the L1's block time.
    pub fn for_block_time(block_time: Duration) -> Self {
        Self {
            poll_interval: (block_time / 4).max(MIN_POLL_INTERVAL),
            ..Self::default()
        }
    }
}

/// The L1 as of the last successful poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct L1View {
    /// The newest block.
    pub head: L1Block,
    /// The newest safe block; `None` before the L1 has one.
    pub safe: Option<L1BlockRef>,
    /// The newest finalized block; `None` before the L1 has one. Its number never falls, unless the L1 takes it back.
    pub finalized: Option<L1BlockRef>,
}

/// What happened on the L1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum L1Event {
    /// There is a new head. Blocks between the previous head and this one have no event of their own: ask
    /// [`HeadTracker::canonical`].
    NewHead(L1Block),
    /// Blocks were taken back. The new head's event follows.
    Reorg {
        /// The newest block that both chains have; `None` when it is older than what the tracker remembers.
        common_ancestor: Option<L1BlockRef>,
        /// The blocks that are canonical no longer, ascending.
        removed: Vec<L1BlockRef>,
    },
}

/// A task that follows the head of the L1.
///
/// Guarantees: every published head connects to the blocks that [`canonical`](Self::canonical) returns; a reorganisation is
/// announced before the head that it led to; an endpoint that goes away is asked until it is back, or another one in its place. One
/// poll is answered by one endpoint. With several, none of them can take back what was finalized, and one that is behind
/// moves nothing back. Dropping the tracker ends the task.
#[derive(Debug)]
pub struct HeadTracker {
    view: watch::Receiver<L1View>,
    events: broadcast::Sender<L1Event>,
    window: Arc<RwLock<HeadWindow>>,
    failure: watch::Receiver<Option<Arc<L1Error>>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl HeadTracker {
    /// Fetches the head and its recent ancestors, then follows it.
    ///
    /// # Errors
    /// When no endpoint tells the head and its labels within ten attempts, or as many as the client's options say.
    pub async fn start(client: L1Client, options: TrackerOptions) -> Result<Self, L1Error> {
        let (first, window, endpoint) = begin(&client, &options).await?;
        metrics::record_view(&first);

        let (view, view_rx) = watch::channel(first);
        let (failure, failure_rx) = watch::channel(None);
        let events = broadcast::channel(EVENT_BACKLOG).0;
        let window = Arc::new(RwLock::new(window));
        let stop = CancellationToken::new();
        let follower = Follower {
            client: client.without_retries(),
            interval: options.poll_interval.max(MIN_POLL_INTERVAL),
            window: window.clone(),
            view,
            events: events.clone(),
            failure,
            told_by: endpoint,
            shorter: 0,
        };
        let task = tokio::spawn(follower.run(stop.clone()));
        Ok(Self {
            view: view_rx,
            events,
            window,
            failure: failure_rx,
            stop,
            task,
        })
    }

    /// The newest view, and a way to wait for the next.
    pub fn view(&self) -> watch::Receiver<L1View> {
        self.view.clone()
    }

    /// Events from now on. A subscriber that is more than 256 events behind misses the oldest and is told so.
    pub fn subscribe(&self) -> broadcast::Receiver<L1Event> {
        self.events.subscribe()
    }

    /// The canonical block of a height, when it is within the window.
    pub fn canonical(&self, number: u64) -> Option<L1Block> {
        self.window.read().get(number).copied()
    }

    /// True or false when the window can tell whether a block is canonical; `None` for one that is older, or newer than
    /// the head.
    pub fn is_canonical(&self, number: u64, hash: B256) -> Option<bool> {
        self.window
            .read()
            .get(number)
            .map(|block| block.hash == hash)
    }

    /// Why the last poll failed; `None` while polls succeed.
    pub fn failure(&self) -> watch::Receiver<Option<Arc<L1Error>>> {
        self.failure.clone()
    }

    /// Ends the task and waits for it.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // It is cancelled between steps and never panics; there is nothing to learn from the result.
        let _ = (&mut self.task).await;
    }
}

impl Drop for HeadTracker {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
