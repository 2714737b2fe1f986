//! A write transaction with checked sizes.

use super::{Handles, decode_block_ref, encode_block_ref};
use crate::{
    StorageError,
    tables::{Table, check_size, corrupt, meta},
};
use alloy_primitives::B256;
use openledger_primitives::BlockRef;
use signet_libmdbx::{
    Environment, MdbxError, ReadError, WriteFlags,
    tx::aliases::{RwCursorUnsync, RwTxUnsync},
};
use std::borrow::Cow;

/// Raw writes. What keeps the tables consistent with each other stands in commit, unwind and prune.
pub(super) struct Writer<'a> {
    tx: RwTxUnsync,
    handles: &'a Handles,
}

impl<'a> Writer<'a> {
    pub(super) fn begin(env: &Environment, handles: &'a Handles) -> Result<Self, StorageError> {
        Ok(Self::new(env.begin_rw_unsync()?, handles))
    }

    pub(super) fn new(tx: RwTxUnsync, handles: &'a Handles) -> Self {
        Self { tx, handles }
    }

    pub(super) fn commit(self) -> Result<(), StorageError> {
        self.tx.commit().map_err(StorageError::committing)
    }

    pub(super) fn get(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<Cow<'_, [u8]>>, StorageError> {
        Ok(self.tx.get(self.handles[table as usize].dbi(), key)?)
    }

    pub(super) fn put(
        &mut self,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StorageError> {
        check_size(table, key, value)?;
        Ok(self
            .tx
            .put(self.handles[table as usize], key, value, WriteFlags::UPSERT)?)
    }

    /// Writes unless the key is there; says whether it wrote.
    pub(super) fn put_new(
        &mut self,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> Result<bool, StorageError> {
        check_size(table, key, value)?;
        match self.tx.put(
            self.handles[table as usize],
            key,
            value,
            WriteFlags::NO_OVERWRITE,
        ) {
            Ok(()) => Ok(true),
            Err(MdbxError::KeyExist) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes the key if it is there.
    pub(super) fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StorageError> {
        match self.tx.del(self.handles[table as usize], key, None) {
            Ok(_) | Err(MdbxError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A cursor for writing many keys in ascending order: neighbours are found without a new descent.
    pub(super) fn cursor(&self, table: Table) -> Result<SortedWriter<'_>, StorageError> {
        Ok(SortedWriter {
            cursor: self.tx.cursor(self.handles[table as usize])?,
            table,
        })
    }

    /// Calls `each` with every entry whose key starts with `prefix`, then deletes it.
    pub(super) fn drain_prefix(
        &mut self,
        table: Table,
        prefix: &[u8],
        mut each: impl FnMut(&[u8], &[u8]) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let mut cursor = self.tx.cursor(self.handles[table as usize])?;
        // Deleting leaves the cursor before the next entry, which only a new search names safely.
        while let Some((key, value)) = cursor.set_range::<Vec<u8>, Vec<u8>>(prefix)? {
            if !key.starts_with(prefix) {
                break;
            }
            each(&key, &value)?;
            cursor.del()?;
        }
        Ok(())
    }

    pub(super) fn head(&self) -> Result<Option<BlockRef>, StorageError> {
        let value = self.get(Table::Meta, meta::HEAD)?;
        value
            .map(|value| decode_block_ref(meta::HEAD, &value))
            .transpose()
    }

    pub(super) fn set_head(&mut self, head: &BlockRef) -> Result<(), StorageError> {
        self.put(Table::Meta, meta::HEAD, &encode_block_ref(head))
    }

    pub(super) fn block_number(&self, hash: &B256) -> Result<Option<u64>, StorageError> {
        let value = self.get(Table::HeaderNumbers, hash.as_slice())?;
        value
            .map(|value| decode_number(Table::HeaderNumbers, hash.as_slice(), &value))
            .transpose()
    }
}

/// Eight bytes, big endian, as keys have them.
pub(crate) fn decode_number(table: Table, key: &[u8], value: &[u8]) -> Result<u64, StorageError> {
    let bytes = value
        .try_into()
        .map_err(|_| corrupt(table, key, "number of wrong length"))?;
    Ok(u64::from_be_bytes(bytes))
}

/// Writes to one table, fastest in ascending order of keys.
pub(super) struct SortedWriter<'tx> {
    cursor: RwCursorUnsync<'tx>,
    table: Table,
}

impl SortedWriter<'_> {
    pub(super) fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        check_size(self.table, key, value)?;
        Ok(self.cursor.put(key, value, WriteFlags::UPSERT)?)
    }

    /// Deletes the key if it is there.
    pub(super) fn delete(&mut self, key: &[u8]) -> Result<(), StorageError> {
        check_size(self.table, key, &[])?;
        match self.cursor.set::<()>(key) {
            Ok(Some(())) => Ok(self.cursor.del()?),
            Ok(None) | Err(ReadError::Mdbx(MdbxError::NotFound)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
