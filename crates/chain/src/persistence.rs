//! The thread that moves blocks from memory into the database.

use crate::{ChainConfig, ChainError, memory::Memory, metrics};
use alloy_primitives::{address, keccak256};
use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, unbounded};
use openledger_storage::{Database, ExecutedBlock};
use parking_lot::{Condvar, Mutex};
use std::{
    sync::{Arc, OnceLock},
    thread::JoinHandle,
    time::Instant,
};
use tracing::{debug, error};

/// Blocks in one database transaction, at most.
const MAX_BATCH: usize = 64;
/// Changed accounts and slots in one database transaction, beyond which it is not made larger.
const MAX_BATCH_CHANGES: usize = 500_000;
/// History is pruned once in so many blocks: each pruning is a transaction of its own that commits wait for.
const PRUNE_EVERY: u64 = 16;

#[derive(Default)]
struct Progress {
    queued: u64,
    done: u64,
}

#[derive(Default)]
struct Shared {
    progress: Mutex<Progress>,
    changed: Condvar,
    failed: OnceLock<String>,
}

pub(crate) struct Persistence {
    sender: Option<Sender<Arc<ExecutedBlock>>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Persistence {
    pub(crate) fn start(
        chain_id: u64,
        config: ChainConfig,
        db: Arc<Database>,
        memory: Arc<ArcSwap<Memory>>,
    ) -> Self {
        let (sender, receiver) = unbounded();
        let shared = Arc::new(Shared::default());
        let worker = Worker {
            chain_id,
            config,
            db,
            memory,
            shared: shared.clone(),
        };
        let thread = std::thread::Builder::new()
            .name(format!("persist-{chain_id}"))
            .spawn(move || worker.run(&receiver))
            .ok();
        if thread.is_none() {
            let _ = shared
                .failed
                .set("the persistence thread could not be started".into());
        }
        Self {
            sender: Some(sender),
            shared,
            thread,
        }
    }

    pub(crate) fn push(&self, block: Arc<ExecutedBlock>) -> Result<(), ChainError> {
        self.check()?;
        self.shared.progress.lock().queued += 1;
        match self.sender.as_ref().map(|sender| sender.send(block)) {
            Some(Ok(())) => Ok(()),
            _ => Err(ChainError::Persistence(
                "the persistence thread has ended".into(),
            )),
        }
    }

    pub(crate) fn wait_for_room(&self, max_unpersisted: usize) -> Result<(), ChainError> {
        self.wait(|progress| progress.queued - progress.done < max_unpersisted as u64)
    }

    pub(crate) fn flush(&self) -> Result<(), ChainError> {
        self.wait(|progress| progress.queued == progress.done)
    }

    fn wait(&self, ready: impl Fn(&Progress) -> bool) -> Result<(), ChainError> {
        let mut progress = self.shared.progress.lock();
        while !ready(&progress) {
            self.check()?;
            self.shared.changed.wait(&mut progress);
        }
        self.check()
    }

    fn check(&self) -> Result<(), ChainError> {
        match self.shared.failed.get() {
            Some(reason) => Err(ChainError::Persistence(reason.clone())),
            None => Ok(()),
        }
    }
}

impl Drop for Persistence {
    fn drop(&mut self) {
        // Closing the channel lets the thread finish what is queued.
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    chain_id: u64,
    config: ChainConfig,
    db: Arc<Database>,
    memory: Arc<ArcSwap<Memory>>,
    shared: Arc<Shared>,
}

impl Worker {
    fn run(&self, receiver: &Receiver<Arc<ExecutedBlock>>) {
        let mut next_prune = 0;
        while let Ok(first) = receiver.recv() {
            let mut batch = vec![first];
            let mut changes = batch[0].hashed.accounts.len() + batch[0].storage.len();
            while batch.len() < MAX_BATCH && changes < MAX_BATCH_CHANGES {
                let Ok(block) = receiver.try_recv() else {
                    break;
                };
                changes += block.hashed.accounts.len() + block.storage.len();
                batch.push(block);
            }
            if let Err(reason) = self.persist(&batch, &mut next_prune) {
                error!(chain = self.chain_id, %reason, "blocks can not be persisted; the chain stops here");
                let _ = self.shared.failed.set(reason);
                // Held so that a waiter between its check and its wait does not miss the wake-up.
                let _progress = self.shared.progress.lock();
                self.shared.changed.notify_all();
                return;
            }
        }
    }

    fn persist(&self, batch: &[Arc<ExecutedBlock>], next_prune: &mut u64) -> Result<(), String> {
        let start = Instant::now();
        self.db.commit(batch).map_err(|e| e.to_string())?;
        let number = batch[batch.len() - 1].number();
        self.memory.rcu(|memory| {
            let mut memory = Memory::clone(memory);
            memory.trim(number);
            memory
        });
        metrics::persisted(
            self.chain_id,
            number,
            self.memory.load().blocks.len(),
            start.elapsed(),
        );
        {
            let mut progress = self.shared.progress.lock();
            progress.done += batch.len() as u64;
            self.shared.changed.notify_all();
        }
        if number >= *next_prune {
            *next_prune = number + PRUNE_EVERY;
            self.prune(number).map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    fn prune(&self, head: u64) -> Result<(), openledger_storage::StorageError> {
        let Some(floor) = head.checked_sub(self.config.history) else {
            return Ok(());
        };
        let passer = keccak256(address!("0x4200000000000000000000000000000000000016"));
        let passer_floor = head.saturating_sub(self.config.message_passer_history);
        self.db.prune_history(floor, &[(passer, passer_floor)])?;
        debug!(chain = self.chain_id, floor, "history pruned");
        Ok(())
    }
}
