//! The state machine against an L1 and a derivation that misbehave: crashes between any two steps, reorganisations of both
//! layers, late news, delays beyond the channel timeout. In the end everything is derived.

#[allow(dead_code, reason = "each test uses a part of it")]
mod support;

use alloy_primitives::Bytes;
use openledger_batcher::{
    Action, ChannelConfig, Core, DaKind, DaMode, DerivationStatus, Entry, L1Conditions,
    PostingConfig, Record, Start, assemble,
};
use openledger_genesis::RollupConfig;
use openledger_primitives::{Block, BlockRef};
use openledger_protocol::{
    Batch, BatchReader, ChannelId, L1BlockRef, L2BlockRef, SpanContext, decode_frames, decompress,
};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{Arc, LazyLock},
};
use support::{Users, chain, child, l1_ref, rollup};

const CHANNEL_TIMEOUT: u64 = 12;

static BLOCKS: LazyLock<Vec<Arc<Block>>> = LazyLock::new(|| {
    let mut users = Users::new(3, 1);
    chain(120, |number| (0..number % 4).map(|_| users.any()).collect())
});

#[derive(Debug, Clone)]
enum Step {
    /// The L2 grows.
    Grow(usize),
    /// The L1 includes up to so many transactions in a block.
    Mine(usize),
    /// Derivation goes on by up to so many L1 blocks.
    Derive(u64),
    /// News of inclusions arrive.
    News(usize),
    /// So many actions are carried out; compressed channels and blocks arrive at once.
    Act(usize),
    /// The process dies and starts again.
    Crash,
    ReorgL1(usize),
    ReorgL2(u64),
    Flush,
    /// The blob base fee jumps.
    BlobPrice(bool),
}

type Payload = Vec<Bytes>;

#[derive(Debug, Clone)]
enum News {
    Included(u64, u64),
    Excluded(u64),
}

/// Everything outside of the state machine.
struct World {
    rollup: Arc<RollupConfig>,
    /// The canonical L2 from genesis on.
    l2: Vec<Arc<Block>>,
    forks: u8,
    /// The L1: nonces per block; a block's number is its index. Payloads are in `sent`.
    l1: Vec<Vec<u64>>,
    /// What every nonce ever carried.
    sent: BTreeMap<u64, (DaKind, Payload)>,
    /// Nonces that a reorganisation took out of the L1, of which the machine learns later.
    returned: HashSet<u64>,
    /// The L1's pool.
    pool: BTreeMap<u64, ()>,
    /// What this run has asked for.
    watched: HashSet<u64>,
    news: VecDeque<News>,
    journal: Vec<Record>,
    /// Nonces below this one may be forgotten: when the L1 takes even those back, they are filled.
    forgotten: u64,
    derived_to: u64,
    blob_base_fee: u128,
}

impl World {
    fn new() -> Self {
        let mut rollup = rollup();
        rollup.channel_timeout = CHANNEL_TIMEOUT;
        Self {
            rollup: Arc::new(rollup),
            l2: vec![Arc::new(support::genesis_block())],
            forks: 0,
            l1: vec![Vec::new()],
            sent: BTreeMap::new(),
            returned: HashSet::new(),
            pool: BTreeMap::new(),
            watched: HashSet::new(),
            news: VecDeque::new(),
            journal: Vec::new(),
            forgotten: 0,
            derived_to: 0,
            blob_base_fee: 1,
        }
    }

    fn conditions(&self) -> L1Conditions {
        L1Conditions {
            head: self.l1.len() as u64 - 1,
            base_fee: 10,
            blob_base_fee: Some(self.blob_base_fee),
        }
    }

    fn count(&self) -> u64 {
        self.l1.iter().map(Vec::len).sum::<usize>() as u64
    }

    fn start(&mut self) -> Core {
        self.news.clear();
        self.watched.clear();
        let entries = self.journal.iter().cloned().map(|record| match record {
            Record::Channel { seq, channel } => Entry::Channel(seq, channel.info()),
            Record::Transaction(transaction) => Entry::Transaction(transaction),
            Record::Rewind { from } => Entry::Rewind { from },
        });
        let channel = ChannelConfig {
            target_bytes: 2_500,
            max_duration: 3,
            quality: 2,
            ..ChannelConfig::default()
        };
        let posting = PostingConfig {
            mode: DaMode::Auto,
            calldata_bytes: 1_000,
            max_in_flight: 6,
            retain: 6,
            ..PostingConfig::default()
        };
        let mut core = Core::new(
            channel,
            posting,
            self.rollup.clone(),
            Start {
                entries: entries.collect(),
                nonce: self.count(),
                l1: self.conditions(),
            },
        );
        core.on_verified(self.head());
        self.check_tips(&mut core);
        core
    }

