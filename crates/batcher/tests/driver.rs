//! The task on a real chain, while the test plays derivation and the L1.

#[allow(dead_code, reason = "each test uses a part of it")]
mod support;

use alloy_primitives::Bytes;
use openledger_batcher::{
    Batcher, BatcherConfig, BatcherError, BatcherInputs, DaMode, DerivationStatus, Payload, Post,
    PostEvent, Posts,
};
use openledger_chain::{Chain, ChainConfig};
use openledger_genesis::RollupConfig;
use openledger_l1::L1View;
use openledger_primitives::{Block, BlockChanges, Tx};
use openledger_protocol::{
    Batch, BatchReader, L1Block, L1BlockRef, SpanContext, decode_frames, decompress,
};
use openledger_storage::{Database, DatabaseOptions, ExecutedBlock};
use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};
use support::{Users, extend, l1_ref, rollup};
use tokio::sync::{mpsc, watch};

/// How long a story waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(60);

#[track_caller]
fn soon<T>(what: impl Future<Output = T>) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let result = tokio::time::timeout(PATIENCE, what).await;
        result.unwrap_or_else(|_| panic!("{caller}: it does not happen"))
    }
}

/// What outlives the batcher.
struct World {
    directory: tempfile::TempDir,
    chain: Arc<Chain>,
    rollup: Arc<RollupConfig>,
    users: Users,
    verified: watch::Sender<u64>,
    derivation: watch::Sender<Option<DerivationStatus>>,
    l1: watch::Sender<L1View>,
    /// What each nonce was first asked to carry.
    asked: BTreeMap<u64, Payload>,
}

struct Running {
    batcher: Arc<Batcher>,
    posts: mpsc::UnboundedReceiver<Post>,
    events: mpsc::UnboundedSender<PostEvent>,
}

