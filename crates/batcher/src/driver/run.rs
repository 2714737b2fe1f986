//! The task: it carries out what the state machine asks for, then waits for something to happen.

use super::{
    Action, BatcherError, BatcherInputs, Core, CoreStatus, L1Conditions, Payload, Post, PostEvent,
};
use crate::{
    BatcherConfig, Channel, DaKind, EncodeError, Journal, JournalError, Record, Throttle, assemble,
    metrics,
};
use alloy_primitives::Bytes;
use openledger_chain::{ChainError, ChainEvent};
use openledger_l1::L1View;
use openledger_primitives::{Block, BlockRef, crash_point};
use openledger_protocol::ChannelId;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
    time::Instant,
};
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    task::spawn_blocking,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

/// Channels whose data is in memory; older ones are read from the journal when a reorganisation asks for them again.
const CACHED_CHANNELS: usize = 4;
/// L1 blocks without an inclusion, while transactions are under way, after which the log says so, again and again.
const SILENCE: u64 = 10;

/// What others ask for.
#[derive(Debug)]
pub(super) enum Command {
    Pause(oneshot::Sender<Result<(), BatcherError>>),
    Resume(oneshot::Sender<Result<(), BatcherError>>),
    Flush {
        /// Answer when the L1 has everything, not when posting begins.
        wait: bool,
        done: oneshot::Sender<Result<u64, BatcherError>>,
    },
}

