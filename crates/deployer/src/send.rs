//! Several transactions of one account at once, until all of them are on the chain.

use crate::{
    DeployError,
    chain::{Call, Included, L1, sign},
};
use alloy_eips::eip1559::Eip1559Estimation;
use alloy_primitives::{Address, B256};
use alloy_signer_local::PrivateKeySigner;
use futures::future::try_join_all;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// Makes an L1 block of what waits, and returns when it is the head; may block the thread.
pub type Mine = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// How transactions get into blocks.
#[derive(Clone)]
pub enum Inclusion {
    /// The L1 makes its blocks by itself: it is asked again and again.
    Wait {
        /// Time between two questions. Default 1 s.
        poll: Duration,
        /// After how long without inclusion the fees are raised by a quarter. Default 60 s.
        bump_after: Duration,
        /// After how long it is given up. Default 30 min.
        give_up_after: Duration,
    },
    /// The L1 makes a block when told to.
    Demand(Mine),
}

impl Default for Inclusion {
    fn default() -> Self {
        Self::Wait {
            poll: Duration::from_secs(1),
            bump_after: Duration::from_secs(60),
            give_up_after: Duration::from_secs(1_800),
        }
    }
}

impl fmt::Debug for Inclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wait { poll, .. } => f.debug_struct("Wait").field("poll", poll).finish(),
            Self::Demand(_) => f.write_str("Demand"),
        }
    }
}

/// Blocks that an L1 on demand is asked for before transactions that it leaves out are given up.
const MOST_BLOCKS: u32 = 64;

/// An account with its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wallet<'a> {
    pub(crate) l1: &'a L1<'a>,
    pub(crate) chain_id: u64,
    pub(crate) signer: &'a PrivateKeySigner,
}

/// A transaction on its way.
struct Waiting {
    index: usize,
    nonce: u64,
    call: Call,
    fees: Eip1559Estimation,
    /// One for each time the fees were raised.
    hashes: Vec<B256>,
}

/// What happens to the transactions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    /// The one at this place in the list is with the L1.
    Sent(usize, B256),
    /// It is on the chain.
    Arrived(Arrived),
}

/// A transaction that has arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived {
    /// Its place in the list that was sent.
    pub(crate) index: usize,
    pub(crate) hash: B256,
    pub(crate) receipt: Included,
}

