//! What to do next: a state machine that is told what was observed and answers with actions.
//!
//! It does no IO and knows no clock, so that every order of events can be tested. The driver carries out one action after the
//! other and reports; after a crash the machine is made anew from the journal and goes on.

mod decide;
mod recover;
mod types;
mod work;

pub use types::{Action, CoreStatus, DerivationStatus, Start};

use super::price::L1Conditions;
use crate::{
    Channel, ChannelConfig, ChannelInfo, ClosedChannel, DaKind, Encoder, Packer, PostingConfig,
    Record, Rejected, Transaction,
};
use openledger_genesis::RollupConfig;
use openledger_primitives::{Block, BlockRef};
use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Arc,
};
use tracing::info;

#[derive(Debug)]
struct ChannelState {
    info: ChannelInfo,
    /// No further frame of it is planned: its blocks are elsewhere.
    abandoned: bool,
    /// Bytes and frames that transactions carry.
    cut: usize,
    frames: u16,
    /// The first and the last nonce that carries a frame.
    nonces: Option<(u64, u64)>,
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
struct TxState {
    transaction: Transaction,
    /// The height of the L1 block that has it.
    included: Option<u64>,
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
    channels: BTreeMap<u64, ChannelState>,
    transactions: BTreeMap<u64, TxState>,
    packer: Packer,
    next_channel: u64,
    next_nonce: u64,
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
    derivation: Option<DerivationStatus>,
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
}
