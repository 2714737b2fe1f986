//! The chain as a rollup: deposits and settings come from the L1, batches go to it, and nothing else is needed to rebuild it.

use anyhow::{Result, ensure};
use openledger_e2e::{Anvil, Bridge, NodeOptions, life};

/// A whole life, part of it posted in blobs and part in calldata, and all of it rebuilt.
async fn rebuilds(options: NodeOptions) -> Result<()> {
    let mut node = options.clone().with(["--da", "blobs"]).start().await?;
    life::live(&node, 45_000_000).await?;
    node.safe(node.l2.height().await?).await?;
    let exit = node.terminate().await?;
    ensure!(exit.code == Some(0), "{exit:?}");
    let node = options.with(["--da", "calldata"]).start().await?;
    life::live(&node, 50_000_000).await?;
    life::rotate_batcher(&node).await?;
    let safe = node.rebuilds().await?;
    life::lived(&node, safe).await?;
    let posted = Bridge::of(&node).await?.posted().await?;
    ensure!(posted.blobs > 0 && posted.calldata > 0, "{posted:?}");
    Ok(())
}

#[tokio::test]
async fn a_verifier_with_nothing_but_the_l1_arrives_at_the_same_hashes() -> Result<()> {
    rebuilds(NodeOptions::new()?.with(["--l1-block-time", "1"])).await
}

#[tokio::test]
async fn so_it_does_under_the_rules_of_isthmus() -> Result<()> {
    rebuilds(NodeOptions::new()?.with(["--l1-block-time", "1", "--fork", "isthmus"])).await
}

#[tokio::test]
async fn so_it_does_on_an_l1_of_somebody_elses() -> Result<()> {
    let anvil = Anvil::start().await?;
    rebuilds(NodeOptions::new()?.with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])).await
}

#[tokio::test]
async fn what_is_on_the_l1_is_safe_again_after_kill_9_and_every_block_stays() -> Result<()> {
    let mut node = NodeOptions::new()?.start().await?;
    life::live(&node, 45_000_000).await?;
    let number = node.safe(node.l2.height().await?).await?;
    let before = node.l2.block(number).await?;
    node.kill9();
    node.restart().await?;
    let after = node.l2.block(number).await?;
    ensure!(before["hash"] == after["hash"], "{before} and {after}");
    node.l2.reach(node.l2.height().await? + 2).await?;
    node.rebuilds().await.map(drop)
}
