//! Output roots on the L1: those that nobody derived are rejected, and those of the proposer survive whatever happens to it.

use alloy_primitives::{Address, B256, U256, hex};
use alloy_sol_types::SolError;
use anyhow::{Context, Result, ensure};
use openledger_e2e::{
    Account, Anvil, Bridge, CHALLENGER, CHALLENGER_WINS, DEFENDER_WINS, Exit, Forgery, IExit, Node,
    NodeOptions, OnChainGame, PROPOSER, Verifier, hash_of, revert_of, until, waiting,
};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::os::unix::process::ExitStatusExt;

/// Time that a withdrawal takes.
const DELAY: &str = "4s";

/// Waits until the challenger has a transaction in the pool of an L1 that mines nothing: it has noticed within the block.
async fn noticed(anvil: &Anvil) -> Result<()> {
    let challenger = Account::development(CHALLENGER)?.address;
    until("the challenger's transaction", async || {
        Ok((waiting(&anvil.rpc, challenger).await? > 0).then_some(()))
    })
    .await
}

/// A block that is a second later than the one before: told to mine, anvil makes several at one time.
async fn mine(anvil: &Anvil) -> Result<()> {
    anvil.rpc.call("evm_increaseTime", json!([1])).await?;
    anvil.rpc.call("evm_mine", json!([])).await?;
    Ok(())
}

/// A chain on anvil that nobody proposes for, with something safe. A game's clock is `delay` / 2.
async fn unproposed(anvil: &Anvil, delay: &str) -> Result<Node> {
    let node = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .with(["--max-channel-duration", "1", "--withdrawal-delay", delay])
        .with(["--proposals", "none"])
        .start()
        .await?;
    node.safe(3).await?;
    Ok(node)
}

async fn last_game(bridge: &Bridge) -> Result<OnChainGame> {
    bridge.games().await?.pop().context("there is no game")
}

/// What the watcher of a node says of wrong claims.
async fn wrong_games(node: &Node) -> Result<Vec<Address>> {
    let (_, ready) = node.api("/readyz").await?;
    let wrong: Vec<Address> = serde_json::from_value(ready["watcher"]["wrong"].clone())?;
    let alarms = ready["alarms"].as_array().context("no alarms")?;
    ensure!(alarms.len() == wrong.len(), "{ready}");
    Ok(wrong)
}

