//! The genesis of an L2 without settlement contracts, for tests and benchmarks of a single chain.

use crate::{DevAccount, DevnetError};
use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, U256, utils::Unit};
use openledger_deployer::{AllocConfig, DeployConfig, L2Genesis, L2Parameters, genesis_alloc};
use openledger_genesis::{EconomyConfig, FeeVaults, L1Peers, OpFork};
use openledger_primitives::BlockRef;
use std::collections::BTreeMap;

/// Chain id of the development L2.
pub const L2_CHAIN_ID: u64 = 901;

/// OPEN that every development account has, on either layer.
pub(crate) const OPEN_BALANCE: u64 = 10_000;

/// What such an L2 is made of.
#[derive(Debug, Clone)]
pub struct L2GenesisConfig {
    /// Newest fork, active from genesis.
    pub fork: OpFork,
    /// Chain id of the L1.
    pub l1_chain_id: u64,
    /// The L1 block at which the L2 begins.
    pub l1: BlockRef,
    /// That block's timestamp in seconds: the L2 genesis has the same.
    pub l1_time: u64,
    /// Seconds between L2 blocks.
    pub block_time: u64,
    /// Gas limit of an L2 block.
    pub gas_limit: u64,
    /// EIP-1559 elasticity: gas limit / elasticity is the target.
    pub elasticity: u32,
    /// L1 blocks in which a batch may land.
    pub seq_window: u64,
    /// Funded accounts.
    pub accounts: Vec<DevAccount>,
    /// The batcher's address.
    pub batcher: Address,
    /// Owner of the proxied predeploys, recipient of the fees and treasury of the economy.
    pub owner: Address,
    /// More accounts, to give the state a size. Default none.
    pub alloc: BTreeMap<Address, GenesisAccount>,
}

/// Makes the genesis. Its portal and SystemConfig are the zero address: nothing can be deposited.
pub fn l2_genesis(config: &L2GenesisConfig) -> Result<L2Genesis, DevnetError> {
    let alloc = genesis_alloc(&AllocConfig {
        l2_chain_id: L2_CHAIN_ID,
        fork: config.fork,
        owner: config.owner,
        fee_vaults: FeeVaults::all_to(config.owner),
        gas_paying_token: None,
        l1_peers: L1Peers::default(),
        economy: EconomyConfig::dev(config.owner),
        allocations: balances(&config.accounts, OPEN_BALANCE),
        alloc: config.alloc.clone(),
    })?;
    let (owner, batcher) = (config.owner, config.batcher);
    let deployment = DeployConfig {
        gas_limit: config.gas_limit,
        elasticity: config.elasticity,
        ..DeployConfig::new(config.l1_chain_id, L2_CHAIN_ID, owner, batcher, batcher)
    };
    Ok(L2Genesis::new(
        alloc,
        &L2Parameters {
            l1_chain_id: config.l1_chain_id,
            l2_chain_id: L2_CHAIN_ID,
            fork: config.fork,
            l1: config.l1,
            l1_time: config.l1_time,
            block_time: config.block_time,
            elasticity: config.elasticity,
            seq_window: config.seq_window,
            system_config: deployment.system_config(),
            batch_inbox: deployment.batch_inbox(),
            portal: Address::ZERO,
            l1_system_config: Address::ZERO,
        },
    )?)
}

/// So many whole coins for each of some accounts, in wei.
pub(crate) fn balances(accounts: &[DevAccount], each: u64) -> BTreeMap<Address, U256> {
    let balance = U256::from(each) * Unit::ETHER.wei();
    accounts
        .iter()
        .map(|account| (account.address, balance))
        .collect()
}
