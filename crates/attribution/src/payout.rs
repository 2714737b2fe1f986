//! The proof of one payout: from what a contributor was paid to the words of the answer, the document that they stand in, the commit that
//! brought it and the Datanet version that holds it; or to what was retrieved for the answer.

use crate::{
    Epoch, EpochRoots, EpochTrees, WordId,
    dispute::{Evidence, NotChecked, Search},
    fault::{NotAFault, PaidPart, TilePart},
    leaf::{Answer, DatanetVersion, Document, Earning, Item, PayoutRow, Tile},
    opening::{AnswerOpening, Chain, EarningOpening, OpeningError, PayoutOpening, WordsOpening},
    tree::SortedLeaf,
};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// All that shows one payout, next to what the chain knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayoutProof {
    /// The answer, the tile, its document and whose it is; or an item of the context.
    pub part: PaidPart,
    /// The tile's words in the answer; none of an item.
    pub output: WordsOpening,
    /// The same words in the document.
    pub words: WordsOpening,
    /// The contributor's row of the epoch.
    pub payout: PayoutOpening,
    /// What it brought, as the row has it.
    pub earning: EarningOpening,
}

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// As it was paid.
    pub answer: &'a Answer,
    /// What is paid for.
    pub reason: Reason<'a>,
    /// In wei.
    pub amount: u128,
    /// The contributor's row, with what was earned in the epoch and in all.
    pub row: &'a PayoutRow,
}

/// What somebody is paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason<'a> {
    /// Words of the answer.
    Words {
        /// Where they stand.
        tile: &'a Tile,
        /// The words.
        words: Vec<WordId>,
        /// What they stand in.
        document: &'a Document,
        /// The Datanet version that holds it.
        version: &'a DatanetVersion,
        /// The document whose contributor is paid, by its sequence: the same, its parent, or its root.
        paid: u64,
        /// 0, or 1 for the parent's share of a derivative.
        hop: u8,
    },
    /// What was retrieved for the answer, as its gateway says.
    Retrieved(Item),
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
    /// Nothing is earned so.
    #[error("it earns nothing")]
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
    /// document's; or that it is what the rules make of an item that the gateway attests.
    ///
    /// It does not show that no longer or earlier match exists: who says so proves a fault, and what is final was open to that.
    ///
    /// # Errors
    /// When something does not follow.
    pub fn verify(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<Shown<'_>, NotPaid> {
        let expected = self.part.expected(chain, roots)?;
        if expected.amount == 0 {
            return Err(NotPaid::Nothing);
        }
        let AnswerOpening { answer, row, .. } = self.part.answer();
        let data_pool = chain.terms(answer.model_version);
        let data_pool = data_pool.ok_or(OpeningError::Unknown("the model version"))?;
        if data_pool.pools(answer.fee).data != row.data_pool {
            return Err(NotPaid::Other("the data pool"));
        }
        let reason = match &self.part {
            PaidPart::Tile(part) => self.words(part)?,
            PaidPart::Item(part) => {
                let words = [&self.output, &self.words];
                if words.iter().any(|words| !words.chunks.is_empty()) {
                    return Err(NotPaid::Other("a chunk"));
                }
                let items = part.context.items();
                let item = items.get(usize::from(part.item));
                Reason::Retrieved(*item.ok_or(NotPaid::Other("the item"))?)
            }
        };
        self.payout.verify(roots.payouts)?;
        self.earning.verify(&self.payout.row)?;
        if expected.contributor != self.payout.row.contributor {
            return Err(NotPaid::Other("the payout"));
        }
        if self.earning.earning.key() != self.part.key() {
            return Err(NotPaid::Other("the earning"));
        }
        let (expected, found) = (expected.amount, self.earning.earning.amount);
        if expected != found {
            return Err(NotPaid::Amount { expected, found });
        }
        Ok(Shown {
            answer,
            reason,
            amount: found,
            row: &self.payout.row,
        })
    }

    /// Checks that the answer's words are the document's.
    fn words<'a>(&self, part: &'a TilePart) -> Result<Reason<'a>, NotPaid> {
        let (answer, tile, document) =
            (&part.answer.answer, &part.tile.tile, part.source.document());
        let (said, stood) = places(tile);
        let (all, document_words) = (answer.words, u32::from(document.words));
        let said = self.output.verify(answer.output_root, Some(all), said)?;
        let stood = self
            .words
            .verify(document.chunk_root, Some(document_words), stood)?;
        if said != stood {
            return Err(NotPaid::Words);
        }
        Ok(Reason::Words {
            tile,
            words: said,
            document,
            version: &part.source.opening.version,
            paid: part.paid(),
            hop: part.hop,
        })
    }
}

/// Why there is no proof of a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoProof {
    /// It is not in the epoch.
    #[error("answer {0} is not in the epoch")]
    Answer(u64),
    /// The answer has fewer tiles, with the documents that were retrieved for it.
    #[error("answer {i} has {tiles} tiles and retrieved documents")]
    Tile {
        /// The answer.
        i: u64,
        /// Its tiles, and items of its context.
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
/// derivative. Behind the tiles are the documents that were retrieved.
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
    let nothing = NoProof::Nothing { i, tile, hop };
    let leaf = tiles.get(number);
    let items = search.items(place)?;
    if leaf.is_some_and(|leaf| leaf.weight() == 0) || leaf.is_none() && hop > 0 {
        return Err(nothing);
    }
    if number >= tiles.len() + items {
        let tiles = tiles.len() + items;
        return Err(NoProof::Tile { i, tiles });
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
    let (output, words) = match leaf {
        None => Default::default(),
        Some(leaf) => {
            let output = evidence.output(i);
            let output = output.ok_or(NotChecked::Missing("output", i))?;
            let model = part.answer().answer.model_version;
            let (_, text) = search.source(model, leaf.seq)?;
            let (said, stood) = places(leaf);
            (output.open(said), text.open(stood))
        }
    };
    Ok(PayoutProof {
        output,
        words,
        part,
        payout: search.payout(at)?,
        earning,
    })
}
