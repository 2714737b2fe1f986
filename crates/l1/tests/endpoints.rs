//! Several endpoints: one that fails is replaced, and those that disagree are never mixed.

mod support;

use alloy_primitives::{Address, B256};
use openledger_l1::{
    ErrorKind, HeadTracker, L1Client, L1Error, L1Event, L1Options, TrackerOptions,
};
use openledger_primitives::BlockRef;
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use support::{
    HANG, changed,
    fake::{FakeChain, FakeEndpoint, Fate, client_of},
    fast, reorganisation, view_where,
};

const SEED: u64 = 1;

/// Two endpoints of one chain with a client that was checked.
async fn two(length: usize) -> (Arc<Mutex<FakeChain>>, FakeEndpoint, FakeEndpoint, L1Client) {
    let chain = Arc::new(Mutex::new(FakeChain::new(SEED, length)));
    let (first, second) = (FakeEndpoint::of(&chain), FakeEndpoint::of(&chain));
    let client = client_of(&[&first, &second]);
    client.check().await.expect("both answer");
    (chain, first, second, client)
}

async fn follow(client: &L1Client) -> HeadTracker {
    let tracker = HeadTracker::start(client.clone(), fast()).await;
    tracker.expect("an endpoint answers")
}

/// Waits for something that no watch tells, by asking.
async fn soon(what: &str, mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(HANG, wait).await;
    waited.unwrap_or_else(|_| panic!("never: {what}"));
}

#[tokio::test]
async fn a_call_goes_to_another_endpoint_when_one_fails() {
    for fate in [Fate::Fail, Fate::Hang, Fate::Limit] {
        let (_, first, second, client) = two(30).await;
        let client = client.without_retries();
        assert_eq!(client.endpoint(), 0);
        first.all(fate);
        let before = first.requests();
        let head = client.head().await.expect("the second answers");
        assert_eq!((head.number, client.endpoint()), (29, 1), "{fate:?}");
        assert_eq!(first.requests(), before + 1, "{fate:?}");

        // It stays there when the first is back, until it fails itself.
        first.all(Fate::Answer);
        let before = first.requests();
        for _ in 0..50 {
            client.head().await.expect("the second answers");
        }
        assert_eq!(first.requests(), before, "{fate:?}");
        second.all(fate);
        // The first may rest for a moment.
        let client = L1Client::clone(&client);
        let wait = async { while client.head().await.is_err() {} };
        tokio::time::timeout(HANG, wait).await.expect("never: back");
        assert_eq!(client.endpoint(), 0, "{fate:?}");
    }
}

#[tokio::test]
async fn a_pinned_client_is_answered_by_one_endpoint_or_not_at_all() {
    let (_, first, second, client) = two(30).await;
    let pinned = client.pinned();
    first.all(Fate::Fail);
    let before = second.requests();
    let error = pinned.head().await.expect_err("the first fails");
    assert_eq!(error.kind(), ErrorKind::Temporary);
    // It was looked at, and is current now, but it is not asked for this.
    assert_eq!((pinned.endpoint(), client.endpoint()), (0, 1));
    let looks = second.requests() - before;
    pinned.head().await.expect_err("the first fails");
    assert_eq!(second.requests() - before, looks);
}

#[tokio::test]
async fn another_chain_is_refused_at_the_start() {
    let ours = FakeEndpoint::with(FakeChain::new(1, 30));
    let other = FakeEndpoint::with(FakeChain::new(2, 40));
    let error = client_of(&[&ours, &other]).check().await;
    let error = error.expect_err("another genesis");
    assert!(
        matches!(&error, L1Error::OtherChain { endpoint, .. } if endpoint == "1 (fake-1)"),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Critical);

    // A block that must be there.
    let mut fork = FakeChain::new(1, 10);
    fork.extend(2, 20);
    let other = FakeEndpoint::with(fork.clone());
    other.all(Fate::Fail);
    let client = client_of(&[&ours, &other]);
    client.check().await.expect("one answers");
    other.all(Fate::Answer);
    let anchor = |number: u64| BlockRef {
        hash: FakeChain::new(1, 30).hash(number),
        number,
    };
    client.anchor(anchor(9)).await.expect("both have it");
    let error = client.anchor(anchor(10)).await.expect_err("one has not");
    assert!(matches!(error, L1Error::OtherChain { .. }), "{error}");
}

