//! Whatever can be demanded of an epoch that follows the rules is shown, and by nothing else. What is shown of another one proves what is wrong
//! with it.

mod archives;
mod world;

use openledger_attribution::{
    Demand, Fault, Leaf, Response,
    abi::DecodeError,
    demand::{NotAnswered, PlaceOpening},
    fault::{LeafOpening, RowsFault, TreeFault, TreeOpening},
    is_answered,
    leaf::{Earning, ModelRow, PayoutRow, Tile, TrainRow},
    opening::{Chain, ModelOpening, PayoutOpening},
    respond,
};
use proptest::{prelude::*, sample::Index};
use rand::{Rng, SeedableRng, rngs::StdRng};
use world::{
    World,
    lies::{LIES, reseal},
    published::{Published, broken, demands},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_demand_of_a_right_epoch_is_answered_by_its_response(
        seed: u64,
        picks in prop::collection::vec(any::<(Index, Index, u8)>(), 64),
    ) {
        let world = World::random(seed);
        let right = world.right();
        let trees = right.trees().expect("small amounts");
        let roots = trees.roots();
        let published = Published::of(&world, &right);
        prop_assert_eq!(published.roots(), roots);
        let all = demands(&world, &published);
        let mut responses = Vec::new();
        for demand in &all {
            let response = respond(&right, &trees, &world, demand);
            prop_assert_eq!(&response, &published.respond(&world, demand), "{:?}", demand);
            let response = response.expect("all is known");
            prop_assert_eq!(is_answered(&world, &roots, demand, &response), Ok(()), "{:?}", demand);
            prop_assert_eq!(response.what(), demand.what());
            prop_assert_eq!(Demand::new(demand.what(), demand.numbers()), Some(*demand));
            let bytes = response.encode();
            let decoded = Response::decode(demand.what(), &bytes);
            prop_assert_eq!(decoded.as_ref(), Ok(&response));
            responses.push(response);
        }
        for (one, other, bit) in picks {
            // Two demands have one response, or neither one answers the other.
            let (one, other) = (one.index(all.len()), other.index(all.len()));
            let (demand, response) = (&all[one], &responses[other]);
            let answers = is_answered(&world, &roots, demand, response).is_ok();
            prop_assert_eq!(answers, responses[one] == *response, "{:?}, {:?}", demand, all[other]);
            // Nothing else is a response.
            let mut bytes = response.encode();
            let place = usize::from(bit) * 31 % bytes.len();
            bytes[place] ^= 1 << (bit % 8);
            if let Ok(changed) = Response::decode(response.what(), &bytes) {
                prop_assert!(is_answered(&world, &roots, &all[other], &changed).is_err());
            }
            for what in 0..=9 {
                // No document and no phrase are written alike.
                let alike = [2, 4].contains(&what) && [2, 4].contains(&response.what());
                let decoded = Response::decode(what, &response.encode());
                prop_assert!(decoded.is_err() || alike || what == response.what());
            }
        }
    }
}

/// All bytes, one bit of each.
#[test]
fn another_byte_makes_no_response() {
    let world = World::fixed();
    let right = world.right();
    let trees = right.trees().expect("small amounts");
    let roots = trees.roots();
    let mut rng = StdRng::seed_from_u64(1);
    let mut decoded = 0;
    for demand in demands(&world, &Published::of(&world, &right)) {
        let response = respond(&right, &trees, &world, &demand).expect("all is known");
        let mut bytes = response.encode();
        for _ in 0..64 {
            let place = rng.random_range(0..bytes.len());
            let before = bytes[place];
            bytes[place] ^= 1 << rng.random_range(0..8);
            if let Ok(changed) = Response::decode(demand.what(), &bytes) {
                decoded += 1;
                let answered = is_answered(&world, &roots, &demand, &changed);
                assert!(answered.is_err(), "{demand:?} {place}");
            }
            bytes[place] = before;
        }
        for cut in [0, 1, 31, 32, bytes.len() - 1] {
            assert!(Response::decode(demand.what(), &bytes[..cut]).is_err());
        }
        bytes.extend([0; 32]);
        let longer = Response::decode(demand.what(), &bytes);
        assert!(matches!(
            longer,
            Err(DecodeError::OtherEncoding | DecodeError::Abi(_))
        ));
    }
    assert!(decoded > 10_000);
}

