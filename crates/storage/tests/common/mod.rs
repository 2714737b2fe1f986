//! A chain of made-up blocks with a model of its state.

#![allow(dead_code)]

use alloy_consensus::{Eip658Value, Header, Signed, TxLegacy};
use alloy_primitives::{Address, B256, Bytes, Log, Signature, U256, keccak256, map::B256Map};
use openledger_primitives::{
    Account, AccountChange, Block, BlockChanges, Receipt, Tx, TxEnvelope, TxType,
};
use openledger_storage::{Database, DatabaseOptions, ExecutedBlock, Reader, SyncMode, Table};
use openledger_trie::{AccountInfo, StateTrie, full_state_root};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

pub const CHAIN_ID: u64 = 901;

/// The state after a block: accounts with their slots that are not zero.
pub type State = BTreeMap<Address, (Account, BTreeMap<U256, U256>)>;

/// One thing that happens in a block.
#[derive(Debug, Clone)]
pub enum Op {
    Balance(u8, u64),
    Slot(u8, u8, u8),
    Destroy(u8),
    Deploy(u8, u8),
}

/// Blocks from the genesis on, committed or not, with the state after each.
pub struct Chain {
    pub states: Vec<State>,
    pub blocks: Vec<Arc<ExecutedBlock>>,
    trie: StateTrie,
}

pub fn address(n: u8) -> Address {
    Address::repeat_byte(n)
}

pub fn hashed(n: u8) -> B256 {
    keccak256(address(n))
}

pub fn hashed_slot(slot: u8) -> B256 {
    keccak256(U256::from(slot).to_be_bytes::<32>())
}

/// A directory in memory where there is one: for tests that sync thousands of times and do not test syncing.
pub fn fast_directory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub fn options() -> DatabaseOptions {
    // Durability against power failure is not what these tests can see; without it they are fast.
    DatabaseOptions {
        sync: SyncMode::Lazy,
        max_size: 1 << 30,
        growth_step: 1 << 20,
        ..Default::default()
    }
}

pub fn open(path: &Path) -> Database {
    Database::open(path, &options()).unwrap()
}

impl Chain {
    /// A chain that begins with these accounts.
    pub fn new(database: &Database, ops: &[Op]) -> Self {
        let mut chain = Self {
            states: Vec::new(),
            blocks: Vec::new(),
            trie: StateTrie::new(),
        };
        let reader = database.reader().unwrap();
        let genesis = chain.execute(&reader, &State::new(), ops, 0);
        assert!(database.init_genesis(CHAIN_ID, &genesis).unwrap());
        chain
    }

    pub fn head(&self) -> &Arc<ExecutedBlock> {
        self.blocks.last().unwrap()
    }

    pub fn head_number(&self) -> u64 {
        self.head().number()
    }

    /// Executes the next block; it is not committed.
    pub fn extend(&mut self, database: &Database, ops: &[Op]) -> Arc<ExecutedBlock> {
        let reader = database.parallel_reader().unwrap();
        let state = self.states.last().unwrap().clone();
        let transactions = ops.len() % 4;
        self.execute(&reader, &state, ops, transactions)
    }

    /// Forgets the blocks above `number`.
    pub fn truncate(&mut self, number: u64) {
        self.blocks.truncate(number as usize + 1);
        self.states.truncate(number as usize + 1);
        self.trie = StateTrie::new();
    }

