//! anvil's accounts, and sending from them.

use super::{Anvil, HANG, options};
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_signer_local::PrivateKeySigner;
use openledger_l1::{
    L1Block, L1Client, TxCandidate, TxEvent, TxManager, TxManagerConfig, TxPayload,
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;

const KEYS: [&str; 2] = [
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
];

pub fn signer(index: usize) -> PrivateKeySigner {
    KEYS[index].parse().expect("a key")
}

pub fn quick() -> TxManagerConfig {
    TxManagerConfig {
        confirmations: 2,
        poll_interval: Duration::from_millis(20),
        // Fees are raised as soon as blocks have passed a transaction by.
        resubmit_after: Duration::ZERO,
        ..TxManagerConfig::default()
    }
}

/// A manager, and what it tells.
pub struct Sender {
    pub manager: TxManager,
    pub address: Address,
    events: mpsc::UnboundedReceiver<TxEvent>,
}

/// A manager of an account that talks to `url`.
pub async fn sender(url: &str, index: usize, config: TxManagerConfig) -> Sender {
    let client = L1Client::new(url, options()).expect("a URL");
    sender_with(client, index, config).await
}

pub async fn sender_with(client: L1Client, index: usize, config: TxManagerConfig) -> Sender {
    let (manager, events) = TxManager::start(client, signer(index), config)
        .await
        .expect("anvil runs");
    Sender {
        manager,
        address: signer(index).address(),
        events,
    }
}

impl Sender {
    /// Waits for an event.
    pub async fn event(&mut self, mut condition: impl FnMut(&TxEvent) -> bool) -> TxEvent {
        let wait = async {
            loop {
                let event = self.events.recv().await.expect("the manager runs");
                if condition(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(HANG, wait)
            .await
            .expect("never: the event")
    }

    /// Waits until a nonce is in a block; the block that it is told for.
    pub async fn included(&mut self, nonce: u64, anvil: &Anvil) -> L1Block {
        loop {
            let is_it = |event: &TxEvent| matches!(event, TxEvent::Included { nonce: of, .. } if *of == nonce);
            let TxEvent::Included { block, .. } = self.event(is_it).await else {
                unreachable!("waited for");
            };
            let found = anvil.client().block_by_hash(block.hash).await;
            // A reorganisation may have removed it meanwhile; then it is told again.
            if let Some(found) = found.expect("anvil runs") {
                return found;
            }
        }
    }

    /// Mines until a nonce is in a block.
    pub async fn mined(&mut self, nonce: u64, anvil: &Anvil) -> L1Block {
        while_mining(anvil, self.included(nonce, anvil)).await
    }

    /// Waits until the pool has the transaction with a nonce and, as nothing is mined, all before it.
    pub async fn pooled(&self, nonce: u64, anvil: &Anvil) {
        let pooled = async { while anvil.nonce(self.address, "pending").await <= nonce {} };
        tokio::time::timeout(HANG, pooled)
            .await
            .expect("never: in the pool");
    }
}

impl Anvil {
    /// An account's nonce at a tag.
    pub async fn nonce(&self, account: Address, tag: &str) -> u64 {
        let count = self.call("eth_getTransactionCount", json!([account, tag]));
        let count: U64 = serde_json::from_value(count.await).expect("hex");
        count.to()
    }
}

pub fn calldata(to: Address, data: impl Into<Bytes>) -> TxCandidate {
    TxCandidate::new(to, TxPayload::Calldata(data.into()))
}

pub fn call(to: Address, data: impl Into<Bytes>) -> TxCandidate {
    TxCandidate {
        gas: 200_000,
        ..calldata(to, data)
    }
}

pub fn blobs(to: Address, data: &[&[u8]]) -> TxCandidate {
    let data = data.iter().map(|one| Bytes::copy_from_slice(one));
    TxCandidate::new(to, TxPayload::Blobs(data.collect()))
}

/// The outcome of something that needs blocks.
pub async fn while_mining<T>(anvil: &Anvil, what: impl Future<Output = T>) -> T {
    let mine = async {
        let mut rhythm = tokio::time::interval(Duration::from_millis(50));
        loop {
            rhythm.tick().await;
            anvil.mine(1).await;
        }
    };
    tokio::select! {
        outcome = tokio::time::timeout(HANG, what) => outcome.expect("never: inclusion"),
        () = mine => unreachable!("it never ends"),
    }
}

pub fn word(number: u64) -> B256 {
    B256::from(U256::from(number))
}

/// What the blocks hold of an account, in order.
pub async fn sent_by(anvil: &Anvil, account: Address) -> Vec<Value> {
    let head = anvil.client().head().await.expect("anvil runs").number;
    let mut sent = Vec::new();
    for number in 0..=head {
        let number = format!("{number:#x}");
        let block = anvil
            .call("eth_getBlockByNumber", json!([number, true]))
            .await;
        let txs = block["transactions"].as_array().expect("full");
        sent.extend(
            txs.iter()
                .filter(|tx| tx["from"] == json!(account))
                .cloned(),
        );
    }
    sent
}

/// Each nonce has its calldata, once.
pub async fn assert_sent(anvil: &Anvil, sender: &Sender, expected: &[Bytes]) {
    let sent = sent_by(anvil, sender.address).await;
    let sent = sent.iter().map(|tx| (number(&tx["nonce"]), &tx["input"]));
    let sent: Vec<_> = sent
        .map(|(nonce, input)| (nonce, serde_json::from_value(input.clone()).expect("hex")))
        .collect();
    let expected: Vec<(U256, Bytes)> = (0..)
        .map(U256::from)
        .zip(expected.iter().cloned())
        .collect();
    assert_eq!(sent, expected);
}

pub fn number(value: &Value) -> U256 {
    serde_json::from_value(value.clone()).expect("hex")
}
