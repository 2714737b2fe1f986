//! Registering methods: where each runs, and how its answer is written.

use crate::{RpcError, context::Rpc, params::Args};
use jsonrpsee::{
    RpcModule,
    core::RegisterMethodError,
    types::{ErrorObjectOwned, Params},
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;

/// The methods in the making.
pub(crate) struct Registry {
    pub(crate) module: RpcModule<Arc<Rpc>>,
    failed: Option<RegisterMethodError>,
}

/// An answer, serialised where it was made.
type Answer = Result<Box<RawValue>, ErrorObjectOwned>;

fn encode<R: Serialize>(value: &R, limit: usize) -> Result<Box<RawValue>, RpcError> {
    let raw = to_raw_value(value).map_err(|error| RpcError::Internal(error.to_string()))?;
    if raw.get().len() > limit {
        Err(RpcError::ResponseTooLarge(limit))
    } else {
        Ok(raw)
    }
}

impl Registry {
    pub(crate) fn new(rpc: Arc<Rpc>) -> Self {
        Self {
            module: RpcModule::new(rpc),
            failed: None,
        }
    }

    /// The module. Fails when two methods have one name.
    pub(crate) fn finish(self) -> Result<RpcModule<Arc<Rpc>>, RegisterMethodError> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.module),
        }
    }

    pub(crate) fn note<T>(&mut self, result: Result<T, RegisterMethodError>) {
        if let Err(error) = result {
            self.failed = self.failed.take().or(Some(error));
        }
    }

    /// A method that neither blocks nor computes: it runs where the request arrived.
    pub(crate) fn quick<R: Serialize>(
        &mut self,
        name: &'static str,
        method: impl Fn(&Rpc, Args<'_>) -> Result<R, RpcError> + Copy + Send + Sync + 'static,
    ) {
        let answer =
            move |params: Params<'static>, rpc: Arc<Rpc>| -> Result<Box<RawValue>, RpcError> {
                encode(
                    &method(&rpc, Args::new(&params)?)?,
                    rpc.config.max_response_bytes as usize,
                )
            };
        let registered =
            self.module
                .register_async_method(name, move |params, rpc, _| async move {
                    answer(params, (*rpc).clone()).map_err(ErrorObjectOwned::from)
                });
        let registered = registered.map(|_| ());
        self.note(registered);
    }

    /// A method that reads the database.
    pub(crate) fn read<R: Serialize>(
        &mut self,
        name: &'static str,
        method: impl Fn(&Rpc, Args<'_>) -> Result<R, RpcError> + Copy + Send + Sync + 'static,
    ) {
        self.blocking(name, false, method);
    }

    /// A method that can take long: it waits for one of the few threads at low priority.
    pub(crate) fn heavy<R: Serialize>(
        &mut self,
        name: &'static str,
        method: impl Fn(&Rpc, Args<'_>) -> Result<R, RpcError> + Copy + Send + Sync + 'static,
    ) {
        self.blocking(name, true, method);
    }

    fn blocking<R: Serialize>(
        &mut self,
        name: &'static str,
        heavy: bool,
        method: impl Fn(&Rpc, Args<'_>) -> Result<R, RpcError> + Copy + Send + Sync + 'static,
    ) {
        let registered =
            self.module
                .register_async_method(name, move |params, rpc, _| async move {
                    let rpc = (*rpc).clone();
                    let workers = if heavy {
                        rpc.heavy.clone()
                    } else {
                        rpc.reads.clone()
                    };
                    let job = move || {
                        encode(
                            &method(&rpc, Args::new(&params)?)?,
                            rpc.config.max_response_bytes as usize,
                        )
                    };
                    let answer: Answer = workers.run(job).await.map_err(ErrorObjectOwned::from);
                    answer
                });
        let registered = registered.map(|_| ());
        self.note(registered);
    }

    /// A method that waits for something.
    pub(crate) fn waiting<R, F>(
        &mut self,
        name: &'static str,
        method: impl Fn(Arc<Rpc>, Params<'static>) -> F + Copy + Send + Sync + 'static,
    ) where
        R: Serialize,
        F: Future<Output = Result<R, RpcError>> + Send,
    {
        let registered =
            self.module
                .register_async_method(name, move |params, rpc, _| async move {
                    let limit = rpc.config.max_response_bytes as usize;
                    let answer = method((*rpc).clone(), params)
                        .await
                        .and_then(|value| encode(&value, limit));
                    answer.map_err(ErrorObjectOwned::from)
                });
        let registered = registered.map(|_| ());
        self.note(registered);
    }
}
