//! The way in and out, through the wire, with viem as it is.

use anyhow::Result;
use openledger_e2e::{Bridge, IL1Contracts, NodeOptions, tell_with};

/// Everything as fast as the contracts allow.
const HASTE: [&str; 8] = [
    "--l1-block-time",
    "1",
    "--l1-slots-in-epoch",
    "1",
    "--withdrawal-delay",
    "4s",
    "--proposal-interval",
    "2s",
];

async fn viem_leaves(token: &str) -> Result<()> {
    let node = NodeOptions::new()?
        .with(HASTE)
        .with(["--token", token])
        .start()
        .await?;
    let bridge = Bridge::of(&node).await?;
    // So that the total fee has all its parts.
    let fee = IL1Contracts::setOperatorFeeScalarsCall {
        operatorFeeScalar: 3,
        operatorFeeConstant: 1_000_000,
    };
    bridge.mined(bridge.configure(fee).await?).await?;
    let contracts = bridge.contracts().to_string();
    tell_with(
        &node,
        "node",
        &["withdrawals.mjs"],
        &[("L1_CONTRACTS", &contracts)],
    )
    .await
}

#[tokio::test]
async fn viem_goes_in_and_out_with_open_and_tokens() -> Result<()> {
    viem_leaves("new").await
}

#[tokio::test]
async fn viem_goes_in_and_out_with_ether_and_tokens() -> Result<()> {
    viem_leaves("none").await
}
