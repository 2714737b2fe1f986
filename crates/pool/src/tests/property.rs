//! The pool against a model that recomputes everything from a plain list.

use super::*;
use crate::{Executed, Rejection};
use alloy_primitives::map::HashMap;
use proptest::{prelude::*, strategy::ValueTree};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

const ACCOUNTS: u8 = 5;

#[derive(Debug, Clone)]
enum Step {
    Add {
        sender: u8,
        ahead: u64,
        fee_cap: u128,
        tip: u128,
        value: u128,
    },
    Take(usize),
    /// The oldest transaction handed out is executed and uses this share of its worst case, in per cent.
    Execute(u8),
    Reject(Rejection),
    /// Seals what was executed; the next block has this base fee and L1 base fee.
    Seal {
        base_fee: u128,
        l1_base_fee: u64,
    },
    /// Somebody else's block: an account's nonce and balance move.
    Foreign {
        sender: u8,
        nonces: u64,
        balance: u128,
    },
    /// Back to the state before the last sealed block.
    Retract,
}

fn step() -> impl Strategy<Value = Step> {
    let add = (0..ACCOUNTS, 0..7_u64, 1..40_u128, 0..40_u128, 0..3_u128).prop_map(
        |(sender, ahead, fee_cap, tip, value)| Step::Add {
            sender,
            // Mostly without a gap.
            ahead: ahead.saturating_sub(3),
            fee_cap,
            tip: tip.min(fee_cap),
            value: value * 300_000,
        },
    );
    prop_oneof![
        12 => add,
        3 => (1..6_usize).prop_map(Step::Take),
        6 => (10..=100_u8).prop_map(Step::Execute),
        1 => prop_oneof![Just(Rejection::Deferred), Just(Rejection::Invalid)].prop_map(Step::Reject),
        2 => (0..30_u128, 0..200_u64).prop_map(|(base_fee, l1_base_fee)| Step::Seal { base_fee, l1_base_fee }),
        1 => (0..ACCOUNTS, 0..3_u64, 0..6_000_000_u128)
            .prop_map(|(sender, nonces, balance)| Step::Foreign { sender, nonces, balance }),
        1 => Just(Step::Retract),
    ]
}

/// A waiting transaction, as the model sees it.
#[derive(Debug, Clone)]
struct Waiting {
    tx: PooledTx,
    sender: Address,
    nonce: u64,
    fee_cap: u128,
    tip: u128,
    base_cost: U256,
    seq: u64,
}

#[derive(Debug, Clone, Default)]
struct Side {
    view: AccountView,
    /// Nonces below this are handed out.
    out: u64,
    deferred: bool,
}

#[derive(Debug, Default)]
struct Model {
    sides: BTreeMap<Address, Side>,
    waiting: Vec<Waiting>,
    executed: Vec<Waiting>,
    base_fee: u128,
    l1: L1BlockInfo,
    seq: u64,
    config: PoolConfig,
}

impl Model {
    fn cost(&self, tx: &Waiting) -> U256 {
        let spec = op_revm::OpSpecId::JOVIAN;
        tx.base_cost
            + self
                .l1
                .clone()
                .tx_cost(tx.tx.tx.encoded(), U256::from(21_000), spec)
    }

    fn of(&self, sender: Address) -> Vec<&Waiting> {
        let mut of: Vec<_> = self.waiting.iter().filter(|t| t.sender == sender).collect();
        of.sort_by_key(|t| t.nonce);
        of
    }

    /// The first nonce that can not be executed.
    fn end(&self, sender: Address) -> u64 {
        let side = &self.sides[&sender];
        let (mut end, mut sum) = (side.view.nonce, U256::ZERO);
        for tx in self.of(sender) {
            sum += self.cost(tx);
            if tx.nonce != end || sum > side.view.balance {
                break;
            }
            end += 1;
        }
        end.max(side.out)
    }

