//! A small world under each rule set, and random transactions in it.
//!
//! Each test file uses its own part of this module.
#![allow(dead_code)]

pub mod actions;
pub mod contracts;
pub mod world;

use alloy_primitives::{Address, B256, U256};
use openledger_execution::{
    BlockAttributes, BlockExecution, ExecutedPayload, MemoryState, StateDelta, TxError,
    assemble_header,
};
use openledger_genesis::ChainSpec;
use openledger_primitives::{AccountChange, Block, BlockChanges, Tx};
use std::sync::Arc;

/// A block that was built, with everything that was seen on the way.
pub struct Built {
    pub payload: ExecutedPayload,
    pub block: Block,
    /// Positions in the input of what was refused, with the reason.
    pub refused: Vec<(usize, TxError)>,
    /// The parent's state with every delta applied as it came.
    pub shadow: MemoryState,
}

/// Builds a block out of transactions that `next` makes one by one, given the state so far.
pub fn build(
    spec: &Arc<ChainSpec>,
    parent: &MemoryState,
    attributes: BlockAttributes,
    count: usize,
    mut next: impl FnMut(usize, &MemoryState) -> Tx,
) -> Built {
    let mut shadow = parent.clone();
    let mut execution =
        BlockExecution::begin(spec.clone(), Arc::new(parent.clone()), attributes).expect("opens");
    apply_delta(&mut shadow, execution.opening_delta());
    let mut refused = Vec::new();
    for index in 0..count {
        let tx = next(index, &shadow);
        let before = (execution.gas_used(), execution.transactions().len());
        match execution.execute(&tx) {
            Ok(outcome) => {
                assert_eq!(execution.gas_used(), before.0 + outcome.gas_used);
                apply_delta(&mut shadow, &outcome.delta);
            }
            Err(TxError::Fatal(error)) => panic!("the node fails: {error}"),
            Err(error) => {
                assert_eq!(
                    (execution.gas_used(), execution.transactions().len()),
                    before
                );
                refused.push((index, error));
            }
        }
    }
    let payload = execution.finish().expect("closes");
    let header = assemble_header(
        spec,
        &payload,
        B256::repeat_byte(0x77),
        B256::repeat_byte(0x88),
    );
    let block = Block::new(
        header,
        payload.transactions.clone(),
        payload.attributes.withdrawals.clone(),
    );
    Built {
        payload,
        block,
        refused,
        shadow,
    }
}

/// Applies one transaction's delta as the pending state does.
pub fn apply_delta(state: &mut MemoryState, delta: &StateDelta) {
    let mut changes = BlockChanges::default();
    for account in &delta.accounts {
        changes.accounts.push(AccountChange {
            address: account.address,
            before: None,
            after: account.account,
            wiped: account.wiped,
            storage: account
                .storage
                .iter()
                .map(|(slot, value)| (*slot, U256::ZERO, *value))
                .collect(),
        });
        changes.codes.extend(account.code.clone());
    }
    state.apply(&changes);
}

/// Accounts and slots.
pub type Contents = (
    Vec<(Address, openledger_primitives::Account)>,
    Vec<(Address, U256, U256)>,
);

/// Everything in a state, in order.
pub fn contents(state: &MemoryState) -> Contents {
    let mut accounts: Vec<_> = state.accounts().collect();
    accounts.sort_unstable_by_key(|(address, _)| *address);
    let mut slots: Vec<_> = state.slots().collect();
    slots.sort_unstable();
    (accounts, slots)
}

/// The first accounts or slots that differ between two states.
pub fn difference(a: &MemoryState, b: &MemoryState) -> Option<String> {
    let ((a_accounts, a_slots), (b_accounts, b_slots)) = (contents(a), contents(b));
    fn only<T: PartialEq + std::fmt::Debug>(a: &[T], b: &[T]) -> Vec<String> {
        a.iter()
            .filter(|item| !b.contains(item))
            .map(|item| format!("{item:?}"))
            .collect()
    }
    let lists = [
        only(&a_accounts, &b_accounts),
        only(&b_accounts, &a_accounts),
        only(&a_slots, &b_slots),
        only(&b_slots, &a_slots),
    ];
    (!lists.iter().all(Vec::is_empty)).then(|| format!("{lists:#?}"))
}

/// Sum of all balances.
pub fn supply(state: &MemoryState) -> U256 {
    state.accounts().map(|(_, account)| account.balance).sum()
}

/// An account's balance, zero when there is none.
pub fn balance(state: &MemoryState, address: Address) -> U256 {
    state
        .accounts()
        .find(|(at, _)| *at == address)
        .map(|(_, account)| account.balance)
        .unwrap_or_default()
}
