//! Which earlier document a new one repeats, and in whose cluster it is: the placement that its leaf states.
//!
//! The parent is the earlier document that holds most of it, by their sketches; of several the first. Everything is exact: the same as
//! comparing with every earlier document one by one.

use crate::{
    Sketch,
    sketch::{DERIVATIVE_BPS, MAX_BPS},
};
use alloy_primitives::map::HashMap;
use std::cmp::Reverse;

/// What a document's leaf says of earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// The earlier document that holds most of it; itself for an original.
    pub parent_seq: u64,
    /// The root of the parent's cluster; itself for an original.
    pub root_seq: u64,
    /// How much of it the parent holds, in basis points; 0 for an original.
    pub contain_bps: u16,
}

/// Why a document has no placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// Documents are placed in the order of their sequences.
    #[error("document {found} comes after document {last}")]
    Order {
        /// Placed last.
        last: u64,
        /// Given.
        found: u64,
    },
    /// More documents than can be numbered.
    #[error("more than 2^32 documents")]
    Full,
}

/// The documents with a fingerprint, ascending. Most fingerprints are one document's.
#[derive(Debug, Clone)]
enum Holders {
    One(u32),
    // Half as large as with the list in place, of which there are few.
    #[allow(clippy::box_collection)]
    Many(Box<Vec<u32>>),
}

impl Holders {
    fn all(&self) -> &[u32] {
        match self {
            Self::One(document) => std::slice::from_ref(document),
            Self::Many(documents) => documents,
        }
    }

    fn push(&mut self, document: u32) {
        match self {
            Self::One(first) => *self = Self::Many(Box::new(vec![*first, document])),
            Self::Many(documents) => documents.push(document),
        }
    }
}

/// Documents in the order of their sequences, to place the next.
///
/// Takes some 30 bytes for each fingerprint that few documents have, and 4 for each further document with it. Placing a document takes as long
/// as the lists are that are read, the shortest first: all documents once, at worst, when all are near copies of each other.
#[derive(Debug, Clone, Default)]
pub struct Clusters {
    last: Option<u64>,
    /// Sequence and root of those that can be a parent.
    documents: Vec<(u64, u64)>,
    holders: HashMap<u64, Holders>,
    /// For each document a zero, between two searches.
    counts: Vec<u32>,
}

/// A hash of a sketch, how often it is there, and who has it too.
struct Shared<'a> {
    times: u32,
    holders: &'a [u32],
}

impl Clusters {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Places the next document, and takes it in.
    ///
    /// # Errors
    /// When it does not come after all others.
    pub fn admit(&mut self, seq: u64, sketch: &Sketch) -> Result<Placement, ClusterError> {
        if let Some(last) = self.last
            && last >= seq
        {
            return Err(ClusterError::Order { last, found: seq });
        }
        let number = u32::try_from(self.documents.len()).map_err(|_| ClusterError::Full)?;
        let mut counts = std::mem::take(&mut self.counts);
        let placement = self.place(&mut counts, seq, sketch);
        self.counts = counts;
        self.last = Some(seq);
        // What the parent holds all of, the parent holds no less of: such a document is nobody's parent.
        if placement.contain_bps == MAX_BPS {
            return Ok(placement);
        }
        self.documents.push((seq, placement.root_seq));
        self.counts.push(0);
        for (hash, _) in hashes(sketch) {
            match self.holders.get_mut(&hash) {
                Some(holders) => holders.push(number),
                None => {
                    self.holders.insert(hash, Holders::One(number));
                }
            }
        }
        Ok(placement)
    }

    fn place(&self, counts: &mut [u32], seq: u64, sketch: &Sketch) -> Placement {
        let all = sketch.fingerprints().len() as u32;
        let found = self.parent(counts, all, sketch);
        let Some((number, count)) = found else {
            return Placement {
                parent_seq: seq,
                root_seq: seq,
                contain_bps: 0,
            };
        };
        let (parent_seq, root_seq) = self.documents[number as usize];
        Placement {
            parent_seq,
            root_seq,
            contain_bps: bps(count, all),
        }
    }