    fn rank(&self, tx: &Waiting) -> (Option<u128>, Reverse<u64>) {
        (
            tx.fee_cap
                .checked_sub(self.base_fee)
                .map(|left| left.min(tx.tip)),
            Reverse(tx.seq),
        )
    }

    fn take_one(&mut self) -> Option<Waiting> {
        let best = self
            .sides
            .iter()
            .filter(|(sender, side)| !side.deferred && side.out < self.end(**sender))
            .filter_map(|(sender, side)| self.of(*sender).into_iter().find(|t| t.nonce == side.out))
            .filter(|tx| tx.fee_cap >= self.base_fee)
            .max_by_key(|tx| self.rank(tx))?
            .clone();
        self.sides.entry(best.sender).or_default().out += 1;
        Some(best)
    }

    fn add(&mut self, tx: Waiting) -> Result<(), &'static str> {
        if self
            .waiting
            .iter()
            .chain(&self.executed)
            .any(|t| t.tx.tx.hash() == tx.tx.tx.hash())
        {
            return Err("already known");
        }
        let side = &self.sides[&tx.sender];
        if tx.nonce < side.out {
            return Err("nonce too low");
        }
        let before = self.waiting.clone();
        let old = self
            .waiting
            .iter()
            .find(|t| t.sender == tx.sender && t.nonce == tx.nonce);
        if let Some(old) = old {
            let bumped = |price: u128| (price * 110).div_ceil(100);
            if tx.fee_cap < bumped(old.fee_cap).max(old.fee_cap + 1)
                || (old.tip > 0 && tx.tip < bumped(old.tip))
            {
                return Err("replacement transaction underpriced");
            }
        }
        let lower: U256 = self
            .of(tx.sender)
            .iter()
            .filter(|t| t.nonce < tx.nonce)
            .map(|t| self.cost(t))
            .sum();
        if lower + self.cost(&tx) > side.view.balance {
            return Err("insufficient funds");
        }
        self.waiting
            .retain(|t| t.sender != tx.sender || t.nonce != tx.nonce);
        self.seq += 1;
        let seq = self.seq;
        let sender = tx.sender;
        self.waiting.push(Waiting { seq, ..tx });
        let result = self.make_room(sender, seq);
        if result.is_err() {
            self.waiting = before;
        }
        result
    }

    fn make_room(&mut self, sender: Address, new: u64) -> Result<(), &'static str> {
        loop {
            let executable = (self.end(sender) - self.sides[&sender].view.nonce) as usize;
            let own: Vec<u64> = self.of(sender).iter().map(|t| t.seq).collect();
            if executable <= self.config.account_executable
                && own.len() - executable <= self.config.account_queued
            {
                break;
            }
            if own.last() == Some(&new) {
                return Err("account limit exceeded");
            }
            self.waiting.retain(|t| Some(&t.seq) != own.last());
        }
        while self.waiting.len() > self.config.max_transactions {
            let worst = self
                .sides
                .iter()
                .filter_map(|(sender, side)| {
                    let last = *self.of(*sender).last()?;
                    (last.nonce >= side.out).then_some(last)
                })
                .min_by_key(|t| {
                    let executable = t.nonce < self.end(t.sender);
                    let rank = self.rank(t);
                    (
                        executable,
                        rank.0.is_some(),
                        rank.0.unwrap_or(t.fee_cap),
                        rank.1,
                    )
                });
            let Some(worst) = worst.map(|t| (t.seq, t.nonce < self.end(t.sender))) else {
                return Err("txpool is full");
            };
            if worst.0 == new {
                return Err(if worst.1 {
                    "transaction underpriced"
                } else {
                    "txpool is full"
                });
            }
            self.waiting.retain(|t| t.seq != worst.0);
        }
        Ok(())
    }

    fn adopt(&mut self, sender: Address, view: AccountView) {
        let Some(side) = self
            .sides
            .get_mut(&sender)
            .filter(|side| view.nonce >= side.view.nonce)
        else {
            return;
        };
        let out = side.out;
        side.view = view;
        side.out = side.out.max(view.nonce);
        let passed = |t: &Waiting| t.sender == sender && t.nonce < view.nonce;
        self.executed.extend(
            self.waiting
                .iter()
                .filter(|t| passed(t) && t.nonce < out)
                .cloned(),
        );
        self.waiting.retain(|t| !passed(t));
    }
}

