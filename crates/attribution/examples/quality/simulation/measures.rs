//! How far from the truth a rule pays.

use super::{answers::Output, world::Paid};
use openledger_attribution::TileKind;
use std::collections::BTreeMap;

/// Of some answers, each figure a part of one.
#[derive(Debug, Clone, Copy)]
pub struct Quality {
    /// Words that were planted, of all.
    pub planted: f64,
    /// Words in matches, of all.
    pub coverage: f64,
    /// Of the data pools, what the text match paid.
    pub text: f64,
    /// Words in BOILER tiles, of all.
    pub boiler: f64,
    /// Of each answer, then the mean: see [`distance`].
    pub distance: f64,
    /// Of all answers taken together.
    pub distance_of_sums: f64,
}

impl Quality {
    pub fn of(outputs: &[Output], paid: &[Paid]) -> Self {
        let words: usize = outputs.iter().map(|output| output.words.len()).sum();
        let planted: usize = outputs.iter().map(Output::planted).sum();
        let words_of = |kind| -> usize { paid.iter().map(|paid| paid.tiling.words_of(kind)).sum() };
        let each = outputs.iter().zip(paid).map(|(output, paid)| {
            let truth = output
                .truth
                .iter()
                .map(|(who, words)| (*who, *words as f64));
            let text = paid.text.iter().map(|(who, wei)| (*who, *wei as f64));
            distance(&truth.collect(), &text.collect())
        });
        // Every answer has an equal pool here, however long it is.
        let mut truth = BTreeMap::new();
        for output in outputs {
            for (who, words) in &output.truth {
                *truth.entry(*who).or_default() += *words as f64 / output.words.len() as f64;
            }
        }
        let mut text = BTreeMap::new();
        for (who, wei) in paid.iter().flat_map(|paid| &paid.text) {
            *text.entry(*who).or_default() += *wei as f64;
        }
        Self {
            planted: planted as f64 / words as f64,
            coverage: 1.0 - words_of(TileKind::Gap) as f64 / words as f64,
            text: total(paid, Paid::by_text) / total(paid, |paid| paid.pool),
            boiler: words_of(TileKind::Boiler) as f64 / words as f64,
            distance: each.sum::<f64>() / outputs.len() as f64,
            distance_of_sums: distance(&truth, &text),
        }
    }
}

fn total(paid: &[Paid], of: impl Fn(&Paid) -> u128) -> f64 {
    paid.iter().map(of).sum::<u128>() as f64
}

/// Half the sum, over all contributors, of how much their shares of two wholes differ (the total variation distance): 0 when they are the
/// same, 1 when they have nobody in common, or when one of them is nothing.
fn distance(one: &BTreeMap<u64, f64>, other: &BTreeMap<u64, f64>) -> f64 {
    let [sum, others] = [one, other].map(|whole| whole.values().sum::<f64>());
    if sum == 0.0 || others == 0.0 {
        return 1.0;
    }
    let share =
        |whole: &BTreeMap<u64, f64>, sum, who| whole.get(who).map_or(0.0, |part| part / sum);
    let here = one
        .keys()
        .map(|who| (share(one, sum, who) - share(other, others, who)).abs());
    let only_there = other.keys().filter(|who| !one.contains_key(who));
    let there = only_there.map(|who| share(other, others, who));
    (here.sum::<f64>() + there.sum::<f64>()) / 2.0
}

/// What some contributors got of all data pools, as a part of one, and in wei.
pub fn share_of(paid: &[Paid], who: impl Fn(u64) -> bool) -> (f64, u128) {
    let text = paid.iter().flat_map(|paid| &paid.text);
    let wei = text.filter(|(of, _)| who(**of)).map(|(_, wei)| wei).sum();
    (wei as f64 / total(paid, |paid| paid.pool), wei)
}
