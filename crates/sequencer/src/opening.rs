//! Opening the next block: on which L1 origin, with which forced transactions.

use crate::{
    OriginChoice, SequencerError,
    attributes::{block_attributes, head_info, start_record},
    builder::{Builder, Open, Parent, include_forced},
    choose_origin,
    log_writer::LogMessage,
};
use alloy_consensus::Header;
use alloy_primitives::B256;
use openledger_chain::PendingBuilder;
use openledger_derivation::{L2Head, PayloadAttributes, prepare};
use openledger_execution::{BlockExecution, StateSource};
use openledger_primitives::BlockRef;
use openledger_protocol::{L1Block, L1Inputs, L2BlockRef};
use std::{sync::Arc, time::Duration};
use tracing::{info, warn};

/// The longest wait for transactions before the L1 and the stop flag are looked at again.
pub(crate) const IDLE: Duration = Duration::from_millis(50);

/// What the next block needs to know of the one below it.
pub(crate) struct Below {
    /// Without roots when the block is not sealed yet.
    pub(crate) header: Header,
    pub(crate) hash: B256,
    pub(crate) origin: L1Block,
    /// Its hash is zero when it is not sealed yet.
    pub(crate) place: L2Head,
    pub(crate) parent: Parent,
    pub(crate) state: Arc<dyn StateSource>,
}

/// The payload of the block that is to be opened.
struct Next {
    payload: PayloadAttributes,
    origin: L1Block,
    /// The L1 is further behind than the drift allows.
    drifted: bool,
}

impl Builder {
    /// The L1 block of a logged origin; `None` when the L1 says that it is gone, which production then deals with.
    pub(crate) fn find_origin(&self, origin: BlockRef) -> Result<Option<L1Block>, SequencerError> {
        let mut told = false;
        loop {
            match self.origins.block(origin.number) {
                Some(block) if block.hash == origin.hash => return Ok(Some(block)),
                _ if self.origins.is_gone(origin) => return Ok(None),
                _ if self.halt.stopping() => {
                    return Err(self.stopped("stopped while waiting for the L1"));
                }
                _ => {
                    if !told {
                        info!(
                            origin = origin.number,
                            "waiting for the L1 to serve the open block's origin"
                        );
                        told = true;
                    }
                    self.wake.wait(IDLE);
                }
            }
        }
    }

    /// Opens a block on the sealed head. `None` when a command came while the L1 was waited for.
    pub(crate) fn open_on_head(&mut self) -> Result<Option<Open>, SequencerError> {
        let Some(origin) = self.wait_for_origin()? else {
            return Ok(None);
        };
        let below = self.below_head(origin)?;
        self.open(below).map(Some)
    }

    /// The sealed head as the block below the next one.
    pub(crate) fn below_head(&self, origin: L1Block) -> Result<Below, SequencerError> {
        let head = self.chain.head();
        Ok(Below {
            header: head.block.header.inner().clone(),
            hash: head.hash(),
            origin,
            place: L2Head::of_block(&head.block, &self.config.rollup)?,
            parent: Parent::Sealed,
            state: self.chain.state_at(head.number())?,
        })
    }

    /// The head's origin. Blocks whose origin is gone are taken back until there is one that stands. The L1 may be slow to
    /// answer when the node starts; a command ends the wait.
    fn wait_for_origin(&mut self) -> Result<Option<L1Block>, SequencerError> {
        let mut told = false;
        loop {
            let head = self.chain.head();
            let reference = L2BlockRef::of_block(&head.block, &self.config.rollup.genesis)?;
            let origin = reference.l1_origin;
            if let Some(block) = self
                .origins
                .block(origin.number)
                .filter(|block| block.hash == origin.hash)
            {
                return Ok(Some(block));
            }
            if self.halt.stopping() {
                return Err(self.stopped("stopped while waiting for the L1"));
            }
            if !self.commands.is_empty() {
                return Ok(None);
            }
            if self.origins.is_gone(origin) {
                self.check_l1()?;
                if head.number() == 0 {
                    return Err(SequencerError::OtherL1(origin));
                }
                self.retract(head.number(), "its L1 origin is no longer canonical")?;
                continue;
            }
            if !told {
                info!(
                    origin = origin.number,
                    "waiting for the L1 to serve the head's origin"
                );
                told = true;
            }
            self.wake.wait(IDLE);
        }
    }

