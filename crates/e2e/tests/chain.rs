//! What every block holds, and what is told about it.

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{
    Account, Call, Feed, Load, Node, NodeOptions, Subscription, address_of, hash_of, quantity,
    until,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DEPOSITOR: Address = address!("0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001");
const L1_BLOCK: Address = address!("0x4200000000000000000000000000000000000015");
const SEQUENCER_FEE_VAULT: Address = address!("0x4200000000000000000000000000000000000011");
const BASE_FEE_VAULT: Address = address!("0x4200000000000000000000000000000000000019");
const L1_FEE_VAULT: Address = address!("0x420000000000000000000000000000000000001a");

async fn full_block(node: &Node, number: u64) -> Result<Value> {
    Ok(node
        .l2
        .call(
            "eth_getBlockByNumber",
            json!([format!("{number:#x}"), true]),
        )
        .await?)
}

/// The first transaction of the block is the L1-info deposit; checks it against the L1 and returns the origin's number.
async fn check_l1_info(node: &Node, block: &Value, selector: &str, len: usize) -> Result<u64> {
    let deposit = &block["transactions"][0];
    ensure!(
        deposit["type"] == "0x7e" && address_of(deposit, "from")? == DEPOSITOR,
        "{deposit}"
    );
    ensure!(address_of(deposit, "to")? == L1_BLOCK, "{deposit}");
    let input: Bytes = serde_json::from_value(deposit["input"].clone())?;
    ensure!(
        input.len() == len && input.starts_with(&selector.parse::<Bytes>()?),
        "{deposit}"
    );
    // Packed: selector, two scalars, sequence number, then the origin's time and number, its base fee, blob base fee, hash.
    let word = |at: usize| U256::from_be_slice(&input[at..at + 32]);
    let long = |at: usize| U256::from_be_slice(&input[at..at + 8]).to::<u64>();
    let (time, number) = (long(20), long(28));
    let l1 = node.l1.block(number).await?;
    ensure!(time == quantity(&l1, "timestamp")?, "{deposit} {l1}");
    ensure!(
        word(36) == serde_json::from_value::<U256>(l1["baseFeePerGas"].clone())?,
        "{deposit} {l1}"
    );
    ensure!(
        B256::from(word(100)) == hash_of(&l1, "hash")?,
        "{deposit} {l1}"
    );
    ensure!(quantity(block, "timestamp")? >= time);
    let others = block["transactions"]
        .as_array()
        .into_iter()
        .flatten()
        .skip(1);
    ensure!(others.into_iter().all(|tx| tx["type"] != "0x7e"));
    Ok(number)
}

/// EIP-1559 with the parameters that the parent's extra data names.
fn next_base_fee(parent: &Value) -> Result<u64> {
    let extra: Bytes = serde_json::from_value(parent["extraData"].clone())?;
    let number = |range: std::ops::Range<usize>| U256::from_be_slice(&extra[range]).to::<u64>();
    let (denominator, elasticity) = (number(1..5), number(5..9));
    let minimum = if extra.len() == 17 { number(9..17) } else { 0 };
    let (base_fee, limit) = (
        quantity(parent, "baseFeePerGas")?,
        quantity(parent, "gasLimit")?,
    );
    let mut used = quantity(parent, "gasUsed")?;
    if extra.len() == 17 {
        // Jovian: what the transactions weigh on the L1 counts when it is more.
        used = used.max(quantity(parent, "blobGasUsed")?);
    }
    let target = limit / elasticity;
    let step = |excess: u64| {
        u64::try_from(
            u128::from(base_fee) * u128::from(excess)
                / u128::from(target)
                / u128::from(denominator),
        )
    };
    let next = match used.cmp(&target) {
        std::cmp::Ordering::Equal => base_fee,
        std::cmp::Ordering::Greater => base_fee + step(used - target)?.max(1),
        std::cmp::Ordering::Less => base_fee - step(target - used)?,
    };
    Ok(next.max(minimum))
}

async fn check_blocks(node: &Node, selector: &str, len: usize, extra: usize) -> Result<()> {
    let mut load = Load::new(node.deployment.l2.chain_id, 5)?;
    let working = load.start(&node.l2);
    node.l2.reach(5).await?;
    load.end(working).await?;
    let rollup: serde_json::Value =
        serde_json::from_slice(&std::fs::read(node.datadir().join("rollup.json"))?)?;
    let first = rollup["genesis"]["l1"]["number"].as_u64();
    let mut origin = first.context("the rollup begins at an L1 block")?;
    let mut parent = full_block(node, 0).await?;
    for number in 1..=node.l2.height().await? {
        let block = full_block(node, number).await?;
        let found = check_l1_info(node, &block, selector, len).await?;
        ensure!(
            found == origin || found == origin + 1,
            "block {number} jumps from origin {origin} to {found}"
        );
        origin = found;
        ensure!(block["parentHash"] == parent["hash"]);
        let expected = next_base_fee(&parent)?;
        ensure!(
            quantity(&block, "baseFeePerGas")? == expected,
            "block {number}: {expected} expected"
        );
        let data: Bytes = serde_json::from_value(block["extraData"].clone())?;
        ensure!(data.len() == extra, "{data}");
        parent = block;
    }
    ensure!(origin >= 1, "no origin was adopted");
    let accounts = load.accounts();
    let mut ledger = std::mem::take(&mut *load.ledger.lock());
    ensure!(ledger.receipts() > 0);
    // Receipts at preconfirmation are those of the sealed block, field by field.
    ledger.settle(&node.l2, &accounts).await
}

#[tokio::test]
async fn every_block_begins_with_its_l1_origin_and_has_the_base_fee_of_the_rules() -> Result<()> {
    check_blocks(&Node::start().await?, "0x3db6be2b", 178, 17).await
}

#[tokio::test]
async fn the_chain_can_begin_at_isthmus() -> Result<()> {
    check_blocks(
        &NodeOptions::new()?
            .with(["--fork", "isthmus"])
            .start()
            .await?,
        "0x098999be",
        176,
        9,
    )
    .await
}

#[tokio::test]
async fn fees_go_to_their_vaults_to_the_wei() -> Result<()> {
    let node = Node::start().await?;
    let account = Account::development(0)?;
    // The L1 fee is not zero once an L1 origin has a base fee.
    let call = Call {
        input: vec![7; 400].into(),
        gas: 100_000,
        ..Call::pay(Address::repeat_byte(9), 5)
    };
    let (hash, raw) = account.sign(node.deployment.l2.chain_id, 0, call)?;
    node.l2.call("eth_sendRawTransaction", json!([raw])).await?;
    let receipt = node.l2.mined(hash).await?;
    let number = quantity(&receipt, "blockNumber")?;
    let block = node.l2.block(number).await?;
    let wei = |object: &Value, field: &str| -> Result<U256> {
        Ok(serde_json::from_value(object[field].clone())?)
    };
    let (gas, price) = (
        wei(&receipt, "gasUsed")?,
        wei(&receipt, "effectiveGasPrice")?,
    );
    let (base_fee, l1_fee) = (wei(&block, "baseFeePerGas")?, wei(&receipt, "l1Fee")?);
    ensure!(!l1_fee.is_zero() && price > base_fee, "{receipt}");
    let change = async |address: Address| -> Result<(U256, U256)> {
        let before = node
            .l2
            .balance(address, &format!("{:#x}", number - 1))
            .await?;
        Ok((
            before,
            node.l2.balance(address, &format!("{number:#x}")).await?,
        ))
    };
    for (vault, expected) in [
        (BASE_FEE_VAULT, gas * base_fee),
        (SEQUENCER_FEE_VAULT, gas * (price - base_fee)),
        (L1_FEE_VAULT, l1_fee),
        (Address::repeat_byte(9), U256::from(5)),
    ] {
        let (before, after) = change(vault).await?;
        ensure!(
            after - before == expected,
            "{vault} received {}, expected {expected}",
            after - before
        );
    }
    let (before, after) = change(account.address).await?;
    ensure!(
        before - after == gas * price + l1_fee + U256::from(5),
        "{receipt}"
    );
    Ok(())
}

#[tokio::test]
async fn the_feeds_slices_make_up_the_sealed_block() -> Result<()> {
    let node = Node::start().await?;
    let mut feed = Feed::open(&node.deployment.feed).await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 6)?;
    let working = load.start(&node.l2);
    let mut blocks: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    // The first block is seen from its middle on; the last one is not complete.
    while blocks.len() < 5 {
        let slice = feed.next().await?;
        let number = slice["metadata"]["block_number"]
            .as_u64()
            .with_context(|| slice.to_string())?;
        blocks.entry(number).or_default().push(slice);
    }
    load.end(working).await?;
    let last = *blocks.keys().next_back().context("no slices")?;
    node.l2.reach(last).await?;
    let mut complete = 0;
    for (number, slices) in blocks {
        if number == last || slices[0]["index"] != json!(0) {
            continue;
        }
        let sealed = node.l2.block(number).await?;
        let mut hashes = Vec::new();
        for (index, slice) in slices.iter().enumerate() {
            ensure!(
                slice["index"] == json!(index) && slice["payload_id"] == slices[0]["payload_id"],
                "{slice}"
            );
            for raw in slice["diff"]["transactions"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let raw: Bytes = serde_json::from_value(raw.clone())?;
                let hash = keccak256(&raw);
                ensure!(
                    slice["metadata"]["receipts"][hash.to_string()].is_object(),
                    "{hash} has no receipt in {slice}"
                );
                hashes.push(hash);
            }
        }
        ensure!(
            sealed["transactions"] == json!(hashes),
            "block {number} is not what the feed told"
        );
        let (base, end) = (&slices[0]["base"], &slices[slices.len() - 1]["diff"]);
        ensure!(
            end["gas_used"] == sealed["gasUsed"] && end["logs_bloom"] == sealed["logsBloom"],
            "block {number}"
        );
        for (field, name) in [
            ("parent_hash", "parentHash"),
            ("fee_recipient", "miner"),
            ("prev_randao", "mixHash"),
            ("block_number", "number"),
            ("gas_limit", "gasLimit"),
            ("timestamp", "timestamp"),
            ("extra_data", "extraData"),
            ("base_fee_per_gas", "baseFeePerGas"),
            ("parent_beacon_block_root", "parentBeaconBlockRoot"),
        ] {
            ensure!(
                base[field] == sealed[name],
                "block {number}: {field} is {} and {}",
                base[field],
                sealed[name]
            );
        }
        complete += 1;
    }
    ensure!(complete >= 3, "only {complete} blocks were complete");
    Ok(())
}

