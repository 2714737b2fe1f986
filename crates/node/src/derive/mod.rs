//! Derivation at work: the pipeline of `openledger-derivation`, fed from the L1, on a thread of its own.
//!
//! On a verifier what is derived *is* the chain. Beside a running sequencer the derived blocks are compared with those that
//! were produced: equal ones become safe, and where the L1 has something else the sequencer is told to adopt it.

mod ahead;
mod driver;
mod engine;
mod safe_heads;
mod service;
mod source;

pub(crate) use driver::OnSafe;
pub(crate) use engine::Engine;
pub(crate) use safe_heads::SafeHead;
pub(crate) use service::{Derivation, DerivationConfig};
pub(crate) use source::Source;

use openledger_primitives::BlockRef;
use openledger_protocol::{L1BlockRef, L2BlockRef};

/// Where derivation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct DeriveState {
    /// The newest L1 block up to which everything is derived.
    pub(crate) current_l1: L1BlockRef,
    /// The newest L2 block that the L1 determines.
    pub(crate) safe: L2BlockRef,
    /// The newest L2 block that finalized L1 blocks determine.
    pub(crate) finalized: BlockRef,
    /// Everything that the L1 had at the last look is derived.
    pub(crate) caught_up: bool,
}