impl Wallet<'_> {
    pub(crate) fn address(&self) -> Address {
        self.signer.address()
    }

    /// Waits until nothing of this account waits: what an earlier run sent counts before more is sent.
    pub(crate) async fn settle(&self, inclusion: &Inclusion) -> Result<(), DeployError> {
        let mut pace = Pace::new(inclusion);
        loop {
            let mined = self.l1.nonce(self.address()).await?;
            let known = self.l1.pending_nonce(self.address()).await?;
            if known <= mined {
                return Ok(());
            }
            let count = usize::try_from(known - mined).unwrap_or(usize::MAX);
            pace.next(self.address(), count).await?;
        }
    }

    /// Sends the calls with consecutive nonces and waits for their receipts, raising fees where that takes long.
    ///
    /// The answer has no entry for a transaction whose nonce was used by another one meanwhile.
    pub(crate) async fn send(
        &self,
        calls: Vec<Call>,
        inclusion: &Inclusion,
        mut on_event: impl FnMut(Event),
    ) -> Result<Vec<Arrived>, DeployError> {
        let (_, fees) = self.l1.fees().await?;
        let first = self.l1.nonce(self.address()).await?;
        let mut waiting = Vec::with_capacity(calls.len());
        for ((index, call), nonce) in calls.into_iter().enumerate().zip(first..) {
            let (raw, hash) = sign(self.signer, self.chain_id, nonce, fees, call.clone())?;
            self.l1.send(raw).await?;
            on_event(Event::Sent(index, hash));
            waiting.push(Waiting {
                index,
                nonce,
                call,
                fees,
                hashes: vec![hash],
            });
        }
        let mut pace = Pace::new(inclusion);
        let mut all = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            pace.next(self.address(), waiting.len()).await?;
            let mined = self.l1.nonce(self.address()).await?;
            let receipts = try_join_all(waiting.iter().map(|tx| self.receipt(tx))).await?;
            let mut left = Vec::new();
            for (tx, receipt) in waiting.into_iter().zip(receipts) {
                match receipt {
                    Some((hash, receipt)) => {
                        let one = Arrived {
                            index: tx.index,
                            hash,
                            receipt,
                        };
                        on_event(Event::Arrived(one));
                        all.push(one);
                    }
                    // Asked for the nonce before the receipt: another transaction has it.
                    None if tx.nonce < mined => {}
                    None => left.push(tx),
                }
            }
            waiting = left;
            if pace.is_slow() && !waiting.is_empty() {
                self.raise(&mut waiting).await?;
            }
        }
        Ok(all)
    }

    async fn receipt(&self, tx: &Waiting) -> Result<Option<(B256, Included)>, DeployError> {
        for hash in &tx.hashes {
            if let Some(receipt) = self.l1.receipt(*hash).await? {
                return Ok(Some((*hash, receipt)));
            }
        }
        Ok(None)
    }

    /// Sends again what waits, dearer by a quarter (pools want a tenth) or by what the L1 asks now.
    async fn raise(&self, waiting: &mut [Waiting]) -> Result<(), DeployError> {
        let (_, now) = self.l1.fees().await?;
        for tx in waiting {
            let raised = |old: u128, new: u128| new.max(old.saturating_add(old / 4 + 1));
            tx.fees = Eip1559Estimation {
                max_fee_per_gas: raised(tx.fees.max_fee_per_gas, now.max_fee_per_gas),
                max_priority_fee_per_gas: raised(
                    tx.fees.max_priority_fee_per_gas,
                    now.max_priority_fee_per_gas,
                ),
            };
            let (raw, hash) = sign(
                self.signer,
                self.chain_id,
                tx.nonce,
                tx.fees,
                tx.call.clone(),
            )?;
            tracing::info!(nonce = tx.nonce, max_fee = tx.fees.max_fee_per_gas, %hash, "transaction is slow, its fees are raised");
            tx.hashes.push(hash);
            // A refusal here (a replacement that is still too cheap) changes nothing for the one before.
            if let Err(error) = self.l1.send(raw).await {
                tracing::warn!(nonce = tx.nonce, %error, "the L1 refuses the transaction with raised fees");
            }
        }
        Ok(())
    }
}

/// The rhythm of waiting.
struct Pace<'a> {
    inclusion: &'a Inclusion,
    started: Instant,
    raised: Instant,
    blocks: u32,
}

impl<'a> Pace<'a> {
    fn new(inclusion: &'a Inclusion) -> Self {
        let now = Instant::now();
        Self {
            inclusion,
            started: now,
            raised: now,
            blocks: 0,
        }
    }

    /// Until it is worth asking again.
    async fn next(&mut self, account: Address, count: usize) -> Result<(), DeployError> {
        let gone = self.started.elapsed();
        let exhausted = DeployError::Waiting {
            account,
            count,
            seconds: gone.as_secs(),
        };
        match self.inclusion {
            Inclusion::Wait {
                poll,
                give_up_after,
                ..
            } => {
                if gone > *give_up_after {
                    return Err(exhausted);
                }
                tokio::time::sleep(*poll).await;
                Ok(())
            }
            Inclusion::Demand(mine) => {
                if self.blocks == MOST_BLOCKS {
                    return Err(exhausted);
                }
                self.blocks += 1;
                let mine = mine.clone();
                tokio::task::spawn_blocking(move || mine())
                    .await
                    .map_err(|error| DeployError::Mine(error.to_string()))?
                    .map_err(DeployError::Mine)
            }
        }
    }

    /// True once each time that it has taken long.
    fn is_slow(&mut self) -> bool {
        let Inclusion::Wait { bump_after, .. } = self.inclusion else {
            return false;
        };
        let slow = self.raised.elapsed() > *bump_after;
        if slow {
            self.raised = Instant::now();
        }
        slow
    }
}
