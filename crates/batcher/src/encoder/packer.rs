//! Filling payloads with frames.

use openledger_protocol::{BLOB_CAPACITY, FRAME_OVERHEAD, MAX_FRAME_LEN};
use std::collections::VecDeque;

/// Data that a frame carries at least, unless it is a channel's last: a smaller one is not worth its overhead.
const MIN_FRAME_DATA: usize = 64;
/// The version byte before the frames.
const VERSION_LEN: usize = 1;

/// Where a payload's bytes are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DaKind {
    /// In blobs (EIP-4844): one payload each, several in a transaction.
    Blobs,
    /// In calldata: one payload a transaction.
    Calldata,
}

impl DaKind {
    /// The kind as a metric's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Blobs => "blobs",
            Self::Calldata => "calldata",
        }
    }
}

/// A frame by reference: which bytes of which channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The channel's place in the journal's order.
    pub channel: u64,
    /// The frame's number in its channel.
    pub frame: u16,
    /// Where its data begins in the channel.
    pub start: usize,
    /// Bytes of its data.
    pub len: usize,
    /// True for the channel's last frame.
    pub is_last: bool,
}

/// What [`Packer::peek`] would put into a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The frames of each payload: of each blob, or of the calldata.
    pub payloads: Vec<Vec<Piece>>,
    /// True when no payload has room for another frame, and there are as many as were asked for.
    pub full: bool,
    /// Bytes of frames and version bytes.
    pub bytes: usize,
}

#[derive(Debug, Clone, Copy)]
struct Cursor {
    channel: u64,
    len: usize,
    offset: usize,
    frame: u16,
}

/// Channels that wait to be posted, and how far each was cut.
///
/// Guarantees: frames come out strictly in order, channel by channel; a payload is as full as its frames' overhead allows while
/// anything is left to put into it.
#[derive(Debug, Default)]
pub struct Packer {
    channels: VecDeque<Cursor>,
}

impl Packer {
    /// Appends a channel of `len` bytes, of which the first `offset` are in the frames before number `frame`.
    ///
    /// A channel whose bytes are all cut already is not taken.
    pub fn push(&mut self, channel: u64, len: usize, offset: usize, frame: u16) {
        if offset < len {
            self.channels.push_back(Cursor {
                channel,
                len,
                offset,
                frame,
            });
        }
    }

    /// Forgets the channels from `channel` on.
    pub fn abandon(&mut self, channel: u64) {
        self.channels.retain(|cursor| cursor.channel < channel);
    }

    /// Forgets the channels up to and with `channel`, as far as they were not begun: somebody else has posted their blocks.
    pub fn skip(&mut self, channel: u64) {
        self.channels
            .retain(|cursor| cursor.channel > channel || cursor.offset > 0);
    }

    /// Bytes that wait to be cut.
    pub fn pending_bytes(&self) -> usize {
        self.channels
            .iter()
            .map(|cursor| cursor.len - cursor.offset)
            .sum()
    }

    /// The channels that still have bytes to cut, oldest first.
    pub fn channels(&self) -> impl Iterator<Item = u64> + '_ {
        self.channels.iter().map(|cursor| cursor.channel)
    }

    /// True when everything was cut.
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// What the next transaction would carry: at most `payloads` payloads of at most `capacity` bytes each.
    pub fn peek(&self, payloads: usize, capacity: usize) -> Packed {
        let mut packed = Packed {
            payloads: Vec::new(),
            full: false,
            bytes: 0,
        };
        let mut rest = self.channels.iter().copied().peekable();
        let mut last_room = 0;
        while packed.payloads.len() < payloads && rest.peek().is_some() {
            let mut room = capacity.saturating_sub(VERSION_LEN);
            let mut pieces = Vec::new();
            while let Some(cursor) = rest.peek_mut() {
                let Some(piece) = cursor.cut(room) else {
                    break;
                };
                room -= piece.len + FRAME_OVERHEAD;
                packed.bytes += piece.len + FRAME_OVERHEAD;
                pieces.push(piece);
                if piece.is_last {
                    rest.next();
                }
            }
            if pieces.is_empty() {
                break;
            }
            packed.bytes += VERSION_LEN;
            packed.payloads.push(pieces);
            last_room = room;
        }
        packed.full =
            packed.payloads.len() == payloads && last_room < FRAME_OVERHEAD + MIN_FRAME_DATA;
        packed
    }

    /// Takes what [`peek`](Self::peek) showed out of the queue. Nothing else may have happened in between.
    pub fn take(&mut self, packed: &Packed) {
        for piece in packed.payloads.iter().flatten() {
            if let Some(cursor) = self.channels.front_mut() {
                cursor.offset += piece.len;
                cursor.frame = cursor.frame.saturating_add(1);
            }
            if piece.is_last {
                self.channels.pop_front();
            }
        }
    }
}

