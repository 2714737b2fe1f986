//! Stage 7, attributes queue: from a batch to the attributes of a block.

use crate::{L2Head, PayloadAttributes, batch_stage::NextBatch, l1_window::L1Window, prepare};
use openledger_genesis::RollupConfig;
use openledger_primitives::BlockRef;
use openledger_protocol::{L1BlockRef, L1Inputs, L2BlockRef};

/// A block to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// What it is made of.
    pub attributes: PayloadAttributes,
    /// The block that it is built on: the safe block.
    pub parent: L2BlockRef,
    /// The L1 block that decided about it: the one that completed its channel, or ended its sequencing window.
    pub derived_from: L1BlockRef,
    /// True when it holds no transactions but the forced ones. That the engine refuses such a block is a critical error.
    pub deposits_only: bool,
    /// True when its span holds no further block. Blocks before it are safe all the same (Holocene).
    pub last_in_span: bool,
}

/// Holds the one block that is being made.
#[derive(Debug, Default)]
pub(crate) struct AttributesQueue {
    batch: Option<NextBatch>,
    fetched: Option<L1Inputs>,
    derived: Option<Derived>,
}

impl AttributesQueue {
    /// Takes a valid batch.
    pub(crate) fn push(&mut self, batch: NextBatch) {
        self.batch = Some(batch);
    }

    /// The block that waits to be applied.
    pub(crate) fn derived(&self) -> Option<&Derived> {
        self.derived.as_ref()
    }

    /// Takes the inputs that were asked for.
    pub(crate) fn on_inputs(&mut self, inputs: L1Inputs) {
        self.fetched = Some(inputs);
    }

    /// Makes attributes of the batch, if there is one.
    ///
    /// Fails with the L1 block whose inputs are needed and not kept any more.
    pub(crate) fn derive(
        &mut self,
        rollup: &RollupConfig,
        head: &L2Head,
        window: &L1Window,
        derived_from: L1BlockRef,
    ) -> Result<(), BlockRef> {
        let Some(batch) = &self.batch else {
            return Ok(());
        };
        let origin = &batch.origin;
        let inputs = if origin.number == head.block.l1_origin.number {
            None
        } else {
            let fetched = self
                .fetched
                .as_ref()
                .filter(|inputs| inputs.block.hash == origin.hash);
            let kept = window.inputs(origin.number);
            Some(kept.or(fetched).ok_or(origin.id())?)
        };
        let mut attributes = prepare(rollup, head, origin, inputs);
        if let Some(batch) = self.batch.take() {
            attributes.transactions = batch.transactions;
            self.derived = Some(Derived {
                deposits_only: attributes.transactions.is_empty(),
                attributes,
                parent: head.block,
                derived_from,
                last_in_span: batch.last_in_span,
            });
        }
        self.fetched = None;
        Ok(())
    }

    /// The block was applied.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The engine refused the block: the same one without the batch's transactions is next.
    pub(crate) fn strip(&mut self) {
        if let Some(derived) = &mut self.derived {
            derived.attributes.transactions.clear();
            derived.deposits_only = true;
            derived.last_in_span = true;
        }
    }
}
