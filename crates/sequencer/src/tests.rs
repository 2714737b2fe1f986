//! Stories of the sequencer on a real chain and a scripted L1.

mod adoption;
mod drift;
mod operator;

use crate::{
    Clock, Origins, Sequencer, SequencerConfig, Wake,
    attributes::{block_attributes, start_record},
    rebuild,
};
use alloy_consensus::{Header, SignableTransaction, TxEip1559, TxReceipt};
use alloy_eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy_network::TxSignerSync;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use openledger_chain::{Chain, ChainConfig, ChainEvent};
use openledger_derivation::{L2Head, PayloadAttributes, prepare};
use openledger_devnet::{DevAccount, L2GenesisConfig, dev_accounts, l2_genesis};
use openledger_execution::{
    BlockAttributes, BlockExecution, ExecutedPayload, StateSource, header_without_roots,
    history_slot, verify_block,
};
use openledger_genesis::{OpFork, RollupConfig};
use openledger_pool::{AccountView, Pool, PoolConfig};
use openledger_primitives::{BlockRef, PooledTx, Tx, TxEnvelope};
use openledger_protocol::{ConfigUpdate, L1Block, L1Inputs, L2BlockRef};
use openledger_storage::{BlockLog, BlockStart, Database, DatabaseOptions, LogRecord};
use parking_lot::RwLock;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::broadcast::Receiver;

/// How long a story waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// An L1 that does what the test says.
struct ScriptedL1 {
    blocks: RwLock<Vec<L1Block>>,
    /// What users deposit, by L1 height.
    deposits: RwLock<BTreeMap<u64, Vec<Tx>>>,
    /// How the owner changes the configuration, by L1 height.
    updates: RwLock<BTreeMap<u64, Vec<ConfigUpdate>>>,
    /// Nobody is told of either.
    withheld: AtomicBool,
    /// Told of every L1 block whose withheld inputs somebody asks for.
    asked: RwLock<Option<crossbeam_channel::Sender<u64>>>,
    reorgs: AtomicU64,
}

impl ScriptedL1 {
    fn new(time: u64) -> Self {
        Self {
            blocks: RwLock::new(vec![l1_block(0, 0, B256::ZERO, time)]),
            deposits: RwLock::default(),
            updates: RwLock::default(),
            withheld: AtomicBool::new(false),
            asked: RwLock::default(),
            reorgs: AtomicU64::new(0),
        }
    }

    fn extend(&self, fork: u8) {
        self.extend_after(fork, 1);
    }

    /// A block so many seconds after the newest one.
    fn extend_after(&self, fork: u8, seconds: u64) {
        let mut blocks = self.blocks.write();
        let parent = blocks[blocks.len() - 1];
        blocks.push(l1_block(
            fork,
            parent.number + 1,
            parent.hash,
            parent.timestamp + seconds,
        ));
    }

    /// Replaces the blocks above `keep`.
    fn reorganise(&self, keep: u64, fork: u8) {
        let mut blocks = self.blocks.write();
        let height = blocks.len() as u64 - 1;
        blocks.truncate(keep as usize + 1);
        drop(blocks);
        (keep..height + 1).for_each(|_| self.extend(fork));
        self.reorgs.fetch_add(1, Ordering::Release);
    }

    /// Takes the blocks above `keep` back without any in their place.
    fn shorten(&self, keep: u64) {
        self.blocks.write().truncate(keep as usize + 1);
        self.reorgs.fetch_add(1, Ordering::Release);
    }
}

fn l1_block(fork: u8, number: u64, parent_hash: B256, timestamp: u64) -> L1Block {
    let mut hash = B256::with_last_byte(fork);
    hash[..8].copy_from_slice(&(number + 1).to_be_bytes());
    L1Block {
        number,
        hash,
        parent_hash,
        timestamp,
        base_fee: 1_000_000_000,
        excess_blob_gas: Some(0),
        blob_base_fee: 1,
        prev_randao: hash,
        parent_beacon_block_root: hash,
        receipts_root: B256::ZERO,
        gas_limit: 30_000_000,
    }
}

impl Origins for ScriptedL1 {
    fn block(&self, number: u64) -> Option<L1Block> {
        self.blocks.read().get(number as usize).copied()
    }

    fn head(&self) -> Option<L1Block> {
        self.blocks.read().last().copied()
    }

