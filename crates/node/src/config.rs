//! What `openledger dev` is started with.

use openledger_batcher::DaMode;
use openledger_deployer::TokenConfig;
use openledger_devnet::L1Fork;
use openledger_genesis::OpFork;
use openledger_proposer::ProposerConfig;
use std::{net::IpAddr, path::PathBuf, time::Duration};

/// Where the L1 is.
#[derive(Debug, Clone)]
pub enum L1Source {
    /// In this process.
    Embedded {
        /// Its rules. Default Prague.
        fork: L1Fork,
        /// Its JSON-RPC and beacon port. Default 8545.
        port: u16,
        /// Seconds between its blocks. Default 2.
        block_time: u64,
        /// Slots in an epoch: `safe` is one behind the head, `finalized` two. Default 4.
        slots_in_epoch: u64,
        /// What a blob's gas costs in a new chain's first block, in wei.
        blob_base_fee: u128,
    },
    /// A running node (anvil, reth).
    Remote {
        /// Its JSON-RPC URLs, the preferred first.
        rpc: Vec<String>,
        /// Its beacon URLs; the JSON-RPC URLs when there is none.
        beacon: Vec<String>,
        /// Seconds between its blocks: how often it is asked. Default 2.
        block_time: u64,
    },
}

/// The operator's port.
#[derive(Debug, Clone)]
pub struct AdminConfig {
    /// Address that it listens on. Default 127.0.0.1.
    pub host: IpAddr,
    /// The port; 0 picks a free one.
    pub port: u16,
    /// The file that holds what every request must carry. Required unless only this machine reaches the address.
    pub token: Option<PathBuf>,
}

/// The configuration of a development node.
#[derive(Debug, Clone)]
pub struct DevConfig {
    /// Where state is kept; a temporary directory, removed at the end, when absent.
    pub datadir: Option<PathBuf>,
    /// The L1.
    pub l1: L1Source,
    /// Address that every port listens on. Default 127.0.0.1.
    pub host: IpAddr,
    /// Further host names that HTTP requests may name. Default none.
    pub allowed_hosts: Vec<String>,
    /// L2 JSON-RPC port; 0 picks a free one. Default 9545.
    pub l2_port: u16,
    /// REST and explorer port; 0 picks a free one. Default 8080.
    pub api_port: u16,
    /// Prometheus port; 0 picks a free one. Default 7300.
    pub metrics_port: u16,
    /// The operator's port. Default none: there are no `admin_` methods.
    pub admin: Option<AdminConfig>,
    /// Seconds between L2 blocks. Default 1.
    pub block_time: u64,
    /// Time between the feed's slices. Default 50 ms.
    pub slice_interval: Duration,
    /// Newest OP fork. Default Jovian.
    pub fork: OpFork,
    /// Funded accounts. Default 10.
    pub accounts: u32,
    /// Gas limit of an L2 block. Default 60,000,000.
    pub gas_limit: u64,
    /// EIP-1559 elasticity. Default 6.
    pub elasticity: u32,
    /// L1 blocks that must follow an origin. Default 0.
    pub l1_confs: u64,
    /// Sequencing window in L1 blocks. Default 3600.
    pub seq_window: u64,
    /// What the L2's coin is: a new OPEN, or ether. Default OPEN.
    pub token: TokenConfig,
    /// Seconds that a withdrawal takes. Default 10.
    pub withdrawal_delay: u64,
    /// How output roots are proposed; `None`: not by this node. Default: those of finalized blocks, every 10 s.
    pub proposer: Option<ProposerConfig>,
    /// What batches are posted in. Default: whichever is cheaper.
    pub da: DaMode,
    /// L1 blocks after which a batch is posted, however small. Default 2.
    pub channel_duration: u64,
    /// Fill the slots that passed while the node was down instead of resuming the chain's clock. Default false.
    pub catch_up: bool,
    /// A genesis file whose `alloc` is added to the L2's. Default none.
    pub genesis_alloc: Option<PathBuf>,
}
