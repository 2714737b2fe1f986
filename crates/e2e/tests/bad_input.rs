//! What strangers send to the port: each gets a clear answer, and the node goes on.

use alloy_consensus::{TxEip1559, TxEip4844};
use alloy_primitives::{B256, Bytes, TxKind, U256};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{Account, Call, MAX_FEE, Node, TxForm, raise_file_limit};
use serde_json::{Value, json};

/// The node still makes blocks and accepts transactions.
async fn goes_on(node: &Node) -> Result<()> {
    let account = Account::development(9)?;
    let nonce = node.l2.nonce(account.address, "pending").await?;
    let (hash, raw) = account.sign(
        node.deployment.l2.chain_id,
        nonce,
        Call::pay(account.address, 1),
    )?;
    node.l2.call("eth_sendRawTransaction", json!([raw])).await?;
    node.l2.mined(hash).await?;
    let (status, ready) = node.api("/readyz").await?;
    ensure!(status == 200, "{ready}");
    Ok(())
}

/// A call is refused with this code and these words.
async fn refused(node: &Node, method: &str, params: Value, code: i64, words: &str) -> Result<()> {
    let what = format!("{method} {params:.200}");
    let error = match node.l2.call(method, params).await {
        Ok(result) => anyhow::bail!("{what} was accepted: {result}"),
        Err(error) => error,
    };
    let (found, message) = error.refusal().context(what.clone())?;
    ensure!(
        found == code && message.to_lowercase().contains(&words.to_lowercase()),
        "{what}: {message} ({found})"
    );
    Ok(())
}

#[tokio::test]
async fn malformed_requests_get_json_rpc_errors() -> Result<()> {
    let node = Node::start().await?;
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("\u{0}\u{1}", -32700),
        ("[]", -32600),
        ("{}", -32600),
        ("42", -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600),
    ] {
        let (_, text) = node.l2.post(body, None).await?;
        let answer: Value =
            serde_json::from_str(&text).with_context(|| format!("{body:?}: {text:?}"))?;
        let found = answer["error"]["code"].as_i64().unwrap_or_default();
        // Parsers differ in whether something that is JSON, but no request, was parsed.
        ensure!(found == code || found == -32700, "{body:?}: {answer}");
        ensure!(answer["error"]["message"].is_string(), "{body:?}: {answer}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let (_, text) = node.l2.post(deep, None).await?;
    ensure!(text.contains("error"), "{text}");
    let (_, text) = node.l2.post(vec![0xff; 1000], None).await?;
    ensure!(text.contains("-32700"), "{text}");
    goes_on(&node).await
}

#[tokio::test]
async fn oversized_requests_are_refused_whole() -> Result<()> {
    let node = Node::start().await?;
    let batch = |entries: usize| {
        let calls: Vec<_> = (0..entries)
            .map(|id| json!({"jsonrpc": "2.0", "id": id, "method": "eth_chainId"}))
            .collect();
        json!(calls).to_string()
    };
    let (_, text) = node.l2.post(batch(1_000), None).await?;
    ensure!(serde_json::from_str::<Vec<Value>>(&text)?.len() == 1_000);
    let (_, text) = node.l2.post(batch(1_001), None).await?;
    ensure!(text.contains("batch") && text.contains("1000"), "{text}");

    let large = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x{}"]}}"#,
        "0".repeat(15_000_000)
    );
    // The node may close the connection before the body is through: that is an answer too.
    if let Ok((status, text)) = node.l2.post(large, None).await {
        ensure!(
            status == 413 || text.contains("too large") || text.contains("exceed"),
            "{status}: {text:.300}"
        );
    }
    goes_on(&node).await
}

