//! L1 blocks under Prague: one batcher transaction for each payload, and contract calls that only emit logs.

use super::{
    BEGINS, DEPOSITS_AT, FIRST, INBOX, L1_BLOCK_TIME, L1_CHAIN, PORTAL, SYSTEM_CONFIG, UPDATES_AT,
    address_of, batcher, batches::Payload, key, sign,
};
use alloy_consensus::{
    Header, Receipt, ReceiptEnvelope, SignableTransaction, TxEip1559, TxEip4844, TxEip4844Variant,
    TxEnvelope,
    proofs::{calculate_receipt_root, calculate_transaction_root},
};
use alloy_eips::{
    eip4844::{Blob, kzg_to_versioned_hash},
    eip7685::EMPTY_REQUESTS_HASH,
};
use alloy_primitives::{Address, B256, Bytes, Log, LogData, TxKind, U256, keccak256};
use kona_genesis::CONFIG_UPDATE_TOPIC;
use kona_protocol::DEPOSIT_EVENT_ABI_HASH;

#[derive(Clone)]
pub struct L1Block {
    pub header: Header,
    pub hash: B256,
    pub transactions: Vec<TxEnvelope>,
    pub receipts: Vec<ReceiptEnvelope>,
    pub blobs: Vec<Box<Blob>>,
}

impl L1Block {
    pub fn first() -> Self {
        Self::seal(
            FIRST,
            keccak256("before"),
            Vec::new(),
            Vec::new(),
            Vec::new(),
        )
    }

    /// The block after `parent`, with the payloads in it.
    pub fn after(parent: &Self, number: u64, payloads: Vec<Payload>) -> Self {
        let (mut transactions, mut logs, mut blobs) = (Vec::new(), Vec::new(), Vec::new());
        // Somebody else writes to the inbox first, and somebody's contract call comes before the batches.
        transactions.push(call(INBOX, vec![0, 1, 2].into(), 0x77));
        logs.push(Vec::new());
        transactions.push(call(PORTAL, Bytes::new(), 0x21));
        logs.push(match number {
            DEPOSITS_AT => deposits(),
            UPDATES_AT => updates(),
            _ => Vec::new(),
        });
        for payload in payloads {
            match payload {
                Payload::Calldata(data) => transactions.push(posted(number, data)),
                Payload::Blob(blob) => {
                    transactions.push(posted_blob(number, &blob));
                    blobs.push(blob);
                }
            }
            logs.push(Vec::new());
        }
        Self::seal(number, parent.hash, transactions, logs, blobs)
    }

    fn seal(
        number: u64,
        parent: B256,
        transactions: Vec<TxEnvelope>,
        logs: Vec<Vec<Log>>,
        blobs: Vec<Box<Blob>>,
    ) -> Self {
        let receipts: Vec<ReceiptEnvelope> = transactions
            .iter()
            .zip(logs)
            .enumerate()
            .map(|(index, (transaction, logs))| {
                let receipt = Receipt {
                    status: true.into(),
                    cumulative_gas_used: 21_000 * (index as u64 + 1),
                    logs,
                };
                match transaction {
                    TxEnvelope::Eip4844(_) => ReceiptEnvelope::Eip4844(receipt.into()),
                    _ => ReceiptEnvelope::Eip1559(receipt.into()),
                }
            })
            .collect();
        let named = |what: &str| keccak256(format!("{what} {number}"));
        let header = Header {
            number,
            parent_hash: parent,
            timestamp: BEGINS + (number - FIRST) * L1_BLOCK_TIME,
            transactions_root: calculate_transaction_root(&transactions),
            receipts_root: calculate_receipt_root(&receipts),
            state_root: named("state"),
            mix_hash: named("randao"),
            gas_limit: 36_000_000,
            gas_used: 21_000 * transactions.len() as u64,
            base_fee_per_gas: Some(1_000_000_000 + number),
            withdrawals_root: Some(named("withdrawals")),
            // Far from zero, so that the wrong update fraction gives another blob base fee.
            excess_blob_gas: Some(40_000_000 + 131_072 * number),
            blob_gas_used: Some(131_072 * blobs.len() as u64),
            parent_beacon_block_root: Some(named("beacon")),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            ..Default::default()
        };
        Self {
            hash: header.hash_slow(),
            header,
            transactions,
            receipts,
            blobs,
        }
    }
}

