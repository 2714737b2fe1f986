//! Following the L1's head.

use crate::{Advance, HeadWindow, L1Block, L1BlockRef, L1Client, L1Error, metrics};
use alloy_primitives::B256;
use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// Requests in flight at once while a gap is filled.
const CONCURRENT_REQUESTS: usize = 16;
/// Polls in a row that must show the head at one of its ancestors before it is believed: an endpoint behind a load balancer
/// answers so now and then.
const SHORTER_POLLS: u32 = 8;
/// Events that a slow subscriber may be behind before it misses some.
const EVENT_BACKLOG: usize = 256;
/// The head is never asked for more often.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Longest pause between polls while the endpoint fails.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// How the head is followed.
#[derive(Debug, Clone)]
pub struct TrackerOptions {
    /// Time between two polls; less than 50 ms is taken as 50 ms. Default 3 s, a quarter of Ethereum's slot.
    pub poll_interval: Duration,
    /// Canonical blocks that are remembered. Default 4,096.
    pub window: usize,
    /// Blocks below the head that are fetched at the start, so that an early reorganisation finds its common ancestor.
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
/// announced before the head that it led to; an endpoint that goes away is asked until it is back. Dropping the tracker
/// ends the task.
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
    /// Fails when the endpoint can not be read now (within the client's retries).
    pub async fn start(client: L1Client, options: TrackerOptions) -> Result<Self, L1Error> {
        let head = client.head().await?;
        let mut window = HeadWindow::new(head, options.window);
        backfill(&client, &mut window, options.backfill).await?;
        let (safe, finalized) = tokio::try_join!(client.safe(), client.finalized())?;
        let mut first = L1View {
            head,
            safe: None,
            finalized: None,
        };
        first.label(&window, safe, finalized);
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

impl L1View {
    /// Takes over the labels as far as they agree with the canonical chain.
    fn label(&mut self, window: &HeadWindow, safe: Option<L1Block>, finalized: Option<L1Block>) {
        self.safe = newer_label(window, self.safe, safe, false);
        self.finalized = newer_label(window, self.finalized, finalized, true);
    }
}

/// A label's next value. One that contradicts the canonical chain (the endpoint answered from another branch, or from
/// beyond the head) is passed over; so is one that would move `monotone` back.
fn newer_label(
    window: &HeadWindow,
    previous: Option<L1BlockRef>,
    reported: Option<L1Block>,
    monotone: bool,
) -> Option<L1BlockRef> {
    let canonical =
        |number: u64, hash: B256| number < window.oldest().number || window.contains(number, hash);
    let previous = previous.filter(|block| canonical(block.number, block.hash));
    match reported.filter(|block| canonical(block.number, block.hash)) {
        Some(block)
            if !monotone || previous.is_none_or(|previous| previous.number <= block.number) =>
        {
            Some(block.block_ref())
        }
        _ => previous,
    }
}

struct Follower {
    client: L1Client,
    interval: Duration,
    window: Arc<RwLock<HeadWindow>>,
    view: watch::Sender<L1View>,
    events: broadcast::Sender<L1Event>,
    failure: watch::Sender<Option<Arc<L1Error>>>,
    shorter: u32,
}

impl Follower {
    async fn run(mut self, stop: CancellationToken) {
        let mut pause = self.interval;
        loop {
            let next = Instant::now() + pause;
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep_until(next) => {}
            }
            let result = tokio::select! {
                () = stop.cancelled() => return,
                result = self.poll() => result,
            };
            pause = match result {
                Ok(()) => {
                    if self.failure.send_replace(None).is_some() {
                        tracing::info!(
                            head = self.view.borrow().head.number,
                            "L1 endpoint is back"
                        );
                    }
                    self.interval
                }
                Err(error) => {
                    let first = self.failure.borrow().is_none();
                    if first && error.is_temporary() {
                        tracing::warn!(%error, "L1 endpoint fails; asking again until it is back");
                    } else if first {
                        tracing::error!(%error, "L1 endpoint can not be followed");
                    }
                    self.failure.send_replace(Some(Arc::new(error)));
                    (pause * 2).min(MAX_PAUSE).max(self.interval)
                }
            };
        }
    }

    async fn poll(&mut self) -> Result<(), L1Error> {
        let (head, safe, finalized) = tokio::try_join!(
            self.client.head(),
            self.client.safe(),
            self.client.finalized()
        )?;
        let change = self.follow(head).await?;

        let mut view = *self.view.borrow();
        {
            let window = self.window.read();
            let finalized_before = view.finalized;
            view.head = *window.head();
            view.label(&window, safe, finalized);
            if let Some(lost) = finalized_before.filter(|block| {
                !(block.number < window.oldest().number
                    || window.contains(block.number, block.hash))
            }) {
                tracing::error!(number = lost.number, hash = %lost.hash, "the L1 took back a block that it had finalized");
            }
        }
        metrics::record_view(&view);
        if let Some(Advance::Reorg {
            common_ancestor,
            removed,
        }) = &change
        {
            tracing::warn!(
                depth = removed.len(),
                ancestor = common_ancestor.map(|block| block.number),
                head = view.head.number,
                "L1 reorganised"
            );
            metrics::record_reorg(removed.len());
            // Without subscribers there is nobody to tell.
            let _ = self.events.send(L1Event::Reorg {
                common_ancestor: *common_ancestor,
                removed: removed.clone(),
            });
        }
        self.view.send_if_modified(|current| {
            let modified = *current != view;
            *current = view;
            modified
        });
        if change.is_some() {
            let _ = self.events.send(L1Event::NewHead(view.head));
        }
        Ok(())
    }

    /// Brings the window to `head`; `None` when it stays.
    async fn follow(&mut self, head: L1Block) -> Result<Option<Advance>, L1Error> {
        let known = self.window.read().contains(head.number, head.hash);
        if known {
            if head.number == self.window.read().head().number {
                self.shorter = 0;
                return Ok(None);
            }
            self.shorter += 1;
            if self.shorter < SHORTER_POLLS {
                return Ok(None);
            }
            self.shorter = 0;
            return Ok(self.window.write().shorten(head.number));
        }
        self.shorter = 0;
        let branch = self.branch_to(head).await?;
        Ok(self.window.write().apply(branch))
    }

    /// The blocks from the newest one whose parent is remembered up to `head`, ascending. Without such a block, as many
    /// as the window holds, but none below its oldest.
    async fn branch_to(&self, head: L1Block) -> Result<Vec<L1Block>, L1Error> {
        let (top, oldest, capacity) = {
            let window = self.window.read();
            (
                window.head().number,
                window.oldest().number,
                window.capacity(),
            )
        };
        let from = (top + 1).max(head.number.saturating_sub(capacity as u64));
        let fetched = fetch_range(&self.client, from, head.number).await?;
        let mut branch = vec![head];
        let mut first = head;
        loop {
            let connected = first
                .number
                .checked_sub(1)
                .is_none_or(|number| self.window.read().contains(number, first.parent_hash));
            if connected || first.number <= oldest || branch.len() >= capacity {
                break;
            }
            first = match fetched.get(&first.parent_hash) {
                Some(block) => *block,
                None => self
                    .client
                    .block_by_hash(first.parent_hash)
                    .await?
                    .ok_or(L1Error::Gone(first.parent_hash))?,
            };
            branch.push(first);
        }
        branch.reverse();
        Ok(branch)
    }
}

/// The blocks of `from..below` by hash, as many as the endpoint has. Whether they belong together is the caller's to check.
async fn fetch_range(
    client: &L1Client,
    from: u64,
    below: u64,
) -> Result<HashMap<B256, L1Block>, L1Error> {
    stream::iter(from..below)
        .map(|number| client.block_by_number(number))
        .buffer_unordered(CONCURRENT_REQUESTS)
        .try_filter_map(|block| async move { Ok(block.map(|block| (block.hash, block))) })
        .try_collect()
        .await
}

async fn backfill(client: &L1Client, window: &mut HeadWindow, blocks: u64) -> Result<(), L1Error> {
    let head = window.head().number;
    let fetched = fetch_range(client, head.saturating_sub(blocks), head).await?;
    // Stops where the chain moved between two answers; the rest is a convenience.
    while let Some(block) = fetched.get(&window.oldest().parent_hash) {
        if !window.prepend(*block) {
            break;
        }
    }
    Ok(())
}
