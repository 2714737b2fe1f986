//! Which rules a chain follows, and where it starts.
//!
//! [`ChainSpec`] is the run-time rule set: Ethereum's or the OP Stack's, with every fork's activation. It is read from a
//! `genesis.json` in the shape that geth and op-geth read, and refuses combinations that this node does not implement.

mod chain_spec;
mod genesis_block;
mod predeploys;
mod rollup;

pub use chain_spec::{ChainSpec, ChainSpecError, FeeMarket, OpDefaults, RuleSet};
pub use genesis_block::{GenesisState, genesis_header, genesis_state};
pub use predeploys::{
    EconomyConfig, EconomyError, FeeVaults, GasPayingToken, L1Peers, PredeployConfig,
    PredeployError, VaultConfig, WithdrawalNetwork, l2_predeploys,
};
pub use rollup::{
    ChainOpConfig, Eip1559Params, L1Genesis, OpFork, RollupConfig, RollupGenesis, SystemConfig,
};
