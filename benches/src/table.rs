//! The tables of a comparison, as Markdown.

use crate::{
    comparison::{Comparisons, Run, RunResult},
    report::{LatencyReport, ThroughputReport},
    stats::Spread,
};
use std::fmt::Write;

impl Comparisons {
    /// The section of a benchmark document: circumstances, then one table for each kind of run.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        let rounds = self.runs.iter().map(|run| run.round).max().unwrap_or(0);
        let loads = self.runs.iter().filter_map(|run| run.result.load_average());
        let (quietest, busiest) = loads.fold((f64::INFINITY, 0.0_f64), |(low, high), load| {
            (low.min(load), high.max(load))
        });
        let _ = writeln!(
            text,
            "Commit `{}`; {} ({} cores, {:.0} GiB, Linux {}); {rounds} rounds, in turn, each on a fresh chain; \
             {} senders{}; load average {:.1} before, {:.1} to {:.1} during; append 4 KiB + fdatasync \
             {:.2} ms p50, {:.2} ms p99. Medians (smallest to largest).\n",
            self.commit,
            self.machine.cpu,
            self.machine.cores,
            self.machine.memory_gib,
            self.machine.kernel,
            self.senders,
            self.describe_state(),
            self.load_average_before,
            quietest.min(busiest),
            busiest,
            self.fsync_floor.p50_ms,
            self.fsync_floor.p99_ms,
        );
        self.table(
            &mut text,
            "transfers to sealed blocks",
            RunResult::throughput,
            &THROUGHPUT_ROWS,
        );
        self.table(
            &mut text,
            "send to receipt, fixed arrivals",
            RunResult::latency,
            &LATENCY_ROWS,
        );
        self.failures(&mut text);
        text
    }

    fn describe_state(&self) -> String {
        match (self.accounts_in_state, self.token_holders) {
            (0, _) => String::new(),
            (accounts, 0) => format!(", {accounts} further accounts in the state"),
            (accounts, holders) => {
                format!(
                    ", {accounts} further accounts in the state, {holders} of them token holders and recipients"
                )
            }
        }
    }

    fn table<R>(
        &self,
        text: &mut String,
        title: &str,
        pick: fn(&RunResult) -> Option<&R>,
        rows: &[Row<R>],
    ) {
        let mut nodes: Vec<&str> = Vec::new();
        for run in self.runs.iter().filter(|run| pick(&run.result).is_some()) {
            if !nodes.contains(&run.node.as_str()) {
                nodes.push(&run.node);
            }
        }
        let Some((first, others)) = nodes.split_first() else {
            return;
        };
        let ratios: String = others
            .iter()
            .map(|other| format!(" {first} / {other} |"))
            .collect();
        let _ = writeln!(text, "| {title} | {} |{ratios}", nodes.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(nodes.len() + others.len()));
        for row in rows {
            let spreads: Vec<Option<Spread>> = nodes
                .iter()
                .map(|node| Spread::of(self.values(node, pick, row)))
                .collect();
            if row.hide_zero && spreads.iter().flatten().all(|spread| spread.max == 0.0) {
                continue;
            }
            let cells: Vec<String> = spreads.iter().map(|spread| row.cell(*spread)).collect();
            let ratios: String = spreads[1..]
                .iter()
                .map(|other| row.ratio(spreads[0], *other))
                .collect();
            let _ = writeln!(text, "| {} | {} |{ratios}", row.name, cells.join(" | "));
        }
        text.push('\n');
    }

    fn values<'a, R: 'a>(
        &'a self,
        node: &'a str,
        pick: fn(&RunResult) -> Option<&R>,
        row: &'a Row<R>,
    ) -> impl Iterator<Item = f64> + 'a {
        let of_node = self.runs.iter().filter(move |run| run.node == node);
        of_node.filter_map(move |run| (row.value)(run, pick(&run.result)?))
    }

    fn failures(&self, text: &mut String) {
        for run in &self.runs {
            if let RunResult::Failed { failed } = &run.result {
                let _ = writeln!(
                    text,
                    "- {} failed in round {}: {}",
                    run.node,
                    run.round,
                    failed.replace('\n', " ")
                );
            }
        }
    }
}

