//! The open block as readers see it: what is preconfirmed, no more.

use crate::versions::Versions;
use alloy_primitives::{
    Address, B256, Bytes, U256,
    map::{AddressMap, B256Map, HashMap},
};
use openledger_execution::{BlockAttributes, StateDelta, StateError, StateSource};
use openledger_primitives::{Account, Receipt, Tx};
use parking_lot::RwLock;
use std::{fmt, sync::Arc};

/// A snapshot of the open block after its last preconfirmed transaction. Cheap to clone: everything is shared.
///
/// What later transactions change is not seen through it.
#[derive(Clone)]
pub struct PendingBlock {
    /// What the block was opened with.
    pub attributes: BlockAttributes,
    /// Preconfirmed transactions in order, the forced ones first.
    pub transactions: imbl::Vector<Tx>,
    receipts: imbl::Vector<Arc<Receipt>>,
    /// What was written later than this is not part of the snapshot.
    version: u32,
    tables: Arc<RwLock<Tables>>,
    base: Arc<dyn StateSource>,
}

/// What all snapshots of one open block share. Persistent maps would do the same without a lock, and copy several nodes for
/// every value that a group of transactions writes.
#[derive(Default)]
struct Tables {
    index: B256Map<usize>,
    accounts: AddressMap<Versions<Entry>>,
    storage: HashMap<(Address, U256), Versions<U256>>,
    /// By hash, so that a later version is no other.
    codes: B256Map<Bytes>,
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
        let position = self.tables.read().index.get(&tx).copied();
        position.filter(|position| *position < self.transactions.len())
    }

    /// The open block's number.
    pub fn number(&self) -> u64 {
        self.attributes.number
    }

    /// The receipts, one for each transaction.
    pub fn receipts(&self) -> impl ExactSizeIterator<Item = &Receipt> + Clone {
        self.receipts.iter().map(|receipt| &**receipt)
    }

    /// The receipt of the transaction at a position.
    pub fn receipt(&self, position: usize) -> Option<&Receipt> {
        self.receipts.get(position).map(|receipt| &**receipt)
    }

    /// Gas used by all transactions.
    pub fn gas_used(&self) -> u64 {
        self.receipts
            .last()
            .map_or(0, |receipt| receipt.cumulative_gas_used)
    }

    fn entry(&self, address: &Address) -> Option<Entry> {
        self.tables
            .read()
            .accounts
            .get(address)?
            .at(self.version)
            .copied()
    }
}

impl StateSource for PendingBlock {
    fn account(&self, address: Address) -> Result<Option<Account>, StateError> {
        match self.entry(&address) {
            Some(entry) => Ok(entry.account),
            None => self.base.account(address),
        }
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        let written = {
            let tables = self.tables.read();
            tables
                .storage
                .get(&(address, slot))
                .and_then(|versions| versions.at(self.version).copied())
        };
        if let Some(value) = written {
            return Ok(value);
        }
        if self.entry(&address).is_some_and(|entry| entry.wiped) {
            return Ok(U256::ZERO);
        }
        self.base.storage(address, slot)
    }

