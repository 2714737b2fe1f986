//! EIP-7702: accounts that anybody's transaction can sweep.

use super::*;
use crate::Executed;
use alloy_consensus::TxEip7702;
use alloy_eips::eip7702::{Authorization, SignedAuthorization};

fn authorize(authority: &PrivateKeySigner, nonce: u64) -> SignedAuthorization {
    let authorization = Authorization {
        chain_id: U256::from(1337),
        address: account(0xcc),
        nonce,
    };
    let signature = authority
        .sign_hash_sync(&authorization.signature_hash())
        .expect("a signature");
    authorization.into_signed(signature)
}

fn set_code(sender: &PrivateKeySigner, nonce: u64, list: Vec<SignedAuthorization>) -> PooledTx {
    let tx = TxEip7702 {
        chain_id: 1337,
        nonce,
        gas_limit: 200_000,
        max_fee_per_gas: 2 * GWEI,
        max_priority_fee_per_gas: GWEI,
        authorization_list: list,
        ..Default::default()
    };
    let signature = sender
        .sign_hash_sync(&tx.signature_hash())
        .expect("a signature");
    PooledTx {
        tx: Tx::recover(TxEnvelope::Eip7702(tx.into_signed(signature))).expect("a sender"),
        sidecar: None,
    }
}

#[test]
fn a_delegated_account_has_one_transaction_in_flight() {
    let pool = pool(PoolConfig::default());
    let delegated = AccountView {
        code: AccountCode::Delegated,
        ..rich(0)
    };
    let tx = Draft::new(0).from(account(1));
    assert_rejected(
        pool.add(Draft::new(1).from(account(1)), delegated),
        "gapped-nonce tx from delegated accounts",
    );
    pool.add(tx.clone(), delegated).expect("accepted");
    assert_rejected(
        pool.add(Draft::new(1).from(account(1)), delegated),
        "in-flight transaction limit reached for delegated accounts",
    );
    let bump = Draft::new(0).fees(3 * GWEI, 2 * GWEI).from(account(1));
    pool.add(bump.clone(), delegated)
        .expect("a replacement is not another one");
    pool.take_ready(1);
    let after = AccountView {
        nonce: 1,
        ..delegated
    };
    pool.on_executed(&[Executed {
        hash: bump.tx.hash(),
        sender: account(1),
        account: after,
    }]);
    pool.add(Draft::new(1).from(account(1)), after)
        .expect("the first one is executed");
}

#[test]
fn the_limit_is_configurable() {
    let pool = pool(PoolConfig {
        delegated_in_flight: 3,
        ..Default::default()
    });
    let delegated = AccountView {
        code: AccountCode::Delegated,
        ..rich(0)
    };
    for nonce in 0..3 {
        pool.add(Draft::new(nonce).from(account(1)), delegated)
            .expect("accepted");
    }
    assert_rejected(
        pool.add(Draft::new(3).from(account(1)), delegated),
        "in-flight transaction limit reached",
    );
}

#[test]
fn a_sweep_can_not_void_a_chain_of_waiting_transactions() {
    let pool = pool(PoolConfig::default());
    let (sponsor, victim) = (key(1), key(2));
    pool.add(set_code(&sponsor, 0, vec![authorize(&victim, 0)]), rich(0))
        .expect("accepted");
    // The victim is about to be delegated: one transaction, no gap.
    assert_rejected(
        pool.add(Draft::new(1).signed(&victim), rich(0)),
        "gapped-nonce tx from delegated accounts",
    );
    pool.add(Draft::new(0).signed(&victim), rich(0))
        .expect("accepted");
    assert_rejected(
        pool.add(Draft::new(1).signed(&victim), rich(0)),
        "in-flight transaction limit reached",
    );
}

#[test]
fn accounts_with_waiting_transactions_can_not_be_delegated() {
    let pool = pool(PoolConfig::default());
    let (sponsor, victim) = (key(1), key(2));
    for nonce in 0..2 {
        pool.add(Draft::new(nonce).signed(&victim), rich(0))
            .expect("accepted");
    }
    let sweep = set_code(&sponsor, 0, vec![authorize(&victim, 0)]);
    assert_rejected(pool.add(sweep, rich(0)), "authority already reserved");
    assert_eq!(pool.status().pending, 2);
}

#[test]
fn the_reservation_ends_with_the_transaction() {
    let pool = pool(PoolConfig::default());
    let (sponsor, victim) = (key(1), key(2));
    let sweep = set_code(&sponsor, 0, vec![authorize(&victim, 0)]);
    let hash = pool.add(sweep, rich(0)).expect("accepted").hash;
    pool.take_ready(1);
    pool.on_rejected(hash, crate::Rejection::Invalid);
    for nonce in 0..3 {
        pool.add(Draft::new(nonce).signed(&victim), rich(0))
            .expect("accepted");
    }
}

#[test]
fn an_account_can_delegate_itself() {
    let pool = pool(PoolConfig::default());
    let own = key(1);
    pool.add(set_code(&own, 0, vec![authorize(&own, 1)]), rich(0))
        .expect("accepted");
    assert_rejected(
        pool.add(Draft::new(1).signed(&own), rich(0)),
        "in-flight transaction limit reached",
    );
}
