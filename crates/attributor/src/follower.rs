//! The economy, followed from its events.

use crate::{ContentError, Contributions, Payments};
use alloy_primitives::{B256, Log};
use alloy_sol_types::SolEventInterface;
use openledger_attribution::{Epoch, LeafError, archive::ArchiveError, pay::TermsError};
use openledger_contracts::{
    IContributionRegistry::IContributionRegistryEvents as Contribution,
    IDatanetRegistry::IDatanetRegistryEvents as Datanet,
    IModelRegistry::IModelRegistryEvents as Model,
    IPayableAI::IPayableAIEvents as Payment,
    ISettlement::{self, ISettlementEvents as Settlement},
    addresses,
};
use std::collections::{BTreeMap, BTreeSet};

/// Why an event is not followed. What came before it stays.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The log is of one of the contracts, and none of its events.
    #[error("the log of a contract is none of its events: {0}")]
    NoEvent(#[from] alloy_sol_types::Error),
    /// Something that was not told of before, or another thing than was told.
    #[error("the {0} {1} is not known")]
    Unknown(&'static str, u64),
    /// Nothing was revealed, or nothing that has words.
    #[error("commit {0} has no documents")]
    NoDocuments(u32),
    /// What was revealed is no content.
    #[error("commit {commit_seq}: {error}")]
    Content {
        /// The commit.
        commit_seq: u32,
        /// Why.
        error: ContentError,
    },
    /// A Datanet has accepted documents that are not those of the content, or have other parents.
    #[error("the documents of commit {commit_seq} have the root {expected}, accepted was {found}")]
    OtherDocuments {
        /// The commit.
        commit_seq: u32,
        /// By the rules.
        expected: B256,
        /// By the chain.
        found: B256,
    },
    /// The archive refuses it.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Terms that no model version has.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// A text that is too long.
    #[error(transparent)]
    Leaf(#[from] LeafError),
}

/// What became of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// Somebody says what a range comes to.
    Posted(Box<ISettlement::Posting>),
    /// Nobody settled it.
    FellBack,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Follower {
    /// Contributions, Datanets and models.
    pub contributions: Contributions,
    /// Answers.
    pub payments: Payments,
    pub(crate) ranges: Vec<ISettlement::Range>,
    pub(crate) candidates: BTreeMap<u64, Candidate>,
    /// By range.
    pub(crate) settled: BTreeMap<u64, u64>,
    /// What the rules make of ranges, as far as somebody asked for them.
    pub(crate) epochs: BTreeMap<u64, Epoch>,
    /// Ranges that are settled by what the rules make of them.
    pub(crate) agreed: BTreeSet<u64>,
}

impl Follower {
    /// Takes in the next log of the chain, of whatever contract.
    ///
    /// # Errors
    /// When what it tells of can not be followed: then nothing that rests on it can be settled by this follower.
    pub fn follow(&mut self, log: &Log) -> Result<(), FollowError> {
        let of = |address| log.address == address;
        if of(addresses::CONTRIBUTION_REGISTRY) {
            match Contribution::decode_log(log)?.data {
                Contribution::Revealed(event) => self.contributions.revealed(&event)?,
                Contribution::Redirected(event) => self.contributions.redirected(&event),
                Contribution::Expelled(event) => self.contributions.expelled(event.commitSeq),
                _ => {}
            }
        } else if of(addresses::DATANET_REGISTRY) {
            match decode_known::<Datanet>(log, Datanet::SELECTORS)? {
                Some(Datanet::Created(event)) => self.contributions.created(&event),
                Some(Datanet::BatchAccepted(event)) => self.contributions.accepted(&event)?,
                Some(Datanet::Published(event)) => self.contributions.published(&event)?,
                _ => {}
            }
        } else if of(addresses::MODEL_REGISTRY) {
            match decode_known::<Model>(log, Model::SELECTORS)? {
                Some(Model::VersionPublished(event)) => self.contributions.model(&event)?,
                Some(Model::PhrasesShown(event)) => self.contributions.phrases(&event)?,
                _ => {}
            }
        } else if of(addresses::PAYABLE_AI) {
            match decode_known::<Payment>(log, Payment::SELECTORS)? {
                Some(Payment::Paid(event)) => {
                    // A version that is paid for is active.
                    self.contributions.activate(event.modelVersion)?;
                    self.payments.paid(&event)?;
                }
                Some(Payment::ChunksPublished(event)) => self.payments.chunks(&event)?,
                Some(Payment::Published(event)) => self.payments.published(&event)?,
                _ => {}
            }
        } else if of(addresses::SETTLEMENT) {
            self.settlement(Settlement::decode_log(log)?.data)?;
        }
        Ok(())
    }

    fn settlement(&mut self, event: Settlement) -> Result<(), FollowError> {
        match event {
            // What is not published by now does not count.
            Settlement::Cut(event) => {
                for i in event.range.first..event.range.end {
                    let unknown = FollowError::Unknown("answer", i);
                    let (answer, published) = self.payments.take(i).ok_or(unknown)?;
                    self.contributions.archive.answered(answer, published)?;
                }
                self.ranges.push(event.range);
            }
            Settlement::Posted(event) => {
                let posted = Candidate::Posted(Box::new(event.posting));
                self.candidates.insert(event.candidate, posted);
            }
            Settlement::Finalised(event) => {
                self.settled.insert(event.k, event.candidate);
            }
            Settlement::FellBack(event) => {
                self.candidates.insert(event.candidate, Candidate::FellBack);
                self.settled.insert(event.k, event.candidate);
            }
            _ => {}
        }
        Ok(())
    }

    /// The ranges that were cut, in their order.
    pub fn ranges(&self) -> &[ISettlement::Range] {
        &self.ranges
    }

    /// The candidate that settled a range.
    pub fn settled(&self, k: u64) -> Option<u64> {
        self.settled.get(&k).copied()
    }
}

/// Decodes a log of a contract that emits events of its standards (ERC-721, EIP-712), too, which are not asked for.
fn decode_known<E: SolEventInterface>(
    log: &Log,
    known: &[[u8; 32]],
) -> Result<Option<E>, FollowError> {
    let topic = log.topics().first().copied().unwrap_or_default();
    if !known.contains(&topic.0) {
        return Ok(None);
    }
    Ok(Some(E::decode_log(log)?.data))
}
