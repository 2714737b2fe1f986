//! The embedded L1: a thread that makes one block each slot, or, while contracts are deployed, one when asked.

use crate::{BlobStore, DevnetError};
use alloy_consensus::Transaction;
use alloy_eips::{Typed2718, eip4895::Withdrawals};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, keccak256};
use openledger_chain::Chain;
use openledger_execution::{
    BlockAttributes, BlockExecution, TxError, expected_excess_blob_gas, next_base_fee,
};
use openledger_pool::{AccountCode, AccountView, Executed, HeadInfo, Pool, Rejection};
use openledger_primitives::{BlockRef, SealedHeader, Tx};
use openledger_sequencer::{Clock, Wake};
use parking_lot::Mutex;
use std::{
    collections::VecDeque,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tracing::{debug, error};

/// Transactions asked of the pool at once.
const BATCH: usize = 256;

/// How the embedded L1 works.
#[derive(Debug, Clone)]
pub struct L1Config {
    /// Seconds between blocks. Default 2.
    pub block_time: u64,
    /// Slots in an epoch: `safe` is one epoch behind the head, `finalized` two. Default 4.
    pub slots_per_epoch: u64,
    /// The chain's clock.
    pub clock: Clock,
    /// Receives priority fees.
    pub fee_recipient: Address,
}

/// Longest sleep of a thread that waits for an order.
const IDLE: Duration = Duration::from_secs(3_600);

/// Which slot a block that is asked for takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The one after the head's.
    Next,
    /// The newest whose time has come. When that is the head's own, the head is the answer and no block is made.
    Latest,
}

/// A running embedded L1. Dropping it stops it.
///
/// It is started *live* (a block each slot) or *on demand* (a block when [`mine`](Self::mine) is called), and goes live
/// from there. Either way every timestamp is the genesis' plus a whole number of slots, and never in the future.
#[derive(Debug)]
pub struct EmbeddedL1 {
    orders: Arc<Orders>,
    failed: Arc<OnceLock<String>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread is told.
#[derive(Debug, Default)]
struct Orders {
    stop: AtomicBool,
    live: AtomicBool,
    blocks: Mutex<VecDeque<Order>>,
    wake: Wake,
}

/// A block that somebody waits for.
#[derive(Debug)]
struct Order {
    slot: Slot,
    made: mpsc::Sender<BlockRef>,
}

struct Producer {
    config: L1Config,
    chain: Arc<Chain>,
    pool: Arc<Pool>,
    blobs: Arc<BlobStore>,
    orders: Arc<Orders>,
}

impl EmbeddedL1 {
    /// Starts block production on the chain's head: one block each slot.
    pub fn start(
        config: L1Config,
        chain: Arc<Chain>,
        pool: Arc<Pool>,
        blobs: Arc<BlobStore>,
    ) -> Result<Self, DevnetError> {
        Self::start_as(config, chain, pool, blobs, true)
    }

    /// The same, but no block is made before [`mine`](Self::mine) or [`go_live`](Self::go_live) is called.
    pub fn start_on_demand(
        config: L1Config,
        chain: Arc<Chain>,
        pool: Arc<Pool>,
        blobs: Arc<BlobStore>,
    ) -> Result<Self, DevnetError> {
        Self::start_as(config, chain, pool, blobs, false)
    }