fn call(to: Address, input: Bytes, who: u8) -> TxEnvelope {
    let transaction = TxEip1559 {
        chain_id: L1_CHAIN,
        gas_limit: 1_000_000,
        max_fee_per_gas: 2_000_000_000,
        to: TxKind::Call(to),
        input,
        ..Default::default()
    };
    TxEnvelope::Eip1559(sign(transaction, &key(who)))
}

fn posted(number: u64, input: Bytes) -> TxEnvelope {
    let transaction = TxEip1559 {
        chain_id: L1_CHAIN,
        nonce: number,
        gas_limit: 1_000_000,
        max_fee_per_gas: 2_000_000_000,
        to: TxKind::Call(INBOX),
        input,
        ..Default::default()
    };
    TxEnvelope::Eip1559(sign(transaction, &batcher(number)))
}

fn posted_blob(number: u64, blob: &Blob) -> TxEnvelope {
    let commitment = c_kzg::ethereum_kzg_settings(0)
        .blob_to_kzg_commitment(&c_kzg::Blob::from_bytes(blob.as_slice()).unwrap())
        .unwrap();
    let transaction = TxEip4844 {
        chain_id: L1_CHAIN,
        nonce: number,
        gas_limit: 21_000,
        max_fee_per_gas: 2_000_000_000,
        to: INBOX,
        max_fee_per_blob_gas: 1_000_000_000,
        blob_versioned_hashes: vec![kzg_to_versioned_hash(commitment.as_slice())],
        // Ignored beside blobs.
        input: vec![9; 40].into(),
        ..Default::default()
    };
    let signed = sign(transaction, &batcher(number));
    let signature = *signed.signature();
    let transaction = TxEip4844Variant::TxEip4844(signed.strip_signature());
    TxEnvelope::Eip4844(transaction.into_signed(signature))
}

fn log(address: Address, topics: Vec<B256>, data: &[u8]) -> Log {
    // abi.encode(bytes): offset, length, data padded to words.
    let mut encoded = U256::from(32).to_be_bytes::<32>().to_vec();
    encoded.extend(U256::from(data.len()).to_be_bytes::<32>());
    encoded.extend(data);
    encoded.resize(encoded.len().next_multiple_of(32), 0);
    Log {
        address,
        data: LogData::new_unchecked(topics, encoded.into()),
    }
}

/// Two deposits with a foreign log between them, so that the log index counts.
fn deposits() -> Vec<Log> {
    let deposit = |mint: u64, creation: bool, data: &[u8]| {
        let mut opaque = U256::from(mint).to_be_bytes::<32>().to_vec();
        opaque.extend(U256::from(5).to_be_bytes::<32>());
        opaque.extend(100_000u64.to_be_bytes());
        opaque.push(creation.into());
        opaque.extend(data);
        let from = address_of(&key(0x21)).into_word();
        let topics = vec![DEPOSIT_EVENT_ABI_HASH, from, PORTAL.into_word(), B256::ZERO];
        log(PORTAL, topics, &opaque)
    };
    vec![
        deposit(10, false, b"hello"),
        log(INBOX, vec![keccak256("other")], b"not ours"),
        deposit(0, true, &[0x60, 0x00]),
    ]
}

/// One update of each type that an Isthmus chain knows.
fn updates() -> Vec<Log> {
    let update = |kind: u64, data: &[u8]| {
        let kind = B256::from(U256::from(kind));
        log(
            SYSTEM_CONFIG,
            vec![CONFIG_UPDATE_TOPIC, B256::ZERO, kind],
            data,
        )
    };
    let word = |value: U256| value.to_be_bytes::<32>().to_vec();
    let mut scalars = word(U256::ZERO);
    let mut scalar = [0; 32];
    scalar[0] = 1;
    scalar[24..28].copy_from_slice(&77u32.to_be_bytes());
    scalar[28..32].copy_from_slice(&88u32.to_be_bytes());
    scalars.extend(scalar);
    vec![
        update(0, address_of(&batcher(UPDATES_AT)).into_word().as_slice()),
        update(1, &scalars),
        update(2, &word(U256::from(45_000_000))),
        update(3, address_of(&key(0x33)).into_word().as_slice()),
        update(4, &word(U256::from((100u64 << 32) | 4))),
        update(5, &word(U256::from((12u128 << 64) | 34))),
    ]
}