/// The pool, the model and the chain that both follow.
struct World {
    pool: Pool,
    model: Model,
    number: u64,
    /// Handed out, not answered.
    flying: Vec<Waiting>,
    /// Accounts and transactions of the last sealed block: views before it, transactions in it.
    sealed: (HashMap<Address, AccountView>, Vec<Waiting>),
    /// Views before the open block.
    opened: HashMap<Address, AccountView>,
    /// What has happened at least once.
    seen: BTreeSet<&'static str>,
}

impl World {
    fn new() -> Self {
        let config = PoolConfig {
            account_executable: 4,
            account_queued: 2,
            max_transactions: 8,
            ..Default::default()
        };
        let views: Vec<_> = (0..ACCOUNTS)
            .map(|n| (account(n), with_balance(0, 2_500_000)))
            .collect();
        let sides = views
            .iter()
            .map(|(a, view)| {
                (
                    *a,
                    Side {
                        view: *view,
                        ..Default::default()
                    },
                )
            })
            .collect();
        let mut world = Self {
            pool: Pool::new(op_chain(), config.clone()),
            model: Model {
                sides,
                config,
                ..Default::default()
            },
            number: 0,
            flying: Vec::new(),
            sealed: Default::default(),
            opened: views.iter().copied().collect(),
            seen: BTreeSet::new(),
        };
        world.sealed.0 = world.opened.clone();
        world.set_head(5, 100);
        world
    }

    fn set_head(&mut self, base_fee: u128, l1_base_fee: u64) {
        self.number += 1;
        let info = L1BlockInfo {
            operator_fee_scalar: Some(U256::ZERO),
            ..l1_info(l1_base_fee)
        };
        self.pool.set_head(HeadInfo {
            number: self.number,
            l1_block_info: Some(info.clone()),
            ..head(base_fee)
        });
        self.model.base_fee = base_fee;
        self.model.l1 = info;
        self.model
            .sides
            .values_mut()
            .for_each(|side| side.deferred = false);
    }

    fn view(&self, sender: Address) -> AccountView {
        self.model.sides[&sender].view
    }

    fn add(&mut self, sender: u8, ahead: u64, fee_cap: u128, tip: u128, value: u128) {
        let sender = account(sender);
        let view = self.view(sender);
        let nonce = self.model.end(sender).saturating_sub(1).max(view.nonce) + ahead;
        let tx = Draft::new(nonce)
            .fees(fee_cap, tip)
            .value(value)
            .from(sender);
        let base_cost = U256::from(21_000 * fee_cap + value);
        let waiting = Waiting {
            tx: tx.clone(),
            sender,
            nonce,
            fee_cap,
            tip,
            base_cost,
            seq: 0,
        };
        let got = self.pool.add(tx, view);
        match self.model.add(waiting) {
            Ok(()) => {
                let added = got.expect("the model accepts it");
                self.seen.insert(if added.replaced.is_some() {
                    "replaced"
                } else {
                    "added"
                });
                if self.model.waiting.len() == self.model.config.max_transactions {
                    self.seen.insert("full");
                }
            }
            Err(text) => {
                self.seen.insert(text);
                let message = got.expect_err(text).to_string();
                // Validation looks at the balance before the pool looks at anything.
                assert!(
                    message.starts_with(text) || message.starts_with("insufficient funds"),
                    "{message} / {text}"
                );
            }
        }
    }

