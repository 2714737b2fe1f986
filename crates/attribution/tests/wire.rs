//! Proofs as bytes: each has one encoding, and no other bytes prove anything.

mod world;

use openledger_attribution::{
    EpochRoots, Fault,
    abi::{KINDS, MAX_PROOF_LEN, Piece},
    fault::{EarningFault, PaidPart, TreeFault, TreeOpening},
    find_fault,
    opening::Chain,
};
use proptest::prelude::*;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;
use world::{
    World,
    lies::{LIES, reseal},
};

/// A fault that somebody has found, the right epoch's roots, and the wrong one's.
struct Found {
    world: World,
    right: EpochRoots,
    wrong: EpochRoots,
    fault: Fault,
}

/// What is found of every lie, in so many worlds.
fn found(seeds: std::ops::Range<u64>) -> Vec<Found> {
    let mut all = Vec::new();
    for seed in seeds {
        for (name, lie) in LIES {
            let world = World::random(seed);
            let right = world.right();
            let mut rng = StdRng::seed_from_u64(seed);
            let mut wrong = right.clone();
            if lie(&mut wrong, &world, &mut |of| rng.random_range(0..of)).is_none() {
                continue;
            }
            if *name != "a tile more is said to be there" {
                reseal(&mut wrong);
            }
            let fault = find_fault(&wrong, world.epoch_before(), &world).expect("all is known");
            let Some(fault) = fault else { continue };
            all.push(Found {
                right: right.trees().expect("small amounts").roots(),
                wrong: wrong.trees().expect("small amounts").roots(),
                world,
                fault,
            });
        }
    }
    all
}

/// The pieces of a fault are themselves again as well.
fn same_again<T: Piece + PartialEq + std::fmt::Debug>(piece: &T) {
    let bytes = piece.abi_encode();
    assert_eq!(T::abi_decode(&bytes).as_ref(), Ok(piece));
    assert!(T::abi_decode(&bytes[1..]).is_err());
}

#[test]
fn what_is_encoded_is_decoded_and_proves_the_same() {
    let mut sizes: BTreeMap<u8, Vec<Vec<u8>>> = BTreeMap::new();
    for found in found(0..40) {
        let bytes = found.fault.encode();
        let decoded = Fault::decode(&bytes);
        assert_eq!(decoded.as_ref(), Ok(&found.fault));
        assert_eq!(bytes[0], found.fault.kind());
        assert_eq!(bytes[0] >> 4, found.fault.number());
        assert_eq!(found.fault.verify(&found.world, &found.wrong), Ok(()));
        assert!(found.fault.verify(&found.world, &found.right).is_err());
        if let Fault::Earning(payout, EarningFault::Missing(part, absence)) = &found.fault {
            same_again(payout);
            same_again(absence);
            same_again(part.answer());
            match part {
                PaidPart::Tile(part) => {
                    same_again(part);
                    same_again(&part.tile);
                    same_again(&part.source);
                    same_again(&part.source.opening);
                }
                PaidPart::Item(part) => same_again(part),
            }
        }
        if let Fault::Payee(_, _, earning) = &found.fault {
            same_again(earning);
        }
        if let Fault::Match(_, found) = &found.fault {
            same_again(&found.text);
        }
        sizes.entry(bytes[0]).or_default().push(bytes);
    }
    println!("kind  proofs  bytes (least, most)  calldata gas of the longest: 16/4, floor 40/10");
    for (kind, proofs) in &sizes {
        let longest = proofs.iter().max_by_key(|bytes| bytes.len()).expect("one");
        let least = proofs.iter().map(Vec::len).min().expect("one");
        let zeros = longest.iter().filter(|byte| **byte == 0).count();
        let gas = |zero, other| zeros * zero + (longest.len() - zeros) * other;
        let (proofs, most) = (proofs.len(), longest.len());
        println!(
            "{kind:#04x} {proofs:7} {least:7} {most:7} {:9} {:9}",
            gas(4, 16),
            gas(10, 40)
        );
    }
    let most = sizes.values().flatten().map(Vec::len).max();
    assert!(most.expect("proofs") < MAX_PROOF_LEN / 5);
    // Of a sum, see the test of it: no poster who publishes rows can state a wrong one.
    let never: Vec<_> = KINDS
        .iter()
        .filter(|kind| !sizes.contains_key(kind))
        .collect();
    assert_eq!(never, [&0x70], "kinds that no lie has");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_fault_of_any_world_has_one_encoding(seed in 100..u64::MAX) {
        for found in found(seed..seed + 1) {
            let bytes = found.fault.encode();
            prop_assert_eq!(Fault::decode(&bytes), Ok(found.fault));
            prop_assert!(KINDS.contains(&bytes[0]) && bytes.len() < MAX_PROOF_LEN);
        }
    }
}

