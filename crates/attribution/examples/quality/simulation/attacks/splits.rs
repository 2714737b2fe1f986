//! Committing one's own documents in parts.

use super::Scene;
use crate::simulation::{
    BOILERPLATE_CLUSTERS, Output, Work, World, measures::share_of, world::Paid,
};
use openledger_attribution::{corpus::MAX_MATCH_WORDS, sketch::Band, tiling::MIN_MATCH_WORDS};
use std::collections::BTreeSet;

/// How documents are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Into so many parts of one length.
    Parts(usize),
    /// Into parts of one word less than a match has.
    Crumbs,
}

/// What contributors get for their documents in parts, each on their own, against what they get for them whole.
#[derive(Debug, Clone)]
pub struct Split {
    pub contributors: usize,
    /// Together, in wei.
    pub whole: u128,
    pub split: u128,
    /// What they get over what they got, of the one for whom that is the most.
    pub highest: f64,
}

/// Of contributors whose documents are all original when whole, each on their own.
pub fn splits(scene: &Scene, contributors: usize, cut: Cut) -> Split {
    let works = &scene.library.works;
    let world = World::new(works, Some(BOILERPLATE_CLUSTERS));
    let paid = world.attribute(&scene.outputs);
    let is_original = |work: &Work| Band::of(world.containment(work.seq)) == Band::Original;
    let all_original = |who: u64| {
        let mut theirs = works.iter().filter(|work| work.contributor == who);
        theirs.all(is_original)
    };
    let chosen =
        (0..scene.library.contributors).filter(|who| all_original(*who) && earned(&paid, *who) > 0);
    let each = chosen.take(contributors).map(|who| {
        let works = works.iter().flat_map(|work| match work.contributor == who {
            true => parts(work, lengths(work, cut)),
            false => vec![work.clone()],
        });
        let works = Vec::from_iter(works);
        let world = World::new(&works, Some(BOILERPLATE_CLUSTERS));
        (
            earned(&paid, who),
            earned(&world.attribute(&scene.outputs), who),
        )
    });
    Split::of(each)
}

/// Of those who have a derivative that quotes an earlier document, when the quote is a document of its own: all at once, of answers
/// that say nothing but these derivatives.
pub fn quotes_apart(scene: &Scene) -> Split {
    let works = &scene.library.works;
    let world = World::new(works, Some(BOILERPLATE_CLUSTERS));
    let is_derivative = |work: &&Work| Band::of(world.containment(work.seq)) == Band::Derivative;
    let quoting: Vec<&Work> = scene.own().into_iter().filter(is_derivative).collect();
    let said = scene.answers(&quoting, scene.outputs.len(), 0, &mut scene.rng());
    let cut =
        works.iter().flat_map(
            |work| match quoting.iter().any(|quoting| quoting.seq == work.seq) {
                true => {
                    let runs = work.writers.chunk_by(|one, next| one == next);
                    parts(work, runs.map(<[_]>::len).collect())
                }
                false => vec![work.clone()],
            },
        );
    let cut = Vec::from_iter(cut);
    let [whole, apart] = [
        world.attribute(&said),
        World::new(&cut, Some(BOILERPLATE_CLUSTERS)).attribute(&said),
    ];
    let who = BTreeSet::from_iter(quoting.iter().map(|work| work.contributor));
    let each = who
        .into_iter()
        .map(|who| (earned(&whole, who), earned(&apart, who)));
    Split::of(each.filter(|(whole, _)| *whole > 0))
}

/// Of somebody whose document has as many words as make a full tile and just no other, when an answer says it from its beginning to
/// its end: whole, the last words are too few for a match of their own.
pub fn after_a_full_tile(scene: &Scene) -> Split {
    let len = MAX_MATCH_WORDS + MIN_MATCH_WORDS - 1;
    let words = scene.library.chain.say(len, &mut scene.rng());
    let whole = Work::original(1, 0, words);
    let said = Output {
        words: whole.words.clone(),
        prompt: Vec::new(),
        truth: [(0, len)].into(),
    };
    let cut = parts(&whole, lengths(&whole, Cut::Parts(2)));
    let earned = [&[whole][..], &cut].map(|works| {
        let world = World::new(works, None);
        earned(&world.attribute(std::slice::from_ref(&said)), 0)
    });
    Split::of([(earned[0], earned[1])].into_iter())
}

impl Split {
    fn of(each: impl Iterator<Item = (u128, u128)>) -> Self {
        let mut all = Self {
            contributors: 0,
            whole: 0,
            split: 0,
            highest: 0.0,
        };
        for (whole, split) in each {
            all.contributors += 1;
            all.whole += whole;
            all.split += split;
            all.highest = all.highest.max(split as f64 / whole as f64);
        }
        all
    }
}

fn earned(paid: &[Paid], who: u64) -> u128 {
    share_of(paid, |of| of == who).1
}

fn lengths(work: &Work, cut: Cut) -> Vec<usize> {
    let len = match cut {
        Cut::Parts(count) => work.words.len().div_ceil(count),
        Cut::Crumbs => MIN_MATCH_WORDS - 1,
    };
    work.words.chunks(len).map(<[_]>::len).collect()
}

/// The parts of a document, committed together.
fn parts(work: &Work, lengths: Vec<usize>) -> Vec<Work> {
    let mut from = 0;
    let parts = lengths.into_iter().zip(0..).map(|(len, index)| {
        let range = from..from + len;
        from += len;
        Work {
            seq: work.seq + index,
            contributor: work.contributor,
            words: work.words[range.clone()].to_vec(),
            writers: work.writers[range].to_vec(),
        }
    });
    parts.collect()
}
