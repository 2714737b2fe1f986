//! Deposits, updates of the system configuration, the batcher's transactions, and the configuration in L2 blocks.

use crate::support::signer;
use alloy_consensus::{
    Header, Sealable, SignableTransaction, TxEip1559, TxEip4844, TxEip7702, TxLegacy,
};
use alloy_primitives::{
    Address, B64, B256, Bytes, Log, LogData, Signature, TxKind, U256, address, b256, keccak256,
};
use alloy_signer::SignerSync;
use op_alloy_consensus::TxDeposit;
use openledger_genesis::{ChainOpConfig, RollupConfig, RollupGenesis, SystemConfig};
use openledger_primitives::{Block, BlockRef, TxEnvelope};
use openledger_protocol::{
    CONFIG_UPDATE_TOPIC, ConfigUpdate, ConfigUpdateError, DEPOSIT_EVENT_TOPIC, DepositError,
    InboxData, L1Block, L1BlockInfo, L1InfoFormat, L1Inputs, L2RefError, alias, decode_deposit,
    inbox_tx, l1_info_tx, system_config_of, unalias, user_deposit_source,
};
use proptest::prelude::*;

const PORTAL: Address = Address::repeat_byte(0x10);
const CONFIG: Address = Address::repeat_byte(0x20);
const FROM: Address = Address::repeat_byte(1);
const TO: Address = Address::repeat_byte(2);

fn log(address: Address, topics: Vec<B256>, data: Vec<u8>) -> Log {
    Log {
        address,
        data: LogData::new_unchecked(topics, data.into()),
    }
}

/// ABI encoding of one byte string.
fn abi_bytes(content: &[u8]) -> Vec<u8> {
    let mut data = U256::from(32).to_be_bytes::<32>().to_vec();
    data.extend(U256::from(content.len()).to_be_bytes::<32>());
    data.extend(content);
    data.resize(data.len().next_multiple_of(32), 0);
    data
}

fn opaque(mint: U256, value: U256, gas: u64, creation: u8, input: &[u8]) -> Vec<u8> {
    let mut out = mint.to_be_bytes::<32>().to_vec();
    out.extend(value.to_be_bytes::<32>());
    out.extend(gas.to_be_bytes());
    out.push(creation);
    out.extend(input);
    out
}

fn deposit_log(data: Vec<u8>) -> Log {
    let topics = vec![
        DEPOSIT_EVENT_TOPIC,
        FROM.into_word(),
        TO.into_word(),
        B256::ZERO,
    ];
    log(PORTAL, topics, data)
}

fn update_log(kind: u8, data: Vec<u8>) -> Log {
    log(
        CONFIG,
        vec![CONFIG_UPDATE_TOPIC, B256::ZERO, B256::with_last_byte(kind)],
        data,
    )
}

fn l1_block() -> L1Block {
    L1Block {
        number: 10,
        hash: B256::repeat_byte(0x77),
        parent_hash: B256::repeat_byte(2),
        timestamp: 1_000,
        base_fee: 7,
        excess_blob_gas: Some(0),
        blob_base_fee: 1,
        prev_randao: B256::repeat_byte(3),
        parent_beacon_block_root: B256::repeat_byte(4),
        receipts_root: B256::repeat_byte(5),
        gas_limit: 30_000_000,
    }
}

fn config() -> SystemConfig {
    SystemConfig {
        batcher_addr: Address::repeat_byte(9),
        overhead: B256::ZERO,
        scalar: SystemConfig::encode_scalars(11, 12),
        gas_limit: 60_000_000,
        eip1559_params: B64::ZERO,
        operator_fee_params: B256::ZERO,
        min_base_fee: 0,
        da_footprint_gas_scalar: 0,
    }
}

#[test]
fn topics_are_the_hashes_of_the_events() {
    assert_eq!(
        DEPOSIT_EVENT_TOPIC,
        keccak256("TransactionDeposited(address,address,uint256,bytes)")
    );
    assert_eq!(
        CONFIG_UPDATE_TOPIC,
        keccak256("ConfigUpdate(uint256,uint8,bytes)")
    );
}

#[test]
fn aliases_wrap_around_and_back() {
    for (l1, l2) in [
        (
            Address::ZERO,
            address!("1111000000000000000000000000000000001111"),
        ),
        (
            Address::repeat_byte(0xff),
            address!("1111000000000000000000000000000000001110"),
        ),
        (
            address!("eeeeffffffffffffffffffffffffffffffffeeef"),
            Address::ZERO,
        ),
    ] {
        assert_eq!(alias(l1), l2);
        assert_eq!(unalias(l2), l1);
    }
}

