//! Runs this project and its peers in turn and writes the tables into the benchmark document.

use anyhow::{Context, bail};
use clap::{Parser, ValueEnum};
use openledger_benches::{
    args::{GenesisTokenArgs, LatencyArgs, ThroughputArgs, TransactionArgs},
    comparison::{Comparison, Contender, Measurement, RunResult},
    genesis::{BenchGenesis, GENESIS_TOKEN},
    node::{
        ANVIL, ANVIL_AUTOMINE, CHAIN_ID, Flags, GAS_LIMIT, Launch, PROJECT, anvil_block_time,
        npm_anvil, project_binary,
    },
    section,
};
use std::{
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// Measures the project and anvil in turn, in one go, on this machine
#[derive(Parser)]
struct Arguments {
    /// How often each node is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The nodes, in the order in which each round measures them
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "project,anvil"
    )]
    nodes: Vec<Node>,
    /// What to measure
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "throughput,latency"
    )]
    measure: Vec<What>,
    /// The project's binary [default: `openledger` beside this program]
    #[arg(long)]
    project: Option<PathBuf>,
    /// The project's arguments, in place of the built-in ones; `{port}`, `{port-b}`, `{port-c}`, `{port-d}`,
    /// `{directory}`, `{genesis}`, `{chain-id}` and `{gas-limit}` are filled in
    #[arg(long, allow_hyphen_values = true)]
    project_arguments: Option<String>,
    /// anvil's binary [default: the one of the npm packages in contracts/]
    #[arg(long)]
    anvil: Option<PathBuf>,
    /// Seconds between anvil's blocks [default: 1, and a second more for each 250,000 accounts in the state]
    #[arg(long)]
    anvil_block_time: Option<u64>,
    /// Begin with a genesis that holds so many further accounts
    #[arg(long, default_value_t = 0)]
    accounts_in_state: u64,
    /// So many of them hold the token from the genesis on, and receive the transfers
    #[arg(long, default_value_t = 0)]
    token_holders: u64,
    /// Where the nodes keep their data: the disk whose syncs are measured
    #[arg(long, default_value = "target/bench-data")]
    directory: PathBuf,
    /// Write the tables into this document, between their markers
    #[arg(long)]
    document: Option<PathBuf>,
    /// The name of the markers; by default `peers`, or `peers-` and the accounts in the state
    #[arg(long)]
    section: Option<String>,
    #[command(flatten)]
    transactions: TransactionArgs,
    #[command(flatten)]
    throughput: ThroughputArgs,
    #[command(flatten)]
    latency: LatencyArgs,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Node {
    Project,
    Anvil,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum What {
    Throughput,
    Latency,
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
    fs::create_dir_all(&arguments.directory)
        .with_context(|| format!("{} cannot be created", arguments.directory.display()))?;
    let genesis = arguments.write_genesis()?;
    let genesis_token = match arguments.token_holders {
        0 => GenesisTokenArgs::default(),
        holders => GenesisTokenArgs {
            token: Some(GENESIS_TOKEN),
            state_recipients: holders,
        },
    };
    let comparison = Comparison {
        contenders: arguments.contenders()?,
        rounds: arguments.rounds,
        transactions: arguments.transactions.clone(),
        genesis,
        genesis_token,
        directory: arguments.directory.clone(),
    };
    let all = comparison.run(arguments.accounts_in_state, |run| {
        eprintln!(
            "round {}, {} (answered after {:.2} s):",
            run.round, run.node, run.started_seconds
        );
        match &run.result {
            RunResult::Throughput(report) => eprintln!("{report}"),
            RunResult::Latency(report) => eprintln!("{report}"),
            RunResult::Failed { failed } => eprintln!("  failed: {failed}"),
        }
    })?;

    if let Some(genesis) = &comparison.genesis {
        fs::remove_file(genesis)?;
    }
    let markdown = format!("{}{}", all.to_markdown(), arguments.caveats());
    eprintln!("\n{markdown}");
    println!("{}", serde_json::to_string(&all)?);
    if let Some(document) = &arguments.document {
        let text = if document.exists() {
            fs::read_to_string(document)?
        } else {
            "# Benchmarks\n".to_owned()
        };
        fs::write(
            document,
            section::replace(&text, &arguments.section_name(), &markdown),
        )?;
    }
    if all
        .runs
        .iter()
        .any(|run| matches!(run.result, RunResult::Failed { .. }))
    {
        bail!(
            "a run failed; its log is kept in {}",
            arguments.directory.display()
        );
    }
    Ok(())
}

impl Arguments {
    fn write_genesis(&self) -> anyhow::Result<Option<PathBuf>> {
        if self.accounts_in_state == 0 && self.token_holders == 0 {
            return Ok(None);
        }
        if self.token_holders > self.accounts_in_state {
            bail!("--token-holders cannot exceed --accounts-in-state");
        }
        let path = std::path::absolute(self.directory.join("genesis.json"))?;
        let genesis = BenchGenesis {
            chain_id: CHAIN_ID,
            gas_limit: GAS_LIMIT,
            accounts: self.accounts_in_state,
            holders: self.token_holders,
        };
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&path)?);
        genesis.write(&mut file)?;
        file.into_inner().map_err(|error| error.into_error())?;
        Ok(Some(path))
    }

    fn contenders(&self) -> anyhow::Result<Vec<Contender>> {
        let mut contenders = Vec::new();
        for what in &self.measure {
            for node in &self.nodes {
                match (node, what) {
                    (Node::Project, What::Throughput) => {
                        contenders.push(self.project(self.saturating())?)
                    }
                    (Node::Project, What::Latency) => {
                        contenders.push(self.project(self.at_fixed_arrivals())?)
                    }
                    (Node::Anvil, What::Throughput) => {
                        contenders.push(self.anvil("anvil", ANVIL, self.saturating())?);
                    }
                    (Node::Anvil, What::Latency) => {
                        contenders.push(self.anvil("anvil", ANVIL, self.at_fixed_arrivals())?);
                        // With a block for each transaction anvil loses transactions that arrive together, so its
                        // fastest receipt is measured without a background.
                        let alone = LatencyArgs {
                            rate: 0.0,
                            ..self.latency.clone()
                        };
                        let automine = Measurement::Latency(alone);
                        contenders.push(self.anvil(
                            "anvil, automine, alone",
                            ANVIL_AUTOMINE,
                            automine,
                        )?);
                    }
                }
            }
        }
        Ok(contenders)
    }

    fn saturating(&self) -> Measurement {
        Measurement::Throughput(self.throughput.clone())
    }

    fn at_fixed_arrivals(&self) -> Measurement {
        Measurement::Latency(self.latency.clone())
    }

    fn project(&self, measurement: Measurement) -> anyhow::Result<Contender> {
        let program = project_binary(self.project.as_deref())?;
        let mut launch = self.launch("openledger", program, PROJECT);
        if let Some(own) = &self.project_arguments {
            launch.arguments = own.clone();
        }
        Ok(Contender {
            launch,
            measurement,
        })
    }

    fn anvil(
        &self,
        name: &str,
        flags: Flags,
        measurement: Measurement,
    ) -> anyhow::Result<Contender> {
        let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts");
        let program = self.anvil.clone().or_else(|| npm_anvil(&contracts));
        let program = program
            .context("anvil is not installed: run `npm ci` in contracts/, or give --anvil")?;
        let block_time = self
            .anvil_block_time
            .unwrap_or_else(|| anvil_block_time(self.accounts_in_state));
        let mut launch = self.launch(name, program, flags);
        launch.arguments = launch
            .arguments
            .replace("{block-time}", &block_time.to_string());
        Ok(Contender {
            launch,
            measurement,
        })
    }

    fn launch(&self, name: &str, program: PathBuf, flags: Flags) -> Launch {
        let mut arguments = flags.run.to_owned();
        if self.accounts_in_state > 0 {
            arguments = format!("{arguments} {}", flags.genesis);
        }
        // A million accounts take anvil tens of seconds to load.
        let patience =
            Duration::from_secs(30) + Duration::from_micros(300 * self.accounts_in_state);
        Launch {
            name: name.to_owned(),
            program,
            arguments,
            patience,
        }
    }

    /// What a reader must know of the peers to read the ratios rightly.
    fn caveats(&self) -> String {
        let mut text = String::new();
        if self.nodes.contains(&Node::Anvil) {
            text += "anvil keeps everything in memory and syncs nothing to disk. Its latency with a background is the \
                     wait for the block; it has no receipt before.\n";
            if self.accounts_in_state > 0 {
                let seconds = anvil_block_time(self.accounts_in_state);
                let seconds = self.anvil_block_time.unwrap_or(seconds);
                text += &format!(
                    "anvil computes the root of the whole state for each block, which makes the ratio at many accounts \
                     flattering (a fix is merged upstream and unreleased); it made a block each {seconds} s here, \
                     because at shorter intervals it falls behind and includes nothing.\n"
                );
            }
        }
        text
    }

    fn section_name(&self) -> String {
        match (&self.section, self.accounts_in_state) {
            (Some(name), _) => name.clone(),
            (None, 0) => "peers".to_owned(),
            (None, accounts) => format!("peers-{accounts}"),
        }
    }
}
