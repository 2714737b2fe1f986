//! The contracts of the economy, as those use them who contribute, pay, post and watch.

use crate::{Account, Call, Rpc, until};
use alloy_primitives::{Address, B256, Bytes, Log, LogData, U256, hex};
use alloy_signer::SignerSync;
use alloy_sol_types::{SolCall, SolEvent};
use anyhow::{Context, Result, ensure};
use openledger_attributor::Follower;
use openledger_contracts::addresses;
use serde_json::{Value, json};

/// Gas of a call, which none of them needs.
const GAS: u64 = 5_000_000;

/// Contracts whose events are followed.
const FOLLOWED: [Address; 5] = [
    addresses::CONTRIBUTION_REGISTRY,
    addresses::DATANET_REGISTRY,
    addresses::MODEL_REGISTRY,
    addresses::PAYABLE_AI,
    addresses::SETTLEMENT,
];

/// A chain with its economy, and somebody who follows it.
#[derive(Debug)]
pub struct Economy {
    /// The chain.
    pub l2: Rpc,
    /// What its events come to.
    pub follower: Follower,
    chain_id: u64,
    /// The first block that was not followed yet.
    next: u64,
}

impl Economy {
    /// Of a running chain, from its beginning.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn of(l2: &Rpc) -> Result<Self> {
        Ok(Self {
            l2: l2.clone(),
            follower: Follower::default(),
            chain_id: l2.chain_id().await?,
            next: 0,
        })
    }

    /// Makes a call that succeeds; its receipt.
    ///
    /// # Errors
    /// When it is refused or reverts; with the data of the revert.
    pub async fn send<C: SolCall>(&self, from: &Account, to: Address, call: C) -> Result<Receipt> {
        self.pay(from, to, call, U256::ZERO).await
    }

    /// The same with a value.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn pay<C: SolCall>(
        &self,
        from: &Account,
        to: Address,
        call: C,
        value: U256,
    ) -> Result<Receipt> {
        let receipt = self.try_pay(from, to, &call, value).await?;
        if receipt.succeeded() {
            return Ok(receipt);
        }
        let input = hex::encode_prefixed(call.abi_encode());
        let request = json!({"from": from.address, "to": to, "data": input, "value": value});
        let again = self.l2.call("eth_call", json!([request, "latest"])).await;
        anyhow::bail!("{} reverts: {again:?}", C::SIGNATURE)
    }

    /// Makes a call that may revert.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn try_pay<C: SolCall>(
        &self,
        from: &Account,
        to: Address,
        call: &C,
        value: U256,
    ) -> Result<Receipt> {
        let nonce = self.l2.nonce(from.address, "pending").await?;
        let call = Call {
            to: Some(to),
            value,
            input: call.abi_encode().into(),
            gas: GAS,
        };
        let (hash, raw) = from.sign(self.chain_id, nonce, call)?;
        self.l2.call("eth_sendRawTransaction", json!([raw])).await?;
        Ok(Receipt(self.l2.mined(hash).await?))
    }

    /// What a contract answers, as of the newest block.
    ///
    /// # Errors
    /// When it reverts, or answers something else.
    pub async fn view<C: SolCall>(&self, to: Address, call: C) -> Result<C::Return> {
        let request = json!({"to": to, "data": hex::encode_prefixed(call.abi_encode())});
        let answer: Bytes = self.l2.get("eth_call", json!([request, "latest"])).await?;
        C::abi_decode_returns(&answer).with_context(|| C::SIGNATURE.to_owned())
    }

    /// Follows all events up to the newest block.
    ///
    /// # Errors
    /// When one can not be followed.
    pub async fn follow(&mut self) -> Result<()> {
        let newest = self.l2.height().await?;
        if newest < self.next {
            return Ok(());
        }
        let filter = json!([{
            "fromBlock": format!("{:#x}", self.next),
            "toBlock": format!("{newest:#x}"),
            "address": FOLLOWED,
        }]);
        let logs: Vec<Value> = self.l2.get("eth_getLogs", filter).await?;
        for log in &logs {
            self.follower.follow(&log_of(log)?)?;
        }
        self.next = newest + 1;
        Ok(())
    }

    /// Waits until the chain's clock shows a time, in seconds.
    ///
    /// # Errors
    /// When it takes too long.
    pub async fn reach_time(&self, time: u64) -> Result<()> {
        until(&format!("the time {time}"), async || {
            let block = self.l2.block("latest").await?;
            Ok((crate::quantity(&block, "timestamp")? >= time).then_some(()))
        })
        .await
    }

    /// Signs a hash with an account's key.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(by: &Account, hash: B256) -> Result<Bytes> {
        let signature = by.signer.sign_hash_sync(&hash)?;
        Ok(signature.as_bytes().to_vec().into())
    }
}

/// A receipt.
#[derive(Debug, Clone)]
pub struct Receipt(pub Value);

impl Receipt {
    /// Whether the call did not revert.
    pub fn succeeded(&self) -> bool {
        self.0["status"] == "0x1"
    }

    /// The first event of a kind.
    ///
    /// # Errors
    /// When there is none.
    pub fn event<E: SolEvent>(&self) -> Result<E> {
        let logs = self.0["logs"].as_array().context("no logs")?;
        for log in logs {
            if let Ok(event) = E::decode_log(&log_of(log)?) {
                return Ok(event.data);
            }
        }
        anyhow::bail!("no {} in {}", E::SIGNATURE, self.0)
    }

    /// The gas that it used.
    ///
    /// # Errors
    /// When it is no receipt.
    pub fn gas(&self) -> Result<u64> {
        crate::quantity(&self.0, "gasUsed")
    }

    /// Its block's number.
    ///
    /// # Errors
    /// When it is no receipt.
    pub fn block(&self) -> Result<u64> {
        crate::quantity(&self.0, "blockNumber")
    }
}

fn log_of(log: &Value) -> Result<Log> {
    let topics: Vec<B256> = serde_json::from_value(log["topics"].clone())?;
    let data: Bytes = serde_json::from_value(log["data"].clone())?;
    ensure!(topics.len() <= 4, "{log}");
    Ok(Log {
        address: crate::address_of(log, "address")?,
        data: LogData::new_unchecked(topics, data),
    })
}
