//! The API port: liveness, readiness, and where everything is.

use crate::{deployment::Deployment, feed, rollup_side::StatusSource};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use openledger_chain::Chain;
use openledger_devnet::EmbeddedL1;
use openledger_l1::L1View;
use openledger_sequencer::{Clock, Sequencer};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

/// Blocks that the head may be late before the node counts as not ready.
const LATE_BLOCKS: u64 = 10;

/// What the endpoints show.
#[derive(Clone)]
pub(crate) struct ApiState {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) chain: Arc<Chain>,
    pub(crate) sequencer: Arc<Sequencer>,
    pub(crate) embedded_l1: Option<Arc<EmbeddedL1>>,
    pub(crate) l1: watch::Receiver<L1View>,
    pub(crate) clock: Clock,
    pub(crate) block_time: u64,
    pub(crate) feed: broadcast::Sender<Arc<str>>,
    pub(crate) rollup: StatusSource,
}

pub(crate) fn router(state: ApiState) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/livez", get(|| async { Json(json!({"status": "alive"})) }))
        .route("/readyz", get(ready))
        .route("/api/v1/deployment", get(deployment))
        .route("/api/v1/feed", get(feed::upgrade))
        .layer(middleware::from_fn(headers))
        .with_state(state)
}

/// Any page may read what is public anyway; nothing is to be guessed from content.
async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn index() -> Json<Value> {
    Json(
        json!({"livez": "/livez", "readyz": "/readyz", "deployment": "/api/v1/deployment", "feed": "/api/v1/feed"}),
    )
}

async fn deployment(State(state): State<ApiState>) -> Json<Deployment> {
    Json(state.deployment.shown())
}

/// 200 when the node does its work, 503 with the reasons otherwise. What others do wrong are `alarms`.
async fn ready(State(state): State<ApiState>) -> Response {
    // Heads and labels are in memory: no database is touched here.
    let head = state.chain.head();
    let now = state.clock.now();
    let age = now.saturating_sub(head.block.header.timestamp);
    let l1 = *state.l1.borrow();
    let status = state.sequencer.status();
    let mut problems = Vec::new();
    if let Some(reason) = &status.halted {
        problems.push(format!("block production stopped: {reason}"));
    }
    if age > LATE_BLOCKS * state.block_time {
        let why = if !status.active {
            ": an operator has stopped the sequencer"
        } else if status.waits_for_l1 {
            ": it is as far ahead of the L1 as the rules allow, and waits for the next L1 block"
        } else {
            ""
        };
        problems.push(format!("the head is {age} s old{why}"));
    }
    if let Some(reason) = state
        .embedded_l1
        .as_ref()
        .and_then(|l1| l1.failure().map(str::to_owned))
    {
        problems.push(format!("the embedded L1 stopped: {reason}"));
    }
    if let Some(reason) = state.rollup.derivation_failure() {
        problems.push(format!("derivation stopped: {reason}"));
    }
    let (proposer, watcher) = (state.rollup.proposer(), state.rollup.watcher());
    // The node does its work all the same: somebody else does not.
    let wrong = watcher.iter().flat_map(|watcher| &watcher.wrong);
    let alarms: Vec<_> = wrong
        .map(|game| format!("the output root of game {game} on the L1 is wrong, and not rejected"))
        .collect();
    let safe = state.chain.safe();
    let (batcher, derivation) = (state.rollup.batcher(), state.rollup.derivation());
    let body = json!({
        "ready": problems.is_empty(),
        "problems": problems,
        "alarms": alarms,
        "head": {"number": head.number(), "hash": head.hash(), "ageSeconds": age},
        "safeLagBlocks": head.number() - safe.number.min(head.number()),
        "finalizedNumber": state.chain.finalized().number,
        "verifiedNumber": status.verified,
        "l1": {"number": l1.head.number, "lagSeconds": now.saturating_sub(l1.head.timestamp)},
        "derivation": {"l1Number": derivation.current_l1.number, "caughtUp": derivation.caught_up},
        "batcher": {"postedNumber": batcher.posted, "backlogBlocks": batcher.backlog_blocks, "backlogBytes": batcher.backlog_bytes, "inFlight": batcher.in_flight},
        "proposer": proposer.map(|proposer| json!({"active": proposer.active, "proposedNumber": proposer.proposed, "openGames": proposer.open_games})),
        "watcher": watcher.map(|watcher| json!({"sound": watcher.sound, "wrong": watcher.wrong, "undecided": watcher.undecided})),
        "database": {"persistedNumber": state.chain.persisted(), "behindBlocks": head.number().saturating_sub(state.chain.persisted())},
    });
    let code = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(body)).into_response()
}
