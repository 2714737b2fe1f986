//! Fixed arrivals: how long a client waits for its receipt while others send at a steady rate.
//!
//! Every request has a time at which it is due, whether or not the node keeps up, and its latency is counted from
//! that time: a node that stalls cannot slow its clients down and so hide the stall.

use crate::{
    Endpoint, Rpc, RpcError,
    chain::{Follower, Place, read_block},
    machine::load_average,
    report::{CostMeter, Counts, LatencyReport, ProbeCounts},
    rpc::{METHOD_NOT_FOUND, parse_answer},
    stats::Percentiles,
    submit::{Errors, Outcome, Submitter, merge_errors},
    workload::{Batch, Transfer, Workload},
};
use alloy_primitives::{B256, U64};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const POLL: Duration = Duration::from_millis(20);
/// The pause between two questions for a receipt, where the node cannot answer with it.
const RECEIPT_POLL: Duration = Duration::from_millis(1);
const RECEIPT_DEADLINE: Duration = Duration::from_secs(30);
/// The background runs this long before the first probe.
const WARM_UP: Duration = Duration::from_secs(1);

/// How to run.
#[derive(Clone, Debug)]
pub struct LatencyConfig {
    /// The node.
    pub endpoint: Endpoint,
    /// Its process, to measure CPU and memory.
    pub pid: Option<u32>,
    /// Background transactions a second.
    pub rate: f64,
    /// Probes a second.
    pub probe_rate: f64,
    /// How a probe gets its receipt.
    pub method: ProbeMethod,
    /// How long to wait at the end for what is in no block yet.
    pub drain_for: Duration,
}

/// How a probe gets its receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeMethod {
    /// `eth_sendRawTransactionSync` answers with it.
    Sync,
    /// `eth_sendRawTransaction`, then `eth_getTransactionReceipt` each millisecond.
    Poll,
}

impl ProbeMethod {
    /// What the node offers.
    pub fn of(rpc: &mut Rpc) -> Result<Self, RpcError> {
        match rpc.call::<serde_json::Value>("eth_sendRawTransactionSync", json!(["0x00"])) {
            Err(RpcError::Refused(refusal)) if refusal.code == METHOD_NOT_FOUND => Ok(Self::Poll),
            Err(RpcError::Refused(_)) | Ok(_) => Ok(Self::Sync),
            Err(error) => Err(error),
        }
    }

