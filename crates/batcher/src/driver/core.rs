//! What to do next: a state machine that is told what was observed and answers with actions.
//!
//! It does no IO and knows no clock, so that every order of events can be tested. The driver carries out one action after the
//! other and reports; after a crash the machine is made anew from the journal and goes on.

use super::price::{L1Conditions, Shape, choose};
use crate::{
    Channel, ChannelConfig, ChannelInfo, CloseReason, ClosedChannel, DaKind, Encoder, Entry,
    Packed, Packer, PostingConfig, Record, Rejected, Transaction,
};
use openledger_genesis::RollupConfig;
use openledger_primitives::{Block, BlockRef};
use openledger_protocol::L1BlockRef;
use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Arc,
};
use tracing::{info, warn};

/// Blocks that are read from the database at once.
const LOAD: u64 = 32;
/// Closed channels that wait for compression, at which no more blocks are taken in.
const MAX_UNCOMPRESSED: usize = 3;

/// How far derivation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DerivationStatus {
    /// The L1 block that derivation is at: everything in the blocks below it is derived.
    pub current_l1: L1BlockRef,
    /// The newest L2 block that was derived from those.
    pub safe: BlockRef,
}

/// What the driver is to do, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Read these blocks and answer with [`Core::on_blocks`].
    Load {
        /// To be handed back.
        generation: u64,
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// Compress the channel on another thread and answer with [`Core::on_compressed`].
    Compress {
        /// To be handed back.
        generation: u64,
        /// The channel.
        channel: ClosedChannel,
    },
    /// Make the record durable before anything else is done.
    Record(Record),
    /// Hand the transaction with this nonce to the L1, whose inclusion [`Core::on_included`] is told of.
    Send(u64),
    /// Channels and nonces below these are needed no more.
    Prune {
        /// The lowest channel that is needed.
        channels: u64,
        /// The lowest nonce that is needed.
        nonces: u64,
    },
}

/// What was known when the batcher started.
#[derive(Debug)]
pub struct Start {
    /// What the journal holds.
    pub entries: Vec<Entry>,
    /// Transactions of the batcher that the L1's head block has, by the sender's nonce.
    pub nonce: u64,
    /// The L1.
    pub l1: L1Conditions,
}

/// Where the batcher stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoreStatus {
    /// The last block that a channel has taken.
    pub encoded: u64,
    /// The last block that is in included transactions, with all before it.
    pub posted: u64,
    /// The last block that derivation has seen.
    pub safe: u64,
    /// Blocks that are not safe.
    pub backlog_blocks: u64,
    /// Compressed bytes that are not included, by estimate.
    pub backlog_bytes: u64,
    /// Transactions that are under way.
    pub in_flight: usize,
    /// Channels that are kept.
    pub channels: usize,
    /// What the next transaction carries its payloads in.
    pub kind: Option<DaKind>,
    /// True while the batcher is paused.
    pub paused: bool,
}

#[derive(Debug)]
pub(super) struct ChannelState {
    pub(super) info: ChannelInfo,
    /// No further frame of it is planned: its blocks are elsewhere.
    pub(super) abandoned: bool,
    /// Bytes and frames that transactions carry.
    pub(super) cut: usize,
    frames: u16,
    /// The first and the last nonce that carries a frame.
    pub(super) nonces: Option<(u64, u64)>,
}

impl ChannelState {
    fn new(info: ChannelInfo) -> Self {
        Self {
            info,
            abandoned: false,
            cut: 0,
            frames: 0,
            nonces: None,
        }
    }

    fn planned(&self) -> bool {
        self.cut >= self.info.len
    }
}

