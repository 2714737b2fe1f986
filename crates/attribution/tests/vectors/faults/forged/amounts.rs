//! Of trees and earnings.

use super::{Forged, leaf, prove, top};
use crate::faults::Wrong;
use alloy_primitives::Bytes;
use openledger_attribution::{
    Fault,
    fault::{EarningFault, ItemPart, PaidPart, TilePart, TreeFault, TreeOpening},
    leaf::{Context, PayoutRow},
    opening::{AnswerOpening, EarningOpening, PayoutOpening},
    tree::{Absence, SortedLeaf, SumTop},
};

pub fn trees(wrong: &Wrong<'_>, tree: &TreeOpening, fault: &TreeFault) -> Forged {
    let of = |fault| Fault::Tree(tree.clone(), fault);
    match fault {
        TreeFault::Sum(fault) => {
            let with = |change: fn(&mut openledger_attribution::tree::SumFault)| {
                let mut fault = fault.clone();
                change(&mut fault);
                of(TreeFault::Sum(fault))
            };
            vec![
                (
                    "what the node should state",
                    with(|fault| fault.stated -= 1),
                ),
                ("a leaf", with(|fault| fault.level = 0)),
                ("a level above the top", with(|fault| fault.level = 65)),
                ("another count", with(|fault| fault.count += 1)),
            ]
        }
        TreeFault::Leaf(fault) => {
            let mut other = fault.clone();
            other.stated += 1;
            let mut all = vec![(
                "a sum that the tree does not state",
                of(TreeFault::Leaf(other)),
            )];
            if matches!(tree, TreeOpening::Tiling(_))
                && fault.bytes.len() == 17
                && fault.bytes[5] == 65
            {
                let right = wrong.answer(4);
                let mut tile = leaf(&wrong.epoch.answers[4].1[0], wrong.tile(4, 0).proof);
                tile.bytes[5] = 66;
                let fault = Fault::Tree(TreeOpening::Tiling(right), TreeFault::Leaf(tile));
                all.push(("no tile, which is not in the tree", fault));
            }
            if *tree == TreeOpening::Payouts {
                let row: &PayoutRow = &wrong.epoch.payouts[1].row;
                let right = leaf(row, prove(&wrong.trees.payouts, 1));
                if right.bytes != fault.bytes {
                    all.push(("a row that is right", of(TreeFault::Leaf(right))));
                }
            }
            all
        }
        TreeFault::Order(left, right) => {
            let swapped = of(TreeFault::Order(right.clone(), left.clone()));
            let same = of(TreeFault::Order(left.clone(), left.clone()));
            if let TreeOpening::Earnings(payout) = tree {
                let at = payout.row.contributor as usize;
                let leaf = |place: usize| {
                    let earning = wrong.earning(at, place);
                    leaf(&earning.earning, earning.proof)
                };
                let ordered = of(TreeFault::Order(leaf(1), leaf(2)));
                return vec![("two that are in order", ordered), ("one leaf twice", same)];
            }
            vec![("the wrong way round", swapped), ("one leaf twice", same)]
        }
        TreeFault::Place(_) => {
            let row = &wrong.epoch.payouts[1].row;
            let right = leaf(row, prove(&wrong.trees.payouts, 1));
            let models = TreeOpening::Models;
            vec![
                ("a row in its place", of(TreeFault::Place(right))),
                ("another tree", Fault::Tree(models, fault.clone())),
            ]
        }
    }
}

