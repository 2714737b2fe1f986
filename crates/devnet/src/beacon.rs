//! The beacon node's paths from which rollup nodes fetch blobs.
//!
//! Source: the Ethereum beacon API, `/eth/v1/beacon/{genesis,blobs,blob_sidecars}` and `/eth/v1/config/spec`. A slot is
//! `(block time - genesis time) / SECONDS_PER_SLOT`. Signatures and inclusion proofs are zero: there are no validators.

use crate::{
    BlobStore, DevnetError,
    blobs::{StoredBlob, flatten},
};
use alloy_primitives::B256;
use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use openledger_chain::Chain;
use serde_json::{Value, json};
use std::sync::Arc;

/// What the endpoints serve from.
#[derive(Debug, Clone)]
pub struct BeaconState {
    /// The L1.
    pub chain: Arc<Chain>,
    /// Its blobs.
    pub blobs: Arc<BlobStore>,
    /// Timestamp of the L1's genesis in seconds.
    pub genesis_time: u64,
    /// Seconds between L1 blocks.
    pub seconds_per_slot: u64,
    /// Slots in an epoch.
    pub slots_per_epoch: u64,
}

/// The routes, to be merged into the L1's HTTP port.
pub fn beacon_router(state: BeaconState) -> Router {
    Router::new()
        .route("/eth/v1/beacon/genesis", get(genesis))
        .route("/eth/v1/config/spec", get(spec))
        .route("/eth/v1/node/version", get(version))
        .route("/eth/v1/beacon/blobs/{slot}", get(blobs))
        .route("/eth/v1/beacon/blob_sidecars/{slot}", get(sidecars))
        .with_state(state)
}

async fn genesis(State(state): State<BeaconState>) -> Json<Value> {
    Json(json!({"data": {
        "genesis_time": state.genesis_time.to_string(),
        "genesis_validators_root": B256::ZERO,
        "genesis_fork_version": "0x00000000",
    }}))
}

async fn spec(State(state): State<BeaconState>) -> Json<Value> {
    Json(json!({"data": {
        "SECONDS_PER_SLOT": state.seconds_per_slot.to_string(),
        "SLOTS_PER_EPOCH": state.slots_per_epoch.to_string(),
        "MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS": "4096",
        "DEPOSIT_CHAIN_ID": state.chain.spec().chain_id().to_string(),
    }}))
}

async fn version() -> Json<Value> {
    Json(json!({"data": {"version": concat!("openledger/", env!("CARGO_PKG_VERSION"))}}))
}

async fn blobs(
    State(state): State<BeaconState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let wanted = match parameters(query.as_deref(), "versioned_hashes", |text| {
        text.parse::<B256>().ok()
    }) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    respond(state, id, move |_, blobs| {
        blobs
            .into_iter()
            .filter(|blob| wanted.is_empty() || wanted.contains(&blob.versioned_hash))
            .map(|blob| Ok(json!(blob.blob)))
            .collect()
    })
    .await
}

async fn sidecars(
    State(state): State<BeaconState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let wanted = match parameters(query.as_deref(), "indices", |text| {
        text.parse::<usize>().ok()
    }) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    respond(state, id, move |slot, blobs| {
        blobs
            .into_iter()
            .enumerate()
            .filter(|(index, _)| wanted.is_empty() || wanted.contains(index))
            .map(|(index, blob)| sidecar(slot, index, blob))
            .collect()
    })
    .await
}

fn sidecar(slot: u64, index: usize, blob: StoredBlob) -> Result<Value, DevnetError> {
    let proof = match blob.proof {
        Some(proof) => proof,
        None => blob_proof(&blob)?,
    };
    Ok(json!({
        "index": index.to_string(),
        "blob": blob.blob,
        "kzg_commitment": blob.commitment,
        "kzg_proof": proof,
        "signed_block_header": {
            "message": {
                "slot": slot.to_string(),
                "proposer_index": "0",
                "parent_root": B256::ZERO,
                "state_root": B256::ZERO,
                "body_root": B256::ZERO,
            },
            "signature": format!("0x{}", "00".repeat(96)),
        },
        "kzg_commitment_inclusion_proof": vec![B256::ZERO; 17],
    }))
}

