//! What goes into an update of the state trie, and what comes out.

use crate::BranchRecord;
use alloy_primitives::{B256, U256};
use alloy_trie::TrieAccount;
use nybbles::Nibbles;

/// What a block (or several, merged) changed in the state, keyed by hashes.
///
/// In any order; an account is named once, and each of its slots once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HashedChanges {
    /// The accounts that changed, or whose storage did.
    pub accounts: Vec<AccountUpdate>,
}

/// What changed in one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountUpdate {
    /// Keccak-256 of the address.
    pub hashed_address: B256,
    /// The account as it is now, changed or not; `None` when it is gone, its storage with it.
    pub info: Option<AccountInfo>,
    /// The storage that was there before is gone (a self-destruct); `storage` is all there is now.
    pub wiped: bool,
    /// Keccak-256 of the slot, and the value it has now; zero deletes it.
    pub storage: Vec<(B256, U256)>,
}

/// An account without its storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountInfo {
    /// The account's nonce.
    pub nonce: u64,
    /// The balance in wei.
    pub balance: U256,
    /// Keccak-256 of the code, that of no bytes when there is none.
    pub code_hash: B256,
}

/// A branch record at a path: the one to store there, or `None` to delete the one that is there.
pub type NodeUpdate = (Nibbles, Option<BranchRecord>);

/// What an update leaves to write to the database.
///
/// Updates are written in the order of their blocks, or merged in that order with
/// [`merge`](Self::merge). Within one update each path and each account occurs once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrieUpdates {
    /// The state root.
    pub root: B256,
    /// Records of the account trie. A deletion may name a path at which nothing is stored.
    pub account_nodes: Vec<NodeUpdate>,
    /// What changed in storage tries, in ascending order of accounts.
    pub storage: Vec<StorageTrieUpdates>,
    /// The leaf of every account of the changes in ascending order, `None` when it is gone.
    pub accounts: Vec<(B256, Option<TrieAccount>)>,
}

/// What an update leaves to write for one storage trie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageTrieUpdates {
    /// Keccak-256 of the account's address.
    pub hashed_address: B256,
    /// The new storage root.
    pub root: B256,
    /// All stored records of this account (and its stored slots) are to be deleted first.
    pub wiped: bool,
    /// Records of this trie. A deletion may name a path at which nothing is stored.
    pub nodes: Vec<NodeUpdate>,
}

impl TrieUpdates {
    /// Adds the updates of the next block, so that writing the result once is writing both.
    ///
    /// Everything is in ascending order of path and account afterwards.
    pub fn merge(&mut self, later: Self) {
        self.root = later.root;
        merge_sorted(
            &mut self.account_nodes,
            later.account_nodes,
            |node| node.0,
            |_, new| new,
        );
        merge_sorted(
            &mut self.accounts,
            later.accounts,
            |leaf| leaf.0,
            |_, new| new,
        );
        merge_sorted(
            &mut self.storage,
            later.storage,
            |trie| trie.hashed_address,
            |mut old, new| {
                if new.wiped {
                    return new;
                }
                old.root = new.root;
                merge_sorted(&mut old.nodes, new.nodes, |node| node.0, |_, new| new);
                old
            },
        );
    }
}

/// Merges `later` into `base` by key; `both` decides when a key is in the two.
fn merge_sorted<T, K: Ord>(
    base: &mut Vec<T>,
    later: Vec<T>,
    key: impl Fn(&T) -> K,
    both: impl Fn(T, T) -> T,
) {
    let mut all = std::mem::take(base);
    all.extend(later);
    // Stable, so that of two equal keys the earlier update comes first.
    all.sort_by_key(&key);
    for item in all {
        match base.last() {
            Some(last) if key(last) == key(&item) => {
                if let Some(old) = base.pop() {
                    base.push(both(old, item));
                }
            }
            _ => base.push(item),
        }
    }
}
