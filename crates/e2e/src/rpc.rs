//! JSON-RPC over HTTP, as a plain client speaks it.

use alloy_primitives::{Address, B256, U64, U256};
use anyhow::{Context, Result, anyhow};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Why a call has no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// No answer came: the node may or may not have acted on the request.
    #[error("no answer: {0}")]
    Unanswered(String),
    /// The node answered with an error.
    #[error("{message} (code {code})")]
    Refused {
        /// JSON-RPC's code.
        code: i64,
        /// The sentence.
        message: String,
        /// What comes with it, or null.
        data: Value,
    },
}

impl CallError {
    /// The node's sentence.
    ///
    /// # Errors
    /// When the node gave no answer at all.
    pub fn refusal(self) -> Result<(i64, String)> {
        match self {
            Self::Refused { code, message, .. } => Ok((code, message)),
            Self::Unanswered(_) => Err(self.into()),
        }
    }
}

/// A JSON-RPC endpoint.
#[derive(Debug, Clone)]
pub struct Rpc {
    http: reqwest::Client,
    url: String,
}

impl Rpc {
    /// An endpoint. Nothing is sent yet.
    pub fn new(url: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            url: url.into(),
        }
    }

    /// The same endpoint for somebody who has its operator's token.
    ///
    /// # Errors
    /// When the token can not be sent.
    pub fn with_token(&self, token: &str) -> Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
        Ok(Self {
            http: reqwest::Client::builder()
                .default_headers(headers)
                .build()?,
            url: self.url.clone(),
        })
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// One call.
    ///
    /// # Errors
    /// When there is no answer, or it is an error.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, CallError> {
        let unanswered = |error: reqwest::Error| CallError::Unanswered(format!("{error:?}"));
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let response = self
            .http
            .post(&self.url)
            .json(&request)
            .send()
            .await
            .map_err(unanswered)?;
        let mut body: Value = response.json().await.map_err(unanswered)?;
        match body.get_mut("error") {
            Some(error) => Err(CallError::Refused {
                code: error["code"].as_i64().unwrap_or_default(),
                message: error["message"].as_str().unwrap_or_default().into(),
                data: error["data"].take(),
            }),
            None => Ok(body["result"].take()),
        }
    }

    /// One call whose result has a type.
    ///
    /// # Errors
    /// As [`call`](Self::call), or when the result is of another type.
    pub async fn get<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T> {
        let result = self
            .call(method, params)
            .await
            .with_context(|| method.to_owned())?;
        serde_json::from_value(result.clone()).with_context(|| format!("{method}: {result}"))
    }

    /// Sends a body as it is; returns the HTTP status and the answer's text.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post(
        &self,
        body: impl Into<reqwest::Body>,
        host: Option<&str>,
    ) -> Result<(u16, String)> {
        let mut request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .body(body);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    /// The newest sealed block's number.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn height(&self) -> Result<u64> {
        Ok(self.get::<U64>("eth_blockNumber", json!([])).await?.to())
    }

    /// A block without its transactions' bodies, by number or tag.
    ///
    /// # Errors
    /// As [`get`](Self::get), or when there is no such block.
    pub async fn block(&self, id: impl Into<BlockName>) -> Result<Value> {
        let BlockName(id) = id.into();
        let block = self
            .call("eth_getBlockByNumber", json!([id, false]))
            .await?;
        if block.is_null() {
            Err(anyhow!("there is no block {id}"))
        } else {
            Ok(block)
        }
    }

    /// The transactions of a block, with their bodies.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn transactions(&self, number: u64) -> Result<Vec<Value>> {
        let params = json!([format!("{number:#x}"), true]);
        let mut block = self.call("eth_getBlockByNumber", params).await?;
        Ok(serde_json::from_value(block["transactions"].take())?)
    }

    /// The receipt; `None` until there is one.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn receipt(&self, hash: B256) -> Result<Option<Value>> {
        let receipt = self
            .call("eth_getTransactionReceipt", json!([hash]))
            .await?;
        Ok(Some(receipt).filter(|receipt| !receipt.is_null()))
    }

    /// Transactions of an account at a tag.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn nonce(&self, account: Address, tag: &str) -> Result<u64> {
        Ok(self
            .get::<U64>("eth_getTransactionCount", json!([account, tag]))
            .await?
            .to())
    }

    /// An account's balance in wei.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn balance(&self, account: Address, tag: &str) -> Result<U256> {
        self.get("eth_getBalance", json!([account, tag])).await
    }

    /// The chain's id.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn chain_id(&self) -> Result<u64> {
        Ok(self.get::<U64>("eth_chainId", json!([])).await?.to())
    }

    /// Waits until the chain is at least this high.
    ///
    /// # Errors
    /// As [`get`](Self::get), or when it takes too long.
    pub async fn reach(&self, height: u64) -> Result<()> {
        crate::until(&format!("block {height}"), async || {
            Ok((self.height().await? >= height).then_some(()))
        })
        .await
    }

    /// Waits for the receipt of a sealed transaction.
    ///
    /// # Errors
    /// As [`call`](Self::call), or when it takes too long.
    pub async fn mined(&self, hash: B256) -> Result<Value> {
        crate::until(&format!("receipt of {hash}"), async || {
            self.receipt(hash).await
        })
        .await
    }
}

/// A block's number or tag.
#[derive(Debug, Clone)]
pub struct BlockName(pub(crate) String);

impl From<u64> for BlockName {
    fn from(number: u64) -> Self {
        Self(format!("{number:#x}"))
    }
}

impl From<&str> for BlockName {
    fn from(tag: &str) -> Self {
        Self(tag.into())
    }
}

/// A quantity field.
///
/// # Errors
/// When it is none.
pub fn quantity(object: &Value, field: &str) -> Result<u64> {
    let value: U64 = serde_json::from_value(object[field].clone())
        .with_context(|| format!("{field} of {object}"))?;
    Ok(value.to())
}

/// A field with 32 bytes.
///
/// # Errors
/// When it is none.
pub fn hash_of(object: &Value, field: &str) -> Result<B256> {
    serde_json::from_value(object[field].clone()).with_context(|| format!("{field} of {object}"))
}

/// A field with an address.
///
/// # Errors
/// When it is none.
pub fn address_of(object: &Value, field: &str) -> Result<Address> {
    serde_json::from_value(object[field].clone()).with_context(|| format!("{field} of {object}"))
}