/// What ends the task.
enum End {
    Stopped,
    Failed(&'static str),
}

struct Waiter {
    to: u64,
    done: oneshot::Sender<Result<u64, BatcherError>>,
}

pub(super) struct Driver {
    config: BatcherConfig,
    inputs: BatcherInputs,
    core: Core,
    journal: Arc<Mutex<Journal>>,
    throttle: Arc<Throttle>,
    commands: mpsc::UnboundedReceiver<Command>,
    status: watch::Sender<CoreStatus>,
    stop: CancellationToken,
    chain_events: broadcast::Receiver<ChainEvent>,
    compressed: mpsc::UnboundedSender<(u64, Channel)>,
    compressed_receiver: mpsc::UnboundedReceiver<(u64, Channel)>,
    cache: BTreeMap<u64, (ChannelId, Bytes)>,
    /// Transactions whose payload could not be read; tried again.
    unsent: BTreeSet<u64>,
    waiters: Vec<Waiter>,
    /// The L1's height when something was included last, or nothing was under way.
    last_inclusion: u64,
}

/// The L1 as far as it matters for posting.
pub(super) fn conditions(view: &L1View) -> L1Conditions {
    let head = &view.head;
    L1Conditions {
        head: head.number,
        base_fee: head.base_fee.into(),
        blob_base_fee: head.excess_blob_gas.map(|_| head.blob_base_fee),
    }
}

impl Driver {
    #[expect(
        clippy::too_many_arguments,
        reason = "called once, by `Batcher::start`"
    )]
    pub(super) fn new(
        config: BatcherConfig,
        inputs: BatcherInputs,
        core: Core,
        journal: Journal,
        throttle: Arc<Throttle>,
        commands: mpsc::UnboundedReceiver<Command>,
        status: watch::Sender<CoreStatus>,
        stop: CancellationToken,
    ) -> Self {
        let chain_events = inputs.chain.subscribe();
        let (compressed, compressed_receiver) = mpsc::unbounded_channel();
        let last_inclusion = inputs.l1.borrow().head.number;
        Self {
            config,
            inputs,
            core,
            journal: Arc::new(Mutex::new(journal)),
            throttle,
            commands,
            status,
            stop,
            chain_events,
            compressed,
            compressed_receiver,
            cache: BTreeMap::new(),
            unsent: BTreeSet::new(),
            waiters: Vec::new(),
            last_inclusion,
        }
    }

    pub(super) async fn run(mut self) {
        let verified = *self.inputs.verified.borrow_and_update();
        self.core.on_verified(verified);
        let derivation = *self.inputs.derivation.borrow_and_update();
        derivation
            .into_iter()
            .for_each(|status| self.core.on_derivation(status));
        // The L2 may have been reorganised since the journal was written.
        self.check_tips().await;
        let end = loop {
            if let Err(end) = self.act().await {
                break end;
            }
            self.publish();
            if let Err(end) = self.wait().await {
                break end;
            }
        };
        match end {
            End::Stopped => debug!("the batcher ends"),
            End::Failed(what) => error!(what, "the batcher ends: what it depends on has ended"),
        }
    }

    /// Waits for one thing to happen and tells the state machine.
    async fn wait(&mut self) -> Result<(), End> {
        tokio::select! {
            () = self.stop.cancelled() => return Err(End::Stopped),
            command = self.commands.recv() => self.on_command(command.ok_or(End::Stopped)?),
            Some((generation, channel)) = self.compressed_receiver.recv() => {
                crash_point("batcher-channel-compressed");
                self.core.on_compressed(generation, channel);
            }
            event = self.inputs.posts.events.recv() => {
                self.on_post(event.ok_or(End::Failed("the sender of transactions"))?);
            }
            event = self.chain_events.recv() => match event {
                Ok(ChainEvent::Retracted(_)) | Err(broadcast::error::RecvError::Lagged(_)) => {
                    self.check_tips().await;
                }
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => return Err(End::Failed("the chain")),
            },
            changed = self.inputs.verified.changed() => {
                changed.map_err(|_| End::Failed("re-execution"))?;
                let number = *self.inputs.verified.borrow_and_update();
                self.core.on_verified(number);
            }
            changed = self.inputs.derivation.changed() => {
                changed.map_err(|_| End::Failed("derivation"))?;
                let status = *self.inputs.derivation.borrow_and_update();
                status.into_iter().for_each(|status| self.core.on_derivation(status));
            }
            changed = self.inputs.l1.changed() => {
                changed.map_err(|_| End::Failed("the L1's head"))?;
                let l1 = conditions(&self.inputs.l1.borrow_and_update());
                self.core.on_l1(l1);
                self.complain(l1.head);
            }
            () = tokio::time::sleep(self.config.retry) => {
                self.core.on_tick();
                for nonce in std::mem::take(&mut self.unsent) {
                    self.send(nonce).await;
                }
            }
        }
        Ok(())
    }

    fn on_command(&mut self, command: Command) {
        let paused = self.core.status().paused;
        // Whoever asked may have gone.
        match command {
            Command::Pause(done) => {
                let outcome = if paused {
                    Err(BatcherError::Paused)
                } else {
                    info!("the batcher is paused");
                    self.core.pause();
                    Ok(())
                };
                let _ = done.send(outcome);
            }
            Command::Resume(done) => {
                let outcome = if paused {
                    info!("the batcher goes on");
                    self.core.resume_posting();
                    Ok(())
                } else {
                    Err(BatcherError::Running)
                };
                let _ = done.send(outcome);
            }
            Command::Flush { done, .. } if paused => {
                let _ = done.send(Err(BatcherError::Paused));
            }
            Command::Flush { wait, done } => {
                // Whoever asks means what is verified now: the news of it may still wait beside the command.
                let verified = *self.inputs.verified.borrow_and_update();
                self.core.on_verified(verified);
                let to = self.core.flush();
                info!(to, "everything up to this block is posted now");
                if wait {
                    self.waiters.push(Waiter { to, done });
                } else {
                    let _ = done.send(Ok(to));
                }
            }
        }
    }

    fn on_post(&mut self, event: PostEvent) {
        match event {
            PostEvent::Included { nonce, l1_block } => {
                crash_point("batcher-tx-included");
                debug!(nonce, l1_block, "a transaction of the batcher is included");
                metrics::tx_included();
                self.last_inclusion = self.inputs.l1.borrow().head.number;
                self.core.on_included(nonce, l1_block);
            }
            PostEvent::Excluded { from } => {
                warn!(
                    from,
                    "the L1 was reorganised: transactions from this nonce on are sent again"
                );
                metrics::tx_failed();
                self.core.on_excluded(from);
            }
        }
    }

    /// Says that nothing gets through, for as long as that lasts.
    fn complain(&mut self, head: u64) {
        if self.core.status().in_flight == 0 {
            self.last_inclusion = head;
        }
        let silence = head.saturating_sub(self.last_inclusion);
        if silence > 0 && silence.is_multiple_of(SILENCE) {
            let status = self.core.status();
            error!(
                l1_blocks = silence,
                in_flight = status.in_flight,
                backlog_blocks = status.backlog_blocks,
                backlog_bytes = status.backlog_bytes,
                "the L1 includes no transaction of the batcher: check its funds and the fee limits"
            );
        }
    }

    /// Carries out everything that there is to do.
    async fn act(&mut self) -> Result<(), End> {
        while let Some(action) = self.core.next_action() {
            match action {
                Action::Load {
                    generation,
                    from,
                    to,
                } => self.load(generation, from, to).await,
                Action::Compress {
                    generation,
                    channel,
                } => {
                    crash_point("batcher-channel-closed");
                    let quality = self.config.channel.quality;
                    let done = self.compressed.clone();
                    spawn_blocking(move || {
                        let start = Instant::now();
                        let channel = channel.compress(quality);
                        metrics::channel_compressed(&channel, start.elapsed());
                        // The driver may have ended.
                        let _ = done.send((generation, channel));
                    });
                }
                Action::Record(record) => self.record(record).await?,
                Action::Send(nonce) => self.send(nonce).await,
                Action::Prune { channels, nonces } => self.prune(channels, nonces).await,
            }
        }
        Ok(())
    }

    async fn load(&mut self, generation: u64, from: u64, to: u64) {
        let chain = self.inputs.chain.clone();
        let read = move || {
            (from..=to)
                .map_while(|number| chain.block(number).transpose())
                .collect::<Result<Vec<Arc<Block>>, ChainError>>()
        };
        let blocks = match spawn_blocking(read).await {
            Ok(Ok(blocks)) => blocks,
            Ok(Err(error)) => {
                error!(%error, from, to, "blocks can not be read; trying again");
                Vec::new()
            }
            Err(_) => Vec::new(),
        };
        if let Err(rejected) = self.core.on_blocks(generation, blocks) {
            match rejected.error {
                EncodeError::NotNext { .. } => self.check_tips().await,
                _ => error!(error = %rejected, "a block can not be posted"),
            }
        }
    }

    /// Finds out which of the last blocks of channels are canonical no longer.
    async fn check_tips(&mut self) {
        let (chain, tips) = (self.inputs.chain.clone(), self.core.tips());
        let check = move || {
            let mut gone = HashSet::new();
            for tip in tips {
                let canonical = chain.header(tip.number)?.map(|header| header.seal());
                if canonical != Some(tip.hash) {
                    gone.insert(tip);
                }
            }
            Ok::<HashSet<BlockRef>, ChainError>(gone)
        };
        match spawn_blocking(check).await {
            Ok(Ok(gone)) => self.core.on_gone(&gone),
            Ok(Err(error)) => error!(%error, "headers can not be read"),
            Err(_) => {}
        }
    }

    /// Makes a record durable, however long that takes: nothing may be done before.
    async fn record(&mut self, record: Record) -> Result<(), End> {
        if let Record::Rewind { .. } = &record {
            crash_point("batcher-rewind");
            metrics::channels_abandoned();
        }
        let record = Arc::new(record);
        loop {
            let (journal, appended) = (self.journal.clone(), record.clone());
            let result = spawn_blocking(move || journal.lock().append(&appended)).await;
            match result {
                Ok(Ok(())) => break,
                Ok(Err(error)) => {
                    metrics::journal_failed();
                    log_journal(&error);
                }
                Err(_) => return Err(End::Failed("the journal")),
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(End::Stopped),
                () = tokio::time::sleep(self.config.retry) => {}
            }
        }
        match &*record {
            Record::Channel { seq, channel } => {
                crash_point("batcher-channel-journalled");
                info!(
                    channel = %channel.id,
                    first = channel.blocks.first(),
                    last = channel.blocks.last.number,
                    transactions = channel.transactions,
                    bytes = channel.data.len(),
                    reason = channel.reason.label(),
                    "closed a channel"
                );
                self.cache.insert(*seq, (channel.id, channel.data.clone()));
                while self.cache.len() > CACHED_CHANNELS {
                    self.cache.pop_first();
                }
            }
            Record::Transaction(_) => crash_point("batcher-tx-journalled"),
            Record::Rewind { .. } => crash_point("batcher-rewound"),
        }
        Ok(())
    }

    async fn send(&mut self, nonce: u64) {
        let Some(transaction) = self.core.transaction(nonce).cloned() else {
            return;
        };
        let (journal, cache) = (self.journal.clone(), self.cache.clone());
        let build = move || {
            let mut channels = BTreeMap::new();
            for piece in transaction.pieces() {
                if !channels.contains_key(&piece.channel)
                    && let Some(found) = match cache.get(&piece.channel) {
                        Some(cached) => Some(cached.clone()),
                        None => journal.lock().channel(piece.channel)?,
                    }
                {
                    channels.insert(piece.channel, found);
                }
            }
            let payloads = transaction
                .payloads
                .iter()
                .map(|pieces| assemble(pieces, |seq| channels.get(&seq).cloned()))
                .collect::<Result<Vec<_>, _>>();
            Ok::<_, JournalError>((transaction, payloads))
        };
        match spawn_blocking(build).await {
            Ok(Ok((transaction, Ok(payloads)))) => {
                metrics::tx_sent(&transaction);
                let payload = match transaction.kind {
                    DaKind::Blobs => {
                        payloads
                            .iter()
                            .for_each(|blob| metrics::blob_used(blob.len()));
                        Payload::Blobs(payloads)
                    }
                    DaKind::Calldata => Payload::Calldata(payloads.concat().into()),
                };
                // When the sender of transactions has ended, its events tell.
                let _ = self
                    .inputs
                    .posts
                    .requests
                    .send(Post::Send { nonce, payload });
                crash_point("batcher-tx-sent");
            }
            Ok(Ok((_, Err(error)))) => {
                error!(%error, nonce, "the payload of a transaction is not in the journal; trying again");
                self.unsent.insert(nonce);
            }
            Ok(Err(error)) => {
                log_journal(&error);
                self.unsent.insert(nonce);
            }
            Err(_) => {
                self.unsent.insert(nonce);
            }
        }
    }

    async fn prune(&mut self, channels: u64, nonces: u64) {
        // When the sender of transactions has ended, its events tell.
        let _ = self
            .inputs
            .posts
            .requests
            .send(Post::Forget { below: nonces });
        let journal = self.journal.clone();
        let pruned = spawn_blocking(move || journal.lock().prune(channels, nonces)).await;
        if let Ok(Err(error)) = pruned {
            // Harmless: the files are read and pruned at the next start.
            log_journal(&error);
        }
    }

    /// Tells the sequencer, the metrics and those who wait for a flush.
    fn publish(&mut self) {
        let status = self.core.status();
        self.throttle
            .update(status.backlog_bytes, status.backlog_blocks);
        metrics::status(&status);
        self.status.send_if_modified(|current| {
            let changed = *current != status;
            *current = status;
            changed
        });
        for waiter in std::mem::take(&mut self.waiters) {
            if status.posted >= waiter.to {
                // Whoever asked may have gone.
                let _ = waiter.done.send(Ok(waiter.to));
            } else if status.paused {
                let _ = waiter.done.send(Err(BatcherError::Paused));
            } else {
                self.waiters.push(waiter);
            }
        }
    }
}

fn log_journal(error: &JournalError) {
    error!(%error, cause = %error.source, "the batcher's journal fails: nothing is posted until it is back; trying again");
}
