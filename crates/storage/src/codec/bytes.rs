//! Reading and writing of primitive values.

use alloy_primitives::{Address, B256};

/// Bytes that are not what was written: what is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) String);

impl From<&str> for Malformed {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

/// A cursor over bytes; every read is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BytesReader<'a>(&'a [u8]);

impl<'a> BytesReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.0.split_at_checked(len).ok_or("ends early")?;
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("ends early")?;
        self.0 = rest;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn b256(&mut self) -> Result<B256, Malformed> {
        Ok(B256::new(self.array()?))
    }

    pub(crate) fn address(&mut self) -> Result<Address, Malformed> {
        Ok(Address::new(self.array()?))
    }

    pub(crate) fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let part = u64::from(byte & 0x7f);
            if (part << shift) >> shift != part {
                return Err("number is too large".into());
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("number is too long".into())
    }

    /// A count of items that take at least `item` bytes each, so that a damaged count can not ask for more memory than
    /// there are bytes.
    pub(crate) fn count(&mut self, item: usize) -> Result<usize, Malformed> {
        let count = usize::try_from(self.varint()?).map_err(|_| "count is too large")?;
        if count > self.0.len() / item.max(1) {
            return Err("count is larger than what follows".into());
        }
        Ok(count)
    }

    /// Bytes with their length before them.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.count(1)?;
        self.take(len)
    }

    pub(crate) fn version(&mut self, expected: u8) -> Result<(), Malformed> {
        match self.u8()? {
            found if found == expected => Ok(()),
            found => Err(Malformed(format!("unknown version {found}"))),
        }
    }

    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err("bytes follow".into())
        }
    }
}

/// Little-endian base 128.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes with their length before them.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(value: u64, small in 0u64..300) {
            for value in [value, small] {
                let mut out = Vec::new();
                put_varint(&mut out, value);
                let mut reader = BytesReader::new(&out);
                prop_assert_eq!(reader.varint(), Ok(value));
                prop_assert_eq!(reader.end(), Ok(()));
            }
        }
    }

    #[test]
    fn oversized_numbers_and_counts_are_refused() {
        assert!(BytesReader::new(&[0xff; 11]).varint().is_err());
        assert!(
            BytesReader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2])
                .varint()
                .is_err()
        );
        assert!(BytesReader::new(&[200, 1, 0]).count(1).is_err());
    }
}
