//! An L1's JSON-RPC: no preconfirmation, Ethereum's fields, logs and filters.

mod support;

use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::{Value, json};
use support::{LOGGER, Node, number};

const NOBODY: Address = Address::repeat_byte(0x77);

fn topic(value: u64) -> Bytes {
    U256::from(value).to_be_bytes_vec().into()
}

#[tokio::test]
async fn a_transaction_waits_in_the_pool_until_its_block() {
    let node = Node::l1().await;
    let (sender, raw) = (node.signer(0), node.sign(0, 0, NOBODY, 5, Bytes::new()));
    let hash = node.send(&raw).await;
    assert_eq!(
        node.call("eth_getTransactionCount", json!([sender, "pending"]))
            .await,
        "0x1"
    );
    assert_eq!(
        node.call("eth_getTransactionReceipt", json!([hash])).await,
        Value::Null
    );
    let waiting = node.call("eth_getTransactionByHash", json!([hash])).await;
    assert_eq!(waiting["blockHash"], Value::Null);
    assert_eq!(
        node.call("txpool_status", json!([])).await,
        json!({"pending": "0x1", "queued": "0x0"})
    );
    let content = node.call("txpool_content", json!([])).await;
    assert_eq!(content["pending"][sender.to_string()]["0"], waiting);
    assert_eq!(
        node.call("txpool_contentFrom", json!([sender])).await["pending"]["0"],
        waiting
    );
    let line =
        node.call("txpool_inspect", json!([])).await["pending"][sender.to_string()]["0"].take();
    assert_eq!(
        line,
        json!(format!("{NOBODY}: 5 wei + 200000 gas × 1000000 wei"))
    );
    assert_eq!(
        node.fail("eth_sendRawTransaction", json!([raw])).await,
        (-32000, "already known".into())
    );
    let block = node.producer.seal();
    let receipt = node.call("eth_getTransactionReceipt", json!([hash])).await;
    assert_eq!(receipt["blockHash"], json!(block.hash()));
    assert!(receipt.get("l1Fee").is_none() && receipt.get("blobGasUsed").is_none());
}

#[tokio::test]
async fn the_synchronous_send_answers_when_the_block_is_there() {
    let node = Node::l1().await;
    let raw = node.sign(0, 0, LOGGER, 0, topic(1));
    let mut sent = node.pool.subscribe();
    let (receipt, block) = tokio::join!(
        node.call("eth_sendRawTransactionSync", json!([raw])),
        async {
            sent.recv().await.unwrap();
            let producer = node.producer.clone();
            tokio::task::spawn_blocking(move || producer.seal())
                .await
                .unwrap()
        }
    );
    assert_eq!(receipt["blockHash"], json!(block.hash()));
    assert_eq!(receipt["logs"][0]["blockHash"], json!(block.hash()));
}

#[tokio::test]
async fn logs_are_found_by_range_hash_address_and_topic() {
    let node = Node::l1().await;
    let mut blocks = Vec::new();
    for nonce in 0..4 {
        node.send(&node.sign(0, nonce, LOGGER, 0, topic(nonce % 2)))
            .await;
        blocks.push(node.producer.seal());
    }
    let count = async |filter: Value| {
        node.call("eth_getLogs", json!([filter]))
            .await
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count(json!({"fromBlock": "earliest"})).await, 4);
    assert_eq!(count(json!({})).await, 1);
    assert_eq!(
        count(json!({"fromBlock": "0x2", "toBlock": "0x3"})).await,
        2
    );
    assert_eq!(
        count(json!({"fromBlock": "0x0", "toBlock": "0xffff"})).await,
        4
    );
    assert_eq!(
        count(json!({"fromBlock": "0x0", "address": LOGGER, "topics": [B256::ZERO]})).await,
        2
    );
    assert_eq!(
        count(json!({"fromBlock": "0x0", "address": NOBODY})).await,
        0
    );
    assert_eq!(
        count(json!({"fromBlock": "0x0", "topics": [null, B256::ZERO]})).await,
        0
    );
    assert_eq!(count(json!({"fromBlock": "0x5"})).await, 0);
    assert_eq!(count(json!({"blockHash": blocks[0].hash()})).await, 1);
    assert_eq!(
        node.fail("eth_getLogs", json!([{"blockHash": B256::ZERO}]))
            .await
            .1,
        "unknown block"
    );
    assert_eq!(
        node.fail(
            "eth_getLogs",
            json!([{"fromBlock": "0x3", "toBlock": "0x2"}])
        )
        .await
        .0,
        -32602
    );
}

