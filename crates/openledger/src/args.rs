//! The command line.

use crate::attribution::AttributionCommand;
use alloy_primitives::Address;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};
use openledger_deployer::{DeployFile, TokenConfig};
use openledger_devnet::L1Fork;
use openledger_genesis::OpFork;
use openledger_l1::{check_urls, shown_url};
use openledger_node::{
    AdminConfig, CheckConfig, DaMode, DevConfig, L1Source, ProposalSource, ProposerConfig,
    VerifyConfig,
};
use std::{net::IpAddr, path::PathBuf, time::Duration};

/// An EVM rollup for data, models and their makers.
#[derive(Debug, Parser)]
#[command(name = "openledger", version, about, max_term_width = 110)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How much the log says.
    #[arg(long, global = true, value_enum, default_value_t = Verbosity::Info, env = "OPENLEDGER_VERBOSITY")]
    pub verbosity: Verbosity,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs an L2 on an embedded L1: the whole system in one process.
    Dev(Box<DevArgs>),
    /// Deploys a rollup's contracts to an L1: prints the cost, asks, and writes deployment.json, genesis.json and rollup.json.
    /// Stopped at any point, it goes on where it was.
    Deploy(Box<DeployArgs>),
    /// Rebuilds a chain from its L1 alone and prints one JSON line: number, hash, stateRoot, outputRoot, seconds, transactions.
    Verify(VerifyArgs),
    /// The doctor: looks at a rollup's L1, contracts, delays, roles, keys, balances and fees, and says what to do about what it
    /// finds. Changes nothing. Exits 1 when something does not work.
    Check(Box<CheckArgs>),
    /// Proof of Attribution without a chain: which documents the words of an answer stand in.
    #[command(subcommand)]
    Attribution(AttributionCommand),
    /// Looks after the database of a stopped node.
    #[command(subcommand)]
    Db(DbCommand),
    /// Exits 0 when a running node is ready, 1 with the reason otherwise: a container's health check.
    Health {
        /// The node's API.
        #[arg(
            long,
            value_name = "URL",
            default_value = "http://127.0.0.1:8080",
            env = "OPENLEDGER_API"
        )]
        url: String,
    },
}

impl Arguments {
    /// Those of this process, which ends with code 2 and the reason when they can not be.
    pub fn checked() -> Self {
        let arguments = Self::parse();
        match arguments.command.check() {
            Ok(()) => arguments,
            Err(error) => error.exit(),
        }
    }
}

impl Command {
    /// What the parser does not check: its errors would repeat URLs, which may hold keys.
    fn check(&self) -> Result<(), clap::Error> {
        let (rpc, beacon): (&[String], &[String]) = match self {
            Self::Dev(dev) => (&dev.l1.l1_rpc, &dev.l1.l1_beacon),
            Self::Deploy(deploy) => (&deploy.l1.l1_rpc, &[]),
            Self::Verify(verify) => (&verify.l1.rpc.l1_rpc, &verify.l1.l1_beacon),
            Self::Check(check) => (&check.l1.rpc.l1_rpc, &check.l1.l1_beacon),
            Self::Attribution(_) | Self::Db(_) | Self::Health { .. } => return Ok(()),
        };
        for (option, urls) in [("--l1-rpc", rpc), ("--l1-beacon", beacon)] {
            if let Some(error) = check_urls(urls).err().filter(|_| !urls.is_empty()) {
                let sentence = format!("{option}: {error}");
                return Err(Arguments::command().error(ErrorKind::ValueValidation, sentence));
            }
        }
        Ok(())
    }
}

/// `openledger db`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Entries and bytes of every table.
    Stats(DataDirArgs),
    /// Recomputes the state root from all accounts and slots and compares it with the head's.
    Check(DataDirArgs),
    /// Executes every block of the log again and rebuilds those that differ; lists the receipts that changed.
    Rebuild(DataDirArgs),
}

/// Which data directory.
#[derive(Debug, Args)]
pub struct DataDirArgs {
    /// The data directory of the stopped node.
    #[arg(long, value_name = "DIR")]
    pub datadir: PathBuf,
}

