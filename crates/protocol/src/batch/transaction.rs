//! A transaction taken apart into the columns of a span batch, and put together again.
//!
//! Every type has its fields in one order: `[chain id] nonce fees gas to value rest… v r s`, where the fees are one
//! integer or two, and the rest is the input and the lists behind it. A span batch keeps `value fees rest` as one RLP
//! list and everything else in columns, so both ways move items without reading what is in them.

use super::BatchError;
use super::MAX_SPAN_BATCH_ELEMENT_COUNT;
use super::bits::{BitList, put_uvarint};
use crate::rlp;
use alloy_rlp::Encodable;

const LEGACY: u8 = 0;
const ACCESS_LIST: u8 = 1;
const DYNAMIC_FEE: u8 = 2;
const SET_CODE: u8 = 4;

/// The part of a transaction that is an RLP list of its own in a span batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct TxData<'a> {
    ty: u8,
    value: &'a [u8],
    fees: &'a [u8],
    rest: &'a [u8],
}

impl<'a> TxData<'a> {
    /// Takes one off the column of transaction data and checks its shape.
    pub(super) fn take(bytes: &mut &'a [u8]) -> Result<Self, BatchError> {
        let ty = match bytes.split_first().ok_or(BatchError::Truncated)? {
            (0x80.., _) => LEGACY,
            (ty @ (&ACCESS_LIST | &DYNAMIC_FEE | &SET_CODE), rest) => {
                *bytes = rest;
                *ty
            }
            (ty, _) => return Err(BatchError::TxType(*ty)),
        };
        let item = rlp::item(bytes)?;
        if !item.list {
            return Err(BatchError::Malformed("transaction data is no list"));
        }
        if item.raw.len() as u64 > MAX_SPAN_BATCH_ELEMENT_COUNT {
            return Err(BatchError::TooMany);
        }
        let mut fields = item.payload;
        let value = take_amounts(&mut fields, 1, ty)?;
        let fees = take_amounts(&mut fields, fee_count(ty), ty)?;
        let rest = take_rest(&mut fields, ty)?;
        rlp::end(fields)?;
        Ok(Self {
            ty,
            value,
            fees,
            rest,
        })
    }

    /// True for the type whose replay protection is optional.
    pub(super) fn is_legacy(&self) -> bool {
        self.ty == LEGACY
    }

    /// Bytes of it that go into the transaction.
    pub(super) fn len(&self) -> usize {
        self.value.len() + self.fees.len() + self.rest.len()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        if self.ty != LEGACY {
            out.push(self.ty);
        }
        rlp::put_list_header(self.len(), out);
        out.extend_from_slice(self.value);
        out.extend_from_slice(self.fees);
        out.extend_from_slice(self.rest);
    }
}

/// What the columns hold about a transaction besides its [`TxData`].
#[derive(Debug, Clone, Copy)]
pub(super) struct TxFields<'a> {
    pub(super) nonce: u64,
    pub(super) gas: u64,
    /// `None` creates a contract.
    pub(super) to: Option<&'a [u8]>,
    pub(super) y_parity: bool,
    /// EIP-155; only asked of legacy transactions.
    pub(super) protected: bool,
    /// Big-endian and of any length up to 32 bytes, leading zeros or not.
    pub(super) r: &'a [u8],
    /// See `r`.
    pub(super) s: &'a [u8],
}

/// Appends the EIP-2718 bytes of the transaction.
pub(super) fn join(
    data: &TxData<'_>,
    fields: &TxFields<'_>,
    chain_id: u64,
    out: &mut Vec<u8>,
) -> Result<(), BatchError> {
    if data.ty == SET_CODE && fields.to.is_none() {
        return Err(BatchError::Malformed(
            "a set-code transaction has no recipient",
        ));
    }
    let typed = data.ty != LEGACY;
    let to = fields.to.unwrap_or_default();
    let (r, s) = (without_zeros(fields.r), without_zeros(fields.s));
    let v = signature_v(typed, fields, chain_id);
    let payload = if typed { chain_id.length() } else { 0 }
        + fields.nonce.length()
        + data.fees.len()
        + fields.gas.length()
        + to.length()
        + data.value.len()
        + data.rest.len()
        + v.length()
        + r.length()
        + s.length();
    out.reserve(1 + rlp::header_len(payload) + payload);
    if typed {
        out.push(data.ty);
    }
    rlp::put_list_header(payload, out);
    if typed {
        chain_id.encode(out);
    }
    fields.nonce.encode(out);
    out.extend_from_slice(data.fees);
    fields.gas.encode(out);
    to.encode(out);
    out.extend_from_slice(data.value);
    out.extend_from_slice(data.rest);
    v.encode(out);
    r.encode(out);
    s.encode(out);
    Ok(())
}

