//! Whoever the sequencer does not serve goes through the L1: a deposit is executed within the sequencing window, whatever the
//! sequencer does.

use alloy_primitives::{Address, U256};
use anyhow::{Result, ensure};
use openledger_e2e::{
    Account, Anvil, Bridge, Deposit, NodeOptions, Verifier, deposit_call, quantity, until,
};
use serde_json::json;

const RECIPIENT: Address = Address::repeat_byte(0xf1);
/// L1 blocks in which a batch may land.
const WINDOW: u64 = 10;

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
    // A call, as the sender would have made it on the L2.
    let call = deposit_call(5);
    let deposit = Deposit {
        to: call.to.unwrap_or_default(),
        mint: U256::ZERO,
        value: U256::from(5),
        gas: 200_000,
        data: call.input,
    };
    let receipt = bridge.mined(bridge.deposit(&alice, deposit).await?).await?;
    let deposited = quantity(&receipt, "blockNumber")?;
    let wrapped = until("the deposit is executed", async || {
        let input = [
            &alloy_primitives::keccak256("balanceOf(address)")[..4],
            alice.address.into_word().as_slice(),
        ]
        .concat();
        let call = json!({"to": call.to, "data": alloy_primitives::hex::encode_prefixed(input)});
        let wrapped: U256 = node.l2.get("eth_call", json!([call, "safe"])).await?;
        Ok((!wrapped.is_zero()).then_some(wrapped))
    })
    .await?;
    ensure!(wrapped == U256::from(5), "{wrapped}");
    // The L1 is looked at after the L2: it was at most this high when the block was determined.
    let seen = anvil.rpc.height().await?;
    let status = node.l2.call("optimism_syncStatus", json!([])).await?;
    let origin = status["safe_l2"]["l1origin"]["number"]
        .as_u64()
        .unwrap_or_default();
    ensure!(origin >= deposited, "executed before its origin? {status}");
    ensure!(
        seen <= deposited + WINDOW + 4,
        "deposited in L1 block {deposited}, executed when the L1 was at {seen}"
    );
    // Everybody else's chain goes on.
    node.l2.reach(node.l2.height().await? + 3).await?;
    node.rebuilds().await.map(drop)
}
