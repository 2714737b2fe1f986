//! The chain itself: how blocks enter and leave.

use crate::{
    ChainError, ChainEvent, PendingBlock, memory::Memory, metrics, persistence::Persistence,
};
use alloy_genesis::Genesis;
use alloy_primitives::{Address, B256, address, keccak256};
use arc_swap::{ArcSwap, ArcSwapOption};
use openledger_execution::{ExecutedPayload, assemble_header, validate_header, verify_block};
use openledger_genesis::{ChainSpec, genesis_header, genesis_state};
use openledger_primitives::{Block, BlockChanges, BlockRef};
use openledger_storage::{Database, ExecutedBlock, HashedBlockChanges, Reader, StorageError};
use openledger_trie::{StateTrie, TrieUpdates};
use parking_lot::{Mutex, RwLock};
use std::{sync::Arc, time::Instant};
use tokio::sync::broadcast;

/// L2ToL1MessagePasser, whose storage root is an OP header's `withdrawalsRoot`.
const MESSAGE_PASSER: Address = address!("0x4200000000000000000000000000000000000016");

/// Events that a slow subscriber may fall behind before it misses some.
///
/// Small, since each event of the open block keeps a snapshot of the database alive.
const EVENT_BUFFER: usize = 1_024;

/// Trie nodes kept in memory (about 100 bytes each) when they are not needed by blocks still in memory.
const MAX_TRIE_NODES: usize = 8_000_000;

/// How a chain is kept.
#[derive(Debug, Clone)]
pub struct ChainConfig {
    /// Blocks in memory that the database does not have yet, before producers wait. Default 128.
    pub max_unpersisted: usize,
    /// Blocks for which every state can be read. Default 10,000.
    pub history: u64,
    /// Blocks for which L2ToL1MessagePasser's storage can be read and proven. Default 604,800: 7 days of 1 s.
    pub message_passer_history: u64,
}

impl Default for ChainConfig {
    fn default() -> Self {
        Self {
            max_unpersisted: 128,
            history: 10_000,
            message_passer_history: 604_800,
        }
    }
}

pub(crate) struct TrieState {
    pub(crate) trie: StateTrie,
    /// The block whose state the trie is at.
    pub(crate) at: B256,
}

/// One chain: its blocks, states and events. Shared in an `Arc`.
///
/// Guarantees: readers see whole blocks only; a block is visible before it is durable in the database (its producer makes
/// it durable elsewhere first, or takes the loss); the database is written in order and atomically.
///
/// Every method that reads or writes blocks the thread: none is to be called on an async runtime's threads.
pub struct Chain {
    pub(crate) spec: Arc<ChainSpec>,
    pub(crate) config: ChainConfig,
    pub(crate) db: Arc<Database>,
    pub(crate) memory: Arc<ArcSwap<Memory>>,
    pub(crate) trie: Mutex<TrieState>,
    pub(crate) pending: ArcSwapOption<PendingBlock>,
    pub(crate) labels: RwLock<Labels>,
    genesis: BlockRef,
    events: broadcast::Sender<ChainEvent>,
    persistence: Persistence,
    /// Held while the head changes.
    write: Mutex<()>,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain")
            .field("head", &self.head().block_ref())
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Labels {
    pub(crate) safe: BlockRef,
    pub(crate) finalized: BlockRef,
}

impl Chain {
    /// Opens the chain in `db`, writing the genesis when the database is empty.
    ///
    /// Fails when the database holds another genesis, or when the genesis is not acceptable.
    pub fn open(
        db: Database,
        genesis: &Genesis,
        config: ChainConfig,
    ) -> Result<Arc<Self>, ChainError> {
        let spec = Arc::new(ChainSpec::from_genesis(genesis)?);
        let db = Arc::new(db);
        let stored_head = match db.reader()?.head() {
            Ok(head) => Some(head),
            Err(StorageError::Empty) => None,
            Err(error) => return Err(error.into()),
        };
        // Making the root of a large genesis takes seconds, so a restart must not.
        if stored_head.is_none() {
            let block = genesis_block(&spec, genesis, &db.parallel_reader()?)?;
            db.init_genesis(spec.chain_id(), &block)?;
        }
        let reader = db.reader()?;
        let first = reader.genesis()?;
        if stored_head.is_some() {
            check_genesis(&spec, genesis, &reader, first)?;
        }
        let head = load(&reader, reader.head()?.number)?;
        let memory = Arc::new(ArcSwap::from_pointee(Memory::new(head.clone())));
        let persistence =
            Persistence::start(spec.chain_id(), config.clone(), db.clone(), memory.clone());
        metrics::head(spec.chain_id(), head.number(), 0, 0);
        Ok(Arc::new(Self {
            spec,
            config,
            db,
            memory,
            trie: Mutex::new(TrieState {
                trie: StateTrie::new(),
                at: head.hash(),
            }),
            pending: ArcSwapOption::empty(),
            labels: RwLock::new(Labels {
                safe: first,
                finalized: first,
            }),
            genesis: first,
            events: broadcast::channel(EVENT_BUFFER).0,
            persistence,
            write: Mutex::new(()),
        }))
    }

