//! An epoch: what a range of answers pays to whom, in trees of which the chain holds the roots.

use crate::{
    leaf::{
        Answer, AnswerRow, Context, Document, Earning, Leaf, ModelRow, PayoutRow, Summed, Tile,
        TrainRow, Visibility,
    },
    paid::item_number,
    pay::{self, DataPool, Terms},
    tree::{HashTree, SumOverflow, SumTree},
};
use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An answer and where its words come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributed {
    /// As it was paid.
    pub answer: Answer,
    /// What it was given; `None` of one that is not open, which is sealed or was not published.
    pub context: Option<Context>,
    /// All of its words, none of one that is not open.
    pub tiles: Vec<Tile>,
}

/// What an epoch is computed from besides its answers.
pub trait Ledger {
    /// The terms of a model version.
    fn terms(&self, model_version: u64) -> Option<Terms>;

    /// A document of a tile, by its sequence.
    fn document(&self, seq: u64) -> Option<&Document>;

    /// Whose a contribution is, by its commit's number; see [`Chain::contributor_of`](crate::opening::Chain::contributor_of).
    fn contributor_of(&self, commit_seq: u32) -> Option<u64>;
}

/// A model version's row and what it is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPart {
    /// The row.
    pub row: ModelRow,
    /// By answer; those that give nothing are left out.
    pub answers: Vec<TrainRow>,
}

/// A contributor's row and what it is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutPart {
    /// The row.
    pub row: PayoutRow,
    /// By answer, tile and hop; those of nothing are left out.
    pub earnings: Vec<Earning>,
}

/// All rows of an epoch: what its poster publishes beside the roots. Rows that a poster chose may say anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Of all answers, in their order, with their tiles.
    pub answers: Vec<(AnswerRow, Vec<Tile>)>,
    /// Of the model versions that are given something, ascending.
    pub models: Vec<ModelPart>,
    /// Of all contributors, by their id from zero on.
    pub payouts: Vec<PayoutPart>,
}

/// The roots that an epoch's poster stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EpochRoots {
    /// Of the [`AnswerRow`]s.
    pub answers: B256,
    /// Of the [`ModelRow`]s, a sum tree.
    pub models: B256,
    /// Of the [`PayoutRow`]s, a sum tree.
    pub payouts: B256,
}

/// The trees of an epoch, to make proofs from.
#[derive(Debug, Clone)]
pub struct EpochTrees {
    /// Of the [`AnswerRow`]s.
    pub answers: HashTree,
    /// Of each answer's tiles.
    pub tilings: Vec<SumTree>,
    /// Of the [`ModelRow`]s.
    pub models: SumTree,
    /// Of each model's [`TrainRow`]s.
    pub train: Vec<SumTree>,
    /// Of the [`PayoutRow`]s.
    pub payouts: SumTree,
    /// Of each contributor's earnings.
    pub earnings: Vec<SumTree>,
}

/// Why an epoch can not be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EpochError {
    /// Answers are not numbered one after the other.
    #[error("answer {found} where {expected} should be")]
    Answer {
        /// Next in the row.
        expected: u64,
        /// Given.
        found: u64,
    },
    /// It is not what the answer was given.
    #[error("the context of answer {0} is another")]
    Context(u64),
    /// The tiles are not all of an answer's words, one after the other.
    #[error("the tiles of answer {0} are not its words")]
    Tiles(u64),
    /// The model version is not known.
    #[error("model version {0} is not known")]
    Model(u64),
    /// A document is not known.
    #[error("document {0} is not known")]
    Document(u64),
    /// The contribution that a document's parent or root is of is not known.
    #[error("contribution {0} is not known")]
    Contribution(u32),
    /// A document's contributor is not among those of the epoch.
    #[error("contributor {0} is not known")]
    Contributor(u64),
    /// There were more contributors before.
    #[error("there are {found} contributors, before there were {before}")]
    Contributors {
        /// With the epoch before.
        before: u64,
        /// Now.
        found: u64,
    },
    /// Amounts add up to 2^128 wei or more.
    #[error(transparent)]
    Overflow(#[from] SumOverflow),
}

