//! Fields of a fixed width, and leaves made of them.

use super::LeafError;
use crate::word::WordId;
use alloy_primitives::{Address, B256};

/// The fields of a leaf, without the rules for their values.
pub trait Fields: Sized {
    /// Its kind.
    const TAG: u8;

    /// Bytes of the tag and the fields.
    const LEN: usize;

    /// Appends the fields.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes the fields from the front.
    fn take(bytes: &mut &[u8]) -> Result<Self, LeafError>;
}

/// One field.
pub trait Field: Sized {
    /// Its bytes.
    const LEN: usize;

    /// Appends it.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes it from the front.
    fn take(bytes: &mut &[u8]) -> Result<Self, LeafError>;
}

/// Bytes from the front. The length of a leaf is checked before its fields are read, so that none is ever missing.
pub(super) fn take_bytes<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], LeafError> {
    let (expected, found) = (N, bytes.len());
    let (head, rest) = bytes
        .split_first_chunk()
        .ok_or(LeafError::Length { expected, found })?;
    *bytes = rest;
    Ok(*head)
}

macro_rules! integers {
    ($($integer:ty),+) => {$(
        impl Field for $integer {
            const LEN: usize = size_of::<$integer>();

            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn take(bytes: &mut &[u8]) -> Result<Self, LeafError> {
                take_bytes(bytes).map(Self::from_be_bytes)
            }
        }
    )+};
}

integers!(u8, u16, u32, u64, u128);

macro_rules! byte_strings {
    ($($name:ty: $len:literal),+) => {$(
        impl Field for $name {
            const LEN: usize = $len;

            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0[..]);
            }

            fn take(bytes: &mut &[u8]) -> Result<Self, LeafError> {
                take_bytes::<$len>(bytes).map(|bytes| Self(bytes.into()))
            }
        }
    )+};
}

byte_strings!(B256: 32, Address: 20, WordId: 16);

impl<const N: usize> Field for [WordId; N] {
    const LEN: usize = N * 16;

    fn put(&self, out: &mut Vec<u8>) {
        for word in self {
            word.put(out);
        }
    }

    fn take(bytes: &mut &[u8]) -> Result<Self, LeafError> {
        let mut words = [WordId::default(); N];
        for word in &mut words {
            *word = Field::take(bytes)?;
        }
        Ok(words)
    }
}

/// A leaf's tag and its fields, in their order.
macro_rules! fields {
    ($leaf:ident, $tag:literal, $($field:ident: $kind:ty),+ $(,)?) => {
        impl $crate::leaf::field::Fields for $leaf {
            const TAG: u8 = $tag;

            const LEN: usize = 1 $(+ <$kind as $crate::leaf::field::Field>::LEN)+;

            fn put(&self, out: &mut Vec<u8>) {
                $($crate::leaf::field::Field::put(&self.$field, out);)+
            }

            fn take(bytes: &mut &[u8]) -> Result<Self, $crate::leaf::LeafError> {
                Ok(Self { $($field: <$kind as $crate::leaf::field::Field>::take(bytes)?),+ })
            }
        }
    };
}

/// One byte that is one of a few, numbered from zero in their order.
macro_rules! one_of {
    ($name:ident, $field:literal, $($variant:ident),+) => {
        impl $crate::leaf::field::Field for $name {
            const LEN: usize = 1;

            fn put(&self, out: &mut Vec<u8>) {
                out.push(*self as u8);
            }

            fn take(bytes: &mut &[u8]) -> Result<Self, $crate::leaf::LeafError> {
                let [byte] = $crate::leaf::field::take_bytes(bytes)?;
                [$(Self::$variant),+]
                    .into_iter()
                    .find(|variant| *variant as u8 == byte)
                    .ok_or($crate::leaf::LeafError::Range($field))
            }
        }
    };
}

pub(super) use {fields, one_of};
