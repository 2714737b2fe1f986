//! The operator's port: plain HTTP, no browsers.

use super::{AdminContext, Token, methods, refused};
use crate::{
    CorsOrigins, ServeError,
    door::{Audience, Door, cors, enter},
    guard::{GuardLayer, GuardRules},
    metrics::RpcMetrics,
    server::run,
};
use axum::{Router, routing::any};
use jsonrpsee::{
    core::middleware::RpcServiceBuilder,
    server::{BatchRequestConfig, Server, ServerConfig, stop_channel},
};
use std::{sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::util::BoxCloneSyncService;

/// Bytes of a request's body, and of the answer to one.
const MAX_BYTES: u32 = 1 << 20;
/// Calls in a batch.
const MAX_BATCH: u32 = 32;
/// Requests that are answered at a time.
const MAX_CONNECTIONS: u32 = 64;

/// Who may call, and for how long.
#[derive(Debug, Clone)]
pub struct AdminConfig {
    /// Host names accepted in the `Host` header beside `localhost`, `127.0.0.1` and `[::1]`, without port; `*` accepts all.
    pub hosts: Vec<String>,
    /// What every request must carry; `None`: nothing. Required on a port that other machines reach.
    pub token: Option<Token>,
    /// How long a call may take; what it has begun goes on. Default 60 seconds.
    pub call_timeout: Duration,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            token: None,
            call_timeout: Duration::from_secs(60),
        }
    }
}

/// Serves the `admin_` methods on `listener` until `shutdown`; open requests then have three seconds.
///
/// Fails when the listener does; a failing connection ends only itself.
pub async fn serve_admin(
    context: AdminContext,
    config: AdminConfig,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let methods = methods(context)?;
    let rules = GuardRules {
        metrics: RpcMetrics::new("admin", methods.method_names()),
        submitter: None,
        refusal: refused::reason,
        call_timeout: config.call_timeout,
        max_batch_response_bytes: MAX_BYTES as usize,
    };
    let server_config = ServerConfig::builder()
        .http_only()
        .max_request_body_size(MAX_BYTES)
        .max_response_body_size(MAX_BYTES)
        .max_connections(MAX_CONNECTIONS)
        .set_batch_request_config(BatchRequestConfig::Limit(MAX_BATCH))
        .build();
    let (stop, server) = stop_channel();
    let service = Server::builder()
        .set_config(server_config)
        .set_rpc_middleware(RpcServiceBuilder::new().layer(GuardLayer(Arc::new(rules))))
        .to_service_builder()
        .build(methods, stop);
    let door = Arc::new(Door {
        service: BoxCloneSyncService::new(service),
        hosts: config.hosts,
        audience: Audience::Operator(config.token),
    });
    let router = Router::new()
        .route("/", any(enter))
        .with_state(door)
        .layer(cors(&CorsOrigins::None)?);
    run(router, listener, server, shutdown).await
}
