//! The wire forms against transactions that stand on public chains, and against each other.

use alloy_primitives::{Address, B256, U256, address, b256, hex, keccak256};
use openledger_genesis::{OpFork, SystemConfig};
use openledger_primitives::{BlockRef, Tx};
use openledger_protocol::{
    L1Block, L1BlockInfo, L1BlockRef, L1InfoError, L1InfoFormat, L2BlockRef, OutputRoot,
    l1_info_tx, upgrade_source, user_deposit_source,
};
use proptest::prelude::*;

struct Known {
    format: L1InfoFormat,
    info: L1BlockInfo,
    /// The whole EIP-2718 transaction as the chain has it.
    encoded: &'static [u8],
    hash: Option<B256>,
}

const BASE_BATCHER: Address = address!("5050F69a9786F081509234F1a7F4684b5E5b76C9");
const OP_BATCHER: Address = address!("6887246668a3b87F54DeB3b94Ba47a6f63F32985");

fn known() -> [Known; 3] {
    [
        // OP Mainnet, block 124,665,056.
        Known {
            format: L1InfoFormat::Ecotone,
            info: L1BlockInfo {
                number: 0x013a_d8a3,
                timestamp: 0x66d0_52e7,
                base_fee: U256::from(0x3ef1_2787_u64),
                blob_base_fee: U256::from(1),
                hash: b256!("2fdf87b89884a61e74b322bbcf60386f543bfae7827725efaaf0ab1de2294a59"),
                sequence_number: 4,
                batcher_hash: OP_BATCHER.into_word(),
                base_fee_scalar: 5_227,
                blob_base_fee_scalar: 1_014_213,
                ..Default::default()
            },
            encoded: &hex!(
                "7ef8f8a0683079df94aa5b9cf86687d739a60a9b4f0835e520ec4d664e2e415dca17a6df94deaddeaddeaddeaddeaddeaddeaddeaddead0001"
                "9442000000000000000000000000000000000000158080830f424080b8a4440a5e200000146b000f79c500000000000000040000000066d052e7"
                "00000000013ad8a3000000000000000000000000000000000000000000000000000000003ef12787000000000000000000000000000000000000"
                "00000000000000000000000000012fdf87b89884a61e74b322bbcf60386f543bfae7827725efaaf0ab1de2294a59000000000000000000000000"
                "6887246668a3b87f54deb3b94ba47a6f63f32985"
            ),
            hash: Some(b256!(
                "312e290cf36df704a2217b015d6455396830b0ce678b860ebfcc30f41403d7b1"
            )),
        },
        // Base, July 2025.
        Known {
            format: L1InfoFormat::Isthmus,
            info: L1BlockInfo {
                number: 0x015f_277f,
                timestamp: 0x6886_9d63,
                base_fee: U256::from(0x0d42_ac29_u64),
                blob_base_fee: U256::from(1),
                hash: b256!("abf52777e63959936b1bf633a2a643f0da38d63deffe49452fed1bf8a44975d5"),
                sequence_number: 2,
                batcher_hash: BASE_BATCHER.into_word(),
                base_fee_scalar: 2_269,
                blob_base_fee_scalar: 1_055_762,
                ..Default::default()
            },
            encoded: &hex!(
                "7ef90104a06c0c775b6b492bab9d7e81abdf27f77cafb698551226455a82f559e0f93fea3794deaddeaddeaddeaddeaddeaddeaddeaddead0001"
                "9442000000000000000000000000000000000000158080830f424080b8b0098999be000008dd00101c1200000000000000020000000068869d63"
                "00000000015f277f000000000000000000000000000000000000000000000000000000000d42ac29000000000000000000000000000000000000"
                "0000000000000000000000000001abf52777e63959936b1bf633a2a643f0da38d63deffe49452fed1bf8a44975d5000000000000000000000000"
                "5050f69a9786f081509234f1a7f4684b5e5b76c9000000000000000000000000"
            ),
            hash: Some(b256!(
                "ba56c8b0deb460ff070f8fca8e2ee01e51a3db27841cc862fdd94cc1a47662b6"
            )),
        },
        // Base, block 50,401,382.
        Known {
            format: L1InfoFormat::Jovian,
            info: L1BlockInfo {
                number: 0x018a_14c1,
                timestamp: 0x6a8c_7d6f,
                base_fee: U256::from(0x0001_48b4_4d7b_u64),
                blob_base_fee: U256::from(0x105a_1b60_u64),
                hash: b256!("76a922ba7a2d7a24b78e04f20b2349f94b59f18ab3e746ee2e3ba16999717a8d"),
                sequence_number: 5,
                batcher_hash: BASE_BATCHER.into_word(),
                base_fee_scalar: 2_269,
                blob_base_fee_scalar: 1_055_762,
                operator_fee_scalar: 0,
                operator_fee_constant: 0,
                da_footprint_gas_scalar: 148,
            },
            encoded: &hex!(
                "7ef90106a0f7c95944672f72e31ce06a5c4c46557d4fd4163d4b77455fdf09ef5145e4966294deaddeaddeaddeaddeaddeaddeaddeaddead0001"
                "9442000000000000000000000000000000000000158080830f424080b8b23db6be2b000008dd00101c120000000000000005000000006a8c7d6f"
                "00000000018a14c10000000000000000000000000000000000000000000000000000000148b44d7b000000000000000000000000000000000000"
                "00000000000000000000105a1b6076a922ba7a2d7a24b78e04f20b2349f94b59f18ab3e746ee2e3ba16999717a8d000000000000000000000000"
                "5050f69a9786f081509234f1a7f4684b5e5b76c90000000000000000000000000094"
            ),
            hash: None,
        },
    ]
}

