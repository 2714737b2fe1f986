//! From documents to a segment.

use super::{
    Segment,
    filter::{self, FILTER_BLOCK},
    layout::{Counts, HEADER, Header, MAX_TOKENS, SECTIONS},
    map::Data,
    minima,
};
use crate::WordId;
use alloy_primitives::map::HashMap;
use libsais::{LibsaisError, SuffixArrayConstruction};
use std::{
    fs::{File, Permissions},
    io::{self, BufWriter, Cursor, Seek, SeekFrom, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Words that one document may have. A longer contribution is several documents, its parts.
pub const MAX_DOCUMENT_WORDS: usize = crate::leaf::MAX_DOCUMENT_LEN as usize;

/// Numbers that are turned into bytes at once, so that a build holds no second copy of a section.
const CHUNK: usize = 16 * 1024;

/// One document of a Datanet version.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The sequence of the contribution.
    pub seq: u64,
    /// The sequence of its cluster's root: its own when it is original, an earlier one otherwise.
    pub root_seq: u64,
    /// At most [`MAX_DOCUMENT_WORDS`].
    pub words: &'a [WordId],
}

/// Why a segment was not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The document is too long. Cut it into parts.
    #[error("document {seq} has {words} words, more than {MAX_DOCUMENT_WORDS}")]
    DocumentTooLong { seq: u64, words: usize },
    /// The documents are not in the order of their sequences, or one stands twice. Sort them first.
    #[error("document {seq} comes after document {previous}")]
    Order { previous: u64, seq: u64 },
    /// The record is wrong: a cluster's root is its earliest contribution.
    #[error("document {seq} names a later one as its root, {root_seq}")]
    RootAfterDocument { seq: u64, root_seq: u64 },
    /// Make several segments of the documents: every answer is the same.
    #[error("document {seq} would bring the segment over {MAX_TOKENS} words and documents")]
    Full { seq: u64 },
    /// The suffix array was not made, for want of memory unless there is a fault in the library.
    #[error("the suffixes could not be sorted: {0}")]
    Sort(#[from] LibsaisError),
    /// Nothing stands under the segment's name that did not before.
    #[error("{} could not be written", .path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// How far a build is. The sorting is the longest step and can not say more than that it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The suffixes of so many words and documents are being sorted.
    Sorting { tokens: u64 },
    /// So many of the file's bytes are written.
    Writing { bytes: u64, of: u64 },
    /// The file is being made durable.
    Syncing,
}

/// What was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    pub documents: u64,
    /// Of all documents, with repetitions.
    pub words: u64,
    /// Distinct words.
    pub vocabulary: u64,
    /// Of the file.
    pub bytes: u64,
}

/// Collects documents in memory and makes a segment of them.
///
/// The file depends on the documents alone: the same ones give the same bytes, on every machine. A build needs 8 bytes for each
/// word and some 60 for each distinct one. It uses one thread; to use more, build several segments at once.
#[derive(Debug, Default)]
pub struct SegmentBuilder {
    /// In the order of their first appearance, until the end.
    numbers: HashMap<WordId, u32>,
    ids: Vec<WordId>,
    /// Numbers of words counted from 1, and a 0 after each document.
    text: Vec<i32>,
    starts: Vec<u32>,
    seqs: Vec<u64>,
    roots: Vec<u64>,
}

impl SegmentBuilder {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next document. After an error the builder is as it was before.
    ///
    /// # Errors
    /// When the document is too long, does not come after the one before, names a later root, or does not fit any more.
    pub fn push(&mut self, document: Document<'_>) -> Result<(), BuildError> {
        let Document {
            seq,
            root_seq,
            words,
        } = document;
        if words.len() > MAX_DOCUMENT_WORDS {
            let words = words.len();
            return Err(BuildError::DocumentTooLong { seq, words });
        }
        if let Some(previous) = self.seqs.last().copied().filter(|last| *last >= seq) {
            return Err(BuildError::Order { previous, seq });
        }
        if root_seq > seq {
            return Err(BuildError::RootAfterDocument { seq, root_seq });
        }
        self.push_unlimited(document)
    }

