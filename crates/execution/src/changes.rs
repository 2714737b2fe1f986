//! What execution changed, in the node's own terms.

use alloy_primitives::{Address, B256, Bytes, U256};
use openledger_primitives::{Account, AccountChange, BlockChanges};
use revm::{
    bytecode::Bytecode,
    database::{BundleState, TransitionState},
    state::{AccountInfo, EvmState},
};

/// What one transaction (or a block's opening) changed, for whoever keeps the pending state.
#[derive(Debug, Clone, Default)]
pub struct StateDelta {
    /// Touched accounts.
    pub accounts: Vec<AccountDelta>,
}

/// One account's new values.
#[derive(Debug, Clone)]
pub struct AccountDelta {
    /// Whose.
    pub address: Address,
    /// `None`: the account is gone, and its storage with it.
    pub account: Option<Account>,
    /// Earlier storage is gone; `storage` is all there is now.
    pub wiped: bool,
    /// Slots written, with their new value.
    pub storage: Vec<(U256, U256)>,
    /// Code that was deployed.
    pub code: Option<(B256, Bytes)>,
}

pub(crate) fn account(info: &AccountInfo) -> Account {
    Account {
        nonce: info.nonce,
        balance: info.balance,
        code_hash: info.code_hash,
    }
}

fn code_bytes(code: &Bytecode) -> Bytes {
    code.original_bytes()
}

/// The effect of one transaction. `state` holds every touched account.
pub(crate) fn delta_of(state: &EvmState) -> StateDelta {
    let accounts = state
        .iter()
        .filter(|(_, account)| account.is_touched())
        .map(|(address, touched)| {
            // An empty touched account is deleted (EIP-161); a self-destructed one as well.
            if touched.is_selfdestructed() || touched.info.is_empty() {
                // revm still lists what it wrote before it went; none of that is left.
                return AccountDelta {
                    address: *address,
                    account: None,
                    wiped: touched.is_selfdestructed() || touched.is_created(),
                    storage: Vec::new(),
                    code: None,
                };
            }
            AccountDelta {
                address: *address,
                account: Some(account(&touched.info)),
                wiped: touched.is_created(),
                storage: touched
                    .changed_storage_slots()
                    .map(|(slot, value)| (*slot, value.present_value))
                    .collect(),
                code: changed_code(touched)
                    .filter(|code| !code.is_empty())
                    .map(|code| (touched.info.code_hash, code_bytes(code))),
            }
        })
        .collect();
    StateDelta { accounts }
}

/// The code of a contract that was created, or a delegation that was set (EIP-7702).
fn changed_code(touched: &revm::state::Account) -> Option<&Bytecode> {
    (touched.is_created() || touched.original_info.code_hash != touched.info.code_hash)
        .then_some(touched.info.code.as_ref())
        .flatten()
}

/// The effect of the block's opening system calls.
pub(crate) fn delta_of_transitions(transitions: Option<&TransitionState>) -> StateDelta {
    let accounts = transitions
        .into_iter()
        .flat_map(|transitions| transitions.transitions.iter())
        .map(|(address, transition)| AccountDelta {
            address: *address,
            account: transition.info.as_ref().map(account),
            wiped: transition.storage_was_destroyed,
            storage: transition
                .storage
                .iter()
                .map(|(slot, value)| (*slot, value.present_value))
                .collect(),
            code: None,
        })
        .collect();
    StateDelta { accounts }
}

/// The effect of a whole block.
pub(crate) fn changes_of(bundle: BundleState) -> BlockChanges {
    let mut accounts: Vec<_> = bundle
        .state
        .into_iter()
        .filter_map(|(address, changed)| {
            let before = changed.original_info.as_ref().map(account);
            let after = changed.info.as_ref().map(account);
            let wiped = changed.status.was_destroyed() && before.is_some();
            let mut storage: Vec<_> = changed
                .storage
                .into_iter()
                .map(|(slot, value)| {
                    let before = if wiped {
                        U256::ZERO
                    } else {
                        value.previous_or_original_value
                    };
                    (slot, before, value.present_value)
                })
                .filter(|(_, before, after)| before != after)
                .collect();
            storage.sort_unstable_by_key(|(slot, ..)| *slot);
            (before != after || wiped || !storage.is_empty()).then_some(AccountChange {
                address,
                before,
                after,
                wiped,
                storage,
            })
        })
        .collect();
    accounts.sort_unstable_by_key(|change| change.address);
    let codes = bundle
        .contracts
        .into_iter()
        .filter(|(_, code)| !code.is_empty())
        .map(|(hash, code)| (hash, code_bytes(&code)))
        .collect();
    BlockChanges { accounts, codes }
}
