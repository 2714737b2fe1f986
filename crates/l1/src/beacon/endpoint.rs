//! One beacon endpoint.

use super::{
    check::{BlobList, SidecarList},
    http::BeaconHttp,
};
use crate::{L1Block, L1Error, L1Options, endpoints::health::Health};
use alloy_eips::eip4844::Blob;
use alloy_primitives::B256;
use parking_lot::Mutex;
use reqwest::Url;
use serde::Deserialize;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::OnceCell;

const GENESIS: &str = "/eth/v1/beacon/genesis";
const SPEC: &str = "/eth/v1/config/spec";
const BLOBS: &str = "/eth/v1/beacon/blobs";
const SIDECARS: &str = "/eth/v1/beacon/blob_sidecars";

/// Answers about the chain are a few kilobytes.
const SMALL: usize = 1 << 20;
/// A blob as JSON: two hexadecimal digits a byte, and its proofs.
const BLOB_JSON: usize = 2 * 131_072 + 8_192;
/// More blobs than any L1 block has: the schedules of Ethereum end at 21 so far.
const MOST_BLOBS: usize = 128;

/// An endpoint, and what was learnt of it.
#[derive(Debug)]
pub(super) struct BeaconEndpoint {
    http: BeaconHttp,
    slots: OnceCell<Slots>,
    sidecars_are_gone: AtomicBool,
    pub(super) health: Mutex<Health>,
}

/// How a block's slot is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slots {
    ByTime {
        genesis_time: u64,
        seconds_per_slot: u64,
    },
    /// Endpoints without a configuration are those of development chains, which know blocks only by number.
    ByNumber,
}

#[derive(Debug, Deserialize)]
struct Answer<T> {
    data: T,
}

/// Numbers are decimal strings in this API.
#[derive(Debug, Deserialize)]
struct Genesis {
    genesis_time: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Spec {
    seconds_per_slot: Option<String>,
    slot_duration_ms: Option<String>,
}

impl BeaconEndpoint {
    pub(super) fn new(url: Url, options: &L1Options) -> Result<Self, L1Error> {
        Ok(Self {
            http: BeaconHttp::new(url, options)?,
            slots: OnceCell::new(),
            sidecars_are_gone: AtomicBool::new(false),
            health: Mutex::default(),
        })
    }

    /// Its host.
    pub(super) fn name(&self) -> &str {
        self.http.name()
    }

    /// Asks once whether it is there at all.
    pub(super) async fn reachable(&self) -> Result<(), L1Error> {
        let body = self.http.get(GENESIS, GENESIS, SMALL).await?;
        parse::<Answer<Genesis>>(GENESIS, &body).map(drop)
    }

    /// The blobs with these versioned hashes, in their order.
    pub(super) async fn fetch(
        &self,
        block: &L1Block,
        hashes: &[B256],
    ) -> Result<Vec<Box<Blob>>, L1Error> {
        let slot = self.slots().await?.of(block);
        let sidecars_first = !self.sidecars_are_gone.load(Ordering::Relaxed);
        let first = self.fetch_from(sidecars_first, block, slot, hashes).await;
        match first {
            // An endpoint that is away is so on both paths.
            Ok(_) | Err(L1Error::BeaconTransport { .. }) => first,
            Err(error) => {
                match self.fetch_from(!sidecars_first, block, slot, hashes).await {
                    Ok(blobs) => {
                        tracing::info!(
                            %error,
                            path = if sidecars_first { BLOBS } else { SIDECARS },
                            "the L1 beacon endpoint serves blobs at the other path"
                        );
                        self.sidecars_are_gone
                            .store(sidecars_first, Ordering::Relaxed);
                        Ok(blobs)
                    }
                    // A path that is missing says less than a blob that is.
                    Err(other @ L1Error::MissingBlob { .. }) => Err(other),
                    Err(_) => Err(error),
                }
            }
        }
    }

    async fn fetch_from(
        &self,
        sidecars: bool,
        block: &L1Block,
        slot: u64,
        hashes: &[B256],
    ) -> Result<Vec<Box<Blob>>, L1Error> {
        let limit = MOST_BLOBS * BLOB_JSON;
        let (what, path) = if sidecars {
            (SIDECARS, format!("{SIDECARS}/{slot}"))
        } else {
            let wanted: Vec<_> = hashes.iter().map(ToString::to_string).collect();
            let query = wanted.join(",");
            (BLOBS, format!("{BLOBS}/{slot}?versioned_hashes={query}"))
        };
        let body = self.http.get(what, &path, limit).await?;
        let wanted = hashes.to_vec();
        let found = tokio::task::spawn_blocking(move || {
            if sidecars {
                let answer: Answer<SidecarList> = parse(what, &body)?;
                answer.data.verified(&wanted)
            } else {
                let answer: Answer<BlobList> = parse(what, &body)?;
                answer.data.verified(&wanted)
            }
        })
        .await
        .map_err(|_| L1Error::Aborted("blobs"))??;
        hashes
            .iter()
            .map(|hash| {
                found.get(hash).cloned().ok_or(L1Error::MissingBlob {
                    number: block.number,
                    slot,
                    blob: *hash,
                })
            })
            .collect()
    }

    async fn slots(&self) -> Result<Slots, L1Error> {
        let slots = self.slots.get_or_try_init(|| async {
            let body = match self.http.get(SPEC, SPEC, SMALL).await {
                Ok(body) => body,
                Err(L1Error::BeaconStatus { status: 404, .. }) => {
                    tracing::info!(
                        "the L1 beacon endpoint has no {SPEC}: slots are taken for block numbers"
                    );
                    return Ok(Slots::ByNumber);
                }
                Err(error) => return Err(error),
            };
            let spec: Answer<Spec> = parse(SPEC, &body)?;
            let genesis: Answer<Genesis> =
                parse(GENESIS, &self.http.get(GENESIS, GENESIS, SMALL).await?)?;
            Ok(Slots::ByTime {
                genesis_time: number(GENESIS, &genesis.data.genesis_time)?,
                seconds_per_slot: spec.data.seconds_per_slot()?,
            })
        });
        slots.await.copied()
    }
}

impl Slots {
    fn of(self, block: &L1Block) -> u64 {
        match self {
            Self::ByTime {
                genesis_time,
                seconds_per_slot,
            } => block.timestamp.saturating_sub(genesis_time) / seconds_per_slot,
            Self::ByNumber => block.number,
        }
    }
}

impl Spec {
    /// Never zero.
    fn seconds_per_slot(&self) -> Result<u64, L1Error> {
        let seconds = match (&self.seconds_per_slot, &self.slot_duration_ms) {
            (Some(seconds), _) => number(SPEC, seconds)?,
            (None, Some(milliseconds)) => number(SPEC, milliseconds)? / 1_000,
            (None, None) => 0,
        };
        if seconds == 0 {
            return Err(L1Error::Malformed {
                what: SPEC,
                reason: "it names no duration of a slot in whole seconds".into(),
            });
        }
        Ok(seconds)
    }
}

fn parse<'a, T: Deserialize<'a>>(what: &'static str, body: &'a [u8]) -> Result<T, L1Error> {
    serde_json::from_slice(body).map_err(|error| L1Error::Malformed {
        what,
        reason: error.to_string(),
    })
}

fn number(what: &'static str, text: &str) -> Result<u64, L1Error> {
    text.parse().map_err(|_| L1Error::Malformed {
        what,
        reason: format!("{text:?} is no number"),
    })
}
