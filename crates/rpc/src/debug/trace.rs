//! Traces.

use crate::{
    RpcError,
    at::{At, Sealed},
    context::Rpc,
    eth::simulation,
    params::Args,
};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::B256;
use alloy_rpc_types_eth::TransactionRequest;
use alloy_rpc_types_trace::{
    common::TraceResult,
    geth::{GethDebugTracingCallOptions, GethDebugTracingOptions, GethTrace},
};
use openledger_execution::{BlockAttributes, Replay, TraceLimits};
use openledger_primitives::Tx;

type BlockTrace = Vec<TraceResult<GethTrace, String>>;

fn limits(rpc: &Rpc) -> TraceLimits {
    TraceLimits {
        timeout: rpc.config.heavy_timeout,
        max_bytes: rpc.config.max_trace_bytes,
    }
}

/// A block that can be executed again.
enum Subject {
    Sealed(Sealed),
    Open(std::sync::Arc<openledger_chain::PendingBlock>),
}

impl Subject {
    fn of(rpc: &Rpc, at: At) -> Result<Self, RpcError> {
        Ok(match at {
            At::Open(block) => Self::Open(block),
            At::Sealed(number) => Self::Sealed(
                rpc.sealed(number)?
                    .ok_or_else(|| RpcError::Server(format!("block {number} not found")))?,
            ),
        })
    }

    fn attributes(&self) -> BlockAttributes {
        match self {
            Self::Sealed(sealed) => BlockAttributes::of_block(sealed.block()),
            Self::Open(block) => block.attributes.clone(),
        }
    }

    fn hash(&self) -> Option<B256> {
        match self {
            Self::Sealed(sealed) => Some(sealed.block().hash()),
            Self::Open(_) => None,
        }
    }

    fn transactions(&self) -> Vec<Tx> {
        match self {
            Self::Sealed(sealed) => sealed.block().transactions.clone(),
            Self::Open(block) => block.transactions.iter().cloned().collect(),
        }
    }

    /// The block from its start.
    fn replay(&self, rpc: &Rpc) -> Result<Replay, RpcError> {
        let attributes = self.attributes();
        let parent = attributes
            .number
            .checked_sub(1)
            .ok_or_else(|| RpcError::Server("genesis is not traceable".into()))?;
        let state = rpc.chain.state_at(parent)?;
        Ok(Replay::of_block(
            rpc.spec().clone(),
            state,
            attributes,
            limits(rpc),
        )?)
    }
}

pub(super) fn transaction(rpc: &Rpc, mut args: Args<'_>) -> Result<GethTrace, RpcError> {
    let hash: B256 = args.required("transactionHash")?;
    let options: GethDebugTracingOptions = args.optional("options")?.unwrap_or_default();
    let (at, index) = rpc
        .find(hash)?
        .ok_or_else(|| RpcError::Server("transaction not found".into()))?;
    let subject = Subject::of(rpc, at)?;
    let mut replay = subject.replay(rpc)?;
    let transactions = subject.transactions();
    for tx in transactions.iter().take(index) {
        replay.skip(tx)?;
    }
    let tx = transactions
        .get(index)
        .ok_or_else(|| RpcError::Server("transaction not found".into()))?;
    Ok(replay.trace(tx, subject.hash(), &options)?)
}

fn block(rpc: &Rpc, id: BlockId, mut args: Args<'_>) -> Result<BlockTrace, RpcError> {
    let options: GethDebugTracingOptions = args.optional("options")?.unwrap_or_default();
    let subject = Subject::of(rpc, rpc.at_existing(Some(id))?)?;
    let mut replay = subject.replay(rpc)?;
    subject
        .transactions()
        .iter()
        .map(|tx| {
            let result = replay.trace(tx, subject.hash(), &options)?;
            Ok(TraceResult::Success {
                result,
                tx_hash: Some(tx.hash()),
            })
        })
        .collect()
}

pub(super) fn block_by_number(rpc: &Rpc, mut args: Args<'_>) -> Result<BlockTrace, RpcError> {
    let id = args.required::<BlockNumberOrTag>("block")?.into();
    block(rpc, id, args)
}

pub(super) fn block_by_hash(rpc: &Rpc, mut args: Args<'_>) -> Result<BlockTrace, RpcError> {
    let id = args.required::<B256>("blockHash")?.into();
    block(rpc, id, args)
}

/// On the state after the block; with `txIndex`, on the state before that transaction of it.
pub(super) fn call(rpc: &Rpc, mut args: Args<'_>) -> Result<GethTrace, RpcError> {
    let request: TransactionRequest = args.required("transaction")?;
    let id: Option<BlockId> = args.optional("block")?;
    let options: GethDebugTracingCallOptions = args.optional("options")?.unwrap_or_default();
    let GethDebugTracingCallOptions {
        tracing_options,
        state_overrides,
        block_overrides,
        tx_index,
    } = options;
    let replay = match tx_index {
        None => {
            let at = rpc.at_state(id)?;
            let (state, attributes) = (rpc.state(&at)?, rpc.attributes(&at)?);
            Replay::on_state(rpc.spec().clone(), state, attributes, limits(rpc))
        }
        Some(index) => {
            let subject = Subject::of(rpc, rpc.at_existing(id)?)?;
            let mut replay = subject.replay(rpc)?;
            for tx in subject
                .transactions()
                .iter()
                .take(usize::try_from(index).unwrap_or(usize::MAX))
            {
                replay.skip(tx)?;
            }
            replay
        }
    };
    let simulation = simulation(rpc, id, state_overrides, block_overrides)?;
    Ok(replay.trace_call(&request, &simulation, &tracing_options)?)
}
