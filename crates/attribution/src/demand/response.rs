//! What answers a demand. Everything here may come from anybody: it is a claim until it has verified.

use super::{Demand, MAX_LEAF_LEN, NotAnswered, same};
use crate::{
    EpochRoots,
    fault::LeafOpening,
    leaf::{
        Answer, AnswerRow, CHUNK_LEN, Chunk, Document, GRAM_LEN, Gram, Leaf, ModelRow, PayoutRow,
        Tile, TileKind,
    },
    opening::{Chain, OpeningError, SourceOpening, WordsOpening},
    tree::{HashProof, SumTop, leaf_hash},
};
use alloy_primitives::B256;

/// Bytes that stand as an answer's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOpening {
    /// The row, or what stands in its place: a tag and fields.
    pub bytes: Vec<u8>,
    /// That it is in the tree.
    pub proof: HashProof,
}

/// A place of a sum tree: what stands there, or that the tree has fewer leaves. Neither where there is no tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaceOpening {
    /// What stands there.
    pub leaf: Option<LeafOpening>,
    /// That nothing does.
    pub top: Option<SumTop>,
}

/// The document of a tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorpusOpening {
    /// The answer, which says of which model version the corpus is.
    pub answer: Answer,
    /// The document.
    pub source: SourceOpening,
}

/// The entry of the boilerplate for a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhraseOpening {
    /// The answer, which says of which model version the boilerplate is.
    pub answer: Answer,
    /// The output's chunks with the phrase.
    pub output: WordsOpening,
    /// That it is in the list.
    pub phrase: HashProof,
}

/// What answers a demand, in the order of [`Demand`].
#[derive(Debug, Clone, PartialEq, Eq)]
// One at a time, and never many of them.
#[allow(clippy::large_enum_variant)]
pub enum Response {
    /// The row.
    Answer(RowOpening),
    /// The row and the tile.
    Tile(RowOpening, PlaceOpening),
    /// Also the document, if the tile names one.
    Source(RowOpening, PlaceOpening, Option<CorpusOpening>),
    /// Also the chunk, if it has words of the tile.
    Chunk(
        RowOpening,
        PlaceOpening,
        Option<CorpusOpening>,
        Option<(Chunk, HashProof)>,
    ),
    /// The row, the tile, and the phrase if the tile is boilerplate with it.
    Phrase(RowOpening, PlaceOpening, Option<PhraseOpening>),
    /// The row.
    Model(PlaceOpening),
    /// The model version's row and the gift.
    Gift(PlaceOpening, PlaceOpening),
    /// The row.
    Payout(LeafOpening),
    /// The contributor's row and the earning.
    Earning(LeafOpening, PlaceOpening),
}

impl Response {
    pub(super) fn verify(
        &self,
        chain: &impl Chain,
        roots: &EpochRoots,
        demand: &Demand,
    ) -> Result<(), NotAnswered> {
        let first = chain.answers().start;
        let tile = |i: &u64, tile: &u32, row: &RowOpening, place: &PlaceOpening| {
            let row = row.verify(roots, i.checked_sub(first))?;
            let tree = row.map(|row| row.tiling_root);
            let bytes = place.verify(tree, u64::from(*tile))?;
            Ok::<_, NotAnswered>(bytes.and_then(|bytes| Tile::decode(bytes).ok()))
        };
        match (demand, self) {
            (Demand::Answer { i }, Self::Answer(row)) => {
                row.verify(roots, i.checked_sub(first))?;
            }
            (Demand::Tile { i, tile: at }, Self::Tile(row, place)) => {
                tile(i, at, row, place)?;
            }
            (Demand::Source { i, tile: at }, Self::Source(row, place, source)) => {
                let tile = tile(i, at, row, place)?;
                document_of(chain, *i, tile.as_ref(), source.as_ref())?;
            }
            (Demand::Chunk { i, tile: at, chunk }, Self::Chunk(row, place, source, opening)) => {
                let tile = tile(i, at, row, place)?;
                let named = document_of(chain, *i, tile.as_ref(), source.as_ref())?;
                chunk_of(named, *chunk, opening.as_ref())?;
            }
            (Demand::Phrase { i, tile: place, at }, Self::Phrase(row, opening, phrase)) => {
                let tile = tile(i, place, row, opening)?;
                let tile = tile.filter(|tile| has_phrase(tile, *at));
                match (tile, phrase) {
                    (Some(tile), Some(phrase)) => phrase.verify(chain, *i, &tile, *at)?,
                    (tile, phrase) => same(tile.is_none() && phrase.is_none(), "the phrase")?,
                }
            }
            (Demand::Model { place }, Self::Model(model)) => {
                model.verify(Some(roots.models), *place)?;
            }
            (Demand::Gift { model: at, place }, Self::Gift(model, gift)) => {
                let model = model.verify(Some(roots.models), *at)?;
                let row = model.and_then(|bytes| ModelRow::decode(bytes).ok());
                gift.verify(row.map(|row| row.answers_root), *place)?;
            }
            (Demand::Payout { contributor }, Self::Payout(payout)) => {
                leaf_at(payout, roots.payouts, *contributor)?;
            }
            (Demand::Earning { contributor, place }, Self::Earning(payout, earning)) => {
                leaf_at(payout, roots.payouts, *contributor)?;
                let row = PayoutRow::decode(&payout.bytes).ok();
                earning.verify(row.map(|row| row.earnings_root), *place)?;
            }
            _ => return Err(NotAnswered::Other("the response")),
        }
        Ok(())
    }
}

