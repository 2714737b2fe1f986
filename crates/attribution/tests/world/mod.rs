//! A small world: contributors, Datanets, two model versions, answers. Everything is searched by trying.

// Each test has its own use for it.
#![allow(dead_code)]

pub mod lies;

use alloy_primitives::{Address, B256};
use openledger_attribution::{
    AppendTree, Attributed, Boilerplate, Corpus, Epoch, EpochTrees, HashTree, Leaf, Match, Prompt,
    SegmentBuilder, Text, WordId,
    dispute::{Evidence, PhraseList},
    epoch::Ledger,
    leaf::{
        Answer, Batch, ContributionKind, DatanetVersion, Document, GRAM_LEN, MAX_TILE_LEN,
        MIN_MATCH_LEN, RawCid, Tile, TileKind, Visibility,
    },
    opening::{AnswerOpening, Chain, DocumentOpening, SourceOpening},
    pay::{Terms, tiled_words},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{collections::BTreeMap, ops::Range, sync::Arc};

struct Dataset {
    version: DatanetVersion,
    batches: HashTree,
    documents: Vec<(Batch, Vec<Document>)>,
}

/// See the module.
pub struct World {
    pub first: u64,
    pub answers: Vec<Answer>,
    pub before: Vec<u128>,
    contributors: u64,
    texts: BTreeMap<u64, Text>,
    documents: BTreeMap<u64, Document>,
    datasets: Vec<Dataset>,
    outputs: Vec<Text>,
    prompts: Vec<Text>,
    phrases: PhraseList,
    epoch_before: Epoch,
}

/// Model version 1 was trained on the first Datanet, 2 on both.
fn datasets_of(model: u64) -> Range<usize> {
    0..model as usize
}

fn word(n: usize) -> WordId {
    WordId::of(format!("w{n}").as_bytes())
}

fn salt(chunk: u32) -> B256 {
    B256::with_last_byte(chunk as u8 + 1)
}

impl World {
    pub fn random(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let contributors = rng.random_range(2..6);
        let (mut texts, mut documents) = (BTreeMap::new(), BTreeMap::new());
        let mut commit = 0;
        let datasets = (0..2).map(|datanet| {
            let mut append = AppendTree::default();
            let mut batches = Vec::new();
            for _ in 0..rng.random_range(1..4) {
                commit += 1;
                let mut batch = Vec::new();
                for index in 0..rng.random_range(1..4) {
                    let seq = (commit << 32) | index;
                    let made = document(seq, contributors, &mut texts, &documents, &mut rng);
                    documents.insert(seq, made.clone());
                    batch.push(made);
                }
                let tree = HashTree::new(batch.iter().map(Leaf::hash).collect());
                let leaf = Batch {
                    commit_seq: commit as u32,
                    root: tree.root(),
                };
                append.push(leaf.hash());
                batches.push((leaf, batch));
            }
            let tree = HashTree::new(batches.iter().map(|(batch, _)| batch.hash()).collect());
            assert_eq!(tree.root(), append.root());
            Dataset {
                version: DatanetVersion {
                    datanet,
                    version: 3,
                    root: tree.root(),
                },
                batches: tree,
                documents: batches,
            }
        });
        let datasets = datasets.collect();
        let mut phrases = Vec::new();
        for text in texts.values() {
            let at = rng.random_range(0..text.words().len());
            let phrase = text.words().get(at..at + GRAM_LEN + 1);
            for ids in phrase.unwrap_or_default().windows(GRAM_LEN) {
                let ids: [WordId; GRAM_LEN] = ids.try_into().expect("eight words");
                phrases.push(ids);
            }
        }
        let first = rng.random_range(0..1_000);
        let count = rng.random_range(1..5);
        let (mut answers, mut outputs, mut prompts) = (Vec::new(), Vec::new(), Vec::new());
        for i in first..first + count {
            let words = pieces(&texts, &phrases, &mut rng, 60);
            let prompt = Text::new(words, salt).expect("short");
            let mut words = pieces(&texts, &phrases, &mut rng, 150);
            words.extend_from_slice(&prompt.words()[prompt.words().len() / 2..]);
            if rng.random_bool(0.1) {
                words.clear();
            }
            let output = Text::new(words, salt).expect("short");
            let fee: u64 = match rng.random_range(0..4) {
                0 => rng.random_range(0..8),
                _ => rng.random(),
            };
            answers.push(Answer {
                i,
                model_version: rng.random_range(1..3),
                payer: Address::with_last_byte(i as u8),
                fee: fee.into(),
                tokens_in: 5,
                tokens_out: 6,
                visibility: match rng.random_bool(0.15) {
                    true => Visibility::Sealed,
                    false => Visibility::Public,
                },
                context_root: prompt.root(),
                output_root: output.root(),
                words: output.words().len() as u32,
            });
            outputs.push(output);
            prompts.push(prompt);
        }
        let mut world = Self {
            first,
            answers,
            before: Vec::new(),
            contributors,
            texts,
            documents,
            datasets,
            outputs,
            prompts,
            phrases: Boilerplate::from_iter(phrases).into(),
            epoch_before: Epoch {
                answers: vec![],
                models: vec![],
                payouts: vec![],
            },
        };
        // Some earned before, by an epoch of which nothing else matters here.
        let known = rng.random_range(0..=contributors);
        let before = Epoch::compute(0, &[], &world, &vec![0; known as usize], known);
        let mut before = before.expect("no answers");
        for part in &mut before.payouts {
            part.row.cumulative = rng.random_range(0..1_000);
        }
        world.before = before.cumulative();
        world.epoch_before = before;
        world
    }

    pub fn epoch_before(&self) -> Option<&Epoch> {
        Some(&self.epoch_before)
    }

    /// The epoch by the rules.
    pub fn right(&self) -> Epoch {
        let attributed: Vec<_> = (0..self.answers.len())
            .map(|at| Attributed {
                answer: self.answers[at].clone(),
                tiles: self.tiles(at),
            })
            .collect();
        let before = &self.before;
        for (at, attributed) in attributed.iter().enumerate() {
            assert_eq!(self.tiles_by_index(at).as_ref(), Some(&attributed.tiles));
        }
        Epoch::compute(self.first, &attributed, self, before, self.contributors)
            .expect("all is known")
    }

    fn tiles(&self, at: usize) -> Vec<Tile> {
        let answer = &self.answers[at];
        let words = &self.outputs[at].words()[..tiled_words(answer) as usize];
        let prompt = self.prompts[at].words();
        let mut tiles: Vec<Tile> = Vec::new();
        let mut start = 0;
        while start < words.len() {
            let found = self.longest(answer.model_version, words, start);
            if let Some(found) = found.filter(|found| found.len >= MIN_MATCH_LEN.into()) {
                let said = &words[start..start + found.len];
                let kind = if prompt.windows(said.len()).any(|part| part == said) {
                    TileKind::Echo
                } else if self.phrases.list().covers(said) {
                    TileKind::Boiler
                } else {
                    TileKind::Span
                };
                tiles.push(Tile {
                    start: start as u32,
                    len: found.len as u8,
                    kind,
                    seq: found.seq,
                    offset: found.offset as u16,
                });
                start += found.len;
                continue;
            }
            match tiles.last_mut() {
                Some(gap) if gap.kind == TileKind::Gap && gap.len < MAX_TILE_LEN => gap.len += 1,
                _ => tiles.push(Tile {
                    start: start as u32,
                    len: 1,
                    kind: TileKind::Gap,
                    seq: 0,
                    offset: 0,
                }),
            }
            start += 1;
        }
        tiles
    }

    /// The same by the index: a segment for each Datanet.
    pub fn tiles_by_index(&self, at: usize) -> Option<Vec<Tile>> {
        let answer = &self.answers[at];
        let segments = self.datasets[datasets_of(answer.model_version)].iter();
        let segments = segments.map(|dataset| {
            let mut builder = SegmentBuilder::new();
            for document in dataset
                .documents
                .iter()
                .flat_map(|(_, documents)| documents)
            {
                let added = builder.push(openledger_attribution::Document {
                    seq: document.seq,
                    root_seq: document.root_seq,
                    words: self.document_words(document.seq),
                });
                added.expect("in order");
            }
            Arc::new(builder.into_segment().expect("short"))
        });
        let corpus = Corpus::new(segments.collect()).expect("each document once");
        let words = &self.outputs[at].words()[..tiled_words(answer) as usize];
        let prompt = Prompt::new(self.prompts[at].words()).expect("short");
        openledger_attribution::tile(&corpus, words, &prompt, self.phrases.list()).leaves()
    }

    pub fn document_words(&self, seq: u64) -> &[WordId] {
        self.texts[&seq].words()
    }

    pub fn corpus_seqs(&self, model: u64) -> Vec<u64> {
        let datasets = self.datasets[datasets_of(model)].iter();
        let documents = datasets.flat_map(|dataset| &dataset.documents);
        documents
            .flat_map(|(_, documents)| documents.iter().map(|document| document.seq))
            .collect()
    }

    /// Another place with the words of a tile, after its own.
    pub fn later_copy(&self, model: u64, tile: &Tile) -> Option<(u64, u16)> {
        let (offset, len) = (usize::from(tile.offset), usize::from(tile.len));
        let said = &self.document_words(tile.seq)[offset..offset + len];
        for seq in self.corpus_seqs(model) {
            for (at, part) in self.document_words(seq).windows(len).enumerate() {
                let place = (seq, at as u16);
                if part == said && place > (tile.seq, tile.offset) {
                    return Some(place);
                }
            }
        }
        None
    }

    pub fn answer_opening(&self, epoch: &Epoch, trees: &EpochTrees, at: usize) -> AnswerOpening {
        AnswerOpening {
            answer: self.answers[at].clone(),
            row: epoch.answers[at].0.clone(),
            proof: trees.answers.prove(at as u64).expect("there"),
        }
    }

    fn open(&self, seq: u64, datasets: Range<usize>) -> Option<(usize, DocumentOpening)> {
        for place in datasets {
            let dataset = &self.datasets[place];
            for ((batch, documents), at_batch) in dataset.documents.iter().zip(0..) {
                let Some(at) = documents.iter().position(|document| document.seq == seq) else {
                    continue;
                };
                let in_batch = HashTree::new(documents.iter().map(Leaf::hash).collect());
                let opening = DocumentOpening {
                    document: documents[at].clone(),
                    in_batch: in_batch.prove(at as u64)?,
                    batch: batch.clone(),
                    in_version: dataset.batches.prove(at_batch)?,
                    version: dataset.version.clone(),
                };
                return Some((place, opening));
            }
        }
        None
    }

    fn corpus_tree(&self, model: u64) -> HashTree {
        let versions = self.datasets[datasets_of(model)].iter();
        HashTree::new(versions.map(|dataset| dataset.version.hash()).collect())
    }

    fn at(&self, i: u64) -> Option<usize> {
        let range = Chain::answers(self);
        range.contains(&i).then(|| (i - self.first) as usize)
    }
}

/// Words of documents, phrases, and others.
fn pieces(
    texts: &BTreeMap<u64, Text>,
    phrases: &[[WordId; GRAM_LEN]],
    rng: &mut StdRng,
    words: usize,
) -> Vec<WordId> {
    let mut all = Vec::new();
    while all.len() < words {
        match rng.random_range(0..4) {
            0 if !phrases.is_empty() => {
                all.extend_from_slice(&phrases[rng.random_range(0..phrases.len())]);
            }
            1 => {
                for _ in 0..rng.random_range(1..20) {
                    all.push(word(rng.random_range(0..300)));
                }
            }
            _ => {
                let text = texts.values().nth(rng.random_range(0..texts.len()));
                let text = text.expect("there are documents").words();
                let start = rng.random_range(0..text.len());
                let end = (start + rng.random_range(4..90)).min(text.len());
                all.extend_from_slice(&text[start..end]);
            }
        }
    }
    all
}

fn document(
    seq: u64,
    contributors: u64,
    texts: &mut BTreeMap<u64, Text>,
    documents: &BTreeMap<u64, Document>,
    rng: &mut StdRng,
) -> Document {
    let mut words: Vec<_> = (0..rng.random_range(10..120))
        .map(|_| word(rng.random_range(0..300)))
        .collect();
    // Parts of earlier documents, so that there are equal matches.
    if let Some(earlier) = texts.values().last().filter(|_| rng.random_bool(0.6)) {
        let start = rng.random_range(0..earlier.words().len());
        let most = start + 200;
        words.extend_from_slice(&earlier.words()[start..most.min(earlier.words().len())]);
    }
    let text = Text::new(words, |_| B256::ZERO).expect("short");
    let parent = documents
        .keys()
        .nth(rng.random_range(0..documents.len().max(1)));
    let bps = [0, 1_499, 1_500, 2_222, 3_999, 4_000, 10_000];
    let contain_bps = match parent {
        Some(_) => bps[rng.random_range(0..bps.len())],
        None => 700,
    };
    let (parent_seq, root_seq) = match parent.filter(|_| contain_bps >= 1_500) {
        Some(parent) => (*parent, documents[parent].root_seq),
        None => (seq, seq),
    };
    let made = Document {
        seq,
        contributor: rng.random_range(0..contributors),
        kind: ContributionKind::Data,
        file: 0,
        part: 0,
        words: text.words().len() as u16,
        chunk_root: text.root(),
        sketch_hash: B256::ZERO,
        parent_seq,
        root_seq,
        contain_bps,
        licence: 1,
        raw_cid: RawCid::NONE,
    };
    assert_eq!(made.check(), Ok(()));
    texts.insert(seq, text);
    made
}

impl Chain for World {
    fn answers(&self) -> Range<u64> {
        self.first..self.first + self.answers.len() as u64
    }

    fn paid(&self, i: u64) -> Option<B256> {
        Some(self.answers[self.at(i)?].hash())
    }

    fn terms(&self, _: u64) -> Option<Terms> {
        Some(Terms::default())
    }

    fn corpus(&self, model_version: u64) -> Option<B256> {
        Some(self.corpus_tree(model_version).root())
    }

    fn boilerplate(&self, _: u64) -> Option<B256> {
        Some(self.phrases.root())
    }

    fn has_version(&self, version: &DatanetVersion) -> bool {
        let mut datasets = self.datasets.iter();
        datasets.any(|dataset| dataset.version == *version)
    }

    fn contributors(&self) -> u64 {
        self.contributors
    }

    fn payouts_before(&self) -> B256 {
        let trees = self.epoch_before.trees().expect("small amounts");
        trees.roots().payouts
    }
}

impl Ledger for World {
    fn terms(&self, model_version: u64) -> Option<Terms> {
        Chain::terms(self, model_version)
    }

    fn document(&self, seq: u64) -> Option<&Document> {
        self.documents.get(&seq)
    }
}

impl Evidence for World {
    fn answer(&self, i: u64) -> Option<&Answer> {
        self.answers.get(self.at(i)?)
    }

    fn output(&self, i: u64) -> Option<&Text> {
        self.outputs.get(self.at(i)?)
    }

    fn prompt(&self, i: u64) -> Option<&Text> {
        self.prompts.get(self.at(i)?)
    }

    fn source(&self, model_version: u64, seq: u64) -> Option<(SourceOpening, &Text)> {
        let (place, opening) = self.open(seq, datasets_of(model_version))?;
        let in_corpus = self.corpus_tree(model_version).prove(place as u64)?;
        Some((SourceOpening { opening, in_corpus }, self.texts.get(&seq)?))
    }

    fn document(&self, seq: u64) -> Option<DocumentOpening> {
        Some(self.open(seq, 0..self.datasets.len())?.1)
    }

    fn phrases(&self, _: u64) -> Option<&PhraseList> {
        Some(&self.phrases)
    }

    fn longest(&self, model_version: u64, words: &[WordId], start: usize) -> Option<Match> {
        let rest = &words[start..];
        let mut best: Option<Match> = None;
        let mut seqs = self.corpus_seqs(model_version);
        seqs.sort_unstable();
        for seq in seqs {
            let text = self.document_words(seq);
            for offset in 0..text.len() {
                let same = rest.iter().zip(&text[offset..]).take(MAX_TILE_LEN.into());
                let len = same.take_while(|(one, other)| one == other).count();
                // The first of the longest.
                if len > best.map_or(0, |best| best.len) {
                    best = Some(Match {
                        len,
                        seq,
                        root_seq: self.documents[&seq].root_seq,
                        offset: offset as u32,
                    });
                }
            }
        }
        best
    }
}
