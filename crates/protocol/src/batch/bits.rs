//! The bit lists and integers of span batches.

use crate::BatchError;

/// Bits that grow one by one. On the wire they are one big-endian integer whose lowest bit is the first of the list,
/// padded to whole bytes (span batches, "Span batch format").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BitList {
    /// Lowest bits first: the wire's bytes in reverse.
    bytes: Vec<u8>,
    len: usize,
}

impl BitList {
    pub(super) fn push(&mut self, bit: bool) {
        let at = self.len % 8;
        if at == 0 {
            self.bytes.push(0);
        }
        if let (true, Some(last)) = (bit, self.bytes.last_mut()) {
            *last |= 1 << at;
        }
        self.len += 1;
    }

    pub(super) fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.bytes.truncate(len.div_ceil(8));
        if let (Some(last), true) = (self.bytes.last_mut(), !len.is_multiple_of(8)) {
            *last &= (1 << (len % 8)) - 1;
        }
        self.len = len;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn encoded_len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.bytes.iter().rev());
    }
}

/// Bits as they stand in a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits<'a>(&'a [u8]);

impl<'a> Bits<'a> {
    /// Takes a list of `len` bits off `bytes`. Fails when they are not there, or when a bit beyond the list is set.
    pub(super) fn take(bytes: &mut &'a [u8], len: usize) -> Result<Self, BatchError> {
        let bits = take(bytes, len.div_ceil(8))?;
        match (bits.first(), len % 8) {
            (Some(first), used @ 1..) if first >> used != 0 => Err(BatchError::Padding),
            _ => Ok(Self(bits)),
        }
    }

    /// The bit at `index`; false beyond the list.
    pub(super) fn get(self, index: usize) -> bool {
        let byte = self.0.iter().rev().nth(index / 8);
        byte.is_some_and(|byte| byte >> (index % 8) & 1 == 1)
    }

    pub(super) fn count_ones(self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }
}

/// Takes `len` bytes off `bytes`.
pub(super) fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8], BatchError> {
    let (head, rest) = bytes.split_at_checked(len).ok_or(BatchError::Truncated)?;
    *bytes = rest;
    Ok(head)
}

/// Takes `N` bytes off `bytes`.
pub(super) fn take_array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], BatchError> {
    let (head, rest) = bytes.split_first_chunk().ok_or(BatchError::Truncated)?;
    *bytes = rest;
    Ok(*head)
}

/// Takes a base-128 integer off `bytes`: up to ten bytes, not necessarily the shortest form.
pub(super) fn take_uvarint(bytes: &mut &[u8]) -> Result<u64, BatchError> {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let [byte] = take_array(bytes)?;
        let low = u64::from(byte & 0x7f);
        // The tenth byte has room for the 64th bit alone.
        if shift > 63 || (shift == 63 && low > 1) {
            break;
        }
        value |= low << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(BatchError::Varint)
}

/// Appends a base-128 integer in its shortest form.
pub(super) fn put_uvarint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes that [`put_uvarint`] appends.
pub(super) fn uvarint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_of_ten_bytes_hold_64_bits_and_no_more() {
        let mut longest = vec![0xff; 9];
        longest.push(1);
        assert_eq!(take_uvarint(&mut longest.as_slice()), Ok(u64::MAX));
        longest[9] = 2;
        assert_eq!(
            take_uvarint(&mut longest.as_slice()),
            Err(BatchError::Varint)
        );
        assert_eq!(
            take_uvarint(&mut [0x80; 20].as_slice()),
            Err(BatchError::Varint)
        );
        // Go's reader takes forms that are longer than needed, so they must be taken here.
        assert_eq!(take_uvarint(&mut [0x81, 0x00].as_slice()), Ok(1));
        assert_eq!(
            take_uvarint(&mut [0x81].as_slice()),
            Err(BatchError::Truncated)
        );
    }

    #[test]
    fn a_bit_beyond_the_list_is_refused() {
        assert!(Bits::take(&mut [0b1000_0000].as_slice(), 7).is_err());
        assert!(Bits::take(&mut [0b0100_0000].as_slice(), 7).is_ok());
        assert!(Bits::take(&mut [0b1000_0000].as_slice(), 8).is_ok());
        assert!(Bits::take(&mut [].as_slice(), 1).is_err());
    }

    proptest! {
        #[test]
        fn integers_come_back(value in any::<u64>(), shift in 0u32..64) {
            let value = value >> shift;
            let mut out = Vec::new();
            put_uvarint(value, &mut out);
            prop_assert_eq!(out.len(), uvarint_len(value));
            let mut rest = out.as_slice();
            prop_assert_eq!(take_uvarint(&mut rest), Ok(value));
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn bits_come_back(bits in prop::collection::vec(any::<bool>(), 0..100), cut in 0usize..110, more in prop::collection::vec(any::<bool>(), 0..20)) {
            let mut list = BitList::default();
            bits.iter().for_each(|bit| list.push(*bit));
            list.truncate(cut);
            more.iter().for_each(|bit| list.push(*bit));
            let expected: Vec<_> = bits.into_iter().take(cut).chain(more).collect();
            prop_assert_eq!(list.len(), expected.len());
            let mut out = Vec::new();
            list.encode(&mut out);
            prop_assert_eq!(out.len(), list.encoded_len());
            let found = Bits::take(&mut out.as_slice(), expected.len()).expect("our own encoding");
            prop_assert_eq!((0..expected.len()).map(|i| found.get(i)).collect::<Vec<_>>(), expected);
        }
    }
}
