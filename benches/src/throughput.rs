//! A saturating closed loop: how many transfers a second reach sealed blocks.

use crate::{
    Endpoint, Rpc, RpcError,
    chain::{Follower, Place},
    machine::load_average,
    report::{CostMeter, Counts, Sample, ThroughputReport},
    submit::{Errors, Outcome, Submitter, merge_errors},
    workload::{Batch, Transfer, Workload},
};
use alloy_primitives::{B256, U64};
use serde::Deserialize;
use serde_json::json;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

const POLL: Duration = Duration::from_millis(10);
/// How long a lane waits before it offers refused transactions again.
const RETRY: Duration = Duration::from_millis(50);
/// How long a lane waits for room below the limit of transactions in flight.
const ROOM: Duration = Duration::from_millis(1);
const SAMPLED_RECEIPTS: usize = 200;

/// How to run.
#[derive(Clone, Debug)]
pub struct ThroughputConfig {
    /// The node.
    pub endpoint: Endpoint,
    /// Its process, to measure CPU and memory.
    pub pid: Option<u32>,
    /// Submission ends after this time, or when every transaction is sent.
    pub submit_for: Duration,
    /// How long to wait afterwards for what is in flight.
    pub drain_for: Duration,
    /// Accepted and not yet included transactions, at most (soft: each connection may add a batch).
    pub in_flight: usize,
}

#[derive(Default)]
struct Progress {
    accepted: AtomicUsize,
    included: AtomicUsize,
}

#[derive(Default)]
struct LaneResult {
    counts: Counts,
    errors: Errors,
}

/// Submits `workload` as fast as the node takes it and measures what is included.
pub fn run(
    config: &ThroughputConfig,
    transfer: Transfer,
    workload: &Workload,
) -> Result<ThroughputReport, RpcError> {
    let mut follower = Follower::new(
        Rpc::new(config.endpoint.clone()),
        workload.hashes.iter().copied(),
    )?;
    let client: String = follower.rpc().call("web3_clientVersion", json!([]))?;
    let mut lanes: Vec<_> = workload
        .lanes
        .iter()
        .map(|batches| (Submitter::new(config.endpoint.clone()), batches))
        .collect();
    lanes
        .iter_mut()
        .try_for_each(|(submitter, _)| submitter.connect())?;

    let progress = Progress::default();
    let mut meter = CostMeter::start(config.pid);
    let start = Instant::now();
    let results = std::thread::scope(|scope| {
        let running: Vec<_> = lanes
            .into_iter()
            .map(|(submitter, batches)| {
                scope.spawn(|| submit(config, start, submitter, batches, &progress))
            })
            .collect();
        let mut drain_until = None;
        loop {
            if follower.poll()? {
                meter.extend();
                progress
                    .included
                    .store(follower.included(), Ordering::Relaxed);
            }
            if running.iter().all(|lane| lane.is_finished()) {
                let end = *drain_until.get_or_insert_with(|| Instant::now() + config.drain_for);
                if follower.included() >= progress.accepted.load(Ordering::Relaxed)
                    || Instant::now() > end
                {
                    break;
                }
            }
            std::thread::sleep(POLL);
        }
        Ok::<_, RpcError>(
            running
                .into_iter()
                .filter_map(|lane| lane.join().ok())
                .collect::<Vec<_>>(),
        )
    })?;

    let mut counts = Counts {
        signed: workload.hashes.len(),
        included: follower.included(),
        ..Counts::default()
    };
    let mut errors = Errors::new();
    for lane in results {
        counts.sent += lane.counts.sent;
        counts.accepted += lane.counts.accepted;
        counts.refused += lane.counts.refused;
        counts.retried += lane.counts.retried;
        merge_errors(&mut errors, lane.errors);
    }
    counts.missing = counts.accepted.saturating_sub(counts.included);

    let including: Vec<_> = follower
        .blocks()
        .iter()
        .filter(|block| block.included > 0)
        .collect();
    let seconds = including
        .last()
        .map_or(0.0, |block| (block.seen - start).as_secs_f64());
    let per_second = |amount: f64| if seconds > 0.0 { amount / seconds } else { 0.0 };
    let steady_per_second = match including.as_slice() {
        [first, middle @ .., last_full, _] if !middle.is_empty() => {
            let counted =
                middle.iter().map(|block| block.included).sum::<usize>() + last_full.included;
            Some(counted as f64 / (last_full.seen - first.seen).as_secs_f64())
        }
        _ => None,
    };
    let gas: u64 = including.iter().map(|block| block.gas_used).sum();
    let (blocks, fullest_block) = (
        including.len(),
        including
            .iter()
            .map(|block| block.included)
            .max()
            .unwrap_or(0),
    );
    Ok(ThroughputReport {
        mode: "throughput",
        client,
        transfer,
        seconds,
        included_per_second: per_second(counts.included as f64),
        steady_per_second,
        blocks,
        fullest_block,
        mgas_per_second: per_second(gas as f64 / 1e6),
        receipts: sample_receipts(&mut follower, &workload.hashes)?,
        cost: meter.finish(counts.included),
        transactions: counts,
        load_average: load_average(),
        errors,
    })
}

