//! The way of transactions into the pool.
//!
//! Submissions that arrive while others are being written to the journal are handed in together: one write to the disk
//! serves them all, and senders are recovered off the async threads.

use crate::{
    RpcError,
    context::Submit,
    events::{Arrival, Events},
};
use alloy_primitives::{B256, Bytes};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use openledger_pool::Rejected;
use openledger_primitives::PooledTx;
use std::{io, sync::Arc, thread};
use tokio::sync::oneshot;

/// Beyond so many transactions nothing more is added to what is handed in together: recovering the senders of as many takes a
/// few milliseconds, for which the first of them waits.
const MAX_JOINED: usize = 64;

/// An accepted transaction. `arrival` comes when it is in a block, unless it was in one before (then it is `known`).
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) hash: B256,
    pub(crate) known: bool,
    pub(crate) arrival: Option<oneshot::Receiver<Arrival>>,
}

type Outcome = Result<Accepted, Rejected>;

struct Submission {
    /// In the order in which they are to be handed in.
    transactions: Vec<Bytes>,
    watch: bool,
    answer: oneshot::Sender<Vec<Outcome>>,
}

/// Threads that decode and submit.
#[derive(Debug, Clone)]
pub(crate) struct Submitter {
    queue: Sender<Submission>,
}

impl Submitter {
    pub(crate) fn start(
        submit: Submit,
        events: Arc<Events>,
        threads: usize,
        queue: usize,
    ) -> io::Result<Self> {
        let (sender, submissions) = bounded(queue.max(1));
        for index in 0..threads.max(1) {
            let (submit, events, submissions) =
                (submit.clone(), events.clone(), submissions.clone());
            thread::Builder::new()
                .name(format!("rpc-submit-{index}"))
                .spawn(move || work(&submit, &events, &submissions))?;
        }
        Ok(Self { queue: sender })
    }

    /// Submits a transaction as `eth_sendRawTransaction` receives it. With `watch` the answer can be awaited for its block.
    pub(crate) async fn submit(&self, bytes: Bytes, watch: bool) -> Result<Accepted, RpcError> {
        let outcome = self.enqueue(vec![bytes], watch).await?.pop();
        outcome.unwrap_or_else(|| Err(RpcError::Internal("transaction without answer".into())))
    }

    /// Submits the transactions of a batch: in their order, with one look at the state and one write to the journal. One
    /// result for each, in the same order.
    pub(crate) async fn submit_batch(
        &self,
        transactions: Vec<Bytes>,
    ) -> Result<Vec<Result<B256, RpcError>>, RpcError> {
        if transactions.is_empty() {
            return Ok(Vec::new());
        }
        let outcomes = self.enqueue(transactions, false).await?;
        Ok(outcomes
            .into_iter()
            .map(|outcome| Ok(outcome?.hash))
            .collect())
    }

    async fn enqueue(
        &self,
        transactions: Vec<Bytes>,
        watch: bool,
    ) -> Result<Vec<Result<Accepted, RpcError>>, RpcError> {
        let (answer, outcomes) = oneshot::channel();
        match self.queue.try_send(Submission {
            transactions,
            watch,
            answer,
        }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(RpcError::Limit("server is busy, try again later".into()));
            }
            Err(TrySendError::Disconnected(_)) => {
                return Err(RpcError::Internal("server is stopping".into()));
            }
        }
        match outcomes.await {
            Ok(outcomes) => Ok(outcomes.into_iter().map(|outcome| Ok(outcome?)).collect()),
            Err(_) => Err(RpcError::Internal("server is stopping".into())),
        }
    }
}

fn work(submit: &Submit, events: &Events, queue: &Receiver<Submission>) {
    while let Ok(first) = queue.recv() {
        let mut count = first.transactions.len();
        let mut submissions = vec![first];
        while count < MAX_JOINED {
            let Ok(next) = queue.try_recv() else { break };
            count += next.transactions.len();
            submissions.push(next);
        }
        hand_in(submit, events, submissions, count);
    }
}

/// Hands several submissions in as one and answers each.
fn hand_in(submit: &Submit, events: &Events, submissions: Vec<Submission>, count: usize) {
    let mut txs = Vec::with_capacity(count);
    let mut decoded = Vec::with_capacity(count);
    for submission in &submissions {
        for bytes in &submission.transactions {
            decoded.push(PooledTx::decode(bytes).map(|tx| {
                let hash = tx.tx.hash();
                txs.push(tx);
                // Watched before it is submitted: it can be executed before `submit` returns.
                (hash, submission.watch.then(|| events.watch(hash)))
            }));
        }
    }
    let mut results = if txs.is_empty() {
        Vec::new()
    } else {
        submit(txs)
    }
    .into_iter();
    let mut outcomes = decoded.into_iter().map(|decoded| {
        let (hash, arrival) = decoded?;
        match results.next() {
            Some(Ok(hash)) => Ok(Accepted {
                hash,
                known: false,
                arrival,
            }),
            // Whoever waits for a known transaction waits for it like the first who sent it.
            Some(Err(Rejected::AlreadyKnown)) if arrival.is_some() => Ok(Accepted {
                hash,
                known: true,
                arrival,
            }),
            Some(Err(error)) => {
                if arrival.is_some() {
                    drop(arrival);
                    events.forget(hash);
                }
                Err(error)
            }
            None => Err(Rejected::Unavailable("the pool gave no answer".into())),
        }
    });
    for Submission {
        transactions,
        answer,
        ..
    } in submissions
    {
        // Whoever does not wait any more has gone away; what was accepted stays accepted.
        let _ = answer.send(outcomes.by_ref().take(transactions.len()).collect());
    }
}
