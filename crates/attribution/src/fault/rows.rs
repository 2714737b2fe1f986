//! F10: whether the rows are those of the answers and contributors.

use super::{NotAFault, same, wrong};
use crate::{
    EpochRoots,
    leaf::{AnswerRow, Context, Leaf, ModelRow, TrainRow},
    opening::{AnswerOpening, Chain, ModelOpening, OpeningError, TrainOpening},
    pay,
    tree::{Absence, HashProof, Node, SumTop, leaf_hash},
};
use alloy_primitives::B256;

/// F10.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum RowsFault {
    /// There is not one row for each answer.
    Count {
        /// Rows.
        count: u64,
        /// The top of their tree; `None` without rows.
        top: Option<B256>,
    },
    /// Not one row for each contributor.
    Payouts(SumTop),
    /// What stands in a row's place is none, or another answer's.
    Row(Vec<u8>, HashProof),
    /// A model version's answers do not give what its row says; or they give nothing, and it has no row then.
    ModelSum(ModelOpening, SumTop),
    /// An answer gives another amount than what its tiles leave; or it gives nothing, and has no row then.
    Train {
        /// The answer.
        answer: AnswerOpening,
        /// What it was given.
        context: Context,
        /// Its tiles' weight.
        tiles: SumTop,
        /// Its model version's row.
        model: ModelOpening,
        /// What it is said to give.
        train: TrainOpening,
    },
    /// An answer's row is missing where it gives something.
    TrainMissing {
        /// The answer.
        answer: AnswerOpening,
        /// What it was given.
        context: Context,
        /// Its tiles' weight.
        tiles: SumTop,
        /// Its model version's row.
        model: ModelOpening,
        /// That the answer is not among those of the row.
        absence: Absence<TrainRow>,
    },
    /// Its model version's row is missing.
    ModelMissing {
        /// The answer.
        answer: AnswerOpening,
        /// What it was given.
        context: Context,
        /// Its tiles' weight.
        tiles: SumTop,
        /// That the model version has no row.
        absence: Absence<ModelRow>,
    },
    /// A row is of an answer that the epoch does not have.
    NoAnswer(ModelOpening, TrainOpening),
    /// A row is of another model version's answer.
    OtherModel(AnswerOpening, ModelOpening, TrainOpening),
}

/// What an answer gives, by its tiles' weight.
fn train(
    chain: &impl Chain,
    answer: &AnswerOpening,
    context: &Context,
    tiles: &SumTop,
) -> Result<u128, NotAFault> {
    let sum = tiles.verify(answer.row.tiling_root);
    let sum = sum.ok_or(NotAFault::Other("the sum"))?;
    same(tiles.count == u64::from(answer.row.tiles), "the sum")?;
    let pool = answer.data_pool(chain, context)?;
    Ok(pool.train(pay::weight_of(sum)))
}

impl RowsFault {
    pub(super) fn verify(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<(), NotAFault> {
        let range = chain.answers();
        let its = |answer: &AnswerOpening, model: &ModelOpening| {
            answer.verify(chain, roots)?;
            model.verify(roots)?;
            let same_model = answer.answer.model_version == model.row.model_version;
            same(same_model, "the model version")
        };
        match self {
            Self::Count { count, top } => {
                let fits = (*count == 0) == top.is_none();
                same(fits && B256::root(*count, *top) == roots.answers, "the top")?;
                wrong(*count != range.end.saturating_sub(range.start))
            }
            Self::Payouts(top) => {
                top.verify(roots.payouts)
                    .ok_or(NotAFault::Other("the top"))?;
                wrong(top.count != chain.contributors())
            }
            Self::Row(bytes, proof) => {
                let (tag, fields) = bytes.split_first().ok_or(OpeningError::Words)?;
                proof.verify(roots.answers, leaf_hash(*tag, fields))?;
                let place = range.start.checked_add(proof.index);
                let row = AnswerRow::decode(bytes);
                wrong(row.map_or(true, |row| Some(row.i) != place))
            }
            Self::ModelSum(model, top) => {
                model.verify(roots)?;
                let sum = top.verify(model.row.answers_root);
                let sum = sum.ok_or(NotAFault::Other("the sum"))?;
                // Nobody is listed for nothing, or one epoch would have several roots.
                wrong(sum != model.row.train || sum == 0)
            }
            Self::Train {
                answer,
                context,
                tiles,
                model,
                train: opening,
            } => {
                its(answer, model)?;
                opening.verify(&model.row)?;
                same(opening.row.i == answer.answer.i, "the row")?;
                let given = opening.row.train;
                wrong(train(chain, answer, context, tiles)? != given || given == 0)
            }
            Self::TrainMissing {
                answer,
                context,
                tiles,
                model,
                absence,
            } => {
                its(answer, model)?;
                wrong(train(chain, answer, context, tiles)? > 0)?;
                absence.verify(model.row.answers_root, &answer.answer.i)?;
                Ok(())
            }
            Self::ModelMissing {
                answer,
                context,
                tiles,
                absence,
            } => {
                answer.verify(chain, roots)?;
                wrong(train(chain, answer, context, tiles)? > 0)?;
                absence.verify(roots.models, &answer.answer.model_version)?;
                Ok(())
            }
            Self::NoAnswer(model, opening) => {
                model.verify(roots)?;
                opening.verify(&model.row)?;
                wrong(!range.contains(&opening.row.i))
            }
            Self::OtherModel(answer, model, opening) => {
                answer.verify(chain, roots)?;
                model.verify(roots)?;
                opening.verify(&model.row)?;
                same(opening.row.i == answer.answer.i, "the row")?;
                wrong(answer.answer.model_version != model.row.model_version)
            }
        }
    }
}
