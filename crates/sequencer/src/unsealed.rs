//! The state after a block whose header is still being made.

use crate::SequencerError;
use alloy_eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy_primitives::{
    Address, B256, Bytes, U256,
    map::{AddressMap, AddressSet, B256Map, HashMap},
};
use openledger_execution::{StateError, StateSource, history_slot};
use openledger_primitives::{Account, BlockChanges};
use openledger_storage::ExecutedBlock;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;

/// A block that the sealer will deliver, or the reason why it will not.
#[derive(Default)]
pub(crate) struct Sealing {
    outcome: Mutex<Option<Result<Arc<ExecutedBlock>, String>>>,
    done: Condvar,
}

impl Sealing {
    pub(crate) fn set(&self, outcome: Result<Arc<ExecutedBlock>, String>) {
        *self.outcome.lock() = Some(outcome);
        self.done.notify_all();
    }

    /// Gives up: whoever waits, and will wait, is told so, unless there is an outcome.
    pub(crate) fn abandon(&self) {
        self.outcome
            .lock()
            .get_or_insert_with(|| Err("the sealer has ended".into()));
        self.done.notify_all();
    }

    /// Waits for the sealed block.
    pub(crate) fn wait(&self) -> Result<Arc<ExecutedBlock>, SequencerError> {
        let mut outcome = self.outcome.lock();
        loop {
            match &*outcome {
                Some(Ok(block)) => return Ok(block.clone()),
                Some(Err(reason)) => return Err(SequencerError::Stopped(reason.clone())),
                None => self.done.wait(&mut outcome),
            }
        }
    }
}

/// The state after block `number`, which is executed but not sealed.
///
/// Whoever asks for the block's hash waits for the sealer; nothing else does.
pub(crate) struct UnsealedState {
    number: u64,
    accounts: AddressMap<Option<Account>>,
    storage: HashMap<(Address, U256), U256>,
    wiped: AddressSet,
    codes: B256Map<Bytes>,
    parent: Arc<dyn StateSource>,
    sealing: Arc<Sealing>,
}

impl UnsealedState {
    pub(crate) fn new(
        number: u64,
        changes: &BlockChanges,
        parent: Arc<dyn StateSource>,
        sealing: Arc<Sealing>,
    ) -> Self {
        let mut state = Self {
            number,
            accounts: AddressMap::default(),
            storage: HashMap::default(),
            wiped: AddressSet::default(),
            codes: changes.codes.clone(),
            parent,
            sealing,
        };
        for change in &changes.accounts {
            state.accounts.insert(change.address, change.after);
            if change.wiped || change.after.is_none() {
                state.wiped.insert(change.address);
            }
            for (slot, _, value) in &change.storage {
                state.storage.insert((change.address, *slot), *value);
            }
        }
        state
    }

    fn hash(&self) -> Result<B256, StateError> {
        self.sealing
            .wait()
            .map(|block| block.hash())
            .map_err(StateError::new)
    }

    /// The value without the effect of the next block's EIP-2935 call.
    pub(crate) fn stored(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        if let Some(value) = self.storage.get(&(address, slot)) {
            return Ok(*value);
        }
        if self.wiped.contains(&address) {
            return Ok(U256::ZERO);
        }
        self.parent.storage(address, slot)
    }
}

impl StateSource for UnsealedState {
    fn account(&self, address: Address) -> Result<Option<Account>, StateError> {
        match self.accounts.get(&address) {
            Some(account) => Ok(*account),
            None => self.parent.account(address),
        }
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        // The next block's opening call would have written this slot before its first transaction.
        if address == HISTORY_STORAGE_ADDRESS && slot == history_slot(self.number) {
            return Ok(U256::from_be_bytes(self.hash()?.0));
        }
        self.stored(address, slot)
    }

    fn code(&self, hash: B256) -> Result<Bytes, StateError> {
        match self.codes.get(&hash) {
            Some(code) => Ok(code.clone()),
            None => self.parent.code(hash),
        }
    }

    fn block_hash(&self, number: u64) -> Result<B256, StateError> {
        if number == self.number {
            self.hash()
        } else {
            self.parent.block_hash(number)
        }
    }
}

/// The plain view of an unsealed state, as `finish_with_parent` reads the history slot's old value.
pub(crate) struct Stored<'a>(pub(crate) &'a UnsealedState);

impl StateSource for Stored<'_> {
    fn account(&self, address: Address) -> Result<Option<Account>, StateError> {
        self.0.account(address)
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        self.0.stored(address, slot)
    }

    fn code(&self, hash: B256) -> Result<Bytes, StateError> {
        self.0.code(hash)
    }

    fn block_hash(&self, number: u64) -> Result<B256, StateError> {
        self.0.block_hash(number)
    }
}
