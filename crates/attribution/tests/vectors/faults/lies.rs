//! What a poster may say row by row.

use super::Wrong;
use crate::world::{
    World,
    fixed::{A, D},
    lies::{book, reseal},
};
use openledger_attribution::{
    Epoch, TileKind,
    epoch::{ModelPart, PayoutPart},
    leaf::{Earning, ModelRow, Tile, TrainRow},
    tree::SortedLeaf,
};

/// Changes the rows; the kind that is found.
type Lie = (&'static str, u8, fn(&mut Epoch, &World));

pub fn wrong(world: &World) -> Vec<Wrong<'_>> {
    let lies = [TILES, ROWS, EARNINGS].into_iter().flatten();
    lies.map(|(name, kind, lie)| {
        let mut epoch = world.right();
        lie(&mut epoch, world);
        if *kind != 0x14 {
            reseal(&mut epoch);
        }
        let wrong = Wrong::of(world, name, epoch);
        assert_eq!(wrong.fault.kind(), *kind, "{name}: {:?}", wrong.fault);
        wrong
    })
    .collect()
}

/// The tile of an answer.
fn tile(epoch: &mut Epoch, answer: usize, tile: usize) -> &mut Tile {
    &mut epoch.answers[answer].1[tile]
}

/// Of the world's answers and their tiles:
/// 0: a span of 30, a gap of 3, a derivative's span of 20, an echo of 14, a gap of 1;
/// 1: gaps of 64 and 6, boilerplate of 10, a held document's span of 18, a span of 20;
/// 2: sealed; 3: without words; 4: a span of 40;
/// 5: a span of 64 that goes on with 6 words, a gap of 3, an echo of 64 that goes on with 5, a gap of 1; of three items the third earns nothing;
/// 6: not published.
const TILES: &[Lie] = &[
    ("the first tile begins later", 0x10, |epoch, _| {
        tile(epoch, 0, 0).start = 1;
    }),
    (
        "a tile begins later than the one before ends",
        0x11,
        |epoch, _| {
            tile(epoch, 0, 2).start += 1;
        },
    ),
    ("a gap is two tiles", 0x11, |epoch, _| {
        let mut rest = *tile(epoch, 0, 1);
        tile(epoch, 0, 1).len = 2;
        (rest.start, rest.len) = (rest.start + 2, 1);
        epoch.answers[0].1.insert(2, rest);
    }),
    ("the last tile is left out", 0x12, |epoch, _| {
        epoch.answers[0].1.pop();
    }),
    ("a public answer has no tiles", 0x13, |epoch, _| {
        epoch.answers[0].1.clear()
    }),
    ("a sealed answer has a tile", 0x13, |epoch, _| {
        let mut gap = *tile(epoch, 0, 1);
        (gap.start, gap.len) = (0, 20);
        epoch.answers[2].1.push(gap);
    }),
    (
        "an answer has a tile that was not published",
        0x13,
        |epoch, _| {
            let mut span = *tile(epoch, 0, 0);
            span.len = 20;
            epoch.answers[6].1.push(span);
        },
    ),
    ("a tile more is said to be there", 0x14, |epoch, _| {
        epoch.answers[0].0.tiles += 1
    }),
    ("a tile has 65 words", 0x15, |epoch, _| {
        tile(epoch, 0, 0).len = 65
    }),
    (
        "a tile has a word that its document has not there",
        0x20,
        |epoch, _| {
            tile(epoch, 0, 0).len += 1;
            let gap = tile(epoch, 0, 1);
            (gap.start, gap.len) = (gap.start + 1, gap.len - 1);
        },
    ),
    ("a tile is of another document", 0x20, |epoch, _| {
        tile(epoch, 1, 4).seq = D
    }),
    ("a tile goes on beyond its document", 0x21, |epoch, _| {
        tile(epoch, 0, 0).offset = 50
    }),
    ("a match is cut into two", 0x30, |epoch, _| {
        let mut rest = *tile(epoch, 0, 0);
        tile(epoch, 0, 0).len = 22;
        (rest.start, rest.offset, rest.len) = (22, 22, 8);
        epoch.answers[0].1.insert(1, rest);
    }),
    ("a match is called a gap", 0x30, |epoch, _| {
        let match_tile = tile(epoch, 1, 4);
        (match_tile.kind, match_tile.seq, match_tile.offset) = (TileKind::Gap, 0, 0);
    }),
    ("a gap goes on over a match", 0x30, |epoch, _| {
        tile(epoch, 1, 1).len += 10;
        epoch.answers[1].1.remove(2);
    }),
    ("a match is cut where no echo begins", 0x30, |epoch, _| {
        let span = tile(epoch, 0, 2);
        span.len -= 2;
        let gap = Tile {
            start: span.start + 18,
            len: 2,
            kind: TileKind::Gap,
            seq: 0,
            offset: 0,
        };
        epoch.answers[0].1.insert(3, gap);
    }),
    ("what goes on ends before it does", 0x30, |epoch, _| {
        tile(epoch, 5, 1).len -= 1;
        let gap = tile(epoch, 5, 2);
        (gap.start, gap.len) = (gap.start - 1, gap.len + 1);
    }),
    ("what goes on is a gap", 0x31, |epoch, _| {
        tile(epoch, 5, 1).len += 3;
        let goes_on = tile(epoch, 5, 1);
        (goes_on.kind, goes_on.seq, goes_on.offset) = (TileKind::Gap, 0, 0);
        epoch.answers[5].1.remove(2);
    }),
    ("a short tile goes on elsewhere", 0x11, |epoch, _| {
        tile(epoch, 5, 1).offset -= 1
    }),
    ("a short tile is of another kind", 0x11, |epoch, _| {
        tile(epoch, 5, 1).kind = TileKind::Boiler
    }),
    ("a short echo goes on elsewhere", 0x11, |epoch, _| {
        tile(epoch, 5, 4).seq += 1
    }),
    ("the first tile is short", 0x10, |epoch, _| {
        let mut rest = *tile(epoch, 5, 0);
        tile(epoch, 5, 0).len = 7;
        (rest.start, rest.offset, rest.len) = (7, 7, 57);
        epoch.answers[5].1.insert(1, rest);
    }),
    ("a later copy is named", 0x40, |epoch, _| {
        let copied = tile(epoch, 4, 0);
        (copied.seq, copied.offset) = (D, 5);
    }),
    ("boilerplate is called a span", 0x50, |epoch, _| {
        tile(epoch, 1, 2).kind = TileKind::Span
    }),
    ("a span is called boilerplate", 0x51, |epoch, _| {
        tile(epoch, 0, 0).kind = TileKind::Boiler
    }),
    ("another span is called boilerplate", 0x51, |epoch, _| {
        tile(epoch, 1, 4).kind = TileKind::Boiler;
    }),
    ("an echo is called a span", 0x52, |epoch, _| {
        let echo = tile(epoch, 0, 3);
        (echo.kind, echo.seq, echo.offset) = (TileKind::Span, A, 42);
    }),
    ("an echo is called boilerplate", 0x52, |epoch, _| {
        let echo = tile(epoch, 0, 3);
        (echo.kind, echo.seq, echo.offset) = (TileKind::Boiler, A, 42);
    }),
    ("an echo is called a gap", 0x52, |epoch, _| {
        let echo = tile(epoch, 0, 3);
        (echo.kind, echo.seq, echo.len) = (TileKind::Gap, 0, 15);
        epoch.answers[0].1.pop();
    }),
    ("an echo is cut into two", 0x52, |epoch, _| {
        let mut rest = *tile(epoch, 5, 3);
        tile(epoch, 5, 3).len = 32;
        (rest.start, rest.seq, rest.len) = (rest.start + 32, rest.seq + 32, 37);
        *tile(epoch, 5, 4) = rest;
    }),
    (
        "an echo that goes on ends before it does",
        0x52,
        |epoch, _| {
            tile(epoch, 5, 4).len -= 1;
            let gap = tile(epoch, 5, 5);
            (gap.start, gap.len) = (gap.start - 1, 2);
        },
    ),
    ("an echo is elsewhere in the prompt", 0x53, |epoch, _| {
        tile(epoch, 0, 3).seq += 1
    }),
    ("a span is called an echo", 0x53, |epoch, _| {
        let span = tile(epoch, 0, 0);
        (span.kind, span.seq, span.offset) = (TileKind::Echo, 5, 0);
    }),
    ("what goes on in the prompt is a gap", 0x54, |epoch, _| {
        let echo = tile(epoch, 5, 4);
        (echo.kind, echo.seq, echo.len) = (TileKind::Gap, 0, 6);
        epoch.answers[5].1.pop();
    }),
    ("an echo goes on beyond the prompt", 0x55, |epoch, _| {
        tile(epoch, 0, 3).seq = 27
    }),
    ("a span is called an echo of no prompt", 0x55, |epoch, _| {
        let span = tile(epoch, 4, 0);
        (span.kind, span.seq, span.offset) = (TileKind::Echo, 0, 0);
    }),
];

