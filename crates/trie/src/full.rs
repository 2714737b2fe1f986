//! Roots computed from nothing but the leaves, through alloy's hash builder: what the trie's own
//! results are checked against.

use crate::{AccountInfo, Unsorted};
use alloy_primitives::{B256, U256};
use alloy_trie::{HashBuilder, TrieAccount};
use nybbles::Nibbles;

/// The state root of all accounts with all their slots, both in ascending order of hashes. Slots
/// of value zero do not count.
///
/// # Errors
/// [`Unsorted`].
pub fn full_state_root<S>(
    accounts: impl IntoIterator<Item = (B256, AccountInfo, S)>,
) -> Result<B256, Unsorted>
where
    S: IntoIterator<Item = (B256, U256)>,
{
    let mut root = Root::default();
    for (hashed_address, info, slots) in accounts {
        let storage_root = full_storage_root(slots)?;
        let account = TrieAccount::new(info.nonce, info.balance, storage_root, info.code_hash);
        root.add(hashed_address, &alloy_rlp::encode(account))?;
    }
    Ok(root.builder.root())
}

/// The root of one account's slots, in ascending order of hashed slots. Slots of value zero do not
/// count.
///
/// # Errors
/// [`Unsorted`].
pub fn full_storage_root(slots: impl IntoIterator<Item = (B256, U256)>) -> Result<B256, Unsorted> {
    let mut root = Root::default();
    for (hashed_slot, value) in slots {
        if !value.is_zero() {
            root.add(hashed_slot, &alloy_rlp::encode_fixed_size(&value))?;
        }
    }
    Ok(root.builder.root())
}

#[derive(Default)]
struct Root {
    builder: HashBuilder,
    previous: Option<B256>,
}

impl Root {
    fn add(&mut self, key: B256, value: &[u8]) -> Result<(), Unsorted> {
        // The builder panics on leaves out of order.
        if let Some(previous) = self.previous.filter(|previous| *previous >= key) {
            return Err(Unsorted { previous, key });
        }
        self.previous = Some(key);
        self.builder.add_leaf(Nibbles::unpack_array(&key.0), value);
        Ok(())
    }
}
