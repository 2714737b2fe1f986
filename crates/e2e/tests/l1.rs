//! A running L1 in place of the embedded one: its blocks, its reorganisations, its outages.

use alloy_primitives::{B256, U256, address, keccak256};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{
    Account, Anvil, Load, Node, NodeOptions, Subscription, WOPEN, deposit_call, hash_of, quantity,
    until,
};
use serde_json::json;

const L1_BLOCK: alloy_primitives::Address = address!("0x4200000000000000000000000000000000000015");

async fn on_anvil() -> Result<(Anvil, Node)> {
    let anvil = Anvil::start().await?;
    let node = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .start()
        .await?;
    Ok((anvil, node))
}

/// A value of the L1Block predeploy in a block's state.
async fn l1_value(node: &Node, signature: &str, number: u64) -> Result<U256> {
    let call = json!({"to": L1_BLOCK, "data": format!("0x{}", alloy_primitives::hex::encode(&keccak256(signature)[..4]))});
    node.l2
        .get("eth_call", json!([call, format!("{number:#x}")]))
        .await
}

async fn origin(node: &Node, number: u64) -> Result<u64> {
    Ok(l1_value(node, "number()", number).await?.to())
}

/// Waits for a sealed block whose origin is at least this L1 block.
async fn follows(node: &Node, l1_number: u64) -> Result<u64> {
    until(
        &format!("an L2 block on L1 block {l1_number}"),
        async || {
            let head = node.l2.height().await?;
            Ok((origin(node, head).await? >= l1_number).then_some(head))
        },
    )
    .await
}

#[tokio::test]
async fn origins_advance_and_tell_the_truth() -> Result<()> {
    let (anvil, node) = on_anvil().await?;
    ensure!(node.deployment.l1.rpc == anvil.url() && node.deployment.l1.chain_id == 900);
    let start = origin(&node, 0).await?.max(anvil.rpc.height().await?);
    let head = follows(&node, start + 2).await?;
    let mut before = None;
    for number in 1..=head {
        let l1_number = origin(&node, number).await?;
        let l1 = anvil.rpc.block(l1_number).await?;
        let expected =
            |field: &str| -> Result<U256> { Ok(serde_json::from_value(l1[field].clone())?) };
        ensure!(
            l1_value(&node, "hash()", number).await? == expected("hash")?,
            "block {number}"
        );
        ensure!(
            l1_value(&node, "timestamp()", number).await? == expected("timestamp")?,
            "block {number}"
        );
        ensure!(
            l1_value(&node, "basefee()", number).await? == expected("baseFeePerGas")?,
            "block {number}"
        );
        // The blob base fee of an L1 without blobs is the least there is.
        ensure!(
            l1_value(&node, "blobBaseFee()", number).await? == U256::ONE,
            "block {number}"
        );
        let block = node.l2.block(number).await?;
        ensure!(
            quantity(&block, "timestamp")? >= quantity(&l1, "timestamp")?,
            "block {number} is older than its origin"
        );
        ensure!(
            hash_of(&block, "mixHash")? == hash_of(&l1, "mixHash")?,
            "block {number}"
        );
        let sequence = l1_value(&node, "sequenceNumber()", number).await?;
        match before {
            Some((origin, at)) if origin == l1_number => {
                ensure!(sequence == at + U256::ONE, "block {number}")
            }
            Some((origin, _)) => ensure!(
                l1_number == origin + 1 && sequence.is_zero(),
                "block {number}"
            ),
            None => {}
        }
        before = Some((l1_number, sequence));
    }
    Ok(())
}

