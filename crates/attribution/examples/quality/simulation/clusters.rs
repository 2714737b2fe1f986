//! Which earlier document holds most of a new one.

use openledger_attribution::{
    Sketch,
    sketch::{DERIVATIVE_BPS, MAX_BPS},
};
use std::collections::{BTreeMap, HashMap};

/// What a document is to the earlier ones: an original is its own parent and root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    pub parent_seq: u64,
    pub root_seq: u64,
    pub contain_bps: u16,
}

/// Documents in the order of their commits.
#[derive(Debug, Default)]
pub struct Clusters {
    /// By fingerprint, the documents that have it, ascending.
    holders: HashMap<u64, Vec<u64>>,
    /// By document.
    roots: BTreeMap<u64, u64>,
}

impl Clusters {
    /// The earlier document with the highest containment, of several the first; none below the band of derivatives.
    fn parent(&self, sketch: &Sketch) -> Option<(u64, u16)> {
        let mut found: BTreeMap<u64, u32> = BTreeMap::new();
        for fingerprint in sketch.fingerprints() {
            for holder in self.holders.get(&fingerprint.hash).into_iter().flatten() {
                *found.entry(*holder).or_default() += 1;
            }
        }
        let most = found.values().copied().max()?;
        let parent = found.into_iter().find(|(_, count)| *count == most)?.0;
        let bps = most * u32::from(MAX_BPS) / sketch.fingerprints().len() as u32;
        (bps >= DERIVATIVE_BPS.into()).then_some((parent, bps as u16))
    }

    /// Adds the next document.
    pub fn admit(&mut self, seq: u64, sketch: &Sketch) -> Placement {
        let placement = match self.parent(sketch) {
            Some((parent_seq, contain_bps)) => Placement {
                parent_seq,
                root_seq: self.roots[&parent_seq],
                contain_bps,
            },
            None => Placement {
                parent_seq: seq,
                root_seq: seq,
                contain_bps: 0,
            },
        };
        self.roots.insert(seq, placement.root_seq);
        for fingerprint in sketch.fingerprints() {
            let holders = self.holders.entry(fingerprint.hash).or_default();
            if holders.last() != Some(&seq) {
                holders.push(seq);
            }
        }
        placement
    }
}
