//! The contracts that judge proofs and responses, executed: they say of every one what this crate says of it.

mod chain;
mod world;

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use chain::{Contracts, FACTS, numbers};
use openledger_attribution::{
    Demand, EpochRoots, Fault, Leaf, Response, find_fault, is_answered, opening::Chain,
};
use openledger_contracts::IPaidAnswers;
use rand::{Rng, SeedableRng, rngs::StdRng};
use world::{
    World,
    forged::forged,
    lies::{LIES, reseal},
    picks::Pick,
    published::{Published, broken, demands},
};

/// Worlds in this run; more in a long one.
const WORLDS: u64 = 40;

fn worlds() -> u64 {
    let worlds = std::env::var("OPENLEDGER_WORLDS").ok();
    worlds.map_or(WORLDS, |worlds| worlds.parse().expect("a number"))
}

/// What this crate says of a proof.
fn verdict(world: &World, roots: EpochRoots, proof: &Fault) -> Option<u8> {
    proof.verify(world, &roots).ok().map(|()| proof.number())
}

#[test]
fn the_contracts_say_the_same_of_every_proof() {
    let (mut judged, mut shown, mut changed) = (0, 0, 0);
    for seed in 0..worlds() {
        let world = World::random(seed);
        let right = world.right();
        let trees = right.trees().expect("small amounts");
        let roots = trees.roots();
        let mut contracts = Contracts::new(&world, roots);
        let mut rng = StdRng::seed_from_u64(seed);
        let mut judge = |contracts: &mut Contracts, against: EpochRoots, fault: &Fault| {
            let expected = verdict(&world, against, fault);
            let found = contracts.verify(against, &fault.encode());
            assert_eq!(found, expected, "{seed}: {fault:?}");
            judged += 1;
            shown += usize::from(expected.is_some());
        };
        // Of what is right.
        let mut pick = Pick::new(&world, &right, &trees, seed);
        for turn in 0..120 {
            if let Some(fault) = pick.fault(turn) {
                judge(&mut contracts, roots, &fault);
            }
        }
        // Of what is wrong.
        for (name, lie) in LIES {
            let mut wrong = right.clone();
            if lie(&mut wrong, &world, &mut |of| rng.random_range(0..of)).is_none() {
                continue;
            }
            if *name != "a tile more is said to be there" {
                reseal(&mut wrong);
            }
            let found = find_fault(&wrong, world.epoch_before(), &world);
            let Ok(Some(fault)) = found else { continue };
            let wrong_roots = wrong.trees().expect("small amounts").roots();
            judge(&mut contracts, wrong_roots, &fault);
            judge(&mut contracts, roots, &fault);
            // With a byte that is another, what is decoded here has the same verdict there; and nothing shows a fault of what is right.
            let mut bytes = fault.encode();
            for _ in 0..8 {
                let place = rng.random_range(0..bytes.len());
                let before = bytes[place];
                bytes[place] ^= 1 << rng.random_range(0..8);
                match Fault::decode(&bytes) {
                    Ok(fault) => judge(&mut contracts, wrong_roots, &fault),
                    Err(_) => assert_eq!(contracts.verify(roots, &bytes), None, "{seed}: {name}"),
                }
                changed += 1;
                bytes[place] = before;
            }
        }
    }
    println!("{judged} proofs judged, {shown} show a fault; {changed} with a byte that is another");
    assert!(judged > 8_000 && shown > 1_000);
}

/// What is another's part shows nothing where the chain does not know the contribution, and what is the tile's own document's shows the same.
#[test]
fn the_contracts_know_whose_a_contribution_is() {
    let (mut same, mut unknown) = (0, 0);
    for seed in 0..worlds() {
        let mut world = World::random(seed);
        let right = world.right();
        let mut rng = StdRng::seed_from_u64(seed);
        let mut found = Vec::new();
        for (_, lie) in LIES {
            let mut wrong = right.clone();
            if lie(&mut wrong, &world, &mut |of| rng.random_range(0..of)).is_none() {
                continue;
            }
            reseal(&mut wrong);
            let fault = find_fault(&wrong, world.epoch_before(), &world);
            let Ok(Some(fault)) = fault else { continue };
            let roots = wrong.trees().expect("small amounts").roots();
            assert_eq!(verdict(&world, roots, &fault), Some(fault.number()));
            found.push((roots, fault));
        }
        world.contributions.clear();
        let roots = right.trees().expect("small amounts").roots();
        let mut contracts = Contracts::new(&world, roots);
        for (roots, fault) in found {
            let verdict = verdict(&world, roots, &fault);
            assert_eq!(contracts.verify(roots, &fault.encode()), verdict);
            match verdict {
                Some(_) => same += 1,
                None => unknown += 1,
            }
        }
    }
    assert!(same > 500 && unknown > 20, "{same} {unknown}");
}

/// Judges responses to demands on both sides.
struct Responses<'a> {
    world: &'a World,
    contracts: Contracts,
    rng: StdRng,
    judged: usize,
    answered: usize,
}

