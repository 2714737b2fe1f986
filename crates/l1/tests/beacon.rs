//! Blobs from a beacon endpoint that is told what to answer.

mod support;

use alloy_eips::eip4844::{Blob, BlobTransactionSidecar, env_settings::EnvKzgSettings};
use alloy_primitives::{B256, Bytes, FixedBytes};
use axum::{Json, Router, extract::Path, http::StatusCode, routing::get};
use openledger_l1::{BeaconClient, ErrorKind, L1Block, L1Error, L1Options};
use openledger_protocol::encode_blob;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use support::{options, proxy::serve};

/// What it has, and what was asked.
#[derive(Clone, Default)]
struct Beacon {
    sidecars: Option<Value>,
    blobs: Option<Value>,
    spec: Option<Value>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Beacon {
    async fn client(&self) -> BeaconClient {
        client_of(&[self]).await
    }

    /// Serves it; its URL.
    async fn serve(&self) -> String {
        let answer = |what: &'static str, data: Option<Value>, asked: Arc<Mutex<Vec<String>>>| {
            async move |slot: Option<Path<String>>| {
                let slot = slot.map_or_else(String::new, |Path(slot)| slot);
                asked.lock().push(format!("{what} {slot}"));
                match data {
                    Some(data) => Ok(Json(json!({"data": data}))),
                    None => Err(StatusCode::NOT_FOUND),
                }
            }
        };
        let genesis = json!({"genesis_time": "1000"});
        let router = Router::new()
            .route(
                "/key/eth/v1/beacon/genesis",
                get(answer("genesis", Some(genesis), self.asked.clone())),
            )
            .route(
                "/key/eth/v1/config/spec",
                get(answer("spec", self.spec.clone(), self.asked.clone())),
            )
            .route(
                "/key/eth/v1/beacon/blob_sidecars/{slot}",
                get(answer(
                    "sidecars",
                    self.sidecars.clone(),
                    self.asked.clone(),
                )),
            )
            .route(
                "/key/eth/v1/beacon/blobs/{slot}",
                get(answer("blobs", self.blobs.clone(), self.asked.clone())),
            );
        let (url, _task) = serve(router).await;
        format!("{url}/key/")
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock())
    }
}

async fn client_of(beacons: &[&Beacon]) -> BeaconClient {
    let mut urls = Vec::new();
    for beacon in beacons {
        urls.push(beacon.serve().await);
    }
    let options = L1Options {
        attempts: 1,
        ..options()
    };
    BeaconClient::of(&urls, options).expect("URLs")
}

fn block() -> L1Block {
    L1Block {
        number: 5,
        hash: B256::repeat_byte(5),
        parent_hash: B256::repeat_byte(4),
        timestamp: 1_000 + 12 * 77 + 3,
        base_fee: 1,
        excess_blob_gas: Some(0),
        blob_base_fee: 1,
        prev_randao: B256::ZERO,
        parent_beacon_block_root: B256::ZERO,
        receipts_root: B256::ZERO,
        gas_limit: 30_000_000,
    }
}

fn spec() -> Option<Value> {
    Some(json!({"SECONDS_PER_SLOT": "12", "SLOTS_PER_EPOCH": "32"}))
}

fn sidecar() -> BlobTransactionSidecar {
    let blobs = [&b"one"[..], b"two", b"three"].map(|data| *encode_blob(data).expect("it fits"));
    let settings = EnvKzgSettings::Default.get();
    BlobTransactionSidecar::try_from_blobs_with_settings(blobs.to_vec(), settings)
        .expect("canonical")
}

fn hex(blob: &Blob) -> Bytes {
    Bytes::copy_from_slice(blob.as_slice())
}

fn sidecars(sidecar: &BlobTransactionSidecar) -> Value {
    (0..sidecar.blobs.len())
        .map(|index| {
            json!({
                "index": index.to_string(),
                "blob": hex(&sidecar.blobs[index]),
                "kzg_commitment": sidecar.commitments[index],
                "kzg_proof": sidecar.proofs[index],
                "signed_block_header": {},
            })
        })
        .collect()
}

fn blobs(sidecar: &BlobTransactionSidecar) -> Value {
    sidecar.blobs.iter().map(|blob| json!(hex(blob))).collect()
}

#[tokio::test]
async fn sidecars_are_asked_for_first_by_the_slot() {
    let sidecar = sidecar();
    let hashes: Vec<B256> = sidecar.versioned_hashes().collect();
    let beacon = Beacon {
        sidecars: Some(sidecars(&sidecar)),
        spec: spec(),
        ..Beacon::default()
    };
    let client = beacon.client().await;
    assert!(
        client
            .blobs(&block(), &[])
            .await
            .expect("nothing")
            .is_empty()
    );
    assert!(beacon.asked().is_empty());
    // In the order that is asked for, twice when it is asked for twice.
    let wanted = [hashes[2], hashes[0], hashes[2]];
    let found = client.blobs(&block(), &wanted).await.expect("it is there");
    for (blob, index) in found.iter().zip([2, 0, 2]) {
        assert_eq!(**blob, sidecar.blobs[index]);
    }
    assert_eq!(beacon.asked(), ["spec ", "genesis ", "sidecars 77"]);
    assert!(!format!("{client:?}").contains("key"), "{client:?}");
}

