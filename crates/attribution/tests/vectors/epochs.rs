//! A world's facts, and the epoch that the rules make of them.

use crate::{json, world::World, world::datasets_of};
use openledger_attribution::{Leaf, Text, epoch::tree, pay::DataPool};
use serde::{Deserialize, Serialize};

/// Bytes and roots are hex, leaves are encoded, numbers are decimal.
#[derive(Serialize, Deserialize)]
pub struct Vectors {
    pub about: String,
    pub datanets: Vec<Datanet>,
    pub contributions: Vec<Contribution>,
    pub models: Vec<Model>,
    pub contributors: String,
    pub payouts_before: Before,
    pub first_answer: String,
    pub answers: Vec<Answer>,
    pub epoch: Epoch,
}

#[derive(Serialize, Deserialize)]
pub struct Datanet {
    pub version: String,
    pub batches: Vec<Batch>,
}

#[derive(Serialize, Deserialize)]
pub struct Batch {
    pub batch: String,
    pub documents: Vec<Document>,
}

#[derive(Serialize, Deserialize)]
pub struct Document {
    pub document: String,
    pub chunks: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Contribution {
    pub commit_seq: String,
    /// As its reveal said.
    pub contributor: String,
}

#[derive(Serialize, Deserialize)]
pub struct Model {
    pub model_version: String,
    pub platform_bps: String,
    pub retrieval_bps: String,
    /// Licensor, tuner, compute, stakers, data.
    pub split_bps: Vec<String>,
    pub corpus_root: String,
    pub corpus: Vec<String>,
    pub boilerplate_root: String,
    pub boilerplate: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Before {
    pub root: String,
    pub rows: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Answer {
    pub answer: String,
    /// What the chain holds of it.
    pub hash: String,
    pub output: Vec<String>,
    pub context: String,
    /// Whether output and context were there when the epoch was cut.
    pub published: bool,
    pub prompt: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Epoch {
    pub answers_root: String,
    pub models_root: String,
    pub payouts_root: String,
    pub answers: Vec<AnswerRow>,
    pub models: Vec<ModelRow>,
    pub payouts: Vec<PayoutRow>,
    /// Of all answers.
    pub data_pools: String,
    /// Of all model versions.
    pub train: String,
    /// Of all contributors.
    pub earned: String,
}

#[derive(Serialize, Deserialize)]
pub struct AnswerRow {
    pub row: String,
    pub tiles: Vec<String>,
    pub tiles_sum: String,
    /// Platform, licensor, tuner, compute, stakers, data.
    pub pools: Vec<String>,
    /// What is left of the data pool.
    pub train: String,
    /// What each item of the context earns, of a sealed answer none.
    pub items: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct ModelRow {
    pub row: String,
    pub answers: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct PayoutRow {
    pub row: String,
    pub earnings: Vec<String>,
}

fn leaves<'a, L: Leaf + 'a>(leaves: impl IntoIterator<Item = &'a L>) -> Vec<String> {
    leaves.into_iter().map(leaf).collect()
}

fn leaf(leaf: &impl Leaf) -> String {
    json::bytes(leaf.encode())
}

fn chunks(text: &Text) -> Vec<String> {
    let opened = text.open_whole();
    leaves(opened.chunks.iter().map(|(chunk, _)| chunk))
}

fn numbers<const N: usize>(numbers: [u128; N]) -> Vec<String> {
    numbers.map(|number| number.to_string()).into()
}

pub fn vectors(world: &World) -> Vectors {
    let payouts = |epoch: &openledger_attribution::Epoch| {
        let rows = epoch.payouts.iter().map(|part| part.row.clone());
        rows.collect::<Vec<_>>()
    };
    let before = payouts(&world.epoch_before);
    Vectors {
        about: "A world and the epoch of its answers, leaf by leaf. Every leaf is encoded; chunks are in their order, those of an \
            output and a prompt with their salts. split_bps are licensor, tuner, compute, stakers, data; pools begin with the platform's."
            .into(),
        datanets: world.datasets.iter().map(|dataset| datanet(world, dataset)).collect(),
        contributions: world.contributions.iter().map(contribution).collect(),
        models: world.terms.keys().map(|model| self::model(world, *model)).collect(),
        contributors: world.contributors.to_string(),
        payouts_before: Before {
            root: json::bytes(tree(&before).expect("small amounts").root()),
            rows: leaves(&before),
        },
        first_answer: world.first.to_string(),
        answers: (world.answers.iter().zip(&world.outputs))
            .zip(world.prompts.iter().zip(&world.contexts))
            .map(|((answer, output), (prompt, context))| Answer {
                answer: leaf(answer),
                hash: json::bytes(answer.hash()),
                output: chunks(output),
                context: json::bytes(context.bytes()),
                published: openledger_attribution::opening::Chain::is_published(world, answer.i),
                prompt: chunks(prompt),
            })
            .collect(),
        epoch: epoch(world),
    }
}

fn datanet(world: &World, dataset: &crate::world::Dataset) -> Datanet {
    let batches = dataset.documents.iter().map(|(batch, documents)| Batch {
        batch: leaf(batch),
        documents: documents
            .iter()
            .map(|document| Document {
                document: leaf(document),
                chunks: chunks(&world.texts[&document.seq]),
            })
            .collect(),
    });
    Datanet {
        version: leaf(&dataset.version),
        batches: batches.collect(),
    }
}

fn contribution((commit_seq, contributor): (&u32, &u64)) -> Contribution {
    Contribution {
        commit_seq: commit_seq.to_string(),
        contributor: contributor.to_string(),
    }
}

fn model(world: &World, model: u64) -> Model {
    let versions = &world.datasets[datasets_of(model)];
    let (platform, split) = (
        world.terms[&model].platform_bps(),
        world.terms[&model].split(),
    );
    let split = [
        split.licensor,
        split.tuner,
        split.compute,
        split.stakers,
        split.data,
    ];
    let phrases = world.phrases.list().phrases().iter();
    let phrases = phrases.map(|ids| openledger_attribution::leaf::Gram { ids: *ids });
    Model {
        model_version: model.to_string(),
        platform_bps: platform.to_string(),
        retrieval_bps: world.terms[&model].retrieval_bps().to_string(),
        split_bps: numbers(split.map(u128::from)),
        corpus_root: json::bytes(world.corpus_tree(model).root()),
        corpus: leaves(versions.iter().map(|dataset| &dataset.version)),
        boilerplate_root: json::bytes(world.phrases.root()),
        boilerplate: phrases.map(|gram| leaf(&gram)).collect(),
    }
}

fn epoch(world: &World) -> Epoch {
    let epoch = world.right();
    let roots = epoch.trees().expect("small amounts").roots();
    let answers = epoch.answers.iter().zip(&world.answers);
    let answers = answers.zip(&world.contexts);
    let answers = answers.map(|(((row, tiles), answer), context)| {
        let terms = &world.terms[&answer.model_version];
        let pools = terms.pools(answer.fee);
        let at = (answer.i - world.first) as usize;
        let context = Some(context).filter(|_| world.is_open(at));
        let pool = DataPool::new(pools.data, terms, answer, context, world.contributors);
        let sum = tree(tiles).expect("few words").sum();
        AnswerRow {
            row: leaf(row),
            tiles: leaves(tiles),
            tiles_sum: sum.to_string(),
            pools: numbers([
                pools.platform,
                pools.licensor,
                pools.tuner,
                pools.compute,
                pools.stakers,
                pools.data,
            ]),
            // The lower half of the sum is the weight.
            train: pool.train(sum as u64).to_string(),
            items: (0..pool.items().len())
                .map(|item| pool.item(item).to_string())
                .collect(),
        }
    });
    let models = epoch.models.iter().map(|part| ModelRow {
        row: leaf(&part.row),
        answers: leaves(&part.answers),
    });
    let payouts = epoch.payouts.iter().map(|part| PayoutRow {
        row: leaf(&part.row),
        earnings: leaves(&part.earnings),
    });
    let data_pools: u128 = epoch.answers.iter().map(|(row, _)| row.data_pool).sum();
    let train: u128 = epoch.models.iter().map(|part| part.row.train).sum();
    let earned: u128 = epoch.payouts.iter().map(|part| part.row.earned).sum();
    assert_eq!(data_pools, train + earned);
    Epoch {
        answers_root: json::bytes(roots.answers),
        models_root: json::bytes(roots.models),
        payouts_root: json::bytes(roots.payouts),
        answers: answers.collect(),
        models: models.collect(),
        payouts: payouts.collect(),
        data_pools: data_pools.to_string(),
        train: train.to_string(),
        earned: earned.to_string(),
    }
}