    /// The method that sends a probe.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "eth_sendRawTransactionSync",
            Self::Poll => "eth_sendRawTransaction",
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProbeReceipt {
    status: U64,
    block_number: U64,
    transaction_index: U64,
}

struct Probe {
    hash: B256,
    receipt: Option<(ProbeReceipt, Duration)>,
}

#[derive(Default)]
struct BackgroundLane {
    counts: Counts,
    acceptance: Vec<Duration>,
    worst_lag: Duration,
    errors: Errors,
}

/// Sends `background` at its rate and `probes` (one transaction a request) at theirs.
pub fn run(
    config: &LatencyConfig,
    transfer: Transfer,
    background: &Workload,
    probes: &Workload,
) -> Result<LatencyReport, RpcError> {
    let hashes = background.hashes.iter().chain(&probes.hashes).copied();
    let mut follower = Follower::new(Rpc::new(config.endpoint.clone()), hashes)?;
    let client: String = follower.rpc().call("web3_clientVersion", json!([]))?;
    let connect = |lanes: usize| -> Result<Vec<Submitter>, RpcError> {
        let mut submitters: Vec<_> = (0..lanes)
            .map(|_| Submitter::new(config.endpoint.clone()))
            .collect();
        submitters.iter_mut().try_for_each(Submitter::connect)?;
        Ok(submitters)
    };
    let (for_background, for_probes) = (
        connect(background.lanes.len())?,
        connect(probes.lanes.len())?,
    );

    let mut meter = CostMeter::start(config.pid);
    let start = Instant::now();
    let (background_lanes, probe_lanes) = std::thread::scope(|scope| {
        let background_running: Vec<_> = schedule(start, config.rate, background)
            .zip(for_background)
            .map(|(due, submitter)| scope.spawn(move || run_background(due, submitter)))
            .collect();
        let probes_running: Vec<_> = schedule(start + WARM_UP, config.probe_rate, probes)
            .zip(for_probes)
            .map(|(due, submitter)| {
                scope.spawn(move || run_probes(config.method, due, submitter, &probes.hashes))
            })
            .collect();
        let mut drain_until = None;
        loop {
            follower.poll()?;
            let finished = background_running.iter().all(|lane| lane.is_finished())
                && probes_running.iter().all(|lane| lane.is_finished());
            if finished {
                let end = *drain_until.get_or_insert_with(|| Instant::now() + config.drain_for);
                if follower.included() == follower.places().len() || Instant::now() > end {
                    break;
                }
            }
            std::thread::sleep(POLL);
        }
        meter.extend();
        let background: Vec<_> = background_running
            .into_iter()
            .filter_map(|lane| lane.join().ok())
            .collect();
        let probes: Vec<_> = probes_running
            .into_iter()
            .filter_map(|lane| lane.join().ok())
            .collect();
        Ok::<_, RpcError>((background, probes))
    })?;

    let (of_background, of_probes) = follower.places().split_at(background.hashes.len());
    let mut counts = Counts {
        signed: background.hashes.len(),
        included: of_background.iter().flatten().count(),
        ..Counts::default()
    };
    let found: BTreeMap<B256, Option<Place>> = probes
        .hashes
        .iter()
        .copied()
        .zip(of_probes.iter().copied())
        .collect();
    let included = follower.included();
    let (mut acceptance, mut worst_lag, mut errors) = (Vec::new(), Duration::ZERO, Errors::new());
    for lane in background_lanes {
        counts.sent += lane.counts.sent;
        counts.accepted += lane.counts.accepted;
        counts.refused += lane.counts.refused;
        acceptance.extend(lane.acceptance);
        worst_lag = worst_lag.max(lane.worst_lag);
        merge_errors(&mut errors, lane.errors);
    }
    counts.missing = counts.accepted.saturating_sub(counts.included);
    let mut sent = Vec::new();
    for (lane, lane_errors) in probe_lanes {
        sent.extend(lane);
        merge_errors(&mut errors, lane_errors);
    }
    let probe_counts = judge(follower.rpc(), &sent, &found)?;
    Ok(LatencyReport {
        mode: "latency",
        client,
        method: config.method.name(),
        transfer,
        rate: config.rate,
        probe_rate: config.probe_rate,
        latency: Percentiles::of(
            sent.iter()
                .filter_map(|probe| Some(probe.receipt?.1))
                .collect(),
        ),
        probes: probe_counts,
        background: counts,
        acceptance: Percentiles::of(acceptance),
        worst_lag_ms: worst_lag.as_secs_f64() * 1e3,
        cost: meter.finish(included),
        load_average: load_average(),
        errors,
    })
}

/// When each batch of each lane is due. The lanes take turns, so that the whole arrives evenly.
fn schedule(
    start: Instant,
    rate: f64,
    workload: &Workload,
) -> impl Iterator<Item = Vec<(Instant, &Batch)>> + use<'_> {
    let lanes = workload.lanes.len();
    workload
        .lanes
        .iter()
        .enumerate()
        .map(move |(lane, batches)| {
            let due = |turn: usize, batch: &Batch| {
                let before = (turn * lanes + lane) * batch.length;
                start + Duration::from_secs_f64(before as f64 / rate)
            };
            // The last batch may be short; its turn comes when a full one's would.
            let full = batches.first();
            batches
                .iter()
                .enumerate()
                .map(|(turn, batch)| (due(turn, full.unwrap_or(batch)), batch))
                .collect()
        })
}

fn wait_until(due: Instant) {
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
}

fn run_background(due: Vec<(Instant, &Batch)>, mut submitter: Submitter) -> BackgroundLane {
    let mut lane = BackgroundLane::default();
    for (due, batch) in due {
        wait_until(due);
        lane.worst_lag = lane.worst_lag.max(due.elapsed());
        lane.counts.sent += batch.length;
        let refused = match submitter.send(batch, None) {
            Outcome::Accepted => 0,
            Outcome::Refused(indices) => indices.len(),
        };
        lane.acceptance.push(due.elapsed());
        lane.counts.refused += refused;
        lane.counts.accepted += batch.length - refused;
    }
    lane.errors = submitter.errors;
    lane
}