#[tokio::test]
async fn a_wrong_root_is_challenged_before_the_next_block_and_nothing_leaves_through_it()
-> Result<()> {
    let anvil = Anvil::start().await?;
    let node = unproposed(&anvil, "1h").await?;
    let bridge = Bridge::of(&node).await?;
    let portal = bridge.contract("OptimismPortal")?;
    let thief = Account::development(5)?;
    let locked = bridge.view(portal, IExit::lockedBalanceCall {}).await?;
    let forgery = Forgery::of(thief.address, locked);

    anvil.mine_every(0).await?;
    let claimed = bridge.claim(forgery.root(), 2).await?;
    mine(&anvil).await?;
    bridge.mined(claimed).await?;
    let game = last_game(&bridge).await?;
    ensure!(game.root == forgery.root(), "{game:?}");
    noticed(&anvil).await?;
    ensure!(wrong_games(&node).await? == [game.address], "no alarm");
    // The thief proves in the challenge's own block, and before it.
    let proven = bridge.send_first(&thief, portal, forgery.prove(0)).await?;
    mine(&anvil).await?;
    bridge.mined(proven).await?;
    let rejected = last_game(&bridge).await?;
    ensure!(rejected.status == CHALLENGER_WINS, "{rejected:?}");

    // However long it waits.
    anvil.rpc.call("evm_increaseTime", json!([100_000])).await?;
    mine(&anvil).await?;
    let reason = revert_of(&anvil.rpc, thief.address, portal, &forgery.finalize()).await?;
    ensure!(
        reason[..] == IExit::OptimismPortal_InvalidRootClaim::SELECTOR,
        "{reason}"
    );
    let reason = revert_of(&anvil.rpc, thief.address, portal, &forgery.prove(0)).await?;
    ensure!(
        reason[..] == IExit::OptimismPortal_InvalidDisputeGame::SELECTOR,
        "{reason}"
    );
    // The challenger takes the bond; the anchor stays.
    anvil.mine_every(1).await?;
    let credit = IExit::creditCall {
        recipient: Account::development(CHALLENGER)?.address,
    };
    until("the bond is taken", async || {
        let left: U256 = bridge.view(game.address, credit.clone()).await?;
        Ok(left.is_zero().then_some(()))
    })
    .await?;
    let registry = bridge.contract("AnchorStateRegistry")?;
    let anchor = bridge.view(registry, IExit::getAnchorRootCall {}).await?;
    ensure!(anchor.l2SequenceNumber.is_zero(), "{}", anchor.root);
    ensure!(wrong_games(&node).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_verifier_with_the_key_rejects_what_the_l1_did_not_determine() -> Result<()> {
    let anvil = Anvil::start().await?;
    let mut node = unproposed(&anvil, "1h").await?;
    let bridge = Bridge::of(&node).await?;
    let sound = node
        .l2
        .call("optimism_outputAtBlock", json!(["0x2"]))
        .await?;
    node.kill9();
    let key = hex::encode_prefixed(Account::development(CHALLENGER)?.signer.to_bytes());
    let mut verifier = Verifier::of(&node)?;
    verifier.set("OPENLEDGER_CHALLENGER_KEY", Some(&key));
    let mut watcher = verifier.watch()?;

    // A right root, a right root of another block, and one of a block that there is not.
    let root = hash_of(&sound, "outputRoot")?;
    for (root, number) in [(root, 2), (root, 3), (B256::repeat_byte(7), 1_000_000)] {
        bridge.mined(bridge.claim(root, number).await?).await?;
    }
    until("both wrong claims are rejected", async || {
        let games = bridge.games().await?;
        let rejected: Vec<u64> = games
            .iter()
            .filter(|game| game.status == CHALLENGER_WINS)
            .map(|game| game.number)
            .collect();
        ensure!(!rejected.contains(&2), "a right claim was rejected");
        Ok((rejected == [3, 1_000_000]).then_some(()))
    })
    .await?;
    watcher.signal(Signal::TERM)?;
    let status = watcher.end().await?;
    ensure!(status.success(), "{status}: {}", watcher.stderr());
    let line: Value = serde_json::from_str(&watcher.stdout())?;
    ensure!(line["number"].as_u64() >= Some(3), "{line}");
    let log = watcher.stderr();
    let alarms = log.matches("a wrong output root is proposed").count();
    ensure!(alarms == 2, "{alarms} alarms: {log}");
    ensure!(
        !log.contains(key.trim_start_matches("0x")),
        "the key is in the log"
    );
    Ok(())
}

/// Points at which the proposer is killed.
const PROPOSER_POINTS: [&str; 3] = [
    "proposer-tx-planned",
    "proposer-tx-sent",
    "proposer-tx-included",
];

/// Passes of a point that end the process: proposals, resolutions and claims are behind different ones.
const PASSES: [u32; 4] = [1, 2, 3, 5];

#[tokio::test]
async fn killed_between_any_two_steps_the_proposer_claims_nothing_twice_and_gets_every_bond_back()
-> Result<()> {
    let anvil = Anvil::start().await?;
    let options = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .with(["--max-channel-duration", "1", "--withdrawal-delay", DELAY])
        .with(["--proposals", "safe", "--proposal-interval", "2s"]);
    let mut node = options.start().await?;
    let bridge = Bridge::of(&node).await?;
    for (index, point) in PROPOSER_POINTS.iter().enumerate() {
        for pass in PASSES.iter().skip(index % 2).step_by(2) {
            node.kill9();
            let life = options
                .clone()
                .env("OPENLEDGER_CRASH_AT", &format!("{point}:{pass}"));
            match life.try_start().await? {
                Ok(mut doomed) => {
                    let status = doomed.process.end().await?;
                    ensure!(
                        status.signal() == Some(Signal::ABORT.as_raw()),
                        "{point}:{pass}: {status}, {}",
                        doomed.process.stderr()
                    );
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
    }
    let games = bridge.games().await?;
    ensure!(games.len() >= 3, "{games:?}");
    ensure!(
        games.windows(2).all(|two| two[0].number < two[1].number),
        "a block was claimed twice, or after a later one: {games:?}"
    );
    for game in &games {
        let at = json!([format!("{:#x}", game.number)]);
        let output = node.l2.call("optimism_outputAtBlock", at).await?;
        ensure!(hash_of(&output, "outputRoot")? == game.root, "{game:?}");
    }
    // All of them come to their end.
    let credit = IExit::creditCall {
        recipient: Account::development(PROPOSER)?.address,
    };
    for game in &games {
        until("a game's end", async || {
            let status = bridge.view(game.address, IExit::statusCall {}).await?;
            let left: U256 = bridge.view(game.address, credit.clone()).await?;
            Ok((status == DEFENDER_WINS && left.is_zero()).then_some(()))
        })
        .await?;
    }
    let registry = bridge.contract("AnchorStateRegistry")?;
    let anchor = bridge.view(registry, IExit::getAnchorRootCall {}).await?;
    let newest = games.last().map_or(0, |game| game.number);
    ensure!(
        anchor.l2SequenceNumber >= U256::from(newest),
        "the anchor stands still at {}",
        anchor.l2SequenceNumber
    );
    Ok(())
}
