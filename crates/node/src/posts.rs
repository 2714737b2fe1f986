//! The batcher's transactions on their way to the L1: each nonce has one payload, which is sent until a block has it.

use alloy_consensus::{
    SignableTransaction, TxEip1559, TxEip4844, TxEip4844WithSidecar, TxEnvelope,
};
use alloy_eips::{eip2718::Encodable2718, eip4844::BlobTransactionSidecar};
use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use anyhow::{Context, Result};
use openledger_batcher::{Payload, Post, PostEvent, Posts};
use openledger_l1::{L1Block, L1Client, L1Error};
use openledger_protocol::encode_blob;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};
use tracing::{debug, warn};

/// Time between two looks at the L1.
const POLL: Duration = Duration::from_millis(500);
/// Time after which a transaction that is in no block yet is sent again with higher fees.
const RESUBMIT: Duration = Duration::from_secs(24);
/// The least tip and blob fee, in wei per gas.
const MIN_TIP: u128 = 1_000_000_000;
const MIN_BLOB_FEE: u128 = 1_000_000_000;
/// Fees never go above this many wei per gas: an L1 that asks for more is waited for.
const MAX_FEE: u128 = 2_000_000_000_000;

/// What a transaction offers, in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fees {
    tip: u128,
    fee: u128,
    blob: u128,
}

impl Fees {
    /// Room for the base fees to double.
    fn at(head: &L1Block) -> Self {
        Self {
            tip: MIN_TIP,
            fee: (2 * u128::from(head.base_fee) + MIN_TIP).min(MAX_FEE),
            blob: head
                .blob_base_fee
                .saturating_mul(2)
                .clamp(MIN_BLOB_FEE, MAX_FEE),
        }
    }

    /// What clients accept in the place of a transaction with these fees: 10 % more, for blobs twice as much.
    fn bumped(self, blobs: bool, now: Self) -> Self {
        let raise = |fee: u128| if blobs { fee * 2 } else { fee + fee / 10 + 1 };
        Self {
            tip: raise(self.tip).max(now.tip).min(MAX_FEE),
            fee: raise(self.fee).max(now.fee).min(MAX_FEE),
            blob: raise(self.blob).max(now.blob).min(MAX_FEE),
        }
    }
}

/// A nonce's payload and what became of it.
struct Pending {
    payload: Payload,
    /// Made once: a blob's proofs take a tenth of a second each.
    sidecar: Option<Arc<BlobTransactionSidecar>>,
    fees: Option<Fees>,
    hashes: Vec<B256>,
    sent: Option<Instant>,
    included: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    block_number: U64,
}

struct Poster {
    client: L1Client,
    signer: PrivateKeySigner,
    chain_id: u64,
    inbox: Address,
    pending: BTreeMap<u64, Pending>,
    events: mpsc::UnboundedSender<PostEvent>,
    complained: bool,
}

/// Starts the task and joins both ends. Fails when the L1 does not answer.
pub(crate) async fn start(
    client: L1Client,
    signer: PrivateKeySigner,
    inbox: Address,
) -> Result<Posts> {
    let chain_id = client.chain_id().await?;
    let client = client.without_retries();
    let (requests, requested) = mpsc::unbounded_channel();
    let (events, received) = mpsc::unbounded_channel();
    let poster = Poster {
        client,
        signer,
        chain_id,
        inbox,
        pending: BTreeMap::new(),
        events,
        complained: false,
    };
    let nonce = poster.count().await?;
    tokio::spawn(poster.run(requested));
    Ok(Posts {
        requests,
        events: received,
        nonce,
    })
}

