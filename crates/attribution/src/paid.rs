//! What a tile brings, and to whom.

use crate::{
    EpochRoots,
    fault::{NotAFault, same},
    opening::{AnswerOpening, Chain, DocumentOpening, OpeningError, SourceOpening, TileOpening},
    pay::{self, Part},
};
use serde::{Deserialize, Serialize};

/// A tile's earning as the rules have it: the tile, its document, and the document whose contributor is paid where that is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaidPart {
    /// The answer.
    pub answer: AnswerOpening,
    /// The tile.
    pub tile: TileOpening,
    /// Its document.
    pub source: SourceOpening,
    /// See [`Part::hop`].
    pub hop: u8,
    /// The parent or the root; `None` where the tile's own document is paid, or nothing is.
    pub paid: Option<DocumentOpening>,
}

impl PaidPart {
    pub(crate) fn key(&self) -> (u64, u32, u8) {
        (self.answer.answer.i, self.tile.proof.index as u32, self.hop)
    }

    /// The part and whose it is; `None` when the tile earns nothing by this hop.
    pub(crate) fn expected(
        &self,
        chain: &impl Chain,
        roots: &EpochRoots,
    ) -> Result<(Option<Part>, u64), NotAFault> {
        self.answer.verify(chain, roots)?;
        let (answer, row) = (&self.answer.answer, &self.answer.row);
        let before = self.tile.verify(row)?;
        let tile = &self.tile.tile;
        self.source.verify(chain, answer.model_version)?;
        let document = self.source.document();
        same(tile.seq == document.seq, "the document")?;
        let amount = pay::tile_pay(row.data_pool, answer, before, tile.weight());
        let part = pay::parts(document, amount).find(|part| part.hop == self.hop);
        let Some(part) = part else {
            return Ok((None, document.contributor));
        };
        let payee = match &self.paid {
            _ if part.seq == document.seq => document.contributor,
            Some(paid) => {
                paid.verify(chain)?;
                same(paid.document.seq == part.seq, "the paid document")?;
                paid.document.contributor
            }
            None => return Err(OpeningError::Unknown("the paid document").into()),
        };
        Ok((Some(part), payee))
    }
}