#[test]
fn a_deposit_is_read_field_by_field() {
    let content = opaque(U256::from(5), U256::MAX, 90_000, 0, b"call");
    let deposit = decode_deposit(&deposit_log(abi_bytes(&content)), l1_block().hash, 4);
    let expected = TxDeposit {
        source_hash: user_deposit_source(l1_block().hash, 4),
        from: FROM,
        to: TxKind::Call(TO),
        mint: 5,
        value: U256::MAX,
        gas_limit: 90_000,
        is_system_transaction: false,
        input: Bytes::from_static(b"call"),
    };
    assert_eq!(deposit, Ok(expected.clone()));
    // Whatever is not zero creates a contract, as op-node has it.
    for creation in [1, 2, 255] {
        let content = opaque(U256::from(5), U256::MAX, 90_000, creation, b"call");
        let found = decode_deposit(&deposit_log(abi_bytes(&content)), l1_block().hash, 4);
        assert_eq!(
            found,
            Ok(TxDeposit {
                to: TxKind::Create,
                ..expected.clone()
            })
        );
    }
}

#[test]
fn malformed_deposits_are_refused_with_their_reason() {
    let content = opaque(U256::ZERO, U256::ZERO, 21_000, 0, &[7; 30]);
    let good = abi_bytes(&content);
    let check = |log: &Log, expected| {
        assert_eq!(decode_deposit(log, B256::ZERO, 0), Err(expected));
    };
    let mut topics = deposit_log(good.clone()).data.topics().to_vec();
    topics[3] = B256::with_last_byte(1);
    check(
        &log(PORTAL, topics.clone(), good.clone()),
        DepositError::Version(topics[3]),
    );
    check(
        &log(PORTAL, topics[..3].to_vec(), good.clone()),
        DepositError::Topics,
    );
    topics[0] = B256::ZERO;
    check(&log(PORTAL, topics, good.clone()), DepositError::Topics);
    for cut in 0..good.len() {
        check(&deposit_log(good[..cut].to_vec()), DepositError::Data);
    }
    check(
        &deposit_log([&good[..], &[0; 32]].concat()),
        DepositError::Data,
    );
    for (at, byte) in [(31, 33), (0, 1), (63, 255), (32, 1), (40, 255)] {
        let mut data = good.clone();
        data[at] = byte;
        check(&deposit_log(data), DepositError::Data);
    }
    check(
        &deposit_log(abi_bytes(&content[..72])),
        DepositError::OpaqueData(72),
    );
    check(&deposit_log(abi_bytes(&[])), DepositError::OpaqueData(0));
    let mint = opaque(U256::from(1) << 128, U256::ZERO, 0, 0, &[]);
    check(&deposit_log(abi_bytes(&mint)), DepositError::Mint);
}

