//! Commit: blocks become durable.

use super::{Database, encode_block_ref, writer::Writer};
use crate::{
    ExecutedBlock, HashedAccountChange, StorageError,
    codec::{
        ChangeSet, ChangedAccount, encode_account, encode_body, encode_leaf, encode_receipts,
        encode_word,
    },
    metrics,
    tables::{
        PathKey, Table, account_history_key, corrupt, meta, storage_history_key, storage_key,
    },
};
use alloy_primitives::{B256, U256};
use openledger_primitives::{Account, BlockRef};
use openledger_trie::{BranchRecord, TrieUpdates};
use std::{collections::BTreeSet, sync::Arc, time::Instant};

impl Database {
    /// Writes the genesis block, or checks that it is the one that is there. Says whether it wrote.
    ///
    /// # Errors
    /// [`StorageError::GenesisMismatch`] and [`StorageError::ChainIdMismatch`] when another chain is there,
    /// [`StorageError::StateRoot`] when the block's trie updates are not those of its header, and failures of the store.
    pub fn init_genesis(
        &self,
        chain_id: u64,
        genesis: &ExecutedBlock,
    ) -> Result<bool, StorageError> {
        let (_guard, mut writer) = self.writer()?;
        if let Some(value) = writer.get(Table::Meta, meta::GENESIS)? {
            let stored = super::decode_block_ref(meta::GENESIS, &value)?;
            if stored.hash != genesis.hash() {
                return Err(StorageError::GenesisMismatch {
                    stored: stored.hash,
                    configured: genesis.hash(),
                });
            }
            let value = writer.get(Table::Meta, meta::CHAIN_ID)?;
            let value = value.ok_or_else(|| corrupt(Table::Meta, meta::CHAIN_ID, "missing"))?;
            let stored = super::writer::decode_number(Table::Meta, meta::CHAIN_ID, &value)?;
            if stored != chain_id {
                return Err(StorageError::ChainIdMismatch {
                    stored,
                    configured: chain_id,
                });
            }
            return Ok(false);
        }
        check_root(genesis)?;
        let block = genesis.block_ref();
        writer.put(Table::Meta, meta::GENESIS, &encode_block_ref(&block))?;
        writer.put(Table::Meta, meta::CHAIN_ID, &chain_id.to_be_bytes())?;
        writer.put(Table::Meta, meta::FLOOR, &block.number.to_be_bytes())?;
        let blocks = [genesis];
        write_chain(&mut writer, &blocks)?;
        for (hash, code) in &genesis.changes.codes {
            writer.put(Table::Codes, hash.as_slice(), code)?;
        }
        // Nothing was before the genesis, so it has no history.
        let mut slots = Vec::new();
        for account in &genesis.hashed.accounts {
            push_slots(&mut slots, account);
        }
        write_slots(&mut writer, &mut slots)?;
        write_tries(&mut writer, &[&genesis.trie])?;
        writer.set_head(&block)?;
        writer.commit()?;
        Ok(true)
    }

    /// Writes blocks that follow the persisted head, in order, in one atomic transaction. What several of them wrote is
    /// written once.
    ///
    /// # Errors
    /// [`StorageError::NotContinuous`] when a block does not follow its predecessor, [`StorageError::StateRoot`] when its
    /// trie updates are not those of its header, [`StorageError::Empty`] without a genesis,
    /// [`StorageError::DiskFull`], [`StorageError::MapFull`], and failures of the store. Nothing is written then.
    pub fn commit(&self, blocks: &[Arc<ExecutedBlock>]) -> Result<(), StorageError> {
        let Some(last) = blocks.last() else {
            return Ok(());
        };
        let started = Instant::now();
        let (_guard, mut writer) = self.writer()?;
        let mut head = writer.head()?.ok_or(StorageError::Empty)?;
        for block in blocks {
            let (number, parent) = (block.number(), block.block.header.parent_hash);
            if parent != head.hash || Some(number) != head.number.checked_add(1) {
                let BlockRef {
                    number: head_number,
                    hash: head_hash,
                } = head;
                return Err(StorageError::NotContinuous {
                    number,
                    parent,
                    head_number,
                    head_hash,
                });
            }
            check_root(block)?;
            head = block.block_ref();
        }
        let blocks: Vec<&ExecutedBlock> = blocks.iter().map(AsRef::as_ref).collect();
        write_chain(&mut writer, &blocks)?;
        let history_started = Instant::now();
        let mut state = StateWrites::default();
        for block in &blocks {
            state.add(&mut writer, block)?;
        }
        state.write_history(&mut writer)?;
        let state_started = Instant::now();
        write_slots(&mut writer, &mut state.slots)?;
        let tries: Vec<_> = blocks.iter().map(|block| &block.trie).collect();
        write_tries(&mut writer, &tries)?;
        writer.set_head(&last.block_ref())?;
        let pages_started = Instant::now();
        writer.commit()?;
        metrics::record_commit_parts(
            pages_started - state_started,
            state_started - history_started,
            pages_started.elapsed(),
        );
        metrics::record_commit(blocks.len(), started.elapsed());
        self.record_size();
        Ok(())
    }
}