fn view(number: u64) -> L1View {
    let head = L1Block {
        number,
        hash: l1_ref(number).hash,
        parent_hash: l1_ref(number.saturating_sub(1)).hash,
        timestamp: 1_000 + number,
        base_fee: 10,
        excess_blob_gas: Some(0),
        blob_base_fee: 1,
        prev_randao: Default::default(),
        parent_beacon_block_root: Default::default(),
        receipts_root: Default::default(),
        gas_limit: 30_000_000,
    };
    L1View {
        head,
        safe: None,
        finalized: None,
    }
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let genesis: alloy_genesis::Genesis = serde_json::from_value(serde_json::json!({
            "config": { "chainId": 901, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true },
            "timestamp": "0x3e8", "gasLimit": "0x3938700", "difficulty": "0x0", "alloc": {},
        }))
        .unwrap();
        let path = directory.path().join("db");
        let db = Database::open(path, &DatabaseOptions::default()).unwrap();
        let chain = Chain::open(db, &genesis, ChainConfig::default()).unwrap();
        let mut rollup = rollup();
        rollup.genesis.l2 = chain.genesis();
        Self {
            directory,
            chain,
            rollup: Arc::new(rollup),
            users: Users::new(5, 1),
            verified: watch::Sender::new(0),
            derivation: watch::Sender::new(None),
            l1: watch::Sender::new(view(1)),
            asked: BTreeMap::new(),
        }
    }

    async fn start(&self, nonce: u64) -> Running {
        let (requests, posts) = mpsc::unbounded_channel();
        let (events, event_receiver) = mpsc::unbounded_channel();
        let mut config =
            BatcherConfig::new(self.rollup.clone(), self.directory.path().join("batcher"));
        config.posting.mode = DaMode::Calldata;
        config.posting.calldata_bytes = 1_000;
        config.channel.target_bytes = 3_000;
        config.channel.max_duration = 3;
        config.throttle.threshold_bytes = 100_000;
        let inputs = BatcherInputs {
            chain: self.chain.clone(),
            verified: self.verified.subscribe(),
            derivation: self.derivation.subscribe(),
            l1: self.l1.subscribe(),
            posts: Posts {
                requests,
                events: event_receiver,
                nonce,
            },
        };
        Running {
            batcher: Arc::new(Batcher::start(config, inputs).await.unwrap()),
            posts,
            events,
        }
    }

    /// Appends blocks and lets them leave.
    fn grow(&mut self, blocks: u64) {
        self.grow_with(blocks, |_| 3);
    }

    /// The same with so many transactions in the block of a number.
    fn grow_with(&mut self, blocks: u64, transactions: impl Fn(u64) -> usize) {
        let head = Arc::new(self.chain.head().block.clone());
        let users = &mut self.users;
        let block = |number| (0..transactions(number)).map(|_| users.any()).collect();
        for block in extend(head, blocks, block) {
            let mut executed =
                ExecutedBlock::new((*block).clone(), Vec::new(), BlockChanges::default());
            // Nothing is executed: the state stays as it is.
            executed.trie.root = block.header.state_root;
            self.chain.append(Arc::new(executed)).unwrap();
        }
        self.verified.send_replace(self.chain.head().number());
    }

    fn derive(&self, safe: u64, current_l1: u64) {
        self.derivation.send_replace(Some(DerivationStatus {
            current_l1: L1BlockRef {
                number: current_l1,
                ..L1BlockRef::default()
            },
            safe: self.block(safe).block_ref(),
        }));
    }

    fn block(&self, number: u64) -> Arc<Block> {
        self.chain.block(number).unwrap().unwrap()
    }

    /// Waits for a transaction; a nonce that was asked for before must carry the same.
    async fn next(&mut self, running: &mut Running) -> (u64, Payload) {
        loop {
            let Some(post) = running.posts.recv().await else {
                // It has ended; whoever waits for more has its own patience.
                return std::future::pending().await;
            };
            if let Post::Send { nonce, payload } = post {
                let first = self.asked.entry(nonce).or_insert_with(|| payload.clone());
                assert_eq!(*first, payload, "nonce {nonce} carries something else");
                return (nonce, payload);
            }
        }
    }

    /// The transactions of the blocks that all payloads so far make complete, block by block from 1 on.
    fn read(&self) -> Vec<Vec<Bytes>> {
        let mut blocks = Vec::new();
        let mut channel = Vec::new();
        for (index, payload) in self.asked.values().enumerate() {
            assert!(
                self.asked.contains_key(&(index as u64)),
                "a nonce is left out"
            );
            let Payload::Calldata(payload) = payload else {
                panic!("blobs");
            };
            for frame in decode_frames(payload).unwrap() {
                channel.extend_from_slice(&frame.data);
                if frame.is_last {
                    let raw = decompress(&std::mem::take(&mut channel));
                    let context = SpanContext::of(&self.rollup);
                    for batch in BatchReader::new(raw.data, context) {
                        let Batch::Span(span) = batch.unwrap() else {
                            panic!("a singular batch");
                        };
                        blocks.extend(span.blocks.into_iter().map(|block| block.transactions));
                    }
                }
            }
        }
        blocks
    }

    fn expected(&self, to: u64) -> Vec<Vec<Bytes>> {
        let users = |block: &Block| {
            let users = block.transactions.iter().filter(|tx| !tx.is_deposit());
            users.map(Tx::encoded).cloned().collect()
        };
        (1..=to).map(|number| users(&self.block(number))).collect()
    }

    /// Includes everything that is asked for until `until` is done.
    async fn include<T>(&mut self, running: &mut Running, until: impl Future<Output = T>) -> T {
        tokio::pin!(until);
        let events = running.events.clone();
        // The next block of the L1, which derivation has not seen.
        let l1_block = self.l1.borrow().head.number + 1;
        soon(async {
            loop {
                tokio::select! {
                    result = &mut until => return result,
                    (nonce, _) = self.next(running) => {
                        events.send(PostEvent::Included { nonce, l1_block }).unwrap();
                    }
                }
            }
        })
        .await
    }
}