impl RunResult {
    fn throughput(&self) -> Option<&ThroughputReport> {
        if let Self::Throughput(report) = self {
            Some(report)
        } else {
            None
        }
    }

    fn latency(&self) -> Option<&LatencyReport> {
        if let Self::Latency(report) = self {
            Some(report)
        } else {
            None
        }
    }

    fn load_average(&self) -> Option<f64> {
        let of_throughput = self.throughput().map(|report| report.load_average);
        of_throughput.or_else(|| Some(self.latency()?.load_average))
    }
}

/// One line of a table: how to read it from a report, and how to print it.
struct Row<R> {
    name: &'static str,
    value: fn(&Run, &R) -> Option<f64>,
    decimals: usize,
    compared: bool,
    hide_zero: bool,
}

impl<R> Row<R> {
    const fn new(name: &'static str, decimals: usize, value: fn(&Run, &R) -> Option<f64>) -> Self {
        Self {
            name,
            value,
            decimals,
            compared: false,
            hide_zero: false,
        }
    }

    const fn compared(mut self) -> Self {
        self.compared = true;
        self
    }

    const fn hide_zero(mut self) -> Self {
        self.hide_zero = true;
        self
    }

    fn cell(&self, spread: Option<Spread>) -> String {
        let show = |value: f64| grouped(value, self.decimals);
        match spread {
            None => "-".to_owned(),
            Some(Spread { median, min, max }) if min == max => show(median),
            Some(Spread { median, min, max }) => {
                format!("{} ({} to {})", show(median), show(min), show(max))
            }
        }
    }

    fn ratio(&self, ours: Option<Spread>, theirs: Option<Spread>) -> String {
        match ours.zip(theirs) {
            Some((ours, theirs)) if self.compared && ours.median > 0.0 && theirs.median > 0.0 => {
                format!(" {:.2} x |", ours.median / theirs.median)
            }
            _ => " |".to_owned(),
        }
    }
}

type Saturating = Row<ThroughputReport>;
type Paced = Row<LatencyReport>;

const THROUGHPUT_ROWS: [Saturating; 12] = [
    Saturating::new("included a second", 0, |_, report| {
        Some(report.included_per_second)
    })
    .compared(),
    Saturating::new("the same without ramp-up and drain", 0, |_, report| {
        report.steady_per_second
    })
    .compared(),
    Saturating::new("node CPU each, us", 1, |_, report| {
        report.cost.node_cpu_us_per_transaction
    })
    .compared(),
    Saturating::new("millions of gas a second", 0, |_, report| {
        Some(report.mgas_per_second)
    }),
    Saturating::new("node peak memory, MiB", 0, |_, report| {
        Some(report.cost.node.as_ref()?.peak_rss_mib)
    }),
    Saturating::new("transactions included", 0, |_, report| {
        Some(report.transactions.included as f64)
    }),
    Saturating::new("accepted and missing at the end", 0, |_, report| {
        Some(report.transactions.missing as f64)
    }),
    Saturating::new("offered again after a refusal", 0, |_, report| {
        Some(report.transactions.retried as f64)
    })
    .hide_zero(),
    Saturating::new("receipts sampled that were wrong", 0, |_, report| {
        Some((report.receipts.asked - report.receipts.good) as f64)
    }),
    Saturating::new("fullest block, transactions", 0, |_, report| {
        Some(report.fullest_block as f64)
    }),
    Saturating::new("generator CPU each, us", 1, |_, report| {
        Some(report.cost.generator_cpu_seconds * 1e6 / report.transactions.included.max(1) as f64)
    }),
    Saturating::new("start to first answer, s", 2, |run, _| {
        Some(run.started_seconds)
    }),
];

