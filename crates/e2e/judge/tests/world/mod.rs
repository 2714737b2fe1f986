//! A small rollup made from thin air: an L1 whose blocks hash, with deposits, configuration updates and batches on it,
//! and the L2 that follows from them. Nothing is executed, for the judge executes nothing.
//!
//! kona's own encoders write the batches. What these tests prove is that the judge judges, not that kona is right.

pub mod batches;
pub mod l1;
pub mod l2;
pub mod server;

use alloy_consensus::{SignableTransaction, Signed};
use alloy_primitives::{Address, B256, Signature, U256, address, b256};
use batches::{Form, Poster};
use k256::ecdsa::SigningKey;
use kona_genesis::{RollupConfig, SystemConfig};
use l1::L1Block;
use l2::L2Raw;
use openledger_judge::parse_rollup_config;
use serde_json::{Value, json};

pub const L1_CHAIN: u64 = 900;
pub const L2_CHAIN: u64 = 901;
/// Number of the L1 block at which the rollup begins.
pub const FIRST: u64 = 10;
pub const L1_BLOCK_TIME: u64 = 4;
pub const L2_BLOCK_TIME: u64 = 2;
pub const BEGINS: u64 = 1_700_000_000;
pub const PORTAL: Address = address!("00000000000000000000000000000000000000aa");
pub const SYSTEM_CONFIG: Address = address!("00000000000000000000000000000000000000bb");
pub const INBOX: Address = address!("00000000000000000000000000000000000000cc");
pub const SCALAR: B256 = b256!("0100000000000000000000000000000000000000000000000000000500000007");

/// Which L1 block carries what.
pub const DEPOSITS_AT: u64 = FIRST + 2;
pub const UPDATES_AT: u64 = FIRST + 4;
const L1_BLOCKS: u64 = 12;

/// Keys of people who sign on either chain.
pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

pub fn address_of(key: &SigningKey) -> Address {
    Address::from_public_key(key.verifying_key())
}

pub fn sign<T: SignableTransaction<Signature>>(transaction: T, key: &SigningKey) -> Signed<T> {
    let hash = transaction.signature_hash();
    let (signature, parity) = key.sign_prehash_recoverable(hash.as_slice()).unwrap();
    transaction.into_signed((signature, parity).into())
}

/// The batcher before and after the configuration update.
pub fn batcher(l1_block: u64) -> SigningKey {
    key(if l1_block < UPDATES_AT { 0x11 } else { 0x12 })
}

/// How the beacon node answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeaconKind {
    /// As anvil: no `config/spec`, blobs by block number.
    Anvil,
    /// As a beacon node of before Fulu: slots, and only sidecars.
    Sidecars,
}

pub struct World {
    pub config: Value,
    pub l1: Vec<L1Block>,
    pub l2: Vec<L2Raw>,
    pub beacon: BeaconKind,
    /// Slots of L1 blocks are their numbers plus this.
    pub slot_offset: u64,
}

impl World {
    /// A rollup whose batches take all forms except blobs: the trusted setup takes seconds to load.
    pub fn new() -> Self {
        Self::with(
            &[Form::Span, Form::Singular, Form::Frames],
            BeaconKind::Anvil,
        )
    }

    /// The same, posted in `forms` in turn.
    pub fn with(forms: &[Form], beacon: BeaconKind) -> Self {
        let first = L1Block::first();
        let genesis = L2Raw::genesis(&first);
        let config = config(&first, &genesis);
        let rollup = parse_rollup_config(&config.to_string()).unwrap();
        let mut world = Self {
            config,
            l1: vec![first],
            l2: vec![genesis],
            beacon,
            slot_offset: if beacon == BeaconKind::Anvil { 0 } else { 1000 },
        };
        world.grow(&rollup, forms);
        world
    }

    fn grow(&mut self, rollup: &RollupConfig, forms: &[Form]) {
        let mut system = rollup.genesis.system_config.unwrap();
        let mut poster = Poster::new(rollup.clone(), forms);
        poster.queue(self.epoch(rollup, &system));
        for number in FIRST + 1..FIRST + L1_BLOCKS {
            let payloads = poster.payloads();
            let block = L1Block::after(self.l1.last().unwrap(), number, payloads);
            update(&mut system, rollup, &block);
            self.l1.push(block);
            if number + 1 < FIRST + L1_BLOCKS {
                poster.queue(self.epoch(rollup, &system));
            }
        }
    }

    /// The L2 blocks of the newest L1 block, appended and returned with their sequence numbers.
    fn epoch(&mut self, rollup: &RollupConfig, system: &SystemConfig) -> Vec<(L2Raw, u64)> {
        let origin = self.l1.last().unwrap();
        let mut made = Vec::new();
        for sequence in 0..L1_BLOCK_TIME / L2_BLOCK_TIME {
            let parent = self.l2.last().unwrap();
            if parent.header.timestamp >= origin.header.timestamp + sequence * L2_BLOCK_TIME {
                continue; // the genesis stands for the first block of the first epoch
            }
            let block = L2Raw::after(parent, rollup, system, origin, sequence);
            made.push((block.clone(), sequence));
            self.l2.push(block);
        }
        made
    }

    /// Number of the last L2 block.
    pub fn height(&self) -> u64 {
        self.l2.len() as u64 - 1
    }

    /// Transactions in all blocks after the genesis.
    pub fn transactions(&self) -> u64 {
        self.l2[1..]
            .iter()
            .map(|b| b.transactions.len() as u64)
            .sum()
    }

    /// The first L2 block of an L1 block's epoch.
    pub fn first_of_epoch(&self, l1_block: u64) -> usize {
        ((l1_block - FIRST) * L1_BLOCK_TIME / L2_BLOCK_TIME) as usize
    }
}

fn update(system: &mut SystemConfig, rollup: &RollupConfig, block: &L1Block) {
    let receipts: Vec<_> = block
        .receipts
        .iter()
        .map(|receipt| receipt.as_receipt().unwrap().clone())
        .collect();
    system
        .update_with_receipts(&receipts, rollup.l1_system_config_address, true)
        .unwrap();
}

fn config(l1: &L1Block, l2: &L2Raw) -> Value {
    json!({
        "genesis": {
            "l1": {"hash": l1.hash, "number": FIRST},
            "l2": {"hash": l2.hash(), "number": 0},
            "l2_time": BEGINS,
            "system_config": {
                "batcherAddr": address_of(&batcher(FIRST)),
                "overhead": B256::ZERO,
                "scalar": SCALAR,
                "gasLimit": 60_000_000,
                "eip1559Params": "0x0000000000000000",
                "operatorFeeParams": B256::from(U256::from(3)),
                "minBaseFee": 0,
                "daFootprintGasScalar": 0,
            }
        },
        "block_time": L2_BLOCK_TIME, "max_sequencer_drift": 1800, "seq_window_size": 3600, "channel_timeout": 300,
        "l1_chain_id": L1_CHAIN, "l2_chain_id": L2_CHAIN,
        "regolith_time": 0, "canyon_time": 0, "delta_time": 0, "ecotone_time": 0, "fjord_time": 0,
        "granite_time": 0, "holocene_time": 0, "isthmus_time": 0,
        "batch_inbox_address": INBOX,
        "deposit_contract_address": PORTAL,
        "l1_system_config_address": SYSTEM_CONFIG,
        "chain_op_config": {
            "eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250
        }
    })
}
