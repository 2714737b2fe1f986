//! What carries a derived payload out: the chain itself on a verifier, the builder of a running sequencer.

use crate::derive::ahead::{Decoded, decode};
use anyhow::{Context, Result};
use openledger_chain::Chain;
use openledger_derivation::{Derived, L2Head};
use openledger_execution::{BlockExecution, ExecutionError, TxError};
use openledger_genesis::RollupConfig;
use openledger_primitives::{Block, BlockRef, Tx};
use openledger_sequencer::{AdoptedPayload, Adoption, Sequencer, block_attributes, same_payload};
use std::sync::Arc;
use tracing::info;

/// What became of a derived payload.
#[derive(Debug)]
pub(crate) enum Applied {
    /// The chain has this block at that height.
    Block {
        head: Box<L2Head>,
        /// The chain did not have it before.
        new: bool,
        transactions: usize,
    },
    /// It can not be executed.
    Invalid(String),
    /// Its parent is not on the chain any more.
    Stale,
}

/// Where derived blocks go.
pub(crate) enum Engine {
    /// Nobody else writes: blocks are executed and appended here.
    Verifier(Arc<Chain>),
    /// The builder's thread decides when.
    Sequencer(Arc<Chain>, Arc<Sequencer>),
}

impl Engine {
    pub(crate) fn chain(&self) -> &Arc<Chain> {
        match self {
            Self::Verifier(chain) | Self::Sequencer(chain, _) => chain,
        }
    }

    /// Makes the chain hold the derived block at its height. When it does already nothing happens; another block there is taken
    /// back with all above it, and subscribers are told.
    ///
    /// `decoded` are the block's transactions, if somebody has decoded them already.
    pub(crate) fn apply(
        &self,
        rollup: &RollupConfig,
        derived: &Derived,
        decoded: Option<Decoded>,
    ) -> Result<Applied> {
        let attributes = &derived.attributes;
        let chain = self.chain();
        if let Some(block) = chain.block(attributes.number)? {
            let differs = if block.header.parent_hash == derived.parent.hash {
                same_payload(chain.spec(), &block, attributes).err()
            } else {
                Some("parentHash")
            };
            let Some(field) = differs else {
                return applied(&block, rollup, false);
            };
            info!(
                number = attributes.number,
                field,
                produced = %block.hash(),
                "the L1 has another block than was produced"
            );
        }
        let decoded = decoded.unwrap_or_else(|| decode(&attributes.transactions));
        let transactions = match decoded {
            Ok(transactions) => transactions,
            Err(error) => return Ok(Applied::Invalid(error.to_string())),
        };
        match self {
            Self::Verifier(chain) => build(chain, rollup, derived, &transactions),
            Self::Sequencer(chain, sequencer) => {
                let payload = AdoptedPayload {
                    attributes: attributes.clone(),
                    transactions,
                    parent: derived.parent.id(),
                };
                Ok(match sequencer.adopt(payload)? {
                    Adoption::Adopted(head) => {
                        let block = chain
                            .block(head.block.number)?
                            .context("the block that was adopted is gone")?;
                        Applied::Block {
                            transactions: block.transactions.len(),
                            head,
                            new: true,
                        }
                    }
                    Adoption::Invalid(reason) => Applied::Invalid(reason),
                    Adoption::OtherParent { .. } => Applied::Stale,
                })
            }
        }
    }

    /// Drops blocks above `block` that no longer follow from the L1. A sequencer's blocks stay: its own rules decide.
    pub(crate) fn unwind_to(&self, block: BlockRef) -> Result<()> {
        match self {
            Self::Verifier(chain) => {
                chain.unwind_to(block.number)?;
            }
            Self::Sequencer(..) => {}
        }
        Ok(())
    }
}

fn applied(block: &Block, rollup: &RollupConfig, new: bool) -> Result<Applied> {
    Ok(Applied::Block {
        head: Box::new(L2Head::of_block(block, rollup)?),
        new,
        transactions: block.transactions.len(),
    })
}

/// Executes the payload on its parent and appends the block.
fn build(
    chain: &Arc<Chain>,
    rollup: &RollupConfig,
    derived: &Derived,
    transactions: &[Tx],
) -> Result<Applied> {
    let (attributes, parent) = (&derived.attributes, derived.parent.id());
    let header = chain.header(parent.number)?;
    let Some(header) = header.filter(|header| header.seal() == parent.hash) else {
        return Ok(Applied::Stale);
    };
    chain.unwind_to(parent.number)?;
    let block = block_attributes(chain.spec(), &header, parent.hash, attributes)?;
    let state = chain.state_at(parent.number)?;
    let mut execution = BlockExecution::begin(chain.spec().clone(), state, block)?;
    for tx in attributes.forced.iter().chain(transactions) {
        match execution.execute(tx) {
            Ok(_) => {}
            Err(TxError::Fatal(error)) => return Err(error.into()),
            Err(error) => {
                return Ok(Applied::Invalid(format!(
                    "transaction {}: {error}",
                    tx.hash()
                )));
            }
        }
    }
    let payload = execution
        .finish()
        .map_err(|error: ExecutionError| anyhow::Error::new(error))?;
    let block = chain.seal(payload)?;
    chain.append(block.clone())?;
    applied(&block.block, rollup, true)
}
