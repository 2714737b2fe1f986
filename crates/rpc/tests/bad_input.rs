//! What the server says to malformed, oversized and forbidden requests, and that it stays up.

mod support;

use alloy_primitives::Bytes;
use proptest::{prelude::*, test_runner::TestRunner};
use reqwest::StatusCode;
use serde_json::{Value, json};
use support::Node;

async fn post(node: &Node, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let request = node
        .http
        .post(&node.url)
        .header("content-type", "application/json")
        .body(body);
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

#[tokio::test]
async fn malformed_json_and_requests_have_their_codes() {
    let node = Node::l2().await;
    for (body, code) in [
        ("{", -32700),
        ("nonsense", -32700),
        ("{\"jsonrpc\":\"2.0\",\"id\":1}", -32600),
        (
            "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"eth_chainId\"}",
            -32600,
        ),
        ("[]", -32600),
        (
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBalance\",\"params\":{\"a\":1}}",
            -32602,
        ),
    ] {
        let (_, response) = post(&node, body).await;
        assert_eq!(response["error"]["code"], code, "{body}: {response}");
    }
    let (_, response) = post(
        &node,
        "[1, {\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"eth_chainId\"}]",
    )
    .await;
    assert_eq!(response[0]["error"]["code"], -32600);
    assert_eq!(response[1]["result"], "0x385");
}

#[tokio::test]
async fn unknown_and_refused_methods_are_named() {
    let node = Node::l2().await;
    assert_eq!(
        node.fail("eth_nothing", json!([])).await,
        (
            -32601,
            "the method eth_nothing does not exist/is not available".into()
        )
    );
    for method in [
        "evm_snapshot",
        "anvil_setBalance",
        "hardhat_reset",
        "personal_unlockAccount",
        "admin_sequencerActive",
        "admin_stopBatcher",
    ] {
        let (code, text) = node.fail(method, json!([])).await;
        assert_eq!(code, -32601);
        assert!(text.contains(method) && text.len() > 60, "{text}");
    }
    let (code, text) = node.fail("eth_subscribe", json!(["newHeads"])).await;
    assert_eq!(code, -32601);
    assert!(text.contains("WebSocket"), "{text}");
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let node = Node::l2().await;
    for (method, params, expected) in [
        (
            "eth_getBalance",
            json!([]),
            "missing value for required argument 0 (address)",
        ),
        (
            "eth_getBalance",
            json!(["0x12"]),
            "invalid argument 0 (address): ",
        ),
        (
            "eth_getBalance",
            json!([support::LOGGER, "newest"]),
            "invalid argument 1 (block): ",
        ),
        (
            "eth_getStorageAt",
            json!([support::LOGGER]),
            "missing value for required argument 1 (slot)",
        ),
        (
            "eth_getBlockByNumber",
            json!([{}, 1]),
            "invalid argument 0 (block): ",
        ),
        (
            "eth_call",
            json!(["no"]),
            "invalid argument 0 (transaction): ",
        ),
        (
            "eth_sendRawTransaction",
            json!(["xyz"]),
            "invalid argument 0 (rawTransaction): ",
        ),
        ("eth_getLogs", json!([7]), "invalid argument 0 (filter): "),
        (
            "eth_feeHistory",
            json!(["0x1"]),
            "missing value for required argument 1 (newestBlock)",
        ),
        (
            "debug_traceTransaction",
            json!(["0x00"]),
            "invalid argument 0 (transactionHash): ",
        ),
    ] {
        let (code, text) = node.fail(method, params).await;
        assert_eq!(code, -32602, "{method}: {text}");
        assert!(text.starts_with(expected), "{method}: {text}");
    }
}

#[tokio::test]
async fn garbage_and_foreign_transactions_are_refused_in_words() {
    let node = Node::l2().await;
    let valid = node.sign(0, 0, support::LOGGER, 0, Bytes::new());
    let mut trailing = valid.to_vec();
    trailing.push(0);
    for (raw, words) in [
        (Bytes::new(), ""),
        (Bytes::from_static(&[0xff; 40]), ""),
        (valid.slice(..valid.len() - 3), ""),
        (trailing.into(), "bytes follow"),
        (Bytes::from_static(&[0x7e, 0xc0]), "type"),
    ] {
        let (code, text) = node.fail("eth_sendRawTransaction", json!([raw])).await;
        assert_eq!(code, -32000, "{text}");
        assert!(!text.is_empty() && text.contains(words), "{text}");
    }
    // Signed for another chain: the first byte of the list's first item is the chain id.
    let mut foreign = valid.to_vec();
    let at = foreign
        .windows(3)
        .position(|bytes| bytes == [0x82, 0x03, 0x85])
        .unwrap();
    foreign[at + 2] = 0x86;
    let (_, text) = node
        .fail("eth_sendRawTransaction", json!([Bytes::from(foreign)]))
        .await;
    assert!(
        text.starts_with("invalid chain id for signer: have 902 want 901"),
        "{text}"
    );
    let late = node.sign(0, 0, support::LOGGER, 0, Bytes::new());
    node.send(&late).await;
    node.producer.seal();
    let again = node.sign(0, 0, support::LOGGER, 1, Bytes::new());
    assert_eq!(
        node.fail("eth_sendRawTransaction", json!([again])).await,
        (-32000, "nonce too low: next nonce 1, tx nonce 0".into())
    );
}

#[tokio::test]
async fn batches_are_limited_in_number_and_size() {
    let node = Node::start(true, |config| config.max_batch_response_bytes = 2_000).await;
    let call = |id: usize, method: &str, params: Value| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let many: Vec<_> = (0..1_001)
        .map(|id| call(id, "eth_chainId", json!([])))
        .collect();
    let (_, response) = post(&node, json!(many).to_string()).await;
    assert!(response["error"]["code"].is_i64(), "{response}");
    assert!(response["error"].to_string().contains("1000"), "{response}");
    let (_, response) = post(&node, json!(many[..1_000]).to_string()).await;
    let answers = response.as_array().unwrap();
    assert_eq!(answers.len(), 1_000);
    assert_eq!(answers[0]["result"], "0x385");
    assert_eq!(answers[999]["error"]["code"], -32003);
    assert_eq!(answers[999]["id"], 999);
}

#[tokio::test]
async fn a_batch_of_transactions_is_taken_whole() {
    let node = Node::l2().await;
    let calls: Vec<_> = (0..20)
        .map(|nonce| {
            let raw = node.sign(0, nonce, support::LOGGER, 0, Bytes::new());
            json!({"jsonrpc": "2.0", "id": nonce, "method": "eth_sendRawTransaction", "params": [raw]})
        })
        .collect();
    let (_, response) = post(&node, json!(calls).to_string()).await;
    for (id, answer) in response.as_array().unwrap().iter().enumerate() {
        assert_eq!(answer["id"], id);
        assert!(answer["result"].is_string(), "{answer}");
    }
    let count = node
        .call(
            "eth_getTransactionCount",
            json!([node.signer(0), "pending"]),
        )
        .await;
    assert_eq!(count, "0x14");
}

#[tokio::test]
async fn oversized_bodies_and_answers_are_refused() {
    let node = Node::start(true, |config| {
        config.max_request_bytes = 10_000;
        config.max_response_bytes = 300;
    })
    .await;
    let (status, _) = post(&node, vec![b' '; 10_001]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let (code, text) = node
        .fail("eth_getBlockByNumber", json!(["latest", true]))
        .await;
    assert_eq!(
        (code, &*text),
        (-32003, "response is larger than 300 bytes: ask for less")
    );
}

#[tokio::test]
async fn foreign_hosts_methods_and_content_types_are_turned_away() {
    let node = Node::start(true, |config| {
        config.hosts = vec!["node.example.org".into()]
    })
    .await;
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}).to_string();
    for (host, status) in [
        ("localhost:1234", StatusCode::OK),
        ("node.example.org", StatusCode::OK),
        ("[::1]:80", StatusCode::OK),
        ("evil.example.org", StatusCode::FORBIDDEN),
    ] {
        let request = node
            .http
            .post(&node.url)
            .header("host", host)
            .header("content-type", "application/json");
        let response = request.body(call.clone()).send().await.unwrap();
        assert_eq!(response.status(), status, "{host}");
    }
    let plain = node
        .http
        .post(&node.url)
        .header("content-type", "text/plain")
        .body(call)
        .send()
        .await
        .unwrap();
    assert_eq!(plain.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let get = node.http.get(&node.url).send().await.unwrap();
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(get.text().await.unwrap().contains("JSON-RPC"));
    let preflight = node
        .http
        .request(reqwest::Method::OPTIONS, &node.url)
        .header("origin", "https://app.example.org")
        .header("access-control-request-method", "POST")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn expensive_calls_wait_for_each_other_and_nothing_waits_for_them() {
    let node = std::sync::Arc::new(Node::start(true, |config| config.heavy_threads = 1).await);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let node = node.clone();
        calls.spawn(async move {
            let endless = json!({support::LOGGER.to_string(): {"code": "0x5b600056"}});
            node.fail(
                "eth_call",
                json!([{"to": support::LOGGER}, "latest", endless]),
            )
            .await
        });
    }
    // One has begun and ended, so the others are queued or running.
    assert_eq!(
        calls.join_next().await.unwrap().unwrap(),
        (-32000, "out of gas".into())
    );
    let raw = node.sign(0, 0, support::LOGGER, 0, Bytes::new());
    assert_eq!(
        node.call("eth_sendRawTransactionSync", json!([raw])).await["status"],
        "0x1"
    );
    assert_eq!(node.call("eth_blockNumber", json!([])).await, "0x0");
    let mut done = 0;
    while calls.try_join_next().is_some() {
        done += 1;
    }
    assert!(
        done < 63,
        "all can not have been executed by one thread in the meantime"
    );
    calls.abort_all();
}

#[test]
fn no_bytes_and_no_parameters_bring_the_server_down() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let node = runtime.block_on(Node::l2());
    const METHODS: [&str; 24] = [
        "eth_getBlockByNumber",
        "eth_getBalance",
        "eth_getStorageAt",
        "eth_call",
        "eth_estimateGas",
        "eth_getLogs",
        "eth_getProof",
        "eth_feeHistory",
        "eth_sendRawTransaction",
        "eth_newFilter",
        "eth_getFilterChanges",
        "eth_getTransactionByHash",
        "eth_getBlockReceipts",
        "eth_createAccessList",
        "debug_traceTransaction",
        "debug_traceCall",
        "debug_traceBlockByNumber",
        "debug_getRawBlock",
        "txpool_contentFrom",
        "eth_sign",
        "eth_sendTransaction",
        "eth_signTransaction",
        "web3_sha3",
        "eth_getTransactionByBlockNumberAndIndex",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,20}".prop_map(Value::from),
        "0x[0-9a-f]{0,70}".prop_map(Value::from),
        Just(json!("latest")),
        Just(json!("pending")),
        Just(json!(support::REVERTER)),
    ];
    let value = leaf.prop_recursive(3, 16, 6, |inner| {
        let key = prop_oneof![
            Just("to".to_owned()),
            Just("from".into()),
            Just("data".into()),
            Just("value".into()),
            Just("gas".into()),
            Just("fromBlock".into()),
            Just("toBlock".into()),
            Just("blockHash".into()),
            Just("topics".into()),
            Just("tracer".into()),
            Just("stateOverrides".into()),
            "[a-z]{0,5}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::hash_map(key, inner, 0..5).prop_map(|map| json!(map)),
        ]
    });
    let mut runner = TestRunner::default();
    let calls = (
        proptest::sample::select(&METHODS),
        proptest::collection::vec(value, 0..4),
    );
    runner
        .run(&calls, |(method, params)| {
            let response = runtime.block_on(node.respond(method, json!(params)));
            prop_assert!(
                response["error"]["code"] != -32603,
                "{method} {params:?}: {response}"
            );
            Ok(())
        })
        .unwrap();
    let bytes = proptest::collection::vec(any::<u8>(), 0..300);
    runner
        .run(&bytes, |bytes| {
            let _ = runtime.block_on(post(&node, bytes));
            Ok(())
        })
        .unwrap();
    assert_eq!(
        runtime.block_on(node.call("eth_chainId", json!([]))),
        "0x385"
    );
}
