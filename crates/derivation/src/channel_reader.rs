//! Stage 5, channel reader: from a channel's compressed content to batches.

use openledger_genesis::RollupConfig;
use openledger_protocol::{Batch, BatchReader, SpanContext, decompress};

/// Reads the batches of one channel.
///
/// What can be decompressed before an error or the size limit counts. The first batch that does not decode ends the channel: a
/// malformed batch is an invalid one, and an invalid batch drops the rest of its channel (Holocene).
#[derive(Debug)]
pub(crate) struct ChannelReader {
    context: SpanContext,
    batches: Option<BatchReader>,
}

impl ChannelReader {
    pub(crate) fn new(rollup: &RollupConfig) -> Self {
        Self {
            context: SpanContext::of(rollup),
            batches: None,
        }
    }

    /// Begins with a channel; what was left of the one before is gone.
    pub(crate) fn open(&mut self, channel: &[u8]) {
        let decompressed = decompress(channel);
        tracing::debug!(
            compressed = channel.len(),
            bytes = decompressed.data.len(),
            end = ?decompressed.end,
            "channel complete"
        );
        self.batches = Some(BatchReader::new(decompressed.data, self.context));
    }

    /// The next batch, `None` when the channel holds no more.
    pub(crate) fn next(&mut self) -> Option<Batch> {
        match self.batches.as_mut()?.next() {
            Some(Ok(batch)) => Some(batch),
            Some(Err(error)) => {
                tracing::warn!(%error, "malformed batch, the rest of its channel is dropped");
                self.flush();
                None
            }
            None => {
                self.flush();
                None
            }
        }
    }

    /// Drops the rest of the channel.
    pub(crate) fn flush(&mut self) {
        self.batches = None;
    }
}
