//! Building, writing and opening segments.

use crate::oracle::{Owned, builder, case, word, words};
use openledger_attribution::{
    Corpus, Document, Segment, SegmentBuilder, WordId,
    segment::{BuildError, Progress, SegmentError},
};
use proptest::prelude::*;
use std::{fs, path::Path, sync::Arc};

fn documents() -> Vec<Owned> {
    let document = |seq, root_seq, numbers: &[usize]| Owned {
        seq,
        root_seq,
        words: words(numbers),
    };
    vec![
        document(1 << 32, 1 << 32, &[5, 3, 5, 3, 9]),
        document(1 << 32 | 1, 1 << 32, &[]),
        document(7 << 32, 7 << 32, &[3, 5, 3, 1]),
    ]
}

/// The format is what nodes exchange: a change here is a change of the version.
#[test]
fn the_file_is_pinned() {
    let bytes = builder(&documents()).into_bytes().expect("bytes");
    assert_eq!(
        bytes.len(),
        128 + 4 * 16 + 3 * 20 + 5 * 4 + 12 * 4 + 9 * 4 + 64
    );
    assert_eq!(crc32fast::hash(&bytes), 2_229_803_177);
}

/// The documented layout, read by another reader.
#[test]
fn the_file_is_as_the_layout_says() {
    let documents = documents();
    let bytes = builder(&documents).into_bytes().expect("bytes");
    let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
    let short = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
    assert_eq!((&bytes[..8], short(8)), (&b"OLSEGMNT"[..], 1));
    assert_eq!([long(16), long(24), long(32)], [3, 9, 4]);
    let mut vocabulary = [word(1), word(3), word(5), word(9)];
    vocabulary.sort();
    let ids: Vec<&[u8]> = bytes[128..192].chunks(16).collect();
    assert_eq!(
        ids,
        vocabulary
            .iter()
            .map(|word| &word.0[..])
            .collect::<Vec<_>>()
    );
    assert_eq!(
        [long(192), long(200), long(208)],
        [1 << 32, 1 << 32 | 1, 7 << 32]
    );
    assert_eq!(
        [long(216), long(224), long(232)],
        [1 << 32, 1 << 32, 7 << 32]
    );
    assert_eq!([short(240), short(244), short(248)], [0, 6, 7]);
    let token = |number| {
        vocabulary
            .iter()
            .position(|other| *other == word(number))
            .expect("a word") as u32
            + 1
    };
    let text = [5, 3, 5, 3, 9, 0, 0, 3, 5, 3, 1, 0].map(|n| if n == 0 { 0 } else { token(n) });
    let buckets: Vec<u32> = (0..5)
        .map(|n| text.iter().filter(|token| (1..=n).contains(*token)).count() as u32)
        .collect();
    assert_eq!(
        (0..5).map(|n| short(252 + 4 * n)).collect::<Vec<_>>(),
        buckets
    );
    assert_eq!(
        (0..12).map(|n| short(272 + 4 * n)).collect::<Vec<_>>(),
        text
    );
    let mut suffixes: Vec<u32> = (0..12).filter(|n| text[*n as usize] != 0).collect();
    suffixes.sort_by_key(|n| &text[*n as usize..]);
    assert_eq!(
        (0..9).map(|n| short(320 + 4 * n)).collect::<Vec<_>>(),
        suffixes
    );
}

proptest! {
    #[test]
    fn the_same_documents_give_the_same_file((documents, ..) in case()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("segment");
        let bytes = builder(&documents).into_bytes().expect("bytes");
        // On other threads at the same time as well.
        let again = std::thread::scope(|scope| {
            let builds: Vec<_> = (0..2).map(|_| scope.spawn(|| builder(&documents).into_bytes().expect("bytes"))).collect();
            builds.into_iter().map(|build| build.join().expect("a build")).collect::<Vec<_>>()
        });
        prop_assert!(again.iter().all(|other| *other == bytes));
        let built = builder(&documents).write(&path, |_| ()).expect("a file");
        prop_assert_eq!(built.bytes, bytes.len() as u64);
        prop_assert_eq!(built.documents, documents.len() as u64);
        prop_assert_eq!(fs::read(&path).expect("the file"), bytes);
        let segment = Segment::open(&path).expect("a segment");
        prop_assert!(segment.verify().is_ok());
        prop_assert_eq!(segment.documents(), built.documents);
        prop_assert_eq!(segment.words(), built.words);
        prop_assert_eq!(segment.vocabulary(), built.vocabulary);
    }
}

