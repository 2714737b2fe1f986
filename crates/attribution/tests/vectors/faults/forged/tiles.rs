//! Of tiles.

use super::{Forged, another_sibling, top};
use crate::{faults::Wrong, world::fixed::D};
use openledger_attribution::{
    Fault,
    dispute::Evidence,
    fault::{KindFault, MatchFault, TilingFault, WordsFault},
    opening::{AnswerOpening, TileOpening},
    tree::Absence,
};

pub fn tiling(wrong: &Wrong<'_>, answer: &AnswerOpening, fault: &TilingFault) -> Forged {
    let at = wrong.place(answer);
    let of = |fault| Fault::Tiling(answer.clone(), fault);
    let last = wrong.epoch.answers[at].1.len().saturating_sub(1);
    match fault {
        TilingFault::First(_) => vec![(
            "the second tile as the first",
            of(TilingFault::First(wrong.tile(at, 1))),
        )],
        TilingFault::Apart(..) => vec![
            (
                "two tiles that are not adjacent",
                of(TilingFault::Apart(wrong.tile(at, 0), wrong.tile(at, 2))),
            ),
            (
                "two tiles that touch",
                of(TilingFault::Apart(
                    wrong.tile(at, last - 1),
                    wrong.tile(at, last),
                )),
            ),
        ],
        TilingFault::Last(_) => vec![(
            "a tile that is not the last",
            of(TilingFault::Last(wrong.tile(at, 0))),
        )],
        TilingFault::Count => {
            let right = Fault::Tiling(wrong.answer(4), TilingFault::Count);
            vec![("an answer that has its tiles", right)]
        }
        TilingFault::Tiles(_) => {
            let tree = &wrong.trees.tilings[4];
            let other = top(tree.count(), tree.top());
            vec![("the top of another tree", of(TilingFault::Tiles(other)))]
        }
    }
}

pub fn words(wrong: &Wrong<'_>, answer: &AnswerOpening, fault: &WordsFault) -> Forged {
    let at = wrong.place(answer);
    match fault {
        WordsFault::Differ {
            tile,
            source,
            at: word,
            output,
            text,
        } => {
            let of = |word: u8, output: &_, text: &_| {
                let fault = WordsFault::Differ {
                    tile: tile.clone(),
                    source: source.clone(),
                    at: word,
                    output: Clone::clone(output),
                    text: Clone::clone(text),
                };
                Fault::Words(answer.clone(), fault)
            };
            let mut all = vec![("a word beyond the tile", of(tile.tile.len, output, text))];
            let mut another = text.clone();
            another_sibling(&mut another.chunks[0].1);
            all.push((
                "a chunk that is not the document's",
                of(*word, output, &another),
            ));
            if *word > 0 {
                let output = wrong.world.outputs[at].open(tile.tile.start..tile.tile.start + 1);
                let (_, text) = Evidence::source(
                    wrong.world,
                    answer.answer.model_version,
                    source.document().seq,
                )
                .expect("the document");
                let start = u32::from(tile.tile.offset);
                all.push((
                    "a word that is equal",
                    of(0, &output, &text.open(start..start + 1)),
                ));
            }
            all
        }
        WordsFault::Beyond(tile, source) => {
            let other = wrong.tile(at, 2);
            let own = Evidence::source(wrong.world, answer.answer.model_version, other.tile.seq);
            let (own, _) = own.expect("the document");
            let of = |fault| Fault::Words(answer.clone(), fault);
            vec![
                (
                    "a tile within its document",
                    of(WordsFault::Beyond(other.clone(), own)),
                ),
                (
                    "another tile's document",
                    of(WordsFault::Beyond(other, source.clone())),
                ),
                (
                    "a gap",
                    of(WordsFault::Beyond(wrong.tile(at, 1), source.clone())),
                ),
                (
                    "a tile of another tiling",
                    of(WordsFault::Beyond(
                        TileOpening {
                            tile: tile.tile,
                            proof: wrong.tile(1, 0).proof,
                        },
                        source.clone(),
                    )),
                ),
            ]
        }
    }
}

