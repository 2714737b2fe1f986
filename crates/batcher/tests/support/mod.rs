//! Chains of blocks to batch: nothing is executed, but hashes, origins and signatures are real.

use alloy_consensus::{
    Header, SignableTransaction, Signed, TxEip1559, TxEip2930, TxEip7702, TxLegacy,
};
use alloy_eips::eip7702::Authorization;
use alloy_primitives::{Address, B64, B256, Bytes, Signature, TxKind, U256, address};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use openledger_genesis::{ChainOpConfig, RollupConfig, RollupGenesis, SystemConfig};
use openledger_primitives::{Block, BlockRef, Tx, TxEnvelope};
use openledger_protocol::{L1BlockInfo, L1InfoFormat, l1_info_tx};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::sync::Arc;

pub const CHAIN_ID: u64 = 901;
const TOKEN: Address = address!("5fbdb2315678afecb367f032d93f642f64180aa3");

/// A rollup of two-second blocks whose genesis is block 0.
pub fn rollup() -> RollupConfig {
    RollupConfig {
        genesis: RollupGenesis {
            l1: l1_ref(0),
            l2: genesis_block().block_ref(),
            l2_time: 1_000,
            system_config: SystemConfig {
                batcher_addr: Address::repeat_byte(0xba),
                overhead: B256::ZERO,
                scalar: SystemConfig::encode_scalars(1, 1),
                gas_limit: 60_000_000,
                eip1559_params: B64::ZERO,
                operator_fee_params: B256::ZERO,
                min_base_fee: 0,
                da_footprint_gas_scalar: 0,
            },
        },
        block_time: 2,
        max_sequencer_drift: 1800,
        seq_window_size: 3_600,
        channel_timeout: 50,
        l1_chain_id: 900,
        l2_chain_id: CHAIN_ID,
        regolith_time: Some(0),
        canyon_time: Some(0),
        delta_time: Some(0),
        ecotone_time: Some(0),
        fjord_time: Some(0),
        granite_time: Some(0),
        holocene_time: Some(0),
        isthmus_time: Some(0),
        jovian_time: Some(0),
        batch_inbox_address: Address::repeat_byte(0x1b),
        deposit_contract_address: Address::repeat_byte(0xde),
        l1_system_config_address: Address::repeat_byte(0x5c),
        chain_op_config: ChainOpConfig {
            eip1559_elasticity: 6,
            eip1559_denominator: 50,
            eip1559_denominator_canyon: 250,
        },
    }
}

/// An L1 block of which only number and hash matter.
pub fn l1_ref(number: u64) -> BlockRef {
    BlockRef {
        number,
        hash: alloy_primitives::keccak256(number.to_be_bytes()),
    }
}

pub fn genesis_block() -> Block {
    let header = Header {
        timestamp: 1_000,
        ..Header::default()
    };
    Block::new(header, Vec::new(), Some(Default::default()))
}

/// The child of `parent` with an origin and transactions; `salt` tells forks apart.
pub fn child(
    parent: &Block,
    origin: u64,
    sequence_number: u64,
    transactions: Vec<Tx>,
    salt: u8,
) -> Block {
    let info = L1BlockInfo {
        number: origin,
        hash: l1_ref(origin).hash,
        sequence_number,
        ..L1BlockInfo::default()
    };
    let mut all = vec![l1_info_tx(&info, L1InfoFormat::Jovian)];
    all.extend(transactions);
    let header = Header {
        parent_hash: parent.hash(),
        number: parent.number() + 1,
        timestamp: parent.header.timestamp + 2,
        transactions_root: Block::transactions_root(&all),
        extra_data: Bytes::from(vec![salt]),
        ..Header::default()
    };
    Block::new(header, all, Some(Default::default()))
}

/// Makes transactions of every kind that a batch carries.
pub struct Users {
    pub rng: StdRng,
    signers: Vec<(PrivateKeySigner, u64)>,
}

impl Users {
    pub fn new(count: usize, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let signers = (0..count)
            .map(|_| {
                loop {
                    if let Ok(signer) =
                        PrivateKeySigner::from_bytes(&B256::from(rng.random::<[u8; 32]>()))
                    {
                        return (signer, 0);
                    }
                }
            })
            .collect();
        Self { rng, signers }
    }

    fn sign<T: SignableTransaction<Signature>>(
        &self,
        tx: T,
        from: usize,
        wrap: fn(Signed<T>) -> TxEnvelope,
    ) -> Tx {
        let signer = &self.signers[from].0;
        let signature = signer.sign_hash_sync(&tx.signature_hash()).unwrap();
        Tx::with_signer(wrap(tx.into_signed(signature)), signer.address())
    }

