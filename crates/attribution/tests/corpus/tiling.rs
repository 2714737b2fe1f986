//! Tilings.

use crate::oracle::{self, Owned, case, corpus, word, words};
use openledger_attribution::{
    Boilerplate, Match, Prompt, Tile, TileKind, Tiling, WordId,
    boilerplate::BOILERPLATE_WORDS,
    tile,
    tiling::{Coverage, Place},
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

fn found(len: usize, offset: u32) -> Place {
    Place::Document(Match {
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
            place: Place::Nowhere,
        },
        Tile {
            start: 3,
            len: 10,
            kind: TileKind::Span,
            place: found(10, 20),
        },
        // Seven words are too few.
        Tile {
            start: 13,
            len: 7,
            kind: TileKind::Gap,
            place: Place::Nowhere,
        },
        Tile {
            start: 20,
            len: 8,
            kind: TileKind::Span,
            place: found(8, 100),
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
    // The last seven words of 135 go on where the match before ends.
    let both = tiling(&Vec::from_iter(0..135), &[], &Boilerplate::default());
    assert_eq!(lens(&both), [(0, 64), (64, 64), (128, 7)]);
    assert_eq!(both.words_of(TileKind::Span), 135);
    assert_eq!(both.tiles[2].place, found(7, 128));
    // Other words do not.
    let other = Vec::from_iter((0..64).chain(70..75));
    let other = tiling(&other, &[], &Boilerplate::default());
    assert_eq!(other.words_of(TileKind::Span), 64);
    // A match that begins there comes first.
    let again = Vec::from_iter((0..66).chain([900]).chain(0..64).chain(20..28));
    let again = tiling(&again, &[], &Boilerplate::default());
    assert_eq!(
        lens(&again),
        [(0, 64), (64, 2), (66, 1), (67, 64), (131, 8)]
    );
}

#[test]
fn what_the_prompt_has_is_an_echo_and_no_word_more() {
    let answer = Vec::from_iter(20..60);
    let tiles = |asked: &[usize]| {
        let tiling = tiling(&answer, asked, &Boilerplate::default());
        let tiles = tiling.tiles.into_iter();
        Vec::from_iter(tiles.map(|tile| (tile.len, tile.kind, tile.place)))
    };
    let echo = |len, at| (len, TileKind::Echo, Place::Prompt(at));
    let span = |len, offset| (len, TileKind::Span, found(len, offset));
    assert_eq!(tiles(&Vec::from_iter(10..70)), [echo(40, 10)]);
    assert_eq!(tiles(&answer), [echo(40, 0)]);
    // What the model goes on with is its source's.
    assert_eq!(tiles(&Vec::from_iter(20..40)), [echo(20, 0), span(20, 40)]);
    assert_eq!(tiles(&Vec::from_iter(40..60)), [span(20, 20), echo(20, 0)]);
    assert_eq!(
        tiles(&Vec::from_iter(30..50)),
        [span(10, 20), echo(20, 0), span(10, 50)]
    );
    // Seven words are no echo; of two places it is the first.
    assert_eq!(tiles(&Vec::from_iter(30..37)), [span(40, 20)]);
    let twice = Vec::from_iter((30..38).chain([900]).chain(30..38));
    assert_eq!(tiles(&twice), [span(10, 20), echo(8, 0), span(22, 38)]);
    // Before an echo, too few words for a match are nobody's.
    let gap = (5, TileKind::Gap, Place::Nowhere);
    assert_eq!(
        tiles(&Vec::from_iter(25..45)),
        [gap, echo(20, 0), span(15, 45)]
    );
}

#[test]
fn an_echo_of_more_than_64_words_goes_on() {
    let answer = Vec::from_iter((1_000..1_070).chain(0..8));
    let tiling = tiling(&answer, &answer[..70], &Boilerplate::default());
    let tiles = Vec::from_iter(tiling.tiles.iter().map(|tile| (tile.len, tile.place)));
    assert_eq!(
        tiles,
        [
            (64, Place::Prompt(0)),
            (6, Place::Prompt(64)),
            (8, found(8, 0))
        ]
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
