//! An L2's JSON-RPC: preconfirmation, OP fields, state, calls.

mod support;

use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::{Value, json};
use support::{LOGGER, Node, REVERTER, number};

const NOBODY: Address = Address::repeat_byte(0x77);

#[tokio::test]
async fn a_preconfirmed_transaction_shows_in_the_state_at_once_and_keeps_its_place_when_sealed() {
    let node = Node::l2().await;
    let sender = node.signer(0);
    let hash = node.send(&node.sign(0, 0, NOBODY, 5, Bytes::new())).await;
    for tag in ["pending", "latest"] {
        assert_eq!(
            node.call("eth_getTransactionCount", json!([sender, tag]))
                .await,
            "0x1"
        );
        assert_eq!(
            node.call("eth_getBalance", json!([NOBODY, tag])).await,
            "0x5"
        );
    }
    assert_eq!(
        node.call("eth_getBalance", json!([NOBODY, "0x0"])).await,
        "0x0"
    );

    // The open block tells its receipts; whoever polls for a hash waits for the sealed block.
    let early = node.call("eth_getBlockReceipts", json!(["pending"])).await[1].take();
    assert_eq!(early["transactionHash"], json!(hash));
    assert_eq!(early["blockNumber"], "0x1");
    assert_eq!(early["blockHash"], json!(B256::ZERO));
    assert_eq!(early["transactionIndex"], "0x1");
    assert_eq!(early["status"], "0x1");
    assert_eq!(
        node.call("eth_getTransactionReceipt", json!([hash])).await,
        Value::Null
    );
    assert_eq!(
        node.call("eth_getTransactionByHash", json!([hash])).await["blockHash"],
        Value::Null
    );
    let open = node
        .call("eth_getBlockByNumber", json!(["pending", true]))
        .await;
    assert_eq!(open["hash"], Value::Null);
    assert_eq!(open["number"], "0x1");
    assert_eq!(open["transactions"].as_array().unwrap().len(), 2);
    assert_eq!(open["transactions"][1]["hash"], json!(hash));

    let block = node.producer.seal();
    let mut expected = early.clone();
    expected["blockHash"] = json!(block.hash());
    assert_eq!(
        node.call("eth_getTransactionReceipt", json!([hash])).await,
        expected
    );
    assert_eq!(node.call("eth_blockNumber", json!([])).await, "0x1");
    let by_hash = node.call("eth_getTransactionByHash", json!([hash])).await;
    assert_eq!(by_hash["blockHash"], json!(block.hash()));
    assert_eq!(by_hash["gasPrice"], expected["effectiveGasPrice"]);
}

#[tokio::test]
async fn the_synchronous_send_answers_with_the_preconfirmed_receipt() {
    let node = Node::l2().await;
    let mut receipts = Vec::new();
    for (nonce, timeout) in [(0, json!(null)), (1, json!(2_000)), (2, json!("0x7d0"))] {
        let raw = node.sign(
            0,
            nonce,
            LOGGER,
            0,
            U256::from(nonce).to_be_bytes_vec().into(),
        );
        let receipt = node
            .call("eth_sendRawTransactionSync", json!([raw, timeout]))
            .await;
        assert_eq!(receipt["status"], "0x1");
        assert_eq!(receipt["blockHash"], json!(B256::ZERO));
        assert_eq!(receipt["logs"][0]["logIndex"], json!(format!("{nonce:#x}")));
        // Sent again it is known, and answered the same.
        assert_eq!(
            node.call("eth_sendRawTransactionSync", json!([raw])).await,
            receipt
        );
        receipts.push(receipt);
    }
    let block = json!(node.producer.seal().hash());
    for mut receipt in receipts {
        receipt["blockHash"] = block.clone();
        receipt["logs"][0]["blockHash"] = block.clone();
        let hash = &receipt["transactionHash"];
        assert_eq!(
            node.call("eth_getTransactionReceipt", json!([hash])).await,
            receipt
        );
    }
}

