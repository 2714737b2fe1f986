//! The results and their tables.

use super::{JudgedSizes, Lag, Posted, Sizes};
use crate::{machine::Machine, report::ThroughputReport, stats::Spread};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Bytes that a blob carries (specs/protocol/ecotone/derivation.md).
const BLOB_CAPACITY: f64 = 130_044.0;

/// What batches are posted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Calldata.
    Calldata,
    /// Blobs.
    Blobs,
}

impl Kind {
    /// The value of `--da`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calldata => "calldata",
            Self::Blobs => "blobs",
        }
    }
}

/// What `openledger verify` prints.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Verified {
    /// The last block.
    pub number: u64,
    /// How long it took.
    pub seconds: f64,
    /// Transactions, deposits included.
    pub transactions: u64,
}

/// One chain's life.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// What its batches were in.
    pub kind: Kind,
    /// The load that it took meanwhile.
    pub load: ThroughputReport,
    /// From the load's last block to the time when the L1 determined it.
    pub settled_seconds: f64,
    /// What was posted.
    pub posted: Posted,
    /// Transactions that this was for.
    pub transactions: u64,
    /// The chain, rebuilt.
    pub verified: Verified,
    /// The lag of a second load, at a fixed rate.
    pub lag: Lag,
}

impl Run {
    fn l1_bytes(&self) -> f64 {
        self.posted.calldata_bytes as f64 + self.posted.blobs as f64 * BLOB_CAPACITY
    }
}

/// A row's name, its decimals, and its value of a run.
type Row<'a> = (&'a str, usize, &'a dyn Fn(&Run) -> f64);

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct Tables {
    /// The commit.
    pub commit: String,
    /// The machine.
    pub machine: Machine,
    /// Before the first run.
    pub load_average_before: f64,
    /// Transactions a second of the fixed rate.
    pub rate: f64,
    /// The runs.
    pub runs: Vec<Run>,
    /// This project's encoding of one run's blocks.
    pub sizes: Option<Sizes>,
    /// kona-protocol's of the same.
    pub judged: Option<JudgedSizes>,
    /// CPU of a blob's commitment and proof.
    pub kzg_micros_per_blob: f64,
}

impl Tables {
    /// The section of the document.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        let rounds = self
            .runs
            .iter()
            .filter(|run| Some(run.kind) == self.runs.first().map(|first| first.kind))
            .count();
        let _ = writeln!(
            text,
            "Commit `{}`; {} ({} cores, {:.0} GiB, Linux {}); {rounds} rounds, in turn, each on a fresh chain with an L1 block \
             a second; load average {:.1} before. Medians (smallest to largest).\n",
            self.commit,
            self.machine.cpu,
            self.machine.cores,
            self.machine.memory_gib,
            self.machine.kernel,
            self.load_average_before,
        );
        self.lives(&mut text);
        self.encodings(&mut text);
        text
    }

    fn lives(&self, text: &mut String) {
        let mut kinds: Vec<Kind> = Vec::new();
        for run in &self.runs {
            if !kinds.contains(&run.kind) {
                kinds.push(run.kind);
            }
        }
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let _ = writeln!(text, "| ERC-20 transfers | {} |", names.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(kinds.len()));
        let rate = format!(
            "at {:.0} a second: blocks that are not on the L1, first third",
            self.rate
        );
        let rows: [Row<'_>; 10] = [
            ("included a second, while batches are posted", 0, &|run| {
                run.load.included_per_second
            }),
            ("accepted and missing at the end", 0, &|run| {
                run.load.transactions.missing as f64
            }),
            (
                "CPU of the process each, L1 and batcher included, us",
                1,
                &|run| run.load.cost.node_cpu_us_per_transaction.unwrap_or(0.0),
            ),
            ("last block to the L1 determining it, s", 1, &|run| {
                run.settled_seconds
            }),
            ("L1 bytes each, whole blobs counted", 1, &|run| {
                run.l1_bytes() / run.transactions as f64
            }),
            (&rate, 1, &|run| run.lag.mean(0.0, 0.33)),
            ("the same, last third", 1, &|run| run.lag.mean(0.67, 1.0)),
            ("`verify`: transactions", 0, &|run| {
                run.verified.transactions as f64
            }),
            ("`verify`: seconds", 2, &|run| run.verified.seconds),
            ("`verify`: transactions a second", 0, &|run| {
                run.verified.transactions as f64 / run.verified.seconds
            }),
        ];
        for (name, decimals, value) in rows {
            let cells: Vec<String> = kinds
                .iter()
                .map(|kind| {
                    let runs = self.runs.iter().filter(|run| run.kind == *kind);
                    cell(Spread::of(runs.map(value)), decimals)
                })
                .collect();
            let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
        }
        text.push('\n');
    }

    fn encodings(&self, text: &mut String) {
        let (Some(ours), Some(theirs)) = (self.sizes, self.judged) else {
            return;
        };
        let each = |bytes: u64, transactions: u64| bytes as f64 / transactions.max(1) as f64;
        let (our_bytes, their_bytes) = (
            each(ours.bytes, ours.transactions),
            each(theirs.bytes, theirs.transactions),
        );
        let our_cpu = ours.encode_micros + ours.compress_micros;
        let their_cpu =
            theirs.encode_micros_per_transaction + theirs.compress_micros_per_transaction;
        let _ = writeln!(
            text,
            "| the same {} transfers, encoded | openledger | kona-protocol, brotli 10 | openledger / kona |",
            ours.transactions
        );
        let _ = writeln!(text, "|---|---|---|---|");
        let _ = writeln!(
            text,
            "| L1 bytes each | {our_bytes:.2} | {their_bytes:.2} | {:.3} x |",
            our_bytes / their_bytes
        );
        let _ = writeln!(
            text,
            "| CPU each: encode, us | {:.2} | {:.2} | |",
            ours.encode_micros, theirs.encode_micros_per_transaction
        );
        let _ = writeln!(
            text,
            "| CPU each: compress, us | {:.2} | {:.2} | |",
            ours.compress_micros, theirs.compress_micros_per_transaction
        );
        let _ = writeln!(
            text,
            "| CPU each, us | {our_cpu:.2} | {their_cpu:.2} | {:.3} x |",
            our_cpu / their_cpu
        );
        let _ = writeln!(
            text,
            "| blobs only: commitment and proof each, us | {:.1} | | |",
            self.kzg_micros_per_blob * our_bytes / BLOB_CAPACITY
        );
        text.push('\n');
    }
}

fn cell(spread: Option<Spread>, decimals: usize) -> String {
    match spread {
        None => String::new(),
        Some(Spread { median, min, max }) if min == max => format!("{median:.decimals$}"),
        Some(Spread { median, min, max }) => {
            format!("{median:.decimals$} ({min:.decimals$} to {max:.decimals$})")
        }
    }
}
