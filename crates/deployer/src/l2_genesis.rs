//! The first block of the L2, and the rules that follow from where it stands on the L1.

use crate::DeployError;
use alloy_genesis::{Genesis, GenesisAccount};
use alloy_primitives::{Address, B256, U256, keccak256};
use openledger_contracts::addresses;
use openledger_genesis::{
    ChainOpConfig, ChainSpec, EconomyConfig, FeeVaults, GasPayingToken, L1Peers, OpFork,
    PredeployConfig, RollupConfig, RollupGenesis, SystemConfig, genesis_header, genesis_state,
    l2_predeploys,
};
use openledger_primitives::BlockRef;
use openledger_trie::{AccountInfo, full_state_root, full_storage_root};
use serde_json::json;
use std::collections::BTreeMap;

/// Base fee of the first block in wei.
const INITIAL_BASE_FEE: u128 = 1_000_000_000;

/// `max_sequencer_drift` in seconds: a constant of the protocol since Fjord, written for older readers.
const MAX_SEQUENCER_DRIFT: u64 = 1_800;

/// `channel_timeout` in L1 blocks as it was before Granite, which is what the key means; Granite makes it 50.
const CHANNEL_TIMEOUT: u64 = 300;

/// EIP-1559 change denominators of an OP chain, before Canyon and since.
const DENOMINATORS: (u32, u32) = (50, 250);

/// What the state of a new L2 is made of.
#[derive(Debug, Clone)]
pub struct AllocConfig {
    /// EIP-155 id of the L2.
    pub l2_chain_id: u64,
    /// Newest fork, active from genesis.
    pub fork: OpFork,
    /// Owner of the proxied predeploys.
    pub owner: Address,
    /// Who receives the fees.
    pub fee_vaults: FeeVaults,
    /// The L1 token that is the native coin; `None` where ether is.
    pub gas_paying_token: Option<GasPayingToken>,
    /// Who speaks for the L1.
    pub l1_peers: L1Peers,
    /// Times and prices of the economy.
    pub economy: EconomyConfig,
    /// Native coins that exist from the start, in wei.
    pub allocations: BTreeMap<Address, U256>,
    /// More accounts. What the chain itself needs, and `allocations`, are not overwritten by them.
    pub alloc: BTreeMap<Address, GenesisAccount>,
}

/// The accounts of the genesis.
///
/// # Errors
/// [`DeployError::Predeploys`] when a contract refuses the configuration.
pub fn genesis_alloc(
    config: &AllocConfig,
) -> Result<BTreeMap<Address, GenesisAccount>, DeployError> {
    let mut alloc = l2_predeploys(&PredeployConfig {
        chain_id: config.l2_chain_id,
        fork: config.fork,
        proxy_admin_owner: config.owner,
        fee_vaults: config.fee_vaults.clone(),
        gas_paying_token: config.gas_paying_token.clone(),
        l1_peers: config.l1_peers,
        economy: config.economy.clone(),
    })?;
    for (address, amount) in &config.allocations {
        alloc.entry(*address).or_default().balance = *amount;
    }
    for (address, account) in &config.alloc {
        alloc.entry(*address).or_insert_with(|| account.clone());
    }
    Ok(alloc)
}

/// Native coins of a state, in wei: what the portal must hold when the L2 starts with it.
///
/// # Errors
/// [`DeployError::SupplyOverflow`] when they do not fit 256 bits.
pub fn supply(alloc: &BTreeMap<Address, GenesisAccount>) -> Result<U256, DeployError> {
    alloc
        .values()
        .try_fold(U256::ZERO, |sum, account| sum.checked_add(account.balance))
        .ok_or(DeployError::SupplyOverflow)
}

/// Where a new L2 stands and by which parameters it runs.
#[derive(Debug, Clone)]
pub struct L2Parameters {
    /// EIP-155 id of the L1.
    pub l1_chain_id: u64,
    /// EIP-155 id of the L2.
    pub l2_chain_id: u64,
    /// Newest fork, active from genesis.
    pub fork: OpFork,
    /// The L1 block at which derivation begins.
    pub l1: BlockRef,
    /// That block's timestamp in seconds; the L2's first block has the same.
    pub l1_time: u64,
    /// Seconds between L2 blocks.
    pub block_time: u64,
    /// EIP-1559 elasticity: gas limit / elasticity is the target.
    pub elasticity: u32,
    /// L1 blocks in which a batch may land.
    pub seq_window: u64,
    /// What SystemConfig holds at `l1`; its gas limit is that of the first block.
    pub system_config: SystemConfig,
    /// Where batches go on the L1.
    pub batch_inbox: Address,
    /// OptimismPortal on the L1.
    pub portal: Address,
    /// SystemConfig on the L1.
    pub l1_system_config: Address,
}

