//! Random histories: incremental results equal those computed from all leaves.

mod common;

use alloy_primitives::{B256, Bytes, U256, map::B256Map};
use alloy_trie::{Nibbles, proof::verify_proof};
use common::{Plain, PlainAccount, Store, account_oracle, built, difference, plain_root};
use eth_trie::{EthTrie, MemoryDB, Trie};
use openledger_trie::{AccountInfo, AccountUpdate, HashedChanges, StateTrie, TrieUpdates};
use proptest::{prelude::*, sample::Index};
use std::collections::BTreeMap;

/// What happens to one account in a block.
#[derive(Clone, Debug)]
enum Event {
    Set {
        balance: u64,
        slots: Vec<(Index, u64)>,
    },
    Touch,
    Delete,
    Wipe {
        slots: Vec<(Index, u64)>,
    },
}

#[derive(Clone, Debug)]
struct Block {
    events: Vec<(Index, Event)>,
    /// The state of this earlier block is restored instead.
    revert_to: Option<Index>,
    /// How many of the blocks that wait are written to the database, as one or one by one.
    persist: usize,
    merged: bool,
    /// Nodes to keep in memory.
    keep: usize,
    /// The key whose proofs are compared.
    probe: (Index, Index),
    prefetch: bool,
}

#[derive(Clone, Debug)]
struct History {
    accounts: Vec<B256>,
    slots: Vec<B256>,
    blocks: Vec<Block>,
}