const LATENCY_ROWS: [Paced; 14] = [
    Paced::new("background a second", 0, |_, report| Some(report.rate)),
    Paced::new("probes a second", 0, |_, report| Some(report.probe_rate)),
    Paced::new("p50, ms", 2, |_, report| Some(report.latency.p50_ms)).compared(),
    Paced::new("p90, ms", 2, |_, report| Some(report.latency.p90_ms)).compared(),
    Paced::new("p99, ms", 2, |_, report| Some(report.latency.p99_ms)).compared(),
    Paced::new("slowest, ms", 2, |_, report| Some(report.latency.max_ms)),
    Paced::new("probes lost", 0, |_, report| {
        Some(report.probes.lost as f64)
    }),
    Paced::new("receipts contradicted by their block", 0, |_, report| {
        Some(report.probes.contradicted as f64)
    }),
    Paced::new("probes included without an answer", 0, |_, report| {
        Some(report.probes.unanswered as f64)
    })
    .hide_zero(),
    Paced::new("background refused", 0, |_, report| {
        Some(report.background.refused as f64)
    })
    .hide_zero(),
    Paced::new("background accepted and missing", 0, |_, report| {
        Some(report.background.missing as f64)
    }),
    Paced::new("background accepted, p99, ms", 2, |_, report| {
        Some(report.acceptance.p99_ms)
    })
    .hide_zero(),
    Paced::new("worst lag of the generator, ms", 1, |_, report| {
        Some(report.worst_lag_ms)
    })
    .hide_zero(),
    Paced::new("node CPU each, us", 1, |_, report| {
        report.cost.node_cpu_us_per_transaction
    }),
];

/// A number with its thousands separated.
fn grouped(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let (whole, fraction) = plain
        .split_once('.')
        .map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
    let mut text = String::new();
    for (position, digit) in whole.chars().enumerate() {
        let left = whole.len() - position;
        if position > 0 && left % 3 == 0 && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{text}.{fraction}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        machine::Machine,
        report::{Cost, Counts, Sample},
        stats::Percentiles,
        workload::Transfer,
    };

    fn run(node: &str, round: usize, included_per_second: f64) -> Run {
        let report = ThroughputReport {
            mode: "throughput",
            client: String::new(),
            transfer: Transfer::Erc20,
            transactions: Counts::default(),
            seconds: 1.0,
            included_per_second,
            steady_per_second: None,
            blocks: 1,
            fullest_block: 1,
            mgas_per_second: 1.0,
            receipts: Sample::default(),
            cost: Cost::default(),
            load_average: 1.0,
            errors: Default::default(),
        };
        let result = RunResult::Throughput(Box::new(report));
        Run {
            node: node.to_owned(),
            round,
            started_seconds: 0.5,
            result,
        }
    }

    #[test]
    fn a_row_holds_medians_spreads_and_the_ratio_to_each_peer() {
        let failed = RunResult::Failed {
            failed: "no\nport".to_owned(),
        };
        let all = Comparisons {
            commit: "abc".to_owned(),
            machine: Machine {
                cpu: "chip".to_owned(),
                cores: 2,
                memory_gib: 8.0,
                kernel: "6".to_owned(),
            },
            load_average_before: 0.0,
            fsync_floor: Percentiles::default(),
            accounts_in_state: 0,
            token_holders: 0,
            senders: 1000,
            runs: vec![
                run("ours", 1, 20_000.0),
                run("theirs", 1, 8_000.0),
                run("ours", 2, 22_000.0),
                Run {
                    node: "theirs".to_owned(),
                    round: 2,
                    started_seconds: 0.0,
                    result: failed,
                },
            ],
        };
        let text = all.to_markdown();
        assert!(text.contains(
            "| transfers to sealed blocks | ours | theirs | ours / theirs |\n|---|---|---|---|\n"
        ));
        assert!(
            text.contains("| included a second | 21,000 (20,000 to 22,000) | 8,000 | 2.62 x |\n"),
            "{text}"
        );
        assert!(text.contains("- theirs failed in round 2: no port\n"));
        assert!(!text.contains("fixed arrivals"));
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(grouped(1_234_567.0, 0), "1,234,567");
        assert_eq!(grouped(999.5, 1), "999.5");
        assert_eq!(grouped(1234.567, 2), "1,234.57");
    }
}