    fn head(&self) -> u64 {
        self.l2.len() as u64 - 1
    }

    fn grow(&mut self, blocks: usize) {
        for _ in 0..blocks {
            let number = self.head() + 1;
            let Some(template) = BLOCKS.get(number as usize - 1) else {
                return;
            };
            let users = template.transactions.iter().filter(|tx| !tx.is_deposit());
            let parent = self.l2.last().unwrap();
            let block = child(
                parent,
                number / 6,
                number % 6,
                users.cloned().collect(),
                self.forks,
            );
            self.l2.push(Arc::new(block));
        }
    }

    fn check_tips(&self, core: &mut Core) {
        let gone = core.tips().into_iter().filter(|tip| {
            self.l2
                .get(tip.number as usize)
                .map(|block| block.block_ref())
                != Some(*tip)
        });
        core.on_gone(&gone.collect());
    }

    fn mine(&mut self, most: usize) {
        let number = self.l1.len() as u64;
        let mut block = Vec::new();
        while block.len() < most
            && self
                .pool
                .remove(&(self.count() + block.len() as u64))
                .is_some()
        {
            let nonce = self.count() + block.len() as u64;
            block.push(nonce);
            if self.watched.contains(&nonce) {
                self.news.push_back(News::Included(nonce, number));
            }
        }
        self.l1.push(block);
    }

    fn reorg_l1(&mut self, depth: usize) {
        for _ in 0..depth.min(self.l1.len() - 1) {
            for nonce in self.l1.pop().unwrap() {
                self.returned.insert(nonce);
                // The L1 need not remember; whoever wants it in must send it again. Half of the time it does.
                if nonce % 2 == 0 {
                    self.pool.insert(nonce, ());
                }
            }
        }
        self.news.push_back(News::Excluded(self.count()));
        self.derived_to = self.derived_to.min(self.l1.len() as u64 - 1);
    }

    fn send(&mut self, core: &Core, nonce: u64) {
        let transaction = core.transaction(nonce).unwrap();
        let channel = |seq: u64| {
            self.journal.iter().find_map(|record| match record {
                Record::Channel { seq: at, channel } if *at == seq => {
                    Some((channel.id, channel.data.clone()))
                }
                _ => None,
            })
        };
        let payload: Payload = transaction
            .payloads
            .iter()
            .map(|pieces| assemble(pieces, channel).unwrap())
            .collect();
        let recorded = self
            .journal
            .iter()
            .any(|record| matches!(record, Record::Transaction(on_disk) if on_disk == transaction));
        assert!(recorded, "nonce {nonce} is sent before it is recorded");
        let filler = payload == [Bytes::from(vec![0])] && nonce < self.forgotten;
        match self.sent.insert(nonce, (transaction.kind, payload.clone())) {
            Some(before) if !filler => {
                assert_eq!(
                    before,
                    (transaction.kind, payload),
                    "nonce {nonce} has changed"
                );
            }
            Some(_) => {}
            None => {
                let mut pool = self
                    .pool
                    .keys()
                    .filter(|other| !self.returned.contains(other));
                let other = pool.find(|other| self.sent[other].0 != transaction.kind);
                assert_eq!(other, None, "both kinds are in the pool");
            }
        }
        self.watched.insert(nonce);
        if nonce >= self.count() {
            self.pool.insert(nonce, ());
        } else {
            let at = self
                .l1
                .iter()
                .position(|block| block.contains(&nonce))
                .unwrap();
            self.news.push_back(News::Included(nonce, at as u64));
        }
    }

