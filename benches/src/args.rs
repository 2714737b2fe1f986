//! The command-line arguments that both programs share, one group for each concern.

use crate::{preparation::LoadSettings, workload::Transfer};
use alloy_primitives::Address;
use std::time::Duration;

const GWEI: f64 = 1e9;

/// What the transactions are.
#[derive(Clone, Debug, clap::Args)]
pub struct TransactionArgs {
    /// What each transaction does
    #[arg(long, value_enum, default_value_t = Transfer::Erc20)]
    pub transfer: Transfer,
    /// Accounts that send, funded beforehand by the last of the ten dev accounts
    #[arg(long, default_value_t = 1000)]
    pub senders: usize,
    /// The most that a transaction pays for a unit of gas, in gwei: a base fee above it keeps transactions out
    #[arg(long, default_value_t = 20.0)]
    pub max_fee_gwei: f64,
    /// What it pays of that to the producer, in gwei
    #[arg(long, default_value_t = 0.001)]
    pub priority_fee_gwei: f64,
}

impl TransactionArgs {
    /// The settings of a load of `transactions`.
    pub fn settings(&self, transactions: usize, batch: usize, connections: usize) -> LoadSettings {
        LoadSettings {
            transfer: self.transfer,
            senders: self.senders,
            transactions,
            batch,
            connections,
            max_fee: (self.max_fee_gwei * GWEI) as u128,
            priority_fee: (self.priority_fee_gwei * GWEI) as u128,
            token: None,
            state_recipients: 0,
        }
    }
}

/// A token and recipients that a bench genesis holds.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct GenesisTokenArgs {
    /// A test token that is on the chain already; without it one is deployed
    #[arg(long)]
    pub token: Option<Address>,
    /// Draw the recipients from the first N addresses of a bench genesis; without it the senders pay each other
    #[arg(long, default_value_t = 0)]
    pub state_recipients: u64,
}

/// The saturating run.
#[derive(Clone, Debug, clap::Args)]
pub struct ThroughputArgs {
    /// Transactions to sign, and so to send at most
    #[arg(long, default_value_t = 300_000)]
    pub transactions: usize,
    /// Submission ends after this many seconds, if the transactions last
    #[arg(long, default_value_t = 12.0)]
    pub seconds: f64,
    /// Seconds to wait afterwards for what is in flight
    #[arg(long, default_value_t = 30.0)]
    pub drain_seconds: f64,
    /// Transactions in one request
    #[arg(long, default_value_t = 100)]
    pub batch: usize,
    /// Keep-alive connections
    #[arg(long, default_value_t = 8)]
    pub connections: usize,
    /// Accepted and not yet included transactions, at most
    #[arg(long, default_value_t = 50_000)]
    pub in_flight: usize,
}

/// The run at fixed arrivals.
#[derive(Clone, Debug, clap::Args)]
pub struct LatencyArgs {
    /// Background transactions a second
    #[arg(long, default_value_t = 5000.0)]
    pub rate: f64,
    /// Background transactions in one request
    #[arg(long, default_value_t = 1)]
    pub background_batch: usize,
    /// Connections of the background
    #[arg(long, default_value_t = 16)]
    pub background_connections: usize,
    /// Probes a second
    #[arg(long, default_value_t = 50.0)]
    pub probe_rate: f64,
    /// Connections of the probes, each with an account of its own: the most that can wait for a receipt at a time
    #[arg(long, default_value_t = 128)]
    pub probe_connections: usize,
    /// Seconds of background; the probes begin one second later
    #[arg(long, default_value_t = 10.0)]
    pub latency_seconds: f64,
    /// Seconds to wait at the end for what is in no block yet
    #[arg(long, default_value_t = 10.0)]
    pub latency_drain_seconds: f64,
}

impl ThroughputArgs {
    /// The time of submission and of the drain.
    pub fn durations(&self) -> (Duration, Duration) {
        (
            Duration::from_secs_f64(self.seconds),
            Duration::from_secs_f64(self.drain_seconds),
        )
    }
}

impl LatencyArgs {
    /// Background transactions to sign.
    pub fn background_transactions(&self) -> usize {
        (self.rate * self.latency_seconds) as usize
    }

    /// Probes to sign.
    pub fn probes(&self) -> usize {
        (self.probe_rate * (self.latency_seconds - 1.0).max(0.0)) as usize
    }

    /// The time to wait at the end.
    pub fn drain(&self) -> Duration {
        Duration::from_secs_f64(self.latency_drain_seconds)
    }
}
