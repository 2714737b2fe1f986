//! The operator's port: who is let in, what the methods answer, and that changes come one after the other.

use alloy_primitives::B256;
use openledger_rpc::{
    AdminConfig, AdminContext, BatcherControl, Controlled, NodeControl, ProposerControl, Refusal,
    ThrottleController, ThrottleLimits, Token, serve_admin,
};
use parking_lot::Mutex;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

const HEAD: B256 = B256::repeat_byte(7);
const TOKEN: &str = "0123456789abcdef";

/// A node that does what it is told, and remembers it.
#[derive(Default)]
struct Roles {
    stopped: AtomicBool,
    recover: Mutex<Vec<bool>>,
    resets: AtomicUsize,
    paused: AtomicBool,
    flushes: AtomicUsize,
    throttle: Mutex<Option<ThrottleLimits>>,
    /// Calls that are being carried out, and the most at a time.
    at_work: AtomicUsize,
    most: AtomicUsize,
    /// When it is there, a stop of the sequencer waits for a permit.
    gate: Option<Semaphore>,
}

fn refuse<T>(sentence: &str) -> Result<T, Refusal> {
    Err(Refusal(sentence.into()))
}

impl NodeControl for Roles {
    fn start_sequencer(&self, head: B256) -> Controlled<'_, ()> {
        Box::pin(async move {
            if head != HEAD {
                return refuse("block hash does not match");
            }
            match self.stopped.swap(false, Ordering::SeqCst) {
                true => Ok(()),
                false => refuse("sequencer already running"),
            }
        })
    }

    fn stop_sequencer(&self) -> Controlled<'_, B256> {
        Box::pin(async move {
            let now = self.at_work.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            self.at_work.fetch_sub(1, Ordering::SeqCst);
            match self.stopped.swap(true, Ordering::SeqCst) {
                false => Ok(HEAD),
                true => refuse("sequencer not running"),
            }
        })
    }

    fn sequencer_active(&self) -> bool {
        !self.stopped.load(Ordering::SeqCst)
    }

    fn set_recover_mode(&self, on: bool) -> Result<(), Refusal> {
        self.recover.lock().push(on);
        Ok(())
    }

    fn reset_derivation(&self) -> Result<(), Refusal> {
        self.resets.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl BatcherControl for Roles {
    fn start(&self) -> Controlled<'_, ()> {
        Box::pin(async move {
            match self.paused.swap(false, Ordering::SeqCst) {
                true => Ok(()),
                false => refuse("batcher is already running"),
            }
        })
    }

    fn stop(&self) -> Controlled<'_, ()> {
        Box::pin(async move {
            match self.paused.swap(true, Ordering::SeqCst) {
                false => Ok(()),
                true => refuse("batcher is not running"),
            }
        })
    }

    fn flush(&self) -> Controlled<'_, ()> {
        Box::pin(async move {
            self.flushes.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
    }

    fn throttle(&self) -> ThrottleController {
        let set = self.throttle.lock().unwrap_or_default();
        ThrottleController {
            kind: ThrottleController::LINEAR,
            lower_threshold: set.lower_threshold.unwrap_or(1_000),
            upper_threshold: 2_000,
            current_load: 1_500,
            intensity: 0.5,
            max_tx_size: 0,
            max_block_size: 66_000,
        }
    }

    fn set_throttle(&self, limits: ThrottleLimits) -> Result<(), Refusal> {
        if limits.upper_threshold == Some(0) {
            return refuse("the upper threshold must be above the lower one");
        }
        *self.throttle.lock() = Some(limits);
        Ok(())
    }

    fn reset_throttle(&self) {
        *self.throttle.lock() = None;
    }
}

struct Proposer;

impl ProposerControl for Proposer {
    fn start(&self) -> Controlled<'_, ()> {
        Box::pin(async { refuse("proposer is already running") })
    }

    fn stop(&self) -> Controlled<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

struct Port {
    url: String,
    http: reqwest::Client,
    shutdown: CancellationToken,
    roles: Arc<Roles>,
}

impl Drop for Port {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Port {
    async fn open() -> Self {
        Self::with(Roles::default(), None, AdminConfig::default()).await
    }

    async fn with(
        roles: Roles,
        proposer: Option<Arc<dyn ProposerControl>>,
        config: AdminConfig,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        let roles = Arc::new(roles);
        let context = AdminContext {
            node: roles.clone(),
            batcher: roles.clone(),
            proposer,
        };
        tokio::spawn(serve_admin(context, config, listener, shutdown.clone()));
        Self {
            url,
            http: reqwest::Client::new(),
            shutdown,
            roles,
        }
    }

    fn request(&self, body: Value) -> reqwest::RequestBuilder {
        self.http.post(&self.url).json(&body)
    }

    async fn answer(&self, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let response = self.request(body).send().await.unwrap();
        response.json().await.unwrap()
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn fail(&self, method: &str, params: Value) -> (i64, String) {
        let answer = self.answer(method, params).await;
        let error = &answer["error"];
        (
            error["code"].as_i64().unwrap_or_default(),
            error["message"].as_str().unwrap_or_default().into(),
        )
    }
}

fn active() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "admin_sequencerActive", "params": []})
}

