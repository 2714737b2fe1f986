//! Responses, made of what an attributor keeps.

use super::{
    CorpusOpening, Demand, PhraseOpening, PlaceOpening, Response, RowOpening,
    response::{has_phrase, words_in_chunk},
};
use crate::{
    Epoch, EpochTrees, HashProof, SumTree, Summed,
    dispute::Evidence,
    fault::LeafOpening,
    leaf::{Chunk, GRAM_LEN, Gram, Leaf, Tile},
    tree::SumTop,
};

/// What answers a demand of an epoch, given its trees. `None` when it can not be demanded, or when something would have to be shown that is
/// not known: to who has all texts nothing of an epoch that follows the rules is. Of another one the response may be of no use.
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
        Demand::Answer { i } => Response::Answer(of.row(i)?.1),
        Demand::Tile { i, tile } => {
            let (row, place, _) = of.tile(i, tile)?;
            Response::Tile(row, place)
        }
        Demand::Source { i, tile } => {
            let (row, place, tile) = of.tile(i, tile)?;
            let source = tile.filter(Tile::is_match).map(|tile| of.source(i, &tile));
            Response::Source(row, place, all(source)?)
        }
        Demand::Chunk { i, tile, chunk } => {
            let (row, place, tile) = of.tile(i, tile)?;
            let tile = tile.filter(Tile::is_match);
            let source = all(tile.map(|tile| of.source(i, &tile)))?;
            let named = source.as_ref().zip(tile);
            let opening = named.map(|(source, tile)| of.chunk(source, &tile, chunk));
            Response::Chunk(row, place, source, all(opening)?.flatten())
        }
        Demand::Phrase { i, tile, at } => {
            let (row, place, tile) = of.tile(i, tile)?;
            let tile = tile.filter(|tile| has_phrase(tile, at));
            let phrase = tile.map(|tile| of.phrase(i, &tile, at));
            Response::Phrase(row, place, all(phrase)?)
        }
        Demand::Model { place } => Response::Model(of.model(place)?),
        Demand::Gift { model, place } => {
            let gift = match at(&epoch.models, model) {
                Some(part) => of_place(&part.answers, at(&trees.train, model)?, place)?,
                None => PlaceOpening::default(),
            };
            Response::Gift(of.model(model)?, gift)
        }
        Demand::Payout { contributor } => Response::Payout(of.payout(contributor)?),
        Demand::Earning { contributor, place } => {
            let part = at(&epoch.payouts, contributor)?;
            let earning = match part.row.check() {
                Ok(()) => of_place(&part.earnings, at(&trees.earnings, contributor)?, place)?,
                Err(_) => PlaceOpening::default(),
            };
            Response::Earning(of.payout(contributor)?, earning)
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
    /// An answer's row, and its index.
    fn row(&self, i: u64) -> Option<(u64, RowOpening)> {
        let index = i.checked_sub(self.evidence.answers().start)?;
        let row = RowOpening {
            bytes: at(&self.epoch.answers, index)?.0.encode(),
            proof: self.trees.answers.prove(index)?,
        };
        Some((index, row))
    }

    /// The row and a place in its tiles, with what stands there if it is a tile.
    fn tile(&self, i: u64, tile: u32) -> Option<(RowOpening, PlaceOpening, Option<Tile>)> {
        let (index, row) = self.row(i)?;
        let tiles = &at(&self.epoch.answers, index)?.1;
        let place = of_place(tiles, at(&self.trees.tilings, index)?, tile.into())?;
        let tile = at(tiles, tile.into()).filter(|tile| tile.check().is_ok());
        Some((row, place, tile.copied()))
    }

    /// The document of a tile that names one.
    fn source(&self, i: u64, tile: &Tile) -> Option<CorpusOpening> {
        let answer = self.evidence.answer(i)?.clone();
        let (source, _) = self.evidence.source(answer.model_version, tile.seq)?;
        Some(CorpusOpening { answer, source })
    }

    /// A chunk of it, if it has words of the tile.
    fn chunk(
        &self,
        source: &CorpusOpening,
        tile: &Tile,
        chunk: u8,
    ) -> Option<Option<(Chunk, HashProof)>> {
        let words = words_in_chunk(tile, source.source.document(), chunk);
        if words.is_empty() {
            return Some(None);
        }
        let model_version = source.answer.model_version;
        let (_, text) = self.evidence.source(model_version, tile.seq)?;
        Some(Some(text.open(words).chunks.pop()?))
    }

    /// The entry of the boilerplate for words of a tile.
    fn phrase(&self, i: u64, tile: &Tile, before: u8) -> Option<PhraseOpening> {
        let answer = self.evidence.answer(i)?.clone();
        let output = self.evidence.output(i)?;
        let start = tile.start.checked_add(before.into())?;
        let words = output.words().get(usize::try_from(start).ok()?..)?;
        let ids = *words.first_chunk()?;
        let list = self.evidence.phrases(answer.model_version)?;
        Some(PhraseOpening {
            answer,
            output: output.open(start..start.checked_add(GRAM_LEN as u32)?),
            phrase: list.prove(&Gram { ids })?,
        })
    }

    fn model(&self, place: u64) -> Option<PlaceOpening> {
        let rows = self.epoch.models.iter().map(|part| part.row.clone());
        of_place(&rows.collect::<Vec<_>>(), &self.trees.models, place)
    }

    fn payout(&self, contributor: u64) -> Option<LeafOpening> {
        let part = at(&self.epoch.payouts, contributor)?;
        leaf(&part.row, &self.trees.payouts, contributor)
    }
}

fn at<T>(all: &[T], index: u64) -> Option<&T> {
    all.get(usize::try_from(index).ok()?)
}

/// What is known, where there is something to be known.
fn all<T>(known: Option<Option<T>>) -> Option<Option<T>> {
    match known {
        Some(known) => known.map(Some),
        None => Some(None),
    }
}

/// What stands at a place of a tree, or that it has fewer leaves.
fn of_place<L: Summed>(leaves: &[L], tree: &SumTree, index: u64) -> Option<PlaceOpening> {
    let (count, top) = (tree.count(), tree.top());
    if index >= count {
        let top = Some(SumTop { count, top });
        return Some(PlaceOpening { leaf: None, top });
    }
    let leaf = Some(leaf(at(leaves, index)?, tree, index)?);
    Some(PlaceOpening { leaf, top: None })
}

fn leaf<L: Summed>(leaf: &L, tree: &SumTree, index: u64) -> Option<LeafOpening> {
    Some(LeafOpening {
        bytes: leaf.encode(),
        stated: leaf.sum(),
        proof: tree.prove(index)?,
    })
}