#[test]
fn every_update_changes_its_field_and_no_other() {
    let word = |value: u64| U256::from(value).to_be_bytes::<32>();
    let scalar = SystemConfig::encode_scalars(1, 2);
    let params = SystemConfig::encode_operator_fee(3, 4);
    let (address, before) = (Address::repeat_byte(8), config());
    let cases: [(u8, Vec<u8>, ConfigUpdate, SystemConfig); 8] = [
        (
            0,
            address.into_word().to_vec(),
            ConfigUpdate::Batcher(address),
            SystemConfig {
                batcher_addr: address,
                ..config()
            },
        ),
        (
            1,
            [word(77), scalar.0].concat(),
            ConfigUpdate::FeeScalars {
                overhead: word(77).into(),
                scalar,
            },
            SystemConfig { scalar, ..config() },
        ),
        (
            2,
            word(5).to_vec(),
            ConfigUpdate::GasLimit(5),
            SystemConfig {
                gas_limit: 5,
                ..config()
            },
        ),
        (
            3,
            address.into_word().to_vec(),
            ConfigUpdate::UnsafeBlockSigner(address),
            config(),
        ),
        (
            4,
            word(250 << 32 | 6).to_vec(),
            ConfigUpdate::Eip1559Params(B64::from(250u64 << 32 | 6)),
            SystemConfig {
                eip1559_params: B64::from(250u64 << 32 | 6),
                ..config()
            },
        ),
        (
            5,
            params.to_vec(),
            ConfigUpdate::OperatorFee(params),
            SystemConfig {
                operator_fee_params: params,
                ..config()
            },
        ),
        (
            6,
            word(7).to_vec(),
            ConfigUpdate::MinBaseFee(7),
            SystemConfig {
                min_base_fee: 7,
                ..config()
            },
        ),
        (
            7,
            word(400).to_vec(),
            ConfigUpdate::DaFootprintGasScalar(400),
            SystemConfig {
                da_footprint_gas_scalar: 400,
                ..config()
            },
        ),
    ];
    for (kind, content, expected, after) in cases {
        let good = abi_bytes(&content);
        assert_eq!(
            ConfigUpdate::decode(&update_log(kind, good.clone())),
            Ok(expected)
        );
        let mut found = before.clone();
        expected.apply(&mut found);
        assert_eq!(found, after);
        // Exactly these bytes: not one more or less, no other offset or length.
        let data = Err(ConfigUpdateError::Data(kind));
        for cut in 0..good.len() {
            assert_eq!(
                ConfigUpdate::decode(&update_log(kind, good[..cut].to_vec())),
                data
            );
        }
        assert_eq!(
            ConfigUpdate::decode(&update_log(kind, [&good[..], &[0]].concat())),
            data
        );
        for at in [0, 31, 32, 63] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(ConfigUpdate::decode(&update_log(kind, bad)), data);
        }
        let mut high = good;
        high[64] = 1;
        let strict = matches!(kind, 0 | 2 | 3 | 6 | 7);
        assert_eq!(
            ConfigUpdate::decode(&update_log(kind, high)) == data,
            strict,
            "{kind}"
        );
    }
}

#[test]
fn invalid_updates_are_refused_with_their_reason() {
    let good = abi_bytes(&[0; 32]);
    let decode = |topics: Vec<B256>| ConfigUpdate::decode(&log(CONFIG, topics, good.clone()));
    let topics = update_log(2, Vec::new()).data.topics().to_vec();
    assert_eq!(decode(topics[..2].to_vec()), Err(ConfigUpdateError::Topics));
    assert_eq!(
        decode(vec![B256::ZERO, topics[1], topics[2]]),
        Err(ConfigUpdateError::Topics)
    );
    let one = B256::with_last_byte(1);
    assert_eq!(
        decode(vec![topics[0], one, topics[2]]),
        Err(ConfigUpdateError::Version(one))
    );
    for kind in [
        B256::with_last_byte(8),
        b256!("0100000000000000000000000000000000000000000000000000000000000002"),
    ] {
        assert_eq!(
            decode(vec![topics[0], topics[1], kind]),
            Err(ConfigUpdateError::Type(kind))
        );
    }
    for (at, byte) in [(0, 2), (1, 1), (23, 1)] {
        let mut scalar = SystemConfig::encode_scalars(1, 2);
        scalar[at] = byte;
        let found = ConfigUpdate::decode(&update_log(1, abi_bytes(&[[0; 32], scalar.0].concat())));
        assert_eq!(found, Err(ConfigUpdateError::Scalar(scalar)));
    }
    // Version 0 has no blob scalar.
    let mut scalar = B256::ZERO;
    scalar[27] = 1;
    let found = ConfigUpdate::decode(&update_log(1, abi_bytes(&[[0; 32], scalar.0].concat())));
    assert_eq!(found, Err(ConfigUpdateError::Scalar(scalar)));
    for params in [250u64 << 32, 6] {
        let found = ConfigUpdate::decode(&update_log(
            4,
            abi_bytes(&U256::from(params).to_be_bytes::<32>()),
        ));
        assert_eq!(
            found,
            Err(ConfigUpdateError::Eip1559Params(B64::from(params)))
        );
    }
}

