//! Of rows.

use super::{Forged, prove, top};
use crate::faults::Wrong;
use alloy_primitives::B256;
use openledger_attribution::{
    Fault, Leaf,
    fault::RowsFault,
    leaf::Context,
    opening::{AnswerOpening, ModelOpening, TrainOpening},
    tree::{Absence, SumTop},
};

pub fn rows(wrong: &Wrong<'_>, fault: &RowsFault) -> Forged {
    // As proofs of pay show it.
    let context = |answer: &AnswerOpening| match wrong.place(answer) {
        at if wrong.world.is_open(at) => wrong.world.contexts[at].clone(),
        _ => Context::default(),
    };
    let all = match fault {
        RowsFault::Count { count, top } => {
            let of = |count, top| RowsFault::Count { count, top };
            let mut all = vec![(
                "as many as there are answers",
                of(7, Some(top.unwrap_or_default())),
            )];
            if *count > 0 {
                all.push(("another top", of(*count, Some(B256::ZERO))));
                all.push(("no rows", of(0, None)));
            }
            all
        }
        RowsFault::Payouts(top) => {
            let other = SumTop {
                count: top.count + 1,
                top: Some(top.top.unwrap_or_default()),
            };
            vec![("another count", RowsFault::Payouts(other))]
        }
        RowsFault::Row(bytes, proof) => {
            let row = &wrong.epoch.answers[0].0;
            let mut other = proof.clone();
            other.index ^= 1;
            let mut all = vec![(
                "a row at another place",
                RowsFault::Row(bytes.clone(), other),
            )];
            // The tree with a row that is none is not of these rows.
            if bytes.len() == 61 {
                let right = RowsFault::Row(row.encode(), prove(&wrong.trees.answers, 0));
                all.push(("a row in its place", right));
            }
            all
        }
        RowsFault::ModelSum(model, top) => {
            let other = wrong.model(1);
            let right = SumTop {
                count: wrong.trees.train[1].count(),
                top: wrong.trees.train[1].top(),
            };
            vec![
                (
                    "another model version's answers",
                    RowsFault::ModelSum(model.clone(), right),
                ),
                (
                    "a row that is their sum",
                    RowsFault::ModelSum(other.clone(), right),
                ),
                (
                    "another model version's row",
                    RowsFault::ModelSum(other, *top),
                ),
            ]
        }
        RowsFault::Train {
            answer,
            tiles,
            model,
            train,
            ..
        } => {
            let of = |answer: &AnswerOpening, tiles, model: &ModelOpening, train: &TrainOpening| {
                RowsFault::Train {
                    answer: answer.clone(),
                    context: context(answer),
                    tiles,
                    model: model.clone(),
                    train: train.clone(),
                }
            };
            let tree = &wrong.trees.tilings[1];
            let (answer_1, tiles_1) = (wrong.answer(1), top(tree.count(), tree.top()));
            vec![
                (
                    "what an answer gives",
                    of(&answer_1, tiles_1, &wrong.model(1), &wrong.train(1, 0)),
                ),
                ("another answer", of(&answer_1, tiles_1, model, train)),
                ("another answer's tiles", of(answer, tiles_1, model, train)),
                (
                    "another context",
                    RowsFault::Train {
                        answer: answer.clone(),
                        context: wrong.world.contexts[5].clone(),
                        tiles: *tiles,
                        model: model.clone(),
                        train: train.clone(),
                    },
                ),
                (
                    "another answer's row",
                    of(answer, *tiles, model, &wrong.train(1, 0)),
                ),
            ]
        }
        RowsFault::TrainMissing {
            answer,
            tiles,
            model,
            absence,
            ..
        } => {
            let of =
                |answer: &AnswerOpening, tiles, model: &ModelOpening| RowsFault::TrainMissing {
                    answer: answer.clone(),
                    context: context(answer),
                    tiles,
                    model: model.clone(),
                    absence: absence.clone(),
                };
            let tree = &wrong.trees.tilings[4];
            let other = match model.row.model_version {
                1 => wrong.model(1),
                _ => wrong.model(0),
            };
            vec![
                (
                    "an answer that gives nothing",
                    of(
                        &wrong.answer(4),
                        top(tree.count(), tree.top()),
                        &wrong.model(1),
                    ),
                ),
                (
                    "another answer's tiles",
                    of(answer, top(tree.count(), tree.top()), model),
                ),
                ("another model version", of(answer, *tiles, &other)),
            ]
        }
        RowsFault::ModelMissing {
            answer,
            tiles,
            absence,
            ..
        } => {
            let of = |answer: AnswerOpening, tiles, absence: &_| RowsFault::ModelMissing {
                context: context(&answer),
                answer,
                tiles,
                absence: Clone::clone(absence),
            };
            let tree = &wrong.trees.tilings[4];
            let mut all = vec![(
                "an answer that gives nothing",
                of(wrong.answer(4), top(tree.count(), tree.top()), absence),
            )];
            if absence.left.is_some() {
                let nothing = Absence {
                    left: None,
                    right: None,
                };
                all.push(("no neighbours", of(answer.clone(), *tiles, &nothing)));
                let tree = &wrong.trees.tilings[0];
                all.push((
                    "a model version that is there",
                    of(wrong.answer(0), top(tree.count(), tree.top()), absence),
                ));
            }
            all
        }
        RowsFault::NoAnswer(model, train) => vec![
            (
                "an answer that there is",
                RowsFault::NoAnswer(model.clone(), wrong.train(1, 0)),
            ),
            (
                "another model version's row",
                RowsFault::NoAnswer(wrong.model(0), train.clone()),
            ),
        ],
        RowsFault::OtherModel(answer, model, train) => vec![
            (
                "an answer of this model version",
                RowsFault::OtherModel(wrong.answer(0), model.clone(), wrong.train(0, 0)),
            ),
            (
                "another answer",
                RowsFault::OtherModel(wrong.answer(2), model.clone(), train.clone()),
            ),
            (
                "another model version's row",
                RowsFault::OtherModel(answer.clone(), wrong.model(1), train.clone()),
            ),
        ],
    };
    all.into_iter()
        .map(|(name, fault)| (name, Fault::Rows(fault)))
        .collect()
}