    fn code(&self, hash: B256) -> Result<Bytes, StateError> {
        let deployed = self.tables.read().codes.get(&hash).cloned();
        match deployed {
            Some(code) => Ok(code),
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
pub struct PendingBuilder(
    /// Its version is the one that is being written: that of the next snapshot.
    PendingBlock,
);

impl PendingBuilder {
    /// An open block without transactions, on the state of its parent.
    pub fn new(attributes: BlockAttributes, base: Arc<dyn StateSource>) -> Self {
        Self(PendingBlock {
            attributes,
            transactions: imbl::Vector::new(),
            receipts: imbl::Vector::new(),
            version: 0,
            tables: Arc::default(),
            base,
        })
    }

    /// Applies what the opening system calls, or a transaction, changed.
    pub fn apply(&mut self, delta: &StateDelta) {
        let version = self.0.version;
        let mut tables = self.0.tables.write();
        for change in &delta.accounts {
            let address = change.address;
            let gone = change.wiped || change.account.is_none();
            let before = tables.accounts.get(&address).map(Versions::last).copied();
            if gone && before.is_some() {
                // Rare (a contract created and destroyed in one block), so a scan is fine.
                let slots = tables
                    .storage
                    .iter_mut()
                    .filter(|((owner, _), _)| *owner == address);
                slots.for_each(|(_, versions)| versions.set(version, U256::ZERO));
            }
            let wiped = gone || before.is_some_and(|entry| entry.wiped);
            let entry = Entry {
                account: change.account,
                wiped,
            };
            Versions::write(&mut tables.accounts, address, version, entry);
            for (slot, value) in &change.storage {
                Versions::write(&mut tables.storage, (address, *slot), version, *value);
            }
            if let Some((hash, code)) = &change.code {
                tables.codes.insert(*hash, code.clone());
            }
        }
    }

    /// Appends a transaction with its receipt.
    pub fn push(&mut self, tx: Tx, receipt: Receipt) {
        let block = &mut self.0;
        block
            .tables
            .write()
            .index
            .insert(tx.hash(), block.transactions.len());
        block.transactions.push_back(tx);
        block.receipts.push_back(Arc::new(receipt));
    }

    /// The current snapshot.
    pub fn snapshot(&mut self) -> Arc<PendingBlock> {
        let snapshot = Arc::new(self.0.clone());
        self.0.version += 1;
        snapshot
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_eips::eip4895::Withdrawals;
    use openledger_execution::{AccountDelta, MemoryState};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn builder() -> PendingBuilder {
        let mut base = MemoryState::default();
        for address in 0..4 {
            base.set_account(
                Address::repeat_byte(address),
                U256::from(7),
                0,
                Bytes::new(),
            );
        }
        let attributes = BlockAttributes {
            number: 1,
            parent_hash: B256::ZERO,
            timestamp: 1,
            beneficiary: Address::ZERO,
            prev_randao: B256::ZERO,
            gas_limit: 0,
            base_fee: 0,
            parent_beacon_block_root: None,
            withdrawals: Some(Withdrawals::default()),
            extra_data: Bytes::new(),
            excess_blob_gas: None,
        };
        PendingBuilder::new(attributes, Arc::new(base))
    }

    /// What the accounts and slots of a snapshot have to be.
    #[derive(Clone)]
    struct Model {
        accounts: BTreeMap<u8, Option<Account>>,
        slots: BTreeMap<(u8, u8), U256>,
    }

    impl Model {
        fn of_base() -> Self {
            let account = Account {
                balance: U256::from(7),
                ..Account::default()
            };
            let code_hash = alloy_primitives::KECCAK256_EMPTY;
            let accounts = (0..4).map(|at| {
                (
                    at,
                    Some(Account {
                        code_hash,
                        ..account
                    }),
                )
            });
            Self {
                accounts: accounts.collect(),
                slots: BTreeMap::new(),
            }
        }

        fn apply(&mut self, address: u8, change: &AccountDelta) {
            if change.wiped || change.account.is_none() {
                self.slots.retain(|(owner, _), _| *owner != address);
            }
            self.accounts.insert(address, change.account);
            for (slot, value) in &change.storage {
                self.slots.insert((address, slot.to()), *value);
            }
        }

        fn assert_is(&self, block: &PendingBlock) {
            for address in 0..4 {
                let at = Address::repeat_byte(address);
                assert_eq!(block.account(at).unwrap(), self.accounts[&address]);
                for slot in 0..3 {
                    let expected = self
                        .slots
                        .get(&(address, slot))
                        .copied()
                        .unwrap_or_default();
                    assert_eq!(block.storage(at, U256::from(slot)).unwrap(), expected);
                }
            }
        }
    }

    fn changes() -> impl Strategy<Value = Vec<(u8, AccountDelta, bool)>> {
        let slots = prop::collection::vec((0u8..3, 0u64..9), 0..3);
        let change = (
            0u8..4,
            prop::option::weighted(0.8, 0u64..9),
            prop::bool::weighted(0.2),
            slots,
            any::<bool>(),
        );
        let change = change.prop_map(|(address, nonce, wiped, slots, snapshot)| {
            let account = nonce.map(|nonce| Account {
                nonce,
                ..Account::default()
            });
            let slots = if account.is_some() { slots } else { Vec::new() };
            let delta = AccountDelta {
                address: Address::repeat_byte(address),
                account,
                wiped,
                storage: slots
                    .into_iter()
                    .map(|(slot, value)| (U256::from(slot), U256::from(value)))
                    .collect(),
                code: None,
            };
            (address, delta, snapshot)
        });
        prop::collection::vec(change, 0..40)
    }

    proptest! {
        #[test]
        fn a_snapshot_keeps_the_state_that_it_was_taken_of(changes in changes()) {
            let (mut builder, mut model) = (builder(), Model::of_base());
            let mut taken = vec![(builder.snapshot(), model.clone())];
            for (address, delta, snapshot) in changes {
                model.apply(address, &delta);
                builder.apply(&StateDelta { accounts: vec![delta] });
                if snapshot {
                    taken.push((builder.snapshot(), model.clone()));
                }
            }
            taken.push((builder.snapshot(), model));
            for (block, model) in &taken {
                model.assert_is(block);
            }
        }
    }
}