    /// The document that has most of a sketch, and how much of it; `None` when no document has enough to be a parent.
    ///
    /// Lists of holders are read from the shortest on. A document that is in none of those read has at most what the others are worth; so
    /// the longest ones, of phrases that everybody uses, are not read but asked for single documents, once what is left is worth less
    /// than a derivative needs, or than the best so far has.
    fn parent(&self, counts: &mut [u32], all: u32, sketch: &Sketch) -> Option<(u32, u32)> {
        let mut shared: Vec<Shared<'_>> = hashes(sketch)
            .filter_map(|(hash, times)| {
                let holders = self.holders.get(&hash)?.all();
                Some(Shared { times, holders })
            })
            .collect();
        shared.sort_by_key(|shared| shared.holders.len());
        let mut left: u32 = shared.iter().map(|shared| shared.times).sum();
        let least = (u32::from(DERIVATIVE_BPS) * all).div_ceil(MAX_BPS.into());
        let mut touched: Vec<u32> = Vec::new();
        let (mut read, mut most) = (0, 0);
        while left >= least && most <= left {
            let Some(next) = shared.get(read) else { break };
            for document in next.holders {
                let count = &mut counts[*document as usize];
                if *count == 0 {
                    touched.push(*document);
                }
                *count += next.times;
                most = most.max(*count);
            }
            left -= next.times;
            read += 1;
        }
        let rest = shared.get(read..).unwrap_or_default();
        let taken = |document: u32| (document, std::mem::take(&mut counts[document as usize]));
        let mut seen: Vec<(u32, u32)> = touched.into_iter().map(taken).collect();
        // The most promising first, of equal ones the earliest, so that few have to be counted whole.
        seen.sort_unstable_by_key(|(document, count)| (Reverse(*count), *document));
        let mut best: Option<(u32, u32)> = None;
        for (document, count) in seen {
            let enough = best.map_or(least, |(_, count)| count);
            if count + left < enough {
                break;
            }
            let is_late = best.is_some_and(|(first, _)| document > first);
            if is_late && count + left == enough {
                continue;
            }
            let others = rest
                .iter()
                .filter(|shared| shared.holders.binary_search(&document).is_ok());
            let count = count + others.map(|shared| shared.times).sum::<u32>();
            let better = match best {
                None => count >= least,
                Some((first, most)) => count > most || count == most && document < first,
            };
            if better {
                best = Some((document, count));
            }
        }
        best
    }
}

/// The distinct hashes of a sketch, with how many of its fingerprints have each.
fn hashes(sketch: &Sketch) -> impl Iterator<Item = (u64, u32)> + '_ {
    let fingerprints = sketch.fingerprints();
    let runs = fingerprints.chunk_by(|one, other| one.hash == other.hash);
    runs.filter_map(|run| Some((run.first()?.hash, run.len() as u32)))
}

