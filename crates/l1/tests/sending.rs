//! Sending to a real anvil: what is asked for gets into blocks, whatever happens on the way.

mod support;

use alloy_primitives::{Address, Bytes, U256};
use openledger_l1::{
    ErrorKind, Hold, L1Client, L1Error, L1Options, TxCandidate, TxEvent, TxManager,
    TxManagerConfig, TxPayload,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use support::{
    Anvil,
    accounts::{
        assert_sent, blobs, calldata, number, quick, sender, sender_with, sent_by, signer,
        while_mining,
    },
    changed, options,
    proxy::{Fate, Proxy},
};

const TO: Address = Address::repeat_byte(0x30);
const GWEI: u64 = 1_000_000_000;

fn payloads(count: u8) -> Vec<Bytes> {
    (0..count).map(|nonce| vec![nonce; 100].into()).collect()
}

#[tokio::test]
async fn several_in_flight_arrive_in_order_and_are_confirmed() {
    let anvil = Anvil::start(&[]);
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    // Handed in the wrong way round: each waits for those before it.
    for (nonce, data) in (0..).zip(payloads(5)).collect::<Vec<_>>().into_iter().rev() {
        sender.manager.send(nonce, calldata(TO, data));
    }
    for nonce in 0..5 {
        let confirmed = TxEvent::Confirmed { nonce };
        while_mining(&anvil, sender.event(|event| *event == confirmed)).await;
    }
    assert_sent(&anvil, &sender, &payloads(5)).await;
    let mut status = sender.manager.status();
    let status = changed(&mut status, "rest", |status| status.in_flight == 0).await;
    assert_eq!((status.count, status.waiting, status.hold), (5, 0, None));
    assert!(status.balance > U256::ZERO);
}

async fn blob_transactions(fork: &str) {
    let anvil = Anvil::start(&["--hardfork", fork]);
    let schedule = anvil.client().reported_blob_schedule().await;
    let schedule = schedule.expect("anvil runs").expect("it has eth_config");
    let client = anvil.client().with_blob_schedule(schedule);
    let mut sender = sender_with(client, 0, quick()).await;
    // The kinds change, so that each must wait for the one before.
    let wishes = [
        blobs(TO, &[b"one", b"two"]),
        calldata(TO, &b"three"[..]),
        blobs(TO, &[b"four"]),
    ];
    for (nonce, wish) in (0..).zip(wishes) {
        sender.manager.send(nonce, wish);
    }
    sender.mined(2, &anvil).await;
    let sent = sent_by(&anvil, sender.address).await;
    let blobs = sent.iter().map(|tx| tx["blobVersionedHashes"].as_array());
    let blobs: Vec<_> = blobs.map(|blobs| blobs.map_or(0, Vec::len)).collect();
    assert_eq!(blobs, [2, 0, 1]);
}

#[tokio::test]
async fn blob_transactions_come_with_blob_proofs_before_osaka() {
    blob_transactions("prague").await;
}

#[tokio::test]
async fn blob_transactions_come_with_cell_proofs_from_osaka_on() {
    blob_transactions("osaka").await;
}

#[tokio::test]
async fn a_fork_that_the_schedule_does_not_know_is_found_out() {
    let anvil = Anvil::start(&["--hardfork", "osaka"]);
    // These options say Prague.
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    sender.manager.send(0, blobs(TO, &[b"one"]));
    sender.mined(0, &anvil).await;
}

#[tokio::test]
async fn a_fee_spike_is_answered_with_higher_fees() {
    let anvil = Anvil::start(&[]);
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    sender.manager.send(0, calldata(TO, &b"urgent"[..]));
    sender.pooled(0, &anvil).await;
    // Blocks that pass it by because it offers too little.
    for _ in 0..3 {
        let spike = json!([50 * GWEI]);
        anvil.call("anvil_setNextBlockBaseFeePerGas", spike).await;
        anvil.mine(1).await;
    }
    sender.mined(0, &anvil).await;
    let sent = sent_by(&anvil, sender.address).await;
    let fee = number(&sent[0]["maxFeePerGas"]);
    assert!(sent.len() == 1 && fee > U256::from(50 * GWEI), "{sent:?}");
}

#[tokio::test]
async fn fees_beyond_the_limit_are_waited_out() {
    let anvil = Anvil::start(&[]);
    let config = TxManagerConfig {
        max_fee: 10_000_000,
        min_tip: 1,
        ..quick()
    };
    let mut sender = sender(&anvil.url(), 0, config).await;
    sender.manager.send(0, calldata(TO, &b"patient"[..]));
    changed(&mut sender.manager.status(), "the hold", |status| {
        status.hold == Some(Hold::FeeLimit)
    })
    .await;
    // Empty blocks make gas cheap.
    sender.mined(0, &anvil).await;
    let sent = sent_by(&anvil, sender.address).await;
    let fee = number(&sent[0]["maxFeePerGas"]);
    assert!(fee <= U256::from(10_000_000), "{fee}");
}

#[tokio::test]
async fn what_a_reorganisation_removes_is_sent_again() {
    let anvil = Anvil::start(&[]);
    anvil.mine(5).await;
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    for (nonce, data) in (0..).zip(payloads(3)) {
        sender.manager.send(nonce, calldata(TO, data));
    }
    let before = sender.mined(0, &anvil).await;
    sender.mined(2, &anvil).await;
    let depth = anvil.client().head().await.expect("anvil runs").number - before.number + 1;
    anvil.call("anvil_reorg", json!([depth, []])).await;
    sender
        .event(|event| *event == TxEvent::Excluded { from: 0 })
        .await;
    sender.mined(2, &anvil).await;
    assert_sent(&anvil, &sender, &payloads(3)).await;
}

#[tokio::test]
async fn what_the_pool_has_lost_is_sent_again() {
    let anvil = Anvil::start(&[]);
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    sender.manager.send(0, calldata(TO, &b"lost"[..]));
    sender.pooled(0, &anvil).await;
    anvil.call("anvil_dropAllTransactions", json!([])).await;
    sender.mined(0, &anvil).await;
}

#[tokio::test]
async fn an_endpoint_that_fails_now_and_then_loses_and_doubles_nothing() {
    let anvil = Anvil::start(&[]);
    let mut rng = StdRng::seed_from_u64(7);
    let proxy = Proxy::to(anvil.url(), move |_, _| match rng.random_range(0..20) {
        0 => Fate::Lose,
        1 => Fate::LoseAnswer,
        2 => Fate::Refuse(-32_005, "daily request count exceeded"),
        3 => Fate::Refuse(-32_603, "internal error"),
        _ => Fate::Pass,
    })
    .await;
    let options = L1Options {
        attempts: 20,
        ..options()
    };
    let client = L1Client::new(proxy.url(), options).expect("a URL");
    let mut sender = sender_with(client, 0, quick()).await;
    for (nonce, data) in (0..).zip(payloads(20)) {
        sender.manager.send(nonce, calldata(TO, data));
    }
    sender.mined(19, &anvil).await;
    assert_sent(&anvil, &sender, &payloads(20)).await;
}

#[tokio::test]
async fn an_outage_is_seen_and_survived() {
    let anvil = Anvil::start(&[]);
    let mut line = support::Line::to(anvil.port).await;
    let mut sender = sender(&line.url(), 0, quick()).await;
    line.cut().await;
    sender.manager.send(0, calldata(TO, &b"later"[..]));
    changed(&mut sender.manager.status(), "the hold", |status| {
        matches!(status.hold, Some(Hold::Endpoint(_)))
    })
    .await;
    line.restore().await;
    sender.mined(0, &anvil).await;
}

#[tokio::test]
async fn a_restart_that_asks_for_the_same_again_does_not_double_it() {
    let anvil = Anvil::start(&[]);
    let wish = || calldata(TO, &b"the same"[..]);
    let first = sender(&anvil.url(), 0, quick()).await;
    first.manager.send(0, wish());
    first.pooled(0, &anvil).await;
    drop(first);
    // In the pool then, in a block the next time.
    for _ in 0..2 {
        let mut again = sender(&anvil.url(), 0, quick()).await;
        again.manager.send(0, wish());
        again.mined(0, &anvil).await;
    }
    assert_eq!(sent_by(&anvil, signer(0).address()).await.len(), 1);
}

#[tokio::test]
async fn a_nonce_carries_one_payload() {
    let anvil = Anvil::start(&[]);
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    sender.manager.send(0, calldata(TO, &b"this"[..]));
    sender.manager.send(0, calldata(TO, &b"that"[..]));
    sender.mined(0, &anvil).await;
    assert_sent(&anvil, &sender, &[Bytes::from_static(b"this")]).await;
}

#[tokio::test]
async fn an_empty_account_waits_for_money() {
    let anvil = Anvil::start(&[]);
    let mut sender = sender(&anvil.url(), 0, quick()).await;
    let account = sender.address;
    let set_balance = async |wei: &str| {
        anvil.call("anvil_setBalance", json!([account, wei])).await;
        anvil.mine(1).await;
    };
    set_balance("0x1").await;
    let mut status = sender.manager.status();
    changed(&mut status, "poverty", |status| status.balance == U256::ONE).await;
    sender.manager.send(0, calldata(TO, &b"poor"[..]));
    let held = changed(&mut status, "the hold", |status| status.hold.is_some()).await;
    assert!(matches!(held.hold, Some(Hold::Funds { .. })), "{held:?}");
    set_balance("0xde0b6b3a7640000").await;
    sender.mined(0, &anvil).await;
}

#[tokio::test]
async fn what_can_not_be_made_is_said_and_another_chain_is_refused() {
    let anvil = Anvil::start(&[]);
    let too_long = Bytes::from(vec![0; 130_045]);
    for payload in [TxPayload::Blobs(vec![]), TxPayload::Blobs(vec![too_long])] {
        let sender = sender(&anvil.url(), 0, quick()).await;
        sender.manager.send(0, TxCandidate::new(TO, payload));
        changed(&mut sender.manager.status(), "the hold", |status| {
            matches!(status.hold, Some(Hold::Refused(_)))
        })
        .await;
    }
    let other = L1Options {
        chain_id: Some(1),
        ..options()
    };
    let client = L1Client::new(&anvil.url(), other).expect("a URL");
    let error = TxManager::start(client, signer(0), quick()).await;
    let error = error.expect_err("another chain");
    assert!(matches!(error, L1Error::ChainId { .. }));
    assert_eq!(error.kind(), ErrorKind::Critical);
}