#[derive(Debug)]
pub(super) struct TxState {
    pub(super) transaction: Transaction,
    /// The height of the L1 block that has it.
    pub(super) included: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Flush {
    to: u64,
    closed: bool,
}

/// The state machine.
///
/// Guarantees, whatever is reported in whatever order: frames are planned strictly in order; a nonce's payload is recorded before it is
/// sent and never changes; nonces are used without a gap; every verified block ends in a channel that derivation accepts, as long
/// as the L1 includes transactions within the channel timeout.
#[derive(Debug)]
pub struct Core {
    channel_config: ChannelConfig,
    posting: PostingConfig,
    rollup: Arc<RollupConfig>,
    /// `None` until it is known with which block to begin.
    encoder: Option<Encoder>,
    pub(super) channels: BTreeMap<u64, ChannelState>,
    pub(super) transactions: BTreeMap<u64, TxState>,
    packer: Packer,
    next_channel: u64,
    pub(super) next_nonce: u64,
    actions: VecDeque<Action>,
    uncompressed: VecDeque<ClosedChannel>,
    compressing: Option<crate::BlockRange>,
    /// Rewinds so far: answers to what was asked before one are dropped.
    generation: u64,
    loading: bool,
    /// Loading has failed to continue the chain; it is tried again when something has changed.
    stalled: bool,
    verified: u64,
    l1: L1Conditions,
    /// The L1's height up to which transactions may be included that this run knows nothing of.
    known_from: u64,
    pub(super) derivation: Option<DerivationStatus>,
    kind: Option<DaKind>,
    paused: bool,
    flush: Option<Flush>,
    /// Compressed bytes of a block, as of the last channels.
    bytes_per_block: u64,
}

impl Core {
    /// The machine as the journal and the L1 leave it.
    pub fn new(
        channel: ChannelConfig,
        posting: PostingConfig,
        rollup: Arc<RollupConfig>,
        start: Start,
    ) -> Self {
        let mut core = Self {
            channel_config: channel,
            posting,
            rollup,
            encoder: None,
            channels: BTreeMap::new(),
            transactions: BTreeMap::new(),
            packer: Packer::default(),
            next_channel: 0,
            next_nonce: start.nonce,
            actions: VecDeque::new(),
            uncompressed: VecDeque::new(),
            compressing: None,
            generation: 0,
            loading: false,
            stalled: false,
            verified: 0,
            l1: start.l1,
            known_from: start.l1.head,
            derivation: None,
            kind: None,
            paused: false,
            flush: None,
            bytes_per_block: 0,
        };
        for entry in start.entries {
            core.recover(entry);
        }
        core.resume(start.nonce);
        core
    }

    fn recover(&mut self, entry: Entry) {
        match entry {
            Entry::Channel(seq, info) => {
                self.next_channel = self.next_channel.max(seq.saturating_add(1));
                self.channels.insert(seq, ChannelState::new(info));
            }
            Entry::Transaction(transaction) => {
                self.next_nonce = self.next_nonce.max(transaction.nonce.saturating_add(1));
                self.note_planned(&transaction);
                self.transactions.insert(
                    transaction.nonce,
                    TxState {
                        transaction,
                        included: None,
                    },
                );
            }
            Entry::Rewind { from } => {
                for (_, channel) in self.channels.range_mut(from..) {
                    channel.abandoned = true;
                }
            }
        }
    }

    /// Decides, by the L1's transaction count, what is done and what is sent again.
    fn resume(&mut self, nonce: u64) {
        for (_, tx) in self.transactions.range_mut(..nonce) {
            // When exactly is not known; that it was not later than now is.
            tx.included = Some(self.l1.head);
        }
        for (_, tx) in self.transactions.range_mut(nonce..) {
            let lost = tx
                .transaction
                .pieces()
                .any(|piece| !self.channels.contains_key(&piece.channel));
            if lost {
                warn!(
                    nonce = tx.transaction.nonce,
                    "the journal has lost what this nonce carried: it is filled"
                );
                tx.transaction.payloads = vec![Vec::new()];
            }
        }
        for hole in nonce..self.next_nonce {
            if self.transactions.contains_key(&hole) {
                self.actions.push_back(Action::Send(hole));
            } else {
                self.fill(hole);
            }
        }
        for (seq, channel) in &self.channels {
            if !channel.abandoned {
                self.packer
                    .push(*seq, channel.info.len, channel.cut, channel.frames);
            }
        }
        self.kind = self.in_flight_kind();
        if self.channels.values().any(|channel| !channel.abandoned) {
            self.begin();
        }
    }

