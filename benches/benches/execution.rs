//! A block of ERC-20 transfers on the OP rule set, without database and trie: building it, making its roots, and executing
//! it again.

use alloy_consensus::TxEip1559;
use alloy_eips::eip4895::Withdrawals;
use alloy_genesis::Genesis;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use openledger_benches::{account::Account, genesis::GENESIS_TOKEN, token};
use openledger_execution::{
    BlockAttributes, BlockExecution, ExecutedPayload, FeeParams, MemoryState, assemble_header,
    verify_block,
};
use openledger_genesis::{ChainSpec, FeeMarket};
use openledger_primitives::{Block, BlockChanges, Receipt, Tx};
use serde_json::json;
use std::{hint::black_box, sync::Arc};

const TRANSACTIONS: u64 = 1_000;
const SENDERS: u64 = 500;
const GAS_LIMIT: u64 = 1_000_000_000;
const L1_BLOCK: Address = address!("4200000000000000000000000000000000000015");

fn chain_spec() -> Arc<ChainSpec> {
    let genesis: Genesis = serde_json::from_value(json!({
        "config": {
            "chainId": 901, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
            "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0,
            "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0, "graniteTime": 0,
            "holoceneTime": 0, "isthmusTime": 0, "jovianTime": 0,
            "optimism": { "eip1559Elasticity": 1, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250 },
        },
        "difficulty": "0x0", "gasLimit": format!("{GAS_LIMIT:#x}"), "alloc": {},
    }))
    .expect("a genesis");
    Arc::new(ChainSpec::from_genesis(&genesis).expect("a configuration"))
}

fn attributes(spec: &ChainSpec) -> BlockAttributes {
    let market = FeeMarket {
        denominator: 250,
        elasticity: 1,
        min_base_fee: 0,
    };
    BlockAttributes {
        number: 1,
        parent_hash: B256::repeat_byte(0x11),
        timestamp: 1_000,
        beneficiary: address!("4200000000000000000000000000000000000011"),
        prev_randao: B256::repeat_byte(0x22),
        gas_limit: GAS_LIMIT,
        base_fee: 1_000_000_000,
        parent_beacon_block_root: Some(B256::repeat_byte(0x33)),
        withdrawals: Some(Withdrawals::default()),
        extra_data: FeeParams::encode(spec, 1_000, market),
        excess_blob_gas: Some(0),
    }
}

fn senders() -> Vec<Account> {
    (0..SENDERS)
        .map(|index| Account::sender("execution", index).expect("a key"))
        .collect()
}

/// Senders with OPEN and tokens, the token, and L1Block with the fees of a quiet L1.
fn state(senders: &[Account]) -> MemoryState {
    let mut state = MemoryState::default();
    let balance = U256::from(10).pow(U256::from(21));
    for sender in senders {
        state.set_account(sender.address, balance, 0, Bytes::new());
    }
    state.set_account(GENESIS_TOKEN, U256::ZERO, 1, token::runtime_code());
    state.set_account(L1_BLOCK, U256::ZERO, 1, Bytes::from_static(&[0]));
    let slots = |address: Address, storage| {
        let account = state.accounts().find(|(at, _)| *at == address);
        let account = account.map(|(_, account)| account);
        openledger_primitives::AccountChange {
            address,
            before: account,
            after: account,
            wiped: false,
            storage,
        }
    };
    let balances = senders.iter().map(|sender| {
        let slot = token::balance_slot(sender.address);
        (slot.into(), U256::ZERO, U256::from(1_000_000_000))
    });
    // L1 base fee; scalars of the blob and the base fee; L1 blob base fee; footprint scalar, in Solidity's packing.
    let scalars = (U256::from(1_014_213) << 64) | (U256::from(5_227) << 96);
    let l1 = [
        (1, U256::from(1_000_000_000_u64)),
        (3, scalars),
        (7, U256::from(1)),
        (8, U256::from(400) << 96),
    ];
    let l1 = l1.map(|(slot, value)| (U256::from(slot), U256::ZERO, value));
    let accounts = vec![
        slots(GENESIS_TOKEN, balances.collect()),
        slots(L1_BLOCK, l1.to_vec()),
    ];
    state.apply(&BlockChanges {
        accounts,
        codes: Default::default(),
    });
    state
}

fn transfers(senders: &[Account]) -> Vec<Tx> {
    (0..TRANSACTIONS)
        .map(|index| {
            let sender = senders[(index % SENDERS) as usize];
            let recipient = senders[(index * 7 % SENDERS) as usize].address;
            let signed = sender.sign(TxEip1559 {
                chain_id: 901,
                nonce: index / SENDERS,
                gas_limit: token::TRANSFER_GAS,
                max_fee_per_gas: 5_000_000_000,
                max_priority_fee_per_gas: 1_000_000,
                to: TxKind::Call(GENESIS_TOKEN),
                input: token::transfer(recipient, U256::ONE),
                ..Default::default()
            });
            Tx::decode(&signed.expect("a signature").raw).expect("a transaction")
        })
        .collect()
}

fn build(spec: &Arc<ChainSpec>, state: &Arc<MemoryState>, txs: &[Tx]) -> ExecutedPayload {
    let mut execution =
        BlockExecution::begin(spec.clone(), state.clone(), attributes(spec)).expect("opens");
    for tx in txs {
        execution.execute(tx).expect("a valid transaction");
    }
    execution.finish().expect("closes")
}

fn execution(criterion: &mut Criterion) {
    let spec = chain_spec();
    let senders = senders();
    let state = Arc::new(state(&senders));
    let txs = transfers(&senders);
    let payload = build(&spec, &state, &txs);
    assert!(
        payload
            .receipts
            .iter()
            .all(|receipt| receipt.success() && receipt.logs.len() == 1)
    );
    let header = assemble_header(&spec, &payload, B256::ZERO, B256::ZERO);
    let block = Block::new(header, txs.clone(), payload.attributes.withdrawals.clone());
    let built = (&*payload.receipts, &payload.changes);

    let mut group = criterion.benchmark_group("ERC-20 block");
    group.throughput(Throughput::Elements(TRANSACTIONS));
    group.bench_function("build", |bencher| {
        bencher.iter(|| build(&spec, &state, black_box(&txs)));
    });
    group.bench_function("header with roots and bloom", |bencher| {
        bencher.iter(|| assemble_header(&spec, black_box(&payload), B256::ZERO, B256::ZERO));
    });
    group.bench_function("root and bloom of the receipts", |bencher| {
        bencher.iter(|| Receipt::root_and_bloom(black_box(&payload.receipts)));
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| {
            verify_block(&spec, state.clone(), black_box(&block), Some(built)).expect("the same")
        });
    });
    group.finish();
}

criterion_group!(benches, execution);
criterion_main!(benches);
