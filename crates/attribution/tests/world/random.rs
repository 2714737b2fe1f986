//! Worlds of any kind.

use super::{Dataset, World, salt, word};
use alloy_primitives::{Address, B256};
use openledger_attribution::{
    Boilerplate, Epoch, Leaf, Text, WordId,
    leaf::{Answer, Context, ContributionKind, Document, GRAM_LEN, Item, RawCid, Visibility},
    pay::Terms,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;

impl World {
    pub fn random(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let contributors = rng.random_range(2..6);
        let (mut texts, mut documents) = (BTreeMap::new(), BTreeMap::new());
        let mut commit = 0;
        let datasets = (0..2).map(|datanet| {
            let mut commits = Vec::new();
            for _ in 0..rng.random_range(1..4) {
                commit += 1;
                let mut batch = Vec::new();
                for index in 0..rng.random_range(1..4) {
                    let seq = (commit << 32) | index;
                    let made = document(seq, contributors, &mut texts, &documents, &mut rng);
                    documents.insert(seq, made.clone());
                    batch.push(made);
                }
                commits.push((commit as u32, batch));
            }
            Dataset::new(datanet, commits)
        });
        let datasets = datasets.collect();
        let contributions =
            (1..=commit as u32).map(|commit| (commit, rng.random_range(0..contributors)));
        let contributions = contributions.collect();
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
        let (mut answers, mut outputs) = (Vec::new(), Vec::new());
        let (mut prompts, mut contexts) = (Vec::new(), Vec::new());
        for i in first..first + count {
            let long = rng.random_range(40..160);
            let words = pieces(&texts, &phrases, &mut rng, long);
            let prompt = Text::new(words, salt).expect("short");
            let items: Vec<_> = (0..rng.random_range(0..4))
                .map(|_| Item {
                    seq: *texts
                        .keys()
                        .nth(rng.random_range(0..texts.len()))
                        .expect("there"),
                    // One that is not there, too.
                    contributor: rng.random_range(0..=contributors),
                    weight: rng.random_range(0..4),
                })
                .collect();
            let context = Context::new(prompt.root(), &items).expect("few");
            let mut words = pieces(&texts, &phrases, &mut rng, 150);
            for _ in 0..rng.random_range(0..3) {
                let from = rng.random_range(0..prompt.words().len());
                let long = match rng.random_bool(0.5) {
                    true => 65..74,
                    false => 1..80,
                };
                let to = (from + rng.random_range(long)).min(prompt.words().len());
                let at = rng.random_range(0..=words.len());
                words.splice(at..at, prompt.words()[from..to].iter().copied());
            }
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
                context_root: context.root(),
                output_root: output.root(),
                words: output.words().len() as u32,
            });
            outputs.push(output);
            prompts.push(prompt);
            contexts.push(context);
        }
        let mut world = Self {
            first,
            answers,
            before: Vec::new(),
            contributors,
            texts,
            documents,
            contributions,
            datasets,
            outputs,
            prompts,
            contexts,
            unpublished: (0..count as usize)
                .filter(|_| rng.random_bool(0.1))
                .collect(),
            phrases: Boilerplate::from_iter(phrases).into(),
            terms: [1, 2]
                .map(|model| {
                    let terms = Terms::default().with_retrieval(1_000 * model as u16);
                    (model, terms.expect("in bounds"))
                })
                .into(),
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
                // Often a little more than a tile.
                let long = match rng.random_bool(0.4) {
                    true => 65..74,
                    false => 4..90,
                };
                let end = (start + rng.random_range(long)).min(text.len());
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
