//! How the sequencer works.

use openledger_chain::PendingBlock;
use openledger_execution::TxStatus;
use openledger_genesis::RollupConfig;
use openledger_primitives::Tx;
use std::{path::PathBuf, sync::Arc};

use crate::Clock;

/// Called when an included transaction failed: the transaction, how it failed, and the state that it ran on.
pub type FailedTransaction = Arc<dyn Fn(Tx, TxStatus, Arc<PendingBlock>) + Send + Sync>;

/// The sequencer's configuration.
#[derive(Clone)]
pub struct SequencerConfig {
    /// The rollup's constants and its system configuration at genesis.
    pub rollup: Arc<RollupConfig>,
    /// Where the block log is.
    pub log_dir: PathBuf,
    /// L1 blocks that must follow an L1 block before it can be an origin. Default 0.
    pub l1_confs: u64,
    /// Transactions that one group executes at most before it goes to the log. Default 64.
    pub max_group: usize,
    /// The chain's clock.
    pub clock: Clock,
    /// Told of failed transactions, for diagnosis; must return quickly.
    pub on_failed: Option<FailedTransaction>,
}

impl std::fmt::Debug for SequencerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SequencerConfig")
            .field("log_dir", &self.log_dir)
            .field("l1_confs", &self.l1_confs)
            .finish_non_exhaustive()
    }
}
