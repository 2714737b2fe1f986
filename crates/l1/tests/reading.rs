//! What the L2 reads of a real anvil's blocks: deposits, configuration, batches; and endpoints that serve something else.

mod support;

use alloy_primitives::{Address, B256, Bytes};
use openledger_l1::{
    BeaconClient, ErrorKind, L1Block, L1Client, L1Error, L1Options, L1Source, TxCandidate,
};
use openledger_protocol::{
    CONFIG_UPDATE_TOPIC, ConfigUpdate, DEPOSIT_EVENT_TOPIC, InboxData, L1Inputs,
};
use serde_json::{Value, json};
use support::{
    Anvil,
    accounts::{Sender, blobs, call, calldata, quick, sender, word},
    options,
    proxy::{Fate, Proxy},
};

const PORTAL: Address = Address::repeat_byte(0x10);
const CONFIG: Address = Address::repeat_byte(0x20);
const INBOX: Address = Address::repeat_byte(0x30);

/// Code that logs its calldata with `topics` topics in front.
fn logger(topics: u8) -> Bytes {
    let size = 32 * topics;
    let mut code = Vec::new();
    for topic in (0..topics).rev() {
        // PUSH1 offset, CALLDATALOAD
        code.extend([0x60, 32 * topic, 0x35]);
    }
    // The data's size, on the stack and for CALLDATACOPY to memory 0, then LOGn and STOP.
    code.extend([0x60, size, 0x36, 0x03, 0x80, 0x60, size, 0x60, 0, 0x37]);
    code.extend([0x60, 0, 0xa0 + topics, 0]);
    code.into()
}

fn logged(topics: &[B256], content: &[u8]) -> Bytes {
    let mut data = topics.concat();
    data.extend(word(32).0);
    data.extend(word(content.len() as u64).0);
    data.extend(content);
    data.resize(data.len().next_multiple_of(32), 0);
    data.into()
}

fn deposit(to: Address, mint: u64) -> TxCandidate {
    let from = Address::repeat_byte(0xaa);
    let mut opaque = [word(mint).0, word(5).0].concat();
    opaque.extend(100_000_u64.to_be_bytes());
    opaque.push(0);
    opaque.extend(b"data");
    let topics = [
        DEPOSIT_EVENT_TOPIC,
        from.into_word(),
        to.into_word(),
        B256::ZERO,
    ];
    call(PORTAL, logged(&topics, &opaque))
}

fn gas_limit(limit: u64) -> TxCandidate {
    let topics = [CONFIG_UPDATE_TOPIC, B256::ZERO, word(2)];
    call(CONFIG, logged(&topics, &word(limit).0))
}

async fn start() -> Anvil {
    let anvil = Anvil::start(&[]);
    for (address, topics) in [(PORTAL, 4), (CONFIG, 3)] {
        anvil
            .call("anvil_setCode", json!([address, logger(topics)]))
            .await;
    }
    anvil
}

/// Gets everything into one block, and returns it.
async fn block_with(anvil: &Anvil, sender: &mut Sender, candidates: Vec<TxCandidate>) -> L1Block {
    let first = anvil.nonce(sender.address, "latest").await;
    let last = first + candidates.len() as u64 - 1;
    for (nonce, candidate) in (first..).zip(candidates) {
        sender.manager.send(nonce, candidate);
    }
    sender.pooled(last, anvil).await;
    anvil.mine(1).await;
    sender.included(last, anvil).await
}

