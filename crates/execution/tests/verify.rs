//! Re-execution finds what does not fit, and names the first transaction.

mod support;

use alloy_consensus::{Eip658Value, SignableTransaction, TxEip1559};
use alloy_primitives::{B256, Bytes, Log, LogData, Signature, TxKind, U256};
use openledger_execution::{
    ExecutedPayload, MemoryState, Mismatch, TxError, VerifyError, verify_block,
};
use openledger_primitives::{Block, Receipt, Tx, TxEnvelope};
use std::sync::Arc;
use support::{
    Built, build, contracts,
    world::{BASE_FEE, CHAIN_ID, L1Fees, Rules, sender, world},
};

fn call(nonce: u64) -> Tx {
    let tx = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 100_000,
        max_fee_per_gas: u128::from(BASE_FEE),
        to: TxKind::Call(contracts::address(3)),
        input: Bytes::from(U256::from(nonce).to_be_bytes_vec()),
        ..Default::default()
    };
    let signature = Signature::new(U256::from(1), U256::from(1), false);
    Tx::with_signer(TxEnvelope::Eip1559(tx.into_signed(signature)), sender(0))
}

fn parent() -> MemoryState {
    world(L1Fees {
        base_fee: 1_000_000,
        base_fee_scalar: 1_000,
        ..Default::default()
    })
}

fn built(rules: Rules) -> Built {
    build(
        &rules.spec(),
        &parent(),
        rules.attributes(),
        5,
        |index, _| call(index as u64),
    )
}

fn mismatch(result: Result<ExecutedPayload, VerifyError>) -> Mismatch {
    match result {
        Err(VerifyError::Mismatch(mismatch)) => *mismatch,
        other => panic!("a mismatch was expected, not {other:?}"),
    }
}

#[test]
fn a_tampered_receipt_names_its_transaction() {
    type Tamper = fn(&mut Receipt);
    let tampers: [Tamper; 4] = [
        |receipt| receipt.cumulative_gas_used += 1,
        |receipt| receipt.status = Eip658Value::Eip658(false),
        |receipt| receipt.logs.clear(),
        |receipt| {
            receipt.logs[0] = Log {
                address: receipt.logs[0].address,
                data: LogData::new_unchecked(vec![], Bytes::new()),
            }
        },
    ];
    for rules in Rules::ALL {
        let built = built(rules);
        for tamper in tampers {
            let mut receipts = built.payload.receipts.clone();
            // Later differences must not hide the first.
            tamper(&mut receipts[2]);
            tamper(&mut receipts[4]);
            let found = mismatch(verify_block(
                &rules.spec(),
                Arc::new(parent()),
                &built.block,
                Some((&receipts, &built.payload.changes)),
            ));
            assert_eq!(
                (found.number, found.what, found.index),
                (1, "receipt", Some(2)),
                "{rules:?}"
            );
            assert_eq!(found.tx_hash, Some(call(2).hash()));
            assert!(
                found
                    .to_string()
                    .contains(&format!("first at transaction 2, {}", call(2).hash())),
                "{found}"
            );
        }
        let short = &built.payload.receipts[..4];
        let source = Arc::new(parent());
        let found = mismatch(verify_block(
            &rules.spec(),
            source,
            &built.block,
            Some((short, &built.payload.changes)),
        ));
        assert_eq!(found.what, "number of receipts");
    }
}

#[test]
fn tampered_changes_are_found() {
    for rules in Rules::ALL {
        let built = built(rules);
        let receipts = built.payload.receipts.as_slice();
        let mut changes = built.payload.changes.clone();
        let account = changes.accounts[0]
            .after
            .as_mut()
            .expect("nothing was destroyed");
        account.balance += U256::from(1);
        let found = mismatch(verify_block(
            &rules.spec(),
            Arc::new(parent()),
            &built.block,
            Some((receipts, &changes)),
        ));
        assert_eq!(found.what, "state changes", "{rules:?}");
    }
}

#[test]
fn every_wrong_header_value_is_found() {
    type Tamper = fn(&mut alloy_consensus::Header);
    let tampers: [(&str, Tamper); 7] = [
        ("transactionsRoot", |header| {
            header.transactions_root = B256::ZERO
        }),
        ("sha3Uncles", |header| header.ommers_hash = B256::ZERO),
        ("gasUsed", |header| header.gas_used += 1),
        ("receiptsRoot", |header| header.receipts_root = B256::ZERO),
        ("logsBloom", |header| header.logs_bloom = Default::default()),
        ("blobGasUsed", |header| header.blob_gas_used = Some(1)),
        ("requestsHash", |header| {
            header.requests_hash = Some(B256::ZERO)
        }),
    ];
    for rules in Rules::ALL {
        let built = built(rules);
        for (what, tamper) in tampers {
            let mut header = built.block.header.inner().clone();
            tamper(&mut header);
            let block = Block::new(
                header,
                built.block.transactions.clone(),
                built.block.withdrawals.clone(),
            );
            let found = mismatch(verify_block(
                &rules.spec(),
                Arc::new(parent()),
                &block,
                None,
            ));
            assert_eq!(found.what, what, "{rules:?}");
        }
        let source = Arc::new(parent());
        verify_block(&rules.spec(), source, &built.block, None).expect("the block itself is right");
    }
}

#[test]
fn withdrawals_have_to_fit_the_rules() {
    for rules in Rules::ALL {
        let mut block = built(rules).block;
        block.withdrawals = Some(vec![support::world::withdrawal(0, sender(0), 1)].into());
        let found = mismatch(verify_block(
            &rules.spec(),
            Arc::new(parent()),
            &block,
            None,
        ));
        assert_eq!(
            found.what,
            if rules.is_op() {
                "withdrawals"
            } else {
                "withdrawalsRoot"
            }
        );
        block.withdrawals = None;
        let found = mismatch(verify_block(
            &rules.spec(),
            Arc::new(parent()),
            &block,
            None,
        ));
        assert_eq!(
            found.what,
            if rules.is_op() {
                "withdrawals"
            } else {
                "withdrawalsRoot"
            }
        );
    }
}

#[test]
fn an_invalid_transaction_is_named() {
    for rules in Rules::ALL {
        let built = built(rules);
        let mut header = built.block.header.inner().clone();
        let transactions = vec![call(0), call(2)];
        header.transactions_root = Block::transactions_root(&transactions);
        let block = Block::new(header, transactions, built.block.withdrawals.clone());
        match verify_block(&rules.spec(), Arc::new(parent()), &block, None) {
            Err(VerifyError::Transaction {
                number: 1,
                index: 1,
                hash,
                error: TxError::NonceTooHigh(_),
            }) => {
                assert_eq!(hash, call(2).hash());
            }
            other => panic!("{rules:?}: {other:?}"),
        }
    }
}
