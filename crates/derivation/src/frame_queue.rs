//! Stage 3, frame queue: the frames of one payload, pruned to what can be part of a channel.

use openledger_protocol::{Frame, decode_frames};
use std::collections::VecDeque;

/// The frames of the last payload that no channel has taken yet.
///
/// Guarantees (Holocene): the frames of one channel are consecutive in the queue and rise by one; a first frame follows only
/// the last frame of another channel, or nothing.
#[derive(Debug, Default)]
pub(crate) struct FrameQueue {
    frames: VecDeque<Frame>,
}

impl FrameQueue {
    /// Decodes a payload. One frame that does not parse makes the whole payload void.
    ///
    /// Only called when the queue is empty, so that the queue never holds more than one payload.
    pub(crate) fn load(&mut self, payload: &[u8]) {
        match decode_frames(payload) {
            Ok(frames) => self.frames = prune(frames).into(),
            Err(error) => {
                tracing::debug!(%error, bytes = payload.len(), "payload without readable frames");
            }
        }
    }

    /// Takes the next frame.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        self.frames.pop_front()
    }
}

/// Drops the frames that are out of order.
///
/// A first frame drops the frames of the unfinished channel before it. Any other frame stays only behind its predecessor. The
/// very first frame of a payload stays in any case: its predecessor may be in an earlier payload.
fn prune(frames: Vec<Frame>) -> Vec<Frame> {
    let mut kept: Vec<Frame> = Vec::with_capacity(frames.len());
    for frame in frames {
        loop {
            let keep = match kept.last() {
                None => true,
                Some(previous) if previous.channel == frame.channel => {
                    !previous.is_last && previous.number.checked_add(1) == Some(frame.number)
                }
                Some(_) if frame.number != 0 => false,
                Some(previous) if previous.is_last => true,
                Some(_) => {
                    // The frame before the dropped one is its channel's as well, or closed another.
                    kept.pop();
                    continue;
                }
            };
            if keep {
                kept.push(frame);
            }
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::Bytes;
    use openledger_protocol::ChannelId;

    /// A frame from a word like `a1` or, for the last one, `a1!`.
    fn frame(word: &str) -> Frame {
        let bytes = word.as_bytes();
        Frame {
            channel: ChannelId([bytes[0]; 16]),
            number: u16::from(bytes[1] - b'0'),
            data: Bytes::new(),
            is_last: word.ends_with('!'),
        }
    }

    fn words(frames: &[Frame]) -> String {
        let word = |f: &Frame| {
            let last = if f.is_last { "!" } else { "" };
            format!("{}{}{last}", char::from(f.channel.0[0]), f.number)
        };
        frames.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn check(input: &str, expected: &str) {
        let frames = input.split_whitespace().map(frame).collect();
        assert_eq!(words(&prune(frames)), expected, "{input}");
    }

    #[test]
    fn frames_in_order_stay() {
        check("a0 a1 a2!", "a0 a1 a2!");
        check("a0 a1! b0 b1!", "a0 a1! b0 b1!");
        check("a3 a4! b0", "a3 a4! b0");
    }

    #[test]
    fn a_frame_that_skips_or_repeats_a_number_is_dropped() {
        check("a0 a2 a1 a3 a2!", "a0 a1 a2!");
        check("a0 a0 a1 a1 a2!", "a0 a1 a2!");
    }

    #[test]
    fn a_frame_after_the_last_one_is_dropped() {
        check("a0 a1! a2 a1! b0!", "a0 a1! b0!");
        check("a0! a0!", "a0!");
    }

    #[test]
    fn a_later_frame_of_another_channel_is_dropped() {
        check("a0 b1 a1!", "a0 a1!");
        check("a0! b1 b0!", "a0! b0!");
    }

    #[test]
    fn a_first_frame_drops_the_unfinished_channel_before_it() {
        check("a0 a1 b0 b1!", "b0 b1!");
        check("c0! a0 a1 b0 b1!", "c0! b0 b1!");
        check("a2 a3 b0", "b0");
        check("a0 a1 b0 a2!", "b0");
        check("b0! a0 b0", "b0!");
    }

    #[test]
    fn a_first_frame_of_the_same_channel_does_not_restart_it_within_a_payload() {
        check("a0 a1 a0 a2!", "a0 a1 a2!");
    }

    #[test]
    fn a_payload_that_does_not_parse_is_void_as_a_whole() {
        let mut queue = FrameQueue::default();
        queue.load(&[]);
        queue.load(&[7]);
        queue.load(&[0]);
        let mut payload = openledger_protocol::encode_frames(&[frame("a0")]);
        payload.push(1);
        queue.load(&payload);
        assert_eq!(queue.next(), None);
    }
}