/// Of nothing.
fn nothing(model_version: u64) -> ModelPart {
    let answers_root = openledger_attribution::SumTree::new(vec![]);
    let answers_root = answers_root.expect("nothing").root();
    let row = ModelRow {
        model_version,
        train: 0,
        answers_root,
    };
    ModelPart {
        row,
        answers: vec![],
    }
}

const ROWS: &[Lie] = &[
    ("a data pool is larger", 0x60, |epoch, _| {
        epoch.answers[0].0.data_pool += 1
    }),
    (
        "a sealed answer's data pool is smaller",
        0x60,
        |epoch, _| epoch.answers[2].0.data_pool -= 1,
    ),
    ("model versions are out of order", 0x72, |epoch, _| {
        epoch.models.reverse()
    }),
    ("an answer gives twice", 0x72, |epoch, _| {
        let part = &mut epoch.models[0];
        part.answers.insert(0, part.answers[0].clone());
    }),
    ("earnings are out of order", 0x72, |epoch, _| {
        let part = epoch
            .payouts
            .iter_mut()
            .find(|part| part.earnings.len() > 1);
        part.expect("somebody earned twice").earnings.swap(0, 1);
    }),
    (
        "contributors are in each other's place",
        0x73,
        |epoch, _| epoch.payouts.swap(0, 3),
    ),
    ("an answer is left out", 0xa0, |epoch, _| {
        epoch.answers.pop();
    }),
    ("there are no answers", 0xa0, |epoch, _| {
        epoch.answers.clear()
    }),
    ("a contributor is left out", 0xa1, |epoch, _| {
        epoch.payouts.pop();
    }),
    ("there are no contributors", 0xa1, |epoch, _| {
        epoch.payouts.clear()
    }),
    ("answers are in each other's place", 0xa2, |epoch, _| {
        epoch.answers.swap(1, 2)
    }),
    (
        "a model version is given more than its answers give",
        0xa3,
        |epoch, _| {
            epoch.models[0].row.train += 1;
        },
    ),
    ("a model version is given nothing", 0xa3, |epoch, _| {
        epoch.models.push(nothing(3))
    }),
    ("an answer gives more", 0xa4, |epoch, _| {
        epoch.models[0].answers[0].train += 1;
        epoch.models[0].row.train += 1;
    }),
    ("an answer gives nothing", 0xa4, |epoch, _| {
        epoch.models[1].answers.push(TrainRow { i: 11, train: 0 });
    }),
    ("an answer's gift is left out", 0xa5, |epoch, _| {
        let part = &mut epoch.models[0];
        part.row.train -= part.answers.remove(0).train;
    }),
    ("a sealed answer's gift is left out", 0xa5, |epoch, _| {
        let part = &mut epoch.models[1];
        part.row.train -= part.answers.pop().expect("it gives").train;
    }),
    (
        "a gift of what was not published is left out",
        0xa5,
        |epoch, _| {
            let part = &mut epoch.models[0];
            part.row.train -= part.answers.pop().expect("it gives").train;
        },
    ),
    ("a model version is left out", 0xa6, |epoch, _| {
        epoch.models.remove(1);
    }),
    ("no model version is there", 0xa6, |epoch, _| {
        epoch.models.clear()
    }),
    ("an answer is invented", 0xa7, |epoch, _| {
        epoch.models[1].answers.push(TrainRow { i: 14, train: 5 });
        epoch.models[1].row.train += 5;
    }),
    (
        "an answer gives to another model version",
        0xa8,
        |epoch, _| {
            let row = epoch.models[1].answers.remove(0);
            epoch.models[1].row.train -= row.train;
            epoch.models[0].row.train += row.train;
            epoch.models[0].answers.insert(1, row);
        },
    ),
];

