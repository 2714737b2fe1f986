//! What is demanded, of the right epoch and of wrong ones.

use crate::world::{fixed::D, published::Stated};
use openledger_attribution::{
    Demand, Leaf,
    leaf::{AnswerRow, Earning, PayoutRow, Tile, TileKind, TrainRow},
};

pub const fn tile(i: u64, tile: u32) -> Demand {
    Demand::Tile { i, tile }
}

pub const fn source(i: u64, tile: u32) -> Demand {
    Demand::Source { i, tile }
}

pub const fn chunk(i: u64, tile: u32, chunk: u8) -> Demand {
    Demand::Chunk { i, tile, chunk }
}

pub const fn phrase(i: u64, tile: u32, at: u8) -> Demand {
    Demand::Phrase { i, tile, at }
}

pub const fn gift(model: u64, place: u64) -> Demand {
    Demand::Gift { model, place }
}

pub const fn earning(contributor: u64, place: u64) -> Demand {
    Demand::Earning { contributor, place }
}

/// Of the right epoch; see the world's answers, the first of which is number 7.
pub const RIGHT: &[(&str, Demand)] = &[
    ("the first answer", Demand::Answer { i: 7 }),
    ("a sealed answer", Demand::Answer { i: 9 }),
    ("the last answer", Demand::Answer { i: 13 }),
    ("a span", tile(7, 0)),
    ("a gap", tile(8, 1)),
    ("the last tile", tile(7, 4)),
    ("a tile that is not there", tile(7, 5)),
    ("the highest tile", tile(7, u32::MAX)),
    ("a tile of a sealed answer", tile(9, 0)),
    ("a tile of an answer without words", tile(10, 0)),
    ("a tile of an answer that was not published", tile(13, 0)),
    ("the document of a span", source(7, 0)),
    ("the document of a derivative's span", source(7, 2)),
    ("the document of boilerplate", source(8, 2)),
    ("the document of what goes on", source(12, 1)),
    ("the document of a gap", source(7, 1)),
    ("the document of an echo", source(7, 3)),
    ("the document of no tile", source(9, 0)),
    ("the first chunk", chunk(12, 0, 0)),
    ("the second chunk", chunk(12, 0, 1)),
    ("a chunk without words of the tile", chunk(12, 0, 2)),
    ("a chunk with the last words", chunk(12, 1, 2)),
    ("a chunk before the tile", chunk(12, 1, 1)),
    ("a chunk that the document has not", chunk(12, 1, 3)),
    ("a chunk of a held document", chunk(8, 3, 1)),
    ("a chunk of an echo", chunk(7, 3, 0)),
    ("a chunk of no tile", chunk(9, 0, 15)),
    ("a phrase", phrase(8, 2, 0)),
    ("the last phrase", phrase(8, 2, 2)),
    ("a phrase beyond the tile", phrase(8, 2, 3)),
    ("the highest phrase", phrase(8, 2, 56)),
    ("a phrase of a span", phrase(8, 3, 0)),
    ("a phrase of no tile", phrase(9, 0, 0)),
    ("the first model version", Demand::Model { place: 0 }),
    ("the last model version", Demand::Model { place: 1 }),
    (
        "a model version that is not there",
        Demand::Model { place: 2 },
    ),
    ("the first gift", gift(0, 0)),
    ("another gift", gift(1, 1)),
    ("a gift that is not there", gift(1, 99)),
    ("a gift to no model version", gift(2, 0)),
    ("a contributor", Demand::Payout { contributor: 0 }),
    (
        "a contributor who is new",
        Demand::Payout { contributor: 3 },
    ),
    ("an earning", earning(0, 0)),
    ("another earning", earning(2, 1)),
    ("an earning that is not there", earning(1, 99)),
    ("an earning of who earned nothing", earning(3, 0)),
];

/// Something that stands where a leaf is, and what is demanded then.
type Broken = (
    &'static str,
    Demand,
    fn(Stated) -> Stated,
    &'static [Demand],
);

fn with<L: Leaf>((bytes, sum): Stated, change: impl Fn(&mut L)) -> Stated {
    let mut leaf = L::decode(&bytes).expect("a leaf");
    change(&mut leaf);
    (leaf.encode(), sum)
}

fn none((_, sum): Stated) -> Stated {
    (b"none".to_vec(), sum)
}

fn more((bytes, sum): Stated) -> Stated {
    (bytes, sum + 1)
}

