//! Transactions, receipts and blocks on the wire.

use alloy_consensus::{
    Eip658Value, Header, ReceiptWithBloom, Sealable, SignableTransaction, TxEip1559, TxEip2930,
    TxEip4844, TxEip4844WithSidecar, TxEip7702, TxLegacy, TxReceipt,
};
use alloy_eips::{
    Encodable2718,
    eip2930::{AccessList, AccessListItem},
    eip4844::BlobTransactionSidecar,
    eip4895::Withdrawal,
};
use alloy_network::TxSignerSync;
use alloy_primitives::{Address, B256, Bytes, Log, LogData, TxKind, U256, keccak256};
use alloy_signer_local::PrivateKeySigner;
use op_alloy_consensus::{OpDepositReceipt, OpReceiptEnvelope, TxDeposit};
use openledger_primitives::{
    BlobSidecar, Block, BlockDecodeError, PooledTx, Receipt, Tx, TxDecodeError, TxEnvelope, TxType,
};
use proptest::prelude::*;

fn key() -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).expect("a valid key")
}

fn signed<T>(mut tx: T, wrap: fn(alloy_consensus::Signed<T>) -> TxEnvelope) -> Tx
where
    T: SignableTransaction<alloy_primitives::Signature>
        + alloy_consensus::transaction::RlpEcdsaEncodableTx,
{
    let signature = key().sign_transaction_sync(&mut tx).expect("signs");
    Tx::recover(wrap(tx.into_signed(signature))).expect("our own signature")
}

fn deposit(nonce: u64, to: TxKind, input: Bytes) -> Tx {
    let tx = TxDeposit {
        source_hash: keccak256(nonce.to_be_bytes()),
        from: Address::repeat_byte(0xdd),
        to,
        mint: 5,
        value: U256::from(nonce),
        gas_limit: 21_000,
        is_system_transaction: false,
        input,
    };
    Tx::recover(TxEnvelope::Deposit(tx.seal_slow())).expect("a deposit names its sender")
}

/// A transaction of the `kind`-th type; legacy ones with and without a chain id.
fn tx(kind: usize, nonce: u64, to: TxKind, value: U256, input: Bytes) -> Tx {
    let (chain_id, gas_limit) = (901, 100_000);
    let access_list = AccessList(vec![AccessListItem {
        address: Address::ZERO,
        storage_keys: vec![B256::ZERO; 2],
    }]);
    let callee = to.to().copied().unwrap_or_default();
    match kind {
        0 => signed(
            TxLegacy {
                chain_id: None,
                nonce,
                gas_price: 9,
                gas_limit,
                to,
                value,
                input,
            },
            TxEnvelope::Legacy,
        ),
        1 => signed(
            TxLegacy {
                chain_id: Some(chain_id),
                nonce,
                gas_price: 9,
                gas_limit,
                to,
                value,
                input,
            },
            TxEnvelope::Legacy,
        ),
        2 => signed(
            TxEip2930 {
                chain_id,
                nonce,
                gas_price: 9,
                gas_limit,
                to,
                value,
                access_list,
                input,
            },
            TxEnvelope::Eip2930,
        ),
        3 => signed(
            TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: 9,
                max_priority_fee_per_gas: 1,
                to,
                value,
                access_list,
                input,
            },
            TxEnvelope::Eip1559,
        ),
        4 => signed(
            TxEip4844 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: 9,
                max_priority_fee_per_gas: 1,
                to: callee,
                value,
                access_list,
                blob_versioned_hashes: vec![B256::repeat_byte(1)],
                max_fee_per_blob_gas: 3,
                input,
            },
            TxEnvelope::Eip4844,
        ),
        5 => signed(
            TxEip7702 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: 9,
                max_priority_fee_per_gas: 1,
                to: callee,
                value,
                access_list,
                authorization_list: Vec::new(),
                input,
            },
            TxEnvelope::Eip7702,
        ),
        _ => deposit(nonce, to, input),
    }
}

const KINDS: usize = 7;

fn any_tx() -> impl Strategy<Value = Tx> {
    let input = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        prop::collection::vec(any::<u8>(), 250..300)
    ];
    (
        0..KINDS,
        any::<u64>(),
        prop::option::of(any::<[u8; 20]>()),
        any::<[u8; 32]>(),
        input,
    )
        .prop_map(|(kind, nonce, to, value, input)| {
            let to = to.map_or(TxKind::Create, |to| TxKind::Call(to.into()));
            tx(kind, nonce, to, U256::from_be_bytes(value), input.into())
        })
}

