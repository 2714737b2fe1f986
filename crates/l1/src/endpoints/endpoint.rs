//! One endpoint over JSON-RPC.

use super::{health::Health, transport::Transport};
use crate::L1Error;
use parking_lot::Mutex;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Host and port: what may be shown of its URL.
    pub(crate) name: String,
    transport: Arc<dyn Transport>,
    next_id: AtomicU64,
    pub(crate) health: Mutex<Health>,
    /// Set once the endpoint has said that it does not have `eth_getBlockReceipts`.
    pub(crate) no_block_receipts: AtomicBool,
}

#[derive(Serialize)]
struct Request<'a> {
    jsonrpc: &'static str,
    id: u64,
    method: &'static str,
    params: &'a RawValue,
}

#[derive(Deserialize)]
struct Answer<'a> {
    /// Of no use but in a batch.
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
    message: String,
}

/// A result that is null is one.
fn even_null<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl Endpoint {
    pub(crate) fn new(name: String, transport: Arc<dyn Transport>) -> Self {
        Self {
            name,
            transport,
            next_id: AtomicU64::new(1),
            health: Mutex::default(),
            no_block_receipts: AtomicBool::new(false),
        }
    }

    /// Calls a method once.
    pub(crate) async fn call<P, R>(
        &self,
        method: &'static str,
        params: &P,
        patience: Duration,
    ) -> Result<R, L1Error>
    where
        P: Serialize + Sync,
        R: DeserializeOwned,
    {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let params = self.written(method, params)?;
        let request = Request {
            jsonrpc: "2.0",
            id,
            method,
            params: &params,
        };
        let body = serde_json::to_vec(&request).map_err(|error| self.unsendable(method, error))?;
        let body = self.deliver(method, body, patience).await?;
        let answer: Answer<'_> = self.parsed(method, &body)?;
        self.result(method, answer)
    }

    /// Calls a method once for each of the parameters, in one batch; the answers are in the parameters' order.
    pub(crate) async fn call_each<P, R>(
        &self,
        method: &'static str,
        params: &[P],
        patience: Duration,
    ) -> Result<Vec<R>, L1Error>
    where
        P: Serialize + Sync,
        R: DeserializeOwned,
    {
        let count = params.len() as u64;
        let first = self.next_id.fetch_add(count, Ordering::Relaxed);
        let params = params
            .iter()
            .map(|params| self.written(method, params))
            .collect::<Result<Vec<_>, _>>()?;
        let requests: Vec<_> = (first..)
            .zip(&params)
            .map(|(id, params)| Request {
                jsonrpc: "2.0",
                id,
                method,
                params,
            })
            .collect();
        let body = serde_json::to_vec(&requests).map_err(|error| self.unsendable(method, error))?;
        let body = self.deliver(method, body, patience).await?;
        // A batch that is refused as a whole is answered with one error.
        if body.trim_ascii_start().first() == Some(&b'{') {
            let answer: Answer<'_> = self.parsed(method, &body)?;
            return Err(match self.result::<serde::de::IgnoredAny>(method, answer) {
                Err(error) => error,
                Ok(_) => malformed(method, "one answer to a batch"),
            });
        }
        let answers: Vec<Answer<'_>> = self.parsed(method, &body)?;
        let mut ordered: Vec<Option<R>> = (0..count).map(|_| None).collect();
        for answer in answers {
            let place = answer.id.and_then(|id| id.get().parse::<u64>().ok());
            let place = place
                .and_then(|id| id.checked_sub(first))
                .and_then(|place| ordered.get_mut(usize::try_from(place).ok()?))
                .ok_or_else(|| malformed(method, "an answer in a batch that nobody asked for"))?;
            *place = Some(self.result(method, answer)?);
        }
        let complete: Option<Vec<R>> = ordered.into_iter().collect();
        complete.ok_or_else(|| malformed(method, "a batch with fewer answers than questions"))
    }

    async fn deliver(
        &self,
        method: &'static str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, L1Error> {
        let delivered = timeout(patience, self.transport.deliver(body)).await;
        delivered
            .unwrap_or_else(|_| Err(format!("no answer within {patience:?}")))
            .map_err(|reason| self.silent(method, reason))
    }

    fn result<R: DeserializeOwned>(
        &self,
        method: &'static str,
        answer: Answer<'_>,
    ) -> Result<R, L1Error> {
        if let Some(Refusal { code, message }) = answer.error {
            return Err(L1Error::Refused {
                method,
                code,
                message,
            });
        }
        let result = answer
            .result
            .ok_or_else(|| malformed(method, "neither a result nor an error"))?;
        serde_json::from_str(result.get()).map_err(|error| malformed(method, error))
    }

    fn parsed<'a, T: Deserialize<'a>>(
        &self,
        method: &'static str,
        body: &'a [u8],
    ) -> Result<T, L1Error> {
        serde_json::from_slice(body).map_err(|error| self.silent(method, error.to_string()))
    }

    fn written<P: Serialize>(
        &self,
        method: &'static str,
        params: &P,
    ) -> Result<Box<RawValue>, L1Error> {
        let written = serde_json::value::to_raw_value(params)
            .map_err(|error| self.unsendable(method, error))?;
        if written.get() == "null" {
            // No parameters.
            return RawValue::from_string("[]".into())
                .map_err(|error| self.unsendable(method, error));
        }
        Ok(written)
    }

    fn unsendable(&self, method: &'static str, error: serde_json::Error) -> L1Error {
        self.silent(method, error.to_string())
    }

    /// It answered less than everything within a time.
    pub(crate) fn too_slow(&self, patience: Duration) -> L1Error {
        self.silent(
            "all that is asked",
            format!("no answer within {patience:?}"),
        )
    }

    /// It did not answer, or not in JSON-RPC.
    fn silent(&self, method: &'static str, reason: String) -> L1Error {
        L1Error::Transport {
            method,
            endpoint: self.name.clone(),
            reason,
        }
    }
}

fn malformed(what: &'static str, reason: impl ToString) -> L1Error {
    L1Error::Malformed {
        what,
        reason: reason.to_string(),
    }
}
