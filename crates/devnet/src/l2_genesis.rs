//! The genesis of a development L2.

use crate::{DevAccount, DevnetError};
use alloy_genesis::{Genesis, GenesisAccount};
use alloy_primitives::{Address, B64, B256, U256, utils::Unit};
use openledger_genesis::{
    ChainOpConfig, FeeVaults, OpFork, PredeployConfig, RollupConfig, RollupGenesis, SystemConfig,
    l2_predeploys,
};
use openledger_primitives::BlockRef;
use serde_json::json;
use std::collections::BTreeMap;

/// Chain id of the development L2.
pub const L2_CHAIN_ID: u64 = 901;

/// OPEN that every development account has.
const BALANCE: u64 = 10_000;

/// The scalars of the L1 fee that OP Mainnet used in 2025: the cost of a blob byte, with one OPEN to one ether.
const BASE_FEE_SCALAR: u32 = 5_227;
const BLOB_BASE_FEE_SCALAR: u32 = 1_014_213;

/// What a development L2 is made of.
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
    /// Owner of the proxied predeploys and recipient of the fees.
    pub owner: Address,
    /// More accounts, to give the state a size. Default none.
    pub alloc: BTreeMap<Address, GenesisAccount>,
}

/// A genesis without its hash: that is known when the chain has been opened.
#[derive(Debug, Clone)]
pub struct L2Genesis {
    /// In op-geth's shape.
    pub genesis: Genesis,
    /// In op-node's shape; `genesis.l2.hash` is zero.
    pub rollup: RollupConfig,
}

/// Makes the genesis.
pub fn l2_genesis(config: &L2GenesisConfig) -> Result<L2Genesis, DevnetError> {
    let jovian = config.fork == OpFork::Jovian;
    let mut chain = json!({
        "chainId": L2_CHAIN_ID,
        "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0,
        "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0, "muirGlacierBlock": 0,
        "berlinBlock": 0, "londonBlock": 0, "arrowGlacierBlock": 0, "grayGlacierBlock": 0,
        "mergeNetsplitBlock": 0, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
        "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0,
        "bedrockBlock": 0, "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0,
        "graniteTime": 0, "holoceneTime": 0, "isthmusTime": 0,
        "optimism": {
            "eip1559Elasticity": config.elasticity,
            "eip1559Denominator": 50,
            "eip1559DenominatorCanyon": 250,
        },
    });
    if jovian {
        chain["jovianTime"] = json!(0);
    }
    let mut genesis = Genesis {
        config: serde_json::from_value(chain).map_err(|e| DevnetError::Genesis(e.to_string()))?,
        timestamp: config.l1_time,
        gas_limit: config.gas_limit,
        base_fee_per_gas: Some(1_000_000_000),
        coinbase: openledger_contracts::addresses::SEQUENCER_FEE_VAULT,
        ..Default::default()
    };
    genesis.alloc = l2_predeploys(&PredeployConfig {
        chain_id: L2_CHAIN_ID,
        fork: config.fork,
        proxy_admin_owner: config.owner,
        fee_vaults: FeeVaults::all_to(config.owner),
        gas_paying_token: None,
    })
    .map_err(|e| DevnetError::Genesis(e.to_string()))?;
    let balance = U256::from(BALANCE) * Unit::ETHER.wei();
    for account in &config.accounts {
        genesis.alloc.insert(
            account.address,
            GenesisAccount::default().with_balance(balance),
        );
    }
    for (address, account) in &config.alloc {
        // What the chain itself needs is not overwritten.
        genesis
            .alloc
            .entry(*address)
            .or_insert_with(|| account.clone());
    }
    let fork_time = |active: bool| active.then_some(0);
    let rollup = RollupConfig {
        genesis: RollupGenesis {
            l1: config.l1,
            l2: BlockRef::default(),
            l2_time: config.l1_time,
            system_config: SystemConfig {
                batcher_addr: config.batcher,
                overhead: B256::ZERO,
                scalar: SystemConfig::encode_scalars(BASE_FEE_SCALAR, BLOB_BASE_FEE_SCALAR),
                gas_limit: config.gas_limit,
                eip1559_params: B64::ZERO,
                operator_fee_params: B256::ZERO,
                min_base_fee: 0,
                da_footprint_gas_scalar: 0,
            },
        },
        block_time: config.block_time,
        max_sequencer_drift: 1_800,
        seq_window_size: config.seq_window,
        channel_timeout: 300,
        l1_chain_id: config.l1_chain_id,
        l2_chain_id: L2_CHAIN_ID,
        regolith_time: fork_time(true),
        canyon_time: fork_time(true),
        delta_time: fork_time(true),
        ecotone_time: fork_time(true),
        fjord_time: fork_time(true),
        granite_time: fork_time(true),
        holocene_time: fork_time(true),
        isthmus_time: fork_time(true),
        jovian_time: fork_time(jovian),
        batch_inbox_address: RollupConfig::conventional_inbox(L2_CHAIN_ID),
        // The settlement contracts are not deployed yet: nothing can be deposited.
        deposit_contract_address: Address::ZERO,
        l1_system_config_address: Address::ZERO,
        chain_op_config: ChainOpConfig {
            eip1559_elasticity: config.elasticity,
            eip1559_denominator: 50,
            eip1559_denominator_canyon: 250,
        },
    };
    Ok(L2Genesis { genesis, rollup })
}
