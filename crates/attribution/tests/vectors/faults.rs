//! Wrong epochs of the world of `epochs.json`, with the proof of what is wrong; and proofs that show nothing.

mod forged;
mod lies;
mod trees;

use crate::{json, world::World};
use alloy_sol_types::SolValue;
use openledger_attribution::{
    Epoch, EpochRoots, EpochTrees, Fault, Leaf, TileKind,
    abi::{KINDS, structs},
    find_fault,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Serialize, Deserialize)]
pub struct Vectors {
    pub about: String,
    pub proven: Vec<Proof>,
    pub refused: Vec<Proof>,
    pub no_proofs: Vec<NoProof>,
}

#[derive(Serialize, Deserialize)]
pub struct Proof {
    pub name: String,
    /// F1 to F10.
    pub fault: String,
    /// The proof's first byte.
    pub kind: String,
    pub answers_root: String,
    pub models_root: String,
    pub payouts_root: String,
    pub proof: String,
}

#[derive(Serialize, Deserialize)]
pub struct NoProof {
    pub name: String,
    pub bytes: String,
    /// It says the same as the encoding of a proof.
    pub another_encoding: bool,
}

/// An epoch that is wrong, and what shows it.
pub struct Wrong<'a> {
    pub world: &'a World,
    pub name: &'static str,
    pub epoch: Epoch,
    pub trees: EpochTrees,
    pub roots: EpochRoots,
    pub fault: Fault,
}

impl<'a> Wrong<'a> {
    /// Of rows that somebody published.
    fn of(world: &'a World, name: &'static str, epoch: Epoch) -> Self {
        let trees = epoch.trees().expect("small amounts");
        let fault = find_fault(&epoch, world.epoch_before(), world);
        Self {
            world,
            name,
            roots: trees.roots(),
            fault: fault.expect("all is known").expect(name),
            trees,
            epoch,
        }
    }

    fn vector(&self, name: &str, fault: &Fault) -> Proof {
        let proof = fault.encode();
        Proof {
            name: name.into(),
            fault: format!("F{}", fault.number()),
            kind: json::bytes(&proof[..1]),
            answers_root: json::bytes(self.roots.answers),
            models_root: json::bytes(self.roots.models),
            payouts_root: json::bytes(self.roots.payouts),
            proof: json::bytes(proof),
        }
    }
}

pub fn vectors(world: &World) -> Vectors {
    let right = world.right().trees().expect("small amounts").roots();
    let wrong: Vec<_> = lies::wrong(world)
        .into_iter()
        .chain(trees::wrong(world))
        .collect();
    let mut kinds = BTreeSet::new();
    let (mut proven, mut refused, mut spoilt) = (Vec::new(), Vec::new(), BTreeSet::new());
    for wrong in &wrong {
        let (name, fault) = (wrong.name, &wrong.fault);
        assert_eq!(Fault::decode(&fault.encode()).as_ref(), Ok(fault), "{name}");
        assert_eq!(fault.verify(world, &wrong.roots), Ok(()), "{name}");
        assert!(fault.verify(world, &right).is_err(), "{name}");
        kinds.insert(fault.kind());
        proven.push(wrong.vector(name, fault));
        for (why, forged) in forged::forged(wrong) {
            assert!(forged.verify(world, &wrong.roots).is_err(), "{name}: {why}");
            assert!(forged.verify(world, &right).is_err(), "{name}: {why}");
            assert_eq!(Fault::decode(&forged.encode()).as_ref(), Ok(&forged));
            // The same lie about the same kind once.
            if spoilt.insert((why, forged.kind())) {
                refused.push(wrong.vector(why, &forged));
            }
        }
    }
    let all: BTreeSet<u8> = KINDS.iter().copied().collect();
    assert_eq!(kinds, all, "each kind is proven");
    let spoilt: BTreeSet<u8> = spoilt.into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(spoilt, all, "each kind is refused");
    Vectors {
        about: "Proofs, in the world of epochs.json. Those of proven hold against the roots given with them, and not against the \
            roots of epochs.json. Those of refused hold against neither. What is in no_proofs does not decode; with another_encoding it says \
            what a proof says, and a decoder that is not strict may take it."
            .into(),
        proven,
        refused,
        no_proofs: no_proofs(&wrong),
    }
}

/// What a decoder that is not strict takes.
const ANOTHER_ENCODING: [&str; 3] = [
    "a byte too many",
    "a word too many",
    "padding that is not zero",
];

fn no_proofs(wrong: &[Wrong<'_>]) -> Vec<NoProof> {
    let of = |kind: u8| {
        let of_kind = wrong.iter().find(|wrong| wrong.fault.kind() == kind);
        of_kind.expect("each kind is there").fault.encode()
    };
    let patched = |kind: u8, at: usize, byte: u8| {
        let mut bytes = of(kind);
        bytes[at] = byte;
        bytes
    };
    let pool = of(0x60);
    let all = [
        ("nothing", vec![]),
        ("a kind alone", vec![0x60]),
        ("a kind that none has", patched(0x60, 0, 0x61)),
        ("another kind's struct", patched(0x60, 0, 0x10)),
        ("a longer match as an earlier one", patched(0x30, 0, 0x40)),
        ("an earlier match as a longer one", patched(0x40, 0, 0x30)),
        ("a tile that is one", a_tile(&of(0x15))),
        ("a byte too few", pool[..pool.len() - 1].to_vec()),
        ("a byte too many", [&pool[..], &[0]].concat()),
        ("a word too many", [&pool[..], &[0; 32]].concat()),
        ("an offset that is another", patched(0x60, 32, 0x40)),
        ("padding that is not zero", patched(0x60, pool.len() - 1, 1)),
        ("a number that is too large", patched(0xa0, 24, 1)),
        ("a top above no leaves", patched(0xa0, 32, 0)),
    ];
    let vector = |(name, bytes): (&str, Vec<u8>)| {
        assert!(Fault::decode(&bytes).is_err(), "{name}");
        NoProof {
            name: name.into(),
            bytes: json::bytes(bytes),
            another_encoding: ANOTHER_ENCODING.contains(&name),
        }
    };
    all.into_iter().map(vector).collect()
}

/// A proof that a leaf is no tile, of one that is.
fn a_tile(bytes: &[u8]) -> Vec<u8> {
    let decoded = structs::TileLeafProof::abi_decode(&bytes[1..]);
    let mut proof = decoded.expect("the struct");
    let tile = openledger_attribution::leaf::Tile {
        start: 0,
        len: 30,
        kind: TileKind::Span,
        seq: 1,
        offset: 0,
    };
    proof.leaf.leaf = tile.encode().into();
    [&bytes[..1], &proof.abi_encode()].concat()
}
