//! The pool as its users see it: every method is one short critical section.

use crate::{
    AccountView, Added, BestTransactions, ChainContext, Executed, HeadInfo, LoadedJournal,
    PoolConfig, PoolContent, PoolJournal, PoolStatus, Rejected, Rejection, ValidTx, insert::Undo,
    journal, metrics::PoolMetrics, state::State, validate,
};
use alloy_primitives::{Address, B256, Bytes};
use openledger_genesis::ChainSpec;
use openledger_primitives::{BlobSidecar, PooledTx, Tx};
use parking_lot::{Mutex, RwLock};
use std::{fmt, io, path::PathBuf, sync::Arc, time::Instant};
use tokio::sync::broadcast;

type ReadyListener = Arc<dyn Fn() + Send + Sync>;

/// Batches of newly executable transactions that a slow subscriber may fall behind by.
const PENDING_BACKLOG: usize = 1_024;

/// What [`Pool::maintain`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// Transactions dropped because they had waited too long.
    pub expired: usize,
    /// Whether the journal was rewritten.
    pub compacted: bool,
}

/// Transactions that wait for a block. Shared by reference between threads.
///
/// Guarantees: what [`Self::insert`] accepted is in the journal (when there is one); what [`Self::take_ready`] hands out
/// is in the order of nonces without gaps, is covered by the sender's balance, and is never replaced or evicted
/// afterwards; a transaction leaves the journal only when it is in a sealed block, replaced, evicted, expired or found
/// invalid.
pub struct Pool {
    chain: Arc<ChainSpec>,
    config: Arc<PoolConfig>,
    /// A copy of the state's context, so that validation takes no part in the contention for the lock.
    context: RwLock<Arc<ChainContext>>,
    inner: Mutex<Inner>,
    listener: RwLock<Option<ReadyListener>>,
    pending: broadcast::Sender<Arc<[Tx]>>,
    metrics: PoolMetrics,
}

struct Inner {
    state: State,
    journal: Option<PoolJournal>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// An empty pool without a journal. [`Self::set_head`] should follow before transactions come: until then fees are
    /// zero and any gas limit passes.
    pub fn new(chain: Arc<ChainSpec>, config: PoolConfig) -> Self {
        let config = Arc::new(config);
        let context = Arc::new(ChainContext::new(
            chain.clone(),
            config.clone(),
            HeadInfo::unknown(),
        ));
        Self {
            chain,
            config,
            inner: Mutex::new(Inner {
                state: State::new(context.clone()),
                journal: None,
            }),
            context: RwLock::new(context),
            listener: RwLock::new(None),
            pending: broadcast::Sender::new(PENDING_BACKLOG),
            metrics: PoolMetrics::new(),
        }
    }

    /// Opens the journal and attaches it: from now on every accepted transaction is written to it.
    ///
    /// The transactions that it holds are returned and not added: that needs the senders' accounts as they are after
    /// recovery. Give them to [`Self::restore`]. Fails when the file can not be read or written.
    pub fn open_journal(&self, path: impl Into<PathBuf>) -> io::Result<LoadedJournal> {
        let (journal, loaded) = PoolJournal::open(path)?;
        self.inner.lock().journal = Some(journal);
        Ok(loaded)
    }

    /// Calls `listener` whenever there is something to take, after the change that brought it. It must not block: it runs on
    /// the thread of whoever caused the change.
    pub fn set_ready_listener(&self, listener: impl Fn() + Send + Sync + 'static) {
        *self.listener.write() = Some(Arc::new(listener));
    }

