//! Deleting entries of the history, many at a time.

use super::writer::Writer;
use crate::{
    StorageError,
    codec::ChangedAccount,
    tables::{Table, account_history_key, storage_history_key},
};

/// Keys that are gathered before they are deleted: some 30 MB of them.
const BATCH: usize = 400_000;

/// Gathers entries of several blocks, so that they are deleted in the order of their keys: those of one account or slot
/// are neighbours, whichever blocks they belong to.
#[derive(Default)]
pub(super) struct Eraser {
    accounts: Vec<[u8; 40]>,
    slots: Vec<[u8; 72]>,
    erased: u64,
}

impl Eraser {
    /// Deletes what block `number` left in the history of this account and its slots, now or in [`finish`](Self::finish).
    pub(super) fn erase(
        &mut self,
        writer: &mut Writer<'_>,
        number: u64,
        changed: &ChangedAccount,
    ) -> Result<(), StorageError> {
        let address = &changed.hashed_address;
        if changed.account {
            self.accounts.push(account_history_key(address, number));
        }
        let slots = changed.slots.iter();
        self.slots
            .extend(slots.map(|slot| storage_history_key(address, slot, number)));
        if self.accounts.len() + self.slots.len() >= BATCH {
            self.flush(writer)?;
        }
        Ok(())
    }

    /// Deletes the rest; returns how many entries were deleted in all.
    pub(super) fn finish(mut self, writer: &mut Writer<'_>) -> Result<u64, StorageError> {
        self.flush(writer)?;
        Ok(self.erased)
    }

    fn flush(&mut self, writer: &mut Writer<'_>) -> Result<(), StorageError> {
        self.erased += (self.accounts.len() + self.slots.len()) as u64;
        self.accounts.sort_unstable();
        let mut table = writer.cursor(Table::AccountHistory)?;
        for key in self.accounts.drain(..) {
            table.delete(&key)?;
        }
        self.slots.sort_unstable();
        let mut table = writer.cursor(Table::StorageHistory)?;
        for key in self.slots.drain(..) {
            table.delete(&key)?;
        }
        Ok(())
    }
}
