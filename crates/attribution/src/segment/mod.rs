//! One Datanet version, searchable: an immutable file that is mapped, never loaded.
//!
//! - A segment holds its documents' words in the order of their sequences, the suffix array over them, and what a search needs to be
//!   bounded. `layout.rs` has the format byte by byte.
//! - [`SegmentBuilder`] makes one. The same documents give the same file, on every machine.
//! - [`Segment::open`] reads the header alone, however large the file is. No content of a file can make a search panic, loop or read
//!   elsewhere; damaged content gives a wrong answer or none. [`Segment::verify`] reads everything and finds damage. Neither finds
//!   malice: whoever does not trust the source of a file builds it anew from the published documents and compares.
//! - One kind of damage can not be told: a file that another program shortens while it is mapped makes the operating system end the
//!   process.

mod build;
mod filter;
mod layout;
mod map;
mod minima;
mod search;
mod words;

pub use build::{BuildError, Built, Document, MAX_DOCUMENT_WORDS, Progress, SegmentBuilder};
pub use layout::{FORMAT_VERSION, MAX_TOKENS, Section};

pub(crate) use filter::{FILTER_WORDS, Filter};
pub(crate) use search::{Index, Longest};

use crate::WordId;
use layout::{BadHeader, Counts, Header, SECTION_COUNT, SECTIONS};
use map::Data;
use minima::Minima;
use std::{
    fs::File,
    io,
    ops::Range,
    path::{Path, PathBuf},
};
use words::{U32s, U64s};

/// Steps of a search for a word that guess its place, before it is halved. Ids are hashes, so the second or third guess is close.
const GUESSES: u32 = 6;

/// Why a file is not a segment that can be used.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// Look at the path and its permissions.
    #[error("{} could not be opened", .path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Another kind of file: look at the path.
    #[error("it is not a segment")]
    NotASegment,
    /// Written by another version of this program: build it again from its documents.
    #[error("its format is version {0}, and {FORMAT_VERSION} is read")]
    OtherVersion(u32),
    /// It is cut off, or something was added. Build it again, or copy it again.
    #[error("it has {found} bytes instead of {expected}")]
    Length { expected: u64, found: u64 },
    /// As [`Self::Length`].
    #[error("its header is damaged")]
    Header,
    /// As [`Self::Length`]. Found by [`Segment::verify`] alone.
    #[error("its {0:?} section is damaged")]
    Damaged(Section),
}

/// An open segment. Cheap to search from many threads at once.
#[derive(Debug)]
pub struct Segment {
    data: Data,
    counts: Counts,
    checksums: [u32; SECTION_COUNT],
    sections: [Range<usize>; SECTION_COUNT],
}

/// Where in a segment's documents a position of its text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) seq: u64,
    pub(crate) root_seq: u64,
    pub(crate) offset: u32,
}

impl Segment {
    /// Maps a file and checks its header and length, not its content.
    ///
    /// # Errors
    /// When it can not be read, is no segment, is of another version, or is damaged in what is checked.
    pub fn open(path: &Path) -> Result<Self, SegmentError> {
        let data = File::open(path).and_then(|file| Data::map(&file));
        let data = data.map_err(|source| SegmentError::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(data)
    }

    /// As [`Self::open`], of bytes in memory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SegmentError> {
        Self::parse(Data::Owned(bytes))
    }

    fn parse(data: Data) -> Result<Self, SegmentError> {
        let found = data.len() as u64;
        let header = Header::decode(&data).map_err(|bad| match bad {
            BadHeader::Magic => SegmentError::NotASegment,
            BadHeader::Version(version) => SegmentError::OtherVersion(version),
            BadHeader::Short => SegmentError::Length {
                expected: layout::HEADER as u64,
                found,
            },
            BadHeader::Checksum | BadHeader::Counts => SegmentError::Header,
        })?;
        let Header { counts, checksums } = header;
        let expected = counts.file_length();
        if found != expected {
            return Err(SegmentError::Length { expected, found });
        }
        let sections = counts.ranges();
        Ok(Self {
            data,
            counts,
            checksums,
            sections,
        })
    }

    /// Reads the whole file and compares it with its checksums.
    ///
    /// # Errors
    /// Names the first section that is damaged.
    pub fn verify(&self) -> Result<(), SegmentError> {
        for (section, checksum) in SECTIONS.into_iter().zip(self.checksums) {
            if crc32fast::hash(self.section(section)) != checksum {
                return Err(SegmentError::Damaged(section));
            }
        }
        Ok(())
    }

