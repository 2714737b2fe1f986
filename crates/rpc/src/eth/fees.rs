//! What gas costs.

use crate::{RpcError, at::Sealed, context::Rpc, params::Args};
use alloy_consensus::Transaction;
use alloy_eips::BlockNumberOrTag;
use alloy_primitives::{U64, U128};
use alloy_rpc_types_eth::FeeHistory;
use openledger_execution::{expected_excess_blob_gas, next_base_fee};
use openledger_primitives::Header;

/// Blocks of one `eth_feeHistory`, as in geth.
const MAX_HISTORY: u64 = 1_024;
/// Percentiles of one `eth_feeHistory`, as in geth.
const MAX_PERCENTILES: usize = 100;
/// Blocks that the suggested tip looks back on, under Ethereum rules.
const SAMPLED_BLOCKS: u64 = 20;
/// Tips of one block that count, the lowest.
const SAMPLED_TIPS: usize = 3;
/// The suggested tip lies above so many hundredths of the sampled tips.
const SAMPLE_PERCENTILE: usize = 60;
/// Tips below this say nothing, in wei.
const IGNORED_TIP: u128 = 2;
/// Suggested when there is nothing to go by, under Ethereum rules: 1 gwei.
const DEFAULT_TIP: u128 = 1_000_000_000;
/// Highest suggestion: 500 gwei.
const MAX_TIP: u128 = 500_000_000_000;
/// Suggested under OP rules while blocks have room: 0.001 gwei, as in op-geth.
const MIN_OP_TIP: u128 = 1_000_000;

/// The base fee of the next block: the open one's, or that which follows the head.
fn coming_base_fee(rpc: &Rpc) -> Result<u64, RpcError> {
    match rpc.chain.pending() {
        Some(block) => Ok(block.attributes.base_fee),
        None => following_base_fee(rpc, rpc.chain.head().block.header.inner()),
    }
}

fn following_base_fee(rpc: &Rpc, header: &Header) -> Result<u64, RpcError> {
    next_base_fee(rpc.spec(), header).map_err(|error| RpcError::Internal(error.to_string()))
}

pub(super) fn base_fee(rpc: &Rpc, _: Args<'_>) -> Result<U64, RpcError> {
    Ok(U64::from(coming_base_fee(rpc)?))
}

pub(super) fn gas_price(rpc: &Rpc, _: Args<'_>) -> Result<U128, RpcError> {
    let tip = suggested_tip(rpc)?;
    Ok(U128::from(
        tip.saturating_add(u128::from(coming_base_fee(rpc)?)),
    ))
}

pub(super) fn priority_fee(rpc: &Rpc, _: Args<'_>) -> Result<U128, RpcError> {
    Ok(U128::from(suggested_tip(rpc)?))
}

/// What a transaction has to offer to get in soon: base fee cap and tip cap in wei.
pub(super) fn suggested_fees(rpc: &Rpc) -> Result<(u128, u128), RpcError> {
    let tip = suggested_tip(rpc)?;
    // Twice the base fee outlasts six full blocks.
    Ok((
        tip.saturating_add(2 * u128::from(coming_base_fee(rpc)?)),
        tip,
    ))
}

fn suggested_tip(rpc: &Rpc) -> Result<u128, RpcError> {
    let head = rpc.chain.head();
    if rpc.spec().is_op() {
        return Ok(op_tip(&Sealed::Recent(head)));
    }
    let mut sampled = Vec::new();
    let newest = head.number();
    for number in (newest.saturating_sub(SAMPLED_BLOCKS - 1)..=newest).rev() {
        let Some(block) = rpc.sealed(number)? else {
            break;
        };
        let mut tips: Vec<_> = tips(&block).into_iter().map(|(tip, _)| tip).collect();
        tips.retain(|tip| *tip >= IGNORED_TIP);
        sampled.extend(tips.into_iter().take(SAMPLED_TIPS));
    }
    sampled.sort_unstable();
    let at = sampled.len().saturating_sub(1) * SAMPLE_PERCENTILE / 100;
    Ok(sampled.get(at).copied().unwrap_or(DEFAULT_TIP).min(MAX_TIP))
}

/// op-geth's rule: the minimum while a transaction of the largest size seen still fits, else 10 % above the median.
fn op_tip(head: &Sealed) -> u128 {
    let header = &head.block().header;
    let mut before = 0;
    let largest = head.receipts().iter().map(|receipt| {
        let used = receipt.cumulative_gas_used.saturating_sub(before);
        before = receipt.cumulative_gas_used;
        used
    });
    let largest = largest.max().unwrap_or_default();
    if header.gas_used.saturating_add(largest) <= header.gas_limit {
        return MIN_OP_TIP;
    }
    let tips = tips(head);
    let median = tips.get(tips.len() / 2).map_or(0, |(tip, _)| *tip);
    median
        .saturating_add(median / 10)
        .clamp(MIN_OP_TIP, MAX_TIP)
}

/// Tip and gas of each transaction, the lowest tip first; deposits pay none and are left out.
fn tips(sealed: &Sealed) -> Vec<(u128, u64)> {
    let block = sealed.block();
    let base_fee = block.header.base_fee_per_gas.unwrap_or_default();
    let mut before = 0;
    let mut tips = Vec::with_capacity(block.transactions.len());
    for (tx, receipt) in block.transactions.iter().zip(sealed.receipts()) {
        let used = receipt.cumulative_gas_used.saturating_sub(before);
        before = receipt.cumulative_gas_used;
        if !tx.is_deposit() {
            tips.push((tx.effective_tip_per_gas(base_fee).unwrap_or_default(), used));
        }
    }
    tips.sort_unstable();
    tips
}

