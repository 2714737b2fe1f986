//! Comparing derived blocks with another node's.

use anyhow::{Context, Result, bail};
use openledger_chain::Chain;
use openledger_primitives::BlockRef;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{sync::mpsc, task::JoinHandle};

/// Blocks that are asked for in one request.
const BATCH: usize = 100;
/// Derived blocks that may wait to be compared, before derivation waits.
const WAITING: usize = 10_000;

/// The comparison, at work beside derivation.
pub(crate) struct Against {
    blocks: mpsc::Sender<BlockRef>,
    failure: Arc<Mutex<Option<String>>>,
    task: JoinHandle<Result<()>>,
}

/// Where derivation puts its blocks.
pub(crate) struct Sender(mpsc::Sender<BlockRef>);

impl Sender {
    /// Waits while too many are to be compared. Called on derivation's thread.
    pub(crate) fn put(&self, block: BlockRef) {
        // A comparison that found a difference has ended, and says so itself.
        let _ = self.0.blocking_send(block);
    }
}

impl Against {
    pub(crate) fn start(url: &str, chain: Arc<Chain>) -> Result<Self> {
        let url = reqwest::Url::parse(url).context("--against is no URL")?;
        let (blocks, receiver) = mpsc::channel(WAITING);
        let failure = Arc::new(Mutex::new(None));
        let found = failure.clone();
        let task = tokio::spawn(async move {
            compare_all(url, chain, receiver)
                .await
                .inspect_err(|error| *found.lock() = Some(format!("{error:#}")))
        });
        Ok(Self {
            blocks,
            failure,
            task,
        })
    }

    pub(crate) fn sender(&self) -> Sender {
        Sender(self.blocks.clone())
    }

    /// Fails when a difference was found so far.
    pub(crate) fn check(&self) -> Result<()> {
        match &*self.failure.lock() {
            Some(reason) => bail!("{reason}"),
            None => Ok(()),
        }
    }

    /// Waits until everything is compared.
    pub(crate) async fn finish(self) -> Result<()> {
        drop(self.blocks);
        self.task.await.context("the comparison was aborted")?
    }
}

async fn compare_all(
    url: reqwest::Url,
    chain: Arc<Chain>,
    mut blocks: mpsc::Receiver<BlockRef>,
) -> Result<()> {
    let client = reqwest::Client::new();
    let mut batch = Vec::with_capacity(BATCH);
    while blocks.recv_many(&mut batch, BATCH).await > 0 {
        let requests: Vec<Value> = batch
            .iter()
            .enumerate()
            .map(|(id, block)| {
                json!({"jsonrpc": "2.0", "id": id, "method": "eth_getBlockByNumber", "params": [format!("{:#x}", block.number), false]})
            })
            .collect();
        let answer: Vec<Value> = client
            .post(url.clone())
            .json(&requests)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .context("--against: the node does not answer")?
            .json()
            .await
            .context("--against: the node's answer is no JSON-RPC batch")?;
        for (id, block) in batch.iter().enumerate() {
            let theirs = answer
                .iter()
                .find(|answer| answer["id"] == json!(id))
                .map(|answer| &answer["result"])
                .unwrap_or(&Value::Null);
            if theirs.is_null() {
                bail!("--against: the node has no block {}", block.number);
            }
            if theirs["hash"] != json!(block.hash) {
                let chain = chain.clone();
                let number = block.number;
                let ours = tokio::task::spawn_blocking(move || chain.header(number))
                    .await
                    .context("the block could not be read")??;
                let field = ours.and_then(|header| first_difference(header.inner(), theirs));
                bail!(
                    "block {number} differs: derived {}, the node has {}{}",
                    block.hash,
                    theirs["hash"].as_str().unwrap_or("no hash"),
                    field.map_or(String::new(), |field| format!(
                        " (first difference: {field})"
                    ))
                );
            }
        }
        batch.clear();
    }
    Ok(())
}

/// The first header field that differs from the node's block, with both values.
fn first_difference(header: &alloy_consensus::Header, theirs: &Value) -> Option<String> {
    let ours = serde_json::to_value(header).ok()?;
    let fields = [
        "parentHash",
        "timestamp",
        "gasLimit",
        "extraData",
        "mixHash",
        "parentBeaconBlockRoot",
        "transactionsRoot",
        "receiptsRoot",
        "gasUsed",
        "blobGasUsed",
        "stateRoot",
        "withdrawalsRoot",
        "baseFeePerGas",
        "logsBloom",
    ];
    fields
        .into_iter()
        .find(|field| ours.get(field) != theirs.get(field))
        .map(|field| {
            format!(
                "{field}: derived {}, the node {}",
                ours[field], theirs[field]
            )
        })
}