impl Cursor {
    /// Cuts the next frame for a payload with `room` bytes left.
    fn cut(&mut self, room: usize) -> Option<Piece> {
        let left = self.len - self.offset;
        let len = room
            .checked_sub(FRAME_OVERHEAD)?
            .min(left)
            .min(MAX_FRAME_LEN);
        if len == 0 || (len < MIN_FRAME_DATA && len < left) {
            return None;
        }
        let piece = Piece {
            channel: self.channel,
            frame: self.frame,
            start: self.offset,
            len,
            is_last: len == left,
        };
        self.offset += len;
        self.frame = self.frame.saturating_add(1);
        Some(piece)
    }
}

impl Packed {
    /// Bytes that payloads of this kind hold at most.
    pub fn capacity(kind: DaKind, calldata: usize) -> usize {
        match kind {
            DaKind::Blobs => BLOB_CAPACITY,
            DaKind::Calldata => calldata.clamp(1_000, 120_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_come_in_order_and_fill_their_payloads(
            channels in prop::collection::vec(1usize..400_000, 1..12),
            takes in prop::collection::vec((1usize..7, any::<bool>()), 1..200),
        ) {
            let mut packer = Packer::default();
            for (channel, len) in channels.iter().enumerate() {
                packer.push(channel as u64, *len, 0, 0);
            }
            let (mut channel, mut frame, mut offset) = (0u64, 0u16, 0usize);
            for (payloads, blobs) in takes.into_iter().chain(std::iter::repeat_n((6, true), 60)) {
                let capacity = if blobs { BLOB_CAPACITY } else { 120_000 };
                let packed = packer.peek(payloads, capacity);
                let last_payload = packed.payloads.len().saturating_sub(1);
                packer.take(&packed);
                for (index, pieces) in packed.payloads.iter().enumerate() {
                    let size = 1 + pieces.iter().map(|piece| piece.len + FRAME_OVERHEAD).sum::<usize>();
                    prop_assert!(size <= capacity);
                    if index < last_payload || !packer.is_empty() {
                        prop_assert!(size * 100 >= capacity * 99, "{size} of {capacity} bytes are used");
                    }
                    for piece in pieces {
                        prop_assert_eq!((piece.channel, piece.frame, piece.start), (channel, frame, offset));
                        prop_assert!(piece.len > 0);
                        offset += piece.len;
                        frame += 1;
                        prop_assert_eq!(piece.is_last, offset == channels[channel as usize]);
                        if piece.is_last {
                            (channel, frame, offset) = (channel + 1, 0, 0);
                        }
                    }
                }
            }
            prop_assert!(packer.is_empty());
            prop_assert_eq!(channel, channels.len() as u64);
        }
    }

    #[test]
    fn only_full_payloads_count_as_full() {
        let mut packer = Packer::default();
        let data = BLOB_CAPACITY - VERSION_LEN - FRAME_OVERHEAD;
        packer.push(0, 2 * data - 100, 0, 0);
        assert!(packer.peek(1, BLOB_CAPACITY).full);
        assert!(!packer.peek(2, BLOB_CAPACITY).full);
        packer.push(1, 500, 0, 0);
        let packed = packer.peek(2, BLOB_CAPACITY);
        assert!(packed.full);
        assert_eq!(packed.payloads[1].len(), 2);
        assert_eq!(packed.bytes, 2 * BLOB_CAPACITY);
    }

    #[test]
    fn what_was_begun_is_abandoned_but_not_skipped() {
        let mut packer = Packer::default();
        packer.push(0, 1_000, 10, 1);
        packer.push(1, 1_000, 0, 0);
        packer.push(2, 1_000, 0, 0);
        packer.skip(1);
        assert_eq!(packer.channels().collect::<Vec<_>>(), [0, 2]);
        packer.abandon(1);
        assert_eq!(packer.pending_bytes(), 990);
    }
}