    /// As [`Self::push`] for a text that is no contribution, of any length.
    pub(crate) fn push_unlimited(&mut self, document: Document<'_>) -> Result<(), BuildError> {
        let Document {
            seq,
            root_seq,
            words,
        } = document;
        if !has_room(self.text.len(), words.len()) {
            return Err(BuildError::Full { seq });
        }
        self.starts.push(self.text.len() as u32);
        self.seqs.push(seq);
        self.roots.push(root_seq);
        for word in words {
            let next = self.ids.len() as u32 + 1;
            let number = *self.numbers.entry(*word).or_insert(next);
            if number == next {
                self.ids.push(*word);
            }
            self.text.push(number as i32);
        }
        self.text.push(0);
        Ok(())
    }

    /// Writes the segment to `path`: whole and durable, or not at all. A file of that name is replaced, and whoever has it open keeps it.
    ///
    /// # Errors
    /// When the suffixes could not be sorted or the file not be written.
    pub fn write(
        self,
        path: &Path,
        mut progress: impl FnMut(Progress),
    ) -> Result<Built, BuildError> {
        let parts = self.sort(&mut progress)?;
        let failed = |source| BuildError::Io {
            path: path.to_owned(),
            source,
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut replace = || -> io::Result<()> {
            // Read by whoever may: it holds nothing but what was published.
            let readable = Permissions::from_mode(0o644);
            let mut file = tempfile::Builder::new()
                .permissions(readable)
                .tempfile_in(folder)?;
            let mut out = BufWriter::new(file.as_file_mut());
            parts.write(&mut out, &mut progress)?;
            out.into_inner().map_err(io::IntoInnerError::into_error)?;
            progress(Progress::Syncing);
            file.as_file().sync_all()?;
            file.persist(path).map_err(|failed| failed.error)?;
            // The name as well: until then a crash may bring the old file back.
            File::open(folder)?.sync_all()
        };
        replace().map_err(failed)?;
        Ok(parts.built())
    }

    /// As [`Self::write`], in memory.
    ///
    /// # Errors
    /// When the suffixes could not be sorted.
    pub fn into_segment(self) -> Result<Segment, BuildError> {
        let bytes = self.into_bytes()?;
        Ok(Segment::parse(Data::Owned(bytes)).expect("what was just built is a segment"))
    }

    /// The bytes that [`Self::write`] would write.
    ///
    /// # Errors
    /// When the suffixes could not be sorted.
    pub fn into_bytes(self) -> Result<Vec<u8>, BuildError> {
        let parts = self.sort(&mut |_| ())?;
        let mut out = Cursor::new(Vec::with_capacity(parts.counts.file_length() as usize));
        parts
            .write(&mut out, &mut |_| ())
            .expect("memory takes what is written to it");
        Ok(out.into_inner())
    }

    fn sort(self, progress: &mut dyn FnMut(Progress)) -> Result<Parts, BuildError> {
        let Self {
            numbers,
            ids,
            mut text,
            starts,
            seqs,
            roots,
        } = self;
        drop(numbers);
        let counts = Counts {
            documents: seqs.len() as u64,
            words: (text.len() - seqs.len()) as u64,
            vocabulary: ids.len() as u64,
        };
        progress(Progress::Sorting {
            tokens: text.len() as u64,
        });
        // From the order of appearance to the order of the ids: tokens compare as the words do.
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        order.sort_unstable_by_key(|number| ids[*number as usize]);
        let vocabulary: Vec<WordId> = order.iter().map(|number| ids[*number as usize]).collect();
        drop(ids);
        let mut tokens = vec![0; order.len() + 1];
        for (token, number) in (1..).zip(order) {
            tokens[number as usize + 1] = token;
        }
        let mut buckets = vec![0_u32; tokens.len()];
        for number in &mut text {
            *number = tokens[*number as usize];
            buckets[*number as usize] += 1;
        }
        // Separators begin no phrase, so they are in no bucket.
        buckets[0] = 0;
        let mut total = 0;
        for bucket in &mut buckets {
            total += *bucket;
            *bucket = total;
        }
        let mut suffixes = Vec::new();
        if !text.is_empty() {
            let sorting = SuffixArrayConstruction::for_text_mut(&mut text).in_owned_buffer32();
            suffixes = sorting.single_threaded().run()?.into_vec();
        }
        // Suffixes that begin with a separator come first, and no phrase begins with one.
        let separators = seqs.len();
        let minima = minima::build(&suffixes[separators..]);
        let filter = filter::build(&text, counts.words);
        Ok(Parts {
            counts,
            vocabulary,
            seqs,
            roots,
            starts,
            buckets,
            text,
            suffixes,
            minima,
            filter,
        })
    }
}

/// Whether a document of so many words, and its separator, fits after a text of so many tokens.
fn has_room(tokens: usize, words: usize) -> bool {
    let tokens = (tokens as u64).saturating_add(words as u64);
    tokens < MAX_TOKENS
}

/// A segment's content before it is written.
struct Parts {
    counts: Counts,
    vocabulary: Vec<WordId>,
    seqs: Vec<u64>,
    roots: Vec<u64>,
    starts: Vec<u32>,
    buckets: Vec<u32>,
    text: Vec<i32>,
    /// With those of the separators, as many as there are documents, which are not written.
    suffixes: Vec<i32>,
    minima: Vec<u32>,
    filter: Vec<[u8; FILTER_BLOCK]>,
}

impl Parts {
    fn built(&self) -> Built {
        let Counts {
            documents,
            words,
            vocabulary,
        } = self.counts;
        let bytes = self.counts.file_length();
        Built {
            documents,
            words,
            vocabulary,
            bytes,
        }
    }

