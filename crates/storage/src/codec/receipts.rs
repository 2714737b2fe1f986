//! A block's receipts: an offset table first, so that one receipt, with the number of its first log, is read without
//! the others.

use super::{BytesReader, Malformed, put_bytes, put_varint};
use alloy_consensus::Eip658Value;
use alloy_primitives::{Bytes, Log, LogData};
use openledger_primitives::{Receipt, TxType};

const VERSION: u8 = 1;
const HEADER: usize = 5;
/// Offset (u32, from the end of the table), number of the first log in the block (u32).
const ENTRY: usize = 8;

const SUCCESS: u8 = 1;
const POST_STATE: u8 = 2;
const NONCE: u8 = 4;
const NONCE_VERSION: u8 = 8;

/// Layout (little endian): version, number of receipts `n` (u32), a table of `n + 1` entries (offset, first log),
/// the receipts. The bloom is not stored: it is derived from the logs.
///
/// Fails when the receipts are larger than 4 GiB.
pub(crate) fn encode_receipts(receipts: &[Receipt]) -> Result<Vec<u8>, Malformed> {
    let table = HEADER + ENTRY * (receipts.len() + 1);
    let mut out = Vec::with_capacity(table + receipts.len() * 160);
    out.push(VERSION);
    out.extend_from_slice(&(receipts.len() as u32).to_le_bytes());
    out.resize(table, 0);
    let mut logs = 0u32;
    for (index, receipt) in receipts.iter().enumerate() {
        encode_receipt(receipt, &mut out);
        logs += receipt.logs.len() as u32;
        let offset = u32::try_from(out.len() - table).map_err(|_| "receipts are too large")?;
        let entry = HEADER + ENTRY * (index + 1);
        out[entry..entry + 4].copy_from_slice(&offset.to_le_bytes());
        out[entry + 4..entry + 8].copy_from_slice(&logs.to_le_bytes());
    }
    Ok(out)
}

fn encode_receipt(receipt: &Receipt, out: &mut Vec<u8>) {
    let mut flags = match receipt.status {
        Eip658Value::Eip658(success) => u8::from(success) * SUCCESS,
        Eip658Value::PostState(_) => POST_STATE,
    };
    flags |= if receipt.deposit_nonce.is_some() {
        NONCE
    } else {
        0
    };
    flags |= if receipt.deposit_receipt_version.is_some() {
        NONCE_VERSION
    } else {
        0
    };
    out.extend_from_slice(&[receipt.tx_type as u8, flags]);
    if let Eip658Value::PostState(root) = &receipt.status {
        out.extend_from_slice(root.as_slice());
    }
    put_varint(out, receipt.cumulative_gas_used);
    receipt
        .deposit_nonce
        .into_iter()
        .for_each(|nonce| put_varint(out, nonce));
    receipt
        .deposit_receipt_version
        .into_iter()
        .for_each(|version| put_varint(out, version));
    put_varint(out, receipt.logs.len() as u64);
    for log in &receipt.logs {
        out.extend_from_slice(log.address.as_slice());
        out.push(log.topics().len() as u8);
        log.topics()
            .iter()
            .for_each(|topic| out.extend_from_slice(topic.as_slice()));
        put_bytes(out, &log.data.data);
    }
}

fn decode_receipt(mut reader: BytesReader<'_>) -> Result<Receipt, Malformed> {
    let tx_type = TxType::try_from(reader.u8()?).map_err(|_| "unknown transaction type")?;
    let flags = reader.u8()?;
    if flags & !(SUCCESS | POST_STATE | NONCE | NONCE_VERSION) != 0 {
        return Err("unknown flags".into());
    }
    let status = if flags & POST_STATE != 0 {
        Eip658Value::PostState(reader.b256()?)
    } else {
        Eip658Value::Eip658(flags & SUCCESS != 0)
    };
    let cumulative_gas_used = reader.varint()?;
    let deposit_nonce = if flags & NONCE != 0 {
        Some(reader.varint()?)
    } else {
        None
    };
    let deposit_receipt_version = if flags & NONCE_VERSION != 0 {
        Some(reader.varint()?)
    } else {
        None
    };
    let count = reader.count(22)?;
    let mut logs = Vec::with_capacity(count);
    for _ in 0..count {
        let address = reader.address()?;
        let topics = usize::from(reader.u8()?);
        let topics = (0..topics)
            .map(|_| reader.b256())
            .collect::<Result<_, _>>()?;
        let data = Bytes::copy_from_slice(reader.bytes()?);
        let data = LogData::new(topics, data).ok_or("log has more than four topics")?;
        logs.push(Log { address, data });
    }
    reader.end()?;
    Ok(Receipt {
        tx_type,
        status,
        cumulative_gas_used,
        logs,
        deposit_nonce,
        deposit_receipt_version,
    })
}

