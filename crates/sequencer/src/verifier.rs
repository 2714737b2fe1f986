//! The thread that executes every sealed block again, from its parent's state, before it may leave for the L1.

use crate::{SequencerError, halt::Halt, metrics};
use crossbeam_channel::Receiver;
use openledger_chain::Chain;
use openledger_execution::verify_block;
use openledger_storage::ExecutedBlock;
use parking_lot::{Condvar, Mutex};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How often a waiter looks whether production has been stopped.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// The highest block that stood re-execution. Nothing above it may leave for the L1.
#[derive(Debug)]
pub(crate) struct Verified {
    number: Mutex<u64>,
    changed: Condvar,
}

impl Verified {
    pub(crate) fn new(number: u64) -> Self {
        Self { number: Mutex::new(number), changed: Condvar::new() }
    }

    pub(crate) fn number(&self) -> u64 {
        *self.number.lock()
    }

    pub(crate) fn set(&self, number: u64) {
        *self.number.lock() = number;
        self.changed.notify_all();
    }

    pub(crate) fn wait_for(&self, number: u64, halt: &Halt) -> Result<(), SequencerError> {
        let mut verified = self.number.lock();
        while *verified < number {
            if let Some(reason) = halt.reason() {
                return Err(SequencerError::Stopped(reason));
            }
            self.changed.wait_for(&mut verified, STOP_CHECK);
        }
        Ok(())
    }
}

pub(crate) struct Verifier {
    pub(crate) chain: Arc<Chain>,
    pub(crate) verified: Arc<Verified>,
    pub(crate) halt: Halt,
}

impl Verifier {
    pub(crate) fn run(self, receiver: &Receiver<Arc<ExecutedBlock>>) {
        while let Ok(block) = receiver.recv() {
            if let Err(error) = self.verify(&block) {
                self.halt.fail(&error);
                return;
            }
        }
    }

    fn verify(&self, block: &ExecutedBlock) -> Result<(), SequencerError> {
        let number = block.number();
        let start = Instant::now();
        if self.chain.header(number)?.map(|header| header.seal()) != Some(block.hash()) {
            // Taken back since.
            return Ok(());
        }
        let parent = self.chain.state_at(number - 1)?;
        verify_block(self.chain.spec(), parent, &block.block, Some((&block.receipts, &block.changes)))?;
        metrics::verified(number, start.elapsed());
        self.verified.set(number);
        Ok(())
    }
}