impl RowOpening {
    /// Checks that this stands at a place of the answers' rows; the row, if it is one.
    fn verify(
        &self,
        roots: &EpochRoots,
        place: Option<u64>,
    ) -> Result<Option<AnswerRow>, NotAnswered> {
        let (tag, fields) = split(&self.bytes)?;
        same(place == Some(self.proof.index), "the row")?;
        self.proof.verify(roots.answers, leaf_hash(tag, fields))?;
        Ok(AnswerRow::decode(&self.bytes).ok())
    }
}

impl PlaceOpening {
    /// Checks what stands at a place of a tree; the bytes, if there are such.
    fn verify(&self, tree: Option<B256>, index: u64) -> Result<Option<&[u8]>, NotAnswered> {
        match (tree, &self.leaf, &self.top) {
            (None, None, None) => Ok(None),
            (Some(root), Some(leaf), None) => {
                leaf_at(leaf, root, index)?;
                Ok(Some(&leaf.bytes))
            }
            (Some(root), None, Some(top)) => {
                let sum = top.verify(root);
                same(sum.is_some() && top.count <= index, "the top")?;
                Ok(None)
            }
            _ => Err(NotAnswered::Other("the place")),
        }
    }
}

impl PhraseOpening {
    /// Checks that the words of a tile from one on are in the boilerplate.
    fn verify(&self, chain: &impl Chain, i: u64, tile: &Tile, at: u8) -> Result<(), NotAnswered> {
        is_paid(chain, i, &self.answer)?;
        let start = tile.start.saturating_add(at.into());
        let range = start..start.saturating_add(GRAM_LEN as u32);
        let answer = &self.answer;
        let words = self
            .output
            .verify(answer.output_root, Some(answer.words), range)?;
        let ids = words.try_into().map_err(|_| OpeningError::Words)?;
        let list = chain.boilerplate(answer.model_version);
        let list = list.ok_or(OpeningError::Unknown("the model version"))?;
        self.phrase.verify(list, Gram { ids }.hash())?;
        Ok(())
    }
}

/// A leaf's tag and fields, if it is not too long to be proven to be none.
fn split(bytes: &[u8]) -> Result<(u8, &[u8]), NotAnswered> {
    let parts = bytes.split_first().filter(|_| bytes.len() <= MAX_LEAF_LEN);
    let (tag, fields) = parts.ok_or(NotAnswered::Other("the leaf"))?;
    Ok((*tag, fields))
}

/// Checks that this stands at a place of a sum tree.
fn leaf_at(leaf: &LeafOpening, root: B256, index: u64) -> Result<(), NotAnswered> {
    split(&leaf.bytes)?;
    same(leaf.proof.index == index, "the leaf")?;
    Ok(leaf.is_in(root)?)
}

/// Checks that an answer is the one with this number.
fn is_paid(chain: &impl Chain, i: u64, answer: &Answer) -> Result<(), OpeningError> {
    match chain.paid(i) == Some(answer.hash()) {
        true => Ok(()),
        false => Err(OpeningError::Unknown("the answer")),
    }
}

