//! One L1 endpoint over JSON-RPC.

use crate::{BlobSchedule, L1Block, L1Error, metrics};
use alloy_consensus::Header;
use alloy_eips::{
    BlockNumberOrTag,
    eip7594::MAX_BLOBS_PER_TX_FUSAKA,
    eip7840::{BLOB_BASE_COST, BlobParams},
};
use alloy_primitives::{Address, B256, U64, U256};
use alloy_rpc_client::RpcClient;
use alloy_rpc_types_eth::Block;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

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
            blob_schedule: BlobSchedule::mainnet(),
            verify_hashes: true,
        }
    }
}

/// A client of one L1 endpoint. Cheap to clone.
///
/// Calls are retried within the options' limits when they fail temporarily; an error that comes out says by its
/// [`kind`](L1Error::kind) whether asking later makes sense.
#[derive(Debug, Clone)]
pub struct L1Client {
    rpc: RpcClient,
    options: L1Options,
    /// Set once the endpoint has said that it does not have `eth_getBlockReceipts`.
    no_block_receipts: Arc<AtomicBool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportedFork {
    activation_time: u64,
    blob_schedule: Option<BlobParams>,
    #[serde(default)]
    precompiles: BTreeMap<String, Address>,
}

impl ReportedFork {
    /// The blob parameters. EIP-7910 names only part of them; the rest follows from the fork, which its newest precompile
    /// gives away (EIP-7951).
    fn blob_params(&self) -> Option<BlobParams> {
        let params = self.blob_schedule?;
        let osaka = self.precompiles.contains_key("P256VERIFY");
        Some(if osaka {
            params
                .with_blob_base_cost(BLOB_BASE_COST)
                .with_max_blobs_per_tx(MAX_BLOBS_PER_TX_FUSAKA)
        } else {
            params
        })
    }
}

#[derive(Debug, Deserialize)]
struct ReportedConfig {
    current: ReportedFork,
    next: Option<ReportedFork>,
    last: Option<ReportedFork>,
}

impl L1Client {
    /// A client of the endpoint at `url` (`http://` or, when built with TLS, `https://`). Nothing is sent yet.
    ///
    /// Fails on a malformed URL only.
    pub fn new(url: &str, options: L1Options) -> Result<Self, L1Error> {
        let (http, parsed) = http_client(url, &options)?;
        Ok(Self {
            rpc: RpcClient::new_http_with_client(http, parsed),
            options,
            no_block_receipts: Arc::default(),
        })
    }

    /// The options that it was made with.
    pub fn options(&self) -> &L1Options {
        &self.options
    }

    /// The same endpoint without retries, for callers that have their own rhythm.
    pub fn without_retries(&self) -> Self {
        Self {
            rpc: self.rpc.clone(),
            options: L1Options {
                attempts: 1,
                ..self.options.clone()
            },
            no_block_receipts: self.no_block_receipts.clone(),
        }
    }

    /// The same endpoint with another blob schedule.
    pub fn with_blob_schedule(mut self, schedule: BlobSchedule) -> Self {
        self.options.blob_schedule = schedule;
        self
    }

    /// Checks the endpoint once at the start: the chain id must be the configured one; a blob base fee other than the one
    /// computed here is logged as a warning (endpoints may name the head's or the next block's).
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
        let head = self.head().await?;
        self.compare_blob_parameters(&head).await;
        Ok(chain_id)
    }

    async fn compare_blob_parameters(&self, head: &L1Block) {
        let (Some(excess), Some(params)) = (
            head.excess_blob_gas,
            self.options.blob_schedule.params(head.timestamp),
        ) else {
            return;
        };
        match self
            .reported_blob_schedule()
            .await
            .map(|schedule| schedule.and_then(|s| s.params(head.timestamp)))
        {
            Ok(Some(theirs)) if theirs.update_fraction != params.update_fraction => {
                tracing::warn!(
                    configured = params.update_fraction,
                    reported = theirs.update_fraction,
                    "the configured L1 blob schedule differs from the endpoint's eth_config; the blob base fee is charged by the configured one"
                );
                return;
            }
            Ok(Some(_)) => return,
            Ok(None) | Err(_) => {}
        }
        // Endpoints without eth_config: compare one fee. They name the head's or the next block's.
        let Ok(reported) = self.call::<_, U256>("eth_blobBaseFee", ()).await else {
            return;
        };
        let most = params.calc_blob_fee(excess.saturating_add(params.max_blob_gas_per_block()));
        let least = params.calc_blob_fee(excess.saturating_sub(params.target_blob_gas_per_block()));
        if reported < U256::from(least) || reported > U256::from(most) {
            tracing::warn!(
                computed = head.blob_base_fee,
                %reported,
                "the configured L1 blob schedule gives another blob base fee than the endpoint"
            );
        }
    }

