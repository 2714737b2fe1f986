//! A database that fails or lies: errors, never panics, never a wrong answer that goes unnoticed.

mod common;

use alloy_primitives::{B256, U256};
use alloy_trie::{KECCAK_EMPTY, Nibbles, TrieAccount};
use common::{Plain, PlainAccount, Store, built, difference, plain_root};
use openledger_trie::{
    AccountInfo, AccountUpdate, BranchRecord, HashedChanges, StateTrie, TrieError, TrieReader,
};
use proptest::{prelude::*, sample::Index};
use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

fn key(number: u64) -> B256 {
    alloy_primitives::keccak256(number.to_be_bytes())
}

fn info(balance: u64) -> AccountInfo {
    AccountInfo {
        nonce: 0,
        balance: U256::from(balance),
        code_hash: KECCAK_EMPTY,
    }
}

/// A hundred accounts; the first ten have storage.
fn plain() -> Plain {
    let slots = |count| (0..count).map(|n| (key(n), U256::from(n + 1))).collect();
    (0..100)
        .map(|n| {
            let count = if n < 10 { n * 5 } else { 0 };
            (
                key(n),
                PlainAccount {
                    info: info(n),
                    slots: slots(count),
                },
            )
        })
        .collect()
}

fn changes() -> HashedChanges {
    let mut next = plain();
    for n in (0..120).step_by(7) {
        if n % 2 == 0 {
            next.remove(&key(n));
        } else {
            let account = next.entry(key(n));
            let account = account.or_insert(PlainAccount {
                info: info(n),
                slots: Default::default(),
            });
            account.info = info(1000 + n);
            account.slots.insert(key(n), U256::from(9));
            account.slots.remove(&key(3));
        }
    }
    difference(&plain(), &next)
}

/// Answers this many times and then fails.
struct Failing<'a> {
    store: &'a Store,
    answers: AtomicUsize,
}

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

impl Failing<'_> {
    fn answer<T>(&self, answer: Result<T, std::convert::Infallible>) -> Result<T, Broken> {
        let spent = |left: usize| left.checked_sub(1);
        match self
            .answers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent)
        {
            Ok(_) => answer.map_err(|never| match never {}),
            Err(_) => Err(Broken),
        }
    }
}

impl TrieReader for Failing<'_> {
    type Error = Broken;

    fn account_branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, Broken> {
        self.answer(self.store.account_branch(path))
    }

    fn first_account(&self, prefix: &Nibbles) -> Result<Option<(B256, TrieAccount)>, Broken> {
        self.answer(self.store.first_account(prefix))
    }

    fn storage_branch(&self, owner: B256, path: &Nibbles) -> Result<Option<BranchRecord>, Broken> {
        self.answer(self.store.storage_branch(owner, path))
    }

    fn first_slot(&self, owner: B256, prefix: &Nibbles) -> Result<Option<(B256, U256)>, Broken> {
        self.answer(self.store.first_slot(owner, prefix))
    }
}

#[test]
fn a_failed_update_poisons_and_a_new_trie_recovers() {
    let (_, store) = built(&plain());
    let expected = StateTrie::new().apply(1, &changes(), &store).unwrap();
    for answers in 0.. {
        let reader = Failing {
            store: &store,
            answers: AtomicUsize::new(answers),
        };
        let mut trie = StateTrie::new();
        match trie.apply(1, &changes(), &reader) {
            Ok(updates) => {
                assert_eq!(updates, expected);
                assert!(answers > 20, "the update reads more than {answers} times");
                return;
            }
            Err(TrieError::Reader(Broken)) => {}
            Err(other) => panic!("{other}"),
        }
        assert!(matches!(
            trie.apply(1, &changes(), &store),
            Err(TrieError::Poisoned)
        ));
        assert!(matches!(
            trie.account_proof(key(1), &store),
            Err(TrieError::Poisoned)
        ));
        assert!(matches!(
            trie.storage_proof(key(1), key(1), &store),
            Err(TrieError::Poisoned)
        ));
        assert!(matches!(trie.root(&store), Err(TrieError::Poisoned)));
    }
}

#[test]
fn failed_proofs_and_prefetches_leave_the_trie_usable() {
    let (root, store) = built(&plain());
    let mut trie = StateTrie::new();
    let targets: Vec<_> = (0..20).map(|n| (key(n), vec![key(2), key(3)])).collect();
    for answers in 0..60 {
        let reader = Failing {
            store: &store,
            answers: AtomicUsize::new(answers),
        };
        let _ = trie.prefetch(&targets, &reader);
        let reader = Failing {
            store: &store,
            answers: AtomicUsize::new(answers % 5),
        };
        let _ = trie.account_proof(key(answers as u64), &reader);
        let _ = trie.storage_proof(key(answers as u64 % 10), key(1), &reader);
    }
    assert_eq!(trie.root(&store).unwrap(), root);
    let updates = trie.apply(1, &changes(), &store).unwrap();
    assert_eq!(
        updates,
        StateTrie::new().apply(1, &changes(), &store).unwrap()
    );
}

#[test]
fn duplicates_are_refused_and_nothing_happens() {
    let (_, store) = built(&plain());
    let mut trie = StateTrie::new();
    let update = |storage| AccountUpdate {
        hashed_address: key(1),
        info: Some(info(5)),
        wiped: false,
        storage,
    };
    let twice = HashedChanges {
        accounts: vec![update(vec![]), update(vec![])],
    };
    let slot = (key(4), U256::ZERO);
    let slot_twice = HashedChanges {
        accounts: vec![update(vec![slot, slot])],
    };
    assert!(matches!(trie.apply(1, &twice, &store), Err(TrieError::Duplicate(k)) if k == key(1)));
    let result = trie.apply(1, &slot_twice, &store);
    assert!(matches!(result, Err(TrieError::Duplicate(k)) if k == key(4)));
    assert_eq!(trie.root(&store).unwrap(), plain_root(&plain()));
}