#[test]
fn a_document_out_of_order_or_too_long_is_refused_and_changes_nothing() {
    let long = vec![word(1); 513];
    let push = |builder: &mut SegmentBuilder, seq, root_seq, words: usize| {
        let words = &long[..words];
        builder.push(Document {
            seq,
            root_seq,
            words,
        })
    };
    let mut builder = SegmentBuilder::new();
    push(&mut builder, 5, 5, 512).expect("the longest document");
    let refused = push(&mut builder, 6, 6, 513);
    assert!(matches!(
        refused,
        Err(BuildError::DocumentTooLong { seq: 6, words: 513 })
    ));
    let refused = push(&mut builder, 5, 5, 1);
    assert!(matches!(
        refused,
        Err(BuildError::Order {
            previous: 5,
            seq: 5
        })
    ));
    let refused = push(&mut builder, 4, 4, 1);
    assert!(matches!(
        refused,
        Err(BuildError::Order {
            previous: 5,
            seq: 4
        })
    ));
    let refused = push(&mut builder, 6, 7, 1);
    assert!(matches!(
        refused,
        Err(BuildError::RootAfterDocument {
            seq: 6,
            root_seq: 7
        })
    ));
    let mut other = SegmentBuilder::new();
    push(&mut other, 5, 5, 512).expect("the same document");
    assert_eq!(
        builder.into_bytes().expect("bytes"),
        other.into_bytes().expect("bytes")
    );
}

#[test]
fn a_new_file_replaces_the_old_one_and_leaves_its_readers_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("segment");
    let documents = documents();
    builder(&documents[..1])
        .write(&path, |_| ())
        .expect("a file");
    let old = Segment::open(&path).expect("a segment");
    let mut told = Vec::new();
    builder(&documents)
        .write(&path, |progress| told.push(progress))
        .expect("a file");
    let new = Segment::open(&path).expect("a segment");
    assert_eq!((old.documents(), new.documents()), (1, 3));
    old.verify().expect("the old file");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    assert_eq!(told.first(), Some(&Progress::Sorting { tokens: 12 }));
    assert_eq!(told.last(), Some(&Progress::Syncing));
    let of = fs::metadata(&path).expect("the file").len();
    assert!(told.contains(&Progress::Writing { bytes: of, of }));
}

#[test]
fn what_can_not_be_written_or_opened_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("missing").join("segment");
    let error = builder(&documents())
        .write(&path, |_| ())
        .expect_err("no folder");
    assert!(matches!(&error, BuildError::Io { path: named, .. } if *named == path));
    let error = Segment::open(&path).expect_err("no file");
    assert!(matches!(&error, SegmentError::Io { path: named, .. } if *named == path));
    let open = |bytes: &[u8]| {
        let path = folder.path().join("other");
        fs::write(&path, bytes).expect("a file");
        Segment::open(Path::new(&path)).err()
    };
    assert!(matches!(open(b""), Some(SegmentError::NotASegment)));
    assert!(matches!(
        open(&[b'x'; 300]),
        Some(SegmentError::NotASegment)
    ));
    let bytes = builder(&documents()).into_bytes().expect("bytes");
    let length = bytes.len() as u64;
    assert!(open(&bytes).is_none());
    let short = open(&bytes[..300]);
    assert!(
        matches!(short, Some(SegmentError::Length { expected, found: 300 }) if expected == length)
    );
    let short = open(&bytes[..100]);
    assert!(matches!(
        short,
        Some(SegmentError::Length {
            expected: 128,
            found: 100
        })
    ));
    let mut later = bytes;
    later[8] = 2;
    assert!(matches!(open(&later), Some(SegmentError::OtherVersion(2))));
}

/// Ids are hashes, and a lookup guesses by that; these are not.
#[test]
fn words_are_found_however_their_ids_lie() {
    let mut ids = vec![WordId([0; 16]), WordId([0xff; 16])];
    ids.extend((0..200).map(|n| {
        let mut id = [7; 16];
        id[15] = n;
        WordId(id)
    }));
    ids.extend((0..200).map(|n| {
        let mut id = [0xff; 16];
        id[7] = n;
        WordId(id)
    }));
    for kept in [1, 2, 3, 100, ids.len()] {
        let document = Document {
            seq: 1,
            root_seq: 1,
            words: &ids[..kept],
        };
        let mut builder = SegmentBuilder::new();
        builder.push(document).expect("a document");
        let segment = Arc::new(builder.into_segment().expect("a segment"));
        let corpus = Corpus::new(vec![segment]).expect("a corpus");
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(corpus.count(&[*id]), u64::from(n < kept));
        }
    }
}
