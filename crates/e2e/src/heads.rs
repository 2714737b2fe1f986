//! What a subscriber believes who hears of new heads and of nothing else.

use crate::{Rpc, Subscription, hash_of, quantity, until};
use alloy_primitives::B256;
use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use tokio::task::JoinHandle;

/// Follows `newHeads` and keeps the chain that they describe: a head at a height that was there before takes back everything
/// from that height on.
#[derive(Debug)]
pub struct Heads {
    told: Arc<Mutex<Told>>,
    task: JoinHandle<Result<()>>,
}

#[derive(Debug, Default)]
struct Told {
    chain: BTreeMap<u64, B256>,
    /// Blocks that were taken back.
    taken_back: u64,
    wrong: Option<String>,
}

impl Heads {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the subscription is refused.
    pub async fn follow(ws: &str) -> Result<Self> {
        let mut heads = Subscription::open(ws, json!(["newHeads"])).await?;
        let told = Arc::<Mutex<Told>>::default();
        let kept = told.clone();
        let task = tokio::spawn(async move {
            loop {
                let head = heads.next().await?;
                kept.lock().hear(&head)?;
            }
        });
        Ok(Self { told, task })
    }

    /// Blocks that the subscriber was told are gone.
    pub fn taken_back(&self) -> u64 {
        self.told.lock().taken_back
    }

    /// Waits until the subscriber has heard of the node's head, and checks that he believes in exactly the node's chain.
    ///
    /// # Errors
    /// The first block in which he does not, or the head that followed nothing he knew.
    pub async fn agree(&self, rpc: &Rpc) -> Result<()> {
        until("the subscriber has the node's head", async || {
            if self.task.is_finished() {
                anyhow::bail!("the subscription ended: {:?}", self.told.lock().wrong);
            }
            let head = rpc.block("latest").await?;
            let number = quantity(&head, "number")?;
            let heard = self.told.lock().chain.get(&number).copied();
            Ok((heard == Some(hash_of(&head, "hash")?)).then_some(()))
        })
        .await?;
        let chain = self.told.lock().chain.clone();
        for (number, hash) in chain {
            // The node may have sealed further blocks, but none of these is gone without a word.
            let block = rpc.block(number).await?;
            ensure!(
                hash_of(&block, "hash")? == hash,
                "block {number} was {hash} and is {block}: nobody was told"
            );
        }
        Ok(())
    }
}

impl Drop for Heads {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Told {
    fn hear(&mut self, head: &Value) -> Result<()> {
        let (number, hash) = (quantity(head, "number")?, hash_of(head, "hash")?);
        self.taken_back += self.chain.split_off(&number).len() as u64;
        let parent = self.chain.last_key_value();
        if let Some((last, known)) = parent {
            let follows = *last + 1 == number && *known == hash_of(head, "parentHash")?;
            if !follows {
                let wrong = format!("{head} does not follow block {last}, {known}");
                self.wrong = Some(wrong.clone());
                return Err(anyhow::Error::msg(wrong)).context("newHeads");
            }
        }
        self.chain.insert(number, hash);
        Ok(())
    }
}
