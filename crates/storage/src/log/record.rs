//! The records of the block log.

use super::{LogError, frame};
use crate::codec::{BytesReader, Malformed, put_bytes, put_varint};
use alloy_consensus::{Header, Sealable};
use alloy_primitives::{Address, B256, Bytes};
use alloy_rlp::Decodable;
use openledger_primitives::{BlockRef, SealedHeader, Tx};

/// Version of all payloads: the first byte of each.
const VERSION: u8 = 1;

const START: u8 = 1;
const GROUP: u8 = 2;
const SEAL: u8 = 3;
const RETRACT: u8 = 4;

/// The attributes of a block, written before its first transaction executes: with them a block that was interrupted
/// resumes as the same block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockStart {
    /// The block's number.
    pub number: u64,
    /// The block's timestamp, seconds since 1970.
    pub timestamp: u64,
    /// The L1 block that it derives from.
    pub l1_origin: BlockRef,
    /// Position among the blocks of the same origin.
    pub sequence_number: u64,
    /// Gas limit.
    pub gas_limit: u64,
    /// Base fee in wei.
    pub base_fee: u64,
    /// The header's extra data.
    pub extra_data: Bytes,
    /// The header's prevRandao.
    pub prev_randao: B256,
    /// The header's parent beacon block root, since Cancun.
    pub parent_beacon_root: Option<B256>,
    /// Who gets the priority fees.
    pub fee_recipient: Address,
    /// The transactions that the block must begin with: L1-info and deposits.
    pub forced: Vec<Tx>,
}

/// A record of the block log.
#[expect(
    clippy::large_enum_variant,
    reason = "few are in memory at once, and seals are as common as the others"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogRecord {
    /// A block begins.
    Start(BlockStart),
    /// Transactions were executed in the open block, behind those before.
    Group {
        /// The open block.
        number: u64,
        /// Position in the block of the first of them; the forced transactions count.
        first: u32,
        /// The transactions, at least one.
        transactions: Vec<Tx>,
    },
    /// The block is complete.
    Seal {
        /// Its number.
        number: u64,
        /// Its header.
        header: SealedHeader,
    },
    /// The L1 took back an origin: blocks from this one on are void.
    Retract {
        /// The lowest retracted block.
        number: u64,
        /// Why, for people.
        reason: String,
    },
}

/// What a record does to the state of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Start {
        number: u64,
        forced: usize,
    },
    Group {
        number: u64,
        first: u32,
        count: usize,
    },
    Seal {
        number: u64,
    },
    Retract {
        number: u64,
    },
}

impl LogRecord {
    /// The block that the record is about.
    pub fn number(&self) -> u64 {
        match self {
            Self::Start(start) => start.number,
            Self::Group { number, .. }
            | Self::Seal { number, .. }
            | Self::Retract { number, .. } => *number,
        }
    }

    pub(crate) fn step(&self) -> Step {
        match self {
            Self::Start(start) => Step::Start {
                number: start.number,
                forced: start.forced.len(),
            },
            Self::Group {
                number,
                first,
                transactions,
            } => Step::Group {
                number: *number,
                first: *first,
                count: transactions.len(),
            },
            Self::Seal { number, .. } => Step::Seal { number: *number },
            Self::Retract { number, .. } => Step::Retract { number: *number },
        }
    }

