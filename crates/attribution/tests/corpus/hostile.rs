//! Files that are cut off, damaged or made up: an error or an answer, never a panic, a loop or a read elsewhere.

use crate::oracle::{Owned, builder, words};
use alloy_primitives::B256;
use openledger_attribution::{
    Boilerplate, Corpus, Prompt, ReferenceModel, Segment, WordId,
    model::Temperature,
    segment::{Section, SegmentError},
    tile,
};
use proptest::prelude::*;
use std::sync::Arc;

/// Enough words for two levels of minima would be 4,097; one level, and every section, is in this one.
fn file() -> (Vec<u8>, Vec<WordId>) {
    let text: Vec<usize> = (0..70).map(|n| n * n % 11 % 4).collect();
    let documents: Vec<Owned> = text
        .chunks(23)
        .zip(1..)
        .map(|(numbers, seq)| Owned {
            seq,
            root_seq: 1,
            words: words(numbers),
        })
        .collect();
    let bytes = builder(&documents).into_bytes().expect("bytes");
    (bytes, words(&text))
}

/// Everything that can be asked of a segment.
fn ask(segment: Segment, text: &[WordId]) {
    let segments = vec![Arc::new(segment)];
    let Ok(corpus) = Corpus::new(segments) else {
        return;
    };
    for seq in 0..5 {
        corpus.document(seq);
    }
    let query = corpus.query(text);
    for start in 0..=text.len() {
        query.longest_match(start);
    }
    for len in 0..10 {
        corpus.count(&text[..len]);
    }
    Boilerplate::common(&corpus, 1);
    let prompt = Prompt::new(&text[20..40]).expect("a prompt");
    let tiling = tile(&corpus, text, &prompt, &Boilerplate::default());
    assert_eq!(tiling.words(), text.len());
    for horizon in [3, 1_000] {
        let model = ReferenceModel::new(corpus.clone()).with_horizon(horizon);
        model.generate(&text[..3], 3, Temperature(8_000), B256::ZERO);
        model.distribution(&text[..50]);
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let (bytes, _) = file();
    for length in 0..bytes.len() {
        let refused = Segment::from_bytes(bytes[..length].to_vec()).expect_err("cut off");
        let expected = match length {
            0..8 => matches!(refused, SegmentError::NotASegment),
            _ => matches!(refused, SegmentError::Length { found, .. } if found == length as u64),
        };
        assert!(expected, "{length} bytes: {refused}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(matches!(
        Segment::from_bytes(longer),
        Err(SegmentError::Length { .. })
    ));
}

#[test]
fn a_byte_changed_anywhere_is_found_and_harms_nobody() {
    let (bytes, text) = file();
    for at in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= change;
            let opened = Segment::from_bytes(damaged);
            match at {
                0..8 => assert!(matches!(opened, Err(SegmentError::NotASegment))),
                8..12 => assert!(matches!(opened, Err(SegmentError::OtherVersion(_)))),
                12..128 => assert!(matches!(opened, Err(SegmentError::Header))),
                _ => {
                    let segment = opened.expect("the header is whole");
                    assert!(
                        matches!(segment.verify(), Err(SegmentError::Damaged(_))),
                        "byte {at}"
                    );
                    ask(segment, &text);
                }
            }
        }
    }
}

#[test]
fn damage_is_named_by_its_section() {
    let (mut bytes, _) = file();
    *bytes.last_mut().expect("bytes") ^= 1;
    let segment = Segment::from_bytes(bytes).expect("the header is whole");
    let damage = segment.verify().expect_err("damaged");
    assert!(matches!(damage, SegmentError::Damaged(Section::Filter)));
}

/// A header with a right checksum, whatever it says.
fn header(documents: u64, words: u64, vocabulary: u64) -> Vec<u8> {
    let mut header = b"OLSEGMNT".to_vec();
    header.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    for count in [documents, words, vocabulary] {
        header.extend(count.to_le_bytes());
    }
    header.resize(124, 0);
    header.extend(crc32fast::hash(&header).to_le_bytes());
    header
}

#[test]
fn a_header_that_asks_for_the_impossible_is_refused() {
    let open = |documents, words, vocabulary| {
        Segment::from_bytes(header(documents, words, vocabulary)).expect_err("made up")
    };
    let most = i32::MAX as u64;
    for (documents, words, vocabulary) in [
        (u64::MAX, 1, 1),
        (1, u64::MAX, 1),
        (u64::MAX, u64::MAX, u64::MAX),
        (1, most, 1),
        (0, 1, 2),
    ] {
        let refused = open(documents, words, vocabulary);
        assert!(matches!(refused, SegmentError::Header), "{refused}");
    }
    assert!(matches!(
        open(1, most - 1, most - 1),
        SegmentError::Length { found: 128, .. }
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any content behind a header that fits it.
    #[test]
    fn a_made_up_file_harms_nobody(
        documents in 0_u64..6,
        words in 0_u64..5_000,
        vocabulary in 0_u64..40,
        // Small numbers point into the file, so they go deeper than random bytes.
        numbers in prop::collection::vec(prop_oneof![3 => 0_u32..5_000, 1 => any::<u32>()], 1..400),
    ) {
        let vocabulary = vocabulary.min(words);
        let mut levels = 0;
        let mut level = words;
        while level > 64 {
            level = level.div_ceil(64);
            levels += level;
        }
        let filter = 64 * words.div_ceil(64);
        let length = 16 * vocabulary + 20 * documents + 4 * (vocabulary + 1) + 4 * (words + documents) + 4 * words + 4 * levels
            + filter;
        let mut bytes = header(documents, words, vocabulary);
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()).cycle().take(length as usize));
        // Words that the file has.
        let text: Vec<WordId> = bytes[128..].as_chunks::<16>().0.iter().take(vocabulary as usize).map(|id| WordId(*id)).collect();
        let text: Vec<WordId> = text.into_iter().chain([WordId([0; 16])]).cycle().take(90).collect();
        let segment = Segment::from_bytes(bytes).expect("the header fits");
        ask(segment, &text);
    }
}
