//! Random mixes of valid and invalid transactions: what was built is what re-execution finds, whatever was refused on
//! the way.
//!
//! `OPENLEDGER_RANDOM_TXS` sets the number of transactions for each rule set (default 10,000).

mod support;

use alloy_consensus::{Transaction, TransactionEnvelope};
use alloy_primitives::{Address, KECCAK256_EMPTY, U256};
use openledger_execution::{MemoryState, StateSource, execute_block, verify_block};
use openledger_primitives::TxType;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use std::{cell::Cell, sync::Arc};
use support::{
    Built,
    actions::{Action, action},
    build, difference, supply,
    world::{BASE_FEE, L1Fees, Rules, withdrawal, world},
};

const TXS_PER_BLOCK: usize = 25;
const BLOCKS: usize = 2;

fn fees() -> impl Strategy<Value = L1Fees> {
    (
        0u64..100_000_000_000,
        0u64..100_000_000_000,
        0u32..100_000,
        0u32..2_000_000,
        prop_oneof![Just(0), 0u32..100_000],
        prop_oneof![Just(0), 0u64..1_000_000_000],
        prop_oneof![Just(0u16), Just(400), Just(u16::MAX)],
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
                operator_fee_constant: constant,
                da_footprint_gas_scalar: da,
            },
        )
}

fn run(rules: Rules) {
    let txs = std::env::var("OPENLEDGER_RANDOM_TXS")
        .ok()
        .and_then(|txs| txs.parse().ok())
        .unwrap_or(10_000);
    let cases = (txs / (TXS_PER_BLOCK * BLOCKS)).max(1) as u32;
    let included = Cell::new(0);
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let blocks = prop::collection::vec(prop::collection::vec(action(), TXS_PER_BLOCK), BLOCKS);
    let withdrawals = prop::collection::vec((0u8..4, 0u64..1_000), 0..3);
    runner
        .run(
            &(fees(), blocks, withdrawals),
            |(fees, blocks, withdrawals)| {
                let count = story(rules, fees, &blocks, &withdrawals)?;
                included.set(included.get() + count);
                Ok(())
            },
        )
        .unwrap_or_else(|error| panic!("{rules:?}: {error}"));
    // The mix would prove little if nearly everything were refused.
    assert!(
        included.get() > txs / 4,
        "only {} of {txs} were included",
        included.get()
    );
}

/// Builds the blocks, re-executes each, and returns how many transactions were included.
fn story(
    rules: Rules,
    fees: L1Fees,
    blocks: &[Vec<Action>],
    withdrawals: &[(u8, u64)],
) -> Result<usize, TestCaseError> {
    let mut included = 0;
    let spec = rules.spec();
    let mut state = world(fees);
    for (height, actions) in blocks.iter().enumerate() {
        let mut attributes = rules.attributes();
        attributes.number += height as u64;
        attributes.timestamp += height as u64;
        if !rules.is_op() {
            let list: Vec<_> = withdrawals
                .iter()
                .map(|(to, gwei)| withdrawal(0, Address::repeat_byte(*to), *gwei))
                .collect();
            attributes.withdrawals = Some(list.into());
        }
        let built = build(&spec, &state, attributes, actions.len(), |index, state| {
            actions[index].tx(index, state)
        });

        for (index, action) in actions
            .iter()
            .enumerate()
            .filter(|(_, action)| action.is_flawed())
        {
            prop_assert!(
                built.refused.iter().any(|(refused, _)| *refused == index),
                "included: {action:?}"
            );
        }
        let source = Arc::new(state.clone());
        let receipts = built.payload.receipts.as_slice();
        let again = verify_block(
            &spec,
            source.clone(),
            &built.block,
            Some((receipts, &built.payload.changes)),
        );
        let again = again.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(again.gas_used, built.payload.gas_used);
        prop_assert_eq!(again.blob_gas_used, built.payload.blob_gas_used);
        prop_assert_eq!(&again.requests, &built.payload.requests);
        let fresh = execute_block(&spec, source, &built.block)
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&fresh.receipts, &built.payload.receipts);
        prop_assert_eq!(&fresh.changes, &built.payload.changes);

        included += built.payload.transactions.len();
        state = check_state(rules, state, &built)?;
    }
    Ok(included)
}

/// The deltas one by one make the state that the block's changes make at once, and no money appears or vanishes.
fn check_state(
    rules: Rules,
    before: MemoryState,
    built: &Built,
) -> Result<MemoryState, TestCaseError> {
    let mut after = before.clone();
    after.apply(&built.payload.changes);
    // Withdrawals come after the last transaction, outside of every delta.
    let mut shadow = built.shadow.clone();
    let mut withdrawn = U256::ZERO;
    for withdrawal in built
        .payload
        .attributes
        .withdrawals
        .iter()
        .flat_map(|list| list.iter())
    {
        let amount = U256::from(withdrawal.amount) * U256::from(1_000_000_000);
        if !amount.is_zero() {
            let balance = support::balance(&shadow, withdrawal.address);
            shadow.set_account(withdrawal.address, balance + amount, 0, Default::default());
            withdrawn += amount;
        }
    }
    prop_assert_eq!(difference(&shadow, &after), None);
    for (address, account) in shadow.accounts() {
        let code = shadow.code(account.code_hash);
        prop_assert!(
            account.code_hash == KECCAK256_EMPTY || code.is_ok(),
            "the code of {address} is missing"
        );
    }

    let txs = &built.payload.transactions;
    let expected = if rules.is_op() {
        let minted = txs
            .iter()
            .filter_map(|tx| tx.as_deposit_tx())
            .map(|deposit| U256::from(deposit.mint))
            .sum::<U256>();
        supply(&before) + minted
    } else {
        // The base fee is burnt; at no excess a unit of blob gas costs one wei.
        let burnt = U256::from(built.payload.gas_used) * U256::from(BASE_FEE)
            + U256::from(built.payload.blob_gas_used);
        supply(&before) + withdrawn - burnt
    };
    prop_assert_eq!(supply(&after), expected);

    if !rules.is_op() {
        let blobs: u64 = txs.iter().filter_map(|tx| tx.blob_gas_used()).sum();
        prop_assert_eq!(built.payload.blob_gas_used, blobs);
    }
    let forbidden = if rules.is_op() {
        TxType::Eip4844
    } else {
        TxType::Deposit
    };
    prop_assert!(txs.iter().all(|tx| tx.tx_type() != forbidden));
    Ok(after)
}

#[test]
fn jovian_blocks_are_what_re_execution_finds() {
    run(Rules::OpJovian);
}

#[test]
fn isthmus_blocks_are_what_re_execution_finds() {
    run(Rules::OpIsthmus);
}

#[test]
fn prague_blocks_are_what_re_execution_finds() {
    run(Rules::Prague);
}

#[test]
fn osaka_blocks_are_what_re_execution_finds() {
    run(Rules::Osaka);
}
