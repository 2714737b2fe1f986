//! Proofs that show nothing, made of one that shows something: each holds what is in the wrong epoch, but for one thing.

mod amounts;
mod rows;
mod tiles;

use super::Wrong;
use alloy_primitives::B256;
use amounts::{earnings, payee, trees};
use openledger_attribution::{
    Fault, Summed,
    fault::{ItemPart, LeafOpening, PaidPart, RowsFault, TilePart},
    opening::{
        AnswerOpening, EarningOpening, ModelOpening, PayoutOpening, TileOpening, TrainOpening,
    },
    tree::{Node, Proof, SumTop, Tree},
};
use rows::rows;
use tiles::{goes_on, kinds, matches, tiling, words};

type Forged = Vec<(&'static str, Fault)>;

impl Wrong<'_> {
    fn answer(&self, at: usize) -> AnswerOpening {
        self.world.answer_opening(&self.epoch, &self.trees, at)
    }

    fn tile(&self, answer: usize, tile: usize) -> TileOpening {
        TileOpening {
            tile: self.epoch.answers[answer].1[tile],
            proof: prove(&self.trees.tilings[answer], tile),
        }
    }

    fn payout(&self, at: usize) -> PayoutOpening {
        PayoutOpening {
            row: self.epoch.payouts[at].row.clone(),
            proof: prove(&self.trees.payouts, at),
        }
    }

    fn earning(&self, payout: usize, at: usize) -> EarningOpening {
        EarningOpening {
            earning: self.epoch.payouts[payout].earnings[at],
            proof: prove(&self.trees.earnings[payout], at),
        }
    }

    fn model(&self, at: usize) -> ModelOpening {
        ModelOpening {
            row: self.epoch.models[at].row.clone(),
            proof: prove(&self.trees.models, at),
        }
    }

    fn train(&self, model: usize, at: usize) -> TrainOpening {
        TrainOpening {
            row: self.epoch.models[model].answers[at].clone(),
            proof: prove(&self.trees.train[model], at),
        }
    }

    /// The place of an answer.
    fn place(&self, answer: &AnswerOpening) -> usize {
        (answer.answer.i - self.world.first) as usize
    }
}

fn prove<N: Node>(tree: &Tree<N>, at: usize) -> Proof<N> {
    tree.prove(at as u64).expect("there")
}

fn top<N: Into<Option<openledger_attribution::SumNode>>>(count: u64, top: N) -> SumTop {
    SumTop {
        count,
        top: top.into(),
    }
}

fn leaf<L: Summed>(leaf: &L, proof: Proof<openledger_attribution::SumNode>) -> LeafOpening {
    LeafOpening {
        bytes: leaf.encode(),
        stated: leaf.sum(),
        proof,
    }
}

/// A proof with another last sibling; with one, where it has none.
fn another_sibling(proof: &mut Proof<B256>) {
    match proof.siblings.last_mut() {
        Some(sibling) => sibling.0[31] ^= 1,
        None => (proof.count, proof.siblings) = (2, vec![B256::ZERO]),
    }
}

pub fn forged(wrong: &Wrong<'_>) -> Forged {
    let mut all = match &wrong.fault {
        Fault::Tiling(answer, fault) => tiling(wrong, answer, fault),
        Fault::Words(answer, fault) => words(wrong, answer, fault),
        Fault::Match(answer, fault) => matches(wrong, answer, fault),
        Fault::GoesOn(answer, fault) => goes_on(wrong, answer, fault),
        Fault::Kind(answer, fault) => kinds(wrong, answer, fault),
        Fault::Pool(answer) => {
            let other = (wrong.place(answer) + 1) % 7;
            vec![("a pool that is right", Fault::Pool(wrong.answer(other)))]
        }
        Fault::Tree(tree, fault) => trees(wrong, tree, fault),
        Fault::Earning(payout, fault) => earnings(wrong, payout, fault),
        Fault::Payee(payout, part, earning) => payee(wrong, payout, part, earning),
        Fault::Rows(fault) => rows(wrong, fault),
    };
    all.extend(another_answer(&wrong.fault));
    all
}

/// The same of an answer that was not paid, or whose row is not the epoch's.
fn another_answer(fault: &Fault) -> Forged {
    let with = |change: fn(&mut AnswerOpening)| {
        let mut fault = fault.clone();
        match &mut fault {
            Fault::Tiling(answer, _)
            | Fault::Words(answer, _)
            | Fault::Match(answer, _)
            | Fault::GoesOn(answer, _)
            | Fault::Kind(answer, _)
            | Fault::Pool(answer)
            | Fault::Rows(
                RowsFault::Train { answer, .. }
                | RowsFault::TrainMissing { answer, .. }
                | RowsFault::ModelMissing { answer, .. }
                | RowsFault::OtherModel(answer, ..),
            )
            | Fault::Payee(
                _,
                PaidPart::Tile(TilePart { answer, .. }) | PaidPart::Item(ItemPart { answer, .. }),
                _,
            ) => {
                change(answer);
                Some(fault)
            }
            _ => None,
        }
    };
    let all = [
        (
            "an answer that was not paid so",
            with(|answer| answer.answer.fee += 1),
        ),
        (
            "a row that is not the epoch's",
            with(|answer| answer.row.data_pool += 1),
        ),
        (
            "another sibling",
            with(|answer| another_sibling(&mut answer.proof)),
        ),
    ];
    all.into_iter()
        .filter_map(|(name, fault)| Some((name, fault?)))
        .collect()
}
