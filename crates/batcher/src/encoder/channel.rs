//! Channels: closed and waiting for compression, and compressed.

use super::compress::compress_batch;
use alloy_primitives::Bytes;
use openledger_primitives::BlockRef;
use openledger_protocol::ChannelId;

/// Why a channel was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It is as large as it should be.
    Size,
    /// It was open for long enough.
    Duration,
    /// The sequencing window of its oldest block comes to its end.
    Window,
    /// Somebody asked for it.
    Flush,
}

impl CloseReason {
    /// The reason as a metric's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Duration => "duration",
            Self::Window => "window",
            Self::Flush => "flush",
        }
    }
}

/// The blocks of a channel: ascending, each the child of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockRange {
    /// The parent of the first block.
    pub parent: BlockRef,
    /// The last block.
    pub last: BlockRef,
}

impl BlockRange {
    /// The first block's number.
    pub fn first(&self) -> u64 {
        self.parent.number + 1
    }

    /// Number of blocks.
    pub fn count(&self) -> u64 {
        self.last.number.saturating_sub(self.parent.number)
    }
}

/// A channel that takes no more blocks and is not compressed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedChannel {
    /// What identifies the channel on the L1: random, so that no two are ever mixed up.
    pub id: ChannelId,
    /// The blocks inside.
    pub blocks: BlockRange,
    /// Transactions inside, without deposits.
    pub transactions: usize,
    /// The span batch: version byte and content.
    pub batch: Vec<u8>,
    /// Why it was closed.
    pub reason: CloseReason,
    /// The L1's height when it was opened.
    pub opened_at: u64,
}

/// A compressed channel: what frames are cut from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// What identifies it on the L1.
    pub id: ChannelId,
    /// The blocks inside.
    pub blocks: BlockRange,
    /// Transactions inside, without deposits.
    pub transactions: usize,
    /// Bytes before compression.
    pub raw_len: usize,
    /// Why it was closed.
    pub reason: CloseReason,
    /// The L1's height when it was opened.
    pub opened_at: u64,
    /// The concatenation of its frames' data; never empty.
    pub data: Bytes,
}

/// A channel without its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelInfo {
    /// What identifies it on the L1.
    pub id: ChannelId,
    /// The blocks inside.
    pub blocks: BlockRange,
    /// Why it was closed.
    pub reason: CloseReason,
    /// The L1's height when it was opened.
    pub opened_at: u64,
    /// Bytes of its data.
    pub len: usize,
}

impl Channel {
    /// The channel without its data.
    pub fn info(&self) -> ChannelInfo {
        ChannelInfo {
            id: self.id,
            blocks: self.blocks,
            reason: self.reason,
            opened_at: self.opened_at,
            len: self.data.len(),
        }
    }
}

impl ClosedChannel {
    /// Compresses the channel. Takes microseconds a transaction, up to a hundred at high qualities: for a worker thread.
    pub fn compress(self, quality: u32) -> Channel {
        let data = compress_batch(&self.batch, quality);
        Channel {
            id: self.id,
            blocks: self.blocks,
            transactions: self.transactions,
            raw_len: self.batch.len(),
            reason: self.reason,
            opened_at: self.opened_at,
            data: data.into(),
        }
    }
}
