//! Arguments in, JSON and an exit code out.

use crate::{
    Beacon, BlockList, ConfigError, JsonRpc, L1, L2, Verdict, judge, measure, parse_rollup_config,
};
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode, sync::Arc};
use tracing_subscriber::filter::LevelFilter;

/// The chain is not what kona derives.
const DIFFERENT: u8 = 1;
/// Arguments, or a file that they name, cannot be used. clap ends with the same code.
const BAD_ARGUMENTS: u8 = 2;
/// No verdict: an endpoint failed, or kona stopped.
const NO_VERDICT: u8 = 3;

/// An independent judge of the rollup: kona 0.4.5 over our L1 data.
#[derive(Debug, Parser)]
#[command(name = "judge", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Derive the L2 from the L1 and compare it, block by block, with a node's chain.
    ///
    /// Ends with 0 when all is equal, 1 at the first difference, 2 for bad arguments, 3 when no verdict is possible.
    Derive(Derive),
    /// Encode blocks as span batches, compress them with brotli, and print bytes and CPU time a transaction.
    Size(Size),
}

#[derive(Debug, Args)]
struct Derive {
    /// JSON-RPC endpoint of the L1, http only.
    #[arg(long, value_name = "URL")]
    l1_rpc: String,
    /// Beacon API of the L1, http only; anvil's own port, or the embedded L1's.
    #[arg(long, value_name = "URL")]
    l1_beacon: String,
    /// The rollup configuration in op-node's shape, Isthmus active at genesis and nothing later.
    #[arg(long, value_name = "FILE")]
    rollup: PathBuf,
    /// JSON-RPC endpoint of the node under judgement, with the debug namespace, http only.
    #[arg(long, value_name = "URL")]
    l2_rpc: String,
    /// Last L2 block to judge; it is a difference when the L1 does not yield it. Default: whatever the L1 yields.
    #[arg(long, value_name = "NUMBER")]
    to_block: Option<u64>,
    /// Last L1 block to read. Default: the newest at the start.
    #[arg(long, value_name = "NUMBER")]
    l1_head: Option<u64>,
    /// kona's own log on standard error, not only its warnings.
    #[arg(long)]
    verbose: bool,
}

#[derive(Debug, Args)]
struct Size {
    /// JSON: {"l2Time", "blockTime", "l2ChainId", "blocks": [{"parentHash", "timestamp", "epochNumber", "epochHash",
    /// "sequenceNumber"?, "transactions": ["0x..."]}]}.
    #[arg(long, value_name = "FILE")]
    blocks: PathBuf,
    /// Blocks in a channel. Default: all in one.
    #[arg(long, value_name = "COUNT")]
    blocks_per_channel: Option<usize>,
    /// Quality of brotli.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=11))]
    quality: u32,
}

/// The program: reads the process's arguments, prints, and says how to end.
pub fn run() -> ExitCode {
    let (done, bad) = match Cli::parse().command {
        Command::Derive(arguments) => (derive(&arguments), NO_VERDICT),
        Command::Size(arguments) => (size(&arguments), BAD_ARGUMENTS),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("judge: {error:#}");
            let arguments = error.is::<ConfigError>() || error.is::<std::io::Error>();
            ExitCode::from(if arguments { BAD_ARGUMENTS } else { bad })
        }
    }
}

fn derive(arguments: &Derive) -> Result<ExitCode> {
    let level = if arguments.verbose {
        LevelFilter::DEBUG
    } else {
        LevelFilter::WARN
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .init();
    let rollup = parse_rollup_config(&read(&arguments.rollup)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow::anyhow!("no runtime: {error}"))?;
    let verdict: Verdict = runtime.block_on(async {
        let l1 = L1::connect(JsonRpc::new(&arguments.l1_rpc), arguments.l1_head).await?;
        let beacon = Beacon::connect(&arguments.l1_beacon).await?;
        let l2 = L2::new(JsonRpc::new(&arguments.l2_rpc));
        judge(Arc::new(rollup), l1, beacon, l2, arguments.to_block).await
    })?;
    if let Some(difference) = &verdict.difference {
        eprintln!(
            "L2 block {}: {} differs\n  derived: {}\n  chain:   {}",
            difference.block, difference.field, difference.derived, difference.chain
        );
    }
    print(&verdict)?;
    Ok(match verdict.equal {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(DIFFERENT),
    })
}

fn size(arguments: &Size) -> Result<ExitCode> {
    let list: BlockList = serde_json::from_str(&read(&arguments.blocks)?)
        .with_context(|| format!("{}", arguments.blocks.display()))?;
    print(&measure(
        &list,
        arguments.blocks_per_channel,
        arguments.quality,
    )?)?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn print(what: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(what)?);
    Ok(())
}
