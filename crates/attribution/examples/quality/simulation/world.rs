//! Documents and answers, put through the rule itself.

use super::{answers::Output, library::Work};
use alloy_primitives::{Address, B256};
use openledger_attribution::{
    Attributed, Boilerplate, Corpus, Document as Indexed, Epoch, Prompt, SegmentBuilder, Sketch,
    Text, Tiling, WordId,
    cluster::Clusters,
    epoch::Ledger,
    leaf::{Answer, Context, ContributionKind, Document, RawCid, Visibility},
    pay::Terms,
    tile,
    tiling::Place,
};
use std::{collections::BTreeMap, sync::Arc};

/// What one answer costs, in wei.
const FEE: u128 = 1_000_000_000_000_000_000;

/// A model version's documents, admitted and indexed.
pub struct World {
    pub corpus: Corpus,
    pub boilerplate: Boilerplate,
    documents: BTreeMap<u64, Document>,
    contributors: u64,
}

/// What became of the data pool of one answer, in wei.
#[derive(Debug, Clone)]
pub struct Paid {
    pub pool: u128,
    /// By contributor, what the text match paid. The rest of the pool goes to the training weights.
    pub text: BTreeMap<u64, u128>,
    pub tiling: Tiling,
}

impl Paid {
    /// What the text match paid in all.
    pub fn by_text(&self) -> u128 {
        self.text.values().sum()
    }
}

impl Ledger for World {
    fn terms(&self, _: u64) -> Option<Terms> {
        Some(Terms::default())
    }

    fn document(&self, seq: u64) -> Option<&Document> {
        self.documents.get(&seq)
    }

    fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        let first = u64::from(commit_seq) << 32;
        // All of a commit are one contributor's.
        let mut its = self.documents.range(first..=first | u64::from(u32::MAX));
        Some(its.next()?.1.contributor)
    }
}

impl World {
    /// Admits the works by the order of their sequences. `clusters` is what a phrase must stand in to be boilerplate, none for no list.
    pub fn new<'a>(works: impl IntoIterator<Item = &'a Work>, clusters: Option<usize>) -> Self {
        let mut works = Vec::from_iter(works);
        works.sort_by_key(|work| work.seq);
        let mut admitted = Clusters::default();
        let mut builder = SegmentBuilder::new();
        let mut documents = BTreeMap::new();
        for work in &works {
            let document = admit(work, &mut admitted);
            let indexed = Indexed {
                seq: work.seq,
                root_seq: document.root_seq,
                words: &work.words,
            };
            builder.push(indexed).expect("works are documents");
            documents.insert(work.seq, document);
        }
        let segment = builder.into_segment().expect("there is memory");
        let corpus = Corpus::new(vec![Arc::new(segment)]).expect("one segment");
        let boilerplate = clusters.map(|clusters| Boilerplate::common(&corpus, clusters));
        Self {
            boilerplate: boilerplate.unwrap_or_default(),
            corpus,
            documents,
            contributors: works
                .iter()
                .map(|work| work.contributor + 1)
                .max()
                .unwrap_or(0),
        }
    }

    /// The containment of a document in its parent, in basis points; 0 of an original.
    pub fn containment(&self, seq: u64) -> u16 {
        self.documents[&seq].contain_bps
    }

    /// Tiles the answers, divides their pools as an epoch does, and gives what each one paid.
    pub fn attribute(&self, outputs: &[Output]) -> Vec<Paid> {
        let tilings = outputs.iter().map(|output| {
            let prompt = Prompt::new(&output.prompt).expect("a prompt is short");
            tile(&self.corpus, &output.words, &prompt, &self.boilerplate)
        });
        let tilings = Vec::from_iter(tilings);
        let answers = outputs.iter().zip(&tilings).enumerate();
        let answers = answers.map(|(i, (output, tiling))| {
            let context = Context::new(root(&output.prompt), &[]).expect("nothing was retrieved");
            Attributed {
                answer: answer(i as u64, output, &context),
                context: Some(context),
                tiles: tiling.leaves().expect("tiles are in range"),
            }
        });
        let answers = Vec::from_iter(answers);
        let epoch = Epoch::compute(0, &answers, self, &[], self.contributors)
            .expect("an epoch of all its documents");
        let mut paid: Vec<Paid> = epoch
            .answers
            .iter()
            .zip(tilings)
            .map(|((row, _), tiling)| Paid {
                pool: row.data_pool,
                text: BTreeMap::new(),
                tiling,
            })
            .collect();
        for part in &epoch.payouts {
            for earning in &part.earnings {
                let text = &mut paid[earning.i as usize].text;
                *text.entry(part.row.contributor).or_default() += earning.amount;
            }
        }
        // To the wei: the text's part and the training weights' are the pool.
        let train: u128 = epoch.models.iter().map(|part| part.row.train).sum();
        let text: u128 = paid.iter().map(Paid::by_text).sum();
        assert_eq!(
            train + text,
            paid.iter().map(|paid| paid.pool).sum::<u128>()
        );
        paid
    }

    /// As [`Self::attribute`] by the rule that one would think of first: each match pays all documents that have its words alike,
    /// whoever was first, with nothing to hold back.
    pub fn attribute_naively(&self, works: &[&Work], outputs: &[Output]) -> Vec<Paid> {
        let places = super::sources::Places::new(works);
        let mut paid = self.attribute(outputs);
        for (paid, output) in paid.iter_mut().zip(outputs) {
            paid.text.clear();
            let tiles = paid.tiling.tiles.iter();
            for tile in tiles.filter(|tile| matches!(tile.place, Place::Document(_))) {
                let holders = places.holders(&output.words[tile.start..tile.start + tile.len]);
                let part = paid.pool / output.words.len() as u128 * tile.len as u128;
                for holder in &holders {
                    *paid.text.entry(*holder).or_default() += part / holders.len() as u128;
                }
            }
        }
        paid
    }
}

fn admit(work: &Work, admitted: &mut Clusters) -> Document {
    let sketch = Sketch::of(&work.words).expect("works are documents");
    let placement = admitted
        .admit(work.seq, &sketch)
        .expect("works are in order");
    let text = Text::new(work.words.clone(), |_| B256::ZERO).expect("works are short");
    Document {
        seq: work.seq,
        contributor: work.contributor,
        kind: ContributionKind::Data,
        file: 0,
        part: 0,
        words: work.words.len() as u16,
        chunk_root: text.root(),
        sketch_hash: sketch.hash(),
        parent_seq: placement.parent_seq,
        root_seq: placement.root_seq,
        contain_bps: placement.contain_bps,
        licence: 0,
        raw_cid: RawCid::NONE,
    }
}

fn root(words: &[WordId]) -> B256 {
    let text = Text::new(words.to_vec(), |chunk| {
        B256::with_last_byte(chunk as u8 + 1)
    });
    text.expect("answers are short").root()
}

fn answer(i: u64, output: &Output, context: &Context) -> Answer {
    Answer {
        i,
        model_version: 1,
        payer: Address::ZERO,
        fee: FEE,
        tokens_in: output.prompt.len() as u32,
        tokens_out: output.words.len() as u32,
        visibility: Visibility::Public,
        context_root: context.root(),
        output_root: root(&output.words),
        words: output.words.len() as u32,
    }
}
