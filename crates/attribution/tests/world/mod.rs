//! A small world: contributors, Datanets, two model versions, answers. Everything is searched by trying.

// Each test has its own use for it.
#![allow(dead_code)]

pub mod fixed;
pub mod forged;
pub mod lies;
pub mod picks;
pub mod published;
mod random;

use alloy_primitives::B256;
use openledger_attribution::{
    AppendTree, Attributed, Corpus, Epoch, EpochTrees, HashTree, Leaf, Match, Prompt,
    SegmentBuilder, Text, WordId,
    dispute::{Evidence, PhraseList},
    epoch::Ledger,
    leaf::{
        Answer, Batch, Context, DatanetVersion, Document, MAX_TILE_LEN, MIN_MATCH_LEN, Tile,
        TileKind, Visibility,
    },
    opening::{AnswerOpening, Chain, DocumentOpening, SourceOpening},
    pay::Terms,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

/// A version of a Datanet.
pub struct Dataset {
    pub version: DatanetVersion,
    batches: HashTree,
    pub documents: Vec<(Batch, Vec<Document>)>,
}

impl Dataset {
    /// Of each commit its documents.
    fn new(datanet: u64, commits: Vec<(u32, Vec<Document>)>) -> Self {
        let mut append = AppendTree::default();
        let mut documents = Vec::new();
        for (commit_seq, batch) in commits {
            let tree = HashTree::new(batch.iter().map(Leaf::hash).collect());
            let leaf = Batch {
                commit_seq,
                root: tree.root(),
            };
            append.push(leaf.hash());
            documents.push((leaf, batch));
        }
        let batches = HashTree::new(documents.iter().map(|(batch, _)| batch.hash()).collect());
        assert_eq!(batches.root(), append.root());
        Self {
            version: DatanetVersion {
                datanet,
                version: 3,
                root: batches.root(),
            },
            batches,
            documents,
        }
    }
}

/// See the module.
pub struct World {
    pub first: u64,
    pub answers: Vec<Answer>,
    pub before: Vec<u128>,
    pub contributors: u64,
    pub texts: BTreeMap<u64, Text>,
    documents: BTreeMap<u64, Document>,
    /// Whose commits are. A leaf may name somebody else, who is paid for its own words then, and not for what repeats them.
    pub contributions: BTreeMap<u32, u64>,
    pub datasets: Vec<Dataset>,
    pub outputs: Vec<Text>,
    pub prompts: Vec<Text>,
    pub contexts: Vec<Context>,
    /// Places of those that were not published.
    pub unpublished: BTreeSet<usize>,
    pub phrases: PhraseList,
    /// By model version.
    pub terms: BTreeMap<u64, Terms>,
    pub epoch_before: Epoch,
}

/// Model version 1 was trained on the first Datanet, 2 on both.
pub fn datasets_of(model: u64) -> Range<usize> {
    0..model as usize
}

fn word(n: usize) -> WordId {
    WordId::of(format!("w{n}").as_bytes())
}

/// Words that both begin with, 64 at most.
fn shared(one: &[WordId], other: &[WordId]) -> usize {
    let pairs = one.iter().zip(other).take(MAX_TILE_LEN.into());
    pairs.take_while(|(one, other)| one == other).count()
}

fn salt(chunk: u32) -> B256 {
    B256::with_last_byte(chunk as u8 + 1)
}

impl World {
    pub fn epoch_before(&self) -> Option<&Epoch> {
        Some(&self.epoch_before)
    }

    /// The epoch by the rules.
    pub fn right(&self) -> Epoch {
        let attributed: Vec<_> = (0..self.answers.len())
            .map(|at| Attributed {
                answer: self.answers[at].clone(),
                context: self.is_open(at).then(|| self.contexts[at].clone()),
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

    /// Whether an answer's words are attributed.
    pub fn is_open(&self, at: usize) -> bool {
        self.answers[at].visibility == Visibility::Public && !self.unpublished.contains(&at)
    }

    fn said(&self, at: usize) -> &[WordId] {
        match self.is_open(at) {
            true => self.outputs[at].words(),
            false => &[],
        }
    }

    fn tiles(&self, at: usize) -> Vec<Tile> {
        let answer = &self.answers[at];
        let words = self.said(at);
        let prompt = self.prompts[at].words();
        let echo = |start: usize| {
            let runs = (0..prompt.len()).map(|place| shared(&words[start..], &prompt[place..]));
            let longest = runs.clone().max().unwrap_or(0);
            let place = runs.zip(0..).find(|(run, _)| *run == longest)?.1;
            (longest >= MIN_MATCH_LEN.into()).then_some((longest, place))
        };
        let mut tiles: Vec<Tile> = Vec::new();
        let mut start = 0;
        while start < words.len() {
            let end = (start..words.len()).find(|at| echo(*at).is_some());
            let end = end.unwrap_or(words.len());
            let full = tiles.last().filter(|tile| tile.len == MAX_TILE_LEN);
            let tile = |len: usize, kind, seq, offset| Tile {
                start: start as u32,
                len: len as u8,
                kind,
                seq,
                offset,
            };
            let run = echo(start).map(|(len, place)| tile(len, TileKind::Echo, place, 0));
            let rest = || {
                let before = full.filter(|tile| tile.kind == TileKind::Echo)?;
                let place = before.seq as usize + 64;
                let len = shared(&words[start..], prompt.get(place..)?);
                Some(tile(len, TileKind::Echo, place as u64, 0))
            };
            let matching = || {
                let found = self.longest(answer.model_version, &words[..end], start)?;
                let kind = match self.phrases.list().covers(&words[start..start + found.len]) {
                    true => TileKind::Boiler,
                    false => TileKind::Span,
                };
                let long = found.len >= MIN_MATCH_LEN.into();
                long.then(|| tile(found.len, kind, found.seq, found.offset as u16))
            };
            let goes_on = || {
                let before = full.filter(|tile| tile.is_match())?;
                let offset = before.offset + 64;
                let behind = self.document_words(before.seq).get(offset.into()..)?;
                let len = shared(&words[start..end], behind);
                Some(tile(len, before.kind, before.seq, offset))
            };
            let there = |tile: &Tile| tile.len > 0;
            let found = (run.or_else(rest).filter(there))
                .or_else(matching)
                .or_else(|| goes_on().filter(there));
            if let Some(found) = found {
                start += usize::from(found.len);
                tiles.push(found);
                continue;
            }
            let gap = tile(1, TileKind::Gap, 0, 0);
            match tiles.last_mut() {
                Some(gap) if gap.kind == TileKind::Gap && gap.len < MAX_TILE_LEN => gap.len += 1,
                _ => tiles.push(gap),
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
        let words = self.said(at);
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

    pub fn corpus_tree(&self, model: u64) -> HashTree {
        let versions = self.datasets[datasets_of(model)].iter();
        HashTree::new(versions.map(|dataset| dataset.version.hash()).collect())
    }

    fn at(&self, i: u64) -> Option<usize> {
        let range = Chain::answers(self);
        range.contains(&i).then(|| (i - self.first) as usize)
    }
}

impl Chain for World {
    fn answers(&self) -> Range<u64> {
        self.first..self.first + self.answers.len() as u64
    }

    fn paid(&self, i: u64) -> Option<B256> {
        Some(self.answers[self.at(i)?].hash())
    }

    fn is_published(&self, i: u64) -> bool {
        self.at(i).is_some_and(|at| !self.unpublished.contains(&at))
    }

    fn terms(&self, model_version: u64) -> Option<Terms> {
        self.terms.get(&model_version).copied()
    }

    fn corpus(&self, model_version: u64) -> Option<B256> {
        Some(self.corpus_tree(model_version).root())
    }

    fn boilerplate(&self, _: u64) -> Option<B256> {
        Some(self.phrases.root())
    }

    fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        self.contributions.get(&commit_seq).copied()
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

    fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        Chain::contributor_of(self, commit_seq)
    }
}

impl Evidence for World {
    fn answer(&self, i: u64) -> Option<&Answer> {
        self.answers.get(self.at(i)?)
    }

    fn output(&self, i: u64) -> Option<&Text> {
        self.outputs.get(self.at(i)?)
    }

    fn context(&self, i: u64) -> Option<&Context> {
        self.contexts.get(self.at(i)?)
    }

    fn prompt(&self, i: u64) -> Option<&Text> {
        self.prompts.get(self.at(i)?)
    }

    fn source(&self, model_version: u64, seq: u64) -> Option<(SourceOpening, &Text)> {
        let (place, opening) = self.open(seq, datasets_of(model_version))?;
        let in_corpus = self.corpus_tree(model_version).prove(place as u64)?;
        Some((SourceOpening { opening, in_corpus }, self.texts.get(&seq)?))
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
                let len = shared(rest, &text[offset..]);
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