    fn take(&mut self, max: usize) {
        let got = self.pool.take_ready(max);
        let expected: Vec<_> = std::iter::from_fn(|| self.model.take_one())
            .take(max)
            .collect();
        assert_eq!(
            got.iter().map(Tx::hash).collect::<Vec<_>>(),
            expected.iter().map(|t| t.tx.tx.hash()).collect::<Vec<_>>()
        );
        for tx in expected {
            assert!(tx.fee_cap >= self.model.base_fee);
            let chain: U256 = self
                .model
                .of(tx.sender)
                .iter()
                .filter(|t| t.nonce <= tx.nonce)
                .map(|t| self.model.cost(t))
                .sum();
            assert!(
                chain <= self.view(tx.sender).balance,
                "handed out without cover"
            );
            assert_eq!(
                self.flying.iter().filter(|t| t.sender == tx.sender).count() as u64,
                tx.nonce - self.view(tx.sender).nonce,
                "a gap in what was handed out"
            );
            self.flying.push(tx);
        }
    }

    fn execute(&mut self, share: u8) {
        if self.flying.is_empty() {
            return;
        }
        let tx = self.flying.remove(0);
        let view = self.view(tx.sender);
        let cost = self.model.cost(&tx) * U256::from(share) / U256::from(100);
        let Some(balance) = view.balance.checked_sub(cost) else {
            // A foreign block took the funds away.
            self.flying.insert(0, tx);
            return self.reject(Rejection::Invalid);
        };
        let after = AccountView {
            nonce: tx.nonce + 1,
            balance,
            ..view
        };
        self.pool.on_executed(&[Executed {
            hash: tx.tx.tx.hash(),
            sender: tx.sender,
            account: after,
        }]);
        self.model.adopt(tx.sender, after);
    }

    fn reject(&mut self, rejection: Rejection) {
        if self.flying.is_empty() {
            return;
        }
        let tx = self.flying.remove(0);
        let recalled = self.pool.on_rejected(tx.tx.tx.hash(), rejection);
        let expected: Vec<_> = self
            .flying
            .iter()
            .filter(|t| t.sender == tx.sender)
            .map(|t| t.tx.tx.hash())
            .collect();
        if !recalled.is_empty() {
            self.seen.insert("recalled");
        }
        assert_eq!(recalled, expected);
        self.flying.retain(|t| t.sender != tx.sender);
        let side = self.model.sides.entry(tx.sender).or_default();
        side.out = tx.nonce;
        match rejection {
            Rejection::Deferred => side.deferred = true,
            Rejection::Invalid => self.model.waiting.retain(|t| t.seq != tx.seq),
        }
    }

    fn seal(&mut self, base_fee: u128, l1_base_fee: u64) {
        let executed = std::mem::take(&mut self.model.executed);
        let hashes: Vec<_> = executed.iter().map(|t| t.tx.tx.hash()).collect();
        let views: Vec<_> = self
            .model
            .sides
            .iter()
            .map(|(a, side)| (*a, side.view))
            .collect();
        self.pool.on_block(self.number, &hashes, &views);
        self.sealed = (
            std::mem::replace(&mut self.opened, views.into_iter().collect()),
            executed,
        );
        self.set_head(base_fee, l1_base_fee);
    }

    fn foreign(&mut self, sender: u8, nonces: u64, balance: u128) {
        let sender = account(sender);
        let view = self.view(sender);
        let after = AccountView {
            nonce: view.nonce + nonces,
            balance: U256::from(balance),
            ..view
        };
        self.flying
            .retain(|t| t.sender != sender || t.nonce >= after.nonce);
        self.pool
            .on_block(self.number.saturating_sub(1), &[], &[(sender, after)]);
        self.model.adopt(sender, after);
    }

