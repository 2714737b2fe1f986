//! What goes into the state machine and what comes out.

use crate::{ClosedChannel, DaKind, Entry, L1Conditions, Record};
use openledger_primitives::BlockRef;
use openledger_protocol::L1BlockRef;

/// How far derivation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DerivationStatus {
    /// The L1 block that derivation is at: everything in the blocks below it is derived.
    pub current_l1: L1BlockRef,
    /// The newest L2 block that was derived from those.
    pub safe: BlockRef,
}

/// What the driver is to do, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Read these blocks and answer with [`Core::on_blocks`](super::Core::on_blocks).
    Load {
        /// To be handed back.
        generation: u64,
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// Compress the channel on another thread and answer with [`Core::on_compressed`](super::Core::on_compressed).
    Compress {
        /// To be handed back.
        generation: u64,
        /// The channel.
        channel: ClosedChannel,
    },
    /// Make the record durable before anything else is done.
    Record(Record),
    /// Hand the transaction with this nonce to the L1, whose inclusion [`Core::on_included`](super::Core::on_included) is told of.
    Send(u64),
    /// Channels and nonces below these are needed no more.
    Prune {
        /// The lowest channel that is needed.
        channels: u64,
        /// The lowest nonce that is needed.
        nonces: u64,
    },
}

/// What was known when the batcher started.
#[derive(Debug)]
pub struct Start {
    /// What the journal holds.
    pub entries: Vec<Entry>,
    /// Transactions of the batcher that the L1's head block has, by the sender's nonce.
    pub nonce: u64,
    /// The L1.
    pub l1: L1Conditions,
}

/// Where the batcher stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoreStatus {
    /// The last block that a channel has taken.
    pub encoded: u64,
    /// The last block that is in included transactions, with all before it.
    pub posted: u64,
    /// The last block that derivation has seen.
    pub safe: u64,
    /// Blocks that are not safe.
    pub backlog_blocks: u64,
    /// Compressed bytes that are not included, by estimate.
    pub backlog_bytes: u64,
    /// Transactions that are under way.
    pub in_flight: usize,
    /// Channels that are kept.
    pub channels: usize,
    /// What the next transaction carries its payloads in.
    pub kind: Option<DaKind>,
    /// True while the batcher is paused.
    pub paused: bool,
}