    /// Decides on the next block's origin, and with it on its forced transactions.
    fn next(&self, below: &Below) -> Next {
        let rollup = &self.config.rollup;
        let timestamp = below.header.timestamp + rollup.block_time;
        let max_drift = rollup.max_sequencer_drift;
        let choice = choose_origin(
            &*self.origins,
            &below.origin,
            timestamp,
            self.config.l1_confs,
            max_drift,
        );
        let adopted = match choice {
            // Without its deposits an L1 block can not be adopted: a later L2 block will.
            OriginChoice::Adopt(next) => self.inputs_of(&next).map(|inputs| (next, inputs)),
            OriginChoice::Keep | OriginChoice::KeepWithoutTransactions => None,
        };
        match adopted {
            Some((origin, inputs)) => Next {
                payload: prepare(rollup, &below.place, &origin, Some(&inputs)),
                origin,
                drifted: false,
            },
            None => Next {
                payload: prepare(rollup, &below.place, &below.origin, None),
                origin: below.origin,
                drifted: timestamp > below.origin.timestamp.saturating_add(max_drift),
            },
        }
    }

    /// What an L1 block brings. In recover mode it is waited for, as long as nothing else is to be done: a block that kept its
    /// parent's origin would not be the one that derivation makes.
    fn inputs_of(&self, block: &L1Block) -> Option<Arc<L1Inputs>> {
        loop {
            let inputs = self.origins.inputs(block);
            let waits = self.mode.recovering()
                && !self.halt.stopping()
                && self.commands.is_empty()
                && !self.origins.is_gone(block.id());
            if inputs.is_some() || !waits {
                return inputs;
            }
            self.wake.wait(IDLE);
        }
    }

    pub(crate) fn open(&mut self, below: Below) -> Result<Open, SequencerError> {
        let spec = self.chain.spec().clone();
        let Next {
            payload,
            origin,
            drifted,
        } = self.next(&below);
        let attributes = block_attributes(&spec, &below.header, below.hash, &payload)?;
        // A chain behind its slots catches up with empty blocks, each at once.
        let late = self
            .config
            .clock
            .until(payload.timestamp + self.config.rollup.block_time)
            .is_zero();
        let execution = match &below.parent {
            Parent::Sealed => BlockExecution::begin(spec, below.state.clone(), attributes.clone())?,
            Parent::Unsealed { .. } => {
                BlockExecution::begin_before_parent(spec, below.state.clone(), attributes.clone())?
            }
        };
        let mut open = Open {
            execution,
            pending: PendingBuilder::new(attributes.clone(), below.state),
            origin,
            place: place_of(&payload),
            parent: below.parent,
            forced_only: drifted || late || self.mode.recovering(),
            da_bytes: 0,
        };
        if drifted {
            warn!(
                number = payload.number,
                "the L1 is further behind than the drift allows: forced transactions only"
            );
        }
        include_forced(&mut open, &payload.forced)?;
        self.pool
            .set_head(head_info(&attributes, &origin, &payload.config));
        self.send(LogMessage::Start {
            start: start_record(&attributes, &payload, payload.forced.clone()),
            pending: open.pending.snapshot(),
        })?;
        Ok(open)
    }
}

/// Where a block that is not sealed yet will stand; its hash, and its parent's, are not known and zero.
pub(crate) fn place_of(payload: &PayloadAttributes) -> L2Head {
    L2Head {
        block: L2BlockRef {
            hash: B256::ZERO,
            number: payload.number,
            parent_hash: B256::ZERO,
            timestamp: payload.timestamp,
            l1_origin: payload.origin,
            sequence_number: payload.sequence_number,
        },
        config: payload.config.clone(),
    }
}
