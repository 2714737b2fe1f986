//! Frames: pieces of a channel, as the batcher's transactions and blobs carry them.
//!
//! `channel (16) ‖ number u16 ‖ length u32 ‖ data ‖ is_last`, one or more behind a version byte
//! (OP Stack specification, derivation, "Frame Format" and "Batcher Transaction Format").

use alloy_primitives::{Bytes, hex};
use std::fmt;

/// Bytes of a frame besides its data.
pub const FRAME_OVERHEAD: usize = 23;

/// Most data that a frame may carry.
pub const MAX_FRAME_LEN: usize = 1_000_000;

/// The version byte in front of frames.
pub const DERIVATION_VERSION_0: u8 = 0;

/// What tells one channel from another; chosen at random by the batcher.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ChannelId(pub [u8; 16]);

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One piece of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The channel that it belongs to.
    pub channel: ChannelId,
    /// Its place in the channel, from zero on.
    pub number: u16,
    /// Its part of the compressed channel; at most [`MAX_FRAME_LEN`] bytes.
    pub data: Bytes,
    /// True for the channel's last frame.
    pub is_last: bool,
}

/// Why a payload holds no frames. The whole payload is worthless then: what follows a broken frame can not be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// No byte at all.
    #[error("the payload is empty")]
    EmptyPayload,
    /// The version byte is not 0.
    #[error("unknown derivation version {0}")]
    Version(u8),
    /// A version byte without frames.
    #[error("the payload has no frame")]
    NoFrames,
    /// The bytes end within a frame.
    #[error("the payload ends within a frame")]
    Truncated,
    /// More data than a frame may carry.
    #[error("a frame of {0} bytes, the most is {MAX_FRAME_LEN}")]
    TooLong(u32),
    /// Neither 0 nor 1 where the last byte says whether the channel ends.
    #[error("is_last is {0}, neither 0 nor 1")]
    IsLast(u8),
}

impl Frame {
    /// Bytes that [`encode`](Self::encode) appends.
    pub fn encoded_len(&self) -> usize {
        FRAME_OVERHEAD + self.data.len()
    }

    /// Appends the frame. The data must not exceed [`MAX_FRAME_LEN`], or no reader will take it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        debug_assert!(self.data.len() <= MAX_FRAME_LEN, "a frame is too long");
        out.reserve(self.encoded_len());
        out.extend_from_slice(&self.channel.0);
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&(self.data.len() as u32).to_be_bytes());
        out.extend_from_slice(&self.data);
        out.push(u8::from(self.is_last));
    }

    /// Reads one frame and advances `bytes` past it. On an error `bytes` stays where it was.
    pub fn decode(bytes: &mut &[u8]) -> Result<Self, FrameError> {
        let rest = *bytes;
        let (channel, rest) = rest.split_first_chunk().ok_or(FrameError::Truncated)?;
        let (number, rest) = rest.split_first_chunk().ok_or(FrameError::Truncated)?;
        let (length, rest) = rest.split_first_chunk().ok_or(FrameError::Truncated)?;
        let length = u32::from_be_bytes(*length);
        if length as usize > MAX_FRAME_LEN {
            return Err(FrameError::TooLong(length));
        }
        let (data, rest) = rest
            .split_at_checked(length as usize)
            .ok_or(FrameError::Truncated)?;
        let (last, rest) = rest.split_first().ok_or(FrameError::Truncated)?;
        let is_last = match last {
            0 => false,
            1 => true,
            other => return Err(FrameError::IsLast(*other)),
        };
        *bytes = rest;
        Ok(Self {
            channel: ChannelId(*channel),
            number: u16::from_be_bytes(*number),
            data: Bytes::copy_from_slice(data),
            is_last,
        })
    }
}

/// Reads a batcher transaction's calldata or a blob's content: a version byte and at least one frame.
///
/// All or nothing: one bad frame, or bytes behind the last one, make the whole payload worthless.
pub fn decode_frames(payload: &[u8]) -> Result<Vec<Frame>, FrameError> {
    let (version, mut rest) = payload.split_first().ok_or(FrameError::EmptyPayload)?;
    if *version != DERIVATION_VERSION_0 {
        return Err(FrameError::Version(*version));
    }
    let mut frames = Vec::new();
    while !rest.is_empty() {
        frames.push(Frame::decode(&mut rest)?);
    }
    if frames.is_empty() {
        return Err(FrameError::NoFrames);
    }
    Ok(frames)
}

/// The payload that carries `frames`: the version byte, then each of them.
pub fn encode_frames(frames: &[Frame]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + frames.iter().map(Frame::encoded_len).sum::<usize>());
    out.push(DERIVATION_VERSION_0);
    for frame in frames {
        frame.encode(&mut out);
    }
    out
}