/// How much the log says. `RUST_LOG` overrides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Verbosity {
    /// Nothing but errors.
    Error,
    /// Also warnings.
    Warn,
    /// Also what happens.
    Info,
    /// Also why.
    Debug,
    /// Everything.
    Trace,
}

/// The newest OP fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fork {
    /// Minimum base fee, DA footprint.
    Jovian,
    /// What verifiers of early 2026 read.
    Isthmus,
}

/// The embedded L1's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum L1ForkArg {
    /// Blob transactions carry one proof a blob.
    Prague,
    /// Blob transactions carry cell proofs.
    Osaka,
}

/// What batches are posted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Da {
    /// Whichever is cheaper.
    Auto,
    /// Blobs.
    Blobs,
    /// Calldata.
    Calldata,
}

/// `openledger dev`.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// Keep state here across restarts [default: a temporary directory, removed at the end].
    #[arg(long, value_name = "DIR")]
    datadir: Option<PathBuf>,
    #[command(flatten)]
    l1: L1Args,
    #[command(flatten)]
    ports: PortArgs,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    exit: ExitArgs,
}

/// The way out.
#[derive(Debug, Args)]
#[command(next_help_heading = "Withdrawals")]
struct ExitArgs {
    /// Time that a withdrawal takes on a new chain, like 10s or 7d: its proof ages this long, while the output root can be
    /// challenged during the first half and rejected during the second.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = long_duration)]
    withdrawal_delay: Duration,
    /// Time between two output roots on the L1, at least.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = long_duration)]
    proposal_interval: Duration,
    /// Whose output roots are proposed.
    #[arg(long, value_enum, default_value_t = Proposals::Finalized)]
    proposals: Proposals,
}

/// Blocks whose output roots are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Proposals {
    /// Those that finalized L1 blocks determine.
    Finalized,
    /// Those that the L1 determines now: sooner, and a reorganisation can make them wrong.
    Safe,
    /// No block's: somebody else proposes.
    None,
}

/// The L1 under the chain.
#[derive(Debug, Args)]
#[command(next_help_heading = "L1")]
struct L1Args {
    /// Use a running L1 (anvil, reth) in place of the embedded one. Several endpoints of it may be given, the preferred first: one
    /// is used at a time, and another one when it fails.
    #[arg(long, value_name = "URL", value_delimiter = ',')]
    l1_rpc: Vec<String>,
    /// Its beacon endpoints [default: the same URLs].
    #[arg(long, value_name = "URL", value_delimiter = ',', requires = "l1_rpc")]
    l1_beacon: Vec<String>,
    /// Seconds between L1 blocks.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    l1_block_time: u64,
    /// Slots in an epoch of the embedded L1: safe is one behind the head, finalized two.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=1024))]
    l1_slots_in_epoch: u64,
    /// Rules of the embedded L1.
    #[arg(long, value_enum, default_value_t = L1ForkArg::Prague)]
    l1_fork: L1ForkArg,
    /// What a blob's gas costs in a new embedded L1's first block.
    #[arg(long, value_name = "WEI", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    l1_blob_base_fee: u64,
    /// L1 blocks that must follow an L1 block before the L2 builds on it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    l1_confs: u64,
    /// L1 blocks in which a batch may land.
    #[arg(long, value_name = "N", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(2..))]
    seq_window: u64,
}

/// Where to listen.
#[derive(Debug, Args)]
#[command(next_help_heading = "Ports")]
struct PortArgs {
    /// Address that every port listens on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Further host names that requests may name (protection against DNS rebinding); `*` allows any.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    allowed_hosts: Vec<String>,
    /// JSON-RPC and beacon port of the embedded L1; 0 picks a free one.
    #[arg(long, value_name = "PORT", default_value_t = 8545)]
    l1_port: u16,
    /// JSON-RPC port of the L2 (HTTP and WebSocket); 0 picks a free one.
    #[arg(long, value_name = "PORT", default_value_t = 9545)]
    l2_port: u16,
    /// REST port; 0 picks a free one.
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    api_port: u16,
    /// Prometheus port; 0 picks a free one.
    #[arg(long, value_name = "PORT", default_value_t = 7300)]
    metrics_port: u16,
}