    /// Carries an action out. False when the machine has nothing to do.
    fn act(&mut self, core: &mut Core) -> bool {
        let Some(action) = core.next_action() else {
            return false;
        };
        match action {
            Action::Load {
                generation,
                from,
                to,
            } => {
                let end = self.l2.len().min(to as usize + 1);
                let blocks = self.l2.get(from as usize..end).unwrap_or_default().to_vec();
                if core.on_blocks(generation, blocks).is_err() {
                    self.check_tips(core);
                }
            }
            Action::Compress {
                generation,
                channel,
            } => {
                core.on_compressed(generation, channel.compress(2));
            }
            Action::Record(record) => self.journal.push(record),
            Action::Send(nonce) => self.send(core, nonce),
            Action::Prune { channels, nonces } => {
                self.forgotten = nonces;
                self.journal.retain(|record| match record {
                    Record::Channel { seq, .. } => *seq >= channels,
                    Record::Transaction(transaction) => transaction.nonce >= nonces,
                    Record::Rewind { .. } => true,
                });
            }
        }
        true
    }

    /// Carries out everything that there is to do. With nothing new to be told of there is an end to it.
    fn settle(&mut self, core: &mut Core) {
        let mut acts = 0;
        while self.act(core) {
            acts += 1;
            assert!(acts < 10_000, "it never rests: {:?}", core.status());
        }
    }

    fn tell_news(&mut self, core: &mut Core, most: usize) {
        for news in self.news.drain(..most.min(self.news.len())) {
            match news {
                News::Included(nonce, block) => core.on_included(nonce, block),
                News::Excluded(from) => core.on_excluded(from),
            }
        }
    }

    /// Derives everything below `derived_to`, from nothing: Holocene's rules for frames and span batches.
    fn safe(&self) -> BlockRef {
        let mut safe = 0u64;
        let mut open: Option<(ChannelId, u16, u64, Vec<u8>)> = None;
        for (number, block) in self.l1.iter().enumerate().take(self.derived_to as usize) {
            let payloads = block.iter().flat_map(|nonce| &self.sent[nonce].1);
            for frame in payloads.flat_map(|payload| decode_frames(payload).unwrap_or_default()) {
                let number = number as u64;
                open = open.filter(|(_, _, opened, _)| number <= opened + CHANNEL_TIMEOUT);
                if frame.number == 0 {
                    open = Some((frame.channel, 0, number, Vec::new()));
                }
                let Some((id, next, _, data)) = &mut open else {
                    continue;
                };
                if (*id, *next) != (frame.channel, frame.number) {
                    continue;
                }
                *next += 1;
                data.extend_from_slice(&frame.data);
                if frame.is_last {
                    self.apply(&mut safe, &open.take().unwrap().3);
                }
            }
        }
        self.l2[safe as usize].block_ref()
    }

    fn apply(&self, safe: &mut u64, channel: &[u8]) {
        let raw = decompress(channel);
        for batch in BatchReader::new(raw.data, SpanContext::of(&self.rollup)) {
            let Batch::Span(span) = batch.unwrap() else {
                panic!("a singular batch");
            };
            let first = (span.blocks[0].timestamp - self.rollup.genesis.l2_time) / 2;
            let parent = self.l2.get(first as usize - 1);
            if first > *safe + 1
                || !parent.is_some_and(|parent| span.check_parent_hash(parent.hash()))
            {
                return;
            }
            for (number, derived) in (first..).zip(&span.blocks) {
                // A block of another fork stands for one whose origin the L1 has taken back.
                let Some(block) = self.l2.get(number as usize) else {
                    return;
                };
                let place = L2BlockRef::of_block(block, &self.rollup.genesis).unwrap();
                let users = block.transactions.iter().filter(|tx| !tx.is_deposit());
                if derived.epoch_number != place.l1_origin.number
                    || !derived.transactions.iter().eq(users.map(|tx| tx.encoded()))
                {
                    return;
                }
                *safe = (*safe).max(number);
            }
        }
    }

    fn tell_derivation(&self, core: &mut Core) {
        core.on_derivation(DerivationStatus {
            current_l1: L1BlockRef {
                hash: l1_ref(self.derived_to).hash,
                number: self.derived_to,
                ..L1BlockRef::default()
            },
            safe: self.safe(),
        });
    }

