//! What stands before every call: unknown methods, time, metrics, and batches.

use crate::{RpcError, metrics::RpcMetrics, params::Args, submit::Submitter};
use alloy_primitives::{B256, Bytes};
use jsonrpsee::{
    BatchResponseBuilder, MethodResponse, ResponsePayload,
    core::middleware::{Batch, BatchEntry, Notification, RpcServiceT},
    types::{ErrorObjectOwned, Id, Params, Request},
};
use std::{sync::Arc, time::Duration};

/// The one method of which a batch may execute several calls at a time: they are handed to the pool together.
const SUBMIT: &str = "eth_sendRawTransaction";

/// Marks requests that came over plain HTTP, which has no subscriptions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlainHttp;

/// Limits and metrics of all calls.
pub(crate) struct GuardRules {
    pub(crate) metrics: RpcMetrics,
    /// Takes transactions; `None` on a port that takes none.
    pub(crate) submitter: Option<Submitter>,
    /// Why a method is not served.
    pub(crate) refusal: fn(&str) -> String,
    pub(crate) call_timeout: Duration,
    pub(crate) max_batch_response_bytes: usize,
}

impl GuardRules {
    /// Consecutive calls of [`SUBMIT`] in a batch, as one submission.
    async fn submit(
        &self,
        submitter: &Submitter,
        requests: Vec<Request<'_>>,
        answers: &mut Answers,
    ) {
        let calls = self.metrics.started_many(SUBMIT, requests.len());
        let mut transactions = Vec::with_capacity(requests.len());
        let read: Vec<Result<(), RpcError>> = requests
            .iter()
            .map(|request| {
                transactions.push(raw_transaction(request)?);
                Ok(())
            })
            .collect();
        let submitted =
            match tokio::time::timeout(self.call_timeout, submitter.submit_batch(transactions))
                .await
            {
                Ok(submitted) => submitted,
                Err(_) => Err(RpcError::Timeout),
            };
        let mut results = submitted
            .map(Vec::into_iter)
            .map_err(ErrorObjectOwned::from);
        let mut successful = 0;
        for (request, read) in requests.into_iter().zip(read) {
            let result: Result<B256, ErrorObjectOwned> = match (read, &mut results) {
                (Err(error), _) => Err(error.into()),
                (Ok(()), Err(error)) => Err(error.clone()),
                (Ok(()), Ok(results)) => results
                    .next()
                    .unwrap_or_else(|| Err(RpcError::Internal("transaction without answer".into())))
                    .map_err(ErrorObjectOwned::from),
            };
            successful += usize::from(result.is_ok());
            answers.push(match result {
                Ok(hash) => {
                    MethodResponse::response(request.id, ResponsePayload::success(hash), usize::MAX)
                }
                Err(error) => MethodResponse::error(request.id, error),
            });
        }
        if let Some(calls) = calls {
            calls.finished_many(successful);
        }
    }
}

/// The one parameter of [`SUBMIT`].
fn raw_transaction(request: &Request<'_>) -> Result<Bytes, RpcError> {
    let params = request.params.as_ref().map(|params| params.get());
    // What nearly everybody sends is read in one go.
    if let Some(Ok([bytes])) = params.map(serde_json::from_str::<[Bytes; 1]>) {
        return Ok(bytes);
    }
    Args::new(&Params::new(params))?.required("rawTransaction")
}

/// The layer.
#[derive(Clone)]
pub(crate) struct GuardLayer(pub(crate) Arc<GuardRules>);

impl<S> tower::Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard {
            inner,
            rules: self.0.clone(),
        }
    }
}

/// The service.
#[derive(Clone)]
pub(crate) struct Guard<S> {
    inner: S,
    rules: Arc<GuardRules>,
}

fn failure(id: Id<'_>, error: RpcError) -> MethodResponse {
    MethodResponse::error(id, ErrorObjectOwned::from(error))
}

impl<S> RpcServiceT for Guard<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            BatchResponse = MethodResponse,
            NotificationResponse = MethodResponse,
        > + Send
        + Sync
        + Clone
        + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let (inner, rules) = (self.inner.clone(), self.rules.clone());
        async move {
            let Some(call) = rules.metrics.started(&request.method) else {
                return failure(
                    request.id.clone(),
                    RpcError::Method((rules.refusal)(&request.method)),
                );
            };
            let id = request.id.clone().into_owned();
            let subscribes = matches!(&*request.method, "eth_subscribe" | "eth_unsubscribe");
            let response = if subscribes && request.extensions.get::<PlainHttp>().is_some() {
                let text = "notifications not supported: subscribe over a WebSocket connection";
                failure(id, RpcError::Method(text.into()))
            } else {
                match tokio::time::timeout(rules.call_timeout, inner.call(request)).await {
                    Ok(response) => response,
                    Err(_) => failure(id, RpcError::Timeout),
                }
            };
            call.finished(response.is_success());
            response
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let this = self.clone();
        async move {
            this.rules.metrics.batches.increment(1);
            let limit = this.rules.max_batch_response_bytes;
            let mut answers = Answers {
                builder: BatchResponseBuilder::new_with_limit(usize::MAX),
                left: limit,
                limit,
                full: false,
            };
            let mut notified = false;
            let mut entries = batch.into_iter().peekable();
            while let Some(entry) = entries.next() {
                match entry {
                    Ok(BatchEntry::Call(request)) if answers.full => answers.refuse(request.id),
                    Ok(BatchEntry::Call(request))
                        if request.method == SUBMIT
                            && let Some(submitter) = &this.rules.submitter =>
                    {
                        let mut calls = vec![request];
                        while let Some(Ok(BatchEntry::Call(next))) =
                            entries.next_if(|entry| matches!(entry, Ok(BatchEntry::Call(next)) if next.method == SUBMIT))
                        {
                            calls.push(next);
                        }
                        this.rules.submit(submitter, calls, &mut answers).await;
                    }
                    Ok(BatchEntry::Call(request)) => {
                        let id = request.id.clone().into_owned();
                        let response = this.call(request).await;
                        if !answers.push(response) {
                            answers.refuse(id);
                        }
                    }
                    Ok(BatchEntry::Notification(notification)) => {
                        notified = true;
                        this.notification(notification).await;
                    }
                    Err(error) => {
                        let (error, id) = error.into_parts();
                        answers.push(MethodResponse::error(id, error));
                    }
                }
            }
            if answers.builder.is_empty() && notified {
                return MethodResponse::notification();
            }
            MethodResponse::from_batch(answers.builder.finish())
        }
    }

    fn notification<'a>(
        &self,
        n: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        let inner = self.inner.clone();
        async move { inner.notification(n).await }
    }
}

/// The answer to a batch in the making. What does not fit is answered with an error, as geth does.
struct Answers {
    builder: BatchResponseBuilder,
    left: usize,
    limit: usize,
    full: bool,
}

impl Answers {
    /// False when the response does not fit: nothing was added.
    fn push(&mut self, response: MethodResponse) -> bool {
        let Some(left) = self.left.checked_sub(response.as_ref().len()) else {
            self.full = true;
            return false;
        };
        self.left = left;
        // The builder's own limit is not in use.
        let _ = self.builder.append(response);
        true
    }

    fn refuse(&mut self, id: Id<'_>) {
        let _ = self
            .builder
            .append(failure(id, RpcError::ResponseTooLarge(self.limit)));
    }
}
