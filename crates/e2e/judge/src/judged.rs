//! The safe chain that kona builds on: blocks of the L2, but only those that were judged equal.

use crate::{L2, L2Block, SourceError};
use async_trait::async_trait;
use kona_derive::L2ChainProvider;
use kona_genesis::{RollupConfig, SystemConfig};
use kona_protocol::{BatchValidationProvider, L2BlockInfo, to_system_config};
use op_alloy_consensus::OpBlock;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many blocks are kept; older ones are read again when kona asks for them.
const KEPT: u64 = 1024;

/// Judged blocks of an L2. Clones share the same chain.
///
/// kona never executes: it takes hash, origin and configuration of a parent from the L2 itself. That is sound as long as
/// it sees no block before its attributes were compared, which this type guarantees.
#[derive(Debug, Clone)]
pub struct JudgedChain {
    l2: L2,
    rollup: Arc<RollupConfig>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    head: L2BlockInfo,
    kept: BTreeMap<u64, Arc<OpBlock>>,
}

impl JudgedChain {
    /// The chain with nothing but its genesis block, which must be the one that `rollup` names.
    ///
    /// # Errors
    /// When the node fails or begins with another block.
    pub async fn start(l2: L2, rollup: Arc<RollupConfig>) -> Result<Self, SourceError> {
        let id = rollup.genesis.l2;
        let genesis = l2.block(id.number).await?;
        let genesis = genesis.filter(|block| block.hash == id.hash);
        let genesis = genesis.ok_or_else(|| {
            SourceError::Inconsistent(format!(
                "the L2 does not begin with {} at {}, as rollup.json says",
                id.hash, id.number
            ))
        })?;
        let genesis = Arc::new(genesis.to_op_block()?);
        let head = block_info(&genesis, &rollup)?;
        Ok(Self {
            l2,
            rollup,
            state: Arc::new(Mutex::new(State {
                head,
                kept: BTreeMap::from([(id.number, genesis)]),
            })),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last judged block.
    pub fn head(&self) -> L2BlockInfo {
        self.state().head
    }

    /// The block of the L2 that comes next for judgement, `None` when the L2 is shorter than what was derived.
    ///
    /// # Errors
    /// When the node fails.
    pub async fn next(&self) -> Result<Option<L2Block>, SourceError> {
        let number = self.head().block_info.number + 1;
        self.l2.block(number).await
    }

    /// Admits a block that was judged equal.
    ///
    /// # Errors
    /// When kona cannot read its L1-info transaction.
    pub fn admit(&self, block: &L2Block) -> Result<(), SourceError> {
        let block = Arc::new(block.to_op_block()?);
        let head = block_info(&block, &self.rollup)?;
        let mut state = self.state();
        state.kept.insert(block.header.number, block);
        state.head = head;
        while state.kept.len() as u64 > KEPT {
            state.kept.pop_first();
        }
        Ok(())
    }

    async fn get(&self, number: u64) -> Result<Arc<OpBlock>, SourceError> {
        {
            let state = self.state();
            if number > state.head.block_info.number {
                return Err(SourceError::Inconsistent(format!(
                    "kona asks for L2 block {number}, which was not judged yet"
                )));
            }
            if let Some(block) = state.kept.get(&number) {
                return Ok(Arc::clone(block));
            }
        }
        let block = self.l2.block(number).await?;
        let block = block.ok_or_else(|| {
            SourceError::Inconsistent(format!("L2 block {number} was judged and is gone"))
        })?;
        Ok(Arc::new(block.to_op_block()?))
    }
}

fn block_info(block: &OpBlock, rollup: &RollupConfig) -> Result<L2BlockInfo, SourceError> {
    L2BlockInfo::from_block_and_genesis(block, &rollup.genesis).map_err(|error| {
        SourceError::Inconsistent(format!("L2 block {}: {error}", block.header.number))
    })
}

#[async_trait]
impl BatchValidationProvider for JudgedChain {
    type Error = SourceError;

    async fn l2_block_info_by_number(&mut self, number: u64) -> Result<L2BlockInfo, SourceError> {
        block_info(&*self.get(number).await?, &self.rollup)
    }

    async fn block_by_number(&mut self, number: u64) -> Result<OpBlock, SourceError> {
        Ok(OpBlock::clone(&*self.get(number).await?))
    }
}

#[async_trait]
impl L2ChainProvider for JudgedChain {
    type Error = SourceError;

    async fn system_config_by_number(
        &mut self,
        number: u64,
        rollup: Arc<RollupConfig>,
    ) -> Result<SystemConfig, SourceError> {
        let block = self.get(number).await?;
        to_system_config(&block, &rollup).map_err(|error| {
            SourceError::Inconsistent(format!("configuration in L2 block {number}: {error}"))
        })
    }
}