#[tokio::test]
async fn a_synchronous_send_that_can_not_execute_times_out_with_its_hash() {
    let node = Node::l2().await;
    let raw = node.sign(0, 7, NOBODY, 0, Bytes::new());
    let response = node
        .respond("eth_sendRawTransactionSync", json!([raw, 1]))
        .await;
    assert_eq!(response["error"]["code"], 4);
    assert_eq!(
        response["error"]["data"],
        json!(alloy_primitives::keccak256(&raw))
    );
}

#[tokio::test]
async fn receipts_charge_what_the_sender_paid() {
    let node = Node::l2().await;
    let before = number(
        &node
            .call("eth_getBalance", json!([node.signer(0), "latest"]))
            .await,
    );
    let raw = node.sign(0, 0, NOBODY, 1_000, Bytes::from(vec![0xab; 500]));
    let receipt = node.call("eth_sendRawTransactionSync", json!([raw])).await;
    node.producer.seal();
    let after = number(
        &node
            .call("eth_getBalance", json!([node.signer(0), "latest"]))
            .await,
    );
    let gas = number(&receipt["gasUsed"]) * number(&receipt["effectiveGasPrice"]);
    assert_eq!(before - after, gas + number(&receipt["l1Fee"]) + 1_000);
    assert!(number(&receipt["l1Fee"]) > 0);
    assert_eq!(number(&receipt["l1GasPrice"]), 1_000_000_000);
    assert_eq!(number(&receipt["l1BaseFeeScalar"]), 1_368);
    assert_eq!(number(&receipt["l1BlobBaseFeeScalar"]), 810_949);
    assert_eq!(number(&receipt["daFootprintGasScalar"]), 400);
    assert!(receipt.get("operatorFeeScalar").is_none());

    // The block's footprint is the sum of its receipts'.
    let receipts = node.call("eth_getBlockReceipts", json!(["latest"])).await;
    let sum: u128 = receipts
        .as_array()
        .unwrap()
        .iter()
        .map(|r| number(&r["blobGasUsed"]))
        .sum();
    let block = node
        .call("eth_getBlockByNumber", json!(["latest", false]))
        .await;
    assert_eq!(sum, number(&block["blobGasUsed"]));
}

#[tokio::test]
async fn deposits_show_their_own_fields() {
    let node = Node::l2().await;
    node.producer.seal();
    node.producer.seal();
    let block = node
        .call("eth_getBlockByNumber", json!(["0x2", true]))
        .await;
    let deposit = &block["transactions"][0];
    assert_eq!(deposit["type"], "0x7e");
    assert_eq!(deposit["nonce"], "0x1");
    assert_eq!(deposit["gasPrice"], "0x0");
    assert_eq!(
        (&deposit["v"], &deposit["r"], &deposit["s"]),
        (&json!("0x0"), &json!("0x0"), &json!("0x0"))
    );
    assert_eq!(deposit["isSystemTx"], false);
    assert_eq!(deposit["depositReceiptVersion"], "0x1");
    assert!(deposit["sourceHash"].is_string() && deposit.get("mint").is_none());
    let receipt = node
        .call("eth_getTransactionReceipt", json!([deposit["hash"]]))
        .await;
    assert_eq!(receipt["depositNonce"], "0x1");
    assert_eq!(receipt["depositReceiptVersion"], "0x1");
    assert!(receipt.get("l1Fee").is_none());
    assert_eq!(
        node.call("eth_getBlockReceipts", json!([block["hash"]]))
            .await,
        json!([receipt])
    );
}

