//! The HTTP server: JSON-RPC over POST and WebSocket at `/`, behind host and origin checks.

use crate::{
    CorsOrigins, RpcConfig, RpcContext,
    context::Rpc,
    debug, eth,
    guard::{GuardLayer, GuardRules, PlainHttp},
    metrics::RpcMetrics,
    net, optimism,
    registry::Registry,
    rpc_modules, txpool, web3,
};
use alloy_primitives::U128;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
    serve::ListenerExt,
};
use jsonrpsee::{
    RpcModule,
    core::{middleware::RpcServiceBuilder, traits::IdProvider},
    server::{BatchRequestConfig, Server, ServerConfig, stop_channel},
    types::SubscriptionId,
};
use std::{io, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::{Service, util::BoxCloneSyncService};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

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
        submitter: rpc.submitter.clone(),
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
        cors: config.cors.clone(),
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

type JsonRpc =
    BoxCloneSyncService<Request, jsonrpsee::server::HttpResponse, jsonrpsee::core::BoxError>;

struct Door {
    service: JsonRpc,
    hosts: Vec<String>,
    cors: CorsOrigins,
}

async fn enter(State(door): State<Arc<Door>>, mut request: Request) -> Response {
    if let Err(sentence) = door.check_host(request.headers(), request.uri().host()) {
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    if is_upgrade(request.headers()) {
        // Browsers ask no leave for WebSockets, so the origin is checked here.
        if let Err(sentence) = door.check_origin(request.headers()) {
            return (StatusCode::FORBIDDEN, sentence).into_response();
        }
    } else {
        if request.method() == Method::GET {
            let sentence = "This is a JSON-RPC endpoint: POST a request, or open a WebSocket.\n";
            return (
                StatusCode::METHOD_NOT_ALLOWED,
                [(header::ALLOW, "POST, OPTIONS")],
                sentence,
            )
                .into_response();
        }
        // They are copied for every call of a batch, and no call needs what the router put there.
        request.extensions_mut().clear();
        request.extensions_mut().insert(PlainHttp);
    }
    match door.service.clone().call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            tracing::error!(error, "JSON-RPC service failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

impl Door {
    /// Refuses hosts that are not this machine's and not configured. A request without any host is let in: browsers
    /// always send one.
    fn check_host(&self, headers: &HeaderMap, authority: Option<&str>) -> Result<(), String> {
        let host = match headers.get(header::HOST).map(HeaderValue::to_str) {
            Some(Ok(host)) => host,
            Some(Err(_)) => return Err("The Host header is not readable.\n".into()),
            None => match authority {
                Some(host) => host,
                None => return Ok(()),
            },
        };
        let name = without_port(host);
        let known = ["localhost", "127.0.0.1", "[::1]"]
            .into_iter()
            .chain(self.hosts.iter().map(String::as_str));
        if known
            .into_iter()
            .any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(name))
        {
            return Ok(());
        }
        Err(format!(
            "Host {name:?} is not allowed: add it to the node's list of JSON-RPC hosts.\n"
        ))
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), String> {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Ok(());
        };
        let allowed = match &self.cors {
            CorsOrigins::Any => true,
            CorsOrigins::None => false,
            CorsOrigins::List(list) => list
                .iter()
                .any(|allowed| allowed.as_bytes() == origin.as_bytes()),
        };
        if allowed {
            Ok(())
        } else {
            Err(format!(
                "Origin {origin:?} is not allowed: add it to the node's list of origins.\n"
            ))
        }
    }
}

/// A host name without its port; an IPv6 address keeps its brackets.
fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    }
}

fn cors(origins: &CorsOrigins) -> Result<CorsLayer, ServeError> {
    let layer = CorsLayer::new()
        .allow_methods([Method::POST, Method::GET])
        .allow_headers(Any)
        .max_age(Duration::from_secs(600));
    Ok(match origins {
        CorsOrigins::None => layer.allow_origin(AllowOrigin::list([])),
        CorsOrigins::Any => layer.allow_origin(Any),
        CorsOrigins::List(list) => {
            let values: Result<Vec<HeaderValue>, ServeError> = list
                .iter()
                .map(|origin| {
                    if !origin.contains("://") {
                        return Err(ServeError::Origin(origin.clone()));
                    }
                    origin
                        .parse()
                        .map_err(|_| ServeError::Origin(origin.clone()))
                })
                .collect();
            layer.allow_origin(AllowOrigin::list(values?))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_cut_off() {
        for (host, name) in [
            ("localhost:9545", "localhost"),
            ("localhost", "localhost"),
            ("[::1]:9545", "[::1]"),
            ("[::1]", "[::1]"),
            ("127.0.0.1:1", "127.0.0.1"),
            (":80", ""),
        ] {
            assert_eq!(without_port(host), name);
        }
    }

    #[test]
    fn malformed_origins_are_refused() {
        assert!(cors(&CorsOrigins::List(vec!["https://app.example.org".into()])).is_ok());
        assert!(matches!(
            cors(&CorsOrigins::List(vec!["example.org".into()])),
            Err(ServeError::Origin(_))
        ));
    }
}
