//! The process ends between any two steps of the batcher and of derivation, and goes on afterwards as if it had not.
//!
//! `batcher-journal-pruned` is not among the points: it takes a journal of more than one file, and is what reopening one from
//! which a file is gone tests in the batcher itself.

use anyhow::{Context, Result, ensure};
use openledger_e2e::{Anvil, Bridge, Exit, Load, NodeOptions, Process, Verifier};
use rustix::process::Signal;
use serde_json::json;
use std::os::unix::process::ExitStatusExt;

/// Passed whenever a channel goes to the L1 and is derived from it.
const BATCHER: [&str; 7] = [
    "batcher-channel-closed",
    "batcher-channel-compressed",
    "batcher-journal-torn",
    "batcher-channel-journalled",
    "batcher-tx-journalled",
    "batcher-tx-sent",
    "batcher-tx-included",
];
/// Passed when the L1 takes a batch's blocks back.
const REWIND: [&str; 2] = ["batcher-rewind", "batcher-rewound"];
const DERIVATION: [&str; 5] = [
    "derive-l1-block",
    "derive-inbox",
    "derive-checkpoint",
    "derive-before-apply",
    "derive-after-apply",
];
/// Which passes end the process: the first one, or one in the middle of things. With `OPENLEDGER_EVERY_PASS` each point has both.
const PASSES: [u32; 2] = [1, 3];

fn lives<'a>(points: impl IntoIterator<Item = &'a &'static str>) -> Vec<(&'static str, u32)> {
    let every = std::env::var_os("OPENLEDGER_EVERY_PASS").is_some();
    let passes = |(index, point): (usize, &&'static str)| {
        let point = *point;
        let chosen = PASSES.into_iter().enumerate();
        chosen
            .filter(move |(pass, _)| every || *pass == index % PASSES.len())
            .map(move |(_, pass)| (point, pass))
    };
    points.into_iter().enumerate().flat_map(passes).collect()
}

const VARIABLE: &str = "OPENLEDGER_CRASH_AT";

/// Waits until the process has ended itself at the point.
async fn crashed(process: &mut Process, point: &str) -> Result<()> {
    let status = process
        .end()
        .await
        .with_context(|| format!("{point} was not passed"))?;
    ensure!(
        status.signal() == Some(Signal::ABORT.as_raw()),
        "{point}: {status}, {}",
        process.stderr()
    );
    Ok(())
}

#[tokio::test]
async fn killed_between_any_two_steps_the_node_leaves_no_gap_and_posts_nothing_twice() -> Result<()>
{
    let anvil = Anvil::start().await?;
    let options = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .with(["--max-channel-duration", "1"]);
    let mut node = options.start().await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 21)?;
    for (point, pass) in lives(BATCHER.iter().chain(&DERIVATION)) {
        node.kill9();
        let life = options.clone().env(VARIABLE, &format!("{point}:{pass}"));
        match life.try_start().await? {
            Ok(mut doomed) => {
                let working = load.start(&doomed.l2);
                crashed(&mut doomed.process, point).await?;
                load.end(working).await?;
            }
            Err(Exit { code, stderr, .. }) => {
                ensure!(
                    code.is_none(),
                    "{point}:{pass} ended with {code:?}: {stderr}"
                );
            }
        }
        node = options.start().await?;
    }
    let ledger = load.settle(&node.l2).await?;
    let safe = node.rebuilds().await?;
    let posted = Bridge::of(&node).await?.posted().await?;
    println!(
        "{} transactions acknowledged, {safe} blocks, {posted:?}",
        ledger.len()
    );
    Ok(())
}

#[tokio::test]
async fn killed_while_it_rewinds_the_batcher_posts_the_blocks_that_there_are_now() -> Result<()> {
    let anvil = Anvil::start().await?;
    let options = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .with(["--max-channel-duration", "1"]);
    let mut node = options.start().await?;
    let founded = anvil.rpc.height().await?;
    for point in REWIND {
        node.kill9();
        let life = options.clone().env(VARIABLE, point);
        let mut doomed = life
            .try_start()
            .await?
            .map_err(|exit| anyhow::anyhow!("{point} before anything was taken back: {exit:?}"))?;
        // Blocks with origins that the L1 has now are encoded.
        doomed.safe(doomed.l2.height().await? + 3).await?;
        let height = anvil.rpc.height().await?;
        let depth = (height - founded).min(5);
        anvil.rpc.call("anvil_reorg", json!([depth, []])).await?;
        crashed(&mut doomed.process, point).await?;
        node = options.start().await?;
        // The next life must have nothing to take up but what it is told to.
        node.rebuilds().await?;
    }
    Bridge::of(&node).await?.posted().await.map(drop)
}

#[tokio::test]
async fn a_verifier_that_is_killed_between_any_two_steps_goes_on_to_the_same_hashes() -> Result<()>
{
    let node = NodeOptions::new()?
        .with(["--l1-block-time", "1", "--max-channel-duration", "1"])
        .start()
        .await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 22)?;
    let working = load.start(&node.l2);
    node.l2.reach(6).await?;
    load.end(working).await?;
    let safe = node.safe(node.l2.height().await?).await?;
    for (point, pass) in lives(&DERIVATION) {
        let mut verifier = Verifier::of(&node)?;
        verifier.set(VARIABLE, Some(&format!("{point}:{pass}")));
        let mut process = verifier.spawn(Some(safe), Some(node.l2.url()))?;
        crashed(&mut process, point).await?;
        verifier.set(VARIABLE, None);
        let found = verifier.run(Some(safe), Some(node.l2.url())).await?;
        ensure!(
            found["hash"] == node.l2.block(safe).await?["hash"],
            "{point}: {found}"
        );
    }
    Ok(())
}
