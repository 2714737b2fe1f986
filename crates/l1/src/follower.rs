//! The task behind the tracker: it looks at the L1 again and again.

use crate::{
    Advance, HeadWindow, L1Block, L1BlockRef, L1Client, L1Error, L1Event, L1View, TrackerOptions,
    metrics,
};
use alloy_primitives::B256;
use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// Requests in flight at once while a gap is filled.
const CONCURRENT_REQUESTS: usize = 16;
/// Looks at the head before the start is given up, at least: with the default pauses half a minute. Endpoints were checked before, so that
/// those that fail now are likely to be back.
const ATTEMPTS_AT_START: u32 = 10;
/// Polls in a row that must show the head at one of its ancestors before it is believed: an endpoint behind a load balancer
/// answers so now and then.
const SHORTER_POLLS: u32 = 8;
/// Polls between two looks at the endpoints that are not asked: about an L1 block's time.
const POLLS_PER_SURVEY: u32 = 4;
/// Longest pause between polls while the endpoint fails.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// The first view and window, and the endpoint that told the head. One endpoint tells the head and the labels, again or another
/// one while that fails temporarily; the blocks below the head may come from any.
pub(crate) async fn begin(
    client: &L1Client,
    options: &TrackerOptions,
) -> Result<(L1View, HeadWindow, usize), L1Error> {
    let asks = client.without_retries();
    let mut options_at_start = client.options().clone();
    options_at_start.attempts = options_at_start.attempts.max(ATTEMPTS_AT_START);
    let (head, safe, finalized, told_by) =
        options_at_start.retrying("head", || look(&asks)).await?;
    let mut window = HeadWindow::new(head, options.window);
    backfill(client, &mut window, options.backfill).await?;
    let mut view = L1View {
        head,
        safe: None,
        finalized: None,
    };
    view.label(&window, safe, finalized, false);
    tell(&client.clone().pinned_to(told_by), head.number, &view);
    Ok((view, window, told_by))
}

/// The head, the safe and the finalized block by one endpoint, which is named.
async fn look(
    client: &L1Client,
) -> Result<(L1Block, Option<L1Block>, Option<L1Block>, usize), L1Error> {
    let mut pins = client.pins();
    loop {
        let pinned = pins.client();
        match tokio::try_join!(pinned.head(), pinned.safe(), pinned.finalized()) {
            Ok((head, safe, finalized)) => return Ok((head, safe, finalized, pinned.endpoint())),
            Err(_) if pins.another() => {}
            Err(error) => return Err(error),
        }
    }
}

/// Makes known to all who use the endpoints what was seen of the chain.
fn tell(client: &L1Client, head: u64, view: &L1View) {
    client.endpoints().saw_head(client.endpoint(), head);
    if let Some(finalized) = view.finalized {
        client.endpoints().finalized(finalized);
    }
}