pub const BROKEN: &[Broken] = &[
    (
        "a row that is none",
        Demand::Answer { i: 8 },
        none,
        &[
            Demand::Answer { i: 8 },
            tile(8, 0),
            source(8, 2),
            chunk(8, 2, 0),
            phrase(8, 2, 0),
            tile(7, 0),
        ],
    ),
    (
        "another answer's row",
        Demand::Answer { i: 8 },
        |row| with(row, |row: &mut AnswerRow| row.i = 9),
        &[Demand::Answer { i: 8 }, tile(8, 2), source(8, 2)],
    ),
    (
        "a row of fewer tiles than there are",
        Demand::Answer { i: 8 },
        |row| with(row, |row: &mut AnswerRow| row.tiles = 1),
        &[tile(8, 0), tile(8, 4), tile(8, 5)],
    ),
    (
        "a tile that is none",
        tile(8, 2),
        |tile| with(tile, |tile: &mut Tile| tile.start = 70),
        &[tile(8, 2)],
    ),
    (
        "a tile that is too long",
        tile(8, 2),
        |(mut bytes, sum)| {
            bytes[5] = 65;
            (bytes, sum)
        },
        &[tile(8, 2), source(8, 2), chunk(8, 2, 0), phrase(8, 2, 0)],
    ),
    (
        "a tile that adds more",
        tile(8, 2),
        more,
        &[tile(8, 2), source(8, 2), chunk(8, 2, 0), phrase(8, 2, 0)],
    ),
    (
        "a tile that goes on beyond its document",
        tile(12, 1),
        |tile| with(tile, |tile: &mut Tile| tile.offset = 60),
        &[chunk(12, 1, 1), chunk(12, 1, 2)],
    ),
    (
        "a model version's row that is none",
        Demand::Model { place: 1 },
        none,
        &[Demand::Model { place: 1 }, gift(1, 0), gift(0, 0)],
    ),
    (
        "a model version's row that adds more",
        Demand::Model { place: 0 },
        more,
        &[Demand::Model { place: 0 }, gift(0, 0)],
    ),
    (
        "a gift that is none",
        gift(0, 0),
        none,
        &[gift(0, 0), gift(0, 1)],
    ),
    (
        "a gift of no answer",
        gift(0, 0),
        |gift| with(gift, |gift: &mut TrainRow| gift.i = 99),
        &[gift(0, 0)],
    ),
    (
        "a contributor's row that is none",
        Demand::Payout { contributor: 0 },
        |row| with(row, |row: &mut PayoutRow| row.contributor = 1),
        &[Demand::Payout { contributor: 0 }, earning(0, 0)],
    ),
    (
        "a contributor's row that earned more than ever",
        Demand::Payout { contributor: 2 },
        |(mut bytes, sum)| {
            bytes[25] = 0xff;
            (bytes, sum)
        },
        &[Demand::Payout { contributor: 2 }, earning(2, 0)],
    ),
    (
        "an earning that is none",
        earning(0, 0),
        |(mut bytes, sum)| {
            bytes[13] = 2;
            (bytes, sum)
        },
        &[earning(0, 0), earning(0, 1)],
    ),
    (
        "an earning of another answer",
        earning(0, 0),
        |row| with(row, |row: &mut Earning| row.i = 99),
        &[earning(0, 0)],
    ),
];

/// What stands where a leaf is and nobody could prove to be none.
pub const UNSEEN: &[(&str, Demand)] = &[
    ("a row", Demand::Answer { i: 8 }),
    ("a tile", tile(8, 2)),
    ("a model version's row", Demand::Model { place: 0 }),
    ("a gift", gift(0, 0)),
    ("a contributor's row", Demand::Payout { contributor: 0 }),
    ("an earning", earning(0, 0)),
];

/// A tile that says what is not so, and what nobody can show then.
type Withheld = (&'static str, Demand, fn(Stated) -> Stated, Demand);

pub const CANNOT: &[Withheld] = &[
    (
        "a tile that names no document",
        tile(7, 0),
        |tile| with(tile, |tile: &mut Tile| tile.seq = 99 << 32),
        source(7, 0),
    ),
    (
        "a tile that names a document of another corpus",
        tile(7, 0),
        |tile| with(tile, |tile: &mut Tile| tile.seq = D),
        source(7, 0),
    ),
    (
        "boilerplate that is not in the list",
        tile(7, 0),
        |tile| with(tile, |tile: &mut Tile| tile.kind = TileKind::Boiler),
        phrase(7, 0, 0),
    ),
];
