//! An HTTP server between the client and an anvil that answers something else now and then.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{net::TcpListener, task::JoinHandle};

/// What becomes of one request.
pub enum Fate {
    /// It is passed on.
    Pass,
    /// It is passed on, and the result is changed.
    Change(fn(&mut Value)),
    /// It is answered with an error.
    Refuse(i64, &'static str),
    /// It does not arrive.
    Lose,
    /// It arrives, its answer does not.
    LoseAnswer,
}

type Decide = Box<dyn FnMut(&str, &Value) -> Fate + Send>;

struct Shared {
    target: String,
    http: reqwest::Client,
    decide: Mutex<Decide>,
}

/// Decides for each call by its method and parameters.
pub struct Proxy {
    url: String,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn to(
        target: String,
        decide: impl FnMut(&str, &Value) -> Fate + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            target,
            http: reqwest::Client::new(),
            decide: Mutex::new(Box::new(decide)),
        });
        let (url, task) = serve(Router::new().fallback(answer).with_state(shared)).await;
        Self { url, task }
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves routes on a free port.
pub async fn serve(router: Router) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let task = tokio::spawn(async move {
        axum::serve(listener, router).await.expect("it serves");
    });
    (format!("http://{address}"), task)
}

async fn answer(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).expect("JSON");
    let answer = match &request {
        Value::Array(calls) => {
            let mut answers = Vec::new();
            for call in calls {
                answers.push(shared.one(call).await);
            }
            answers
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .map(Value::Array)
        }
        call => shared.one(call).await,
    };
    match answer {
        Some(answer) => axum::Json(answer).into_response(),
        None => StatusCode::BAD_GATEWAY.into_response(),
    }
}

impl Shared {
    async fn one(&self, call: &Value) -> Option<Value> {
        let method = call["method"].as_str().expect("a method");
        let fate = (self.decide.lock())(method, &call["params"]);
        match fate {
            Fate::Lose => return None,
            Fate::Refuse(code, message) => {
                let error = json!({"code": code, "message": message});
                return Some(json!({"jsonrpc": "2.0", "id": call["id"], "error": error}));
            }
            Fate::Pass | Fate::Change(_) | Fate::LoseAnswer => {}
        }
        let sent = self.http.post(&self.target).json(call).send().await;
        let mut answer: Value = sent.expect("anvil runs").json().await.expect("JSON");
        match fate {
            Fate::LoseAnswer => return None,
            Fate::Change(change) => {
                if let Some(result) = answer.get_mut("result") {
                    change(result);
                }
            }
            _ => {}
        }
        Some(answer)
    }
}