    fn step(&mut self, core: &mut Core, step: Step) {
        match step {
            Step::Grow(blocks) => {
                self.grow(blocks);
                core.on_verified(self.head());
            }
            Step::Mine(most) => {
                self.mine(most);
                core.on_l1(self.conditions());
            }
            Step::Derive(blocks) => {
                self.derived_to = (self.derived_to + blocks).min(self.l1.len() as u64 - 1);
                self.tell_derivation(core);
            }
            Step::News(most) => self.tell_news(core, most),
            Step::Act(most) => {
                for _ in 0..most {
                    if !self.act(core) {
                        break;
                    }
                }
            }
            Step::Crash => *core = self.start(),
            Step::ReorgL1(depth) => {
                self.reorg_l1(depth);
                core.on_l1(self.conditions());
            }
            Step::ReorgL2(depth) => {
                let keep = self.safe().number.max(self.head().saturating_sub(depth));
                self.l2.truncate(keep as usize + 1);
                self.forks += 1;
                core.on_verified(keep);
                self.check_tips(core);
            }
            Step::Flush => {
                core.flush();
            }
            Step::BlobPrice(dear) => {
                self.blob_base_fee = if dear { 1_000_000 } else { 1 };
                core.on_l1(self.conditions());
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1usize..6).prop_map(Step::Grow),
        8 => (0usize..5).prop_map(Step::Mine),
        6 => (1u64..5).prop_map(Step::Derive),
        6 => (1usize..6).prop_map(Step::News),
        16 => (1usize..12).prop_map(Step::Act),
        2 => Just(Step::Crash),
        1 => (1usize..5).prop_map(Step::ReorgL1),
        1 => (1u64..12).prop_map(Step::ReorgL2),
        1 => Just(Step::Flush),
        1 => any::<bool>().prop_map(Step::BlobPrice),
    ]
}

/// Whatever the steps were: left alone afterwards, the batcher gets everything derived and comes to rest.
fn everything_is_derived_after(steps: Vec<Step>) {
    let mut world = World::new();
    let mut core = world.start();
    world.tell_derivation(&mut core);
    for step in steps {
        world.step(&mut core, step);
    }
    world.grow(1);
    core.on_verified(world.head());
    for _ in 0..120 {
        world.tell_news(&mut core, usize::MAX);
        core.on_tick();
        world.settle(&mut core);
        world.step(&mut core, Step::Mine(8));
        world.step(&mut core, Step::Derive(8));
    }
    assert_eq!(world.safe().number, world.head(), "{:?}", core.status());
    assert_eq!(core.posted(), world.head());
    assert_eq!(core.status().in_flight, 0);
}

/// The L2 takes blocks back that were encoded, and the L1 what it had of others: the channels that are left begin beyond the safe
/// block, and encoding must not go on after them.
#[test]
fn a_hole_before_the_channels_that_are_left_is_filled() {
    use Step::{Act, BlobPrice, Derive, Flush, Grow, Mine, News, ReorgL1, ReorgL2};
    let before = [Grow(3), Flush, Act(3), BlobPrice(true), Act(4), ReorgL2(1)];
    let posted = [Mine(2), Grow(1), Grow(1), Mine(0), Derive(2), ReorgL1(2)];
    let after = [
        Grow(4),
        Grow(2),
        Grow(5),
        Grow(2),
        Grow(5),
        News(1),
        Grow(1),
    ];
    everything_is_derived_after(before.into_iter().chain(posted).chain(after).collect());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_everything_is_derived_in_the_end(steps in prop::collection::vec(step(), 1..150)) {
        everything_is_derived_after(steps);
    }

    #[test]
    fn without_disturbance_nothing_is_posted_twice(steps in prop::collection::vec(step(), 1..100)) {
        let mut world = World::new();
        let mut core = world.start();
        world.tell_derivation(&mut core);
        for step in steps {
            if !matches!(step, Step::ReorgL1(_) | Step::ReorgL2(_)) {
                world.step(&mut core, step);
                // Quick enough for the channel timeout.
                world.tell_news(&mut core, usize::MAX);
                world.settle(&mut core);
                world.step(&mut core, Step::Mine(20));
                world.step(&mut core, Step::Derive(20));
            }
        }
        let rewinds = world.journal.iter().filter(|record| matches!(record, Record::Rewind { .. }));
        prop_assert_eq!(rewinds.count(), 0);
        for _ in 0..20 {
            world.tell_news(&mut core, usize::MAX);
            world.settle(&mut core);
            world.step(&mut core, Step::Mine(20));
            world.step(&mut core, Step::Derive(20));
        }
        prop_assert_eq!(world.safe().number, world.head());
        // Settled things are forgotten.
        prop_assert!(world.journal.len() <= 2, "{} records are left", world.journal.len());
    }
}