#[tokio::test]
async fn a_block_answers_the_same_from_the_database_as_from_memory() {
    let node = Node::l2().await;
    for nonce in 0..3u64 {
        node.send(&node.sign(
            0,
            nonce,
            LOGGER,
            0,
            U256::from(nonce).to_be_bytes_vec().into(),
        ))
        .await;
    }
    let block = node.producer.seal();
    let hashes: Vec<_> = block
        .block
        .transactions
        .iter()
        .map(|tx| tx.hash())
        .collect();
    assert_eq!(hashes.len(), 4);
    let answers = async || {
        let mut answers = vec![
            node.call("eth_getBlockReceipts", json!([block.hash()]))
                .await,
        ];
        for (index, hash) in hashes.iter().enumerate() {
            answers.push(node.call("eth_getTransactionReceipt", json!([hash])).await);
            answers.push(node.call("eth_getTransactionByHash", json!([hash])).await);
            let at = json!(["0x1", format!("{index:#x}")]);
            answers.push(
                node.call("eth_getTransactionByBlockNumberAndIndex", at)
                    .await,
            );
        }
        answers.push(
            node.call(
                "eth_getTransactionByBlockNumberAndIndex",
                json!(["0x1", "0x4"]),
            )
            .await,
        );
        answers
    };
    let from_memory = answers().await;
    assert_eq!(from_memory.last(), Some(&Value::Null));
    node.producer.seal();
    node.chain.flush().unwrap();
    assert!(node.chain.recent(1).is_none(), "it is in the database only");
    assert_eq!(answers().await, from_memory);
}

#[tokio::test]
async fn blocks_are_found_by_every_kind_of_identifier() {
    let node = Node::l2().await;
    let first = node.producer.seal();
    node.producer.seal();
    let hash = json!(first.hash());
    for id in [
        json!("0x1"),
        json!({"blockNumber": "0x1"}),
        json!({"blockHash": hash, "requireCanonical": true}),
        hash.clone(),
    ] {
        assert_eq!(
            node.call("eth_getBalance", json!([node.signer(0), id]))
                .await,
            "0x21e19e0c9bab2400000"
        );
    }
    for tag in ["earliest", "safe", "finalized"] {
        assert_eq!(
            node.call("eth_getBlockByNumber", json!([tag, false])).await["number"],
            "0x0"
        );
    }
    assert_eq!(
        node.call("eth_getBlockByNumber", json!(["0x99", false]))
            .await,
        Value::Null
    );
    assert_eq!(
        node.call("eth_getBlockByHash", json!([B256::ZERO, false]))
            .await,
        Value::Null
    );
    assert_eq!(
        node.fail("eth_getBalance", json!([NOBODY, "0x99"])).await,
        (-32000, "header not found".into())
    );
    let unknown = json!({"blockHash": B256::repeat_byte(1)});
    assert_eq!(
        node.fail("eth_getCode", json!([NOBODY, unknown])).await.1,
        "header for hash not found"
    );
    let header = node.call("eth_getHeaderByHash", json!([hash])).await;
    assert_eq!(header["hash"], hash);
    assert!(header.get("transactions").is_none());
    assert_eq!(
        node.call("eth_getBlockTransactionCountByNumber", json!(["0x1"]))
            .await,
        "0x1"
    );
    assert_eq!(
        node.call("eth_getUncleCountByBlockNumber", json!(["0x1"]))
            .await,
        "0x0"
    );
    assert_eq!(
        node.call("eth_getUncleByBlockNumberAndIndex", json!(["0x1", "0x0"]))
            .await,
        Value::Null
    );
}

#[tokio::test]
async fn the_genesis_block_is_served_like_any_other() {
    let node = Node::l2().await;
    let block = node
        .call("eth_getBlockByNumber", json!(["earliest", true]))
        .await;
    assert_eq!(block["transactions"], json!([]));
    assert_eq!(
        node.call("eth_getBlockReceipts", json!(["earliest"])).await,
        json!([])
    );
    assert_eq!(
        node.fail("debug_traceBlockByNumber", json!(["0x0"]))
            .await
            .1,
        "genesis is not traceable"
    );
    // Without an open block, pending means latest.
    assert_eq!(
        node.call("eth_getBlockByNumber", json!(["pending", true]))
            .await,
        block
    );
}

#[tokio::test]
async fn a_revert_carries_its_reason_and_data() {
    let node = Node::l2().await;
    let request = json!({"from": node.signer(0), "to": REVERTER});
    for method in ["eth_call", "eth_estimateGas"] {
        let response = node.respond(method, json!([request])).await;
        assert_eq!(response["error"]["code"], 3);
        assert_eq!(response["error"]["message"], "execution reverted: no");
        assert!(
            response["error"]["data"]
                .as_str()
                .unwrap()
                .starts_with("0x08c379a0")
        );
    }
    let overrides =
        json!({REVERTER.to_string(): {"code": "0x6001600052602 06000f3".replace(' ', "")}});
    let output = node
        .call("eth_call", json!([request, "latest", overrides]))
        .await;
    assert_eq!(output, format!("0x{:064x}", 1));
}

