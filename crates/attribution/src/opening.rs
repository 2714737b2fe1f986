//! What a proof shows of an epoch and of the documents behind it. Everything here may come from anybody: it is a claim until it has
//! verified.

use crate::{
    EpochRoots, WordId,
    leaf::{
        Answer, AnswerRow, Batch, CHUNK_LEN, Chunk, Context, DatanetVersion, Document, Earning,
        Leaf, ModelRow, PayoutRow, Summed, Tile, TrainRow, Visibility,
    },
    pay::{DataPool, Terms, weight_of},
    tree::{HashProof, ProofError, SumProof},
};
use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What the chain knows, and no proof has to show.
pub trait Chain {
    /// Places of the epoch's answers.
    fn answers(&self) -> Range<u64>;

    /// The hash of a paid answer's leaf. `None` when there is no such answer.
    fn paid(&self, i: u64) -> Option<B256>;

    /// Whether an answer's output and context were there for everybody, whole, when the epoch was cut.
    fn is_published(&self, i: u64) -> bool;

    /// Terms of a model version.
    fn terms(&self, model_version: u64) -> Option<Terms>;

    /// Root of a model version's corpus.
    fn corpus(&self, model_version: u64) -> Option<B256>;

    /// Root of a model version's boilerplate.
    fn boilerplate(&self, model_version: u64) -> Option<B256>;

    /// Whose a contribution is, by its commit's number: as its reveal said, whatever became of it. `None` when none of this number was revealed.
    fn contributor_of(&self, commit_seq: u32) -> Option<u64>;

    /// Contributors when the epoch was cut.
    fn contributors(&self) -> u64;

    /// Root of the payouts of the epoch before; an empty tree's for the first.
    fn payouts_before(&self) -> B256;
}

/// Why something is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// It is not in its tree.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The chain knows nothing of it.
    #[error("{0} is not known to the chain")]
    Unknown(&'static str),
    /// It stands at another place than it says.
    #[error("{0} stands at another place")]
    Place(&'static str),
    /// Words are missing, or there are others than were asked for.
    #[error("the chunks do not hold these words")]
    Words,
}

/// A paid answer and its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerOpening {
    /// As it was paid.
    pub answer: Answer,
    /// What the epoch says of it.
    pub row: AnswerRow,
    /// That the epoch says so.
    pub proof: HashProof,
}

impl AnswerOpening {
    /// Checks that the answer was paid and the row is the epoch's for it.
    pub fn verify(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<(), OpeningError> {
        let i = self.answer.i;
        if chain.paid(i) != Some(self.answer.hash()) {
            return Err(OpeningError::Unknown("the answer"));
        }
        let place = i.checked_sub(chain.answers().start);
        if self.row.i != i || place != Some(self.proof.index) {
            return Err(OpeningError::Place("the answer"));
        }
        self.proof.verify(roots.answers, self.row.hash())?;
        Ok(())
    }

    /// Whether its words are attributed: of a public answer that was published.
    pub fn is_open(&self, chain: &impl Chain) -> bool {
        is_open(&self.answer, chain)
    }

    /// Checks that the answer was given this context; the root of the prompt's chunks.
    pub fn prompt(&self, context: &Context) -> Result<B256, OpeningError> {
        match context.root() == self.answer.context_root {
            true => Ok(context.prompt()),
            false => Err(OpeningError::Place("the context")),
        }
    }

    /// Checks that the answer was given this context, of which one that is not open shows nothing; how its data pool, as the row has it, is
    /// divided.
    pub fn data_pool(
        &self,
        chain: &impl Chain,
        context: &Context,
    ) -> Result<DataPool, OpeningError> {
        let answer = &self.answer;
        let is_open = self.is_open(chain);
        let given = match is_open {
            true => self.prompt(context).is_ok(),
            false => context.bytes().is_empty(),
        };
        if !given {
            return Err(OpeningError::Place("the context"));
        }
        let context = Some(context).filter(|_| is_open);
        let terms = chain.terms(answer.model_version);
        let terms = terms.ok_or(OpeningError::Unknown("the model version"))?;
        let (pool, contributors) = (self.row.data_pool, chain.contributors());
        Ok(DataPool::new(pool, &terms, answer, context, contributors))
    }
}

/// Whether the words of an answer are attributed.
pub(crate) fn is_open(answer: &Answer, chain: &impl Chain) -> bool {
    answer.visibility == Visibility::Public && chain.is_published(answer.i)
}

/// A tile of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TileOpening {
    /// The tile.
    pub tile: Tile,
    /// That it is the answer's.
    pub proof: SumProof,
}

impl TileOpening {
    /// Checks that it is a tile of the answer with this row, and in range; the weight of all tiles before it. A leaf that is out of range
    /// is a fault of its own.
    pub fn verify(&self, row: &AnswerRow) -> Result<u64, OpeningError> {
        if self.tile.check().is_err() || self.proof.count != u64::from(row.tiles) {
            return Err(OpeningError::Place("the tile"));
        }
        self.proof.verify(row.tiling_root, self.tile.sum_node())?;
        let before = self.proof.before();
        Ok(weight_of(before.ok_or(OpeningError::Place("the tile"))?))
    }
}

/// A document as a Datanet version has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentOpening {
    /// The document.
    pub document: Document,
    /// That it is in the batch.
    pub in_batch: HashProof,
    /// The batch.
    pub batch: Batch,
    /// That it is in the version.
    pub in_version: HashProof,
    /// The version.
    pub version: DatanetVersion,
}