impl L1View {
    /// Takes over the labels as far as they agree with the canonical chain. An endpoint that is `behind` moves none back.
    fn label(
        &mut self,
        window: &HeadWindow,
        safe: Option<L1Block>,
        finalized: Option<L1Block>,
        behind: bool,
    ) {
        self.safe = newer_label(window, self.safe, safe, behind);
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

pub(crate) struct Follower {
    pub(crate) client: L1Client,
    pub(crate) interval: Duration,
    pub(crate) window: Arc<RwLock<HeadWindow>>,
    pub(crate) view: watch::Sender<L1View>,
    pub(crate) events: broadcast::Sender<L1Event>,
    pub(crate) failure: watch::Sender<Option<Arc<L1Error>>>,
    /// The endpoint that told the window's head.
    pub(crate) told_by: usize,
    pub(crate) shorter: u32,
}

impl Follower {
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut pause = self.interval;
        let mut polls: u32 = 0;
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
            polls = polls.wrapping_add(1);
            if polls.is_multiple_of(POLLS_PER_SURVEY) && self.client.endpoints().several() {
                let endpoints = self.client.endpoints().clone();
                // Beside the polls: an endpoint that hangs must not hold them up.
                tokio::spawn(async move { endpoints.survey().await });
            }
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
                    if self.client.endpoints().several() {
                        // Another one may answer by then.
                        self.interval
                    } else {
                        (pause * 2).min(MAX_PAUSE).max(self.interval)
                    }
                }
            };
        }
    }

    /// Looks at the L1 by one endpoint; when that fails and another one takes its place, by that one.
    async fn poll(&mut self) -> Result<(), L1Error> {
        let client = self.client.clone();
        let mut pins = client.pins();
        loop {
            match self.poll_one(&pins.client()).await {
                Err(_) if pins.another() => {}
                outcome => return outcome,
            }
        }
    }

    async fn poll_one(&mut self, client: &L1Client) -> Result<(), L1Error> {
        let (head, safe, finalized) =
            tokio::try_join!(client.head(), client.safe(), client.finalized())?;
        let change = self.follow(client, head).await?;

        let mut view = *self.view.borrow();
        {
            let window = self.window.read();
            let finalized_before = view.finalized;
            view.head = *window.head();
            // Only what it told itself can an endpoint take back.
            let behind = self.told_by != client.endpoint();
            view.label(&window, safe, finalized, behind);
            if let Some(lost) = finalized_before.filter(|block| {
                !(block.number < window.oldest().number
                    || window.contains(block.number, block.hash))
            }) {
                tracing::error!(number = lost.number, hash = %lost.hash, "the L1 took back a block that it had finalized");
            }
        }
        metrics::record_view(&view);
        tell(client, head.number, &view);
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
    async fn follow(
        &mut self,
        client: &L1Client,
        head: L1Block,
    ) -> Result<Option<Advance>, L1Error> {
        if self.window.read().contains(head.number, head.hash) {
            return Ok(self.follow_back(client, head).await);
        }
        self.shorter = 0;
        let branch = self.branch_to(head).await?;
        self.must_keep_finalized(client, &branch).await?;
        self.told_by = client.endpoint();
        Ok(self.window.write().apply(branch))
    }

    /// The same for a head that the window has. The chain became shorter only when that is said for a while, no other endpoint has
    /// the rest, and the one that told it says so too: else this one is behind.
    async fn follow_back(&mut self, client: &L1Client, head: L1Block) -> Option<Advance> {
        let newest = self.window.read().head().block_ref();
        if head.number == newest.number {
            self.told_by = client.endpoint();
            self.shorter = 0;
            return None;
        }
        self.shorter += 1;
        if self.shorter < SHORTER_POLLS {
            return None;
        }
        self.shorter = 0;
        let endpoints = client.endpoints();
        let overruled = endpoints.overruled(client.endpoint(), newest).await;
        let other = self.told_by != client.endpoint();
        if overruled || other && !endpoints.is_well(self.told_by) {
            return None;
        }
        self.window.write().shorten(head.number)
    }

    /// With several endpoints, none of them can take back what is final: another one is asked then. A lone one is followed
    /// wherever it goes, since nobody else says anything.
    async fn must_keep_finalized(
        &self,
        client: &L1Client,
        branch: &[L1Block],
    ) -> Result<(), L1Error> {
        let finalized = self.view.borrow().finalized;
        let (Some(finalized), Some(first)) = (finalized, branch.first()) else {
            return Ok(());
        };
        if !client.endpoints().several() {
            return Ok(());
        }
        let ancestor = first.number.checked_sub(1);
        let connected =
            ancestor.filter(|number| self.window.read().contains(*number, first.parent_hash));
        let kept = match connected {
            Some(ancestor) => ancestor >= finalized.number,
            // From below the window, which says nothing about what is below.
            None if first.number <= finalized.number => {
                let place = usize::try_from(finalized.number - first.number).ok();
                let found = place.and_then(|place| branch.get(place));
                found.is_some_and(|block| block.hash == finalized.hash)
            }
            None => client
                .block_by_number(finalized.number)
                .await?
                .is_some_and(|block| block.hash == finalized.hash),
        };
        if kept {
            return Ok(());
        }
        let error = L1Error::Contradiction {
            number: finalized.number,
            hash: finalized.hash,
        };
        let endpoints = client.endpoints();
        endpoints.set_aside(client.endpoint(), &error.to_string());
        endpoints.elect(client.endpoint(), None).await;
        Err(error)
    }

    /// The blocks from the newest one whose parent is remembered up to `head`, ascending. Without such a block, as many
    /// as the window holds, but none below its oldest. Any endpoint may serve them: each is the one that its child names.
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

/// Puts below the head what belongs there, the nearest blocks first. It is a convenience: it ends where the chain moved between two
/// answers, and where no endpoint answers any more.
async fn backfill(client: &L1Client, window: &mut HeadWindow, blocks: u64) -> Result<(), L1Error> {
    let head = window.head().number;
    let mut below = stream::iter((head.saturating_sub(blocks)..head).rev())
        .map(|number| client.block_by_number(number))
        .buffered(CONCURRENT_REQUESTS);
    while let Some(block) = below.next().await {
        match block {
            Ok(Some(block)) if window.prepend(block) => {}
            Ok(_) => break,
            Err(error) if error.is_temporary() => {
                tracing::warn!(%error, oldest = window.oldest().number, "older L1 blocks are not read now");
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
