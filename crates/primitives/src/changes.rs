//! What a block changed in the state, with what was there before.

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, map::B256Map};

/// The account fields that execution reads; the storage root is the trie's concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Number of transactions sent, or of contracts created.
    pub nonce: u64,
    /// Balance in wei of the native coin.
    pub balance: U256,
    /// Keccak of the code, [`KECCAK256_EMPTY`] for none.
    pub code_hash: B256,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            nonce: 0,
            balance: U256::ZERO,
            code_hash: KECCAK256_EMPTY,
        }
    }
}

/// One account's change over a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// Whose account.
    pub address: Address,
    /// Before the block; `None`: the account did not exist.
    pub before: Option<Account>,
    /// After the block; `None`: the account does not exist.
    pub after: Option<Account>,
    /// True when the storage that existed before the block was destroyed (SELFDESTRUCT before Cancun);
    /// `storage` then lists what was written afterwards, with `before` zero.
    pub wiped: bool,
    /// Changed slots, ascending: slot, value before, value after.
    pub storage: Vec<(U256, U256, U256)>,
}

/// The state changes of one block: accounts ascending by address, each at most once, nothing that did not change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockChanges {
    /// Changed accounts.
    pub accounts: Vec<AccountChange>,
    /// Code deployed in the block, by hash.
    pub codes: B256Map<Bytes>,
}