impl Epoch {
    /// What the rules make of these answers, the first of which is number `first`. `before` is what each contributor had earned with
    /// the epoch before; there are `contributors` now.
    ///
    /// # Errors
    /// See [`EpochError`]: nothing is left out silently.
    pub fn compute(
        first: u64,
        answers: &[Attributed],
        ledger: &impl Ledger,
        before: &[u128],
        contributors: u64,
    ) -> Result<Self, EpochError> {
        if (before.len() as u64) > contributors {
            return Err(EpochError::Contributors {
                before: before.len() as u64,
                found: contributors,
            });
        }
        let mut rows = Vec::with_capacity(answers.len());
        let mut models: BTreeMap<u64, Vec<TrainRow>> = BTreeMap::new();
        let mut earnings: BTreeMap<u64, Vec<Earning>> = BTreeMap::new();
        for (expected, attributed) in (first..).zip(answers) {
            let Attributed {
                answer,
                context,
                tiles,
            } = attributed;
            if answer.i != expected {
                let found = answer.i;
                return Err(EpochError::Answer { expected, found });
            }
            if let Some(context) = context
                && (answer.visibility, context.root()) != (Visibility::Public, answer.context_root)
            {
                return Err(EpochError::Context(answer.i));
            }
            let words = context.as_ref().map_or(0, |_| answer.words);
            if !are_all_words(words, tiles) {
                return Err(EpochError::Tiles(answer.i));
            }
            let terms = ledger.terms(answer.model_version);
            let terms = terms.ok_or(EpochError::Model(answer.model_version))?;
            let row = AnswerRow {
                i: answer.i,
                tiling_root: tree(tiles)?.root(),
                tiles: tiles.len() as u32,
                data_pool: terms.pools(answer.fee).data,
            };
            let context = context.as_ref();
            let pool = DataPool::new(row.data_pool, &terms, answer, context, contributors);
            for_each_part(answer.i, &pool, tiles, ledger, |contributor, earning| {
                if contributor >= contributors {
                    return Err(EpochError::Contributor(contributor));
                }
                // Answers, tiles and hops are passed through in ascending order.
                earnings.entry(contributor).or_default().push(earning);
                Ok(())
            })?;
            let train = pool.train(pay::weight_of_all(tiles));
            if train > 0 {
                let of = models.entry(answer.model_version).or_default();
                of.push(TrainRow { i: answer.i, train });
            }
            rows.push((row, tiles.clone()));
        }
        let models = models.into_iter().map(|(model_version, answers)| {
            let tree = tree(&answers)?;
            let row = ModelRow {
                model_version,
                train: tree.sum(),
                answers_root: tree.root(),
            };
            Ok(ModelPart { row, answers })
        });
        let payouts = (0..contributors).map(|contributor| {
            let earnings = earnings.remove(&contributor).unwrap_or_default();
            let tree = tree(&earnings)?;
            let before = before.get(contributor as usize).copied().unwrap_or(0);
            let earned = tree.sum();
            let row = PayoutRow {
                contributor,
                cumulative: before.checked_add(earned).ok_or(SumOverflow)?,
                earned,
                earnings_root: tree.root(),
            };
            Ok(PayoutPart { row, earnings })
        });
        Ok(Self {
            answers: rows,
            models: models.collect::<Result<_, SumOverflow>>()?,
            payouts: payouts.collect::<Result<_, SumOverflow>>()?,
        })
    }

    /// Its trees, of whatever its rows say.
    ///
    /// # Errors
    /// When amounts add up to 2^128 wei or more.
    pub fn trees(&self) -> Result<EpochTrees, SumOverflow> {
        let rows = |rows: Vec<B256>| HashTree::new(rows);
        let models: Vec<_> = self.models.iter().map(|part| part.row.clone()).collect();
        let payouts: Vec<_> = self.payouts.iter().map(|part| part.row.clone()).collect();
        Ok(EpochTrees {
            answers: rows(self.answers.iter().map(|(row, _)| row.hash()).collect()),
            tilings: trees(self.answers.iter().map(|(_, tiles)| &tiles[..]))?,
            models: tree(&models)?,
            train: trees(self.models.iter().map(|part| &part.answers[..]))?,
            payouts: tree(&payouts)?,
            earnings: trees(self.payouts.iter().map(|part| &part.earnings[..]))?,
        })
    }

    /// What each contributor has earned with it, by id: where the next epoch goes on.
    pub fn cumulative(&self) -> Vec<u128> {
        let of = |part: &PayoutPart| part.row.cumulative;
        self.payouts.iter().map(of).collect()
    }
}

impl EpochTrees {
    /// The roots.
    pub fn roots(&self) -> EpochRoots {
        EpochRoots {
            answers: self.answers.root(),
            models: self.models.root(),
            payouts: self.payouts.root(),
        }
    }
}

/// The tree of summed leaves, in their order.
pub fn tree<L: Summed>(leaves: &[L]) -> Result<SumTree, SumOverflow> {
    SumTree::new(leaves.iter().map(Summed::sum_node).collect())
}

fn trees<'a, L: Summed + 'a>(
    of: impl Iterator<Item = &'a [L]>,
) -> Result<Vec<SumTree>, SumOverflow> {
    of.map(tree).collect()
}

/// Each of an answer's earnings and whose it is.
fn for_each_part(
    i: u64,
    pool: &DataPool,
    tiles: &[Tile],
    ledger: &impl Ledger,
    mut then: impl FnMut(u64, Earning) -> Result<(), EpochError>,
) -> Result<(), EpochError> {
    let mut before = 0;
    for (tile, number) in tiles.iter().zip(0..) {
        let weight = tile.weight();
        if weight == 0 {
            continue;
        }
        let amount = pool.tile(before, weight);
        before += weight;
        let document = ledger.document(tile.seq);
        let document = document.ok_or(EpochError::Document(tile.seq))?;
        for part in pay::parts(document, amount) {
            let payee = part.payee(document, |commit_seq| ledger.contributor_of(commit_seq));
            let unknown = EpochError::Contribution((part.seq >> 32) as u32);
            let earning = Earning {
                i,
                tile: number,
                hop: part.hop,
                amount: part.amount,
            };
            then(payee.ok_or(unknown)?, earning)?;
        }
    }
    for (place, item) in pool.items().iter().enumerate() {
        let earning = Earning {
            i,
            tile: item_number(tiles.len() as u32, place),
            hop: 0,
            amount: pool.item(place),
        };
        if earning.amount > 0 {
            then(item.contributor, earning)?;
        }
    }
    Ok(())
}

fn are_all_words(words: u32, tiles: &[Tile]) -> bool {
    let end = tiles.iter().try_fold(0u32, |at, tile| {
        let follows = tile.start == at && tile.check().is_ok();
        follows.then(|| at.checked_add(tile.len.into()))?
    });
    end == Some(words)
}
