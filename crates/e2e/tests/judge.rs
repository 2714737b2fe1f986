//! The rollup before the judge (`judge/`): an implementation by others reads our L1 and arrives at our blocks.
//!
//! Isthmus, on an L1 by Prague's rules, and no configuration update of types 6 and 7: the judge's kona knows nothing later.

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes, U256, bytes};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{
    Account, Anvil, Bridge, Call, Deposit, IL1Contracts, Node, NodeOptions, Process, TxForm, WOPEN,
    deposit_call, deposited, judge_binary, quantity, transfer_call, until,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, process::Command};

/// Whom deposits pay.
const RECIPIENT: Address = Address::repeat_byte(0xd1);

/// Whose batches count while the real batcher's do not. It posts none.
const OTHER_BATCHER: Address = Address::repeat_byte(0xba);

/// Creates a contract that answers 42.
const CREATION: Bytes = bytes!("600a600c600039600a6000f3602a60005260206000f3");

/// What the chain must hold for the verdict to mean something: transaction types, and whether they succeeded.
const KINDS: [(&str, bool); 7] = [
    ("0x0", true),
    ("0x1", true),
    ("0x2", true),
    ("0x2", false),
    ("0x4", true),
    ("0x7e", true),
    ("0x7e", false),
];

/// Transactions by type and whether they succeeded.
type Census = BTreeMap<(String, bool), u64>;

/// What the judge prints.
#[derive(Debug, Deserialize)]
struct Verdict {
    blocks: u64,
    from: u64,
    to: u64,
    transactions: u64,
    equal: bool,
}

/// A transaction of every type that an L2 accepts, contracts made and called, and one call that reverts.
async fn transact(node: &Node) -> Result<()> {
    let chain_id = node.deployment.l2.chain_id;
    let (alice, bob, carol) = (
        Account::development(0)?,
        Account::development(1)?,
        Account::development(2)?,
    );
    let reads = AccessList(vec![AccessListItem {
        address: WOPEN,
        storage_keys: vec![B256::ZERO, B256::with_last_byte(1)],
    }]);
    // Carol wraps with code that is not hers; an authorization that does not apply is skipped.
    let nonce = node.l2.nonce(carol.address, "pending").await?;
    let delegations = vec![
        carol.authorize(chain_id, nonce, WOPEN)?,
        carol.authorize(chain_id, nonce + 7, WOPEN)?,
    ];
    let delegated = Call {
        to: Some(carol.address),
        gas: 200_000,
        ..deposit_call(5)
    };
    let pay = || Call::pay(bob.address, 1);
    let calls = [
        (&alice, TxForm::Legacy, pay(), true),
        (&alice, TxForm::Unprotected, pay(), true),
        (&alice, TxForm::DynamicFee, deposit_call(1_000), true),
        (
            &alice,
            TxForm::AccessList(reads),
            transfer_call(bob.address, 10),
            true,
        ),
        (&bob, TxForm::DynamicFee, Call::create(CREATION), true),
        (&alice, TxForm::Legacy, Call::create(CREATION), true),
        (&bob, TxForm::SetCode(delegations), delegated, true),
        // More than there is.
        (
            &bob,
            TxForm::DynamicFee,
            transfer_call(alice.address, u64::MAX),
            false,
        ),
    ];
    for (account, form, call, succeeds) in calls {
        let what = format!("{form:?}");
        let nonce = node.l2.nonce(account.address, "pending").await?;
        let (_, raw) = account.sign_as(form, chain_id, nonce, call)?;
        let receipt = node
            .l2
            .call("eth_sendRawTransactionSync", json!([raw]))
            .await
            .with_context(|| what.clone())?;
        ensure!(
            (receipt["status"] == "0x1") == succeeds,
            "{what}: {receipt}"
        );
    }
    Ok(())
}

