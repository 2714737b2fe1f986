//! The chain as a rollup: deposits and settings come from the L1, batches go to it, and nothing else is needed to rebuild it.

use alloy_primitives::{Address, U256};
use anyhow::{Result, ensure};
use openledger_e2e::{
    Account, Anvil, Bridge, Deposit, IL1Contracts, Node, NodeOptions, deposit_call, deposited,
    quantity, transfer_call, until,
};
use serde_json::json;

const RECIPIENT: Address = Address::repeat_byte(0xd1);

/// Users' transactions, a deposit that succeeds, one that fails, and changes of every fee setting.
async fn busy(node: &Node) -> Result<()> {
    let bridge = Bridge::of(node).await?;
    let (alice, bob) = (Account::development(0)?, Account::development(1)?);
    let chain_id = node.deployment.l2.chain_id;
    for (nonce, call) in [
        deposit_call(1_000),
        transfer_call(bob.address, 10),
        // More than there is: included, and failed.
        transfer_call(bob.address, u64::MAX),
    ]
    .into_iter()
    .enumerate()
    {
        let (_, raw) = alice.sign(chain_id, nonce as u64, call)?;
        node.l2
            .call("eth_sendRawTransactionSync", json!([raw]))
            .await?;
    }
    bridge.approve(&bob).await?;
    bridge
        .mined(bridge.deposit(&bob, Deposit::pay(RECIPIENT, 7)).await?)
        .await?;
    let poor = Deposit {
        value: U256::from(1_000_000_000_000_000_000_000_000_u128),
        ..Deposit::pay(RECIPIENT, 5)
    };
    bridge.mined(bridge.deposit(&bob, poor).await?).await?;
    let changes = [
        bridge
            .configure(IL1Contracts::setGasLimitCall {
                gasLimit: 45_000_000,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setGasConfigEcotoneCall {
                basefeeScalar: 5_000,
                blobbasefeeScalar: 900_000,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setOperatorFeeScalarsCall {
                operatorFeeScalar: 1,
                operatorFeeConstant: 3,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setEIP1559ParamsCall {
                denominator: 100,
                elasticity: 4,
            })
            .await?,
    ];
    for change in changes {
        bridge.mined(change).await?;
    }
    // The first deposit pays; the second only mints, to its sender.
    deposited(&node.l2, RECIPIENT, U256::ZERO).await?;
    until("the new gas limit", async || {
        let block = node.l2.block("latest").await?;
        Ok((quantity(&block, "gasLimit")? == 45_000_000).then_some(()))
    })
    .await
}

async fn rebuilds(node: &Node) -> Result<()> {
    busy(node).await?;
    node.rebuilds().await.map(drop)
}

#[tokio::test]
async fn a_verifier_with_nothing_but_the_l1_arrives_at_the_same_hashes_from_blobs() -> Result<()> {
    let node = NodeOptions::new()?.with(["--da", "blobs"]).start().await?;
    rebuilds(&node).await
}

#[tokio::test]
async fn a_verifier_with_nothing_but_the_l1_arrives_at_the_same_hashes_from_calldata() -> Result<()>
{
    let node = NodeOptions::new()?
        .with(["--da", "calldata", "--fork", "isthmus"])
        .start()
        .await?;
    rebuilds(&node).await
}

#[tokio::test]
async fn the_same_on_an_l1_of_somebody_elses() -> Result<()> {
    let anvil = Anvil::start().await?;
    let node = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .start()
        .await?;
    rebuilds(&node).await
}

#[tokio::test]
async fn what_is_on_the_l1_is_safe_again_after_kill_9_and_every_block_stays() -> Result<()> {
    let mut node = NodeOptions::new()?.start().await?;
    busy(&node).await?;
    let number = node.safe(node.l2.height().await?).await?;
    let before = node.l2.block(number).await?;
    node.kill9();
    node.restart().await?;
    let after = node.l2.block(number).await?;
    ensure!(before["hash"] == after["hash"], "{before} and {after}");
    node.l2.reach(node.l2.height().await? + 2).await?;
    node.rebuilds().await.map(drop)
}