    /// A nonce that nothing is known of must not stay empty, or no later one is included: it carries nothing.
    fn fill(&mut self, nonce: u64) {
        warn!(nonce, "a nonce before the journal's is free: it is filled");
        let transaction = Transaction {
            nonce,
            kind: self.in_flight_kind().unwrap_or(DaKind::Calldata),
            payloads: vec![Vec::new()],
        };
        self.commit(transaction);
    }

    /// Records a transaction, then sends it.
    fn commit(&mut self, transaction: Transaction) {
        let nonce = transaction.nonce;
        self.actions
            .push_back(Action::Record(Record::Transaction(transaction.clone())));
        self.actions.push_back(Action::Send(nonce));
        self.transactions.insert(
            nonce,
            TxState {
                transaction,
                included: None,
            },
        );
    }

    fn note_planned(&mut self, transaction: &Transaction) {
        for piece in transaction.pieces() {
            if let Some(channel) = self.channels.get_mut(&piece.channel) {
                channel.cut = channel.cut.max(piece.start.saturating_add(piece.len));
                channel.frames = channel.frames.max(piece.frame.saturating_add(1));
                let first = channel.nonces.map_or(transaction.nonce, |(first, _)| first);
                channel.nonces = Some((first, transaction.nonce));
            }
        }
    }

    // What the driver reports.

    /// The L1 has a new head.
    pub fn on_l1(&mut self, l1: L1Conditions) {
        self.l1 = l1;
        if let Some(encoder) = &mut self.encoder {
            encoder.on_l1_head(l1.head);
        }
        self.take_closed();
    }

    /// Blocks up to this one were executed a second time and may leave.
    pub fn on_verified(&mut self, number: u64) {
        self.verified = number;
        self.stalled = false;
    }

    /// Derivation has gone on, or back.
    pub fn on_derivation(&mut self, status: DerivationStatus) {
        self.derivation = Some(status);
        self.stalled = false;
    }

    /// Time has passed: what failed may be tried again.
    pub fn on_tick(&mut self) {
        self.stalled = false;
    }

    /// Answers [`Action::Load`]: as many of the blocks as there are. A block that does not continue the chain comes back: the chain was
    /// reorganised, and [`on_gone`](Self::on_gone) is to be told which blocks are gone.
    pub fn on_blocks(&mut self, generation: u64, blocks: Vec<Arc<Block>>) -> Result<(), Rejected> {
        if generation != self.generation {
            return Ok(());
        }
        self.loading = false;
        self.stalled = blocks.is_empty();
        let Some(encoder) = &mut self.encoder else {
            return Ok(());
        };
        let result = blocks
            .into_iter()
            .try_for_each(|block| encoder.add_block(block));
        self.stalled |= result.is_err();
        self.take_closed();
        result
    }

    /// Answers [`Action::Compress`].
    pub fn on_compressed(&mut self, generation: u64, channel: Channel) {
        if generation != self.generation {
            return;
        }
        self.compressing = None;
        if let Some(encoder) = &mut self.encoder {
            encoder.learn(&channel);
        }
        let per_block = channel.data.len() as u64 / channel.blocks.count().max(1);
        self.bytes_per_block = if self.bytes_per_block == 0 {
            per_block
        } else {
            (self.bytes_per_block + per_block) / 2
        };
        let seq = self.next_channel;
        self.next_channel += 1;
        let info = channel.info();
        self.channels.insert(seq, ChannelState::new(info));
        self.packer.push(seq, info.len, 0, 0);
        self.actions
            .push_back(Action::Record(Record::Channel { seq, channel }));
    }

