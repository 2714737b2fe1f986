//! Which genesis configurations are accepted, and the genesis block that follows from one.

use alloy_consensus::{EMPTY_ROOT_HASH, constants::EMPTY_WITHDRAWALS};
use alloy_eips::{eip7685::EMPTY_REQUESTS_HASH, eip7840::BlobParams};
use alloy_genesis::Genesis;
use alloy_primitives::{B256, Bytes, U256, address, b256, keccak256};
use op_revm::OpSpecId;
use openledger_genesis::{
    ChainSpec, ChainSpecError, OpDefaults, RuleSet, genesis_header, genesis_state,
};
use revm::primitives::hardfork::SpecId;
use serde_json::{Value, json};

fn genesis(config: Value) -> Genesis {
    let value =
        json!({ "config": config, "difficulty": "0x0", "gasLimit": "0x1c9c380", "alloc": {} });
    serde_json::from_value(value).expect("a genesis")
}

/// A configuration of the merge with `changes` on top; null removes a key.
fn with(base: &Value, changes: Value) -> Value {
    let mut config = base.clone();
    for (key, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => drop(config.as_object_mut().expect("an object").remove(key)),
            value => config[key] = value.clone(),
        }
    }
    config
}

fn merged() -> Value {
    json!({ "chainId": 900, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true })
}

