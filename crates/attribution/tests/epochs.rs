//! Right epochs have no fault; wrong ones have one, and the proof of it is of no use against the right one.

mod world;

use openledger_attribution::{
    Epoch, Fault, Leaf, SumNode, SumTree, Summed,
    epoch::{PayoutPart, tree},
    fault::{KindFault, NotAFault, TilingFault, TreeFault, TreeOpening},
    find_fault,
    leaf::{Earning, PayoutRow, Tile, TileKind, TrainRow},
    opening::{TileOpening, WordsOpening},
    tree::{SortedLeaf, SumFault},
};
use proptest::{prelude::*, sample::Index};
use world::World;

/// Roots and counts as the rows now are; amounts stay as somebody made them.
fn reseal(epoch: &mut Epoch) {
    for (row, tiles) in &mut epoch.answers {
        row.tiling_root = tree(tiles).expect("few words").root();
        row.tiles = tiles.len() as u32;
    }
    for part in &mut epoch.models {
        part.row.answers_root = tree(&part.answers).expect("small amounts").root();
    }
    for part in &mut epoch.payouts {
        part.row.earnings_root = tree(&part.earnings).expect("small amounts").root();
    }
}

/// Changes an epoch in one way, if it has what is to be changed. The numbers that the fault may have then.
type Lie = fn(&mut Epoch, &World, &mut dyn FnMut(usize) -> usize) -> Option<&'static [u8]>;

/// One of the tiles of some kinds: the answer's place and the tile's.
fn a_tile(
    epoch: &Epoch,
    pick: &mut dyn FnMut(usize) -> usize,
    is: impl Fn(&Tile) -> bool,
) -> Option<(usize, usize)> {
    let all: Vec<_> = epoch
        .answers
        .iter()
        .enumerate()
        .flat_map(|(at, (_, tiles))| {
            let places = tiles.iter().enumerate().filter(|(_, tile)| is(tile));
            places
                .map(move |(place, _)| (at, place))
                .collect::<Vec<_>>()
        })
        .collect();
    (!all.is_empty()).then(|| all[pick(all.len())])
}

fn an_earner(epoch: &Epoch, pick: &mut dyn FnMut(usize) -> usize) -> Option<usize> {
    let earners: Vec<_> = (0..epoch.payouts.len())
        .filter(|place| !epoch.payouts[*place].earnings.is_empty())
        .collect();
    (!earners.is_empty()).then(|| earners[pick(earners.len())])
}

/// What somebody who keeps the books consistent does after a change of earnings.
fn book(part: &mut PayoutPart, before: &[u128]) {
    let old = before
        .get(part.row.contributor as usize)
        .copied()
        .unwrap_or(0);
    part.row.earned = part.earnings.iter().map(|earning| earning.amount).sum();
    part.row.cumulative = old + part.row.earned;
}