#[tokio::test]
async fn the_sequencer_is_stopped_and_started_at_the_head() {
    let port = Port::open().await;
    assert_eq!(port.call("admin_sequencerActive", json!([])).await, true);
    assert_eq!(
        port.fail("admin_startSequencer", json!([HEAD])).await,
        (-32000, "sequencer already running".into())
    );
    assert_eq!(
        port.call("admin_stopSequencer", json!([])).await,
        json!(HEAD)
    );
    assert_eq!(port.call("admin_sequencerActive", json!([])).await, false);
    assert_eq!(
        port.fail("admin_stopSequencer", json!([])).await,
        (-32000, "sequencer not running".into())
    );
    let (code, _) = port.fail("admin_startSequencer", json!([B256::ZERO])).await;
    assert_eq!(code, -32000);
    for params in [
        json!([]),
        json!([null]),
        json!(["0x12"]),
        json!([7]),
        json!({}),
    ] {
        let (code, text) = port.fail("admin_startSequencer", params.clone()).await;
        assert_eq!(code, -32602, "{params}: {text}");
    }
    assert_eq!(
        port.call("admin_startSequencer", json!([HEAD])).await,
        Value::Null
    );
    assert_eq!(port.call("admin_conductorEnabled", json!([])).await, false);
    for on in [true, false] {
        port.call("admin_setRecoverMode", json!([on])).await;
    }
    assert_eq!(*port.roles.recover.lock(), [true, false]);
    assert_eq!(
        port.fail("admin_setRecoverMode", json!(["on"])).await.0,
        -32602
    );
    port.call("admin_resetDerivationPipeline", json!([])).await;
    assert_eq!(port.roles.resets.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_batcher_is_stopped_started_and_flushed() {
    let port = Port::open().await;
    assert_eq!(
        port.fail("admin_startBatcher", json!([])).await,
        (-32000, "batcher is already running".into())
    );
    assert_eq!(port.call("admin_stopBatcher", json!([])).await, Value::Null);
    assert_eq!(
        port.fail("admin_stopBatcher", json!([])).await,
        (-32000, "batcher is not running".into())
    );
    port.call("admin_startBatcher", json!([])).await;
    port.call("admin_flushBatcher", json!([])).await;
    assert_eq!(port.roles.flushes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_throttle_has_op_batchers_shape_and_one_kind() {
    let port = Port::open().await;
    assert_eq!(
        port.call("admin_getThrottleController", json!([])).await,
        json!({
            "type": "linear", "lower_threshold": 1_000, "upper_threshold": 2_000, "current_load": 1_500,
            "intensity": 0.5, "max_tx_size": 0, "max_block_size": 66_000,
        })
    );
    for kind in ["step", "quadratic", "pid"] {
        let (code, text) = port
            .fail("admin_setThrottleController", json!([kind, null]))
            .await;
        assert_eq!(code, -32000);
        assert!(text.contains(kind) && text.contains("linear"), "{text}");
    }
    for params in [
        json!([]),
        json!(["cubic"]),
        json!(["linear", {"kp": 0.3}]),
        json!(["linear", {"lower_threshold": -1}]),
        json!(["linear", 7]),
    ] {
        let (code, text) = port
            .fail("admin_setThrottleController", params.clone())
            .await;
        assert_eq!(code, -32602, "{params}: {text}");
    }
    assert_eq!(*port.roles.throttle.lock(), None);
    port.call("admin_setThrottleController", json!(["linear", null]))
        .await;
    assert_eq!(*port.roles.throttle.lock(), Some(ThrottleLimits::default()));
    let limits = json!({"lower_threshold": 5, "tx_size_lower_limit": 200});
    port.call("admin_setThrottleController", json!(["linear", limits]))
        .await;
    assert_eq!(
        *port.roles.throttle.lock(),
        Some(ThrottleLimits {
            lower_threshold: Some(5),
            tx_size_lower_limit: Some(200),
            ..ThrottleLimits::default()
        })
    );
    let (code, text) = port
        .fail(
            "admin_setThrottleController",
            json!(["linear", {"upper_threshold": 0}]),
        )
        .await;
    assert_eq!(code, -32000);
    assert!(text.contains("upper threshold"), "{text}");
    port.call("admin_resetThrottleController", json!([])).await;
    assert_eq!(*port.roles.throttle.lock(), None);
}

#[tokio::test]
async fn where_no_proposer_runs_its_methods_say_so() {
    let port = Port::open().await;
    for method in ["admin_startProposer", "admin_stopProposer"] {
        let answer = port.fail(method, json!([])).await;
        assert_eq!(answer, (-32000, "no proposer runs here".into()));
    }
    let proposer = Some(Arc::new(Proposer) as Arc<dyn ProposerControl>);
    let port = Port::with(Roles::default(), proposer, AdminConfig::default()).await;
    port.call("admin_stopProposer", json!([])).await;
    let answer = port.fail("admin_startProposer", json!([])).await;
    assert_eq!(answer, (-32000, "proposer is already running".into()));
}

#[tokio::test]
async fn what_makes_no_sense_here_is_refused_by_name() {
    let port = Port::open().await;
    for method in [
        "admin_postUnsafePayload",
        "admin_overrideLeader",
        "admin_setLogLevel",
        "admin_addPeer",
        "eth_chainId",
        "eth_sendRawTransaction",
        "optimism_syncStatus",
    ] {
        let (code, text) = port.fail(method, json!([])).await;
        assert_eq!(code, -32601, "{method}");
        let start = format!("the method {method} is not available: ");
        assert!(text.starts_with(&start), "{text}");
    }
    // Neither in a batch, where transactions are taken together on other ports.
    let call = |id, method| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": []});
    let batch = json!([
        call(1, "eth_sendRawTransaction"),
        call(2, "eth_sendRawTransaction"),
        call(3, "admin_sequencerActive"),
    ]);
    let response = port.request(batch).send().await.unwrap();
    let answers: Value = response.json().await.unwrap();
    assert_eq!(answers[0]["error"]["code"], -32601, "{answers}");
    assert_eq!(answers[1]["error"]["code"], -32601, "{answers}");
    assert_eq!(answers[2]["result"], true, "{answers}");
}

#[tokio::test]
async fn nobody_is_let_in_without_the_token() {
    let config = AdminConfig {
        token: Some(Token::new(TOKEN).unwrap()),
        ..AdminConfig::default()
    };
    let port = Port::with(Roles::default(), None, config).await;
    for header in [
        None,
        Some("Bearer".to_owned()),
        Some(format!("Bearer {TOKEN}0")),
        Some(format!("Bearer {}", &TOKEN[1..])),
        Some(format!("Basic {TOKEN}")),
    ] {
        let mut request = port.request(json!({
            "jsonrpc": "2.0", "id": 1, "method": "admin_stopSequencer", "params": [],
        }));
        if let Some(header) = &header {
            request = request.header("authorization", header);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{header:?}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let text = response.text().await.unwrap();
        assert!(!text.contains(TOKEN), "{text}");
    }
    assert!(!port.roles.stopped.load(Ordering::SeqCst));
    let request = port.request(active()).bearer_auth(TOKEN);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["result"], true);
}

#[tokio::test]
async fn browsers_and_foreign_hosts_are_turned_away() {
    let config = AdminConfig {
        hosts: vec!["node.example.org".into()],
        ..AdminConfig::default()
    };
    let port = Port::with(Roles::default(), None, config).await;
    for (host, status) in [
        ("localhost:1234", StatusCode::OK),
        ("127.0.0.1", StatusCode::OK),
        ("node.example.org", StatusCode::OK),
        ("evil.example.org", StatusCode::FORBIDDEN),
    ] {
        let request = port.request(active()).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
    // A page may send some requests without asking first, but never without saying where it is from.
    for origin in ["https://evil.example.org", "null", "http://localhost"] {
        let request = port.request(active()).header("origin", origin);
        let status = request.send().await.unwrap().status();
        assert_eq!(status, StatusCode::FORBIDDEN, "{origin}");
    }
    let plain = port
        .http
        .post(&port.url)
        .header("content-type", "text/plain")
        .body(active().to_string());
    assert!(plain.send().await.unwrap().status().is_client_error());
    let upgrade = port
        .http
        .get(&port.url)
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert!(upgrade.send().await.unwrap().status().is_client_error());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_come_one_after_the_other_and_looking_waits_for_none() {
    const CALLS: usize = 8;
    let roles = Roles {
        gate: Some(Semaphore::new(0)),
        ..Roles::default()
    };
    let port = Arc::new(Port::with(roles, None, AdminConfig::default()).await);
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let port = port.clone();
            tokio::spawn(async move { port.answer("admin_stopSequencer", json!([])).await })
        })
        .collect();
    // While the first is being carried out, one may look.
    while port.roles.at_work.load(Ordering::SeqCst) == 0 {
        assert_eq!(port.call("admin_sequencerActive", json!([])).await, true);
    }
    if let Some(gate) = &port.roles.gate {
        gate.add_permits(CALLS);
    }
    let mut stopped = 0;
    for call in calls {
        stopped += usize::from(call.await.unwrap()["result"] == json!(HEAD));
    }
    assert_eq!(stopped, 1);
    assert_eq!(port.roles.most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_answered_and_the_next_one_has_its_turn() {
    let roles = Roles {
        gate: Some(Semaphore::new(0)),
        ..Roles::default()
    };
    let config = AdminConfig {
        call_timeout: Duration::from_millis(50),
        ..AdminConfig::default()
    };
    let port = Port::with(roles, None, config).await;
    let (code, _) = port.fail("admin_stopSequencer", json!([])).await;
    assert_eq!(code, -32002);
    port.call("admin_stopBatcher", json!([])).await;
}