fn osaka() -> Value {
    with(
        &merged(),
        json!({ "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0, "osakaTime": 0 }),
    )
}

fn jovian() -> Value {
    with(
        &merged(),
        json!({
            "chainId": 901, "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0, "graniteTime": 0,
            "holoceneTime": 0, "isthmusTime": 0, "jovianTime": 0,
            "optimism": { "eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250 },
        }),
    )
}

#[test]
fn configurations_that_this_node_implements_are_accepted() {
    let cases = [
        (merged(), SpecId::MERGE),
        (
            with(&merged(), json!({ "shanghaiTime": 0 })),
            SpecId::SHANGHAI,
        ),
        (
            with(&osaka(), json!({ "pragueTime": null, "osakaTime": null })),
            SpecId::CANCUN,
        ),
        (with(&osaka(), json!({ "osakaTime": null })), SpecId::PRAGUE),
        (osaka(), SpecId::OSAKA),
        (
            with(&osaka(), json!({ "bpo1Time": 10, "bpo2Time": 20 })),
            SpecId::OSAKA,
        ),
        // Without any word about the merge it is taken as passed.
        (json!({ "chainId": 900 }), SpecId::MERGE),
    ];
    for (config, expected) in cases {
        let spec = ChainSpec::from_genesis(&genesis(config.clone()))
            .unwrap_or_else(|e| panic!("{config}: {e}"));
        assert_eq!(
            (spec.rules(), spec.ethereum_spec_id(0)),
            (RuleSet::Ethereum, expected),
            "{config}"
        );
        assert_eq!(spec.chain_id(), 900);
    }
    for (config, expected) in [
        (jovian(), OpSpecId::JOVIAN),
        (
            with(&jovian(), json!({ "jovianTime": null })),
            OpSpecId::ISTHMUS,
        ),
    ] {
        let spec = ChainSpec::from_genesis(&genesis(config.clone()))
            .unwrap_or_else(|e| panic!("{config}: {e}"));
        assert_eq!((spec.rules(), spec.op_spec_id(0)), (RuleSet::Op, expected));
        assert_eq!(
            spec.op_defaults(),
            OpDefaults {
                elasticity: 6,
                denominator: 250
            }
        );
        assert_eq!(spec.ethereum_spec_id(0), SpecId::PRAGUE);
        assert_eq!(spec.blob_params(0), None);
    }
}

#[test]
fn configurations_that_this_node_does_not_implement_are_refused() {
    type Is = fn(&ChainSpecError) -> bool;
    let not_at_genesis: Is = |e| matches!(e, ChainSpecError::OpForkNotAtGenesis(_));
    let unsupported: Is = |e| matches!(e, ChainSpecError::UnsupportedFork(_));
    let order: Is = |e| matches!(e, ChainSpecError::ForkOrder { .. });
    let section: Is = |e| matches!(e, ChainSpecError::OptimismSection(_));
    let cases: Vec<(Value, Is)> = vec![
        (
            with(&merged(), json!({ "terminalTotalDifficulty": 1 })),
            |e| matches!(e, ChainSpecError::BeforeMerge),
        ),
        (with(&osaka(), json!({ "amsterdamTime": 0 })), unsupported),
        (with(&osaka(), json!({ "shanghaiTime": null })), order),
        (with(&osaka(), json!({ "cancunTime": null })), order),
        (with(&osaka(), json!({ "pragueTime": null })), order),
        (with(&osaka(), json!({ "cancunTime": 5 })), order),
        (with(&osaka(), json!({ "shanghaiTime": 1 })), order),
        (
            with(&jovian(), json!({ "regolithTime": null })),
            not_at_genesis,
        ),
        (with(&jovian(), json!({ "canyonTime": 1 })), not_at_genesis),
        (
            with(&jovian(), json!({ "isthmusTime": null })),
            not_at_genesis,
        ),
        (with(&jovian(), json!({ "isthmusTime": 1 })), not_at_genesis),
        (with(&jovian(), json!({ "jovianTime": 1 })), not_at_genesis),
        (with(&jovian(), json!({ "karstTime": 0 })), unsupported),
        (with(&jovian(), json!({ "interopTime": 99 })), unsupported),
        (
            with(
                &jovian(),
                json!({ "osakaTime": 0, "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0 }),
            ),
            unsupported,
        ),
        (with(&jovian(), json!({ "optimism": {} })), section),
        (with(&jovian(), json!({ "jovianTime": "soon" })), section),
        (
            with(
                &jovian(),
                json!({ "optimism": { "eip1559Elasticity": 0, "eip1559Denominator": 50 } }),
            ),
            |e| matches!(e, ChainSpecError::ZeroFeeParameter),
        ),
        (
            with(
                &jovian(),
                json!({ "optimism": { "eip1559Elasticity": 6, "eip1559Denominator": 0 } }),
            ),
            |e| matches!(e, ChainSpecError::ZeroFeeParameter),
        ),
    ];
    for (config, is) in cases {
        match ChainSpec::from_genesis(&genesis(config.clone())) {
            Ok(_) => panic!("accepted: {config}"),
            Err(error) => assert!(is(&error), "{config}: {error}"),
        }
    }
    let mut work = genesis(with(
        &merged(),
        json!({ "terminalTotalDifficultyPassed": false }),
    ));
    work.difficulty = U256::from(1);
    assert!(matches!(
        ChainSpec::from_genesis(&work),
        Err(ChainSpecError::BeforeMerge)
    ));
}

#[test]
fn forks_activate_at_their_second() {
    let config = with(
        &merged(),
        json!({ "shanghaiTime": 10, "cancunTime": 20, "pragueTime": 30, "osakaTime": 40, "bpo1Time": 50, "bpo2Time": 60,
            "blobSchedule": {
                "cancun": { "target": 3, "max": 6, "baseFeeUpdateFraction": 3338477 },
                "prague": { "target": 6, "max": 9, "baseFeeUpdateFraction": 5007716 },
                "osaka": { "target": 6, "max": 9, "baseFeeUpdateFraction": 5007716 },
                "bpo1": { "target": 10, "max": 15, "baseFeeUpdateFraction": 8346193 },
                "bpo2": { "target": 14, "max": 21, "baseFeeUpdateFraction": 11684671 },
            } }),
    );
    let spec = ChainSpec::from_genesis(&genesis(config)).expect("a valid configuration");
    for (time, expected) in [
        (9, SpecId::MERGE),
        (10, SpecId::SHANGHAI),
        (19, SpecId::SHANGHAI),
        (20, SpecId::CANCUN),
        (30, SpecId::PRAGUE),
        (39, SpecId::PRAGUE),
        (40, SpecId::OSAKA),
    ] {
        assert_eq!(spec.ethereum_spec_id(time), expected, "at {time}");
    }
    let blobs = |time| {
        spec.blob_params(time).map(|params| {
            (
                params.target_blob_count,
                params.max_blob_count,
                params.update_fraction,
            )
        })
    };
    for (time, expected) in [
        (19, None),
        (20, Some((3, 6, 3_338_477))),
        (30, Some((6, 9, 5_007_716))),
        (40, Some((6, 9, 5_007_716))),
        (49, Some((6, 9, 5_007_716))),
        (50, Some((10, 15, 8_346_193))),
        (60, Some((14, 21, 11_684_671))),
    ] {
        assert_eq!(blobs(time), expected, "at {time}");
    }
    // EIP-7918 ties the blob base fee to the base fee since Osaka.
    let cost = |time| spec.blob_params(time).map(|params| params.blob_base_cost);
    assert_eq!(
        [30, 40, 50, 60].map(cost),
        [Some(0), Some(8_192), Some(8_192), Some(8_192)]
    );
    // EIP-7594 limits what one transaction carries, whatever the block may hold.
    assert_eq!(
        spec.blob_params(60).map(|params| params.max_blobs_per_tx),
        Some(6)
    );
}

#[test]
fn without_a_schedule_blobs_have_the_forks_own_parameters() {
    for (changes, expected) in [
        (
            json!({ "pragueTime": null, "osakaTime": null }),
            BlobParams::cancun(),
        ),
        (json!({ "osakaTime": null }), BlobParams::prague()),
        (json!({}), BlobParams::osaka()),
    ] {
        let spec = ChainSpec::from_genesis(&genesis(with(&osaka(), changes)))
            .expect("a valid configuration");
        assert_eq!(spec.blob_params(0), Some(expected));
    }
}

#[test]
fn the_genesis_state_has_no_empty_accounts_and_no_zero_slots() {
    let genesis: Genesis = serde_json::from_value(json!({
        "config": merged(), "difficulty": "0x0", "gasLimit": "0x1c9c380",
        "alloc": {
            "0000000000000000000000000000000000000003": { "balance": "0x5", "nonce": "0x2" },
            "0000000000000000000000000000000000000001": { "balance": "0x0" },
            "0000000000000000000000000000000000000002": { "balance": "0x0", "code": "0x00", "storage": {
                "0x0000000000000000000000000000000000000000000000000000000000000002": "0x0000000000000000000000000000000000000000000000000000000000000007",
                "0x0000000000000000000000000000000000000000000000000000000000000001": "0x0000000000000000000000000000000000000000000000000000000000000000",
            } },
        },
    }))
    .expect("a genesis");
    let state = genesis_state(&genesis);
    let [contract, account] = state.accounts.as_slice() else {
        panic!("{state:?}")
    };
    assert_eq!(
        contract.address,
        address!("0000000000000000000000000000000000000002")
    );
    assert_eq!(
        contract.storage,
        [(U256::from(2), U256::ZERO, U256::from(7))]
    );
    let code_hash = contract.after.expect("it exists").code_hash;
    assert_eq!(code_hash, keccak256([0]));
    assert_eq!(state.codes.get(&code_hash), Some(&Bytes::from_static(&[0])));
    let after = account.after.expect("it exists");
    assert_eq!((after.nonce, after.balance), (2, U256::from(5)));
    assert!(
        state
            .accounts
            .iter()
            .all(|change| change.before.is_none() && !change.wiped)
    );
}

#[test]
fn the_genesis_header_has_the_fields_of_its_fork() {
    let (state_root, passer_root) = (B256::repeat_byte(1), B256::repeat_byte(2));
    let header = |config| {
        let genesis = genesis(config);
        let spec = ChainSpec::from_genesis(&genesis).expect("a valid configuration");
        genesis_header(&spec, &genesis, state_root, passer_root)
    };
    let merge = header(merged());
    assert_eq!(
        (
            merge.withdrawals_root,
            merge.blob_gas_used,
            merge.requests_hash
        ),
        (None, None, None)
    );
    assert_eq!(
        (
            merge.state_root,
            merge.transactions_root,
            merge.receipts_root
        ),
        (state_root, EMPTY_ROOT_HASH, EMPTY_ROOT_HASH)
    );
    assert_eq!(merge.base_fee_per_gas, Some(1_000_000_000));

    let prague = header(osaka());
    assert_eq!(prague.withdrawals_root, Some(EMPTY_WITHDRAWALS));
    assert_eq!(
        (prague.blob_gas_used, prague.excess_blob_gas),
        (Some(0), Some(0))
    );
    assert_eq!(prague.parent_beacon_block_root, Some(B256::ZERO));
    assert_eq!(prague.requests_hash, Some(EMPTY_REQUESTS_HASH));

    let jovian_header = header(jovian());
    assert_eq!(jovian_header.withdrawals_root, Some(passer_root));
    assert_eq!(jovian_header.requests_hash, Some(EMPTY_REQUESTS_HASH));
    // Version 1, denominator 250, elasticity 6, no minimum.
    assert_eq!(
        jovian_header.extra_data.as_ref(),
        [1, 0, 0, 0, 250, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0]
    );
    let isthmus = header(with(&jovian(), json!({ "jovianTime": null })));
    assert_eq!(isthmus.extra_data.as_ref(), [0, 0, 0, 0, 250, 0, 0, 0, 6]);
}

/// An empty genesis under Osaka's rules, whose hash anvil 1.7.1 shows.
#[test]
fn a_known_genesis_has_its_known_hash() {
    let value = json!({
        "config": with(&osaka(), json!({ "chainId": 31337 })),
        "difficulty": "0x0", "gasLimit": "0x1c9c380", "timestamp": "0x6b00e714", "baseFeePerGas": "0x3b9aca00", "alloc": {},
    });
    let genesis: Genesis = serde_json::from_value(value).expect("a genesis");
    let spec = ChainSpec::from_genesis(&genesis).expect("a valid configuration");
    let header = genesis_header(&spec, &genesis, EMPTY_ROOT_HASH, B256::ZERO);
    assert_eq!(
        header.hash_slow(),
        b256!("f688b227d7b908ea8077c2109e16e2e4621b08e68900026eee85b28d9af5bd0d")
    );
}