const LIES: &[(&str, Lie)] = &[
    ("the last tile is dropped", |epoch, _, pick| {
        let (at, _) = a_tile(epoch, pick, |_| true)?;
        epoch.answers[at].1.pop();
        Some(&[1])
    }),
    ("a tile begins later", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |_| true)?;
        epoch.answers[at].1[place].start += 1;
        Some(&[1])
    }),
    ("a tile is too long for one", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |_| true)?;
        epoch.answers[at].1[place].len = 65;
        Some(&[1])
    }),
    ("there are no tiles", |epoch, _, pick| {
        let (at, _) = a_tile(epoch, pick, |_| true)?;
        epoch.answers[at].1.clear();
        Some(&[1])
    }),
    ("a tile more is said to be there", |epoch, _, pick| {
        let (at, _) = a_tile(epoch, pick, |_| true)?;
        reseal(epoch);
        epoch.answers[at].0.tiles += 1;
        Some(&[1, 0])
    }),
    (
        "a match is somewhere else in its document",
        |epoch, world, pick| {
            let (at, place) = a_tile(epoch, pick, |tile| tile.kind != TileKind::Gap)?;
            let tile = &mut epoch.answers[at].1[place];
            let words = world.document_words(tile.seq).len() as u16;
            tile.offset = (tile.offset + 1) % (words - u16::from(tile.len) + 1);
            Some(&[2, 4, 0])
        },
    ),
    ("a match is in another document", |epoch, world, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.kind != TileKind::Gap)?;
        let model = world.answers[at].model_version;
        let tile = &mut epoch.answers[at].1[place];
        let seqs = world.corpus_seqs(model);
        tile.seq = seqs[pick(seqs.len())];
        tile.offset = 0;
        Some(&[2, 4, 0])
    }),
    ("a match is called a gap", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.kind != TileKind::Gap)?;
        let tile = &mut epoch.answers[at].1[place];
        (tile.kind, tile.seq, tile.offset) = (TileKind::Gap, 0, 0);
        Some(&[1, 3])
    }),
    ("a match is cut short", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| {
            tile.kind != TileKind::Gap && tile.len >= 16
        })?;
        let tiles = &mut epoch.answers[at].1;
        let mut rest = tiles[place];
        tiles[place].len -= 8;
        rest.start += u32::from(tiles[place].len);
        rest.offset += u16::from(tiles[place].len);
        rest.len = 8;
        tiles.insert(place + 1, rest);
        Some(&[3])
    }),
    ("a later copy is paid", |epoch, world, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.kind != TileKind::Gap)?;
        let tile = epoch.answers[at].1[place];
        let (seq, offset) = world.later_copy(world.answers[at].model_version, &tile)?;
        let tile = &mut epoch.answers[at].1[place];
        (tile.seq, tile.offset) = (seq, offset);
        Some(&[4])
    }),
    ("a tile is called another kind", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.kind != TileKind::Gap)?;
        let tile = &mut epoch.answers[at].1[place];
        let others = [TileKind::Span, TileKind::Echo, TileKind::Boiler];
        let others: Vec<_> = others
            .into_iter()
            .filter(|kind| *kind != tile.kind)
            .collect();
        tile.kind = others[pick(2)];
        Some(&[5])
    }),
    ("a pool is larger", |epoch, _, pick| {
        let at = pick(epoch.answers.len());
        epoch.answers[at].0.data_pool += 1;
        Some(&[6])
    }),
    ("earnings are out of order", |epoch, _, pick| {
        let earner = an_earner(epoch, pick)?;
        let earnings = &mut epoch.payouts[earner].earnings;
        let last = earnings.len() - 1;
        if last == 0 {
            return None;
        }
        earnings.swap(0, last);
        Some(&[7])
    }),
    ("an earning is there twice", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let part = &mut epoch.payouts[earner];
        part.earnings.insert(0, part.earnings[0]);
        book(part, &world.before);
        Some(&[7])
    }),
    ("a contributor is in another's place", |epoch, _, pick| {
        let last = epoch.payouts.len() - 1;
        let at = pick(last);
        epoch.payouts.swap(at, last);
        Some(&[7])
    }),
    ("model versions are out of order", |epoch, _, _| {
        if epoch.models.len() < 2 {
            return None;
        }
        epoch.models.reverse();
        Some(&[7])
    }),
    ("an earning is left out", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let part = &mut epoch.payouts[earner];
        let at = pick(part.earnings.len());
        part.earnings.remove(at);
        book(part, &world.before);
        Some(&[8])
    }),
    ("an earning is larger", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let part = &mut epoch.payouts[earner];
        let at = pick(part.earnings.len());
        part.earnings[at].amount += 1;
        book(part, &world.before);
        Some(&[8])
    }),
    ("an earning is invented", |epoch, world, pick| {
        let at = pick(epoch.payouts.len());
        let part = &mut epoch.payouts[at];
        let i = world.first + pick(world.answers.len() + 1) as u64;
        let earning = Earning {
            i,
            tile: pick(40) as u32,
            hop: pick(2) as u8,
            amount: 1,
        };
        match part
            .earnings
            .binary_search_by_key(&earning.key(), Earning::key)
        {
            Ok(_) => return None,
            Err(place) => part.earnings.insert(place, earning),
        }
        book(part, &world.before);
        Some(&[8, 9])
    }),
    ("more was earned than the earnings are", |epoch, _, pick| {
        let at = pick(epoch.payouts.len());
        epoch.payouts[at].row.earned += 1;
        epoch.payouts[at].row.cumulative += 1;
        Some(&[8])
    }),
    ("more was earned before", |epoch, _, pick| {
        let at = pick(epoch.payouts.len());
        epoch.payouts[at].row.cumulative += 1;
        Some(&[8])
    }),
    ("less was earned in all than now", |epoch, _, pick| {
        let earner = an_earner(epoch, pick)?;
        epoch.payouts[earner].row.cumulative = 0;
        Some(&[7])
    }),
    ("an earning is another's as well", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let earning = epoch.payouts[earner].earnings[0];
        let other = pick(epoch.payouts.len());
        let part = &mut epoch.payouts[other];
        match part
            .earnings
            .binary_search_by_key(&earning.key(), Earning::key)
        {
            Ok(_) => return None,
            Err(place) => part.earnings.insert(place, earning),
        }
        book(part, &world.before);
        Some(&[9])
    }),
    ("an answer is left out", |epoch, _, pick| {
        let at = pick(epoch.answers.len());
        epoch.answers.remove(at);
        Some(&[10])
    }),
    ("answers are in each other's place", |epoch, _, _| {
        let last = epoch.answers.len() - 1;
        if last == 0 {
            return None;
        }
        epoch.answers.swap(0, last);
        Some(&[10])
    }),
    ("a contributor is left out", |epoch, _, _| {
        epoch.payouts.pop();
        Some(&[10])
    }),
    ("an answer gives more", |epoch, _, pick| {
        let model = pick(epoch.models.len().max(1));
        let part = epoch.models.get_mut(model)?;
        let at = pick(part.answers.len());
        part.answers[at].train += 1;
        part.row.train += 1;
        Some(&[10])
    }),
    ("an answer's gift is left out", |epoch, _, pick| {
        let model = pick(epoch.models.len().max(1));
        let part = epoch.models.get_mut(model)?;
        let at = pick(part.answers.len());
        part.row.train -= part.answers.remove(at).train;
        Some(&[10])
    }),
    ("a model version is left out", |epoch, _, pick| {
        let model = pick(epoch.models.len().max(1));
        if epoch.models.is_empty() {
            return None;
        }
        epoch.models.remove(model);
        Some(&[10])
    }),
    ("an answer is invented", |epoch, world, pick| {
        let model = pick(epoch.models.len().max(1));
        let part = epoch.models.get_mut(model)?;
        let i = world.first + world.answers.len() as u64;
        part.answers.push(TrainRow { i, train: 5 });
        part.row.train += 5;
        Some(&[10])
    }),
    (
        "a model version is given another's answer",
        |epoch, _, _| {
            let [first, second, ..] = &mut epoch.models[..] else {
                return None;
            };
            let row = second.answers[0].clone();
            let place = first
                .answers
                .binary_search_by_key(&row.i, |row| row.i)
                .err()?;
            first.row.train += row.train;
            first.answers.insert(place, row);
            Some(&[10])
        },
    ),
    (
        "a model version is given more than its answers give",
        |epoch, _, pick| {
            let model = pick(epoch.models.len().max(1));
            epoch.models.get_mut(model)?.row.train += 1;
            Some(&[10])
        },
    ),
];

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
    for seed in 0..40 {
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
                output: words.clone(),
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
