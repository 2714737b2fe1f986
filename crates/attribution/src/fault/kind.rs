//! F5: what a tile is.

use super::{NotAFault, same, wrong};
use crate::{
    WordId,
    leaf::{GRAM_LEN, Gram, Leaf, TileKind},
    opening::{AnswerOpening, Chain, OpeningError, TileOpening, WordsOpening},
    tree::{Absence, HashProof, SortedLeaf},
};

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
    /// A span, or boilerplate, stands in the prompt.
    Echo {
        /// The tile.
        tile: TileOpening,
        /// The output's chunks with it.
        output: WordsOpening,
        /// Words of the prompt before it.
        at: u32,
        /// The prompt's chunks with it.
        prompt: WordsOpening,
    },
    /// What is called an echo does not stand in the prompt.
    NotEcho {
        /// The tile.
        tile: TileOpening,
        /// The output's chunks with it.
        output: WordsOpening,
        /// All of the prompt.
        prompt: WordsOpening,
    },
}

impl KindFault {
    pub(super) fn verify(
        &self,
        chain: &impl Chain,
        opening: &AnswerOpening,
    ) -> Result<(), NotAFault> {
        let (Self::Boilerplate { tile, output, .. }
        | Self::NotBoilerplate { tile, output, .. }
        | Self::Echo { tile, output, .. }
        | Self::NotEcho { tile, output, .. }) = self;
        tile.verify(&opening.row)?;
        let (tile, answer) = (&tile.tile, &opening.answer);
        let said = |at: u8, len: u8| {
            let start = tile.start.saturating_add(at.into());
            let range = start..start.saturating_add(len.into());
            output.verify(answer.output_root, Some(answer.words), range)
        };
        let list = || {
            let list = chain.boilerplate(answer.model_version);
            list.ok_or(OpeningError::Unknown("the model version"))
        };
        let is = |kind| same(tile.kind == kind, "the tile");
        match self {
            Self::Boilerplate { phrases, .. } => {
                is(TileKind::Span)?;
                let (words, list) = (said(0, tile.len)?, list()?);
                let grams = words.windows(GRAM_LEN).filter_map(gram);
                same(words.len() + 1 == phrases.len() + GRAM_LEN, "a phrase")?;
                for (gram, proof) in grams.zip(phrases) {
                    proof.verify(list, gram.hash())?;
                }
                Ok(())
            }
            Self::NotBoilerplate { at, absence, .. } => {
                is(TileKind::Boiler)?;
                let fits = usize::from(*at) + GRAM_LEN <= usize::from(tile.len);
                same(fits, "the phrase")?;
                let words = said(*at, GRAM_LEN as u8)?;
                let gram = gram(&words).ok_or(OpeningError::Words)?;
                absence.verify(list()?, &gram.key())?;
                Ok(())
            }
            Self::Echo { at, prompt, .. } => {
                let other = matches!(tile.kind, TileKind::Span | TileKind::Boiler);
                same(other, "the tile")?;
                let words = said(0, tile.len)?;
                let range = *at..at.saturating_add(tile.len.into());
                let found = prompt.verify(answer.context_root, None, range)?;
                wrong(words == found)
            }
            Self::NotEcho { prompt, .. } => {
                is(TileKind::Echo)?;
                let words = said(0, tile.len)?;
                let prompt = prompt.verify_whole(answer.context_root)?;
                wrong(!prompt.windows(words.len()).any(|part| part == words))
            }
        }
    }
}

fn gram(words: &[WordId]) -> Option<Gram> {
    let ids = words.try_into().ok()?;
    Some(Gram { ids })
}
