//! Whoever the sequencer does not serve goes through the L1: a deposit is executed within the sequencing window, whatever the
//! sequencer does.

use alloy_primitives::{Address, U256, hex, keccak256};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{
    Account, Anvil, Bridge, Deposit, Load, Node, NodeOptions, Subscription, Verifier, WOPEN,
    deposit_call, hash_of, quantity, until,
};
use serde_json::{Value, json};

const RECIPIENT: Address = Address::repeat_byte(0xf1);
/// L1 blocks in which a batch may land.
const WINDOW: u64 = 10;

/// Wrapped OPEN of an account, at a block.
async fn wrapped(node: &Node, account: &Account, block: &str) -> Result<U256> {
    let input = [
        &keccak256("balanceOf(address)")[..4],
        account.address.into_word().as_slice(),
    ]
    .concat();
    let call = json!({"to": WOPEN, "data": hex::encode_prefixed(input)});
    node.l2.get("eth_call", json!([call, block])).await
}

/// A call, as the sender would have made it on the L2.
fn wrap(wei: u64) -> Deposit {
    Deposit {
        to: WOPEN,
        mint: U256::ZERO,
        value: U256::from(wei),
        gas: 200_000,
        data: deposit_call(wei).input,
    }
}

/// What the L1 determines up to the end of the deposit's window has the sender's call executed.
async fn executed_within_the_window(
    node: &Node,
    anvil: &Anvil,
    sender: &Account,
    deposited: u64,
) -> Result<()> {
    until("the deposit is executed", async || {
        let executed = !wrapped(node, sender, "safe").await?.is_zero();
        // The window's last block must have been read as well, to say what was determined by then.
        let over = anvil.rpc.height().await? > deposited + WINDOW + 1;
        Ok((executed && over).then_some(()))
    })
    .await?;
    let end = json!([format!("{:#x}", deposited + WINDOW)]);
    let determined = node.l2.call("optimism_safeHeadAtL1Block", end).await?;
    let number = determined["safeHead"]["number"].as_u64();
    let number = number.context("no safe head at the end of the window")?;
    let at_end = wrapped(node, sender, &format!("{number:#x}")).await?;
    ensure!(
        at_end == U256::from(5),
        "deposited in L1 block {deposited}, not executed by block {number}: {determined}"
    );
    Ok(())
}

#[tokio::test]
async fn a_deposit_is_executed_within_the_window_when_the_sequencer_is_stopped() -> Result<()> {
    let anvil = Anvil::start().await?;
    let mut node = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .with(["--seq-window", &WINDOW.to_string()])
        .start()
        .await?;
    node.rebuilds().await?;
    let bridge = Bridge::of(&node).await?;
    let alice = Account::development(0)?;
    bridge.approve(&alice).await?;
    node.kill9();

    let receipt = bridge
        .mined(bridge.deposit(&alice, Deposit::pay(RECIPIENT, 11)).await?)
        .await?;
    let deposited = quantity(&receipt, "blockNumber")?;
    // The window of the block with the deposit is over, and a few more are, so that blocks follow the one that has it.
    anvil.rpc.reach(deposited + WINDOW + 4).await?;
    let verifier = Verifier::new(anvil.url(), node.datadir())?;
    let forced = verifier.run(None, None).await?;

    // The sequencer that comes back begins with what the L1 determined in its absence.
    node.restart().await?;
    let number = forced["number"].as_u64().unwrap_or_default();
    node.l2.reach(number).await?;
    let block = node.l2.block(number).await?;
    ensure!(block["hash"] == forced["hash"], "{block} and {forced}");
    let balance = node.l2.balance(RECIPIENT, &format!("{number:#x}")).await?;
    ensure!(balance == U256::from(11), "{balance} at block {number}");
    node.l2.reach(number + 3).await?;
    node.rebuilds().await.map(drop)
}

#[tokio::test]
async fn a_deposit_is_executed_within_the_window_when_the_sequencer_does_not_want_to_see_it()
-> Result<()> {
    let anvil = Anvil::start().await?;
    // It never moves to an L1 block that it has not seen buried under more blocks than the window has: no deposit would ever
    // be in a block that it makes of its own accord.
    let node = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .with(["--seq-window", &WINDOW.to_string(), "--l1-confs", "60"])
        .start()
        .await?;
    let bridge = Bridge::of(&node).await?;
    let alice = Account::development(0)?;
    bridge.approve(&alice).await?;
    let hash = bridge.deposit(&alice, wrap(5)).await?;
    let deposited = quantity(&bridge.mined(hash).await?, "blockNumber")?;
    executed_within_the_window(&node, &anvil, &alice, deposited).await?;
    // The chain goes on.
    node.l2.reach(node.l2.height().await? + 3).await?;
    node.rebuilds().await.map(drop)
}

#[tokio::test]
async fn a_deposit_is_executed_within_the_window_when_the_sequencer_leaves_out_its_sender()
-> Result<()> {
    let anvil = Anvil::start().await?;
    // Neither is one of those who are served.
    let (alice, bob) = (Account::development(8)?, Account::development(9)?);
    let node = NodeOptions::new()?
        .env("OPENLEDGER_CENSOR", &alice.address.to_string())
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .with(["--seq-window", &WINDOW.to_string()])
        .start()
        .await?;
    let bridge = Bridge::of(&node).await?;
    let ws = node.deployment.l2.ws.clone().context("no WebSocket")?;
    let wrapping = json!([
        keccak256("Deposit(address,uint256)"),
        [alice.address.into_word(), bob.address.into_word()]
    ]);
    let filter = json!(["logs", {"address": WOPEN, "topics": wrapping}]);
    let mut logs = Subscription::open(&ws, filter).await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 11)?;
    let working = load.start(&node.l2);

    // Two deposits in one L1 block.
    anvil.mine_every(0).await?;
    let hers = bridge.deposit(&alice, wrap(5)).await?;
    let his = bridge.deposit(&bob, wrap(5)).await?;
    anvil.mine_every(1).await?;
    let deposited = quantity(&bridge.mined(hers).await?, "blockNumber")?;
    let his = quantity(&bridge.mined(his).await?, "blockNumber")?;
    ensure!(his == deposited, "in L1 blocks {deposited} and {his}");

    // The sequencer's own block has his only.
    let own = logs.next().await.context("the log of his deposit")?;
    ensure!(
        is_of(&own, &bob) && own["removed"] == json!(false),
        "{own} is in the sequencer's block"
    );
    // The L1 has both, and subscribers are told.
    let removed = logs.next().await.context("the sequencer's block is gone")?;
    ensure!(
        is_of(&removed, &bob)
            && removed["removed"] == json!(true)
            && removed["blockHash"] == own["blockHash"],
        "{removed} after {own}"
    );
    let (first, second) = (logs.next().await?, logs.next().await?);
    ensure!(
        is_of(&first, &alice) && is_of(&second, &bob) && first["blockHash"] == second["blockHash"],
        "{first} and {second}"
    );
    executed_within_the_window(&node, &anvil, &alice, deposited).await?;
    let block = node.l2.block(quantity(&first, "blockNumber")?).await?;
    ensure!(
        hash_of(&block, "hash")? == hash_of(&first, "blockHash")?,
        "{first} is not in {block}"
    );

    // The others were served all the time. Where the sequencer contradicted the L1 their transactions have moved; none is lost.
    load.end(working).await?;
    let promised = std::mem::take(&mut *load.ledger.lock());
    promised.included(&node.l2).await?;
    node.rebuilds().await.map(drop)
}

fn is_of(log: &Value, account: &Account) -> bool {
    log["topics"][1] == json!(account.address.into_word())
}