/// Checks that the document which a tile names is shown, if it names one.
fn document_of<'a>(
    chain: &impl Chain,
    i: u64,
    tile: Option<&'a Tile>,
    opening: Option<&'a CorpusOpening>,
) -> Result<Option<(&'a Tile, &'a Document)>, NotAnswered> {
    match (tile.filter(|tile| tile.is_match()), opening) {
        (Some(tile), Some(CorpusOpening { answer, source })) => {
            is_paid(chain, i, answer)?;
            source.verify(chain, answer.model_version)?;
            same(source.document().seq == tile.seq, "the document")?;
            Ok(Some((tile, source.document())))
        }
        (None, None) => Ok(None),
        _ => Err(NotAnswered::Other("the document")),
    }
}

/// Words of the document that are the tile's and stand in a chunk; none where it has none of them.
pub(super) fn words_in_chunk(tile: &Tile, document: &Document, chunk: u8) -> std::ops::Range<u32> {
    let first = u32::from(chunk) * CHUNK_LEN as u32;
    let offset = u32::from(tile.offset);
    let end = (offset + u32::from(tile.len)).min(document.words.into());
    offset.max(first)..end.min(first + CHUNK_LEN as u32)
}

/// Checks that a chunk of a tile's document is shown, if it has words of the tile.
fn chunk_of(
    named: Option<(&Tile, &Document)>,
    chunk: u8,
    opening: Option<&(Chunk, HashProof)>,
) -> Result<(), NotAnswered> {
    let words = named.map(|(tile, document)| (words_in_chunk(tile, document, chunk), document));
    match (words.filter(|(words, _)| !words.is_empty()), opening) {
        (Some((words, document)), Some(opening)) => {
            let chunks = vec![opening.clone()];
            let opening = WordsOpening { chunks };
            opening.verify(document.chunk_root, Some(document.words.into()), words)?;
            Ok(())
        }
        (None, None) => Ok(()),
        _ => Err(NotAnswered::Other("the chunk")),
    }
}

/// Whether the phrase so many words after a tile's first must be in the boilerplate.
pub(super) fn has_phrase(tile: &Tile, at: u8) -> bool {
    tile.kind == TileKind::Boiler && usize::from(at) + GRAM_LEN <= usize::from(tile.len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HashTree, WordId, leaf::ContributionKind, leaf::RawCid};

    /// Of a document that has fewer words than its leaf says the words of the tile are asked for, and no others.
    #[test]
    fn a_chunk_holds_the_words_of_the_tile() {
        let words: Vec<_> = (0..40u8).map(|word| WordId::of(&[word])).collect();
        let full = Chunk::new(0, B256::ZERO, &words[..32]).expect("32 words");
        for has in 1..=8u8 {
            let end = 32 + usize::from(has);
            let last = Chunk::new(1, B256::ZERO, &words[32..end]).expect("few words");
            let tree = HashTree::new(vec![full.hash(), last.hash()]);
            let document = Document {
                seq: 1 << 32,
                contributor: 0,
                kind: ContributionKind::Data,
                file: 0,
                part: 0,
                words: 40,
                chunk_root: tree.root(),
                sketch_hash: B256::ZERO,
                parent_seq: 1 << 32,
                root_seq: 1 << 32,
                contain_bps: 0,
                licence: 0,
                raw_cid: RawCid::NONE,
            };
            for len in 1..=16u8 {
                let tile = Tile {
                    start: 0,
                    len,
                    kind: TileKind::Span,
                    seq: document.seq,
                    offset: 32,
                };
                let named = Some((&tile, &document));
                let proof = tree.prove(1).expect("there");
                let shown = chunk_of(named, 1, Some(&(last.clone(), proof)));
                // What is beyond the 40 words is another fault.
                assert_eq!(shown.is_ok(), has >= len.min(8), "{has} {len}");
                assert!(chunk_of(named, 1, None).is_err());
                assert_eq!(chunk_of(named, 0, None), Ok(()));
                assert_eq!(chunk_of(named, 2, None), Ok(()));
                let proof = tree.prove(0).expect("there");
                assert!(chunk_of(named, 0, Some(&(full.clone(), proof))).is_err());
            }
        }
    }
}