fn run_probes(
    method: ProbeMethod,
    due: Vec<(Instant, &Batch)>,
    mut submitter: Submitter,
    hashes: &[B256],
) -> (Vec<Probe>, Errors) {
    let mut probes = Vec::with_capacity(due.len());
    for (due, batch) in due {
        wait_until(due);
        let hash = hashes[batch.first];
        let receipt = match method {
            ProbeMethod::Sync => ask(&mut submitter, method.name(), &batch.body)
                .and_then(|receipt: Option<ProbeReceipt>| receipt),
            ProbeMethod::Poll => match submitter.send(batch, None) {
                Outcome::Accepted => poll_receipt(&mut submitter, hash),
                Outcome::Refused(_) => None,
            },
        };
        probes.push(Probe {
            hash,
            receipt: receipt.map(|receipt| (receipt, due.elapsed())),
        });
    }
    (probes, submitter.errors)
}

fn ask<T: serde::de::DeserializeOwned>(
    submitter: &mut Submitter,
    method: &str,
    body: &[u8],
) -> Option<T> {
    let answer = submitter.exchange(body)?;
    match parse_answer(method, answer) {
        Ok(value) => Some(value),
        Err(error) => {
            submitter.count(error.to_string());
            None
        }
    }
}

fn poll_receipt(submitter: &mut Submitter, hash: B256) -> Option<ProbeReceipt> {
    let method = "eth_getTransactionReceipt";
    let request =
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": [hash] }).to_string();
    let deadline = Instant::now() + RECEIPT_DEADLINE;
    while Instant::now() < deadline {
        if let Some(receipt) = ask::<Option<ProbeReceipt>>(submitter, method, request.as_bytes())? {
            return Some(receipt);
        }
        std::thread::sleep(RECEIPT_POLL);
    }
    None
}

/// Holds each receipt against the sealed chain, read anew now that everything has settled.
fn judge(
    rpc: &mut Rpc,
    probes: &[Probe],
    found: &BTreeMap<B256, Option<Place>>,
) -> Result<ProbeCounts, RpcError> {
    let mut sealed: BTreeMap<u64, Vec<B256>> = BTreeMap::new();
    let mut counts = ProbeCounts {
        sent: probes.len(),
        ..ProbeCounts::default()
    };
    for probe in probes {
        let Some((receipt, _)) = probe.receipt else {
            match found.get(&probe.hash).copied().flatten() {
                Some(_) => counts.unanswered += 1,
                None => counts.lost += 1,
            }
            continue;
        };
        counts.answered += 1;
        counts.reverted += usize::from(receipt.status.to::<u64>() != 1);
        let number = receipt.block_number.to();
        if let std::collections::btree_map::Entry::Vacant(unread) = sealed.entry(number) {
            unread.insert(
                read_block(rpc, number)?
                    .map(|block| block.transactions)
                    .unwrap_or_default(),
            );
        }
        let at_place = sealed[&number].get(receipt.transaction_index.to::<usize>());
        counts.contradicted += usize::from(at_place != Some(&probe.hash));
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_take_turns_at_the_rate() {
        let lane = |firsts: [usize; 2]| {
            firsts
                .into_iter()
                .map(|first| Batch {
                    body: Vec::new(),
                    first,
                    length: 10,
                })
                .collect::<Vec<_>>()
        };
        let workload = Workload {
            lanes: vec![lane([0, 10]), lane([20, 30])],
            hashes: Vec::new(),
        };
        let start = Instant::now();
        let due: Vec<Vec<u128>> = schedule(start, 1000.0, &workload)
            .map(|lane| {
                lane.into_iter()
                    .map(|(due, _)| (due - start).as_millis())
                    .collect()
            })
            .collect();
        assert_eq!(due, [[0, 20], [10, 30]]);
    }
}
