//! Channels: batches behind each other as RLP strings, compressed.

use crate::{Batch, BatchError, SpanContext, rlp};
use alloy_primitives::Bytes;
use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, enc::BrotliEncoderParams};
use flate2::{Compress, Decompress, FlushCompress, FlushDecompress, Status};
use std::io::Read;

/// Bytes of a channel after decompression that count; whatever comes behind them does not exist (Fjord).
pub const MAX_RLP_BYTES_PER_CHANNEL: usize = 100_000_000;

/// The byte in front of brotli's own stream. A zlib stream has none: its first byte can not be mistaken for this one.
const BROTLI: u8 = 1;

/// Decompressed bytes that are asked for at a time.
const CHUNK: usize = 64 * 1024;

/// Compressed bytes that the brotli decoder sees at a time. It hands out what it holds whenever it asks for more, so this
/// decides how much of a damaged stream is read before the damage; it is what op-node's decoder reads at a time.
const BROTLI_INPUT: usize = 32 * 1024;

/// How a channel is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1950.
    Zlib {
        /// 0 to 9; more is taken as 9.
        level: u32,
    },
    /// RFC 7932 behind the byte 0x01.
    Brotli {
        /// 0 to 11; more is taken as 11.
        quality: u32,
        /// Logarithm of the window, 10 to 24.
        window: u32,
    },
}

/// What a channel was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decompressed {
    /// What could be read. It counts whatever [`end`](Self::end) says: batches before a damage are valid.
    pub data: Bytes,
    /// Why there is no more.
    pub end: ChannelEnd,
}

/// Why a channel's bytes end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelEnd {
    /// The compressed stream ended as it should.
    Complete,
    /// [`MAX_RLP_BYTES_PER_CHANNEL`] bytes were read.
    Limit,
    /// The compressed stream is damaged or incomplete.
    Damaged,
    /// The first byte belongs to no compression, or there is none.
    UnknownCompression,
}

/// Compresses encoded batches to a channel's bytes, the compression's mark included.
pub fn compress(data: &[u8], with: Compression) -> Vec<u8> {
    match with {
        Compression::Zlib { level } => compress_zlib(data, level),
        Compression::Brotli { quality, window } => compress_brotli(data, quality, window),
    }
}

fn compress_zlib(data: &[u8], level: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 4 + 64);
    let mut encoder = Compress::new(flate2::Compression::new(level.min(9)), true);
    loop {
        let rest = data.get(encoder.total_in() as usize..).unwrap_or_default();
        out.reserve(CHUNK);
        // Writing to memory fails for want of room alone, and there is room.
        match encoder.compress_vec(rest, &mut out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) | Err(_) => return out,
            Ok(Status::Ok | Status::BufError) => {}
        }
    }
}

fn compress_brotli(data: &[u8], quality: u32, window: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 4 + 64);
    out.push(BROTLI);
    let params = BrotliEncoderParams {
        quality: quality.min(11) as i32,
        lgwin: window.clamp(10, 24) as i32,
        size_hint: data.len(),
        ..Default::default()
    };
    let mut encoder = brotli::CompressorReader::with_params(data, CHUNK, &params);
    // Neither reading from memory nor writing to it fails.
    let _ = encoder.read_to_end(&mut out);
    out
}

/// Decompresses a channel: the data of its frames behind each other.
///
/// Takes memory for what it returns and for the decoder's window (16 MiB at most), whatever the channel claims.
pub fn decompress(channel: &[u8]) -> Decompressed {
    decompress_up_to(channel, MAX_RLP_BYTES_PER_CHANNEL)
}

/// [`decompress`] with another limit, for tests that have no time for the real one.
fn decompress_up_to(channel: &[u8], limit: usize) -> Decompressed {
    let mut data = Vec::new();
    let end = match channel.split_first() {
        // The low half of zlib's first byte is its method: 8 is deflate, 15 is reserved and fails in the decoder.
        Some((first, _)) if matches!(first & 0x0f, 8 | 15) => {
            decompress_zlib(channel, limit, &mut data)
        }
        Some((&BROTLI, stream)) => decompress_brotli(stream, limit, &mut data),
        _ => ChannelEnd::UnknownCompression,
    };
    Decompressed {
        data: data.into(),
        end,
    }
}

