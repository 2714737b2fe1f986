//! Blob transactions, on the embedded L1.

use super::*;
use crate::Executed;
use alloy_consensus::{BlobTransactionSidecar, SidecarBuilder, SimpleCoder, TxEip4844};
use openledger_primitives::BlobSidecar;

fn osaka_sidecar() -> BlobSidecar {
    SidecarBuilder::<SimpleCoder>::from_slice(b"a batch")
        .build_7594()
        .expect("a sidecar")
        .into()
}

fn cancun_sidecar() -> BlobSidecar {
    let sidecar: BlobTransactionSidecar = SidecarBuilder::<SimpleCoder>::from_slice(b"a batch")
        .build_4844()
        .expect("a sidecar");
    sidecar.into()
}

fn blob_tx(sender: Address, fee_cap: u128, blob_fee: u128, sidecar: &Arc<BlobSidecar>) -> PooledTx {
    let tx = TxEip4844 {
        chain_id: 1337,
        gas_limit: 21_000,
        max_fee_per_gas: fee_cap,
        max_priority_fee_per_gas: fee_cap,
        max_fee_per_blob_gas: blob_fee,
        blob_versioned_hashes: sidecar.versioned_hashes().collect(),
        ..Default::default()
    };
    let tx = Tx::with_signer(TxEnvelope::Eip4844(tx.into_signed(made_up())), sender);
    PooledTx {
        tx,
        sidecar: Some(sidecar.clone()),
    }
}

fn l1(newest: &str) -> Pool {
    let pool = Pool::new(ethereum(newest), PoolConfig::default());
    pool.set_head(head(GWEI));
    pool
}

#[test]
fn each_fork_wants_its_own_form_of_proofs() {
    let (old, new) = (Arc::new(cancun_sidecar()), Arc::new(osaka_sidecar()));
    let from_old = blob_tx(account(1), 2 * GWEI, 10, &old);
    let from_new = blob_tx(account(1), 2 * GWEI, 10, &new);
    assert_rejected(
        l1("prague").add(from_new.clone(), rich(0)),
        "unexpected sidecar version, want: 0, got: 1",
    );
    assert_rejected(
        l1("osaka").add(from_old.clone(), rich(0)),
        "unexpected sidecar version, want: 1, got: 0",
    );
    l1("cancun").add(from_old, rich(0)).expect("accepted");
    l1("osaka").add(from_new, rich(0)).expect("accepted");
}

#[test]
fn blobs_must_match_their_commitments() {
    let pool = l1("prague");
    let BlobSidecar::Eip4844(mut forged) = cancun_sidecar() else {
        unreachable!("built as such")
    };
    forged.blobs[0][40] ^= 1;
    let forged = blob_tx(account(1), 2 * GWEI, 10, &Arc::new(forged.into()));
    assert_rejected(pool.add(forged, rich(0)), "KZG verification error");

    let sidecar = Arc::new(cancun_sidecar());
    let bare = PooledTx {
        sidecar: None,
        ..blob_tx(account(1), 2 * GWEI, 10, &sidecar)
    };
    assert_rejected(
        pool.add(bare, rich(0)),
        "missing sidecar in blob transaction",
    );
    let mut info = head(GWEI);
    info.blob_base_fee = 11;
    pool.set_head(info);
    let cheap = blob_tx(account(1), 2 * GWEI, 10, &sidecar);
    assert_rejected(
        pool.add(cheap, rich(0)),
        "max fee per blob gas less than block blob gas fee",
    );
}

#[test]
fn the_number_of_blobs_is_limited() {
    let pool = l1("prague");
    let one = TxEip4844 {
        chain_id: 1337,
        gas_limit: 21_000,
        max_fee_per_gas: GWEI,
        ..Default::default()
    };
    let send = |count: usize| {
        let hashes = (0..count)
            .map(|n| {
                let mut h = B256::with_last_byte(n as u8);
                h[0] = 1;
                h
            })
            .collect();
        let tx = TxEip4844 {
            blob_versioned_hashes: hashes,
            ..one.clone()
        };
        pool.add(
            unsigned(TxEnvelope::Eip4844(tx.into_signed(made_up())), account(1)),
            rich(0),
        )
    };
    assert_rejected(send(0), "blobless blob transaction");
    assert_rejected(
        send(10),
        "too many blobs in transaction: have 10, permitted 9",
    );
}

#[test]
fn replacing_a_blob_transaction_doubles_every_fee() {
    let pool = l1("prague");
    let sidecar = Arc::new(cancun_sidecar());
    pool.add(blob_tx(account(1), 2 * GWEI, 10, &sidecar), rich(0))
        .expect("accepted");
    assert_rejected(
        pool.add(blob_tx(account(1), 3 * GWEI, 20, &sidecar), rich(0)),
        "replacement transaction underpriced",
    );
    assert_rejected(
        pool.add(blob_tx(account(1), 4 * GWEI, 19, &sidecar), rich(0)),
        "replacement transaction underpriced: needs a blob fee cap of 20",
    );
    assert_rejected(
        pool.add(
            Draft::new(0).fees(9 * GWEI, 9 * GWEI).from(account(1)),
            rich(0),
        ),
        "replacement transaction underpriced: blob transactions and others",
    );
    pool.add(blob_tx(account(1), 4 * GWEI, 20, &sidecar), rich(0))
        .expect("accepted");
}

#[test]
fn the_blobs_of_an_included_transaction_can_be_taken_once() {
    let pool = l1("prague");
    let sidecar = Arc::new(cancun_sidecar());
    let tx = blob_tx(account(1), 2 * GWEI, 10, &sidecar);
    let hash = pool.add(tx, rich(0)).expect("accepted").hash;
    assert!(pool.sidecar(hash).is_some());
    assert!(pool.take_sidecar(hash).is_none(), "not included yet");
    pool.take_ready(1);
    pool.on_executed(&[Executed {
        hash,
        sender: account(1),
        account: rich(1),
    }]);
    assert!(pool.sidecar(hash).is_some());
    pool.on_block(1, &[hash], &[(account(1), rich(1))]);
    assert_eq!(pool.take_sidecar(hash).as_deref(), Some(&*sidecar));
    assert!(pool.take_sidecar(hash).is_none());
}