impl Poster {
    async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Post>) {
        let mut ticks = interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                post = requests.recv() => match post {
                    Some(Post::Send { nonce, payload }) => {
                        self.pending.entry(nonce).or_insert(Pending {
                            payload,
                            sidecar: None,
                            fees: None,
                            hashes: Vec::new(),
                            sent: None,
                            included: false,
                        });
                    }
                    Some(Post::Forget { below }) => self.pending = self.pending.split_off(&below),
                    None => return,
                },
                _ = ticks.tick() => {
                    let outcome = self.look().await;
                    match &outcome {
                        Ok(()) => self.complained = false,
                        // Said once: it is tried again until it works.
                        Err(error) if !self.complained => {
                            warn!(error = format!("{error:#}"), "batches can not be sent now");
                            self.complained = true;
                        }
                        Err(error) => debug!(error = format!("{error:#}"), "batches can not be sent now"),
                    }
                }
            }
        }
    }

    /// Transactions that the L1's head has of the account.
    async fn count(&self) -> Result<u64, L1Error> {
        let address = self.signer.address();
        let count: U64 = self
            .client
            .call("eth_getTransactionCount", (address, "latest"))
            .await?;
        Ok(count.to())
    }

    /// Compares what is under way with the L1, and sends what is not in a block.
    async fn look(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let head = self.client.head().await?;
        let count = self.count().await?;
        self.note_excluded(count);
        self.note_included(count, &head).await?;
        let open: Vec<u64> = self
            .pending
            .range(count..)
            .map(|(nonce, _)| *nonce)
            .collect();
        for nonce in open {
            self.send(nonce, &head).await?;
        }
        Ok(())
    }

    /// The L1 took blocks back: what they had is sent again, as it was.
    fn note_excluded(&mut self, count: u64) {
        let mut lost = false;
        for (_, pending) in self.pending.range_mut(count..) {
            if pending.included {
                pending.included = false;
                pending.sent = None;
                lost = true;
            }
        }
        if lost {
            warn!(
                from = count,
                "the L1 took batches back: they are sent again"
            );
            // The batcher has ended when nobody listens.
            let _ = self.events.send(PostEvent::Excluded { from: count });
        }
    }

    async fn note_included(&mut self, count: u64, head: &L1Block) -> Result<()> {
        let waiting: Vec<(u64, Vec<B256>)> = self
            .pending
            .range(..count)
            .filter(|(_, pending)| !pending.included)
            .map(|(nonce, pending)| (*nonce, pending.hashes.clone()))
            .collect();
        for (nonce, hashes) in waiting {
            // An earlier run's hash is not known here; its payload was the same.
            let mut block = head.number;
            for hash in hashes {
                let receipt: Option<Receipt> = self
                    .client
                    .call("eth_getTransactionReceipt", (hash,))
                    .await?;
                if let Some(receipt) = receipt {
                    block = receipt.block_number.to();
                    break;
                }
            }
            if let Some(pending) = self.pending.get_mut(&nonce) {
                pending.included = true;
            }
            let _ = self.events.send(PostEvent::Included {
                nonce,
                l1_block: block,
            });
        }
        Ok(())
    }

    async fn send(&mut self, nonce: u64, head: &L1Block) -> Result<()> {
        let Some(pending) = self.pending.get_mut(&nonce) else {
            return Ok(());
        };
        if pending.sent.is_some_and(|at| at.elapsed() < RESUBMIT) {
            return Ok(());
        }
        let now = Fees::at(head);
        let is_blobs = matches!(pending.payload, Payload::Blobs(_));
        let fees = match pending.fees {
            // After a reorganisation the client may still have it, with these fees.
            Some(fees) if pending.sent.is_none() => fees,
            Some(fees) => fees.bumped(is_blobs, now),
            None => now,
        };
        let base = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit: 21_000,
            max_fee_per_gas: fees.fee,
            max_priority_fee_per_gas: fees.tip.min(fees.fee),
            to: TxKind::Call(self.inbox),
            value: U256::ZERO,
            access_list: Default::default(),
            input: Bytes::new(),
        };
        let (hash, raw) = match &pending.payload {
            Payload::Calldata(data) => {
                let tx = TxEip1559 {
                    gas_limit: calldata_gas(data),
                    input: data.clone(),
                    ..base
                };
                sign(&self.signer, tx)?
            }
            Payload::Blobs(blobs) => {
                let sidecar = match &pending.sidecar {
                    Some(sidecar) => sidecar.clone(),
                    None => {
                        let made = Arc::new(sidecar(blobs.clone()).await?);
                        pending.sidecar = Some(made.clone());
                        made
                    }
                };
                let tx = TxEip4844 {
                    chain_id: base.chain_id,
                    nonce,
                    gas_limit: base.gas_limit,
                    max_fee_per_gas: base.max_fee_per_gas,
                    max_priority_fee_per_gas: base.max_priority_fee_per_gas,
                    to: self.inbox,
                    value: U256::ZERO,
                    access_list: Default::default(),
                    blob_versioned_hashes: sidecar.versioned_hashes().collect(),
                    max_fee_per_blob_gas: fees.blob,
                    input: Bytes::new(),
                };
                let signature = self.signer.sign_hash_sync(&tx.signature_hash())?;
                let with = TxEip4844WithSidecar::from_tx_and_sidecar(tx, (*sidecar).clone());
                let signed = with.into_signed(signature);
                (*signed.hash(), Bytes::from(signed.encoded_2718()))
            }
        };
        pending.fees = Some(fees);
        if !pending.hashes.contains(&hash) {
            pending.hashes.push(hash);
        }
        pending.sent = Some(Instant::now());
        let sent: Result<B256, L1Error> = self.client.call("eth_sendRawTransaction", (raw,)).await;
        match sent {
            Ok(_) => Ok(()),
            // It is there, or its place is taken: the next look says which.
            Err(L1Error::Refused { message, .. })
                if ["already known", "already imported", "nonce too low"]
                    .iter()
                    .any(|known| message.to_lowercase().contains(known)) =>
            {
                Ok(())
            }
            Err(error) => {
                // Tried again at the next look; with the same fees unless those were the reason.
                let underpriced = error.to_string().contains("underpriced");
                if let Some(pending) = self.pending.get_mut(&nonce).filter(|_| !underpriced) {
                    pending.sent = None;
                }
                Err(error).with_context(|| format!("the transaction with nonce {nonce}"))
            }
        }
    }
}

fn sign(signer: &PrivateKeySigner, tx: TxEip1559) -> Result<(B256, Bytes)> {
    let signature = signer.sign_hash_sync(&tx.signature_hash())?;
    let envelope = TxEnvelope::from(tx.into_signed(signature));
    Ok((*envelope.tx_hash(), envelope.encoded_2718().into()))
}

/// What calldata costs a transaction to an account without code: the dearer of the two ways of counting (EIP-7623).
fn calldata_gas(data: &[u8]) -> u64 {
    let tokens: u64 = data.iter().map(|byte| if *byte == 0 { 1 } else { 4 }).sum();
    21_000 + 10 * tokens
}

/// Commitments and proofs, made off the runtime's threads.
async fn sidecar(blobs: Vec<Bytes>) -> Result<BlobTransactionSidecar> {
    tokio::task::spawn_blocking(move || {
        let blobs = blobs
            .iter()
            .map(|data| Ok(*encode_blob(data)?))
            .collect::<Result<Vec<_>>>()?;
        BlobTransactionSidecar::try_from_blobs_with_settings(
            blobs,
            alloy_eips::eip4844::env_settings::EnvKzgSettings::Default.get(),
        )
        .context("blob proofs")
    })
    .await
    .context("blob proofs were aborted")?
}
