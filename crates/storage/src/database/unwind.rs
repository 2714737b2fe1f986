//! Unwind: the exact inverse of commit.

use super::{
    Database, Writer,
    commit::{write_slots, write_tries},
    encode_block_ref,
    erase::Eraser,
};
use crate::{
    Reader, StorageError, metrics,
    tables::{Table, corrupt, meta},
};
use openledger_primitives::{Block, BlockRef, SealedHeader};
use openledger_trie::{HashedChanges, StateTrie};
use std::time::Instant;

impl Database {
    /// Removes all blocks above `number` with everything they did, in one atomic transaction, and returns them, lowest
    /// first. Every table is then as it was before they were committed; labels above `number` are lowered to it.
    ///
    /// # Errors
    /// [`StorageError::UnknownBlock`] above the head, [`StorageError::HistoryPruned`] when the history does not go back
    /// that far, [`StorageError::StateRoot`] when the restored state does not have the root of the header (the database is
    /// damaged), and failures of the store. The database is unchanged then.
    pub fn unwind_to(&self, number: u64) -> Result<Vec<Block>, StorageError> {
        let started = Instant::now();
        let _guard = self.0.writing.lock();
        let reader = self.parallel_reader()?;
        let head = reader.head()?;
        if number == head.number {
            return Ok(Vec::new());
        }
        let changes = reader.reversed(number, usize::MAX)?;
        let header = block_header(&reader, number)?;
        let trie = StateTrie::new().apply(number, &changes, &reader)?;
        if trie.root != header.state_root {
            return Err(StorageError::StateRoot {
                number,
                header: header.state_root,
                trie: trie.root,
            });
        }
        let mut blocks = Vec::new();
        for removed in number + 1..=head.number {
            let block = reader.block(removed)?;
            blocks.push(
                block.ok_or_else(|| corrupt(Table::Headers, &removed.to_be_bytes(), "missing"))?,
            );
        }

        let mut writer = Writer::begin(&self.0.env, &self.0.handles)?;
        restore_slots(&mut writer, &changes)?;
        write_tries(&mut writer, &[&trie])?;
        let mut eraser = Eraser::default();
        for block in &blocks {
            remove_history(&mut writer, &mut eraser, &reader, block.number())?;
            remove_chain(&mut writer, block)?;
        }
        eraser.finish(&mut writer)?;
        let target = BlockRef {
            number,
            hash: header.seal(),
        };
        writer.set_head(&target)?;
        for key in [meta::SAFE, meta::FINALIZED] {
            let label = writer
                .get(Table::Meta, key)?
                .map(|value| super::decode_block_ref(key, &value));
            if label
                .transpose()?
                .is_some_and(|label| label.number > number)
            {
                writer.put(Table::Meta, key, &encode_block_ref(&target))?;
            }
        }
        writer.commit()?;
        metrics::record_unwind(blocks.len(), started.elapsed());
        Ok(blocks)
    }
}

fn block_header(reader: &Reader, number: u64) -> Result<SealedHeader, StorageError> {
    let header = reader.header(number)?;
    header.ok_or_else(|| corrupt(Table::Headers, &number.to_be_bytes(), "missing"))
}

fn restore_slots(writer: &mut Writer<'_>, changes: &HashedChanges) -> Result<(), StorageError> {
    let mut slots = Vec::new();
    for account in &changes.accounts {
        let address = account.hashed_address;
        if account.info.is_none() {
            writer.drain_prefix(Table::Storage, address.as_slice(), |_, _| Ok(()))?;
        }
        slots.extend(
            account
                .storage
                .iter()
                .map(|(slot, value)| (address, *slot, *value)),
        );
    }
    write_slots(writer, &mut slots)
}

fn remove_history(
    writer: &mut Writer<'_>,
    eraser: &mut Eraser,
    reader: &Reader,
    number: u64,
) -> Result<(), StorageError> {
    let changed = reader.change_set(number)?;
    for code in &changed.codes {
        writer.delete(Table::Codes, code.as_slice())?;
    }
    for account in &changed.accounts {
        eraser.erase(writer, number, account)?;
    }
    writer.delete(Table::ChangeSets, &number.to_be_bytes())
}

fn remove_chain(writer: &mut Writer<'_>, block: &Block) -> Result<(), StorageError> {
    for tx in &block.transactions {
        writer.delete(Table::TxLookup, tx.hash().as_slice())?;
    }
    let key = block.number().to_be_bytes();
    writer.delete(Table::HeaderNumbers, block.hash().as_slice())?;
    for table in [Table::Headers, Table::Bodies, Table::Receipts] {
        writer.delete(table, &key)?;
    }
    Ok(())
}