    /// Transactions as they become executable, in batches, for `newPendingTransactions`.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<[Tx]>> {
        self.pending.subscribe()
    }

    /// Rules, limits and the block that transactions are admitted for.
    pub fn context(&self) -> Arc<ChainContext> {
        self.context.read().clone()
    }

    /// Checks a transaction as far as that is possible without the rest of the pool. Takes no lock; the first blob
    /// transaction of the process loads KZG's trusted setup (about two seconds).
    pub fn validate(&self, tx: PooledTx, sender: AccountView) -> Result<ValidTx, Rejected> {
        self.check(tx, sender, &self.context())
    }

    fn check(
        &self,
        tx: PooledTx,
        sender: AccountView,
        context: &ChainContext,
    ) -> Result<ValidTx, Rejected> {
        let hash = tx.tx.hash();
        validate::validate(tx, sender, context).map_err(|rejected| match rejected {
            // Executed in the open block: who sends it again hears the same as while it waited.
            Rejected::NonceTooLow { .. } if self.contains(hash) => Rejected::AlreadyKnown,
            other => other,
        })
    }

    /// Validates and inserts one transaction.
    pub fn add(&self, tx: PooledTx, sender: AccountView) -> Result<Added, Rejected> {
        let valid = self
            .validate(tx, sender)
            .inspect_err(|_| self.metrics.record_batch(0, 1))?;
        self.insert_one(valid)
    }

    fn insert_one(&self, valid: ValidTx) -> Result<Added, Rejected> {
        self.insert(vec![valid])
            .pop()
            .unwrap_or(Err(Rejected::PoolFull))
    }

    /// Validates transactions one after the other and inserts them under one lock and with one write to the journal.
    pub fn add_batch(&self, txs: Vec<(PooledTx, AccountView)>) -> Vec<Result<Added, Rejected>> {
        let context = self.context();
        let (mut valid, mut results) =
            (Vec::with_capacity(txs.len()), Vec::with_capacity(txs.len()));
        for (tx, sender) in txs {
            results.push(self.check(tx, sender, &context).map(|tx| valid.push(tx)));
        }
        let mut inserted = self.insert(valid).into_iter();
        self.metrics.record_batch(0, results.len() - inserted.len());
        results
            .into_iter()
            .map(|checked| {
                checked.and_then(|()| inserted.next().unwrap_or(Err(Rejected::PoolFull)))
            })
            .collect()
    }

    /// Inserts validated transactions: one lock, one write to the journal. Results in the order of the input.
    ///
    /// When the journal can not be written none of them is accepted and the pool is as it was.
    pub fn insert(&self, txs: Vec<ValidTx>) -> Vec<Result<Added, Rejected>> {
        self.insert_with(txs, true)
    }

    /// Adds what a journal held back, with the senders' accounts of now; it is not written to the journal again.
    ///
    /// A transaction that is refused here was included, replaced or evicted before the restart, or its sender can not pay
    /// any more.
    pub fn restore(&self, txs: Vec<(PooledTx, AccountView)>) -> Vec<Result<Added, Rejected>> {
        let context = self.context();
        txs.into_iter()
            .map(|(tx, sender)| {
                let valid = validate::validate(tx, sender, &context)?;
                self.insert_with(vec![valid], false)
                    .pop()
                    .unwrap_or(Err(Rejected::PoolFull))
            })
            .collect()
    }

    fn insert_with(&self, txs: Vec<ValidTx>, to_journal: bool) -> Vec<Result<Added, Rejected>> {
        let mut inner = self.lock();
        let Inner { state, journal } = &mut *inner;
        let mut undo = Undo::default();
        let mut records = Vec::new();
        let mut results: Vec<_> = txs
            .into_iter()
            .map(|tx| {
                let record = (to_journal && journal.is_some()).then(|| tx.pooled().encode());
                let added = state.insert(tx, &mut undo)?;
                records.extend(record);
                Ok(added)
            })
            .collect();
        let written = match journal {
            Some(journal) if !records.is_empty() => journal.append(&records),
            _ => Ok(()),
        };
        if let Err(error) = written {
            tracing::error!(%error, "pool journal can not be written, transactions refused");
            state.undo(undo);
            let refused = Rejected::Journal(error.to_string());
            results
                .iter_mut()
                .filter(|r| r.is_ok())
                .for_each(|r| *r = Err(refused.clone()));
        }
        let inserted = results.iter().filter(|r| r.is_ok()).count();
        self.metrics
            .record_batch(inserted, results.len() - inserted);
        self.finish(inner);
        results
    }

    /// Begins a critical section that may make something executable; [`Self::finish`] ends it.
    fn lock(&self) -> parking_lot::MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock();
        inner.state.collect_promoted = self.pending.receiver_count() > 0;
        inner
    }

    /// Ends a critical section that may have made something ready.
    fn finish(&self, mut inner: parking_lot::MutexGuard<'_, Inner>) {
        let promoted = inner.state.take_promoted();
        let ready = inner.state.heads.has_live();
        drop(inner);
        if !promoted.is_empty() {
            // Fails when the last receiver left in between, which is nobody's concern.
            let _ = self.pending.send(promoted.into());
        }
        if ready {
            let listener = self.listener.read().clone();
            if let Some(listener) = listener {
                listener();
            }
        }
    }

    /// The next executable transactions, at most `max`, best paying first; they count as being executed from now on.
    ///
    /// Each must be answered with [`Self::on_executed`] or [`Self::on_rejected`]. Cost follows `max`, not the pool.
    pub fn take_ready(&self, max: usize) -> Vec<Tx> {
        self.inner.lock().state.take_ready(max)
    }

    /// Transactions were executed in the open block. They stay in the journal until [`Self::on_block`].
    pub fn on_executed(&self, executed: &[Executed]) {
        let mut inner = self.lock();
        for done in executed {
            inner.state.on_executed(done);
        }
        self.finish(inner);
    }

    /// A transaction that was taken is given back. Returns what was taken after it from the same account: it must not be
    /// executed either, and needs no answer.
    pub fn on_rejected(&self, hash: B256, rejection: Rejection) -> Vec<B256> {
        let mut inner = self.lock();
        let recalled = inner.state.on_rejected(&hash, rejection);
        if rejection == Rejection::Invalid {
            self.metrics.record_removed(1);
        }
        self.finish(inner);
        recalled
    }

    /// Block `number` was sealed: what it included leaves the pool and the journal's live part; `accounts` are the
    /// accounts that it changed. Views older than what the pool knows from later executions are ignored.
    pub fn on_block(&self, number: u64, included: &[B256], accounts: &[(Address, AccountView)]) {
        let mut inner = self.lock();
        inner.state.on_block(number, included, accounts);
        self.metrics.record_removed(included.len());
        self.metrics.record_status(&inner.state.status());
        self.finish(inner);
    }

    /// Attributes of the next block to execute. What was deferred can be taken again.
    pub fn set_head(&self, head: HeadInfo) {
        let context = Arc::new(ChainContext::new(
            self.chain.clone(),
            self.config.clone(),
            head,
        ));
        let mut inner = self.lock();
        *self.context.write() = context.clone();
        inner.state.set_context(context);
        self.metrics.record_status(&inner.state.status());
        self.finish(inner);
    }

    /// Writes transactions to the journal whose block is about to be taken back, so that a crash before
    /// [`Self::reinject`] does not lose them.
    ///
    /// Fails when the journal can not be written; none of them is in it then.
    pub fn keep(&self, txs: &[PooledTx]) -> io::Result<()> {
        let records: Vec<Bytes> = txs.iter().map(PooledTx::encode).collect();
        match &mut self.inner.lock().journal {
            Some(journal) if !records.is_empty() => journal.append(&records),
            _ => Ok(()),
        }
    }

    /// The head went back (the L1 took an origin back): everything handed out is recalled, what the open block had executed
    /// waits again, and so do `txs`, those of the retracted sealed blocks in their order.
    ///
    /// `accounts`: every account that a retracted block, the open one included, changed, as the state says now. Returns how
    /// many of `txs` came back; the others are invalid on the new head. The journal is written again for them; a
    /// failure is returned after the pool has them, since the chain goes on either way.
    pub fn reinject(
        &self,
        txs: Vec<PooledTx>,
        accounts: &[(Address, AccountView)],
    ) -> io::Result<usize> {
        let context = self.context();
        let views: alloy_primitives::map::AddressMap<_> = accounts.iter().copied().collect();
        let valid: Vec<_> = txs
            .into_iter()
            .filter_map(|tx| {
                let view = *views.get(&tx.tx.signer())?;
                // A chain of transactions need not be covered one by one by the balance that its head has.
                let covered = AccountView {
                    balance: alloy_primitives::U256::MAX,
                    ..view
                };
                Some((validate::validate(tx, covered, &context).ok()?, view))
            })
            .collect();
        let mut inner = self.lock();
        let Inner { state, journal } = &mut *inner;
        state.on_retract(accounts);
        let (mut returned, mut records) = (0, Vec::new());
        for (valid, view) in valid {
            let mut entry = valid.entry;
            entry.seq = state.next_seq();
            let record = journal.is_some().then(|| entry.pooled.encode());
            if state.bring_back(entry, Some(view)) {
                returned += 1;
                records.extend(record);
            }
        }
        let written = match journal {
            Some(journal) if !records.is_empty() => journal.append(&records),
            _ => Ok(()),
        };
        self.finish(inner);
        written.map(|()| returned)
    }

    /// Housekeeping, for a background thread every few seconds: drops what has waited too long, compacts the journal when
    /// that pays. The rewriting itself happens outside the lock.
    ///
    /// Fails when the journal can not be rewritten; it then goes on as it was.
    pub fn maintain(&self, now: Instant) -> io::Result<Maintenance> {
        let mut inner = self.inner.lock();
        let lifetime = self.config.queued_lifetime;
        let expired: Vec<_> = inner
            .state
            .accounts
            .values()
            .flat_map(|queue| queue.txs.range(queue.executable_end..))
            .filter(|(_, entry)| now.saturating_duration_since(entry.arrived) > lifetime)
            .map(|(_, entry)| entry.hash())
            .collect();
        for hash in &expired {
            inner.state.remove(hash);
        }
        self.metrics.record_removed(expired.len());
        self.metrics.record_status(&inner.state.status());
        let mut done = Maintenance {
            expired: expired.len(),
            compacted: false,
        };
        let Inner { state, journal } = &mut *inner;
        let Some(journal) = journal else {
            return Ok(done);
        };
        if !journal.wants_compaction(self.config.journal_compact_above) {
            return Ok(done);
        }
        let path = journal.begin_compaction();
        let mut live: Vec<_> = state
            .accounts
            .values()
            .flat_map(|queue| queue.txs.values())
            .chain(state.executed.values())
            .map(|entry| (entry.seq, entry.pooled.clone()))
            .collect();
        drop(inner);

        live.sort_unstable_by_key(|(seq, _)| *seq);
        let records: Vec<Bytes> = live.iter().map(|(_, pooled)| pooled.encode()).collect();
        let rewritten = journal::write_compacted(&path, &records);
        let mut inner = self.inner.lock();
        let Some(journal) = &mut inner.journal else {
            return Ok(done);
        };
        match rewritten {
            Ok((file, len)) => journal.finish_compaction(file, len)?,
            Err(error) => {
                journal.abort_compaction();
                return Err(error);
            }
        }
        self.metrics.record_journal(journal.len());
        done.compacted = true;
        Ok(done)
    }

    /// A transaction that waits, or was executed in the open block.
    pub fn get(&self, hash: B256) -> Option<PooledTx> {
        let inner = self.inner.lock();
        let entry = inner.state.entry(&hash)?;
        Some(entry.pooled.clone())
    }

    /// Whether [`Self::get`] would find it.
    pub fn contains(&self, hash: B256) -> bool {
        self.inner.lock().state.entry(&hash).is_some()
    }

    /// The nonce after the account's executable transactions; `None` when the pool knows nothing of the account, whose next
    /// nonce is then the pending state's.
    pub fn pending_nonce(&self, address: Address) -> Option<u64> {
        self.inner
            .lock()
            .state
            .accounts
            .get(&address)
            .map(|queue| queue.executable_end)
    }

    /// Everything that waits. Costs time in proportion to the pool.
    pub fn content(&self) -> PoolContent {
        let waiting = self.inner.lock().state.waiting(None);
        PoolContent::of(waiting)
    }

    /// What waits of one account.
    pub fn content_from(&self, address: Address) -> PoolContent {
        let waiting = self.inner.lock().state.waiting(Some(address));
        PoolContent::of(waiting)
    }

    /// Counts.
    pub fn status(&self) -> PoolStatus {
        self.inner.lock().state.status()
    }

    /// Everything executable at a base fee in wei, best first. A snapshot that costs time in proportion to the pool.
    pub fn best(&self, base_fee: u64) -> BestTransactions {
        BestTransactions::new(&self.inner.lock().state, u128::from(base_fee))
    }

    /// The blobs of a transaction that waits, is executed or was included lately.
    pub fn sidecar(&self, hash: B256) -> Option<Arc<BlobSidecar>> {
        let inner = self.inner.lock();
        let entry = inner.state.entry(&hash);
        match entry {
            Some(entry) => entry.pooled.sidecar.clone(),
            None => {
                let included = &inner.state.included_sidecars;
                included
                    .iter()
                    .find(|(of, _)| *of == hash)
                    .map(|(_, sidecar)| sidecar.clone())
            }
        }
    }

    /// The blobs of a transaction that was included; the pool forgets them. Those of the last
    /// [`PoolConfig::retained_sidecars`] included blob transactions are there to be taken.
    pub fn take_sidecar(&self, hash: B256) -> Option<Arc<BlobSidecar>> {
        let included = &mut self.inner.lock().state.included_sidecars;
        let at = included.iter().position(|(of, _)| *of == hash)?;
        included.remove(at).map(|(_, sidecar)| sidecar)
    }

    #[cfg(test)]
    pub(crate) fn with_journal<R>(&self, f: impl FnOnce(&mut PoolJournal) -> R) -> Option<R> {
        self.inner.lock().journal.as_mut().map(f)
    }
}
