//! Logs and filters.

use crate::{
    RpcError,
    at::At,
    context::Rpc,
    convert::{Inclusion, block_logs},
    filters::{Changes, Kind, parse_id},
    params::Args,
};
use alloy_eips::BlockNumberOrTag;
use alloy_primitives::U256;
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use std::time::Instant;

/// Blocks between two looks at the clock.
const BLOCKS_PER_CLOCK: u64 = 256;

pub(super) fn logs(rpc: &Rpc, mut args: Args<'_>) -> Result<Vec<Log>, RpcError> {
    search(rpc, &args.required("filter")?)
}

/// The logs that match. Limits are checked before anything is read, and an error names a range that fits.
fn search(rpc: &Rpc, filter: &Filter) -> Result<Vec<Log>, RpcError> {
    let (from, to) = match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let number = rpc
                .chain
                .block_number(hash)?
                .ok_or_else(|| RpcError::Server("unknown block".into()))?;
            return in_range(rpc, filter, number, number);
        }
        FilterBlockOption::Range {
            from_block,
            to_block,
        } => (from_block, to_block),
    };
    let head = rpc.chain.head().number();
    let open = match (from, to) {
        (_, Some(BlockNumberOrTag::Pending)) | (Some(BlockNumberOrTag::Pending), None) => {
            rpc.chain.pending()
        }
        _ => None,
    };
    let from = bound(rpc, from, head)?;
    let to = bound(rpc, to, head)?;
    // The open block comes after the head.
    let from_sealed = if matches!(
        filter.block_option.get_from_block(),
        Some(BlockNumberOrTag::Pending)
    ) {
        head + 1
    } else {
        from
    };
    if from > to
        && matches!(
            filter.block_option.get_to_block(),
            Some(BlockNumberOrTag::Number(_))
        )
    {
        return Err(RpcError::Params(
            "invalid block range params: fromBlock is above toBlock".into(),
        ));
    }
    // A poller that asks for what comes after the head gets nothing yet.
    let to = to.min(head);
    let mut found = if from_sealed <= to {
        in_range(rpc, filter, from_sealed, to)?
    } else {
        Vec::new()
    };
    if let Some(block) = open {
        let inclusion = Inclusion::preconfirmed(&block.attributes);
        let hashes = block.transactions.iter().map(|tx| tx.hash());
        let logs = block_logs(inclusion, hashes, block.receipts(), false);
        found.extend(logs.filter(|log| filter.matches(&log.inner)));
    }
    Ok(found)
}

fn bound(rpc: &Rpc, tag: Option<BlockNumberOrTag>, head: u64) -> Result<u64, RpcError> {
    Ok(match tag {
        None | Some(BlockNumberOrTag::Latest | BlockNumberOrTag::Pending) => head,
        Some(BlockNumberOrTag::Number(number)) => number,
        Some(tag) => match rpc.at_tag(tag)? {
            Some(At::Sealed(number)) => number,
            _ => head,
        },
    })
}

fn in_range(rpc: &Rpc, filter: &Filter, from: u64, to: u64) -> Result<Vec<Log>, RpcError> {
    let max_blocks = rpc.config.max_log_blocks;
    if to - from >= max_blocks {
        return Err(RpcError::Limit(format!(
            "query exceeds max block range {max_blocks}, retry with the range {from:#x}-{:#x}",
            from + max_blocks - 1
        )));
    }
    let (addresses, topics) = (filter.address_bloom_filter(), filter.topics_bloom_filter());
    let began = Instant::now();
    let mut found = Vec::new();
    for number in from..=to {
        if (number - from) % BLOCKS_PER_CLOCK == BLOCKS_PER_CLOCK - 1
            && began.elapsed() > rpc.config.heavy_timeout
        {
            return Err(RpcError::Limit(format!(
                "query takes too long, retry with the range {from:#x}-{:#x}",
                number - 1
            )));
        }
        let header = rpc.header(number)?;
        let bloom = header.logs_bloom;
        if !addresses.matches(bloom) || !topics.iter().all(|topic| topic.matches(bloom)) {
            continue;
        }
        let Some(sealed) = rpc.sealed(number)? else {
            continue;
        };
        let hashes = sealed.block().transactions.iter().map(|tx| tx.hash());
        let logs = block_logs(sealed.inclusion(), hashes, sealed.receipts(), false);
        found.extend(logs.filter(|log| filter.matches(&log.inner)));
        let max_logs = rpc.config.max_logs;
        // A single block is always answered: there is no smaller range to ask for.
        if found.len() > max_logs && number > from {
            return Err(RpcError::Limit(format!(
                "query exceeds max results {max_logs}, retry with the range {from:#x}-{:#x}",
                number - 1
            )));
        }
    }
    Ok(found)
}

pub(super) fn new_filter(rpc: &Rpc, mut args: Args<'_>) -> Result<U256, RpcError> {
    rpc.filters
        .install(Kind::Logs(Box::new(args.required("filter")?)))
}

pub(super) fn new_block_filter(rpc: &Rpc, _: Args<'_>) -> Result<U256, RpcError> {
    rpc.filters.install(Kind::Blocks)
}

pub(super) fn new_pending_filter(rpc: &Rpc, mut args: Args<'_>) -> Result<U256, RpcError> {
    let full = args.optional("fullTransactions")?.unwrap_or_default();
    rpc.filters.install(Kind::Pending { full })
}

pub(super) fn changes(rpc: &Rpc, mut args: Args<'_>) -> Result<Changes, RpcError> {
    rpc.filters
        .poll(parse_id(&args.required::<String>("filterId")?)?)
}

pub(super) fn filter_logs(rpc: &Rpc, mut args: Args<'_>) -> Result<Vec<Log>, RpcError> {
    let criteria = rpc
        .filters
        .criteria(parse_id(&args.required::<String>("filterId")?)?)?;
    search(rpc, &criteria)
}

pub(super) fn uninstall(rpc: &Rpc, mut args: Args<'_>) -> Result<bool, RpcError> {
    let id = args.required::<String>("filterId")?;
    Ok(parse_id(&id).is_ok_and(|id| rpc.filters.remove(id)))
}
