//! The operator's port: the sequencer and the batcher are stopped and started, and nothing is lost.

use anyhow::{Context, Result, ensure};
use openledger_e2e::{Account, Bridge, Call, Load, Node, NodeOptions, Rpc, hash_of, until};
use serde_json::{Value, json};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn with_admin() -> Result<NodeOptions> {
    Ok(NodeOptions::new()?.with(["--admin-port", "0", "--l1-block-time", "1"]))
}

async fn refused(rpc: &Rpc, method: &str, params: Value) -> Result<(i64, String)> {
    match rpc.call(method, params).await {
        Ok(result) => anyhow::bail!("{method} answered {result}"),
        Err(error) => error.refusal(),
    }
}

async fn says(rpc: &Rpc, method: &str, params: Value, words: &str) -> Result<()> {
    let (code, sentence) = refused(rpc, method, params).await?;
    ensure!(
        code == -32000 && sentence.contains(words),
        "{method}: {sentence} (code {code})"
    );
    Ok(())
}

async fn safe_height(node: &Node) -> Result<u64> {
    let status: Value = node.l2.get("optimism_syncStatus", json!([])).await?;
    status["safe_l2"]["number"]
        .as_u64()
        .context("no safe block")
}

/// The batcher is stopped, and what it had under way has arrived: the safe height.
async fn batcher_at_rest(node: &Node) -> Result<u64> {
    until("everything under way has arrived", async || {
        let (_, ready) = node.api("/readyz").await?;
        let batcher = &ready["batcher"];
        let safe = safe_height(node).await?;
        let rests = batcher["inFlight"] == 0 && batcher["postedNumber"] == safe;
        Ok(rests.then_some(safe))
    })
    .await
}

#[tokio::test]
async fn the_sequencer_is_stopped_under_load_and_started_and_nothing_acknowledged_is_lost()
-> Result<()> {
    let node = with_admin()?.start().await?;
    let admin = node.admin().await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 5)?;
    let working = load.start(&node.l2);
    node.l2.reach(2).await?;
    let stopped = admin.call("admin_stopSequencer", json!([])).await?;
    ensure!(admin.call("admin_sequencerActive", json!([])).await? == false);
    says(
        &admin,
        "admin_stopSequencer",
        json!([]),
        "sequencer not running",
    )
    .await?;
    let head = node.l2.block("latest").await?;
    ensure!(head["hash"] == stopped, "{stopped} was stopped at {head}");
    let height = node.l2.height().await?;
    // Users go on sending, and are answered.
    let promised = load.ledger.lock().len();
    until("users are answered", async || {
        Ok((load.ledger.lock().len() > promised).then_some(()))
    })
    .await?;
    load.end(working).await?;
    let mut ledger = std::mem::take(&mut *load.ledger.lock());
    ledger.check(&node.l2).await?;
    *load.ledger.lock() = ledger;

    // What was made is posted and derived, and no block is made meanwhile.
    node.safe(height).await?;
    let l1 = node.l1.height().await?;
    node.l1.reach(l1 + 3).await?;
    ensure!(safe_height(&node).await? == height && node.l2.height().await? == height);
    ensure!(node.l2.block("latest").await?["hash"] == stopped);

    let wrong = hash_of(&head, "parentHash")?;
    says(
        &admin,
        "admin_startSequencer",
        json!([wrong]),
        "block hash does not match",
    )
    .await?;
    ensure!(admin.call("admin_sequencerActive", json!([])).await? == false);
    admin.call("admin_startSequencer", json!([stopped])).await?;
    ensure!(admin.call("admin_sequencerActive", json!([])).await? == true);
    says(
        &admin,
        "admin_startSequencer",
        json!([stopped]),
        "sequencer already running",
    )
    .await?;
    node.l2.reach(height + 2).await?;
    let working = load.start(&node.l2);
    node.l2.reach(node.l2.height().await? + 1).await?;
    load.end(working).await?;
    let ledger = load.settle(&node.l2).await?;
    ensure!(ledger.receipts() > 0 && ledger.len() > ledger.receipts());
    node.rebuilds().await.map(drop)
}

