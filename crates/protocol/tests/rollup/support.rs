//! Signed transactions of every type, and blocks made of them.

use alloy_consensus::{Header, SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxLegacy};
use alloy_eips::{
    eip2930::{AccessList, AccessListItem},
    eip7702::Authorization,
};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use openledger_primitives::{Block, BlockRef, Tx, TxEnvelope};
use openledger_protocol::{
    L1BlockInfo, L1InfoFormat, L2BlockRef, SpanBatchBuilder, SpanContext, l1_info_tx,
};
use proptest::prelude::*;

pub const CONTEXT: SpanContext = SpanContext {
    genesis_time: 1_700_000_000,
    block_time: 2,
    chain_id: 0x0e1d_0001,
};

/// What a random transaction is made of. Kinds 0 to 4: legacy, unprotected legacy, and types 1, 2, 4.
#[derive(Debug, Clone)]
pub struct Spec {
    pub kind: u8,
    pub key: u8,
    pub nonce: u64,
    pub gas: u64,
    pub fees: [u64; 2],
    pub to: Option<Address>,
    pub value: U256,
    pub input: Bytes,
    pub access: Vec<(Address, Vec<B256>)>,
    pub authorizations: u8,
}

pub fn any_spec() -> impl Strategy<Value = Spec> {
    let numbers = (any::<u64>(), any::<u64>(), any::<[u64; 2]>(), 0u32..64);
    let input = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..3),
        prop::collection::vec(any::<u8>(), 0..300)
    ];
    let access = prop::collection::vec(
        (
            any::<[u8; 20]>(),
            prop::collection::vec(any::<[u8; 32]>(), 0..3),
        ),
        0..3,
    );
    let kind = (0u8..5, any::<u8>(), 0u8..3);
    let to = prop::option::weighted(0.8, any::<[u8; 20]>());
    (kind, numbers, to, any::<([u8; 32], u8)>(), input, access).prop_map(
        |((kind, key, authorizations), (nonce, gas, fees, shift), to, value, input, access)| Spec {
            kind,
            key,
            nonce: (nonce >> shift).min(u64::MAX - 1),
            gas: gas >> shift,
            fees: fees.map(|fee| fee >> shift),
            to: to.map(Address::from),
            value: U256::from_be_bytes(value.0) >> usize::from(value.1),
            input: input.into(),
            access: access
                .into_iter()
                .map(|(a, keys)| (a.into(), keys.into_iter().map(B256::from).collect()))
                .collect(),
            authorizations,
        },
    )
}

pub fn signer(key: u8) -> PrivateKeySigner {
    let mut secret = [0x11; 32];
    secret[31] = key;
    PrivateKeySigner::from_bytes(&secret.into()).expect("a valid key")
}

fn sign<T: SignableTransaction<Signature>>(
    tx: T,
    key: u8,
    wrap: fn(alloy_consensus::Signed<T>) -> TxEnvelope,
) -> Tx {
    let signer = signer(key);
    let signature = signer.sign_hash_sync(&tx.signature_hash()).expect("signs");
    Tx::with_signer(wrap(tx.into_signed(signature)), signer.address())
}

