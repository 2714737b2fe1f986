//! Demands of the epoch in epochs.json and of wrong ones, and what answers them; and what does not.

mod lists;

use crate::{
    json,
    world::{
        World,
        fixed::A,
        forged::forged,
        published::{Published, corpus},
    },
};
use alloy_sol_types::SolValue;
use lists::{BROKEN, CANNOT, RIGHT, UNSEEN, chunk, earning, gift, phrase, source, tile};
use openledger_attribution::{
    Demand, EpochRoots, Leaf, Response, abi::structs, is_answered, leaf::Tile, respond,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Serialize, Deserialize)]
pub struct Vectors {
    pub about: String,
    pub answered: Vec<Vector>,
    pub refused: Vec<Vector>,
    pub not_demanded: Vec<Numbers>,
    pub no_responses: Vec<NoResponse>,
}

#[derive(Serialize, Deserialize)]
pub struct Numbers {
    pub what: u8,
    pub a: u64,
    pub b: u64,
    pub c: u64,
}

#[derive(Serialize, Deserialize)]
pub struct Vector {
    pub name: String,
    #[serde(flatten)]
    pub demand: Numbers,
    pub answers_root: String,
    pub models_root: String,
    pub payouts_root: String,
    pub response: String,
}

#[derive(Serialize, Deserialize)]
pub struct NoResponse {
    pub name: String,
    #[serde(flatten)]
    pub demand: Numbers,
    pub bytes: String,
    /// It says the same as the encoding of a response.
    pub another_encoding: bool,
}

fn numbers(demand: &Demand) -> Numbers {
    let [a, b, c] = demand.numbers();
    let what = demand.what();
    Numbers { what, a, b, c }
}

fn vector(name: &str, roots: EpochRoots, demand: &Demand, response: &Response) -> Vector {
    Vector {
        name: name.into(),
        demand: numbers(demand),
        answers_root: json::bytes(roots.answers),
        models_root: json::bytes(roots.models),
        payouts_root: json::bytes(roots.payouts),
        response: json::bytes(response.encode()),
    }
}

pub fn vectors(world: &World) -> Vectors {
    let right = world.right();
    let trees = right.trees().expect("small amounts");
    let published = Published::of(world, &right);
    let roots = trees.roots();
    let mut answered = Vec::new();
    let mut all = Vec::new();
    for (name, demand) in RIGHT {
        let response = respond(&right, &trees, world, demand);
        assert_eq!(response, published.respond(world, demand), "{name}");
        all.push((
            name.to_string(),
            roots,
            *demand,
            response.expect("all is known"),
        ));
    }
    for (name, place, change, demands) in BROKEN {
        let mut wrong = published.clone();
        let before = wrong.leaf(*place);
        wrong.put(*place, change(before));
        for demand in *demands {
            let response = wrong.respond(world, demand).expect(name);
            let name = format!("{name}: {demand:?}");
            all.push((name, wrong.roots(), *demand, response));
        }
    }
    let (mut refused, mut spoilt) = (Vec::new(), BTreeSet::new());
    for (name, roots, demand, response) in &all {
        let is_right = is_answered(world, roots, demand, response);
        assert_eq!(is_right, Ok(()), "{name}");
        let decoded = Response::decode(demand.what(), &response.encode());
        assert_eq!(decoded.as_ref(), Ok(response), "{name}");
        answered.push(vector(name, *roots, demand, response));
        for (why, forged) in forged(world, demand, response) {
            assert!(
                is_answered(world, roots, demand, &forged).is_err(),
                "{name}: {why}"
            );
            let decoded = Response::decode(demand.what(), &forged.encode());
            assert_eq!(decoded.as_ref(), Ok(&forged), "{name}: {why}");
            // The same change of a response to the same demand once.
            if spoilt.insert((why, demand.what())) {
                refused.push(vector(why, *roots, demand, &forged));
            }
        }
    }
    refused.extend(others(world, &published, roots));
    refused.extend(cannot(world, &published));
    for (what, bytes) in [
        ("of no bytes", vec![]),
        ("that is too long", vec![b'?'; 551]),
    ] {
        for (name, place) in UNSEEN {
            let mut wrong = published.clone();
            wrong.put(*place, (bytes.clone(), wrong.leaf(*place).1));
            let response = wrong.respond(world, place).expect("there");
            let roots = wrong.roots();
            assert!(
                is_answered(world, &roots, place, &response).is_err(),
                "{name}"
            );
            refused.push(vector(&format!("{name} {what}"), roots, place, &response));
        }
    }
    let what: BTreeSet<u8> = all.iter().map(|(_, _, demand, _)| demand.what()).collect();
    assert_eq!(what, (0..9).collect(), "all is demanded");
    Vectors {
        about: "Demands, in the world of epochs.json, of epochs with the roots given with them. Those of answered are answered by their \
            responses, those of refused are not. What is in not_demanded can not be demanded. What is in no_responses does not decode; with \
            another_encoding it says what a response of the epoch of epochs.json says, and a decoder that is not strict may take it."
            .into(),
        answered,
        refused,
        not_demanded: not_demanded(),
        no_responses: no_responses(world, &published),
    }
}