/// Keys of which each differs from an earlier one in a single nibble, so that common prefixes of
/// any length occur: extensions, and nodes so deep that they are inlined.
fn keys(count: usize) -> impl Strategy<Value = Vec<B256>> {
    let near = prop_oneof![2 => 0usize..64, 1 => 0usize..3, 2 => 58usize..64];
    let step = (
        any::<Index>(),
        near,
        0u8..16,
        prop::bool::weighted(0.1),
        any::<[u8; 32]>(),
    );
    prop::collection::vec(step, 1..count).prop_map(|steps| {
        let mut keys = vec![B256::repeat_byte(0x11)];
        for (from, at, nibble, fresh, bytes) in steps {
            let mut key = if fresh {
                B256::new(bytes)
            } else {
                *from.get(&keys)
            };
            let shift = if at % 2 == 0 { 4 } else { 0 };
            key[at / 2] = key[at / 2] & !(0x0f << shift) | nibble << shift;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    })
}

fn slots() -> impl Strategy<Value = Vec<(Index, u64)>> {
    let value = prop_oneof![3 => Just(0), 4 => 1u64..200, 1 => any::<u64>()];
    prop::collection::vec((any::<Index>(), value), 0..12)
}

fn block() -> impl Strategy<Value = Block> {
    let event = prop_oneof![
        6 => (any::<u64>(), slots()).prop_map(|(balance, slots)| Event::Set { balance, slots }),
        1 => Just(Event::Touch),
        3 => Just(Event::Delete),
        1 => slots().prop_map(|slots| Event::Wipe { slots }),
    ];
    (
        prop::collection::vec((any::<Index>(), event), 0..10),
        prop::option::weighted(0.1, any::<Index>()),
        0usize..4,
        any::<bool>(),
        prop_oneof![Just(0usize), 0usize..60, Just(1000)],
        (any::<Index>(), any::<Index>()),
        any::<bool>(),
    )
        .prop_map(
            |(events, revert_to, persist, merged, keep, probe, prefetch)| Block {
                events,
                revert_to,
                persist,
                merged,
                keep,
                probe,
                prefetch,
            },
        )
}

fn history() -> impl Strategy<Value = History> {
    (keys(40), keys(40), prop::collection::vec(block(), 1..16)).prop_map(
        |(accounts, slots, blocks)| History {
            accounts,
            slots,
            blocks,
        },
    )
}

/// The changes of a block, and the state after it.
fn run(history: &History, block: &Block, past: &[Plain], now: &Plain) -> (HashedChanges, Plain) {
    if let Some(earlier) = &block.revert_to {
        let next = earlier.get(past).clone();
        return (difference(now, &next), next);
    }
    let mut events = BTreeMap::new();
    for (account, event) in &block.events {
        events.insert(*account.get(&history.accounts), event.clone());
    }
    let mut next = now.clone();
    let mut accounts = Vec::new();
    for (hashed_address, event) in events {
        let old = now.get(&hashed_address);
        let (wiped, balance, slots) = match event {
            Event::Set { balance, slots } => (false, U256::from(balance), slots),
            Event::Touch => match old {
                Some(old) => (false, old.info.balance, vec![]),
                None => continue,
            },
            Event::Wipe { slots } => (true, U256::from(1), slots),
            Event::Delete => {
                next.remove(&hashed_address);
                let update = AccountUpdate {
                    hashed_address,
                    info: None,
                    wiped: false,
                    storage: vec![],
                };
                accounts.push(update);
                continue;
            }
        };
        let storage: BTreeMap<B256, U256> = slots
            .iter()
            .map(|(slot, value)| (*slot.get(&history.slots), U256::from(*value)))
            .collect();
        let info = AccountInfo {
            nonce: 1,
            balance,
            code_hash: B256::repeat_byte(7),
        };
        let account = next.entry(hashed_address).or_insert(PlainAccount {
            info,
            slots: BTreeMap::new(),
        });
        account.info = info;
        if wiped {
            account.slots.clear();
        }
        for (slot, value) in &storage {
            if value.is_zero() {
                account.slots.remove(slot);
            } else {
                account.slots.insert(*slot, *value);
            }
        }
        // In no order.
        let storage = storage.into_iter().rev().collect();
        accounts.push(AccountUpdate {
            hashed_address,
            info: Some(info),
            wiped,
            storage,
        });
    }
    accounts.reverse();
    (HashedChanges { accounts }, next)
}

fn oracle_proof(oracle: &mut EthTrie<MemoryDB>, key: &B256) -> Vec<Bytes> {
    oracle
        .get_proof(key.as_slice())
        .unwrap()
        .into_iter()
        .map(Bytes::from)
        .collect()
}

fn check_proofs(
    trie: &mut StateTrie,
    store: &Store,
    plain: &Plain,
    account: B256,
    slot: B256,
) -> Result<(), TestCaseError> {
    let root = trie.root(store).unwrap();
    let found = plain.get(&account);
    let proof = trie.account_proof(account, store).unwrap();
    prop_assert_eq!(&proof, &oracle_proof(&mut account_oracle(plain), &account));
    let leaf = found.map(|account| alloy_rlp::encode(account.leaf()));
    verify_proof(root, Nibbles::unpack(account), leaf, &proof).unwrap();
    prop_assert_eq!(
        trie.account(account, store).unwrap(),
        found.map(PlainAccount::leaf)
    );

    let proof = trie.storage_proof(account, slot, store).unwrap();
    let Some(found) = found else {
        prop_assert!(proof.is_empty());
        return Ok(());
    };
    prop_assert_eq!(&proof, &oracle_proof(&mut found.storage_oracle(), &slot));
    let value = found.slots.get(&slot).map(alloy_rlp::encode);
    verify_proof(found.storage_root(), Nibbles::unpack(slot), value, &proof).unwrap();
    Ok(())
}

/// Blocks applied to the trie and not yet written.
#[derive(Default)]
struct Pending(Vec<(HashedChanges, TrieUpdates)>);

impl Pending {
    fn write(&mut self, store: &mut Store, count: usize, merged: bool) -> usize {
        let count = count.min(self.0.len());
        let (changes, updates): (Vec<_>, Vec<_>) = self.0.drain(..count).unzip();
        if merged {
            let mut all = updates.into_iter();
            if let Some(mut first) = all.next() {
                all.for_each(|later| first.merge(later));
                store.write(&changes, &first);
            }
        } else {
            for (changes, updates) in changes.into_iter().zip(updates) {
                store.write(&[changes], &updates);
            }
        }
        count
    }
}

fn check(history: &History) -> Result<(), TestCaseError> {
    let mut store = Store::default();
    let mut trie = StateTrie::new();
    let mut pending = Pending::default();
    let mut past = vec![Plain::new()];
    let mut persisted = 0;
    for (number, block) in (1u64..).zip(&history.blocks) {
        let now = past.last().unwrap().clone();
        let (changes, next) = run(history, block, &past, &now);
        if block.prefetch {
            let targets: Vec<_> = changes
                .accounts
                .iter()
                .map(|u| {
                    (
                        u.hashed_address,
                        u.storage.iter().map(|(slot, _)| *slot).collect(),
                    )
                })
                .collect();
            trie.prefetch(&targets, &store).unwrap();
        }
        let updates = trie.apply(number, &changes, &store).unwrap();
        let root = plain_root(&next);
        prop_assert_eq!(updates.root, root, "root of block {}", number);
        prop_assert_eq!(account_oracle(&next).root_hash().unwrap(), root);
        for (hashed_address, leaf) in &updates.accounts {
            prop_assert_eq!(*leaf, next.get(hashed_address).map(PlainAccount::leaf));
        }
        past.push(next);
        pending.0.push((changes, updates));

        persisted += pending.write(&mut store, block.persist, block.merged) as u64;
        trie.evict(persisted, number + 1, block.keep);
        if persisted == number {
            prop_assert!(trie.node_count() <= block.keep);
        }
        let account = *block.probe.0.get(&history.accounts);
        let slot = *block.probe.1.get(&history.slots);
        check_proofs(&mut trie, &store, past.last().unwrap(), account, slot)?;
    }
    pending.write(&mut store, usize::MAX, false);

    // What is stored is what a build from the final leaves stores.
    let last = past.last().unwrap();
    let (root, expected) = built(last);
    prop_assert_eq!(root, plain_root(last));
    prop_assert_eq!(&store, &expected);

    // Any earlier state is reached from the database by reverse changes, and unwinding to it stores
    // what it stored then.
    for (block, earlier) in history.blocks.iter().zip(&past) {
        let mut reversed = StateTrie::new();
        let changes = difference(last, earlier);
        let updates = reversed.apply(0, &changes, &store).unwrap();
        prop_assert_eq!(updates.root, plain_root(earlier));
        let account = *block.probe.0.get(&history.accounts);
        let slot = *block.probe.1.get(&history.slots);
        check_proofs(&mut reversed, &store, earlier, account, slot)?;
        let mut unwound = store.clone();
        unwound.write(&[changes], &updates);
        prop_assert_eq!(&unwound, &built(earlier).1);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn incremental_equals_full_recomputation(history in history()) {
        check(&history)?;
    }
}

/// Large enough for the parallel paths.
#[test]
fn many_changes_at_once_equal_full_recomputation() {
    use rand::{Rng, SeedableRng, rngs::StdRng};
    let mut rng = StdRng::seed_from_u64(1);
    let mut random =
        |count: usize| -> Vec<B256> { (0..count).map(|_| B256::new(rng.random())).collect() };
    let (accounts, slots) = (random(2000), random(1500));
    let mut rng = StdRng::seed_from_u64(2);
    let mut store = Store::default();
    let mut trie = StateTrie::new();
    let mut plain = Plain::new();
    for number in 1..=8u64 {
        let mut next = plain.clone();
        for _ in 0..700 {
            let address = accounts[rng.random_range(0..accounts.len())];
            if rng.random_ratio(1, 4) {
                next.remove(&address);
                continue;
            }
            let balance = U256::from(rng.random::<u64>());
            let info = AccountInfo {
                nonce: number,
                balance,
                code_hash: B256::ZERO,
            };
            let account = next.entry(address).or_insert(PlainAccount {
                info,
                slots: BTreeMap::new(),
            });
            account.info = info;
        }
        // One account with many slots, and some with a few.
        let mut few: Vec<_> = next.keys().copied().take(30).collect();
        few.push(*next.keys().next_back().unwrap());
        for (i, address) in few.iter().enumerate() {
            let count = if i + 1 == few.len() { 900 } else { 20 };
            for _ in 0..count {
                let slot = slots[rng.random_range(0..slots.len())];
                let storage = &mut next.get_mut(address).unwrap().slots;
                if rng.random_ratio(1, 3) {
                    storage.remove(&slot);
                } else {
                    storage.insert(slot, U256::from(rng.random_range(1..1000u64)));
                }
            }
        }
        let changes = difference(&plain, &next);
        let targets: B256Map<Vec<B256>> = changes
            .accounts
            .iter()
            .map(|u| {
                (
                    u.hashed_address,
                    u.storage.iter().map(|(slot, _)| *slot).collect(),
                )
            })
            .collect();
        trie.prefetch(&targets.into_iter().collect::<Vec<_>>(), &store)
            .unwrap();
        let updates = trie.apply(number, &changes, &store).unwrap();
        assert_eq!(updates.root, plain_root(&next));
        store.write(&[changes], &updates);
        if number % 3 == 0 {
            trie.evict(number, number + 1, 100);
        }
        plain = next;
    }
    assert_eq!(store, built(&plain).1);
}