/// Most bytes that [`join`] adds to the data's own: type, header, chain id, nonce, gas, recipient, v, r, s.
pub(super) const JOIN_OVERHEAD: usize = 1 + 9 + 9 + 9 + 9 + 21 + 17 + 33 + 33;

/// Takes EIP-2718 bytes apart. Fails on other types, malformed transactions and those signed for another chain.
pub(super) fn split(
    encoded: &[u8],
    chain_id: u64,
) -> Result<(TxData<'_>, TxFields<'_>), BatchError> {
    let mut bytes = encoded;
    let ty = match bytes.split_first().ok_or(BatchError::Truncated)? {
        (0xc0.., _) => LEGACY,
        (ty @ (&ACCESS_LIST | &DYNAMIC_FEE | &SET_CODE), rest) => {
            bytes = rest;
            *ty
        }
        (ty, _) => return Err(BatchError::TxType(*ty)),
    };
    let mut items = rlp::list(&mut bytes)?;
    rlp::end(bytes)?;
    if ty != LEGACY && rlp::u64(&mut items)? != chain_id {
        return Err(BatchError::ChainId(chain_id));
    }
    let nonce = rlp::u64(&mut items)?;
    let fees = take_amounts(&mut items, fee_count(ty), ty)?;
    let gas = rlp::u64(&mut items)?;
    let to = rlp::string(&mut items)?.payload;
    let to = match to.len() {
        0 if ty != SET_CODE => None,
        20 => Some(to),
        _ => return Err(BatchError::Malformed("a recipient is no address")),
    };
    let value = take_amounts(&mut items, 1, ty)?;
    let rest = take_rest(&mut items, ty)?;
    let v = rlp::sized_integer(&mut items, 16)?;
    let v = v.iter().fold(0, |v, byte| v << 8 | u128::from(*byte));
    let r = rlp::sized_integer(&mut items, 32)?;
    let s = rlp::sized_integer(&mut items, 32)?;
    rlp::end(items)?;
    let (y_parity, protected) = match (ty, v) {
        (LEGACY, 27 | 28) => (v == 28, false),
        (LEGACY, _) => match v.checked_sub(35 + 2 * u128::from(chain_id)) {
            Some(parity @ (0 | 1)) => (parity == 1, true),
            _ => return Err(BatchError::ChainId(chain_id)),
        },
        (_, 0 | 1) => (v == 1, true),
        _ => return Err(BatchError::Malformed("a parity is neither 0 nor 1")),
    };
    let data = TxData {
        ty,
        value,
        fees,
        rest,
    };
    if (rlp::header_len(data.len()) + data.len()) as u64 > MAX_SPAN_BATCH_ELEMENT_COUNT {
        return Err(BatchError::TooMany);
    }
    let fields = TxFields {
        nonce,
        gas,
        to,
        y_parity,
        protected,
        r,
        s,
    };
    Ok((data, fields))
}

fn fee_count(ty: u8) -> usize {
    match ty {
        DYNAMIC_FEE | SET_CODE => 2,
        _ => 1,
    }
}

/// Takes `count` integers off `bytes`, as they stand. Only set-code transactions bound them to 256 bits at this level;
/// in the others larger ones are the execution's to refuse, which costs the batcher a block instead of a channel.
fn take_amounts<'a>(bytes: &mut &'a [u8], count: usize, ty: u8) -> Result<&'a [u8], BatchError> {
    let start = *bytes;
    for _ in 0..count {
        let item = rlp::integer(bytes)?;
        if ty == SET_CODE && item.payload.len() > 32 {
            return Err(BatchError::Malformed("an amount has more than 256 bits"));
        }
    }
    Ok(difference(start, bytes))
}