#[test]
fn what_can_not_be_there_is_not_demanded() {
    let world = World::fixed();
    let right = world.right();
    let trees = right.trees().expect("small amounts");
    let (first, end) = (world.first, world.answers().end);
    let row = respond(&right, &trees, &world, &Demand::Answer { i: first });
    for demand in [
        Demand::Answer { i: first - 1 },
        Demand::Answer { i: end },
        Demand::Tile { i: end, tile: 0 },
        Demand::Source { i: end, tile: 0 },
        Demand::Chunk {
            i: end,
            tile: 0,
            chunk: 0,
        },
        Demand::Chunk {
            i: first,
            tile: 0,
            chunk: 16,
        },
        Demand::Phrase {
            i: end,
            tile: 0,
            at: 0,
        },
        Demand::Phrase {
            i: first,
            tile: 0,
            at: 57,
        },
        Demand::Payout { contributor: 4 },
        Demand::Earning {
            contributor: 4,
            place: 0,
        },
    ] {
        assert_eq!(demand.check(&world), Err(NotAnswered::Range));
        assert_eq!(respond(&right, &trees, &world, &demand), None);
        let answered = is_answered(
            &world,
            &trees.roots(),
            &demand,
            row.as_ref().expect("there"),
        );
        assert_eq!(answered, Err(NotAnswered::Range));
    }
}

/// What is published row by row can be shown, however wrong it is, but for documents and phrases that are not there.
#[test]
fn lies_are_shown() {
    let (mut shown, mut missing) = (0, 0);
    for seed in 0..6 {
        let world = World::random(seed);
        let mut rng = StdRng::seed_from_u64(seed);
        for (name, lie) in LIES {
            let mut wrong = world.right();
            if lie(&mut wrong, &world, &mut |of| rng.random_range(0..of)).is_none() {
                continue;
            }
            if *name != "a tile more is said to be there" {
                reseal(&mut wrong);
            }
            let trees = wrong.trees().expect("small amounts");
            let published = Published::of(&world, &wrong);
            for demand in demands(&world, &published) {
                if demand.check(&world).is_err() {
                    continue;
                }
                let at = |i: &u64| (i - world.first) as usize;
                let is_there = match &demand {
                    Demand::Answer { i }
                    | Demand::Tile { i, .. }
                    | Demand::Source { i, .. }
                    | Demand::Chunk { i, .. }
                    | Demand::Phrase { i, .. } => at(i) < wrong.answers.len(),
                    _ => true,
                };
                if !is_there {
                    continue;
                }
                let response = respond(&wrong, &trees, &world, &demand);
                let answered = response
                    .as_ref()
                    .map(|response| is_answered(&world, &trees.roots(), &demand, response));
                match answered {
                    Some(Ok(())) => shown += 1,
                    other => {
                        missing += 1;
                        let may = matches!(
                            demand,
                            Demand::Source { .. } | Demand::Chunk { .. } | Demand::Phrase { .. }
                        );
                        assert!(may, "{seed} {name} {demand:?}: {other:?}");
                    }
                }
            }
        }
    }
    println!("{shown} shown, {missing} missing");
    assert!(shown > 100_000 && missing > 50);
}

