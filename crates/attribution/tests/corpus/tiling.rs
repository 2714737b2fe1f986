//! Tilings.

use crate::oracle::{self, Owned, case, corpus, word, words};
use openledger_attribution::{
    Boilerplate, Match, Prompt, Tile, TileKind, Tiling, WordId, boilerplate::BOILERPLATE_WORDS,
    tile, tiling::Coverage,
};
use proptest::prelude::*;

fn prompt(words: &[WordId]) -> Prompt {
    Prompt::new(words).expect("a prompt")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_tiling_is_the_oracles_however_the_corpus_is_split(
        (documents, split, answer) in case(),
        prompt_at in any::<[prop::sample::Index; 2]>(),
        // In percent.
        in_the_list in 0_u64..=100,
    ) {
        let [from, to] = prompt_at.map(|at| at.index(answer.len() + 1));
        let asked = &answer[from.min(to)..from.max(to)];
        let boilerplate: Boilerplate = answer
            .windows(BOILERPLATE_WORDS)
            .enumerate()
            .filter(|(n, _)| (*n as u64 * 61) % 100 < in_the_list)
            .map(|(_, words)| words.try_into().expect("8 words"))
            .collect();
        let expected = oracle::tiles(&documents, &answer, asked, &boilerplate);
        let asked = prompt(asked);
        for split in [&[0][..], &split] {
            let tiling = tile(&corpus(&documents, split), &answer, &asked, &boilerplate);
            prop_assert_eq!(&tiling.tiles, &expected);
            prop_assert_eq!(tiling.words(), answer.len());
        }
    }
}

/// One document of 200 words, all different.
fn document() -> Vec<Owned> {
    let numbers: Vec<usize> = (0..200).collect();
    vec![Owned {
        seq: 7,
        root_seq: 3,
        words: words(&numbers),
    }]
}

fn found(len: usize, offset: u32) -> Option<Match> {
    Some(Match {
        len,
        seq: 7,
        root_seq: 3,
        offset,
    })
}

fn tiling(answer: &[usize], asked: &[usize], boilerplate: &Boilerplate) -> Tiling {
    let corpus = corpus(&document(), &[0]);
    tile(&corpus, &words(answer), &prompt(&words(asked)), boilerplate)
}

#[test]
fn an_answer_is_cut_into_what_was_found_and_what_was_not() {
    let answer: Vec<usize> = (900..903)
        .chain(20..30)
        .chain(50..57)
        .chain(100..108)
        .collect();
    let tiling = tiling(&answer, &[], &Boilerplate::default());
    let expected = [
        Tile {
            start: 0,
            len: 3,
            kind: TileKind::Gap,
            found: None,
        },
        Tile {
            start: 3,
            len: 10,
            kind: TileKind::Span,
            found: found(10, 20),
        },
        // Seven words are too few.
        Tile {
            start: 13,
            len: 7,
            kind: TileKind::Gap,
            found: None,
        },
        Tile {
            start: 20,
            len: 8,
            kind: TileKind::Span,
            found: found(8, 100),
        },
    ];
    assert_eq!(tiling.tiles, expected);
    assert_eq!(
        tiling.coverage(),
        Coverage {
            matched: 18,
            words: 28
        }
    );
    assert_eq!(tiling.words_of(TileKind::Gap), 10);
}

#[test]
fn a_match_and_a_gap_are_at_most_64_words() {
    let spans = tiling(&Vec::from_iter(0..150), &[], &Boilerplate::default());
    let lens =
        |tiling: &Tiling| Vec::from_iter(tiling.tiles.iter().map(|tile| (tile.start, tile.len)));
    assert_eq!(lens(&spans), [(0, 64), (64, 64), (128, 22)]);
    assert_eq!(spans.words_of(TileKind::Span), 150);
    let gaps = tiling(&Vec::from_iter(1_000..1_150), &[], &Boilerplate::default());
    assert_eq!(lens(&gaps), [(0, 64), (64, 64), (128, 22)]);
    assert_eq!(gaps.words_of(TileKind::Gap), 150);
    // The last seven words of 135 are fewer than a match has.
    let both = tiling(&Vec::from_iter(0..135), &[], &Boilerplate::default());
    assert_eq!(lens(&both), [(0, 64), (64, 64), (128, 7)]);
    assert_eq!(both.words_of(TileKind::Gap), 7);
}

#[test]
fn what_the_prompt_has_is_an_echo_and_no_word_more() {
    let answer = Vec::from_iter(20..40);
    let kind = |asked: &[usize]| tiling(&answer, asked, &Boilerplate::default()).tiles[0].kind;
    assert_eq!(kind(&Vec::from_iter(10..50)), TileKind::Echo);
    assert_eq!(kind(&answer), TileKind::Echo);
    assert_eq!(kind(&Vec::from_iter(20..39)), TileKind::Span);
    assert_eq!(
        kind(&Vec::from_iter((20..30).chain([900]).chain(30..40))),
        TileKind::Span
    );
}

#[test]
fn a_match_is_boilerplate_when_all_of_it_is() {
    let answer = Vec::from_iter(20..40);
    let list = |starts: &[usize]| -> Boilerplate {
        let phrase = |start: &usize| std::array::from_fn(|n| word(start + n));
        starts.iter().map(phrase).collect()
    };
    let all = Vec::from_iter(20..=32);
    assert_eq!(
        tiling(&answer, &[], &list(&all)).tiles[0].kind,
        TileKind::Boiler
    );
    assert_eq!(
        tiling(&answer, &[], &list(&all[1..])).tiles[0].kind,
        TileKind::Span
    );
    assert_eq!(
        tiling(&answer, &[], &list(&all[..12])).tiles[0].kind,
        TileKind::Span
    );
    // The prompt comes first.
    assert_eq!(
        tiling(&answer, &answer, &list(&all)).tiles[0].kind,
        TileKind::Echo
    );
}

#[test]
fn an_empty_answer_or_corpus_has_its_tiling() {
    assert_eq!(tiling(&[], &[], &Boilerplate::default()), Tiling::default());
    let nothing = corpus(&[], &[0]);
    let tiling = tile(
        &nothing,
        &words(&[1, 2]),
        &prompt(&[]),
        &Boilerplate::default(),
    );
    assert_eq!(
        tiling.coverage(),
        Coverage {
            matched: 0,
            words: 2
        }
    );
}