#[tokio::test]
async fn heads_are_told_once_each_and_in_order() -> Result<()> {
    let node = Node::start().await?;
    let ws = node
        .deployment
        .l2
        .ws
        .clone()
        .context("the deployment names no WebSocket")?;
    let mut heads = Subscription::open(&ws, json!(["newHeads"])).await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 7)?;
    let working = load.start(&node.l2);
    let mut before = heads.next().await?;
    for _ in 0..4 {
        let head = heads.next().await?;
        ensure!(head["parentHash"] == before["hash"], "{before} {head}");
        ensure!(quantity(&head, "number")? == quantity(&before, "number")? + 1);
        let served = node.l2.block(quantity(&head, "number")?).await?;
        ensure!(
            served["hash"] == head["hash"] && served["stateRoot"] == head["stateRoot"],
            "{served} {head}"
        );
        before = head;
    }
    load.end(working).await
}

#[tokio::test]
async fn the_l1_labels_its_blocks_and_the_l2_never_runs_ahead_of_its_own_labels() -> Result<()> {
    let options = NodeOptions::new()?.with(["--l1-block-time", "1", "--l1-slots-in-epoch", "2"]);
    let node = options.start().await?;
    until("a finalized L1 block", async || {
        Ok((quantity(&node.l1.block("finalized").await?, "number")? > 0).then_some(()))
    })
    .await?;
    for rpc in [&node.l1, &node.l2] {
        let finalized = quantity(&rpc.block("finalized").await?, "number")?;
        let safe = quantity(&rpc.block("safe").await?, "number")?;
        let latest = quantity(&rpc.block("latest").await?, "number")?;
        let pending = quantity(&rpc.block("pending").await?, "number")?;
        ensure!(
            finalized <= safe && safe <= latest && latest <= pending,
            "{finalized} {safe} {latest} {pending}"
        );
    }
    let head = node.l1.height().await?;
    let finalized = quantity(&node.l1.block("finalized").await?, "number")?;
    ensure!(
        head >= finalized + 4,
        "two epochs lie between {finalized} and {head}"
    );
    Ok(())
}