#[tokio::test]
async fn a_log_query_over_the_limits_names_a_range_that_works() {
    let node = Node::start(false, |config| {
        config.max_log_blocks = 3;
        config.max_logs = 2;
    })
    .await;
    for nonce in 0..4 {
        node.send(&node.sign(0, nonce, LOGGER, 0, topic(0))).await;
        node.producer.seal();
    }
    let (code, text) = node
        .fail(
            "eth_getLogs",
            json!([{"fromBlock": "0x0", "toBlock": "0x4"}]),
        )
        .await;
    assert_eq!(
        (code, &*text),
        (
            -32005,
            "query exceeds max block range 3, retry with the range 0x0-0x2"
        )
    );
    let (code, text) = node
        .fail(
            "eth_getLogs",
            json!([{"fromBlock": "0x1", "toBlock": "0x3"}]),
        )
        .await;
    assert_eq!(
        (code, &*text),
        (
            -32005,
            "query exceeds max results 2, retry with the range 0x1-0x2"
        )
    );
    node.call(
        "eth_getLogs",
        json!([{"fromBlock": "0x1", "toBlock": "0x2"}]),
    )
    .await;
}

#[tokio::test]
async fn filters_tell_what_changed_since_the_last_poll() {
    let node = Node::l1().await;
    let logs = node
        .call("eth_newFilter", json!([{"address": LOGGER}]))
        .await;
    let blocks = node.call("eth_newBlockFilter", json!([])).await;
    let pending = node
        .call("eth_newPendingTransactionFilter", json!([]))
        .await;
    let mut heads = subscribe(&node, json!(["newHeads"])).await;
    let hash = node.send(&node.sign(0, 0, LOGGER, 0, topic(1))).await;
    let block = node.producer.seal();
    node.send(&node.sign(0, 1, NOBODY, 0, Bytes::new())).await;
    let second = node.producer.seal();
    // Filters are fed in the order of the notices: when the last head is told, the one before is through.
    for _ in 0..2 {
        heads.recv().await.unwrap();
    }
    let changed = async |id: &Value| node.call("eth_getFilterChanges", json!([id])).await;
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(changed(&blocks).await.as_array().unwrap().clone());
        tokio::task::yield_now().await;
    }
    assert_eq!(seen, [json!(block.hash()), json!(second.hash())]);
    let found = changed(&logs).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["transactionHash"], json!(hash));
    assert_eq!(changed(&logs).await, json!([]));
    assert_eq!(changed(&pending).await[0], json!(hash));
    assert_eq!(node.call("eth_uninstallFilter", json!([logs])).await, true);
    assert_eq!(node.call("eth_uninstallFilter", json!([logs])).await, false);
    assert_eq!(
        node.fail("eth_getFilterChanges", json!([logs])).await,
        (-32000, "filter not found".into())
    );
}

/// A subscription over the node's WebSocket.
async fn subscribe(node: &Node, params: Value) -> tokio::sync::mpsc::UnboundedReceiver<Value> {
    use alloy_provider::{Provider, ProviderBuilder, WsConnect};
    let provider = ProviderBuilder::new()
        .connect_ws(WsConnect::new(&node.ws))
        .await
        .unwrap();
    let mut subscription = provider.subscribe::<Value, Value>(params).await.unwrap();
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        // Held, so that the connection stays.
        let _provider = provider;
        while let Ok(value) = subscription.recv().await {
            if sender.send(value).is_err() {
                return;
            }
        }
    });
    receiver
}

