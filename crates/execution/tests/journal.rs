//! A transaction that fails validation leaves nothing behind for the next one.

mod support;

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_evm::{Evm, EvmEnv, EvmFactory, ToTxEnv, precompiles::PrecompilesMap};
use alloy_op_evm::{OpEvm, OpEvmFactory, OpTx};
use alloy_primitives::{Address, Bytes, Signature, TxKind, U256, address};
use op_revm::OpSpecId;
use openledger_execution::{
    BlockExecution, ContainedOpEvm, EvmEnvironment, MemoryState, StateDb, TxError, evm_env,
};
use openledger_primitives::{Tx, TxEnvelope};
use revm::{database::State, inspector::NoOpInspector};
use std::sync::Arc;
use support::world::{BASE_FEE, CHAIN_ID, L1Fees, Rules, sender, world};

/// Looks at the balance of sender 1, and nothing else.
const LOOKER: Address = address!("00000000000000000000000000000000000000aa");
/// 21,000 + 3 + 2,600 + 2: the account is cold.
const GAS_WHEN_COLD: u64 = 23_605;
/// 21,000 + 3 + 100 + 2: somebody warmed it.
const GAS_WHEN_WARM: u64 = 21_105;

type Database = State<StateDb>;

fn state() -> MemoryState {
    let mut state = world(L1Fees::default());
    let code: Bytes = [&[0x73], sender(1).as_slice(), &[0x31, 0x50, 0x00]]
        .concat()
        .into();
    state.set_account(LOOKER, U256::ZERO, 1, code);
    state
}

fn database() -> Database {
    State::builder()
        .with_database(StateDb(Arc::new(state())))
        .with_bundle_update()
        .build()
}

fn environment(rules: Rules) -> EvmEnv<OpSpecId> {
    match evm_env(&rules.spec(), &rules.attributes()) {
        EvmEnvironment::Op(env) => env,
        EvmEnvironment::Ethereum(_) => panic!("OP rules were asked for"),
    }
}

fn call(from: usize, nonce: u64, value: U256) -> Tx {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 100_000,
        max_fee_per_gas: u128::from(BASE_FEE),
        to: TxKind::Call(LOOKER),
        value,
        ..Default::default()
    };
    let signature = Signature::new(U256::from(1), U256::from(1), false);
    Tx::with_signer(TxEnvelope::Eip1559(tx.into_signed(signature)), sender(from))
}

/// Sender 1's transactions that fail validation: after its account was loaded, by nonce and by balance.
fn failing() -> [Tx; 2] {
    [call(1, 7, U256::ZERO), call(1, 0, U256::MAX >> 1)]
}

/// Gas of sender 0's call after sender 1's failed.
fn gas_after_failure<E>(evm: &mut E, failing: &Tx) -> u64
where
    E: Evm<DB = Database, Tx = OpTx>,
{
    assert!(evm.transact_raw(failing.to_tx_env()).is_err());
    let result = evm
        .transact_raw(call(0, 0, U256::ZERO).to_tx_env())
        .expect("a valid transaction");
    assert!(result.result.is_success());
    result.result.tx_gas_used()
}

fn plain(rules: Rules) -> OpEvm<Database, NoOpInspector, PrecompilesMap> {
    OpEvmFactory::<OpTx>::default().create_evm_with_inspector(
        database(),
        environment(rules),
        NoOpInspector,
    )
}

fn contained(rules: Rules) -> ContainedOpEvm<Database, NoOpInspector> {
    ContainedOpEvm::with_inspector(database(), environment(rules), NoOpInspector)
}

const OP_RULES: [Rules; 2] = [Rules::OpJovian, Rules::OpIsthmus];

/// Documents why [`ContainedOpEvm`] is there. When this fails, op-revm has closed the leak and the wrapper may go.
#[test]
fn the_plain_evm_leaks_warm_accounts_when_it_inspects() {
    for rules in OP_RULES {
        for tx in failing() {
            assert_eq!(
                gas_after_failure(&mut plain(rules), &tx),
                GAS_WHEN_WARM,
                "{rules:?}"
            );
        }
    }
}

#[test]
fn the_contained_evm_leaks_nothing_when_it_inspects() {
    for rules in OP_RULES {
        for tx in failing() {
            assert_eq!(
                gas_after_failure(&mut contained(rules), &tx),
                GAS_WHEN_COLD,
                "{rules:?}"
            );
        }
    }
}

#[test]
fn the_contained_evm_leaks_nothing_when_it_does_not_inspect() {
    for rules in OP_RULES {
        for tx in failing() {
            let mut without = ContainedOpEvm::new(database(), environment(rules));
            assert_eq!(
                gas_after_failure(&mut without, &tx),
                GAS_WHEN_COLD,
                "{rules:?}"
            );
            // Switched between two transactions, as tracing does.
            let mut switched = contained(rules);
            switched.set_inspector_enabled(false);
            assert!(switched.transact_raw(tx.to_tx_env()).is_err());
            switched.set_inspector_enabled(true);
            assert_eq!(
                gas_after_failure(&mut switched, &tx),
                GAS_WHEN_COLD,
                "{rules:?}"
            );
        }
    }
}

#[test]
fn a_failed_transaction_changes_neither_balance_nor_nonce() {
    let mut evm = contained(Rules::OpJovian);
    for tx in failing() {
        assert!(evm.transact_raw(tx.to_tx_env()).is_err());
    }
    let result = evm
        .transact_raw(call(0, 0, U256::ZERO).to_tx_env())
        .expect("a valid transaction");
    let touched = result.state.get(&sender(1)).expect("it was looked at");
    assert!(!touched.is_touched());
    assert_eq!(
        (touched.info.nonce, touched.info.balance),
        (0, support::balance(&state(), sender(1)))
    );
}

#[test]
fn blocks_under_all_rules_leak_nothing() {
    for rules in Rules::ALL {
        for tx in failing() {
            let mut block =
                BlockExecution::begin(rules.spec(), Arc::new(state()), rules.attributes())
                    .expect("opens");
            let error = block.execute(&tx).expect_err("it is invalid");
            assert!(
                matches!(error, TxError::NonceTooHigh(_) | TxError::Invalid(_)),
                "{error}"
            );
            let outcome = block
                .execute(&call(0, 0, U256::ZERO))
                .expect("a valid transaction");
            assert_eq!(outcome.gas_used, GAS_WHEN_COLD, "{rules:?}");
            assert!(
                outcome
                    .delta
                    .accounts
                    .iter()
                    .all(|account| account.address != sender(1)),
                "{rules:?}"
            );
        }
    }
}
