//! F8: what a contributor earned.

use super::{NotAFault, PaidPart, same, wrong};
use crate::{
    EpochRoots,
    leaf::{Context, Earning, PayoutRow},
    opening::{AnswerOpening, Chain, EarningOpening, PayoutOpening, TileOpening},
    tree::{Absence, SortedLeaf, SumTop},
};

/// F8: what is wrong with a contributor's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum EarningFault {
    /// An earning is missing.
    Missing(PaidPart, Absence<Earning>),
    /// It is of another amount; or of nothing, where nothing is earned so.
    Amount(PaidPart, EarningOpening),
    /// It is for an answer that the epoch does not have.
    NoAnswer(EarningOpening),
    /// It is for a tile that the answer does not have, nor so much that was retrieved; or for that by another hop than the first.
    NoTile(AnswerOpening, Context, EarningOpening),
    /// It is for a tile that earns nothing.
    NoSpan(AnswerOpening, TileOpening, EarningOpening),
    /// They are not what the row says in all.
    Earned(SumTop),
    /// What was earned before and now is not what the row says. `None` for a contributor that was not there before, whose number the
    /// earlier root tells.
    Cumulative(Option<PayoutOpening>, SumTop),
}

impl EarningFault {
    pub(super) fn verify(
        &self,
        chain: &impl Chain,
        roots: &EpochRoots,
        payout: &PayoutRow,
    ) -> Result<(), NotAFault> {
        match self {
            Self::Missing(part, absence) => {
                let expected = part.expected(chain, roots)?;
                same(expected.contributor == payout.contributor, "the payout")?;
                wrong(expected.amount > 0)?;
                absence.verify(payout.earnings_root, &part.key())?;
                Ok(())
            }
            Self::Amount(part, opening) => {
                opening.verify(payout)?;
                let expected = part.expected(chain, roots)?;
                same(opening.earning.key() == part.key(), "the earning")?;
                // Whose it is, is another fault.
                let its = expected.amount == 0 || expected.contributor == payout.contributor;
                same(its, "the payout")?;
                wrong(expected.amount == 0 || expected.amount != opening.earning.amount)
            }
            Self::NoAnswer(opening) => {
                opening.verify(payout)?;
                wrong(!chain.answers().contains(&opening.earning.i))
            }
            Self::NoTile(answer, context, opening) => {
                answer.verify(chain, roots)?;
                opening.verify(payout)?;
                same(opening.earning.i == answer.answer.i, "the earning")?;
                let items = answer.data_pool(chain, context)?.items().len() as u64;
                let (tile, tiles) = (u64::from(opening.earning.tile), u64::from(answer.row.tiles));
                wrong(tile >= tiles + items || tile >= tiles && opening.earning.hop > 0)
            }
            Self::NoSpan(answer, tile, opening) => {
                answer.verify(chain, roots)?;
                tile.verify(&answer.row)?;
                opening.verify(payout)?;
                let earning = &opening.earning;
                let its =
                    earning.i == answer.answer.i && u64::from(earning.tile) == tile.proof.index;
                same(its, "the earning")?;
                wrong(tile.tile.weight() == 0)
            }
            Self::Earned(top) => {
                let sum = top.verify(payout.earnings_root);
                let sum = sum.ok_or(NotAFault::Other("the sum"))?;
                wrong(sum != payout.earned)
            }
            Self::Cumulative(before, top) => {
                let root = chain.payouts_before();
                top.verify(root).ok_or(NotAFault::Other("the sum"))?;
                let earned_before = match before {
                    Some(before) => {
                        before.verify(root)?;
                        same(before.row.contributor == payout.contributor, "the payout")?;
                        before.row.cumulative
                    }
                    None => {
                        same(payout.contributor >= top.count, "the payout")?;
                        0
                    }
                };
                wrong(earned_before.checked_add(payout.earned) != Some(payout.cumulative))
            }
        }
    }
}