    fn inputs(&self, block: &L1Block) -> Option<Arc<L1Inputs>> {
        if self.withheld.load(Ordering::Acquire) {
            if let Some(asked) = &*self.asked.read() {
                let _ = asked.send(block.number);
            }
            return None;
        }
        let number = block.number;
        Some(Arc::new(L1Inputs {
            block: *block,
            deposits: self
                .deposits
                .read()
                .get(&number)
                .cloned()
                .unwrap_or_default(),
            config_updates: self
                .updates
                .read()
                .get(&number)
                .cloned()
                .unwrap_or_default(),
        }))
    }

    fn is_gone(&self, block: BlockRef) -> bool {
        self.block(block.number)
            .is_some_and(|found| found.hash != block.hash)
    }

    fn reorgs(&self) -> u64 {
        self.reorgs.load(Ordering::Acquire)
    }
}

/// A chain in a directory, and an L1.
struct World {
    dir: tempfile::TempDir,
    l1: Arc<ScriptedL1>,
    rollup: Arc<RollupConfig>,
    genesis: alloy_genesis::Genesis,
    accounts: Vec<DevAccount>,
}

impl World {
    fn new() -> Self {
        Self::founded(0)
    }

    /// Its first L1 block and its genesis are so many seconds old.
    fn founded(seconds_ago: u64) -> Self {
        let now = Clock::wall().now() - seconds_ago;
        let l1 = Arc::new(ScriptedL1::new(now));
        let accounts = dev_accounts(4).unwrap();
        let made = l2_genesis(&L2GenesisConfig {
            fork: OpFork::Jovian,
            l1_chain_id: 900,
            l1: l1.block(0).unwrap().id(),
            l1_time: now,
            block_time: 1,
            gas_limit: 60_000_000,
            elasticity: 6,
            seq_window: 3600,
            accounts: accounts.clone(),
            batcher: Address::with_last_byte(1),
            owner: Address::with_last_byte(2),
            alloc: Default::default(),
        })
        .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut rollup = made.rollup;
        let genesis = made.genesis;
        let chain = open_chain(&dir.path().join("db"), &genesis);
        rollup.genesis.l2 = chain.genesis();
        Self {
            dir,
            l1,
            rollup: Arc::new(rollup),
            genesis,
            accounts,
        }
    }

    fn chain(&self) -> Arc<Chain> {
        open_chain(&self.dir.path().join("db"), &self.genesis)
    }

    fn log_dir(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    fn config(&self) -> SequencerConfig {
        SequencerConfig {
            rollup: self.rollup.clone(),
            log_dir: self.log_dir(),
            l1_confs: 0,
            max_group: 64,
            clock: Clock::wall(),
            producing: true,
            da_limits: None,
            on_verified: None,
            on_failed: None,
        }
    }

    fn run(&self) -> Result<Running, crate::SequencerError> {
        self.run_with(|_| {})
    }

    fn run_with(
        &self,
        change: impl FnOnce(&mut SequencerConfig),
    ) -> Result<Running, crate::SequencerError> {
        let mut config = self.config();
        change(&mut config);
        let chain = self.chain();
        let events = chain.subscribe();
        let pool = Arc::new(Pool::new(chain.spec().clone(), PoolConfig::default()));
        let wake = Arc::new(Wake::default());
        pool.set_ready_listener({
            let wake = wake.clone();
            move || wake.raise()
        });
        let sequencer = Sequencer::start(
            config,
            chain.clone(),
            pool.clone(),
            self.l1.clone(),
            wake.clone(),
        )?;
        Ok(Running {
            chain,
            pool,
            events,
            sequencer,
            wake,
        })
    }

    fn tx(&self, from: usize, nonce: u64, to: TxKind, value: u64, input: Bytes) -> Tx {
        let mut tx = TxEip1559 {
            chain_id: 901,
            nonce,
            gas_limit: 200_000,
            max_fee_per_gas: 10_000_000_000,
            max_priority_fee_per_gas: 1_000_000,
            to,
            value: U256::from(value),
            access_list: Default::default(),
            input,
        };
        let signature = self.accounts[from]
            .signer
            .sign_transaction_sync(&mut tx)
            .unwrap();
        Tx::recover(TxEnvelope::Eip1559(tx.into_signed(signature))).unwrap()
    }

    fn transfer(&self, from: usize, nonce: u64) -> Tx {
        self.tx(
            from,
            nonce,
            TxKind::Call(Address::with_last_byte(0x77)),
            1,
            Bytes::new(),
        )
    }
}

fn open_chain(path: &std::path::Path, genesis: &alloy_genesis::Genesis) -> Arc<Chain> {
    let db = Database::open(path, &DatabaseOptions::default()).unwrap();
    Chain::open(db, genesis, ChainConfig::default()).unwrap()
}

struct Running {
    chain: Arc<Chain>,
    pool: Arc<Pool>,
    events: Receiver<ChainEvent>,
    sequencer: Sequencer,
    wake: Arc<Wake>,
}

impl Running {
    fn send(&self, tx: &Tx) {
        let state = self.chain.state_at(self.chain.head().number()).unwrap();
        let account = state.account(tx.signer()).unwrap().unwrap_or_default();
        let view = AccountView {
            nonce: account.nonce,
            balance: account.balance,
            ..Default::default()
        };
        self.pool
            .add(
                PooledTx {
                    tx: tx.clone(),
                    sidecar: None,
                },
                view,
            )
            .unwrap();
    }