#[test]
fn a_storage_trie_that_is_not_the_accounts_is_noticed() {
    let (_, mut store) = built(&plain());
    store.accounts.get_mut(&key(5)).unwrap().storage_root = B256::repeat_byte(1);
    // The account trie has to agree with the altered leaf for the storage root to be what differs.
    let mut trie = StateTrie::new();
    let leaves = store.accounts.clone();
    store.account_nodes.clear();
    openledger_trie::build_account_trie(leaves, |path, record| {
        store.account_nodes.insert(path, record);
    })
    .unwrap();
    let storage = vec![(key(77), U256::from(1))];
    let update = AccountUpdate {
        hashed_address: key(5),
        info: Some(info(5)),
        wiped: false,
        storage,
    };
    let result = trie.apply(
        1,
        &HashedChanges {
            accounts: vec![update],
        },
        &store,
    );
    assert!(matches!(
        result,
        Err(TrieError::Inconsistent {
            hashed_address: None,
            ..
        })
    ));
}

/// One thing that is wrong in a database.
#[derive(Clone, Debug)]
enum Damage {
    LoseAccountNode(Index),
    LoseStorageNode(Index),
    SwapAccountNodes(Index, Index),
    SwapStorageNodes(Index, Index),
    LoseAccount(Index),
    ChangeAccount(Index),
    LoseSlot(Index),
    ChangeSlot(Index),
    AddAccount(B256),
    FlipRecord(Index, Index, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    use Damage::*;
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(LoseAccountNode),
        at().prop_map(LoseStorageNode),
        (at(), at()).prop_map(|(a, b)| SwapAccountNodes(a, b)),
        (at(), at()).prop_map(|(a, b)| SwapStorageNodes(a, b)),
        at().prop_map(LoseAccount),
        at().prop_map(ChangeAccount),
        at().prop_map(LoseSlot),
        at().prop_map(ChangeSlot),
        any::<[u8; 32]>().prop_map(|key| AddAccount(key.into())),
        (at(), at(), any::<u8>()).prop_map(|(a, b, byte)| FlipRecord(a, b, byte)),
    ]
}

fn nth<K: Clone, V>(map: &std::collections::BTreeMap<K, V>, at: &Index) -> K {
    map.keys().nth(at.index(map.len())).unwrap().clone()
}

fn inflict(store: &mut Store, damage: &Damage) {
    match damage {
        Damage::LoseAccountNode(at) => {
            store.account_nodes.remove(&nth(&store.account_nodes, at));
        }
        Damage::LoseStorageNode(at) => {
            store.storage_nodes.remove(&nth(&store.storage_nodes, at));
        }
        Damage::SwapAccountNodes(a, b) => {
            let (a, b) = (nth(&store.account_nodes, a), nth(&store.account_nodes, b));
            let record = store.account_nodes[&a].clone();
            store.account_nodes.insert(b, record);
        }
        Damage::SwapStorageNodes(a, b) => {
            let (a, b) = (nth(&store.storage_nodes, a), nth(&store.storage_nodes, b));
            let record = store.storage_nodes[&a].clone();
            store.storage_nodes.insert(b, record);
        }
        Damage::LoseAccount(at) => {
            store.accounts.remove(&nth(&store.accounts, at));
        }
        Damage::ChangeAccount(at) => {
            let key = nth(&store.accounts, at);
            store.accounts.get_mut(&key).unwrap().nonce += 1;
        }
        Damage::LoseSlot(at) => {
            store.slots.remove(&nth(&store.slots, at));
        }
        Damage::ChangeSlot(at) => {
            let key = nth(&store.slots, at);
            *store.slots.get_mut(&key).unwrap() += U256::from(1);
        }
        Damage::AddAccount(key) => {
            store.accounts.insert(*key, TrieAccount::default());
        }
        Damage::FlipRecord(at, byte, with) => {
            let path = nth(&store.account_nodes, at);
            let mut bytes = store.account_nodes[&path].as_bytes().to_vec();
            let byte = byte.index(bytes.len());
            bytes[byte] ^= with;
            if let Ok(record) = BranchRecord::decode(&bytes) {
                store.account_nodes.insert(path, record);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_damaged_database_gives_errors_and_not_panics(damages in prop::collection::vec(damage(), 1..4)) {
        let (root, mut store) = built(&plain());
        let (_, intact) = built(&plain());
        for damage in &damages {
            inflict(&mut store, damage);
        }
        let mut trie = StateTrie::new();
        for n in 0..110 {
            // A proof that is given is right: everything loaded is checked against its parent. Only
            // the root's own record has no parent.
            if let Ok(found) = trie.root(&store)
                && found == root
                && let Ok(proof) = trie.account_proof(key(n), &store)
            {
                let expected = StateTrie::new().account_proof(key(n), &intact).unwrap();
                prop_assert_eq!(proof, expected);
            }
            let _ = trie.storage_proof(key(n % 10), key(n), &store);
        }
        let _ = StateTrie::new().apply(1, &changes(), &store);
        let _ = trie.apply(1, &changes(), &store);
    }
}
