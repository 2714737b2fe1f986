//! The state machine against a simulated L1 that loses, delays, reorders and forgets, behind an endpoint that lies about its
//! head: what a load balancer over several nodes looks like.

mod l1;
mod stories;

use super::{
    TxEvent, TxManagerConfig,
    core::{Action, Core, Observation},
    fees::{Fees, Market},
    refusal::Refusal,
    slot::Shape,
};
use alloy_primitives::{B256, U256, keccak256};
use l1::{SimL1, SimTx};
use openledger_primitives::BlockRef;
use proptest::prelude::*;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const TICK: Duration = Duration::from_secs(2);
const FIRST_NONCE: u64 = 7;
const MAX_IN_FLIGHT: usize = 5;
const MAX_FEE: u128 = 10_000;
const MAX_BLOB_FEE: u128 = 5_000;

fn config() -> TxManagerConfig {
    TxManagerConfig {
        confirmations: 4,
        poll_interval: TICK,
        resubmit_after: Duration::from_secs(20),
        max_fee: MAX_FEE,
        min_tip: 1,
        max_blob_fee: MAX_BLOB_FEE,
        min_blob_fee: 10,
        max_in_flight: MAX_IN_FLIGHT,
        ..TxManagerConfig::default()
    }
}

/// The driver's part, and what must hold.
struct World {
    core: Core,
    l1: SimL1,
    rng: StdRng,
    now: Duration,
    /// What the caller asked for.
    wishes: BTreeMap<u64, Shape>,
    /// What was signed last.
    newest: BTreeMap<u64, SimTx>,
    /// What the pool was last said to have.
    pooled: BTreeSet<B256>,
    /// What the events say.
    told: BTreeMap<u64, BlockRef>,
    confirmed: BTreeSet<u64>,
    flaps: u32,
    chaos: bool,
    /// Which of two endpoints is asked.
    endpoint: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            core: Core::new(&config()),
            l1: SimL1::new(FIRST_NONCE),
            rng: StdRng::seed_from_u64(seed),
            now: Duration::ZERO,
            wishes: BTreeMap::new(),
            newest: BTreeMap::new(),
            pooled: BTreeSet::new(),
            told: BTreeMap::new(),
            confirmed: BTreeSet::new(),
            flaps: 0,
            chaos: true,
            endpoint: 0,
        }
    }

    /// True now and then while there is chaos, which counts as a flap of the endpoint.
    fn flap(&mut self, probability: f64) -> bool {
        let flap = self.chaos && self.rng.random_bool(probability);
        self.flaps += u32::from(flap);
        flap
    }

    fn submit(&mut self) {
        // Kinds come in runs, as the batcher changes over seldom.
        let blobs = self.wishes.len() / 6 % 2 == 1;
        let blobs = blobs.then(|| self.rng.random_range(1..=6));
        let gas = self.rng.random_range(21_000..100_000);
        let value = U256::ZERO;
        self.wish(Shape { gas, value, blobs });
    }

    /// Asks for a transaction at the next nonce.
    fn wish(&mut self, shape: Shape) {
        let nonce = FIRST_NONCE + self.wishes.len() as u64;
        self.core.submit(nonce, shape);
        self.wishes.insert(nonce, shape);
    }

    fn act(&mut self) {
        let mut steps = 0;
        while let Some(action) = self.core.next_action(self.now) {
            steps += 1;
            assert!(steps < 1_000, "it never ends: {action:?}");
            match action {
                Action::Sign { nonce, fees } => self.sign(nonce, fees),
                Action::Broadcast { nonce, hash } => {
                    let tx = self.newest[&nonce];
                    assert_eq!(tx.hash, hash, "the newest transaction is sent");
                    let answer = self.send(tx);
                    match answer {
                        Ok(()) | Err(Refusal::Known | Refusal::Replacement) => {
                            self.pooled.insert(hash);
                        }
                        // Those before it may be lost.
                        Err(Refusal::Gapped) => self.pooled.clear(),
                        Err(_) => {
                            self.pooled.remove(&hash);
                        }
                    }
                    self.core.on_answer(nonce, hash, answer, self.now);
                }
            }
        }
    }

    fn sign(&mut self, nonce: u64, fees: Fees) {
        if self.flap(0.02) {
            let reason = "out of memory".into();
            return self.core.on_not_signed(nonce, reason, self.now);
        }
        assert!(
            fees.max_fee <= MAX_FEE && fees.tip <= fees.max_fee && fees.blob_fee <= MAX_BLOB_FEE
        );
        // What the pool does not have needs not offer more than it did.
        if let Some(old) = self.newest.get(&nonce)
            && self.pooled.contains(&old.hash)
        {
            assert!(
                l1::offers_enough_more(&fees, old),
                "{fees:?} replaces {old:?}"
            );
        }
        let tx = SimTx {
            nonce,
            hash: keccak256(format!("{nonce} {fees:?}")),
            fees,
            shape: self.wishes[&nonce],
        };
        self.newest.insert(nonce, tx);
        let seen = self.core.seen().expect("nothing is signed before");
        let pending = self.newest.range(seen.count..);
        let cost = pending.fold(U256::ZERO, |sum, (_, tx)| sum + tx.cost());
        assert!(cost <= seen.balance, "the balance covers what is in flight");
        self.core.on_signed(nonce, tx.hash, fees, self.now);
    }

    fn send(&mut self, tx: SimTx) -> Result<(), Refusal> {
        let count = self.core.seen().map_or(0, |seen| seen.count);
        assert!(tx.nonce < count + MAX_IN_FLIGHT as u64, "too many at once");
        if self.flap(0.1) {
            return Err(Refusal::Unanswered("connection refused".into()));
        }
        let answer = self.l1.accept(tx);
        if self.flap(0.1) {
            return Err(Refusal::Unanswered("timed out".into()));
        }
        answer
    }

    fn look(&mut self) {
        if self.flap(0.1) {
            return;
        }
        let back = if self.flap(0.15) {
            self.rng.random_range(1..10)
        } else {
            0
        };
        let orphan = self.flap(0.05);
        let view = self.l1.view(back, orphan);
        // Other nodes may answer these.
        let other = self.flap(0.05);
        let anchors = self.core.anchors(view.head.number);
        let gone = anchors.filter(|block| {
            let found = self.l1.block(block.number, other);
            found.is_some_and(|found| found != *block)
        });
        let replaced = gone.last();
        if self.flap(0.05) {
            return;
        }
        if self.flap(0.05) {
            self.endpoint = 1 - self.endpoint;
        }
        let blind = self.flap(0.05);
        let mut pool = BTreeMap::new();
        for (nonce, hash) in self.core.in_flight(view.count) {
            let known = !blind && self.l1.knows(hash);
            pool.insert(nonce, known);
            if !known {
                self.pooled.remove(&hash);
            }
        }
        let observation = Observation {
            endpoint: self.endpoint,
            head: view.head,
            count: view.count,
            balance: self.l1.balance,
            market: Market {
                base_fee: self.l1.base_fee,
                tip: 3,
                blob_base_fee: Some(self.l1.blob_base_fee),
            },
            replaced,
            pool,
        };
        self.core.on_observation(observation, self.now);
    }

    fn listen(&mut self) {
        for event in self.core.take_events() {
            match event {
                TxEvent::Included { nonce, block } => {
                    self.told.insert(nonce, block);
                }
                TxEvent::Excluded { from } => {
                    self.pooled.clear();
                    self.told.split_off(&from);
                    self.confirmed.split_off(&from);
                }
                TxEvent::Confirmed { nonce } => {
                    assert!(
                        self.told.contains_key(&nonce),
                        "confirmed, but not included"
                    );
                    self.confirmed.insert(nonce);
                }
            }
        }
    }

    fn tick(&mut self) {
        self.now += TICK;
        if self.chaos {
            self.l1.move_market(&mut self.rng);
            if self.rng.random_bool(0.05) {
                let depth = self.rng.random_range(1..=8);
                let keep = self.rng.random_bool(0.5);
                self.l1.reorganise(depth, keep);
            }
            if self.rng.random_bool(0.05) {
                self.l1.lose_from_pool(&mut self.rng);
            }
        }
        if self.rng.random_bool(0.4) {
            self.l1.mine(self.rng.random_range(0..4));
        }
        self.look();
        self.act();
        self.listen();
    }

    fn calm(&mut self) {
        self.chaos = false;
        self.l1.recover();
        for tick in 0..2_000 {
            self.tick();
            // What the last reorganisation did shows when the chain is as long as it was.
            if tick > 50 && self.confirmed.len() == self.wishes.len() {
                return;
            }
        }
        panic!(
            "of {:?} only {:?} are confirmed: {:?}; L1 {:?}",
            self.wishes.keys(),
            self.confirmed,
            self.core,
            self.l1,
        );
    }

    /// The chain has each transaction that was asked for, at its nonce, once; and everybody was told so.
    fn check(&self) {
        let chain = self.l1.transactions();
        assert_eq!(
            chain.len(),
            self.wishes.len(),
            "one transaction for each nonce"
        );
        for (tx, block) in chain {
            assert_eq!(tx.shape, self.wishes[&tx.nonce]);
            let told = self.told[&tx.nonce];
            assert_eq!(self.l1.block(told.number, false), Some(told));
            assert!(told.number >= block.number, "{told:?} for {block:?}");
        }
    }
}

fn run(seed: u64, ticks: usize) -> u32 {
    let mut world = World::new(seed);
    for _ in 0..ticks {
        if world.rng.random_bool(0.1) {
            world.submit();
        }
        world.tick();
    }
    world.calm();
    world.check();
    world.flaps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_endpoint_does_each_nonce_gets_its_transaction(seed: u64) {
        run(seed, 300);
    }
}

#[test]
fn a_thousand_flaps_give_no_duplicate_and_no_gap() {
    let flaps = run(1, 3_000);
    assert!(flaps > 1_000, "only {flaps} flaps");
}
