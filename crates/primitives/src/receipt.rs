//! The superset receipt.

use crate::TxType;
use alloy_consensus::{
    Eip658Value, Eip2718EncodableReceipt, ReceiptWithBloom, RlpEncodableReceipt, TxReceipt,
};
use alloy_eips::{Encodable2718, Typed2718};
use alloy_primitives::{Address, B256, Bloom, Log, keccak256, logs_bloom};
use alloy_rlp::{BufMut, Encodable, Header};

/// A receipt of either rule set. The bloom is derived from the logs when it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction's type.
    pub tx_type: TxType,
    /// Success flag (EIP-658), or the intermediate state root before Byzantium.
    pub status: Eip658Value,
    /// Gas used in the block up to and including this transaction.
    pub cumulative_gas_used: u64,
    /// Logs in order of emission.
    pub logs: Vec<Log>,
    /// The sender's nonce at a deposit's execution (OP rules, Regolith and later).
    pub deposit_nonce: Option<u64>,
    /// 1 since Canyon: the nonce is part of the receipt's hash.
    pub deposit_receipt_version: Option<u64>,
}

impl Receipt {
    /// Root of the receipts trie of a block, and the union of its receipts' blooms.
    pub fn root_and_bloom(receipts: &[Self]) -> (B256, Bloom) {
        let mut blooms = Blooms::default();
        let mut union = Bloom::ZERO;
        let root = alloy_trie::root::ordered_trie_root_with_encoder(receipts, |receipt, out| {
            let bloom = blooms.of(&receipt.logs);
            union.accrue_bloom(&bloom);
            receipt.eip2718_encode_with_bloom(&bloom, out);
        });
        (root, union)
    }

    /// Union of all receipts' blooms.
    pub fn block_bloom<'a>(receipts: impl IntoIterator<Item = &'a Self>) -> Bloom {
        let mut blooms = Blooms::default();
        let mut union = Bloom::ZERO;
        for receipt in receipts {
            union.accrue_bloom(&blooms.of(&receipt.logs));
        }
        union
    }

    /// True when the transaction succeeded.
    pub fn success(&self) -> bool {
        self.status.coerce_status()
    }

    fn fields_length(&self, bloom: &Bloom) -> usize {
        self.status.length()
            + self.cumulative_gas_used.length()
            + bloom.length()
            + self.logs.length()
            + self.deposit_nonce.as_ref().map_or(0, Encodable::length)
            + self
                .deposit_receipt_version
                .as_ref()
                .map_or(0, Encodable::length)
    }
}

/// Makes blooms of many receipts. Most logs of a block come from few contracts and are of few kinds, so the hashes of the
/// emitter and of the first topic are kept from one log to the next.
#[derive(Default)]
struct Blooms {
    address: Option<(Address, B256)>,
    topic: Option<(B256, B256)>,
}

impl Blooms {
    fn of(&mut self, logs: &[Log]) -> Bloom {
        let mut bloom = Bloom::ZERO;
        for log in logs {
            bloom.m3_2048_hashed(&kept(&mut self.address, log.address, keccak256));
            let mut topics = log.topics().iter();
            if let Some(first) = topics.next() {
                bloom.m3_2048_hashed(&kept(&mut self.topic, *first, keccak256));
            }
            topics.for_each(|topic| bloom.m3_2048(topic.as_slice()));
        }
        bloom
    }
}

fn kept<T: Copy + PartialEq>(
    last: &mut Option<(T, B256)>,
    input: T,
    hash: impl Fn(T) -> B256,
) -> B256 {
    match last {
        Some((known, hash)) if *known == input => *hash,
        _ => last.insert((input, hash(input))).1,
    }
}

impl TxReceipt for Receipt {
    type Log = Log;

    fn status_or_post_state(&self) -> Eip658Value {
        self.status
    }

    fn status(&self) -> bool {
        self.success()
    }

    fn bloom(&self) -> Bloom {
        logs_bloom(self.logs.iter())
    }

    fn cumulative_gas_used(&self) -> u64 {
        self.cumulative_gas_used
    }

    fn logs(&self) -> &[Log] {
        &self.logs
    }
}

impl Typed2718 for Receipt {
    fn ty(&self) -> u8 {
        self.tx_type as u8
    }
}

impl RlpEncodableReceipt for Receipt {
    fn rlp_encoded_length_with_bloom(&self, bloom: &Bloom) -> usize {
        let payload = self.fields_length(bloom);
        Header {
            list: true,
            payload_length: payload,
        }
        .length_with_payload()
    }

    fn rlp_encode_with_bloom(&self, bloom: &Bloom, out: &mut dyn BufMut) {
        Header {
            list: true,
            payload_length: self.fields_length(bloom),
        }
        .encode(out);
        self.status.encode(out);
        self.cumulative_gas_used.encode(out);
        bloom.encode(out);
        self.logs.encode(out);
        if let Some(nonce) = self.deposit_nonce {
            nonce.encode(out);
        }
        if let Some(version) = self.deposit_receipt_version {
            version.encode(out);
        }
    }
}

impl Eip2718EncodableReceipt for Receipt {
    fn eip2718_encoded_length_with_bloom(&self, bloom: &Bloom) -> usize {
        usize::from(self.ty() != 0) + self.rlp_encoded_length_with_bloom(bloom)
    }

    fn eip2718_encode_with_bloom(&self, bloom: &Bloom, out: &mut dyn BufMut) {
        if self.ty() != 0 {
            out.put_u8(self.ty());
        }
        self.rlp_encode_with_bloom(bloom, out);
    }
}

impl Receipt {
    /// The EIP-2718 encoding with bloom, as `debug_getRawReceipts` and the receipts trie have it.
    pub fn encoded(&self) -> Vec<u8> {
        ReceiptWithBloom {
            logs_bloom: self.bloom(),
            receipt: self,
        }
        .encoded_2718()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{Bytes, LogData};

    fn receipt(logs: Vec<Log>) -> Receipt {
        Receipt {
            tx_type: TxType::Eip1559,
            status: Eip658Value::Eip658(true),
            cumulative_gas_used: 21_000,
            logs,
            deposit_nonce: None,
            deposit_receipt_version: None,
        }
    }

    #[test]
    fn blooms_of_many_receipts_are_those_of_each() {
        let (a, b) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let (x, y, z) = (
            B256::repeat_byte(3),
            B256::repeat_byte(4),
            B256::repeat_byte(5),
        );
        let log = |address, topics: &[B256]| Log {
            address,
            data: LogData::new_unchecked(topics.to_vec(), Bytes::new()),
        };
        let receipts = [
            receipt(vec![log(a, &[x, y]), log(a, &[x, z]), log(b, &[])]),
            receipt(Vec::new()),
            receipt(vec![log(a, &[y, x]), log(b, &[y, x, z])]),
            receipt(vec![log(b, &[x])]),
        ];
        let union = receipts
            .iter()
            .fold(Bloom::ZERO, |bloom, receipt| bloom | receipt.bloom());
        let root = alloy_trie::root::ordered_trie_root_with_encoder(&receipts, |receipt, out| {
            out.extend_from_slice(&receipt.encoded());
        });
        assert_eq!(Receipt::root_and_bloom(&receipts), (root, union));
        assert_eq!(Receipt::block_bloom(&receipts), union);
    }
}
