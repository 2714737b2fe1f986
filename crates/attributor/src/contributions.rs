//! Contributions, Datanets and models, as their registers tell of them.

use crate::{ContentError, FollowError, files};
use alloy_primitives::{B256, Bytes};
use openledger_attribution::{
    Archive, Boilerplate, Corpus, HashTree, Leaf, Sketch, Text, TrainingWeights, WordId,
    archive::Phrases,
    leaf::{Batch, Content, Document, MAX_DOCUMENT_LEN},
    pay::{SplitTable, Terms, TermsError},
    train::WeightError,
};
use openledger_contracts::{
    IContributionRegistry::{Redirected, Revealed},
    IDatanetRegistry::{BatchAccepted, Created, Published},
    IModelFacts,
    IModelRegistry::{PhrasesShown, VersionPublished},
};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of the id of a word, and of a phrase.
const ID_SIZE: usize = 16;
const PHRASE_SIZE: usize = 128;

/// What was revealed and has no documents yet, since an earlier commit may still be revealed.
#[derive(Debug, Clone)]
struct Waiting {
    datanet: u64,
    /// Its own; zero for that of its Datanet.
    licence: u32,
    content: Bytes,
}

/// A Datanet's licence and accepted batches.
#[derive(Debug, Default)]
struct Datanet {
    licence: u32,
    accepted: Vec<u32>,
    published: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Contributions {
    /// What is known of documents, Datanet versions, model versions and answers.
    pub archive: Archive,
    waiting: BTreeMap<u32, Waiting>,
    datanets: BTreeMap<u64, Datanet>,
    /// The corpora of model versions, in their order.
    corpora: BTreeMap<u64, Vec<(u64, u32)>>,
    /// Model versions that may not be active yet, with the phrases that were shown of them.
    published: BTreeMap<u64, (Terms, Boilerplate)>,
}

impl Contributions {
    /// Takes in what was revealed.
    pub(crate) fn revealed(&mut self, event: &Revealed) -> Result<(), FollowError> {
        self.archive.revealed(event.commitSeq, event.contributor)?;
        let waiting = Waiting {
            datanet: event.datanet,
            licence: event.batch.licence,
            content: event.content.clone(),
        };
        self.waiting.insert(event.commitSeq, waiting);
        Ok(())
    }

    /// Takes in a Datanet, whose licence contributions without one of their own have.
    pub(crate) fn created(&mut self, event: &Created) {
        let datanet = self.datanets.entry(event.datanet).or_default();
        datanet.licence = event.config.licence;
    }

    /// Takes a contribution to another Datanet.
    pub(crate) fn redirected(&mut self, event: &Redirected) {
        if let Some(waiting) = self.waiting.get_mut(&event.commitSeq) {
            waiting.datanet = event.to;
        }
    }

    /// Forgets what was expelled before it had documents: they are nobody's parents.
    pub(crate) fn expelled(&mut self, commit_seq: u32) {
        self.waiting.remove(&commit_seq);
    }

    /// Makes the documents of a commit, and of all revealed ones before it. To be asked when nothing earlier can be revealed any more; what
    /// is admitted stays as it is.
    ///
    /// # Errors
    /// When the commit was not revealed, or its content is none: then it has no documents, and nobody should accept it.
    pub fn admit(&mut self, commit_seq: u32) -> Result<B256, FollowError> {
        let up_to = self.waiting.range(..=commit_seq);
        let up_to: Vec<u32> = up_to.map(|(seq, _)| *seq).collect();
        for seq in up_to {
            let Some(waiting) = self.waiting.remove(&seq) else {
                continue;
            };
            let datanet = self.datanets.get(&waiting.datanet);
            let licence = match waiting.licence {
                0 => datanet.map_or(0, |datanet| datanet.licence),
                own => own,
            };
            let made = files(&waiting.content, licence);
            match made {
                Ok(files) => {
                    self.archive.admit(seq, files)?;
                }
                // It is nobody's parent, and in no corpus.
                Err(_) if seq != commit_seq => {}
                Err(error) => return Err(FollowError::Content { commit_seq, error }),
            }
        }
        self.root(commit_seq)
    }

    /// The root of an admitted commit's documents.
    ///
    /// # Errors
    /// When it was not admitted.
    pub fn root(&self, commit_seq: u32) -> Result<B256, FollowError> {
        let batch: Option<&Batch> = self.archive.batch(commit_seq);
        let batch = batch.ok_or(FollowError::NoDocuments(commit_seq))?;
        Ok(batch.root)
    }

    pub(crate) fn accepted(&mut self, event: &BatchAccepted) -> Result<(), FollowError> {
        let root = match self.root(event.commitSeq) {
            Ok(root) => root,
            Err(_) => self.admit(event.commitSeq)?,
        };
        if root != event.batchRoot {
            return Err(FollowError::OtherDocuments {
                commit_seq: event.commitSeq,
                expected: root,
                found: event.batchRoot,
            });
        }
        let datanet = self.datanets.entry(event.datanet).or_default();
        datanet.accepted.push(event.commitSeq);
        Ok(())
    }

