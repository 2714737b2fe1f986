//! Stopping and starting again.

use anyhow::{Result, ensure};
use openledger_e2e::{Load, Node, Rpc, quantity, until};
use rustix::process::Signal;
use std::time::{SystemTime, UNIX_EPOCH};

fn wall_clock() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// Time passes while no node runs.
async fn away_until(time: u64) -> Result<()> {
    until("the clock", async || {
        Ok((wall_clock()? >= time).then_some(()))
    })
    .await
}

async fn timestamp(rpc: &Rpc, number: u64) -> Result<u64> {
    quantity(&rpc.block(number).await?, "timestamp")
}

/// Every block is one second after the one before, from genesis on.
async fn no_gap(rpc: &Rpc) -> Result<()> {
    let genesis = timestamp(rpc, 0).await?;
    for number in 1..=rpc.height().await? {
        let found = timestamp(rpc, number).await?;
        ensure!(
            found == genesis + number,
            "block {number} is {} s after genesis",
            found - genesis
        );
    }
    Ok(())
}

/// A node that was stopped under load, and has been away for some seconds.
async fn stopped_under_load() -> Result<(Node, Load)> {
    let mut node = Node::start().await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 3)?;
    let working = load.start(&node.l2);
    node.l2.reach(2).await?;
    node.process.signal(Signal::TERM)?;
    load.end(working).await?;
    let status = node.process.end().await?;
    ensure!(status.success(), "{status}: {}", node.process.stderr());
    away_until(wall_clock()? + 4).await?;
    Ok((node, load))
}

async fn settle(node: &Node, load: &mut Load) -> Result<()> {
    let accounts = load.accounts();
    let mut ledger = std::mem::take(&mut *load.ledger.lock());
    ensure!(ledger.receipts() > 0);
    ledger.settle(&node.l2, &accounts).await
}

#[tokio::test]
async fn a_stopped_node_resumes_its_clock_and_says_so() -> Result<()> {
    let (mut node, mut load) = stopped_under_load().await?;
    node.restart().await?;
    let resumed = node.l2.height().await?;
    let working = load.start(&node.l2);
    node.l2.reach(resumed + 2).await?;
    load.end(working).await?;
    settle(&node, &mut load).await?;
    no_gap(&node.l2).await?;
    let banner = node.process.stdout();
    ensure!(
        banner.contains("behind the wall clock") && banner.contains("--catch-up"),
        "{banner}"
    );
    let age = wall_clock()? - timestamp(&node.l2, node.l2.height().await?).await?;
    ensure!(
        age >= 3,
        "the chain's clock was not resumed: the head is {age} s old"
    );
    let (status, ready) = node.api("/readyz").await?;
    ensure!(status == 200, "{ready}");
    Ok(())
}

#[tokio::test]
async fn catch_up_fills_the_slots_that_passed() -> Result<()> {
    let (node, mut load) = stopped_under_load().await?;
    let node = node.options().clone().with(["--catch-up"]).start().await?;
    let now = wall_clock()?;
    until("the head of today", async || {
        let head = timestamp(&node.l2, node.l2.height().await?).await?;
        Ok((head + 1 >= now).then_some(()))
    })
    .await?;
    no_gap(&node.l2).await?;
    let banner = node.process.stdout();
    ensure!(!banner.contains("behind the wall clock"), "{banner}");
    let working = load.start(&node.l2);
    node.l2.reach(node.l2.height().await? + 2).await?;
    load.end(working).await?;
    settle(&node, &mut load).await?;
    no_gap(&node.l2).await
}

#[tokio::test]
async fn a_second_node_on_the_same_data_directory_is_refused_and_the_first_goes_on() -> Result<()> {
    let mut node = Node::start().await?;
    let sentence = node.options().refused().await?;
    ensure!(
        sentence.contains("in use by another process; stop that node first"),
        "{sentence}"
    );
    node.l2.reach(node.l2.height().await? + 1).await?;
    let exit = node.terminate().await?;
    ensure!(exit.code == Some(0), "{exit:?}");
    Ok(())
}

#[tokio::test]
async fn ctrl_c_ends_it_like_sigterm() -> Result<()> {
    let mut node = Node::start().await?;
    node.l2.reach(1).await?;
    node.process.signal(Signal::INT)?;
    let status = node.process.end().await?;
    ensure!(status.success(), "{status}: {}", node.process.stderr());
    Ok(())
}
