//! The state machine: told what the L1 looks like and what became of what it asked for, it says what to do next.
//!
//! It does no IO and has no clock. Payloads do not get here: a nonce has one shape for as long as it is known, so nothing that it is
//! told can make it ask for two payloads at one nonce.
//!
//! What is included is told by the account's transaction count at one block, by that block's hash, rather than by receipts:
//! it needs no knowledge of what was signed, so that a restart, a replacement or an endpoint that lost an index change nothing.

use super::{
    Hold, TxEvent, TxManagerConfig,
    fees::{Fees, Limits, Market},
    refusal::Refusal,
    slot::{Newest, Pooled, Shape, Slot},
};
use alloy_primitives::{B256, U256};
use openledger_primitives::BlockRef;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Looks in a row that must show a lower head with fewer transactions before it is believed: endpoints behind a load balancer
/// do so now and then, an L1 whose chain became shorter does so for good.
pub(super) const SHORTER_LOOKS: u32 = 8;
/// Blocks that must have passed a transaction by before its fees are raised: it had its chance.
const CHANCES: u64 = 2;

/// What is to be done next. It is asked for again until the outcome is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Sign a transaction: [`Core::on_signed`] or [`Core::on_not_signed`].
    Sign { nonce: u64, fees: Fees },
    /// Send what was signed: [`Core::on_answer`].
    Broadcast { nonce: u64, hash: B256 },
}

/// The L1 at one block, and what was asked about it.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    /// Who was asked.
    pub(super) endpoint: usize,
    pub(super) head: BlockRef,
    /// The account's transactions up to and in that block.
    pub(super) count: u64,
    pub(super) balance: U256,
    pub(super) market: Market,
    /// The lowest of [`Core::anchors`] that is not canonical.
    pub(super) replaced: Option<BlockRef>,
    /// Whether the pool has the transactions of [`Core::in_flight`], by nonce.
    pub(super) pool: BTreeMap<u64, bool>,
}

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Core {
    limits: Limits,
    confirmations: u64,
    retry: Duration,
    resubmit_after: Duration,
    max_in_flight: usize,
    slots: BTreeMap<u64, Slot>,
    seen: Option<Observation>,
    /// The height and the time at which the present count was seen first.
    counted: (u64, Duration),
    /// Who told that.
    told_by: usize,
    shorter: u32,
    hold: Option<Hold>,
    events: Vec<TxEvent>,
}

enum Step {
    Do(Action),
    /// Nothing to do here, look at the next nonce.
    Next,
    /// Nothing may be done at later nonces.
    Wait,
}

impl Core {
    pub(super) fn new(config: &TxManagerConfig) -> Self {
        Self {
            limits: config.into(),
            confirmations: config.confirmations.max(1),
            retry: config.poll_interval,
            resubmit_after: config.resubmit_after,
            max_in_flight: config.max_in_flight.max(1),
            slots: BTreeMap::new(),
            seen: None,
            counted: (0, Duration::ZERO),
            told_by: 0,
            shorter: 0,
            hold: None,
            events: Vec::new(),
        }
    }

    /// A transaction at a nonce; nothing happens when there is one already.
    pub(super) fn submit(&mut self, nonce: u64, shape: Shape) {
        self.slots.entry(nonce).or_insert_with(|| Slot::new(shape));
        self.note_included();
    }

    /// Nonces below are not of interest any more.
    pub(super) fn forget(&mut self, below: u64) {
        self.slots = self.slots.split_off(&below);
    }

    /// A transaction was signed with the fees that were asked for.
    pub(super) fn on_signed(&mut self, nonce: u64, hash: B256, fees: Fees, now: Duration) {
        let height = self.seen.as_ref().map_or(0, |seen| seen.head.number);
        if let Some(slot) = self.slots.get_mut(&nonce) {
            slot.newest = Some(Newest {
                hash,
                fees,
                signed_at: now,
                height,
            });
            slot.try_again(now, None);
        }
    }

    /// A transaction could not be signed.
    pub(super) fn on_not_signed(&mut self, nonce: u64, reason: String, now: Duration) {
        if let Some(slot) = self.slots.get_mut(&nonce) {
            slot.try_again(now + self.retry, Some(Hold::Refused(reason)));
        }
    }

