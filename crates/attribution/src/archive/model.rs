//! Model versions: what they were made of, and on which terms they answer.

use super::{Archive, ArchiveError};
use crate::{
    Boilerplate, Corpus, HashTree, Leaf, dispute::PhraseList, leaf::DatanetVersion, pay::Terms,
};
use alloy_primitives::B256;
use std::collections::BTreeSet;

#[derive(Debug)]
pub(super) struct Model {
    /// As the publisher ordered them, the base's first.
    pub(super) versions: Vec<DatanetVersion>,
    /// Of these.
    pub(super) tree: HashTree,
    pub(super) corpus: Corpus,
    pub(super) phrases: PhraseList,
    pub(super) terms: Terms,
}

/// Which phrases are nobody's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phrases {
    /// Those that stand in so many clusters of the corpus.
    Common(usize),
    /// A list.
    List(Boilerplate),
}

impl Archive {
    /// Registers a model version. `versions` are Datanets with their versions, the base's first.
    ///
    /// # Errors
    /// When it is known already, or a Datanet version is not.
    pub fn register(
        &mut self,
        model_version: u64,
        versions: &[(u64, u32)],
        phrases: Phrases,
        terms: Terms,
    ) -> Result<(), ArchiveError> {
        if self.models.contains_key(&model_version) {
            return Err(ArchiveError::ModelTwice(model_version));
        }
        let mut leaves = Vec::with_capacity(versions.len());
        // A version holds those before it, which may be listed too, as a base's are.
        let mut parts = BTreeSet::new();
        for &(datanet, version) in versions {
            let published = self.version(datanet, version);
            let published = published.ok_or(ArchiveError::NoVersion { datanet, version })?;
            leaves.push(published.leaf.clone());
            parts.extend((0..=version).map(|version| (datanet, version)));
        }
        let segments = parts.into_iter().filter_map(|(datanet, version)| {
            let published = self.version(datanet, version)?;
            Some(published.segment.clone())
        });
        let corpus = Corpus::new(segments.collect())?;
        let list = match phrases {
            Phrases::Common(clusters) => Boilerplate::common(&corpus, clusters),
            Phrases::List(list) => list,
        };
        let model = Model {
            tree: HashTree::new(leaves.iter().map(Leaf::hash).collect()),
            versions: leaves,
            corpus,
            phrases: list.into(),
            terms,
        };
        self.models.insert(model_version, model);
        Ok(())
    }

    /// The roots of a model version's corpus and boilerplate, as its registration has them.
    pub fn model_roots(&self, model_version: u64) -> Option<(B256, B256)> {
        let model = self.models.get(&model_version)?;
        Some((model.tree.root(), model.phrases.root()))
    }

    /// The corpus of a model version.
    pub fn corpus(&self, model_version: u64) -> Option<&Corpus> {
        Some(&self.models.get(&model_version)?.corpus)
    }
}