#[tokio::test]
async fn when_the_l1_takes_an_origin_back_users_are_told_and_their_transactions_come_again()
-> Result<()> {
    let (anvil, node) = on_anvil().await?;
    let ws = node
        .deployment
        .l2
        .ws
        .clone()
        .context("the deployment names no WebSocket")?;
    // The origins below are well above genesis, which the L1 must keep. (Genesis itself names no origin.)
    let start = anvil.rpc.height().await?;
    follows(&node, start + 6).await?;
    let mut heads = Subscription::open(&ws, json!(["newHeads"])).await?;
    let mut logs = Subscription::open(
        &ws,
        json!(["logs", {"address": WOPEN, "topics": [keccak256("Deposit(address,uint256)")]}]),
    )
    .await?;

    let account = Account::development(0)?;
    let (hash, raw) = account.sign(node.deployment.l2.chain_id, 0, deposit_call(7))?;
    node.l2.call("eth_sendRawTransaction", json!([raw])).await?;
    let receipt = node.l2.mined(hash).await?;
    let (number, block) = (
        quantity(&receipt, "blockNumber")?,
        hash_of(&receipt, "blockHash")?,
    );
    let log = logs.next().await.context("the log")?;
    ensure!(
        hash_of(&log, "blockHash")? == block && log["removed"] == json!(false),
        "{log}"
    );

    let mut sealed = Vec::new();
    for number in 0..=node.l2.height().await? {
        sealed.push(node.l2.block(number).await?);
    }
    let lost = origin(&node, number).await?;
    let depth = anvil.rpc.height().await? - lost + 2;
    anvil.rpc.call("anvil_reorg", json!([depth, []])).await?;

    // The same log is taken back, and comes again in another block.
    let removed = logs
        .next()
        .await
        .with_context(|| format!("the log, taken back; the node: {}", node.process.stderr()))?;
    ensure!(
        hash_of(&removed, "blockHash")? == block && removed["removed"] == json!(true),
        "{removed}"
    );
    let again = logs.next().await.context("the log, again")?;
    ensure!(
        again["removed"] == json!(false) && hash_of(&again, "transactionHash")? == hash,
        "{again}"
    );
    ensure!(hash_of(&again, "blockHash")? != block, "{again}");

    // Heads go back once, to a block on a live origin, and on from there.
    let mut last = 0;
    let back = loop {
        let head = heads.next().await.context("a head that goes back")?;
        let height = quantity(&head, "number")?;
        if height <= last {
            break head;
        }
        last = height;
    };
    let height = quantity(&back, "number")?;
    ensure!(height <= number, "{back}");
    let replaced = &sealed[usize::try_from(height)?];
    ensure!(
        replaced["hash"] != back["hash"] && replaced["parentHash"] == back["parentHash"],
        "{replaced} {back}"
    );

    let receipt = node.l2.mined(hash).await?;
    ensure!(
        hash_of(&receipt, "blockHash")? == hash_of(&again, "blockHash")?,
        "{receipt} {again}"
    );
    ensure!(node.l2.nonce(account.address, "latest").await? == 1);
    let gone = node
        .l2
        .call("eth_getBlockByHash", json!([block, false]))
        .await?;
    ensure!(gone.is_null(), "{gone}");
    // Every origin is a block that the L1 has now.
    let head = follows(&node, anvil.rpc.height().await? + 1).await?;
    for number in 1..=head {
        let l1 = anvil.rpc.block(origin(&node, number).await?).await?;
        let hash = B256::from(l1_value(&node, "hash()", number).await?);
        ensure!(
            hash == hash_of(&l1, "hash")?,
            "block {number} stands on {hash}, which the L1 does not have"
        );
    }
    Ok(())
}

#[tokio::test]
async fn production_goes_on_while_the_l1_is_away_and_follows_it_again() -> Result<()> {
    let (mut anvil, node) = on_anvil().await?;
    let start = anvil.rpc.height().await?;
    follows(&node, start + 1).await?;
    anvil.stop().await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 4)?;
    let working = load.start(&node.l2);
    node.l2.reach(node.l2.height().await? + 4).await?;
    let during = origin(&node, node.l2.height().await?).await?;
    anvil.resume().await?;
    follows(&node, during + 2).await?;
    load.end(working).await?;
    load.settle(&node.l2).await.map(drop)
}

#[tokio::test]
async fn a_kept_chain_goes_on_with_its_l1_and_refuses_another() -> Result<()> {
    let (anvil, mut node) = on_anvil().await?;
    node.l2.reach(2).await?;
    let exit = node.terminate().await?;
    ensure!(exit.code == Some(0), "{exit:?}");
    node.restart().await?;
    node.l2.reach(node.l2.height().await? + 1).await?;
    node.kill9();
    drop(anvil);
    let other = Anvil::start().await?;
    let options = NodeOptions::on(node.datadir()).with(["--l1-rpc", other.url()]);
    let sentence = options.refused().await?;
    ensure!(
        sentence.contains("belongs to an L2 on another L1"),
        "{sentence}"
    );
    Ok(())
}
