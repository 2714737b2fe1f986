//! What the builder is told from outside: by derivation, and by an operator.
//!
//! Blocks are made while derivation knows where the chain stands *and* the operator wants them: neither overrides the other. The
//! builder's thread alone decides, one command after the other.

use crate::{
    SequencerError,
    adoption::{AdoptedPayload, Adoption},
    builder::{Builder, Open},
};
use alloy_primitives::B256;
use crossbeam_channel::Sender;
use openledger_primitives::BlockRef;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::info;

/// What became of an operator's wish that no more blocks be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopping {
    /// The open block is sealed and durable; this is the head.
    Stopped(BlockRef),
    /// None were being made at an operator's wish already.
    WasStopped,
}

/// What became of an operator's wish that blocks be made on a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starting {
    /// They are, as soon as derivation knows where the chain stands.
    Started,
    /// No operator had stopped it.
    WasStarted,
    /// The head is another one. Nothing was changed.
    OtherHead(BlockRef),
}

/// What the builder is asked for from outside.
pub(crate) enum Command {
    /// Everything that the L1 has is derived.
    Derived,
    /// Put this block at its height.
    Adopt(Box<AdoptedPayload>, Sender<Result<Adoption, String>>),
    /// Seal the open block, then make none.
    Stop(Sender<Stopping>),
    /// Make blocks on this head.
    Start(B256, Sender<Starting>),
}

/// Whether blocks are made, and of which kind.
#[derive(Debug)]
pub(crate) struct Mode {
    /// Derivation knows where the chain stands.
    derived: AtomicBool,
    /// An operator wants no blocks.
    stopped: AtomicBool,
    /// An operator wants blocks as derivation would make them without any batch.
    recover: AtomicBool,
    /// The next block can not be made before the L1 has one.
    waits: AtomicBool,
}

impl Mode {
    pub(crate) fn new(derived: bool) -> Self {
        Self {
            derived: AtomicBool::new(derived),
            stopped: AtomicBool::new(false),
            recover: AtomicBool::new(false),
            waits: AtomicBool::new(false),
        }
    }

    pub(crate) fn producing(&self) -> bool {
        self.derived() && !self.stopped()
    }

    pub(crate) fn derived(&self) -> bool {
        self.derived.load(Ordering::Acquire)
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(crate) fn recovering(&self) -> bool {
        self.recover.load(Ordering::Acquire)
    }

    pub(crate) fn waits_for_l1(&self) -> bool {
        self.waits.load(Ordering::Acquire)
    }

    /// True when that is a change.
    pub(crate) fn wait_for_l1(&self, waits: bool) -> bool {
        self.waits.swap(waits, Ordering::AcqRel) != waits
    }

    /// True when that is a change.
    pub(crate) fn recover(&self, on: bool) -> bool {
        self.recover.swap(on, Ordering::AcqRel) != on
    }
}

impl Builder {
    /// Does what was asked for; the open block comes back when it is still open.
    pub(crate) fn obey(
        &mut self,
        open: Option<Open>,
        command: Command,
    ) -> Result<Option<Open>, SequencerError> {
        match command {
            Command::Derived => {
                self.mode.derived.store(true, Ordering::Release);
                Ok(open)
            }
            Command::Stop(done) if self.mode.stopped() => {
                let _ = done.send(Stopping::WasStopped);
                Ok(open)
            }
            Command::Stop(done) => {
                self.mode.stopped.store(true, Ordering::Release);
                if let Some(open) = open {
                    let below = self.close(open)?;
                    self.drain(&below)?;
                }
                let head = self.chain.head().block_ref();
                info!(
                    head = head.number,
                    "an operator stopped the making of blocks"
                );
                let _ = done.send(Stopping::Stopped(head));
                Ok(None)
            }
            Command::Start(hash, done) => {
                let head = self.chain.head().block_ref();
                let outcome = if !self.mode.stopped() {
                    Starting::WasStarted
                } else if head.hash != hash {
                    Starting::OtherHead(head)
                } else {
                    info!(
                        head = head.number,
                        "an operator started the making of blocks"
                    );
                    self.mode.stopped.store(false, Ordering::Release);
                    Starting::Started
                };
                let _ = done.send(outcome);
                Ok(open)
            }
            Command::Adopt(payload, done) => {
                // What comes next is for derivation to say.
                self.mode.derived.store(false, Ordering::Release);
                let outcome = self.adopt(open, &payload);
                let (open, adoption) = match outcome {
                    Ok((open, adoption)) => (open, Ok(adoption)),
                    Err(error) => {
                        let _ = done.send(Err(error.to_string()));
                        return Err(error);
                    }
                };
                let _ = done.send(adoption);
                Ok(open)
            }
        }
    }
}
