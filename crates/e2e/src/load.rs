//! Users who send transactions one after the other, as fast as they are answered.

use crate::{Account, Call, Ledger, Rpc, acknowledged::promise, deposit_call, transfer_call};
use alloy_primitives::{B256, Bytes};
use anyhow::{Context, Result};
use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::task::JoinSet;

/// Accounts that send.
pub const WORKERS: u32 = 8;

/// Milliseconds that a user waits for a receipt.
const PATIENCE: u64 = 5_000;

/// The users, who outlive the node.
#[derive(Debug)]
pub struct Load {
    users: Vec<User>,
    chain_id: u64,
    /// What the node has promised them.
    pub ledger: Arc<Mutex<Ledger>>,
}

#[derive(Debug)]
struct User {
    account: Account,
    peers: Vec<Account>,
    nonce: u64,
    random: StdRng,
    /// Sent, and not taken.
    not_taken: Option<(B256, Bytes)>,
}

/// Users at work on one life of the node.
#[derive(Debug)]
pub struct Working {
    tasks: JoinSet<(User, Result<()>)>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Users with the first development accounts, which must not have sent anything yet.
    ///
    /// # Errors
    /// When keys can not be derived.
    pub fn new(chain_id: u64, seed: u64) -> Result<Self> {
        let accounts = (0..WORKERS)
            .map(Account::development)
            .collect::<Result<Vec<_>>>()?;
        let user = |(index, account): (u64, &Account)| User {
            account: account.clone(),
            peers: accounts.clone(),
            nonce: 0,
            random: StdRng::seed_from_u64(seed.wrapping_add(index)),
            not_taken: None,
        };
        Ok(Self {
            users: (0..).zip(&accounts).map(user).collect(),
            chain_id,
            ledger: Arc::default(),
        })
    }

    /// The accounts.
    pub fn accounts(&self) -> Vec<Account> {
        self.users.iter().map(|user| user.account.clone()).collect()
    }

    /// Checks everything that the node has promised them, once it is in blocks; what was promised.
    ///
    /// # Errors
    /// As [`Ledger::settle`].
    pub async fn settle(&self, rpc: &Rpc) -> Result<Ledger> {
        let mut ledger = std::mem::take(&mut *self.ledger.lock());
        ledger.settle(rpc, &self.accounts()).await?;
        Ok(ledger)
    }

    /// Lets all users send until they are stopped or the node is gone.
    pub fn start(&mut self, rpc: &Rpc) -> Working {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for mut user in self.users.drain(..) {
            let (rpc, stop, ledger, chain_id) = (
                rpc.clone(),
                stop.clone(),
                self.ledger.clone(),
                self.chain_id,
            );
            tasks.spawn(async move {
                let outcome = user.work(&rpc, chain_id, &stop, &ledger).await;
                (user, outcome)
            });
        }
        Working { tasks, stop }
    }

    /// Ends the work: each user's last request is answered, or lost with the node.
    ///
    /// # Errors
    /// The first refusal that a user got.
    pub async fn end(&mut self, mut working: Working) -> Result<()> {
        working.stop.store(true, Ordering::Relaxed);
        let mut outcome = Ok(());
        while let Some(ended) = working.tasks.join_next().await {
            let (user, result) = ended.context("a user panicked")?;
            self.users.push(user);
            outcome = outcome.and(result);
        }
        outcome
    }
}

impl User {
    async fn work(
        &mut self,
        rpc: &Rpc,
        chain_id: u64,
        stop: &AtomicBool,
        ledger: &Mutex<Ledger>,
    ) -> Result<()> {
        while !stop.load(Ordering::Relaxed) {
            let (hash, raw) = match self.not_taken.take() {
                Some(not_taken) => not_taken,
                None => {
                    let call = self.next_call();
                    let signed = self.account.sign(chain_id, self.nonce, call)?;
                    self.nonce += 1;
                    signed
                }
            };
            let answer = if self.random.random_bool(0.5) {
                rpc.call("eth_sendRawTransaction", json!([raw])).await
            } else {
                rpc.call("eth_sendRawTransactionSync", json!([raw, PATIENCE]))
                    .await
            };
            let outcome = promise(hash, answer);
            if let Ok(Some(promise)) = outcome {
                ledger.lock().note(promise);
                continue;
            }
            // The node is gone, or does not take it now; the same transaction is sent to the next one.
            self.not_taken = Some((hash, raw));
            return outcome.map(drop);
        }
        Ok(())
    }

    /// Payments, and writes to a token's storage.
    fn next_call(&mut self) -> Call {
        let to = self.peers[self.random.random_range(0..self.peers.len())].address;
        match self.nonce {
            0 => deposit_call(1_000_000),
            _ if self.random.random_bool(0.5) => Call::pay(to, 1),
            _ => transfer_call(to, 1),
        }
    }
}
