//! Batches, read before the pipeline gets to them.

use crate::{
    channel_assembler::ChannelAssembler, channel_reader::ChannelReader, frame_queue::FrameQueue,
};
use alloy_primitives::Bytes;
use openledger_genesis::RollupConfig;
use openledger_protocol::Batch;

/// Reads batches as a [`Pipeline`](crate::Pipeline) does, without judging them and without waiting for the blocks before them to
/// be made: for whoever wants to prepare for what is likely to be derived next.
///
/// What it finds decides nothing. It may find batches that the pipeline drops, and miss some that the pipeline takes.
/// Memory is bounded as the pipeline's is.
#[derive(Debug)]
pub struct LookAhead {
    frames: FrameQueue,
    assembler: ChannelAssembler,
    reader: ChannelReader,
}

impl LookAhead {
    /// Begins between two channels.
    pub fn new(rollup: &RollupConfig) -> Self {
        Self {
            frames: FrameQueue::default(),
            assembler: ChannelAssembler::default(),
            reader: ChannelReader::new(rollup),
        }
    }

    /// Reads the payloads of an L1 block, which must come in the order of the blocks, and calls `found` with every batch that
    /// they complete, until it returns false.
    pub fn read(
        &mut self,
        l1_number: u64,
        payloads: &[Bytes],
        mut found: impl FnMut(Batch) -> bool,
    ) {
        for payload in payloads {
            self.frames.load(payload);
            while let Some(channel) = self.assembler.next(&mut self.frames, l1_number) {
                self.reader.open(&channel);
                while let Some(batch) = self.reader.next() {
                    if !found(batch) {
                        return;
                    }
                }
            }
        }
    }

    /// Takes the payloads of an L1 block in whose batches nobody is interested: channels that they complete are not opened.
    pub fn pass(&mut self, l1_number: u64, payloads: &[Bytes]) {
        for payload in payloads {
            self.frames.load(payload);
            while self.assembler.next(&mut self.frames, l1_number).is_some() {}
        }
    }
}