/// A genesis and its rollup configuration.
#[derive(Debug, Clone)]
pub struct L2Genesis {
    /// In op-geth's shape.
    pub genesis: Genesis,
    /// In op-node's shape. `genesis.l2.hash` is zero until [`seal`](Self::seal), or until the caller fills in what the
    /// opened chain says.
    pub rollup: RollupConfig,
}

impl L2Genesis {
    /// Puts a state on its place.
    ///
    /// # Errors
    /// [`DeployError::Genesis`] when the fork schedule can not be written.
    pub fn new(
        alloc: BTreeMap<Address, GenesisAccount>,
        parameters: &L2Parameters,
    ) -> Result<Self, DeployError> {
        let p = parameters;
        let jovian = p.fork == OpFork::Jovian;
        let mut chain = json!({
            "chainId": p.l2_chain_id,
            "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0,
            "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0, "muirGlacierBlock": 0,
            "berlinBlock": 0, "londonBlock": 0, "arrowGlacierBlock": 0, "grayGlacierBlock": 0,
            "mergeNetsplitBlock": 0, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
            "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0,
            "bedrockBlock": 0, "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0,
            "graniteTime": 0, "holoceneTime": 0, "isthmusTime": 0,
            "optimism": {
                "eip1559Elasticity": p.elasticity,
                "eip1559Denominator": DENOMINATORS.0,
                "eip1559DenominatorCanyon": DENOMINATORS.1,
            },
        });
        if jovian {
            chain["jovianTime"] = json!(0);
        }
        let genesis = Genesis {
            config: serde_json::from_value(chain)
                .map_err(|error| DeployError::Genesis(error.to_string()))?,
            timestamp: p.l1_time,
            gas_limit: p.system_config.gas_limit,
            base_fee_per_gas: Some(INITIAL_BASE_FEE),
            coinbase: addresses::SEQUENCER_FEE_VAULT,
            alloc,
            ..Default::default()
        };
        let from_genesis = |active: bool| active.then_some(0);
        let rollup = RollupConfig {
            genesis: RollupGenesis {
                l1: p.l1,
                l2: BlockRef::default(),
                l2_time: p.l1_time,
                system_config: p.system_config.clone(),
            },
            block_time: p.block_time,
            max_sequencer_drift: MAX_SEQUENCER_DRIFT,
            seq_window_size: p.seq_window,
            channel_timeout: CHANNEL_TIMEOUT,
            l1_chain_id: p.l1_chain_id,
            l2_chain_id: p.l2_chain_id,
            regolith_time: from_genesis(true),
            canyon_time: from_genesis(true),
            delta_time: from_genesis(true),
            ecotone_time: from_genesis(true),
            fjord_time: from_genesis(true),
            granite_time: from_genesis(true),
            holocene_time: from_genesis(true),
            isthmus_time: from_genesis(true),
            jovian_time: from_genesis(jovian),
            batch_inbox_address: p.batch_inbox,
            deposit_contract_address: p.portal,
            l1_system_config_address: p.l1_system_config,
            chain_op_config: ChainOpConfig {
                eip1559_elasticity: p.elasticity,
                eip1559_denominator: DENOMINATORS.0,
                eip1559_denominator_canyon: DENOMINATORS.1,
            },
        };
        Ok(Self { genesis, rollup })
    }

    /// Fills in the hash of the first block. Takes about two seconds for a million accounts; whoever opens the chain in a
    /// database gets the hash from there.
    ///
    /// # Errors
    /// [`DeployError::Genesis`] when the node would not accept the genesis.
    pub fn seal(&mut self) -> Result<BlockRef, DeployError> {
        let refused = |error: &dyn std::fmt::Display| DeployError::Genesis(error.to_string());
        let spec = ChainSpec::from_genesis(&self.genesis).map_err(|error| refused(&error))?;
        let mut passer_root = alloy_trie::EMPTY_ROOT_HASH;
        let mut leaves = Vec::new();
        for change in genesis_state(&self.genesis).accounts {
            let account = change.after.unwrap_or_default();
            let mut slots: Vec<(B256, U256)> = change
                .storage
                .iter()
                .map(|(slot, _, value)| (keccak256(slot.to_be_bytes::<32>()), *value))
                .collect();
            slots.sort_unstable();
            if change.address == addresses::L2_TO_L1_MESSAGE_PASSER {
                passer_root =
                    full_storage_root(slots.iter().copied()).map_err(|error| refused(&error))?;
            }
            let info = AccountInfo {
                nonce: account.nonce,
                balance: account.balance,
                code_hash: account.code_hash,
            };
            leaves.push((keccak256(change.address), info, slots));
        }
        leaves.sort_unstable_by_key(|leaf| leaf.0);
        let state_root = full_state_root(leaves).map_err(|error| refused(&error))?;
        let header = genesis_header(&spec, &self.genesis, state_root, passer_root);
        self.rollup.genesis.l2 = BlockRef {
            hash: header.hash_slow(),
            number: header.number,
        };
        Ok(self.rollup.genesis.l2)
    }
}
