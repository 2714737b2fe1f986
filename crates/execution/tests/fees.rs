//! Where every wei of a fee goes, by formulas written down here a second time.

mod support;

use alloy_consensus::Transaction;
use alloy_primitives::U256;
use openledger_execution::{MemoryState, StateSource};
use openledger_primitives::Tx;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use support::{
    actions::{Action, action},
    build,
    world::*,
};

/// Scaled by 10^6: `max(100e6, -42,585,600 + 836,500 * fastlz)`.
fn estimated_size(encoded: &[u8]) -> U256 {
    let fastlz = i128::from(op_alloy_flz::flz_compress_len(encoded));
    U256::from((836_500 * fastlz - 42_585_600).max(100_000_000) as u128)
}

fn l1_fee(fees: L1Fees, encoded: &[u8]) -> U256 {
    let scaled = U256::from(fees.base_fee_scalar) * U256::from(fees.base_fee) * U256::from(16)
        + U256::from(fees.blob_base_fee_scalar) * U256::from(fees.blob_base_fee);
    estimated_size(encoded) * scaled / U256::from(1_000_000_000_000_u64)
}

fn operator_fee(rules: Rules, fees: L1Fees, gas: u64) -> U256 {
    let product = U256::from(gas) * U256::from(fees.operator_fee_scalar);
    let variable = if rules == Rules::OpJovian {
        product * U256::from(100)
    } else {
        product / U256::from(1_000_000)
    };
    variable + U256::from(fees.operator_fee_constant)
}

fn da_footprint(fees: L1Fees, encoded: &[u8]) -> u64 {
    (estimated_size(encoded) / U256::from(1_000_000)).to::<u64>()
        * u64::from(fees.da_footprint_gas_scalar)
}

#[derive(Default)]
struct Expected {
    sequencer: U256,
    base: U256,
    l1: U256,
    operator: U256,
    footprint: u64,
}

impl Expected {
    fn add(&mut self, rules: Rules, fees: L1Fees, tx: &Tx, gas: u64) {
        if tx.is_deposit() {
            return;
        }
        let tip = tx.effective_tip_per_gas(BASE_FEE).expect("it was included");
        self.sequencer += U256::from(tip) * U256::from(gas);
        self.base += U256::from(BASE_FEE) * U256::from(gas);
        self.l1 += l1_fee(fees, tx.encoded());
        self.operator += operator_fee(rules, fees, gas);
        self.footprint += da_footprint(fees, tx.encoded());
    }
}

fn fees() -> impl Strategy<Value = L1Fees> {
    let scalar = |most: u32| prop_oneof![1 => Just(0), 4 => 0..most];
    (
        0u64..100_000_000_000,
        0u64..100_000_000_000,
        scalar(100_000),
        scalar(2_000_000),
        scalar(100_000),
        any::<u32>(),
        0u16..1_000,
    )
        .prop_map(
            |(
                base_fee,
                blob_base_fee,
                base_fee_scalar,
                blob_base_fee_scalar,
                scalar,
                constant,
                da,
            )| L1Fees {
                base_fee,
                blob_base_fee,
                base_fee_scalar,
                blob_base_fee_scalar,
                operator_fee_scalar: scalar,
                operator_fee_constant: constant.into(),
                da_footprint_gas_scalar: da,
            },
        )
}

fn check(rules: Rules, fees: L1Fees, actions: &[Action]) -> Result<(), TestCaseError> {
    let parent = world(fees);
    let built = build(
        &rules.spec(),
        &parent,
        rules.attributes(),
        actions.len(),
        |index, state| actions[index].tx(index, state),
    );
    let mut expected = Expected::default();
    let mut gas_before = 0;
    for (tx, receipt) in built
        .payload
        .transactions
        .iter()
        .zip(&built.payload.receipts)
    {
        expected.add(rules, fees, tx, receipt.cumulative_gas_used - gas_before);
        gas_before = receipt.cumulative_gas_used;
    }
    let mut after = parent.clone();
    after.apply(&built.payload.changes);
    let gained = |address| support::balance(&after, address) - support::balance(&parent, address);
    prop_assert_eq!(gained(SEQUENCER_FEE_VAULT), expected.sequencer);
    prop_assert_eq!(gained(BASE_FEE_VAULT), expected.base);
    prop_assert_eq!(gained(L1_FEE_VAULT), expected.l1);
    prop_assert_eq!(gained(OPERATOR_FEE_VAULT), expected.operator);
    let footprint = if rules == Rules::OpJovian {
        expected.footprint
    } else {
        0
    };
    prop_assert_eq!(built.payload.blob_gas_used, footprint);
    prop_assert_eq!(built.block.header.blob_gas_used, Some(footprint));
    prop_assert!(footprint <= GAS_LIMIT);
    Ok(())
}

#[test]
fn fees_go_to_the_vaults_to_the_wei() {
    for rules in [Rules::OpJovian, Rules::OpIsthmus] {
        let mut runner = TestRunner::new(Config {
            cases: 200,
            failure_persistence: None,
            ..Config::default()
        });
        runner
            .run(
                &(fees(), prop::collection::vec(action(), 25)),
                |(fees, actions)| check(rules, fees, &actions),
            )
            .unwrap_or_else(|error| panic!("{rules:?}: {error}"));
    }
}

#[test]
fn a_sender_pays_exactly_what_the_vaults_receive() {
    let fees = L1Fees {
        base_fee: 30_000_000_000,
        blob_base_fee: 5_000_000_000,
        base_fee_scalar: 5_227,
        blob_base_fee_scalar: 1_014_213,
        operator_fee_scalar: 1_000,
        operator_fee_constant: 500,
        da_footprint_gas_scalar: 400,
    };
    for (rules, operator) in [
        // 21,000 * 1,000 * 100 + 500 and 21,000 * 1,000 / 10^6 + 500.
        (Rules::OpJovian, 2_100_000_500_u64),
        (Rules::OpIsthmus, 521),
    ] {
        let parent = world(fees);
        let transfer = Action {
            sender: 0,
            flaw: support::actions::Flaw::None,
            form: support::actions::Form::Dynamic,
            gas: 100_000,
            tip: 7,
            what: support::actions::What::Transfer {
                to: 19,
                value: 1_000,
            },
        };
        let built = build(&rules.spec(), &parent, rules.attributes(), 1, |_, state| {
            transfer.tx(0, state)
        });
        let [tx] = built.payload.transactions.as_slice() else {
            panic!("{:?}", built.refused)
        };
        let mut after: MemoryState = parent.clone();
        after.apply(&built.payload.changes);
        let gas = built.payload.gas_used;
        assert!(gas > 21_000, "the access list costs gas");
        let operator = U256::from(operator) + operator_fee(rules, fees, gas)
            - operator_fee(rules, fees, 21_000);
        let paid = support::balance(&parent, sender(0)) - support::balance(&after, sender(0));
        let execution = U256::from(gas) * U256::from(BASE_FEE + 7);
        assert_eq!(
            paid,
            U256::from(1_000) + execution + l1_fee(fees, tx.encoded()) + operator
        );
        assert_eq!(
            after
                .account(sender(0))
                .expect("memory")
                .map(|account| account.nonce),
            Some(1)
        );
    }
}