fn decompress_zlib(mut input: &[u8], limit: usize, data: &mut Vec<u8>) -> ChannelEnd {
    let mut decoder = Decompress::new(true);
    loop {
        let start = data.len();
        let room = CHUNK.min(limit - start);
        if room == 0 {
            return ChannelEnd::Limit;
        }
        data.resize(start + room, 0);
        let (read, written) = (decoder.total_in(), decoder.total_out());
        let output = data.get_mut(start..).unwrap_or_default();
        let result = decoder.decompress(input, output, FlushDecompress::None);
        let read = (decoder.total_in() - read) as usize;
        let written = (decoder.total_out() - written) as usize;
        data.truncate(start + written);
        input = input.get(read..).unwrap_or_default();
        match result {
            Ok(Status::StreamEnd) => return ChannelEnd::Complete,
            Ok(Status::Ok) if read > 0 || written > 0 => {}
            // Nothing moves any more: the input ended before the stream did.
            Ok(Status::Ok | Status::BufError) | Err(_) => return ChannelEnd::Damaged,
        }
    }
}

fn decompress_brotli(stream: &[u8], limit: usize, data: &mut Vec<u8>) -> ChannelEnd {
    let alloc = StandardAlloc::default;
    // Strict: windows beyond RFC 7932 are refused, as op-node's decoder refuses them.
    let mut state = BrotliState::new_strict(alloc(), alloc(), alloc());
    let mut chunks = stream.chunks(BROTLI_INPUT);
    let mut input: &[u8] = &[];
    let mut total = 0;
    loop {
        let start = data.len();
        let room = CHUNK.min(limit - start);
        if room == 0 {
            return ChannelEnd::Limit;
        }
        data.resize(start + room, 0);
        let output = data.get_mut(start..).unwrap_or_default();
        let (mut available_in, mut read) = (input.len(), 0);
        let (mut available_out, mut written) = (room, 0);
        let result = BrotliDecompressStream(
            &mut available_in,
            &mut read,
            input,
            &mut available_out,
            &mut written,
            output,
            &mut total,
            &mut state,
        );
        data.truncate(start + written);
        input = input.get(read..).unwrap_or_default();
        match result {
            BrotliResult::ResultSuccess => return ChannelEnd::Complete,
            BrotliResult::ResultFailure => return ChannelEnd::Damaged,
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput => match chunks.next() {
                // The decoder keeps what it did not finish of the chunk before.
                Some(next) => input = next,
                None => return ChannelEnd::Damaged,
            },
        }
    }
}

/// The batches of a decompressed channel, one after the other.
///
/// Ends after the first error: whatever stands behind a bad batch is lost with it. A channel that was cut off in a batch
/// ends with an error as well.
#[derive(Debug, Clone)]
pub struct BatchReader {
    data: Bytes,
    position: usize,
    context: SpanContext,
}

impl BatchReader {
    /// Reads what [`decompress`] gave.
    pub fn new(decompressed: Bytes, context: SpanContext) -> Self {
        Self {
            data: decompressed,
            position: 0,
            context,
        }
    }
}

impl Iterator for BatchReader {
    type Item = Result<Batch, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.data.get(self.position..).filter(|d| !d.is_empty())?;
        let mut rest = start;
        let batch =
            rlp::string(&mut rest).and_then(|item| Batch::decode(item.payload, &self.context));
        self.position = match batch {
            Ok(_) => self.data.len() - rest.len(),
            Err(_) => self.data.len(),
        };
        Some(batch)
    }
}

impl std::iter::FusedIterator for BatchReader {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_beyond_the_limit_do_not_exist() {
        let content: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
        for with in [
            Compression::Zlib { level: 6 },
            Compression::Brotli {
                quality: 5,
                window: 22,
            },
        ] {
            let channel = compress(&content, with);
            for limit in [0, 1, 65_536, 100_000, 299_999] {
                let found = decompress_up_to(&channel, limit);
                assert_eq!(found.data, content[..limit], "{with:?}");
                assert_eq!(found.end, ChannelEnd::Limit, "{with:?}");
            }
            let found = decompress_up_to(&channel, 300_001);
            assert_eq!(found.data, content, "{with:?}");
            assert_eq!(found.end, ChannelEnd::Complete, "{with:?}");
        }
    }
}
