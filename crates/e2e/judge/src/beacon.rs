//! kona's view of the blobs, over the beacon node's HTTP paths.
//!
//! Source: the Ethereum beacon API, `/eth/v1/beacon/{genesis,blobs,blob_sidecars}` and `/eth/v1/config/spec`. A beacon
//! node is not believed: the commitment of every blob is computed anew and must hash to what the L1 transaction names.

use crate::{SourceError, rpc::describe};
use alloy_eips::eip4844::{Blob, IndexedBlobHash, kzg_to_versioned_hash};
use alloy_primitives::B256;
use async_trait::async_trait;
use kona_derive::BlobProvider;
use kona_protocol::BlockInfo;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;

/// A beacon node, or what stands in for one.
#[derive(Debug, Clone)]
pub struct Beacon {
    base: String,
    http: reqwest::Client,
    slots: Slots,
}

/// How an L1 block is named in the beacon API.
#[derive(Debug, Clone, Copy)]
enum Slots {
    /// By its slot, counted from the genesis time.
    Clock { genesis: u64, seconds: u64 },
    /// By its block number: anvil serves blobs but no `config/spec`, and has a slot for each block.
    BlockNumbers,
}

#[derive(serde::Deserialize)]
struct Data<T> {
    data: T,
}

#[derive(serde::Deserialize)]
struct Sidecar {
    blob: Box<Blob>,
}

impl Beacon {
    /// The beacon node at `url`, a base without path that begins with `http://`.
    ///
    /// # Errors
    /// When it does not answer, or when its genesis or specification cannot be read.
    pub async fn connect(url: &str) -> Result<Self, SourceError> {
        let mut beacon = Self {
            base: url.trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
            slots: Slots::BlockNumbers,
        };
        let Some(spec) = beacon.get::<Value>("config/spec").await? else {
            return Ok(beacon);
        };
        let genesis = beacon
            .get::<Value>("beacon/genesis")
            .await?
            .unwrap_or_default();
        let number = |object: &Value, key: &str| {
            object[key]
                .as_str()
                .and_then(|text| text.parse::<u64>().ok())
                .ok_or_else(|| SourceError::Answer {
                    what: format!("{key} of the beacon node"),
                    message: "not a decimal number".into(),
                })
        };
        let seconds = number(&spec, "SECONDS_PER_SLOT")?;
        if seconds == 0 {
            return Err(SourceError::Inconsistent("SECONDS_PER_SLOT is zero".into()));
        }
        beacon.slots = Slots::Clock {
            genesis: number(&genesis, "genesis_time")?,
            seconds,
        };
        Ok(beacon)
    }

    /// `data` of an answer, `None` when the path or its object does not exist.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, SourceError> {
        let url = format!("{}/eth/v1/{path}", self.base);
        let unreachable = |error: reqwest::Error| SourceError::Unreachable {
            url: url.clone(),
            cause: describe(&error),
        };
        let response = self.http.get(&url).send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Ok(None);
        }
        let body = response.bytes().await.map_err(unreachable)?;
        let data: Data<T> = serde_json::from_slice(&body).map_err(|error| SourceError::Answer {
            what: url.clone(),
            message: error.to_string(),
        })?;
        Ok(Some(data.data))
    }

    /// All blobs of an L1 block. No filter is sent: nodes do not agree on how it is written.
    async fn all(&self, block: &BlockInfo) -> Result<Vec<Box<Blob>>, SourceError> {
        let id = match self.slots {
            Slots::Clock { genesis, seconds } => block.timestamp.saturating_sub(genesis) / seconds,
            Slots::BlockNumbers => block.number,
        };
        if let Some(blobs) = self.get(&format!("beacon/blobs/{id}")).await? {
            return Ok(blobs);
        }
        let sidecars: Option<Vec<Sidecar>> =
            self.get(&format!("beacon/blob_sidecars/{id}")).await?;
        let sidecars = sidecars.ok_or_else(|| SourceError::Answer {
            what: format!("blobs of L1 block {} (slot {id})", block.number),
            message: "the beacon node has none".into(),
        })?;
        Ok(sidecars.into_iter().map(|sidecar| sidecar.blob).collect())
    }
}

/// The versioned hash that commits to `blob`, computed. About 50 ms; the first call also loads the trusted setup.
fn versioned_hash(blob: &Blob) -> Result<B256, SourceError> {
    let invalid = |error: c_kzg::Error| SourceError::Inconsistent(format!("blob: {error}"));
    let commitment = c_kzg::ethereum_kzg_settings(0)
        .blob_to_kzg_commitment(&c_kzg::Blob::from_bytes(blob.as_slice()).map_err(invalid)?)
        .map_err(invalid)?;
    Ok(kzg_to_versioned_hash(commitment.as_slice()))
}

#[async_trait]
impl BlobProvider for Beacon {
    type Error = SourceError;

    /// In the order of `hashes`, which is what kona relies on; one blob may be asked for twice.
    async fn get_blobs(
        &mut self,
        block: &BlockInfo,
        hashes: &[IndexedBlobHash],
    ) -> Result<Vec<Box<Blob>>, SourceError> {
        let mut found = HashMap::new();
        for blob in self.all(block).await? {
            found.insert(versioned_hash(&blob)?, blob);
        }
        hashes
            .iter()
            .map(|wanted| {
                found.get(&wanted.hash).cloned().ok_or_else(|| {
                    SourceError::Inconsistent(format!(
                        "no blob of L1 block {} commits to {}",
                        block.number, wanted.hash
                    ))
                })
            })
            .collect()
    }
}