/// The operator's port.
#[derive(Debug, Args)]
#[command(next_help_heading = "Operator")]
struct AdminArgs {
    /// Serve the operator's JSON-RPC (`admin_`) here; 0 picks a free port [default: it is not served].
    #[arg(long, value_name = "PORT")]
    admin_port: Option<u16>,
    /// Address that it listens on; a token is required where other machines reach it.
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1",
        requires = "admin_port"
    )]
    admin_host: IpAddr,
    /// A file of mode 0600: requests must carry what it holds, as `Authorization: Bearer <token>`.
    #[arg(long, value_name = "FILE", requires = "admin_port")]
    admin_token_file: Option<PathBuf>,
}

impl AdminArgs {
    fn config(self) -> Option<AdminConfig> {
        let port = self.admin_port?;
        Some(AdminConfig {
            host: self.admin_host,
            port,
            token: self.admin_token_file,
        })
    }
}

/// The L2.
#[derive(Debug, Args)]
#[command(next_help_heading = "L2")]
struct ChainArgs {
    /// Seconds between L2 blocks.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=60))]
    block_time: u64,
    /// Time between the feed's slices, like 50ms.
    #[arg(long, value_name = "TIME", default_value = "50ms", value_parser = duration)]
    slice_interval: Duration,
    /// Newest OP fork, active from genesis.
    #[arg(long, value_enum, default_value_t = Fork::Jovian)]
    fork: Fork,
    /// What batches are posted in.
    #[arg(long, value_enum, default_value_t = Da::Auto)]
    da: Da,
    /// The coin of a new chain: `new` deploys OPEN, `none` takes ether.
    #[arg(long, value_name = "TOKEN", default_value = "new", value_parser = dev_token)]
    token: TokenConfig,
    /// L1 blocks after which a batch is posted, however small.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=1000))]
    max_channel_duration: u64,
    /// Funded accounts.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    accounts: u32,
    /// Gas limit of a block.
    #[arg(long, value_name = "GAS", default_value_t = 60_000_000, value_parser = clap::value_parser!(u64).range(21_000_000..=1_000_000_000))]
    gas_limit: u64,
    /// Fill the slots that passed while the node was down, instead of resuming the chain's clock where it stopped.
    #[arg(long)]
    catch_up: bool,
    /// Elasticity 1: full blocks do not raise the base fee. For measurements.
    #[arg(long)]
    bench_chain: bool,
    /// Add the `alloc` of this genesis file to the L2's genesis.
    #[arg(long, value_name = "FILE")]
    genesis_alloc: Option<PathBuf>,
}

/// `openledger deploy`.
#[derive(Args)]
pub struct DeployArgs {
    #[command(flatten)]
    pub l1: RpcArgs,
    /// The deployer's key. Other users of the machine see what is on a command line: prefer the variable.
    #[arg(
        long,
        value_name = "KEY",
        env = "OPENLEDGER_DEPLOYER_KEY",
        hide_env_values = true
    )]
    pub private_key: String,
    /// Where the chain's files go.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// A configuration in JSON; the options below go before it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// EIP-155 id of the new chain.
    #[arg(long, value_name = "ID")]
    l2_chain_id: Option<u64>,
    /// Owner of the contracts, through the timelock [default: the deployer].
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Address>,
    /// The only sender whose batches count [default: the deployer].
    #[arg(long, value_name = "ADDRESS")]
    batcher: Option<Address>,
    /// Who proposes output roots [default: the batcher].
    #[arg(long, value_name = "ADDRESS")]
    proposer: Option<Address>,
    /// The chain's coin: `new` deploys OPEN, `none` takes ether, an address takes that ERC-20 [default: new].
    #[arg(long, value_name = "TOKEN")]
    token: Option<TokenConfig>,
    /// L1 blocks that must follow the one that the L2 begins at.
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub confirmations: u64,
    /// Print addresses and cost, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

