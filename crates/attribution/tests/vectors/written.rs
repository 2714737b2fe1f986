//! The committed files by themselves: everything that is checked here is read from them, and nothing is made by the tests' worlds.

use crate::{demands, epochs, faults};
use alloy_primitives::{B256, Bytes, hex};
use openledger_attribution::{
    Attributed, Boilerplate, Corpus, Demand, Epoch, EpochRoots, Fault, HashTree, Leaf, Prompt,
    Response, SegmentBuilder, WordId,
    epoch::{Ledger, tree},
    is_answered,
    leaf::{
        Answer, AnswerRow, Batch, Chunk, Context, DatanetVersion, Document, Earning, Gram,
        ModelRow, PayoutRow, Tile, TrainRow, Visibility,
    },
    opening::Chain,
    pay::{SplitTable, Terms},
    tile,
};
use std::{collections::BTreeMap, ops::Range, sync::Arc};

const EPOCHS: &str = include_str!("../../vectors/epochs.json");
const DEMANDS: &str = include_str!("../../vectors/demands.json");
const FAULTS: &str = include_str!("../../vectors/faults.json");

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hex")
}

fn root(text: &str) -> B256 {
    B256::from_slice(&bytes(text))
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a number")
}

fn leaf<L: Leaf>(text: &str) -> L {
    L::decode(&bytes(text)).expect("a leaf")
}

fn leaves<L: Leaf>(texts: &[String]) -> Vec<L> {
    texts.iter().map(|text| leaf(text)).collect()
}

fn plain_root<L: Leaf>(leaves: &[L]) -> B256 {
    HashTree::new(leaves.iter().map(Leaf::hash).collect()).root()
}

/// The words of a text, whose chunks have this root.
fn words(chunks: &[String], root: B256) -> Vec<WordId> {
    let chunks: Vec<Chunk> = leaves(chunks);
    assert_eq!(plain_root(&chunks), root);
    chunks
        .iter()
        .flat_map(|chunk| chunk.words().to_vec())
        .collect()
}

struct Model {
    terms: Terms,
    corpus: Vec<DatanetVersion>,
    corpus_root: B256,
    boilerplate: Vec<Gram>,
    boilerplate_root: B256,
}

/// What the chain holds, and the documents.
struct Facts {
    first: u64,
    paid: Vec<B256>,
    published: Vec<bool>,
    models: BTreeMap<u64, Model>,
    contributions: BTreeMap<u32, u64>,
    contributors: u64,
    payouts_before: B256,
    documents: BTreeMap<u64, Document>,
}

impl Facts {
    fn of(written: &epochs::Vectors) -> Self {
        let models = written.models.iter().map(|model| {
            let [licensor, tuner, compute, stakers, data] = &model.split_bps[..] else {
                panic!("five shares");
            };
            let [licensor, tuner, compute, stakers, data] =
                [licensor, tuner, compute, stakers, data].map(|share| number(share));
            let split = SplitTable {
                licensor,
                tuner,
                compute,
                stakers,
                data,
            };
            let model_facts = Model {
                terms: Terms::new(number(&model.platform_bps), split)
                    .and_then(|terms| terms.with_retrieval(number(&model.retrieval_bps)))
                    .expect("in bounds"),
                corpus: leaves(&model.corpus),
                corpus_root: root(&model.corpus_root),
                boilerplate: leaves(&model.boilerplate),
                boilerplate_root: root(&model.boilerplate_root),
            };
            (number(&model.model_version), model_facts)
        });
        let documents = written.datanets.iter().flat_map(|datanet| &datanet.batches);
        let documents = documents
            .flat_map(|batch| &batch.documents)
            .map(|document| {
                let document: Document = leaf(&document.document);
                (document.seq, document)
            });
        Self {
            first: number(&written.first_answer),
            paid: written
                .answers
                .iter()
                .map(|answer| root(&answer.hash))
                .collect(),
            published: (written.answers.iter())
                .map(|answer| answer.published)
                .collect(),
            models: models.collect(),
            contributions: written
                .contributions
                .iter()
                .map(|of| (number(&of.commit_seq), number(&of.contributor)))
                .collect(),
            contributors: number(&written.contributors),
            payouts_before: root(&written.payouts_before.root),
            documents: documents.collect(),
        }
    }
}

impl Chain for Facts {
    fn answers(&self) -> Range<u64> {
        self.first..self.first + self.paid.len() as u64
    }