#[tokio::test]
async fn an_endpoint_without_sidecars_is_remembered() {
    let sidecar = sidecar();
    let hashes: Vec<B256> = sidecar.versioned_hashes().collect();
    // Those of another block, as an endpoint that keeps none answers with none.
    for gone in [None, Some(json!([]))] {
        let beacon = Beacon {
            sidecars: gone,
            blobs: Some(blobs(&sidecar)),
            spec: spec(),
            ..Beacon::default()
        };
        let client = beacon.client().await;
        let found = client.blobs(&block(), &hashes[1..2]).await;
        assert_eq!(*found.expect("it is there")[0], sidecar.blobs[1]);
        beacon.asked();
        client
            .blobs(&block(), &hashes)
            .await
            .expect("all are there");
        assert_eq!(beacon.asked(), ["blobs 77"]);
    }
}

#[tokio::test]
async fn an_endpoint_without_a_configuration_has_block_numbers_for_slots() {
    let sidecar = sidecar();
    let hashes: Vec<B256> = sidecar.versioned_hashes().collect();
    let beacon = Beacon {
        blobs: Some(blobs(&sidecar)),
        ..Beacon::default()
    };
    let client = beacon.client().await;
    client
        .blobs(&block(), &hashes)
        .await
        .expect("all are there");
    assert_eq!(beacon.asked(), ["spec ", "sidecars 5", "blobs 5"]);
}

#[tokio::test]
async fn a_wrong_proof_beside_the_right_blob_does_no_harm() {
    let mut sidecar = sidecar();
    let hashes: Vec<B256> = sidecar.versioned_hashes().collect();
    sidecar.proofs[0] = FixedBytes::ZERO;
    sidecar.proofs.swap(1, 2);
    let beacon = Beacon {
        sidecars: Some(sidecars(&sidecar)),
        spec: spec(),
        ..Beacon::default()
    };
    let found = beacon.client().await.blobs(&block(), &hashes).await;
    assert_eq!(found.expect("all are there").len(), 3);
}

#[tokio::test]
async fn blobs_that_are_not_those_of_their_hashes_are_missing() {
    let good = sidecar();
    let hashes: Vec<B256> = good.versioned_hashes().collect();
    let mut bad = good.clone();
    bad.blobs[1].0[100] ^= 1;
    for beacon in [
        Beacon {
            sidecars: Some(sidecars(&bad)),
            spec: spec(),
            ..Beacon::default()
        },
        Beacon {
            blobs: Some(blobs(&bad)),
            spec: spec(),
            ..Beacon::default()
        },
    ] {
        let error = beacon.client().await.blobs(&block(), &hashes).await;
        let error = error.expect_err("one is missing");
        assert!(
            matches!(error, L1Error::MissingBlob { number: 5, slot: 77, blob } if blob == hashes[1]),
            "{error}"
        );
        assert_eq!(error.kind(), ErrorKind::Temporary);
    }
}

#[tokio::test]
async fn nonsense_is_an_error_and_never_too_much_of_it_is_read() {
    let hash = [B256::repeat_byte(1)];
    let nonsense = [
        (Some(json!(["0x00"])), spec()),
        (Some(json!("0x")), spec()),
        (Some(json!([{"blob": 7}])), spec()),
        (None, Some(json!({"SECONDS_PER_SLOT": "0"}))),
        (None, Some(json!({"SECONDS_PER_SLOT": "soon"}))),
        (None, Some(json!({}))),
        (None, Some(json!(vec!["x"; 1 << 20]))),
    ];
    for (data, spec) in nonsense {
        let beacon = Beacon {
            sidecars: data.clone(),
            blobs: data,
            spec,
            ..Beacon::default()
        };
        let error = beacon.client().await.blobs(&block(), &hash).await;
        let error = error.expect_err("nonsense");
        assert!(
            matches!(error, L1Error::Malformed { .. } | L1Error::TooLarge { .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_blob_is_taken_from_whichever_endpoint_has_it() {
    let good = sidecar();
    let hashes: Vec<B256> = good.versioned_hashes().collect();
    let mut bad = good.clone();
    bad.blobs[1].0[100] ^= 1;
    let with = |sidecar: &BlobTransactionSidecar| Beacon {
        sidecars: Some(sidecars(sidecar)),
        spec: spec(),
        ..Beacon::default()
    };
    // One without anything, one with another blob in its place, and one that is right.
    let all = [Beacon::default(), with(&bad), with(&good)];
    let client = client_of(&[&all[0], &all[1], &all[2]]).await;
    let found = client.blobs(&block(), &hashes).await;
    assert_eq!(*found.expect("the last has it")[1], good.blobs[1]);
    for beacon in &all {
        assert!(!beacon.asked().is_empty());
    }
    // Whoever delivered is asked first.
    client.blobs(&block(), &hashes).await.expect("it is there");
    assert_eq!(all[2].asked(), ["sidecars 77"]);
    assert!(all[..2].iter().all(|beacon| beacon.asked().is_empty()));
    // What nobody has is missing; that says more than that an endpoint is away.
    let error = client.blobs(&block(), &[B256::repeat_byte(1)]).await;
    assert!(
        matches!(error, Err(L1Error::MissingBlob { .. })),
        "{error:?}"
    );
}
