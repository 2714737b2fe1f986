//! Following a real anvil.

mod support;

use alloy_primitives::B256;
use openledger_l1::{
    BlobSchedule, ErrorKind, HeadTracker, L1Client, L1Error, L1Options, TrackerOptions,
};
use serde_json::json;
use support::{Anvil, Line, changed, fast, options, reorganisation, view_where};

#[tokio::test]
async fn new_heads_arrive_and_connect() {
    let anvil = Anvil::start(&[]);
    let tracker = HeadTracker::start(anvil.client(), fast())
        .await
        .expect("anvil runs");
    let mut events = tracker.subscribe();
    assert_eq!(tracker.view().borrow().head.number, 0);

    anvil.mine(1).await;
    view_where(&tracker, "head 1", |view| view.head.number == 1).await;
    // More than one block between two polls: the gap is filled.
    anvil.mine(40).await;
    let view = view_where(&tracker, "head 41", |view| view.head.number == 41).await;
    for number in 1..=41 {
        let block = tracker.canonical(number).expect("within the window");
        let parent = tracker.canonical(number - 1).expect("within the window");
        assert_eq!(block.parent_hash, parent.hash);
    }
    assert_eq!(tracker.is_canonical(41, view.head.hash), Some(true));
    assert_eq!(tracker.is_canonical(41, B256::ZERO), Some(false));
    assert_eq!(tracker.is_canonical(42, B256::ZERO), None);

    // Two slots an epoch: safe is two blocks behind, finalized four.
    let view = view_where(&tracker, "labels", |view| {
        view.finalized.is_some_and(|block| block.number == 37)
    })
    .await;
    assert_eq!(view.safe.map(|block| block.number), Some(39));

    let first = events.recv().await.expect("the tracker runs");
    assert!(
        matches!(first, openledger_l1::L1Event::NewHead(head) if head.number == 1),
        "{first:?}"
    );
    tracker.stop().await;
}

#[tokio::test]
async fn reorganisations_are_told_with_their_common_ancestor() {
    let anvil = Anvil::start(&[]);
    anvil.mine(10).await;
    let tracker = HeadTracker::start(anvil.client(), fast())
        .await
        .expect("anvil runs");
    let mut events = tracker.subscribe();
    let old: Vec<_> = (0..=10)
        .map(|number| tracker.canonical(number).expect("backfilled").block_ref())
        .collect();

    for depth in [1, 6] {
        let before: Vec<_> = (0..=10)
            .map(|number| tracker.canonical(number).expect("remembered").block_ref())
            .collect();
        // anvil replaces the blocks by as many others.
        anvil.call("anvil_reorg", json!([depth, []])).await;
        let (ancestor, removed, head) = reorganisation(&mut events).await;
        let kept = 10 - depth;
        assert_eq!(ancestor, Some(before[kept]), "depth {depth}");
        assert_eq!(removed, before[kept + 1..], "depth {depth}");
        assert_eq!(head.number, 10);
        assert_eq!(tracker.is_canonical(10, before[10].hash), Some(false));
        assert_eq!(
            tracker
                .canonical(kept as u64)
                .map(|block| block.block_ref()),
            Some(old[kept])
        );
    }
}

#[tokio::test]
async fn a_chain_that_became_shorter_is_believed_in_the_end() {
    let anvil = Anvil::start(&[]);
    anvil.mine(10).await;
    let tracker = HeadTracker::start(anvil.client(), fast())
        .await
        .expect("anvil runs");
    let mut events = tracker.subscribe();
    anvil.call("anvil_rollback", json!([3])).await;
    let (ancestor, removed, head) = reorganisation(&mut events).await;
    assert_eq!(ancestor, Some(head.block_ref()));
    assert_eq!(head.number, 7);
    assert_eq!(
        removed.iter().map(|block| block.number).collect::<Vec<_>>(),
        [8, 9, 10]
    );
}

#[tokio::test]
async fn a_reorganisation_below_the_window_has_no_common_ancestor() {
    let anvil = Anvil::start(&[]);
    anvil.mine(10).await;
    let small = TrackerOptions {
        window: 3,
        ..fast()
    };
    let tracker = HeadTracker::start(anvil.client(), small)
        .await
        .expect("anvil runs");
    let mut events = tracker.subscribe();
    anvil.call("anvil_reorg", json!([6, []])).await;
    let (ancestor, removed, head) = reorganisation(&mut events).await;
    assert_eq!((ancestor, removed.len(), head.number), (None, 3, 10));
    assert_eq!(tracker.canonical(10), Some(head));
}