impl DeployArgs {
    /// What the options say of the configuration.
    pub fn file(self) -> DeployFile {
        DeployFile {
            l2_chain_id: self.l2_chain_id,
            owner: self.owner,
            batcher: self.batcher,
            proposer: self.proposer,
            token: self.token,
            ..DeployFile::default()
        }
    }
}

/// Without the keys.
impl std::fmt::Debug for DeployArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeployArgs")
            .field("l1_rpc", &self.l1)
            .field("out", &self.out)
            .finish_non_exhaustive()
    }
}

/// A running L1's JSON-RPC.
#[derive(Args)]
pub struct RpcArgs {
    /// The L1's JSON-RPC; several endpoints of it may be given, the preferred first.
    #[arg(
        long,
        value_name = "URL",
        value_delimiter = ',',
        required = true,
        env = "OPENLEDGER_L1_RPC",
        hide_env_values = true
    )]
    pub l1_rpc: Vec<String>,
}

/// Hosts only: the rest of a URL may hold a key.
impl std::fmt::Debug for RpcArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        shown_urls(&self.l1_rpc).fmt(f)
    }
}

fn shown_urls(urls: &[String]) -> Vec<String> {
    urls.iter().map(|url| shown_url(url)).collect()
}

/// A running L1 with its blobs.
#[derive(Args)]
struct EndpointArgs {
    #[command(flatten)]
    rpc: RpcArgs,
    /// Its beacon endpoints, where blobs are [default: the same URLs].
    #[arg(
        long,
        value_name = "URL",
        value_delimiter = ',',
        env = "OPENLEDGER_L1_BEACON",
        hide_env_values = true
    )]
    l1_beacon: Vec<String>,
}

/// Hosts only: the rest of a URL may hold a key.
impl std::fmt::Debug for EndpointArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointArgs")
            .field("l1_rpc", &self.rpc)
            .field("l1_beacon", &shown_urls(&self.l1_beacon))
            .finish()
    }
}

/// `openledger check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    l1: EndpointArgs,
    /// The rollup configuration, in op-node's shape.
    #[arg(long, value_name = "FILE")]
    rollup: PathBuf,
    /// A node of the L2: compares what its users paid with what the L1 costs.
    #[arg(long, value_name = "URL")]
    l2_rpc: Option<String>,
    /// L2 blocks over which income and cost are compared.
    #[arg(long, value_name = "N", default_value_t = 1800, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    blocks: u64,
    /// What one ether is worth in the L2's coin.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = positive)]
    coins_per_ether: f64,
    /// Time between two output roots: how many bonds are out at once.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = long_duration)]
    proposal_interval: Duration,
    /// Where a node keeps its data: is there room on the disk?
    #[arg(long, value_name = "DIR")]
    datadir: Option<PathBuf>,
    /// Ports that a node is going to need: are they free?
    #[arg(long, value_name = "PORT", value_delimiter = ',')]
    ports: Vec<u16>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

impl CheckArgs {
    /// The same as a plain struct, with the keys that the environment holds.
    pub fn config(self) -> anyhow::Result<CheckConfig> {
        let mut keys = Vec::new();
        for variable in ["OPENLEDGER_CHALLENGER_KEY", "OPENLEDGER_DEPLOYER_KEY"] {
            if let Ok(key) = std::env::var(variable) {
                // Its error would repeat the key.
                let signer = key.parse().map_err(|_| {
                    anyhow::anyhow!("{variable} is no private key: 32 bytes in hexadecimal")
                })?;
                keys.push((variable, signer));
            }
        }
        Ok(CheckConfig {
            l1_rpc: self.l1.rpc.l1_rpc,
            l1_beacon: self.l1.l1_beacon,
            rollup: self.rollup,
            l2_rpc: self.l2_rpc,
            blocks: self.blocks,
            coins_per_ether: self.coins_per_ether,
            proposal_interval: self.proposal_interval.as_secs(),
            datadir: self.datadir,
            ports: self.ports,
            keys,
        })
    }
}

