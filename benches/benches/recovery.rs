//! From the bytes of a transaction to its sender: decoding, hashing and the two implementations of recovery.

use alloy_consensus::{
    SignableTransaction, Signed, TxEip1559, TxEnvelope, transaction::SignerRecoverable,
};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, TxKind, U256, keccak256};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use k256::ecdsa::{RecoveryId, Signature as EcdsaSignature, VerifyingKey};
use openledger_benches::{account::Account, token};
use std::hint::black_box;

const TRANSACTIONS: u64 = 256;

fn signed_transfers() -> Vec<Vec<u8>> {
    let token = Address::repeat_byte(0x22);
    (0..TRANSACTIONS)
        .map(|index| {
            let sender = Account::sender("recovery", index).expect("a key");
            let transaction = TxEip1559 {
                chain_id: 901,
                nonce: index,
                gas_limit: token::TRANSFER_GAS,
                max_fee_per_gas: 5_000_000_000,
                max_priority_fee_per_gas: 1_000_000,
                to: TxKind::Call(token),
                input: token::transfer(sender.address, U256::ONE),
                ..Default::default()
            };
            sender.sign(transaction).expect("a signature").raw
        })
        .collect()
}

fn decode(raw: &[u8]) -> TxEnvelope {
    TxEnvelope::decode_2718(&mut &*raw).expect("a transaction")
}

/// What alloy does without its `secp256k1` feature.
fn recover_with_k256(transaction: &Signed<TxEip1559>) -> Address {
    let signature = transaction.signature();
    let prehash: B256 = transaction.tx().signature_hash();
    let parsed = EcdsaSignature::from_scalars(
        signature.r().to_be_bytes::<32>(),
        signature.s().to_be_bytes::<32>(),
    );
    let parity = RecoveryId::new(signature.v(), false);
    let key = VerifyingKey::recover_from_prehash(
        prehash.as_slice(),
        &parsed.expect("a signature"),
        parity,
    );
    let point = key.expect("a signature").to_encoded_point(false);
    Address::from_slice(&keccak256(&point.as_bytes()[1..])[12..])
}

fn recovery(criterion: &mut Criterion) {
    let raw = signed_transfers();
    let decoded: Vec<TxEnvelope> = raw.iter().map(|raw| decode(raw)).collect();
    let dynamic: Vec<&Signed<TxEip1559>> = decoded
        .iter()
        .map(|transaction| transaction.as_eip1559().expect("the type that was signed"))
        .collect();
    for (transaction, typed) in decoded.iter().zip(&dynamic) {
        assert_eq!(
            transaction.recover_signer().expect("a signature"),
            recover_with_k256(typed)
        );
    }

    let mut group = criterion.benchmark_group("recovery");
    group.throughput(Throughput::Elements(TRANSACTIONS));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            raw.iter()
                .for_each(|raw| drop(black_box(decode(black_box(raw)))))
        });
    });
    group.bench_function("decode and hash", |bencher| {
        bencher.iter(|| {
            for raw in &raw {
                black_box(*decode(black_box(raw)).tx_hash());
            }
        });
    });
    group.bench_function("decode and recover, libsecp256k1", |bencher| {
        bencher.iter(|| {
            for raw in &raw {
                let _ = black_box(decode(black_box(raw)).recover_signer());
            }
        });
    });
    group.bench_function("recover, libsecp256k1", |bencher| {
        bencher.iter(|| {
            for transaction in &decoded {
                let _ = black_box(transaction.recover_signer());
            }
        });
    });
    group.bench_function("recover, k256", |bencher| {
        bencher.iter(|| {
            for transaction in &dynamic {
                black_box(recover_with_k256(transaction));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, recovery);
criterion_main!(benches);