#[tokio::test]
async fn estimates_are_made_on_what_is_preconfirmed() {
    let node = Node::l2().await;
    let fresh = alloy_signer_local::PrivateKeySigner::random().address();
    let transfer = json!([{"from": fresh, "to": NOBODY, "value": "0x1"}]);
    assert_eq!(
        node.fail("eth_estimateGas", transfer.clone()).await.1,
        "insufficient funds for transfer"
    );
    node.send(&node.sign(0, 0, fresh, 1_000_000, Bytes::new()))
        .await;
    assert_eq!(node.call("eth_estimateGas", transfer).await, "0x5208");
    let list = node
        .call(
            "eth_createAccessList",
            json!([{"from": fresh, "to": LOGGER}]),
        )
        .await;
    assert_eq!(list["accessList"], json!([]));
}

#[tokio::test]
async fn fees_are_suggested_and_their_history_is_told() {
    let node = Node::l2().await;
    node.send(&node.sign(0, 0, NOBODY, 0, Bytes::new())).await;
    node.producer.seal();
    let tip = number(&node.call("eth_maxPriorityFeePerGas", json!([])).await);
    assert_eq!(tip, 1_000_000);
    let base = number(&node.call("eth_baseFee", json!([])).await);
    assert_eq!(
        number(&node.call("eth_gasPrice", json!([])).await),
        base + tip
    );
    assert_eq!(node.call("eth_blobBaseFee", json!([])).await, "0x1");
    let history = node
        .call("eth_feeHistory", json!(["0x5", "latest", [0, 50, 100]]))
        .await;
    assert_eq!(history["oldestBlock"], "0x0");
    assert_eq!(history["baseFeePerGas"].as_array().unwrap().len(), 3);
    assert_eq!(history["gasUsedRatio"].as_array().unwrap().len(), 2);
    assert_eq!(
        history["reward"],
        json!([["0x0", "0x0", "0x0"], ["0xa", "0xa", "0xa"]])
    );
    let (code, text) = node
        .fail("eth_feeHistory", json!([1, "latest", [50, 10]]))
        .await;
    assert_eq!(code, -32602);
    assert!(text.contains("rewardPercentiles"), "{text}");
}

#[tokio::test]
async fn proofs_verify_against_the_state_root() {
    let node = Node::l2().await;
    node.send(&node.sign(0, 0, NOBODY, 9, Bytes::new())).await;
    let block = node.producer.seal();
    let proof = node
        .call("eth_getProof", json!([NOBODY, ["0x0"], "latest"]))
        .await;
    assert_eq!(proof["balance"], "0x9");
    let root = alloy_primitives::keccak256(hex(&proof["accountProof"][0]));
    assert_eq!(root, block.block.header.state_root);
    assert_eq!(proof["storageProof"][0]["value"], "0x0");
    let account = node.call("eth_getAccount", json!([NOBODY, "latest"])).await;
    assert_eq!(account["balance"], "0x9");
    let keys: Vec<_> = (0..1_025).map(|slot| format!("{slot:#x}")).collect();
    assert_eq!(
        node.fail("eth_getProof", json!([NOBODY, keys, "latest"]))
            .await
            .0,
        -32005
    );
}

fn hex(value: &Value) -> Vec<u8> {
    value.as_str().unwrap().parse::<Bytes>().unwrap().to_vec()
}