#[tokio::test]
async fn deposits_and_updates_are_read_back_whichever_way_receipts_are_served() {
    let anvil = start().await;
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    let to = Address::repeat_byte(0xbb);
    let wishes = vec![deposit(to, 7), gas_limit(42_000_000), deposit(to, 8)];
    let block = block_with(&anvil, &mut sender, wishes).await;
    let check = |inputs: &L1Inputs| {
        assert_eq!(inputs.block, block);
        let minted: Vec<_> = inputs
            .deposits
            .iter()
            .map(|tx| tx.as_deposit_tx().expect("a deposit").mint)
            .collect();
        assert_eq!(minted, [7, 8]);
        assert_eq!(inputs.config_updates, [ConfigUpdate::GasLimit(42_000_000)]);
    };
    let inputs = anvil.client().inputs(&block, PORTAL, CONFIG).await;
    check(&inputs.expect("anvil runs"));

    let proxy = Proxy::to(anvil.url(), |method, _| match method {
        "eth_getBlockReceipts" => Fate::Refuse(-32_601, "the method does not exist"),
        _ => Fate::Pass,
    })
    .await;
    let client = L1Client::new(proxy.url(), options()).expect("a URL");
    for _ in 0..2 {
        check(
            &client
                .inputs(&block, PORTAL, CONFIG)
                .await
                .expect("it runs"),
        );
    }
    // A block without transactions brings nothing.
    let parent = anvil.client().block_by_number(0).await;
    let parent = parent.expect("anvil runs").expect("genesis");
    let inputs = anvil.client().inputs(&parent, PORTAL, CONFIG).await;
    assert!(inputs.expect("anvil runs").deposits.is_empty());
}

/// What the client says about a block when an answer is changed on the way.
async fn inputs_when(
    anvil: &Anvil,
    block: &L1Block,
    verify_hashes: bool,
    change: fn(&mut Value),
) -> Result<L1Inputs, L1Error> {
    let proxy = Proxy::to(anvil.url(), move |method, _| match method {
        "eth_getBlockReceipts" => Fate::Change(change),
        _ => Fate::Pass,
    })
    .await;
    let options = L1Options {
        attempts: 1,
        verify_hashes,
        ..options()
    };
    let client = L1Client::new(proxy.url(), options).expect("a URL");
    client.inputs(block, PORTAL, CONFIG).await
}

#[tokio::test]
async fn receipts_that_are_not_the_blocks_are_refused() {
    let anvil = start().await;
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    let block = block_with(&anvil, &mut sender, vec![deposit(PORTAL, 7), gas_limit(9)]).await;
    let forge: fn(&mut Value) = |receipts| {
        receipts[0]["logs"][0]["topics"][1] = json!(B256::repeat_byte(1));
    };
    let error = inputs_when(&anvil, &block, true, forge).await;
    assert!(
        matches!(
            error,
            Err(L1Error::Root {
                what: "receipts",
                ..
            })
        ),
        "{error:?}"
    );
    assert!(inputs_when(&anvil, &block, false, forge).await.is_ok());
    let cut: fn(&mut Value) = |receipts| {
        receipts.as_array_mut().expect("an array").pop();
    };
    let error = inputs_when(&anvil, &block, true, cut).await;
    assert!(matches!(error, Err(L1Error::Root { .. })), "{error:?}");
    let elsewhere: fn(&mut Value) = |receipts| receipts[1]["blockHash"] = json!(B256::ZERO);
    let error = inputs_when(&anvil, &block, false, elsewhere).await;
    assert!(
        matches!(error, Err(L1Error::OtherBlock { .. })),
        "{error:?}"
    );
    let gone: fn(&mut Value) = |receipts| *receipts = Value::Null;
    let error = inputs_when(&anvil, &block, true, gone)
        .await
        .expect_err("null");
    assert!(matches!(error, L1Error::Gone(hash) if hash == block.hash));
    assert_eq!(error.kind(), ErrorKind::Temporary);
    // A type that nobody knows yet, encoded in a way that nobody knows: its logs count all the same.
    let future: fn(&mut Value) = |receipts| {
        receipts[0]["type"] = json!("0x6");
        receipts[0]["cumulativeGasUsed"] = json!("0x1");
    };
    let inputs = inputs_when(&anvil, &block, true, future).await;
    assert_eq!(inputs.expect("best effort").deposits.len(), 1);
}