    /// What the endpoint says to a transaction that was sent.
    pub(super) fn on_answer(
        &mut self,
        nonce: u64,
        hash: B256,
        answer: Result<(), Refusal>,
        now: Duration,
    ) {
        let soon = now + self.retry;
        let balance = self.seen.as_ref().map_or(U256::ZERO, |seen| seen.balance);
        let needed = self.pool_cost();
        let Some(slot) = self.slots.get_mut(&nonce) else {
            return;
        };
        if slot.newest.is_none_or(|newest| newest.hash != hash) {
            return;
        }
        match answer {
            // The pool has an earlier attempt or, after a restart, that of the run before: either carries the same.
            // When it is not included the timer raises the fees beyond it.
            Ok(()) | Err(Refusal::Known | Refusal::Replacement) => {
                slot.pooled = Pooled::Yes;
                slot.hold = None;
            }
            // The next look at the L1 tells whether the nonce is used; the next try is in the other form.
            Err(Refusal::NonceTooLow | Refusal::SidecarForm) => slot.try_again(soon, None),
            Err(Refusal::Funds) => slot.try_again(soon, Some(Hold::Funds { balance, needed })),
            Err(Refusal::Other(words)) => slot.try_again(soon, Some(Hold::Refused(words))),
            Err(Refusal::Unanswered(words)) => slot.try_again(soon, Some(Hold::Endpoint(words))),
            Err(Refusal::Gapped) => {
                slot.try_again(soon, None);
                // The pool has lost one of those before.
                for (_, lower) in self.slots.range_mut(..nonce) {
                    if lower.included.is_none() {
                        lower.try_again(now, None);
                    }
                }
            }
        }
    }

    /// The blocks up to a height at which nonces were seen to be used, the highest first.
    pub(super) fn anchors(&self, height: u64) -> impl Iterator<Item = BlockRef> {
        let blocks = self.slots.values().filter_map(|slot| slot.included);
        let blocks: BTreeSet<(u64, B256)> = blocks
            .filter(|block| block.number <= height)
            .map(|block| (block.number, block.hash))
            .collect();
        let blocks = blocks.into_iter().rev();
        blocks.map(|(number, hash)| BlockRef { hash, number })
    }

    /// What was signed last for each nonce that a block with this count does not have.
    pub(super) fn in_flight(&self, count: u64) -> Vec<(u64, B256)> {
        let slots = self.slots.range(count..);
        slots
            .filter_map(|(nonce, slot)| Some((*nonce, slot.newest?.hash)))
            .collect()
    }

    /// The L1 as it is now. What an endpoint says that is behind is ignored.
    pub(super) fn on_observation(&mut self, mut observation: Observation, now: Duration) {
        let count = self.seen.as_ref().map_or(0, |seen| seen.count);
        let fewer = observation.count < count;
        // A block as high as the one that had more transactions is on another branch. A lower one may be its ancestor.
        if fewer && observation.head.number < self.counted.0 {
            // Only who told the count can take it back; another endpoint is behind, and its pool is the one that matters now.
            let own = observation.endpoint == self.told_by;
            self.shorter += u32::from(own);
            if !own || self.shorter < SHORTER_LOOKS {
                if !own {
                    self.look_at_pool(observation.pool, now);
                }
                return;
            }
        }
        self.shorter = 0;
        let replaced = observation.replaced.map(|block| block.number);
        let moved = replaced.and_then(|height| {
            let gone = |slot: &Slot| slot.included.is_some_and(|block| block.number >= height);
            let mut slots = self.slots.iter();
            slots.find(|(_, slot)| gone(slot)).map(|(nonce, _)| *nonce)
        });
        let excluded = moved.into_iter().chain(fewer.then_some(observation.count));
        if let Some(from) = excluded.min() {
            self.events.push(TxEvent::Excluded { from });
            for (_, slot) in self.slots.range_mut(from..) {
                slot.exclude(now);
            }
        }
        if self.seen.is_none() || observation.count != count {
            self.counted = (observation.head.number, now);
        }
        self.told_by = observation.endpoint;
        self.look_at_pool(std::mem::take(&mut observation.pool), now);
        self.seen = Some(observation);
        self.note_included();
        self.confirm();
    }

    fn look_at_pool(&mut self, pool: BTreeMap<u64, bool>, now: Duration) {
        for (nonce, pooled) in pool {
            let Some(slot) = self.slots.get_mut(&nonce) else {
                continue;
            };
            match (pooled, &slot.pooled) {
                (true, _) => {
                    slot.pooled = Pooled::Yes;
                    slot.hold = None;
                }
                (false, Pooled::Yes) => slot.pooled = Pooled::No { from: now },
                (false, Pooled::No { .. }) => {}
            }
        }
    }

    fn note_included(&mut self) {
        let Some(seen) = &self.seen else { return };
        for (nonce, slot) in self.slots.range_mut(..seen.count) {
            if slot.included.is_none() {
                slot.included = Some(seen.head);
                slot.hold = None;
                self.events.push(TxEvent::Included {
                    nonce: *nonce,
                    block: seen.head,
                });
            }
        }
    }

    fn confirm(&mut self) {
        let Some(seen) = &self.seen else { return };
        for (nonce, slot) in &mut self.slots {
            let Some(block) = slot.included.filter(|_| !slot.confirmed) else {
                continue;
            };
            if seen.head.number.saturating_sub(block.number) >= self.confirmations - 1 {
                slot.confirmed = true;
                self.events.push(TxEvent::Confirmed { nonce: *nonce });
            }
        }
    }

