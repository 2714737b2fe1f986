//! What the server answers from.

use crate::{
    RollupContext, RpcConfig, RpcError, events::Events, filters::Filters, submit::Submitter,
    workers::Workers,
};
use alloy_primitives::B256;
use alloy_signer_local::PrivateKeySigner;
use openledger_chain::Chain;
use openledger_genesis::ChainSpec;
use openledger_pool::{Pool, Rejected};
use openledger_primitives::PooledTx;
use std::{fmt, io, sync::Arc};
use tokio_util::sync::CancellationToken;

/// Hands transactions in: each is in the pool (and its journal), or refused. Called on a blocking thread, with several
/// at a time, so that one write to the journal serves them all.
pub type Submit = Arc<dyn Fn(Vec<PooledTx>) -> Vec<Result<B256, Rejected>> + Send + Sync>;

/// What the server answers from, given by the node.
#[derive(Clone)]
pub struct RpcContext {
    /// The chain.
    pub chain: Arc<Chain>,
    /// Its pool.
    pub pool: Arc<Pool>,
    /// How transactions get in.
    pub submit: Submit,
    /// Accounts that the node signs for (`eth_accounts`, `eth_sendTransaction`). Empty outside development chains.
    pub dev_accounts: Vec<PrivateKeySigner>,
    /// The answer of `web3_clientVersion`, such as `openledger/v0.1.0`.
    pub client_version: String,
    /// What the `optimism_` methods answer from; `None`: they do not exist.
    pub rollup: Option<RollupContext>,
}

impl fmt::Debug for RpcContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RpcContext")
            .field("client_version", &self.client_version)
            .finish_non_exhaustive()
    }
}

/// The context with everything that the server adds to it.
pub(crate) struct Rpc {
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) dev_accounts: Vec<PrivateKeySigner>,
    pub(crate) client_version: String,
    pub(crate) rollup: Option<RollupContext>,
    pub(crate) config: RpcConfig,
    pub(crate) reads: Workers,
    pub(crate) heavy: Workers,
    pub(crate) submitter: Submitter,
    pub(crate) events: Arc<Events>,
    pub(crate) filters: Arc<Filters>,
    /// Held while a transaction of a development account gets its nonce.
    pub(crate) dev_turn: Arc<tokio::sync::Mutex<()>>,
}

/// By how much expensive calls stand back behind block production, on Unix's scale from -20 to 19.
const HEAVY_NICENESS: i32 = 10;

impl Rpc {
    /// Starts the threads, and the task that follows the chain until `shutdown`. Must be called on a tokio runtime.
    ///
    /// Fails when the system refuses a thread.
    pub(crate) fn start(
        context: RpcContext,
        config: RpcConfig,
        shutdown: CancellationToken,
    ) -> io::Result<Arc<Self>> {
        let reads = Workers::start("rpc-read", config.read_threads, config.max_queued_calls, 0)?;
        let heavy = Workers::start(
            "rpc-heavy",
            config.heavy_threads,
            config.max_queued_calls,
            HEAVY_NICENESS,
        )?;
        let filters = Arc::new(Filters::new(config.max_filters, config.filter_lifetime));
        let events = Events::start(
            context.chain.clone(),
            context.pool.clone(),
            filters.clone(),
            reads.clone(),
            shutdown,
        );
        let submitter = Submitter::start(
            context.submit,
            events.clone(),
            config.submit_threads,
            config.max_queued_calls,
        )?;
        Ok(Arc::new(Self {
            chain: context.chain,
            pool: context.pool,
            dev_accounts: context.dev_accounts,
            client_version: context.client_version,
            rollup: context.rollup,
            config,
            reads,
            heavy,
            submitter,
            events,
            filters,
            dev_turn: Arc::default(),
        }))
    }

    pub(crate) fn spec(&self) -> &Arc<ChainSpec> {
        self.chain.spec()
    }

    /// Runs something that reads the database.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Self) -> Result<T, RpcError> + Send + 'static,
    ) -> Result<T, RpcError> {
        let rpc = self.clone();
        self.reads.run(move || job(&rpc)).await
    }

    /// Runs something that can take long.
    pub(crate) async fn heavy_job<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Self) -> Result<T, RpcError> + Send + 'static,
    ) -> Result<T, RpcError> {
        let rpc = self.clone();
        self.heavy.run(move || job(&rpc)).await
    }
}