#[tokio::test]
async fn an_outage_is_survived() {
    let anvil = Anvil::start(&[]);
    anvil.mine(3).await;
    let mut line = Line::to(anvil.port).await;
    let client = L1Client::new(&line.url(), options()).expect("a URL");
    let tracker = HeadTracker::start(client.clone(), fast())
        .await
        .expect("anvil runs");
    let mut failure = tracker.failure();

    line.cut().await;
    let error = changed(&mut failure, "a failure", Option::is_some)
        .await
        .expect("some");
    assert_eq!(error.kind(), ErrorKind::Temporary, "{error}");
    assert_eq!(
        client.head().await.expect_err("nobody listens").kind(),
        ErrorKind::Temporary
    );
    // The last view stays while the endpoint is away.
    assert_eq!(tracker.view().borrow().head.number, 3);

    anvil.mine(20).await;
    line.restore().await;
    changed(&mut failure, "recovery", Option::is_none).await;
    view_where(&tracker, "head 23", |view| view.head.number == 23).await;
    assert!(tracker.canonical(10).is_some());
}

#[tokio::test]
async fn an_endpoint_that_restarts_with_another_chain_is_a_reorganisation_of_everything() {
    let anvil = Anvil::start(&["--timestamp", "1700000000"]);
    anvil.mine(5).await;
    let tracker = HeadTracker::start(anvil.client(), fast())
        .await
        .expect("anvil runs");
    let mut events = tracker.subscribe();
    let port = anvil.port;
    drop(anvil);
    changed(&mut tracker.failure(), "a failure", Option::is_some).await;
    let anvil = Anvil::start_at(port, &["--timestamp", "1800000000"]);
    let (ancestor, removed, head) = reorganisation(&mut events).await;
    assert_eq!((ancestor, removed.len(), head.number), (None, 6, 0));
    anvil.mine(2).await;
    view_where(&tracker, "head 2", |view| view.head.number == 2).await;
}

#[tokio::test]
async fn another_chain_is_refused() {
    let anvil = Anvil::start(&["--chain-id", "5"]);
    let error = anvil
        .client()
        .check()
        .await
        .expect_err("chain 5 is not 31337");
    assert!(
        matches!(
            error,
            L1Error::ChainId {
                expected: 31_337,
                found: 5
            }
        ),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Critical);
    let any = L1Client::new(
        &anvil.url(),
        L1Options {
            chain_id: None,
            ..options()
        },
    )
    .expect("a URL");
    assert_eq!(any.check().await.expect("any chain"), 5);
}

#[tokio::test]
async fn blocks_are_found_by_number_hash_and_label() {
    let anvil = Anvil::start(&[]);
    anvil.mine(2).await;
    let client = anvil.client();
    let head = client.head().await.expect("anvil runs");
    assert_eq!(head.number, 2);
    assert_eq!(
        client.block_by_number(2).await.expect("anvil runs"),
        Some(head)
    );
    assert_eq!(
        client.block_by_hash(head.hash).await.expect("anvil runs"),
        Some(head)
    );
    assert_eq!(client.block_by_number(3).await.expect("anvil runs"), None);
    assert_eq!(
        client
            .block_by_hash(B256::repeat_byte(1))
            .await
            .expect("anvil runs"),
        None
    );
    assert_eq!(
        client
            .finalized()
            .await
            .expect("anvil runs")
            .map(|block| block.number),
        Some(0)
    );
    assert_eq!((head.excess_blob_gas, head.blob_base_fee), (Some(0), 1));
    let reported = client
        .reported_blob_schedule()
        .await
        .expect("anvil runs")
        .expect("anvil has eth_config");
    assert_eq!(
        reported
            .params(head.timestamp)
            .map(|params| params.update_fraction),
        client
            .options()
            .blob_schedule
            .params(head.timestamp)
            .map(|params| params.update_fraction),
    );
}

#[tokio::test]
async fn a_schedule_without_parameters_for_the_head_is_a_critical_error() {
    let anvil = Anvil::start(&[]);
    let client = anvil
        .client()
        .with_blob_schedule(BlobSchedule::from_entries(Vec::new()));
    let error = client.head().await.expect_err("no parameters");
    assert!(
        matches!(error, L1Error::NoBlobParams { number: 0, .. }),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Critical);
}

#[tokio::test]
async fn a_method_that_the_endpoint_does_not_have_is_a_critical_error() {
    let anvil = Anvil::start(&[]);
    let error = anvil
        .client()
        .call::<_, u64>("eth_nothing", ())
        .await
        .expect_err("no such method");
    assert_eq!(error.kind(), ErrorKind::Critical, "{error}");
}

#[test]
fn urls_are_checked_and_never_shown_whole() {
    for url in [
        "",
        "localhost:8545",
        "ftp://example.org/secret-key",
        "ws://example.org/secret-key",
    ] {
        let error = L1Client::new(url, L1Options::default()).expect_err("no HTTP URL");
        assert!(!error.to_string().contains("secret-key"), "{error}");
        assert_eq!(error.kind(), ErrorKind::Critical);
    }
}
