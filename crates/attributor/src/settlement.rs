//! What a range comes to: its epoch as it is posted, and the calls by which contributors are paid.

use crate::{FollowError, Follower, follower::Candidate};
use alloy_primitives::{Address, B256, Bytes, U256};
use openledger_attribution::{
    Demand, Epoch, EpochTrees, Leaf,
    archive::{Round, RoundError},
    dispute::{NotChecked, find_fault},
    epoch::tree,
    leaf::WeightRow,
    tree::{SumOverflow, SumTree},
};
use openledger_contracts::{IDemandVerifier, IPayoutVault, ISettlement, ITrainingAccumulator};

/// Why nothing is made of a range.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// It was not cut, or something of it is missing.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The rules make nothing of it.
    #[error(transparent)]
    Round(#[from] RoundError),
    /// An epoch can not be checked.
    #[error(transparent)]
    NotChecked(#[from] NotChecked),
    /// Amounts add up to 2^128 wei or more.
    #[error(transparent)]
    Overflow(#[from] SumOverflow),
    /// Something wrong is final, and what is earned since goes on from it.
    #[error("candidate {0} is final, and is not what the rules make of its range")]
    WrongFinal(u64),
}

/// The epoch that the rules make of a range.
#[derive(Debug, Clone)]
pub struct Right {
    /// The range.
    pub k: u64,
    /// All rows.
    pub epoch: Epoch,
    /// Their trees.
    pub trees: EpochTrees,
}

/// A row and the proof that an epoch has it, as contracts take them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The leaf.
    pub row: Bytes,
    /// That it is in its tree.
    pub proof: Bytes,
}

impl Follower {
    /// The epoch that the rules make of a range, after those that the rules make of the ranges before. What was made once is kept.
    ///
    /// # Errors
    /// When the range was not cut, or a range before it was settled by something else.
    pub fn right(&mut self, k: u64) -> Result<Right, SettleError> {
        let epoch = self.make(k)?.clone();
        let trees = epoch.trees()?;
        Ok(Right { k, epoch, trees })
    }

    /// The proof that some epoch of a range is wrong, to be shown to the settlement; nothing when it is right.
    ///
    /// # Errors
    /// As [`right`](Self::right), and when something is missing that is needed to tell.
    pub fn find_fault(&mut self, k: u64, epoch: &Epoch) -> Result<Option<Bytes>, SettleError> {
        self.make(k)?;
        let before = self.before(k);
        let round = self.round(k, before)?;
        let fault = find_fault(epoch, before, &round)?;
        Ok(fault.map(|fault| fault.encode().into()))
    }

    /// What answers a demand of a candidate that was posted with the right epoch; nothing where there can be no such demand.
    ///
    /// # Errors
    /// When the range was not cut, or a range before it was settled by something else.
    pub fn respond(
        &mut self,
        right: &Right,
        demand: &IDemandVerifier::Demand,
    ) -> Result<Option<Bytes>, SettleError> {
        self.make(right.k)?;
        let round = self.round(right.k, self.before(right.k))?;
        let demand = Demand::new(demand.what as u8, [demand.a, demand.b, demand.c]);
        let response = demand.and_then(|demand| round.respond(&right.epoch, &right.trees, &demand));
        Ok(response.map(|response| response.encode().into()))
    }

    /// A range as the archive and the chain have it, of which the epochs before were made.
    ///
    /// # Errors
    /// When the range was not cut.
    fn round<'a>(&'a self, k: u64, before: Option<&'a Epoch>) -> Result<Round<'a>, SettleError> {
        let at = usize::try_from(k).ok();
        let range = at.and_then(|at| self.ranges.get(at));
        let range = range.ok_or(FollowError::Unknown("range", k))?;
        let archive = &self.contributions.archive;
        Ok(archive.round(range.first..range.end, range.contributors, before)?)
    }

    /// Makes the epochs up to a range, in their order, as far as they were not made.
    fn make(&mut self, k: u64) -> Result<&Epoch, SettleError> {
        // One that fell back after it was made is in nobody's past.
        let fallen = self.epochs.keys().find(|each| self.fell_back(**each));
        if let Some(&fallen) = fallen {
            self.epochs.split_off(&fallen);
        }
        for each in 0..=k {
            if each < k && self.fell_back(each) {
                continue;
            }
            if !self.epochs.contains_key(&each) {
                let epoch = self.round(each, self.before(each))?.attribute()?;
                self.epochs.insert(each, epoch);
            }
            // What goes on from a range does so from what is final, which may have come since the epoch was made.
            if self.settled(each).is_some() && !self.agreed.contains(&each) {
                self.check_final(each)?;
                self.agreed.insert(each);
            }
        }
        let unknown = FollowError::Unknown("range", k);
        Ok(self.epochs.get(&k).ok_or(unknown)?)
    }

    /// The last epoch before a range.
    fn before(&self, k: u64) -> Option<&Epoch> {
        let (_, epoch) = self.epochs.range(..k).next_back()?;
        Some(epoch)
    }

    fn fell_back(&self, k: u64) -> bool {
        let candidate = self.settled(k).and_then(|id| self.candidates.get(&id));
        matches!(candidate, Some(Candidate::FellBack))
    }

    /// Passes where a range is settled by its epoch, or by nobody's.
    fn check_final(&self, k: u64) -> Result<(), SettleError> {
        let (Some(id), Some(epoch)) = (self.settled(k), self.epochs.get(&k)) else {
            return Ok(());
        };
        let expected = posting(k, 0, &epoch.trees()?);
        let same = match self.candidates.get(&id) {
            Some(Candidate::Posted(posted)) => {
                posted.answersTop == expected.answersTop
                    && posted.modelsTop == expected.modelsTop
                    && posted.payoutsTop == expected.payoutsTop
            }
            Some(Candidate::FellBack) => true,
            None => false,
        };
        match same {
            true => Ok(()),
            false => Err(SettleError::WrongFinal(id)),
        }
    }
}

impl Right {
    /// What is posted of it, but for the anchor.
    pub fn posting(&self, parent: u64) -> ISettlement::Posting {
        posting(self.k, parent, &self.trees)
    }

    /// What pays a contributor.
    pub fn claim(&self, contributor: u64) -> Option<Claim> {
        let place = usize::try_from(contributor).ok()?;
        let row = &self.epoch.payouts.get(place)?.row;
        claim(row, &self.trees.payouts, contributor)
    }

    /// What gives a model version's training weights their part.
    pub fn feed(&self, model_version: u64) -> Option<Claim> {
        let mut models = self.epoch.models.iter().zip(0..);
        let (part, place) = models.find(|(part, _)| part.row.model_version == model_version)?;
        claim(&part.row, &self.trees.models, place)
    }
}

impl Claim {
    /// What pays a contributor by training weight, of all rows of a model version; nothing where the contributor has none.
    ///
    /// # Errors
    /// When the weights add up to 2^128 or more.
    pub fn of_weight(rows: &[WeightRow], contributor: u64) -> Result<Option<Self>, SumOverflow> {
        let tree = tree(rows)?;
        let mut places = rows.iter().zip(0..);
        let found = places.find(|(row, _)| row.contributor == contributor);
        Ok(found.and_then(|(row, place)| claim(row, &tree, place)))
    }

    /// As a claim of a final range, of the vault.
    pub fn payout(self, k: u64) -> IPayoutVault::claimCall {
        IPayoutVault::claimCall {
            k,
            row: self.row,
            proof: self.proof,
        }
    }

    /// As a claim of a final range, of the vault, which leaves to the L1.
    pub fn payout_to_l1(
        self,
        k: u64,
        target: Address,
        gas_limit: u64,
    ) -> IPayoutVault::claimToL1Call {
        IPayoutVault::claimToL1Call {
            k,
            row: self.row,
            proof: self.proof,
            target,
            gasLimit: U256::from(gas_limit),
        }
    }

    /// As what feeds training weights by a final range, of the vault.
    pub fn feed(self, k: u64) -> IPayoutVault::feedCall {
        IPayoutVault::feedCall {
            k,
            row: self.row,
            proof: self.proof,
        }
    }

    /// As a claim by training weight, of the accumulator.
    pub fn by_weight(self, model_version: u64) -> ITrainingAccumulator::claimCall {
        ITrainingAccumulator::claimCall {
            modelVersion: model_version,
            row: self.row,
            proof: self.proof,
        }
    }
}

fn claim(row: &impl Leaf, tree: &SumTree, place: u64) -> Option<Claim> {
    Some(Claim {
        row: row.encode().into(),
        proof: tree.prove(place)?.encode().into(),
    })
}

/// What is posted of trees, but for the anchor.
fn posting(k: u64, parent: u64, trees: &EpochTrees) -> ISettlement::Posting {
    let hash = |tree: &SumTree| tree.top().map_or(B256::ZERO, |top| top.hash);
    ISettlement::Posting {
        k,
        parent,
        anchor: 0,
        anchorHash: B256::ZERO,
        answersTop: trees.answers.top().unwrap_or_default(),
        models: trees.models.count(),
        modelsTop: hash(&trees.models),
        trainSum: trees.models.sum(),
        payoutsTop: hash(&trees.payouts),
        payoutSum: trees.payouts.sum(),
    }
}