    /// The rules.
    pub fn spec(&self) -> &Arc<ChainSpec> {
        &self.spec
    }

    /// The database, for maintenance.
    pub fn database(&self) -> &Arc<Database> {
        &self.db
    }

    /// The genesis block.
    pub fn genesis(&self) -> BlockRef {
        self.genesis
    }

    /// Subscribes to everything that happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<ChainEvent> {
        self.events.subscribe()
    }

    /// Makes a block of what was executed on top of `attributes.parent_hash`: state root and header. Does not append it.
    ///
    /// The parent must be the head, or the block sealed last.
    pub fn seal(&self, payload: ExecutedPayload) -> Result<Arc<ExecutedBlock>, ChainError> {
        let hashed = HashedBlockChanges::new(&payload.changes);
        let (updates, message_passer_root) = self.advance_trie(
            payload.attributes.parent_hash,
            payload.attributes.number,
            &hashed,
        )?;
        let header = assemble_header(&self.spec, &payload, updates.root, message_passer_root);
        let block = Block::new(header, payload.transactions, payload.attributes.withdrawals);
        self.trie.lock().at = block.hash();
        Ok(Arc::new(ExecutedBlock::from_hashed(
            block,
            payload.receipts,
            payload.changes,
            hashed,
            updates,
        )))
    }

    /// Loads the trie's paths for accounts and slots that the open block touches, so that sealing needs not.
    pub fn prefetch_trie(&self, targets: &[(B256, Vec<B256>)]) -> Result<(), ChainError> {
        let mut state = self.trie.lock();
        let reader = self.db.reader()?;
        Ok(state.trie.prefetch(targets, &reader)?)
    }

    /// Applies a block's changes to the live trie. Returns the updates and the message passer's storage root.
    fn advance_trie(
        &self,
        parent: B256,
        number: u64,
        hashed: &HashedBlockChanges,
    ) -> Result<(TrieUpdates, B256), ChainError> {
        let start = Instant::now();
        let mut state = self.trie.lock();
        if state.at != parent {
            *state = self.rebuild_trie(parent)?;
        }
        let memory = self.memory.load_full();
        let reader = self.db.parallel_reader()?;
        let outcome = state.trie.apply(number, &hashed.to_trie(), &reader);
        let updates = match outcome {
            Ok(updates) => updates,
            Err(error) => {
                // Poisoned: the next block starts from the database.
                state.at = B256::ZERO;
                return Err(error.into());
            }
        };
        // Until the caller says which block this is, the trie is at no block.
        state.at = B256::ZERO;
        let message_passer_root = if self.spec.is_op() {
            let leaf = state.trie.account(keccak256(MESSAGE_PASSER), &reader)?;
            leaf.map_or(alloy_trie::EMPTY_ROOT_HASH, |leaf| leaf.storage_root)
        } else {
            B256::ZERO
        };
        state
            .trie
            .evict(memory.persisted, memory.persisted, MAX_TRIE_NODES);
        metrics::state_root(self.spec.chain_id(), start.elapsed());
        Ok((updates, message_passer_root))
    }

    fn rebuild_trie(&self, at: B256) -> Result<TrieState, ChainError> {
        let memory = self.memory.load_full();
        let reader = self.db.parallel_reader()?;
        let stored = reader.head()?;
        let mut state = TrieState {
            trie: StateTrie::new(),
            at: stored.hash,
        };
        for block in memory
            .blocks
            .iter()
            .filter(|block| block.number() > stored.number)
        {
            if state.at == at {
                break;
            }
            state
                .trie
                .apply(block.number(), &block.hashed_changes(), &reader)?;
            state.at = block.hash();
        }
        if state.at != at {
            Err(ChainError::UnknownParent(at))
        } else {
            Ok(state)
        }
    }

