//! An L1 over JSON-RPC, by one endpoint or several.

use crate::{
    BlobSchedule, L1Block, L1Error, Transport,
    asking::SHORT_PATIENCE,
    endpoints::{
        Endpoint, Endpoints,
        address::{host, parse_all},
        transport::Http,
    },
    metrics,
};
use alloy_consensus::Header;
use alloy_eips::BlockNumberOrTag;
use alloy_primitives::{B256, U64};
use alloy_rpc_types_eth::Block;
use openledger_primitives::BlockRef;
use serde::Serialize;
use std::{fmt::Debug, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How an endpoint is asked.
#[derive(Debug, Clone)]
pub struct L1Options {
    /// The chain that the endpoint must serve; `None`: any.
    pub chain_id: Option<u64>,
    /// Longest wait for one answer. Default 10 s.
    pub request_timeout: Duration,
    /// Times that a call which fails temporarily is tried in all, at least 1. Default 4.
    pub attempts: u32,
    /// Wait before the second try; doubled with each further one. Default 100 ms.
    pub backoff: Duration,
    /// Longest wait between two tries. Default 5 s.
    pub max_backoff: Duration,
    /// Wait before one of several endpoints that failed is tried again; doubled with each further failure, up to eight times this.
    /// One that contradicts what is known of the chain is left alone for 60 to 1,200 times this. Default 500 ms.
    pub rest: Duration,
    /// The L1's blob parameters. Default: Ethereum Mainnet's.
    pub blob_schedule: BlobSchedule,
    /// Whether a header must hash to the hash that the endpoint gives. Default true; false for an L1 whose header has
    /// fields that this node does not know.
    pub verify_hashes: bool,
}

impl Default for L1Options {
    fn default() -> Self {
        Self {
            chain_id: None,
            request_timeout: Duration::from_secs(10),
            attempts: 4,
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            rest: Duration::from_millis(500),
            blob_schedule: BlobSchedule::mainnet(),
            verify_hashes: true,
        }
    }
}

/// A client of an L1. Cheap to clone; clones share what is known of the endpoints.
///
/// Calls are retried within the options' limits when they fail temporarily; an error that comes out says by its
/// [`kind`](L1Error::kind) whether asking later makes sense.
///
/// With several endpoints one is *current* and asked; one that fails is replaced within the same call, without a wait. Each is
/// looked at before it becomes current: it must have the chain id, the [`anchor`](Self::anchor)s and the block that the
/// [`HeadTracker`](crate::HeadTracker) knows to be final. What is checked against a hash ([`inputs`](Self::inputs),
/// [`inbox`](Self::inbox), [`block_by_hash`](Self::block_by_hash)) is read from another one where the current one does not
/// have it. For several questions that must be answered by the same endpoint there is [`pins`](Self::pins).
#[derive(Debug, Clone)]
pub struct L1Client {
    endpoints: Arc<Endpoints>,
    options: L1Options,
    pin: Option<usize>,
}

impl L1Client {
    /// A client of the endpoint at `url` (`http://` or, when built with TLS, `https://`). Nothing is sent yet.
    ///
    /// Fails on a malformed URL only.
    pub fn new(url: &str, options: L1Options) -> Result<Self, L1Error> {
        Self::of(&[url], options)
    }

    /// A client of several endpoints of one L1, the preferred first. Nothing is sent yet.
    ///
    /// # Errors
    /// As [`check_urls`](crate::check_urls).
    pub fn of<S: AsRef<str>>(urls: &[S], options: L1Options) -> Result<Self, L1Error> {
        let mut transports: Vec<(String, Arc<dyn Transport>)> = Vec::new();
        for url in parse_all(urls)? {
            transports.push((host(&url), Arc::new(Http::new(url, &options)?)));
        }
        Ok(Self::over(transports, options))
    }

    /// The same over any transports, each with a name for logs. There must be one at least.
    pub fn over(transports: Vec<(String, Arc<dyn Transport>)>, options: L1Options) -> Self {
        let list = transports
            .into_iter()
            .map(|(name, transport)| Endpoint::new(name, transport))
            .collect();
        Self {
            endpoints: Arc::new(Endpoints::new(list, &options)),
            options,
            pin: None,
        }
    }

    /// The options that it was made with.
    pub fn options(&self) -> &L1Options {
        &self.options
    }

    /// The same endpoint without retries, for callers that have their own rhythm.
    pub fn without_retries(&self) -> Self {
        Self {
            options: L1Options {
                attempts: 1,
                ..self.options.clone()
            },
            ..self.clone()
        }
    }

    /// The same, bound to the endpoint that is current now: all answers are from one endpoint, and there are none when it fails.
    pub fn pinned(&self) -> Self {
        self.clone().pinned_to(self.endpoint())
    }

    /// One client for each endpoint, bound to it, with its host.
    pub fn each(&self) -> Vec<(String, Self)> {
        (0..self.endpoints.len())
            .map(|index| {
                let name = self.endpoints.get(index).name.clone();
                (name, self.clone().pinned_to(index))
            })
            .collect()
    }

    pub(crate) fn pinned_to(mut self, endpoint: usize) -> Self {
        self.pin = Some(endpoint);
        self
    }

    pub(crate) fn is_pinned(&self) -> bool {
        self.pin.is_some()
    }

    /// The place of the endpoint that is asked, in the order in which they were given.
    pub fn endpoint(&self) -> usize {
        self.pin.unwrap_or_else(|| self.endpoints.current())
    }

    /// Whether a failure of this client's endpoint has made another one current.
    pub(crate) fn is_left_behind(&self) -> bool {
        self.endpoint() != self.endpoints.current()
    }

    pub(crate) fn endpoints(&self) -> &Arc<Endpoints> {
        &self.endpoints
    }

    /// Makes known a block that every endpoint of this L1 has, like the one on which the L2 is founded. Endpoints that have
    /// another one in its place are not used.
    ///
    /// # Errors
    /// [`L1Error::OtherChain`] when there are several and one that answers now is such an endpoint.
    pub async fn anchor(&self, block: BlockRef) -> Result<(), L1Error> {
        if self.endpoints.several() {
            self.endpoints.anchor(block).await?;
        }
        Ok(())
    }

    /// The same endpoint with another blob schedule.
    pub fn with_blob_schedule(mut self, schedule: BlobSchedule) -> Self {
        self.options.blob_schedule = schedule;
        self
    }

    /// Checks the endpoints once at the start: the chain id must be the configured one; a blob base fee other than the one
    /// computed here is logged as a warning (endpoints may name the head's or the next block's). Of several it is enough that
    /// one answers; those that do must serve the same chain.
    pub async fn check(&self) -> Result<u64, L1Error> {
        let chain_id = self.chain_id().await?;
        if let Some(expected) = self
            .options
            .chain_id
            .filter(|expected| *expected != chain_id)
        {
            return Err(L1Error::ChainId {
                expected,
                found: chain_id,
            });
        }
        if self.endpoints.several() {
            let finalized = self.finalized().await?.map(|block| block.block_ref());
            self.endpoints.compare(chain_id, finalized).await?;
        }
        let head = self.head().await?;
        self.compare_blob_parameters(&head).await;
        Ok(chain_id)
    }

    /// EIP-155 chain id.
    pub async fn chain_id(&self) -> Result<u64, L1Error> {
        Ok(self.call::<_, U64>("eth_chainId", ()).await?.to())
    }

    /// The newest block.
    pub async fn head(&self) -> Result<L1Block, L1Error> {
        self.block_at(BlockNumberOrTag::Latest)
            .await?
            .ok_or(L1Error::NoBlock("latest"))
    }

    /// The newest block that a reorganisation is not expected to remove; `None` before there is one.
    pub async fn safe(&self) -> Result<Option<L1Block>, L1Error> {
        self.label(BlockNumberOrTag::Safe).await
    }

    /// The newest block that can not be removed any more; `None` before there is one.
    pub async fn finalized(&self) -> Result<Option<L1Block>, L1Error> {
        self.label(BlockNumberOrTag::Finalized).await
    }

    async fn label(&self, tag: BlockNumberOrTag) -> Result<Option<L1Block>, L1Error> {
        match self.block_at(tag).await {
            // Before the first one some endpoints answer with an error of their own code.
            Err(L1Error::Refused { message, .. })
                if message.to_lowercase().contains("not found") =>
            {
                Ok(None)
            }
            other => other,
        }
    }

    /// The canonical block of a height; `None` above the head.
    pub async fn block_by_number(&self, number: u64) -> Result<Option<L1Block>, L1Error> {
        let block = self.block_at(BlockNumberOrTag::Number(number)).await?;
        if let Some(found) = block.filter(|block| block.number != number) {
            return Err(L1Error::OtherBlock {
                asked: number.to_string(),
                found: format!("{} {}", found.number, found.hash),
            });
        }
        Ok(block)
    }

    /// The block with this hash; `None` when no endpoint knows it.
    pub async fn block_by_hash(&self, hash: B256) -> Result<Option<L1Block>, L1Error> {
        let found = self
            .ask_any(|client| async move { client.by_hash(hash).await })
            .await;
        match found {
            Err(L1Error::Gone(_)) => Ok(None),
            found => found.map(Some),
        }
    }

    async fn by_hash(&self, hash: B256) -> Result<L1Block, L1Error> {
        let block = self.fetch("eth_getBlockByHash", (hash, false)).await?;
        let found = block.ok_or(L1Error::Gone(hash))?;
        if found.hash != hash {
            return Err(L1Error::OtherBlock {
                asked: hash.to_string(),
                found: format!("{} {}", found.number, found.hash),
            });
        }
        Ok(found)
    }

    async fn block_at(&self, tag: BlockNumberOrTag) -> Result<Option<L1Block>, L1Error> {
        self.fetch("eth_getBlockByNumber", (tag, false)).await
    }

    async fn fetch<P>(&self, method: &'static str, params: P) -> Result<Option<L1Block>, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
    {
        self.ask(method, SHORT_PATIENCE, |endpoint, patience| {
            let (client, params) = (self, params.clone());
            async move {
                let block: Option<Block<B256>> = endpoint.call(method, &params, patience).await?;
                block
                    .map(|block| client.checked(block.header.hash, &block.header.inner))
                    .transpose()
            }
        })
        .await
    }

    /// A header as far as it matters here. Fails when it does not hash to what the endpoint says.
    pub(crate) fn checked(&self, hash: B256, header: &Header) -> Result<L1Block, L1Error> {
        if self.options.verify_hashes {
            let computed = header.hash_slow();
            if computed != hash {
                return Err(L1Error::Hash {
                    number: header.number,
                    claimed: hash,
                    computed,
                });
            }
        }
        let blob_base_fee = match header.excess_blob_gas {
            // Before Cancun the L2 is told the smallest fee there is.
            None => 1,
            Some(excess) => self
                .options
                .blob_schedule
                .params(header.timestamp)
                .ok_or(L1Error::NoBlobParams {
                    number: header.number,
                    timestamp: header.timestamp,
                })?
                .calc_blob_fee(excess),
        };
        Ok(L1Block {
            number: header.number,
            hash,
            parent_hash: header.parent_hash,
            timestamp: header.timestamp,
            base_fee: header.base_fee_per_gas.unwrap_or_default(),
            excess_blob_gas: header.excess_blob_gas,
            blob_base_fee,
            prev_randao: header.mix_hash,
            parent_beacon_block_root: header.parent_beacon_block_root.unwrap_or_default(),
            receipts_root: header.receipts_root,
            gas_limit: header.gas_limit,
        })
    }
}

impl L1Options {
    /// Carries out a request, again while it fails temporarily and attempts are left.
    pub(crate) async fn retrying<T, F: Future<Output = Result<T, L1Error>>>(
        &self,
        name: &'static str,
        mut request: impl FnMut() -> F,
    ) -> Result<T, L1Error> {
        let mut wait = self.backoff;
        let mut attempt = 1;
        loop {
            let started = Instant::now();
            let result = request().await;
            metrics::record_request(name, started.elapsed(), result.is_err());
            let error = match result {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !error.is_temporary() || attempt >= self.attempts {
                return Err(error);
            }
            tracing::debug!(name, attempt, %error, "L1 request failed, trying again");
            pause(wait).await;
            wait = (wait * 2).min(self.max_backoff);
            attempt += 1;
        }
    }
}

/// Spread out, so that several nodes do not come back in step.
pub(crate) async fn pause(wait: Duration) {
    tokio::time::sleep(wait.mul_f64(rand::random_range(0.5..1.0))).await;
}