/// Asks for a flush without borrowing the batcher.
fn flush(running: &mut Running) -> impl Future<Output = Result<u64, BatcherError>> + use<> {
    let batcher = running.batcher.clone();
    async move { batcher.flush().await }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flush_is_done_when_every_block_is_included() {
    let mut world = World::new();
    world.grow(20);
    world.derive(0, 1);
    let mut running = world.start(0).await;
    let flushing = flush(&mut running);
    assert_eq!(world.include(&mut running, flushing).await.unwrap(), 20);
    assert_eq!(world.read(), world.expected(20));
    assert!(world.asked.len() > 3);
    // The rest goes at the end.
    world.grow(2);
    let mut status = running.batcher.status();
    soon(status.wait_for(|status| status.encoded == 22))
        .await
        .unwrap();
    let batcher = running.batcher.clone();
    let stopping = async move { batcher.shutdown(PATIENCE).await };
    world.include(&mut running, stopping).await.unwrap();
    assert_eq!(world.read(), world.expected(22));
}

/// Six hours in which the L1 took nothing, with a block a second and a transaction in every fourth.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_of_six_hours_is_drained_and_holds_the_sequencer_back_meanwhile() {
    const BLOCKS: u64 = 6 * 3_600;
    let mut world = World::new();
    world.grow_with(BLOCKS, |number| usize::from(number % 4 == 0));
    world.derive(0, 1);
    let mut running = world.start(0).await;
    let throttle = running.batcher.throttle();
    let mut status = running.batcher.status();
    soon(status.wait_for(|_| throttle.active())).await.unwrap();
    let flushing = flush(&mut running);
    let posted = world.include(&mut running, flushing).await.unwrap();
    assert_eq!(posted, BLOCKS);
    assert!(world.read() == world.expected(BLOCKS));
    soon(status.wait_for(|_| !throttle.active())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_run_sends_the_same_payloads_at_the_same_nonces() {
    let mut world = World::new();
    world.grow(20);
    world.derive(0, 1);
    let mut running = world.start(0).await;
    for _ in 0..3 {
        world.next(&mut running).await;
    }
    drop(running);
    // The L1 has taken the first.
    let mut running = world.start(1).await;
    let (nonce, _) = world.next(&mut running).await;
    assert_eq!(nonce, 1);
    running
        .events
        .send(PostEvent::Included { nonce, l1_block: 2 })
        .unwrap();
    let flushing = flush(&mut running);
    assert_eq!(world.include(&mut running, flushing).await.unwrap(), 20);
    assert_eq!(world.read(), world.expected(20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_journal_encoding_begins_where_derivation_has_seen_the_l1() {
    let mut world = World::new();
    world.grow(4);
    world.l1.send_replace(view(9));
    world.derive(1, 8);
    let mut running = world.start(0).await;
    let mut status = running.batcher.status();
    // What an earlier batcher posted shows in L1 block 9.
    world.derive(3, 9);
    soon(status.wait_for(|status| status.encoded == 4))
        .await
        .unwrap();
    let flushing = flush(&mut running);
    world.include(&mut running, flushing).await.unwrap();
    assert_eq!(world.read(), world.expected(4)[3..]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_derivation_does_not_accept_is_posted_again() {
    let mut world = World::new();
    world.grow(2);
    world.derive(0, 1);
    let mut running = world.start(0).await;
    let flushing = flush(&mut running);
    world.include(&mut running, flushing).await.unwrap();
    let posted = world.asked.len();
    // Included in block 2, which derivation has passed; only the first block became safe.
    world.l1.send_replace(view(4));
    world.derive(1, 4);
    let mut status = running.batcher.status();
    soon(status.wait_for(|status| status.safe == 1))
        .await
        .unwrap();
    let flushing = flush(&mut running);
    world.include(&mut running, flushing).await.unwrap();
    assert!(world.asked.len() > posted);
    let expected = world.expected(2);
    assert_eq!(world.read(), [&expected[..], &expected[1..]].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_batcher_takes_nothing_in_and_is_not_flushed() {
    let mut world = World::new();
    world.derive(0, 1);
    let mut running = world.start(0).await;
    let batcher = running.batcher.clone();
    assert!(matches!(batcher.resume().await, Err(BatcherError::Running)));
    batcher.pause().await.unwrap();
    assert!(matches!(batcher.pause().await, Err(BatcherError::Paused)));
    world.grow(5);
    assert!(matches!(batcher.flush().await, Err(BatcherError::Paused)));
    assert!(matches!(
        batcher.begin_flush().await,
        Err(BatcherError::Paused)
    ));
    assert_eq!(running.batcher.status().borrow().encoded, 0);
    assert!(running.batcher.status().borrow().paused);
    batcher.resume().await.unwrap();
    // It answers before the L1 has anything, and the L1 gets everything.
    assert_eq!(batcher.begin_flush().await.unwrap(), 5);
    assert!(world.asked.is_empty());
    let flushing = flush(&mut running);
    assert_eq!(world.include(&mut running, flushing).await.unwrap(), 5);
    batcher.pause().await.unwrap();
    batcher.shutdown(PATIENCE).await.unwrap();
    assert!(matches!(batcher.flush().await, Err(BatcherError::Ended)));
    assert!(matches!(batcher.resume().await, Err(BatcherError::Ended)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_ends_at_its_deadline() {
    let mut world = World::new();
    world.grow(1);
    world.derive(0, 1);
    let running = world.start(0).await;
    let mut status = running.batcher.status();
    soon(status.wait_for(|status| status.encoded == 1))
        .await
        .unwrap();
    let result = running.batcher.shutdown(Duration::from_millis(10)).await;
    assert!(
        matches!(
            result,
            Err(BatcherError::Deadline {
                posted: 0,
                target: 1
            })
        ),
        "{result:?}"
    );
}
