//! Plain HTTP with a limit to what is read.

use crate::{
    L1Error, L1Options,
    endpoints::{
        address::{Secrets, host},
        transport::{http_client, reason},
    },
};
use reqwest::Url;
use std::fmt;

/// An endpoint. Its URL may hold a key, so it is shown without what may be one.
#[derive(Clone)]
pub(super) struct BeaconHttp {
    http: reqwest::Client,
    name: String,
    base: String,
    secrets: Secrets,
}

impl fmt::Debug for BeaconHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BeaconHttp").field(&self.name).finish()
    }
}

impl BeaconHttp {
    pub(super) fn new(url: Url, options: &L1Options) -> Result<Self, L1Error> {
        Ok(Self {
            http: http_client(&url, options)?,
            name: host(&url),
            base: url.as_str().trim_end_matches('/').to_owned(),
            secrets: Secrets::of(&url),
        })
    }

    /// Host and port: what may be shown of its URL.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The body of an answer with status 200, of at most `limit` bytes. `what` names the path in errors.
    pub(super) async fn get(
        &self,
        what: &'static str,
        path: &str,
        limit: usize,
    ) -> Result<Vec<u8>, L1Error> {
        let failed = |error: reqwest::Error| L1Error::BeaconTransport {
            path: what,
            reason: self.secrets.removed_from(reason(error)),
        };
        let request = self
            .http
            .get(format!("{}{path}", self.base))
            .header("accept", "application/json");
        let mut response = request.send().await.map_err(failed)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(L1Error::BeaconStatus {
                path: what,
                status: response.status().as_u16(),
            });
        }
        // What the endpoint announces is a hint, not a promise: memory is taken as bytes arrive.
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if chunk.len() > limit - body.len() {
                return Err(L1Error::TooLarge { what, limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}