/// The earning of a tile by a hop: whose, and the place there.
fn earning(epoch: &Epoch, key: (u64, u32, u8)) -> (usize, usize) {
    let at = |part: &PayoutPart| {
        part.earnings
            .iter()
            .position(|earning| earning.key() == key)
    };
    let mut parts = epoch.payouts.iter().enumerate();
    let found = parts.find_map(|(payout, part)| Some((payout, at(part)?)));
    found.expect("an earning")
}

fn leave_out(epoch: &mut Epoch, world: &World, key: (u64, u32, u8)) -> Earning {
    let (payout, place) = earning(epoch, key);
    let part = &mut epoch.payouts[payout];
    let earning = part.earnings.remove(place);
    book(part, &world.before);
    earning
}

fn add(epoch: &mut Epoch, world: &World, payout: usize, earning: Earning) {
    let part = &mut epoch.payouts[payout];
    let place = part
        .earnings
        .partition_point(|other| other.key() < earning.key());
    part.earnings.insert(place, earning);
    book(part, &world.before);
}

fn also(epoch: &mut Epoch, world: &World, key: (u64, u32, u8), payout: usize) {
    let (whose, place) = earning(epoch, key);
    let earning = epoch.payouts[whose].earnings[place];
    add(epoch, world, payout, earning);
}

fn invented(i: u64, tile: u32, hop: u8) -> Earning {
    Earning {
        i,
        tile,
        hop,
        amount: 1,
    }
}

