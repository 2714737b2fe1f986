//! A range of answers that is settled together, as the archive and the chain have it.

use super::Archive;
use crate::{
    Demand, Epoch, EpochRoots, EpochTrees, Facts, Leaf, Match, Method, Prompt, Response, Text,
    WordId, demand,
    dispute::{Evidence, PhraseList},
    epoch::{Attributed, EpochError, Ledger, tree},
    facts::ModelFacts,
    leaf::{Answer, Context, DatanetVersion, Document, MAX_TILE_LEN, Tile},
    opening::{Chain, SourceOpening},
    pay::Terms,
    segment::BuildError,
    tree::SumOverflow,
};
use alloy_primitives::B256;
use std::ops::Range;

/// See the module. It is the [`Chain`], the [`Ledger`] and the [`Evidence`] of its range.
#[derive(Debug, Clone)]
pub struct Round<'a> {
    archive: &'a Archive,
    range: Range<u64>,
    contributors: u64,
    before: Option<&'a Epoch>,
    payouts_before: B256,
}

/// Why a range can not be settled.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// It begins or ends outside of the answers that are known.
    #[error("answers {} to {} are asked for, {known} are known", .range.start, .range.end)]
    Range {
        /// Asked for.
        range: Range<u64>,
        /// In the archive.
        known: u64,
    },
    /// The tiles of an answer are out of range, which only a damaged segment makes.
    #[error("answer {0} can not be tiled")]
    Tiles(u64),
    /// A prompt is too long to be searched.
    #[error(transparent)]
    Prompt(#[from] BuildError),
    /// The rules make nothing of it.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// Amounts add up to 2^128 wei or more.
    #[error(transparent)]
    Overflow(#[from] SumOverflow),
}

impl Archive {
    /// The answers of a range, when there were so many contributors and the epoch before was this one.
    ///
    /// # Errors
    /// When answers of the range are missing.
    pub fn round<'a>(
        &'a self,
        range: Range<u64>,
        contributors: u64,
        before: Option<&'a Epoch>,
    ) -> Result<Round<'a>, RoundError> {
        let known = self.answers();
        if range.start > range.end || range.end > known {
            return Err(RoundError::Range { range, known });
        }
        let rows = before.map_or(Vec::new(), |before| {
            before.payouts.iter().map(|part| part.row.clone()).collect()
        });
        Ok(Round {
            archive: self,
            range,
            contributors,
            before,
            payouts_before: tree(&rows)?.root(),
        })
    }
}

impl Round<'_> {
    /// The tiles of an answer: where its words stand in the corpus of its model version. None of one that is not open.
    ///
    /// # Errors
    /// When the answer is not known, or can not be tiled.
    pub fn tiles(&self, i: u64) -> Result<Vec<Tile>, RoundError> {
        let answered = self.archive.answered_at(i).ok_or(RoundError::Tiles(i))?;
        let Some(texts) = &answered.texts else {
            return Ok(Vec::new());
        };
        let model = self.archive.models.get(&answered.answer.model_version);
        let model = model.ok_or(EpochError::Model(answered.answer.model_version))?;
        let prompt = Prompt::new(texts.prompt.words())?;
        let tiling = crate::tile(
            &model.corpus,
            texts.output.words(),
            &prompt,
            model.phrases.list(),
        );
        tiling.leaves().ok_or(RoundError::Tiles(i))
    }

    fn texts(&self, i: u64) -> Option<&super::Texts> {
        self.archive.answered_at(i)?.texts.as_ref()
    }

    /// The epoch that the rules make of the range.
    ///
    /// # Errors
    /// When something is missing that the rules need.
    pub fn attribute(&self) -> Result<Epoch, RoundError> {
        let attributed = self.range.clone().map(|i| {
            let answered = self.archive.answered_at(i).ok_or(RoundError::Tiles(i))?;
            Ok(Attributed {
                answer: answered.answer.clone(),
                context: answered.texts.as_ref().map(|texts| texts.context.clone()),
                tiles: self.tiles(i)?,
            })
        });
        let attributed = attributed.collect::<Result<Vec<_>, RoundError>>()?;
        let before = self.before.map_or(Vec::new(), Epoch::cumulative);
        let first = self.range.start;
        Ok(Epoch::compute(
            first,
            &attributed,
            self,
            &before,
            self.contributors,
        )?)
    }

    /// What answers a demand of the epoch that was posted for the range, given its trees; see [`demand::respond`].
    pub fn respond(&self, epoch: &Epoch, trees: &EpochTrees, demand: &Demand) -> Option<Response> {
        demand::respond(epoch, trees, self, demand)
    }

    /// What the chain knows of the range, when these are the roots that were posted.
    pub fn facts(&self, roots: EpochRoots) -> Facts {
        let models = self.archive.models.iter().map(|(id, model)| {
            let facts = ModelFacts {
                terms: model.terms,
                corpus: model.tree.root(),
                boilerplate: model.phrases.root(),
            };
            (*id, facts)
        });
        let paid = self.range.clone();
        let paid = paid.filter_map(|i| Some((i, Chain::paid(self, i)?)));
        Facts {
            method_id: Method::current().id(),
            roots,
            answers: self.range.clone(),
            contributors: self.contributors,
            payouts_before: self.payouts_before,
            paid: paid.collect(),
            unpublished: self
                .range
                .clone()
                .filter(|i| !self.is_published(*i))
                .collect(),
            models: models.collect(),
            contributions: self.archive.contributors.clone(),
        }
    }
}