#[test]
fn an_l1_block_brings_what_its_successful_transactions_logged() {
    let deposit = |gas| deposit_log(abi_bytes(&opaque(U256::ZERO, U256::ZERO, gas, 0, &[])));
    let gas_limit = |limit: u64| update_log(2, abi_bytes(&U256::from(limit).to_be_bytes::<32>()));
    let stranger = Log {
        address: Address::repeat_byte(0x33),
        ..deposit(1)
    };
    let first = [stranger, deposit(2), gas_limit(3)];
    let failed = [deposit(4), gas_limit(5)];
    let malformed = [
        deposit_log(vec![1]),
        update_log(2, vec![1]),
        log(PORTAL, vec![], vec![]),
    ];
    let last = [gas_limit(6), deposit(7)];
    let receipts = [
        (true, &first[..]),
        (false, &failed[..]),
        (true, &malformed[..]),
        (true, &last[..]),
    ];
    let inputs = L1Inputs::new(l1_block(), receipts, PORTAL, CONFIG);
    let found: Vec<_> = inputs
        .deposits
        .iter()
        .map(|tx| {
            let deposit = tx.as_deposit_tx().expect("a deposit");
            assert_eq!(tx.signer(), FROM);
            (deposit.gas_limit, deposit.source_hash)
        })
        .collect();
    // Positions count every log of the block.
    let source = |index| user_deposit_source(l1_block().hash, index);
    assert_eq!(found, [(2, source(1)), (7, source(9))]);
    assert_eq!(
        inputs.config_updates,
        [ConfigUpdate::GasLimit(3), ConfigUpdate::GasLimit(6)]
    );
    let mut config = config();
    inputs.apply_updates(&mut config);
    assert_eq!(config.gas_limit, 6);
}

fn sign<T: SignableTransaction<Signature>>(
    tx: T,
    key: u8,
    wrap: fn(alloy_consensus::Signed<T>) -> TxEnvelope,
) -> TxEnvelope {
    let signature = signer(key)
        .sign_hash_sync(&tx.signature_hash())
        .expect("signs");
    wrap(tx.into_signed(signature))
}

#[test]
fn only_the_batchers_transactions_to_the_inbox_count() {
    let (inbox, batcher) = (Address::repeat_byte(0xff), signer(1).address());
    let input = Bytes::from_static(&[0, 1, 2]);
    let legacy = |key, to| {
        let tx = TxLegacy {
            chain_id: Some(1),
            to,
            input: input.clone(),
            ..Default::default()
        };
        sign(tx, key, TxEnvelope::Legacy)
    };
    let to = TxKind::Call(inbox);
    let good = legacy(1, to);
    let found = inbox_tx(&good, inbox, batcher).expect("the batcher's");
    assert_eq!((found.hash, found.from), (good.tx_hash(), batcher));
    assert_eq!(found.data, InboxData::Calldata(input.clone()));
    assert_eq!(inbox_tx(&legacy(2, to), inbox, batcher), None);
    assert_eq!(inbox_tx(&legacy(1, TxKind::Call(TO)), inbox, batcher), None);
    assert_eq!(inbox_tx(&legacy(1, TxKind::Create), inbox, batcher), None);
    let tx = TxEip1559 {
        chain_id: 1,
        to,
        input: input.clone(),
        ..Default::default()
    };
    let found = inbox_tx(&sign(tx, 1, TxEnvelope::Eip1559), inbox, batcher).map(|tx| tx.data);
    assert_eq!(found, Some(InboxData::Calldata(input.clone())));
    // A blob transaction's calldata counts for nothing.
    let blob_versioned_hashes = vec![B256::repeat_byte(1), B256::repeat_byte(2)];
    let tx = TxEip4844 {
        chain_id: 1,
        to: inbox,
        input: input.clone(),
        blob_versioned_hashes: blob_versioned_hashes.clone(),
        ..Default::default()
    };
    let found = inbox_tx(&sign(tx, 1, TxEnvelope::Eip4844), inbox, batcher).map(|tx| tx.data);
    assert_eq!(found, Some(InboxData::Blobs(blob_versioned_hashes)));
    // Set-code transactions are no batcher's, whoever signs them.
    let tx = TxEip7702 {
        chain_id: 1,
        to: inbox,
        input: input.clone(),
        ..Default::default()
    };
    assert_eq!(
        inbox_tx(&sign(tx, 1, TxEnvelope::Eip7702), inbox, batcher),
        None
    );
    // An L1 that is a rollup itself has deposits.
    let deposit = TxDeposit {
        from: batcher,
        to,
        input: input.clone(),
        ..Default::default()
    };
    let found = inbox_tx(&TxEnvelope::Deposit(deposit.seal_slow()), inbox, batcher);
    assert_eq!(found.map(|tx| tx.data), Some(InboxData::Calldata(input)));
}

