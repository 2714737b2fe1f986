//! Opening the next block: on which L1 origin, with which forced transactions.

use crate::{
    OriginChoice, SequencerError,
    attributes::{block_attributes, head_info, start_record},
    builder::{Builder, Open, Parent, include_forced},
    choose_origin,
    log_writer::LogMessage,
    origin::{is_drifted, keeps_too_long},
};
use alloy_consensus::Header;
use alloy_primitives::B256;
use openledger_chain::PendingBuilder;
use openledger_derivation::{L2Head, PayloadAttributes, prepare};
use openledger_execution::{BlockExecution, StateSource};
use openledger_primitives::BlockRef;
use openledger_protocol::{L1Block, L1Inputs, L2BlockRef};
use std::{sync::Arc, time::Duration};
use tracing::{debug, info, warn};

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

/// The payload of the block that is to be opened, and its origin.
pub(crate) struct Next {
    payload: PayloadAttributes,
    origin: L1Block,
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
        let outcome = self.wait_and_open();
        self.mode.wait_for_l1(false);
        outcome
    }

    fn wait_and_open(&mut self) -> Result<Option<Open>, SequencerError> {
        loop {
            let Some(origin) = self.wait_for_origin()? else {
                return Ok(None);
            };
            if let Some(lowest) = self.first_refused(&origin)? {
                let reason = "it keeps its L1 origin for longer than the drift allows";
                self.retract(lowest, reason)?;
                continue;
            }
            let below = self.below_head(origin)?;
            if let Some(next) = self.next(&below) {
                return self.open(below, next).map(Some);
            }
            if self.halt.stopping() {
                return Err(self.stopped("stopped while waiting for the L1"));
            }
            if !self.commands.is_empty() {
                return Ok(None);
            }
            if self.mode.wait_for_l1(true) {
                warn!(
                    origin = origin.number,
                    "the drift is used up: no block is made before the next L1 block is known"
                );
            }
            self.wake.wait(IDLE);
        }
    }

    /// The first of the newest blocks that derivation refuses for [keeping their origin too long](keeps_too_long).
    fn first_refused(&self, origin: &L1Block) -> Result<Option<u64>, SequencerError> {
        let mut lowest = None;
        for number in (1..=self.chain.head().number()).rev() {
            let Some(block) = self.chain.block(number)? else {
                break;
            };
            let reference = L2BlockRef::of_block(&block, &self.config.rollup.genesis)?;
            let same = reference.l1_origin == origin.id();
            if !same || !keeps_too_long(&*self.origins, origin, &reference) {
                break;
            }
            lowest = Some(number);
        }
        Ok(lowest)
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

    /// Decides on the next block's origin, and with it on its forced transactions. `None` when only the L1 can tell what derivation
    /// would accept, or when it does not accept the block below.
    pub(crate) fn next(&self, below: &Below) -> Option<Next> {
        let rollup = &self.config.rollup;
        if keeps_too_long(&*self.origins, &below.origin, &below.place.block) {
            return None;
        }
        let timestamp = below.header.timestamp + rollup.block_time;
        let confs = self.config.l1_confs;
        let adopted = match choose_origin(&*self.origins, &below.origin, timestamp, confs) {
            OriginChoice::Wait => return None,
            OriginChoice::Keep => None,
            OriginChoice::Adopt(next) => match self.inputs_of(&next) {
                Some(inputs) => Some((next, inputs)),
                // Without its deposits an L1 block can not be adopted. A later L2 block will, if one may be made until then.
                None if is_drifted(&below.origin, timestamp) => return None,
                None => None,
            },
        };
        Some(match adopted {
            Some((origin, inputs)) => Next {
                payload: prepare(rollup, &below.place, &origin, Some(&inputs)),
                origin,
            },
            None => Next {
                payload: prepare(rollup, &below.place, &below.origin, None),
                origin: below.origin,
            },
        })
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

    pub(crate) fn open(&mut self, below: Below, next: Next) -> Result<Open, SequencerError> {
        let spec = self.chain.spec().clone();
        let Next { payload, origin } = next;
        let drifted = is_drifted(&origin, payload.timestamp);
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
            debug!(
                number = payload.number,
                origin = origin.number,
                "beyond the drift: forced transactions only"
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
