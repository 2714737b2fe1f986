//! Responses, made of what an attributor keeps.

use super::{
    CorpusOpening, Demand, PhraseOpening, PlaceOpening, Response, RowOpening,
    response::{has_phrase, words_in_chunk},
};
use crate::{
    Epoch, EpochTrees, SumTree, Summed,
    dispute::Evidence,
    fault::LeafOpening,
    leaf::{GRAM_LEN, Gram, Leaf, Tile},
    tree::SumTop,
};

/// What answers a demand of an epoch, given its trees. `None` when it can not be demanded, or something is not known that would have to be
/// shown; of an epoch that follows the rules, to who has the texts, nothing is. Of another one it may be a response that does not answer.
pub fn respond(
    epoch: &Epoch,
    trees: &EpochTrees,
    evidence: &impl Evidence,
    demand: &Demand,
) -> Option<Response> {
    demand.check(evidence).ok()?;
    let of = Responder {
        epoch,
        trees,
        evidence,
    };
    Some(match *demand {
        Demand::Answer { i } => Response::Answer(of.row(i)?.0),
        Demand::Tile { i, tile } => {
            let (row, place, _) = of.tile(i, tile)?;
            Response::Tile(row, place)
        }
        Demand::Source { i, tile } => {
            let (row, place, tile) = of.tile(i, tile)?;
            Response::Source(row, place, of.source(i, tile)?)
        }
        Demand::Chunk { i, tile, chunk } => {
            let (row, place, tile) = of.tile(i, tile)?;
            let source = of.source(i, tile)?;
            let opening = match source.as_ref().zip(tile) {
                Some((source, tile)) => of.chunk(source, &tile, chunk)?,
                None => None,
            };
            Response::Chunk(row, place, source, opening)
        }
        Demand::Phrase { i, tile, at } => {
            let (row, place, tile) = of.tile(i, tile)?;
            let phrase = match tile.filter(|tile| has_phrase(tile, at)) {
                Some(tile) => Some(of.phrase(i, &tile, at)?),
                None => None,
            };
            Response::Phrase(row, place, phrase)
        }
        Demand::Model { place } => Response::Model(of.model(place)?),
        Demand::Gift { model, place } => {
            let opening = of.model(model)?;
            let gift = match usize::try_from(model)
                .ok()
                .filter(|_| opening.leaf.is_some())
            {
                Some(at) => of_place(&epoch.models.get(at)?.answers, trees.train.get(at)?, place)?,
                None => PlaceOpening::default(),
            };
            Response::Gift(opening, gift)
        }
        Demand::Payout { contributor } => Response::Payout(of.payout(contributor)?),
        Demand::Earning { contributor, place } => {
            let payout = of.payout(contributor)?;
            let at = usize::try_from(contributor).ok()?;
            let part = epoch.payouts.get(at)?;
            let earning = match part.row.check() {
                Ok(()) => of_place(&part.earnings, trees.earnings.get(at)?, place)?,
                Err(_) => PlaceOpening::default(),
            };
            Response::Earning(payout, earning)
        }
    })
}

/// An epoch and all that can be shown of it.
struct Responder<'a, E> {
    epoch: &'a Epoch,
    trees: &'a EpochTrees,
    evidence: &'a E,
}

impl<E: Evidence> Responder<'_, E> {
    /// An answer's row and its place.
    fn row(&self, i: u64) -> Option<(RowOpening, usize)> {
        let index = i.checked_sub(self.evidence.answers().start)?;
        let place = usize::try_from(index).ok()?;
        let row = RowOpening {
            bytes: self.epoch.answers.get(place)?.0.encode(),
            proof: self.trees.answers.prove(index)?,
        };
        Some((row, place))
    }

    /// The row and a place in its tiles, with what stands there if it is a tile.
    fn tile(&self, i: u64, tile: u32) -> Option<(RowOpening, PlaceOpening, Option<Tile>)> {
        let (row, at) = self.row(i)?;
        let tiles = &self.epoch.answers.get(at)?.1;
        let place = of_place(tiles, self.trees.tilings.get(at)?, tile.into())?;
        let tile = tiles.get(usize::try_from(tile).ok()?).copied();
        let tile = tile.filter(|tile| tile.check().is_ok());
        Some((row, place, tile))
    }

    /// The document of a tile that names one.
    fn source(&self, i: u64, tile: Option<Tile>) -> Option<Option<CorpusOpening>> {
        let Some(tile) = tile.filter(Tile::is_match) else {
            return Some(None);
        };
        let answer = self.evidence.answer(i)?.clone();
        let (source, _) = self.evidence.source(answer.model_version, tile.seq)?;
        Some(Some(CorpusOpening { answer, source }))
    }

    /// A chunk of it, if it has words of the tile.
    #[allow(clippy::type_complexity)]
    fn chunk(
        &self,
        source: &CorpusOpening,
        tile: &Tile,
        chunk: u8,
    ) -> Option<Option<(crate::leaf::Chunk, crate::HashProof)>> {
        let words = words_in_chunk(tile, source.source.document(), chunk);
        if words.is_empty() {
            return Some(None);
        }
        let model_version = source.answer.model_version;
        let (_, text) = self.evidence.source(model_version, tile.seq)?;
        Some(Some(text.open(words).chunks.into_iter().next()?))
    }

    /// The entry of the boilerplate for words of a tile.
    fn phrase(&self, i: u64, tile: &Tile, at: u8) -> Option<PhraseOpening> {
        let answer = self.evidence.answer(i)?.clone();
        let output = self.evidence.output(i)?;
        let start = tile.start.checked_add(at.into())?;
        let range = start..start.checked_add(GRAM_LEN as u32)?;
        let words = output.words().get(start as usize..)?;
        let ids = *words.first_chunk()?;
        let list = self.evidence.phrases(answer.model_version)?;
        Some(PhraseOpening {
            answer,
            output: output.open(range),
            phrase: list.prove(&Gram { ids })?,
        })
    }

    fn model(&self, place: u64) -> Option<PlaceOpening> {
        let rows = self.epoch.models.iter().map(|part| part.row.clone());
        of_place(&rows.collect::<Vec<_>>(), &self.trees.models, place)
    }

    fn payout(&self, contributor: u64) -> Option<LeafOpening> {
        let part = self.epoch.payouts.get(usize::try_from(contributor).ok()?)?;
        leaf(&part.row, &self.trees.payouts, contributor)
    }
}

/// What stands at a place of a tree.
fn of_place<L: Summed>(leaves: &[L], tree: &SumTree, index: u64) -> Option<PlaceOpening> {
    if index >= tree.count() {
        let (count, top) = (tree.count(), tree.top());
        let top = Some(SumTop { count, top });
        return Some(PlaceOpening { leaf: None, top });
    }
    let of = leaves.get(usize::try_from(index).ok()?)?;
    let leaf = Some(leaf(of, tree, index)?);
    Some(PlaceOpening { leaf, top: None })
}

fn leaf<L: Summed>(leaf: &L, tree: &SumTree, index: u64) -> Option<LeafOpening> {
    Some(LeafOpening {
        bytes: leaf.encode(),
        stated: leaf.sum(),
        proof: tree.prove(index)?,
    })
}
