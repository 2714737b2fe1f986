//! Where the rollup stands on its L1, and its output roots.

use crate::{RpcError, context::Rpc, params::Args};
use alloy_primitives::{B256, U64};
use openledger_genesis::RollupConfig;
use openledger_primitives::BlockRef;
use openledger_protocol::{L1BlockRef, L2BlockRef, OutputRoot};
use serde::Serialize;
use std::{fmt, sync::Arc};

/// What the node knows about its L1 and about what it derived from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RollupStatus {
    /// The newest L1 block that derivation has taken in.
    pub current_l1: L1BlockRef,
    /// The L1's head.
    pub head_l1: L1BlockRef,
    /// The L1's safe block; zero before there is one.
    pub safe_l1: L1BlockRef,
    /// The L1's finalized block; zero before there is one.
    pub finalized_l1: L1BlockRef,
}

/// What was safe after an L1 block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SafeHeadAt {
    /// The newest L1 block up to the one asked for after which the safe block changed.
    pub l1_block: BlockRef,
    /// The L2 block that was safe then.
    pub safe_head: BlockRef,
}

/// What the `optimism_` methods answer from, given by the node.
#[derive(Clone)]
pub struct RollupContext {
    /// The rollup's configuration.
    pub config: Arc<RollupConfig>,
    /// Where the node is. Must not block.
    pub status: Arc<dyn Fn() -> RollupStatus + Send + Sync>,
    /// What was safe after the L1 block of a height; `None` when that is not known.
    pub safe_head_at: Arc<dyn Fn(u64) -> Option<SafeHeadAt> + Send + Sync>,
}

impl fmt::Debug for RollupContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RollupContext")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// `optimism_syncStatus`.
#[derive(Debug, Serialize)]
pub(super) struct SyncStatus {
    current_l1: L1BlockRef,
    current_l1_finalized: L1BlockRef,
    head_l1: L1BlockRef,
    safe_l1: L1BlockRef,
    finalized_l1: L1BlockRef,
    unsafe_l2: L2BlockRef,
    safe_l2: L2BlockRef,
    finalized_l2: L2BlockRef,
    pending_safe_l2: L2BlockRef,
    local_safe_l2: L2BlockRef,
}

/// `optimism_outputAtBlock`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutputAtBlock {
    version: B256,
    output_root: B256,
    block_ref: L2BlockRef,
    withdrawal_storage_root: B256,
    state_root: B256,
    sync_status: SyncStatus,
}

fn rollup(rpc: &Rpc) -> Result<&RollupContext, RpcError> {
    rpc.rollup
        .as_ref()
        .ok_or_else(|| RpcError::Method("this chain is no rollup".into()))
}

pub(super) fn config(rpc: &Rpc) -> Result<RollupConfig, RpcError> {
    Ok(RollupConfig::clone(&rollup(rpc)?.config))
}

fn l2_block(rpc: &Rpc, number: u64) -> Result<L2BlockRef, RpcError> {
    let genesis = &rollup(rpc)?.config.genesis;
    let block = rpc
        .chain
        .block(number)?
        .ok_or_else(|| RpcError::Server("block not found".into()))?;
    L2BlockRef::of_block(&block, genesis).map_err(|error| RpcError::Internal(error.to_string()))
}

pub(super) fn sync_status(rpc: &Rpc) -> Result<SyncStatus, RpcError> {
    let status = (rollup(rpc)?.status)();
    // Each is read once and in this order, so that finalized <= safe <= unsafe holds in the answer.
    let finalized = l2_block(rpc, rpc.chain.finalized().number)?;
    let safe = l2_block(rpc, rpc.chain.safe().number)?;
    let head = l2_block(rpc, rpc.chain.head().number())?;
    Ok(SyncStatus {
        current_l1: status.current_l1,
        current_l1_finalized: status.finalized_l1,
        head_l1: status.head_l1,
        safe_l1: status.safe_l1,
        finalized_l1: status.finalized_l1,
        unsafe_l2: head,
        safe_l2: safe,
        finalized_l2: finalized,
        pending_safe_l2: safe,
        local_safe_l2: safe,
    })
}

pub(super) fn output_at_block(rpc: &Rpc, mut args: Args<'_>) -> Result<OutputAtBlock, RpcError> {
    let number: U64 = args.required("block number")?;
    let block_ref = l2_block(rpc, number.to())?;
    let header = rpc
        .chain
        .header_by_hash(block_ref.hash)?
        .ok_or_else(|| RpcError::Server("block not found".into()))?;
    let output = OutputRoot {
        state_root: header.state_root,
        // Since Isthmus the header has the storage root of L2ToL1MessagePasser here.
        message_passer_storage_root: header.withdrawals_root.unwrap_or_default(),
        block_hash: block_ref.hash,
    };
    Ok(OutputAtBlock {
        version: OutputRoot::VERSION,
        output_root: output.hash(),
        block_ref,
        withdrawal_storage_root: output.message_passer_storage_root,
        state_root: output.state_root,
        sync_status: sync_status(rpc)?,
    })
}

pub(super) fn safe_head_at_l1_block(rpc: &Rpc, mut args: Args<'_>) -> Result<SafeHeadAt, RpcError> {
    let number: U64 = args.required("L1 block number")?;
    (rollup(rpc)?.safe_head_at)(number.to())
        .ok_or_else(|| RpcError::Server("no safe block is known at that L1 block".into()))
}