    /// The blob schedule by the endpoint's own account (`eth_config`, EIP-7910): the last, the current and the next
    /// fork's. `None` when the endpoint does not know the method.
    pub async fn reported_blob_schedule(&self) -> Result<Option<BlobSchedule>, L1Error> {
        let config: ReportedConfig = match self.call("eth_config", ()).await {
            Ok(config) => config,
            Err(L1Error::Refused { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let entries: Vec<_> = [config.last, Some(config.current), config.next]
            .into_iter()
            .flatten()
            .filter_map(|fork| Some((fork.activation_time, fork.blob_params()?)))
            .collect();
        Ok((!entries.is_empty()).then(|| BlobSchedule::from_entries(entries)))
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

    /// The block with this hash; `None` when the endpoint does not know it.
    pub async fn block_by_hash(&self, hash: B256) -> Result<Option<L1Block>, L1Error> {
        let block = self.fetch("eth_getBlockByHash", (hash, false)).await?;
        if let Some(found) = block.filter(|block| block.hash != hash) {
            return Err(L1Error::OtherBlock {
                asked: hash.to_string(),
                found: format!("{} {}", found.number, found.hash),
            });
        }
        Ok(block)
    }

    async fn block_at(&self, tag: BlockNumberOrTag) -> Result<Option<L1Block>, L1Error> {
        self.fetch("eth_getBlockByNumber", (tag, false)).await
    }

    async fn fetch<P>(&self, method: &'static str, params: P) -> Result<Option<L1Block>, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
    {
        let block: Option<Block<B256>> = self.call(method, params).await?;
        block.map(|block| self.convert(block)).transpose()
    }

    fn convert(&self, block: Block<B256>) -> Result<L1Block, L1Error> {
        self.checked(block.header.hash, &block.header.inner)
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

    /// Calls any method, with the options' time-out and retries. For reading only: a call that is tried again may have
    /// taken effect the first time.
    pub async fn call<P, R>(&self, method: &'static str, params: P) -> Result<R, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        self.options
            .retrying(method, || async {
                let result = self.rpc.request::<P, R>(method, params.clone()).await;
                result.map_err(|error| L1Error::of_call(method, error))
            })
            .await
    }

    /// Calls a method once for each of the parameters, in one JSON-RPC batch; the answers are in the parameters' order.
    /// With the options' time-out and retries: all are asked again when one fails temporarily.
    pub(crate) async fn call_each<P, R>(
        &self,
        method: &'static str,
        params: &[P],
    ) -> Result<Vec<R>, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        let of_call = |error| L1Error::of_call(method, error);
        self.options
            .retrying(method, || async {
                let mut batch = self.rpc.new_batch();
                let mut waiting = Vec::with_capacity(params.len());
                for one in params {
                    waiting.push(batch.add_call(method, one).map_err(of_call)?);
                }
                batch.send().await.map_err(of_call)?;
                futures::future::try_join_all(waiting)
                    .await
                    .map_err(of_call)
            })
            .await
    }

    pub(crate) fn has_block_receipts(&self) -> bool {
        !self.no_block_receipts.load(Ordering::Relaxed)
    }

    pub(crate) fn remember_no_block_receipts(&self) {
        self.no_block_receipts.store(true, Ordering::Relaxed);
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
            // Spread out, so that several nodes do not come back in step.
            tokio::time::sleep(wait.mul_f64(rand::random_range(0.5..1.0))).await;
            wait = (wait * 2).min(self.max_backoff);
            attempt += 1;
        }
    }
}

/// An HTTP client with the options' time-out, and the URL for it.
pub(crate) fn http_client(
    url: &str,
    options: &L1Options,
) -> Result<(reqwest::Client, reqwest::Url), L1Error> {
    let invalid = |reason: String| L1Error::Url {
        url: redacted(url),
        reason,
    };
    let parsed = reqwest::Url::parse(url).map_err(|error| invalid(error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(invalid("the scheme must be http or https".into()));
    }
    let http = reqwest::Client::builder()
        .timeout(options.request_timeout)
        .build()
        .map_err(|error| invalid(error.to_string()))?;
    Ok((http, parsed))
}

/// A URL without what may be a key: user, path and query.
pub(crate) fn redacted(url: &str) -> String {
    reqwest::Url::parse(url)
        .map(|url| format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()))
        .unwrap_or_else(|_| "<not a URL>".into())
}