#[tokio::test]
async fn while_the_batcher_is_stopped_the_safe_head_stands_still_and_then_it_catches_up()
-> Result<()> {
    let mut node = with_admin()?.start().await?;
    let admin = node.admin().await?;
    node.safe(1).await?;
    says(
        &admin,
        "admin_startBatcher",
        json!([]),
        "batcher is already running",
    )
    .await?;
    admin.call("admin_stopBatcher", json!([])).await?;
    for method in ["admin_stopBatcher", "admin_flushBatcher"] {
        says(&admin, method, json!([]), "batcher is not running").await?;
    }
    let safe = batcher_at_rest(&node).await?;
    // Far more L1 blocks than a channel is open for.
    node.l1.reach(node.l1.height().await? + 8).await?;
    node.l2.reach(safe + 8).await?;
    ensure!(safe_height(&node).await? == safe);
    admin.call("admin_startBatcher", json!([])).await?;
    node.safe(node.l2.height().await?).await?;

    // A stop is over with the process.
    admin.call("admin_stopBatcher", json!([])).await?;
    admin.call("admin_stopSequencer", json!([])).await?;
    let exit = node.terminate().await?;
    ensure!(exit.code == Some(0), "{exit:?}");
    node.restart().await?;
    let admin = node.admin().await?;
    ensure!(admin.call("admin_sequencerActive", json!([])).await? == true);
    says(
        &admin,
        "admin_startBatcher",
        json!([]),
        "batcher is already running",
    )
    .await?;
    node.l2.reach(node.l2.height().await? + 1).await?;
    node.rebuilds().await.map(drop)
}

#[tokio::test]
async fn a_flush_posts_what_would_have_waited() -> Result<()> {
    let options = with_admin()?.with(["--max-channel-duration", "1000"]);
    let node = options.start().await?;
    let admin = node.admin().await?;
    node.l2.reach(3).await?;
    node.l1.reach(node.l1.height().await? + 4).await?;
    ensure!(safe_height(&node).await? == 0);
    for _ in 0..2 {
        let height = node.l2.height().await?;
        admin.call("admin_flushBatcher", json!([])).await?;
        // The highest block may not be verified when it is asked.
        node.safe(height - 1).await?;
    }
    ensure!(node.l1.height().await? < 1_000);
    Ok(())
}

#[tokio::test]
async fn in_recover_mode_users_wait_and_the_origins_go_on() -> Result<()> {
    let node = with_admin()?.start().await?;
    let admin = node.admin().await?;
    node.l2.reach(1).await?;
    admin.call("admin_setRecoverMode", json!([true])).await?;
    // The block that was open may still hold transactions.
    let from = node.l2.height().await? + 2;
    node.l2.reach(from).await?;
    let user = Account::development(0)?;
    let call = Call::pay(user.address, 1);
    let (hash, raw) = user.sign(node.deployment.l2.chain_id, 0, call)?;
    node.l2.call("eth_sendRawTransaction", json!([raw])).await?;
    node.l2.reach(from + 4).await?;
    for number in from..=from + 4 {
        let block = node.l2.block(number).await?;
        let transactions = block["transactions"].as_array().context("transactions")?;
        ensure!(transactions.len() == 1, "{block}");
    }
    admin.call("admin_setRecoverMode", json!([false])).await?;
    node.l2.mined(hash).await?;
    node.rebuilds().await.map(drop)
}

#[tokio::test]
async fn derivation_begins_anew_and_arrives_at_the_same_chain() -> Result<()> {
    let node = with_admin()?.start().await?;
    let admin = node.admin().await?;
    let safe = node.safe(3).await?;
    let before = node.l2.block(safe).await?;
    let begun = || node.process.stderr().matches("derivation begins").count();
    let count = begun();
    admin
        .call("admin_resetDerivationPipeline", json!([]))
        .await?;
    until("a new pipeline", async || {
        Ok((begun() > count).then_some(()))
    })
    .await?;
    node.safe(node.l2.height().await?).await?;
    ensure!(node.l2.block(safe).await?["hash"] == before["hash"]);
    node.rebuilds().await.map(drop)
}

#[tokio::test]
async fn the_throttle_is_set_and_reset() -> Result<()> {
    let node = with_admin()?.start().await?;
    let admin = node.admin().await?;
    let throttle = async || -> Result<Value> {
        Ok(admin.call("admin_getThrottleController", json!([])).await?)
    };
    let first = throttle().await?;
    ensure!(
        first["type"] == "linear" && first["intensity"] == 0.0 && first["max_tx_size"] == 0,
        "{first}"
    );
    // What a block takes is known when some have been posted.
    node.safe(1).await?;
    admin.call("admin_stopBatcher", json!([])).await?;
    let limits = json!({"lower_threshold": 1, "upper_threshold": 2});
    admin
        .call("admin_setThrottleController", json!(["linear", limits]))
        .await?;
    until("the limits are at their lowest", async || {
        let now = throttle().await?;
        Ok((now["intensity"] == 1.0 && now["max_tx_size"] == 150).then_some(()))
    })
    .await?;
    says(
        &admin,
        "admin_setThrottleController",
        json!(["linear", {"upper_threshold": 1}]),
        "upper threshold",
    )
    .await?;
    admin
        .call("admin_resetThrottleController", json!([]))
        .await?;
    let reset = throttle().await?;
    for field in [
        "lower_threshold",
        "upper_threshold",
        "intensity",
        "max_block_size",
    ] {
        ensure!(reset[field] == first[field], "{reset} and {first}");
    }
    Ok(())
}

