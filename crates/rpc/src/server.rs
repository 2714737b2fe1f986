//! The HTTP server: JSON-RPC over POST and WebSocket at `/`, behind host and origin checks.

use crate::{
    RpcConfig, RpcContext,
    context::Rpc,
    debug,
    door::{Audience, Door, cors, enter},
    eth,
    guard::{GuardLayer, GuardRules},
    metrics::RpcMetrics,
    net, optimism, refused,
    registry::Registry,
    rpc_modules, txpool, web3,
};
use alloy_primitives::U128;
use axum::{Router, routing::any, serve::ListenerExt};
use jsonrpsee::{
    RpcModule,
    core::{middleware::RpcServiceBuilder, traits::IdProvider},
    server::{BatchRequestConfig, Server, ServerConfig, ServerHandle, stop_channel},
    types::SubscriptionId,
};
use std::{io, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::util::BoxCloneSyncService;

/// How long open requests may still take after the server is told to stop.
const GRACE: Duration = Duration::from_secs(3);

/// Why the server could not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The system refused a thread, or the listener failed.
    #[error("JSON-RPC server: {0}")]
    Io(#[from] io::Error),
    /// Two methods have one name: a defect.
    #[error("JSON-RPC methods: {0}")]
    Methods(#[from] jsonrpsee::core::RegisterMethodError),
    /// The configuration names an origin that is none.
    #[error("CORS origin {0:?} is not of the form https://host:port")]
    Origin(String),
}

/// All methods, for calls without a server. Must be made on a tokio runtime; what it starts ends with `shutdown`.
///
/// Fails when the system refuses a thread.
pub fn rpc_module(
    context: RpcContext,
    config: RpcConfig,
    shutdown: CancellationToken,
) -> Result<RpcModule<impl Send + Sync + 'static>, ServeError> {
    let rpc = Rpc::start(context, config, shutdown)?;
    methods(rpc)
}

fn methods(rpc: Arc<Rpc>) -> Result<RpcModule<Arc<Rpc>>, ServeError> {
    let rollup = rpc.rollup.is_some();
    let mut registry = Registry::new(rpc);
    eth::register(&mut registry);
    net::register(&mut registry);
    web3::register(&mut registry);
    txpool::register(&mut registry);
    debug::register(&mut registry);
    if rollup {
        optimism::register(&mut registry);
    }
    rpc_modules::register(&mut registry);
    Ok(registry.finish()?)
}

/// Serves JSON-RPC on `listener` until `shutdown`; open requests then have three seconds.
///
/// Fails when the system refuses a thread or the configuration is wrong; a failing connection ends only itself.
pub async fn serve(
    context: RpcContext,
    config: RpcConfig,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    serve_with(context, config, Router::new(), listener, shutdown).await
}

/// Like [`serve`], with more routes on the same port.
pub async fn serve_with(
    context: RpcContext,
    config: RpcConfig,
    extra: Router,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let (stop_handle, server) = stop_channel();
    let router = router(context, &config, stop_handle, shutdown.clone())?.merge(extra);
    run(router, listener, server, shutdown).await
}

/// Serves until `shutdown`; open requests then have [`GRACE`].
pub(crate) async fn run(
    router: Router,
    listener: TcpListener,
    server: ServerHandle,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    // Answers are small and somebody waits for each: never hold one back for more to send.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    let stopped = shutdown.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(stopped.cancelled_owned());
    let deadline = async {
        shutdown.cancelled().await;
        let _ = server.stop();
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = serving => Ok(result?),
        () = deadline => Ok(()),
    }
}

fn router(
    context: RpcContext,
    config: &RpcConfig,
    stop: jsonrpsee::server::StopHandle,
    shutdown: CancellationToken,
) -> Result<Router, ServeError> {
    let server = if context.chain.spec().is_op() {
        "l2"
    } else {
        "l1"
    };
    let rpc = Rpc::start(context, config.clone(), shutdown)?;
    let methods = methods(rpc.clone())?;
    let rules = GuardRules {
        metrics: RpcMetrics::new(server, methods.method_names()),
        submitter: Some(rpc.submitter.clone()),
        refusal: refused::reason,
        call_timeout: config.call_timeout,
        max_batch_response_bytes: config.max_batch_response_bytes,
    };
    let server_config = ServerConfig::builder()
        .max_request_body_size(config.max_request_bytes)
        .max_response_body_size(config.max_response_bytes)
        .max_connections(config.max_connections)
        .max_subscriptions_per_connection(config.max_subscriptions_per_connection)
        .set_batch_request_config(BatchRequestConfig::Limit(config.max_batch_entries))
        .set_id_provider(HexIds)
        .build();
    let service = Server::builder()
        .set_config(server_config)
        .set_rpc_middleware(RpcServiceBuilder::new().layer(GuardLayer(Arc::new(rules))))
        .to_service_builder()
        .build(methods, stop);
    let door = Arc::new(Door {
        service: BoxCloneSyncService::new(service),
        hosts: config.hosts.clone(),
        audience: Audience::Public(config.cors.clone()),
    });
    Ok(Router::new()
        .route("/", any(enter))
        .with_state(door)
        .layer(cors(&config.cors)?))
}

/// Subscription ids as geth writes them.
#[derive(Debug)]
struct HexIds;

impl IdProvider for HexIds {
    fn next_id(&self) -> SubscriptionId<'static> {
        let id = U128::from_be_bytes(alloy_primitives::FixedBytes::<16>::random().0);
        SubscriptionId::Str(format!("{id:#x}").into())
    }
}