    /// Appends the framed record.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), LogError> {
        match self {
            Self::Start(start) => frame::write_frame(out, START, |out| write_start(start, out)),
            Self::Group {
                number,
                first,
                transactions,
            } => write_group(*number, *first, transactions, out),
            Self::Seal { number, header } => frame::write_frame(out, SEAL, |out| {
                out.push(VERSION);
                put_varint(out, *number);
                put_bytes(out, &alloy_rlp::encode(header.inner()));
            }),
            Self::Retract { number, reason } => frame::write_frame(out, RETRACT, |out| {
                out.push(VERSION);
                put_varint(out, *number);
                put_bytes(out, reason.as_bytes());
            }),
        }
    }

    /// Whether a frame may be a record, by its kind and the first byte of its payload.
    pub(crate) fn plausible(kind: u8, version: u8) -> bool {
        (START..=RETRACT).contains(&kind) && version == VERSION
    }

    pub(crate) fn decode(frame: frame::Frame<'_>) -> Result<Self, Malformed> {
        let mut reader = BytesReader::new(frame.payload);
        reader.version(VERSION)?;
        let record = match frame.kind {
            START => Self::Start(read_start(&mut reader)?),
            GROUP => {
                let number = reader.varint()?;
                let first = u32::try_from(reader.varint()?).map_err(|_| "index is too large")?;
                let transactions = read_transactions(&mut reader)?;
                Self::Group {
                    number,
                    first,
                    transactions,
                }
            }
            SEAL => {
                let number = reader.varint()?;
                let mut rlp = reader.bytes()?;
                let header = Header::decode(&mut rlp)
                    .map_err(|error| Malformed(format!("header: {error}")))?;
                if !rlp.is_empty() {
                    return Err("bytes follow the header".into());
                }
                if header.number != number {
                    return Err(Malformed(format!(
                        "block {number} has header {}",
                        header.number
                    )));
                }
                Self::Seal {
                    number,
                    header: header.seal_slow(),
                }
            }
            RETRACT => {
                let number = reader.varint()?;
                let reason = String::from_utf8(reader.bytes()?.to_vec())
                    .map_err(|_| "reason is not UTF-8")?;
                Self::Retract { number, reason }
            }
            kind => return Err(Malformed(format!("unknown kind {kind}"))),
        };
        reader.end()?;
        Ok(record)
    }
}

pub(crate) fn write_group(
    number: u64,
    first: u32,
    transactions: &[Tx],
    out: &mut Vec<u8>,
) -> Result<(), LogError> {
    frame::write_frame(out, GROUP, |out| {
        out.push(VERSION);
        put_varint(out, number);
        put_varint(out, first.into());
        write_transactions(transactions, out);
    })
}

fn write_start(start: &BlockStart, out: &mut Vec<u8>) {
    out.push(VERSION);
    for number in [
        start.number,
        start.timestamp,
        start.l1_origin.number,
        start.sequence_number,
        start.gas_limit,
        start.base_fee,
    ] {
        put_varint(out, number);
    }
    out.extend_from_slice(start.l1_origin.hash.as_slice());
    out.extend_from_slice(start.prev_randao.as_slice());
    out.extend_from_slice(start.fee_recipient.as_slice());
    out.push(u8::from(start.parent_beacon_root.is_some()));
    start
        .parent_beacon_root
        .iter()
        .for_each(|root| out.extend_from_slice(root.as_slice()));
    put_bytes(out, &start.extra_data);
    write_transactions(&start.forced, out);
}

fn read_start(reader: &mut BytesReader<'_>) -> Result<BlockStart, Malformed> {
    let number = reader.varint()?;
    let timestamp = reader.varint()?;
    let origin_number = reader.varint()?;
    let sequence_number = reader.varint()?;
    let gas_limit = reader.varint()?;
    let base_fee = reader.varint()?;
    let l1_origin = BlockRef {
        number: origin_number,
        hash: reader.b256()?,
    };
    let prev_randao = reader.b256()?;
    let fee_recipient = reader.address()?;
    let parent_beacon_root = match reader.u8()? {
        0 => None,
        1 => Some(reader.b256()?),
        _ => return Err("unknown flag".into()),
    };
    let extra_data = Bytes::copy_from_slice(reader.bytes()?);
    let forced = read_transactions(reader)?;
    Ok(BlockStart {
        number,
        timestamp,
        l1_origin,
        sequence_number,
        gas_limit,
        base_fee,
        extra_data,
        prev_randao,
        parent_beacon_root,
        fee_recipient,
        forced,
    })
}

fn write_transactions(transactions: &[Tx], out: &mut Vec<u8>) {
    put_varint(out, transactions.len() as u64);
    for tx in transactions {
        out.extend_from_slice(tx.signer().as_slice());
        put_bytes(out, tx.encoded());
    }
}

fn read_transactions(reader: &mut BytesReader<'_>) -> Result<Vec<Tx>, Malformed> {
    let count = reader.count(21)?;
    let mut transactions = Vec::with_capacity(count);
    for index in 0..count {
        let signer = reader.address()?;
        let tx = Tx::decode_with_signer(reader.bytes()?, signer);
        transactions.push(tx.map_err(|error| Malformed(format!("transaction {index}: {error}")))?);
    }
    Ok(transactions)
}