    fn sender(&mut self) -> (usize, u64) {
        let from = self.rng.random_range(0..self.signers.len());
        let nonce = self.signers[from].1;
        self.signers[from].1 += 1;
        (from, nonce)
    }

    /// A token transfer as wallets make it, to a holder or to an address never seen before.
    pub fn transfer(&mut self, fresh: bool) -> Tx {
        let (from, nonce) = self.sender();
        let to = if fresh {
            Address::from(self.rng.random::<[u8; 20]>())
        } else {
            let to = self.rng.random_range(0..self.signers.len());
            self.signers[to].0.address()
        };
        let amount = U256::from(self.rng.random_range(1..1_000_000u64)) * U256::from(10u64.pow(12));
        let mut input = vec![0xa9, 0x05, 0x9c, 0xbb];
        input.extend_from_slice(to.into_word().as_slice());
        input.extend_from_slice(&amount.to_be_bytes::<32>());
        let tx = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce,
            gas_limit: 60_000,
            max_fee_per_gas: 1_000_000_000,
            max_priority_fee_per_gas: 1_000_000,
            to: TxKind::Call(TOKEN),
            input: input.into(),
            ..TxEip1559::default()
        };
        self.sign(tx, from, TxEnvelope::Eip1559)
    }

    /// Anything: every type, calls and creations, with and without data.
    pub fn any(&mut self) -> Tx {
        let (from, nonce) = self.sender();
        let to = if self.rng.random_bool(0.2) {
            TxKind::Create
        } else {
            TxKind::Call(Address::from(self.rng.random::<[u8; 20]>()))
        };
        let mut input = vec![0u8; self.rng.random_range(0..300)];
        self.rng.fill(&mut input[..]);
        let input = Bytes::from(input);
        let value = U256::from(self.rng.random::<u64>());
        let gas_limit = self.rng.random_range(21_000..10_000_000);
        match self.rng.random_range(0..5) {
            kind @ (0 | 1) => {
                let tx = TxLegacy {
                    chain_id: (kind == 0).then_some(CHAIN_ID),
                    nonce,
                    gas_price: self.rng.random::<u64>().into(),
                    gas_limit,
                    to,
                    value,
                    input,
                };
                self.sign(tx, from, TxEnvelope::Legacy)
            }
            2 => {
                let tx = TxEip2930 {
                    chain_id: CHAIN_ID,
                    nonce,
                    gas_price: 7,
                    gas_limit,
                    to,
                    value,
                    input,
                    access_list: Default::default(),
                };
                self.sign(tx, from, TxEnvelope::Eip2930)
            }
            3 => {
                let authority = &self.signers[0].0;
                let authorization = Authorization {
                    chain_id: U256::from(CHAIN_ID),
                    address: TOKEN,
                    nonce: 3,
                };
                let signature = authority
                    .sign_hash_sync(&authorization.signature_hash())
                    .unwrap();
                let tx = TxEip7702 {
                    chain_id: CHAIN_ID,
                    nonce,
                    gas_limit,
                    to: TOKEN,
                    value,
                    input,
                    authorization_list: vec![authorization.into_signed(signature)],
                    ..TxEip7702::default()
                };
                self.sign(tx, from, TxEnvelope::Eip7702)
            }
            _ => {
                let tx = TxEip1559 {
                    chain_id: CHAIN_ID,
                    nonce,
                    gas_limit,
                    to,
                    value,
                    input,
                    ..TxEip1559::default()
                };
                self.sign(tx, from, TxEnvelope::Eip1559)
            }
        }
    }
}

/// A chain on the genesis block: each block has the transactions that `make` gives for its number, and every sixth a new origin.
pub fn chain(blocks: u64, make: impl FnMut(u64) -> Vec<Tx>) -> Vec<Arc<Block>> {
    extend(Arc::new(genesis_block()), blocks, make)
}

/// So many blocks more, on top of `parent`.
pub fn extend(
    mut parent: Arc<Block>,
    blocks: u64,
    mut make: impl FnMut(u64) -> Vec<Tx>,
) -> Vec<Arc<Block>> {
    let first = parent.number() + 1;
    (first..first + blocks)
        .map(|number| {
            let block = child(&parent, number / 6, number % 6, make(number), 0);
            parent = Arc::new(block);
            parent.clone()
        })
        .collect()
}
