//! The journal's records: `length u32 | crc32 u32 | kind u8 | payload`, little endian; length and CRC are those of kind and payload.

use crate::{BlockRange, Channel, CloseReason, DaKind, Piece};
use alloy_primitives::{B256, Bytes};
use openledger_primitives::BlockRef;
use openledger_protocol::ChannelId;

/// Length and CRC.
pub(super) const HEADER: usize = 8;
/// No record is longer; a longer length is damage.
const MAX_LEN: usize = 256 << 20;

const CHANNEL: u8 = 1;
const TRANSACTION: u8 = 2;
const REWIND: u8 = 3;

/// What is durable before the L1 hears of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A channel, whole.
    Channel {
        /// Its place in the order of channels.
        seq: u64,
        /// The channel.
        channel: Channel,
    },
    /// What a nonce carries. It is never changed.
    Transaction(Transaction),
    /// No further frame of the channels from `from` on is planned: their blocks are encoded anew.
    Rewind {
        /// The first of them.
        from: u64,
    },
}

/// A transaction of the batcher: its nonce and what it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The nonce.
    pub nonce: u64,
    /// Blobs or calldata.
    pub kind: DaKind,
    /// The frames of each blob, or of the calldata. Payloads without frames fill a nonce that must not stay empty.
    pub payloads: Vec<Vec<Piece>>,
}

impl Transaction {
    /// Every frame, in order.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.payloads.iter().flatten()
    }

    /// Bytes of channels that it carries.
    pub fn bytes(&self) -> usize {
        self.pieces().map(|piece| piece.len).sum()
    }
}

impl Record {
    /// The framed record.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = vec![0; HEADER];
        match self {
            Self::Channel { seq, channel } => {
                out.push(CHANNEL);
                put(&mut out, *seq);
                put_channel(&mut out, channel);
            }
            Self::Transaction(transaction) => {
                out.push(TRANSACTION);
                put_transaction(&mut out, transaction);
            }
            Self::Rewind { from } => {
                out.push(REWIND);
                put(&mut out, *from);
            }
        }
        let crc = crc32fast::hash(&out[HEADER..]);
        let len = (out.len() - HEADER) as u32;
        out[..4].copy_from_slice(&len.to_le_bytes());
        out[4..HEADER].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// The record at the beginning of `bytes` and its size. `None` when there is no intact one.
    pub(super) fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let (len, rest) = bytes.split_first_chunk::<4>()?;
        let (crc, rest) = rest.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*len) as usize;
        if len > MAX_LEN {
            return None;
        }
        let body = rest.get(..len)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (kind, payload) = body.split_first()?;
        let mut reader = Reader(payload);
        let record = match *kind {
            CHANNEL => Self::Channel {
                seq: reader.u64()?,
                channel: reader.channel()?,
            },
            TRANSACTION => Self::Transaction(reader.transaction()?),
            REWIND => Self::Rewind {
                from: reader.u64()?,
            },
            _ => return None,
        };
        reader.0.is_empty().then_some((record, HEADER + len))
    }
}

fn put(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_block(out: &mut Vec<u8>, block: BlockRef) {
    put(out, block.number);
    out.extend_from_slice(block.hash.as_slice());
}

fn put_channel(out: &mut Vec<u8>, channel: &Channel) {
    out.extend_from_slice(&channel.id.0);
    put_block(out, channel.blocks.parent);
    put_block(out, channel.blocks.last);
    put(out, channel.transactions as u64);
    put(out, channel.raw_len as u64);
    put(out, channel.opened_at);
    out.push(match channel.reason {
        CloseReason::Size => 0,
        CloseReason::Duration => 1,
        CloseReason::Window => 2,
        CloseReason::Flush => 3,
    });
    out.extend_from_slice(&channel.data);
}

fn put_transaction(out: &mut Vec<u8>, transaction: &Transaction) {
    put(out, transaction.nonce);
    out.push(match transaction.kind {
        DaKind::Blobs => 0,
        DaKind::Calldata => 1,
    });
    for payload in &transaction.payloads {
        put(out, payload.len() as u64);
        for piece in payload {
            put(out, piece.channel);
            put(out, piece.frame.into());
            put(out, piece.start as u64);
            put(out, piece.len as u64);
            out.push(piece.is_last.into());
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn usize(&mut self) -> Option<usize> {
        self.u64()?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn block(&mut self) -> Option<BlockRef> {
        Some(BlockRef {
            number: self.u64()?,
            hash: B256::from(self.array()?),
        })
    }

    fn channel(&mut self) -> Option<Channel> {
        Some(Channel {
            id: ChannelId(self.array()?),
            blocks: BlockRange {
                parent: self.block()?,
                last: self.block()?,
            },
            transactions: self.usize()?,
            raw_len: self.usize()?,
            opened_at: self.u64()?,
            reason: match self.u8()? {
                0 => CloseReason::Size,
                1 => CloseReason::Duration,
                2 => CloseReason::Window,
                3 => CloseReason::Flush,
                _ => return None,
            },
            data: Bytes::copy_from_slice(std::mem::take(&mut self.0)),
        })
    }

    fn transaction(&mut self) -> Option<Transaction> {
        let nonce = self.u64()?;
        let kind = match self.u8()? {
            0 => DaKind::Blobs,
            1 => DaKind::Calldata,
            _ => return None,
        };
        let mut payloads = Vec::new();
        while !self.0.is_empty() {
            // Each piece is read before the next is believed, so that a count can not make us allocate.
            let pieces = (0..self.u64()?)
                .map(|_| self.piece())
                .collect::<Option<Vec<_>>>()?;
            payloads.push(pieces);
        }
        Some(Transaction {
            nonce,
            kind,
            payloads,
        })
    }

    fn piece(&mut self) -> Option<Piece> {
        Some(Piece {
            channel: self.u64()?,
            frame: self.u64()?.try_into().ok()?,
            start: self.usize()?,
            len: self.usize()?,
            is_last: match self.u8()? {
                0 => false,
                1 => true,
                _ => return None,
            },
        })
    }
}