    pub fn documents(&self) -> u64 {
        self.counts.documents
    }

    /// Of all documents, with repetitions.
    pub fn words(&self) -> u64 {
        self.counts.words
    }

    /// Distinct words.
    pub fn vocabulary(&self) -> u64 {
        self.counts.vocabulary
    }

    /// The sequences of the first document and the last.
    pub fn seqs(&self) -> Option<(u64, u64)> {
        let seqs = self.seq_array();
        Some((seqs.get(0)?, seqs.get(seqs.len() - 1)?))
    }

    /// The sequences of all documents, ascending.
    pub fn all_seqs(&self) -> impl Iterator<Item = u64> {
        let seqs = self.seq_array();
        (0..seqs.len()).filter_map(move |document| seqs.get(document))
    }

    /// The words of a document and the sequence of its root, `None` when the segment does not hold it.
    pub fn document(&self, seq: u64) -> Option<(u64, Vec<WordId>)> {
        let document = self.seq_array().find(seq)?;
        let starts = self.u32s(Section::Starts);
        let start = starts.get(document)? as usize;
        let text = self.u32s(Section::Text);
        let end = match starts.get(document + 1) {
            Some(next) => next as usize,
            None => text.len(),
        };
        let tokens = text.part(start..end.checked_sub(1)?).iter();
        let words = tokens
            .map(|token| self.word(token))
            .collect::<Option<_>>()?;
        Some((self.root_array().get(document)?, words))
    }

    pub(crate) fn index(&self) -> Index<'_> {
        let minima = Minima {
            suffixes: self.u32s(Section::Suffixes),
            minima: self.u32s(Section::Minima),
        };
        Index {
            text: self.u32s(Section::Text),
            buckets: self.u32s(Section::Buckets),
            minima,
        }
    }

    pub(crate) fn filter(&self) -> Filter<'_> {
        Filter(self.section(Section::Filter).as_chunks().0)
    }

    /// The token of a word, `None` when no document has it.
    pub(crate) fn token(&self, word: WordId) -> Option<u32> {
        let vocabulary = self.section(Section::Vocabulary).as_chunks::<16>().0;
        let leading = |id: &[u8; 16]| u64::from_be_bytes(*id.first_chunk().expect("16 bytes"));
        let wanted = leading(&word.0);
        let (mut start, mut end) = (0, vocabulary.len());
        let (mut low, mut high) = (0, u64::MAX);
        let mut guesses = GUESSES;
        while start < end {
            let guess = if guesses > 0 && low <= wanted && wanted <= high {
                guesses -= 1;
                // 64 bits suffice for a guess, and a division of 128 costs as much as the read.
                let step = ((high - low) / (end - start) as u64).saturating_add(1);
                start + ((wanted - low) / step) as usize
            } else {
                start + (end - start) / 2
            };
            let middle = guess.min(end - 1);
            let found = &vocabulary[middle];
            match found.cmp(&word.0) {
                std::cmp::Ordering::Less => (start, low) = (middle + 1, leading(found)),
                std::cmp::Ordering::Greater => (end, high) = (middle, leading(found)),
                std::cmp::Ordering::Equal => return u32::try_from(middle + 1).ok(),
            }
        }
        None
    }

    /// The word of a token.
    pub(crate) fn word(&self, token: u32) -> Option<WordId> {
        let vocabulary = self.section(Section::Vocabulary).as_chunks::<16>().0;
        let id = vocabulary.get((token as usize).checked_sub(1)?)?;
        Some(WordId(*id))
    }

    /// The document that a position of the text is in.
    pub(crate) fn place(&self, position: u32) -> Option<Place> {
        let starts = self.u32s(Section::Starts);
        let document = starts.count_up_to(position).checked_sub(1)?;
        Some(Place {
            seq: self.seq_array().get(document)?,
            root_seq: self.root_array().get(document)?,
            offset: position.checked_sub(starts.get(document)?)?,
        })
    }

    fn seq_array(&self) -> U64s<'_> {
        U64s::new(self.section(Section::Seqs))
    }

    fn root_array(&self) -> U64s<'_> {
        U64s::new(self.section(Section::Roots))
    }

    fn u32s(&self, section: Section) -> U32s<'_> {
        U32s::new(self.section(section))
    }

    fn section(&self, section: Section) -> &[u8] {
        &self.data[self.sections[section as usize].clone()]
    }
}