    /// Waits for an event that the story needs.
    fn until<T>(&mut self, what: &str, mut found: impl FnMut(ChainEvent) -> Option<T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let wait = async {
                loop {
                    if let Some(value) = found(self.events.recv().await.unwrap()) {
                        return value;
                    }
                }
            };
            tokio::time::timeout(PATIENCE, wait)
                .await
                .unwrap_or_else(|_| panic!("{what} did not happen"))
        })
    }

    fn until_sealed(&mut self, tx: &Tx) -> u64 {
        let hash = tx.hash();
        self.until("the seal", |event| match event {
            ChainEvent::Committed(block) => block
                .block
                .transactions
                .iter()
                .any(|tx| tx.hash() == hash)
                .then(|| block.number()),
            _ => None,
        })
    }

    fn until_height(&mut self, height: u64) {
        self.until("the height", |event| match event {
            ChainEvent::Committed(block) => (block.number() >= height).then_some(()),
            _ => None,
        });
    }
}

#[test]
fn a_preconfirmed_transaction_is_sealed_at_the_same_place_and_stands_reexecution() {
    let world = World::new();
    let mut node = world.run().unwrap();
    let tx = world.transfer(0, 0);
    node.send(&tx);
    let hash = tx.hash();
    let (number, index) = node.until("the preconfirmation", |event| match event {
        ChainEvent::Preconfirmed(block, _) => {
            block.position(hash).map(|index| (block.number(), index))
        }
        _ => None,
    });
    assert_eq!(node.until_sealed(&tx), number);
    assert_eq!(node.chain.transaction(hash).unwrap(), Some((number, index)));
    node.until_height(number + 2);
    // The sealer does not go on before the block below is verified.
    assert!(node.sequencer.status().verified >= number);
    assert_eq!(node.sequencer.status().halted, None);
}

#[test]
fn a_transaction_can_read_the_hash_of_a_parent_that_is_still_being_sealed() {
    let world = World::new();
    let mut node = world.run().unwrap();
    // Stores BLOCKHASH(number - 1) at 0 and the history contract's answer for it at 1:
    // NUMBER-1 BLOCKHASH; mstore(0, NUMBER-1); staticcall(history, 0, 32, 32, 32); sstore(1, mload(32)).
    let mut init = vec![
        0x60, 1, 0x43, 0x03, 0x80, 0x40, 0x60, 0, 0x55, 0x60, 0, 0x52,
    ];
    init.extend([0x60, 32, 0x60, 32, 0x60, 32, 0x60, 0, 0x73]);
    init.extend(HISTORY_STORAGE_ADDRESS);
    init.extend([0x5a, 0xfa, 0x50, 0x60, 32, 0x51, 0x60, 1, 0x55, 0x00]);
    for nonce in 0..5 {
        let tx = world.tx(0, nonce, TxKind::Create, 0, init.clone().into());
        node.send(&tx);
        let number = node.until_sealed(&tx);
        let receipts = node.chain.receipts(number).unwrap().unwrap();
        let (_, index) = node.chain.transaction(tx.hash()).unwrap().unwrap();
        assert!(receipts[index].status(), "the deployment failed");
        let created = tx.signer().create(nonce);
        let state = node.chain.state_at(number).unwrap();
        let parent = node.chain.header(number - 1).unwrap().unwrap().seal();
        let expected = U256::from_be_bytes(parent.0);
        assert_eq!(state.storage(created, U256::ZERO).unwrap(), expected);
        assert_eq!(state.storage(created, U256::ONE).unwrap(), expected);
        let stored = state
            .storage(HISTORY_STORAGE_ADDRESS, history_slot(number - 1))
            .unwrap();
        assert_eq!(stored, expected);
    }
}

