//! The fee market, and what a parent decides about its child's header.

mod support;

use alloy_consensus::Header;
use alloy_primitives::{B64, B256, Bytes, U256};
use openledger_execution::{
    FeeParams, HeaderError, expected_excess_blob_gas, next_base_fee, validate_header,
};
use openledger_genesis::FeeMarket;
use openledger_primitives::SealedHeader;
use support::{
    build,
    world::{L1Fees, Rules, genesis, world},
};

/// Two blocks that follow each other under the rules.
fn pair(rules: Rules) -> (SealedHeader, Header) {
    let spec = rules.spec();
    let state = world(L1Fees::default());
    let no_tx = |_: usize, _: &_| -> openledger_primitives::Tx { unreachable!("an empty block") };
    let parent = build(&spec, &state, rules.attributes(), 0, no_tx)
        .block
        .header;
    let mut attributes = rules.attributes();
    attributes.number = 2;
    attributes.timestamp += 1;
    attributes.parent_hash = parent.seal();
    attributes.base_fee = next_base_fee(&spec, &parent).expect("a valid parent");
    attributes.excess_blob_gas = expected_excess_blob_gas(&spec, &parent, attributes.timestamp);
    let child = build(&spec, &state, attributes, 0, no_tx)
        .block
        .header
        .inner()
        .clone();
    (parent, child)
}

#[test]
fn a_block_that_was_built_is_valid_on_its_parent() {
    for rules in Rules::ALL {
        let (parent, child) = pair(rules);
        validate_header(&rules.spec(), &child, &parent)
            .unwrap_or_else(|error| panic!("{rules:?}: {error}"));
    }
}

#[test]
fn each_wrong_field_is_refused() {
    type Tamper = fn(&mut Header);
    let everywhere: [(&str, Tamper); 18] = [
        ("parentHash", |h| h.parent_hash = B256::ZERO),
        ("number", |h| h.number += 1),
        ("number", |h| h.number -= 1),
        ("timestamp", |h| h.timestamp -= 1),
        ("timestamp", |h| h.timestamp = 0),
        ("difficulty", |h| h.difficulty = U256::from(1)),
        ("nonce", |h| h.nonce = B64::with_last_byte(1)),
        ("sha3Uncles", |h| h.ommers_hash = B256::ZERO),
        ("gasUsed", |h| h.gas_used = h.gas_limit + 1),
        ("gasLimit", |h| h.gas_limit = 4_999),
        ("gasLimit", |h| h.gas_limit = u64::MAX),
        ("baseFeePerGas", |h| {
            h.base_fee_per_gas = h.base_fee_per_gas.map(|fee| fee + 1)
        }),
        ("baseFeePerGas", |h| h.base_fee_per_gas = None),
        ("withdrawalsRoot (presence)", |h| h.withdrawals_root = None),
        ("blobGasUsed (presence)", |h| h.blob_gas_used = None),
        ("parentBeaconBlockRoot (presence)", |h| {
            h.parent_beacon_block_root = None
        }),
        ("excessBlobGas", |h| h.excess_blob_gas = Some(1)),
        ("requestsHash (presence)", |h| h.requests_hash = None),
    ];
    let ethereum: [(&str, Tamper); 5] = [
        ("gasLimit", |h| h.gas_limit += h.gas_limit / 1_024 + 1),
        ("gasLimit", |h| h.gas_limit -= h.gas_limit / 1_024 + 1),
        ("extraData", |h| h.extra_data = Bytes::from(vec![0; 33])),
        ("blobGasUsed", |h| h.blob_gas_used = Some(1)),
        ("blobGasUsed", |h| h.blob_gas_used = Some(131_072 * 100)),
    ];
    let op: [(&str, Tamper); 5] = [
        ("extraData", |h| h.extra_data = Bytes::new()),
        ("extraData", |h| {
            h.extra_data = [&h.extra_data[..], &[0]].concat().into()
        }),
        ("extraData", |h| {
            h.extra_data = h.extra_data[..h.extra_data.len() - 1].to_vec().into()
        }),
        ("extraData", |h| {
            h.extra_data = vec![9; h.extra_data.len()].into()
        }),
        ("requestsHash", |h| h.requests_hash = Some(B256::ZERO)),
    ];
    for rules in Rules::ALL {
        let (parent, child) = pair(rules);
        let own = if rules.is_op() { &op } else { &ethereum };
        for (field, tamper) in everywhere.iter().chain(own) {
            let mut header = child.clone();
            tamper(&mut header);
            let error = validate_header(&rules.spec(), &header, &parent).expect_err(field);
            assert_eq!(named(&error), *field, "{rules:?}: {error}");
        }
    }
}

fn named(error: &HeaderError) -> &'static str {
    match error {
        HeaderError::Field { field, .. } | HeaderError::Bounds { field, .. } => field,
        HeaderError::ExtraData(_) => "extraData",
    }
}

#[test]
fn op_gas_limits_move_freely() {
    for rules in [Rules::OpJovian, Rules::OpIsthmus] {
        let (parent, mut child) = pair(rules);
        child.gas_limit *= 4;
        validate_header(&rules.spec(), &child, &parent).expect("the L1's SystemConfig decides");
    }
}

/// EIP-1559 with unbounded integers.
fn fee(used: u64, limit: u64, base_fee: u64, market: FeeMarket) -> u64 {
    let target = i128::from(limit) / i128::from(market.elasticity);
    let (used, base) = (i128::from(used), i128::from(base_fee));
    let denominator = i128::from(market.denominator);
    let next = if used == target {
        base
    } else if used > target {
        base + (base * (used - target) / target / denominator).max(1)
    } else {
        (base - base * (target - used) / target / denominator).max(0)
    };
    (next as u64).max(market.min_base_fee)
}

