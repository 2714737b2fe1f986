//! Several endpoints of one L1, of which some fail, lie or are behind; and an L1 that is away for longer than anybody likes.

use alloy_primitives::{Address, B256, U256, address, keccak256};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{
    Account, Anvil, Bridge, Deposit, Front, Mode, Node, NodeOptions, Turns, Verifier, deposit_call,
    deposited, hash_of, quantity, transfer_call, until,
};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const RECIPIENT: Address = Address::repeat_byte(0xd1);
const L1_BLOCK: Address = address!("0x4200000000000000000000000000000000000015");

/// Somebody who sends transactions one after the other.
struct User {
    account: Account,
    chain_id: u64,
    nonce: u64,
    sent: Vec<B256>,
}

impl User {
    fn of(node: &Node) -> Result<Self> {
        Ok(Self {
            account: Account::development(0)?,
            chain_id: node.deployment.l2.chain_id,
            nonce: 0,
            sent: Vec::new(),
        })
    }

    /// Sends one, which the node must take.
    async fn send(&mut self, node: &Node) -> Result<B256> {
        let call = match self.nonce {
            0 => deposit_call(1_000_000),
            _ => transfer_call(RECIPIENT, 1),
        };
        let (hash, raw) = self.account.sign(self.chain_id, self.nonce, call)?;
        node.l2.call("eth_sendRawTransaction", json!([raw])).await?;
        self.nonce += 1;
        self.sent.push(hash);
        Ok(hash)
    }

    async fn lost_nothing(&self, node: &Node) -> Result<()> {
        for hash in &self.sent {
            executed(node, *hash).await?;
        }
        Ok(())
    }
}

/// The receipt of a transaction, which succeeded.
async fn executed(node: &Node, hash: B256) -> Result<Value> {
    let receipt = node.l2.mined(hash).await;
    let receipt = receipt.with_context(|| node.process.stderr())?;
    ensure!(receipt["status"] == "0x1", "{receipt}");
    Ok(receipt)
}

/// A value of the L1Block predeploy in a block's state.
async fn l1_value(node: &Node, signature: &str, number: u64) -> Result<U256> {
    let selector = alloy_primitives::hex::encode(&keccak256(signature)[..4]);
    let call = json!({"to": L1_BLOCK, "data": format!("0x{selector}")});
    node.l2
        .get("eth_call", json!([call, format!("{number:#x}")]))
        .await
}

/// Every origin is a block of this L1. Returns the newest one's number.
async fn stands_on(node: &Node, anvil: &Anvil) -> Result<u64> {
    let head = node.l2.height().await?;
    let mut newest = 0;
    for number in 1..=head {
        let origin: u64 = l1_value(node, "number()", number).await?.to();
        if origin == newest {
            continue;
        }
        newest = origin;
        let hash = B256::from(l1_value(node, "hash()", number).await?);
        let l1 = anvil.rpc.block(origin).await?;
        ensure!(
            hash == hash_of(&l1, "hash")?,
            "block {number} stands on {hash}"
        );
    }
    Ok(newest)
}

async fn a_second(anvil: &Anvil) -> Result<()> {
    anvil.rpc.reach(anvil.rpc.height().await? + 1).await
}

/// A node by two fronts.
async fn behind(first: &Front, second: &Front) -> Result<Node> {
    NodeOptions::new()?
        .with(["--l1-rpc", first.url(), "--l1-rpc", second.url()])
        .with(["--l1-block-time", "1", "--max-channel-duration", "1"])
        .start()
        .await
}