    /// The L1 has the transaction, in the block of this height.
    pub fn on_included(&mut self, nonce: u64, l1_block: u64) {
        if let Some(tx) = self.transactions.get_mut(&nonce) {
            tx.included = Some(l1_block);
        }
    }

    /// The L1 was reorganised: it has neither the transaction with nonce `from` nor later ones any more.
    pub fn on_excluded(&mut self, from: u64) {
        let mut holes = Vec::new();
        for nonce in from..self.next_nonce {
            match self.transactions.get_mut(&nonce) {
                Some(tx) if tx.included.is_some() => {
                    tx.included = None;
                    self.actions.push_back(Action::Send(nonce));
                }
                Some(_) => {}
                None => holes.push(nonce),
            }
        }
        holes.into_iter().for_each(|nonce| self.fill(nonce));
    }

    /// Blocks that are canonical no longer, among [`tips`](Self::tips).
    pub fn on_gone(&mut self, gone: &HashSet<BlockRef>) {
        self.stalled = false;
        let lost = self
            .channels
            .iter()
            .find(|(_, channel)| !channel.abandoned && gone.contains(&channel.info.blocks.last))
            .map(|(seq, _)| *seq);
        let pending = self.pending_tips().any(|tip| gone.contains(&tip));
        if lost.is_some() || pending {
            info!(?lost, "the L2 was reorganised below what is encoded");
            self.restart(lost);
        }
    }

    /// The last blocks of all channels: when one is no longer canonical, its channel has to be encoded anew.
    pub fn tips(&self) -> Vec<BlockRef> {
        let channels = self
            .channels
            .values()
            .filter(|channel| !channel.abandoned)
            .map(|channel| channel.info.blocks.last);
        channels.chain(self.pending_tips()).collect()
    }

    fn pending_tips(&self) -> impl Iterator<Item = BlockRef> + '_ {
        let uncompressed = self.uncompressed.iter().map(|channel| channel.blocks);
        uncompressed
            .chain(self.compressing)
            .map(|blocks| blocks.last)
            .chain(self.encoder.as_ref().map(Encoder::tip))
    }

    /// Stops taking blocks in and planning transactions; what is under way stays so.
    pub fn pause(&mut self) {
        self.paused = true;
    }

    /// Ends a pause.
    pub fn resume_posting(&mut self) {
        self.paused = false;
    }

    /// Posts everything up to the verified block without waiting for more. Returns that block's number: done when
    /// [`posted`](Self::posted) has reached it.
    pub fn flush(&mut self) -> u64 {
        let to = self.verified;
        self.flush = Some(Flush { to, closed: false });
        to
    }

    // What the driver asks.

    /// The next thing to do; `None` when there is nothing before the next report.
    pub fn next_action(&mut self) -> Option<Action> {
        loop {
            if let Some(action) = self.actions.pop_front() {
                return Some(action);
            }
            self.reconsider();
            if let Some(action) = self.actions.pop_front() {
                return Some(action);
            }
            self.flush_open();
            let action = self
                .compress()
                .or_else(|| self.load())
                .or_else(|| self.prune());
            if action.is_some() {
                return action;
            }
            if !self.plan() {
                return None;
            }
        }
    }

    /// The transaction with a nonce.
    pub fn transaction(&self, nonce: u64) -> Option<&Transaction> {
        self.transactions.get(&nonce).map(|tx| &tx.transaction)
    }

    /// The last block that is in included transactions or derived, with all before it.
    pub fn posted(&self) -> u64 {
        let mut posted = self.derivation.map_or(0, |status| status.safe.number);
        for channel in self.channels.values().filter(|channel| !channel.abandoned) {
            if channel.info.blocks.last.number > posted {
                if self.inclusion(channel).is_none() {
                    break;
                }
                posted = channel.info.blocks.last.number;
            }
        }
        posted
    }