#[tokio::test]
async fn unknown_methods_and_bad_parameters_are_named() -> Result<()> {
    let node = Node::start().await?;
    refused(
        &node,
        "eth_frobnicate",
        json!([]),
        -32601,
        "the method eth_frobnicate does not exist",
    )
    .await?;
    refused(&node, "", json!([]), -32601, "does not exist").await?;
    for (method, params, words) in [
        ("eth_getBalance", json!([]), "address"),
        ("eth_getBalance", json!(["0x12", "latest"]), "address"),
        ("eth_getBlockByNumber", json!(["yesterday", false]), "block"),
        ("eth_getTransactionReceipt", json!([7]), "hash"),
        ("eth_sendRawTransaction", json!(["no hex"]), "transaction"),
        ("eth_call", json!([{"to": "0x1234"}]), ""),
        (
            "eth_getLogs",
            json!([{"fromBlock": "0x5", "toBlock": "0x1"}]),
            "block",
        ),
        ("eth_feeHistory", json!(["0x1", "latest", [200]]), ""),
        (
            "eth_getStorageAt",
            json!(["0x4200000000000000000000000000000000000006", "key"]),
            "",
        ),
    ] {
        refused(&node, method, params, -32602, words).await?;
    }
    refused(
        &node,
        "eth_subscribe",
        json!(["newHeads"]),
        -32601,
        "WebSocket",
    )
    .await?;
    goes_on(&node).await
}

#[tokio::test]
async fn methods_that_would_forge_the_chain_are_refused_with_the_way_out() -> Result<()> {
    let node = Node::start().await?;
    for (method, words) in [
        ("evm_snapshot", "start a fresh chain"),
        ("evm_increaseTime", "block times follow the L1"),
        ("evm_mine", "nothing has to be mined by hand"),
        ("anvil_setBalance", "state overrides"),
        ("anvil_impersonateAccount", "state overrides"),
        ("hardhat_setCode", "state overrides"),
        ("personal_unlockAccount", "sign in the client"),
        ("engine_newPayloadV4", "not served"),
    ] {
        refused(
            &node,
            method,
            json!([]),
            -32601,
            &format!("the method {method} is not available"),
        )
        .await?;
        refused(&node, method, json!([]), -32601, words).await?;
    }
    goes_on(&node).await
}