    fn execute(
        &mut self,
        reader: &Reader,
        before: &State,
        ops: &[Op],
        transactions: usize,
    ) -> Arc<ExecutedBlock> {
        let (after, changes) = run(before, ops);
        let (number, parent_hash) = self
            .blocks
            .last()
            .map_or((0, B256::ZERO), |head| (head.number() + 1, head.hash()));
        let transactions: Vec<_> = (0..transactions as u64)
            .map(|i| transaction(number, i))
            .collect();
        let receipts = (0..transactions.len() as u64)
            .map(|i| receipt(number, i))
            .collect();
        let draft = Block::new(Header::default(), Vec::new(), None);
        let draft = ExecutedBlock::new(draft, Vec::new(), changes.clone());
        let trie = self
            .trie
            .apply(number, &draft.hashed_changes(), reader)
            .unwrap();
        assert_eq!(trie.root, root(&after), "the trie differs from the oracle");
        let header = Header {
            number,
            parent_hash,
            state_root: trie.root,
            transactions_root: Block::transactions_root(&transactions),
            timestamp: 1_000 + number,
            base_fee_per_gas: Some(7),
            withdrawals_root: Some(B256::ZERO),
            ..Default::default()
        };
        let block = Block::new(header, transactions, Some(Default::default()));
        let executed = Arc::new(ExecutedBlock::new(block, receipts, changes).with_trie(trie));
        self.states.push(after);
        self.blocks.push(executed.clone());
        executed
    }
}

/// The model of execution.
fn run(before: &State, ops: &[Op]) -> (State, BlockChanges) {
    let mut after = before.clone();
    let mut destroyed = BTreeSet::new();
    let mut codes = B256Map::default();
    for op in ops {
        match *op {
            Op::Balance(n, value) => {
                let (account, _) = after.entry(address(n)).or_default();
                account.nonce += 1;
                account.balance = U256::from(value) << (value % 190);
            }
            Op::Slot(n, slot, value) => {
                let (account, storage) = after.entry(address(n)).or_default();
                account.nonce = account.nonce.max(1);
                if value == 0 {
                    storage.remove(&U256::from(slot));
                } else {
                    storage.insert(U256::from(slot), U256::from(value) << u32::from(value));
                }
            }
            Op::Destroy(n) => {
                after.remove(&address(n));
                destroyed.insert(address(n));
            }
            Op::Deploy(n, code) => {
                let code = Bytes::from(vec![code; 100]);
                let (account, _) = after.entry(address(n)).or_default();
                account.nonce = account.nonce.max(1);
                account.code_hash = keccak256(&code);
                codes.insert(account.code_hash, code);
            }
        }
    }
    let all: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let mut accounts = Vec::new();
    for address in all {
        let (old, new) = (before.get(&address), after.get(&address));
        let wiped = old.is_some() && destroyed.contains(&address);
        if old == new && !wiped {
            continue;
        }
        let empty = BTreeMap::new();
        let old_slots = if wiped {
            &empty
        } else {
            old.map_or(&empty, |old| &old.1)
        };
        let new_slots = new.map_or(&empty, |new| &new.1);
        let slots: BTreeSet<_> = old_slots.keys().chain(new_slots.keys()).copied().collect();
        let value = |slots: &BTreeMap<U256, U256>, slot: &U256| {
            slots.get(slot).copied().unwrap_or_default()
        };
        let storage = slots
            .iter()
            .map(|slot| (*slot, value(old_slots, slot), value(new_slots, slot)))
            .filter(|(_, before, after)| before != after)
            .collect();
        let (before, after) = (old.map(|old| old.0), new.map(|new| new.0));
        accounts.push(AccountChange {
            address,
            before,
            after,
            wiped,
            storage,
        });
    }
    (after, BlockChanges { accounts, codes })
}

/// The state root by the oracle.
pub fn root(state: &State) -> B256 {
    let mut accounts: Vec<_> = state
        .iter()
        .map(|(address, (account, slots))| {
            let slots = slots.iter();
            let mut slots: Vec<_> = slots
                .map(|(slot, value)| (keccak256(slot.to_be_bytes::<32>()), *value))
                .collect();
            slots.sort_unstable();
            let Account {
                nonce,
                balance,
                code_hash,
            } = *account;
            (
                keccak256(address),
                AccountInfo {
                    nonce,
                    balance,
                    code_hash,
                },
                slots,
            )
        })
        .collect();
    accounts.sort_unstable_by_key(|account| account.0);
    full_state_root(accounts).unwrap()
}