#[tokio::test]
async fn the_development_accounts_are_signed_for() {
    let node = Node::l2().await;
    let accounts = node.call("eth_accounts", json!([])).await;
    assert_eq!(accounts.as_array().unwrap().len(), 4);
    // Two at the same time get different nonces.
    let request = json!([{"from": accounts[1], "to": NOBODY, "value": "0x1"}]);
    let (first, second) = tokio::join!(
        node.call("eth_sendTransaction", request.clone()),
        node.call("eth_sendTransaction", request.clone()),
    );
    assert_ne!(first, second);
    node.producer.seal();
    for hash in [first, second] {
        assert_eq!(
            node.call("eth_getTransactionReceipt", json!([hash])).await["status"],
            "0x1"
        );
    }
    let created = json!([{"from": accounts[1], "data": "0x600160005560016000f3"}]);
    let hash = node.call("eth_sendTransaction", created).await;
    node.producer.seal();
    let receipt = node.call("eth_getTransactionReceipt", json!([hash])).await;
    assert!(receipt["contractAddress"].is_string());
    let signed = node.call("eth_signTransaction", request).await;
    assert!(signed["raw"].as_str().unwrap().starts_with("0x02"));
    let signature = node
        .call("eth_sign", json!([accounts[0], "0x68656c6c6f"]))
        .await;
    assert_eq!(hex(&signature).len(), 65);
    let (code, text) = node
        .fail(
            "eth_sendTransaction",
            json!([{"from": NOBODY, "to": NOBODY}]),
        )
        .await;
    assert_eq!(code, -32000);
    assert!(text.starts_with("unknown account"), "{text}");
}

#[tokio::test]
async fn transactions_are_traced_where_they_are() {
    let node = Node::l2().await;
    node.send(&node.sign(0, 0, NOBODY, 5, Bytes::new())).await;
    let hash = node.send(&node.sign(0, 1, REVERTER, 0, Bytes::new())).await;
    let call_tracer = json!({"tracer": "callTracer"});
    let open = node
        .call("debug_traceTransaction", json!([hash, call_tracer]))
        .await;
    assert_eq!(open["revertReason"], "no");
    node.producer.seal();
    assert_eq!(
        node.call("debug_traceTransaction", json!([hash, call_tracer]))
            .await,
        open
    );
    let block = node
        .call("debug_traceBlockByNumber", json!(["latest", call_tracer]))
        .await;
    assert_eq!(block.as_array().unwrap().len(), 3);
    assert_eq!(block[2], json!({"txHash": hash, "result": open}));
    let steps = node.call("debug_traceTransaction", json!([hash])).await;
    assert_eq!(steps["failed"], true);
    assert!(!steps["structLogs"].as_array().unwrap().is_empty());
    let prestate = json!({"tracer": "prestateTracer"});
    let state = node
        .call("debug_traceTransaction", json!([hash, prestate]))
        .await;
    assert_eq!(state[node.signer(0).to_string().to_lowercase()]["nonce"], 1);
    let request = json!({"from": node.signer(0), "to": REVERTER});
    assert_eq!(
        node.call("debug_traceCall", json!([request, "latest", call_tracer]))
            .await["revertReason"],
        "no"
    );
    let script = json!([hash, {"tracer": "{step: function() {}}"}]);
    assert!(
        node.fail("debug_traceTransaction", script)
            .await
            .1
            .starts_with("JavaScript tracers")
    );
    assert_eq!(
        node.fail("debug_traceTransaction", json!([B256::ZERO]))
            .await
            .1,
        "transaction not found"
    );
}

#[tokio::test]
async fn raw_forms_decode_to_what_was_sent() {
    let node = Node::l2().await;
    let raw = node.sign(0, 0, NOBODY, 5, Bytes::new());
    let hash = node.send(&raw).await;
    let block = node.producer.seal();
    for method in ["eth_getRawTransactionByHash", "debug_getRawTransaction"] {
        assert_eq!(node.call(method, json!([hash])).await, json!(raw));
    }
    assert_eq!(
        node.call(
            "eth_getRawTransactionByBlockNumberAndIndex",
            json!(["0x1", "0x1"])
        )
        .await,
        json!(raw)
    );
    let header = hex(&node.call("debug_getRawHeader", json!(["latest"])).await);
    assert_eq!(alloy_primitives::keccak256(header), block.hash());
    assert_eq!(
        hex(&node.call("debug_getRawBlock", json!(["latest"])).await),
        block.block.encode()
    );
    assert_eq!(
        node.call("debug_getRawReceipts", json!(["latest"]))
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
}
