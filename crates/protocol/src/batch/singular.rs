//! Batches of one block (version 0).

use super::{BatchError, MAX_SPAN_BATCH_ELEMENT_COUNT};
use crate::rlp;
use alloy_primitives::{B256, Bytes};
use alloy_rlp::{Encodable, RlpEncodable};
use openledger_primitives::BlockRef;

/// One block's transactions, with everything that places it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingularBatch {
    /// The parent block's hash.
    pub parent_hash: B256,
    /// The block's L1 origin.
    pub epoch: BlockRef,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// EIP-2718 transactions without the deposits. They are not checked: a batch may hold any bytes.
    pub transactions: Vec<Bytes>,
}

#[derive(RlpEncodable)]
struct Fields<'a> {
    parent_hash: B256,
    epoch_number: u64,
    epoch_hash: B256,
    timestamp: u64,
    transactions: &'a Vec<Bytes>,
}

impl SingularBatch {
    /// Reads what follows the version byte. Bytes behind the batch are ignored, as op-node ignores them.
    ///
    /// More than [`MAX_SPAN_BATCH_ELEMENT_COUNT`] transactions are refused: the specification has no such limit for this
    /// version, but no block holds as many, and a channel of empty ones would take gigabytes.
    pub fn decode(mut content: &[u8]) -> Result<Self, BatchError> {
        let mut fields = rlp::list(&mut content)?;
        let parent_hash = B256::from_slice(rlp::fixed(&mut fields, 32)?);
        let number = rlp::u64(&mut fields)?;
        let hash = B256::from_slice(rlp::fixed(&mut fields, 32)?);
        let timestamp = rlp::u64(&mut fields)?;
        let transactions = rlp::list(&mut fields)?;
        rlp::end(fields)?;
        Ok(Self {
            parent_hash,
            epoch: BlockRef { hash, number },
            timestamp,
            transactions: strings(transactions)?,
        })
    }

    /// Appends what follows the version byte.
    pub fn encode(&self, out: &mut Vec<u8>) {
        Fields {
            parent_hash: self.parent_hash,
            epoch_number: self.epoch.number,
            epoch_hash: self.epoch.hash,
            timestamp: self.timestamp,
            transactions: &self.transactions,
        }
        .encode(out);
    }
}

/// The strings of a list, all within one allocation.
fn strings(list: &[u8]) -> Result<Vec<Bytes>, BatchError> {
    let mut count = 0u64;
    let mut rest = list;
    while !rest.is_empty() {
        rlp::string(&mut rest)?;
        count += 1;
    }
    if count > MAX_SPAN_BATCH_ELEMENT_COUNT {
        return Err(BatchError::TooMany);
    }
    let shared = Bytes::copy_from_slice(list);
    let mut strings = Vec::with_capacity(count as usize);
    let mut rest: &[u8] = &shared;
    while !rest.is_empty() {
        strings.push(shared.slice_ref(rlp::string(&mut rest)?.payload));
    }
    Ok(strings)
}