#[tokio::test]
async fn the_proposer_is_stopped_and_goes_on_where_it_was() -> Result<()> {
    let node = with_admin()?
        .with(["--proposals", "safe", "--proposal-interval", "2s"])
        .start()
        .await?;
    let admin = node.admin().await?;
    let proposer = async || -> Result<Value> {
        let (_, ready) = node.api("/readyz").await?;
        Ok(ready["proposer"].clone())
    };
    let proposed = async || -> Result<u64> {
        let number = proposer().await?["proposedNumber"].as_u64();
        number.context("no proposer")
    };
    until("the first proposal", async || {
        Ok((proposed().await? > 0).then_some(()))
    })
    .await?;
    says(&admin, "admin_startProposer", json!([]), "already running").await?;
    admin.call("admin_stopProposer", json!([])).await?;
    says(&admin, "admin_stopProposer", json!([]), "not running").await?;
    until("it says so", async || {
        Ok((proposer().await?["active"] == false).then_some(()))
    })
    .await?;
    // What was under way has arrived by then, and the chain goes on without.
    let bridge = Bridge::of(&node).await?;
    let height = bridge.l1.height().await?;
    bridge.l1.reach(height + 3).await?;
    let games = bridge.games().await?.len();
    bridge.l1.reach(height + 8).await?;
    ensure!(bridge.games().await?.len() == games, "it went on proposing");
    admin.call("admin_startProposer", json!([])).await?;
    until("it goes on", async || {
        Ok((bridge.games().await?.len() > games).then_some(()))
    })
    .await?;

    let without = with_admin()?.with(["--proposals", "none"]).start().await?;
    let admin = without.admin().await?;
    says(
        &admin,
        "admin_stopProposer",
        json!([]),
        "no proposer runs here",
    )
    .await
}

fn token_file(options: &NodeOptions, mode: u32) -> Result<PathBuf> {
    let path = options.datadir().join("token");
    fs::write(&path, format!("{TOKEN}\n"))?;
    fs::set_permissions(&path, Permissions::from_mode(mode))?;
    Ok(path)
}

#[tokio::test]
async fn where_other_machines_may_ask_only_the_token_opens() -> Result<()> {
    let options = with_admin()?.with(["--admin-host", "0.0.0.0"]);
    let sentence = options.refused().await?;
    ensure!(sentence.contains("--admin-token-file"), "{sentence}");
    let path = token_file(&options, 0o644)?;
    let options = options
        .with(["--admin-token-file"])
        .with([path.into_os_string()]);
    let sentence = options.refused().await?;
    ensure!(
        sentence.contains("0644") && sentence.contains("chmod 0600"),
        "{sentence}"
    );
    token_file(&options, 0o600)?;
    let node = options.start().await?;
    let admin = node.admin().await?;
    let active =
        json!({"jsonrpc": "2.0", "id": 1, "method": "admin_sequencerActive", "params": []});
    let (status, text) = admin.post(active.to_string(), None).await?;
    ensure!(status == 401, "{status}: {text}");
    let wrong = admin.with_token(&TOKEN[1..])?;
    let (status, _) = wrong.post(active.to_string(), None).await?;
    ensure!(status == 401);
    let right = admin.with_token(TOKEN)?;
    ensure!(right.call("admin_sequencerActive", json!([])).await? == true);
    let (status, _) = right
        .post(active.to_string(), Some("evil.example.org"))
        .await?;
    ensure!(status == 403);
    ensure!(!node.process.stderr().contains(TOKEN) && !node.process.stdout().contains(TOKEN));
    Ok(())
}

#[tokio::test]
async fn the_public_ports_have_none_of_it() -> Result<()> {
    let node = Node::start().await?;
    node.l2.reach(1).await?;
    ensure!(!node.process.stdout().contains("Admin JSON-RPC"));
    for rpc in [&node.l2, &node.l1] {
        for method in [
            "admin_stopSequencer",
            "admin_sequencerActive",
            "admin_stopBatcher",
        ] {
            let (code, sentence) = refused(rpc, method, json!([])).await?;
            ensure!(
                code == -32601 && sentence.contains(method) && sentence.contains("--admin-port"),
                "{sentence} (code {code})"
            );
        }
    }
    let node = with_admin()?.start().await?;
    let (code, _) = refused(&node.l2, "admin_stopSequencer", json!([])).await?;
    ensure!(code == -32601);
    node.l2.reach(node.l2.height().await? + 1).await?;
    Ok(())
}