#[tokio::test]
async fn an_endpoint_of_another_chain_that_comes_later_is_never_used() {
    let chain = FakeChain::new(1, 30);
    let ours = FakeEndpoint::with(chain.clone());
    let other = FakeEndpoint::with(FakeChain::new(2, 60));
    other.all(Fate::Fail);
    let client = client_of(&[&other, &ours]);
    client.check().await.expect("one answers");
    assert_eq!(client.endpoint(), 1);
    let tracker = follow(&client).await;
    other.all(Fate::Answer);
    ours.all(Fate::Fail);
    for _ in 0..200 {
        client.head().await.expect_err("nobody else is asked");
    }
    changed(&mut tracker.failure(), "a failure", Option::is_some).await;
    ours.all(Fate::Answer);
    ours.extend(1, 3);
    let view = view_where(&tracker, "three more", |view| view.head.number == 32).await;
    assert_eq!(
        tracker.canonical(29).map(|block| block.hash),
        Some(chain.hash(29))
    );
    assert_eq!((client.endpoint(), view.head.number), (1, 32));
}

#[tokio::test]
async fn an_endpoint_that_contradicts_what_is_final_is_set_aside() {
    let chain = FakeChain::new(1, 40);
    // The same genesis, and another chain from far below what is final.
    let mut lies = chain.without(30);
    lies.extend(2, 50);
    let (honest, liar) = (
        FakeEndpoint::with(chain.clone()),
        FakeEndpoint::with(chain.clone()),
    );
    let client = client_of(&[&liar, &honest]);
    client.check().await.expect("both answer");
    let tracker = follow(&client).await;
    assert_eq!(client.endpoint(), 0);
    // The one that is asked begins to lie.
    liar.serve(lies.clone());
    honest.extend(1, 5);
    view_where(&tracker, "the honest chain", |view| view.head.number == 44).await;
    assert_eq!(client.endpoint(), 1);
    // Without the other one it is not asked either.
    honest.all(Fate::Fail);
    changed(&mut tracker.failure(), "a failure", Option::is_some).await;
    for _ in 0..200 {
        client.head().await.expect_err("nobody else is asked");
    }
    assert_eq!(tracker.view().borrow().head.number, 44);
    // It says the truth again.
    let mut chain = chain;
    chain.extend(1, 8);
    liar.serve(chain.clone());
    let view = view_where(&tracker, "the truth", |view| view.head.number == 47).await;
    assert_eq!((view.head.hash, client.endpoint()), (chain.hash(47), 0));
}

#[tokio::test]
async fn a_header_that_does_not_hash_to_what_is_said_is_not_asked_for_twice() {
    let (_, first, second, client) = two(30).await;
    // Known to be final by the tracker, and to nobody else.
    let tracker = follow(&client).await;
    let mut other = FakeChain::new(1, 25);
    other.extend(3, 3);
    first.serve(other.clone());
    second.extend(1, 1);
    // A reorganisation above what is final is one: the first is asked on.
    let view = view_where(&tracker, "the branch", |view| {
        view.head.hash == other.hash(27)
    })
    .await;
    assert_eq!((view.head.number, client.endpoint()), (27, 0));
}

#[tokio::test]
async fn endpoints_on_two_branches_above_what_is_final_are_a_reorganisation() {
    let trunk = FakeChain::new(1, 30);
    let (mut left, mut right) = (trunk.clone(), trunk.clone());
    left.extend(2, 3);
    right.extend(3, 4);
    let (first, second) = (
        FakeEndpoint::with(left.clone()),
        FakeEndpoint::with(right.clone()),
    );
    let client = client_of(&[&first, &second]);
    client.check().await.expect("both answer");
    let tracker = follow(&client).await;
    let mut events = tracker.subscribe();
    first.all(Fate::Fail);
    let (ancestor, removed, head) = reorganisation(&mut events).await;
    assert_eq!(ancestor.map(|block| block.hash), Some(trunk.hash(29)));
    let removed: Vec<_> = removed.iter().map(|block| block.hash).collect();
    assert_eq!(removed, left.hashes().skip(30).collect::<Vec<_>>());
    assert_eq!(head.hash, right.hash(33));
}

#[tokio::test]
async fn all_endpoints_away_and_back() {
    let (chain, first, second, client) = two(30).await;
    let tracker = follow(&client).await;
    let mut failure = tracker.failure();
    for round in 0..4 {
        for endpoint in [&first, &second] {
            endpoint.all(Fate::Fail);
        }
        changed(&mut failure, "a failure", Option::is_some).await;
        client.head().await.expect_err("all are away");
        chain.lock().extend(SEED, 10);
        // One of them, or the other.
        [&first, &second][round % 2].all(Fate::Answer);
        let head = chain.lock().head();
        view_where(&tracker, "the head", |view| view.head.number == head).await;
        changed(&mut failure, "recovery", Option::is_none).await;
        assert_eq!(client.endpoint(), round % 2);
    }
}

