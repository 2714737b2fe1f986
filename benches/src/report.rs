//! The machine-readable results. Every rate is per second, every duration in the unit that its name ends with.

use crate::{
    process::{Usage, own_cpu_seconds},
    stats::Percentiles,
    submit::Errors,
    workload::Transfer,
};
use serde::Serialize;
use std::fmt;

/// CPU and memory of both sides over the measured window.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cost {
    /// The node and its children; absent when its process id was not given.
    pub node: Option<Usage>,
    /// Microseconds of node CPU for each included transaction.
    pub node_cpu_us_per_transaction: Option<f64>,
    /// CPU seconds of this generator.
    pub generator_cpu_seconds: f64,
}

/// Measures a [`Cost`].
#[derive(Debug)]
pub(crate) struct CostMeter {
    pid: Option<u32>,
    start: Option<Usage>,
    last: Option<Usage>,
    own_start: f64,
}

impl CostMeter {
    pub(crate) fn start(pid: Option<u32>) -> Self {
        let start = pid.map(Usage::of);
        Self {
            pid,
            last: start.clone(),
            start,
            own_start: own_cpu_seconds(),
        }
    }

    /// Moves the end of the window to now.
    pub(crate) fn extend(&mut self) {
        self.last = self.pid.map(Usage::of);
    }

    pub(crate) fn finish(self, included: usize) -> Cost {
        let node = self
            .start
            .zip(self.last)
            .map(|(start, last)| last.since(&start));
        Cost {
            node_cpu_us_per_transaction: node
                .as_ref()
                .filter(|_| included > 0)
                .map(|node| node.cpu_seconds * 1e6 / included as f64),
            node,
            generator_cpu_seconds: own_cpu_seconds() - self.own_start,
        }
    }
}

/// How many transactions went where.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Signed beforehand.
    pub signed: usize,
    /// Sent at least once.
    pub sent: usize,
    /// Taken by the node.
    pub accepted: usize,
    /// Refused for good.
    pub refused: usize,
    /// Sent again after a refusal.
    pub retried: usize,
    /// Found in sealed blocks.
    pub included: usize,
    /// Accepted and in no block by the end of the drain.
    pub missing: usize,
}

/// Receipts looked at after the run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sample {
    /// Receipts asked for.
    pub asked: usize,
    /// With status 1 and the block and index at which the transaction stands.
    pub good: usize,
}

/// The result of a saturating run.
#[derive(Clone, Debug, Serialize)]
pub struct ThroughputReport {
    /// `throughput`.
    pub mode: &'static str,
    /// `web3_clientVersion`.
    pub client: String,
    /// What was sent.
    pub transfer: Transfer,
    /// What became of it.
    pub transactions: Counts,
    /// From the first submission until the last including block was read.
    pub seconds: f64,
    /// Included transactions over `seconds`.
    pub included_per_second: f64,
    /// The same between the first and the last but one of the including blocks: without the ramp at either end.
    /// Absent with fewer than four such blocks.
    pub steady_per_second: Option<f64>,
    /// Blocks that hold transactions of the run.
    pub blocks: usize,
    /// Transactions of the run in the fullest block.
    pub fullest_block: usize,
    /// Millions of gas used by those blocks over `seconds`.
    pub mgas_per_second: f64,
    /// Receipts looked at.
    pub receipts: Sample,
    /// CPU and memory.
    pub cost: Cost,
    /// One-minute load average at the end.
    pub load_average: f64,
    /// Error messages with their number.
    pub errors: Errors,
}

/// The result of a run at a fixed rate of arrivals.
#[derive(Clone, Debug, Serialize)]
pub struct LatencyReport {
    /// `latency`.
    pub mode: &'static str,
    /// `web3_clientVersion`.
    pub client: String,
    /// How the probes get their receipt.
    pub method: &'static str,
    /// What was sent.
    pub transfer: Transfer,
    /// Background transactions a second, as scheduled.
    pub rate: f64,
    /// Probes a second, as scheduled.
    pub probe_rate: f64,
    /// From a probe's scheduled time to its receipt. Probes without a receipt are not in it but in `lost`,
    /// `refused` or `unanswered`.
    pub latency: Percentiles,
    /// The probes.
    pub probes: ProbeCounts,
    /// The background.
    pub background: Counts,
    /// From a background request's scheduled time to its answer.
    pub acceptance: Percentiles,
    /// The worst delay between a background request's scheduled time and its sending.
    pub worst_lag_ms: f64,
    /// CPU and memory.
    pub cost: Cost,
    /// One-minute load average at the end.
    pub load_average: f64,
    /// Error messages with their number.
    pub errors: Errors,
}