    /// Where the batcher stands.
    pub fn status(&self) -> CoreStatus {
        let safe = self.derivation.map_or(0, |status| status.safe.number);
        let encoded = self
            .encoder
            .as_ref()
            .map_or(safe, |encoder| encoder.tip().number);
        let in_flight = self
            .transactions
            .values()
            .filter(|tx| tx.included.is_none());
        let sent: usize = in_flight.clone().map(|tx| tx.transaction.bytes()).sum();
        let open = self.encoder.as_ref().map_or(0, |open| open.open_bytes().1);
        // A channel that is being compressed comes to about its target.
        let closed = self.uncompressed.len() + usize::from(self.compressing.is_some());
        let known =
            sent + self.packer.pending_bytes() + open + closed * self.channel_config.target_bytes;
        let unread = self.verified.saturating_sub(encoded) * self.bytes_per_block;
        CoreStatus {
            encoded,
            posted: self.posted(),
            safe,
            backlog_blocks: self.verified.saturating_sub(safe),
            backlog_bytes: known as u64 + unread,
            in_flight: in_flight.count(),
            channels: self.channels.len(),
            kind: self.kind,
            paused: self.paused,
        }
    }

    // How it decides.

    /// Begins, rewinds or skips when derivation asks for it.
    fn reconsider(&mut self) {
        let Some(status) = self.derivation else {
            return;
        };
        if self.encoder.is_none() {
            // Nothing is known to be under way. What earlier runs posted shows when derivation has seen all of it.
            if status.current_l1.number >= self.known_from {
                self.begin();
            }
            return;
        }
        if let Some(lost) = self.find_lost(&status) {
            warn!(
                channel = lost,
                safe = status.safe.number,
                current_l1 = status.current_l1.number,
                "derivation did not accept a channel: its blocks are encoded anew"
            );
            self.restart(Some(lost));
        } else if self.uncovered(&status) {
            self.restart(None);
        }
        self.skip_derived(&status);
        if self
            .flush
            .is_some_and(|flush| flush.closed && self.posted() >= flush.to)
        {
            self.flush = None;
        }
    }

    /// The first channel that can not become safe any more.
    fn find_lost(&self, status: &DerivationStatus) -> Option<u64> {
        let (seq, channel) = self.channels.iter().find(|(_, channel)| {
            !channel.abandoned && channel.info.blocks.last.number > status.safe.number
        })?;
        let passed = self
            .inclusion(channel)
            .is_some_and(|included| status.current_l1.number > included);
        let timed_out = || {
            let (first, _) = channel.nonces?;
            let opened = self.transactions.get(&first)?.included?;
            let complete = self.inclusion(channel).is_some();
            let timeout = opened.saturating_add(self.rollup.channel_timeout);
            Some(!complete && self.l1.head > timeout)
        };
        (passed || timed_out().unwrap_or(false)).then_some(*seq)
    }

    /// True when blocks after the safe one are neither in a channel nor to be read, or when somebody else has posted further than we.
    fn uncovered(&self, status: &DerivationStatus) -> bool {
        let Some(encoder) = &self.encoder else {
            return false;
        };
        let safe = status.safe.number;
        if encoder.tip().number < safe {
            return true;
        }
        let channels = self
            .channels
            .values()
            .filter(|channel| !channel.abandoned)
            .map(|channel| channel.info.blocks);
        let waiting = self
            .uncompressed
            .iter()
            .map(|channel| channel.blocks)
            .chain(self.compressing);
        let first = channels
            .chain(waiting)
            .filter(|blocks| blocks.last.number > safe)
            .map(|blocks| blocks.first())
            .min()
            .unwrap_or(encoder.tip().number + 1 - encoder.open_blocks());
        // What was posted before this run's knowledge begins may only not be derived yet.
        first > safe + 1 && status.current_l1.number > self.known_from
    }

