//! Of tiles.

use super::{Forged, another_sibling, top};
use crate::{faults::Wrong, world::fixed::D};
use openledger_attribution::{
    Fault,
    dispute::Evidence,
    fault::{GoesOnFault, KindFault, MatchFault, TilingFault, WordsFault},
    leaf::Context,
    opening::{AnswerOpening, TileOpening, WordsOpening},
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
        if fault.next.is_empty() {
            all.push((
                "a tile that the match does not reach",
                with(&|fault| {
                    let index = fault.tile.proof.index as usize + 1;
                    if wrong.epoch.answers[wrong.place(answer)].1.len() > index {
                        let next = wrong.tile(wrong.place(answer), index);
                        fault.next.push(next);
                    } else {
                        fault.next.push(fault.tile.clone());
                    }
                }),
            ));
        } else {
            all.push(("without the next tile", with(&|fault| fault.next.clear())));
            all.push((
                "another tile than the next",
                with(&|fault| fault.next[0] = fault.tile.clone()),
            ));
        }
        all.push(("a match of 7 words", with(&|fault| fault.len = 7)));
        all.push(("a match of 65 words", with(&|fault| fault.len = 65)));
    } else {
        all.push((
            "a next tile of an equal match",
            with(&|fault| fault.next.push(fault.tile.clone())),
        ));
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

pub fn goes_on(wrong: &Wrong<'_>, answer: &AnswerOpening, fault: &GoesOnFault) -> Forged {
    let with = |change: &dyn Fn(&mut GoesOnFault)| {
        let mut fault = fault.clone();
        change(&mut fault);
        Fault::GoesOn(answer.clone(), fault)
    };
    let at = wrong.place(answer);
    vec![
        (
            "a tile that is no gap",
            with(&|fault| fault.right = wrong.tile(at, 2)),
        ),
        (
            "a tile that is not full",
            with(&|fault| {
                fault.left = fault.right.clone();
                fault.right = wrong.tile(at, 2);
            }),
        ),
        (
            "no word of the document",
            with(&|fault| fault.text.chunks.clear()),
        ),
        (
            "another chunk of the document",
            with(&|fault| fault.text = wrong.world.texts[&fault.left.tile.seq].open(0..1)),
        ),
    ]
}

pub fn kinds(wrong: &Wrong<'_>, answer: &AnswerOpening, fault: &KindFault) -> Forged {
    let at = wrong.place(answer);
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
        KindFault::Echo { start, len, .. } => {
            let with = |change: &dyn Fn(&mut Echo<'_>)| {
                let mut other = fault.clone();
                if let KindFault::Echo {
                    tile,
                    start,
                    len,
                    at,
                    context,
                    ..
                } = &mut other
                {
                    change(&mut Echo {
                        tile,
                        start,
                        len,
                        at,
                        context,
                    });
                }
                of(other)
            };
            let mut all = vec![
                ("another place of the prompt", with(&|echo| *echo.at += 1)),
                ("no word", with(&|echo| *echo.len = 0)),
                ("65 words", with(&|echo| *echo.len = 65)),
                (
                    "another context",
                    with(&|echo| *echo.context = wrong.world.contexts[(at + 1) % 7].clone()),
                ),
                (
                    "words that do not begin in the tile",
                    with(&|echo| *echo.tile = wrong.tile(at, 0)),
                ),
            ];
            if start > 0 && len == 8 {
                all.push((
                    "words before the tile",
                    with(&|echo| *echo.start = start - 1),
                ));
            }
            all
        }
        KindFault::NotEcho {
            tile,
            at: word,
            output,
            context,
            prompt,
        } => {
            let with = |tile: &TileOpening, word, prompt: &WordsOpening| {
                of(KindFault::NotEcho {
                    tile: tile.clone(),
                    at: word,
                    output: output.clone(),
                    context: context.clone(),
                    prompt: prompt.clone(),
                })
            };
            let beyond = tile.tile.len;
            vec![
                ("a word beyond the echo", with(&tile, beyond, &prompt)),
                ("no prompt", with(&tile, word, &WordsOpening::default())),
                (
                    "a tile that is no echo",
                    with(&wrong.tile(at, 2), 0, &prompt),
                ),
            ]
        }
        KindFault::EchoGoesOn {
            left,
            right,
            output,
            context,
            prompt,
        } => {
            let with = |left, right, prompt| {
                of(KindFault::EchoGoesOn {
                    left,
                    right,
                    output: output.clone(),
                    context: context.clone(),
                    prompt,
                })
            };
            vec![
                (
                    "a full span",
                    with(wrong.tile(at, 0), wrong.tile(at, 1), prompt.clone()),
                ),
                (
                    "a tile before it",
                    with(left.clone(), wrong.tile(at, 2), prompt),
                ),
                (
                    "another chunk of the prompt",
                    with(left, right, wrong.world.prompts[at].open(0..1)),
                ),
            ]
        }
        KindFault::EchoEnd {
            tile,
            context,
            prompt,
        } => {
            let with = |tile: &TileOpening, prompt: &WordsOpening| {
                of(KindFault::EchoEnd {
                    tile: tile.clone(),
                    context: context.clone(),
                    prompt: prompt.clone(),
                })
            };
            let mut all = Vec::new();
            if at == 0 {
                all.push(("a tile that is no echo", with(&wrong.tile(at, 1), &prompt)));
            }
            let mut other = prompt.clone();
            match other.chunks.pop() {
                Some(_) => {
                    let first = wrong.world.prompts[at].open(0..1);
                    all.push(("the first chunk", with(&tile, &first)));
                    all.push(("no chunk", with(&tile, &other)));
                }
                None => {
                    other = wrong.world.prompts[0].open_end();
                    all.push(("another prompt's end", with(&tile, &other)));
                }
            }
            all
        }
    }
}

/// What can be another in a proof that words are an echo.
struct Echo<'a> {
    tile: &'a mut TileOpening,
    start: &'a mut u32,
    len: &'a mut u8,
    at: &'a mut u32,
    context: &'a mut Context,
}
