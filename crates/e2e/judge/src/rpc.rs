//! JSON-RPC 2.0 over plain HTTP: the endpoints of a judgement are local.

use crate::SourceError;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// One JSON-RPC endpoint. Cheap to clone.
#[derive(Debug, Clone)]
pub struct JsonRpc {
    url: String,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    result: Value,
    error: Option<Value>,
}

impl JsonRpc {
    /// An endpoint at `url`, which begins with `http://`. Nothing is sent yet.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            http: reqwest::Client::new(),
        }
    }

    /// Calls `method`. A `null` result reads as `None` where `T` is an option.
    ///
    /// # Errors
    /// Transport failures, JSON-RPC errors, and results that are not a `T`.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
    ) -> Result<T, SourceError> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let unreachable = |error: reqwest::Error| SourceError::Unreachable {
            url: self.url.clone(),
            cause: describe(&error),
        };
        let answer = |message: String| SourceError::Answer {
            what: format!("{method} {params} at {}", self.url),
            message,
        };
        let response = self
            .http
            .post(&self.url)
            .json(&request)
            .send()
            .await
            .map_err(unreachable)?;
        let body = response.bytes().await.map_err(unreachable)?;
        let response: Response =
            serde_json::from_slice(&body).map_err(|error| answer(error.to_string()))?;
        if let Some(error) = response.error {
            return Err(answer(error.to_string()));
        }
        serde_json::from_value(response.result).map_err(|error| answer(error.to_string()))
    }
}

/// The error with its causes: reqwest's own text omits why the connection failed.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