#[tokio::test]
async fn the_inbox_and_its_blobs_are_read_back() {
    let anvil = start().await;
    let mut batcher = sender(&anvil.url(), 0, quick()).await;
    let account = batcher.address;
    let stranger = sender(&anvil.url(), 1, quick()).await;
    let beacon = BeaconClient::new(&anvil.url(), options()).expect("a URL");
    let source = L1Source::new(anvil.client(), beacon);
    let payloads = async |block: &L1Block| {
        let payloads = source.payloads(block, INBOX, account).await;
        let payloads = payloads.expect("anvil runs").into_iter();
        payloads.map(|data| data.to_vec()).collect::<Vec<_>>()
    };

    let wishes = vec![
        calldata(INBOX, &b"first"[..]),
        calldata(Address::repeat_byte(9), &b"elsewhere"[..]),
        calldata(INBOX, &b"second"[..]),
    ];
    stranger.manager.send(0, calldata(INBOX, &b"nonsense"[..]));
    stranger.pooled(0, &anvil).await;
    let block = block_with(&anvil, &mut batcher, wishes).await;
    assert_eq!(payloads(&block).await, [&b"first"[..], b"second"]);

    let long = vec![0xab; 130_044];
    let wishes = vec![blobs(INBOX, &[b"third", &long]), blobs(INBOX, &[b"fourth"])];
    let block = block_with(&anvil, &mut batcher, wishes).await;
    assert_eq!(payloads(&block).await, [&b"third"[..], &long, b"fourth"]);
    let inbox = source.client().inbox(&block, INBOX, account).await;
    let inbox = inbox.expect("anvil runs");
    assert!(matches!(&inbox[0].data, InboxData::Blobs(hashes) if hashes.len() == 2));
    assert!(inbox.iter().all(|tx| tx.from == account));

    let unknown = L1Block {
        hash: B256::repeat_byte(1),
        ..block
    };
    let client = source.client().without_retries();
    let error = client.inbox(&unknown, INBOX, account).await;
    assert!(matches!(error, Err(L1Error::Gone(_))), "{error:?}");
}

#[tokio::test]
async fn transactions_that_are_not_the_blocks_are_refused() {
    let anvil = start().await;
    let mut batcher = sender(&anvil.url(), 0, quick()).await;
    let account = batcher.address;
    let wishes = vec![calldata(INBOX, &b"one"[..]), calldata(INBOX, &b"two"[..])];
    let block = block_with(&anvil, &mut batcher, wishes).await;
    let inbox_when = async |verify_hashes, change: fn(&mut Value)| {
        let proxy = Proxy::to(anvil.url(), move |method, _| match method {
            "eth_getBlockByHash" => Fate::Change(change),
            _ => Fate::Pass,
        })
        .await;
        let options = L1Options {
            attempts: 1,
            verify_hashes,
            ..options()
        };
        let client = L1Client::new(proxy.url(), options).expect("a URL");
        client.inbox(&block, INBOX, account).await
    };
    let drop_one: fn(&mut Value) = |block| {
        block["transactions"].as_array_mut().expect("full").pop();
    };
    let error = inbox_when(true, drop_one).await;
    assert!(
        matches!(
            error,
            Err(L1Error::Root {
                what: "transactions",
                ..
            })
        ),
        "{error:?}"
    );
    assert_eq!(
        inbox_when(false, drop_one).await.expect("unchecked").len(),
        1
    );
    let other_data: fn(&mut Value) = |block| block["transactions"][0]["input"] = json!("0x00");
    assert!(inbox_when(true, other_data).await.is_err());
    // The signature is by somebody else then.
    assert_eq!(
        inbox_when(false, other_data)
            .await
            .expect("unchecked")
            .len(),
        1
    );
    let other_root: fn(&mut Value) = |block| block["transactionsRoot"] = json!(B256::ZERO);
    let error = inbox_when(true, other_root).await;
    assert!(matches!(error, Err(L1Error::Hash { .. })), "{error:?}");
    let future: fn(&mut Value) = |block| block["transactions"][0]["type"] = json!("0x6");
    let found = inbox_when(true, future).await.expect("best effort");
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn a_reorganisation_does_not_mix_branches() {
    let anvil = start().await;
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    let block = block_with(&anvil, &mut sender, vec![deposit(PORTAL, 7)]).await;
    anvil.call("anvil_reorg", json!([1, []])).await;
    let client = anvil.client().without_retries();
    // anvil forgets what it has removed; what counts is that the other branch's receipts are not taken.
    let error = client.inputs(&block, PORTAL, CONFIG).await;
    assert!(error.is_err_and(|error| error.is_temporary()));
    let again = client.block_by_number(block.number).await;
    let again = again.expect("anvil runs").expect("a branch as long");
    assert_ne!(again.hash, block.hash);
    let inputs = client.inputs(&again, PORTAL, CONFIG).await;
    assert!(inputs.expect("anvil runs").deposits.is_empty());
}