    pub(crate) fn published(&mut self, event: &Published) -> Result<(), FollowError> {
        let unknown = FollowError::Unknown("Datanet", event.datanet);
        let datanet = self.datanets.get_mut(&event.datanet).ok_or(unknown)?;
        let end = usize::try_from(event.batches).ok();
        let new = end.and_then(|end| datanet.accepted.get(datanet.published..end));
        let new = new.ok_or(FollowError::Unknown("batches of Datanet", event.datanet))?;
        let version = self.archive.publish(event.datanet, new)?;
        datanet.published += new.len();
        match version.root == event.root && version.version == event.version {
            true => Ok(()),
            false => Err(FollowError::Unknown("version of Datanet", event.datanet)),
        }
    }

    pub(crate) fn model(&mut self, event: &VersionPublished) -> Result<(), FollowError> {
        let of = &event.publication;
        let mut corpus: Vec<(u64, u32)> = Vec::new();
        let parents = of.parents.iter().filter_map(|id| self.corpora.get(id));
        let own = of
            .corpus
            .iter()
            .map(|version| (version.datanet, version.version));
        for version in parents.flatten().copied().chain(own) {
            if !corpus.contains(&version) {
                corpus.push(version);
            }
        }
        let terms = terms(&of.terms)?;
        self.corpora.insert(event.modelVersion, corpus);
        self.published
            .insert(event.modelVersion, (terms, Boilerplate::default()));
        Ok(())
    }

    /// Takes in the phrases of a version's boilerplate, which count if they are shown before it is active.
    pub(crate) fn phrases(&mut self, event: &PhrasesShown) -> Result<(), FollowError> {
        let unknown = FollowError::Unknown("model version", event.modelVersion);
        let (_, phrases) = self.published.get_mut(&event.modelVersion).ok_or(unknown)?;
        let shown = event.phrases.chunks_exact(PHRASE_SIZE).map(|phrase| {
            let mut words = phrase.chunks_exact(ID_SIZE);
            std::array::from_fn(|_| {
                let id = words.next().and_then(|id| id.try_into().ok());
                WordId(id.unwrap_or_default())
            })
        });
        *phrases = shown.collect();
        Ok(())
    }

    /// Makes the corpus of a model version that is active, from when on nothing of it changes.
    ///
    /// # Errors
    /// When it was not published, or a Datanet version of it is not known.
    pub fn activate(&mut self, model_version: u64) -> Result<&Corpus, FollowError> {
        if let Some((terms, phrases)) = self.published.remove(&model_version) {
            let corpus = self.corpora.get(&model_version);
            let corpus = corpus.map_or(&[][..], Vec::as_slice);
            self.archive
                .register(model_version, corpus, Phrases::List(phrases), terms)?;
        }
        let unknown = FollowError::Unknown("model version", model_version);
        self.archive.corpus(model_version).ok_or(unknown)
    }

    /// The documents of Datanet versions, each once.
    pub fn documents<'a>(&'a self, corpus: &[(u64, u32)]) -> Vec<&'a Document> {
        let commits = corpus.iter().flat_map(|(datanet, version)| {
            let batches = self.archive.batches(*datanet, *version);
            batches.unwrap_or_default().iter().copied()
        });
        let commits: BTreeSet<u32> = commits.collect();
        let documents = commits.into_iter();
        documents
            .flat_map(|commit| self.archive.documents(commit))
            .collect()
    }

    /// Training weights by COUNT of a corpus: each word counts the same.
    ///
    /// # Errors
    /// When there are too many words.
    pub fn count_weights(&self, corpus: &[(u64, u32)]) -> Result<TrainingWeights, WeightError> {
        let contributor_of = |commit_seq| self.archive.contributor_of(commit_seq);
        TrainingWeights::count(self.documents(corpus), |_| 10_000, contributor_of)
    }

    /// What is committed to of a content, besides its bytes: how many documents it has, and the root of what is in them wherever they stand (the leaves O
    /// of the method).
    ///
    /// # Errors
    /// See [`ContentError`].
    pub fn documents_of(content: &[u8]) -> Result<(u32, B256), ContentError> {
        let mut leaves = Vec::new();
        for (file, number) in files(content, 0)?.iter().zip(0..) {
            for (words, part) in file.words.chunks(MAX_DOCUMENT_LEN.into()).zip(0..) {
                // A part has 1 to 512 words, of which there are both.
                let none = ContentError::NoWords(number as usize);
                let (Ok(text), Ok(sketch)) =
                    (Text::new(words.to_vec(), |_| B256::ZERO), Sketch::of(words))
                else {
                    return Err(none);
                };
                let leaf = Content {
                    kind: file.kind,
                    file: number,
                    part,
                    words: words.len() as u16,
                    chunk_root: text.root(),
                    sketch_hash: sketch.hash(),
                    raw_cid: file.raw_cid,
                };
                leaves.push(leaf.hash());
            }
        }
        let count = u32::try_from(leaves.len()).map_err(|_| ContentError::TooMany)?;
        Ok((count, HashTree::new(leaves).root()))
    }
}

/// The register takes no others.
fn terms(of: &IModelFacts::Terms) -> Result<Terms, TermsError> {
    let split = SplitTable {
        licensor: of.split.licensor,
        tuner: of.split.tuner,
        compute: of.split.compute,
        stakers: of.split.stakers,
        data: of.split.data,
    };
    Terms::new(of.platformBps, split)?.with_retrieval(of.retrievalBps)
}
