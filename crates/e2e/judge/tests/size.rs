//! `judge size` counts what it says.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Signature, TxKind, U256, keccak256};
use openledger_judge::{BlockList, ListedBlock, measure};
use std::process::Command;

/// Blocks of transfers whose signatures do not compress.
fn list(blocks: u64, transactions: u64) -> BlockList {
    let transfer = |nonce: u64| {
        let word = |what: &str| U256::from_be_bytes(keccak256(format!("{what} {nonce}")).0) >> 1;
        let transaction = TxEip1559 {
            chain_id: 901,
            nonce,
            gas_limit: 60_000,
            max_fee_per_gas: 1_000_000,
            to: TxKind::Call(Address::repeat_byte(7)),
            ..Default::default()
        };
        let signed = transaction.into_signed(Signature::new(
            word("r"),
            word("s"),
            nonce.is_multiple_of(2),
        ));
        TxEnvelope::Eip1559(signed).encoded_2718().into()
    };
    BlockList {
        l2_time: 1_000,
        block_time: 2,
        l2_chain_id: 901,
        blocks: (0..blocks)
            .map(|block| ListedBlock {
                parent_hash: B256::with_last_byte(1),
                timestamp: 1_002 + 2 * block,
                epoch_number: 5 + block / 6,
                epoch_hash: B256::with_last_byte(2),
                sequence_number: block % 6,
                transactions: (0..transactions)
                    .map(|index| transfer(block * transactions + index))
                    .collect(),
            })
            .collect(),
    }
}

#[test]
fn a_transfer_costs_its_signature_and_little_else() {
    let sizes = measure(&list(20, 50), None, 10).unwrap();
    assert_eq!(
        (sizes.blocks, sizes.transactions, sizes.channels),
        (20, 1_000, 1)
    );
    assert!(sizes.bytes_per_transaction > 64.0, "{sizes:?}");
    assert!(sizes.bytes_per_transaction < 70.0, "{sizes:?}");
    assert!(sizes.batch_bytes > sizes.channel_bytes);
    assert_eq!(sizes.bytes, sizes.channel_bytes + 24);
}

#[test]
fn more_channels_carry_the_same_blocks_in_more_bytes() {
    let list = list(12, 20);
    let one = measure(&list, None, 9).unwrap();
    let six = measure(&list, Some(2), 9).unwrap();
    assert_eq!(six.channels, 6);
    assert!(six.bytes > one.bytes);
}

#[test]
fn blocks_that_do_not_follow_each_other_are_refused() {
    let mut backwards = list(3, 1);
    backwards.blocks.reverse();
    assert!(measure(&backwards, None, 10).is_err());
    let mut gap = list(3, 1);
    gap.blocks[2].timestamp += 2;
    assert!(measure(&gap, None, 10).is_err());
    let mut empty = list(1, 1);
    empty.blocks[0].transactions.clear();
    assert!(measure(&empty, None, 10).is_err());
}

#[test]
fn the_program_prints_one_line_of_json() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), serde_json::to_vec(&list(4, 10)).unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_judge"))
        .args(["size", "--blocks-per-channel", "2", "--blocks"])
        .arg(file.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&line["transactions"], &line["channels"]),
        (&40.into(), &2.into())
    );
    assert!(line["cpuMicrosPerTransaction"].as_f64().unwrap() > 0.0);
}
