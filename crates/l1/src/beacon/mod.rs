//! Where blobs come from: the beacon API of the L1's consensus client.
//!
//! Source: the Ethereum beacon APIs, `/eth/v1/beacon/genesis`, `/eth/v1/config/spec`, `/eth/v1/beacon/blobs/{slot}` and
//! `/eth/v1/beacon/blob_sidecars/{slot}`.

mod check;
mod endpoint;
mod http;

use crate::{
    L1Block, L1Error, L1Options,
    endpoints::{address::parse_all, health::Fault},
    metrics,
};
use alloy_eips::eip4844::Blob;
use alloy_primitives::B256;
use endpoint::BeaconEndpoint;
use futures::future::join_all;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::time::Instant;

/// A client of an L1's beacon endpoints. Cheap to clone; clones share what they have learnt of the endpoints.
///
/// Blobs are taken from whichever path delivered last, sidecars first: a sidecar's proof is verified in 2 ms a blob, while
/// `blobs` carries none, and the commitment must be recomputed, in 50 ms a blob on one core. The price is that sidecars can
/// not be chosen by hash, so all of the block's blobs are transferred. Where sidecars are gone (consensus clients give them up
/// since Fulu) the first request finds that out. Either way every blob that is returned is the one with its versioned hash.
///
/// Of several endpoints the one that delivered last is asked first, then the others by their health, until one has the blobs:
/// their hashes vouch for them, so it does not matter which.
#[derive(Debug, Clone)]
pub struct BeaconClient {
    endpoints: Arc<[BeaconEndpoint]>,
    last: Arc<AtomicUsize>,
    options: L1Options,
}

impl BeaconClient {
    /// A client of the endpoint at `url`, to which the API's paths are appended. Nothing is sent yet.
    ///
    /// Time-outs and retries are those of the options.
    ///
    /// # Errors
    /// [`L1Error::Url`] on a malformed URL.
    pub fn new(url: &str, options: L1Options) -> Result<Self, L1Error> {
        Self::of(&[url], options)
    }

    /// A client of several endpoints, the preferred first. Nothing is sent yet.
    ///
    /// # Errors
    /// As [`check_urls`](crate::check_urls).
    pub fn of<S: AsRef<str>>(urls: &[S], options: L1Options) -> Result<Self, L1Error> {
        let endpoints = parse_all(urls)?
            .into_iter()
            .map(|url| BeaconEndpoint::new(url, &options))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            endpoints,
            last: Arc::default(),
            options,
        })
    }

    /// Asks every endpoint once whether it is a beacon endpoint at all: its host, and why it is not.
    pub async fn reachable(&self) -> Vec<(String, Result<(), L1Error>)> {
        let asked = self
            .endpoints
            .iter()
            .map(async |endpoint| (endpoint.name().to_owned(), endpoint.reachable().await));
        join_all(asked).await
    }

    /// The blobs with these versioned hashes, in their order, from the slot of a block.
    ///
    /// # Errors
    /// [`L1Error::MissingBlob`] when no endpoint has got one of them (yet, or no longer); all errors but those of
    /// an endpoint that answers nonsense for good are temporary.
    pub async fn blobs(&self, block: &L1Block, hashes: &[B256]) -> Result<Vec<Box<Blob>>, L1Error> {
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        self.options
            .retrying("beacon blobs", || self.fetch_any(block, hashes))
            .await
    }

    async fn fetch_any(&self, block: &L1Block, hashes: &[B256]) -> Result<Vec<Box<Blob>>, L1Error> {
        let mut failure: Option<L1Error> = None;
        for index in self.order() {
            let endpoint = &self.endpoints[index];
            let started = Instant::now();
            let result = endpoint.fetch(block, hashes).await;
            let error = match result {
                Ok(blobs) => {
                    endpoint.health.lock().answered(started.elapsed());
                    metrics::record_beacon(index, endpoint.name(), true);
                    if self.last.swap(index, Ordering::Relaxed) != index {
                        tracing::info!(
                            endpoint = endpoint.name(),
                            "blobs come from another L1 beacon endpoint"
                        );
                    }
                    return Ok(blobs);
                }
                Err(error) => error,
            };
            tracing::debug!(endpoint = endpoint.name(), %error, "an L1 beacon endpoint does not deliver");
            let now = Instant::now();
            let rest = self.options.rest;
            endpoint.health.lock().failed(Fault::Away, now, rest);
            metrics::record_beacon(index, endpoint.name(), false);
            // That a blob is missing says more than that an endpoint is away.
            let says_more = matches!(error, L1Error::MissingBlob { .. })
                && !matches!(failure, Some(L1Error::MissingBlob { .. }));
            if failure.is_none() || says_more {
                failure = Some(error);
            }
        }
        // There is one endpoint at least.
        Err(failure.unwrap_or(L1Error::NoEndpoint))
    }

    /// Those that failed just now come last: they are asked all the same when nobody else delivers.
    fn order(&self) -> Vec<usize> {
        let (now, last) = (Instant::now(), self.last.load(Ordering::Relaxed));
        let mut order: Vec<_> = (0..self.endpoints.len()).collect();
        order.sort_by_cached_key(|index| {
            let health = self.endpoints[*index].health.lock();
            let rests = !health.may_be_tried(now);
            (rests, *index != last, health.rank(0), *index)
        });
        order
    }
}