    fn start_as(
        config: L1Config,
        chain: Arc<Chain>,
        pool: Arc<Pool>,
        blobs: Arc<BlobStore>,
        live: bool,
    ) -> Result<Self, DevnetError> {
        let orders = Arc::new(Orders {
            live: AtomicBool::new(live),
            ..Orders::default()
        });
        let failed = Arc::new(OnceLock::new());
        let producer = Producer {
            config,
            chain,
            pool,
            blobs,
            orders: orders.clone(),
        };
        producer.announce(&producer.chain.head().block.header)?;
        let reason = failed.clone();
        let thread = std::thread::Builder::new()
            .name("l1-build".into())
            .spawn(move || {
                if let Err(error) = producer.run() {
                    error!(%error, "the embedded L1 stopped");
                    let _ = reason.set(error.to_string());
                }
                // Whoever still waits for a block is told by the closed channel.
                producer.orders.stop.store(true, Ordering::Release);
                producer.orders.blocks.lock().clear();
            })
            .map_err(DevnetError::Thread)?;
        Ok(Self {
            orders,
            failed,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Makes a block of what the pool has, and returns it once it is durable and the canonical head. Blocks the thread: for
    /// a few milliseconds where the slot's time has come, else until it comes.
    ///
    /// Fails when block production has ended.
    pub fn mine(&self, slot: Slot) -> Result<BlockRef, DevnetError> {
        let (made, block) = mpsc::channel();
        self.orders.blocks.lock().push_back(Order { slot, made });
        self.orders.wake.raise();
        if self.orders.stop.load(Ordering::Acquire) {
            self.orders.blocks.lock().clear();
        }
        block.recv().map_err(|_| {
            DevnetError::Stopped(self.failure().unwrap_or("it was stopped").to_owned())
        })
    }

    /// From now on a block each slot.
    pub fn go_live(&self) {
        self.orders.live.store(true, Ordering::Release);
        self.orders.wake.raise();
    }

    /// Why it stopped making blocks, if it did.
    pub fn failure(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }

    /// Stops after the block in the making.
    pub fn stop(&self) {
        self.orders.stop.store(true, Ordering::Release);
        self.orders.wake.raise();
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

impl Drop for EmbeddedL1 {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Producer {
    fn run(&self) -> Result<(), DevnetError> {
        loop {
            if self.orders.stop.load(Ordering::Acquire) {
                return Ok(());
            }
            // Slots count from genesis; those that were slept through stay empty, as on a real L1.
            let head = self.chain.head().block.header.clone();
            let next = head.timestamp + self.config.block_time;
            let passed = self.config.clock.now().saturating_sub(next) / self.config.block_time;
            let latest = next + passed * self.config.block_time;
            let ordered = self.orders.blocks.lock().front().map(|order| order.slot);
            let timestamp = match ordered {
                Some(Slot::Next) => next,
                // No slot has begun since the head's.
                Some(Slot::Latest) if !self.config.clock.until(next).is_zero() => {
                    self.answer(self.chain.head().block_ref());
                    continue;
                }
                Some(Slot::Latest) => latest,
                None if self.orders.live.load(Ordering::Acquire) => latest,
                None => {
                    self.orders.wake.wait(IDLE);
                    continue;
                }
            };
            let left = self.config.clock.until(timestamp);
            if !left.is_zero() {
                self.orders.wake.wait(left);
                continue;
            }
            self.produce(&head, timestamp)?;
            if ordered.is_some() {
                self.answer(self.chain.head().block_ref());
            }
        }
    }

    /// Tells the first of those who wait.
    fn answer(&self, block: BlockRef) {
        if let Some(order) = self.orders.blocks.lock().pop_front() {
            // Whoever no longer waits does not need it.
            let _ = order.made.send(block);
        }
    }

    fn produce(&self, parent: &SealedHeader, timestamp: u64) -> Result<(), DevnetError> {
        let attributes = self.attributes(parent, timestamp)?;
        let number = attributes.number;
        let state = self.chain.state_at(parent.number)?;
        let mut execution = BlockExecution::begin(self.chain.spec().clone(), state, attributes)?;
        let mut executed = Vec::new();
        let mut sidecars = Vec::new();
        let budget = Duration::from_secs(self.config.block_time).mul_f64(0.5);
        let start = Instant::now();
        let mut queue: VecDeque<Tx> = VecDeque::new();
        loop {
            if queue.is_empty() {
                queue = self.pool.take_ready(BATCH).into();
            }
            let Some(tx) = queue.pop_front() else { break };
            if start.elapsed() > budget {
                self.give_back(&tx, Rejection::Deferred, &mut queue);
                continue;
            }
            match execution.execute(&tx) {
                Ok(outcome) => {
                    if tx.ty() == 3
                        && let Some(sidecar) = self.pool.sidecar(tx.hash())
                    {
                        sidecars.push(sidecar);
                    }
                    let account = outcome
                        .delta
                        .accounts
                        .iter()
                        .find(|change| change.address == tx.signer())
                        .and_then(|change| change.account)
                        .unwrap_or_default();
                    executed.push(Executed {
                        hash: tx.hash(),
                        sender: tx.signer(),
                        account: AccountView {
                            nonce: account.nonce,
                            balance: account.balance,
                            code: code_kind(account.code_hash),
                        },
                    });
                }
                Err(TxError::Fatal(error)) => return Err(error.into()),
                Err(error) => {
                    debug!(hash = %tx.hash(), %error, "transaction not included in the L1");
                    let rejection = match error {
                        TxError::BlockGas { .. }
                        | TxError::BlockSpace(_)
                        | TxError::NonceTooHigh(_) => Rejection::Deferred,
                        // Priced out for now: fees may fall again.
                        TxError::Invalid(_) if priced_out(&tx, &execution) => Rejection::Deferred,
                        _ => Rejection::Invalid,
                    };
                    self.give_back(&tx, rejection, &mut queue);
                }
            }
        }
        self.pool.on_executed(&executed);
        let block = self.chain.seal(execution.finish()?)?;
        // Blobs first: a block that anybody sees has its blobs.
        self.blobs.put(number, &sidecars)?;
        self.chain.append_durable(block.clone())?;
        let included: Vec<B256> = block.block.transactions.iter().map(Tx::hash).collect();
        let accounts: Vec<(Address, AccountView)> = block
            .changes
            .accounts
            .iter()
            .map(|change| {
                let account = change.after.unwrap_or_default();
                let code = code_kind(account.code_hash);
                (
                    change.address,
                    AccountView {
                        nonce: account.nonce,
                        balance: account.balance,
                        code,
                    },
                )
            })
            .collect();
        self.pool.on_block(number, &included, &accounts);
        self.announce(&block.block.header)
    }

    fn give_back(&self, tx: &Tx, rejection: Rejection, queue: &mut VecDeque<Tx>) {
        let recalled = self.pool.on_rejected(tx.hash(), rejection);
        queue.retain(|tx| !recalled.contains(&tx.hash()));
    }

    fn attributes(
        &self,
        parent: &SealedHeader,
        timestamp: u64,
    ) -> Result<BlockAttributes, DevnetError> {
        let spec = self.chain.spec();
        // No validators, so randomness and beacon roots follow from the parent.
        let derived = |what: &str| keccak256([parent.seal().as_slice(), what.as_bytes()].concat());
        Ok(BlockAttributes {
            number: parent.number + 1,
            parent_hash: parent.seal(),
            timestamp,
            beneficiary: self.config.fee_recipient,
            prev_randao: derived("randao"),
            gas_limit: parent.gas_limit,
            base_fee: next_base_fee(spec, parent)?,
            parent_beacon_block_root: Some(derived("beacon")),
            withdrawals: Some(Withdrawals::default()),
            extra_data: Bytes::from_static(b"openledger dev"),
            excess_blob_gas: expected_excess_blob_gas(spec, parent, timestamp),
        })
    }

    /// Moves the labels and tells the pool which block comes next.
    fn announce(&self, head: &SealedHeader) -> Result<(), DevnetError> {
        let label = |epochs: u64| -> Result<BlockRef, DevnetError> {
            let number = head
                .number
                .saturating_sub(epochs * self.config.slots_per_epoch);
            let hash = self
                .chain
                .header(number)?
                .map(|header| header.seal())
                .unwrap_or_default();
            Ok(BlockRef { hash, number })
        };
        self.chain.set_labels(label(1)?, label(2)?);
        let spec = self.chain.spec();
        let timestamp = head.timestamp + self.config.block_time;
        let blob_base_fee = spec
            .blob_params(timestamp)
            .zip(expected_excess_blob_gas(spec, head, timestamp))
            .map_or(0, |(params, excess)| params.calc_blob_fee(excess));
        self.pool.set_head(HeadInfo {
            number: head.number + 1,
            timestamp,
            base_fee: next_base_fee(spec, head)?,
            gas_limit: head.gas_limit,
            blob_base_fee,
            l1_block_info: None,
        });
        Ok(())
    }
}

/// True when the block's base fee or blob fee is above what the transaction offers.
fn priced_out(tx: &Tx, execution: &BlockExecution) -> bool {
    tx.max_fee_per_gas() < u128::from(execution.attributes().base_fee)
        || tx.max_fee_per_blob_gas().is_some()
}

/// A changed account with code that is in the pool can only be a delegated one (EIP-3607).
fn code_kind(hash: B256) -> AccountCode {
    if hash == KECCAK256_EMPTY {
        AccountCode::None
    } else {
        AccountCode::Delegated
    }
}