/// What became of the probes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProbeCounts {
    /// Sent.
    pub sent: usize,
    /// Answered with a receipt.
    pub answered: usize,
    /// Answered with a receipt whose status is not 1.
    pub reverted: usize,
    /// Without a receipt, though found in a block afterwards.
    pub unanswered: usize,
    /// Neither answered nor in any block by the end of the drain.
    pub lost: usize,
    /// Their receipt names another block or index than the sealed chain does.
    pub contradicted: usize,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(node) = &self.node {
            let each = self.node_cpu_us_per_transaction.unwrap_or(0.0);
            writeln!(
                f,
                "  node CPU     {:.2} s, {each:.1} us a transaction; memory {:.0} MiB, peak {:.0} MiB",
                node.cpu_seconds, node.rss_mib, node.peak_rss_mib
            )?;
            let mut threads: Vec<_> = node.threads.iter().collect();
            threads.sort_by(|left, right| right.1.total_cmp(left.1));
            let shown: Vec<_> = threads
                .iter()
                .take(6)
                .map(|(name, seconds)| format!("{name} {seconds:.2}"))
                .collect();
            writeln!(f, "  by thread    {}", shown.join(", "))?;
        }
        write!(
            f,
            "  generator    {:.2} s of CPU",
            self.generator_cpu_seconds
        )
    }
}

fn write_errors(f: &mut fmt::Formatter<'_>, errors: &Errors) -> fmt::Result {
    errors
        .iter()
        .try_for_each(|(message, count)| write!(f, "\n  error        {count} x {message}"))
}

impl fmt::Display for ThroughputReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            signed,
            sent,
            accepted,
            refused,
            retried,
            included,
            missing,
        } = self.transactions;
        writeln!(f, "  {}, {:?} transfers", self.client, self.transfer)?;
        writeln!(
            f,
            "  included     {included} in {:.2} s: {:.0} a second; {:.0} without ramp and drain; {:.0} Mgas a second",
            self.seconds,
            self.included_per_second,
            self.steady_per_second.unwrap_or(0.0),
            self.mgas_per_second
        )?;
        writeln!(
            f,
            "  of           {signed} signed, {sent} sent, {accepted} accepted, {refused} refused, {retried} sent again, {missing} missing"
        )?;
        writeln!(
            f,
            "  blocks       {}, the fullest with {}; {} of {} receipts good",
            self.blocks, self.fullest_block, self.receipts.good, self.receipts.asked
        )?;
        self.cost.fmt(f)?;
        write_errors(f, &self.errors)
    }
}

impl fmt::Display for LatencyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Percentiles {
            p50_ms,
            p90_ms,
            p99_ms,
            max_ms,
        } = self.latency;
        let ProbeCounts {
            sent,
            answered,
            reverted,
            unanswered,
            lost,
            contradicted,
        } = self.probes;
        writeln!(
            f,
            "  {}, {:?} transfers, {}",
            self.client, self.transfer, self.method
        )?;
        writeln!(
            f,
            "  receipt      p50 {p50_ms:.2}, p90 {p90_ms:.2}, p99 {p99_ms:.2}, slowest {max_ms:.2} ms"
        )?;
        writeln!(
            f,
            "  probes       {sent} at {} a second: {answered} answered, {lost} lost, {contradicted} contradicted, {reverted} reverted, {unanswered} included without an answer",
            self.probe_rate
        )?;
        writeln!(
            f,
            "  background   {} at {} a second: {} accepted (p50 {:.2}, p99 {:.2} ms), {} refused, {} included, {} missing; worst lag {:.1} ms",
            self.background.sent,
            self.rate,
            self.background.accepted,
            self.acceptance.p50_ms,
            self.acceptance.p99_ms,
            self.background.refused,
            self.background.included,
            self.background.missing,
            self.worst_lag_ms
        )?;
        self.cost.fmt(f)?;
        write_errors(f, &self.errors)
    }
}
