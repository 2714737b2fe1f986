//! Whatever a poster changes in one row, it is found, and its proof is a proof as bytes too.

mod world;

use openledger_attribution::{
    Epoch, Fault, TileKind,
    dispute::NotChecked,
    epoch::{ModelPart, PayoutPart},
    find_fault,
    leaf::{AnswerRow, Earning, Tile, TrainRow},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use world::{World, lies::reseal};

/// Another number: near, far, or nothing.
macro_rules! another {
    ($field:expr, $rng:expr) => {
        match $rng.random_range(0..5) {
            0 => $field = $field.wrapping_add(1),
            1 => $field = $field.wrapping_sub(1),
            2 => $field = 0,
            3 => $field = $rng.random(),
            _ => $field ^= 1 << $rng.random_range(0..6),
        }
    };
}

/// Puts an entry somewhere else, twice, or away.
fn rearrange<T: Clone>(rows: &mut Vec<T>, rng: &mut StdRng) {
    if rows.is_empty() {
        return;
    }
    let (one, other) = (
        rng.random_range(0..rows.len()),
        rng.random_range(0..rows.len()),
    );
    match rng.random_range(0..3) {
        0 => rows.swap(one, other),
        1 => rows.insert(other, rows[one].clone()),
        _ => drop(rows.remove(one)),
    }
}

fn one<'a, T>(rows: &'a mut [T], rng: &mut StdRng) -> Option<&'a mut T> {
    match rows.len() {
        0 => None,
        len => rows.get_mut(rng.random_range(0..len)),
    }
}

fn change_tile(tile: &mut Tile, rng: &mut StdRng) {
    match rng.random_range(0..5) {
        0 => another!(tile.start, rng),
        1 => another!(tile.len, rng),
        2 => another!(tile.seq, rng),
        3 => another!(tile.offset, rng),
        _ => {
            let kinds = [
                TileKind::Span,
                TileKind::Gap,
                TileKind::Echo,
                TileKind::Boiler,
            ];
            tile.kind = kinds[rng.random_range(0..4)];
        }
    }
}

fn change_earning(earning: &mut Earning, rng: &mut StdRng) {
    match rng.random_range(0..4) {
        0 => another!(earning.i, rng),
        1 => another!(earning.tile, rng),
        2 => another!(earning.hop, rng),
        _ => another!(earning.amount, rng),
    }
}

fn change_model(part: &mut ModelPart, rng: &mut StdRng) {
    match rng.random_range(0..4) {
        0 => another!(part.row.model_version, rng),
        1 => another!(part.row.train, rng),
        2 => rearrange(&mut part.answers, rng),
        _ => {
            if let Some(TrainRow { i, train }) = one(&mut part.answers, rng) {
                match rng.random() {
                    true => another!(*i, rng),
                    false => another!(*train, rng),
                }
            }
        }
    }
}

fn change_payout(part: &mut PayoutPart, rng: &mut StdRng) {
    match rng.random_range(0..5) {
        0 => another!(part.row.contributor, rng),
        1 => another!(part.row.cumulative, rng),
        2 => another!(part.row.earned, rng),
        3 => rearrange(&mut part.earnings, rng),
        _ => {
            if let Some(earning) = one(&mut part.earnings, rng) {
                change_earning(earning, rng);
            }
        }
    }
}

fn change(epoch: &mut Epoch, rng: &mut StdRng) {
    match rng.random_range(0..8) {
        0 => rearrange(&mut epoch.answers, rng),
        1 => rearrange(&mut epoch.models, rng),
        2 => rearrange(&mut epoch.payouts, rng),
        3 => {
            if let Some((AnswerRow { i, data_pool, .. }, _)) = one(&mut epoch.answers, rng) {
                match rng.random() {
                    true => another!(*i, rng),
                    false => another!(*data_pool, rng),
                }
            }
        }
        4 => {
            if let Some((_, tiles)) = one(&mut epoch.answers, rng) {
                rearrange(tiles, rng);
            }
        }
        5 => {
            if let Some((_, tiles)) = one(&mut epoch.answers, rng)
                && let Some(tile) = one(tiles, rng)
            {
                change_tile(tile, rng);
            }
        }
        6 => {
            if let Some(part) = one(&mut epoch.models, rng) {
                change_model(part, rng);
            }
        }
        _ => {
            if let Some(part) = one(&mut epoch.payouts, rng) {
                change_payout(part, rng);
            }
        }
    }
}

#[test]
fn every_change_of_a_row_is_found() {
    let (mut found, mut withheld) = (0, 0);
    for seed in 0..60 {
        let world = World::random(seed);
        let right = world.right();
        let right_roots = right.trees().expect("small amounts").roots();
        let mut rng = StdRng::seed_from_u64(seed);
        for _ in 0..60 {
            let mut wrong = right.clone();
            for _ in 0..rng.random_range(1..5) {
                change(&mut wrong, &mut rng);
            }
            // Of amounts that are too large together there is no tree.
            if wrong.trees().is_err() {
                continue;
            }
            reseal(&mut wrong);
            if wrong == right {
                continue;
            }
            let roots = wrong.trees().expect("the same amounts").roots();
            let fault = match find_fault(&wrong, world.epoch_before(), &world) {
                Ok(Some(fault)) => fault,
                // A tile of a document that is not in the corpus: it is asked for.
                Err(NotChecked::Missing("document", _)) => {
                    withheld += 1;
                    continue;
                }
                other => panic!("{seed}: {other:?} {wrong:?}"),
            };
            found += 1;
            assert_eq!(fault.verify(&world, &roots), Ok(()), "{fault:?}");
            assert!(fault.verify(&world, &right_roots).is_err(), "{fault:?}");
            assert_eq!(Fault::decode(&fault.encode()), Ok(fault));
        }
    }
    println!("{found} found, {withheld} to be asked for");
    assert!(found > 2_000);
}
