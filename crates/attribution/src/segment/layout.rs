//! What stands where in a segment's file.
//!
//! ```text
//! header      128 bytes
//!   0  magic            8 bytes
//!   8  format version   u32
//!  12  zero             u32
//!  16  documents        u64
//!  24  words            u64, of all documents, with repetitions
//!  32  vocabulary       u64, distinct words
//!  40  checksums        9 of u32, CRC-32 of each section in the order below
//!  76  zero             48 bytes
//! 124  checksum         u32, CRC-32 of the 124 bytes before
//! vocabulary  16 bytes for each distinct word, ascending; the n-th is token n + 1
//! seqs        u64 for each document, ascending
//! roots       u64 for each document: the sequence of its cluster's root
//! starts      u32 for each document: where its first word stands in the text
//! buckets     u32 for each token and one more: how many suffixes begin with a token up to it
//! text        u32 for each word, its token, and a 0 after each document
//! suffixes    u32 for each word: the positions of all words, in the order of what follows from there on
//! minima      u32 for each 64 suffixes: the lowest position among them; then for each 64 of these; until at most 64 are left
//! filter      64 bytes for each 64 words, rounded up: which phrases of four words the text may hold (`filter.rs`)
//! ```
//!
//! Numbers are little-endian. The file holds no offsets: the three counts give every section's place, and the file has exactly
//! the length that they ask for. So nothing can point out of it but the positions in `starts`, `buckets`, `suffixes` and `minima`,
//! which are checked when they are used.

use super::filter::{self, FILTER_BLOCK};
use std::ops::Range;

pub(super) const MAGIC: [u8; 8] = *b"OLSEGMNT";

/// The version of the format that this code reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// Bytes of the header.
pub(super) const HEADER: usize = 128;

/// Of the text: words, and one separator for each document. The suffix array is sorted with 32-bit signed numbers.
pub const MAX_TOKENS: u64 = i32::MAX as u64;

/// Entries that one minimum stands for.
pub(super) const BLOCK: usize = 64;

/// The parts of the file after the header, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Vocabulary,
    Seqs,
    Roots,
    Starts,
    Buckets,
    Text,
    Suffixes,
    Minima,
    Filter,
}

pub(super) const SECTION_COUNT: usize = 9;

pub(super) const SECTIONS: [Section; SECTION_COUNT] = [
    Section::Vocabulary,
    Section::Seqs,
    Section::Roots,
    Section::Starts,
    Section::Buckets,
    Section::Text,
    Section::Suffixes,
    Section::Minima,
    Section::Filter,
];

/// What a header says. All sizes follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) documents: u64,
    pub(super) words: u64,
    pub(super) vocabulary: u64,
}

impl Counts {
    /// Whether a segment can have them. When it can, no size below overflows.
    pub(super) fn are_possible(&self) -> bool {
        self.documents <= MAX_TOKENS
            && self.words <= MAX_TOKENS - self.documents
            && self.vocabulary <= self.words
    }

    fn bytes(&self, section: Section) -> u64 {
        match section {
            Section::Vocabulary => 16 * self.vocabulary,
            Section::Seqs | Section::Roots => 8 * self.documents,
            Section::Starts => 4 * self.documents,
            Section::Buckets => 4 * (self.vocabulary + 1),
            Section::Text => 4 * (self.words + self.documents),
            Section::Suffixes => 4 * self.words,
            Section::Minima => 4 * level_sizes(self.words as usize).sum::<usize>() as u64,
            Section::Filter => FILTER_BLOCK as u64 * filter::blocks(self.words),
        }
    }

    /// Bytes of the whole file.
    pub(super) fn file_length(&self) -> u64 {
        let sections: u64 = SECTIONS.iter().map(|section| self.bytes(*section)).sum();
        HEADER as u64 + sections
    }

    /// Where the sections stand, each in its place of [`SECTIONS`]. Only for a file that is in memory, so that it fits `usize`.
    pub(super) fn ranges(&self) -> [Range<usize>; SECTION_COUNT] {
        let mut at = HEADER;
        SECTIONS.map(|section| {
            let start = at;
            at += self.bytes(section) as usize;
            start..at
        })
    }
}

/// How many minima each level above `entries` suffixes has.
pub(super) fn level_sizes(entries: usize) -> impl Iterator<Item = usize> {
    let above = |below: &usize| (*below > BLOCK).then(|| below.div_ceil(BLOCK));
    std::iter::successors(above(&entries), above)
}

/// The header's content: the counts, and the checksum of each section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) counts: Counts,
    pub(super) checksums: [u32; SECTION_COUNT],
}

/// Why bytes are not a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadHeader {
    Magic,
    Version(u32),
    Short,
    Checksum,
    Counts,
}

impl Header {
    pub(super) fn encode(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.counts.documents.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.counts.words.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.counts.vocabulary.to_le_bytes());
        for (place, checksum) in bytes[40..76]
            .as_chunks_mut()
            .0
            .iter_mut()
            .zip(self.checksums)
        {
            *place = checksum.to_le_bytes();
        }
        let checksum = crc32fast::hash(&bytes[..124]);
        bytes[124..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Says first whether it is a segment at all, then whether it is of this version, then whether it is undamaged.
    pub(super) fn decode(file: &[u8]) -> Result<Self, BadHeader> {
        if !file.starts_with(&MAGIC) {
            return Err(BadHeader::Magic);
        }
        let header = file.first_chunk::<HEADER>().ok_or(BadHeader::Short)?;
        let (numbers, _) = header.as_chunks::<4>();
        let number = |at: usize| u32::from_le_bytes(numbers[at / 4]);
        let long = |at: usize| u64::from(number(at)) | u64::from(number(at + 4)) << 32;
        if number(8) != FORMAT_VERSION {
            return Err(BadHeader::Version(number(8)));
        }
        if number(124) != crc32fast::hash(&header[..124]) {
            return Err(BadHeader::Checksum);
        }
        let counts = Counts {
            documents: long(16),
            words: long(24),
            vocabulary: long(32),
        };
        if !counts.are_possible() {
            return Err(BadHeader::Counts);
        }
        let checksums = std::array::from_fn(|section| number(40 + 4 * section));
        Ok(Self { counts, checksums })
    }
}
