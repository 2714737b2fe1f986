//! The rollup before the judge (`judge/`): an implementation by others reads our L1 and arrives at our blocks.
//!
//! Isthmus, on an L1 by Prague's rules, and no configuration update of types 6 and 7: the judge's kona knows nothing later.

use anyhow::{Context, Result, ensure};
use openledger_e2e::{Anvil, Bridge, Node, NodeOptions, Posted, Process, judge_binary, life};
use serde::Deserialize;
use std::process::Command;

/// What the judge prints.
#[derive(Debug, Deserialize)]
struct Verdict {
    blocks: u64,
    from: u64,
    to: u64,
    transactions: u64,
    equal: bool,
}

/// Has the chain judged up to a safe height.
async fn judge(node: &Node, safe: u64) -> Result<Posted> {
    let beacon = node.deployment.l1.beacon.as_deref();
    let mut command = Command::new(judge_binary()?);
    command
        .arg("derive")
        .args(["--l1-rpc", node.l1.url()])
        .args(["--l1-beacon", beacon.context("no beacon endpoint")?])
        .arg("--rollup")
        .arg(node.datadir().join("rollup.json"))
        .args(["--l2-rpc", node.l2.url()])
        .args(["--to-block", &safe.to_string()]);
    let mut process = Process::spawn("the judge", &mut command)?;
    let status = process.end().await?;
    let (stdout, stderr) = (process.stdout(), process.stderr());
    // 1 is a verdict as well, and says where the difference is.
    let verdict: Verdict = serde_json::from_str(&stdout)
        .with_context(|| format!("the judge ended with {status}: {stdout}{stderr}"))?;
    ensure!(status.success() && verdict.equal, "{stdout}{stderr}");
    ensure!(
        (verdict.blocks, verdict.from, verdict.to) == (safe, 1, safe),
        "{verdict:?} for blocks 1 to {safe}"
    );
    let transactions = life::lived(node, safe).await?;
    let posted = Bridge::of(node).await?.posted().await?;
    println!("{stdout}{posted:?}");
    ensure!(
        verdict.transactions == transactions,
        "{verdict:?} for {transactions} transactions"
    );
    Ok(posted)
}

#[tokio::test]
async fn kona_derives_the_same_blocks_from_blobs_and_then_calldata() -> Result<()> {
    let options = NodeOptions::new()?.with(["--fork", "isthmus", "--l1-block-time", "1"]);
    let mut node = options.clone().with(["--da", "blobs"]).start().await?;
    life::live(&node, 45_000_000).await?;
    let exit = node.terminate().await?;
    ensure!(exit.code == Some(0), "{exit:?}");
    let node = options.with(["--da", "calldata"]).start().await?;
    life::live(&node, 50_000_000).await?;
    let safe = life::rotate_batcher(&node).await?;
    let posted = judge(&node, safe).await?;
    ensure!(posted.calldata > 0 && posted.blobs > 0, "{posted:?}");
    Ok(())
}

#[tokio::test]
async fn kona_derives_the_same_blocks_on_an_l1_of_somebody_elses() -> Result<()> {
    let anvil = Anvil::at_fork("prague").await?;
    let node = NodeOptions::new()?
        .with(["--fork", "isthmus", "--l1-rpc", anvil.url()])
        .with(["--l1-block-time", "1"])
        .start()
        .await?;
    life::live(&node, 45_000_000).await?;
    let safe = life::rotate_batcher(&node).await?;
    judge(&node, safe).await.map(drop)
}
