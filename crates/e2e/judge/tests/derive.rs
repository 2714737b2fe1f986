//! The judge judges: an equal chain passes, and every kind of difference is found and named.

mod world;

use alloy_primitives::{Address, B256, Bytes};
use openledger_judge::{
    Beacon, JsonRpc, JudgeError, L1, L2, SourceError, Verdict, judge, parse_rollup_config,
};
use std::{process::Command, sync::Arc};
use world::{
    BeaconKind, DEPOSITS_AT, FIRST, UPDATES_AT, World, batches::Form, l2::L2Raw, server::serve,
};

async fn verdict(world: World, to_block: Option<u64>) -> Result<Verdict, JudgeError> {
    let rollup = parse_rollup_config(&world.config.to_string()).unwrap();
    let url = serve(world);
    let l1 = L1::connect(JsonRpc::new(format!("{url}/l1")), None).await?;
    let beacon = Beacon::connect(&url).await?;
    let l2 = L2::new(JsonRpc::new(format!("{url}/l2")));
    judge(Arc::new(rollup), l1, beacon, l2, to_block).await
}

/// The verdict on a world in which `change` was made to one block of the L2, which is sealed again.
async fn changed(block: usize, change: impl FnOnce(&mut L2Raw)) -> Verdict {
    let mut world = World::new();
    change(&mut world.l2[block]);
    world.l2[block].reseal();
    verdict(world, None).await.unwrap()
}

fn assert_differs(verdict: &Verdict, block: usize, field: &str) {
    let difference = verdict.difference.as_ref().expect("a difference");
    assert_eq!(
        (difference.block, difference.field.as_str()),
        (block as u64, field)
    );
    assert_ne!(difference.derived, difference.chain);
    assert!(!verdict.equal);
    assert_eq!(verdict.to, block as u64 - 1);
}

#[tokio::test]
async fn a_chain_posted_as_spans_singles_and_split_channels_is_equal() {
    let world = World::new();
    let (height, transactions) = (world.height(), world.transactions());
    let found = verdict(world, Some(height)).await.unwrap();
    assert_eq!(found.difference, None);
    assert!(found.equal);
    assert_eq!((found.from, found.to, found.blocks), (1, height, height));
    assert_eq!(found.transactions, transactions);
}

#[tokio::test]
async fn a_dropped_span_does_not_end_its_l1_block() {
    let forms = [Form::Span, Form::Late, Form::Span, Form::Span];
    let world = World::with(&forms, BeaconKind::Anvil);
    let height = world.height();
    let found = verdict(world, Some(height)).await.unwrap();
    assert_eq!(found.difference, None);
    assert_eq!(found.blocks, height);
}

#[tokio::test]
async fn blobs_are_read_by_block_number_where_there_are_no_slots() {
    let world = World::with(&[Form::Blob, Form::Span], BeaconKind::Anvil);
    let height = world.height();
    assert!(verdict(world, Some(height)).await.unwrap().equal);
}

#[tokio::test]
async fn blobs_are_read_from_sidecars_by_slot() {
    let world = World::with(&[Form::Singular, Form::Blob], BeaconKind::Sidecars);
    let height = world.height();
    assert!(verdict(world, Some(height)).await.unwrap().equal);
}

#[tokio::test]
async fn a_blob_that_is_not_the_one_committed_to_is_no_verdict() {
    let mut world = World::with(&[Form::Blob], BeaconKind::Anvil);
    let block = world.l1.iter_mut().find(|block| !block.blobs.is_empty());
    block.unwrap().blobs[0][100] ^= 1;
    let error = verdict(world, None).await.unwrap_err();
    assert!(
        error.to_string().contains("no blob of L1 block 11"),
        "{error}"
    );
}

#[tokio::test]
async fn every_field_of_the_attributes_is_compared() {
    let at = 7;
    let word = B256::repeat_byte(9);
    for (field, change) in [
        (
            "parentHash",
            (|b, w| b.header.parent_hash = w) as fn(&mut L2Raw, B256),
        ),
        ("timestamp", |b, _| b.header.timestamp += 1),
        ("mixHash", |b, w| b.header.mix_hash = w),
        ("miner", |b, _| b.header.beneficiary = Address::ZERO),
        ("parentBeaconBlockRoot", |b, w| {
            b.header.parent_beacon_block_root = Some(w)
        }),
        ("gasLimit", |b, _| b.header.gas_limit -= 1),
        ("extraData", |b, _| {
            b.header.extra_data = Bytes::from(vec![0; 9])
        }),
    ] {
        assert_differs(&changed(at, |block| change(block, word)).await, at, field);
    }
}

