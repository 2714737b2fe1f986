//! The thread that executes every sealed block again, from its parent's state, before it may leave for the L1.

use crate::{OnVerified, SequencerError, halt::Halt, metrics};
use alloy_primitives::B256;
use crossbeam_channel::Receiver;
use openledger_chain::Chain;
use openledger_execution::verify_block;
use openledger_primitives::BlockRef;
use openledger_storage::ExecutedBlock;
use parking_lot::{Condvar, Mutex};
use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::debug;

/// How often a waiter looks whether production has been stopped.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// The highest block that stood re-execution. Nothing above it may leave for the L1.
pub(crate) struct Verified {
    number: Mutex<u64>,
    changed: Condvar,
    mark: VerifiedMark,
    told: Option<OnVerified>,
}

impl Verified {
    pub(crate) fn new(number: u64, mark: VerifiedMark, told: Option<OnVerified>) -> Self {
        Self {
            number: Mutex::new(number),
            changed: Condvar::new(),
            mark,
            told,
        }
    }

    /// With the lock held, so that whoever is told hears the numbers in their order.
    fn tell(&self, number: u64) {
        self.changed.notify_all();
        if let Some(told) = &self.told {
            told(number);
        }
    }

    /// What an earlier run verified.
    pub(crate) fn marked(&self) -> Option<BlockRef> {
        self.mark.read()
    }

    pub(crate) fn number(&self) -> u64 {
        *self.number.lock()
    }

    pub(crate) fn set(&self, block: BlockRef) {
        let mut number = self.number.lock();
        *number = block.number;
        self.tell(block.number);
        self.mark.write(block);
    }

    /// The block stood re-execution. Not noted when it is no longer `canonical`, which is asked while nobody can
    /// [`lower`](Self::lower) the mark.
    fn raise(
        &self,
        block: BlockRef,
        canonical: impl FnOnce() -> Result<bool, SequencerError>,
    ) -> Result<(), SequencerError> {
        let mut number = self.number.lock();
        if canonical()? {
            *number = block.number;
            self.tell(block.number);
            self.mark.write(block);
        }
        Ok(())
    }

    /// The blocks above `head` were taken back. What is below it and was not verified stays so.
    pub(crate) fn lower(&self, head: BlockRef) {
        let mut number = self.number.lock();
        if *number > head.number {
            *number = head.number;
            self.tell(head.number);
            self.mark.write(head);
        }
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

/// The verified block, in a file beside the log, so that a restart does not take an unverified block for a verified one.
///
/// It is written in place, in one write and without fsync, after the verification: what it says is true, though it may say less
/// than is true. Without it every block of the log is verified again.
#[derive(Debug)]
pub(crate) struct VerifiedMark(PathBuf);

impl VerifiedMark {
    pub(crate) fn new(log_dir: &Path) -> Self {
        Self(log_dir.join("verified"))
    }

    /// The block that was verified last; `None` when that is not known.
    pub(crate) fn read(&self) -> Option<BlockRef> {
        let bytes = std::fs::read(&self.0).ok()?;
        let (number, hash) = bytes.split_first_chunk::<8>()?;
        Some(BlockRef {
            number: u64::from_le_bytes(*number),
            hash: B256::try_from(hash).ok()?,
        })
    }

    pub(crate) fn write(&self, block: BlockRef) {
        let bytes = [block.number.to_le_bytes().as_slice(), block.hash.as_slice()].concat();
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.0);
        if let Err(error) = file.and_then(|file| file.write_all_at(&bytes, 0)) {
            // Harmless: the next start verifies more than it needs to.
            debug!(%error, "the mark of verified blocks can not be written");
        }
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
        if !self.canonical(block)? {
            return Ok(());
        }
        if let Err(error) = self.execute_again(block) {
            // A block that was taken back meanwhile may have lost its parent's state.
            return if self.canonical(block)? {
                Err(error)
            } else {
                Ok(())
            };
        }
        metrics::verified(number, start.elapsed());
        self.verified
            .raise(block.block_ref(), || self.canonical(block))
    }

    fn execute_again(&self, block: &ExecutedBlock) -> Result<(), SequencerError> {
        let parent = self.chain.state_at(block.number() - 1)?;
        verify_block(
            self.chain.spec(),
            parent,
            &block.block,
            Some((&block.receipts, &block.changes)),
        )?;
        Ok(())
    }

    /// False when the block was taken back.
    fn canonical(&self, block: &ExecutedBlock) -> Result<bool, SequencerError> {
        Ok(self
            .chain
            .header(block.number())?
            .map(|header| header.seal())
            == Some(block.hash()))
    }
}
