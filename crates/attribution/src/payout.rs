//! The proof of one payout: from what a contributor was paid to the words of the answer, the document that they stand in, the commit that
//! brought it and the Datanet version that holds it.

use crate::{
    Epoch, EpochRoots, EpochTrees, WordId,
    dispute::{Evidence, NotChecked, Search},
    fault::{NotAFault, PaidPart},
    leaf::{Answer, DatanetVersion, Document, Earning, PayoutRow, Tile},
    opening::{Chain, EarningOpening, OpeningError, PayoutOpening, WordsOpening},
    tree::SortedLeaf,
};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// All that shows one payout, next to what the chain knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayoutProof {
    /// The answer, the tile, its document and whose it is.
    pub part: PaidPart,
    /// The tile's words in the answer.
    pub output: WordsOpening,
    /// The same words in the document.
    pub words: WordsOpening,
    /// The contributor's row of the epoch.
    pub payout: PayoutOpening,
    /// What the tile brought, as the row has it.
    pub earning: EarningOpening,
}

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// As it was paid.
    pub answer: &'a Answer,
    /// Where its words stand.
    pub tile: &'a Tile,
    /// Its words.
    pub words: Vec<WordId>,
    /// What they stand in.
    pub document: &'a Document,
    /// The Datanet version that holds it.
    pub version: &'a DatanetVersion,
    /// The document whose contributor is paid: the same, its parent, or its root.
    pub paid: &'a Document,
    /// 0, or 1 for the parent's share of a derivative.
    pub hop: u8,
    /// In wei.
    pub amount: u128,
    /// The contributor's row, with what was earned in the epoch and in all.
    pub row: &'a PayoutRow,
}

/// Why a proof shows no payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPaid {
    /// What it rests on is not shown.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// Its parts do not belong together.
    #[error("{0} belongs to something else")]
    Other(&'static str),
    /// The tile earns nothing by this hop.
    #[error("the tile earns nothing by this hop")]
    Nothing,
    /// The answer and the document have other words there.
    #[error("the words of the answer are not those of the document")]
    Words,
    /// Another amount than the rules make.
    #[error("{found} wei were paid, the rules make {expected}")]
    Amount {
        /// By the rules.
        expected: u128,
        /// By the epoch.
        found: u128,
    },
}

impl From<NotAFault> for NotPaid {
    fn from(error: NotAFault) -> Self {
        match error {
            NotAFault::Opening(error) => Self::Opening(error),
            NotAFault::Other(what) => Self::Other(what),
            // Nothing else comes of what a payout is made of.
            _ => Self::Nothing,
        }
    }
}

/// Words of a tile in the answer and in the document.
fn places(tile: &Tile) -> (Range<u32>, Range<u32>) {
    let (start, offset, len) = (tile.start, u32::from(tile.offset), u32::from(tile.len));
    (start..start.saturating_add(len), offset..offset + len)
}

impl PayoutProof {
    /// Checks that the epoch with these roots pays this, that it is what the rules make of the tile, and that the tile's words are the
    /// document's.
    ///
    /// It does not show that no longer or earlier match exists: who says so proves a fault, and what is final was open to that.
    ///
    /// # Errors
    /// When something does not follow.
    pub fn verify(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<Shown<'_>, NotPaid> {
        let (part, payee) = self.part.expected(chain, roots)?;
        let part = part.ok_or(NotPaid::Nothing)?;
        let answer = &self.part.answer.answer;
        let tile = &self.part.tile.tile;
        let document = self.part.source.document();
        let data_pool = chain.terms(answer.model_version);
        let data_pool = data_pool.ok_or(OpeningError::Unknown("the model version"))?;
        if data_pool.pools(answer.fee).data != self.part.answer.row.data_pool {
            return Err(NotPaid::Other("the data pool"));
        }
        let (said, stood) = places(tile);
        let (all, document_words) = (answer.words, u32::from(document.words));
        let said = self.output.verify(answer.output_root, Some(all), said)?;
        let stood = self
            .words
            .verify(document.chunk_root, Some(document_words), stood)?;
        if said != stood {
            return Err(NotPaid::Words);
        }
        self.payout.verify(roots.payouts)?;
        self.earning.verify(&self.payout.row)?;
        if payee != self.payout.row.contributor {
            return Err(NotPaid::Other("the payout"));
        }
        if self.earning.earning.key() != self.part.key() {
            return Err(NotPaid::Other("the earning"));
        }
        let (expected, found) = (part.amount, self.earning.earning.amount);
        if expected != found {
            return Err(NotPaid::Amount { expected, found });
        }
        let paid = self.part.paid.as_ref().map(|paid| &paid.document);
        Ok(Shown {
            answer,
            tile,
            words: said,
            document,
            version: &self.part.source.opening.version,
            paid: paid
                .filter(|_| part.seq != document.seq)
                .unwrap_or(document),
            hop: part.hop,
            amount: found,
            row: &self.payout.row,
        })
    }
}