impl Spec {
    pub fn sign(&self, chain_id: u64) -> Tx {
        let to = self.to.map_or(TxKind::Create, TxKind::Call);
        let [tip, fee] = self.fees.map(u128::from);
        let (nonce, gas_limit, value) = (self.nonce, self.gas, self.value);
        let input = self.input.clone();
        let access_list = AccessList(
            self.access
                .iter()
                .map(|(address, storage_keys)| AccessListItem {
                    address: *address,
                    storage_keys: storage_keys.clone(),
                })
                .collect(),
        );
        match self.kind {
            0 | 1 => {
                let chain_id = (self.kind == 0).then_some(chain_id);
                let tx = TxLegacy {
                    chain_id,
                    nonce,
                    gas_price: fee,
                    gas_limit,
                    to,
                    value,
                    input,
                };
                sign(tx, self.key, TxEnvelope::Legacy)
            }
            2 => {
                let gas_price = fee;
                let tx = TxEip2930 {
                    chain_id,
                    nonce,
                    gas_price,
                    gas_limit,
                    to,
                    value,
                    access_list,
                    input,
                };
                sign(tx, self.key, TxEnvelope::Eip2930)
            }
            3 => {
                let tx = TxEip1559 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: fee,
                    max_priority_fee_per_gas: tip,
                    to,
                    value,
                    access_list,
                    input,
                };
                sign(tx, self.key, TxEnvelope::Eip1559)
            }
            _ => {
                let tx = TxEip7702 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: fee,
                    max_priority_fee_per_gas: tip,
                    to: self.to.unwrap_or(Address::repeat_byte(7)),
                    value,
                    access_list,
                    authorization_list: (0..self.authorizations)
                        .map(|i| self.authorize(i))
                        .collect(),
                    input,
                };
                sign(tx, self.key, TxEnvelope::Eip7702)
            }
        }
    }

    fn authorize(&self, index: u8) -> alloy_eips::eip7702::SignedAuthorization {
        let authorization = Authorization {
            chain_id: U256::from(index),
            address: Address::repeat_byte(index),
            nonce: self.nonce >> index,
        };
        let signature = signer(index).sign_hash_sync(&authorization.signature_hash());
        authorization.into_signed(signature.expect("signs"))
    }
}

/// Consecutive blocks with their references.
#[derive(Debug, Clone)]
pub struct Span {
    pub blocks: Vec<Block>,
    pub places: Vec<L2BlockRef>,
}

impl Span {
    /// Blocks from `first_time` on: for each its transactions and whether it changes the origin.
    pub fn new(first_time: u64, first_origin: u64, contents: Vec<(Vec<Tx>, bool)>) -> Self {
        let mut span = Self {
            blocks: Vec::new(),
            places: Vec::new(),
        };
        let mut parent_hash = B256::repeat_byte(0xaa);
        let (mut origin, mut sequence_number) = (first_origin, 7);
        for (index, (transactions, changes)) in contents.into_iter().enumerate() {
            if changes {
                origin += u64::from(index > 0);
                sequence_number = 0;
            } else {
                sequence_number += 1;
            }
            let l1_origin = BlockRef {
                hash: B256::from(U256::from(origin) << 100),
                number: origin,
            };
            let info = L1BlockInfo {
                number: origin,
                hash: l1_origin.hash,
                sequence_number,
                ..Default::default()
            };
            let number = 1_000 + index as u64;
            let timestamp = first_time + index as u64 * CONTEXT.block_time;
            let header = Header {
                parent_hash,
                number,
                timestamp,
                ..Default::default()
            };
            let first = l1_info_tx(&info, L1InfoFormat::Jovian);
            let block = Block::new(header, [vec![first], transactions].concat(), None);
            span.places.push(L2BlockRef {
                hash: block.hash(),
                number,
                parent_hash,
                timestamp,
                l1_origin,
                sequence_number,
            });
            parent_hash = block.header.hash_slow();
            span.blocks.push(block);
        }
        span
    }

    pub fn builder(&self) -> SpanBatchBuilder {
        let mut builder = SpanBatchBuilder::new(CONTEXT);
        for (block, place) in self.blocks.iter().zip(&self.places) {
            builder.push(block, place).expect("a block of the span");
        }
        builder
    }
}

/// A span of up to a dozen blocks with all kinds of transactions; many blocks are empty.
pub fn any_span() -> impl Strategy<Value = Span> {
    let transactions = prop_oneof![
        1 => Just(Vec::new()),
        2 => prop::collection::vec(any_spec(), 0..6),
    ];
    let blocks = prop::collection::vec((transactions, any::<bool>()), 1..12);
    (0u64..1 << 40, 0u64..1 << 50, blocks).prop_map(|(offset, origin, blocks)| {
        let blocks = blocks
            .into_iter()
            .map(|(specs, changes)| {
                let txs = specs.iter().map(|spec| spec.sign(CONTEXT.chain_id));
                (txs.collect(), changes)
            })
            .collect();
        Span::new(CONTEXT.genesis_time + offset, origin, blocks)
    })
}