#[tokio::test]
async fn the_metrics_page_has_the_names_that_operators_know() -> Result<()> {
    let node = Node::start().await?;
    node.l2.reach(2).await?;
    let page = reqwest::get(&node.deployment.metrics).await?.text().await?;
    for name in [
        "op_node_default_refs_number{layer=\"l1\",type=\"l1_head\"}",
        "op_node_default_refs_number{layer=\"l2\",type=\"l2_unsafe\"}",
        "op_node_default_sequencer_sealing_seconds",
        "op_node_default_transactions_sequenced_total",
        "op_node_default_rpc_client_requests_total",
        "blockchain_tree_canonical_chain_height",
        "transaction_pool_pending_pool_transactions",
        "rpc_server_calls_started_total",
        "storage_commit_duration_seconds",
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
        "openledger_info",
    ] {
        ensure!(
            page.lines().any(|line| line.starts_with(name)),
            "the metrics page lacks {name}:\n{page}"
        );
    }
    let (status, live) = node.api("/livez").await?;
    ensure!(status == 200 && live["status"] == "alive", "{live}");
    let (status, deployment) = node.api("/api/v1/deployment").await?;
    let file: Value =
        serde_json::from_slice(&std::fs::read(node.datadir().join("deployment.json"))?)?;
    ensure!(status == 200 && deployment == file, "{deployment} {file}");
    // Every contract that it names is there, and those are named that clients rely on.
    let contracts = &deployment["l2"]["contracts"];
    for name in [
        "WOPEN",
        "DatanetRegistry",
        "ContributionRegistry",
        "ModelRegistry",
        "PayableAI",
        "Settlement",
        "PayoutVault",
    ] {
        ensure!(contracts[name].is_string(), "{name} is not in {contracts}");
    }
    for (name, address) in contracts.as_object().context("contracts by name")? {
        let code: Bytes = node
            .l2
            .get("eth_getCode", json!([address, "latest"]))
            .await?;
        ensure!(!code.is_empty(), "{name} has no code");
    }
    Ok(())
}