pub fn transaction(block: u64, index: u64) -> Tx {
    let tx = TxLegacy {
        nonce: block * 1_000 + index,
        gas_limit: 21_000,
        ..Default::default()
    };
    let signed = Signed::new_unhashed(tx, Signature::test_signature());
    Tx::with_signer(
        TxEnvelope::Legacy(signed),
        Address::repeat_byte(index as u8),
    )
}

pub fn receipt(block: u64, index: u64) -> Receipt {
    let topic = B256::from(U256::from(block));
    let log = Log::new_unchecked(
        address(index as u8),
        vec![topic],
        Bytes::from(vec![7; index as usize]),
    );
    Receipt {
        tx_type: TxType::Legacy,
        status: Eip658Value::Eip658(index.is_multiple_of(2)),
        cumulative_gas_used: 21_000 * (index + 1),
        logs: vec![log; index as usize],
        deposit_nonce: None,
        deposit_receipt_version: None,
    }
}

pub type Dump = Vec<(Table, Vec<u8>, Vec<u8>)>;

/// Every entry of every table.
pub fn dump(database: &Database) -> Dump {
    let reader = database.reader().unwrap();
    let mut all = Vec::new();
    for table in Table::ALL {
        let each = |key: &[u8], value: &[u8]| {
            all.push((table, key.to_vec(), value.to_vec()));
            Ok(true)
        };
        reader.for_each(table, each).unwrap();
    }
    all
}

pub fn assert_same(left: &Dump, right: &Dump) {
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right);
    }
    assert_eq!(left.len(), right.len());
}

fn account_and_slots(state: &State, n: u8) -> (Option<Account>, [U256; 8]) {
    let expected = state.get(&address(n));
    let slot = |slot| {
        expected
            .and_then(|account| account.1.get(&U256::from(slot)))
            .copied()
    };
    (
        expected.map(|account| account.0),
        std::array::from_fn(|i| slot(i).unwrap_or_default()),
    )
}

/// Compares the persisted state with the model.
pub fn assert_state(reader: &Reader, state: &State) {
    for n in 0..16 {
        let (account, slots) = account_and_slots(state, n);
        assert_eq!(reader.account(hashed(n)).unwrap(), account);
        for (slot, value) in slots.iter().enumerate() {
            assert_eq!(
                reader.storage(hashed(n), hashed_slot(slot as u8)).unwrap(),
                *value
            );
        }
    }
}

/// Compares the state of the past with the model.
pub fn assert_state_at(reader: &Reader, number: u64, state: &State, addresses: &[u8]) {
    for &n in addresses {
        let (account, slots) = account_and_slots(state, n);
        assert_eq!(
            reader.account_at(number, hashed(n)).unwrap(),
            account,
            "{n} at {number}"
        );
        for (slot, value) in slots.iter().enumerate() {
            let found = reader
                .storage_at(number, hashed(n), hashed_slot(slot as u8))
                .unwrap();
            assert_eq!(found, *value, "{n}, slot {slot} at {number}");
        }
    }
}

pub mod strategy {
    use super::Op;
    use proptest::prelude::*;

    /// Few keys, so that blocks meet each other's.
    pub fn op() -> impl Strategy<Value = Op> {
        let n = 0u8..12;
        let value = prop_oneof![1 => Just(0u8), 3 => 1u8..200];
        prop_oneof![
            3 => (n.clone(), any::<u64>()).prop_map(|(n, value)| Op::Balance(n, value)),
            6 => (n.clone(), 0u8..8, value).prop_map(|(n, slot, value)| Op::Slot(n, slot, value)),
            1 => n.clone().prop_map(Op::Destroy),
            1 => (n, 0u8..3).prop_map(|(n, code)| Op::Deploy(n, code)),
        ]
    }

    pub fn block() -> impl Strategy<Value = Vec<Op>> {
        prop::collection::vec(op(), 0..14)
    }

    pub fn blocks(most: usize) -> impl Strategy<Value = Vec<Vec<Op>>> {
        prop::collection::vec(block(), 1..=most)
    }
}
