//! Forgetting old state.

use super::{Database, Writer, erase::Eraser, writer::decode_number};
use crate::{
    StorageError,
    codec::ChangeSet,
    metrics,
    reader::{decode_kept, encode_kept},
    tables::{Table, corrupt, meta},
};
use alloy_primitives::{B256, map::B256Map};
use std::time::Instant;

/// What pruning did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// History entries deleted.
    pub entries: u64,
    /// The oldest block after which the state of every account can be read from now on.
    pub floor: u64,
}

impl Database {
    /// Forgets the state after blocks below `before_number`; blocks, receipts and the present state stay. Of the accounts
    /// in `keep` (hashed address, oldest block wanted) longer history stays, as far as it is still there. An account that
    /// was kept before and is not named any more is pruned like the others.
    ///
    /// Everything is one transaction, for which later writes wait: to prune a long range, call it with rising numbers.
    ///
    /// # Errors
    /// [`StorageError::UnknownBlock`] when `before_number` is above the head, and failures of the store.
    pub fn prune_history(
        &self,
        before_number: u64,
        keep: &[(B256, u64)],
    ) -> Result<Pruned, StorageError> {
        let started = Instant::now();
        let (_guard, mut writer) = self.writer()?;
        let head = writer.head()?.ok_or(StorageError::Empty)?;
        if before_number > head.number {
            return Err(StorageError::UnknownBlock {
                number: before_number,
                head: head.number,
            });
        }
        let old_floor = writer.floor()?;
        let floor = old_floor.max(before_number);
        let kept_before = writer.get(Table::Meta, meta::KEPT)?.map(|value| {
            decode_kept(&value).map_err(|error| corrupt(Table::Meta, meta::KEPT, error))
        });
        let kept_before: B256Map<u64> = kept_before
            .transpose()?
            .unwrap_or_default()
            .into_iter()
            .collect();
        let mut kept = B256Map::default();
        for (address, wanted) in keep {
            let there = kept_before
                .get(address)
                .map_or(old_floor, |own| old_floor.min(*own));
            let own = (*wanted).max(there);
            if own < floor {
                kept.insert(*address, own);
            }
        }
        let mut eraser = Eraser::default();
        for (after, to) in ranges(old_floor, floor, &kept_before, &kept) {
            for number in after + 1..=to {
                prune_block(&mut writer, &mut eraser, number, &kept)?;
            }
        }
        let entries = eraser.finish(&mut writer)?;
        let mut kept: Vec<_> = kept.into_iter().collect();
        kept.sort_unstable();
        writer.put(Table::Meta, meta::FLOOR, &floor.to_be_bytes())?;
        if kept.is_empty() {
            writer.delete(Table::Meta, meta::KEPT)?;
        } else {
            writer.put(Table::Meta, meta::KEPT, &encode_kept(&kept))?;
        }
        writer.commit()?;
        metrics::record_prune(entries, started.elapsed());
        Ok(Pruned { entries, floor })
    }
}

/// The blocks (after the first number, up to the second) of which something may have to go: those that all accounts
/// lose, and those that kept accounts lose. Ascending, without overlap.
fn ranges(
    old_floor: u64,
    floor: u64,
    kept_before: &B256Map<u64>,
    kept: &B256Map<u64>,
) -> Vec<(u64, u64)> {
    let own = kept_before.iter();
    let own = own.map(|(address, from)| (*from, kept.get(address).copied().unwrap_or(floor)));
    let mut all: Vec<_> = own
        .chain([(old_floor, floor)])
        .filter(|(from, to)| from < to)
        .collect();
    all.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (from, to) in all {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Deletes a block's history, but for what is kept.
fn prune_block(
    writer: &mut Writer<'_>,
    eraser: &mut Eraser,
    number: u64,
    kept: &B256Map<u64>,
) -> Result<(), StorageError> {
    let key = number.to_be_bytes();
    // Nothing is there when a block changed nothing that is kept.
    let Some(value) = writer.get(Table::ChangeSets, &key)? else {
        return Ok(());
    };
    let changed = ChangeSet::decode(&value);
    let mut changed = changed.map_err(|error| corrupt(Table::ChangeSets, &key, error))?;
    drop(value);
    for account in std::mem::take(&mut changed.accounts) {
        // The state after block `own` needs the entries of the blocks above it.
        let own = kept.get(&account.hashed_address);
        if own.is_some_and(|own| *own < number) {
            changed.accounts.push(account);
        } else {
            eraser.erase(writer, number, &account)?;
        }
    }
    if changed.accounts.is_empty() {
        return writer.delete(Table::ChangeSets, &key);
    }
    // What the block deployed matters for unwinding it, which is no longer possible.
    changed.codes.clear();
    writer.put(Table::ChangeSets, &key, &changed.encode())
}

impl Writer<'_> {
    /// Oldest block whose state is kept for every key.
    fn floor(&self) -> Result<u64, StorageError> {
        let value = self
            .get(Table::Meta, meta::FLOOR)?
            .ok_or(StorageError::Empty)?;
        decode_number(Table::Meta, meta::FLOOR, &value)
    }
}
