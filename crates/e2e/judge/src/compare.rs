//! One block against the attributes that kona derived for it.

use crate::L2Block;
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{B64, Bytes, hex, keccak256};
use kona_genesis::RollupConfig;
use kona_protocol::{L1BlockInfoTx, OpAttributesWithParent};
use op_alloy_consensus::OpTxEnvelope;
use serde::Serialize;
use std::fmt::Debug;

/// The first thing in which a block differs from what kona derived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Number of the L2 block.
    pub block: u64,
    /// Name of the field, in JSON-RPC's words; `transactions[i]` for a transaction.
    pub field: String,
    /// What kona derived.
    pub derived: String,
    /// What the L2 has.
    pub chain: String,
}

/// Compares everything that payload attributes determine. `None` is equality.
///
/// What they do not determine is execution: state root, receipts, gas used. That is the other verifier's part.
pub fn compare(
    derived: &OpAttributesWithParent,
    block: &L2Block,
    rollup: &RollupConfig,
) -> Option<Difference> {
    let attributes = &derived.inner;
    let payload = &attributes.payload_attributes;
    let header = &block.header;
    let fields = Fields(derived.block_number());
    let empty = Vec::new();
    fields
        .check(
            "parentHash",
            &derived.parent.block_info.hash,
            &header.parent_hash,
        )
        .or_else(|| fields.check("timestamp", &payload.timestamp, &header.timestamp))
        .or_else(|| fields.check("mixHash", &payload.prev_randao, &header.mix_hash))
        .or_else(|| {
            fields.check(
                "miner",
                &payload.suggested_fee_recipient,
                &header.beneficiary,
            )
        })
        .or_else(|| {
            fields.check(
                "parentBeaconBlockRoot",
                &payload.parent_beacon_block_root,
                &header.parent_beacon_block_root,
            )
        })
        .or_else(|| fields.check("gasLimit", &attributes.gas_limit, &Some(header.gas_limit)))
        .or_else(|| {
            let params = attributes.eip_1559_params?;
            fields.check("extraData", &extra_data(params, rollup), &header.extra_data)
        })
        .or_else(|| {
            let withdrawals = payload.withdrawals.as_ref().map(Vec::len);
            fields.check("withdrawals", &withdrawals, &block.withdrawals)
        })
        .or_else(|| {
            let derived = attributes.transactions.as_ref().unwrap_or(&empty);
            fields.transactions(derived, &block.transactions)
        })
}

/// `extraData` of a Holocene block: version 0, denominator, elasticity. Zero parameters stand for the chain's own.
/// Source: specs/protocol/holocene/exec-engine.md.
fn extra_data(params: B64, rollup: &RollupConfig) -> Bytes {
    let mut data = vec![0];
    if params.is_zero() {
        // Both fit in 32 bits in every chain's configuration; a larger one could not be written in this format at all.
        let config = &rollup.chain_op_config;
        data.extend((config.eip1559_denominator_canyon as u32).to_be_bytes());
        data.extend((config.eip1559_elasticity as u32).to_be_bytes());
    } else {
        data.extend(params);
    }
    data.into()
}

/// Comparisons in the block of this number.
struct Fields(u64);

impl Fields {
    fn check<T: PartialEq + Debug>(
        &self,
        field: &str,
        derived: &T,
        chain: &T,
    ) -> Option<Difference> {
        (derived != chain)
            .then(|| self.difference(field, format!("{derived:?}"), format!("{chain:?}")))
    }

    fn difference(&self, field: &str, derived: String, chain: String) -> Difference {
        Difference {
            block: self.0,
            field: field.into(),
            derived,
            chain,
        }
    }

    fn transactions(&self, derived: &[Bytes], chain: &[Bytes]) -> Option<Difference> {
        let longer = derived.len().max(chain.len());
        let index = (0..longer).find(|&i| derived.get(i) != chain.get(i))?;
        let side = |list: &[Bytes]| match list.get(index) {
            Some(raw) => format!("{} of {}: {}", index, list.len(), describe(raw)),
            None => format!("only {} transactions", list.len()),
        };
        Some(self.difference(
            &format!("transactions[{index}]"),
            side(derived),
            side(chain),
        ))
    }
}

/// A transaction for the reader of a report: what an L1-info transaction says, otherwise its bytes.
fn describe(raw: &Bytes) -> String {
    let hash = keccak256(raw);
    let Ok(transaction) = OpTxEnvelope::decode_2718_exact(raw) else {
        return format!("{hash}, undecodable: {}", hex::encode_prefixed(raw));
    };
    if let Some(deposit) = transaction.as_deposit() {
        if let Ok(info) = L1BlockInfoTx::decode_calldata(&deposit.input) {
            return format!("{hash}, L1 info: {info:?}");
        }
        return format!("{hash}, deposit: {:?}", deposit.inner());
    }
    format!("{hash}: {}", hex::encode_prefixed(raw))
}