    /// Channels that somebody else has made needless are not posted, if that has not begun.
    fn skip_derived(&mut self, status: &DerivationStatus) {
        for (seq, channel) in &mut self.channels {
            if channel.info.blocks.last.number > status.safe.number {
                break;
            }
            if channel.nonces.is_none() && !channel.abandoned {
                channel.abandoned = true;
                self.packer.skip(*seq);
            }
        }
    }

    /// The L1 height at which all of the channel was included; `None` when that is not so.
    fn inclusion(&self, channel: &ChannelState) -> Option<u64> {
        let (first, last) = channel.nonces?;
        if !channel.planned() {
            return None;
        }
        self.transactions
            .range(first..=last)
            .try_fold(0, |highest, (_, tx)| {
                tx.included.map(|included| highest.max(included))
            })
    }

    /// Where encoding goes on: after the last channel that counts, or after the safe block.
    fn resume_point(&self) -> Option<BlockRef> {
        let safe = self.derivation.map(|status| status.safe);
        let last = self
            .channels
            .values()
            .rev()
            .find(|channel| !channel.abandoned)
            .map(|channel| channel.info.blocks.last);
        match (last, safe) {
            (Some(last), Some(safe)) if last.number <= safe.number => Some(safe),
            (Some(last), _) => Some(last),
            (None, safe) => safe,
        }
    }

    fn begin(&mut self) {
        if let Some(parent) = self.resume_point() {
            info!(after = parent.number, "encoding begins");
            self.encoder = Some(Encoder::new(
                self.channel_config.clone(),
                &self.rollup,
                parent,
                self.l1.head,
            ));
        }
    }

    /// Abandons the channels from `from` on and everything that is no channel yet, and goes on where encoding resumes.
    fn restart(&mut self, from: Option<u64>) {
        if let Some(from) = from {
            for (_, channel) in self.channels.range_mut(from..) {
                channel.abandoned = true;
            }
            self.packer.abandon(from);
            self.actions
                .push_back(Action::Record(Record::Rewind { from }));
        }
        self.generation += 1;
        self.compressing = None;
        self.uncompressed.clear();
        self.loading = false;
        self.stalled = false;
        if let Some(flush) = &mut self.flush {
            flush.closed = false;
        }
        match (self.resume_point(), &mut self.encoder) {
            (Some(to), Some(encoder)) => {
                info!(to = to.number, "encoding goes on after a rewind");
                encoder.rewind(to);
            }
            // Derivation has not said yet where.
            (_, encoder) => *encoder = None,
        }
    }

    fn take_closed(&mut self) {
        if let Some(encoder) = &mut self.encoder {
            self.uncompressed
                .extend(std::iter::from_fn(|| encoder.next_closed()));
        }
    }

    fn flush_open(&mut self) {
        if let (Some(flush), Some(encoder)) = (&mut self.flush, &mut self.encoder)
            && !flush.closed
            && encoder.tip().number >= flush.to
        {
            flush.closed = true;
            encoder.close(CloseReason::Flush);
            self.take_closed();
        }
    }

    fn compress(&mut self) -> Option<Action> {
        if self.compressing.is_some() {
            return None;
        }
        let channel = self.uncompressed.pop_front()?;
        self.compressing = Some(channel.blocks);
        Some(Action::Compress {
            generation: self.generation,
            channel,
        })
    }

    fn load(&mut self) -> Option<Action> {
        let tip = self.encoder.as_ref()?.tip().number;
        let room = self.packer.pending_bytes() < self.posting.max_queued_bytes
            && self.uncompressed.len() < MAX_UNCOMPRESSED;
        if self.loading || self.stalled || self.paused || !room || tip >= self.verified {
            return None;
        }
        self.loading = true;
        Some(Action::Load {
            generation: self.generation,
            from: tip + 1,
            to: self.verified.min(tip + LOAD),
        })
    }

    pub(super) fn in_flight_kind(&self) -> Option<DaKind> {
        let mut in_flight = self.transactions.values().rev();
        in_flight
            .find(|tx| tx.included.is_none())
            .map(|tx| tx.transaction.kind)
    }

