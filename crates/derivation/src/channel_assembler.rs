//! Stage 4, channel assembler: the one channel that frames are being put together for.

use crate::frame_queue::FrameQueue;
use alloy_primitives::Bytes;
use openledger_protocol::{ChannelId, Frame, MAX_RLP_BYTES_PER_CHANNEL};

/// L1 blocks in which a channel must complete (Granite): one that was opened in block n still counts in n + 50.
///
/// A protocol constant. `channel_timeout` in rollup.json is the value before Granite.
pub const CHANNEL_TIMEOUT: u64 = 50;

/// What a frame weighs beside its data, by protocol.
const FRAME_WEIGHT: usize = 200;

#[derive(Debug)]
struct Staging {
    id: ChannelId,
    opened_in: u64,
    frames: Vec<Bytes>,
    weight: usize,
}

/// Puts the frames of the staging channel together.
///
/// Guarantee: at most [`MAX_RLP_BYTES_PER_CHANNEL`] bytes are held.
#[derive(Debug, Default)]
pub(crate) struct ChannelAssembler {
    staging: Option<Staging>,
}

impl ChannelAssembler {
    /// Takes frames until a channel is complete; its compressed content, or `None` when the queue is empty before.
    ///
    /// `l1_number` is the L1 block that the frames are from.
    pub(crate) fn next(&mut self, frames: &mut FrameQueue, l1_number: u64) -> Option<Vec<u8>> {
        if let Some(channel) = &self.staging
            && channel.opened_in + CHANNEL_TIMEOUT < l1_number
        {
            tracing::debug!(channel = %channel.id, "channel timed out");
            self.staging = None;
        }
        while let Some(frame) = frames.next() {
            if let Some(complete) = self.add(frame, l1_number) {
                return Some(complete);
            }
        }
        None
    }

    fn add(&mut self, frame: Frame, l1_number: u64) -> Option<Vec<u8>> {
        if frame.number == 0 {
            // A first frame replaces an unfinished channel, even its own.
            self.staging = Some(Staging {
                id: frame.channel,
                opened_in: l1_number,
                frames: Vec::new(),
                weight: 0,
            });
        }
        let channel = self.staging.as_mut()?;
        if channel.id != frame.channel || channel.frames.len() != usize::from(frame.number) {
            tracing::debug!(channel = %frame.channel, number = frame.number, "frame out of order");
            return None;
        }
        channel.weight += frame.data.len() + FRAME_WEIGHT;
        channel.frames.push(frame.data);
        if channel.weight > MAX_RLP_BYTES_PER_CHANNEL {
            tracing::debug!(channel = %frame.channel, "channel too large");
            self.staging = None;
            return None;
        }
        if !frame.is_last {
            return None;
        }
        self.staging.take().map(|channel| channel.frames.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openledger_protocol::encode_frames;

    fn frame(channel: u8, number: u16, data: &[u8], is_last: bool) -> Frame {
        Frame {
            channel: ChannelId([channel; 16]),
            number,
            data: Bytes::copy_from_slice(data),
            is_last,
        }
    }

    fn feed(assembler: &mut ChannelAssembler, l1: u64, frames: &[Frame]) -> Option<Vec<u8>> {
        let mut queue = FrameQueue::default();
        queue.load(&encode_frames(frames));
        assembler.next(&mut queue, l1)
    }

    #[test]
    fn frames_over_several_payloads_and_blocks_are_one_channel() {
        let mut assembler = ChannelAssembler::default();
        assert_eq!(feed(&mut assembler, 1, &[frame(1, 0, b"ab", false)]), None);
        assert_eq!(feed(&mut assembler, 2, &[frame(1, 1, b"", false)]), None);
        assert_eq!(
            feed(&mut assembler, 9, &[frame(1, 2, b"c", true)]),
            Some(b"abc".to_vec())
        );
        // Nothing is left of it.
        assert_eq!(feed(&mut assembler, 9, &[frame(1, 2, b"c", true)]), None);
    }

    #[test]
    fn a_frame_out_of_order_is_dropped_and_the_channel_stays() {
        let mut assembler = ChannelAssembler::default();
        assert_eq!(feed(&mut assembler, 1, &[frame(1, 0, b"a", false)]), None);
        assert_eq!(feed(&mut assembler, 1, &[frame(1, 2, b"x", true)]), None);
        assert_eq!(feed(&mut assembler, 1, &[frame(2, 1, b"x", true)]), None);
        assert_eq!(
            feed(&mut assembler, 1, &[frame(1, 1, b"b", true)]),
            Some(b"ab".to_vec())
        );
    }

    #[test]
    fn a_first_frame_replaces_the_unfinished_channel() {
        let mut assembler = ChannelAssembler::default();
        assert_eq!(feed(&mut assembler, 1, &[frame(1, 0, b"a", false)]), None);
        assert_eq!(
            feed(&mut assembler, 1, &[frame(2, 0, b"b", true)]),
            Some(b"b".to_vec())
        );
        assert_eq!(feed(&mut assembler, 1, &[frame(1, 1, b"x", true)]), None);
        // Also one with the same name, which begins anew.
        assert_eq!(feed(&mut assembler, 2, &[frame(3, 0, b"a", false)]), None);
        assert_eq!(feed(&mut assembler, 2, &[frame(3, 0, b"b", false)]), None);
        assert_eq!(
            feed(&mut assembler, 2, &[frame(3, 1, b"c", true)]),
            Some(b"bc".to_vec())
        );
    }

    #[test]
    fn a_channel_counts_for_fifty_blocks_after_its_first_frame() {
        for (l1, expected) in [(60, Some(b"ab".to_vec())), (61, None)] {
            let mut assembler = ChannelAssembler::default();
            assert_eq!(feed(&mut assembler, 10, &[frame(1, 0, b"a", false)]), None);
            assert_eq!(
                feed(&mut assembler, l1, &[frame(1, 1, b"b", true)]),
                expected
            );
        }
    }

    #[test]
    fn a_channel_beyond_the_size_limit_is_dropped() {
        let mut assembler = ChannelAssembler::default();
        let data = vec![0; 1_000_000];
        let frames = MAX_RLP_BYTES_PER_CHANNEL / (data.len() + FRAME_WEIGHT);
        for number in 0..frames as u16 {
            assert_eq!(
                assembler.add(frame(1, number, &data, false), 1),
                None,
                "{number}"
            );
            assert!(assembler.staging.is_some());
        }
        assert_eq!(assembler.add(frame(1, frames as u16, &data, true), 1), None);
        assert!(assembler.staging.is_none());
    }
}