/// The tips at the percentiles of the block's gas.
fn rewards(sealed: &Sealed, percentiles: &[f64]) -> Vec<u128> {
    let tips = tips(sealed);
    let total: u64 = tips.iter().map(|(_, gas)| gas).sum();
    let mut tips = tips.into_iter();
    let (mut tip, mut gas) = tips.next().unwrap_or_default();
    percentiles
        .iter()
        .map(|percentile| {
            let threshold = (total as f64 * percentile / 100.0) as u64;
            while gas < threshold
                && let Some((next, used)) = tips.next()
            {
                tip = next;
                gas += used;
            }
            tip
        })
        .collect()
}

fn blob_base_fee_of(rpc: &Rpc, timestamp: u64, excess_blob_gas: Option<u64>) -> Option<u128> {
    if rpc.spec().is_op() {
        // op-geth's answer: there is no blob market, and the price is at its minimum.
        return Some(1);
    }
    rpc.spec()
        .blob_params(timestamp)
        .zip(excess_blob_gas)
        .map(|(params, excess)| params.calc_blob_fee(excess))
}

fn following_blob_base_fee(rpc: &Rpc, header: &Header) -> Option<u128> {
    // The next timestamp is not known; only a fork in between would make a difference.
    let excess = expected_excess_blob_gas(rpc.spec(), header, header.timestamp);
    blob_base_fee_of(rpc, header.timestamp, excess)
}

pub(super) fn blob_base_fee(rpc: &Rpc, _: Args<'_>) -> Result<U128, RpcError> {
    let fee = match rpc.chain.pending() {
        Some(block) => blob_base_fee_of(
            rpc,
            block.attributes.timestamp,
            block.attributes.excess_blob_gas,
        ),
        None => following_blob_base_fee(rpc, rpc.chain.head().block.header.inner()),
    };
    Ok(U128::from(fee.unwrap_or_default()))
}

pub(super) fn history(rpc: &Rpc, mut args: Args<'_>) -> Result<FeeHistory, RpcError> {
    let count: U64 = args.required("blockCount")?;
    let newest: BlockNumberOrTag = args.required("newestBlock")?;
    let percentiles: Option<Vec<f64>> = args.optional("rewardPercentiles")?;
    let percentiles = percentiles.unwrap_or_default();
    if percentiles.len() > MAX_PERCENTILES {
        return Err(RpcError::Params(format!(
            "invalid argument 2 (rewardPercentiles): more than {MAX_PERCENTILES}"
        )));
    }
    let ordered = percentiles.windows(2).all(|pair| pair[0] <= pair[1]);
    if !ordered
        || percentiles
            .iter()
            .any(|percentile| !(0.0..=100.0).contains(percentile))
    {
        return Err(RpcError::Params(
            "invalid argument 2 (rewardPercentiles): must ascend between 0 and 100".into(),
        ));
    }
    let newest = match newest {
        BlockNumberOrTag::Pending => rpc.chain.head().number(),
        tag => match rpc.at_tag(tag)? {
            Some(crate::at::At::Sealed(number)) => number,
            _ => return Err(RpcError::Server("request beyond head block".into())),
        },
    };
    let count = count
        .saturating_to::<u64>()
        .min(MAX_HISTORY)
        .min(newest + 1);
    if count == 0 {
        return Ok(FeeHistory::default());
    }
    let oldest = newest + 1 - count;
    let mut history = FeeHistory {
        oldest_block: oldest,
        ..Default::default()
    };
    let mut all_rewards = Vec::new();
    let mut last = None;
    for number in oldest..=newest {
        let header = if percentiles.is_empty() {
            rpc.header(number)?
        } else {
            let sealed = rpc
                .sealed(number)?
                .ok_or_else(|| RpcError::Server(format!("block {number} not found")))?;
            all_rewards.push(rewards(&sealed, &percentiles));
            sealed.block().header.clone()
        };
        history
            .base_fee_per_gas
            .push(u128::from(header.base_fee_per_gas.unwrap_or_default()));
        history
            .gas_used_ratio
            .push(ratio(header.gas_used, header.gas_limit));
        let blob_fee = blob_base_fee_of(rpc, header.timestamp, header.excess_blob_gas);
        history
            .base_fee_per_blob_gas
            .push(blob_fee.unwrap_or_default());
        let blob_limit = rpc
            .spec()
            .blob_params(header.timestamp)
            .map_or(0, |params| params.max_blob_gas_per_block());
        history
            .blob_gas_used_ratio
            .push(ratio(header.blob_gas_used.unwrap_or_default(), blob_limit));
        last = Some(header);
    }
    if let Some(header) = last {
        history
            .base_fee_per_gas
            .push(u128::from(following_base_fee(rpc, &header)?));
        history
            .base_fee_per_blob_gas
            .push(following_blob_base_fee(rpc, &header).unwrap_or_default());
    }
    history.reward = (!percentiles.is_empty()).then_some(all_rewards);
    Ok(history)
}

fn ratio(used: u64, limit: u64) -> f64 {
    if limit == 0 {
        0.0
    } else {
        used as f64 / limit as f64
    }
}
