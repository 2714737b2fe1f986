//! What the crate must agree with: every document scanned from end to end, with no index at all.

use openledger_attribution::{
    Boilerplate, Corpus, Document, Match, Segment, SegmentBuilder, Tile, TileKind, WordId,
    boilerplate::BOILERPLATE_WORDS,
    tiling::{MIN_MATCH_WORDS, Place},
};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub fn word(n: usize) -> WordId {
    WordId::of(&(n as u64).to_be_bytes())
}

pub fn words(numbers: &[usize]) -> Vec<WordId> {
    numbers.iter().map(|n| word(*n)).collect()
}

#[derive(Debug, Clone)]
pub struct Owned {
    pub seq: u64,
    pub root_seq: u64,
    pub words: Vec<WordId>,
}

pub fn builder<'a>(documents: impl IntoIterator<Item = &'a Owned>) -> SegmentBuilder {
    let mut builder = SegmentBuilder::new();
    for Owned {
        seq,
        root_seq,
        words,
    } in documents
    {
        let (seq, root_seq) = (*seq, *root_seq);
        builder
            .push(Document {
                seq,
                root_seq,
                words,
            })
            .expect("a document in its order");
    }
    builder
}

pub fn segment<'a>(documents: impl IntoIterator<Item = &'a Owned>) -> Segment {
    builder(documents).into_segment().expect("a segment")
}

/// Documents in two or more segments, whichever each falls into.
pub fn corpus(documents: &[Owned], segment_of: &[usize]) -> Corpus {
    let segments = (0..=segment_of.iter().copied().max().unwrap_or(0)).map(|wanted| {
        let chosen = documents.iter().zip(segment_of.iter().cycle());
        let chosen = chosen.filter(|(_, segment)| **segment == wanted);
        Arc::new(segment(chosen.map(|(document, _)| document)))
    });
    Corpus::new(segments.collect()).expect("each document once")
}

/// Words of a small alphabet, so that nearly everything matches in several places.
pub fn text(alphabet: usize, len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<WordId>> {
    let plain = prop::collection::vec(0..alphabet, len.clone());
    // A short pattern over and over: long matches that overlap themselves.
    let periodic = (prop::collection::vec(0..alphabet, 1..4), len)
        .prop_map(|(pattern, len)| pattern.into_iter().cycle().take(len).collect());
    prop_oneof![3 => plain, 1 => periodic].prop_map(|numbers: Vec<usize>| words(&numbers))
}

pub fn documents(alphabet: usize) -> impl Strategy<Value = Vec<Owned>> {
    let document = (
        1..5_u64,
        any::<prop::sample::Index>(),
        text(alphabet, 0..90),
    );
    prop::collection::vec(document, 0..12).prop_map(|documents| {
        let mut made: Vec<Owned> = Vec::new();
        let mut seq = 0;
        for (step, root, words) in documents {
            seq += step;
            // Its own root, or that of an earlier document.
            let root = root.index(made.len() + 1);
            let root_seq = made.get(root).map_or(seq, |root| root.root_seq);
            made.push(Owned {
                seq,
                root_seq,
                words,
            });
        }
        made
    })
}

/// Documents, which segment each goes to, and a text that shares much with them.
pub fn case() -> impl Strategy<Value = (Vec<Owned>, Vec<usize>, Vec<WordId>)> {
    (1_usize..5)
        .prop_flat_map(|alphabet| {
            let split = prop::collection::vec(0_usize..4, 12);
            // A word more than the documents have.
            (documents(alphabet), split, text(alphabet + 1, 0..160))
        })
        .prop_flat_map(|(documents, split, text)| {
            // Some of it copied from the documents.
            let copies =
                prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..4);
            (Just(documents), Just(split), Just(text), copies)
        })
        .prop_map(|(documents, split, mut text, copies)| {
            for (which, at) in copies {
                if documents.is_empty() {
                    break;
                }
                let copied = &documents[which.index(documents.len())].words;
                let at = at.index(text.len() + 1);
                text.splice(at..at, copied.iter().copied());
            }
            (documents, split, text)
        })
}

fn shared(one: &[WordId], other: &[WordId]) -> usize {
    let equal = one
        .iter()
        .zip(other)
        .take_while(|(one, other)| one == other);
    equal.take(64).count()
}

pub fn longest_match(documents: &[Owned], text: &[WordId]) -> Option<Match> {
    let mut best: Option<Match> = None;
    for document in documents {
        for offset in 0..document.words.len() {
            let len = shared(&document.words[offset..], text);
            if len > best.map_or(0, |best| best.len) {
                best = Some(Match {
                    len,
                    seq: document.seq,
                    root_seq: document.root_seq,
                    offset: offset as u32,
                });
            }
        }
    }
    best
}