impl DocumentOpening {
    /// Checks that the version has it. That the version is one of a Datanet is not shown.
    fn verify(&self) -> Result<(), OpeningError> {
        if u64::from(self.batch.commit_seq) != self.document.seq >> 32 {
            return Err(OpeningError::Place("the document"));
        }
        self.in_batch
            .verify(self.batch.root, self.document.hash())?;
        self.in_version
            .verify(self.version.root, self.batch.hash())?;
        Ok(())
    }
}

/// A document as a model version's corpus has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceOpening {
    /// The document.
    pub opening: DocumentOpening,
    /// That its Datanet version is in the corpus.
    pub in_corpus: HashProof,
}

impl SourceOpening {
    /// Checks that it is in the corpus of a model version.
    pub fn verify(&self, chain: &impl Chain, model_version: u64) -> Result<(), OpeningError> {
        let corpus = chain.corpus(model_version);
        let corpus = corpus.ok_or(OpeningError::Unknown("the model version"))?;
        self.in_corpus.verify(corpus, self.opening.version.hash())?;
        self.opening.verify()
    }

    /// The document.
    pub fn document(&self) -> &Document {
        &self.opening.document
    }
}

/// Chunks of a text, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WordsOpening {
    /// With the proof of each.
    pub chunks: Vec<(Chunk, HashProof)>,
}

impl WordsOpening {
    /// Checks that these are chunks of the text with this root, and cuts words out of them. `words` is how many the text has, where that
    /// is known.
    pub fn verify(
        &self,
        root: B256,
        words: Option<u32>,
        range: Range<u32>,
    ) -> Result<Vec<WordId>, OpeningError> {
        let all = self.verify_all(root, words)?;
        let first = self.chunks.first().map_or(0, |(chunk, _)| chunk.index);
        let skipped = u64::from(first) * CHUNK_LEN as u64;
        let place = |at: u32| u64::from(at).checked_sub(skipped).map(|at| at as usize);
        let (start, end) = (place(range.start), place(range.end));
        let cut = start.zip(end).and_then(|(start, end)| all.get(start..end));
        Ok(cut.ok_or(OpeningError::Words)?.to_vec())
    }

    /// The same without cutting: all words of the chunks.
    fn verify_all(&self, root: B256, words: Option<u32>) -> Result<Vec<WordId>, OpeningError> {
        let mut next = None;
        let mut all = Vec::with_capacity(self.chunks.len() * CHUNK_LEN);
        for (chunk, proof) in &self.chunks {
            let index = u64::from(chunk.index);
            if proof.index != index || next.is_some_and(|next| next != index) {
                return Err(OpeningError::Place("a chunk"));
            }
            if let Some(words) = words
                && proof.count != u64::from(words).div_ceil(CHUNK_LEN as u64)
            {
                return Err(OpeningError::Words);
            }
            proof.verify(root, chunk.hash())?;
            let is_last = index + 1 == proof.count;
            if !is_last && chunk.words().len() != CHUNK_LEN {
                return Err(OpeningError::Words);
            }
            all.extend_from_slice(chunk.words());
            next = Some(index + 1);
        }
        Ok(all)
    }

    /// Checks that this is the last chunk of the text with this root, or that it has none; how many words there are.
    pub fn verify_end(&self, root: B256) -> Result<u64, OpeningError> {
        let words = self.verify_all(root, None)?.len() as u64;
        match &self.chunks[..] {
            [(chunk, proof)] if proof.index + 1 == proof.count => {
                Ok(u64::from(chunk.index) * CHUNK_LEN as u64 + words)
            }
            [] if root == crate::HashTree::new(Vec::new()).root() => Ok(0),
            _ => Err(OpeningError::Words),
        }
    }
}

/// A model version's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelOpening {
    /// The row.
    pub row: ModelRow,
    /// That it is the epoch's.
    pub proof: SumProof,
}

impl ModelOpening {
    /// Checks that it is the epoch's.
    pub fn verify(&self, roots: &EpochRoots) -> Result<(), OpeningError> {
        self.proof.verify(roots.models, self.row.sum_node())?;
        Ok(())
    }
}

/// What an answer gives to its model version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainOpening {
    /// The row.
    pub row: TrainRow,
    /// That it is the model version's.
    pub proof: SumProof,
}

impl TrainOpening {
    /// Checks that it is among those of a model version's row.
    pub fn verify(&self, model: &ModelRow) -> Result<(), OpeningError> {
        self.proof.verify(model.answers_root, self.row.sum_node())?;
        Ok(())
    }
}

/// A contributor's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayoutOpening {
    /// The row.
    pub row: PayoutRow,
    /// That it is the epoch's.
    pub proof: SumProof,
}

impl PayoutOpening {
    /// Checks that the tree with this root has it, at the contributor's place.
    pub fn verify(&self, payouts: B256) -> Result<(), OpeningError> {
        if self.proof.index != self.row.contributor {
            return Err(OpeningError::Place("the payout"));
        }
        self.proof.verify(payouts, self.row.sum_node())?;
        Ok(())
    }
}

/// What a tile brought a contributor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EarningOpening {
    /// The earning.
    pub earning: Earning,
    /// That it is the contributor's.
    pub proof: SumProof,
}

impl EarningOpening {
    /// Checks that it is among those of a contributor's row.
    pub fn verify(&self, payout: &PayoutRow) -> Result<(), OpeningError> {
        self.proof
            .verify(payout.earnings_root, self.earning.sum_node())?;
        Ok(())
    }
}
