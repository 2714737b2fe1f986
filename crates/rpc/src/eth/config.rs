//! `eth_config` (EIP-7910): the rules by which the chain runs now, ran before and will run.

use crate::{RpcError, context::Rpc, params::Args};
use alloy_eips::eip7910::{EthConfig, EthForkConfig, SystemContract};
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkHash};
use alloy_primitives::{B256, Bytes};
use openledger_genesis::ChainSpec;
use revm::precompile::{PrecompileSpecId, Precompiles};

/// Only of a chain under Ethereum's rules: those of the OP Stack have no blob schedule, which the answer must hold.
pub(super) fn config(rpc: &Rpc, _: Args<'_>) -> Result<EthConfig, RpcError> {
    let spec = rpc.spec();
    if spec.is_op() {
        return Err(RpcError::Server(
            "eth_config describes chains with blobs; optimism_rollupConfig describes this one"
                .into(),
        ));
    }
    let genesis = rpc.chain.genesis().hash;
    let now = rpc.chain.head().block.header.timestamp;
    let times = activations(spec);
    let at = |time: &u64| fork(spec, genesis, &times, *time);
    let passed = times.partition_point(|time| *time <= now);
    let (past, future) = times.split_at(passed);
    let current = past
        .last()
        .and_then(at)
        .ok_or_else(|| RpcError::Server("the chain has no blobs before Cancun".into()))?;
    Ok(EthConfig {
        current,
        next: future.first().and_then(at),
        last: past.iter().rev().nth(1).and_then(at),
    })
}

/// The times at which rules change, in order. Several forks at one time are one change.
fn activations(spec: &ChainSpec) -> Vec<u64> {
    let mut times: Vec<u64> = EthereumHardfork::VARIANTS
        .iter()
        .filter_map(|fork| spec.ethereum_fork_activation(*fork).as_timestamp())
        .collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// The rules from a time on; `None` before Cancun.
fn fork(spec: &ChainSpec, genesis: B256, times: &[u64], time: u64) -> Option<EthForkConfig> {
    let blob_schedule = spec.blob_params(time)?;
    let mut fork_hash = ForkHash::from(genesis);
    // EIP-6122: what is active at genesis is not counted.
    for passed in times.iter().filter(|other| **other <= time && **other > 0) {
        fork_hash += *passed;
    }
    let rules = PrecompileSpecId::from_spec_id(spec.ethereum_spec_id(time));
    let precompiles = Precompiles::new(rules).inner().values();
    let mut system_contracts: std::collections::BTreeMap<_, _> =
        SystemContract::cancun().into_iter().collect();
    if spec.is_prague_active_at_timestamp(time) {
        system_contracts.extend(SystemContract::prague(spec.deposit_contract()));
    }
    Some(EthForkConfig {
        activation_time: time,
        blob_schedule,
        chain_id: spec.chain_id(),
        fork_id: Bytes::copy_from_slice(&fork_hash.0),
        precompiles: precompiles
            .map(|precompile| (precompile.id().name().to_owned(), *precompile.address()))
            .collect(),
        system_contracts,
    })
}
