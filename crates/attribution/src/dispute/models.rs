//! Whether what the answers leave goes to their model versions.

use super::{Evidence, NotChecked, Search, absence, order, prove, top};
use crate::{
    Epoch, Fault,
    fault::{RowsFault, TreeOpening},
    leaf::{Context, TrainRow},
    opening::{AnswerOpening, ModelOpening, TrainOpening},
    pay::{self, DataPool},
};

impl<E: Evidence> Search<'_, E> {
    fn model(&self, model: usize) -> Result<ModelOpening, NotChecked> {
        Ok(ModelOpening {
            row: self.epoch.models[model].row.clone(),
            proof: prove(&self.trees.models, model as u64)?,
        })
    }

    pub(super) fn models(&self, right: &Epoch) -> Result<Option<Fault>, NotChecked> {
        let models = &self.epoch.models;
        let rows: Vec<_> = models.iter().map(|part| part.row.clone()).collect();
        if let Some(fault) = order(&rows, &self.trees.models)? {
            return Ok(Some(Fault::Tree(TreeOpening::Models, fault)));
        }
        let rows_fault = |fault| Ok(Some(Fault::Rows(fault)));
        for (index, part) in models.iter().enumerate() {
            let tree = &self.trees.train[index];
            if let Some(fault) = order(&part.answers, tree)? {
                let opening = TreeOpening::Train(self.model(index)?);
                return Ok(Some(Fault::Tree(opening, fault)));
            }
            for (place, row) in part.answers.iter().enumerate() {
                let train = TrainOpening {
                    row: row.clone(),
                    proof: prove(tree, place as u64)?,
                };
                let model = self.model(index)?;
                let Some(at) = self.place(row.i) else {
                    return rows_fault(RowsFault::NoAnswer(model, train));
                };
                let answer = self.answer(at)?;
                if answer.answer.model_version != part.row.model_version {
                    return rows_fault(RowsFault::OtherModel(answer, model, train));
                }
                let context = self.context(&answer.answer)?.unwrap_or_default();
                if self.train(at, &answer, &context)? != row.train || row.train == 0 {
                    return rows_fault(RowsFault::Train {
                        answer,
                        context,
                        tiles: top(&self.trees.tilings[at]),
                        model,
                        train,
                    });
                }
            }
            if tree.sum() != part.row.train || part.row.train == 0 {
                return rows_fault(RowsFault::ModelSum(self.model(index)?, top(tree)));
            }
        }
        // What is there is right; is all of it there?
        for part in &right.models {
            let version = part.row.model_version;
            let index = models.binary_search_by_key(&version, |part| part.row.model_version);
            for row in &part.answers {
                let at = self.place(row.i).ok_or(NotChecked::Unexplained)?;
                let (answer, tiles) = (self.answer(at)?, top(&self.trees.tilings[at]));
                let context = self.context(&answer.answer)?.unwrap_or_default();
                let Ok(index) = index else {
                    let absence = absence(&rows, &self.trees.models, &version);
                    return rows_fault(RowsFault::ModelMissing {
                        answer,
                        context,
                        tiles,
                        absence,
                    });
                };
                let there: &[TrainRow] = &models[index].answers;
                if there.binary_search_by_key(&row.i, |row| row.i).is_err() {
                    let absence = absence(there, &self.trees.train[index], &row.i);
                    return rows_fault(RowsFault::TrainMissing {
                        answer,
                        context,
                        tiles,
                        model: self.model(index)?,
                        absence,
                    });
                }
            }
        }
        Ok(None)
    }

    fn train(
        &self,
        at: usize,
        answer: &AnswerOpening,
        context: &Context,
    ) -> Result<u128, NotChecked> {
        let weight = pay::weight_of_all(&self.epoch.answers[at].1);
        Ok(self.pool(answer, context)?.train(weight))
    }

    /// How the data pool of an answer is divided.
    pub(super) fn pool(
        &self,
        answer: &AnswerOpening,
        context: &Context,
    ) -> Result<DataPool, NotChecked> {
        let pool = answer.data_pool(self.evidence, context);
        let model = answer.answer.model_version;
        pool.map_err(|_| NotChecked::Missing("model version", model))
    }
}
