//! Durable commits of blocks that change 100, 1,000 and 10,000 random leaves of a state of a million.
//!
//! Half of the leaves are accounts, half are slots of one token contract, as in a block of token transfers; a block has as
//! many transactions as it changes accounts. Two figures for each size: one block a commit, and eight.

use alloy_consensus::{Eip658Value, Header, Signed, TxLegacy};
use alloy_primitives::{Address, B256, Bytes, Log, Signature, U256, keccak256};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use openledger_primitives::{
    Account, AccountChange, Block, BlockChanges, Receipt, Tx, TxEnvelope, TxType,
};
use openledger_storage::{Database, DatabaseOptions, ExecutedBlock};
use openledger_trie::StateTrie;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{collections::BTreeSet, sync::Arc};

const LEAVES: u64 = 1_000_000;

struct Chain {
    database: Database,
    trie: StateTrie,
    nonces: Vec<u64>,
    slots: Vec<u64>,
    number: u64,
    parent: B256,
    random: StdRng,
}

fn address(n: u64) -> Address {
    Address::from_word(keccak256(n.to_be_bytes()))
}

fn account(nonce: u64) -> Account {
    Account {
        nonce,
        balance: U256::from(1_000_000_000_000_000_000 - nonce),
        ..Default::default()
    }
}

/// The token contract sorts first among the changes.
const TOKEN: Address = Address::ZERO;

impl Chain {
    fn new(directory: &std::path::Path) -> Self {
        let database = Database::open(directory, &DatabaseOptions::default()).unwrap();
        let count = (LEAVES / 2) as usize;
        let mut chain = Self {
            database,
            trie: StateTrie::new(),
            nonces: vec![0; count],
            slots: vec![0; count],
            number: 0,
            parent: B256::ZERO,
            random: StdRng::seed_from_u64(1),
        };
        let all: Vec<_> = (0..count).collect();
        let genesis = chain.execute(&all, 0, true);
        chain.database.init_genesis(1, &genesis).unwrap();
        chain
    }

    /// The next block, with so many random leaves changed.
    fn next(&mut self, leaves: usize) -> Arc<ExecutedBlock> {
        let mut keys = BTreeSet::new();
        while keys.len() < leaves / 2 {
            keys.insert(self.random.random_range(0..self.nonces.len()));
        }
        let keys: Vec<_> = keys.into_iter().collect();
        self.execute(&keys, leaves / 2, false)
    }

    fn execute(
        &mut self,
        keys: &[usize],
        transactions: usize,
        genesis: bool,
    ) -> Arc<ExecutedBlock> {
        let mut accounts = Vec::with_capacity(keys.len() + 1);
        let mut storage = Vec::with_capacity(keys.len());
        for &key in keys {
            let (nonce, slot) = (self.nonces[key], self.slots[key]);
            self.nonces[key] += 1;
            self.slots[key] += 1;
            let before = (!genesis).then(|| account(nonce));
            let after = Some(account(nonce + 1));
            let address = address(key as u64);
            accounts.push(AccountChange {
                address,
                before,
                after,
                wiped: false,
                storage: Vec::new(),
            });
            storage.push((U256::from(key), U256::from(slot), U256::from(slot + 1)));
        }
        let token = Some(Account {
            nonce: 1,
            ..Default::default()
        });
        let before = if genesis { None } else { token };
        accounts.push(AccountChange {
            address: TOKEN,
            before,
            after: token,
            wiped: false,
            storage,
        });
        accounts.sort_by_key(|account| account.address);
        let changes = BlockChanges {
            accounts,
            ..Default::default()
        };

        let draft = Block::new(Header::default(), Vec::new(), None);
        let draft = ExecutedBlock::new(draft, Vec::new(), changes.clone());
        let reader = self.database.parallel_reader().unwrap();
        let trie = self
            .trie
            .apply(self.number, &draft.hashed_changes(), &reader)
            .unwrap();
        let header = Header {
            number: self.number,
            parent_hash: self.parent,
            state_root: trie.root,
            ..Default::default()
        };
        let transactions: Vec<_> = (0..transactions as u64)
            .map(|i| self.transaction(i))
            .collect();
        let receipts = (0..transactions.len() as u64).map(receipt).collect();
        let block = Block::new(header, transactions, None);
        self.parent = block.hash();
        self.number += 1;
        Arc::new(ExecutedBlock::new(block, receipts, changes).with_trie(trie))
    }

    fn transaction(&mut self, index: u64) -> Tx {
        let tx = TxLegacy {
            nonce: self.number << 20 | index,
            gas_limit: 65_000,
            input: Bytes::from(vec![9; 68]),
            ..Default::default()
        };
        let signed = Signed::new_unhashed(tx, Signature::test_signature());
        Tx::with_signer(TxEnvelope::Legacy(signed), address(index))
    }
}

fn receipt(index: u64) -> Receipt {
    let topics = vec![
        B256::repeat_byte(1),
        address(index).into_word(),
        address(index + 1).into_word(),
    ];
    Receipt {
        tx_type: TxType::Legacy,
        status: Eip658Value::Eip658(true),
        cumulative_gas_used: 50_000 * (index + 1),
        logs: vec![Log::new_unchecked(TOKEN, topics, vec![0; 32].into())],
        deposit_nonce: None,
        deposit_receipt_version: None,
    }
}

fn commit(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let chain = std::cell::RefCell::new(Chain::new(directory.path()));
    let mut group = criterion.benchmark_group("durable commit, 1 M leaves");
    group.sample_size(10);
    for (leaves, blocks) in [(100, 1), (1_000, 1), (10_000, 1), (1_000, 8), (10_000, 8)] {
        group.throughput(Throughput::Elements((leaves * blocks) as u64));
        let id = BenchmarkId::new(format!("{blocks} blocks of"), leaves);
        group.bench_function(id, |bencher| {
            let database = chain.borrow().database.clone();
            let setup = || {
                (0..blocks)
                    .map(|_| chain.borrow_mut().next(leaves))
                    .collect::<Vec<_>>()
            };
            bencher.iter_batched(
                setup,
                |batch| database.commit(&batch).unwrap(),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    let changes = chain.borrow_mut().next(10_000).changes.clone();
    criterion.bench_function("hash and index 10,000 leaves", |bencher| {
        let block = || {
            (
                Block::new(Header::default(), Vec::new(), None),
                changes.clone(),
            )
        };
        let make = |(block, changes)| ExecutedBlock::new(block, Vec::new(), changes);
        bencher.iter_batched(block, make, BatchSize::LargeInput);
    });
}

criterion_group!(benches, commit);
criterion_main!(benches);