/// `OPENLEDGER_SWITCHES`: how often the endpoint that answers becomes the other one.
#[tokio::test]
async fn endpoints_that_fail_in_turns_are_one_l1() -> Result<()> {
    let anvil = Anvil::start().await?;
    let fronts = [Front::to(anvil.url()).await?, Front::to(anvil.url()).await?];
    let mut node = behind(&fronts[0], &fronts[1]).await?;
    // What this story reads itself it reads at the L1.
    node.l1 = anvil.rpc.clone();
    let mut bridge = Bridge::of(&node).await?;
    bridge.l1 = anvil.rpc.clone();
    let payer = Account::development(1)?;
    bridge.approve(&payer).await?;

    let switches: u64 = match std::env::var("OPENLEDGER_SWITCHES") {
        Ok(number) => number.parse()?,
        Err(_) => 300,
    };
    let turns = Turns::between([&fronts[0], &fronts[1]], 11, 40);
    let mut user = User::of(&node)?;
    let mut deposits = 0_u64;
    while turns.switches() < switches {
        user.send(&node).await?;
        bridge.deposit(&payer, Deposit::pay(RECIPIENT, 7)).await?;
        deposits += 1;
        let (height, origin) = (node.l2.height().await?, anvil.rpc.height().await?);
        a_second(&anvil).await?;
        // The chain goes on, and its origins with it.
        node.l2
            .reach(height + 1)
            .await
            .with_context(|| node.process.stderr())?;
        until("a newer origin", async || {
            let head = node.l2.height().await?;
            let at: u64 = l1_value(&node, "number()", head).await?.to();
            Ok((at + 30 > origin).then_some(()))
        })
        .await
        .with_context(|| node.process.stderr())?;
    }
    println!(
        "{} switches, {} and {} requests, {} transactions, {deposits} deposits",
        turns.switches(),
        fronts[0].requests(),
        fronts[1].requests(),
        user.sent.len(),
    );
    user.lost_nothing(&node).await?;
    let expected = U256::from(7 * deposits);
    until("the deposits", async || {
        let balance = node.l2.balance(RECIPIENT, "latest").await?;
        Ok((balance == expected).then_some(()))
    })
    .await?;
    node.rebuilds()
        .await
        .with_context(|| node.process.stderr())?;
    // A verifier that has the L1 by these endpoints arrives at the same blocks.
    let both = format!("{},{}", fronts[0].url(), fronts[1].url());
    let safe = node.safe(0).await?;
    Verifier::new(&both, node.datadir())?
        .run(Some(safe), Some(node.l2.url()))
        .await?;
    stands_on(&node, &anvil).await?;
    let posted = bridge.posted().await?;
    ensure!(posted.all() > 0, "{posted:?}");
    Ok(())
}

#[tokio::test]
async fn an_endpoint_of_another_l1_is_never_used() -> Result<()> {
    let anvil = Anvil::start().await?;
    // The same chain id, and another past.
    let other = Anvil::behind(1_000).await?;
    let fronts = [Front::to(anvil.url()).await?, Front::to(other.url()).await?];
    let arguments = ["--l1-rpc", fronts[0].url(), "--l1-rpc", fronts[1].url()];
    let sentence = NodeOptions::new()?.with(arguments).refused().await?;
    ensure!(sentence.contains("serves another chain"), "{sentence}");

    // One that comes later is not believed, whatever becomes of the other one.
    fronts[1].set(Mode::Refuse);
    let mut node = behind(&fronts[0], &fronts[1]).await?;
    node.l1 = anvil.rpc.clone();
    let mut user = User::of(&node)?;
    user.send(&node).await?;
    fronts[1].set(Mode::Forward);
    until("the log", async || {
        let log = node.process.stderr();
        Ok(log.contains("contradicts what is known").then_some(()))
    })
    .await?;
    fronts[0].set(Mode::Unavailable);
    let (height, asked) = (node.l2.height().await?, fronts[0].requests());
    until("many questions", async || {
        Ok((fronts[0].requests() > asked + 50).then_some(()))
    })
    .await?;
    // Production goes on, and users are answered, without an L1.
    node.l2.reach(height + 3).await?;
    user.send(&node).await?;
    user.lost_nothing(&node).await?;
    fronts[0].set(Mode::Forward);
    let origin = anvil.rpc.height().await?;
    until("a newer origin", async || {
        let at: u64 = l1_value(&node, "number()", node.l2.height().await?)
            .await?
            .to();
        Ok((at > origin).then_some(()))
    })
    .await?;
    node.rebuilds().await?;
    stands_on(&node, &anvil).await?;
    Ok(())
}

fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// Waits until the chain is where its clock is: `now` and a few seconds.
async fn up_to_date(node: &Node) -> Result<()> {
    // However long it takes, as long as it goes on.
    loop {
        let head = node.l2.height().await?;
        let block = node.l2.block(head).await?;
        if quantity(&block, "timestamp")? + 3 >= now()? {
            return Ok(());
        }
        node.l2
            .reach(head + 1)
            .await
            .with_context(|| node.process.stderr())?;
    }
}

/// Everything that was built is on the L1 and can be rebuilt from it.
async fn all_becomes_safe(node: &Node) -> Result<()> {
    let (mut safe, head) = (node.safe(0).await?, node.l2.height().await?);
    while safe < head {
        safe = node.safe(safe + 1).await?;
    }
    node.rebuilds().await.map(drop)
}