#[test]
fn l1_info_transactions_equal_those_of_public_chains() {
    for Known {
        format,
        info,
        encoded,
        hash,
    } in known()
    {
        let tx = l1_info_tx(&info, format);
        assert_eq!(tx.encoded().as_ref(), encoded, "{format:?}");
        assert_eq!(
            tx,
            Tx::decode(encoded).expect("a transaction of a public chain")
        );
        if let Some(hash) = hash {
            assert_eq!(tx.hash(), hash, "{format:?}");
        }
        let input = tx.as_deposit_tx().expect("a deposit").input.clone();
        assert_eq!(L1BlockInfo::decode(&input), Ok((format, info)));
    }
}

#[test]
fn operator_fee_is_read_from_a_development_chain() {
    let calldata = hex!(
        "098999be00000558000c5fc500000000000000030000000067a9f765000000000000002900000000000000000000000000000000000000000000"
        "000000000000006a6d09000000000000000000000000000000000000000000000000000000000000000172fcc8e8886636bdbe96ba0e4baab67e"
        "a7e7811633f52b52e8cf7a5123213b6f000000000000000000000000d3f2c5afb2d76f5579f326b0cd7da5f5a4126c3500004e20000000000000"
        "01f4"
    );
    let (format, info) = L1BlockInfo::decode(&calldata).expect("Isthmus calldata");
    assert_eq!(format, L1InfoFormat::Isthmus);
    assert_eq!(
        (info.operator_fee_scalar, info.operator_fee_constant),
        (20_000, 500)
    );
    assert_eq!((info.number, info.sequence_number), (0x29, 3));
    assert_eq!(info.encode(format).as_ref(), calldata);
}

#[test]
fn selectors_are_those_of_the_functions() {
    for (format, signature) in [
        (L1InfoFormat::Ecotone, "setL1BlockValuesEcotone()"),
        (L1InfoFormat::Isthmus, "setL1BlockValuesIsthmus()"),
        (L1InfoFormat::Jovian, "setL1BlockValuesJovian()"),
    ] {
        assert_eq!(format.selector(), keccak256(signature)[..4]);
        assert_eq!(L1BlockInfo::default().encode(format).len(), format.len());
    }
    assert_eq!(L1InfoFormat::from(OpFork::Isthmus), L1InfoFormat::Isthmus);
    assert_eq!(L1InfoFormat::from(OpFork::Jovian), L1InfoFormat::Jovian);
}

#[test]
fn source_hashes_follow_the_specification() {
    // The Ecotone specification's L1Block deployment.
    assert_eq!(
        upgrade_source("Ecotone: L1 Block Deployment"),
        b256!("877a6077205782ea15a6dc8699fa5ebcec5e0f4389f09cb8eda09488231346f8")
    );
    let hash = B256::repeat_byte(0x11);
    let deposit_id = keccak256([hash.0, U256::from(7).to_be_bytes::<32>()].concat());
    let expected = keccak256([[0u8; 32], deposit_id.0].concat());
    assert_eq!(user_deposit_source(hash, 7), expected);
}

#[test]
fn info_of_a_block_takes_its_parameters_from_the_system_config() {
    let origin = L1Block {
        number: 10,
        hash: B256::repeat_byte(1),
        parent_hash: B256::repeat_byte(2),
        timestamp: 1_000,
        base_fee: 7,
        excess_blob_gas: Some(0),
        blob_base_fee: 1,
        prev_randao: B256::repeat_byte(3),
        parent_beacon_block_root: B256::repeat_byte(4),
        receipts_root: B256::repeat_byte(5),
        gas_limit: 30_000_000,
    };
    let mut config = SystemConfig {
        batcher_addr: Address::repeat_byte(9),
        overhead: B256::ZERO,
        scalar: SystemConfig::encode_scalars(11, 12),
        gas_limit: 60_000_000,
        eip1559_params: Default::default(),
        operator_fee_params: SystemConfig::encode_operator_fee(13, 14),
        min_base_fee: 0,
        da_footprint_gas_scalar: 0,
    };
    let info = L1BlockInfo::new(&origin, &config, 2);
    let expected = L1BlockInfo {
        number: 10,
        timestamp: 1_000,
        base_fee: U256::from(7),
        blob_base_fee: U256::from(1),
        hash: B256::repeat_byte(1),
        sequence_number: 2,
        batcher_hash: Address::repeat_byte(9).into_word(),
        base_fee_scalar: 11,
        blob_base_fee_scalar: 12,
        operator_fee_scalar: 13,
        operator_fee_constant: 14,
        // Zero in the configuration stands for 400.
        da_footprint_gas_scalar: 400,
    };
    assert_eq!(info, expected);
    config.da_footprint_gas_scalar = 15;
    assert_eq!(
        L1BlockInfo::new(&origin, &config, 2).da_footprint_gas_scalar,
        15
    );
}