/// An original's span, a derivative's with its parent's share, a held document's.
const ORIGINAL: (u64, u32, u8) = (7, 0, 0);
const DERIVATIVE: (u64, u32, u8) = (7, 2, 0);
const PARENT: (u64, u32, u8) = (7, 2, 1);
const HELD: (u64, u32, u8) = (8, 3, 0);
/// The first item of an answer with six tiles.
const ITEM: (u64, u32, u8) = (12, 6, 0);

const EARNINGS: &[Lie] = &[
    ("an original's earning is left out", 0x80, |epoch, world| {
        leave_out(epoch, world, ORIGINAL);
    }),
    (
        "a derivative's earning is left out",
        0x80,
        |epoch, world| {
            leave_out(epoch, world, DERIVATIVE);
        },
    ),
    ("a parent's share is left out", 0x80, |epoch, world| {
        leave_out(epoch, world, PARENT);
    }),
    ("a root's earning is left out", 0x80, |epoch, world| {
        leave_out(epoch, world, HELD);
    }),
    ("an earning is larger", 0x81, |epoch, world| {
        let (payout, place) = earning(epoch, ORIGINAL);
        epoch.payouts[payout].earnings[place].amount += 1;
        book(&mut epoch.payouts[payout], &world.before);
    }),
    ("a parent's share is smaller", 0x81, |epoch, world| {
        let (payout, place) = earning(epoch, PARENT);
        epoch.payouts[payout].earnings[place].amount -= 1;
        book(&mut epoch.payouts[payout], &world.before);
    }),
    ("an original has a parent's share", 0x81, |epoch, world| {
        add(epoch, world, 0, invented(7, 0, 1));
    }),
    ("an earning is of no answer", 0x82, |epoch, world| {
        add(epoch, world, 3, invented(14, 0, 0))
    }),
    ("an earning is of an answer before", 0x82, |epoch, world| {
        add(epoch, world, 0, invented(6, 0, 0));
    }),
    ("an earning is of no tile", 0x83, |epoch, world| {
        add(epoch, world, 3, invented(7, 5, 0))
    }),
    ("an earning is of no item", 0x83, |epoch, world| {
        add(epoch, world, 3, invented(12, 9, 0))
    }),
    ("an item has a parent's share", 0x83, |epoch, world| {
        add(epoch, world, 3, invented(12, 6, 1))
    }),
    ("an item's earning is left out", 0x87, |epoch, world| {
        leave_out(epoch, world, ITEM);
    }),
    ("an item's earning is smaller", 0x88, |epoch, world| {
        let (payout, place) = earning(epoch, ITEM);
        epoch.payouts[payout].earnings[place].amount -= 1;
        book(&mut epoch.payouts[payout], &world.before);
    }),
    (
        "an item earns whose contributor there is not",
        0x88,
        |epoch, world| add(epoch, world, 3, invented(12, 8, 0)),
    ),
    (
        "an item's earning is another's as well",
        0x91,
        |epoch, world| also(epoch, world, ITEM, 0),
    ),
    ("an earning is of a sealed answer", 0x83, |epoch, world| {
        add(epoch, world, 3, invented(9, 0, 0));
    }),
    ("an earning is of a gap", 0x84, |epoch, world| {
        add(epoch, world, 3, invented(7, 1, 0))
    }),
    ("an earning is of an echo", 0x84, |epoch, world| {
        add(epoch, world, 0, invented(7, 3, 0))
    }),
    ("more was earned than the earnings are", 0x85, |epoch, _| {
        epoch.payouts[0].row.earned += 1;
        epoch.payouts[0].row.cumulative += 1;
    }),
    ("who earned nothing is paid", 0x85, |epoch, _| {
        epoch.payouts[3].row.earned = 1;
        epoch.payouts[3].row.cumulative = 1;
    }),
    ("more was earned before", 0x86, |epoch, _| {
        epoch.payouts[0].row.cumulative += 1
    }),
    ("who is new earned before", 0x86, |epoch, _| {
        epoch.payouts[3].row.cumulative += 1
    }),
    ("less was earned in all than now", 0x71, |epoch, _| {
        epoch.payouts[0].row.cumulative = 0
    }),
    ("an earning is by a third hop", 0x71, |epoch, world| {
        let (payout, place) = earning(epoch, ORIGINAL);
        epoch.payouts[payout].earnings[place].hop = 2;
        book(&mut epoch.payouts[payout], &world.before);
    }),
    (
        "an original's earning is another's as well",
        0x90,
        |epoch, world| {
            also(epoch, world, (11, 0, 0), 3);
        },
    ),
    (
        "a parent's share is the derivative's as well",
        0x90,
        |epoch, world| {
            also(epoch, world, PARENT, 2);
        },
    ),
    (
        "a root's earning is the copy's as well",
        0x90,
        |epoch, world| also(epoch, world, HELD, 1),
    ),
];