#[tokio::test]
async fn transactions_that_can_not_be_are_refused_with_the_reason() -> Result<()> {
    let node = Node::start().await?;
    let chain_id = node.deployment.l2.chain_id;
    let account = Account::development(0)?;
    let pay = Call::pay(account.address, 1);
    let send = "eth_sendRawTransaction";

    for garbage in [
        "0x",
        "0x00",
        "0xdeadbeef",
        "0x02f8",
        "0x7f",
        "0xc0",
        "0xf86c0a85",
    ] {
        let error = node
            .l2
            .call(send, json!([garbage]))
            .await
            .err()
            .context(garbage)?;
        let (code, message) = error.refusal()?;
        ensure!(
            matches!(code, -32602 | -32000) && !message.is_empty(),
            "{garbage}: {message} ({code})"
        );
    }
    let (_, mut truncated) = account
        .sign(chain_id, 0, pay.clone())
        .map(|(hash, raw)| (hash, raw.to_vec()))?;
    truncated.pop();
    let error = node
        .l2
        .call(send, json!([Bytes::from(truncated)]))
        .await
        .err()
        .context("a truncated transaction")?;
    ensure!(error.refusal()?.0 != 0);

    let (_, elsewhere) = account.sign(1, 0, pay.clone())?;
    refused(&node, send, json!([elsewhere]), -32000, "chain id").await?;

    let blob = TxEip4844 {
        chain_id,
        nonce: 0,
        gas_limit: 21_000,
        max_fee_per_gas: MAX_FEE,
        max_priority_fee_per_gas: 1,
        to: account.address,
        value: U256::ZERO,
        access_list: Default::default(),
        blob_versioned_hashes: vec![B256::with_last_byte(1)],
        max_fee_per_blob_gas: 1,
        input: Bytes::new(),
    };
    refused(&node, send, json!([account.seal(blob)?.1]), -32000, "blob").await?;

    // What only the chain itself may put into a block: the L1-info transaction of block 1, byte for byte.
    node.l2.reach(1).await?;
    let deposit: Bytes = node
        .l2
        .get(
            "eth_getRawTransactionByBlockNumberAndIndex",
            json!(["0x1", "0x0"]),
        )
        .await?;
    ensure!(deposit.first() == Some(&0x7e), "{deposit}");
    refused(&node, send, json!([deposit]), -32000, "type").await?;

    let poor = Account {
        signer: alloy_signer_local::PrivateKeySigner::random(),
        ..account.clone()
    };
    refused(
        &node,
        send,
        json!([poor.sign(chain_id, 0, pay.clone())?.1]),
        -32000,
        "insufficient funds",
    )
    .await?;
    let tx = |gas_limit, max_fee_per_gas, max_priority_fee_per_gas, input: Bytes| TxEip1559 {
        chain_id,
        nonce: 0,
        gas_limit,
        max_fee_per_gas,
        max_priority_fee_per_gas,
        to: TxKind::Call(account.address),
        value: U256::ZERO,
        access_list: Default::default(),
        input,
    };
    for (tx, words) in [
        (tx(20_999, MAX_FEE, 1, Bytes::new()), "intrinsic gas"),
        (tx(100_000_000, MAX_FEE, 1, Bytes::new()), "gas limit"),
        (tx(21_000, 1, 2, Bytes::new()), "priority fee"),
        (
            tx(5_000_000, MAX_FEE, 1, vec![0; 140_000].into()),
            "oversized",
        ),
    ] {
        refused(&node, send, json!([account.seal(tx)?.1]), -32000, words).await?;
    }
    let (hash, raw) = account.sign(chain_id, 0, pay.clone())?;
    node.l2.call(send, json!([raw])).await?;
    node.l2.mined(hash).await?;
    let other = Call::pay(account.address, 2);
    refused(
        &node,
        send,
        json!([account.sign(chain_id, 0, other)?.1]),
        -32000,
        "nonce too low",
    )
    .await?;

    // Not bad: from before replay protection.
    let (hash, raw) = account.sign_as(
        TxForm::Unprotected,
        chain_id,
        1,
        Call::pay(account.address, 1),
    )?;
    node.l2.call(send, json!([raw])).await?;
    node.l2.mined(hash).await?;
    goes_on(&node).await
}

#[tokio::test]
async fn a_page_that_was_rebound_to_this_host_is_kept_out() -> Result<()> {
    let node = Node::start().await?;
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    let (status, text) = node.l2.post(request, Some("evil.example:9545")).await?;
    ensure!(
        status == 403 && text.contains("evil.example"),
        "{status}: {text}"
    );
    let (status, _) = node.l1.post(request, Some("evil.example")).await?;
    ensure!(status == 403);
    let (status, _) = node.l2.post(request, Some("localhost:1")).await?;
    ensure!(status == 200);
    let named = node.options().clone();
    drop(node);
    let node = named
        .with(["--allowed-hosts", "evil.example"])
        .start()
        .await?;
    let (status, _) = node.l2.post(request, Some("evil.example:9545")).await?;
    ensure!(status == 200);
    Ok(())
}

#[tokio::test]
async fn thousands_of_idle_connections_do_not_stop_the_chain() -> Result<()> {
    let files = raise_file_limit()?;
    let node = Node::start().await?;
    let address = node.l2.url().trim_start_matches("http://").to_owned();
    // This process and the node hold an end each; both keep some for themselves.
    let count = usize::try_from(files.saturating_sub(200).min(2_000))?;
    let mut idle = Vec::with_capacity(count);
    for _ in 0..count {
        idle.push(tokio::net::TcpStream::connect(&address).await?);
    }
    goes_on(&node).await?;
    drop(idle);
    goes_on(&node).await
}
