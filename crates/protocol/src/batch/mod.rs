//! Batches: what the batcher says about L2 blocks, as they stand in a channel.

mod bits;
mod singular;
mod span;
mod span_builder;
mod transaction;

pub use singular::SingularBatch;
pub use span::{SpanBatch, SpanBlock, SpanContext};
pub use span_builder::SpanBatchBuilder;

/// Most blocks of a span batch, and most transactions of all its blocks.
pub const MAX_SPAN_BATCH_ELEMENT_COUNT: u64 = 10_000_000;

/// Why bytes are not a batch, or why blocks do not fit into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// No byte at all.
    #[error("the batch is empty")]
    Empty,
    /// Neither a singular nor a span batch.
    #[error("unknown batch version {0}")]
    Version(u8),
    /// The bytes end too early.
    #[error("the batch ends too early")]
    Truncated,
    /// Not RLP.
    #[error("the batch does not decode: {0}")]
    Rlp(#[from] alloy_rlp::Error),
    /// A base-128 integer of more than 64 bits.
    #[error("an integer has more than 64 bits")]
    Varint,
    /// A bit list has bits beyond its end.
    #[error("a bit list has bits beyond its end")]
    Padding,
    /// A span without blocks.
    #[error("the span batch has no blocks")]
    NoBlocks,
    /// More blocks, transactions or bytes than a span batch may have.
    #[error("the span batch exceeds {MAX_SPAN_BATCH_ELEMENT_COUNT} elements")]
    TooMany,
    /// A transaction type that batches do not carry.
    #[error("transaction type {0:#x} can not be in a batch")]
    TxType(u8),
    /// Something does not have the shape that it must have.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// A transaction is signed for another chain.
    #[error("a transaction is not signed for chain {0}")]
    ChainId(u64),
    /// A block does not follow the one before it.
    #[error("the block does not continue the span: {0}")]
    Order(&'static str),
}

/// A batch of either version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    /// Version 0: one block.
    Singular(SingularBatch),
    /// Version 1: a span of blocks.
    Span(SpanBatch),
}

impl Batch {
    const SINGULAR: u8 = 0;
    const SPAN: u8 = 1;

    /// Reads a version byte and the batch behind it. Bytes that follow the batch are ignored, as op-node ignores them.
    pub fn decode(bytes: &[u8], context: &SpanContext) -> Result<Self, BatchError> {
        match bytes.split_first().ok_or(BatchError::Empty)? {
            (&Self::SINGULAR, content) => SingularBatch::decode(content).map(Self::Singular),
            (&Self::SPAN, content) => SpanBatch::decode(content, context).map(Self::Span),
            (version, _) => Err(BatchError::Version(*version)),
        }
    }

    /// The version byte and the batch behind it.
    ///
    /// Fails when a span batch can not be expressed (see [`SpanBatch::encode`]).
    pub fn encode(&self, context: &SpanContext) -> Result<Vec<u8>, BatchError> {
        match self {
            Self::Singular(batch) => {
                let mut out = vec![Self::SINGULAR];
                batch.encode(&mut out);
                Ok(out)
            }
            Self::Span(batch) => {
                let mut out = vec![Self::SPAN];
                out.extend_from_slice(&batch.encode(context)?);
                Ok(out)
            }
        }
    }

    /// The first block's timestamp in seconds.
    pub fn timestamp(&self) -> u64 {
        match self {
            Self::Singular(batch) => batch.timestamp,
            Self::Span(batch) => batch.timestamp(),
        }
    }
}

/// Appends an encoded batch as a channel holds it: as an RLP string.
pub fn batch_rlp(batch: &[u8], out: &mut Vec<u8>) {
    alloy_rlp::Encodable::encode(batch, out);
}
