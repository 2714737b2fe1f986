//! That an epoch is wrong, in one piece: what a contract can check in one transaction.
//!
//! Each tile, row and earning is a claim about little, so that a wrong one is shown by itself. F0, that something is withheld, is not
//! shown by a proof but by a demand that nobody answers. A proof accuses the poster alone: that an answer was paid, a document is in a
//! Datanet or a phrase in a list is what the chain says.

mod earning;
mod kind;
mod rows;
mod tiling;
mod tree;
mod words;

pub use crate::paid::{ItemPart, PaidPart, TilePart};
pub use earning::EarningFault;
pub use kind::KindFault;
pub use rows::RowsFault;
pub use tiling::TilingFault;
pub(crate) use tiling::are_apart;
pub use tree::{LeafOpening, TreeFault, TreeOpening};
pub(crate) use words::is_longer;
pub use words::{GoesOnFault, MatchFault, WordsFault};

use crate::{
    EpochRoots,
    leaf::Tile,
    opening::{AnswerOpening, Chain, EarningOpening, OpeningError, PayoutOpening},
    tree::{AbsenceError, NoFault, SortedLeaf},
};

/// Why a proof shows no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAFault {
    /// What it rests on is not shown.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// What should be missing is not shown to be.
    #[error(transparent)]
    Absence(#[from] AbsenceError),
    /// The sums are not shown to be wrong.
    #[error(transparent)]
    Sum(#[from] NoFault),
    /// The parts do not belong together.
    #[error("{0} belongs to something else")]
    Other(&'static str),
    /// All of it is so, and nothing of it is wrong.
    #[error("nothing is wrong with it")]
    Right,
}

impl From<crate::tree::ProofError> for NotAFault {
    fn from(error: crate::tree::ProofError) -> Self {
        Self::Opening(error.into())
    }
}

/// Passes when something is wrong.
fn wrong(is: bool) -> Result<(), NotAFault> {
    is.then_some(()).ok_or(NotAFault::Right)
}

/// Passes when the parts of a proof belong together.
pub(crate) fn same(is: bool, what: &'static str) -> Result<(), NotAFault> {
    is.then_some(()).ok_or(NotAFault::Other(what))
}

/// A fault of an epoch, with everything that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
// One at a time, and never many of them.
#[allow(clippy::large_enum_variant)]
pub enum Fault {
    /// F1: the tiles are not the answer's words, one after the other.
    Tiling(AnswerOpening, TilingFault),
    /// F2: a tile's words are not those of its document.
    Words(AnswerOpening, WordsFault),
    /// F3, F4: there is a longer match, or an equally long one that comes first.
    Match(AnswerOpening, MatchFault),
    /// F3: a match goes on behind a full tile.
    GoesOn(AnswerOpening, GoesOnFault),
    /// F5: a tile is of another kind.
    Kind(AnswerOpening, KindFault),
    /// F6: the data pool is not what fee and terms make it.
    Pool(AnswerOpening),
    /// F7: a tree adds up wrongly, is out of order, or holds what is no leaf.
    Tree(TreeOpening, TreeFault),
    /// F8: an earning is missing, of another amount or of nothing; or a contributor's row is not the sum of its earnings.
    Earning(PayoutOpening, EarningFault),
    /// F9: an earning is another contributor's.
    Payee(PayoutOpening, PaidPart, EarningOpening),
    /// F10: the rows are not those of the answers that were paid.
    Rows(RowsFault),
}

impl Fault {
    /// Its number, 1 to 10.
    pub fn number(&self) -> u8 {
        match self {
            Self::Tiling(..) => 1,
            Self::Words(..) => 2,
            Self::GoesOn(..) => 3,
            Self::Match(_, fault) if fault.is_longer() => 3,
            Self::Match(..) => 4,
            Self::Kind(..) => 5,
            Self::Pool(_) => 6,
            Self::Tree(TreeOpening::Tiling(_), TreeFault::Leaf(leaf)) if !leaf.is_one::<Tile>() => {
                1
            }
            Self::Tree(..) => 7,
            Self::Earning(..) => 8,
            Self::Payee(..) => 9,
            Self::Rows(_) => 10,
        }
    }

    /// Checks that the epoch with these roots has this fault. The effort is bounded by the proof's length.
    ///
    /// # Errors
    /// Why it does not follow.
    pub fn verify(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<(), NotAFault> {
        match self {
            Self::Tiling(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(chain, answer)
            }
            Self::Words(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(chain, answer)
            }
            Self::Match(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(chain, answer)
            }
            Self::GoesOn(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(chain, answer)
            }
            Self::Kind(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(chain, answer)
            }
            Self::Pool(answer) => {
                answer.verify(chain, roots)?;
                let terms = chain.terms(answer.answer.model_version);
                let terms = terms.ok_or(OpeningError::Unknown("the model version"))?;
                wrong(terms.pools(answer.answer.fee).data != answer.row.data_pool)
            }
            Self::Tree(tree, fault) => {
                let root = tree.root(chain, roots)?;
                fault.verify(tree, root)
            }
            Self::Earning(payout, fault) => {
                payout.verify(roots.payouts)?;
                fault.verify(chain, roots, &payout.row)
            }
            Self::Payee(payout, paid, earning) => {
                payout.verify(roots.payouts)?;
                earning.verify(&payout.row)?;
                let expected = paid.expected(chain, roots)?;
                same(earning.earning.key() == paid.key(), "the earning")?;
                wrong(expected.amount > 0 && expected.contributor != payout.row.contributor)
            }
            Self::Rows(fault) => fault.verify(chain, roots),
        }
    }
}