fn rollup(jovian: bool, l2: BlockRef) -> RollupConfig {
    RollupConfig {
        genesis: RollupGenesis {
            l1: l2,
            l2,
            l2_time: 0,
            system_config: config(),
        },
        block_time: 2,
        max_sequencer_drift: 1_800,
        seq_window_size: 3_600,
        channel_timeout: 50,
        l1_chain_id: 1,
        l2_chain_id: 2,
        regolith_time: Some(0),
        canyon_time: Some(0),
        delta_time: Some(0),
        ecotone_time: Some(0),
        fjord_time: Some(0),
        granite_time: Some(0),
        holocene_time: Some(0),
        isthmus_time: Some(0),
        jovian_time: jovian.then_some(0),
        batch_inbox_address: Address::ZERO,
        deposit_contract_address: PORTAL,
        l1_system_config_address: CONFIG,
        chain_op_config: ChainOpConfig {
            eip1559_elasticity: 6,
            eip1559_denominator: 50,
            eip1559_denominator_canyon: 250,
        },
    }
}

fn block(config: &SystemConfig, extra_data: Vec<u8>, format: L1InfoFormat) -> Block {
    let info = L1BlockInfo::new(&l1_block(), config, 3);
    let header = Header {
        number: 5,
        gas_limit: config.gas_limit,
        extra_data: extra_data.into(),
        ..Default::default()
    };
    Block::new(header, vec![l1_info_tx(&info, format)], None)
}

#[test]
fn the_configuration_is_read_back_from_a_block() {
    let params = [0, 0, 0, 250, 0, 0, 0, 6];
    let config = SystemConfig {
        eip1559_params: params.into(),
        operator_fee_params: SystemConfig::encode_operator_fee(13, 14),
        min_base_fee: 99,
        da_footprint_gas_scalar: 15,
        ..config()
    };
    let jovian = [&[1][..], &params, &99u64.to_be_bytes()].concat();
    let isthmus = [&[0][..], &params].concat();
    let genesis = BlockRef::default();
    let of = |extra: &[u8], jovian: bool| {
        let format = if jovian {
            L1InfoFormat::Jovian
        } else {
            L1InfoFormat::Isthmus
        };
        system_config_of(
            &block(&config, extra.to_vec(), format),
            &rollup(jovian, genesis),
        )
    };
    assert_eq!(of(&jovian, true), Ok(config.clone()));
    let older = SystemConfig {
        min_base_fee: 0,
        da_footprint_gas_scalar: 0,
        ..config.clone()
    };
    assert_eq!(of(&isthmus, false), Ok(older));
    let mut zero = jovian.clone();
    zero[4] = 0;
    for (extra, is_jovian) in [
        (&isthmus, true),
        (&jovian, false),
        (&zero, true),
        (&Vec::new(), true),
    ] {
        assert!(matches!(
            of(extra, is_jovian),
            Err(L2RefError::ExtraData { number: 5, .. })
        ));
    }
}

#[test]
fn the_genesis_block_has_the_configured_configuration_and_the_configured_hash() {
    let genesis = Block::new(Header::default(), Vec::new(), None);
    assert_eq!(
        system_config_of(&genesis, &rollup(true, genesis.block_ref())),
        Ok(config())
    );
    let other = rollup(true, BlockRef::default());
    assert!(matches!(
        system_config_of(&genesis, &other),
        Err(L2RefError::Genesis { .. })
    ));
    let empty = Block::new(
        Header {
            number: 1,
            ..Default::default()
        },
        Vec::new(),
        None,
    );
    assert_eq!(
        system_config_of(&empty, &other),
        Err(L2RefError::NoL1Info(1))
    );
}

proptest! {
    #[test]
    fn aliases_come_back(address in any::<[u8; 20]>()) {
        prop_assert_eq!(unalias(alias(address.into())), Address::from(address));
    }

    #[test]
    fn deposits_come_back(mint in any::<u128>(), value in any::<[u8; 32]>(), gas in any::<u64>(), creation in any::<bool>(), input in prop::collection::vec(any::<u8>(), 0..100)) {
        let content = opaque(U256::from(mint), U256::from_be_bytes(value), gas, creation.into(), &input);
        let found = decode_deposit(&deposit_log(abi_bytes(&content)), B256::ZERO, 1).expect("a deposit");
        prop_assert_eq!((found.mint, found.value, found.gas_limit), (mint, U256::from_be_bytes(value), gas));
        prop_assert_eq!(found.to.is_create(), creation);
        prop_assert_eq!(found.input, Bytes::from(input));
    }
}
