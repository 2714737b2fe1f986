//! The open block as readers see it: what is preconfirmed, no more.

use alloy_primitives::{Address, B256, Bytes, U256};
use openledger_execution::{BlockAttributes, StateDelta, StateError, StateSource};
use openledger_primitives::{Account, Receipt, Tx};
use std::{fmt, sync::Arc};

/// A snapshot of the open block after its last preconfirmed transaction. Cheap to clone: everything is shared.
#[derive(Clone)]
pub struct PendingBlock {
    /// What the block was opened with.
    pub attributes: BlockAttributes,
    /// Preconfirmed transactions in order, the forced ones first.
    pub transactions: imbl::Vector<Tx>,
    /// One receipt for each.
    pub receipts: imbl::Vector<Receipt>,
    index: imbl::HashMap<B256, usize>,
    accounts: imbl::HashMap<Address, Entry>,
    storage: imbl::HashMap<(Address, U256), U256>,
    codes: imbl::HashMap<B256, Bytes>,
    base: Arc<dyn StateSource>,
}

#[derive(Clone, Copy)]
struct Entry {
    account: Option<Account>,
    /// Storage from before the block is gone.
    wiped: bool,
}

impl fmt::Debug for PendingBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingBlock")
            .field("number", &self.attributes.number)
            .field("transactions", &self.transactions.len())
            .finish_non_exhaustive()
    }
}

impl PendingBlock {
    /// Position of a transaction in the open block.
    pub fn position(&self, tx: B256) -> Option<usize> {
        self.index.get(&tx).copied()
    }

    /// The open block's number.
    pub fn number(&self) -> u64 {
        self.attributes.number
    }
}

impl StateSource for PendingBlock {
    fn account(&self, address: Address) -> Result<Option<Account>, StateError> {
        match self.accounts.get(&address) {
            Some(entry) => Ok(entry.account),
            None => self.base.account(address),
        }
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        if let Some(value) = self.storage.get(&(address, slot)) {
            return Ok(*value);
        }
        if self.accounts.get(&address).is_some_and(|entry| entry.wiped) {
            return Ok(U256::ZERO);
        }
        self.base.storage(address, slot)
    }

    fn code(&self, hash: B256) -> Result<Bytes, StateError> {
        match self.codes.get(&hash) {
            Some(code) => Ok(code.clone()),
            None => self.base.code(hash),
        }
    }

    fn block_hash(&self, number: u64) -> Result<B256, StateError> {
        if number + 1 == self.attributes.number {
            return Ok(self.attributes.parent_hash);
        }
        self.base.block_hash(number)
    }
}

/// Grows the open block; [`snapshot`](Self::snapshot) is what gets published.
#[derive(Debug)]
pub struct PendingBuilder(PendingBlock);

impl PendingBuilder {
    /// An open block without transactions, on the state of its parent.
    pub fn new(attributes: BlockAttributes, base: Arc<dyn StateSource>) -> Self {
        Self(PendingBlock {
            attributes,
            transactions: imbl::Vector::new(),
            receipts: imbl::Vector::new(),
            index: imbl::HashMap::new(),
            accounts: imbl::HashMap::new(),
            storage: imbl::HashMap::new(),
            codes: imbl::HashMap::new(),
            base,
        })
    }

    /// Applies what the opening system calls, or a transaction, changed.
    pub fn apply(&mut self, delta: &StateDelta) {
        let block = &mut self.0;
        for change in &delta.accounts {
            let address = change.address;
            let gone = change.wiped || change.account.is_none();
            let before = block.accounts.get(&address).is_some_and(|entry| entry.wiped);
            if gone && block.accounts.contains_key(&address) {
                // Rare (a contract created and destroyed in one block), so a scan is fine.
                let slots: Vec<_> =
                    block.storage.keys().filter(|(owner, _)| *owner == address).copied().collect();
                for slot in slots {
                    block.storage.remove(&slot);
                }
            }
            block.accounts.insert(address, Entry { account: change.account, wiped: before || gone });
            for (slot, value) in &change.storage {
                block.storage.insert((address, *slot), *value);
            }
            if let Some((hash, code)) = &change.code {
                block.codes.insert(*hash, code.clone());
            }
        }
    }

    /// Appends a transaction with its receipt.
    pub fn push(&mut self, tx: Tx, receipt: Receipt) {
        let block = &mut self.0;
        block.index.insert(tx.hash(), block.transactions.len());
        block.transactions.push_back(tx);
        block.receipts.push_back(receipt);
    }

    /// The current snapshot.
    pub fn snapshot(&self) -> Arc<PendingBlock> {
        Arc::new(self.0.clone())
    }

    /// Transactions so far.
    pub fn len(&self) -> usize {
        self.0.transactions.len()
    }

    /// True when no transaction is in it.
    pub fn is_empty(&self) -> bool {
        self.0.transactions.is_empty()
    }
}