    /// Makes a sealed block the head, tells subscribers and queues it for the database.
    ///
    /// Waits while too many blocks are in memory. Fails when the block does not follow the head, or when the database can not
    /// be written any more.
    pub fn append(&self, block: Arc<ExecutedBlock>) -> Result<(), ChainError> {
        let _write = self.write.lock();
        let head = self.head();
        if block.block.header.parent_hash != head.hash() {
            return Err(ChainError::NotNext {
                number: block.number(),
                head: head.number(),
            });
        }
        self.persistence
            .wait_for_room(self.config.max_unpersisted)?;
        self.show(block.clone());
        self.persistence.push(block)
    }

    /// Like [`append`](Self::append), but the block is durable in the database before anybody sees it.
    pub fn append_durable(&self, block: Arc<ExecutedBlock>) -> Result<(), ChainError> {
        let _write = self.write.lock();
        let head = self.head();
        if block.block.header.parent_hash != head.hash() {
            return Err(ChainError::NotNext {
                number: block.number(),
                head: head.number(),
            });
        }
        self.persistence.push(block.clone())?;
        self.persistence.flush()?;
        self.show(block);
        Ok(())
    }

    fn show(&self, block: Arc<ExecutedBlock>) {
        self.memory.rcu(|memory| {
            let mut memory = Memory::clone(memory);
            memory.push(block.clone());
            memory.trim(memory.persisted);
            memory
        });
        metrics::head(
            self.spec.chain_id(),
            block.number(),
            block.block.transactions.len(),
            block.block.header.gas_used,
        );
        // No subscribers is fine.
        let _ = self.events.send(ChainEvent::Committed(block));
    }

    /// Executes and checks a foreign block on top of the head, then appends it.
    ///
    /// Fails with the broken rule and leaves everything as it was; [`ChainError::NotNext`] when the block is already canonical.
    pub fn import(&self, block: Block) -> Result<Arc<ExecutedBlock>, ChainError> {
        let head = self.head();
        let (number, hash) = (block.number(), block.hash());
        if number <= head.number()
            && self
                .header(number)?
                .is_some_and(|header| header.seal() == hash)
        {
            return Err(ChainError::NotNext {
                number,
                head: head.number(),
            });
        }
        if block.header.parent_hash != head.hash() {
            return Err(ChainError::UnknownParent(block.header.parent_hash));
        }
        validate_header(&self.spec, &block.header, &head.block.header).map_err(|error| {
            ChainError::Header {
                number,
                hash,
                error,
            }
        })?;
        let payload = verify_block(&self.spec, self.state_at(head.number())?, &block, None)?;
        let hashed = HashedBlockChanges::new(&payload.changes);
        let (updates, message_passer_root) = self.advance_trie(head.hash(), number, &hashed)?;
        if updates.root != block.header.state_root {
            return Err(ChainError::StateRoot {
                number,
                expected: block.header.state_root,
                found: updates.root,
            });
        }
        if self.spec.is_op() && block.header.withdrawals_root != Some(message_passer_root) {
            return Err(ChainError::StateRoot {
                number,
                expected: block.header.withdrawals_root.unwrap_or_default(),
                found: message_passer_root,
            });
        }
        self.trie.lock().at = hash;
        let executed = Arc::new(ExecutedBlock::from_hashed(
            block,
            payload.receipts,
            payload.changes,
            hashed,
            updates,
        ));
        self.append(executed.clone())?;
        Ok(executed)
    }

