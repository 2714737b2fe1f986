//! Documents, and who wrote each of their words.

use openledger_attribution::{WordId, segment::MAX_DOCUMENT_WORDS};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use std::collections::HashMap;

/// Commits are this far apart, so that an attack finds room in each, and for a commit before and after it.
pub const COMMIT: u64 = 2 << 32;

/// A document as somebody commits it.
#[derive(Debug, Clone)]
pub struct Work {
    pub seq: u64,
    pub contributor: u64,
    pub words: Vec<WordId>,
    /// Of each word, the contributor who wrote it: another than this one's where it was copied.
    pub writers: Vec<u64>,
}

impl Work {
    pub fn original(seq: u64, contributor: u64, words: Vec<WordId>) -> Self {
        let writers = vec![contributor; words.len()];
        Self {
            seq,
            contributor,
            words,
            writers,
        }
    }

    /// The same words, committed by somebody else.
    pub fn copied(&self, seq: u64, contributor: u64) -> Self {
        Self {
            seq,
            contributor,
            ..self.clone()
        }
    }

    /// Puts another word, its contributor's own, where `changed` says so.
    pub fn edited(
        mut self,
        chain: &Chain,
        rng: &mut StdRng,
        mut changed: impl FnMut(usize, &mut StdRng) -> bool,
    ) -> Self {
        for at in 0..self.words.len() {
            if changed(at, rng) {
                self.words[at] = chain.other_than(self.words[at], rng);
                self.writers[at] = self.contributor;
            }
        }
        self
    }

    /// Every `n`-th word is another.
    pub fn every_nth_changed(self, n: usize, chain: &Chain, rng: &mut StdRng) -> Self {
        self.edited(chain, rng, |at, _| at % n == n - 1)
    }
}

/// What follows a word in some texts: the language model of the simulation, which makes the words between planted passages and
/// those of noise.
#[derive(Debug)]
pub struct Chain {
    text: Vec<WordId>,
    followers: HashMap<WordId, Vec<WordId>>,
}

impl Chain {
    pub fn of<'a>(texts: impl Iterator<Item = &'a [WordId]>) -> Self {
        let mut followers: HashMap<_, Vec<_>> = HashMap::new();
        let mut all = Vec::new();
        for text in texts {
            for pair in text.windows(2) {
                followers.entry(pair[0]).or_default().push(pair[1]);
            }
            all.extend_from_slice(text);
        }
        Self {
            text: all,
            followers,
        }
    }

    /// A word as often as the texts have it.
    pub fn word(&self, rng: &mut StdRng) -> WordId {
        *self.text.choose(rng).expect("texts have words")
    }

    fn other_than(&self, word: WordId, rng: &mut StdRng) -> WordId {
        loop {
            let other = self.word(rng);
            if other != word {
                return other;
            }
        }
    }

    /// So many words, each one that follows the one before somewhere.
    pub fn say(&self, len: usize, rng: &mut StdRng) -> Vec<WordId> {
        let mut last = self.word(rng);
        let words = (0..len).map(|_| {
            let next = self.followers.get(&last).and_then(|next| next.choose(rng));
            last = next.copied().unwrap_or_else(|| self.word(rng));
            last
        });
        words.collect()
    }
}

/// The documents of a model version, by the order of their commits.
#[derive(Debug)]
pub struct Library {
    pub works: Vec<Work>,
    /// Those who commit here; an attacker is the next one.
    pub contributors: u64,
    /// Those works that were not copied as a whole.
    pub own: Vec<usize>,
    pub chain: Chain,
}

impl Library {
    /// Original documents by contributor, in the order of their commits, and what others make of them: after one in ten, somebody
    /// commits an earlier work once more, as it is; after another one in ten, with one word in ten changed; and one in ten quotes 30
    /// to 90 words of an earlier one.
    pub fn new(originals: Vec<(u64, Vec<WordId>)>, rng: &mut StdRng) -> Self {
        let contributors = originals.iter().map(|(contributor, _)| contributor + 1);
        let contributors = contributors.max().unwrap_or(0);
        let chain = Chain::of(originals.iter().map(|(_, words)| &words[..]));
        let mut library = Self {
            works: Vec::new(),
            contributors,
            own: Vec::new(),
            chain,
        };
        for (contributor, words) in originals {
            let mut work = Work::original(library.next_seq(), contributor, words);
            if rng.random_ratio(1, 10) {
                library.quote_in(&mut work, rng);
            }
            library.own.push(library.works.len());
            library.works.push(work);
            let (seq, somebody) = (library.next_seq(), rng.random_range(0..contributors));
            let earlier = library.own.choose(rng).expect("one was pushed");
            let copy = library.works[*earlier].copied(seq, somebody);
            match rng.random_range(0..10) {
                0 => library.works.push(copy),
                1 => {
                    let edited = copy.edited(&library.chain, rng, |_, rng| rng.random_ratio(1, 10));
                    library.works.push(edited);
                }
                _ => (),
            }
        }
        library
    }

    /// The sequence of the next commit.
    pub fn next_seq(&self) -> u64 {
        (self.works.len() as u64 + 1) * COMMIT
    }

    fn quote_in(&self, work: &mut Work, rng: &mut StdRng) {
        let Some(quoted) = self.own.choose(rng).map(|at| &self.works[*at]) else {
            return;
        };
        let len = rng.random_range(30..=90).min(quoted.words.len());
        let from = rng.random_range(0..=quoted.words.len() - len);
        let at = rng.random_range(0..=work.words.len());
        work.words
            .splice(at..at, quoted.words[from..from + len].iter().copied());
        work.writers
            .splice(at..at, quoted.writers[from..from + len].iter().copied());
        work.words.truncate(MAX_DOCUMENT_WORDS);
        work.writers.truncate(MAX_DOCUMENT_WORDS);
    }
}
