//! The load generator: one JSON line on standard output, a readable summary on standard error.

use clap::{Parser, Subcommand};
use openledger_benches::{
    Endpoint,
    args::{GenesisTokenArgs, LatencyArgs, ThroughputArgs, TransactionArgs},
    preparation::SigningCache,
    session::{Target, measure_latency, measure_throughput},
};
use std::process::ExitCode;

/// Sends signed transfers to a node on this machine and measures what becomes of them
#[derive(Parser)]
struct Arguments {
    /// The node's JSON-RPC; only loopback addresses are accepted
    #[arg(long, global = true, default_value = "http://127.0.0.1:9545")]
    rpc: Endpoint,
    /// The node's process id, to measure its CPU and memory (children included)
    #[arg(long, global = true)]
    pid: Option<u32>,
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// A saturating closed loop: transfers a second included in sealed blocks
    Throughput {
        #[command(flatten)]
        transactions: TransactionArgs,
        #[command(flatten)]
        genesis: GenesisTokenArgs,
        #[command(flatten)]
        throughput: ThroughputArgs,
    },
    /// Fixed arrivals: from a transaction's scheduled time to its receipt
    Latency {
        #[command(flatten)]
        transactions: TransactionArgs,
        #[command(flatten)]
        genesis: GenesisTokenArgs,
        #[command(flatten)]
        latency: LatencyArgs,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments {
        rpc: endpoint,
        pid,
        mode,
    } = arguments;
    let mut cache = SigningCache::default();
    match mode {
        Mode::Throughput {
            transactions,
            genesis,
            throughput,
        } => {
            let target = Target {
                endpoint,
                pid,
                genesis,
            };
            let report = measure_throughput(&target, &transactions, &throughput, &mut cache)?;
            eprintln!("{report}");
            println!("{}", serde_json::to_string(&report)?);
        }
        Mode::Latency {
            transactions,
            genesis,
            latency,
        } => {
            let target = Target {
                endpoint,
                pid,
                genesis,
            };
            let report = measure_latency(&target, &transactions, &latency, &mut cache)?;
            eprintln!("{report}");
            println!("{}", serde_json::to_string(&report)?);
        }
    }
    Ok(())
}
