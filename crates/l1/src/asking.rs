//! How a client asks: again while it makes sense, and another endpoint where there is one.

use crate::{L1Client, L1Error, client::pause, endpoints::Endpoint, metrics};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt::Debug,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::Instant;

/// For what takes several questions and is decided by the answers together: all of them come from one endpoint, and when that one
/// fails, the whole is asked again of the one that took its place.
#[derive(Debug)]
pub struct Pins<'a> {
    client: &'a L1Client,
    pinned: L1Client,
    moves: usize,
}

impl Pins<'_> {
    /// Who is asked now.
    pub fn client(&self) -> L1Client {
        self.pinned.clone()
    }

    /// After a failure: whether another endpoint is there to be asked. Each may fail once.
    pub fn another(&mut self) -> bool {
        let moved = self.moves > 0 && self.pinned.is_left_behind();
        if moved {
            self.moves -= 1;
            self.pinned = self.client.pinned();
        }
        moved
    }
}

/// Longest wait for an answer that is small, when there is another endpoint to go to.
pub(crate) const SHORT_PATIENCE: Duration = Duration::from_secs(4);

impl L1Client {
    /// Calls any method, with the options' time-out and retries. For reading only: a call that is tried again may have
    /// taken effect the first time.
    pub async fn call<P, R>(&self, method: &'static str, params: P) -> Result<R, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        self.call_within(SHORT_PATIENCE, method, params).await
    }

    /// The same for answers that may be large.
    pub(crate) async fn call_for_much<P, R>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<R, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        self.call_within(self.options().request_timeout, method, params)
            .await
    }

    async fn call_within<P, R>(
        &self,
        patience: Duration,
        method: &'static str,
        params: P,
    ) -> Result<R, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        self.ask(method, patience, |endpoint, patience| {
            let params = params.clone();
            async move { endpoint.call(method, &params, patience).await }
        })
        .await
    }

    /// Calls a method once for each of the parameters, in one JSON-RPC batch; the answers are in the parameters' order.
    /// With the options' time-out and retries: all are asked again when one fails temporarily.
    pub(crate) async fn call_each<P, R>(
        &self,
        method: &'static str,
        params: &[P],
    ) -> Result<Vec<R>, L1Error>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        let params: Arc<[P]> = params.into();
        self.ask(
            method,
            self.options().request_timeout,
            |endpoint, patience| {
                let params = params.clone();
                async move { endpoint.call_each(method, &params, patience).await }
            },
        )
        .await
    }

    /// Asks the current endpoint, or the one that this client is bound to. One that fails is left for another one at once;
    /// where there is none, or the failure is not the endpoint's, the options say how often it is tried.
    pub(crate) async fn ask<T, F>(
        &self,
        method: &'static str,
        patience: Duration,
        request: impl Fn(Arc<Endpoint>, Duration) -> F,
    ) -> Result<T, L1Error>
    where
        F: Future<Output = Result<T, L1Error>> + Send,
    {
        let patience = match self.endpoints().several() {
            true => patience.min(self.options().request_timeout),
            false => self.options().request_timeout,
        };
        let mut wait = self.options().backoff;
        let mut attempt = 1;
        // Each endpoint may fail once without a wait.
        let mut moves = self.endpoints().len();
        loop {
            let index = self.endpoint();
            let result = if self.endpoints().is_trusted(index) {
                let started = Instant::now();
                let result = request(self.endpoints().get(index).clone(), patience).await;
                metrics::record_request(method, started.elapsed(), result.is_err());
                if result.is_ok() {
                    self.endpoints().answered(index, started.elapsed());
                }
                result
            } else {
                Err(L1Error::NoEndpoint)
            };
            let error = match result {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let moved = match error {
                L1Error::NoEndpoint => self.endpoints().elect(index, None).await,
                _ => self.endpoints().failed(index, &error).await,
            };
            if moved && moves > 0 && !self.is_pinned() {
                moves -= 1;
                continue;
            }
            let hopeless = !error.is_temporary() || moved && self.is_pinned();
            if hopeless || attempt >= self.options().attempts {
                return Err(error);
            }
            tracing::debug!(method, attempt, %error, "L1 request failed, trying again");
            pause(wait).await;
            wait = (wait * 2).min(self.options().max_backoff);
            attempt += 1;
        }
    }

    /// Reads what is checked against a hash: where the current endpoint does not have it, or has something else in its place,
    /// any other will do.
    pub(crate) async fn ask_any<T, F>(&self, read: impl Fn(Self) -> F) -> Result<T, L1Error>
    where
        F: Future<Output = Result<T, L1Error>> + Send,
    {
        let index = self.endpoint();
        let first = match read(self.clone()).await {
            Err(error) if !self.is_pinned() && self.endpoints().several() => error,
            outcome => return outcome,
        };
        for other in self.endpoints().others(index) {
            let client = self.without_retries().pinned_to(other);
            match read(client).await {
                Ok(found) => {
                    tracing::debug!(
                        from = self.endpoints().label(index),
                        to = self.endpoints().label(other),
                        error = %first,
                        "another L1 endpoint has what the current one has not"
                    );
                    return Ok(found);
                }
                Err(error) => {
                    tracing::debug!(endpoint = self.endpoints().label(other), %error, "nor has another L1 endpoint");
                }
            }
        }
        Err(first)
    }

    /// The endpoints by which something may be decided, one after the other.
    pub fn pins(&self) -> Pins<'_> {
        Pins {
            client: self,
            pinned: self.pinned(),
            moves: self.endpoints().len(),
        }
    }

    pub(crate) fn has_block_receipts(&self) -> bool {
        let endpoint = self.endpoints().get(self.endpoint());
        !endpoint.no_block_receipts.load(Ordering::Relaxed)
    }

    pub(crate) fn remember_no_block_receipts(&self) {
        let endpoint = self.endpoints().get(self.endpoint());
        endpoint.no_block_receipts.store(true, Ordering::Relaxed);
    }
}