impl Responses<'_> {
    fn judge(&mut self, roots: EpochRoots, demand: &Demand, response: &Response) {
        let expected = is_answered(self.world, &roots, demand, response).is_ok();
        let bytes = response.encode();
        let found = self.contracts.is_answered(roots, demand, &bytes);
        assert_eq!(found, expected, "{demand:?} {response:?}");
        self.judged += 1;
        self.answered += usize::from(expected);
    }

    /// A response, what is made of it, and what it becomes with a bit that is another.
    fn all(&mut self, roots: EpochRoots, demand: &Demand, response: &Response) {
        self.judge(roots, demand, response);
        for (_, forged) in forged(self.world, demand, response) {
            if self.rng.random_bool(0.3) {
                self.judge(roots, demand, &forged);
            }
        }
        let mut bytes = response.encode();
        for _ in 0..4 {
            let place = self.rng.random_range(0..bytes.len());
            let before = bytes[place];
            bytes[place] ^= 1 << self.rng.random_range(0..8);
            match Response::decode(demand.what(), &bytes) {
                Ok(changed) => self.judge(roots, demand, &changed),
                // A decoder that is not strict may take it, and finds what it says in no other tree.
                Err(_) => {
                    let roots = EpochRoots {
                        answers: roots.models,
                        models: roots.payouts,
                        payouts: roots.answers,
                    };
                    assert!(!self.contracts.is_answered(roots, demand, &bytes));
                }
            }
            bytes[place] = before;
        }
    }

    /// Some demands of an epoch, each answered by its response and not by another's.
    fn epoch(&mut self, published: &Published, often: f64) {
        let roots = published.roots();
        let all = demands(self.world, published);
        for demand in &all {
            // Most of what can be asked of a tile is the same.
            let often = match demand {
                Demand::Chunk { .. } | Demand::Phrase { .. } => often / 8.0,
                _ => often,
            };
            if !self.rng.random_bool(often) {
                continue;
            }
            if let Some(response) = published.respond(self.world, demand) {
                self.all(roots, demand, &response);
                let others = all.iter().filter(|other| other.what() == demand.what());
                let others: Vec<_> = others.collect();
                let other = others[self.rng.random_range(0..others.len())];
                self.judge(roots, other, &response);
            }
        }
    }
}

#[test]
fn the_contracts_say_the_same_of_every_response() {
    let (mut judged, mut answered) = (0, 0);
    for seed in 0..worlds() / 2 {
        let world = World::random(seed);
        let right = Published::of(&world, &world.right());
        let contracts = Contracts::new(&world, right.roots());
        let mut responses = Responses {
            world: &world,
            contracts,
            rng: StdRng::seed_from_u64(seed),
            judged: 0,
            answered: 0,
        };
        responses.epoch(&right, 0.4);
        // What is no leaf somewhere.
        for place in demands(&world, &right) {
            if !right.is_leaf(&place) || !responses.rng.random_bool(0.1) {
                continue;
            }
            let mut wrong = right.clone();
            let leaf = broken(place, right.leaf(place), &mut responses.rng);
            wrong.put(place, leaf);
            responses.epoch(&wrong, 0.02);
            let response = wrong.respond(&world, &place).expect("there");
            responses.all(wrong.roots(), &place, &response);
        }
        // What is published and wrong.
        for (name, lie) in LIES {
            let mut wrong = world.right();
            let rng = &mut responses.rng;
            if lie(&mut wrong, &world, &mut |of| rng.random_range(0..of)).is_none() {
                continue;
            }
            if *name != "a tile more is said to be there" {
                reseal(&mut wrong);
            }
            // Rows for fewer than there are can not be asked for by number.
            let dense = wrong.answers.len() == world.answers.len()
                && wrong.payouts.len() as u64 == world.contributors;
            if dense {
                responses.epoch(&Published::of(&world, &wrong), 0.02);
            }
        }
        judged += responses.judged;
        answered += responses.answered;
    }
    println!("{judged} responses judged, {answered} answer");
    assert!(judged > 10_000 && answered > 2_000);
}

#[test]
fn the_contract_knows_what_can_be_demanded() {
    let world = World::random(3);
    let roots = world.right().trees().expect("small amounts").roots();
    let mut contracts = Contracts::new(&world, roots);
    let (first, end) = (world.first, world.answers().end);
    for what in 0..9 {
        for a in [
            0,
            first.wrapping_sub(1),
            first,
            end - 1,
            end,
            world.contributors - 1,
            world.contributors,
            u64::MAX,
        ] {
            for b in [0, 1, u32::MAX.into(), 1 << 32, u64::MAX] {
                for c in [0, 1, 15, 16, 56, 57, 256, u64::MAX] {
                    let demand = Demand::new(what, [a, b, c]);
                    let can = demand.is_some_and(|demand| demand.check(&world).is_ok());
                    assert_eq!(
                        contracts.check(numbers(what, [a, b, c])),
                        can,
                        "{what} {a} {b} {c}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_table_of_facts_answers() {
    let world = World::random(0);
    let roots = world.right().trees().expect("small amounts").roots();
    let mut contracts = Contracts::new(&world, roots);
    let call = IPaidAnswers::paidOfCall { i: world.first };
    let output = contracts.call(FACTS, call.abi_encode().into());
    let output = output.expect("an answer");
    assert_eq!(B256::from_slice(&output[..32]), world.answers[0].hash());
}