/// Stored receipts; nothing is decoded until it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReceiptsView<'a> {
    count: usize,
    table: &'a [u8],
    data: &'a [u8],
}

impl<'a> ReceiptsView<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = BytesReader::new(bytes);
        reader.version(VERSION)?;
        let count = reader.u32()? as usize;
        let table = count
            .checked_add(1)
            .and_then(|n| n.checked_mul(ENTRY))
            .ok_or("count is too large")?;
        Ok(Self {
            count,
            table: reader.take(table)?,
            data: reader.rest(),
        })
    }

    /// Offset and number of the first log.
    fn entry(&self, index: usize) -> Result<(usize, u64), Malformed> {
        let bytes = self
            .table
            .get(ENTRY * index..ENTRY * (index + 1))
            .ok_or("entry is missing")?;
        let mut reader = BytesReader::new(bytes);
        Ok((reader.u32()? as usize, u64::from(reader.u32()?)))
    }

    /// The receipt at `index` and the number of its first log in the block; `None` beyond the last.
    pub(crate) fn receipt(&self, index: usize) -> Result<Option<(Receipt, u64)>, Malformed> {
        if index >= self.count {
            return Ok(None);
        }
        let (start, first_log) = self.entry(index)?;
        let (end, _) = self.entry(index + 1)?;
        let bytes = self.data.get(start..end).ok_or("offsets are wrong")?;
        let receipt = decode_receipt(BytesReader::new(bytes))
            .map_err(|error| Malformed(format!("receipt {index}: {error}")))?;
        Ok(Some((receipt, first_log)))
    }

    /// All receipts.
    pub(crate) fn receipts(&self) -> Result<Vec<Receipt>, Malformed> {
        (0..self.count)
            .map_while(|index| self.receipt(index).transpose())
            .map(|receipt| receipt.map(|(receipt, _)| receipt))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{Address, B256};
    use proptest::prelude::*;

    fn log() -> impl Strategy<Value = Log> {
        let topics = prop::collection::vec(any::<[u8; 32]>().prop_map(B256::new), 0..5);
        (
            any::<[u8; 20]>(),
            topics,
            prop::collection::vec(any::<u8>(), 0..200),
        )
            .prop_map(|(address, topics, data)| {
                Log::new_unchecked(Address::new(address), topics, data.into())
            })
    }

    fn receipt() -> impl Strategy<Value = Receipt> {
        let status = prop_oneof![
            any::<bool>().prop_map(Eip658Value::Eip658),
            any::<[u8; 32]>().prop_map(|root| Eip658Value::PostState(B256::new(root))),
        ];
        let tx_type = prop_oneof![
            Just(TxType::Legacy),
            Just(TxType::Eip1559),
            Just(TxType::Deposit)
        ];
        (
            tx_type,
            status,
            any::<u64>(),
            prop::collection::vec(log(), 0..5),
            any::<Option<u64>>(),
            any::<Option<u64>>(),
        )
            .prop_map(|(tx_type, status, gas, logs, nonce, version)| Receipt {
                tx_type,
                status,
                cumulative_gas_used: gas,
                logs,
                deposit_nonce: nonce,
                deposit_receipt_version: version,
            })
    }

    proptest! {
        #[test]
        fn receipts_come_back(receipts in prop::collection::vec(receipt(), 0..8)) {
            let encoded = encode_receipts(&receipts).unwrap();
            let view = ReceiptsView::new(&encoded).unwrap();
            prop_assert_eq!(view.receipts().unwrap(), receipts.clone());
            let mut logs = 0;
            for (index, receipt) in receipts.iter().enumerate() {
                prop_assert_eq!(view.receipt(index).unwrap(), Some((receipt.clone(), logs)));
                logs += receipt.logs.len() as u64;
            }
            prop_assert_eq!(view.receipt(receipts.len()).unwrap(), None);
        }

        #[test]
        fn garbage_does_not_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(first) = bytes.first_mut() { *first = VERSION; }
            if let Some(rest) = bytes.get_mut(2..5) { rest.fill(0); }
            let _ = ReceiptsView::new(&bytes).map(|view| view.receipts());
        }
    }
}