#[test]
fn the_base_fee_follows_the_parents_own_parameters() {
    let limit = 30_000_000;
    let markets = [
        (250, 6, 0),
        (50, 2, 0),
        (8, 2, 1_000_000),
        (u32::MAX, 1, 5),
        (1, 10, 0),
    ];
    for (denominator, elasticity, min_base_fee) in markets {
        for base_fee in [0, 1, 7, 999_999, 1_000_000_000, 5_000_000_000_000] {
            for used in [0, 1, limit / 6, limit / 3, limit / 2, limit] {
                for footprint in [0, limit / 4, limit] {
                    let jovian = FeeMarket {
                        denominator,
                        elasticity,
                        min_base_fee,
                    };
                    let isthmus = FeeMarket {
                        min_base_fee: 0,
                        ..jovian
                    };
                    for (rules, market, counted) in [
                        (Rules::OpJovian, jovian, used.max(footprint)),
                        (Rules::OpIsthmus, isthmus, used),
                    ] {
                        let spec = rules.spec();
                        let parent = Header {
                            gas_limit: limit,
                            gas_used: used,
                            blob_gas_used: Some(footprint),
                            base_fee_per_gas: Some(base_fee),
                            extra_data: FeeParams::encode(&spec, 1_000, market),
                            timestamp: 1_000,
                            ..Default::default()
                        };
                        assert_eq!(FeeParams::of(&spec, &parent), Ok(market), "{rules:?}");
                        assert_eq!(
                            next_base_fee(&spec, &parent),
                            Ok(fee(counted, limit, base_fee, market)),
                            "{rules:?} {market:?} base fee {base_fee} used {used} footprint {footprint}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn ethereum_base_fees_know_only_gas() {
    let market = FeeMarket {
        denominator: 8,
        elasticity: 2,
        min_base_fee: 0,
    };
    for rules in [Rules::Prague, Rules::Osaka] {
        for used in [0, 1, 15_000_000, 15_000_001, 30_000_000] {
            let parent = Header {
                gas_limit: 30_000_000,
                gas_used: used,
                blob_gas_used: Some(30_000_000),
                base_fee_per_gas: Some(1_000_000_000),
                timestamp: 1_000,
                ..Default::default()
            };
            let expected = fee(used, 30_000_000, 1_000_000_000, market);
            assert_eq!(
                next_base_fee(&rules.spec(), &parent),
                Ok(expected),
                "{rules:?} used {used}"
            );
        }
    }
}

#[test]
fn extra_data_has_the_forks_own_shape() {
    let market = FeeMarket {
        denominator: 0x0102_0304,
        elasticity: 0x0506_0708,
        min_base_fee: 0x090a_0b0c_0d0e_0f10,
    };
    let jovian = FeeParams::encode(&Rules::OpJovian.spec(), 0, market);
    assert_eq!(
        jovian.as_ref(),
        [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    );
    let isthmus = FeeParams::encode(&Rules::OpIsthmus.spec(), 0, market);
    assert_eq!(isthmus.as_ref(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);

    let zero_denominator = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    let zero_elasticity = [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (rules, bytes) in [
        (Rules::OpJovian, &zero_denominator[..]),
        (Rules::OpJovian, &zero_elasticity),
        (Rules::OpJovian, &isthmus),
        (Rules::OpIsthmus, &jovian),
        (Rules::OpIsthmus, &[0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ] {
        let header = Header {
            extra_data: bytes.to_vec().into(),
            ..Default::default()
        };
        assert!(
            FeeParams::of(&rules.spec(), &header).is_err(),
            "{rules:?} {bytes:?}"
        );
    }
}

#[test]
fn excess_blob_gas_follows_the_schedule_of_the_childs_time() {
    let spec = openledger_genesis::ChainSpec::from_genesis(&genesis(serde_json::json!({
        "config": {
            "chainId": 1, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
            "shanghaiTime": 0, "cancunTime": 100, "pragueTime": 200,
        },
        "difficulty": "0x0", "gasLimit": "0x1c9c380", "alloc": {},
    })))
    .expect("a valid configuration");
    let blob = 131_072;
    let parent = |timestamp, blobs: Option<(u64, u64)>| Header {
        timestamp,
        base_fee_per_gas: Some(7),
        blob_gas_used: blobs.map(|(used, _)| used * blob),
        excess_blob_gas: blobs.map(|(_, excess)| excess * blob),
        ..Default::default()
    };
    for (parent, time, expected) in [
        (parent(98, None), 99, None),
        // The first block with blobs starts at zero.
        (parent(99, None), 100, Some(0)),
        // Target 3 under Cancun, 6 under Prague.
        (parent(100, Some((6, 0))), 101, Some(3 * blob)),
        (parent(100, Some((3, 0))), 101, Some(0)),
        (parent(100, Some((0, 10))), 101, Some(7 * blob)),
        (parent(199, Some((6, 5))), 200, Some(5 * blob)),
        (parent(200, Some((9, 0))), 201, Some(3 * blob)),
    ] {
        assert_eq!(
            expected_excess_blob_gas(&spec, &parent, time),
            expected,
            "at {time}"
        );
    }
    for rules in [Rules::OpJovian, Rules::OpIsthmus] {
        let full = Header {
            blob_gas_used: Some(30_000_000),
            excess_blob_gas: Some(0),
            ..Default::default()
        };
        assert_eq!(
            expected_excess_blob_gas(&rules.spec(), &full, 1),
            Some(0),
            "the DA footprint is no blob gas"
        );
    }
}
