//! Right epochs have no fault; wrong ones have one, and the proof of it is of no use against the right one.

mod world;

use openledger_attribution::{
    Fault, Leaf, SumNode, SumTree, Summed,
    fault::{KindFault, NotAFault, TilingFault, TreeFault, TreeOpening},
    find_fault,
    leaf::{PayoutRow, TileKind},
    opening::{TileOpening, WordsOpening},
    tree::SumFault,
};
use proptest::{prelude::*, sample::Index};
use world::{
    World,
    lies::{LIES, reseal},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn right_epochs_have_no_fault_and_every_lie_is_found(
        seed: u64,
        picks in prop::collection::vec(any::<Index>(), 16),
    ) {
        let world = World::random(seed);
        let right = world.right();
        let roots = right.trees().expect("small amounts").roots();
        prop_assert_eq!(find_fault(&right, world.epoch_before(), &world), Ok(None));

        for (name, lie) in LIES {
            let mut picks = picks.iter().cycle();
            let mut pick = |of: usize| picks.next().expect("endless").index(of);
            let mut wrong = right.clone();
            let Some(numbers) = lie(&mut wrong, &world, &mut pick) else { continue };
            // Zero: the lie may have changed nothing, or counts that must stay.
            if *name != "a tile more is said to be there" {
                reseal(&mut wrong);
            }
            if wrong == right {
                prop_assert!(numbers.contains(&0), "{} changed nothing", name);
                continue;
            }
            let wrong_roots = wrong.trees().expect("small amounts").roots();
            let fault = match find_fault(&wrong, world.epoch_before(), &world) {
                Ok(Some(fault)) => fault,
                other => {
                    prop_assert!(false, "{}: {:?}", name, other);
                    unreachable!()
                }
            };
            prop_assert_eq!(fault.verify(&world, &wrong_roots), Ok(()), "{}: {:?}", name, fault);
            prop_assert!(numbers.contains(&fault.number()), "{}: {:?}", name, fault);
            prop_assert!(fault.verify(&world, &roots).is_err(), "{}: {:?}", name, fault);
        }
    }
}

#[test]
fn each_lie_is_told_and_each_number_found() {
    let mut told = vec![0; LIES.len()];
    let mut numbers = [0; 11];
    for seed in 0..60 {
        let world = World::random(seed);
        let right = world.right();
        for (place, (_, lie)) in LIES.iter().enumerate() {
            let mut next = seed as usize;
            let mut pick = |of: usize| {
                next = next.wrapping_mul(31).wrapping_add(7);
                next % of
            };
            let mut wrong = right.clone();
            if lie(&mut wrong, &world, &mut pick).is_none() {
                continue;
            }
            if LIES[place].0 != "a tile more is said to be there" {
                reseal(&mut wrong);
            }
            if let Ok(Some(fault)) = find_fault(&wrong, world.epoch_before(), &world) {
                told[place] += 1;
                numbers[usize::from(fault.number())] += 1;
            }
        }
    }
    for ((name, _), told) in LIES.iter().zip(&told) {
        assert!(*told > 0, "never told: {name}");
    }
    assert!(numbers[1..].iter().all(|found| *found > 0), "{numbers:?}");
}

/// A tree whose sums are wrong can not be published row by row: its poster answers demands for single leaves.
#[test]
fn a_wrong_sum_is_shown_where_it_is() {
    let world = World::random(3);
    let right = world.right();
    let rows: Vec<PayoutRow> = right.payouts.iter().map(|part| part.row.clone()).collect();
    let nodes: Vec<SumNode> = rows.iter().map(Summed::sum_node).collect();
    assert!(nodes.len() >= 2);
    let honest = SumTree::new(nodes.clone()).expect("small amounts");
    let top = honest.top().expect("rows");
    let proof = honest.prove(0).expect("there");
    // The top states one wei more than the two nodes below it have.
    let mut below = nodes;
    while below.len() > 2 {
        let level = SumTree::new(below.clone()).expect("small amounts");
        below = below
            .chunks(2)
            .map(|pair| {
                SumTree::new(pair.to_vec())
                    .expect("small amounts")
                    .top()
                    .expect("two")
            })
            .collect();
        assert_eq!(level.top(), Some(top));
    }
    let fault = SumFault {
        level: (64 - (rows.len() as u64 - 1).leading_zeros()) as u8,
        index: 0,
        count: rows.len() as u64,
        stated: top.sum + 1,
        left: below[0],
        right: below[1],
        siblings: Vec::new(),
    };
    let lie = SumNode {
        sum: top.sum + 1,
        ..top
    };
    let mut roots = right.trees().expect("small amounts").roots();
    let honest_roots = roots;
    roots.payouts = openledger_attribution::tree::Node::root(rows.len() as u64, Some(lie));
    let fault = Fault::Tree(TreeOpening::Payouts, TreeFault::Sum(fault));
    assert_eq!(fault.verify(&world, &roots), Ok(()));
    assert_eq!(Fault::decode(&fault.encode()).as_ref(), Ok(&fault));
    assert!(fault.verify(&world, &honest_roots).is_err());
    assert!(proof.verify(honest.root(), rows[0].sum_node()).is_ok());
}

#[test]
fn what_is_right_is_no_fault_whoever_says_so() {
    let world = World::random(5);
    let right = world.right();
    let trees = right.trees().expect("small amounts");
    let roots = trees.roots();
    for at in 0..right.answers.len() {
        let opening = world.answer_opening(&right, &trees, at);
        let fault = Fault::Pool(opening);
        assert_eq!(fault.verify(&world, &roots), Err(NotAFault::Right));
    }
    let row = &right.payouts[0].row;
    assert!(row.check().is_ok());
}

/// What a poster hashed into a tree may be no tile at all: whoever opens it gets an error, whatever it says.
#[test]
fn a_tile_out_of_range_is_opened_by_nobody() {
    let world = World::random(7);
    let right = world.right();
    for (len, start) in [(0, 0), (65, 3), (8, u32::MAX), (255, u32::MAX - 1)] {
        for kind in [
            TileKind::Span,
            TileKind::Echo,
            TileKind::Boiler,
            TileKind::Gap,
        ] {
            let mut wrong = right.clone();
            let at = (0..wrong.answers.len()).find(|at| !wrong.answers[*at].1.is_empty());
            let at = at.expect("an answer with words");
            let tile = &mut wrong.answers[at].1[0];
            (tile.len, tile.start, tile.kind) = (len, start, kind);
            reseal(&mut wrong);
            let trees = wrong.trees().expect("few words");
            let roots = trees.roots();
            let opening = TileOpening {
                tile: wrong.answers[at].1[0],
                proof: trees.tilings[at].prove(0).expect("there"),
            };
            let answer = world.answer_opening(&wrong, &trees, at);
            assert!(opening.verify(&answer.row).is_err());
            let words = WordsOpening::default();
            let echo = KindFault::NotEcho {
                tile: opening.clone(),
                at: 0,
                output: words.clone(),
                context: world.contexts[at].clone(),
                prompt: words,
            };
            assert!(
                Fault::Kind(answer.clone(), echo)
                    .verify(&world, &roots)
                    .is_err()
            );
            let last = TilingFault::Last(opening);
            assert!(Fault::Tiling(answer, last).verify(&world, &roots).is_err());
            // It is at fault all the same.
            let fault = find_fault(&wrong, world.epoch_before(), &world);
            let fault = fault.expect("all is known").expect("a fault");
            assert_eq!(fault.verify(&world, &roots), Ok(()));
            assert_eq!(fault.number(), 1);
        }
    }
}