    /// Takes back every block above `number`, durably, and tells subscribers. Returns them, newest first.
    ///
    /// Their `changes` are empty when they were no longer in memory.
    pub fn unwind_to(&self, number: u64) -> Result<Vec<Arc<ExecutedBlock>>, ChainError> {
        let _write = self.write.lock();
        let memory = self.memory.load_full();
        let head = memory.head().number();
        if number >= head {
            return Ok(Vec::new());
        }
        self.persistence.flush()?;
        let reader = self.db.reader()?;
        let removed = (number + 1..=head)
            .rev()
            .map(|n| memory.get(n).cloned().map_or_else(|| load(&reader, n), Ok))
            .collect::<Result<Vec<_>, _>>()?;
        drop(reader);
        self.db.unwind_to(number)?;
        let new_head = load(&self.db.reader()?, number)?;
        self.pending.store(None);
        *self.trie.lock() = TrieState {
            trie: StateTrie::new(),
            at: new_head.hash(),
        };
        let clamp = new_head.block_ref();
        {
            let mut labels = self.labels.write();
            if labels.safe.number > number {
                labels.safe = clamp;
            }
            if labels.finalized.number > number {
                labels.finalized = clamp;
            }
        }
        self.memory.store(Arc::new(Memory::new(new_head)));
        metrics::reorg(self.spec.chain_id(), removed.len());
        let _ = self.events.send(ChainEvent::Retracted(removed.clone()));
        Ok(removed)
    }

    /// Publishes what is preconfirmed of the open block; `new` are the positions that were not published before.
    pub fn publish_pending(&self, block: Arc<PendingBlock>, new: std::ops::Range<usize>) {
        self.pending.store(Some(block.clone()));
        if !new.is_empty() {
            let _ = self.events.send(ChainEvent::Preconfirmed(block, new));
        }
    }

    /// Takes the open block back: its origin is gone.
    pub fn retract_pending(&self) {
        if let Some(block) = self.pending.swap(None) {
            let _ = self.events.send(ChainEvent::PendingRetracted(block));
        }
    }

    /// Sets the safe and finalized blocks. Neither may be above the head, nor finalized above safe.
    pub fn set_labels(&self, safe: BlockRef, finalized: BlockRef) {
        let head = self.head().number();
        if safe.number <= head && finalized.number <= safe.number {
            *self.labels.write() = Labels { safe, finalized };
        }
    }

    /// The highest block that is durable in the database.
    pub fn persisted(&self) -> u64 {
        self.memory.load().persisted
    }

    /// Waits until everything is durable in the database.
    pub fn flush(&self) -> Result<(), ChainError> {
        self.persistence.flush()
    }
}

/// Reads a block that the database has; its changes are not needed any more and stay empty.
pub(crate) fn load(reader: &Reader, number: u64) -> Result<Arc<ExecutedBlock>, ChainError> {
    let block = reader.block(number)?.ok_or(ChainError::Future(number))?;
    let receipts = reader.receipts(number)?.unwrap_or_default();
    Ok(Arc::new(ExecutedBlock::new(
        block,
        receipts,
        BlockChanges::default(),
    )))
}

fn genesis_block(
    spec: &ChainSpec,
    genesis: &Genesis,
    reader: &Reader,
) -> Result<ExecutedBlock, ChainError> {
    let changes = genesis_state(genesis);
    let hashed = HashedBlockChanges::new(&changes);
    let mut trie = StateTrie::new();
    let updates = trie.apply(0, &hashed.to_trie(), reader)?;
    let passer = trie.account(keccak256(MESSAGE_PASSER), reader)?;
    let passer_root = passer.map_or(alloy_trie::EMPTY_ROOT_HASH, |leaf| leaf.storage_root);
    let header = genesis_header(spec, genesis, updates.root, passer_root);
    let withdrawals = header.withdrawals_root.map(|_| Default::default());
    let block = Block::new(header, Vec::new(), withdrawals);
    Ok(ExecutedBlock::from_hashed(
        block,
        Vec::new(),
        changes,
        hashed,
        updates,
    ))
}

/// The stored genesis must be the given one; the state root is taken from the database.
fn check_genesis(
    spec: &ChainSpec,
    genesis: &Genesis,
    reader: &Reader,
    stored: BlockRef,
) -> Result<(), ChainError> {
    let header = reader
        .header(stored.number)?
        .ok_or(ChainError::Future(stored.number))?;
    let expected = genesis_header(
        spec,
        genesis,
        header.state_root,
        header.withdrawals_root.unwrap_or_default(),
    );
    let expected_hash = expected.hash_slow();
    if expected_hash != stored.hash {
        return Err(StorageError::GenesisMismatch {
            stored: stored.hash,
            configured: expected_hash,
        }
        .into());
    }
    Ok(())
}