/// Sends the batches of one lane in order. What a node refuses (a full pool, say) is offered again before the next
/// batch, because later nonces of the same senders are worth nothing without it.
fn submit(
    config: &ThroughputConfig,
    start: Instant,
    mut submitter: Submitter,
    batches: &[Batch],
    progress: &Progress,
) -> LaneResult {
    let mut counts = Counts::default();
    let out_of_time = || start.elapsed() >= config.submit_for;
    let in_flight = || {
        progress
            .accepted
            .load(Ordering::Relaxed)
            .saturating_sub(progress.included.load(Ordering::Relaxed))
    };
    'batches: for batch in batches {
        while in_flight() >= config.in_flight {
            if out_of_time() {
                break 'batches;
            }
            std::thread::sleep(ROOM);
        }
        if out_of_time() {
            break;
        }
        counts.sent += batch.length;
        let mut outcome = submitter.send(batch, None);
        let mut open = batch.length;
        while let Outcome::Refused(indices) = outcome {
            let accepted = open - indices.len();
            counts.accepted += accepted;
            progress.accepted.fetch_add(accepted, Ordering::Relaxed);
            open = indices.len();
            if out_of_time() {
                counts.refused += open;
                break 'batches;
            }
            std::thread::sleep(RETRY);
            counts.retried += open;
            outcome = submitter.send(batch, Some(&indices));
        }
        counts.accepted += open;
        progress.accepted.fetch_add(open, Ordering::Relaxed);
    }
    LaneResult {
        counts,
        errors: submitter.errors,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlacedReceipt {
    status: U64,
    block_number: U64,
    transaction_index: U64,
}

fn sample_receipts(follower: &mut Follower, hashes: &[B256]) -> Result<Sample, RpcError> {
    let included: Vec<(B256, Place)> = hashes
        .iter()
        .zip(follower.places())
        .filter_map(|(hash, place)| Some((*hash, (*place)?)))
        .collect();
    let step = included.len().div_ceil(SAMPLED_RECEIPTS).max(1);
    let chosen: Vec<_> = included.into_iter().step_by(step).collect();
    let mut sample = Sample {
        asked: chosen.len(),
        good: 0,
    };
    for part in chosen.chunks(50) {
        let params: Vec<_> = part.iter().map(|(hash, _)| json!([hash])).collect();
        let receipts: Vec<Option<PlacedReceipt>> =
            follower.rpc().batch("eth_getTransactionReceipt", &params)?;
        for ((_, place), receipt) in part.iter().zip(receipts) {
            let good = receipt.is_some_and(|receipt| {
                receipt.status.to::<u64>() == 1
                    && receipt.block_number.to::<u64>() == place.block
                    && receipt.transaction_index.to::<u64>() == place.index
            });
            sample.good += usize::from(good);
        }
    }
    Ok(sample)
}