/// What answers another demand.
fn others(world: &World, published: &Published, roots: EpochRoots) -> Vec<Vector> {
    let pairs = [
        (
            "another answer's row",
            Demand::Answer { i: 7 },
            Demand::Answer { i: 8 },
        ),
        ("another answer's tile", tile(7, 0), tile(8, 0)),
        ("another tile", tile(7, 0), tile(7, 1)),
        ("the end before it", tile(7, 4), tile(7, 5)),
        ("another tile's document", source(7, 0), source(7, 2)),
        ("another chunk", chunk(12, 0, 0), chunk(12, 0, 1)),
        (
            "a chunk of another document",
            chunk(7, 0, 0),
            chunk(7, 2, 0),
        ),
        ("no chunk", chunk(12, 0, 0), chunk(12, 0, 2)),
        ("another phrase", phrase(8, 2, 0), phrase(8, 2, 1)),
        ("no phrase", phrase(8, 2, 2), phrase(8, 2, 3)),
        (
            "another model version",
            Demand::Model { place: 0 },
            Demand::Model { place: 1 },
        ),
        (
            "no model version",
            Demand::Model { place: 1 },
            Demand::Model { place: 2 },
        ),
        ("another model version's gift", gift(0, 0), gift(1, 0)),
        ("another gift", gift(0, 0), gift(0, 1)),
        ("no gift", gift(0, 0), gift(0, 99)),
        (
            "another contributor",
            Demand::Payout { contributor: 0 },
            Demand::Payout { contributor: 1 },
        ),
        (
            "another contributor's earning",
            earning(0, 0),
            earning(2, 0),
        ),
        ("another earning", earning(0, 0), earning(0, 1)),
        ("no earning", earning(0, 0), earning(0, 99)),
    ];
    let vector = |(name, demand, other): (&str, Demand, Demand)| {
        let response = published.respond(world, &other).expect("all is known");
        assert!(
            is_answered(world, &roots, &demand, &response).is_err(),
            "{name}"
        );
        vector(name, roots, &demand, &response)
    };
    pairs.into_iter().map(vector).collect()
}

/// What nobody can show, with what comes nearest to it.
fn cannot(world: &World, published: &Published) -> Vec<Vector> {
    let mut all = Vec::new();
    for (name, place, change, demand) in CANNOT {
        let mut wrong = published.clone();
        let before = wrong.leaf(*place);
        wrong.put(*place, change(before));
        assert_eq!(wrong.respond(world, demand), None, "{name}");
        let tile = Tile::decode(&wrong.leaf(*place).0).expect("a tile");
        let Some(Response::Tile(row, opening)) = wrong.respond(world, place) else {
            panic!("a tile is there");
        };
        let near = match demand {
            Demand::Source { i, .. } => {
                let other = corpus(world, *i, &Tile { seq: A, ..tile });
                Response::Source(row, opening, other)
            }
            _ => Response::Phrase(row, opening, None),
        };
        assert!(
            is_answered(world, &wrong.roots(), demand, &near).is_err(),
            "{name}"
        );
        all.push(vector(name, wrong.roots(), demand, &near));
    }
    all
}

