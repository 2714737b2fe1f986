//! L2 blocks: L1 info, deposits, then transactions of every type that an OP chain takes.

use super::{BEGINS, L2_CHAIN, key, l1::L1Block, sign};
use alloy_consensus::{
    Header, Receipt, TxEip1559, TxEip2930, TxEip7702, TxEnvelope, TxLegacy,
    proofs::ordered_trie_root_encoded,
};
use alloy_eips::{
    eip2718::Encodable2718,
    eip2930::{AccessList, AccessListItem},
    eip7685::EMPTY_REQUESTS_HASH,
    eip7702::Authorization,
};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_rlp::Encodable;
use kona_genesis::{RollupConfig, SystemConfig};
use kona_protocol::{DEPOSIT_EVENT_ABI_HASH, L1BlockInfoTx, Predeploys, decode_deposit};

#[derive(Clone)]
pub struct L2Raw {
    pub header: Header,
    pub transactions: Vec<Bytes>,
}

impl L2Raw {
    pub fn genesis(origin: &L1Block) -> Self {
        let header = Header {
            timestamp: BEGINS,
            gas_limit: 60_000_000,
            mix_hash: origin.header.mix_hash,
            ..header()
        };
        let mut block = Self {
            header,
            transactions: Vec::new(),
        };
        block.reseal();
        block
    }

    pub fn after(
        parent: &Self,
        rollup: &RollupConfig,
        system: &SystemConfig,
        origin: &L1Block,
        sequence: u64,
    ) -> Self {
        let number = parent.header.number + 1;
        let timestamp = parent.header.timestamp + rollup.block_time;
        let (_, info) = L1BlockInfoTx::try_new_with_deposit_tx(
            rollup,
            system,
            sequence,
            &origin.header,
            timestamp,
        )
        .unwrap();
        let mut transactions: Vec<Bytes> = vec![info.encoded_2718().into()];
        if sequence == 0 {
            transactions.extend(deposits(origin, rollup));
        }
        transactions.extend(users(number));
        // A configuration of zeros stands for the chain's defaults.
        let or = |value: Option<u32>, default| value.filter(|v| *v != 0).unwrap_or(default);
        let mut extra = vec![0];
        extra.extend(or(system.eip1559_denominator, 250).to_be_bytes());
        extra.extend(or(system.eip1559_elasticity, 6).to_be_bytes());
        let mut block = Self {
            header: Header {
                number,
                timestamp,
                parent_hash: parent.hash(),
                mix_hash: origin.header.mix_hash,
                beneficiary: Predeploys::SEQUENCER_FEE_VAULT,
                parent_beacon_block_root: origin.header.parent_beacon_block_root,
                gas_limit: system.gas_limit,
                extra_data: extra.into(),
                state_root: keccak256(number.to_be_bytes()),
                ..header()
            },
            transactions,
        };
        block.reseal();
        block
    }

    /// Writes the transactions' root into the header again.
    pub fn reseal(&mut self) {
        self.header.transactions_root = ordered_trie_root_encoded(&self.transactions);
    }

    pub fn hash(&self) -> B256 {
        self.header.hash_slow()
    }

    /// `rlp([header, transactions, ommers, withdrawals])`.
    pub fn encode(&self) -> Bytes {
        let mut list = Vec::new();
        for raw in &self.transactions {
            if raw[0] >= 0xc0 {
                list.extend_from_slice(raw);
            } else {
                raw.encode(&mut list);
            }
        }
        let mut payload = Vec::new();
        self.header.encode(&mut payload);
        wrap(&list, &mut payload);
        payload.extend([0xc0, 0xc0]);
        let mut block = Vec::new();
        wrap(&payload, &mut block);
        block.into()
    }
}

fn wrap(payload: &[u8], out: &mut Vec<u8>) {
    alloy_rlp::Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(out);
    out.extend(payload);
}

fn header() -> Header {
    Header {
        base_fee_per_gas: Some(1_000),
        withdrawals_root: Some(keccak256("message passer")),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(EMPTY_REQUESTS_HASH),
        ..Default::default()
    }
}

fn deposits(origin: &L1Block, rollup: &RollupConfig) -> Vec<Bytes> {
    let receipts = origin.receipts.iter().filter_map(|r| r.as_receipt());
    receipts
        .flat_map(|receipt: &Receipt| &receipt.logs)
        .enumerate()
        .filter(|(_, log)| {
            log.address == rollup.deposit_contract_address
                && log.topics().first() == Some(&DEPOSIT_EVENT_ABI_HASH)
        })
        .map(|(index, log)| decode_deposit(origin.hash, index, log).unwrap())
        .collect()
}

/// Transactions of block `number`; none in every fifth block.
fn users(number: u64) -> Vec<Bytes> {
    if number.is_multiple_of(5) {
        return Vec::new();
    }
    let who = key(0x40 + (number % 8) as u8);
    let to = Address::repeat_byte(number as u8);
    let input: Bytes = keccak256(number.to_be_bytes()).to_vec().into();
    let access_list = AccessList(vec![AccessListItem {
        address: to,
        storage_keys: vec![keccak256("slot")],
    }]);
    let legacy = |chain_id| TxLegacy {
        chain_id,
        nonce: number,
        gas_price: 1_000_000,
        gas_limit: 21_000 + number,
        to: TxKind::Call(to),
        value: U256::from(number),
        input: Bytes::new(),
    };
    let creation = TxEip1559 {
        chain_id: L2_CHAIN,
        nonce: number,
        gas_limit: 1_000_000,
        max_fee_per_gas: 3_000_000,
        max_priority_fee_per_gas: 1_000_000,
        to: TxKind::Create,
        input: input.clone(),
        ..Default::default()
    };
    let listed = TxEip2930 {
        chain_id: L2_CHAIN,
        nonce: number,
        gas_price: 2_000_000,
        gas_limit: 100_000,
        to: TxKind::Call(to),
        value: U256::MAX >> 9,
        access_list: access_list.clone(),
        input: input.clone(),
    };
    let authorization = Authorization {
        chain_id: U256::from(L2_CHAIN),
        address: to,
        nonce: 7,
    };
    let (signature, parity) = who
        .sign_prehash_recoverable(authorization.signature_hash().as_slice())
        .unwrap();
    let delegating = TxEip7702 {
        chain_id: L2_CHAIN,
        nonce: number,
        gas_limit: 200_000,
        max_fee_per_gas: 3_000_000,
        max_priority_fee_per_gas: 0,
        to,
        value: U256::ZERO,
        access_list,
        authorization_list: vec![authorization.into_signed((signature, parity).into())],
        input,
    };
    [
        TxEnvelope::Legacy(sign(legacy(Some(L2_CHAIN)), &who)),
        TxEnvelope::Legacy(sign(legacy(None), &who)),
        TxEnvelope::Eip1559(sign(creation, &who)),
        TxEnvelope::Eip2930(sign(listed, &who)),
        TxEnvelope::Eip7702(sign(delegating, &who)),
    ]
    .iter()
    .map(|transaction| transaction.encoded_2718().into())
    .collect()
}