impl Ledger for Round<'_> {
    fn terms(&self, model_version: u64) -> Option<Terms> {
        Some(self.archive.models.get(&model_version)?.terms)
    }

    fn document(&self, seq: u64) -> Option<&Document> {
        self.archive.document(seq)
    }

    fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        self.archive.contributor_of(commit_seq)
    }
}

impl Chain for Round<'_> {
    fn answers(&self) -> Range<u64> {
        self.range.clone()
    }

    fn paid(&self, i: u64) -> Option<B256> {
        Some(self.archive.answer(i)?.hash())
    }

    fn is_published(&self, i: u64) -> bool {
        self.texts(i).is_some()
    }

    fn terms(&self, model_version: u64) -> Option<Terms> {
        Ledger::terms(self, model_version)
    }

    fn corpus(&self, model_version: u64) -> Option<B256> {
        Some(self.archive.models.get(&model_version)?.tree.root())
    }

    fn boilerplate(&self, model_version: u64) -> Option<B256> {
        Some(self.archive.models.get(&model_version)?.phrases.root())
    }

    fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        self.archive.contributor_of(commit_seq)
    }

    fn contributors(&self) -> u64 {
        self.contributors
    }

    fn payouts_before(&self) -> B256 {
        self.payouts_before
    }
}

impl Evidence for Round<'_> {
    fn answer(&self, i: u64) -> Option<&Answer> {
        self.range.contains(&i).then(|| self.archive.answer(i))?
    }

    fn output(&self, i: u64) -> Option<&Text> {
        Some(&self.texts(i)?.output)
    }

    fn context(&self, i: u64) -> Option<&Context> {
        Some(&self.texts(i)?.context)
    }

    fn prompt(&self, i: u64) -> Option<&Text> {
        Some(&self.texts(i)?.prompt)
    }

    fn source(&self, model_version: u64, seq: u64) -> Option<(SourceOpening, &Text)> {
        let model = self.archive.models.get(&model_version)?;
        let listed = |version: &DatanetVersion| {
            let mut versions = model.versions.iter();
            versions.position(|listed| listed == version)
        };
        let opening = self
            .archive
            .open(seq, |version| listed(&version.leaf).is_some())?;
        let place = listed(&opening.version)?;
        let in_corpus = model.tree.prove(place as u64)?;
        Some((
            SourceOpening { opening, in_corpus },
            self.archive.words(seq)?,
        ))
    }

    fn phrases(&self, model_version: u64) -> Option<&PhraseList> {
        Some(&self.archive.models.get(&model_version)?.phrases)
    }

    fn longest(&self, model_version: u64, words: &[WordId], start: usize) -> Option<Match> {
        let model = self.archive.models.get(&model_version)?;
        let rest = words.get(start..)?;
        // No match is longer, so that no more words are looked up.
        let rest = rest.get(..MAX_TILE_LEN.into()).unwrap_or(rest);
        model.corpus.query(rest).longest_match(0)
    }
}