fn not_demanded() -> Vec<Numbers> {
    let all = [
        (0, 6, 0, 0),
        (0, 14, 0, 0),
        (0, 7, 1, 0),
        (0, 7, 0, 1),
        (1, 6, 0, 0),
        (1, 14, 0, 0),
        (1, 7, 1 << 32, 0),
        (1, 7, 0, 1),
        (2, 14, 0, 0),
        (2, 7, 1 << 32, 0),
        (2, 7, 0, 1),
        (3, 14, 0, 0),
        (3, 7, 1 << 32, 0),
        (3, 7, 0, 16),
        (4, 14, 0, 0),
        (4, 7, 1 << 32, 0),
        (4, 7, 0, 57),
        (5, 0, 1, 0),
        (5, 0, 0, 1),
        (6, 0, 0, 1),
        (7, 4, 0, 0),
        (7, 0, 1, 0),
        (7, 0, 0, 1),
        (8, 4, 0, 0),
        (8, 0, 0, 1),
    ];
    let world = World::fixed();
    let numbers = |(what, a, b, c)| {
        let demand = Demand::new(what, [a, b, c]);
        assert!(demand.is_none_or(|demand| demand.check(&world).is_err()));
        Numbers { what, a, b, c }
    };
    all.into_iter().map(numbers).collect()
}

/// What a decoder that is not strict takes.
const ANOTHER_ENCODING: [&str; 4] = [
    "a byte of padding too few",
    "a byte too many",
    "a word too many",
    "padding that is not zero",
];

fn no_responses(world: &World, published: &Published) -> Vec<NoResponse> {
    let of = |demand: &Demand| published.respond(world, demand).expect("known").encode();
    let row = of(&Demand::Answer { i: 7 });
    let patched = |at: usize, byte: u8| {
        let mut bytes = row.clone();
        bytes[at] = byte;
        bytes
    };
    let two_leaves = {
        let decoded = structs::TileResponse::abi_decode(&of(&tile(7, 0)));
        let mut response = decoded.expect("the struct");
        let leaf = response.tile.leaf[0].clone();
        response.tile.leaf.push(leaf);
        response.abi_encode()
    };
    let answer = Demand::Answer { i: 7 };
    let all = [
        ("nothing", answer, vec![]),
        ("a word alone", answer, row[..32].to_vec()),
        (
            "a byte of padding too few",
            answer,
            row[..row.len() - 1].to_vec(),
        ),
        ("a word too few", answer, row[..row.len() - 32].to_vec()),
        ("a byte too many", answer, [&row[..], &[0]].concat()),
        ("a word too many", answer, [&row[..], &[0; 32]].concat()),
        ("an offset that is another", answer, patched(31, 0x40)),
        (
            "padding that is not zero",
            answer,
            patched(row.len() - 1, 1),
        ),
        ("a length that is too large", answer, patched(128, 0xff)),
        ("two leaves of a place", tile(7, 0), two_leaves),
        (
            "another struct",
            tile(7, 0),
            of(&Demand::Model { place: 0 }),
        ),
        ("half of the struct", source(7, 0), of(&tile(7, 0))),
    ];
    let vector = |(name, demand, bytes): (&str, Demand, Vec<u8>)| {
        assert!(Response::decode(demand.what(), &bytes).is_err(), "{name}");
        NoResponse {
            name: name.into(),
            demand: numbers(&demand),
            bytes: json::bytes(bytes),
            another_encoding: ANOTHER_ENCODING.contains(&name),
        }
    };
    all.into_iter().map(vector).collect()
}