/// A deposit that pays, one that fails on the L2, and one that only mints.
async fn deposit(node: &Node, bridge: &Bridge) -> Result<()> {
    let (bob, dave) = (Account::development(1)?, Account::development(3)?);
    bridge.approve(&bob).await?;
    bridge.approve(&dave).await?;
    let before = (
        node.l2.balance(RECIPIENT, "latest").await?,
        node.l2.balance(dave.address, "latest").await?,
    );
    let mint = Deposit {
        value: U256::ZERO,
        ..Deposit::pay(RECIPIENT, 9)
    };
    let poor = Deposit {
        value: U256::MAX,
        ..Deposit::pay(RECIPIENT, 5)
    };
    // Most of them in one L1 block.
    let sent = [
        bridge.deposit(&bob, Deposit::pay(RECIPIENT, 7)).await?,
        bridge.deposit(&bob, poor).await?,
        bridge.deposit(&dave, mint).await?,
    ];
    for hash in sent {
        bridge.mined(hash).await?;
    }
    deposited(&node.l2, RECIPIENT, before.0).await?;
    let minted = deposited(&node.l2, dave.address, before.1).await?;
    ensure!(
        minted == before.1 + U256::from(9),
        "{minted} after {}",
        before.1
    );
    Ok(())
}

/// Configuration updates 1 to 5.
async fn configure(bridge: &Bridge, gas_limit: u64) -> Result<()> {
    let sent = [
        bridge
            .configure(IL1Contracts::setGasConfigEcotoneCall {
                basefeeScalar: 5_000,
                blobbasefeeScalar: 900_000,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setGasLimitCall {
                gasLimit: gas_limit,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setUnsafeBlockSignerCall {
                unsafeBlockSigner: Address::repeat_byte(0x51),
            })
            .await?,
        bridge
            .configure(IL1Contracts::setEIP1559ParamsCall {
                denominator: 100,
                elasticity: 4,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setOperatorFeeScalarsCall {
                operatorFeeScalar: 1,
                operatorFeeConstant: 3,
            })
            .await?,
    ];
    for hash in sent {
        bridge.mined(hash).await?;
    }
    Ok(())
}

/// Configuration update 0: names another batcher until batches of the real one went for nothing, then the real one again.
/// They are posted once more; the height that is safe after that, above everything so far.
async fn rotate(node: &Node, bridge: &Bridge) -> Result<u64> {
    let real = node.deployment.batcher;
    let away = name_batcher(bridge, OTHER_BATCHER).await?;
    let sent = bridge.l1.nonce(real, "latest").await?;
    until("batches that do not count", async || {
        Ok((bridge.l1.nonce(real, "latest").await? >= sent + 2).then_some(()))
    })
    .await?;
    let back = name_batcher(bridge, real).await?;
    let safe = safe(node, node.l2.height().await?, back).await?;
    let (before, during) = (
        safe_head_at(node, away - 1).await?,
        safe_head_at(node, back - 1).await?,
    );
    ensure!(
        before == during,
        "{real}'s batches counted in L1 blocks {away} to {back}: {before}, then {during}"
    );
    Ok(safe)
}

/// The L1 block from which on this batcher's batches count.
async fn name_batcher(bridge: &Bridge, batcher: Address) -> Result<u64> {
    let call = IL1Contracts::setBatcherHashCall {
        batcherHash: batcher.into_word(),
    };
    let receipt = bridge.mined(bridge.configure(call).await?).await?;
    quantity(&receipt, "blockNumber")
}

async fn safe_head_at(node: &Node, l1_block: u64) -> Result<Value> {
    let params = json!([format!("{l1_block:#x}")]);
    let found = node.l2.call("optimism_safeHeadAtL1Block", params).await?;
    Ok(found["safeHead"].clone())
}

/// Waits until this height is safe, and a block whose origin is this L1 block or a later one; the safe height.
async fn safe(node: &Node, height: u64, origin: u64) -> Result<u64> {
    until(
        &format!("block {height} and L1 block {origin} are safe"),
        async || {
            let status = node.l2.call("optimism_syncStatus", json!([])).await?;
            let block = &status["safe_l2"];
            let number = block["number"].as_u64().context("no safe block")?;
            let l1 = block["l1origin"]["number"]
                .as_u64()
                .context("no L1 origin")?;
            Ok((number >= height && l1 >= origin).then_some(number))
        },
    )
    .await
}

/// Everything that moves the chain, then everything of it on the L1; the safe height.
async fn live(node: &Node, gas_limit: u64) -> Result<u64> {
    let bridge = Bridge::of(node).await?;
    transact(node).await?;
    deposit(node, &bridge).await?;
    configure(&bridge, gas_limit).await?;
    // Under the new configuration as well.
    until("the new gas limit", async || {
        let block = node.l2.block("latest").await?;
        Ok((quantity(&block, "gasLimit")? == gas_limit).then_some(()))
    })
    .await?;
    transact(node).await?;
    rotate(node, &bridge).await
}

/// What is in the blocks after genesis, up to a height.
async fn census(node: &Node, to: u64) -> Result<Census> {
    let mut census = Census::new();
    for number in 1..=to {
        let receipts: Vec<Value> = node
            .l2
            .get("eth_getBlockReceipts", json!([format!("{number:#x}")]))
            .await?;
        for receipt in receipts {
            let kind = receipt["type"].as_str().context("no type")?;
            let kind = (kind.to_owned(), receipt["status"] == "0x1");
            *census.entry(kind).or_default() += 1;
        }
    }
    Ok(census)
}

/// How many transactions of each type the batcher sent to the inbox.
async fn posted(node: &Node) -> Result<BTreeMap<String, u64>> {
    let mut posted = BTreeMap::new();
    for number in 0..=node.l1.height().await? {
        let params = json!([format!("{number:#x}"), true]);
        let block = node.l1.call("eth_getBlockByNumber", params).await?;
        for tx in block["transactions"].as_array().into_iter().flatten() {
            let inbox: Option<Address> = serde_json::from_value(tx["to"].clone())?;
            if inbox == Some(node.deployment.batch_inbox) {
                let kind = tx["type"].as_str().context("no type")?;
                *posted.entry(kind.to_owned()).or_default() += 1;
            }
        }
    }
    Ok(posted)
}

/// Has the chain judged up to a safe height.
async fn judge(node: &Node, safe: u64, posted_in: &[&str]) -> Result<()> {
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
    let census = census(node, safe).await?;
    let posted = posted(node).await?;
    println!("{stdout}on the L2: {census:?}; in the inbox: {posted:?}");
    ensure!(
        verdict.transactions == census.values().sum::<u64>(),
        "{verdict:?} for {census:?}"
    );
    for (kind, succeeded) in KINDS {
        ensure!(
            census.contains_key(&(kind.to_owned(), succeeded)),
            "no {kind} with success {succeeded}: {census:?}"
        );
    }
    for kind in posted_in {
        ensure!(posted.contains_key(*kind), "no {kind}: {posted:?}");
    }
    Ok(())
}

#[tokio::test]
async fn kona_derives_the_same_blocks_from_blobs_and_then_calldata() -> Result<()> {
    let options = NodeOptions::new()?.with(["--fork", "isthmus", "--l1-block-time", "1"]);
    let mut node = options.clone().with(["--da", "blobs"]).start().await?;
    live(&node, 45_000_000).await?;
    let exit = node.terminate().await?;
    ensure!(exit.code == Some(0), "{exit:?}");
    let node = options.with(["--da", "calldata"]).start().await?;
    let safe = live(&node, 50_000_000).await?;
    judge(&node, safe, &["0x2", "0x3"]).await
}

#[tokio::test]
async fn kona_derives_the_same_blocks_on_an_l1_of_somebody_elses() -> Result<()> {
    let anvil = Anvil::at_fork("prague").await?;
    let node = NodeOptions::new()?
        .with(["--fork", "isthmus", "--l1-rpc", anvil.url()])
        .with(["--l1-block-time", "1"])
        .start()
        .await?;
    let safe = live(&node, 45_000_000).await?;
    judge(&node, safe, &[]).await
}
