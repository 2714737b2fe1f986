//! Blob transactions on the embedded L1, and their blobs where rollup nodes fetch them.

use alloy_consensus::{SimpleCoder, TxEip4844};
use alloy_eips::{eip4844::builder::SidecarBuilder, eip7594::BlobTransactionSidecarVariant};
use alloy_primitives::{Address, B256, Bytes, U256, hex};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{Account, MAX_FEE, Node, NodeOptions, quantity};
use serde_json::{Value, json};

/// Sends two blobs' worth of data; checks receipt, header and both beacon paths.
async fn tell(node: &Node, osaka: bool) -> Result<()> {
    let data: Vec<u8> = (0..200_000_u32).map(|i| (i % 251) as u8).collect();
    let builder = SidecarBuilder::<SimpleCoder>::from_slice(&data);
    let sidecar: BlobTransactionSidecarVariant = if osaka {
        builder.build_7594()?.into()
    } else {
        builder.build_4844()?.into()
    };
    let hashes: Vec<B256> = sidecar.versioned_hashes().collect();
    let blobs: Vec<Bytes> = match &sidecar {
        BlobTransactionSidecarVariant::Eip4844(sidecar) => {
            sidecar.blobs.iter().map(|blob| blob.0.into()).collect()
        }
        BlobTransactionSidecarVariant::Eip7594(sidecar) => {
            sidecar.blobs.iter().map(|blob| blob.0.into()).collect()
        }
    };
    ensure!(blobs.len() == 2);
    let account = Account::development(8)?;
    let tx = TxEip4844 {
        chain_id: node.deployment.l1.chain_id,
        nonce: 0,
        gas_limit: 21_000,
        max_fee_per_gas: MAX_FEE,
        max_priority_fee_per_gas: 1_000_000_000,
        to: Address::repeat_byte(1),
        value: U256::ZERO,
        access_list: Default::default(),
        blob_versioned_hashes: hashes.clone(),
        max_fee_per_blob_gas: 1_000_000_000,
        input: Bytes::new(),
    };
    let raw = account.seal_blobs(tx, sidecar)?;
    let hash: B256 = node.l1.get("eth_sendRawTransaction", json!([raw])).await?;
    let receipt = node.l1.mined(hash).await?;
    ensure!(
        receipt["status"] == "0x1" && quantity(&receipt, "blobGasUsed")? == 2 * 131_072,
        "{receipt}"
    );
    let block = node.l1.block(quantity(&receipt, "blockNumber")?).await?;
    ensure!(quantity(&block, "blobGasUsed")? == 2 * 131_072, "{block}");

    let beacon = node
        .deployment
        .l1
        .beacon
        .clone()
        .context("the deployment names no beacon endpoint")?;
    let get = async |path: String| -> Result<Value> {
        let response = reqwest::get(format!("{beacon}{path}")).await?;
        ensure!(response.status() == 200, "{path}: {}", response.status());
        Ok(response.json().await?)
    };
    let number = |value: &Value| {
        value
            .as_str()
            .and_then(|text| text.parse::<u64>().ok())
            .context("no number")
    };
    let genesis = number(&get("/eth/v1/beacon/genesis".into()).await?["data"]["genesis_time"])?;
    let slot_time = number(&get("/eth/v1/config/spec".into()).await?["data"]["SECONDS_PER_SLOT"])?;
    let slot = (quantity(&block, "timestamp")? - genesis) / slot_time;

    let all = get(format!("/eth/v1/beacon/blobs/{slot}")).await?;
    ensure!(
        all["data"] == json!(blobs),
        "the blobs are not those that were sent"
    );
    let one = get(format!(
        "/eth/v1/beacon/blobs/{slot}?versioned_hashes={}",
        hashes[1]
    ))
    .await?;
    ensure!(one["data"] == json!([blobs[1]]), "one blob was asked for");
    let sidecars = get(format!("/eth/v1/beacon/blob_sidecars/{slot}")).await?;
    for (index, blob) in blobs.iter().enumerate() {
        let sidecar = &sidecars["data"][index];
        ensure!(
            sidecar["index"] == json!(index.to_string()) && sidecar["blob"] == json!(blob),
            "sidecar {index}"
        );
        let commitment = hex::decode(sidecar["kzg_commitment"].as_str().unwrap_or_default())?;
        let hash = alloy_eips::eip4844::kzg_to_versioned_hash(&commitment);
        ensure!(
            hash == hashes[index],
            "sidecar {index} has another commitment"
        );
        ensure!(
            sidecar["kzg_proof"]
                .as_str()
                .is_some_and(|proof| proof.len() == 98),
            "sidecar {index} has no proof"
        );
    }
    let absent = reqwest::get(format!("{beacon}/eth/v1/beacon/blobs/{}", slot + 1_000)).await?;
    ensure!(absent.status() == 404);
    Ok(())
}

/// A node whose batcher posts calldata: the blobs are the story's own.
async fn alone(arguments: &[&str]) -> Result<Node> {
    NodeOptions::new()?
        .with(["--da", "calldata"])
        .with(arguments.iter().copied())
        .start()
        .await
}

#[tokio::test]
async fn blobs_are_served_at_both_beacon_paths() -> Result<()> {
    tell(&alone(&[]).await?, false).await
}

#[tokio::test]
async fn blobs_with_cell_proofs_are_served_alike() -> Result<()> {
    tell(&alone(&["--l1-fork", "osaka"]).await?, true).await
}
