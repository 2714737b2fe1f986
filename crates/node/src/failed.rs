//! Failed transactions in the node's log: why, and the calls that led there.

use crossbeam_channel::{Sender, TrySendError, bounded};
use openledger_chain::PendingBlock;
use openledger_execution::{TxStatus, readable_trace};
use openledger_genesis::ChainSpec;
use openledger_primitives::Tx;
use openledger_sequencer::FailedTransaction;
use std::sync::Arc;
use tracing::{info, warn};

/// Failures that may wait for the tracing thread; more are logged without a trace.
const QUEUE: usize = 64;

type Job = (Tx, TxStatus, Arc<PendingBlock>);

/// Starts the thread that traces, and returns what the sequencer calls. The thread ends with the last copy of it.
pub(crate) fn failed_transactions(spec: Arc<ChainSpec>) -> std::io::Result<FailedTransaction> {
    let (sender, receiver) = bounded::<Job>(QUEUE);
    std::thread::Builder::new().name("failed-tx".into()).spawn(move || {
        while let Ok((tx, status, state)) = receiver.recv() {
            let attributes = state.attributes.clone();
            let block = attributes.number;
            match readable_trace(spec.clone(), state, attributes, &tx) {
                Ok(trace) => info!(hash = %tx.hash(), block, "transaction failed: {trace}"),
                Err(error) => warn!(hash = %tx.hash(), block, ?status, %error, "transaction failed; no trace"),
            }
        }
    })?;
    Ok(report(sender))
}

fn report(sender: Sender<Job>) -> FailedTransaction {
    Arc::new(
        move |tx, status, state| match sender.try_send((tx, status, state)) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full((tx, status, _))) => {
                info!(hash = %tx.hash(), ?status, "transaction failed; too many failures to trace each");
            }
        },
    )
}