pub fn earnings(wrong: &Wrong<'_>, payout: &PayoutOpening, fault: &EarningFault) -> Forged {
    let at = payout.row.contributor as usize;
    let of = |fault| Fault::Earning(payout.clone(), fault);
    let by = |at: usize, fault: &EarningFault| Fault::Earning(wrong.payout(at), fault.clone());
    let mut all = match fault {
        EarningFault::Missing(part, absence) => {
            let (name, other) = match part.clone() {
                PaidPart::Tile(part) => {
                    let hop = part.hop ^ 1;
                    ("another hop", PaidPart::Tile(TilePart { hop, ..part }))
                }
                PaidPart::Item(part) => {
                    let item = part.item + 1;
                    ("another item", PaidPart::Item(ItemPart { item, ..part }))
                }
            };
            let half = Absence {
                left: absence.left.clone(),
                right: None,
            };
            let mut all = vec![
                ("another contributor's row", by((at + 1) % 4, fault)),
                (name, of(EarningFault::Missing(other, absence.clone()))),
                (
                    "another context",
                    of(EarningFault::Missing(
                        another_context(part.clone()),
                        absence.clone(),
                    )),
                ),
            ];
            if half != *absence {
                all.push((
                    "one neighbour",
                    of(EarningFault::Missing(part.clone(), half)),
                ));
            }
            all
        }
        EarningFault::Amount(part, earning) => {
            let other = (0..wrong.epoch.payouts[at].earnings.len())
                .map(|place| wrong.earning(at, place))
                .find(|other| other.earning.key() != earning.earning.key());
            let mut all: Forged = other
                .into_iter()
                .map(|other| {
                    (
                        "another earning",
                        of(EarningFault::Amount(part.clone(), other)),
                    )
                })
                .collect();
            let mut less = earning.clone();
            less.earning.amount += 1;
            all.push((
                "an earning that is not there",
                of(EarningFault::Amount(part.clone(), less)),
            ));
            all
        }
        EarningFault::NoAnswer(_) => {
            let right =
                Fault::Earning(wrong.payout(0), EarningFault::NoAnswer(wrong.earning(0, 1)));
            vec![("an earning of an answer", right)]
        }
        EarningFault::NoTile(answer, context, _) => {
            let payout = wrong.payout(0);
            let of = |fault| Fault::Earning(payout.clone(), fault);
            let earning = wrong.earning(0, 0);
            vec![
                (
                    "an earning of a tile",
                    of(EarningFault::NoTile(
                        wrong.answer(0),
                        wrong.world.contexts[0].clone(),
                        earning.clone(),
                    )),
                ),
                (
                    "another answer",
                    of(EarningFault::NoTile(
                        wrong.answer(2),
                        Context::default(),
                        earning,
                    )),
                ),
                (
                    "another contributor's row",
                    of(EarningFault::NoTile(
                        answer.clone(),
                        context.clone(),
                        wrong.earning(at, wrong.epoch.payouts[at].earnings.len() - 1),
                    )),
                ),
            ]
        }
        EarningFault::NoSpan(answer, tile, earning) => {
            let of = |payout, answer: &AnswerOpening, tile: &_, earning: &_| {
                let fault =
                    EarningFault::NoSpan(answer.clone(), Clone::clone(tile), Clone::clone(earning));
                Fault::Earning(payout, fault)
            };
            vec![
                (
                    "an earning of a span",
                    of(
                        wrong.payout(0),
                        answer,
                        &wrong.tile(0, 0),
                        &wrong.earning(0, 0),
                    ),
                ),
                (
                    "another tile",
                    of(payout.clone(), answer, &wrong.tile(0, 4), earning),
                ),
                (
                    "another answer's tile",
                    of(payout.clone(), answer, &wrong.tile(1, 0), earning),
                ),
                (
                    "another contributor's row",
                    of(wrong.payout(1), answer, tile, earning),
                ),
            ]
        }
        EarningFault::Earned(_) => {
            let other = (at + 1) % 4;
            let tree = &wrong.trees.earnings[other];
            let top = top(tree.count(), tree.top());
            vec![
                (
                    "another contributor's earnings",
                    of(EarningFault::Earned(top)),
                ),
                (
                    "a row that is their sum",
                    by(other, &EarningFault::Earned(top)),
                ),
            ]
        }
        EarningFault::Cumulative(before, top) => {
            let other = match before {
                Some(_) => EarningFault::Cumulative(None, *top),
                None => EarningFault::Cumulative(Some(wrong.payout(1)), *top),
            };
            let name = match before {
                Some(_) => "nothing of who was there before",
                None => "a row that is not of the epoch before",
            };
            let count = EarningFault::Cumulative(
                before.clone(),
                SumTop {
                    count: top.count + 1,
                    ..*top
                },
            );
            vec![
                (name, of(other)),
                ("another count of the epoch before", of(count)),
            ]
        }
    };
    let mut other = payout.clone();
    other.row.cumulative += 1;
    all.push((
        "a row that is not the epoch's",
        Fault::Earning(other, fault.clone()),
    ));
    all
}

pub fn payee(
    wrong: &Wrong<'_>,
    payout: &PayoutOpening,
    part: &PaidPart,
    earning: &EarningOpening,
) -> Forged {
    let listed = earning.earning;
    let whose = (wrong.epoch.payouts.iter().enumerate()).find_map(|(whose, row)| {
        let place = (row.earnings.iter()).position(|earning| earning.key() == listed.key())?;
        (row.row.contributor != payout.row.contributor).then_some((whose, place))
    });
    let (whose, place) = whose.expect("who is paid rightly");
    let right = Fault::Payee(
        wrong.payout(whose),
        part.clone(),
        wrong.earning(whose, place),
    );
    let mut all = vec![("who is to be paid", right)];
    let with = |other| Fault::Payee(payout.clone(), other, earning.clone());
    match part {
        PaidPart::Tile(part) => {
            let mut other = part.clone();
            other.hop ^= 1;
            all.push(("another hop", with(PaidPart::Tile(other))));
        }
        PaidPart::Item(part) => {
            let mut other = part.clone();
            other.item += 1;
            all.push(("another item", with(PaidPart::Item(other))));
        }
    }
    let other = another_context(part.clone());
    all.push(("another context", with(other)));
    all
}

/// The same of an answer that was given something else.
fn another_context(mut part: PaidPart) -> PaidPart {
    let (PaidPart::Tile(TilePart { context, .. }) | PaidPart::Item(ItemPart { context, .. })) =
        &mut part;
    let mut bytes = context.bytes().to_vec();
    bytes[31] ^= 1;
    *context = Context::from(Bytes::from(bytes));
    part
}
