//! What `db stats` and `db check` show.

use super::Database;
use crate::{
    Reader, StorageError,
    tables::{PathKey, Table, corrupt},
};
use alloy_primitives::{B256, U256};
use openledger_primitives::BlockRef;
use openledger_trie::{BranchRecord, TrieReader, build_account_trie, build_storage_trie};
use std::cell::RefCell;

/// The size of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableStats {
    /// The table.
    pub table: Table,
    /// Number of entries.
    pub entries: u64,
    /// Bytes of the pages that it occupies.
    pub bytes: u64,
}

/// What a check found in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// The persisted head.
    pub head: BlockRef,
    /// Accounts and slots that were hashed again; `None` after a quick check.
    pub leaves: Option<(u64, u64)>,
}

impl Database {
    /// The size of every table.
    ///
    /// # Errors
    /// Failures of the store.
    pub fn stats(&self) -> Result<Vec<TableStats>, StorageError> {
        let tx = self.env().begin_ro_unsync()?;
        let stats = Table::ALL.iter().map(|&table| {
            let stat = tx.db_stat(&self.handles()[table as usize])?;
            let pages = stat.branch_pages() + stat.leaf_pages() + stat.overflow_pages();
            let bytes = pages as u64 * u64::from(stat.page_size());
            Ok(TableStats {
                table,
                entries: stat.entries() as u64,
                bytes,
            })
        });
        stats.collect()
    }

    /// Checks that the database agrees with itself: head, header and hash; with `full` also every storage trie, the
    /// account trie and the state root, computed afresh from all leaves (about a second for a million of them).
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] and [`StorageError::StateRoot`] name what does not agree; failures of the store.
    pub fn check(&self, full: bool) -> Result<Check, StorageError> {
        let reader = self.reader()?;
        let head = reader.head()?;
        let number = head.number;
        let key = number.to_be_bytes();
        let header = reader.header(number)?;
        let header =
            header.ok_or_else(|| corrupt(Table::Headers, &key, "the head's header is missing"))?;
        if header.seal() != head.hash {
            return Err(corrupt(
                Table::Headers,
                &key,
                "the head's header has another hash",
            ));
        }
        if reader.header_number(head.hash)? != Some(number) {
            return Err(corrupt(
                Table::HeaderNumbers,
                head.hash.as_slice(),
                "the head is not found by its hash",
            ));
        }
        let body = reader
            .body(number)?
            .ok_or_else(|| corrupt(Table::Bodies, &key, "missing"))?;
        let receipts = reader
            .receipts(number)?
            .ok_or_else(|| corrupt(Table::Receipts, &key, "missing"))?;
        if body.transactions.len() != receipts.len() {
            return Err(corrupt(
                Table::Receipts,
                &key,
                "there are not as many as transactions",
            ));
        }
        if !full {
            return Ok(Check { head, leaves: None });
        }
        let mut checker = Checker {
            reader: &reader,
            slots: 0,
            records: 0,
            storage_records: 0,
        };
        let (root, accounts) = checker.accounts()?;
        if root != header.state_root {
            return Err(StorageError::StateRoot {
                number,
                header: header.state_root,
                trie: root,
            });
        }
        checker.check_counts(self)?;
        Ok(Check {
            head,
            leaves: Some((accounts, checker.slots)),
        })
    }
}

struct Checker<'a> {
    reader: &'a Reader,
    slots: u64,
    records: u64,
    storage_records: u64,
}

impl Checker<'_> {
    /// Rebuilds the account trie; returns its root and the number of accounts.
    fn accounts(&mut self) -> Result<(B256, u64), StorageError> {
        let reader = self.reader;
        let failure = Failure::default();
        let (mut count, mut records) = (0, 0);
        let accounts = leaves(&failure, |from| {
            let Some((address, account)) = reader.next_account(from)? else {
                return Ok(None);
            };
            let root = self.storage(address)?;
            if root != account.storage_root {
                let reason = format!(
                    "the storage root is {}, its slots have {root}",
                    account.storage_root
                );
                return Err(corrupt(Table::Accounts, address.as_slice(), reason));
            }
            count += 1;
            Ok(Some((address, account)))
        });
        let root = build_account_trie(accounts, |path, record| {
            records += 1;
            let key = PathKey::account(&path);
            compare(
                &failure,
                Table::AccountTrie,
                &key,
                reader.account_branch(&path),
                &record,
            );
        });
        let root = root.map_err(|error| corrupt(Table::Accounts, &[], error))?;
        self.records = records;
        failure.into_inner().map_or(Ok((root, count)), Err)
    }

    /// Rebuilds a storage trie; returns its root.
    fn storage(&mut self, address: B256) -> Result<B256, StorageError> {
        let reader = self.reader;
        let failure = Failure::default();
        let slots = leaves(&failure, |from| {
            let slot = reader.next_slot(address, from)?;
            self.slots += u64::from(slot.is_some());
            Ok(slot)
        });
        let root = build_storage_trie(slots, |path, record| {
            self.storage_records += 1;
            let key = PathKey::storage(&address, &path);
            compare(
                &failure,
                Table::StorageTrie,
                &key,
                reader.storage_branch(address, &path),
                &record,
            );
        });
        let root = root.map_err(|error| corrupt(Table::Storage, address.as_slice(), error))?;
        failure.into_inner().map_or(Ok(root), Err)
    }

    /// Every record that belongs was compared; as many must be stored, or there are some that do not belong.
    fn check_counts(&self, database: &Database) -> Result<(), StorageError> {
        let expected = [
            (Table::AccountTrie, self.records),
            (Table::StorageTrie, self.storage_records),
            (Table::Storage, self.slots),
        ];
        for (table, expected) in expected {
            let mut entries = 0u64;
            self.reader.for_each(table, |_, _| {
                entries += 1;
                Ok(true)
            })?;
            if entries != expected {
                let reason = format!("{entries} entries where the state has {expected}");
                return Err(corrupt(
                    table,
                    &[],
                    format!("{reason} in {}", database.path().display()),
                ));
            }
        }
        Ok(())
    }
}

/// The first thing found wrong.
type Failure = RefCell<Option<StorageError>>;

/// All leaves in ascending order, each found by a search of its own from the key behind the one before, since other
/// tables are read in between. Ends early at a failure.
fn leaves<'a, V: 'a>(
    failure: &'a Failure,
    mut next_from: impl FnMut(B256) -> Result<Option<(B256, V)>, StorageError> + 'a,
) -> impl Iterator<Item = (B256, V)> + 'a {
    let mut next = Some(B256::ZERO);
    std::iter::from_fn(move || {
        let leaf = next_from(next.take()?).unwrap_or_else(|error| {
            failure.borrow_mut().get_or_insert(error);
            None
        })?;
        next = U256::from_be_bytes(leaf.0.0)
            .checked_add(U256::ONE)
            .map(B256::from);
        Some(leaf)
    })
}

/// Remembers the first record that is not as it should be.
fn compare(
    failure: &Failure,
    table: Table,
    key: &PathKey,
    stored: Result<Option<BranchRecord>, StorageError>,
    expected: &BranchRecord,
) {
    let error = match stored {
        Err(error) => error,
        Ok(stored) if stored.as_ref() == Some(expected) => return,
        Ok(Some(_)) => corrupt(
            table,
            key.as_slice(),
            "the record is not that of the leaves",
        ),
        Ok(None) => corrupt(table, key.as_slice(), "the record is missing"),
    };
    failure.borrow_mut().get_or_insert(error);
}