    /// The header comes last, since it holds the checksums of what follows it.
    fn write(
        &self,
        out: &mut (impl Write + Seek),
        progress: &mut dyn FnMut(Progress),
    ) -> io::Result<()> {
        out.write_all(&[0; HEADER])?;
        let of = self.counts.file_length();
        let mut sections = Sections {
            out,
            progress,
            written: HEADER as u64,
            of,
        };
        let suffixes = &self.suffixes[self.seqs.len()..];
        let checksums = [
            sections.write(&self.vocabulary, |word| word.0)?,
            sections.write(&self.seqs, |seq| seq.to_le_bytes())?,
            sections.write(&self.roots, |seq| seq.to_le_bytes())?,
            sections.write(&self.starts, |start| start.to_le_bytes())?,
            sections.write(&self.buckets, |bound| bound.to_le_bytes())?,
            sections.write(&self.text, |token| token.to_le_bytes())?,
            sections.write(suffixes, |position| position.to_le_bytes())?,
            sections.write(&self.minima, |position| position.to_le_bytes())?,
            sections.write(&self.filter, |block| block)?,
        ];
        debug_assert_eq!(checksums.len(), SECTIONS.len());
        debug_assert_eq!(sections.written, of);
        let counts = self.counts;
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&Header { counts, checksums }.encode())?;
        out.flush()
    }
}

struct Sections<'a, W> {
    out: &'a mut W,
    progress: &'a mut dyn FnMut(Progress),
    written: u64,
    of: u64,
}

impl<W: Write> Sections<'_, W> {
    /// Gives the section's checksum.
    fn write<T: Copy, const N: usize>(
        &mut self,
        values: &[T],
        encode: impl Fn(T) -> [u8; N],
    ) -> io::Result<u32> {
        let mut checksum = crc32fast::Hasher::new();
        let mut bytes = Vec::with_capacity(N * CHUNK.min(values.len()));
        for chunk in values.chunks(CHUNK) {
            bytes.clear();
            bytes.extend(chunk.iter().flat_map(|value| encode(*value)));
            checksum.update(&bytes);
            self.out.write_all(&bytes)?;
            self.written += bytes.len() as u64;
            (self.progress)(Progress::Writing {
                bytes: self.written,
                of: self.of,
            });
        }
        Ok(checksum.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_room_up_to_what_31_bits_can_sort() {
        let most = MAX_TOKENS as usize;
        assert!(has_room(most - 513, 512));
        assert!(!has_room(most - 512, 512));
        assert!(has_room(0, most - 1));
        assert!(!has_room(usize::MAX, usize::MAX));
    }
}