    /// Plans the next transaction when there is enough for one, or what there is has waited for long enough.
    fn plan(&mut self) -> bool {
        let in_flight = self
            .transactions
            .values()
            .filter(|tx| tx.included.is_none());
        if self.paused || in_flight.count() >= self.posting.max_in_flight {
            return false;
        }
        let shape = Shape {
            blobs_per_tx: self.posting.blobs_per_tx.max(1),
            calldata_bytes: Packed::capacity(DaKind::Calldata, self.posting.calldata_bytes),
        };
        let kind = choose(
            self.posting.mode,
            self.kind,
            self.packer.pending_bytes(),
            &self.l1,
            shape,
            self.posting.switch_margin,
        );
        // The L1's pools do not hold both kinds of one sender, nor is one replaced by the other.
        let other_in_flight = self
            .transactions
            .values()
            .any(|tx| tx.included.is_none() && tx.transaction.kind != kind);
        if self.packer.is_empty() || other_in_flight {
            return false;
        }
        let payloads = match kind {
            DaKind::Blobs => shape.blobs_per_tx,
            DaKind::Calldata => 1,
        };
        let capacity = Packed::capacity(kind, shape.calldata_bytes);
        let packed = self.packer.peek(payloads, capacity);
        if packed.payloads.is_empty() || !(packed.full || self.due()) {
            return false;
        }
        self.packer.take(&packed);
        self.kind = Some(kind);
        let transaction = Transaction {
            nonce: self.next_nonce,
            kind,
            payloads: packed.payloads,
        };
        self.next_nonce += 1;
        self.note_planned(&transaction);
        self.commit(transaction);
        true
    }

    /// True when what waits is posted even though it does not fill its payloads.
    fn due(&self) -> bool {
        // More is about to come that fills them.
        if self.compressing.is_some() || !self.uncompressed.is_empty() {
            return false;
        }
        let flushing = self.flush.is_some_and(|flush| flush.closed);
        let oldest = self.packer.channels().next();
        let oldest = oldest.and_then(|seq| self.channels.get(&seq));
        flushing
            || oldest.is_none_or(|channel| {
                let age = self.l1.head.saturating_sub(channel.info.opened_at);
                channel.info.reason != CloseReason::Size
                    || age >= self.channel_config.max_duration.max(1)
            })
    }

    /// Forgets what derivation has passed by so many L1 blocks that no reorganisation brings it back.
    fn prune(&mut self) -> Option<Action> {
        let status = self.derivation?;
        let settled = |included: Option<u64>| {
            included.is_some_and(|included| {
                included.saturating_add(self.posting.retain) <= status.current_l1.number
            })
        };
        let mut pruned = false;
        while let Some(first) = self.channels.first_entry() {
            let channel = first.get();
            let posted = channel.nonces.is_none_or(|(first, last)| {
                let mut range = self.transactions.range(first..=last);
                range.all(|(_, tx)| settled(tx.included))
            });
            let derived =
                channel.planned() && channel.info.blocks.last.number <= status.safe.number;
            if !posted || !(channel.abandoned || derived) {
                break;
            }
            if let Some((_, last)) = channel.nonces {
                let included = self.transactions.get(&last).and_then(|tx| tx.included);
                self.known_from = self.known_from.max(included.unwrap_or(0));
            }
            first.remove();
            pruned = true;
        }
        let channels = self
            .channels
            .first_key_value()
            .map_or(self.next_channel, |(seq, _)| *seq);
        while let Some(first) = self.transactions.first_entry() {
            let tx = first.get();
            let needed = tx
                .transaction
                .pieces()
                .any(|piece| piece.channel >= channels);
            if !settled(tx.included) || needed {
                break;
            }
            first.remove();
            pruned = true;
        }
        let nonces = self
            .transactions
            .first_key_value()
            .map_or(self.next_nonce, |(nonce, _)| *nonce);
        pruned.then_some(Action::Prune { channels, nonces })
    }
}