/// The fault that is proven by what was shown of a place.
fn fault(demand: &Demand, response: Response, world: &World) -> Fault {
    let leaf = |place: PlaceOpening| place.leaf.expect("a leaf");
    let of = |tree, leaf: LeafOpening| Fault::Tree(tree, TreeFault::Leaf(leaf));
    match (demand, response) {
        (Demand::Answer { .. }, Response::Answer(row)) => {
            Fault::Rows(RowsFault::Row(row.bytes, row.proof))
        }
        (Demand::Tile { i, .. }, Response::Tile(row, tile)) => {
            let answer = openledger_attribution::opening::AnswerOpening {
                answer: world.answers[(i - world.first) as usize].clone(),
                row: Leaf::decode(&row.bytes).expect("a row"),
                proof: row.proof,
            };
            of(TreeOpening::Tiling(answer), leaf(tile))
        }
        (Demand::Model { .. }, Response::Model(model)) => of(TreeOpening::Models, leaf(model)),
        (Demand::Gift { .. }, Response::Gift(model, gift)) => {
            let model = leaf(model);
            let row = Leaf::decode(&model.bytes).expect("a row");
            let proof = model.proof;
            of(TreeOpening::Train(ModelOpening { row, proof }), leaf(gift))
        }
        (Demand::Payout { contributor }, Response::Payout(payout)) => {
            let row = PayoutRow::decode(&payout.bytes);
            let is_row = row.is_ok_and(|row| row.contributor != *contributor);
            match is_row {
                true => Fault::Tree(TreeOpening::Payouts, TreeFault::Place(payout)),
                false => of(TreeOpening::Payouts, payout),
            }
        }
        (Demand::Earning { .. }, Response::Earning(payout, earning)) => {
            let row = Leaf::decode(&payout.bytes).expect("a row");
            let proof = payout.proof;
            of(
                TreeOpening::Earnings(PayoutOpening { row, proof }),
                leaf(earning),
            )
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_leaf_is_shown_and_proven_to_be_none() {
    let mut proven = 0;
    for seed in 0..24 {
        let world = World::random(seed);
        let right = Published::of(&world, &world.right());
        let mut rng = StdRng::seed_from_u64(seed);
        for place in demands(&world, &right) {
            if !right.is_leaf(&place) {
                continue;
            }
            let mut wrong = right.clone();
            wrong.put(place, broken(place, right.leaf(place), &mut rng));
            let roots = wrong.roots();
            let response = wrong.respond(&world, &place).expect("there");
            assert_eq!(is_answered(&world, &roots, &place, &response), Ok(()));
            let fault = fault(&place, response, &world);
            assert_eq!(fault.verify(&world, &roots), Ok(()), "{place:?} {fault:?}");
            proven += 1;
            // And all that is below it, or beside it.
            for demand in demands(&world, &wrong) {
                if rng.random_bool(0.1) {
                    let response = wrong.respond(&world, &demand).expect("all is known");
                    let answered = is_answered(&world, &roots, &demand, &response);
                    assert_eq!(answered, Ok(()), "{place:?} {demand:?}");
                }
            }
            // What nobody could prove to be none is not shown.
            for bytes in [vec![], vec![b'T'; 551]] {
                wrong.put(place, (bytes, 0));
                let response = wrong.respond(&world, &place).expect("there");
                let answered = is_answered(&world, &wrong.roots(), &place, &response);
                assert_eq!(answered, Err(NotAnswered::Other("the leaf")), "{place:?}");
            }
        }
    }
    println!("{proven} leaves proven to be none");
    assert!(proven > 500);
}

/// The leaves that a place may hold are those whose length is known here.
#[test]
fn no_leaf_is_longer_than_what_is_shown() {
    use openledger_attribution::leaf::{AnswerRow, Fields};
    let longest = openledger_attribution::demand::MAX_LEAF_LEN;
    for len in [
        AnswerRow::LEN,
        Tile::LEN,
        ModelRow::LEN,
        TrainRow::LEN,
        PayoutRow::LEN,
        Earning::LEN,
    ] {
        assert!(len <= longest);
    }
}

/// An attributor's archive has whatever can be demanded of its epochs.
#[test]
fn an_archive_responds() {
    let (mut answered, mut named) = (0, 0);
    for seed in 0..12 {
        let archive = archives::archive(seed);
        let range = 0..archive.answers();
        let round = archive.round(range, archives::CONTRIBUTORS, None);
        let round = round.expect("known");
        let epoch = round.attribute().expect("all is known");
        let trees = epoch.trees().expect("small amounts");
        let facts = round.facts(trees.roots());
        let mut all = vec![];
        for (row, tiles) in &epoch.answers {
            let i = row.i;
            all.push(Demand::Answer { i });
            for tile in 0..=tiles.len() as u32 {
                all.extend([Demand::Tile { i, tile }, Demand::Source { i, tile }]);
                all.extend((0..16).map(|chunk| Demand::Chunk { i, tile, chunk }));
                all.extend((0..=56).map(|at| Demand::Phrase { i, tile, at }));
            }
        }
        for (model, part) in (0..).zip(&epoch.models) {
            all.push(Demand::Model { place: model });
            let places = 0..=part.answers.len() as u64;
            all.extend(places.map(|place| Demand::Gift { model, place }));
        }
        for (contributor, part) in (0..).zip(&epoch.payouts) {
            all.push(Demand::Payout { contributor });
            let places = 0..=part.earnings.len() as u64;
            all.extend(places.map(|place| Demand::Earning { contributor, place }));
        }
        for demand in all {
            let response = round.respond(&epoch, &trees, &demand);
            let response = response.expect("all is kept");
            let verdict = is_answered(&facts, &facts.roots, &demand, &response);
            assert_eq!(verdict, Ok(()), "{demand:?}");
            answered += 1;
            named += usize::from(matches!(response, Response::Chunk(.., Some(_))));
        }
        let beyond = Demand::Answer {
            i: archive.answers(),
        };
        assert_eq!(round.respond(&epoch, &trees, &beyond), None);
    }
    println!("{answered} answered, {named} with a chunk");
    assert!(answered > 10_000 && named > 100);
}
