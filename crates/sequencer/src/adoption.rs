//! What derivation tells the builder: "this block stands at that height".

use crate::{
    SequencerError,
    attributes::{block_attributes, head_info, start_record},
    builder::{Builder, Open, Parent, include_forced},
    log_writer::LogMessage,
    opening::place_of,
    sealer::SealJob,
    unsealed::Sealing,
};
use alloy_primitives::B256;
use openledger_chain::PendingBuilder;
use openledger_derivation::{L2Head, PayloadAttributes};
use openledger_execution::{BlockExecution, ExecutionError};
use openledger_primitives::{BlockRef, Tx};
use openledger_protocol::{L1Block, L1BlockInfo};
use std::sync::Arc;

/// A block as the L1 has it.
#[derive(Debug)]
pub struct AdoptedPayload {
    /// What the block is made of.
    pub attributes: PayloadAttributes,
    /// The transactions of the batch, decoded, with their senders: as many as `attributes.transactions`.
    pub transactions: Vec<Tx>,
    /// The block below it.
    pub parent: BlockRef,
}

/// What became of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoption {
    /// It is the block at its height now, sealed and durable; what stood there and above was taken back.
    Adopted(Box<L2Head>),
    /// A transaction of it can not be executed. Nothing was changed.
    Invalid(String),
    /// Its parent is not the block below that height. Nothing was changed.
    OtherParent {
        /// The chain's block below that height, if there is one.
        found: Option<B256>,
    },
}

impl Builder {
    /// Executes a derived payload and makes it the head, in the place of what is there.
    ///
    /// Returns the open block when it was left alone.
    pub(crate) fn adopt(
        &mut self,
        open: Option<Open>,
        payload: &AdoptedPayload,
    ) -> Result<(Option<Open>, Adoption), SequencerError> {
        if let Some(open) = &open {
            self.settle(open)?;
        }
        let AdoptedPayload {
            attributes: wanted,
            transactions,
            parent,
        } = payload;
        let below = self
            .chain
            .header(parent.number)?
            .filter(|header| header.seal() == parent.hash && wanted.number == parent.number + 1);
        let Some(below) = below else {
            let found = self
                .chain
                .header(parent.number)?
                .map(|header| header.seal());
            return Ok((open, Adoption::OtherParent { found }));
        };
        let spec = self.chain.spec().clone();
        let state = self.chain.state_at(parent.number)?;
        let attributes = block_attributes(&spec, &below, parent.hash, wanted)?;
        let mut derived = Open {
            execution: BlockExecution::begin(spec, state.clone(), attributes.clone())?,
            pending: PendingBuilder::new(attributes.clone(), state),
            origin: stated_origin(wanted),
            place: place_of(wanted),
            parent: Parent::Sealed,
            forced_only: true,
            da_bytes: 0,
        };
        let all: Vec<Tx> = [wanted.forced.as_slice(), transactions].concat();
        match include_forced(&mut derived, &all) {
            Ok(()) => {}
            Err(SequencerError::Execution(ExecutionError::Block(reason))) => {
                return Ok((open, Adoption::Invalid(reason)));
            }
            Err(error) => return Err(error),
        }
        // From here on the block is what stands at its height: what is there goes first.
        if open.is_some() || self.chain.head().number() >= wanted.number {
            drop(open);
            self.retract(wanted.number, "the L1 has another block at this height")?;
        }
        self.pool
            .set_head(head_info(&attributes, &derived.origin, &wanted.config));
        self.send(LogMessage::Start {
            start: start_record(&attributes, wanted, all),
            pending: derived.pending.snapshot(),
        })?;
        let sealing = Arc::new(Sealing::default());
        self.seal
            .send(SealJob {
                payload: derived.execution.finish()?,
                sealing: sealing.clone(),
            })
            .map_err(|_| self.stopped("the sealer has ended"))?;
        let block = sealing.wait()?;
        self.flush_log()?;
        let head = L2Head::of_block(&block.block, &self.config.rollup)?;
        Ok((None, Adoption::Adopted(Box::new(head))))
    }
}

/// The origin as far as the block's own L1-info deposit states it: what fees follow from. The L1 need not be asked.
fn stated_origin(payload: &PayloadAttributes) -> L1Block {
    let info = payload
        .forced
        .first()
        .and_then(|tx| tx.as_deposit_tx())
        .and_then(|deposit| L1BlockInfo::decode(&deposit.input).ok())
        .map(|(_, info)| info)
        .unwrap_or_default();
    L1Block {
        number: payload.origin.number,
        hash: payload.origin.hash,
        parent_hash: B256::ZERO,
        timestamp: info.timestamp,
        base_fee: info.base_fee.saturating_to(),
        excess_blob_gas: None,
        blob_base_fee: info.blob_base_fee.saturating_to(),
        prev_randao: payload.prev_randao,
        parent_beacon_block_root: payload.parent_beacon_block_root,
        receipts_root: B256::ZERO,
        gas_limit: 0,
    }
}