fn check_root(block: &ExecutedBlock) -> Result<(), StorageError> {
    let (header, trie) = (block.block.header.state_root, block.trie.root);
    if header == trie {
        return Ok(());
    }
    Err(StorageError::StateRoot {
        number: block.number(),
        header,
        trie,
    })
}

/// Headers, bodies, receipts and what finds them by hash.
fn write_chain(writer: &mut Writer<'_>, blocks: &[&ExecutedBlock]) -> Result<(), StorageError> {
    let mut lookups = Vec::new();
    for block in blocks {
        let number = block.number();
        let key = number.to_be_bytes();
        let body =
            encode_body(&block.block).map_err(|error| corrupt(Table::Bodies, &key, error))?;
        let receipts = encode_receipts(&block.receipts)
            .map_err(|error| corrupt(Table::Receipts, &key, error))?;
        writer.put(
            Table::Headers,
            &key,
            &alloy_rlp::encode(block.block.header.inner()),
        )?;
        writer.put(Table::Bodies, &key, &body)?;
        writer.put(Table::Receipts, &key, &receipts)?;
        writer.put(Table::HeaderNumbers, block.hash().as_slice(), &key)?;
        for (index, tx) in block.block.transactions.iter().enumerate() {
            let mut value = [0; 12];
            value[..8].copy_from_slice(&key);
            value[8..].copy_from_slice(&(index as u32).to_be_bytes());
            lookups.push((tx.hash(), value));
        }
    }
    lookups.sort_unstable_by_key(|(hash, _)| *hash);
    let mut table = writer.cursor(Table::TxLookup)?;
    for (hash, value) in &lookups {
        table.put(hash.as_slice(), value)?;
    }
    Ok(())
}

/// What several blocks do to slots and history, gathered so that each table is written in the order of its keys.
#[derive(Default)]
struct StateWrites {
    /// Slots not written yet: account, slot, value; a later one of a key wins.
    slots: Vec<(B256, B256, U256)>,
    accounts_before: Vec<(B256, u64, Option<Account>)>,
    slots_before: Vec<(B256, B256, u64, U256)>,
}

impl StateWrites {
    fn add(&mut self, writer: &mut Writer<'_>, block: &ExecutedBlock) -> Result<(), StorageError> {
        let number = block.number();
        if block.hashed.accounts.iter().any(|account| account.wiped) {
            // What is wiped is found in the table, which must be that of the parent block then.
            write_slots(writer, &mut self.slots)?;
        }
        let mut changed = ChangeSet::default();
        for (hash, code) in &block.changes.codes {
            if writer.put_new(Table::Codes, hash.as_slice(), code)? {
                changed.codes.push(*hash);
            }
        }
        changed.codes.sort_unstable();
        for account in &block.hashed.accounts {
            let address = account.hashed_address;
            let slots = if account.wiped {
                self.wipe(writer, account, number)?
            } else {
                let before = account.storage.iter();
                self.slots_before
                    .extend(before.map(|slot| (address, slot.hashed_slot, number, slot.before)));
                account
                    .storage
                    .iter()
                    .map(|slot| slot.hashed_slot)
                    .collect()
            };
            push_slots(&mut self.slots, account);
            let differs = account.before != account.after;
            if differs {
                self.accounts_before.push((address, number, account.before));
            }
            changed.accounts.push(ChangedAccount {
                hashed_address: address,
                account: differs,
                slots,
            });
        }
        writer.put(Table::ChangeSets, &number.to_be_bytes(), &changed.encode())
    }

    /// Empties an account's storage and remembers what was there; returns all slots that have history now.
    fn wipe(
        &mut self,
        writer: &mut Writer<'_>,
        account: &HashedAccountChange,
        number: u64,
    ) -> Result<Vec<B256>, StorageError> {
        let address = account.hashed_address;
        let mut slots = BTreeSet::new();
        writer.drain_prefix(Table::Storage, address.as_slice(), |key, value| {
            let before = crate::codec::decode_word(value)
                .map_err(|error| corrupt(Table::Storage, key, error))?;
            let slot = key.get(32..).and_then(|slot| B256::try_from(slot).ok());
            let slot = slot.ok_or_else(|| corrupt(Table::Storage, key, "key of wrong length"))?;
            self.slots_before.push((address, slot, number, before));
            slots.insert(slot);
            Ok(())
        })?;
        if account.after.is_some() {
            for slot in &account.storage {
                if slots.insert(slot.hashed_slot) {
                    self.slots_before
                        .push((address, slot.hashed_slot, number, U256::ZERO));
                }
            }
        }
        Ok(slots.into_iter().collect())
    }

