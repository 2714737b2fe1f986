//! Measures what having the chain on the L1 costs, and writes the table into the benchmark document.

use anyhow::Context;
use clap::Parser;
use openledger_benches::{
    args::{GenesisTokenArgs, LatencyArgs, ThroughputArgs, TransactionArgs},
    machine::{self, Machine, load_average},
    node::{Launch, PROJECT, RunningNode, project_binary},
    preparation::SigningCache,
    section,
    session::{Target, measure_latency, measure_throughput},
    settlement::{
        BlockList, Kind, Lag, Run, Settlement, SettlementError, Tables, Verified, judge,
        kzg_micros_per_blob,
    },
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

/// What the L1 may take to have everything.
const PATIENCE: Duration = Duration::from_secs(180);

/// Measures the chain's way to the L1 and back: batches under load, their size beside kona-protocol's, `openledger verify`
#[derive(Parser)]
struct Arguments {
    /// How often each kind of batch is measured
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// What batches are posted in
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "calldata,blobs"
    )]
    kinds: Vec<Kind>,
    /// The project's binary [default: `openledger` beside this program]
    #[arg(long)]
    project: Option<PathBuf>,
    /// The judge's binary, built with `--release`: see crates/e2e/judge
    #[arg(long)]
    judge: Option<PathBuf>,
    /// Where the nodes keep their data
    #[arg(long, default_value = "target/bench-data")]
    directory: PathBuf,
    /// Write the tables into this document, between their markers
    #[arg(long)]
    document: Option<PathBuf>,
    #[command(flatten)]
    transactions: TransactionArgs,
    #[command(flatten)]
    throughput: ThroughputArgs,
    #[command(flatten)]
    latency: LatencyArgs,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let project = project_binary(arguments.project.as_deref())?;
    fs::create_dir_all(&arguments.directory)
        .with_context(|| format!("{} cannot be created", arguments.directory.display()))?;
    let directory = std::path::absolute(&arguments.directory)?;
    let mut tables = Tables {
        commit: machine::commit(),
        machine: Machine::read(),
        load_average_before: load_average(),
        rate: arguments.latency.rate,
        runs: Vec::new(),
        sizes: None,
        judged: None,
        kzg_micros_per_blob: kzg_micros_per_blob()?,
    };
    let mut cache = SigningCache::default();
    for round in 1..=arguments.rounds {
        for kind in &arguments.kinds {
            eprintln!("round {round}, {}:", kind.name());
            let folder = directory.join(format!("settlement-{round}-{}", kind.name()));
            fs::create_dir_all(&folder)?;
            let life = Life {
                arguments,
                project: &project,
                folder: &folder,
                kind: *kind,
            };
            let run = life.live(&mut cache, &mut tables)?;
            eprintln!(
                "{}\n  on the L1 after {:.1} s; verify: {} transactions in {:.2} s",
                run.load, run.settled_seconds, run.verified.transactions, run.verified.seconds
            );
            tables.runs.push(run);
            fs::remove_dir_all(&folder)?;
        }
    }
    let markdown = tables.to_markdown();
    eprintln!("\n{markdown}");
    println!("{}", serde_json::to_string(&tables)?);
    if let Some(document) = &arguments.document {
        let text = fs::read_to_string(document).unwrap_or_else(|_| "# Benchmarks\n".to_owned());
        fs::write(document, section::replace(&text, "settlement", &markdown))?;
    }
    Ok(())
}

/// One chain from its genesis on.
struct Life<'a> {
    arguments: &'a Arguments,
    project: &'a Path,
    folder: &'a Path,
    kind: Kind,
}

impl Life<'_> {
    fn live(&self, cache: &mut SigningCache, tables: &mut Tables) -> Result<Run, SettlementError> {
        let node = self.start()?;
        let mut chain = Settlement::new(node.l1(), node.endpoint.clone())?;
        let target = Target {
            endpoint: node.endpoint.clone(),
            pid: Some(node.pid()),
            genesis: GenesisTokenArgs::default(),
        };
        let before = chain.l1_height()?;
        let Arguments {
            transactions,
            throughput,
            ..
        } = self.arguments;
        let load = measure_throughput(&target, transactions, throughput, cache)?;
        let (safe, took) = chain.settle(PATIENCE)?;
        let posted = chain.posted(before)?;
        let list = BlockList::read(&mut chain, safe)?;
        let sizes = list.encode()?;
        if tables.sizes.is_none()
            && let Some(program) = &self.arguments.judge
        {
            tables.judged = Some(judge(program, &list, self.folder)?);
            tables.sizes = Some(sizes);
        }
        drop(list);
        let verified = self.verify(&node, safe)?;
        let lag = self.arrive(&target, &mut chain)?;
        Ok(Run {
            kind: self.kind,
            load,
            settled_seconds: took.as_secs_f64(),
            posted,
            transactions: sizes.transactions,
            verified,
            lag,
        })
    }

    fn start(&self) -> Result<RunningNode, SettlementError> {
        let launch = Launch {
            name: "openledger".to_owned(),
            program: self.project.to_owned(),
            arguments: format!(
                "{} --l1-block-time 1 --da {}",
                PROJECT.run,
                self.kind.name()
            ),
            patience: Duration::from_secs(30),
        };
        Ok(launch.start(self.folder, None)?)
    }

    /// Rebuilds the chain from the L1, which the idle node goes on serving.
    fn verify(&self, node: &RunningNode, to: u64) -> Result<Verified, SettlementError> {
        let chain = self.folder.join("data");
        let output = Command::new(self.project)
            .args([
                "verify",
                "--l1-rpc",
                &format!("http://{}", node.l1().address()),
            ])
            .arg("--rollup")
            .arg(chain.join("rollup.json"))
            .arg("--genesis")
            .arg(chain.join("genesis.json"))
            .arg("--datadir")
            .arg(self.folder.join("verify"))
            .args(["--to-block", &to.to_string()])
            .output()?;
        if !output.status.success() {
            return Err(SettlementError::Program {
                program: "openledger verify".to_owned(),
                said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|error| SettlementError::Malformed(error.to_string()))
    }

    /// Transactions at a fixed rate, and how far the L1 is behind meanwhile.
    fn arrive(&self, target: &Target, chain: &mut Settlement) -> Result<Lag, SettlementError> {
        let mut lag = Lag::default();
        std::thread::scope(|scope| {
            let arriving = scope.spawn(|| {
                measure_latency(
                    target,
                    &self.arguments.transactions,
                    &self.arguments.latency,
                    &mut SigningCache::default(),
                )
            });
            let mut seen = chain.head()?.0;
            while !arriving.is_finished() {
                // A look a block, which is one a second. Those of the preparation and of the end do not count.
                let (head, transactions) = chain.head()?;
                if head > seen {
                    seen = head;
                    if transactions as f64 > self.arguments.latency.rate / 2.0 {
                        lag.blocks.push(chain.lag()?);
                    }
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            match arriving.join() {
                Ok(report) => eprintln!("{}", report?),
                Err(_) => return Err(SettlementError::Malformed("the load panicked".to_owned())),
            }
            Ok::<_, SettlementError>(())
        })?;
        Ok(lag)
    }
}
