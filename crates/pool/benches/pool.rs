//! Cost of a transaction's way through the pool, senders known: validated, inserted, handed out, executed.

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, Signature, TxKind, U256};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use openledger_genesis::ChainSpec;
use openledger_pool::{AccountView, HeadInfo, Pool, PoolConfig};
use openledger_primitives::{PooledTx, Tx, TxEnvelope};
use std::{hint::black_box, sync::Arc};

const COUNT: usize = 10_000;
const GWEI: u128 = 1_000_000_000;

fn chain() -> Arc<ChainSpec> {
    let mut config = serde_json::json!({ "chainId": 1337, "terminalTotalDifficulty": 0,
        "terminalTotalDifficultyPassed": true,
        "optimism": { "eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250 } });
    for fork in [
        "regolith", "canyon", "ecotone", "fjord", "granite", "holocene", "isthmus", "jovian",
    ] {
        config[format!("{fork}Time")] = 0.into();
    }
    let genesis = serde_json::json!({ "config": config, "alloc": {}, "gasLimit": "0x3b9aca00", "difficulty": "0x0",
        "timestamp": "0x0", "extraData": "0x", "nonce": "0x0" });
    let genesis = serde_json::from_value(genesis).expect("a genesis");
    Arc::new(ChainSpec::from_genesis(&genesis).expect("rules"))
}

/// ERC-20-sized transfers of `accounts` senders in turn.
fn transfers(accounts: usize) -> Vec<(PooledTx, AccountView)> {
    let view = AccountView {
        balance: U256::from(10).pow(U256::from(24)),
        ..Default::default()
    };
    (0..COUNT)
        .map(|n| {
            let (sender, nonce) = (n % accounts, (n / accounts) as u64);
            let tx = TxEip1559 {
                chain_id: 1337,
                nonce,
                gas_limit: 60_000,
                max_fee_per_gas: 2 * GWEI,
                max_priority_fee_per_gas: GWEI + (n % 7) as u128,
                to: TxKind::Call(Address::repeat_byte(0xee)),
                input: vec![0x42; 68].into(),
                ..Default::default()
            };
            let signature = Signature::new(U256::from(sender + 1), U256::from(n + 1), false);
            let sender = Address::left_padding_from(&(sender as u32 + 1).to_be_bytes());
            (
                PooledTx {
                    tx: Tx::with_signer(TxEnvelope::Eip1559(tx.into_signed(signature)), sender),
                    sidecar: None,
                },
                view,
            )
        })
        .collect()
}

fn pool() -> Pool {
    let pool = Pool::new(chain(), PoolConfig::default());
    let head = HeadInfo {
        base_fee: GWEI as u64 / 2,
        gas_limit: 1_000_000_000,
        number: 1,
        ..HeadInfo::unknown()
    };
    pool.set_head(head);
    pool
}

fn add_and_take(c: &mut Criterion) {
    for accounts in [10_000, 1_000, 1] {
        let transfers = transfers(accounts);
        let mut group = c.benchmark_group(format!("pool/{accounts}_accounts"));
        group
            .throughput(Throughput::Elements(COUNT as u64))
            .sample_size(20);
        group.bench_function("validate", |b| {
            let pool = pool();
            b.iter(|| {
                for (tx, view) in &transfers {
                    black_box(pool.validate(tx.clone(), *view).expect("valid"));
                }
            });
        });
        group.bench_function("insert_and_take_batches_of_100", |b| {
            b.iter_batched(
                || {
                    let pool = pool();
                    let valid: Vec<Vec<_>> = transfers
                        .chunks(100)
                        .map(|chunk| {
                            let valid = |(tx, view): &(PooledTx, AccountView)| {
                                pool.validate(tx.clone(), *view).expect("valid")
                            };
                            chunk.iter().map(valid).collect()
                        })
                        .collect();
                    (pool, valid)
                },
                |(pool, batches)| {
                    for batch in batches {
                        black_box(pool.insert(batch));
                    }
                    assert_eq!(pool.take_ready(COUNT).len(), COUNT);
                    pool
                },
                BatchSize::LargeInput,
            );
        });
        group.finish();
    }
}

criterion_group!(benches, add_and_take);
criterion_main!(benches);
