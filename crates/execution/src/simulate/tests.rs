use super::*;
use crate::MemoryState;
use alloy_genesis::Genesis;
use alloy_primitives::{Address, B256, TxKind, U256, address, bytes, hex};
use alloy_rpc_types_eth::state::StateOverridesBuilder;
use std::time::Duration;

const SENDER: Address = address!("0x00000000000000000000000000000000000000aa");
const CONTRACT: Address = address!("0x00000000000000000000000000000000000000cc");
const PLENTY: Duration = Duration::from_secs(60);

fn spec(op: bool) -> Arc<ChainSpec> {
    let mut config = serde_json::json!({
        "chainId": 901, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
        "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0,
    });
    let extra = if op {
        serde_json::json!({
            "optimism": {"eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250},
            "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0, "graniteTime": 0,
            "holoceneTime": 0, "isthmusTime": 0, "jovianTime": 0,
        })
    } else {
        serde_json::json!({"osakaTime": 0})
    };
    for (key, value) in extra.as_object().unwrap() {
        config[key] = value.clone();
    }
    let genesis: Genesis = serde_json::from_value(serde_json::json!({
        "config": config, "difficulty": "0x0", "gasLimit": "0x3938700", "alloc": {},
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

fn simulation(op: bool, code: &'static [u8]) -> Simulation {
    let mut state = MemoryState::default();
    state.set_account(SENDER, U256::from(10).pow(U256::from(18)), 3, Bytes::new());
    state.set_account(CONTRACT, U256::ZERO, 1, Bytes::from_static(code));
    Simulation::new(spec(op), Arc::new(state), attributes())
}

fn request() -> TransactionRequest {
    TransactionRequest {
        from: Some(SENDER),
        to: Some(TxKind::Call(CONTRACT)),
        ..Default::default()
    }
}

/// NUMBER, CALLER and the value at slot 1, returned as three words.
const REPORT: &[u8] = &hex!("43600052336020526001546040526060 6000f3");
/// Reverts with Error("no").
const REVERT: &[u8] = &hex!(
    "7f08c379a000000000000000000000000000000000000000000000000000000000600052"
    "6020600452 6002602452 7f6e6f000000000000000000000000000000000000000000000000000000000000604452 60646000fd"
);
/// Writes 1 to slot 0 and clears slot 1: the refund makes gas used smaller than gas needed.
const REFUND: &[u8] = &hex!("600160005560006001 5500");
/// Loops for ever.
const LOOP: &[u8] = &hex!("5b600056");

#[test]
fn calls_see_the_block_the_sender_and_overrides_under_both_rule_sets() {
    for op in [false, true] {
        let overrides = StateOverridesBuilder::default()
            .with_state_diff(
                CONTRACT,
                [(B256::with_last_byte(1), B256::with_last_byte(5))],
            )
            .build();
        let block = BlockOverrides {
            number: Some(U256::from(99)),
            ..Default::default()
        };
        let outcome = simulation(op, REPORT)
            .with_overrides(Some(overrides), Some(block))
            .call(&request())
            .unwrap();
        let CallStatus::Success(output) = outcome.status else {
            panic!("{outcome:?}")
        };
        assert_eq!(U256::from_be_slice(&output[..32]), U256::from(99));
        assert_eq!(Address::from_slice(&output[44..64]), SENDER);
        assert_eq!(U256::from_be_slice(&output[64..]), U256::from(5));
    }
}

#[test]
fn code_overrides_replace_the_contract() {
    let overrides = StateOverridesBuilder::default()
        .with_code(CONTRACT, Bytes::from_static(REPORT))
        .build();
    let outcome = simulation(true, LOOP)
        .with_overrides(Some(overrides), None)
        .call(&request())
        .unwrap();
    assert!(matches!(outcome.status, CallStatus::Success(_)));
}

#[test]
fn a_revert_is_an_outcome_with_its_data_and_an_estimate_fails_with_it() {
    for op in [false, true] {
        let simulation = simulation(op, REVERT);
        let CallStatus::Revert(data) = simulation.call(&request()).unwrap().status else {
            panic!("no revert")
        };
        assert_eq!(revert_reason(&data).as_deref(), Some("no"));
        let error = simulation.estimate_gas(&request(), PLENTY).unwrap_err();
        assert!(matches!(&error, SimulateError::Revert(found) if *found == data));
        assert_eq!(error.to_string(), "execution reverted: no");
    }
}

#[test]
fn a_call_stops_at_the_gas_cap() {
    let simulation = simulation(true, LOOP).with_gas_cap(100_000);
    let outcome = simulation.call(&request()).unwrap();
    assert_eq!(outcome.status, CallStatus::Halt("out of gas".into()));
    assert_eq!(outcome.gas_used, 100_000);
    let error = simulation.estimate_gas(&request(), PLENTY).unwrap_err();
    assert_eq!(error.to_string(), "gas required exceeds allowance (100000)");
}

#[test]
fn values_and_priced_gas_must_be_covered() {
    let simulation = simulation(true, REPORT);
    let all = U256::from(10).pow(U256::from(18));
    let too_much = TransactionRequest {
        value: Some(all + U256::from(1)),
        ..request()
    };
    let error = simulation.call(&too_much).unwrap_err().to_string();
    assert!(
        error.starts_with("insufficient funds for gas * price + value: address 0x"),
        "{error}"
    );
    assert_eq!(
        simulation
            .estimate_gas(&too_much, PLENTY)
            .unwrap_err()
            .to_string(),
        "insufficient funds for transfer"
    );
    // At this price the balance pays for 20,000 gas only.
    let price = 50_000_000_000_000;
    let priced = TransactionRequest {
        gas_price: Some(price),
        ..request()
    };
    assert_eq!(
        simulation
            .estimate_gas(&priced, PLENTY)
            .unwrap_err()
            .to_string(),
        "gas required exceeds allowance (20000)"
    );
    let below = TransactionRequest {
        gas_price: Some(1),
        gas: Some(100_000),
        ..request()
    };
    assert_eq!(
        simulation.call(&below).unwrap_err().to_string(),
        "max fee per gas less than block base fee"
    );
}

#[test]
fn a_plain_transfer_is_estimated_at_its_price() {
    for op in [false, true] {
        let to = TxKind::Call(Address::repeat_byte(0x77));
        let transfer = TransactionRequest {
            to: Some(to),
            value: Some(U256::from(1)),
            ..request()
        };
        assert_eq!(
            simulation(op, REPORT)
                .estimate_gas(&transfer, PLENTY)
                .unwrap(),
            21_000
        );
    }
}

#[test]
fn an_estimate_is_enough_and_hardly_more() {
    for op in [false, true] {
        let overrides = StateOverridesBuilder::default()
            .with_state_diff(
                CONTRACT,
                [(B256::with_last_byte(1), B256::with_last_byte(5))],
            )
            .build();
        let simulation = simulation(op, REFUND).with_overrides(Some(overrides), None);
        let estimate = simulation.estimate_gas(&request(), PLENTY).unwrap();
        let with = |gas| TransactionRequest {
            gas: Some(gas),
            ..request()
        };
        let enough = simulation.call(&with(estimate)).unwrap();
        assert!(matches!(enough.status, CallStatus::Success(_)));
        assert!(
            enough.gas_used < enough.gas_needed,
            "the refund counts only afterwards"
        );
        let short = simulation.call(&with(enough.gas_needed - 1)).unwrap();
        assert!(matches!(short.status, CallStatus::Halt(_)));
        assert!(
            estimate - enough.gas_needed <= enough.gas_needed / 50,
            "{estimate} {}",
            enough.gas_needed
        );
    }
}

#[test]
fn an_estimate_covers_the_calldata_floor() {
    let data = Bytes::from(vec![0xff; 1_000]);
    let heavy = TransactionRequest {
        input: data.into(),
        ..request()
    };
    // 21,000 + 10 gas for each of 4,000 tokens (EIP-7623).
    assert!(simulation(true, &[]).estimate_gas(&heavy, PLENTY).unwrap() >= 61_000);
}

#[test]
fn osaka_bounds_what_one_transaction_may_take() {
    let error = simulation(false, LOOP)
        .estimate_gas(&request(), PLENTY)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "gas required exceeds allowance (16777216)"
    );
}

#[test]
fn access_lists_hold_what_is_touched() {
    for op in [false, true] {
        let found = simulation(op, REPORT)
            .create_access_list(&request())
            .unwrap();
        assert_eq!(found.access_list.0.len(), 1, "{:?}", found.access_list);
        assert_eq!(found.access_list.0[0].address, CONTRACT);
        assert_eq!(
            found.access_list.0[0].storage_keys,
            [B256::with_last_byte(1)]
        );
        assert!(matches!(found.outcome.status, CallStatus::Success(_)));
    }
}

#[test]
fn contradictory_requests_are_refused() {
    let simulation = simulation(true, REPORT);
    let refused = |request: TransactionRequest| {
        let error = simulation.call(&request).unwrap_err();
        assert!(matches!(error, SimulateError::Request(_)), "{error}");
    };
    refused(TransactionRequest {
        gas_price: Some(1),
        max_fee_per_gas: Some(1),
        ..request()
    });
    refused(TransactionRequest {
        max_priority_fee_per_gas: Some(2),
        max_fee_per_gas: Some(1),
        ..request()
    });
    refused(TransactionRequest {
        chain_id: Some(1),
        ..request()
    });
    refused(TransactionRequest {
        blob_versioned_hashes: Some(vec![B256::ZERO]),
        ..request()
    });
    let mut both = request();
    both.input.input = Some(bytes!("01"));
    both.input.data = Some(bytes!("02"));
    refused(both);
}

#[test]
fn revert_reasons_are_read_and_malformed_ones_are_not() {
    let panic = [
        hex!("4e487b71").as_slice(),
        &U256::from(0x11).to_be_bytes::<32>(),
    ]
    .concat();
    assert_eq!(
        revert_reason(&panic).as_deref(),
        Some("arithmetic underflow or overflow")
    );
    let odd = [hex!("4e487b71").as_slice(), &U256::MAX.to_be_bytes::<32>()].concat();
    assert!(
        revert_reason(&odd)
            .unwrap()
            .starts_with("unknown panic code: 0x")
    );
    for data in [
        vec![],
        hex!("08c379a0").to_vec(),
        [hex!("08c379a0").as_slice(), &U256::MAX.to_be_bytes::<32>()].concat(),
        [
            hex!("08c379a0").as_slice(),
            &U256::from(32).to_be_bytes::<32>(),
            &U256::MAX.to_be_bytes::<32>(),
        ]
        .concat(),
        hex!("deadbeef00").to_vec(),
    ] {
        assert_eq!(revert_reason(&data), None, "{data:02x?}");
    }
}
