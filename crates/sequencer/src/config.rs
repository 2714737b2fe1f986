//! How the sequencer works.

use openledger_chain::PendingBlock;
use openledger_execution::TxStatus;
use openledger_genesis::RollupConfig;
use openledger_primitives::Tx;
use std::{path::PathBuf, sync::Arc};

use crate::Clock;

/// Called when an included transaction failed: the transaction, how it failed, and the state that it ran on.
pub type FailedTransaction = Arc<dyn Fn(Tx, TxStatus, Arc<PendingBlock>) + Send + Sync>;

/// Called with the highest block that stood independent re-execution: what may leave for the L1.
pub type OnVerified = Arc<dyn Fn(u64) + Send + Sync>;

/// How much users' transactions may add to a batch, by the estimate that the L1 fee follows (OP, Fjord), in bytes. A
/// transaction beyond a limit waits in the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaLimits {
    /// All transactions of a block.
    pub block: u64,
    /// A single transaction.
    pub transaction: u64,
}

/// Asked before each group of transactions; `None`: no limit now.
pub type DaLimitSource = Arc<dyn Fn() -> Option<DaLimits> + Send + Sync>;

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
    /// Whether blocks are made from the start on; otherwise
    /// [`Sequencer::resume_after_derivation`](crate::Sequencer::resume_after_derivation) begins it.
    pub producing: bool,
    /// How much data users' transactions may add to a block now. Default: no limit.
    pub da_limits: Option<DaLimitSource>,
    /// Told of the highest block that stood re-execution whenever that changes; must return quickly.
    pub on_verified: Option<OnVerified>,
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
