//! The state of the past.

use super::{Reader, decode_with};
use crate::{
    StorageError,
    codec::{BytesReader, ChangeSet, Malformed, decode_account, decode_word},
    tables::{Table, account_history_key, corrupt, meta, storage_history_key},
};
use alloy_primitives::{B256, U256, map::B256Map};
use openledger_primitives::Account;
use openledger_trie::{AccountInfo, AccountUpdate, HashedChanges};

/// Changed keys that one historical trie may take back: some hundred megabytes of memory.
const MAX_REVERSED_KEYS: usize = 2_000_000;

impl Reader {
    /// The oldest block after which the state of every account can be read.
    ///
    /// # Errors
    /// [`StorageError::Empty`] without a genesis; this and the other methods here: failures of the store.
    pub fn history_floor(&self) -> Result<u64, StorageError> {
        self.meta_number(meta::FLOOR)?.ok_or(StorageError::Empty)
    }

    /// Accounts of which longer history is kept, with the oldest block of each.
    pub fn kept_history(&self) -> Result<Vec<(B256, u64)>, StorageError> {
        let kept = self.table(Table::Meta).get(meta::KEPT, |value| {
            decode_with(Table::Meta, meta::KEPT, decode_kept(value))
        })?;
        Ok(kept.unwrap_or_default())
    }

    /// The account in the state after block `number`.
    ///
    /// # Errors
    /// [`StorageError::UnknownBlock`] above the head, [`StorageError::HistoryPruned`] below what is kept of it.
    pub fn account_at(
        &self,
        number: u64,
        hashed_address: B256,
    ) -> Result<Option<Account>, StorageError> {
        self.check_history(number, Some(hashed_address))?;
        match self.account_after(number, hashed_address)? {
            Some(account) => Ok(account),
            None => self.account(hashed_address),
        }
    }

    /// The slot's value in the state after block `number`; zero when it was empty.
    ///
    /// # Errors
    /// As [`account_at`](Self::account_at).
    pub fn storage_at(
        &self,
        number: u64,
        hashed_address: B256,
        hashed_slot: B256,
    ) -> Result<U256, StorageError> {
        self.check_history(number, Some(hashed_address))?;
        match self.slot_after(number, hashed_address, hashed_slot)? {
            Some(value) => Ok(value),
            None => self.storage(hashed_address, hashed_slot),
        }
    }

    /// The changes that turn the state of the persisted head into the state after block `number`: applied to a new trie
    /// over this reader they give that block's tries.
    ///
    /// Costs what the blocks since then changed.
    ///
    /// # Errors
    /// [`StorageError::UnknownBlock`] above the head, [`StorageError::HistoryPruned`] below the floor, and
    /// [`StorageError::TooManyChanges`] when more than two million keys changed since.
    pub fn reverse_changes(&self, number: u64) -> Result<HashedChanges, StorageError> {
        self.reversed(number, MAX_REVERSED_KEYS)
    }

    /// The same with another limit: unwinding has to succeed however far it goes.
    pub(crate) fn reversed(
        &self,
        number: u64,
        max_keys: usize,
    ) -> Result<HashedChanges, StorageError> {
        let head = self.check_history(number, None)?;
        // Of each key the value before the first block that changed it.
        let mut changed: B256Map<(bool, Vec<B256>)> = B256Map::default();
        let mut keys = 0;
        for later in number + 1..=head {
            for account in self.change_set(later)?.accounts {
                keys += 1 + account.slots.len();
                if keys > max_keys {
                    return Err(StorageError::TooManyChanges { number, head });
                }
                let entry = changed.entry(account.hashed_address).or_default();
                entry.0 |= account.account;
                entry.1.extend(account.slots);
            }
        }
        let mut accounts = Vec::with_capacity(changed.len());
        for (hashed_address, (account_changed, mut slots)) in changed {
            let account = match account_changed {
                true => self.account_after(number, hashed_address)?,
                false => None,
            };
            let account = match account {
                Some(account) => account,
                None => self.account(hashed_address)?,
            };
            slots.sort_unstable();
            slots.dedup();
            let mut storage = Vec::new();
            // Without an account there is no storage, and the trie wants none.
            for slot in slots.into_iter().filter(|_| account.is_some()) {
                let value = self
                    .slot_after(number, hashed_address, slot)?
                    .ok_or_else(|| {
                        let key = storage_history_key(&hashed_address, &slot, number + 1);
                        corrupt(Table::StorageHistory, &key, "a changed slot has no history")
                    })?;
                storage.push((slot, value));
            }
            let info = account.map(|account| AccountInfo {
                nonce: account.nonce,
                balance: account.balance,
                code_hash: account.code_hash,
            });
            accounts.push(AccountUpdate {
                hashed_address,
                info,
                wiped: false,
                storage,
            });
        }
        accounts.sort_unstable_by_key(|account| account.hashed_address);
        Ok(HashedChanges { accounts })
    }

    pub(crate) fn change_set(&self, number: u64) -> Result<ChangeSet, StorageError> {
        let key = number.to_be_bytes();
        let set = self.table(Table::ChangeSets).get(&key, |value| {
            decode_with(Table::ChangeSets, &key, ChangeSet::decode(value))
        })?;
        set.ok_or_else(|| corrupt(Table::ChangeSets, &key, "missing"))
    }

    /// Fails unless the state after `number` is kept, of this account or of all; returns the head's number.
    fn check_history(&self, number: u64, of: Option<B256>) -> Result<u64, StorageError> {
        let head = self.check_persisted(number)?.number;
        let mut oldest = self.history_floor()?;
        if number < oldest
            && let Some(address) = of
        {
            let kept = self.kept_history()?;
            let own = kept.iter().find(|(kept, _)| *kept == address);
            oldest = own.map_or(oldest, |(_, own)| oldest.min(*own));
        }
        if number < oldest {
            return Err(StorageError::HistoryPruned { number, oldest });
        }
        Ok(head)
    }

    /// The account after block `number` as the first later change remembers it; `None` when there is no later change.
    fn account_after(
        &self,
        number: u64,
        address: B256,
    ) -> Result<Option<Option<Account>>, StorageError> {
        let Some(next) = number.checked_add(1) else {
            return Ok(None);
        };
        let key = account_history_key(&address, next);
        self.table(Table::AccountHistory)
            .seek(&key, 32, |key, value| {
                decode_with(Table::AccountHistory, key, decode_account(value))
            })
    }

    fn slot_after(
        &self,
        number: u64,
        address: B256,
        slot: B256,
    ) -> Result<Option<U256>, StorageError> {
        let Some(next) = number.checked_add(1) else {
            return Ok(None);
        };
        let key = storage_history_key(&address, &slot, next);
        self.table(Table::StorageHistory)
            .seek(&key, 64, |key, value| {
                decode_with(Table::StorageHistory, key, decode_word(value))
            })
    }
}

pub(crate) fn encode_kept(kept: &[(B256, u64)]) -> Vec<u8> {
    let entries = kept.iter();
    entries
        .flat_map(|(address, floor)| [address.as_slice(), &floor.to_be_bytes()].concat())
        .collect()
}

pub(crate) fn decode_kept(bytes: &[u8]) -> Result<Vec<(B256, u64)>, Malformed> {
    let entry = |bytes| {
        let mut reader = BytesReader::new(bytes);
        let entry = (reader.b256()?, u64::from_be_bytes(reader.array()?));
        reader.end()?;
        Ok(entry)
    };
    bytes.chunks(40).map(entry).collect()
}