#[test]
fn a_stopped_sequencer_resumes_with_nothing_lost_and_no_height_twice() {
    let world = World::new();
    let mut sealed = Vec::new();
    for round in 0..3 {
        let mut node = world.run().unwrap();
        let tx = world.transfer(1, round);
        node.send(&tx);
        sealed.push((tx.hash(), node.until_sealed(&tx)));
        node.sequencer.stop();
        for (hash, number) in &sealed {
            assert_eq!(
                node.chain.transaction(*hash).unwrap().map(|(at, _)| at),
                Some(*number)
            );
        }
    }
}

#[test]
fn when_the_l1_takes_an_origin_back_its_blocks_are_retracted_and_their_transactions_come_again() {
    let world = World::new();
    let mut node = world.run().unwrap();
    (0..3).for_each(|_| world.l1.extend(1));
    let tx = world.transfer(2, 0);
    // The origin moves one a block; wait until blocks stand on L1 block 2 and later.
    node.until_height(4);
    node.send(&tx);
    let number = node.until_sealed(&tx);
    world.l1.reorganise(1, 2);
    node.wake.raise();
    let retracted = node.until("the retraction", |event| match event {
        ChainEvent::Retracted(blocks) => Some(blocks),
        _ => None,
    });
    assert!(
        retracted.iter().any(|block| block.number() == number),
        "block {number} stood on the lost origin"
    );
    node.until_sealed(&tx);
    node.sequencer.stop();
    assert_eq!(node.sequencer.status().halted, None);
    for number in 1..=node.chain.head().number() {
        let block = node.chain.block(number).unwrap().unwrap();
        verify_block(
            node.chain.spec(),
            node.chain.state_at(number - 1).unwrap(),
            &block,
            None,
        )
        .unwrap();
    }
}

#[test]
fn an_l1_that_becomes_shorter_before_it_takes_another_way_is_noticed() {
    let world = World::new();
    let mut node = world.run().unwrap();
    (0..2).for_each(|_| world.l1.extend(1));
    node.until_height(3);
    world.l1.shorten(1);
    node.wake.raise();
    let head = node.chain.head().number();
    node.until_height(head + 1);
    assert_eq!(
        node.chain.block(head).unwrap().map(|block| block.number()),
        Some(head),
        "nothing is gone for sure"
    );
    // Growing is no reorganisation to whoever follows the head.
    world.l1.extend(2);
    node.wake.raise();
    node.until("the retraction", |event| {
        matches!(event, ChainEvent::Retracted(_)).then_some(())
    });
    node.sequencer.stop();
    assert_eq!(node.sequencer.status().halted, None);
}

#[test]
fn another_l1_stops_production_and_takes_nothing_back() {
    let world = World::new();
    let mut node = world.run().unwrap();
    node.until_height(2);
    *world.l1.blocks.write() = vec![l1_block(9, 0, B256::ZERO, Clock::wall().now())];
    world.l1.reorgs.fetch_add(1, Ordering::Release);
    node.wake.raise();
    while node.sequencer.status().halted.is_none() {
        std::thread::yield_now();
    }
    node.sequencer.stop();
    assert!(
        node.sequencer
            .status()
            .halted
            .unwrap()
            .contains("another chain")
    );
    assert!(node.chain.head().number() >= 2);
}

#[test]
fn a_crash_between_the_start_of_a_block_and_the_seal_of_the_one_before_loses_neither() {
    let world = World::new();
    let txs = [world.transfer(0, 0), world.transfer(0, 1)];
    {
        let chain = world.chain();
        let (mut log, _) = BlockLog::open(world.log_dir()).unwrap();
        let head = chain.head();
        let first = next_block(&world, &chain, &head.block.header, head.hash());
        let state: Arc<dyn StateSource> = chain.state_at(0).unwrap();
        let mut execution =
            BlockExecution::begin(chain.spec().clone(), state, first.attributes.clone()).unwrap();
        for tx in first.payload.forced.iter().chain(&txs[..1]) {
            execution.execute(tx).unwrap();
        }
        let header = header_without_roots(chain.spec(), &execution.finish().unwrap());
        let second = next_block(&world, &chain, &header, B256::ZERO);
        for (block, tx) in [first, second].into_iter().zip(&txs) {
            log.append(&LogRecord::Start(block.start())).unwrap();
            let number = block.attributes.number;
            log.append(&LogRecord::Group {
                number,
                first: 1,
                transactions: vec![tx.clone()],
            })
            .unwrap();
        }
        log.sync().unwrap();
    }
    let mut node = world.run().unwrap();
    assert_eq!(node.until_sealed(&txs[0]), 1);
    assert_eq!(node.until_sealed(&txs[1]), 2);
    // What comes next is accepted by the log.
    let next = world.transfer(0, 2);
    node.send(&next);
    node.until_sealed(&next);
    node.sequencer.stop();
    let status = node.sequencer.status();
    assert_eq!(
        (status.halted, status.verified),
        (None, node.chain.head().number())
    );
}

