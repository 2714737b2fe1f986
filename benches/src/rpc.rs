//! JSON-RPC over [`Connection`], for everything outside the measured submission path.

use crate::{Connection, Endpoint, HttpError};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(120);

/// Why a call gave no result.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// Nothing usable came back.
    #[error(transparent)]
    Transport(#[from] HttpError),
    /// The answer is not the JSON that was expected.
    #[error("the answer to {method} is not understood: {source}")]
    Json {
        /// The method called.
        method: String,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// The node refused the call.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// The error object of a JSON-RPC answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct Refusal {
    /// The JSON-RPC error code.
    pub code: i64,
    /// The node's words.
    pub message: String,
}

/// The code for a method that the node does not have.
pub const METHOD_NOT_FOUND: i64 = -32601;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    id: Value,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
}

/// Reads the answer to one call. A missing result reads as `null`.
pub fn parse_answer<T: DeserializeOwned>(method: &str, body: &[u8]) -> Result<T, RpcError> {
    let json = |source| RpcError::Json {
        method: method.to_owned(),
        source,
    };
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(json)?;
    match answer.error {
        Some(refusal) => Err(refusal.into()),
        None => serde_json::from_str(answer.result.map_or("null", RawValue::get)).map_err(json),
    }
}

/// The refusals in the answer to a batch, with the id of the entry that each belongs to. A node that refuses the
/// batch as a whole gives one refusal without an id.
pub fn parse_refusals(body: &[u8]) -> Result<Vec<(Option<u64>, Refusal)>, RpcError> {
    let json = |source| RpcError::Json {
        method: "a batch".to_owned(),
        source,
    };
    let answers: Vec<Answer<'_>> = match body.first() {
        Some(b'[') => serde_json::from_slice(body).map_err(json)?,
        _ => vec![serde_json::from_slice(body).map_err(json)?],
    };
    Ok(answers
        .into_iter()
        .filter_map(|answer| Some((answer.id.as_u64(), answer.error?)))
        .collect())
}

/// A client with one connection, made anew once when the node has closed it.
#[derive(Debug)]
pub struct Rpc {
    endpoint: Endpoint,
    connection: Option<Connection>,
}

impl Rpc {
    /// Connects on the first call.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            connection: None,
        }
    }

    /// Calls `method` with positional `params`.
    pub fn call<T: DeserializeOwned>(
        &mut self,
        method: &str,
        params: Value,
    ) -> Result<T, RpcError> {
        let request =
            json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        parse_answer(method, &self.exchange(request.as_bytes())?)
    }

    /// Calls `method` once for each of `params`, in one batch. The results come in the order of `params`; the first
    /// refusal fails the whole batch.
    pub fn batch<T: DeserializeOwned>(
        &mut self,
        method: &str,
        params: &[Value],
    ) -> Result<Vec<T>, RpcError> {
        let json = |source| RpcError::Json {
            method: method.to_owned(),
            source,
        };
        if params.is_empty() {
            return Ok(Vec::new());
        }
        let entries: Vec<Value> = (0..)
            .zip(params)
            .map(|(id, params)| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .collect();
        let request = Value::from(entries).to_string();
        let body = self.exchange(request.as_bytes())?;
        if let Some((_, refusal)) = parse_refusals(&body)?.into_iter().next() {
            return Err(refusal.into());
        }
        let mut answers: Vec<Answer<'_>> = serde_json::from_slice(&body).map_err(json)?;
        answers.sort_by_key(|answer| answer.id.as_u64());
        answers
            .into_iter()
            .map(|answer| {
                serde_json::from_str(answer.result.map_or("null", RawValue::get)).map_err(json)
            })
            .collect()
    }

    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, RpcError> {
        if let Some(mut kept) = self.connection.take() {
            match kept.exchange(request).map(<[u8]>::to_vec) {
                Ok(body) => {
                    self.connection = Some(kept);
                    return Ok(body);
                }
                // The node may have closed an idle connection: one fresh attempt below.
                Err(HttpError::Io(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut fresh = Connection::open(&self.endpoint, TIMEOUT)?;
        let body = fresh.exchange(request)?.to_vec();
        self.connection = Some(fresh);
        Ok(body)
    }
}