fn bps(count: u32, all: u32) -> u16 {
    // At most 509 of 509.
    (count * u32::from(MAX_BPS) / all.max(1)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{WordId, leaf::MAX_DOCUMENT_LEN};
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    fn sketch(words: &[u32]) -> Sketch {
        let ids: Vec<_> = words
            .iter()
            .map(|word| WordId::of(&word.to_be_bytes()))
            .collect();
        Sketch::of(&ids).expect("words")
    }

    /// The rule itself: every earlier document is compared.
    #[derive(Default)]
    struct Tried(Vec<(u64, u64, Sketch)>);

    impl Tried {
        fn admit(&mut self, seq: u64, sketch: &Sketch) -> Placement {
            let mut best = Placement {
                parent_seq: seq,
                root_seq: seq,
                contain_bps: 0,
            };
            for (parent_seq, root_seq, earlier) in &self.0 {
                let contain_bps = sketch.contained_in(earlier);
                if contain_bps >= DERIVATIVE_BPS && contain_bps > best.contain_bps {
                    best = Placement {
                        parent_seq: *parent_seq,
                        root_seq: *root_seq,
                        contain_bps,
                    };
                }
            }
            self.0.push((seq, best.root_seq, sketch.clone()));
            best
        }
    }

    /// Texts that share phrases, parts of each other, and all of each other.
    fn texts(rng: &mut StdRng, count: usize) -> Vec<Vec<u32>> {
        let phrases: Vec<Vec<u32>> = (0..4)
            .map(|_| {
                (0..rng.random_range(8..40))
                    .map(|_| rng.random_range(0..1_000))
                    .collect()
            })
            .collect();
        let mut texts: Vec<Vec<u32>> = vec![];
        for _ in 0..count {
            let mut text: Vec<u32> = vec![];
            for _ in 0..rng.random_range(1..6) {
                match rng.random_range(0..5) {
                    0 => text.extend(&phrases[rng.random_range(0..phrases.len())]),
                    1 => text.extend(
                        (0..rng.random_range(1..60)).map(|_| rng.random_range(0..1_000_000)),
                    ),
                    2 => text.extend(std::iter::repeat_n(
                        rng.random_range(0..3),
                        rng.random_range(1..30),
                    )),
                    _ if texts.is_empty() => text.push(rng.random_range(0..9)),
                    other => {
                        let earlier = &texts[rng.random_range(0..texts.len())];
                        let start = rng.random_range(0..earlier.len());
                        let len = rng.random_range(1..=earlier.len() - start);
                        text.extend(&earlier[start..start + len]);
                        // Another word, so that few copies are exact.
                        if other == 4 {
                            let at = rng.random_range(0..text.len());
                            text[at] = rng.random_range(0..1_000_000);
                        }
                    }
                }
            }
            text.truncate(MAX_DOCUMENT_LEN.into());
            texts.push(text);
        }
        texts
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn placed_as_by_comparing_with_every_document(seed: u64) {
            let mut rng = StdRng::seed_from_u64(seed);
            let (mut clusters, mut tried) = (Clusters::new(), Tried::default());
            let (mut seq, mut derived) = (0, 0);
            for text in texts(&mut rng, 120) {
                seq += rng.random_range(1..1_000);
                let sketch = sketch(&text);
                let expected = tried.admit(seq, &sketch);
                prop_assert_eq!(clusters.admit(seq, &sketch), Ok(expected));
                derived += u32::from(expected.contain_bps > 0);
            }
            prop_assert!(derived > 5);
        }
    }

    #[test]
    fn a_copy_of_a_copy_belongs_to_the_first() {
        let text: Vec<u32> = (0..300).collect();
        let mut clusters = Clusters::new();
        let first = clusters.admit(5, &sketch(&text));
        assert_eq!(
            first,
            Ok(Placement {
                parent_seq: 5,
                root_seq: 5,
                contain_bps: 0
            })
        );
        for seq in 6..9 {
            let copy = clusters.admit(seq, &sketch(&text));
            assert_eq!(
                copy,
                Ok(Placement {
                    parent_seq: 5,
                    root_seq: 5,
                    contain_bps: 10_000
                })
            );
        }
        assert_eq!(
            clusters.admit(8, &sketch(&text)),
            Err(ClusterError::Order { last: 8, found: 8 })
        );
        // Half of the text and as much of its own is held; what repeats that one more than the first has it for its parent.
        let longer: Vec<u32> = (150..450).collect();
        let held = clusters.admit(9, &sketch(&longer)).expect("in order");
        assert_eq!((held.parent_seq, held.root_seq), (5, 5));
        let third: Vec<u32> = (250..500).collect();
        let third = clusters.admit(10, &sketch(&third)).expect("in order");
        assert_eq!((third.parent_seq, third.root_seq), (9, 5));
    }

    #[test]
    fn copies_are_kept_once_and_near_copies_have_one_root() {
        let text: Vec<u32> = (0..500).collect();
        let mut clusters = Clusters::new();
        let copy = sketch(&text);
        for seq in 0..20_000 {
            clusters.admit(seq, &copy).expect("in order");
        }
        assert_eq!(clusters.documents.len(), 1);
        let indexed: usize = clusters
            .holders
            .values()
            .map(|holders| holders.all().len())
            .sum();
        assert!(indexed < 500, "{indexed}");
        let mut near = text;
        for seq in 20_000..21_000u64 {
            near[250] = 1_000_000 + seq as u32;
            let placed = clusters.admit(seq, &sketch(&near)).expect("in order");
            assert_eq!(placed.root_seq, 0);
        }
    }
}