#[tokio::test]
async fn subscribers_hear_of_heads_logs_and_pending_transactions() {
    let node = Node::l1().await;
    let mut heads = subscribe(&node, json!(["newHeads"])).await;
    let mut logs = subscribe(&node, json!(["logs", {"address": LOGGER}])).await;
    let mut hashes = subscribe(&node, json!(["newPendingTransactions"])).await;
    let mut full = subscribe(&node, json!(["newPendingTransactions", true])).await;
    let hash = node.send(&node.sign(0, 0, LOGGER, 0, topic(3))).await;
    assert_eq!(hashes.recv().await.unwrap(), json!(hash));
    assert_eq!(full.recv().await.unwrap()["hash"], json!(hash));
    let block = node.producer.seal();
    assert_eq!(heads.recv().await.unwrap()["hash"], json!(block.hash()));
    let log = logs.recv().await.unwrap();
    assert_eq!(
        (&log["transactionHash"], &log["removed"]),
        (&json!(hash), &json!(false))
    );
    // The L1 takes the block back.
    let chain = node.chain.clone();
    tokio::task::spawn_blocking(move || chain.unwind_to(0))
        .await
        .unwrap()
        .unwrap();
    let mut removed = log.clone();
    removed["removed"] = json!(true);
    assert_eq!(logs.recv().await.unwrap(), removed);
    assert_eq!(
        node.call("eth_getTransactionReceipt", json!([hash])).await,
        Value::Null
    );
}

#[tokio::test]
async fn the_small_namespaces_answer() {
    let node = Node::l1().await;
    assert_eq!(node.call("eth_chainId", json!([])).await, "0x385");
    assert_eq!(node.call("net_version", json!([])).await, "901");
    assert_eq!(node.call("net_listening", json!([])).await, true);
    assert_eq!(node.call("net_peerCount", json!([])).await, "0x0");
    assert_eq!(
        node.call("web3_clientVersion", json!([])).await,
        "openledger/test"
    );
    assert_eq!(
        node.call("web3_sha3", json!(["0x"])).await,
        json!(alloy_primitives::keccak256([]))
    );
    assert_eq!(node.call("rpc_modules", json!([])).await["eth"], "1.0");
    assert_eq!(node.call("eth_syncing", json!([])).await, false);
    assert_eq!(
        number(&node.call("eth_maxPriorityFeePerGas", json!([])).await),
        1_000_000_000
    );
}

#[tokio::test]
async fn the_rules_of_the_chain_are_told_as_eip_7910_says() {
    let node = Node::l1().await;
    let config = node.call("eth_config", json!([])).await;
    let current = &config["current"];
    assert_eq!(config["last"], Value::Null);
    assert_eq!(config["next"], Value::Null);
    assert_eq!(current["activationTime"], 0);
    assert_eq!(
        current["chainId"],
        node.call("eth_chainId", json!([])).await
    );
    let schedule = current["blobSchedule"].as_object().unwrap();
    assert!(
        ["target", "max", "baseFeeUpdateFraction"]
            .iter()
            .all(|field| schedule[*field].as_u64().is_some_and(|value| value > 0)),
        "{current}"
    );
    // Without forks after genesis the fork's hash is the CRC-32 of genesis (EIP-6122): four bytes.
    assert_eq!(current["forkId"].as_str().unwrap().len(), 10);
    assert_eq!(
        current["precompiles"]["KZG_POINT_EVALUATION"],
        "0x000000000000000000000000000000000000000a"
    );
    assert_eq!(
        current["systemContracts"]["BEACON_ROOTS_ADDRESS"],
        "0x000f3df6d732807ef1319fb7b8bb8522d0beac02"
    );
}
