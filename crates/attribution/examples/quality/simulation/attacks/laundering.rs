//! Texts of others, changed until they are no copy: what the rule names as its limit.
//!
//! Two things are asked of each: what it takes from answers that say the originals, and what becomes of answers that say the laundered
//! text itself, as those of a model do that read it more often.

use super::Scene;
use crate::simulation::{
    BOILERPLATE_CLUSTERS, Output, Work, World, library::COMMIT, measures::share_of,
};
use openledger_attribution::sketch::Band;
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

/// Documents that are laundered.
const DOCUMENTS: usize = 100;

/// Shares are parts of one.
#[derive(Debug, Clone)]
pub struct Laundered {
    /// How strong: every which word is changed, or of how many sources a document is made. Nothing of an answer.
    pub degree: Option<usize>,
    /// Of the documents.
    pub original: f64,
    pub derivative: f64,
    pub held: f64,
    /// What the attacker takes of answers that say the originals.
    pub of_originals: f64,
    /// Of answers that say the laundered text: the attacker's, and that of everybody else. The rest is training weight.
    pub of_laundered: f64,
    pub others: f64,
}

/// Every n-th word is replaced by another.
pub fn paraphrases(scene: &Scene, degrees: &[usize]) -> Vec<Laundered> {
    let each = degrees.iter().map(|n| {
        let mut rng = scene.rng();
        let works = (0..DOCUMENTS).map(|at| {
            let work = *scene.own().choose(&mut rng).expect("there are works");
            let copy = work.copied(later(scene, at), scene.attacker());
            copy.every_nth_changed(*n, &scene.library.chain, &mut rng)
        });
        let works = Vec::from_iter(works);
        try_laundered(scene, Some(*n), &works, None, &mut rng)
    });
    each.collect()
}

/// Documents of passages out of so many sources each, in turn.
pub fn mixtures(scene: &Scene, degrees: &[usize]) -> Vec<Laundered> {
    let each = degrees.iter().map(|sources| {
        let mut rng = scene.rng();
        let works = (0..DOCUMENTS).map(|at| {
            let mut mixture = Work::original(later(scene, at), scene.attacker(), Vec::new());
            for _ in 0..*sources {
                let source = *scene.own().choose(&mut rng).expect("there are works");
                let len = (360 / sources).min(source.words.len());
                let from = rng.random_range(0..=source.words.len() - len);
                mixture
                    .words
                    .extend_from_slice(&source.words[from..from + len]);
                mixture
                    .writers
                    .extend_from_slice(&source.writers[from..from + len]);
            }
            mixture
        });
        let works = Vec::from_iter(works);
        try_laundered(scene, Some(*sources), &works, None, &mut rng)
    });
    each.collect()
}

/// Public answers, committed as documents; the same are given again by a model version that has them.
pub fn answers_registered(scene: &Scene) -> Laundered {
    let mut rng = scene.rng();
    let outputs = scene.answers(&scene.own(), DOCUMENTS, 0, &mut rng);
    let works = outputs.iter().enumerate().map(|(at, output)| {
        let len = output.words.len().min(512);
        Work::original(
            later(scene, at),
            scene.attacker(),
            output.words[..len].to_vec(),
        )
    });
    let works = Vec::from_iter(works);
    try_laundered(scene, None, &works, Some(&outputs), &mut rng)
}

fn later(scene: &Scene, at: usize) -> u64 {
    scene.library.next_seq() + at as u64 * COMMIT
}

fn try_laundered(
    scene: &Scene,
    degree: Option<usize>,
    works: &[Work],
    said: Option<&[Output]>,
    rng: &mut StdRng,
) -> Laundered {
    let all = scene.library.works.iter().chain(works);
    let world = World::new(all, Some(BOILERPLATE_CLUSTERS));
    let contained: Vec<u16> = works
        .iter()
        .map(|work| world.containment(work.seq))
        .collect();
    let of = |band| {
        let is = contained.iter().filter(|bps| Band::of(**bps) == band);
        is.count() as f64 / works.len() as f64
    };
    let attacker = |who| who == scene.attacker();
    let made;
    let said = match said {
        Some(said) => said,
        None => {
            let works: Vec<&Work> = works.iter().collect();
            made = scene.answers(&works, scene.outputs.len(), 0, rng);
            &made
        }
    };
    let paid = world.attribute(said);
    Laundered {
        degree,
        original: of(Band::Original),
        derivative: of(Band::Derivative),
        held: of(Band::Held),
        of_originals: share_of(&world.attribute(&scene.outputs), attacker).0,
        of_laundered: share_of(&paid, attacker).0,
        others: share_of(&paid, |who| !attacker(who)).0,
    }
}
