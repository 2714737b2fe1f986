//! Reading a snapshot.

mod chain;
mod history;
mod state;

pub use chain::{Body, TxLocation, TxReceipt};
pub(crate) use history::{decode_kept, encode_kept};

use crate::{
    Database, Labels, StorageError,
    database::{Handles, decode_block_ref, decode_number},
    tables::{Table, corrupt, meta},
};
use openledger_primitives::BlockRef;
use parking_lot::{Mutex, MutexGuard};
use signet_libmdbx::tx::aliases::RoTxUnsync;
use std::{
    borrow::Cow,
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

/// One consistent snapshot of the database. It sees nothing that is committed later.
///
/// Any number of threads may use it; with as many transactions as threads they hardly wait for each other.
pub struct Reader {
    /// Transactions on the same snapshot. MDBX wants one user at a time for each.
    transactions: Vec<Mutex<RoTxUnsync>>,
    handles: Handles,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("transactions", &self.transactions.len())
            .finish_non_exhaustive()
    }
}

/// One table within a locked transaction.
struct View<'a> {
    transaction: MutexGuard<'a, RoTxUnsync>,
    handle: signet_libmdbx::Database,
}

impl View<'_> {
    /// Calls `decode` with the value, which is only there during the call.
    fn get<T>(
        &self,
        key: &[u8],
        decode: impl FnOnce(&[u8]) -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        let value = self
            .transaction
            .get::<Cow<'_, [u8]>>(self.handle.dbi(), key)?;
        value.map(|value| decode(&value)).transpose()
    }

    /// The first entry whose key is not below `key`, when its key starts with the first `prefix` bytes of `key`.
    fn seek<T>(
        &self,
        key: &[u8],
        prefix: usize,
        decode: impl FnOnce(&[u8], &[u8]) -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        let mut cursor = self.transaction.cursor(self.handle)?;
        let entry = cursor.set_range::<Cow<'_, [u8]>, Cow<'_, [u8]>>(key)?;
        let entry = entry.filter(|(found, _)| found.get(..prefix) == key.get(..prefix));
        entry.map(|(key, value)| decode(&key, &value)).transpose()
    }

    fn scan(
        &self,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<bool, StorageError>,
    ) -> Result<(), StorageError> {
        let mut cursor = self.transaction.cursor(self.handle)?;
        let mut entry = cursor.first::<Cow<'_, [u8]>, Cow<'_, [u8]>>()?;
        while let Some((key, value)) = entry {
            if !each(&key, &value)? {
                break;
            }
            entry = cursor.next()?;
        }
        Ok(())
    }
}

impl Reader {
    pub(crate) fn open(database: &Database, transactions: usize) -> Result<Self, StorageError> {
        let transactions = match transactions {
            0 | 1 => vec![database.env().begin_ro_unsync()?],
            several => database.env().begin_ro_unsync_multi(several)?,
        };
        let transactions = transactions.into_iter().map(Mutex::new).collect();
        Ok(Self {
            transactions,
            handles: *database.handles(),
        })
    }

    /// A table, in a transaction that nobody uses at the moment, if there is one.
    fn table(&self, table: Table) -> View<'_> {
        let handle = self.handles[table as usize];
        let count = self.transactions.len();
        // A thread comes back to the same transaction, whose cursors are warm.
        let first = thread_number() % count;
        let free = (first..count)
            .chain(0..first)
            .find_map(|i| self.transactions[i].try_lock());
        let transaction = free.unwrap_or_else(|| self.transactions[first].lock());
        View {
            transaction,
            handle,
        }
    }

    /// Calls `each` with every entry of a table in the order of keys, until it returns `false`: for tools. `each` must not
    /// use this reader.
    ///
    /// # Errors
    /// What `each` returns, and failures of the store.
    pub fn for_each(
        &self,
        table: Table,
        each: impl FnMut(&[u8], &[u8]) -> Result<bool, StorageError>,
    ) -> Result<(), StorageError> {
        self.table(table).scan(each)
    }

    /// The persisted head.
    ///
    /// # Errors
    /// [`StorageError::Empty`] before the genesis is written.
    pub fn head(&self) -> Result<BlockRef, StorageError> {
        self.block_ref(meta::HEAD)?.ok_or(StorageError::Empty)
    }

    /// The first block.
    ///
    /// # Errors
    /// [`StorageError::Empty`] before it is written.
    pub fn genesis(&self) -> Result<BlockRef, StorageError> {
        self.block_ref(meta::GENESIS)?.ok_or(StorageError::Empty)
    }

    /// The chain id.
    ///
    /// # Errors
    /// [`StorageError::Empty`] before the genesis is written.
    pub fn chain_id(&self) -> Result<u64, StorageError> {
        self.meta_number(meta::CHAIN_ID)?.ok_or(StorageError::Empty)
    }

    /// The labels as last set.
    ///
    /// # Errors
    /// Failures of the store.
    pub fn labels(&self) -> Result<Labels, StorageError> {
        Ok(Labels {
            safe: self.block_ref(meta::SAFE)?,
            finalized: self.block_ref(meta::FINALIZED)?,
        })
    }

    fn block_ref(&self, key: &'static [u8]) -> Result<Option<BlockRef>, StorageError> {
        self.table(Table::Meta)
            .get(key, |value| decode_block_ref(key, value))
    }

    fn meta_number(&self, key: &'static [u8]) -> Result<Option<u64>, StorageError> {
        self.table(Table::Meta)
            .get(key, |value| decode_number(Table::Meta, key, value))
    }

    /// Fails unless the block is persisted.
    fn check_persisted(&self, number: u64) -> Result<BlockRef, StorageError> {
        let head = self.head()?;
        if number > head.number {
            return Err(StorageError::UnknownBlock {
                number,
                head: head.number,
            });
        }
        Ok(head)
    }
}

/// A small number that differs between threads.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}

fn decode_with<T>(
    table: Table,
    key: &[u8],
    decoded: Result<T, crate::codec::Malformed>,
) -> Result<T, StorageError> {
    decoded.map_err(|error| corrupt(table, key, error))
}