pub fn matches(wrong: &Wrong<'_>, answer: &AnswerOpening, fault: &MatchFault) -> Forged {
    let with = |change: &dyn Fn(&mut MatchFault)| {
        let mut fault = fault.clone();
        change(&mut fault);
        Fault::Match(answer.clone(), fault)
    };
    let mut all = vec![
        (
            "another word of the document",
            with(&|fault| fault.offset += 1),
        ),
        (
            "a document that is not in the corpus",
            with(&|fault| another_sibling(&mut fault.source.in_corpus)),
        ),
        (
            "a chunk too few",
            with(&|fault| fault.output.chunks.clear()),
        ),
    ];
    let tile = fault.tile.tile;
    if answer.answer.model_version == 1 && fault.start == 0 {
        // The held document has the same words, and only the other model version was trained on it.
        let held = Evidence::source(wrong.world, 2, D);
        let (source, text) = held.expect("the document");
        let of_another = with(&|fault| {
            fault.source = source.clone();
            fault.offset = 0;
            fault.text = text.open(0..fault.len.into());
        });
        all.push(("a document of another model version", of_another));
    }
    if fault.is_longer() {
        all.push(("a match of 7 words", with(&|fault| fault.len = 7)));
        all.push(("a match of 65 words", with(&|fault| fault.len = 65)));
    } else {
        all.push(("a shorter match", with(&|fault| fault.len -= 1)));
        // What the tile names itself.
        let own = Evidence::source(wrong.world, answer.answer.model_version, tile.seq);
        let (source, text) = own.expect("the document");
        let range = u32::from(tile.offset)..u32::from(tile.offset) + u32::from(tile.len);
        all.push((
            "the tile's own place",
            with(&|fault| {
                fault.source = source.clone();
                fault.offset = tile.offset;
                fault.text = text.open(range.clone());
            }),
        ));
    }
    all
}

pub fn kinds(answer: &AnswerOpening, fault: &KindFault) -> Forged {
    let of = |fault| Fault::Kind(answer.clone(), fault);
    match fault.clone() {
        KindFault::Boilerplate {
            tile,
            output,
            phrases,
        } => {
            let with = |phrases| {
                of(KindFault::Boilerplate {
                    tile: tile.clone(),
                    output: output.clone(),
                    phrases,
                })
            };
            let mut swapped = phrases.clone();
            swapped.swap(0, 1);
            vec![
                ("phrases out of order", with(swapped)),
                ("a phrase too few", with(phrases[1..].to_vec())),
            ]
        }
        KindFault::NotBoilerplate {
            tile,
            output,
            at,
            absence,
        } => {
            let with = |at, absence| {
                of(KindFault::NotBoilerplate {
                    tile: tile.clone(),
                    output: output.clone(),
                    at,
                    absence,
                })
            };
            let Absence { left, right } = absence.clone();
            let one = match (left, right) {
                (Some(left), Some(_)) => (Some(left), None),
                (left, right) => (right, left),
            };
            let (left, right) = one;
            vec![
                ("another neighbour", with(at, Absence { left, right })),
                ("a phrase beyond the tile", with(57, absence)),
            ]
        }
        KindFault::Echo {
            tile,
            output,
            at,
            prompt,
        } => {
            let at = at + 1;
            let other = KindFault::Echo {
                tile,
                output,
                at,
                prompt,
            };
            vec![("another place of the prompt", of(other))]
        }
        KindFault::NotEcho {
            tile,
            mut output,
            mut prompt,
        } => {
            let name = match prompt.chunks.pop() {
                Some(_) => "a part of the prompt",
                None => "no output",
            };
            if name == "no output" {
                output.chunks.clear();
            }
            let other = KindFault::NotEcho {
                tile,
                output,
                prompt,
            };
            vec![(name, of(other))]
        }
    }
}
