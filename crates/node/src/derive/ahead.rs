//! What is likely to be derived next, decoded and its senders recovered while the blocks before it are executed.
//!
//! A block is executed on one core, one transaction after the other; recovering the senders of its transactions takes longer than
//! that and can be done on all of them. Channels hold few blocks, so waiting for the pipeline to come to a batch would leave the
//! other cores idle: batches are read as soon as the L1 blocks that complete them are there.

use crate::derive::source::Listener;
use alloy_primitives::Bytes;
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use openledger_derivation::{Derived, LookAhead};
use openledger_genesis::RollupConfig;
use openledger_primitives::{Tx, TxDecodeError};
use openledger_protocol::Batch;
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use std::{
    cmp::Ordering,
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Blocks, and ends of L1 blocks, that wait to be asked for.
const FOUND: usize = 6;
/// Larger blocks are not prepared, in bytes: more than any block's gas pays for.
const MAX_BYTES: usize = 16 << 20;

/// The transactions of a block, or the first error in them.
pub(crate) type Decoded = Result<Vec<Tx>, TxDecodeError>;

/// Prepares blocks. What it has ready decides nothing: a block that it does not know is decoded when it is derived.
pub(crate) struct Ahead {
    rollup: Arc<RollupConfig>,
    /// Not rayon's own: whoever computes a state root there would have to wait for these transactions.
    pool: Arc<ThreadPool>,
    reader: Option<Reader>,
}

/// The thread that reads batches, as it is seen from outside. It ends when it finds that this was dropped, or with its listener.
struct Reader {
    payloads: Sender<Payloads>,
    found: Receiver<Found>,
    /// Found, and belongs to a later L1 block than the one that was asked for last.
    next: Option<Found>,
    /// The L1 block that is being derived from.
    given: u64,
    /// Batches in L1 blocks before this one are not derived any more.
    unread: Arc<AtomicU64>,
    /// The newest L1 block that the thread has read to its end.
    finished: u64,
}

/// What the batcher put into an L1 block.
struct Payloads {
    l1: u64,
    payloads: Vec<Bytes>,
    /// The L1 blocks before this one do not matter any more.
    current: bool,
}

enum Found {
    /// A block with transactions, in a batch that an L1 block completed.
    Block {
        l1: u64,
        transactions: Vec<Bytes>,
        decoded: Receiver<Decoded>,
    },
    /// There is nothing more in an L1 block.
    End { l1: u64 },
}

impl Found {
    fn l1(&self) -> u64 {
        match self {
            Self::Block { l1, .. } | Self::End { l1 } => *l1,
        }
    }
}

impl Ahead {
    pub(crate) fn new(rollup: Arc<RollupConfig>) -> Result<Self> {
        let pool = ThreadPoolBuilder::new()
            .thread_name(|index| format!("recover-{index}"))
            .build()
            .context("the threads that recover senders can not be started")?;
        Ok(Self {
            rollup,
            pool: Arc::new(pool),
            reader: None,
        })
    }

    /// Forgets everything, since derivation begins somewhere else: batches in L1 blocks before `unread` are not derived again.
    ///
    /// The listener takes payloads of L1 blocks that are fetched before they are derived from.
    pub(crate) fn restart(&mut self, unread: u64) -> Result<Listener> {
        let reader = Reader::start(&self.rollup, self.pool.clone(), unread)?;
        let payloads = reader.payloads.clone();
        self.reader = Some(reader);
        Ok(Arc::new(move |l1, fetched| {
            let fetched = Payloads {
                l1,
                payloads: fetched.to_vec(),
                current: false,
            };
            // Nobody reads what was fetched before a restart.
            let _ = payloads.send(fetched);
        }))
    }

    /// Takes the payloads of the L1 block that is derived from next.
    pub(crate) fn give(&mut self, l1: u64, payloads: &[Bytes]) {
        if let Some(reader) = &mut self.reader {
            reader.given = l1;
            reader.unread.fetch_max(l1, Relaxed);
            reader.drop_before(l1);
            let given = Payloads {
                l1,
                payloads: payloads.to_vec(),
                current: true,
            };
            // A thread that has ended finds nothing any more, and blocks are decoded when they are derived.
            let _ = reader.payloads.send(given);
        }
    }

    /// The transactions of a block; `None` when they were not prepared.
    pub(crate) fn take(&mut self, derived: &Derived) -> Option<Decoded> {
        let transactions = &derived.attributes.transactions;
        if transactions.is_empty() {
            return None;
        }
        let l1 = derived.derived_from.number;
        self.reader.as_mut()?.take(l1, transactions)
    }
}

impl Reader {
    fn start(rollup: &RollupConfig, pool: Arc<ThreadPool>, unread: u64) -> Result<Self> {
        let (payloads, given) = unbounded();
        let (finds, found) = bounded(FOUND);
        let unread = Arc::new(AtomicU64::new(unread));
        let batches = LookAhead::new(rollup);
        let preparation = Preparation {
            pool,
            finds,
            unread: unread.clone(),
        };
        std::thread::Builder::new()
            .name("derive-ahead".into())
            .spawn(move || preparation.run(batches, &given))
            .context("the thread that reads batches ahead can not be started")?;
        Ok(Self {
            payloads,
            found,
            next: None,
            given: 0,
            unread,
            finished: 0,
        })
    }

    /// Drops what was found in L1 blocks before this one: with no room left the thread would read nothing more, and payloads
    /// would pile up.
    fn drop_before(&mut self, l1: u64) {
        while let Some(found) = self.next.take().or_else(|| self.found.try_recv().ok()) {
            if found.l1() >= l1 {
                self.next = Some(found);
                return;
            }
        }
    }

    fn take(&mut self, l1: u64, transactions: &[Bytes]) -> Option<Decoded> {
        // Waits only for what is being read.
        while self.next.is_some() || (self.given >= l1 && self.finished < l1) {
            let found = match self.next.take() {
                Some(found) => found,
                None => self.found.recv().ok()?,
            };
            match (found.l1().cmp(&l1), found) {
                (Ordering::Greater, found) => {
                    self.next = Some(found);
                    return None;
                }
                (_, Found::End { l1 }) => self.finished = l1,
                (
                    Ordering::Equal,
                    Found::Block {
                        transactions: prepared,
                        decoded,
                        ..
                    },
                ) if prepared == transactions => return decoded.recv().ok(),
                // The pipeline has dropped it.
                (_, Found::Block { .. }) => {}
            }
        }
        None
    }
}

/// What the thread works with.
struct Preparation {
    pool: Arc<ThreadPool>,
    finds: Sender<Found>,
    unread: Arc<AtomicU64>,
}

impl Preparation {
    /// Reads L1 blocks one after the other, as they come or as derivation gets to them, until nobody wants to know any more.
    fn run(&self, mut batches: LookAhead, given: &Receiver<Payloads>) {
        let mut waiting = BTreeMap::new();
        let mut next = None;
        for Payloads {
            l1,
            payloads,
            current,
        } in given
        {
            if next.is_some_and(|next| l1 < next) {
                continue;
            }
            waiting.insert(l1, payloads);
            if current {
                next = Some(l1);
                waiting = waiting.split_off(&l1);
            }
            while let Some(l1) = next
                && let Some(payloads) = waiting.remove(&l1)
            {
                next = Some(l1 + 1);
                if self.is_read(l1) {
                    batches.pass(l1, &payloads);
                    continue;
                }
                batches.read(l1, &payloads, |batch| {
                    blocks(batch).all(|block| self.prepare(l1, block))
                });
                if self.finds.send(Found::End { l1 }).is_err() {
                    return;
                }
            }
        }
    }

    /// Derivation is beyond an L1 block.
    fn is_read(&self, l1: u64) -> bool {
        l1 < self.unread.load(Relaxed)
    }

    /// Decodes a block's transactions, once few enough blocks wait; false when nobody wants them any more.
    fn prepare(&self, l1: u64, transactions: Vec<Bytes>) -> bool {
        let size: usize = transactions.iter().map(|raw| raw.len()).sum();
        if size > MAX_BYTES || self.is_read(l1) {
            return true;
        }
        let (done, decoded) = bounded(1);
        let raw = transactions.clone();
        let found = Found::Block {
            l1,
            transactions,
            decoded,
        };
        if self.finds.send(found).is_err() {
            return false;
        }
        // One block after the other, each on all threads: the next one is wanted first. By now nobody may wait for it.
        let _ = done.send(self.pool.install(|| decode(&raw)));
        true
    }
}

/// The blocks of a batch that have transactions.
fn blocks(batch: Batch) -> impl Iterator<Item = Vec<Bytes>> {
    let (one, several) = match batch {
        Batch::Singular(batch) => (Some(batch.transactions), Vec::new()),
        Batch::Span(span) => (None, span.blocks),
    };
    one.into_iter()
        .chain(several.into_iter().map(|block| block.transactions))
        .filter(|transactions| !transactions.is_empty())
}

/// Decodes transactions and recovers their senders, on all threads of the current pool.
pub(crate) fn decode(transactions: &[Bytes]) -> Decoded {
    transactions
        .par_iter()
        .map(|bytes| Tx::decode(bytes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_consensus::{SignableTransaction, TxLegacy};
    use alloy_primitives::{Address, B256};
    use alloy_signer::SignerSync as _;
    use alloy_signer_local::PrivateKeySigner;
    use openledger_primitives::TxEnvelope;
    use openledger_protocol::{
        ChannelId, Compression, Frame, SingularBatch, SpanContext, batch_rlp, compress,
        encode_frames,
    };
    use serde_json::json;

    fn rollup() -> Arc<RollupConfig> {
        let block = json!({"number": 0, "hash": B256::ZERO});
        let rollup = json!({
            "genesis": {
                "l1": block,
                "l2": block,
                "l2_time": 0,
                "system_config": {
                    "batcherAddr": Address::ZERO,
                    "overhead": B256::ZERO,
                    "scalar": B256::ZERO,
                    "gasLimit": 30_000_000,
                },
            },
            "block_time": 1,
            "max_sequencer_drift": 600,
            "seq_window_size": 100,
            "channel_timeout": 300,
            "l1_chain_id": 1,
            "l2_chain_id": 2,
            "batch_inbox_address": Address::ZERO,
            "deposit_contract_address": Address::ZERO,
            "l1_system_config_address": Address::ZERO,
            "chain_op_config": {
                "eip1559Elasticity": 6,
                "eip1559Denominator": 50,
                "eip1559DenominatorCanyon": 250,
            },
        });
        Arc::new(serde_json::from_value(rollup).unwrap())
    }

    fn transactions(nonces: std::ops::Range<u64>) -> Vec<Bytes> {
        let signer = PrivateKeySigner::from_bytes(&B256::with_last_byte(1)).unwrap();
        let sign = |nonce| {
            let tx = TxLegacy {
                nonce,
                to: Address::ZERO.into(),
                ..TxLegacy::default()
            };
            let signature = signer.sign_hash_sync(&tx.signature_hash()).unwrap();
            let tx = TxEnvelope::Legacy(tx.into_signed(signature));
            Tx::with_signer(tx, signer.address()).encoded().clone()
        };
        nonces.map(sign).collect()
    }

    /// A payload with a channel that holds a batch for each of the blocks.
    fn payload(blocks: &[Vec<Bytes>]) -> Bytes {
        let rollup = rollup();
        let mut content = Vec::new();
        for transactions in blocks {
            let batch = Batch::Singular(SingularBatch {
                parent_hash: B256::ZERO,
                epoch: rollup.genesis.l1,
                timestamp: 0,
                transactions: transactions.clone(),
            });
            let batch = batch.encode(&SpanContext::of(&rollup)).unwrap();
            batch_rlp(&batch, &mut content);
        }
        let frame = Frame {
            channel: ChannelId([1; 16]),
            number: 0,
            data: compress(&content, Compression::Zlib { level: 6 }).into(),
            is_last: true,
        };
        encode_frames(&[frame]).into()
    }

    fn ahead() -> (Ahead, Listener) {
        let mut ahead = Ahead::new(rollup()).unwrap();
        let listener = ahead.restart(0).unwrap();
        (ahead, listener)
    }

    fn take(ahead: &mut Ahead, l1: u64, transactions: &[Bytes]) -> Option<Decoded> {
        ahead.reader.as_mut().unwrap().take(l1, transactions)
    }

    #[track_caller]
    fn is_ready(ahead: &mut Ahead, l1: u64, transactions: &[Bytes]) {
        let decoded = take(ahead, l1, transactions).expect("it was prepared");
        let decoded: Vec<_> = decoded
            .unwrap()
            .iter()
            .map(|tx| tx.encoded().clone())
            .collect();
        assert_eq!(decoded, transactions);
    }

    #[test]
    fn what_was_fetched_in_any_order_is_ready_when_it_is_derived() {
        let (mut ahead, listener) = ahead();
        let [a, b, c] = [0..3, 3..4, 4..9].map(transactions);
        listener(13, &[payload(std::slice::from_ref(&c))]);
        listener(12, &[]);
        listener(11, &[payload(&[a.clone(), Vec::new(), b.clone()])]);
        ahead.give(10, &[]);
        assert!(take(&mut ahead, 10, &a).is_none());
        ahead.give(11, &[payload(&[a.clone(), Vec::new(), b.clone()])]);
        is_ready(&mut ahead, 11, &a);
        is_ready(&mut ahead, 11, &b);
        ahead.give(12, &[]);
        assert!(take(&mut ahead, 12, &c).is_none());
        ahead.give(13, &[payload(std::slice::from_ref(&c))]);
        is_ready(&mut ahead, 13, &c);
    }

    #[test]
    fn what_the_pipeline_drops_or_makes_otherwise_does_not_disturb_what_follows() {
        let (mut ahead, _) = ahead();
        let [a, b, c] = [0..1, 1..2, 2..3].map(transactions);
        ahead.give(5, &[payload(&[a.clone(), b.clone()])]);
        // The first one was dropped; then one that was not in a batch as far as is known.
        is_ready(&mut ahead, 5, &b);
        assert!(take(&mut ahead, 5, &c).is_none());
        // Nothing was asked of the next block, and one was never given.
        ahead.give(6, &[payload(std::slice::from_ref(&a))]);
        assert!(take(&mut ahead, 7, &c).is_none());
        ahead.give(8, &[payload(std::slice::from_ref(&c))]);
        is_ready(&mut ahead, 8, &c);
    }

    #[test]
    fn what_was_derived_before_a_restart_is_not_prepared() {
        let mut ahead = Ahead::new(rollup()).unwrap();
        ahead.restart(7).unwrap();
        let [a, b] = [0..1, 1..2].map(transactions);
        ahead.give(6, &[payload(std::slice::from_ref(&a))]);
        ahead.give(7, &[payload(std::slice::from_ref(&b))]);
        assert!(take(&mut ahead, 6, &a).is_none());
        is_ready(&mut ahead, 7, &b);
    }

    #[test]
    fn payloads_do_not_pile_up_behind_batches_that_are_all_dropped() {
        let (mut ahead, _) = ahead();
        let [a, b] = [0..1, 1..2].map(transactions);
        let dropped = payload(&vec![a; 10]);
        for l1 in 1..100 {
            ahead.give(l1, std::slice::from_ref(&dropped));
        }
        ahead.give(100, &[payload(std::slice::from_ref(&b))]);
        // Nobody takes anything, and all is read.
        while !ahead.reader.as_ref().unwrap().payloads.is_empty() {
            std::thread::yield_now();
        }
        is_ready(&mut ahead, 100, &b);
    }

    #[test]
    fn nonsense_is_told_as_it_would_be_without_preparation() {
        let (mut ahead, listener) = ahead();
        let nonsense = vec![Bytes::from_static(&[2, 0xff])];
        let junk = Bytes::from_static(&[0, 1, 2, 3]);
        listener(2, &[junk.clone(), payload(std::slice::from_ref(&nonsense))]);
        ahead.give(1, &[junk]);
        ahead.give(2, &[]);
        let prepared = take(&mut ahead, 2, &nonsense).expect("it was prepared");
        let error = decode(&nonsense).unwrap_err().to_string();
        assert_eq!(prepared.unwrap_err().to_string(), error);
    }

    #[test]
    fn after_a_restart_nothing_of_before_is_known() {
        let (mut ahead, old) = ahead();
        let a = transactions(0..1);
        ahead.give(3, &[payload(std::slice::from_ref(&a))]);
        ahead.restart(0).unwrap();
        old(4, &[payload(std::slice::from_ref(&a))]);
        ahead.give(4, &[]);
        assert!(take(&mut ahead, 3, &a).is_none());
        assert!(take(&mut ahead, 4, &a).is_none());
    }
}