#[tokio::test]
async fn a_flipped_bit_in_a_transaction_is_found() {
    let found = changed(3, |block| {
        let mut raw = block.transactions[2].to_vec();
        *raw.last_mut().unwrap() ^= 1;
        block.transactions[2] = raw.into();
    })
    .await;
    assert_differs(&found, 3, "transactions[2]");
}

#[tokio::test]
async fn a_missing_deposit_is_found_in_the_first_block_of_its_epoch() {
    let at = World::new().first_of_epoch(DEPOSITS_AT);
    let found = changed(at, |block| drop(block.transactions.remove(2))).await;
    assert_differs(&found, at, "transactions[2]");
}

#[tokio::test]
async fn a_transaction_that_nobody_posted_is_found() {
    let found = changed(4, |block| {
        block.transactions.push(block.transactions[1].clone())
    })
    .await;
    let field = format!("transactions[{}]", World::new().l2[4].transactions.len());
    assert_differs(&found, 4, &field);
}

#[tokio::test]
async fn a_configuration_update_that_came_a_block_late_is_found() {
    let world = World::new();
    let at = world.first_of_epoch(UPDATES_AT);
    let before = world.l2[at - 1].header.gas_limit;
    assert_ne!(before, world.l2[at].header.gas_limit);
    let found = changed(at, |block| block.header.gas_limit = before).await;
    assert_differs(&found, at, "gasLimit");
}

#[tokio::test]
async fn a_chain_shorter_than_what_was_posted_is_a_difference() {
    let mut world = World::new();
    world.l2.truncate(6);
    assert_differs(&verdict(world, None).await.unwrap(), 6, "block");
}

#[tokio::test]
async fn a_block_whose_batch_was_never_posted_is_a_difference() {
    let mut world = World::new();
    world.l1.truncate(5);
    let height = world.height();
    let last = world.first_of_epoch(FIRST + 4) - 1;
    assert_differs(
        &verdict(world, Some(height)).await.unwrap(),
        last + 1,
        "block",
    );
}

#[tokio::test]
async fn an_l1_without_batches_is_no_agreement() {
    let mut world = World::new();
    world.l1.truncate(1);
    assert_differs(&verdict(world, None).await.unwrap(), 1, "block");
}

#[tokio::test]
async fn contradictions_are_errors_and_not_verdicts() {
    let mut world = World::new();
    world.l2[2].transactions.pop();
    let error = verdict(world, None).await.unwrap_err();
    let inconsistent = |error| matches!(error, JudgeError::Source(SourceError::Inconsistent(_)));
    assert!(inconsistent(error));

    let mut world = World::new();
    world.l1[3].receipts.pop();
    let error = verdict(world, None).await.unwrap_err();
    assert!(
        error.to_string().contains("the receipts of L1 block 13"),
        "{error}"
    );

    let mut world = World::new();
    world.config["genesis"]["l1"]["hash"] = world.config["genesis"]["l2"]["hash"].clone();
    assert!(inconsistent(verdict(world, None).await.unwrap_err()));
}

/// Runs the program itself against a served world: its exit code and what it printed.
fn program(world: World, arguments: &[&str]) -> (i32, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let rollup = directory.path().join("rollup.json");
    std::fs::write(&rollup, world.config.to_string()).unwrap();
    let url = serve(world);
    let output = Command::new(env!("CARGO_BIN_EXE_judge"))
        .args([
            "derive",
            "--l1-rpc",
            &format!("{url}/l1"),
            "--l1-beacon",
            &url,
        ])
        .args(["--l2-rpc", &format!("{url}/l2"), "--rollup"])
        .arg(&rollup)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_program_says_equal_with_zero_and_different_with_one() {
    let (code, out, err) = program(World::new(), &["--to-block", "9"]);
    assert_eq!(code, 0, "{err}");
    let line: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&line["equal"], &line["blocks"], &line["to"]),
        (&true.into(), &9.into(), &9.into())
    );

    let mut world = World::new();
    world.l2[5].header.timestamp += 2;
    let (code, out, err) = program(world, &[]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("L2 block 5: timestamp differs"), "{err}");
    let line: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(line["difference"]["field"], "timestamp");
}

#[test]
fn the_program_refuses_bad_arguments_with_two() {
    let (code, _, _) = program(World::new(), &["--to-block", "many"]);
    assert_eq!(code, 2);
    let mut world = World::new();
    world.config["jovian_time"] = 0.into();
    let (code, _, err) = program(world, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("jovian_time"), "{err}");
}

#[test]
fn the_program_ends_with_three_when_it_cannot_judge() {
    let mut world = World::new();
    world.l1[3].receipts.pop();
    let (code, out, err) = program(world, &[]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains("L1 block 13"), "{err}");
}
