//! From the changes of a block to its state root, over tries of many accounts, in memory and cold.

use alloy_primitives::{B256, U256, keccak256};
use alloy_trie::{KECCAK_EMPTY, TrieAccount};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use nybbles::Nibbles;
use openledger_trie::{
    AccountInfo, AccountUpdate, BranchRecord, HashedChanges, StateTrie, TrieReader,
    build_account_trie, build_storage_trie,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{cell::RefCell, collections::HashMap, convert::Infallible, hint::black_box};

/// Leaves sorted in a vector, records in a hash map: about what a warm database costs.
struct Store {
    owner: B256,
    account_nodes: HashMap<Nibbles, BranchRecord>,
    accounts: Vec<(B256, TrieAccount)>,
    slot_nodes: HashMap<Nibbles, BranchRecord>,
    slots: Vec<(B256, U256)>,
}

fn first<V: Copy>(leaves: &[(B256, V)], prefix: &Nibbles) -> Option<(B256, V)> {
    let mut low = B256::ZERO;
    let packed = prefix.pack();
    low[..packed.len()].copy_from_slice(&packed);
    let found = leaves.get(leaves.partition_point(|(key, _)| *key < low))?;
    Nibbles::unpack(found.0)
        .starts_with(prefix)
        .then_some(*found)
}

impl TrieReader for Store {
    type Error = Infallible;

    fn account_branch(&self, path: &Nibbles) -> Result<Option<BranchRecord>, Infallible> {
        Ok(self.account_nodes.get(path).cloned())
    }

    fn first_account(&self, prefix: &Nibbles) -> Result<Option<(B256, TrieAccount)>, Infallible> {
        Ok(first(&self.accounts, prefix))
    }

    fn storage_branch(
        &self,
        owner: B256,
        path: &Nibbles,
    ) -> Result<Option<BranchRecord>, Infallible> {
        Ok((owner == self.owner)
            .then(|| self.slot_nodes.get(path).cloned())
            .flatten())
    }

    fn first_slot(
        &self,
        owner: B256,
        prefix: &Nibbles,
    ) -> Result<Option<(B256, U256)>, Infallible> {
        Ok((owner == self.owner)
            .then(|| first(&self.slots, prefix))
            .flatten())
    }
}

fn key(number: u64) -> B256 {
    keccak256(number.to_be_bytes())
}

/// Accounts, of which the first has as many slots.
fn store(size: u64) -> Store {
    let mut slots: Vec<_> = (0..size).map(|n| (key(n), U256::from(n + 1))).collect();
    slots.sort_unstable_by_key(|leaf| leaf.0);
    let mut slot_nodes = HashMap::new();
    let storage_root = build_storage_trie(slots.iter().copied(), |path, record| {
        slot_nodes.insert(path, record);
    })
    .expect("sorted");
    let mut accounts: Vec<_> = (0..size)
        .map(|n| {
            let mut account = TrieAccount {
                balance: U256::from(n),
                ..Default::default()
            };
            if n == 0 {
                account.storage_root = storage_root;
            }
            (key(n), account)
        })
        .collect();
    accounts.sort_unstable_by_key(|leaf| leaf.0);
    let mut account_nodes = HashMap::new();
    build_account_trie(accounts.iter().copied(), |path, record| {
        account_nodes.insert(path, record);
    })
    .expect("sorted");
    Store {
        owner: key(0),
        account_nodes,
        accounts,
        slot_nodes,
        slots,
    }
}

fn info(rng: &mut StdRng) -> AccountInfo {
    let balance = U256::from(rng.random::<u64>());
    AccountInfo {
        nonce: rng.random_range(0..1000),
        balance,
        code_hash: KECCAK_EMPTY,
    }
}

/// Random accounts get new balances, as native transfers do.
fn transfers(rng: &mut StdRng, size: u64, count: usize) -> HashedChanges {
    let mut numbers: Vec<u64> = (0..count).map(|_| rng.random_range(1..size)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let accounts = numbers.into_iter().map(|n| AccountUpdate {
        hashed_address: key(n),
        info: Some(info(rng)),
        wiped: false,
        storage: vec![],
    });
    HashedChanges {
        accounts: accounts.collect(),
    }
}

/// Random slots of one account change, as transfers of a token do.
fn token(rng: &mut StdRng, size: u64, count: usize) -> HashedChanges {
    let mut numbers: Vec<u64> = (0..count).map(|_| rng.random_range(0..size)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let storage = numbers
        .into_iter()
        .map(|n| (key(n), U256::from(rng.random::<u64>() | 1)));
    let storage = storage.collect();
    let info = Some(info(rng));
    let update = AccountUpdate {
        hashed_address: key(0),
        info,
        wiped: false,
        storage,
    };
    HashedChanges {
        accounts: vec![update],
    }
}

fn targets(changes: &HashedChanges) -> Vec<(B256, Vec<B256>)> {
    let slots = |update: &AccountUpdate| update.storage.iter().map(|slot| slot.0).collect();
    changes
        .accounts
        .iter()
        .map(|update| (update.hashed_address, slots(update)))
        .collect()
}

type Workload = fn(&mut StdRng, u64, usize) -> HashedChanges;

fn root(criterion: &mut Criterion) {
    for size in [100_000u64, 1_000_000] {
        let store = store(size);
        let workloads: [(&str, Workload); 2] = [("accounts", transfers), ("slots", token)];
        for (name, workload) in workloads {
            let mut group = criterion.benchmark_group(format!("{name}/{size}"));
            group.sample_size(20);
            for count in [1usize, 1_000, 10_000] {
                let mut rng = StdRng::seed_from_u64(count as u64);
                let trie = RefCell::new(StateTrie::new());
                let mut block = 0;
                // What follows the last transaction when the paths were loaded while it executed.
                group.bench_function(BenchmarkId::new("prefetched", count), |bencher| {
                    bencher.iter_batched(
                        || {
                            let changes = workload(&mut rng, size, count);
                            trie.borrow_mut()
                                .prefetch(&targets(&changes), &store)
                                .expect("paths");
                            changes
                        },
                        |changes| {
                            block += 1;
                            black_box(trie.borrow_mut().apply(block, &changes, &store))
                                .expect("a root")
                        },
                        BatchSize::PerIteration,
                    );
                });
                group.bench_function(BenchmarkId::new("cold", count), |bencher| {
                    bencher.iter_batched(
                        || workload(&mut rng, size, count),
                        |changes| {
                            black_box(StateTrie::new().apply(1, &changes, &store)).expect("a root")
                        },
                        BatchSize::PerIteration,
                    );
                });
            }
            group.finish();
        }
    }
}

criterion_group!(benches, root);
criterion_main!(benches);
