//! Headers, bodies, receipts.

use super::{Reader, decode_with};
use crate::{
    StorageError,
    codec::{BodyView, BytesReader, ReceiptsView},
    database::decode_number,
    tables::{Table, corrupt},
};
use alloy_consensus::{Header, Sealable};
use alloy_eips::eip4895::Withdrawals;
use alloy_primitives::B256;
use alloy_rlp::Decodable;
use openledger_primitives::{Block, Receipt, SealedHeader, Tx};

/// What a block holds beside its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Transactions in order.
    pub transactions: Vec<Tx>,
    /// Ommers; always empty after the merge.
    pub ommers: Vec<Header>,
    /// Withdrawals; present since Shanghai.
    pub withdrawals: Option<Withdrawals>,
}

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TxLocation {
    /// The block's number.
    pub number: u64,
    /// Position in the block.
    pub index: u32,
}

/// A receipt with what its neighbours in the block determine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// Gas that this transaction alone used.
    pub gas_used: u64,
    /// Number of its first log in the block.
    pub first_log_index: u64,
}

impl Reader {
    /// The header of a block, `None` when it is not persisted. The hash is computed.
    ///
    /// # Errors
    /// This and the other methods here: [`StorageError::Corrupt`], and failures of the store.
    pub fn header(&self, number: u64) -> Result<Option<SealedHeader>, StorageError> {
        let key = number.to_be_bytes();
        self.table(Table::Headers).get(&key, |mut value| {
            let header =
                Header::decode(&mut value).map_err(|error| corrupt(Table::Headers, &key, error))?;
            Ok(header.seal_slow())
        })
    }

    /// The number of the block with this hash.
    pub fn header_number(&self, hash: B256) -> Result<Option<u64>, StorageError> {
        self.table(Table::HeaderNumbers)
            .get(hash.as_slice(), |value| {
                decode_number(Table::HeaderNumbers, hash.as_slice(), value)
            })
    }

    /// The hash of a block.
    pub fn block_hash(&self, number: u64) -> Result<Option<B256>, StorageError> {
        let key = number.to_be_bytes();
        self.table(Table::Headers)
            .get(&key, |value| Ok(alloy_primitives::keccak256(value)))
    }

    /// A block's transactions, ommers and withdrawals.
    pub fn body(&self, number: u64) -> Result<Option<Body>, StorageError> {
        self.with_body(number, |body| {
            let (ommers, withdrawals) = body.rest()?;
            Ok(Body {
                transactions: body.transactions()?,
                ommers,
                withdrawals,
            })
        })
    }

    /// A whole block.
    pub fn block(&self, number: u64) -> Result<Option<Block>, StorageError> {
        let Some(header) = self.header(number)? else {
            return Ok(None);
        };
        let body = self.body(number)?;
        let body = body.ok_or_else(|| corrupt(Table::Bodies, &number.to_be_bytes(), "missing"))?;
        let Body {
            transactions,
            ommers,
            withdrawals,
        } = body;
        Ok(Some(Block {
            header,
            transactions,
            ommers,
            withdrawals,
        }))
    }

    /// How many transactions a block has.
    pub fn transaction_count(&self, number: u64) -> Result<Option<usize>, StorageError> {
        self.with_body(number, |body| Ok(body.len()))
    }

    /// One transaction of a block; the others are not decoded.
    pub fn transaction(&self, at: TxLocation) -> Result<Option<Tx>, StorageError> {
        Ok(self
            .with_body(at.number, |body| body.transaction(at.index as usize))?
            .flatten())
    }

    /// Where the transaction with this hash is.
    pub fn tx_lookup(&self, hash: B256) -> Result<Option<TxLocation>, StorageError> {
        self.table(Table::TxLookup).get(hash.as_slice(), |value| {
            let mut reader = BytesReader::new(value);
            let mut decode = || {
                let number = u64::from_be_bytes(reader.array()?);
                let index = u32::from_be_bytes(reader.array()?);
                reader.end()?;
                Ok(TxLocation { number, index })
            };
            decode_with(Table::TxLookup, hash.as_slice(), decode())
        })
    }

    /// All receipts of a block.
    pub fn receipts(&self, number: u64) -> Result<Option<Vec<Receipt>>, StorageError> {
        self.with_receipts(number, |receipts| receipts.receipts())
    }

    /// One transaction's receipt; the others are not decoded, but for the one before.
    pub fn receipt(&self, at: TxLocation) -> Result<Option<TxReceipt>, StorageError> {
        let index = at.index as usize;
        let receipt = self.with_receipts(at.number, |receipts| {
            let Some((receipt, first_log_index)) = receipts.receipt(index)? else {
                return Ok(None);
            };
            let before = match index.checked_sub(1) {
                None => 0,
                Some(before) => receipts
                    .receipt(before)?
                    .map_or(0, |(r, _)| r.cumulative_gas_used),
            };
            let gas_used = receipt.cumulative_gas_used.saturating_sub(before);
            Ok(Some(TxReceipt {
                receipt,
                gas_used,
                first_log_index,
            }))
        })?;
        Ok(receipt.flatten())
    }

    fn with_body<T>(
        &self,
        number: u64,
        read: impl FnOnce(BodyView<'_>) -> Result<T, crate::codec::Malformed>,
    ) -> Result<Option<T>, StorageError> {
        let key = number.to_be_bytes();
        self.table(Table::Bodies).get(&key, |value| {
            decode_with(Table::Bodies, &key, BodyView::new(value).and_then(read))
        })
    }

    fn with_receipts<T>(
        &self,
        number: u64,
        read: impl FnOnce(ReceiptsView<'_>) -> Result<T, crate::codec::Malformed>,
    ) -> Result<Option<T>, StorageError> {
        let key = number.to_be_bytes();
        self.table(Table::Receipts).get(&key, |value| {
            decode_with(
                Table::Receipts,
                &key,
                ReceiptsView::new(value).and_then(read),
            )
        })
    }
}