pub fn count(documents: &[Owned], phrase: &[WordId]) -> u64 {
    let texts = documents.iter().map(|document| &document.words);
    let counts = texts.map(|text| match phrase {
        [] => text.len(),
        phrase => text
            .windows(phrase.len())
            .filter(|window| *window == phrase)
            .count(),
    });
    counts.sum::<usize>() as u64
}

/// Rule by rule, at each word anew.
pub fn tiles(
    documents: &[Owned],
    answer: &[WordId],
    prompt: &[WordId],
    boilerplate: &Boilerplate,
) -> Vec<Tile> {
    let asked = [Owned {
        seq: 0,
        root_seq: 0,
        words: prompt.to_vec(),
    }];
    let echo = |start: usize| {
        let found = longest_match(&asked, &answer[start..])?;
        (found.len >= MIN_MATCH_WORDS).then_some(found)
    };
    let mut tiles: Vec<Tile> = Vec::new();
    let mut start = 0;
    while start < answer.len() {
        let end = (start..answer.len()).find(|at| echo(*at).is_some());
        let end = end.unwrap_or(answer.len());
        let rest = &answer[start..end];
        let before = tiles.last().filter(|tile| tile.len == 64);
        let before = before.map(|tile| (tile.kind, tile.place));
        let mut next = None;
        if let Some(found) = echo(start) {
            next = Some((found.len, TileKind::Echo, Place::Prompt(found.offset)));
        }
        if let (None, Some((TileKind::Echo, Place::Prompt(at)))) = (next, before) {
            let behind = prompt.get(at as usize + 64..).unwrap_or_default();
            let len = shared(&answer[start..], behind);
            next = (len > 0).then_some((len, TileKind::Echo, Place::Prompt(at + 64)));
        }
        if next.is_none()
            && let Some(found) = longest_match(documents, rest)
            && found.len >= MIN_MATCH_WORDS
        {
            let mut phrases = rest[..found.len].windows(BOILERPLATE_WORDS);
            let boiler = phrases.all(|words| boilerplate.contains(words.try_into().expect("8")));
            let kind = match boiler {
                true => TileKind::Boiler,
                false => TileKind::Span,
            };
            next = Some((found.len, kind, Place::Document(found)));
        }
        if let (None, Some((kind, Place::Document(found)))) = (next, before) {
            let document = documents.iter().find(|document| document.seq == found.seq);
            let words = &document.expect("a document").words;
            let offset = found.offset + 64;
            let len = shared(rest, words.get(offset as usize..).unwrap_or_default());
            let found = Match {
                len,
                offset,
                ..found
            };
            next = (len > 0).then_some((len, kind, Place::Document(found)));
        }
        let (len, kind, place) = next.unwrap_or((1, TileKind::Gap, Place::Nowhere));
        match tiles.last_mut() {
            Some(gap) if kind == TileKind::Gap && gap.kind == kind && gap.len < 64 => gap.len += 1,
            _ => tiles.push(Tile {
                start,
                len,
                kind,
                place,
            }),
        }
        start += len;
    }
    tiles
}

/// The words of the context that something follows, how often something does, and for each word that does, in how many clusters and how
/// often within the horizon.
pub type Following = (usize, u64, BTreeMap<WordId, (u64, u64)>);

/// Of the longest ending of the context that something follows.
pub fn following(documents: &[Owned], context: &[WordId], horizon: usize) -> Option<Following> {
    (0..=context.len().min(64)).rev().find_map(|len| {
        let ending = &context[context.len() - len..];
        let mut places = Vec::new();
        for document in documents {
            for window in document.words.windows(len + 1) {
                if window[..len] == *ending {
                    places.push((window[len], document.root_seq));
                }
            }
        }
        let occurrences = places.len() as u64;
        places.truncate(horizon);
        let mut counts = BTreeMap::<WordId, (BTreeSet<u64>, u64)>::new();
        for (word, root) in places {
            let (roots, occurrences) = counts.entry(word).or_default();
            roots.insert(root);
            *occurrences += 1;
        }
        let counts = counts
            .into_iter()
            .map(|(word, (roots, occurrences))| (word, (roots.len() as u64, occurrences)));
        (occurrences > 0).then(|| (len, occurrences, counts.collect()))
    })
}

/// The 8-grams that stand in at least so many clusters.
pub fn common(documents: &[Owned], clusters: usize) -> Boilerplate {
    let mut roots = BTreeMap::<[WordId; BOILERPLATE_WORDS], BTreeSet<u64>>::new();
    for document in documents {
        for phrase in document.words.windows(BOILERPLATE_WORDS) {
            let phrase = phrase.try_into().expect("8 words");
            roots.entry(phrase).or_default().insert(document.root_seq);
        }
    }
    let common = roots
        .into_iter()
        .filter(|(_, roots)| roots.len() >= clusters);
    common.map(|(phrase, _)| phrase).collect()
}
