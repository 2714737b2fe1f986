//! The longest match, and counts.

use crate::oracle::{self, Owned, case, corpus, segment, word, words};
use openledger_attribution::{Corpus, Match, corpus::CorpusError};
use proptest::prelude::*;
use std::sync::Arc;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_longest_match_is_the_oracles_however_the_corpus_is_split((documents, split, text) in case()) {
        let whole = corpus(&documents, &[0]);
        let split = corpus(&documents, &split);
        let (whole, split) = (whole.query(&text), split.query(&text));
        for start in 0..=text.len() {
            let expected = oracle::longest_match(&documents, &text[start..]);
            prop_assert_eq!(whole.longest_match(start), expected);
            prop_assert_eq!(split.longest_match(start), expected);
            prop_assert_eq!(split.longest_len(start), expected.map_or(0, |found| found.len));
        }
    }

    #[test]
    fn counts_are_the_oracles((documents, split, text) in case(), len in 0_usize..12) {
        let corpus = corpus(&documents, &split);
        for phrase in text.windows(len.max(1)).map(|window| &window[..len]) {
            prop_assert_eq!(corpus.count(phrase), oracle::count(&documents, phrase));
        }
    }

    #[test]
    fn documents_are_given_back((documents, split, _) in case()) {
        let corpus = corpus(&documents, &split);
        for Owned { seq, root_seq, words } in &documents {
            prop_assert_eq!(corpus.document(*seq), Some((*root_seq, words.clone())));
        }
        prop_assert_eq!(corpus.document(1_000), None);
        let total: usize = documents.iter().map(|document| document.words.len()).sum();
        prop_assert_eq!(corpus.words(), total as u64);
    }
}

/// Many places of one phrase: the first is found through the minima, over several levels of them.
#[test]
fn of_a_phrase_in_ten_thousand_places_the_first_is_found() {
    let phrase: Vec<usize> = (0..9).collect();
    let documents: Vec<Owned> = (0..10_000_u64)
        .map(|n| {
            let seq = 3 * n + 5;
            // What comes after differs, and sorts in another order than the documents do.
            let mut numbers = vec![100 + (n * 7_919 % 501) as usize];
            numbers.extend(&phrase);
            numbers.push(1_000 + (n * 104_729 % 9_973) as usize);
            Owned {
                seq,
                root_seq: seq,
                words: words(&numbers),
            }
        })
        .collect();
    for from in [0, 1, 63, 64, 65, 4_999] {
        let corpus = corpus(&documents[from..], &[0, 1, 2]);
        let found = corpus.query(&words(&phrase)).longest_match(0);
        let seq = documents[from].seq;
        assert_eq!(
            found,
            Some(Match {
                len: 9,
                seq,
                root_seq: seq,
                offset: 1
            })
        );
    }
}

#[test]
fn a_match_does_not_cross_documents() {
    let document = |seq, numbers: &[usize]| Owned {
        seq,
        root_seq: seq,
        words: words(numbers),
    };
    let documents = [document(1, &[1, 2, 3]), document(2, &[4, 5, 6])];
    let query = words(&[1, 2, 3, 4, 5, 6]);
    for split in [&[0][..], &[0, 1], &[1, 0]] {
        let corpus = corpus(&documents, split);
        let query = corpus.query(&query);
        assert_eq!(query.longest_len(0), 3);
        assert_eq!(query.longest_len(2), 1);
    }
}

#[test]
fn a_document_in_two_segments_is_refused() {
    let document = |seq| Owned {
        seq,
        root_seq: seq,
        words: vec![word(1)],
    };
    let segment = |seqs: &[u64]| {
        let documents: Vec<Owned> = seqs.iter().map(|seq| document(*seq)).collect();
        Arc::new(segment(&documents))
    };
    let refused = |segments: &[&[u64]]| {
        let segments = segments.iter().map(|seqs| segment(seqs)).collect();
        Corpus::new(segments).err()
    };
    assert_eq!(refused(&[&[1, 2], &[3, 4], &[]]), None);
    assert_eq!(refused(&[&[3, 4], &[1, 2]]), None);
    assert_eq!(refused(&[&[1, 5, 9], &[2, 6], &[3]]), None);
    assert_eq!(
        refused(&[&[1, 5], &[5, 6]]),
        Some(CorpusError::DocumentTwice { seq: 5 })
    );
    assert_eq!(
        refused(&[&[1, 5, 9], &[2, 6], &[6]]),
        Some(CorpusError::DocumentTwice { seq: 6 })
    );
}