    fn paid(&self, i: u64) -> Option<B256> {
        self.paid.get(i.checked_sub(self.first)? as usize).copied()
    }

    fn is_published(&self, i: u64) -> bool {
        let at = i.checked_sub(self.first).map(|at| at as usize);
        at.is_some_and(|at| self.published.get(at) == Some(&true))
    }

    fn terms(&self, model_version: u64) -> Option<Terms> {
        Some(self.models.get(&model_version)?.terms)
    }

    fn corpus(&self, model_version: u64) -> Option<B256> {
        Some(self.models.get(&model_version)?.corpus_root)
    }

    fn boilerplate(&self, model_version: u64) -> Option<B256> {
        Some(self.models.get(&model_version)?.boilerplate_root)
    }

    fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        self.contributions.get(&commit_seq).copied()
    }

    fn contributors(&self) -> u64 {
        self.contributors
    }

    fn payouts_before(&self) -> B256 {
        self.payouts_before
    }
}

impl Ledger for Facts {
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

fn roots(answers: &str, models: &str, payouts: &str) -> EpochRoots {
    EpochRoots {
        answers: root(answers),
        models: root(models),
        payouts: root(payouts),
    }
}

fn right_roots(epoch: &epochs::Epoch) -> EpochRoots {
    roots(&epoch.answers_root, &epoch.models_root, &epoch.payouts_root)
}

fn read<'a, T: serde::Deserialize<'a>>(text: &'a str) -> T {
    serde_json::from_str(text).expect("the vectors")
}

#[test]
fn the_written_world_is_what_its_roots_say() {
    let written: epochs::Vectors = read(EPOCHS);
    let facts = Facts::of(&written);
    for datanet in &written.datanets {
        let version: DatanetVersion = leaf(&datanet.version);
        let batches: Vec<Batch> = datanet
            .batches
            .iter()
            .map(|batch| leaf(&batch.batch))
            .collect();
        assert_eq!(plain_root(&batches), version.root);
        for (batch, written) in batches.iter().zip(&datanet.batches) {
            let documents = written
                .documents
                .iter()
                .map(|document| leaf(&document.document));
            let documents: Vec<Document> = documents.collect();
            assert_eq!(plain_root(&documents), batch.root);
            for (document, written) in documents.iter().zip(&written.documents) {
                let words = words(&written.chunks, document.chunk_root);
                assert_eq!(words.len(), usize::from(document.words));
            }
        }
    }
    for model in facts.models.values() {
        assert_eq!(plain_root(&model.corpus), model.corpus_root);
        assert_eq!(plain_root(&model.boilerplate), model.boilerplate_root);
    }
    let before: Vec<PayoutRow> = leaves(&written.payouts_before.rows);
    assert_eq!(
        tree(&before).expect("small amounts").root(),
        facts.payouts_before
    );
    for (answer, hash) in written.answers.iter().zip(&facts.paid) {
        assert_eq!(leaf::<Answer>(&answer.answer).hash(), *hash);
    }
}

/// From the texts and terms to the roots, by the index and the pay rule.
#[test]
fn the_written_epoch_is_the_one_of_the_rules() {
    let written: epochs::Vectors = read(EPOCHS);
    let facts = Facts::of(&written);
    let attributed = written.answers.iter().map(|written_answer| {
        let answer: Answer = leaf(&written_answer.answer);
        let output = words(&written_answer.output, answer.output_root);
        let context = Context::from(Bytes::from(bytes(&written_answer.context)));
        assert_eq!(context.root(), answer.context_root);
        let prompt = words(&written_answer.prompt, context.prompt());
        assert_eq!(output.len(), answer.words as usize);
        let model = &facts.models[&answer.model_version];
        let segments = model
            .corpus
            .iter()
            .map(|version| segment(&written, version));
        let corpus = Corpus::new(segments.collect()).expect("each document once");
        let list = Boilerplate::from_iter(model.boilerplate.iter().map(|gram| gram.ids));
        let prompt = Prompt::new(&prompt).expect("short");
        let open = written_answer.published && answer.visibility == Visibility::Public;
        let tiles = match open {
            true => tile(&corpus, &output, &prompt, &list).leaves(),
            false => Some(Vec::new()),
        };
        Attributed {
            answer,
            context: open.then_some(context),
            tiles: tiles.expect("in range"),
        }
    });
    let attributed: Vec<_> = attributed.collect();
    let before: Vec<PayoutRow> = leaves(&written.payouts_before.rows);
    let before: Vec<u128> = before.iter().map(|row| row.cumulative).collect();
    let epoch = Epoch::compute(
        facts.first,
        &attributed,
        &facts,
        &before,
        facts.contributors,
    );
    let epoch = epoch.expect("all is written");
    let right = &written.epoch;
    assert_eq!(
        epoch.trees().expect("small amounts").roots(),
        right_roots(right)
    );
    for ((row, tiles), written) in epoch.answers.iter().zip(&right.answers) {
        assert_eq!(*row, leaf::<AnswerRow>(&written.row));
        assert_eq!(*tiles, leaves::<Tile>(&written.tiles));
        let sum = tree(tiles).expect("few words").sum();
        assert_eq!(sum, number::<u128>(&written.tiles_sum));
    }
    for (part, written) in epoch.models.iter().zip(&right.models) {
        assert_eq!(part.row, leaf::<ModelRow>(&written.row));
        assert_eq!(part.answers, leaves::<TrainRow>(&written.answers));
    }
    for (part, written) in epoch.payouts.iter().zip(&right.payouts) {
        assert_eq!(part.row, leaf::<PayoutRow>(&written.row));
        assert_eq!(part.earnings, leaves::<Earning>(&written.earnings));
    }
}

fn segment(
    written: &epochs::Vectors,
    version: &DatanetVersion,
) -> Arc<openledger_attribution::Segment> {
    let is = |datanet: &&epochs::Datanet| leaf::<DatanetVersion>(&datanet.version) == *version;
    let datanet = written.datanets.iter().find(is).expect("a Datanet");
    let mut builder = SegmentBuilder::new();
    for written in datanet.batches.iter().flat_map(|batch| &batch.documents) {
        let document: Document = leaf(&written.document);
        let added = builder.push(openledger_attribution::Document {
            seq: document.seq,
            root_seq: document.root_seq,
            words: &words(&written.chunks, document.chunk_root),
        });
        added.expect("in order");
    }
    Arc::new(builder.into_segment().expect("short"))
}

#[test]
fn written_proofs_prove_what_is_written() {
    let written: epochs::Vectors = read(EPOCHS);
    let facts = Facts::of(&written);
    let right = right_roots(&written.epoch);
    let faults: faults::Vectors = read(FAULTS);
    let verdicts = |proof: &faults::Proof| {
        let wrong = roots(&proof.answers_root, &proof.models_root, &proof.payouts_root);
        let encoded = bytes(&proof.proof);
        let fault = Fault::decode(&encoded).expect("a proof");
        assert_eq!(encoded[..1], bytes(&proof.kind));
        assert_eq!(format!("F{}", fault.number()), proof.fault);
        [wrong, right].map(|roots| fault.verify(&facts, &roots).is_ok())
    };
    for proof in &faults.proven {
        assert_eq!(verdicts(proof), [true, false], "{}", proof.name);
    }
    for proof in &faults.refused {
        assert_eq!(verdicts(proof), [false, false], "{}", proof.name);
    }
    for proof in &faults.no_proofs {
        assert!(
            Fault::decode(&bytes(&proof.bytes)).is_err(),
            "{}",
            proof.name
        );
    }
    assert!(faults.proven.len() > 60 && faults.refused.len() > 60);
}

#[test]
fn written_responses_answer_what_is_written() {
    let facts = Facts::of(&read(EPOCHS));
    let demands: demands::Vectors = read(DEMANDS);
    let demand = |of: &demands::Numbers| Demand::new(of.what, [of.a, of.b, of.c]);
    let verdict = |of: &demands::Vector| {
        let roots = roots(&of.answers_root, &of.models_root, &of.payouts_root);
        let demand = demand(&of.demand).expect("a demand");
        assert_eq!(demand.check(&facts), Ok(()), "{}", of.name);
        let response = Response::decode(demand.what(), &bytes(&of.response));
        let response = response.expect("a response");
        is_answered(&facts, &roots, &demand, &response).is_ok()
    };
    for answered in &demands.answered {
        assert!(verdict(answered), "{}", answered.name);
    }
    for refused in &demands.refused {
        assert!(!verdict(refused), "{}", refused.name);
    }
    for none in &demands.not_demanded {
        assert!(demand(none).is_none_or(|demand| demand.check(&facts).is_err()));
    }
    for none in &demands.no_responses {
        let decoded = Response::decode(none.demand.what, &bytes(&none.bytes));
        assert!(decoded.is_err(), "{}", none.name);
    }
    assert!(demands.answered.len() > 80 && demands.refused.len() > 120);
}
