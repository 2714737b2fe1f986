//! The few questions that a deployment asks of the L1.

use crate::DeployError;
use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::{BlockNumberOrTag, Encodable2718, eip1559::Eip1559Estimation};
use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use openledger_l1::{L1Client, L1Error};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

/// Priority fee in wei where the L1 does not recommend one: 1 gwei.
const DEFAULT_TIP: u128 = 1_000_000_000;

/// What is read of a receipt.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Included {
    status: U64,
    block_number: U64,
    gas_used: U64,
}

impl Included {
    pub(crate) fn succeeded(&self) -> bool {
        !self.status.is_zero()
    }

    pub(crate) fn block(&self) -> u64 {
        self.block_number.to()
    }

    pub(crate) fn gas_used(&self) -> u64 {
        self.gas_used.to()
    }
}

/// A call, for `eth_call` and `eth_estimateGas`.
#[derive(Debug, Clone, Serialize)]
struct CallRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Address>,
    to: Address,
    value: U256,
    input: Bytes,
}

/// The L1 as the deployment sees it.
#[derive(Debug, Clone)]
pub(crate) struct L1<'a> {
    client: &'a L1Client,
    once: L1Client,
    /// The block whose state is read.
    block: BlockNumberOrTag,
}

impl<'a> L1<'a> {
    pub(crate) fn new(client: &'a L1Client) -> Self {
        Self {
            client,
            once: client.without_retries(),
            block: BlockNumberOrTag::Latest,
        }
    }

    /// The same, with the state as it was after a block.
    pub(crate) fn at(&self, number: u64) -> Self {
        Self {
            block: BlockNumberOrTag::Number(number),
            ..self.clone()
        }
    }

    pub(crate) fn client(&self) -> &L1Client {
        self.client
    }

    /// Asks, and takes a refusal that is about the question itself for an answer: asking again would only cost time.
    async fn ask<P, R>(&self, method: &'static str, params: P) -> Result<R, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        match self.once.call(method, params.clone()).await {
            Err(error) if error.is_temporary() && !is_answer(&error) => {
                self.client.call(method, params).await
            }
            other => other,
        }
    }

    pub(crate) async fn chain_id(&self) -> Result<u64, L1Error> {
        self.client.chain_id().await
    }

    pub(crate) async fn has_code(&self, address: Address) -> Result<bool, L1Error> {
        let code: Bytes = self.ask("eth_getCode", (address, self.block)).await?;
        Ok(!code.is_empty())
    }

    pub(crate) async fn storage(&self, address: Address, slot: B256) -> Result<B256, L1Error> {
        self.ask("eth_getStorageAt", (address, slot, self.block))
            .await
    }

    pub(crate) async fn balance(&self, address: Address) -> Result<U256, L1Error> {
        self.ask("eth_getBalance", (address, self.block)).await
    }

    /// Transactions of an account that are on the chain.
    pub(crate) async fn nonce(&self, address: Address) -> Result<u64, L1Error> {
        let nonce: U64 = self
            .ask("eth_getTransactionCount", (address, "latest"))
            .await?;
        Ok(nonce.to())
    }

    /// The same with those that wait.
    pub(crate) async fn pending_nonce(&self, address: Address) -> Result<u64, L1Error> {
        let nonce: U64 = self
            .ask("eth_getTransactionCount", (address, "pending"))
            .await?;
        Ok(nonce.to())
    }

    /// What a view answers; `None` when the call reverts.
    pub(crate) async fn view(&self, to: Address, data: &Bytes) -> Result<Option<Bytes>, L1Error> {
        let request = CallRequest {
            from: None,
            to,
            value: U256::ZERO,
            input: data.clone(),
        };
        match self.ask("eth_call", (request, self.block)).await {
            Ok(answer) => Ok(Some(answer)),
            Err(L1Error::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The gas that a transaction would use; the inner error is the L1's reason why it would fail.
    pub(crate) async fn estimate(
        &self,
        from: Address,
        to: Address,
        value: U256,
        data: &Bytes,
    ) -> Result<Result<u64, String>, L1Error> {
        let request = CallRequest {
            from: Some(from),
            to,
            value,
            input: data.clone(),
        };
        match self.ask::<_, U64>("eth_estimateGas", (request,)).await {
            Ok(gas) => Ok(Ok(gas.to())),
            Err(L1Error::Refused { message, .. }) => Ok(Err(message)),
            Err(error) => Err(error),
        }
    }

    /// What a transaction should offer now: twice the head's base fee, so that six full blocks do not price it out.
    pub(crate) async fn fees(&self) -> Result<(u64, Eip1559Estimation), L1Error> {
        let head = self.client.head().await?;
        let tip = match self.ask::<_, U256>("eth_maxPriorityFeePerGas", ()).await {
            Ok(tip) => tip.saturating_to(),
            Err(L1Error::Refused { .. }) => DEFAULT_TIP,
            Err(error) => return Err(error),
        };
        let estimation = Eip1559Estimation {
            max_fee_per_gas: u128::from(head.base_fee) * 2 + tip,
            max_priority_fee_per_gas: tip,
        };
        Ok((head.base_fee, estimation))
    }

    pub(crate) async fn receipt(&self, hash: B256) -> Result<Option<Included>, L1Error> {
        self.ask("eth_getTransactionReceipt", (hash,)).await
    }

    /// Sends a signed transaction. One that the L1 has already is sent.
    pub(crate) async fn send(&self, raw: Bytes) -> Result<(), L1Error> {
        match self
            .ask::<_, Value>("eth_sendRawTransaction", (json!(raw),))
            .await
        {
            Ok(_) => Ok(()),
            Err(L1Error::Refused { message, .. }) if is_known(&message) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Refusals of a call that reverts, and of a transaction. Others, an exceeded rate limit among them, pass with time.
fn is_answer(error: &L1Error) -> bool {
    match error {
        L1Error::Refused { code, message, .. } => {
            matches!(code, 3 | -32000 | -32003) || message.contains("revert")
        }
        _ => false,
    }
}

/// The words by which clients refuse a transaction that they have: in the pool, or in the chain already.
fn is_known(message: &str) -> bool {
    let message = message.to_lowercase();
    ["already known", "already imported", "nonce too low"]
        .iter()
        .any(|words| message.contains(words))
}

/// What a step becomes.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) to: Address,
    pub(crate) value: U256,
    pub(crate) data: Bytes,
    pub(crate) gas: u64,
}

/// Signs an EIP-1559 transaction; returns its bytes and its hash.
pub(crate) fn sign(
    signer: &PrivateKeySigner,
    chain_id: u64,
    nonce: u64,
    fees: Eip1559Estimation,
    call: Call,
) -> Result<(Bytes, B256), DeployError> {
    let tx = TxEip1559 {
        chain_id,
        nonce,
        gas_limit: call.gas,
        max_fee_per_gas: fees.max_fee_per_gas,
        max_priority_fee_per_gas: fees.max_priority_fee_per_gas,
        to: TxKind::Call(call.to),
        value: call.value,
        access_list: Default::default(),
        input: call.data,
    };
    let signature = signer
        .sign_hash_sync(&tx.signature_hash())
        .map_err(|error| DeployError::Sign(error.to_string()))?;
    let signed = tx.into_signed(signature);
    let hash = *signed.hash();
    Ok((TxEnvelope::from(signed).encoded_2718().into(), hash))
}
