//! From frames by reference to the bytes that go to the L1.

use super::Piece;
use alloy_primitives::Bytes;
use openledger_protocol::{ChannelId, DERIVATION_VERSION_0, Frame};

/// A payload refers to bytes that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("channel {channel} of the journal does not have the bytes of frame {frame}")]
pub struct Missing {
    /// The channel's place in the journal's order.
    pub channel: u64,
    /// The frame.
    pub frame: u16,
}

/// The bytes of one payload: a version byte and its frames.
///
/// The same pieces of the same channels give the same bytes, always: what was sent once is sent again.
pub fn assemble(
    pieces: &[Piece],
    channel: impl Fn(u64) -> Option<(ChannelId, Bytes)>,
) -> Result<Bytes, Missing> {
    let mut out = vec![DERIVATION_VERSION_0];
    for piece in pieces {
        let missing = Missing {
            channel: piece.channel,
            frame: piece.frame,
        };
        let (id, data) = channel(piece.channel).ok_or(missing)?;
        let end = piece.start.checked_add(piece.len).ok_or(missing)?;
        if end > data.len() {
            return Err(missing);
        }
        Frame {
            channel: id,
            number: piece.frame,
            data: data.slice(piece.start..end),
            is_last: piece.is_last,
        }
        .encode(&mut out);
    }
    Ok(out.into())
}