/// Transactions since Osaka carry cell proofs; this endpoint shows the proof of the whole blob.
fn blob_proof(stored: &StoredBlob) -> Result<alloy_primitives::Bytes, DevnetError> {
    let fail = |error: c_kzg::Error| DevnetError::Genesis(format!("blob proof: {error:?}"));
    let settings = alloy_eips::eip4844::env_settings::EnvKzgSettings::Default.get();
    let blob = c_kzg::Blob::from_bytes(&stored.blob).map_err(fail)?;
    let commitment = c_kzg::Bytes48::from_bytes(&stored.commitment).map_err(fail)?;
    let proof = settings
        .compute_blob_kzg_proof(&blob, &commitment)
        .map_err(fail)?;
    Ok(alloy_primitives::Bytes::copy_from_slice(
        proof.to_bytes().as_ref(),
    ))
}

async fn respond(
    state: BeaconState,
    id: String,
    render: impl FnOnce(u64, Vec<StoredBlob>) -> Result<Vec<Value>, DevnetError> + Send + 'static,
) -> Response {
    let answer = tokio::task::spawn_blocking(move || {
        let Some((slot, number)) = resolve(&state, &id)? else {
            return Ok(None);
        };
        let finalized = number <= state.chain.finalized().number;
        let data = render(slot, flatten(state.blobs.get(number)?))?;
        Ok::<_, DevnetError>(Some(
            json!({"execution_optimistic": false, "finalized": finalized, "data": data}),
        ))
    })
    .await;
    match answer {
        Ok(Ok(Some(body))) => Json(body).into_response(),
        Ok(Ok(None)) => failure(StatusCode::NOT_FOUND, "no block in that slot"),
        Ok(Err(error)) => failure(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Err(_) => failure(StatusCode::INTERNAL_SERVER_ERROR, "the request was aborted"),
    }
}

/// Slot and block number of `head`, `finalized`, `genesis`, or a slot's number.
fn resolve(state: &BeaconState, id: &str) -> Result<Option<(u64, u64)>, DevnetError> {
    let by_number = |number: u64| -> Result<Option<(u64, u64)>, DevnetError> {
        let header = state.chain.header(number)?;
        Ok(header.map(|h| {
            (
                h.timestamp.saturating_sub(state.genesis_time) / state.seconds_per_slot,
                number,
            )
        }))
    };
    match id {
        "head" => return by_number(state.chain.head().number()),
        "finalized" => return by_number(state.chain.finalized().number),
        "genesis" => return Ok(Some((0, 0))),
        _ => {}
    }
    let Ok(slot) = id.parse::<u64>() else {
        return Ok(None);
    };
    // Blocks have strictly increasing slots and never more than their number's: binary search.
    let (mut low, mut high) = (0, state.chain.head().number());
    while low <= high {
        let middle = low + (high - low) / 2;
        let Some((found, _)) = by_number(middle)? else {
            return Ok(None);
        };
        match found.cmp(&slot) {
            std::cmp::Ordering::Equal => return Ok(Some((slot, middle))),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater if middle == 0 => return Ok(None),
            std::cmp::Ordering::Greater => high = middle - 1,
        }
    }
    Ok(None)
}

/// All values of a query parameter, comma separated or repeated.
fn parameters<T>(
    query: Option<&str>,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Box<Response>> {
    let mut values = Vec::new();
    for pair in query.unwrap_or_default().split('&') {
        let Some((key, list)) = pair.split_once('=') else {
            continue;
        };
        if key != name {
            continue;
        }
        for text in list
            .replace("%2C", ",")
            .split(',')
            .filter(|text| !text.is_empty())
        {
            match parse(text) {
                Some(value) => values.push(value),
                None => {
                    return Err(Box::new(failure(
                        StatusCode::BAD_REQUEST,
                        &format!("{name}: {text} is malformed"),
                    )));
                }
            }
        }
    }
    Ok(values)
}

fn failure(code: StatusCode, message: &str) -> Response {
    (
        code,
        Json(json!({"code": code.as_u16(), "message": message})),
    )
        .into_response()
}
