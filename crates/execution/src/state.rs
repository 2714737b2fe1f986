//! Where execution reads the state from.

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256, map::HashMap};
use openledger_primitives::{Account, BlockChanges};
use revm::{bytecode::Bytecode, database_interface::DBErrorMarker, state::AccountInfo};
use std::{fmt, sync::Arc};

/// Why the state could not be read. Never the fault of a transaction.
#[derive(Debug, Clone, thiserror::Error)]
#[error("state can not be read: {0}")]
pub struct StateError(pub Arc<dyn std::error::Error + Send + Sync>);

impl StateError {
    /// Wraps the cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Arc::from(cause.into()))
    }
}

impl DBErrorMarker for StateError {}

/// One consistent state: that after some block, or the pending one.
pub trait StateSource: Send + Sync {
    /// The account, `None` when it does not exist.
    fn account(&self, address: Address) -> Result<Option<Account>, StateError>;
    /// A storage slot, zero when it is not set.
    fn storage(&self, address: Address, slot: U256) -> Result<U256, StateError>;
    /// Code by its hash. Asking for a hash that no account has is an error.
    fn code(&self, hash: B256) -> Result<Bytes, StateError>;
    /// Hash of a canonical block below this state, zero when there is none.
    fn block_hash(&self, number: u64) -> Result<B256, StateError>;
}

/// A [`StateSource`] as revm's database.
#[derive(Clone)]
pub struct StateDb(pub Arc<dyn StateSource>);

impl fmt::Debug for StateDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StateDb")
    }
}

impl revm::Database for StateDb {
    type Error = StateError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, StateError> {
        revm::DatabaseRef::basic_ref(self, address)
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, StateError> {
        revm::DatabaseRef::code_by_hash_ref(self, code_hash)
    }

    fn storage(&mut self, address: Address, index: U256) -> Result<U256, StateError> {
        self.0.storage(address, index)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, StateError> {
        self.0.block_hash(number)
    }
}

impl revm::DatabaseRef for StateDb {
    type Error = StateError;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, StateError> {
        Ok(self.0.account(address)?.map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            account_id: None,
            // Code is fetched when it is run: most touched accounts have none.
            code: (account.code_hash == KECCAK256_EMPTY).then(Bytecode::default),
        }))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, StateError> {
        if code_hash == KECCAK256_EMPTY || code_hash == B256::ZERO {
            return Ok(Bytecode::default());
        }
        Bytecode::new_raw_checked(self.0.code(code_hash)?)
            .map_err(|e| StateError::new(e.to_string()))
    }

    fn storage_ref(&self, address: Address, index: U256) -> Result<U256, StateError> {
        self.0.storage(address, index)
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, StateError> {
        self.0.block_hash(number)
    }
}

/// A whole state in memory: genesis construction, and the model in tests.
#[derive(Debug, Clone, Default)]
pub struct MemoryState {
    accounts: HashMap<Address, Account>,
    storage: HashMap<(Address, U256), U256>,
    codes: HashMap<B256, Bytes>,
    hashes: HashMap<u64, B256>,
}

impl MemoryState {
    /// Applies a block's changes.
    pub fn apply(&mut self, changes: &BlockChanges) {
        for change in &changes.accounts {
            if change.wiped || change.after.is_none() {
                self.storage
                    .retain(|(address, _), _| *address != change.address);
            }
            match change.after {
                Some(account) => self.accounts.insert(change.address, account),
                None => self.accounts.remove(&change.address),
            };
            for (slot, _, value) in &change.storage {
                if value.is_zero() {
                    self.storage.remove(&(change.address, *slot));
                } else {
                    self.storage.insert((change.address, *slot), *value);
                }
            }
        }
        self.codes.extend(
            changes
                .codes
                .iter()
                .map(|(hash, code)| (*hash, code.clone())),
        );
    }

    /// Records a block's hash for the BLOCKHASH opcode.
    pub fn set_block_hash(&mut self, number: u64, hash: B256) {
        self.hashes.insert(number, hash);
    }

    /// Sets an account, with its code.
    pub fn set_account(&mut self, address: Address, balance: U256, nonce: u64, code: Bytes) {
        let code_hash = if code.is_empty() {
            KECCAK256_EMPTY
        } else {
            keccak256(&code)
        };
        self.codes.insert(code_hash, code);
        self.accounts.insert(
            address,
            Account {
                nonce,
                balance,
                code_hash,
            },
        );
    }

    /// All accounts, in no order.
    pub fn accounts(&self) -> impl Iterator<Item = (Address, Account)> + '_ {
        self.accounts
            .iter()
            .map(|(address, account)| (*address, *account))
    }

    /// All set slots, in no order.
    pub fn slots(&self) -> impl Iterator<Item = (Address, U256, U256)> + '_ {
        self.storage
            .iter()
            .map(|((address, slot), value)| (*address, *slot, *value))
    }
}

impl StateSource for MemoryState {
    fn account(&self, address: Address) -> Result<Option<Account>, StateError> {
        Ok(self.accounts.get(&address).copied())
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        Ok(self
            .storage
            .get(&(address, slot))
            .copied()
            .unwrap_or_default())
    }

    fn code(&self, hash: B256) -> Result<Bytes, StateError> {
        self.codes
            .get(&hash)
            .cloned()
            .ok_or_else(|| StateError::new(format!("no code with hash {hash}")))
    }

    fn block_hash(&self, number: u64) -> Result<B256, StateError> {
        Ok(self.hashes.get(&number).copied().unwrap_or_default())
    }
}