#[test]
fn references_have_the_shape_that_rollup_nodes_serve() {
    let l2 = L2BlockRef {
        hash: B256::repeat_byte(1),
        number: 5,
        parent_hash: B256::repeat_byte(2),
        timestamp: 6,
        l1_origin: BlockRef {
            hash: B256::repeat_byte(3),
            number: 7,
        },
        sequence_number: 8,
    };
    let json = serde_json::to_value(l2).expect("serializable");
    let expected = serde_json::json!({
        "hash": B256::repeat_byte(1), "number": 5, "parentHash": B256::repeat_byte(2), "timestamp": 6,
        "l1origin": { "hash": B256::repeat_byte(3), "number": 7 }, "sequenceNumber": 8,
    });
    assert_eq!(json, expected);
    let l1 = L1BlockRef {
        hash: B256::repeat_byte(1),
        number: 5,
        parent_hash: B256::repeat_byte(2),
        timestamp: 6,
    };
    let expected = serde_json::json!({
        "hash": B256::repeat_byte(1), "number": 5, "parentHash": B256::repeat_byte(2), "timestamp": 6,
    });
    assert_eq!(serde_json::to_value(l1).expect("serializable"), expected);
}

#[test]
fn output_root_commits_to_every_part() {
    let root = OutputRoot {
        state_root: B256::repeat_byte(1),
        message_passer_storage_root: B256::repeat_byte(2),
        block_hash: B256::repeat_byte(3),
    };
    let parts = [[0u8; 32], [1; 32], [2; 32], [3; 32]].concat();
    assert_eq!(root.hash(), keccak256(parts));
}

#[test]
fn malformed_calldata_is_refused_with_its_reason() {
    let jovian = L1BlockInfo::default().encode(L1InfoFormat::Jovian);
    let cases: [(&[u8], L1InfoError); 5] = [
        (&[], L1InfoError::NoSelector(0)),
        (&jovian[..3], L1InfoError::NoSelector(3)),
        (&[1, 2, 3, 4], L1InfoError::UnknownSelector([1, 2, 3, 4])),
        (
            &jovian[..176],
            L1InfoError::Length {
                format: L1InfoFormat::Jovian,
                found: 176,
            },
        ),
        (
            &[&jovian[..], &[0]].concat(),
            L1InfoError::Length {
                format: L1InfoFormat::Jovian,
                found: 179,
            },
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(L1BlockInfo::decode(bytes), Err(expected));
    }
}

fn any_info() -> impl Strategy<Value = L1BlockInfo> {
    let words = prop::array::uniform4(any::<[u8; 32]>());
    (words, any::<[u64; 4]>(), any::<[u32; 3]>(), any::<u16>()).prop_map(
        |(words, longs, ints, short)| L1BlockInfo {
            number: longs[0],
            timestamp: longs[1],
            base_fee: U256::from_be_bytes(words[0]),
            blob_base_fee: U256::from_be_bytes(words[1]),
            hash: words[2].into(),
            sequence_number: longs[2],
            batcher_hash: words[3].into(),
            base_fee_scalar: ints[0],
            blob_base_fee_scalar: ints[1],
            operator_fee_scalar: ints[2],
            operator_fee_constant: longs[3],
            da_footprint_gas_scalar: short,
        },
    )
}

proptest! {
    #[test]
    fn decoding_is_the_inverse_of_encoding(info in any_info()) {
        prop_assert_eq!(L1BlockInfo::decode(&info.encode(L1InfoFormat::Jovian)), Ok((L1InfoFormat::Jovian, info)));
        for format in L1InfoFormat::ALL {
            let encoded = info.encode(format);
            let (found, decoded) = L1BlockInfo::decode(&encoded).expect("our own encoding");
            prop_assert_eq!(found, format);
            prop_assert_eq!(decoded.encode(format), encoded);
        }
    }

    #[test]
    fn any_bytes_decode_to_themselves_or_fail(selector in 0usize..4, mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let (Some(format), true) = (L1InfoFormat::ALL.get(selector), bytes.len() >= 4) {
            bytes[..4].copy_from_slice(&format.selector());
        }
        if let Ok((format, info)) = L1BlockInfo::decode(&bytes) {
            prop_assert_eq!(info.encode(format).to_vec(), bytes);
        }
    }
}