/// A number above zero.
fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("must be a number above zero".into()),
    }
}

/// `openledger verify`.
#[derive(Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    l1: EndpointArgs,
    /// The rollup configuration, in op-node's shape.
    #[arg(long, value_name = "FILE")]
    rollup: PathBuf,
    /// The genesis, in op-geth's shape.
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
    /// Where the chain is rebuilt. An earlier run's directory is continued.
    #[arg(long, value_name = "DIR")]
    datadir: PathBuf,
    /// Stop when this block is derived; it is an error when the L1 does not determine it [default: all that the L1 has].
    #[arg(long, value_name = "N")]
    to_block: Option<u64>,
    /// Compare every block with this L2 node's; exits 1 at the first that differs, naming it.
    #[arg(long, value_name = "URL")]
    against: Option<String>,
    /// Go on with the L1 until it is told to stop, and compare every output root on it with the chain that was derived. A wrong
    /// one is an error in the log, a metric, and a challenge where the challenger's key is given.
    #[arg(long, conflicts_with = "to_block")]
    watch: bool,
    /// The challenger's key. Other users of the machine see what is on a command line: prefer the variable.
    #[arg(
        long,
        value_name = "KEY",
        requires = "watch",
        env = "OPENLEDGER_CHALLENGER_KEY",
        hide_env_values = true
    )]
    challenger_key: Option<String>,
    /// Prometheus port, with --watch [default: none].
    #[arg(long, value_name = "PORT", requires = "watch")]
    metrics_port: Option<u16>,
}

/// Without the key.
impl std::fmt::Debug for VerifyArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyArgs")
            .field("rollup", &self.rollup)
            .field("datadir", &self.datadir)
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}

impl VerifyArgs {
    /// The same as a plain struct. Fails on a malformed key, without repeating it.
    pub fn config(self) -> anyhow::Result<VerifyConfig> {
        let challenger = self.challenger_key.map(|key| {
            key.parse().map_err(|_| {
                anyhow::anyhow!("the challenger's key is no private key: 32 bytes in hexadecimal")
            })
        });
        Ok(VerifyConfig {
            l1_rpc: self.l1.rpc.l1_rpc,
            l1_beacon: self.l1.l1_beacon,
            rollup: self.rollup,
            genesis: self.genesis,
            datadir: self.datadir,
            to_block: self.to_block,
            against: self.against,
            watch: self.watch,
            challenger: challenger.transpose()?,
            metrics_port: self.metrics_port,
        })
    }
}

impl DevArgs {
    /// The same as a plain struct.
    pub fn config(self) -> DevConfig {
        let l1 = match self.l1.l1_rpc.is_empty() {
            false => L1Source::Remote {
                rpc: self.l1.l1_rpc,
                beacon: self.l1.l1_beacon,
                block_time: self.l1.l1_block_time,
            },
            true => L1Source::Embedded {
                fork: match self.l1.l1_fork {
                    L1ForkArg::Prague => L1Fork::Prague,
                    L1ForkArg::Osaka => L1Fork::Osaka,
                },
                port: self.ports.l1_port,
                block_time: self.l1.l1_block_time,
                slots_in_epoch: self.l1.l1_slots_in_epoch,
                blob_base_fee: self.l1.l1_blob_base_fee.into(),
            },
        };
        DevConfig {
            datadir: self.datadir,
            l1,
            host: self.ports.host,
            allowed_hosts: self.ports.allowed_hosts,
            l2_port: self.ports.l2_port,
            api_port: self.ports.api_port,
            metrics_port: self.ports.metrics_port,
            admin: self.admin.config(),
            block_time: self.chain.block_time,
            slice_interval: self.chain.slice_interval,
            fork: match self.chain.fork {
                Fork::Jovian => OpFork::Jovian,
                Fork::Isthmus => OpFork::Isthmus,
            },
            accounts: self.chain.accounts,
            gas_limit: self.chain.gas_limit,
            elasticity: if self.chain.bench_chain { 1 } else { 6 },
            l1_confs: self.l1.l1_confs,
            seq_window: self.l1.seq_window,
            da: match self.chain.da {
                Da::Auto => DaMode::Auto,
                Da::Blobs => DaMode::Blobs,
                Da::Calldata => DaMode::Calldata,
            },
            token: self.chain.token,
            withdrawal_delay: self.exit.withdrawal_delay.as_secs(),
            proposer: match self.exit.proposals {
                Proposals::Finalized => Some(ProposalSource::Finalized),
                Proposals::Safe => Some(ProposalSource::Safe),
                Proposals::None => None,
            }
            .map(|source| ProposerConfig {
                source,
                interval: self.exit.proposal_interval.as_secs(),
            }),
            channel_duration: self.chain.max_channel_duration,
            catch_up: self.chain.catch_up,
            genesis_alloc: self.chain.genesis_alloc,
        }
    }
}

