//! ABI words, read strictly.

use alloy_primitives::{Address, B256};

/// What is left of an event's data.
pub(crate) struct Words<'a>(pub(crate) &'a [u8]);

impl Words<'_> {
    /// The next word.
    pub(crate) fn word(&mut self) -> Option<B256> {
        let (word, rest) = self.0.split_first_chunk::<32>()?;
        self.0 = rest;
        Some(B256::new(*word))
    }

    /// The last `N` bytes of the next word; `None` unless the others are zero.
    fn low<const N: usize>(&mut self) -> Option<[u8; N]> {
        let word = self.word()?;
        let (high, low) = word.0.split_last_chunk::<N>()?;
        high.iter().all(|byte| *byte == 0).then_some(*low)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.low().map(u64::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.low().map(u16::from_be_bytes)
    }

    pub(crate) fn address(&mut self) -> Option<Address> {
        self.low::<20>().map(Address::new)
    }
}
