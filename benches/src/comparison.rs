//! The nodes in turn, round after round, in one go: what one round finds, and all of them together.

use crate::{
    args::{GenesisTokenArgs, LatencyArgs, ThroughputArgs, TransactionArgs},
    machine::{self, Machine, load_average},
    node::{Launch, NodeError},
    preparation::SigningCache,
    report::{LatencyReport, ThroughputReport},
    session::{SessionError, Target, measure_latency, measure_throughput},
    stats::Percentiles,
};
use serde::Serialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What is measured of a node.
#[derive(Clone, Debug)]
pub enum Measurement {
    /// See [`crate::throughput`].
    Throughput(ThroughputArgs),
    /// See [`crate::latency`].
    Latency(LatencyArgs),
}

/// One column of a table: a node and what is measured of it.
#[derive(Clone, Debug)]
pub struct Contender {
    /// How to start it.
    pub launch: Launch,
    /// What to measure.
    pub measurement: Measurement,
}

/// A whole comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Measured in this order in every round, each on a fresh chain.
    pub contenders: Vec<Contender>,
    /// How often.
    pub rounds: usize,
    /// The transactions, the same for all.
    pub transactions: TransactionArgs,
    /// The genesis file, if the chains begin with one.
    pub genesis: Option<PathBuf>,
    /// What the genesis holds.
    pub genesis_token: GenesisTokenArgs,
    /// Where the nodes keep their data; each run's is removed after it.
    pub directory: PathBuf,
}

/// What one run found.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// The node.
    pub node: String,
    /// From 1.
    pub round: usize,
    /// From the process's start to its first answer.
    pub started_seconds: f64,
    /// The measurement.
    pub result: RunResult,
}

/// The report of a run.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum RunResult {
    /// Of a saturating run.
    Throughput(Box<ThroughputReport>),
    /// Of a run at fixed arrivals.
    Latency(Box<LatencyReport>),
    /// The run gave no report.
    Failed {
        /// Why.
        failed: String,
    },
}

/// All runs, with what is needed to read them.
#[derive(Clone, Debug, Serialize)]
pub struct Comparisons {
    /// The commit, with `+` when files differ from it.
    pub commit: String,
    /// The machine.
    pub machine: Machine,
    /// One-minute load average before the first run.
    pub load_average_before: f64,
    /// Appending 4 KiB with fdatasync, where the nodes keep their data.
    pub fsync_floor: Percentiles,
    /// Accounts in the genesis beyond the nodes' own.
    pub accounts_in_state: u64,
    /// How many of them hold the token.
    pub token_holders: u64,
    /// Accounts that send.
    pub senders: usize,
    /// The runs, in the order in which they happened.
    pub runs: Vec<Run>,
}

#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("the run's directory: {0}")]
    Directory(#[from] io::Error),
}

impl Comparison {
    /// Runs everything. A run that fails is recorded as failed, and the others go on. `progress` hears of each run
    /// when it ends.
    pub fn run(
        &self,
        accounts_in_state: u64,
        mut progress: impl FnMut(&Run),
    ) -> io::Result<Comparisons> {
        fs::create_dir_all(&self.directory)?;
        let mut all = Comparisons {
            commit: machine::commit(),
            machine: Machine::read(),
            load_average_before: load_average(),
            fsync_floor: machine::fsync_floor(&self.directory)?,
            accounts_in_state,
            token_holders: self.genesis_token.state_recipients,
            senders: self.transactions.senders,
            runs: Vec::new(),
        };
        let mut cache = SigningCache::default();
        for round in 1..=self.rounds {
            for (index, contender) in self.contenders.iter().enumerate() {
                let directory = self.directory.join(format!("{round}-{index}"));
                let (started_seconds, result) = match self.one(contender, &directory, &mut cache) {
                    Ok(found) => found,
                    Err(error) => (
                        0.0,
                        RunResult::Failed {
                            failed: error.to_string(),
                        },
                    ),
                };
                let run = Run {
                    node: contender.launch.name.clone(),
                    round,
                    started_seconds,
                    result,
                };
                progress(&run);
                all.runs.push(run);
            }
        }
        Ok(all)
    }

    fn one(
        &self,
        contender: &Contender,
        directory: &Path,
        cache: &mut SigningCache,
    ) -> Result<(f64, RunResult), RunError> {
        fs::create_dir_all(directory)?;
        let node = contender.launch.start(directory, self.genesis.as_deref())?;
        let target = Target {
            endpoint: node.endpoint.clone(),
            pid: Some(node.pid()),
            genesis: self.genesis_token.clone(),
        };
        let result = match &contender.measurement {
            Measurement::Throughput(args) => RunResult::Throughput(
                measure_throughput(&target, &self.transactions, args, cache)?.into(),
            ),
            Measurement::Latency(args) => RunResult::Latency(
                measure_latency(&target, &self.transactions, args, cache)?.into(),
            ),
        };
        let started = node.started_in.as_secs_f64();
        drop(node);
        // A failed run's directory stays, with the node's log in it.
        fs::remove_dir_all(directory)?;
        Ok((started, result))
    }
}
