//! What an attributor keeps: texts, Datanet versions, model versions and answers. From it an epoch is made, each of its payouts is proven,
//! and another's epoch is checked.
//!
//! It is filled in the order of the chain's events and only grows. Everything is in memory, texts as ids of words.

mod batch;
mod datanet;
mod model;
mod round;

pub use model::Phrases;
pub use round::{Round, RoundError};

use crate::{
    HashTree, Leaf, LeafError, Sketch, Text, WordId,
    cluster::{ClusterError, Clusters},
    corpus::CorpusError,
    leaf::{
        Answer, Batch, Context, ContributionKind, Document, MAX_DOCUMENT_LEN, RawCid, Visibility,
    },
    segment::BuildError,
    sketch::SketchError,
};
use alloy_primitives::B256;
use datanet::Datanet;
use model::Model;
use std::collections::{BTreeMap, btree_map::Entry};

/// A contributed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// What it is.
    pub kind: ContributionKind,
    /// Its licence's id.
    pub licence: u32,
    /// The file.
    pub raw_cid: RawCid,
    /// Its words. More than a document has are several documents.
    pub words: Vec<WordId>,
}

/// Why something is not taken in. The archive is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Commits are admitted in their order.
    #[error("commit {found} comes after commit {last}")]
    CommitOrder {
        /// Admitted last.
        last: u32,
        /// Given.
        found: u32,
    },
    /// What was revealed stays as it is.
    #[error("commit {0} was revealed before")]
    RevealedTwice(u32),
    /// Nothing was revealed.
    #[error("commit {0} was not revealed")]
    NotRevealed(u32),
    /// A commit without a word.
    #[error("commit {0} has no words")]
    NoWords(u32),
    /// More documents or files than their numbers can say.
    #[error("commit {0} has too many documents")]
    TooMany(u32),
    /// It was not admitted.
    #[error("commit {0} is not known")]
    NoCommit(u32),
    /// A batch stands in one Datanet, once.
    #[error("commit {0} is in a Datanet already")]
    CommitTwice(u32),
    /// It was not published.
    #[error("version {version} of Datanet {datanet} is not known")]
    NoVersion {
        /// The Datanet.
        datanet: u64,
        /// Its version.
        version: u32,
    },
    /// What a model version was made of does not change.
    #[error("model version {0} is known already")]
    ModelTwice(u64),
    /// It was not registered.
    #[error("model version {0} is not known")]
    NoModel(u64),
    /// Answers are numbered one after the other.
    #[error("answer {found} where {expected} should be")]
    AnswerOrder {
        /// Next.
        expected: u64,
        /// Given.
        found: u64,
    },
    /// The texts are not those that the answer's leaf names.
    #[error("the {what} of answer {i} is not the one that was paid")]
    AnswerText {
        /// The answer.
        i: u64,
        /// Context, output or words.
        what: &'static str,
    },
    /// A text has too many chunks, or a leaf is out of range.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// No sketch.
    #[error(transparent)]
    Sketch(#[from] SketchError),
    /// No place among the clusters.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// No segment.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No corpus.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
}

/// A document and its words.
#[derive(Debug)]
struct Stored {
    document: Document,
    text: Text,
}

/// The documents of a commit.
#[derive(Debug)]
struct Commit {
    batch: Batch,
    tree: HashTree,
    /// The Datanet that accepted it, and its place among that one's batches.
    accepted: Option<(u64, u64)>,
}

/// An answer, with its texts where they are known to everybody.
#[derive(Debug)]
struct Answered {
    answer: Answer,
    /// Of an open one.
    texts: Option<Texts>,
}

/// What an answer was given and what it says.
#[derive(Debug)]
struct Texts {
    context: Context,
    prompt: Text,
    output: Text,
}

/// What is published of a public answer.
#[derive(Debug, Clone)]
pub struct Published {
    /// What the model was given, as its gateway attests it.
    pub context: Context,
    /// The text of it.
    pub prompt: Text,
    /// Its words.
    pub output: Text,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Archive {
    clusters: Clusters,
    /// Whose commits are, of those that were revealed.
    contributors: BTreeMap<u32, u64>,
    documents: BTreeMap<u64, Stored>,
    commits: BTreeMap<u32, Commit>,
    datanets: BTreeMap<u64, Datanet>,
    models: BTreeMap<u64, Model>,
    answers: Vec<Answered>,
}

impl Archive {
    /// Takes in whose a commit is, as its reveal says, whatever becomes of it: commits are revealed in any order.
    ///
    /// # Errors
    /// When it was revealed before.
    pub fn revealed(&mut self, commit_seq: u32, contributor: u64) -> Result<(), ArchiveError> {
        match self.contributors.entry(commit_seq) {
            Entry::Occupied(_) => Err(ArchiveError::RevealedTwice(commit_seq)),
            Entry::Vacant(entry) => {
                entry.insert(contributor);
                Ok(())
            }
        }
    }

