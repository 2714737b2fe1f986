//! What the chain knows of an epoch, written down: what a proof is checked against by somebody who has no node at hand.

use crate::{
    EpochRoots, Leaf, Method, fault::PaidPart, opening::Chain, pay::Terms, payout::PayoutProof,
};
use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// Facts of an epoch. Whoever checks a proof against them trusts whoever wrote them down: they are to come from the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facts {
    /// The method that its scores are of.
    pub method_id: B256,
    /// What was posted and is final.
    pub roots: EpochRoots,
    /// Places of its answers.
    pub answers: Range<u64>,
    /// Contributors when it was cut.
    pub contributors: u64,
    /// Root of the payouts of the epoch before.
    pub payouts_before: B256,
    /// Hashes of the leaves of paid answers.
    pub paid: BTreeMap<u64, B256>,
    /// Of these, those that were not published, whole, when it was cut.
    #[serde(default)]
    pub unpublished: BTreeSet<u64>,
    /// Model versions that answered.
    pub models: BTreeMap<u64, ModelFacts>,
    /// Whose contributions are, by their commits' numbers: at least those of the parents and roots that are paid.
    pub contributions: BTreeMap<u32, u64>,
}

/// Facts of a model version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModelFacts {
    /// How its fees are divided.
    pub terms: Terms,
    /// Root of its corpus.
    pub corpus: B256,
    /// Root of its boilerplate.
    pub boilerplate: B256,
}

impl Facts {
    /// As many of a chain's facts as a proof of a payout needs.
    pub fn for_payout(chain: &impl Chain, roots: EpochRoots, proof: &PayoutProof) -> Self {
        let answer = &proof.part.answer().answer;
        let model_version = answer.model_version;
        let model = || {
            Some(ModelFacts {
                terms: chain.terms(model_version)?,
                corpus: chain.corpus(model_version)?,
                boilerplate: chain.boilerplate(model_version)?,
            })
        };
        let contribution = || {
            let PaidPart::Tile(part) = &proof.part else {
                return None;
            };
            let paid = part.paid();
            let commit_seq = (paid >> 32) as u32;
            let others = paid != part.source.document().seq;
            others.then_some((commit_seq, chain.contributor_of(commit_seq)?))
        };
        Self {
            method_id: Method::current().id(),
            roots,
            answers: chain.answers(),
            contributors: chain.contributors(),
            payouts_before: chain.payouts_before(),
            paid: BTreeMap::from_iter([(answer.i, answer.hash())]),
            // Only what was published pays somebody, and is proven.
            unpublished: BTreeSet::new(),
            models: model()
                .map(|model| (model_version, model))
                .into_iter()
                .collect(),
            contributions: contribution().into_iter().collect(),
        }
    }
}

impl Chain for Facts {
    fn answers(&self) -> Range<u64> {
        self.answers.clone()
    }

    fn paid(&self, i: u64) -> Option<B256> {
        self.paid.get(&i).copied()
    }

    fn is_published(&self, i: u64) -> bool {
        !self.unpublished.contains(&i)
    }

    fn terms(&self, model_version: u64) -> Option<Terms> {
        Some(self.models.get(&model_version)?.terms)
    }

    fn corpus(&self, model_version: u64) -> Option<B256> {
        Some(self.models.get(&model_version)?.corpus)
    }

    fn boilerplate(&self, model_version: u64) -> Option<B256> {
        Some(self.models.get(&model_version)?.boilerplate)
    }

    fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        self.contributions.get(&commit_seq).copied()
    }

    fn contributors(&self) -> u64 {
        self.contributors
    }

    fn payouts_before(&self) -> B256 {
        self.payouts_before
    }
}
