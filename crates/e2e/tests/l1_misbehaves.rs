//! The L1 does what an L1 can do: it takes blocks back, becomes dear, takes no transactions for want of funds, goes away. Each
//! time the chain that the node has is one that anyone can rebuild, and nobody lost what only the L1 could have taken.

use alloy_consensus::{BlobTransactionSidecar, SimpleCoder, TxEip4844};
use alloy_eips::eip4844::builder::SidecarBuilder;
use alloy_primitives::{Address, B256, U256};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{
    Account, Anvil, BATCHER, Bridge, Deposit, Heads, IL1Contracts, Load, MAX_FEE, Node,
    NodeOptions, OWNER, address_of, deposit_call, transfer_call,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;

const RECIPIENT: Address = Address::repeat_byte(0xd1);

async fn on_anvil(arguments: &[&str]) -> Result<(Anvil, Node)> {
    let anvil = Anvil::start().await?;
    let node = NodeOptions::new()?
        .with(["--l1-rpc", anvil.url(), "--l1-block-time", "1"])
        .with(arguments)
        .start()
        .await?;
    Ok((anvil, node))
}

/// Somebody who pays, deposits and changes settings, a little at a time.
struct Users {
    chain_id: u64,
    alice: Account,
    bob: Account,
    nonce: u64,
    acknowledged: Vec<B256>,
}

impl Users {
    fn new(node: &Node) -> Result<Self> {
        Ok(Self {
            chain_id: node.deployment.l2.chain_id,
            alice: Account::development(0)?,
            bob: Account::development(1)?,
            nonce: 0,
            acknowledged: Vec::new(),
        })
    }

    async fn act(&mut self, node: &Node, bridge: &Bridge, random: &mut StdRng) -> Result<()> {
        for _ in 0..random.random_range(1..4) {
            let call = match self.nonce {
                0 => deposit_call(1_000_000),
                _ => transfer_call(self.bob.address, 1),
            };
            let (hash, raw) = self.alice.sign(self.chain_id, self.nonce, call)?;
            node.l2.call("eth_sendRawTransaction", json!([raw])).await?;
            self.acknowledged.push(hash);
            self.nonce += 1;
        }
        // What these send may be taken back; each time anew, they do not depend on what was before.
        bridge.approve_later(&self.bob).await?;
        bridge
            .deposit(&self.bob, Deposit::pay(RECIPIENT, 7))
            .await?;
        let gas_limit = random.random_range(30_000_000..60_000_000);
        bridge
            .configure(IL1Contracts::setGasLimitCall {
                gasLimit: gas_limit,
            })
            .await?;
        Ok(())
    }

    /// Everything that was acknowledged is in the chain.
    async fn lost_nothing(&self, node: &Node) -> Result<()> {
        for hash in &self.acknowledged {
            node.l2
                .mined(*hash)
                .await
                .context("acknowledged, and in no block")?;
        }
        ensure!(node.l2.nonce(self.alice.address, "latest").await? == self.nonce);
        Ok(())
    }
}

/// Whose transactions a reorganisation took back.
#[derive(Debug, Default)]
struct Lost {
    batches: usize,
    deposits: usize,
    settings: usize,
}

impl Lost {
    async fn count(&mut self, bridge: &Bridge, from: u64) -> Result<()> {
        let (batcher, owner, bob) = (
            Account::development(BATCHER)?.address,
            Account::development(OWNER)?.address,
            Account::development(1)?.address,
        );
        for number in from..=bridge.l1.height().await? {
            for tx in &bridge.l1.transactions(number).await? {
                let sender = address_of(tx, "from")?;
                self.batches += usize::from(sender == batcher);
                self.settings += usize::from(sender == owner);
                self.deposits += usize::from(sender == bob);
            }
        }
        Ok(())
    }
}

/// Reorganisations in a chain's life, from one block deep to 64: `OPENLEDGER_REORGS` of random depths before the deepest.
#[tokio::test]
async fn after_reorganisations_of_any_depth_there_is_one_chain_and_everybody_was_told() -> Result<()>
{
    let seed = variable("OPENLEDGER_SEED").unwrap_or_else(rand::random);
    let count = variable("OPENLEDGER_REORGS").unwrap_or(6);
    println!("OPENLEDGER_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (anvil, node) = on_anvil(&["--max-channel-duration", "1"]).await?;
    let founded = anvil.rpc.height().await?;
    let bridge = Bridge::of(&node).await?;
    let ws = node.deployment.l2.ws.clone().context("no WebSocket")?;
    let heads = Heads::follow(&ws).await?;
    let mut users = Users::new(&node)?;
    let mut lost = Lost::default();
    // Above the block on which the chain is founded, which no L1 may take back.
    for round in 0..=count {
        let depth: u64 = match round {
            0 => 1,
            _ if round == count => 64,
            _ => random.random_range(2..24),
        };
        let target =
            (founded + depth + 1).max(anvil.rpc.height().await? + random.random_range(1..6));
        loop {
            users.act(&node, &bridge, &mut random).await?;
            let height = anvil.rpc.height().await?;
            if height >= target {
                break;
            }
            anvil.rpc.reach(height + 1).await?;
        }
        let first = anvil.rpc.height().await? + 1 - depth;
        lost.count(&bridge, first).await?;
        anvil
            .rpc
            .call("anvil_reorg", json!([depth, []]))
            .await
            .with_context(|| format!("a reorganisation {depth} deep"))?;
        println!("{depth} blocks deep, from {first}: {lost:?}");
    }
    users.act(&node, &bridge, &mut random).await?;
    ensure!(
        lost.batches > 0 && lost.deposits > 0 && lost.settings > 0,
        "the reorganisations took back too little: {lost:?}"
    );
    users
        .lost_nothing(&node)
        .await
        .with_context(|| node.process.stderr())?;
    node.rebuilds().await?;
    heads.agree(&node.l2).await?;
    ensure!(heads.taken_back() > 0, "no subscriber was told anything");
    let posted = bridge.posted().await?;
    ensure!(posted.all() > 0, "{posted:?}");
    Ok(())
}

#[tokio::test]
async fn a_batcher_without_funds_loses_nothing_and_drains_its_backlog_when_it_is_refilled()
-> Result<()> {
    let (anvil, node) = on_anvil(&["--da", "calldata"]).await?;
    let batcher = Account::development(BATCHER)?.address;
    node.rebuilds().await?;
    let funds = anvil.rpc.balance(batcher, "latest").await?;
    set_balance(&anvil, batcher, U256::ZERO).await?;
    let before = node.safe(0).await?;

    let mut load = Load::new(node.deployment.l2.chain_id, 7)?;
    let working = load.start(&node.l2);
    node.l2.reach(node.l2.height().await? + 20).await?;
    load.end(working).await?;
    let height = node.l2.height().await?;
    let mut unsafe_blocks = Vec::new();
    for number in 0..=height {
        unsafe_blocks.push(node.l2.block(number).await?["hash"].clone());
    }
    // What was under way when the funds went may have landed; nothing that came later has.
    let stuck = node.safe(before).await?;
    ensure!(stuck < height, "batches are posted without funds");
    ensure!(
        node.process.stderr().contains("funds"),
        "the operator is not told: {}",
        node.process.stderr()
    );

    set_balance(&anvil, batcher, funds).await?;
    node.rebuilds().await?;
    for (number, hash) in unsafe_blocks.iter().enumerate() {
        let block = node.l2.block(number as u64).await?;
        ensure!(block["hash"] == *hash, "block {number} was replaced");
    }
    load.settle(&node.l2).await?;
    Bridge::of(&node).await?.posted().await.map(drop)
}

/// `OPENLEDGER_BACKLOG`: how many blocks are built meanwhile.
#[tokio::test]
async fn what_was_built_while_the_l1_was_away_is_posted_when_it_is_back() -> Result<()> {
    let (mut anvil, node) = on_anvil(&["--da", "blobs"]).await?;
    node.rebuilds().await?;
    anvil.stop().await?;
    let backlog = variable("OPENLEDGER_BACKLOG").unwrap_or(25);
    let mut load = Load::new(node.deployment.l2.chain_id, 8)?;
    let working = load.start(&node.l2);
    let end = node.l2.height().await? + backlog;
    while node.l2.height().await? < end {
        node.l2.reach(end.min(node.l2.height().await? + 10)).await?;
    }
    load.end(working).await?;
    anvil.resume().await?;
    // However long it takes, as long as it goes on.
    let (mut safe, head) = (node.safe(0).await?, node.l2.height().await?);
    while safe < head {
        safe = node.safe(safe + 1).await?;
    }
    node.rebuilds().await?;
    load.settle(&node.l2).await?;
    Bridge::of(&node).await?.posted().await.map(drop)
}

/// Blobs of somebody else in every L1 block, for a better tip than the batcher begins with, until a blob costs a thousand times
/// what it did: from 1 to over 1,000 gwei a unit of gas.
#[tokio::test]
async fn batches_land_while_the_blob_base_fee_rises_a_thousandfold() -> Result<()> {
    let node = NodeOptions::new()?
        .with(["--l1-block-time", "1", "--da", "blobs"])
        .with(["--l1-blob-base-fee", "1000000000"])
        .start()
        .await?;
    let bridge = Bridge::of(&node).await?;
    let mut users = Users::new(&node)?;
    let mut random = StdRng::seed_from_u64(5);
    // As many as a block takes.
    let mut crowd = [Crowd::new(5, 6)?, Crowd::new(6, 3)?];
    let first = blob_base_fee(&node).await?;
    let mut highest = first;
    for _ in 0..200 {
        for sender in &mut crowd {
            sender.keep_sending(&node).await?;
        }
        let height = node.l1.height().await?;
        if height % 8 == 0 {
            users.act(&node, &bridge, &mut random).await?;
        }
        highest = highest.max(blob_base_fee(&node).await?);
        if highest >= first * 1_000 {
            break;
        }
        node.l1.reach(height + 1).await?;
    }
    ensure!(
        highest >= first * 1_000,
        "a blob's gas cost {first} wei at first and {highest} at most"
    );
    users.lost_nothing(&node).await?;
    node.rebuilds().await?;
    let posted = bridge.posted().await?;
    ensure!(posted.blobs > 0 && posted.calldata == 0, "{posted:?}");
    Ok(())
}

async fn blob_base_fee(node: &Node) -> Result<u128> {
    let fee: U256 = node.l1.get("eth_blobBaseFee", json!([])).await?;
    Ok(fee.to())
}

/// Somebody whose blobs say nothing.
struct Crowd {
    account: Account,
    sidecar: BlobTransactionSidecar,
    nonce: u64,
}

impl Crowd {
    fn new(index: u32, blobs: usize) -> Result<Self> {
        // Less than a blob holds, each.
        let data = vec![1; 120_000 * blobs];
        Ok(Self {
            account: Account::development(index)?,
            sidecar: SidecarBuilder::<SimpleCoder>::from_slice(&data).build_4844()?,
            nonce: 0,
        })
    }

    /// Sees to it that the next blocks have something to take.
    async fn keep_sending(&mut self, node: &Node) -> Result<()> {
        let mined = node.l1.nonce(self.account.address, "latest").await?;
        while self.nonce < mined + 3 {
            let tx = TxEip4844 {
                chain_id: node.deployment.l1.chain_id,
                nonce: self.nonce,
                gas_limit: 21_000,
                max_fee_per_gas: MAX_FEE,
                max_priority_fee_per_gas: 2_000_000_000,
                to: RECIPIENT,
                value: U256::ZERO,
                access_list: Default::default(),
                blob_versioned_hashes: self.sidecar.versioned_hashes().collect(),
                max_fee_per_blob_gas: 10_000_000_000_000,
                input: Default::default(),
            };
            let raw = self.account.seal_blobs(tx, self.sidecar.clone())?;
            node.l1.call("eth_sendRawTransaction", json!([raw])).await?;
            self.nonce += 1;
        }
        Ok(())
    }
}

async fn set_balance(anvil: &Anvil, account: Address, wei: U256) -> Result<()> {
    anvil
        .rpc
        .call("anvil_setBalance", json!([account, wei]))
        .await?;
    // It counts from the next block on.
    anvil.rpc.reach(anvil.rpc.height().await? + 1).await
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