/// `new` or `none`.
fn dev_token(text: &str) -> Result<TokenConfig, String> {
    match text.parse()? {
        TokenConfig::Existing(_) => {
            Err("a development chain's coin is a new OPEN (`new`) or ether (`none`)".into())
        }
        token => Ok(token),
    }
}

/// `10s`, `5m`, `2h`, `7d`, or a plain number of seconds: from 2 seconds to 90 days.
fn long_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(format!("{unit:?} is no unit of time; use s, m, h or d")),
    };
    let value: u64 = number
        .parse()
        .map_err(|_| format!("{text:?} is no time; write 10s or 7d"))?;
    match value.checked_mul(seconds) {
        Some(seconds @ 2..=7_776_000) => Ok(Duration::from_secs(seconds)),
        _ => Err("must be between 2s and 90d".into()),
    }
}

/// `50ms`, `2s`, or a plain number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit() && c != '.') {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let value: f64 = number
        .parse()
        .map_err(|_| format!("{text:?} is no time; write 50ms or 2s"))?;
    let seconds = match unit {
        "ms" => value / 1000.0,
        "s" => value,
        _ => return Err(format!("{unit:?} is no unit of time; use ms or s")),
    };
    if (0.001..=60.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("must be between 1ms and 60s".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn endpoints_may_be_several_and_bad_ones_are_refused_without_being_repeated() {
        let check = |line: &str| {
            let words = ["openledger"].into_iter().chain(line.split(' '));
            Arguments::try_parse_from(words).and_then(|arguments| arguments.command.check())
        };
        for good in [
            "dev",
            "dev --l1-rpc http://a.example/0123456789",
            "dev --l1-rpc http://a.example --l1-rpc http://b.example,http://c.example --l1-beacon http://a.example",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for (bad, words) in [
            (
                "dev --l1-rpc ws://a.example/0123456789",
                "must be http or https",
            ),
            ("dev --l1-rpc 0123456789", "is invalid"),
            (
                "dev --l1-rpc http://a.example/0123456789,http://a.example/0123456789",
                "is given twice",
            ),
            (
                "dev --l1-rpc http://a.example --l1-beacon http://u:0123456789@b.example,x",
                "--l1-beacon",
            ),
        ] {
            let error = check(bad).expect_err(bad);
            let text = error.to_string();
            assert_eq!(error.exit_code(), 2, "{bad}");
            assert!(
                text.contains(words) && !text.contains("0123456789"),
                "{text}"
            );
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1"), Ok(Duration::from_secs(1)));
        assert_eq!(long_duration("10"), Ok(Duration::from_secs(10)));
        assert_eq!(long_duration("7d"), Ok(Duration::from_secs(604_800)));
        for bad in [
            "",
            "1s",
            "1.5s",
            "91d",
            "10ms",
            "-2s",
            "99999999999999999999s",
        ] {
            assert!(long_duration(bad).is_err(), "{bad}");
        }
        for bad in ["", "ms", "5m", "-1s", "0ms", "1h", "99999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
