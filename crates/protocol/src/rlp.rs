//! RLP items as they stand in the bytes: their borders and their strictness, without the values.
//!
//! Transactions go into a span batch, and come out of it, by moving whole items. What is checked here is what an
//! encoder of Go's strictness checks: shortest lengths, integers without leading zeros, fixed sizes, nothing left over.

use crate::BatchError;
use alloy_rlp::Header;

/// One item: with its header, and what is behind the header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    /// Header and payload, as they stood.
    pub(crate) raw: &'a [u8],
    /// The payload alone.
    pub(crate) payload: &'a [u8],
    /// True for a list.
    pub(crate) list: bool,
}

/// Takes one item off `bytes`.
pub(crate) fn item<'a>(bytes: &mut &'a [u8]) -> Result<Item<'a>, BatchError> {
    let start = *bytes;
    let header = Header::decode(bytes)?;
    let (payload, rest) = bytes
        .split_at_checked(header.payload_length)
        .ok_or(BatchError::Truncated)?;
    *bytes = rest;
    let raw = start
        .get(..start.len() - rest.len())
        .ok_or(BatchError::Truncated)?;
    Ok(Item {
        raw,
        payload,
        list: header.list,
    })
}

/// Takes a list off `bytes` and gives its payload.
pub(crate) fn list<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], BatchError> {
    let item = item(bytes)?;
    if !item.list {
        return Err(BatchError::Malformed("a list was expected"));
    }
    Ok(item.payload)
}

/// Takes a string off `bytes`.
pub(crate) fn string<'a>(bytes: &mut &'a [u8]) -> Result<Item<'a>, BatchError> {
    let item = item(bytes)?;
    if item.list {
        return Err(BatchError::Malformed("a string was expected"));
    }
    Ok(item)
}

/// Takes an unsigned integer of any size off `bytes`.
pub(crate) fn integer<'a>(bytes: &mut &'a [u8]) -> Result<Item<'a>, BatchError> {
    let item = string(bytes)?;
    if item.payload.first() == Some(&0) {
        return Err(BatchError::Malformed("an integer begins with zero"));
    }
    Ok(item)
}

/// Takes an unsigned integer of at most `size` bytes off `bytes`.
pub(crate) fn sized_integer<'a>(bytes: &mut &'a [u8], size: usize) -> Result<&'a [u8], BatchError> {
    let item = integer(bytes)?;
    if item.payload.len() > size {
        return Err(BatchError::Malformed("an integer is too large"));
    }
    Ok(item.payload)
}

/// Takes an unsigned 64-bit integer off `bytes`.
pub(crate) fn u64(bytes: &mut &[u8]) -> Result<u64, BatchError> {
    let payload = sized_integer(bytes, 8)?;
    Ok(payload
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// Takes a string of exactly `size` bytes off `bytes`.
pub(crate) fn fixed<'a>(bytes: &mut &'a [u8], size: usize) -> Result<&'a [u8], BatchError> {
    let item = string(bytes)?;
    if item.payload.len() != size {
        return Err(BatchError::Malformed("a string has another length"));
    }
    Ok(item.payload)
}

/// Takes an access list off `bytes` (EIP-2930): addresses with storage keys.
pub(crate) fn access_list(bytes: &mut &[u8]) -> Result<(), BatchError> {
    let mut entries = list(bytes)?;
    while !entries.is_empty() {
        let mut entry = list(&mut entries)?;
        fixed(&mut entry, 20)?;
        let mut keys = list(&mut entry)?;
        while !keys.is_empty() {
            fixed(&mut keys, 32)?;
        }
        end(entry)?;
    }
    Ok(())
}

/// Takes an authorization list off `bytes` (EIP-7702).
pub(crate) fn authorization_list(bytes: &mut &[u8]) -> Result<(), BatchError> {
    let mut entries = list(bytes)?;
    while !entries.is_empty() {
        let mut entry = list(&mut entries)?;
        sized_integer(&mut entry, 32)?;
        fixed(&mut entry, 20)?;
        u64(&mut entry)?;
        sized_integer(&mut entry, 1)?;
        sized_integer(&mut entry, 32)?;
        sized_integer(&mut entry, 32)?;
        end(entry)?;
    }
    Ok(())
}

/// Fails when something is left.
pub(crate) fn end(bytes: &[u8]) -> Result<(), BatchError> {
    if bytes.is_empty() {
        Ok(())
    } else {
        Err(BatchError::Malformed("a list has too many items"))
    }
}

/// Bytes that a header in front of `payload` bytes takes.
pub(crate) fn header_len(payload: usize) -> usize {
    alloy_rlp::length_of_length(payload)
}

/// Writes a list's header.
pub(crate) fn put_list_header(payload: usize, out: &mut Vec<u8>) {
    Header {
        list: true,
        payload_length: payload,
    }
    .encode(out);
}
