//! How much of a document stands in another one: of documents that have nothing to do with each other, and of edited copies.

use super::library::{Chain, Work};
use openledger_attribution::{
    Sketch, WordId,
    sketch::{Band, MAX_BPS},
};
use rand::{SeedableRng, rngs::StdRng};

/// Documents by different people, each compared with all earlier ones of others.
#[derive(Debug, Clone)]
pub struct Independent {
    /// Of each document, the highest containment, ascending, in basis points.
    pub highest: Vec<u16>,
    pub pairs: u64,
    /// Pairs with any fingerprint in common.
    pub touching: u64,
    pub derivative: u64,
    pub held: u64,
}

impl Independent {
    pub fn of(documents: &[(u64, Vec<WordId>)]) -> Self {
        let sketch = |words: &[WordId]| Sketch::of(words).expect("they are documents");
        let sketches = documents.iter().map(|(who, words)| (*who, sketch(words)));
        let sketches = Vec::from_iter(sketches);
        let mut found = Self {
            highest: Vec::new(),
            pairs: 0,
            touching: 0,
            derivative: 0,
            held: 0,
        };
        for (at, (who, sketch)) in sketches.iter().enumerate() {
            let others = sketches[..at].iter().filter(|(other, _)| other != who);
            let mut highest = 0;
            for (_, other) in others {
                let contained = sketch.contained_in(other);
                highest = highest.max(contained);
                found.pairs += 1;
                found.touching += u64::from(contained > 0);
                match Band::of(contained) {
                    Band::Original => (),
                    Band::Derivative => found.derivative += 1,
                    Band::Held => found.held += 1,
                }
            }
            found.highest.push(highest);
        }
        found.highest.sort_unstable();
        found
    }

    /// Of the documents, those that would be of a band.
    pub fn share(&self, band: Band) -> f64 {
        let is = self.highest.iter().filter(|bps| Band::of(**bps) == band);
        is.count() as f64 / self.highest.len() as f64
    }

    /// The containment that this part of the documents, of one, is not above.
    pub fn quantile(&self, part: f64) -> u16 {
        let last = self.highest.len() - 1;
        self.highest[(part * last as f64).round() as usize]
    }
}

/// Of documents, how much stands in what they were before an edit: the mean, the lowest and the highest, in parts of one.
#[derive(Debug, Clone, Copy)]
pub struct Edited {
    pub mean: f64,
    pub lowest: f64,
    pub highest: f64,
}

impl Edited {
    /// Every `n`-th word is another one of the texts.
    pub fn every_nth(works: &[&Work], n: usize, chain: &Chain) -> Self {
        let mut rng = StdRng::seed_from_u64(n as u64);
        Self::of(works, |work| work.every_nth_changed(n, chain, &mut rng))
    }

    pub fn of(works: &[&Work], mut edit: impl FnMut(Work) -> Work) -> Self {
        let contained = works.iter().map(|work| {
            let sketch = |work: &Work| Sketch::of(&work.words).expect("they are documents");
            let edited = sketch(&edit((*work).clone()));
            f64::from(edited.contained_in(&sketch(work))) / f64::from(MAX_BPS)
        });
        let contained = Vec::from_iter(contained);
        Self {
            mean: contained.iter().sum::<f64>() / contained.len() as f64,
            lowest: contained.iter().copied().fold(1.0, f64::min),
            highest: contained.iter().copied().fold(0.0, f64::max),
        }
    }
}