    fn write_history(&mut self, writer: &mut Writer<'_>) -> Result<(), StorageError> {
        self.accounts_before
            .sort_unstable_by_key(|entry| (entry.0, entry.1));
        let mut table = writer.cursor(Table::AccountHistory)?;
        for (address, number, before) in &self.accounts_before {
            table.put(
                &account_history_key(address, *number),
                &encode_account(before.as_ref()),
            )?;
        }
        self.slots_before
            .sort_unstable_by_key(|entry| (entry.0, entry.1, entry.2));
        let mut table = writer.cursor(Table::StorageHistory)?;
        let mut value = Vec::with_capacity(32);
        for (address, slot, number, before) in &self.slots_before {
            value.clear();
            encode_word(*before, &mut value);
            table.put(&storage_history_key(address, slot, *number), &value)?;
        }
        Ok(())
    }
}

fn push_slots(slots: &mut Vec<(B256, B256, U256)>, account: &HashedAccountChange) {
    if account.after.is_some() {
        let after = account.storage.iter();
        slots.extend(after.map(|slot| (account.hashed_address, slot.hashed_slot, slot.after)));
    }
}

/// Writes slots and empties the list.
pub(super) fn write_slots(
    writer: &mut Writer<'_>,
    slots: &mut Vec<(B256, B256, U256)>,
) -> Result<(), StorageError> {
    // Stable: of one key the latest block's comes last.
    slots.sort_by_key(|slot| (slot.0, slot.1));
    let mut table = writer.cursor(Table::Storage)?;
    let mut encoded = Vec::with_capacity(32);
    for (address, slot, value) in last_of_each(slots, |a, b| a.0 == b.0 && a.1 == b.1) {
        let key = storage_key(address, slot);
        if value.is_zero() {
            table.delete(&key)?;
        } else {
            encoded.clear();
            encode_word(*value, &mut encoded);
            table.put(&key, &encoded)?;
        }
    }
    drop(table);
    slots.clear();
    Ok(())
}

/// Writes branch records and accounts of successive blocks: of each key the last.
pub(super) fn write_tries(
    writer: &mut Writer<'_>,
    blocks: &[&TrieUpdates],
) -> Result<(), StorageError> {
    let mut nodes: Vec<_> = blocks.iter().flat_map(|trie| &trie.account_nodes).collect();
    nodes.sort_by_key(|node| node.0);
    let mut table = writer.cursor(Table::AccountTrie)?;
    for (path, record) in last_of_each(&nodes, |a, b| a.0 == b.0) {
        put_record(&mut table, &PathKey::account(path), record.as_ref())?;
    }
    drop(table);

    let mut storage: Vec<_> = blocks.iter().flat_map(|trie| &trie.storage).collect();
    storage.sort_by_key(|trie| trie.hashed_address);
    for mut tries in storage.chunk_by(|a, b| a.hashed_address == b.hashed_address) {
        let address = tries[0].hashed_address;
        if let Some(wiped) = tries.iter().rposition(|trie| trie.wiped) {
            writer.drain_prefix(Table::StorageTrie, address.as_slice(), |_, _| Ok(()))?;
            tries = &tries[wiped..];
        }
        let mut nodes: Vec<_> = tries.iter().flat_map(|trie| &trie.nodes).collect();
        nodes.sort_by_key(|node| node.0);
        let mut table = writer.cursor(Table::StorageTrie)?;
        for (path, record) in last_of_each(&nodes, |a, b| a.0 == b.0) {
            put_record(
                &mut table,
                &PathKey::storage(&address, path),
                record.as_ref(),
            )?;
        }
    }

    let mut accounts: Vec<_> = blocks.iter().flat_map(|trie| &trie.accounts).collect();
    accounts.sort_by_key(|account| account.0);
    let mut table = writer.cursor(Table::Accounts)?;
    for (address, account) in last_of_each(&accounts, |a, b| a.0 == b.0) {
        match account {
            Some(account) => table.put(address.as_slice(), &encode_leaf(account))?,
            None => table.delete(address.as_slice())?,
        }
    }
    Ok(())
}

fn put_record(
    table: &mut super::writer::SortedWriter<'_>,
    key: &PathKey,
    record: Option<&BranchRecord>,
) -> Result<(), StorageError> {
    match record {
        Some(record) => table.put(key.as_slice(), record.as_bytes()),
        None => table.delete(key.as_slice()),
    }
}

/// The last item of every run of equal ones.
fn last_of_each<T>(items: &[T], same: impl Fn(&T, &T) -> bool) -> impl Iterator<Item = &T> {
    items.chunk_by(same).filter_map(|run| run.last())
}