/// Takes the input, and what lists the type has, off `bytes`.
fn take_rest<'a>(bytes: &mut &'a [u8], ty: u8) -> Result<&'a [u8], BatchError> {
    let start = *bytes;
    rlp::string(bytes)?;
    if ty != LEGACY {
        rlp::access_list(bytes)?;
    }
    if ty == SET_CODE {
        rlp::authorization_list(bytes)?;
    }
    Ok(difference(start, bytes))
}

/// What was taken off `start`.
fn difference<'a>(start: &'a [u8], rest: &[u8]) -> &'a [u8] {
    let taken = start.len().saturating_sub(rest.len());
    start.get(..taken).unwrap_or_default()
}

fn signature_v(typed: bool, fields: &TxFields<'_>, chain_id: u64) -> u128 {
    let parity = u128::from(fields.y_parity);
    match (typed, fields.protected) {
        (true, _) => parity,
        (false, true) => 35 + 2 * u128::from(chain_id) + parity,
        (false, false) => 27 + parity,
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// The transactions of a span, column by column.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    creations: BitList,
    parities: BitList,
    signatures: Vec<u8>,
    recipients: Vec<u8>,
    datas: Vec<u8>,
    nonces: Vec<u8>,
    gases: Vec<u8>,
    protections: BitList,
}

/// How far the columns had grown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark([usize; 7]);

impl Columns {
    /// Appends one transaction; leaves everything as it was when that fails.
    pub(super) fn push(&mut self, encoded: &[u8], chain_id: u64) -> Result<(), BatchError> {
        let (data, fields) = split(encoded, chain_id)?;
        self.creations.push(fields.to.is_none());
        self.parities.push(fields.y_parity);
        put_word(fields.r, &mut self.signatures);
        put_word(fields.s, &mut self.signatures);
        self.recipients
            .extend_from_slice(fields.to.unwrap_or_default());
        data.encode(&mut self.datas);
        put_uvarint(fields.nonce, &mut self.nonces);
        put_uvarint(fields.gas, &mut self.gases);
        if data.is_legacy() {
            self.protections.push(fields.protected);
        }
        Ok(())
    }

    /// Number of transactions.
    pub(super) fn len(&self) -> usize {
        self.creations.len()
    }

    pub(super) fn mark(&self) -> Mark {
        Mark([
            self.creations.len(),
            self.signatures.len(),
            self.recipients.len(),
            self.datas.len(),
            self.nonces.len(),
            self.gases.len(),
            self.protections.len(),
        ])
    }

    /// Takes back what was appended since `mark`.
    pub(super) fn reset(&mut self, mark: Mark) {
        let Mark(
            [
                count,
                signatures,
                recipients,
                datas,
                nonces,
                gases,
                protections,
            ],
        ) = mark;
        self.creations.truncate(count);
        self.parities.truncate(count);
        self.signatures.truncate(signatures);
        self.recipients.truncate(recipients);
        self.datas.truncate(datas);
        self.nonces.truncate(nonces);
        self.gases.truncate(gases);
        self.protections.truncate(protections);
    }

    pub(super) fn encoded_len(&self) -> usize {
        self.creations.encoded_len()
            + self.parities.encoded_len()
            + self.signatures.len()
            + self.recipients.len()
            + self.datas.len()
            + self.nonces.len()
            + self.gases.len()
            + self.protections.encoded_len()
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        self.creations.encode(out);
        self.parities.encode(out);
        out.extend_from_slice(&self.signatures);
        out.extend_from_slice(&self.recipients);
        out.extend_from_slice(&self.datas);
        out.extend_from_slice(&self.nonces);
        out.extend_from_slice(&self.gases);
        self.protections.encode(out);
    }
}

/// Appends a big-endian integer of at most 32 bytes as 32 bytes.
fn put_word(integer: &[u8], out: &mut Vec<u8>) {
    const ZEROS: [u8; 32] = [0; 32];
    out.extend_from_slice(ZEROS.get(integer.len()..).unwrap_or_default());
    out.extend_from_slice(integer);
}