    /// What to do now; `None`: wait.
    pub(super) fn next_action(&mut self, now: Duration) -> Option<Action> {
        self.hold = None;
        let seen = self.seen.clone()?;
        let last = self.slots.range(seen.count..).next_back();
        let last = last.map(|(nonce, _)| *nonce)?;
        let kind = self
            .slots
            .get(&seen.count)
            .map(|slot| slot.shape.blobs.is_some());
        for nonce in (seen.count..=last).take(self.max_in_flight) {
            let Some(slot) = self.slots.get(&nonce) else {
                self.note(Hold::NonceGap(nonce));
                return None;
            };
            // Pools keep an account to one kind at a time: the other waits until all before it are included.
            if Some(slot.shape.blobs.is_some()) != kind {
                return None;
            }
            if let Some(hold) = slot.hold.clone() {
                self.note(hold);
            }
            match self.step(nonce, &seen, now) {
                Step::Do(action) => return Some(action),
                Step::Next => {}
                Step::Wait => return None,
            }
        }
        None
    }

    /// The first reason is the one that the others follow from.
    fn note(&mut self, hold: Hold) {
        self.hold.get_or_insert(hold);
    }

    fn step(&mut self, nonce: u64, seen: &Observation, now: Duration) -> Step {
        let Some(slot) = self.slots.get(&nonce) else {
            return Step::Wait;
        };
        let due = match slot.pooled {
            Pooled::Yes => false,
            Pooled::No { from } if from <= now => true,
            // Those behind it would leave a gap in the pool.
            Pooled::No { .. } => return Step::Wait,
        };
        let lowest = nonce == seen.count;
        let blobs = slot.shape.blobs.is_some();
        let Some(newest) = slot.newest else {
            let fees = self.limits.wanted(&seen.market, blobs, 2);
            return match fees.and_then(|fees| self.affordable(nonce, fees, seen, !lowest)) {
                Ok(fees) => Step::Do(Action::Sign { nonce, fees }),
                Err(hold) => {
                    self.note(hold);
                    Step::Wait
                }
            };
        };
        let too_cheap = !newest.fees.covers(&seen.market, blobs);
        // Its chance begins when all before it are included.
        let (height, time) = self.counted;
        let (height, time) = (newest.height.max(height), newest.signed_at.max(time));
        let had_its_chance = now.saturating_sub(time) >= self.resubmit_after
            && seen.head.number >= height.saturating_add(CHANCES);
        // What the pool does not have, or will not include for a while, is offered at today's prices. Those behind the lowest
        // wait for it, however much they offer.
        if too_cheap && (due || had_its_chance) || lowest && had_its_chance {
            let raised = |times| {
                let fees = self.limits.raised(&newest.fees, &seen.market, blobs, times);
                fees.and_then(|fees| self.affordable(nonce, fees, seen, false))
            };
            // What no pool has needs not offer more than it did. That matters where a field is at its limit.
            let anew = |hold| {
                if !due || !too_cheap {
                    return Err(hold);
                }
                let fees = self.limits.wanted(&seen.market, blobs, 2);
                fees.and_then(|fees| self.affordable(nonce, fees, seen, false))
            };
            match raised(2).or_else(|_| raised(1)).or_else(anew) {
                Ok(fees) => return Step::Do(Action::Sign { nonce, fees }),
                // What is there already goes on.
                Err(hold) => self.note(hold),
            }
        }
        if due {
            let hash = newest.hash;
            return Step::Do(Action::Broadcast { nonce, hash });
        }
        Step::Next
    }

    /// The fees, when the balance covers a transaction with them besides all others that were signed. With `reserve` it must
    /// also leave room for one raise of the fees of the lowest, or none of them could be replaced.
    fn affordable(
        &self,
        nonce: u64,
        fees: Fees,
        seen: &Observation,
        reserve: bool,
    ) -> Result<Fees, Hold> {
        let Some(slot) = self.slots.get(&nonce) else {
            return Ok(fees);
        };
        let mut needed = self.pool_cost() - slot.cost() + slot.shape.cost(&fees);
        if reserve && let Some(lowest) = self.slots.get(&seen.count) {
            needed += lowest.raise_cost();
        }
        if needed <= seen.balance {
            return Ok(fees);
        }
        let balance = seen.balance;
        Err(Hold::Funds { balance, needed })
    }

    /// Wei that the pool counts for this account.
    fn pool_cost(&self) -> U256 {
        let count = self.seen.as_ref().map_or(0, |seen| seen.count);
        let pending = self.slots.range(count..);
        pending.fold(U256::ZERO, |sum, (_, slot)| sum + slot.cost())
    }

    /// What happened since the last call.
    pub(super) fn take_events(&mut self) -> Vec<TxEvent> {
        std::mem::take(&mut self.events)
    }

    /// The last look that was believed.
    pub(super) fn seen(&self) -> Option<&Observation> {
        self.seen.as_ref()
    }

    /// Transactions that are signed and not included, and those that wait for it.
    pub(super) fn pending(&self) -> (usize, usize) {
        let open = self.slots.values().filter(|slot| slot.included.is_none());
        let (signed, waiting): (Vec<_>, Vec<_>) = open.partition(|slot| slot.newest.is_some());
        (signed.len(), waiting.len())
    }

    /// Why the next transaction that should move does not, as of the last [`next_action`](Self::next_action).
    pub(super) fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }
}
