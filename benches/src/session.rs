//! One run against one node: preparation and measurement together.

use crate::{
    Endpoint, Rpc, RpcError,
    args::{GenesisTokenArgs, LatencyArgs, ThroughputArgs, TransactionArgs},
    funding::FundingError,
    latency::{self, LatencyConfig, ProbeMethod},
    preparation::{PreparedChain, SigningCache},
    report::{LatencyReport, ThroughputReport},
    throughput::{self, ThroughputConfig},
};

/// Why a run gave no result.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The chain could not be prepared.
    #[error(transparent)]
    Funding(#[from] FundingError),
    /// The node went away or refused what any node answers.
    #[error(transparent)]
    Rpc(#[from] RpcError),
}

/// A node to measure.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its JSON-RPC.
    pub endpoint: Endpoint,
    /// Its process id, for CPU and memory.
    pub pid: Option<u32>,
    /// What its genesis holds.
    pub genesis: GenesisTokenArgs,
}

/// Prepares the chain and measures the throughput.
pub fn measure_throughput(
    target: &Target,
    transactions: &TransactionArgs,
    args: &ThroughputArgs,
    cache: &mut SigningCache,
) -> Result<ThroughputReport, SessionError> {
    let mut rpc = Rpc::new(target.endpoint.clone());
    let mut settings = transactions.settings(args.transactions, args.batch, args.connections);
    settings.token = target.genesis.token;
    settings.state_recipients = target.genesis.state_recipients;
    let workload = PreparedChain::new(&mut rpc, settings)?.load(&mut rpc, cache)?;
    let (submit_for, drain_for) = args.durations();
    let config = ThroughputConfig {
        endpoint: target.endpoint.clone(),
        pid: target.pid,
        submit_for,
        drain_for,
        in_flight: args.in_flight,
    };
    Ok(throughput::run(&config, transactions.transfer, &workload)?)
}

/// Prepares the chain and measures the latency.
pub fn measure_latency(
    target: &Target,
    transactions: &TransactionArgs,
    args: &LatencyArgs,
    cache: &mut SigningCache,
) -> Result<LatencyReport, SessionError> {
    let mut rpc = Rpc::new(target.endpoint.clone());
    let background = args.background_transactions();
    let mut settings = transactions.settings(
        background,
        args.background_batch,
        args.background_connections,
    );
    settings.token = target.genesis.token;
    settings.state_recipients = target.genesis.state_recipients;
    let method = ProbeMethod::of(&mut rpc)?;
    let mut chain = PreparedChain::new(&mut rpc, settings)?;
    let background = chain.load(&mut rpc, cache)?;
    let probes = chain.probes(
        &mut rpc,
        cache,
        args.probes(),
        args.probe_connections,
        method.name(),
    )?;
    let config = LatencyConfig {
        endpoint: target.endpoint.clone(),
        pid: target.pid,
        rate: args.rate,
        probe_rate: args.probe_rate,
        method,
        drain_for: args.drain(),
    };
    Ok(latency::run(
        &config,
        transactions.transfer,
        &background,
        &probes,
    )?)
}