fn any_block() -> impl Strategy<Value = Block> {
    let withdrawal = any::<[u64; 3]>().prop_map(|[index, validator_index, amount]| Withdrawal {
        index,
        validator_index,
        address: Address::repeat_byte(index as u8),
        amount,
    });
    let withdrawals = prop::option::of(prop::collection::vec(withdrawal, 0..4));
    (
        prop::collection::vec(any_tx(), 0..8),
        withdrawals,
        0usize..3,
        any::<u64>(),
    )
        .prop_map(|(transactions, withdrawals, ommers, number)| {
            let header = Header {
                number,
                transactions_root: Block::transactions_root(&transactions),
                base_fee_per_gas: Some(number),
                withdrawals_root: withdrawals.is_some().then_some(B256::repeat_byte(3)),
                ..Default::default()
            };
            let mut block = Block::new(header, transactions, withdrawals.map(Into::into));
            block.ommers = vec![Header::default(); ommers];
            block
        })
}

proptest! {
    #[test]
    fn transactions_decode_to_themselves(tx in any_tx()) {
        let decoded = Tx::decode(tx.encoded()).expect("our own encoding");
        prop_assert_eq!(&decoded, &tx);
        prop_assert_eq!(decoded.encoded(), tx.encoded());
        prop_assert_eq!(tx.hash(), keccak256(tx.encoded()));
        let expected = if tx.is_deposit() { Address::repeat_byte(0xdd) } else { key().address() };
        prop_assert_eq!(decoded.signer(), expected);
        prop_assert_eq!(Tx::decode_with_signer(tx.encoded(), expected).expect("our own encoding"), tx);
    }

    #[test]
    fn blocks_decode_to_themselves(block in any_block()) {
        let encoded = block.encode();
        prop_assert_eq!(block.size(), encoded.len());
        // Something follows, as in a chain export.
        let bytes = [&encoded[..], &[0xc0]].concat();
        let mut rest = &bytes[..];
        prop_assert_eq!(Block::decode(&mut rest).expect("our own encoding"), block);
        prop_assert_eq!(rest, &[0xc0]);
    }

    #[test]
    fn damaged_bytes_decode_to_what_they_say_or_fail(tx in any_tx(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = tx.encoded().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(tx) = Tx::decode(&bytes) {
            prop_assert_eq!(tx.encoded().to_vec(), bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Tx::decode(&bytes);
        let _ = PooledTx::decode(&bytes);
        let _ = Block::decode(&mut &bytes[..]);
    }
}

#[test]
fn users_send_neither_deposits_nor_unknown_types() {
    let plain = tx(3, 0, TxKind::Create, U256::ZERO, Bytes::new());
    let trailing = [plain.encoded(), &[0][..]].concat();
    let deposit = deposit(0, TxKind::Create, Bytes::new());
    let blob = tx(4, 0, TxKind::Create, U256::ZERO, Bytes::new());
    type Is = fn(&TxDecodeError) -> bool;
    let cases: [(&[u8], Is); 8] = [
        (&[], |error| matches!(error, TxDecodeError::Malformed(_))),
        (&[0x02], |error| {
            matches!(error, TxDecodeError::Malformed(_))
        }),
        (&[0x05, 0xc0], |error| {
            matches!(error, TxDecodeError::Malformed(_))
        }),
        (&[0x7f, 0xc0], |error| {
            matches!(error, TxDecodeError::Malformed(_))
        }),
        (deposit.encoded(), |error| {
            matches!(error, TxDecodeError::Type(0x7e))
        }),
        (&[0x7d, 0xc0], |error| {
            matches!(error, TxDecodeError::Type(0x7d))
        }),
        (&trailing, |error| {
            matches!(error, TxDecodeError::TrailingBytes(1))
        }),
        (blob.encoded(), |error| {
            matches!(error, TxDecodeError::MissingSidecar)
        }),
    ];
    for (bytes, is) in cases {
        let error = PooledTx::decode(bytes).expect_err("it can not be sent");
        assert!(is(&error), "{bytes:?}: {error}");
    }
    for kind in [0, 1, 2, 3, 5] {
        let tx = tx(
            kind,
            3,
            TxKind::Call(Address::ZERO),
            U256::from(1),
            Bytes::new(),
        );
        let sent = PooledTx::decode(tx.encoded()).expect("a user may send it");
        assert_eq!((&sent.tx, sent.encode()), (&tx, tx.encoded().clone()));
        assert!(sent.sidecar.is_none());
    }
}

#[test]
fn a_blob_transaction_travels_with_its_sidecar() {
    let consensus = tx(
        4,
        3,
        TxKind::Call(Address::ZERO),
        U256::from(1),
        Bytes::new(),
    );
    let TxEnvelope::Eip4844(inner) = consensus.envelope() else {
        panic!("type 3")
    };
    let sidecar = BlobSidecar::Eip4844(BlobTransactionSidecar {
        blobs: vec![Default::default()],
        commitments: vec![Default::default()],
        proofs: vec![Default::default()],
    });
    let with = TxEip4844WithSidecar::from_tx_and_sidecar(inner.tx().clone(), sidecar.clone());
    let wire = with.into_signed(*inner.signature()).encoded_2718();
    let sent = PooledTx::decode(&wire).expect("it has its sidecar");
    assert_eq!(sent.tx, consensus);
    assert_eq!(sent.sidecar.as_deref(), Some(&sidecar));
    assert_eq!(sent.encode().as_ref(), wire);
    assert!(sent.size() > 131_072);
}

#[test]
fn a_signature_in_the_upper_half_is_refused() {
    let TxEnvelope::Eip1559(inner) = tx(3, 0, TxKind::Create, U256::ZERO, Bytes::new())
        .envelope()
        .clone()
    else {
        panic!("type 2")
    };
    let order = U256::from_str_radix(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        16,
    );
    let signature = inner.signature();
    let upper = alloy_primitives::Signature::new(
        signature.r(),
        order.expect("hex") - signature.s(),
        !signature.v(),
    );
    let malleated = TxEnvelope::Eip1559(inner.tx().clone().into_signed(upper));
    assert!(Tx::recover(malleated.clone()).is_err());
    assert!(matches!(
        Tx::decode(&malleated.encoded_2718()),
        Err(TxDecodeError::Signature(_))
    ));
    let header = Header::default();
    let block = Block::new(
        header,
        vec![Tx::with_signer(malleated, Address::ZERO)],
        None,
    );
    let error = Block::decode(&mut &block.encode()[..]).expect_err("the signature is invalid");
    assert!(
        matches!(error, BlockDecodeError::Transaction { index: 0, .. }),
        "{error}"
    );
}

#[test]
fn receipts_encode_as_the_op_stacks_own() {
    let logs = vec![Log {
        address: Address::repeat_byte(1),
        data: LogData::new_unchecked(vec![B256::repeat_byte(2)], Bytes::from_static(b"data")),
    }];
    let base = alloy_consensus::Receipt {
        status: Eip658Value::Eip658(true),
        cumulative_gas_used: 70_000,
        logs: logs.clone(),
    };
    let bloom = base.bloom();
    let plain = || ReceiptWithBloom {
        receipt: base.clone(),
        logs_bloom: bloom,
    };
    let deposit = |nonce, version| {
        let receipt = OpDepositReceipt {
            inner: base.clone(),
            deposit_nonce: nonce,
            deposit_receipt_version: version,
        };
        OpReceiptEnvelope::Deposit(ReceiptWithBloom {
            receipt,
            logs_bloom: bloom,
        })
    };
    let cases = [
        (
            TxType::Legacy,
            None,
            None,
            OpReceiptEnvelope::Legacy(plain()),
        ),
        (
            TxType::Eip2930,
            None,
            None,
            OpReceiptEnvelope::Eip2930(plain()),
        ),
        (
            TxType::Eip1559,
            None,
            None,
            OpReceiptEnvelope::Eip1559(plain()),
        ),
        (
            TxType::Eip7702,
            None,
            None,
            OpReceiptEnvelope::Eip7702(plain()),
        ),
        (
            TxType::Deposit,
            Some(4_000_000),
            Some(1),
            deposit(Some(4_000_000), Some(1)),
        ),
        (TxType::Deposit, None, None, deposit(None, None)),
    ];
    for (tx_type, deposit_nonce, deposit_receipt_version, theirs) in cases {
        let ours = Receipt {
            tx_type,
            status: Eip658Value::Eip658(true),
            cumulative_gas_used: 70_000,
            logs: logs.clone(),
            deposit_nonce,
            deposit_receipt_version,
        };
        assert_eq!(ours.encoded(), theirs.encoded_2718(), "{tx_type:?}");
        assert_eq!(Receipt::block_bloom(&[ours]), bloom);
    }
}

#[test]
fn an_intermediate_root_takes_the_place_of_the_status() {
    let receipt = Receipt {
        tx_type: TxType::Legacy,
        status: Eip658Value::PostState(B256::repeat_byte(9)),
        cumulative_gas_used: 1,
        logs: Vec::new(),
        deposit_nonce: None,
        deposit_receipt_version: None,
    };
    let encoded = receipt.encoded();
    assert!(
        encoded
            .windows(33)
            .any(|window| window[0] == 0xa0 && window[1..] == [9; 32])
    );
}
