//! Contributions as a chain has them: revealed, void and expelled ones, settled and not, with texts that have much in common.

use alloy_primitives::B256;
use openledger_attribution::{
    Archive, HashTree, Leaf, Sketch, WordId,
    admission::{Contributions, Placed, PlacedContent, Record, Refutation, Revealed, Statement},
    archive::Contribution,
    leaf::{Content, ContributionKind, Document, RawCid},
    tree::{HashProof, leaf_hash},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;

pub const WINDOW: u64 = 36;
pub const TIME: u64 = 72;

/// A chain, and all leaves and words behind it. The archive has what stands.
#[derive(Debug)]
pub struct World {
    pub archive: Archive,
    pub records: BTreeMap<u32, Record>,
    pub statements: BTreeMap<u32, Statement>,
    /// Of all documents, also those of contributions that are expelled.
    pub words: BTreeMap<u64, Vec<WordId>>,
    pub now: u64,
}

impl Contributions for World {
    fn record(&self, commit_seq: u32) -> Option<Record> {
        self.records.get(&commit_seq).cloned()
    }

    fn reveal_window(&self) -> u64 {
        WINDOW
    }

    fn admission_time(&self) -> u64 {
        TIME
    }

    fn now(&self) -> u64 {
        self.now
    }
}

pub fn tree(leaves: &[Vec<u8>]) -> HashTree {
    let hash = |leaf: &Vec<u8>| match leaf.split_first() {
        Some((tag, fields)) => leaf_hash(*tag, fields),
        None => alloy_primitives::keccak256([0]),
    };
    HashTree::new(leaves.iter().map(hash).collect())
}

fn word(number: u32) -> WordId {
    WordId::of(&number.to_be_bytes())
}

/// Parts of earlier texts, phrases that all have, and words of its own.
fn text(rng: &mut StdRng, earlier: &[Vec<WordId>]) -> Vec<WordId> {
    let mut words = vec![];
    for _ in 0..rng.random_range(1..4) {
        match rng.random_range(0..5) {
            0 => words.extend((0..rng.random_range(4..30)).map(word)),
            1 => {
                let own: u32 = rng.random();
                words.extend((0..rng.random_range(1..60)).map(|k| word(own ^ k)));
            }
            2 => words.extend(std::iter::repeat_n(word(7), rng.random_range(1..12))),
            _ => {
                let Some(text) = earlier.get(rng.random_range(0..earlier.len().max(1))) else {
                    continue;
                };
                let start = rng.random_range(0..text.len());
                words.extend(&text[start..rng.random_range(start..text.len()) + 1]);
            }
        }
    }
    if words.is_empty() {
        words.push(word(rng.random()));
    }
    // Mostly short, so that many worlds can be judged.
    words.truncate(if rng.random_range(0..8) == 0 {
        700
    } else {
        120
    });
    words
}

impl World {
    pub fn random(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = Self {
            archive: Archive::default(),
            records: BTreeMap::new(),
            statements: BTreeMap::new(),
            words: BTreeMap::new(),
            now: 2_000,
        };
        let mut texts = vec![];
        let mut now = 1_000;
        for commit_seq in 1..rng.random_range(4..8) {
            now += rng.random_range(0..90);
            world.contribution(&mut rng, commit_seq, now, &mut texts);
        }
        world
    }

    fn contribution(
        &mut self,
        rng: &mut StdRng,
        commit_seq: u32,
        committed_at: u64,
        texts: &mut Vec<Vec<WordId>>,
    ) {
        let fate = rng.random_range(0..8);
        let mut record = Record {
            committed_at,
            revealed: None,
        };
        if fate == 0 {
            self.records.insert(commit_seq, record);
            return;
        }
        let (contributor, licence) = (rng.random_range(0..3), rng.random_range(0..3));
        let files: Vec<_> = (0..rng.random_range(1..4))
            .map(|_| {
                let words = text(rng, texts);
                texts.push(words.clone());
                Contribution {
                    kind: ContributionKind::Data,
                    licence,
                    raw_cid: RawCid::of(&committed_at.to_be_bytes()),
                    words,
                }
            })
            .collect();
        let (is_expelled, is_left) = (fate == 1, fate == 2);
        let mut apart = Archive::default();
        let archive = match is_expelled || is_left {
            true => &mut apart,
            false => &mut self.archive,
        };
        archive.revealed(commit_seq, contributor).expect("once");
        archive.admit(commit_seq, files).expect("words");
        let documents: Vec<_> = archive.documents_of(commit_seq).cloned().collect();
        for document in &documents {
            let words = archive.words(document.seq).expect("words").words().to_vec();
            self.words.insert(document.seq, words);
        }
        let statement = Statement {
            commit_seq,
            documents: documents.iter().map(Leaf::encode).collect(),
            contents: documents.iter().map(|of| of.content().encode()).collect(),
        };
        let stated_at = committed_at + rng.random_range(0..2 * WINDOW);
        record.revealed = Some(Revealed {
            batch_root: tree(&statement.documents).root(),
            content_root: tree(&statement.contents).root(),
            contributor,
            documents: documents.len() as u32,
            licence,
            kinds: 1,
            stated_at,
            expelled_at: is_expelled.then(|| stated_at + rng.random_range(0..TIME)),
            is_asked: rng.random_range(0..8) == 0,
            out_of_date_since: match rng.random_range(0..8) {
                _ if is_left => Some(self.now - TIME - rng.random_range(0..2)),
                0 => Some(self.now - rng.random_range(0..TIME)),
                _ => None,
            },
        });
        self.records.insert(commit_seq, record);
        self.statements.insert(commit_seq, statement);
    }

    pub fn revealed(&mut self, commit_seq: u32) -> &mut Revealed {
        let record = self.records.get_mut(&commit_seq).expect("a place");
        record.revealed.as_mut().expect("revealed")
    }

    /// Those that can be expelled, and are in the archive.
    pub fn standing(&self) -> Vec<u32> {
        let is_left = |since: u64| since + TIME <= self.now;
        let is_standing = |record: &Record| {
            let of = record.revealed.as_ref();
            of.is_some_and(|of| {
                of.expelled_at.is_none() && !of.out_of_date_since.is_some_and(is_left)
            })
        };
        let standing = self.records.iter().filter(|(_, of)| is_standing(of));
        standing.map(|(commit_seq, _)| *commit_seq).collect()
    }

    /// States these leaves.
    pub fn state(&mut self, commit_seq: u32, leaves: Vec<Vec<u8>>) {
        self.revealed(commit_seq).batch_root = tree(&leaves).root();
        let statement = self.statements.get_mut(&commit_seq).expect("revealed");
        statement.documents = leaves;
    }

    /// All documents, as they are stated.
    pub fn all(&self) -> Vec<u64> {
        let seqs = self.statements.values().flat_map(|of| {
            let first = u64::from(of.commit_seq) << 32;
            (0..of.documents.len() as u64).map(move |index| first | index)
        });
        seqs.collect()
    }

    fn leaf(&self, seq: u64) -> Option<(&[u8], HashProof)> {
        let leaves = &self.statements.get(&((seq >> 32) as u32))?.documents;
        let index = seq as u32;
        let proof = tree(leaves).prove(u64::from(index))?;
        Some((leaves.get(index as usize)?, proof))
    }

    fn content_leaf(&self, seq: u64) -> Option<(&[u8], HashProof)> {
        let leaves = &self.statements.get(&((seq >> 32) as u32))?.contents;
        let index = seq as u32;
        let proof = tree(leaves).prove(u64::from(index))?;
        Some((leaves.get(index as usize)?, proof))
    }

    pub fn placed(&self, seq: u64) -> Option<Placed> {
        let (leaf, proof) = self.leaf(seq)?;
        Some(Placed {
            document: Document::decode(leaf).ok()?,
            proof,
        })
    }

    fn content(&self, seq: u64) -> Option<PlacedContent> {
        let (leaf, proof) = self.content_leaf(seq)?;
        Some(PlacedContent {
            content: Content::decode(leaf).ok()?,
            proof,
        })
    }

    fn sketch(&self, seq: u64) -> Option<Sketch> {
        Sketch::of(self.words.get(&seq)?).ok()
    }

    /// Some proof that a document is wrong, beside another one. Most hold not.
    pub fn proof(&self, kind: u8, seq: u64, beside: u64) -> Option<Refutation> {
        Some(match kind {
            1 => {
                let leaves = &self.statements.get(&((seq >> 32) as u32))?.documents;
                let tree = tree(leaves);
                Refutation::Count {
                    count: tree.count(),
                    top: tree.top().unwrap_or(B256::ZERO),
                }
            }
            2 => {
                let (leaf, proof) = self.leaf(seq)?;
                let leaf = leaf.to_vec();
                Refutation::Leaf { leaf, proof }
            }
            3 => {
                let (content, proof) = self.content_leaf(beside)?;
                Refutation::Content {
                    document: self.placed(seq)?,
                    content: content.to_vec(),
                    proof,
                }
            }
            4 => {
                let words = self.words.get(&seq)?.clone();
                let text = openledger_attribution::Text::new(words, |_| B256::ZERO).ok()?;
                Refutation::Sketch {
                    document: self.placed(seq)?,
                    words: text.open_whole(),
                }
            }
            5 => Refutation::Nearer {
                document: self.placed(seq)?,
                sketch: self.sketch(seq)?,
                commit_seq: (beside >> 32) as u32,
                earlier: self.content(beside)?,
                earlier_sketch: self.sketch(beside)?,
            },
            6 => Refutation::Gone {
                document: self.placed(seq)?,
            },
            7 => Refutation::Containment {
                document: self.placed(seq)?,
                sketch: self.sketch(seq)?,
                parent: self.content(beside)?,
                parent_sketch: self.sketch(beside)?,
            },
            8 => Refutation::ParentRoot {
                document: self.placed(seq)?,
                parent: self.placed(beside)?,
            },
            _ => return None,
        })
    }
}

/// Makes a statement another one: of one document another place, or something that it can not say.
pub fn lie(rng: &mut StdRng, world: &mut World, commit_seq: u32) -> &'static str {
    let all = world.all();
    let statement = &world.statements[&commit_seq];
    let mut leaves = statement.documents.clone();
    let index = rng.random_range(0..leaves.len());
    let mut document = Document::decode(&leaves[index]).expect("a leaf");
    let mut any = || all[rng.random_range(0..all.len())];
    let (other, third) = (any(), any());
    let name = match rng.random_range(0..14) {
        0 => {
            document.contributor ^= 1;
            "another contributor"
        }
        1 => {
            document.kind = ContributionKind::Label;
            "another kind"
        }
        2 => {
            document.licence += 1;
            "another licence"
        }
        3 => {
            (document.seq, document.contain_bps) = (document.seq + 1, 0);
            (document.parent_seq, document.root_seq) = (document.seq, document.seq);
            "another place"
        }
        4 => {
            document.chunk_root.0[3] ^= 1;
            "other words"
        }
        5 => {
            document.sketch_hash.0[3] ^= 1;
            "another sketch"
        }
        6 => {
            (document.parent_seq, document.root_seq) = (document.seq, document.seq);
            document.contain_bps = 0;
            "an original"
        }
        7 => {
            document.parent_seq = other;
            "another parent"
        }
        8 => {
            (document.parent_seq, document.root_seq) = (other, other.min(third));
            document.contain_bps = document.contain_bps.max(1_500);
            "a parent"
        }
        9 => {
            let place = rng.random_range(1_500..10_001);
            document.contain_bps = place;
            "another part"
        }
        10 => {
            document.root_seq = third;
            "another root"
        }
        11 => {
            document.parent_seq = other | 9;
            document.contain_bps = document.contain_bps.max(2_000);
            "a parent that is not there"
        }
        12 => {
            document.contain_bps = document.contain_bps.min(7) + 3;
            "a part of an original"
        }
        _ => {
            leaves.push(b"more".to_vec());
            world.state(commit_seq, leaves);
            return "a leaf more";
        }
    };
    leaves[index] = document.encode();
    world.state(commit_seq, leaves);
    name
}
