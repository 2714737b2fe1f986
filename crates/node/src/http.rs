//! Plain HTTP ports.

use anyhow::{Context, Result};
use axum::Router;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::error;

/// Serves a port until `shutdown`.
pub(crate) fn serve_http(
    router: Router,
    listener: tokio::net::TcpListener,
    shutdown: CancellationToken,
) -> JoinHandle<Result<()>> {
    tokio::spawn(async move {
        let stopped = shutdown.clone();
        let serving =
            axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned());
        tokio::select! {
            result = serving => result.inspect_err(|e| error!(%e, "an HTTP port failed")).context("HTTP"),
            // Feed listeners would hold a graceful shutdown open for ever.
            () = async { stopped.cancelled().await; tokio::time::sleep(Duration::from_secs(1)).await } => Ok(()),
        }
    })
}
