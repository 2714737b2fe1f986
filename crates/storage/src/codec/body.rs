//! A block's body: an offset table first, so that one transaction is read without the others.

use super::{BytesReader, Malformed};
use alloy_consensus::Header;
use alloy_eips::eip4895::Withdrawals;
use alloy_rlp::{Decodable, Encodable};
use openledger_primitives::{Block, Tx};

const VERSION: u8 = 1;
/// Version, number of transactions.
const HEADER: usize = 5;

/// Layout (little endian): version, number of transactions `n` (u32), `n + 1` offsets (u32, from the end of the
/// table), for each transaction its sender and EIP-2718 bytes, then RLP of the ommers and, when present, withdrawals.
///
/// Fails when the body is larger than 4 GiB.
pub(crate) fn encode_body(block: &Block) -> Result<Vec<u8>, Malformed> {
    let transactions = &block.transactions;
    let size: usize = transactions.iter().map(|tx| 20 + tx.encoded().len()).sum();
    if u32::try_from(size).is_err() {
        return Err("body is too large".into());
    }
    let mut out = Vec::with_capacity(HEADER + 4 * (transactions.len() + 1) + size + 16);
    out.push(VERSION);
    out.extend_from_slice(&(transactions.len() as u32).to_le_bytes());
    let mut offset = 0u32;
    out.extend_from_slice(&offset.to_le_bytes());
    for tx in transactions {
        offset += 20 + tx.encoded().len() as u32;
        out.extend_from_slice(&offset.to_le_bytes());
    }
    for tx in transactions {
        out.extend_from_slice(tx.signer().as_slice());
        out.extend_from_slice(tx.encoded());
    }
    block.ommers.encode(&mut out);
    if let Some(withdrawals) = &block.withdrawals {
        withdrawals.encode(&mut out);
    }
    Ok(out)
}

/// A stored body; nothing is decoded until it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyView<'a> {
    count: usize,
    offsets: &'a [u8],
    data: &'a [u8],
}

impl<'a> BodyView<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = BytesReader::new(bytes);
        reader.version(VERSION)?;
        let count = reader.u32()? as usize;
        let offsets = reader.take(
            count
                .checked_add(1)
                .and_then(|n| n.checked_mul(4))
                .ok_or("count is too large")?,
        )?;
        Ok(Self {
            count,
            offsets,
            data: reader.rest(),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    fn offset(&self, index: usize) -> Result<usize, Malformed> {
        let bytes = self
            .offsets
            .get(4 * index..4 * index + 4)
            .ok_or("offset is missing")?;
        let mut reader = BytesReader::new(bytes);
        Ok(reader.u32()? as usize)
    }

    /// The transaction at `index`, `None` beyond the last.
    pub(crate) fn transaction(&self, index: usize) -> Result<Option<Tx>, Malformed> {
        if index >= self.count {
            return Ok(None);
        }
        let range = self.offset(index)?..self.offset(index + 1)?;
        let mut reader = BytesReader::new(self.data.get(range).ok_or("offsets are wrong")?);
        let signer = reader.address()?;
        let tx = Tx::decode_with_signer(reader.rest(), signer);
        tx.map(Some)
            .map_err(|error| Malformed(format!("transaction {index}: {error}")))
    }

    /// All transactions.
    pub(crate) fn transactions(&self) -> Result<Vec<Tx>, Malformed> {
        (0..self.count)
            .map_while(|index| self.transaction(index).transpose())
            .collect()
    }

    /// Ommers and withdrawals.
    pub(crate) fn rest(&self) -> Result<(Vec<Header>, Option<Withdrawals>), Malformed> {
        let mut rest = self
            .data
            .get(self.offset(self.count)?..)
            .ok_or("offsets are wrong")?;
        let rlp = |error| Malformed(format!("RLP: {error}"));
        let ommers = Vec::<Header>::decode(&mut rest).map_err(rlp)?;
        let withdrawals = if rest.is_empty() {
            None
        } else {
            Some(Withdrawals::decode(&mut rest).map_err(rlp)?)
        };
        if !rest.is_empty() {
            return Err("bytes follow".into());
        }
        Ok((ommers, withdrawals))
    }
}
