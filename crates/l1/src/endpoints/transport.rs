//! How requests get to an endpoint.

use super::address::Secrets;
use crate::{L1Error, L1Options};
use futures::future::BoxFuture;
use reqwest::{StatusCode, Url};
use std::fmt;

/// Larger answers are not read: those about the largest blocks have a few ten megabytes.
const LARGEST_ANSWER: usize = 256 << 20;
/// Errors are smaller.
const LARGEST_ERROR: usize = 16 << 10;

/// Carries JSON-RPC to one endpoint.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Delivers a request's body and returns the answer's. An error says why there is none, without anything that may be a
    /// key. Whoever calls it limits its time.
    fn deliver(&self, body: Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>>;
}

/// HTTP.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    url: Url,
    secrets: Secrets,
}

/// Without the URL.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    pub(crate) fn new(url: Url, options: &L1Options) -> Result<Self, L1Error> {
        Ok(Self {
            client: http_client(&url, options)?,
            secrets: Secrets::of(&url),
            url,
        })
    }

    async fn post(self, body: Vec<u8>) -> Result<Vec<u8>, String> {
        let failed = |error: reqwest::Error| self.secrets.removed_from(reason(error));
        let request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .body(body);
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        // Some put the errors of JSON-RPC under a status of their own; those below are about the endpoint.
        let about_the_call = status.is_client_error()
            && !matches!(
                status,
                StatusCode::UNAUTHORIZED
                    | StatusCode::PAYMENT_REQUIRED
                    | StatusCode::FORBIDDEN
                    | StatusCode::NOT_FOUND
                    | StatusCode::REQUEST_TIMEOUT
                    | StatusCode::TOO_MANY_REQUESTS
            );
        if !status.is_success() && !about_the_call {
            return Err(format!("HTTP status {status}"));
        }
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if chunk.len() > LARGEST_ANSWER - answer.len() {
                return Err(format!("more than {LARGEST_ANSWER} bytes"));
            }
            answer.extend_from_slice(&chunk);
        }
        if !status.is_success() && answer.first() != Some(&b'{') {
            return Err(format!("HTTP status {status}"));
        }
        // Some repeat the key that they refuse. Results are left as they are: a short key might be found in any of them.
        if answer.len() <= LARGEST_ERROR && contains(&answer, b"\"error\"") {
            answer = self.secrets.removed_from_bytes(answer);
        }
        Ok(answer)
    }
}

impl Transport for Http {
    fn deliver(&self, body: Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        Box::pin(self.clone().post(body))
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// An HTTP client with the options' time-out.
pub(crate) fn http_client(url: &Url, options: &L1Options) -> Result<reqwest::Client, L1Error> {
    reqwest::Client::builder()
        .timeout(options.request_timeout)
        .build()
        .map_err(|error| L1Error::Url {
            url: super::address::redacted(url),
            reason: error.without_url().to_string(),
        })
}

/// An error with its causes, without the URL.
pub(crate) fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