#[tokio::test]
async fn an_endpoint_that_is_behind_moves_nothing_back() {
    let chain = FakeChain::new(1, 40);
    let first = FakeEndpoint::with(chain.clone());
    let second = FakeEndpoint::with(chain.without(5));
    let client = client_of(&[&first, &second]);
    client.check().await.expect("both answer");
    let tracker = follow(&client).await;
    let before = *tracker.view().borrow();
    let mut events = tracker.subscribe();
    first.all(Fate::Fail);
    // Many more looks than an endpoint needs that takes its own blocks back.
    let asked = second.requests();
    soon("many polls", || second.requests() > asked + 60).await;
    assert_eq!(client.endpoint(), 1);
    assert_eq!(*tracker.view().borrow(), before);
    assert!(events.try_recv().is_err());
    second.extend(1, 7);
    view_where(&tracker, "the head", |view| view.head.number == 41).await;
    let event = events.recv().await.expect("the tracker runs");
    assert!(
        matches!(event, L1Event::NewHead(head) if head.number == 41),
        "{event:?}"
    );
}

#[tokio::test]
async fn an_endpoint_that_is_stuck_is_left_for_one_that_moves_and_not_returned_to() {
    let chain = FakeChain::new(1, 40);
    let stuck = FakeEndpoint::with(chain.clone());
    let moving = FakeEndpoint::with(chain);
    let client = client_of(&[&stuck, &moving]);
    client.check().await.expect("both answer");
    let tracker = follow(&client).await;
    moving.extend(1, 10);
    view_where(&tracker, "the head", |view| view.head.number == 49).await;
    assert_eq!(client.endpoint(), 1);
    // The first catches up, and is no better than the second.
    stuck.extend(1, 11);
    let asked = stuck.requests();
    soon("many surveys", || stuck.requests() > asked + 30).await;
    assert_eq!(client.endpoint(), 1);
}

#[tokio::test]
async fn a_chain_is_shorter_only_when_every_endpoint_says_so() {
    let chain = FakeChain::new(1, 40);
    let (first, second) = (
        FakeEndpoint::with(chain.clone()),
        FakeEndpoint::with(chain.clone()),
    );
    let client = client_of(&[&first, &second]);
    client.check().await.expect("both answer");
    let tracker = follow(&client).await;
    let mut events = tracker.subscribe();
    // Less than would be called behind.
    first.serve(chain.without(2));
    soon("the other one", || client.endpoint() == 1).await;
    assert!(events.try_recv().is_err());
    second.serve(chain.without(2));
    let (_, removed, head) = reorganisation(&mut events).await;
    assert_eq!((removed.len(), head.number), (2, 37));
}

#[tokio::test]
async fn what_is_checked_by_its_hash_is_read_from_whoever_has_it() {
    let chain = FakeChain::new(1, 40);
    let first = FakeEndpoint::with(chain.without(3));
    let second = FakeEndpoint::with(chain.clone());
    let client = client_of(&[&first, &second]);
    // Not behind enough to be left.
    first.serve(chain.without(2));
    client.check().await.expect("both answer");
    assert_eq!(client.endpoint(), 0);
    let hash = chain.hash(39);
    let block = client.block_by_hash(hash).await.expect("the second has it");
    let block = block.expect("the second has it");
    assert_eq!(block.number, 39);
    let inputs = client.inputs(&block, Address::ZERO, Address::ZERO).await;
    assert!(inputs.expect("the second has it").deposits.is_empty());
    assert_eq!(client.endpoint(), 0);
    let nowhere = client.block_by_hash(B256::repeat_byte(1)).await;
    assert_eq!(nowhere.expect("both answer"), None);
}

#[tokio::test]
async fn keys_in_urls_are_never_shown() {
    let url =
        |port| format!("http://user:hunter22@127.0.0.1:{port}/v3/0123456789abcdef?key=secret");
    let client = L1Client::of(
        &[url(1), url(2)],
        L1Options {
            attempts: 1,
            ..L1Options::default()
        },
    );
    let client = client.expect("two URLs");
    let error = client.head().await.expect_err("nobody listens");
    for shown in [
        format!("{client:?}"),
        error.to_string(),
        format!("{error:?}"),
    ] {
        for secret in ["hunter22", "0123456789abcdef", "secret"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}

#[tokio::test]
async fn the_interval_of_polls_does_not_delay_going_to_another_endpoint() {
    let (chain, first, _, client) = two(30).await;
    // Two polls in all: the second one must find the head by itself.
    let slow = TrackerOptions {
        poll_interval: Duration::from_millis(500),
        ..TrackerOptions::default()
    };
    let tracker = HeadTracker::start(client, slow).await.expect("it answers");
    first.all(Fate::Fail);
    chain.lock().extend(SEED, 2);
    view_where(&tracker, "the head", |view| view.head.number == 31).await;
    assert!(tracker.failure().borrow().is_none());
}