/// Why there is no proof of a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoProof {
    /// It is not in the epoch.
    #[error("answer {0} is not in the epoch")]
    Answer(u64),
    /// The answer has fewer tiles.
    #[error("answer {i} has {tiles} tiles")]
    Tile {
        /// The answer.
        i: u64,
        /// Its tiles.
        tiles: usize,
    },
    /// It is no SPAN, or brings nothing by this hop.
    #[error("tile {tile} of answer {i} earns nothing by hop {hop}")]
    Nothing {
        /// The answer.
        i: u64,
        /// The tile.
        tile: u32,
        /// The hop.
        hop: u8,
    },
    /// Something that the proof needs is missing.
    #[error(transparent)]
    Missing(#[from] NotChecked),
}

/// The proof of what a tile of an answer brings by a hop: 0 for the tile's document (or its root, when that is held), 1 for the parent of a
/// derivative.
///
/// # Errors
/// When there is no such payout, or something of it is missing.
pub fn prove_payout(
    epoch: &Epoch,
    trees: &EpochTrees,
    evidence: &impl Evidence,
    i: u64,
    tile: u32,
    hop: u8,
) -> Result<PayoutProof, NoProof> {
    let search = Search {
        epoch,
        trees,
        before: None,
        evidence,
    };
    let place = search.place(i).ok_or(NoProof::Answer(i))?;
    let (_, tiles) = epoch.answers.get(place).ok_or(NoProof::Answer(i))?;
    let number = tile as usize;
    let leaf = tiles.get(number).ok_or(NoProof::Tile {
        i,
        tiles: tiles.len(),
    })?;
    let nothing = NoProof::Nothing { i, tile, hop };
    if leaf.weight() == 0 {
        return Err(nothing);
    }
    let (part, payee) = search.paid(place, number, hop)?;
    let contributor = payee.ok_or(nothing)?;
    let missing = |what| NoProof::Missing(NotChecked::Missing(what, contributor));
    let at = usize::try_from(contributor).map_err(|_| missing("contributor"))?;
    let row = epoch.payouts.get(at).zip(trees.earnings.get(at));
    let (row, earnings) = row.ok_or(missing("contributor"))?;
    let listed = row.earnings.binary_search_by_key(&part.key(), Earning::key);
    let listed = listed.map_err(|_| missing("earning of contributor"))?;
    let earning = EarningOpening {
        earning: row.earnings[listed],
        proof: earnings
            .prove(listed as u64)
            .ok_or(missing("earning of contributor"))?,
    };
    let output = evidence.output(i);
    let output = output.ok_or(NotChecked::Missing("output", i))?;
    let (_, text) = search.source(part.answer.answer.model_version, leaf.seq)?;
    let (said, stood) = places(leaf);
    Ok(PayoutProof {
        output: output.open(said),
        words: text.open(stood),
        part,
        payout: search.payout(at)?,
        earning,
    })
}
