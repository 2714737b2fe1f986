//! The thread that gives an executed block its state root and header.

use crate::{
    Clock, SequencerError, halt::Halt, log_writer::LogMessage, metrics, unsealed::Sealing,
    verifier::Verified,
};
use crossbeam_channel::{Receiver, Sender};
use openledger_chain::Chain;
use openledger_execution::ExecutedPayload;
use std::{sync::Arc, time::Instant};

/// An executed block whose parent is sealed.
pub(crate) struct SealJob {
    pub(crate) payload: ExecutedPayload,
    pub(crate) sealing: Arc<Sealing>,
}

/// Nobody may wait for a block for ever, whatever ends its sealing.
struct Abandon(Arc<Sealing>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

pub(crate) struct Sealer {
    pub(crate) chain: Arc<Chain>,
    pub(crate) verified: Arc<Verified>,
    pub(crate) log: Sender<LogMessage>,
    pub(crate) clock: Clock,
    pub(crate) halt: Halt,
}

impl Sealer {
    pub(crate) fn run(self, receiver: &Receiver<SealJob>) {
        while let Ok(job) = receiver.recv() {
            let sealing = job.sealing.clone();
            let _abandoned = Abandon(sealing.clone());
            if let Err(error) = self.seal(job) {
                sealing.set(Err(error.to_string()));
                self.halt.fail(&error);
                // A channel keeps what is in it: jobs that still come are refused one by one.
                receiver
                    .iter()
                    .for_each(|job| job.sealing.set(Err(error.to_string())));
                return;
            }
        }
    }

    fn seal(&self, job: SealJob) -> Result<(), SequencerError> {
        let attributes = &job.payload.attributes;
        let (number, timestamp) = (attributes.number, attributes.timestamp);
        // A parent that does not stand re-execution gets no child.
        self.verified.wait_for(number - 1, &self.halt)?;
        let start = Instant::now();
        let block = self.chain.seal(job.payload)?;
        let lag = self
            .clock
            .now_ms()
            .saturating_sub(timestamp.saturating_mul(1000));
        metrics::sealed(
            number,
            timestamp,
            block.block.transactions.len(),
            block.block.header.gas_used,
            start.elapsed(),
            std::time::Duration::from_millis(lag),
        );
        let sent = self.log.send(LogMessage::Seal(block.clone()));
        job.sealing.set(Ok(block));
        sent.map_err(|_| SequencerError::Stopped("the log writer has ended".into()))
    }
}