/// An L1 that stops for so long a time while the L2 goes on, and comes back.
struct Outage {
    anvil: Anvil,
    node: Node,
    user: User,
    seconds: u64,
}

impl Outage {
    /// The L1's time stands still as many seconds ago, at the block on which the chain was founded or one soon after it. Different
    /// from an outage that lasts as long is only that the L2 fills its slots faster than time goes by, with empty blocks.
    async fn of(seconds: u64) -> Result<Self> {
        let anvil = Anvil::behind(seconds).await?;
        let node = NodeOptions::new()?
            .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
            .start()
            .await?;
        anvil.mine_every(0).await?;
        let user = User::of(&node)?;
        Ok(Self {
            anvil,
            node,
            user,
            seconds,
        })
    }

    async fn ends(&self) -> Result<()> {
        self.anvil.skip(self.seconds).await?;
        self.anvil.mine_every(1).await?;
        let origin = self.anvil.rpc.height().await? + 3;
        until("a newer origin", async || {
            let head = self.node.l2.height().await?;
            let at: u64 = l1_value(&self.node, "number()", head).await?.to();
            Ok((at >= origin).then_some(()))
        })
        .await
        .with_context(|| self.node.process.stderr())
    }
}

#[tokio::test]
async fn an_l1_that_is_away_for_25_minutes_holds_nobody_up() -> Result<()> {
    let mut outage = Outage::of(25 * 60).await?;
    up_to_date(&outage.node).await?;
    for _ in 0..5 {
        let hash = outage.user.send(&outage.node).await?;
        let receipt = executed(&outage.node, hash).await?;
        let block = outage
            .node
            .l2
            .block(quantity(&receipt, "blockNumber")?)
            .await?;
        let origin = l1_value(&outage.node, "timestamp()", quantity(&block, "number")?).await?;
        let drift = quantity(&block, "timestamp")? - origin.to::<u64>();
        ensure!(drift > 1_400, "the origin is only {drift} s behind");
    }
    outage.ends().await?;
    outage.user.send(&outage.node).await?;
    outage.user.lost_nothing(&outage.node).await?;
    all_becomes_safe(&outage.node).await?;
    Bridge::of(&outage.node).await?.posted().await.map(drop)
}

#[tokio::test]
async fn an_l1_that_is_away_for_40_minutes_makes_transactions_wait_and_nothing_else() -> Result<()>
{
    let mut outage = Outage::of(40 * 60).await?;
    until("the end of the drift", async || {
        let (_, ready) = outage.node.api("/readyz").await?;
        let waits = ready["problems"].to_string().contains("next L1 block");
        Ok(waits.then_some(()))
    })
    .await
    .with_context(|| outage.node.process.stderr())?;
    let limit = outage.node.l2.height().await?;
    let block = outage.node.l2.block(limit).await?;
    let origin = l1_value(&outage.node, "timestamp()", limit).await?;
    ensure!(quantity(&block, "timestamp")? == origin.to::<u64>() + 1_800);
    // It is taken, and waits.
    let waiting = outage.user.send(&outage.node).await?;
    ensure!(outage.node.l2.receipt(waiting).await?.is_none());
    outage.ends().await?;
    let receipt = executed(&outage.node, waiting).await?;
    // Blocks beyond the drift hold what the L1 forces on them, and no more.
    let mut forced_only = 0;
    for number in limit + 1..quantity(&receipt, "blockNumber")? {
        let block = outage.node.l2.block(number).await?;
        let origin = l1_value(&outage.node, "timestamp()", number).await?;
        if quantity(&block, "timestamp")? <= origin.to::<u64>() + 1_800 {
            break;
        }
        let transactions = outage.node.l2.transactions(number).await?;
        ensure!(transactions.len() == 1, "block {number}: {transactions:?}");
        forced_only += 1;
    }
    ensure!(forced_only > 500, "{forced_only}");
    outage.user.send(&outage.node).await?;
    outage.user.lost_nothing(&outage.node).await?;
    // Deposits come through as well.
    let bridge = Bridge::of(&outage.node).await?;
    let payer = Account::development(1)?;
    bridge.approve(&payer).await?;
    bridge.deposit(&payer, Deposit::pay(RECIPIENT, 7)).await?;
    deposited(&outage.node.l2, RECIPIENT, U256::ZERO).await?;
    all_becomes_safe(&outage.node).await?;
    bridge.posted().await.map(drop)
}
