//! F5: what a tile is.

use super::{
    NotAFault, same,
    words::{behind, one},
    wrong,
};
use crate::{
    WordId,
    leaf::{Context, GRAM_LEN, Gram, Leaf, MAX_TILE_LEN, MIN_MATCH_LEN, Tile, TileKind},
    opening::{AnswerOpening, Chain, OpeningError, TileOpening, WordsOpening},
    tree::{Absence, HashProof, SortedLeaf},
};
use std::ops::Range;

/// F5.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum KindFault {
    /// A span is boilerplate: each phrase in it is in the list.
    Boilerplate {
        /// The tile.
        tile: TileOpening,
        /// The output's chunks with it.
        output: WordsOpening,
        /// Of each phrase, in its order.
        phrases: Vec<HashProof>,
    },
    /// What is called boilerplate has a phrase that is not in the list.
    NotBoilerplate {
        /// The tile.
        tile: TileOpening,
        /// The output's chunks with the phrase.
        output: WordsOpening,
        /// Words of the tile before the phrase.
        at: u8,
        /// That it is not in the list.
        absence: Absence<Gram>,
    },
    /// Words of another tile stand in the prompt; or those of an echo do earlier, or more of them in a row.
    Echo {
        /// The tile.
        tile: TileOpening,
        /// The first of the words in the output: an echo's, or any of another tile.
        start: u32,
        /// How many.
        len: u8,
        /// The output's chunks with them.
        output: WordsOpening,
        /// What the answer was given.
        context: Context,
        /// Words of the prompt before them.
        at: u32,
        /// The prompt's chunks with them.
        prompt: WordsOpening,
    },
    /// A word of an echo is another one than the prompt's.
    NotEcho {
        /// The tile.
        tile: TileOpening,
        /// Words of the tile before it.
        at: u8,
        /// The output's chunk with it.
        output: WordsOpening,
        /// What the answer was given.
        context: Context,
        /// The prompt's chunk with the word that should be the same.
        prompt: WordsOpening,
    },
    /// The prompt goes on behind a full echo as the output does, and that is no echo.
    EchoGoesOn {
        /// A full echo.
        left: TileOpening,
        /// The tile behind it.
        right: TileOpening,
        /// The output's chunk with that tile's first word.
        output: WordsOpening,
        /// What the answer was given.
        context: Context,
        /// The prompt's chunk with the word behind the echo.
        prompt: WordsOpening,
    },
    /// The prompt ends before an echo does.
    EchoEnd {
        /// The tile.
        tile: TileOpening,
        /// What the answer was given.
        context: Context,
        /// The prompt's last chunk; none when it has no words.
        prompt: WordsOpening,
    },
}

impl KindFault {
    pub(super) fn verify(
        &self,
        chain: &impl Chain,
        opening: &AnswerOpening,
    ) -> Result<(), NotAFault> {
        let answer = &opening.answer;
        let said = |output: &WordsOpening, range| {
            output.verify(answer.output_root, Some(answer.words), range)
        };
        let list = || {
            let list = chain.boilerplate(answer.model_version);
            list.ok_or(OpeningError::Unknown("the model version"))
        };
        match self {
            Self::Boilerplate {
                tile,
                output,
                phrases,
            } => {
                let tile = of_kind(tile, TileKind::Span, opening)?;
                let words = said(output, words(tile.start, tile.len))?;
                let grams = words.windows(GRAM_LEN).filter_map(gram);
                let all = !tile.is_short() && words.len() + 1 == phrases.len() + GRAM_LEN;
                same(all, "a phrase")?;
                let list = list()?;
                for (gram, proof) in grams.zip(phrases) {
                    proof.verify(list, gram.hash())?;
                }
                Ok(())
            }
            Self::NotBoilerplate {
                tile,
                output,
                at,
                absence,
            } => {
                let tile = of_kind(tile, TileKind::Boiler, opening)?;
                let fits = usize::from(*at) + GRAM_LEN <= usize::from(tile.len);
                same(fits, "the phrase")?;
                let start = tile.start.saturating_add(u32::from(*at));
                let words = said(output, words(start, GRAM_LEN as u8))?;
                let gram = gram(&words).ok_or(OpeningError::Words)?;
                absence.verify(list()?, &gram.key())?;
                Ok(())
            }
            Self::Echo {
                tile,
                start,
                len,
                output,
                context,
                at,
                prompt,
            } => {
                tile.verify(&opening.row)?;
                should_be(&tile.tile, *start, *len, *at)?;
                let found = prompt.verify(opening.prompt(context)?, None, words(*at, *len))?;
                wrong(said(output, words(*start, *len))? == found)
            }
            Self::NotEcho {
                tile,
                at,
                output,
                context,
                prompt,
            } => {
                let tile = of_kind(tile, TileKind::Echo, opening)?;
                same(*at < tile.len, "the word")?;
                let at = u64::from(*at);
                let found = one(tile.seq.saturating_add(at));
                let found = prompt.verify(opening.prompt(context)?, None, found)?;
                wrong(said(output, one(u64::from(tile.start) + at))? != found)
            }
            Self::EchoGoesOn {
                left,
                right,
                output,
                context,
                prompt,
            } => {
                behind(left, right, opening)?;
                let (left, right) = (&left.tile, &right.tile);
                let full = left.kind == TileKind::Echo && left.is_full();
                same(full && right.kind != TileKind::Echo, "the tile")?;
                let found = one(left.seq.saturating_add(left.len.into()));
                let found = prompt.verify(opening.prompt(context)?, None, found)?;
                wrong(said(output, one(right.start.into()))? == found)
            }
            Self::EchoEnd {
                tile,
                context,
                prompt,
            } => {
                let tile = of_kind(tile, TileKind::Echo, opening)?;
                let words = prompt.verify_end(opening.prompt(context)?)?;
                wrong(tile.seq.saturating_add(tile.len.into()) > words)
            }
        }
    }
}

/// Checks a tile and its kind.
fn of_kind<'a>(
    tile: &'a TileOpening,
    kind: TileKind,
    opening: &AnswerOpening,
) -> Result<&'a Tile, NotAFault> {
    tile.verify(&opening.row)?;
    same(tile.tile.kind == kind, "the tile")?;
    Ok(&tile.tile)
}

/// Passes when words of the output that stand in the prompt at `at` show that a tile is not the echo that is there.
fn should_be(tile: &Tile, start: u32, len: u8, at: u32) -> Result<(), NotAFault> {
    let (place, least) = (u64::from(at), MIN_MATCH_LEN);
    let should = match tile.kind {
        TileKind::Echo if start == tile.start => {
            let longer = len > tile.len && (len >= least || place == tile.seq);
            let earlier = len == tile.len && len >= least && place < tile.seq;
            len <= MAX_TILE_LEN && (longer || earlier)
        }
        TileKind::Echo => false,
        _ => len == least && (tile.start.into()..tile.end()).contains(&u64::from(start)),
    };
    same(should, "the words")
}

/// So many words from one on.
fn words(start: u32, len: u8) -> Range<u32> {
    start..start.saturating_add(len.into())
}

fn gram(words: &[WordId]) -> Option<Gram> {
    let ids = words.try_into().ok()?;
    Some(Gram { ids })
}