    fn retract(&mut self) {
        let (views, txs) = std::mem::take(&mut self.sealed);
        let views: Vec<_> = views.into_iter().collect();
        self.pool
            .reinject(txs.iter().map(|t| t.tx.clone()).collect(), &views)
            .expect("no journal");
        self.flying.clear();
        for (sender, view) in &views {
            self.model.sides.insert(
                *sender,
                Side {
                    view: *view,
                    out: view.nonce,
                    deferred: self.model.sides[sender].deferred,
                },
            );
            self.model
                .waiting
                .retain(|t| t.sender != *sender || t.nonce >= view.nonce);
        }
        let mut back = std::mem::take(&mut self.model.executed);
        back.sort_by_key(|t| t.seq);
        for mut tx in txs {
            self.model.seq += 1;
            tx.seq = self.model.seq;
            back.push(tx);
        }
        for tx in back {
            let known = self
                .model
                .waiting
                .iter()
                .any(|t| t.tx.tx.hash() == tx.tx.tx.hash());
            if !known && tx.nonce >= self.view(tx.sender).nonce {
                self.model
                    .waiting
                    .retain(|t| t.sender != tx.sender || t.nonce != tx.nonce);
                self.model.waiting.push(tx);
            }
        }
        self.opened = views.iter().copied().collect();
        self.sealed = (self.opened.clone(), Vec::new());
    }

    fn check(&self) {
        let content = self.pool.content();
        let mut pending = 0;
        for sender in self.model.sides.keys() {
            let end = self.model.end(*sender);
            let hashes = |part: &BTreeMap<Address, BTreeMap<u64, Tx>>| -> Vec<B256> {
                part.get(sender)
                    .into_iter()
                    .flat_map(|txs| txs.values().map(Tx::hash))
                    .collect()
            };
            let (executable, queued): (Vec<_>, Vec<_>) = self
                .model
                .of(*sender)
                .into_iter()
                .partition(|t| t.nonce < end);
            let of = |txs: Vec<&Waiting>| txs.iter().map(|t| t.tx.tx.hash()).collect::<Vec<_>>();
            pending += executable.len();
            assert_eq!(hashes(&content.pending), of(executable));
            assert_eq!(hashes(&content.queued), of(queued));
            if let Some(nonce) = self.pool.pending_nonce(*sender) {
                assert_eq!(nonce, end);
            }
        }
        let status = self.pool.status();
        assert_eq!(
            (status.pending, status.pending + status.queued),
            (pending, self.model.waiting.len())
        );
        assert_eq!(status.executed, self.model.executed.len());
        assert_eq!(
            status.bytes,
            self.model
                .waiting
                .iter()
                .map(|t| t.tx.size())
                .sum::<usize>()
        );
    }
}

fn run(steps: Vec<Step>) -> World {
    let mut world = World::new();
    for step in steps {
        match step {
            Step::Add {
                sender,
                ahead,
                fee_cap,
                tip,
                value,
            } => world.add(sender, ahead, fee_cap, tip, value),
            Step::Take(max) => world.take(max),
            Step::Execute(share) => world.execute(share),
            Step::Reject(rejection) => world.reject(rejection),
            Step::Seal {
                base_fee,
                l1_base_fee,
            } => world.seal(base_fee, l1_base_fee),
            Step::Foreign {
                sender,
                nonces,
                balance,
            } => world.foreign(sender, nonces, balance),
            Step::Retract => world.retract(),
        }
        if world.pool.status().parked_accounts > 0 {
            world.seen.insert("parked");
        }
        world.check();
    }
    world
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, ..ProptestConfig::default() })]

    #[test]
    fn the_pool_does_what_a_plain_list_would(steps in steps()) {
        run(steps);
    }
}

#[test]
fn the_random_histories_reach_every_outcome() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..300 {
        let history = steps().new_tree(&mut runner).expect("steps").current();
        seen.extend(run(history).seen);
    }
    let expected = [
        "account limit exceeded",
        "added",
        "already known",
        "full",
        "insufficient funds",
        "nonce too low",
        "parked",
        "recalled",
        "replaced",
        "replacement transaction underpriced",
        "transaction underpriced",
        "txpool is full",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
}
