//! The way in: who may ask at all, by host, origin and token.

use crate::{CorsOrigins, ServeError, Token, guard::PlainHttp};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{sync::Arc, time::Duration};
use tower::{Service, util::BoxCloneSyncService};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

pub(crate) type JsonRpc =
    BoxCloneSyncService<Request, jsonrpsee::server::HttpResponse, jsonrpsee::core::BoxError>;

/// Who is let in.
pub(crate) enum Audience {
    /// Everybody; browsers from these origins.
    Public(CorsOrigins),
    /// No browser at all, and nobody without the token where there is one.
    Operator(Option<Token>),
}

pub(crate) struct Door {
    pub(crate) service: JsonRpc,
    pub(crate) hosts: Vec<String>,
    pub(crate) audience: Audience,
}

/// What a path answers with.
pub(crate) async fn enter(State(door): State<Arc<Door>>, mut request: Request) -> Response {
    if let Err(sentence) = door.check_host(request.headers(), request.uri().host()) {
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    if let Audience::Operator(token) = &door.audience {
        if request.headers().contains_key(header::ORIGIN) {
            let sentence = "Browsers are not let in here.\n";
            return (StatusCode::FORBIDDEN, sentence).into_response();
        }
        if let Some(token) = token
            && !token.is_in(request.headers())
        {
            return (
                StatusCode::UNAUTHORIZED,
                [(header::WWW_AUTHENTICATE, "Bearer")],
                "The request needs the operator's token: `Authorization: Bearer <token>`.\n",
            )
                .into_response();
        }
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
        let allowed = match &self.audience {
            Audience::Public(CorsOrigins::Any) => true,
            Audience::Public(CorsOrigins::None) | Audience::Operator(_) => false,
            Audience::Public(CorsOrigins::List(list)) => list
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

pub(crate) fn cors(origins: &CorsOrigins) -> Result<CorsLayer, ServeError> {
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
