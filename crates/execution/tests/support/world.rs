//! Rule sets and the state that tests start from.

use super::contracts;
use alloy_eips::eip4895::{Withdrawal, Withdrawals};
use alloy_genesis::Genesis;
use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_signer_local::PrivateKeySigner;
use openledger_execution::{BlockAttributes, FeeParams, MemoryState};
use openledger_genesis::{ChainSpec, FeeMarket};
use openledger_primitives::{Account, AccountChange, BlockChanges};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

pub const CHAIN_ID: u64 = 901;
pub const GAS_LIMIT: u64 = 30_000_000;
pub const BASE_FEE: u64 = 1_000_000_000;

pub const L1_BLOCK: Address = address!("4200000000000000000000000000000000000015");
pub const SEQUENCER_FEE_VAULT: Address = address!("4200000000000000000000000000000000000011");
pub const BASE_FEE_VAULT: Address = address!("4200000000000000000000000000000000000019");
pub const L1_FEE_VAULT: Address = address!("420000000000000000000000000000000000001A");
pub const OPERATOR_FEE_VAULT: Address = address!("420000000000000000000000000000000000001b");

/// Senders; the last one is poor.
pub const SENDERS: usize = 6;

static KEYS: LazyLock<Vec<PrivateKeySigner>> = LazyLock::new(|| {
    (1..=SENDERS as u8)
        .map(|seed| PrivateKeySigner::from_bytes(&B256::repeat_byte(seed)).expect("a valid key"))
        .collect()
});

pub fn key(index: usize) -> &'static PrivateKeySigner {
    &KEYS[index]
}

pub fn sender(index: usize) -> Address {
    KEYS[index].address()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    OpJovian,
    OpIsthmus,
    Prague,
    Osaka,
}

impl Rules {
    pub const ALL: [Self; 4] = [Self::OpJovian, Self::OpIsthmus, Self::Prague, Self::Osaka];

    pub fn is_op(self) -> bool {
        matches!(self, Self::OpJovian | Self::OpIsthmus)
    }

    pub fn spec(self) -> Arc<ChainSpec> {
        let mut config = json!({
            "chainId": CHAIN_ID, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
            "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0,
        });
        if self.is_op() {
            for fork in [
                "regolith", "canyon", "ecotone", "fjord", "granite", "holocene", "isthmus",
            ] {
                config[format!("{fork}Time")] = 0.into();
            }
            config["optimism"] = json!({ "eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250 });
        }
        match self {
            Self::OpJovian => config["jovianTime"] = 0.into(),
            Self::Osaka => config["osakaTime"] = 0.into(),
            Self::OpIsthmus | Self::Prague => {}
        }
        let genesis = genesis(
            json!({ "config": config, "difficulty": "0x0", "gasLimit": "0x1c9c380", "alloc": {} }),
        );
        Arc::new(ChainSpec::from_genesis(&genesis).expect("a valid configuration"))
    }

    /// What the block after the world's genesis is built with.
    pub fn attributes(self) -> BlockAttributes {
        let spec = self.spec();
        let market = FeeMarket {
            denominator: 250,
            elasticity: 6,
            min_base_fee: 0,
        };
        BlockAttributes {
            number: 1,
            parent_hash: B256::repeat_byte(0x11),
            timestamp: 1_000,
            beneficiary: if self.is_op() {
                SEQUENCER_FEE_VAULT
            } else {
                Address::repeat_byte(0xfe)
            },
            prev_randao: B256::repeat_byte(0x22),
            gas_limit: GAS_LIMIT,
            base_fee: BASE_FEE,
            parent_beacon_block_root: Some(B256::repeat_byte(0x33)),
            withdrawals: Some(Withdrawals::default()),
            extra_data: if self.is_op() {
                FeeParams::encode(&spec, 1_000, market)
            } else {
                Bytes::new()
            },
            excess_blob_gas: Some(0),
        }
    }
}

pub fn genesis(value: Value) -> Genesis {
    serde_json::from_value(value).expect("a genesis")
}

pub fn withdrawal(index: u64, address: Address, gwei: u64) -> Withdrawal {
    Withdrawal {
        index,
        validator_index: index,
        address,
        amount: gwei,
    }
}

/// What the L1Block contract holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct L1Fees {
    pub base_fee: u64,
    pub blob_base_fee: u64,
    pub base_fee_scalar: u32,
    pub blob_base_fee_scalar: u32,
    pub operator_fee_scalar: u32,
    pub operator_fee_constant: u64,
    pub da_footprint_gas_scalar: u16,
}

impl L1Fees {
    /// The contract's slots, in Solidity's packing.
    fn storage(&self) -> Vec<(U256, U256, U256)> {
        let word = |parts: &[(usize, u64)]| {
            parts.iter().fold(U256::ZERO, |word, (byte, value)| {
                word | (U256::from(*value) << (8 * byte))
            })
        };
        [
            (1, U256::from(self.base_fee)),
            (
                3,
                word(&[
                    (8, self.blob_base_fee_scalar.into()),
                    (12, self.base_fee_scalar.into()),
                ]),
            ),
            (7, U256::from(self.blob_base_fee)),
            (
                8,
                word(&[
                    (0, self.operator_fee_constant),
                    (8, self.operator_fee_scalar.into()),
                    (12, self.da_footprint_gas_scalar.into()),
                ]),
            ),
        ]
        .into_iter()
        .map(|(slot, value)| (U256::from(slot), U256::ZERO, value))
        .collect()
    }
}

/// Funded senders, the contracts with something stored in each, and L1Block.
pub fn world(fees: L1Fees) -> MemoryState {
    let mut state = MemoryState::default();
    for index in 0..SENDERS {
        let ether = if index == SENDERS - 1 { 0 } else { 1_000 };
        let wei = U256::from(ether) * U256::from(10).pow(U256::from(18))
            + U256::from(10).pow(U256::from(15));
        state.set_account(sender(index), wei, 0, Bytes::new());
    }
    for (index, code) in contracts::ALL.into_iter().enumerate() {
        state.set_account(contracts::address(index), U256::from(1_000), 1, code);
    }
    state.set_account(L1_BLOCK, U256::ZERO, 1, Bytes::from_static(&[0]));
    let account = |address: Address, storage| {
        let before = state
            .accounts()
            .find(|(at, _)| *at == address)
            .map(|(_, account)| account);
        AccountChange {
            address,
            before,
            after: before.or(Some(Account::default())),
            wiped: false,
            storage,
        }
    };
    let mut accounts = vec![account(L1_BLOCK, fees.storage())];
    for index in 0..contracts::ALL.len() {
        accounts.push(account(
            contracts::address(index),
            vec![(U256::from(2), U256::ZERO, U256::from(7))],
        ));
    }
    state.apply(&BlockChanges {
        accounts,
        codes: Default::default(),
    });
    state
}
