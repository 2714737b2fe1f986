use super::*;
use crate::{BlockAttributes, MemoryState, SimulateError, Simulation, StateSource};
use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_genesis::Genesis;
use alloy_network::TxSignerSync;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address, hex};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_rpc_types_trace::geth::{
    CallConfig, GethDebugBuiltInTracerType, GethDebugTracingOptions, GethDefaultTracingOptions,
    GethTrace, PreStateConfig, PreStateFrame,
};
use alloy_signer_local::PrivateKeySigner;
use openledger_genesis::ChainSpec;
use openledger_primitives::{Tx, TxEnvelope};
use std::{sync::Arc, time::Duration};

/// Calls INNER with four bytes, and reverts with what that returns when it fails.
const OUTER: Address = address!("0x00000000000000000000000000000000000000c0");
/// Reverts with Error("no").
const INNER: Address = address!("0x00000000000000000000000000000000000000c1");
/// Writes memory and storage for ever.
const ENDLESS: Address = address!("0x00000000000000000000000000000000000000c2");

fn spec() -> Arc<ChainSpec> {
    let genesis: Genesis = serde_json::from_value(serde_json::json!({
        "config": {
            "chainId": 901, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
            "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0,
            "optimism": {"eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250},
            "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0, "graniteTime": 0,
            "holoceneTime": 0, "isthmusTime": 0, "jovianTime": 0,
        },
        "difficulty": "0x0", "gasLimit": "0x3938700", "alloc": {},
    }))
    .unwrap();
    Arc::new(ChainSpec::from_genesis(&genesis).unwrap())
}

fn attributes() -> BlockAttributes {
    BlockAttributes {
        number: 7,
        parent_hash: B256::repeat_byte(6),
        timestamp: 1_700_000_000,
        beneficiary: Address::repeat_byte(9),
        prev_randao: B256::repeat_byte(1),
        gas_limit: 60_000_000,
        base_fee: 1_000,
        parent_beacon_block_root: Some(B256::ZERO),
        withdrawals: None,
        extra_data: Default::default(),
        excess_blob_gas: Some(0),
    }
}

fn state(signer: &PrivateKeySigner) -> Arc<dyn StateSource> {
    let mut state = MemoryState::default();
    state.set_account(
        signer.address(),
        U256::from(10).pow(U256::from(20)),
        0,
        Bytes::new(),
    );
    let outer = hex!(
        "63a9059cbb60e01b600052 6000 6000 6004 6000 6000 60c1 620f4240 f1 50 3d 6000 6000 3e 3d 6000 fd"
    );
    state.set_account(OUTER, U256::ZERO, 1, Bytes::from(outer.to_vec()));
    let inner = hex!(
        "7f08c379a000000000000000000000000000000000000000000000000000000000600052"
        "6020600452 6002602452 7f6e6f000000000000000000000000000000000000000000000000000000000000604452 60646000fd"
    );
    state.set_account(INNER, U256::ZERO, 1, Bytes::from(inner.to_vec()));
    state.set_account(
        ENDLESS,
        U256::ZERO,
        1,
        Bytes::from(hex!("5b 6001 600052 600054 50 600056").to_vec()),
    );
    Arc::new(state)
}

fn tx(signer: &PrivateKeySigner, nonce: u64, to: Address, gas_limit: u64) -> Tx {
    let mut tx = TxEip1559 {
        chain_id: 901,
        nonce,
        gas_limit,
        max_fee_per_gas: 10_000,
        max_priority_fee_per_gas: 1,
        to: TxKind::Call(to),
        ..Default::default()
    };
    let signature = signer.sign_transaction_sync(&mut tx).unwrap();
    Tx::recover(TxEnvelope::Eip1559(tx.into_signed(signature))).unwrap()
}

fn replay(signer: &PrivateKeySigner, limits: TraceLimits) -> Replay {
    Replay::of_block(spec(), state(signer), attributes(), limits).unwrap()
}

#[test]
fn a_failed_transaction_is_told_with_its_reason_and_calls() {
    let signer = PrivateKeySigner::random();
    let failing = tx(&signer, 0, OUTER, 2_000_000);
    let told = readable_trace(spec(), state(&signer), attributes(), &failing).unwrap();
    assert_eq!(told.reason, "reverted: no");
    let lines: Vec<_> = told.calls.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(
        lines[0].starts_with("call 0x00000000000000000000000000000000000000C0 gas "),
        "{told}"
    );
    assert!(lines[0].ends_with(" -> reverted: no"), "{told}");
    assert!(
        lines[1].starts_with("  call 0x00000000000000000000000000000000000000C1 0xa9059cbb() gas "),
        "{told}"
    );
}

#[test]
fn the_call_tracer_nests_and_obeys_its_options() {
    let signer = PrivateKeySigner::random();
    let failing = tx(&signer, 0, OUTER, 2_000_000);
    for (top_only, calls) in [(false, 1), (true, 0)] {
        let config = CallConfig {
            only_top_call: Some(top_only),
            with_log: Some(true),
        };
        let options = GethDebugTracingOptions::call_tracer(config);
        let trace = replay(&signer, TraceLimits::default())
            .trace(&failing, None, &options)
            .unwrap();
        let GethTrace::CallTracer(frame) = trace else {
            panic!("{trace:?}")
        };
        assert_eq!(frame.calls.len(), calls);
        assert_eq!(frame.error.as_deref(), Some("execution reverted"));
        assert_eq!(frame.revert_reason.as_deref(), Some("no"));
        assert_eq!(frame.gas, U256::from(2_000_000));
    }
}

#[test]
fn later_transactions_see_what_earlier_ones_did() {
    let signer = PrivateKeySigner::random();
    let first = tx(&signer, 0, Address::repeat_byte(0x11), 21_000);
    let second = tx(&signer, 1, Address::repeat_byte(0x22), 21_000);
    let options = GethDebugTracingOptions::prestate_tracer(PreStateConfig::default());
    let mut replay = replay(&signer, TraceLimits::default());
    replay.skip(&first).unwrap();
    let trace = replay.trace(&second, None, &options).unwrap();
    let GethTrace::PreStateTracer(PreStateFrame::Default(frame)) = trace else {
        panic!("{trace:?}")
    };
    assert_eq!(frame.0[&signer.address()].nonce, Some(1));

    let diff = PreStateConfig {
        diff_mode: Some(true),
        ..Default::default()
    };
    let options = GethDebugTracingOptions::prestate_tracer(diff);
    let third = tx(&signer, 2, Address::repeat_byte(0x33), 21_000);
    let trace = replay.trace(&third, None, &options).unwrap();
    let GethTrace::PreStateTracer(PreStateFrame::Diff(frame)) = trace else {
        panic!("{trace:?}")
    };
    assert_eq!(frame.post[&signer.address()].nonce, Some(3));
}

#[test]
fn the_struct_logger_records_steps_and_stops_at_its_limit() {
    let signer = PrivateKeySigner::random();
    let failing = tx(&signer, 0, OUTER, 2_000_000);
    let trace = |limit| {
        let config = GethDefaultTracingOptions {
            limit,
            ..Default::default()
        };
        let options = GethDebugTracingOptions {
            config,
            ..Default::default()
        };
        let trace = replay(&signer, TraceLimits::default())
            .trace(&failing, None, &options)
            .unwrap();
        let GethTrace::Default(frame) = trace else {
            panic!("{trace:?}")
        };
        frame
    };
    let all = trace(None);
    assert!(all.failed);
    assert!(all.struct_logs.iter().any(|step| step.depth == 2));
    assert_eq!(trace(Some(3)).struct_logs.len(), 3);
}

#[test]
fn a_trace_that_would_exhaust_memory_or_time_fails() {
    let signer = PrivateKeySigner::random();
    let endless = tx(&signer, 0, ENDLESS, 30_000_000);
    let small = TraceLimits {
        max_bytes: 1_000_000,
        ..Default::default()
    };
    let error = replay(&signer, small)
        .trace(&endless, None, &Default::default())
        .unwrap_err();
    assert!(
        matches!(error, SimulateError::TraceTooLarge { limit: 1_000_000 }),
        "{error}"
    );

    let late = GethDebugTracingOptions {
        timeout: Some("0s".into()),
        ..Default::default()
    };
    let error = replay(&signer, TraceLimits::default())
        .trace(&endless, None, &late)
        .unwrap_err();
    assert!(
        matches!(error, SimulateError::TimedOut(limit) if limit == Duration::ZERO),
        "{error}"
    );
}

#[test]
fn calls_are_traced_and_javascript_is_refused() {
    let signer = PrivateKeySigner::random();
    let request = TransactionRequest {
        from: Some(signer.address()),
        to: Some(TxKind::Call(OUTER)),
        ..Default::default()
    };
    let simulation = Simulation::new(spec(), state(&signer), attributes());
    let trace = |options| {
        let replay = Replay::on_state(spec(), state(&signer), attributes(), TraceLimits::default());
        replay.trace_call(&request, &simulation, &options)
    };
    for tracer in [
        GethDebugBuiltInTracerType::CallTracer,
        GethDebugBuiltInTracerType::FourByteTracer,
        GethDebugBuiltInTracerType::NoopTracer,
        GethDebugBuiltInTracerType::FlatCallTracer,
        GethDebugBuiltInTracerType::PreStateTracer,
    ] {
        trace(GethDebugTracingOptions::new_tracer(tracer)).unwrap();
    }
    let script: GethDebugTracingOptions =
        serde_json::from_value(serde_json::json!({"tracer": "{step: function() {}}"})).unwrap();
    let error = trace(script).unwrap_err().to_string();
    assert!(
        error.starts_with("JavaScript tracers are not supported"),
        "{error}"
    );
    let unknown: GethDebugTracingOptions =
        serde_json::from_value(serde_json::json!({"tracer": "nope"})).unwrap();
    assert_eq!(
        trace(unknown).unwrap_err().to_string(),
        "tracer not found: nope"
    );
}