/// Cut short, they are none; nor are they with a byte more.
#[test]
fn no_part_of_a_proof_is_one() {
    let mut seen = std::collections::BTreeSet::new();
    for found in found(0..40) {
        let bytes = found.fault.encode();
        if !seen.insert(bytes[0]) {
            continue;
        }
        for len in 0..bytes.len() {
            assert!(Fault::decode(&bytes[..len]).is_err());
        }
        assert!(Fault::decode(&[&bytes[..], &[0]].concat()).is_err());
        assert!(Fault::decode(&[&bytes[..], &[0; 32]].concat()).is_err());
    }
    assert_eq!(seen.len() + 1, KINDS.len(), "all but the wrong sum");
    assert!(Fault::decode(&vec![0x10; MAX_PROOF_LEN + 1]).is_err());
}

/// Whatever is changed, a right epoch has no fault; and what decodes is what it was decoded from.
#[test]
fn what_is_changed_proves_nothing_against_what_is_right() {
    let mut rng = StdRng::seed_from_u64(1);
    let found = found(0..10);
    let (mut decoded, mut tried) = (0, 0);
    for _ in 0..30 {
        for found in &found {
            let mut bytes = found.fault.encode();
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(0..bytes.len());
                match rng.random_range(0..4) {
                    0 => bytes[at] ^= 1 << rng.random_range(0..8),
                    1 => bytes[at] = rng.random(),
                    2 => bytes[0] = KINDS[rng.random_range(0..KINDS.len())],
                    // A whole word, where offsets and lengths are.
                    _ => {
                        let at = 1 + at / 32 * 32;
                        let word = bytes.get_mut(at..at + 32);
                        let word = word.into_iter().flatten();
                        let last = rng.random_range(0..3) * 32;
                        word.for_each(|byte| *byte = if last == 0 { 0xff } else { last });
                    }
                }
            }
            tried += 1;
            if let Ok(fault) = Fault::decode(&bytes) {
                decoded += 1;
                assert_eq!(fault.encode(), bytes);
                assert!(fault.verify(&found.world, &found.right).is_err());
            }
        }
    }
    println!("{decoded} of {tried} changed proofs decode");
    assert!(tried > 5_000 && decoded > 100);
}

/// Bytes behind a kind that nobody made.
#[test]
fn noise_is_no_proof() {
    let mut rng = StdRng::seed_from_u64(2);
    for kind in 0..=255u8 {
        for len in [0, 1, 31, 32, 64, 96, 320, 4_000] {
            let mut bytes: Vec<u8> = (0..len).map(|_| rng.random()).collect();
            bytes.insert(0, kind);
            assert!(Fault::decode(&bytes).is_err());
            let zeros = [&[kind][..], &vec![0; len]].concat();
            if let Ok(fault) = Fault::decode(&zeros) {
                // Only what is nothing but numbers: no rows, and no sums.
                assert!(matches!(kind, 0xa0 | 0xa1));
                let world = World::random(0);
                let roots = world.right().trees().expect("small amounts").roots();
                assert!(fault.verify(&world, &roots).is_err());
            }
        }
    }
}

/// Trees without an opening take none.
#[test]
fn an_opening_that_is_not_asked_for_is_refused() {
    let world = World::random(0);
    let right = world.right();
    let trees = right.trees().expect("small amounts");
    let leaf = openledger_attribution::fault::LeafOpening {
        bytes: vec![1, 2, 3],
        stated: 4,
        proof: trees.payouts.prove(0).expect("there"),
    };
    let fault = Fault::Tree(TreeOpening::Payouts, TreeFault::Leaf(leaf));
    let bytes = fault.encode();
    assert_eq!(Fault::decode(&bytes), Ok(fault));
    // The number of the tree is the last byte of a word.
    let tree = bytes.chunks(32).position(|word| word[0] == 3);
    let at = tree.expect("the number") * 32;
    let mut other = bytes.clone();
    other[at] = 1;
    assert!(Fault::decode(&other).is_ok());
    for number in [0, 2, 4, 5] {
        other[at] = number;
        assert!(Fault::decode(&other).is_err());
    }
    assert!(world.answers().contains(&world.first));
}