/// A block that is to be made, as the log describes it.
struct Next {
    payload: PayloadAttributes,
    attributes: BlockAttributes,
}

/// The block on a header whose origin stays the rollup's first.
fn next_block(world: &World, chain: &Chain, parent: &Header, hash: B256) -> Next {
    let origin = world.l1.block(0).unwrap();
    let place = L2Head {
        block: L2BlockRef {
            hash,
            number: parent.number,
            parent_hash: parent.parent_hash,
            timestamp: parent.timestamp,
            l1_origin: origin.id(),
            sequence_number: parent.number,
        },
        config: world.rollup.genesis.system_config.clone(),
    };
    let payload = prepare(&world.rollup, &place, &origin, None);
    let attributes = block_attributes(chain.spec(), parent, hash, &payload).unwrap();
    Next {
        payload,
        attributes,
    }
}

impl Next {
    fn start(&self) -> BlockStart {
        start_record(&self.attributes, &self.payload, self.payload.forced.clone())
    }
}

/// Appends a block whose last receipt claims too much gas, as a builder with a leaking journal would make it.
fn append_wrong_block(world: &World, tx: &Tx) -> u64 {
    let chain = world.chain();
    let (mut log, recovered) = BlockLog::open(world.log_dir()).unwrap();
    let open = recovered.records.iter().any(|record| match record {
        LogRecord::Start(start) => start.number > chain.head().number(),
        _ => false,
    });
    assert!(!open, "the story needs a log without an open block");
    let head = chain.head();
    let next = next_block(world, &chain, &head.block.header, head.hash());
    let state: Arc<dyn StateSource> = chain.state_at(head.number()).unwrap();
    let mut execution =
        BlockExecution::begin(chain.spec().clone(), state, next.attributes.clone()).unwrap();
    for forced in &next.payload.forced {
        execution.execute(forced).unwrap();
    }
    execution.execute(tx).unwrap();
    let mut payload: ExecutedPayload = execution.finish().unwrap();
    payload.gas_used += 2_500;
    payload.receipts[1].cumulative_gas_used += 2_500;
    let wrong = chain.seal(payload).unwrap();
    for record in [
        LogRecord::Start(next.start()),
        LogRecord::Group {
            number: wrong.number(),
            first: 1,
            transactions: vec![tx.clone()],
        },
        LogRecord::Seal {
            number: wrong.number(),
            header: wrong.block.header.clone(),
        },
    ] {
        log.append(&record).unwrap();
    }
    log.sync().unwrap();
    chain.append(wrong.clone()).unwrap();
    chain.flush().unwrap();
    wrong.number()
}

#[test]
fn a_block_that_does_not_stand_reexecution_stops_production_also_after_a_restart_and_can_be_rebuilt()
 {
    let world = World::new();
    {
        let mut node = world.run().unwrap();
        node.until_height(1);
        node.sequencer.stop();
    }
    let tx = world.transfer(3, 0);
    let wrong = append_wrong_block(&world, &tx);

    let refused = world
        .run()
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(
        refused.contains("gasUsed") || refused.contains("gas"),
        "{refused}"
    );
    assert!(refused.contains(&format!("block {wrong}")), "{refused}");

    let report = rebuild(&world.config(), &world.chain()).unwrap();
    assert_eq!(report.from, Some(wrong));
    assert_eq!(report.changed.len(), 1);
    assert_eq!(report.changed[0].hash, tx.hash());
    assert_eq!(rebuild(&world.config(), &world.chain()).unwrap().from, None);

    let mut node = world.run().unwrap();
    let (number, _) = node.chain.transaction(tx.hash()).unwrap().unwrap();
    assert_eq!(number, wrong);
    node.until_height(wrong + 2);
}