    /// Takes in the files of a revealed commit and says what its documents are: their parents and roots are among the documents before.
    ///
    /// # Errors
    /// When the commit was not revealed, does not come after the last one, holds no words, or more documents than can be numbered.
    pub fn admit(
        &mut self,
        commit_seq: u32,
        files: Vec<Contribution>,
    ) -> Result<Batch, ArchiveError> {
        if let Some((&last, _)) = self.commits.last_key_value()
            && last >= commit_seq
        {
            let found = commit_seq;
            return Err(ArchiveError::CommitOrder { last, found });
        }
        let contributor = self.contributor_of(commit_seq);
        let contributor = contributor.ok_or(ArchiveError::NotRevealed(commit_seq))?;
        let too_many = |_| ArchiveError::TooMany(commit_seq);
        // All that can fail comes before anything changes.
        let mut parts = Vec::new();
        for (file, number) in files.iter().zip(0u64..) {
            let number = u32::try_from(number).map_err(too_many)?;
            for (part, words) in (0u32..).zip(file.words.chunks(MAX_DOCUMENT_LEN.into())) {
                let index = u32::try_from(parts.len()).map_err(too_many)?;
                let seq = u64::from(commit_seq) << 32 | u64::from(index);
                let sketch = Sketch::of(words)?;
                let text = Text::new(words.to_vec(), |_| B256::ZERO)?;
                parts.push((seq, file, number, part, sketch, text));
            }
        }
        if parts.is_empty() {
            return Err(ArchiveError::NoWords(commit_seq));
        }
        let mut admitted = Vec::with_capacity(parts.len());
        for (seq, file, number, part, sketch, text) in parts {
            let place = self.clusters.admit(seq, &sketch)?;
            let document = Document {
                seq,
                contributor,
                kind: file.kind,
                file: number,
                part,
                // A part is as long as a document at most.
                words: text.words().len() as u16,
                chunk_root: text.root(),
                sketch_hash: sketch.hash(),
                parent_seq: place.parent_seq,
                root_seq: place.root_seq,
                contain_bps: place.contain_bps,
                licence: file.licence,
                raw_cid: file.raw_cid,
            };
            admitted.push(Stored { document, text });
        }
        let leaves = admitted.iter().map(|stored| stored.document.hash());
        let tree = HashTree::new(leaves.collect());
        let batch = Batch {
            commit_seq,
            root: tree.root(),
        };
        let commit = Commit {
            batch: batch.clone(),
            tree,
            accepted: None,
        };
        self.commits.insert(commit_seq, commit);
        let by_seq = |stored: Stored| (stored.document.seq, stored);
        self.documents.extend(admitted.into_iter().map(by_seq));
        Ok(batch)
    }

    /// Whose a commit is; `None` of one that was not revealed.
    pub fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        self.contributors.get(&commit_seq).copied()
    }

    /// An admitted commit and the root of its documents.
    pub fn batch(&self, commit_seq: u32) -> Option<&Batch> {
        Some(&self.commits.get(&commit_seq)?.batch)
    }

    /// The documents of a commit, ascending; none of one that was not admitted.
    pub fn documents(&self, commit_seq: u32) -> impl Iterator<Item = &Document> {
        let first = u64::from(commit_seq) << 32;
        let all = self.documents.range(first..=first | u64::from(u32::MAX));
        all.map(|(_, stored)| &stored.document)
    }

    /// A document.
    pub fn document(&self, seq: u64) -> Option<&Document> {
        Some(&self.documents.get(&seq)?.document)
    }

    /// Its words.
    pub fn words(&self, seq: u64) -> Option<&Text> {
        Some(&self.documents.get(&seq)?.text)
    }

    /// Takes in a paid answer, with what is published of it when its epoch is cut: nothing of a sealed one, and all or nothing of a public
    /// one.
    ///
    /// # Errors
    /// When it is not the next one, its model version is not known, or the texts are not the ones that it names.
    pub fn answered(
        &mut self,
        answer: Answer,
        published: Option<Published>,
    ) -> Result<(), ArchiveError> {
        let (expected, found) = (self.answers.len() as u64, answer.i);
        if found != expected {
            return Err(ArchiveError::AnswerOrder { expected, found });
        }
        if !self.models.contains_key(&answer.model_version) {
            return Err(ArchiveError::NoModel(answer.model_version));
        }
        let texts = published.map(|published| Texts::of(&answer, published));
        let texts = texts.transpose()?;
        self.answers.push(Answered { answer, texts });
        Ok(())
    }

    /// An answer.
    pub fn answer(&self, i: u64) -> Option<&Answer> {
        Some(&self.answered_at(i)?.answer)
    }

    /// Answers so far.
    pub fn answers(&self) -> u64 {
        self.answers.len() as u64
    }

    fn answered_at(&self, i: u64) -> Option<&Answered> {
        self.answers.get(usize::try_from(i).ok()?)
    }
}

impl Texts {
    fn of(answer: &Answer, published: Published) -> Result<Self, ArchiveError> {
        let other = |what| ArchiveError::AnswerText { i: answer.i, what };
        if answer.visibility == Visibility::Sealed {
            return Err(other("sealed text"));
        }
        let Published {
            context,
            prompt,
            output,
        } = published;
        if context.root() != answer.context_root || context.prompt() != prompt.root() {
            return Err(other("context"));
        }
        if output.root() != answer.output_root {
            return Err(other("output"));
        }
        if output.words().len() as u64 != u64::from(answer.words) {
            return Err(other("number of words"));
        }
        Ok(Self {
            context,
            prompt,
            output,
        })
    }
}
