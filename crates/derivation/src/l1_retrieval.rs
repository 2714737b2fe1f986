//! Stage 2, L1 retrieval: the batcher's payloads in the L1 block being read, in the order of their transactions.

use alloy_primitives::Bytes;
use std::collections::VecDeque;

/// What comes next from the L1 block being read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Retrieved {
    /// The data of a transaction, or of one blob.
    Payload(Bytes),
    /// The block's payloads have to be fetched first.
    Missing,
    /// The block holds nothing more.
    Exhausted,
}

/// Holds the payloads of one L1 block.
#[derive(Debug, Default)]
pub(crate) struct L1Retrieval {
    payloads: VecDeque<Bytes>,
    fetched: bool,
}

impl L1Retrieval {
    /// Forgets the block, since the next one is being read.
    pub(crate) fn next_block(&mut self) {
        self.payloads.clear();
        self.fetched = false;
    }

    /// Takes what was fetched.
    pub(crate) fn fill(&mut self, payloads: Vec<Bytes>) {
        self.payloads = payloads.into();
        self.fetched = true;
    }

    /// The next payload.
    pub(crate) fn next(&mut self) -> Retrieved {
        match self.payloads.pop_front() {
            Some(payload) => Retrieved::Payload(payload),
            None if self.fetched => Retrieved::Exhausted,
            None => Retrieved::Missing,
        }
    }
}
