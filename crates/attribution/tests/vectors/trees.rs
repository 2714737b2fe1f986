use super::json;
use alloy_primitives::{B256, keccak256};
use openledger_attribution::leaf::{GRAM_LEN, Gram, TrainRow};
use openledger_attribution::tree::{
    Absence, Neighbour, Node, Proof, SortedLeaf, SumFault, Tree, leaf_hash,
};
use openledger_attribution::word::WordId;
use openledger_attribution::{AppendTree, HashProof, HashTree, Leaf, SumNode, SumProof, SumTree};
use serde::Serialize;

#[derive(Serialize)]
pub struct Vectors {
    about: &'static str,
    leaf_hashes: Vec<LeafHash>,
    /// The first of these are the leaves of every tree below.
    leaves: Vec<String>,
    sums: Vec<String>,
    trees: Vec<HashTreeVector>,
    sum_trees: Vec<SumTreeVector>,
    /// By the number of leaves, from zero on.
    append_roots: Vec<String>,
    forged_proofs: Vec<Forged>,
    forged_sum_proofs: Vec<Forged>,
    absences_of_answers: AbsenceVectors,
    absences_of_grams: AbsenceVectors,
    sum_faults: Vec<Fault>,
}

#[derive(Serialize)]
struct LeafHash {
    tag: char,
    fields: String,
    hash: String,
}

#[derive(Serialize)]
struct HashTreeVector {
    count: u64,
    top: Option<String>,
    root: String,
    proofs: Vec<String>,
}

#[derive(Serialize)]
struct SumTreeVector {
    count: u64,
    top: Option<String>,
    sum: String,
    root: String,
    proofs: Vec<String>,
}

#[derive(Serialize)]
struct Forged {
    name: &'static str,
    root: String,
    leaf: String,
    proof: String,
}

#[derive(Serialize)]
struct AbsenceVectors {
    /// Encoded, in their order.
    leaves: Vec<String>,
    root: String,
    cases: Vec<AbsenceVector>,
}

#[derive(Serialize)]
struct AbsenceVector {
    name: &'static str,
    root: String,
    key: String,
    left: Option<NeighbourVector>,
    right: Option<NeighbourVector>,
    absent: bool,
}

#[derive(Serialize)]
struct NeighbourVector {
    leaf: String,
    proof: String,
}

#[derive(Serialize)]
struct Fault {
    name: &'static str,
    root: String,
    level: u8,
    index: u64,
    count: u64,
    stated: String,
    left: String,
    right: String,
    siblings: Vec<String>,
    shown: bool,
}

const LEAVES: u64 = 33;

fn leaves(count: u64) -> Vec<B256> {
    (0..count).map(|k| keccak256(k.to_be_bytes())).collect()
}

fn summed(count: u64) -> Vec<SumNode> {
    let sums = (0..count).map(|k| 7 * u128::from(k) + 1);
    let nodes = leaves(count).into_iter().zip(sums);
    nodes.map(|(hash, sum)| SumNode { hash, sum }).collect()
}

fn sum_tree(count: u64) -> SumTree {
    SumTree::new(summed(count)).expect("small")
}

fn node(node: &impl Node) -> String {
    let mut out = vec![];
    node.encode(&mut out);
    json::bytes(out)
}

fn proofs<N: Node>(tree: &Tree<N>) -> Vec<String> {
    let at = (0..tree.count()).filter(|at| tree.count() < 14 || [0, 15, 16, 31, 32].contains(at));
    at.filter_map(|at| tree.prove(at))
        .map(|proof| json::bytes(proof.encode()))
        .collect()
}

pub fn vectors() -> Vectors {
    let counts = || (0..10).chain([13, LEAVES]);
    let mut growing = AppendTree::default();
    let mut append_roots = vec![json::bytes(growing.root())];
    for leaf in leaves(LEAVES) {
        growing.push(leaf);
        append_roots.push(json::bytes(growing.root()));
    }
    Vectors {
        about: "Leaf k of the trees is keccak-256 of k as 8 bytes, its sum 7k + 1. A node of a sum tree is \
            written hash|sum:16, a proof index:8|count:8|siblings; the proof of leaf k is the k-th, \
            in the tree of 33 those of leaves 0, 15, 16, 31 and 32. No forged proof verifies.",
        leaf_hashes: [("", 'C'), ("00", 'D'), ("0102030405", 'E')]
            .into_iter()
            .map(|(fields, tag)| {
                let fields = alloy_primitives::hex::decode(fields).expect("hex");
                LeafHash {
                    tag,
                    hash: json::bytes(leaf_hash(tag as u8, &fields)),
                    fields: json::bytes(fields),
                }
            })
            .collect(),
        leaves: leaves(LEAVES).iter().map(json::bytes).collect(),
        sums: summed(LEAVES)
            .iter()
            .map(|leaf| leaf.sum.to_string())
            .collect(),
        trees: counts()
            .map(|count| {
                let tree = HashTree::new(leaves(count));
                HashTreeVector {
                    count,
                    top: tree.top().map(json::bytes),
                    root: json::bytes(tree.root()),
                    proofs: proofs(&tree),
                }
            })
            .collect(),
        sum_trees: counts()
            .map(|count| {
                let tree = sum_tree(count);
                SumTreeVector {
                    count,
                    top: tree.top().map(|top| json::bytes(top.hash)),
                    sum: tree.sum().to_string(),
                    root: json::bytes(tree.root()),
                    proofs: proofs(&tree),
                }
            })
            .collect(),
        append_roots,
        forged_proofs: forged_proofs(),
        forged_sum_proofs: forged_sum_proofs(),
        absences_of_answers: absences_of_answers(),
        absences_of_grams: absences_of_grams(),
        sum_faults: sum_faults(),
    }
}

fn forged<N: Node>(name: &'static str, root: B256, leaf: N, proof: Vec<u8>) -> Forged {
    let accepted = Proof::<N>::decode(&proof).is_ok_and(|proof| proof.verify(root, leaf).is_ok());
    assert!(!accepted, "{name}");
    Forged {
        name,
        root: json::bytes(root),
        leaf: node(&leaf),
        proof: json::bytes(proof),
    }
}

fn forged_proofs() -> Vec<Forged> {
    let leaves = leaves(7);
    let tree = HashTree::new(leaves.clone());
    let root = tree.root();
    let proof = |at| tree.prove(at).expect("a leaf");
    let changed = |at, change: fn(&mut HashProof)| {
        let mut proof = proof(at);
        change(&mut proof);
        proof.encode()
    };
    let bytes = proof(2).encode();
    let other = |end: usize| bytes[..end].to_vec();
    let top = tree.top().expect("not empty");
    let above = HashTree::new(vec![
        leaves[0].join(leaves[1]).expect("hashes"),
        leaves[2].join(leaves[3]).expect("hashes"),
        leaves[4].join(leaves[5]).expect("hashes"),
        leaves[6],
    ]);
    let inner = leaves[0].join(leaves[1]).expect("hashes");
    let of_four = above.prove(0).expect("a leaf");
    vec![
        forged("another leaf", root, leaves[3], bytes.clone()),
        forged(
            "another index",
            root,
            leaves[2],
            changed(2, |p| p.index = 3),
        ),
        forged(
            "another count",
            root,
            leaves[2],
            changed(2, |p| p.count = 8),
        ),
        forged(
            "an index beyond the count",
            root,
            leaves[6],
            changed(6, |p| p.index = 7),
        ),
        forged(
            "no leaves",
            root,
            leaves[6],
            changed(6, |p| (p.index, p.count) = (0, 0)),
        ),
        forged(
            "siblings swapped",
            root,
            leaves[2],
            changed(2, |p| p.siblings.swap(0, 1)),
        ),
        forged(
            "a sibling changed",
            root,
            leaves[2],
            changed(2, |p| p.siblings[2][31] ^= 1),
        ),
        forged(
            "the lone last leaf with a sibling",
            root,
            leaves[6],
            changed(6, |p| p.siblings.insert(0, B256::ZERO)),
        ),
        forged(
            "a sibling too few",
            root,
            leaves[2],
            other(bytes.len() - 32),
        ),
        forged("a byte too few", root, leaves[2], other(bytes.len() - 1)),
        forged(
            "a byte too many",
            root,
            leaves[2],
            [&bytes[..], &[0]].concat(),
        ),
        forged("no siblings", root, leaves[2], other(16)),
        forged("half a head", root, leaves[2], other(8)),
        forged("nothing", root, leaves[2], vec![]),
        forged("a node for a leaf", root, inner, of_four.encode()),
        forged("the top for the root", top, leaves[2], bytes.clone()),
    ]
}

fn forged_sum_proofs() -> Vec<Forged> {
    let leaves = summed(7);
    let tree = sum_tree(7);
    let root = tree.root();
    let proof = |at| tree.prove(at).expect("a leaf");
    let changed = |at, change: fn(&mut SumProof)| {
        let mut proof = proof(at);
        change(&mut proof);
        proof.encode()
    };
    let more = |leaf: SumNode| SumNode {
        sum: leaf.sum + 1,
        ..leaf
    };
    let plain = HashTree::new(leaves.iter().map(|leaf| leaf.hash).collect());
    let bytes = proof(2).encode();
    vec![
        forged("another leaf", root, leaves[3], bytes.clone()),
        forged(
            "another sum of the leaf",
            root,
            more(leaves[2]),
            bytes.clone(),
        ),
        forged(
            "another sum of a sibling",
            root,
            leaves[2],
            changed(2, |p| p.siblings[1].sum += 1),
        ),
        forged(
            "two sums that make up for each other",
            root,
            more(leaves[2]),
            changed(2, |p| p.siblings[0].sum -= 1),
        ),
        forged(
            "sums that overflow",
            root,
            leaves[2],
            changed(2, |p| p.siblings[0].sum = u128::MAX),
        ),
        forged(
            "another index",
            root,
            leaves[2],
            changed(2, |p| p.index = 3),
        ),
        forged(
            "another count",
            root,
            leaves[2],
            changed(2, |p| p.count = 8),
        ),
        forged(
            "a byte too few",
            root,
            leaves[2],
            bytes[..bytes.len() - 1].to_vec(),
        ),
        forged(
            "siblings without sums",
            root,
            leaves[2],
            plain.prove(2).expect("a leaf").encode(),
        ),
    ]
}

fn neighbour<L: SortedLeaf + Clone>(leaves: &[L], tree: &Tree<L::Node>, at: usize) -> Neighbour<L> {
    Neighbour {
        leaf: leaves[at].clone(),
        proof: tree.prove(at as u64).expect("a leaf"),
    }
}

/// A name, a key, the places of its neighbours, and whether they show that it is absent.
type Case<K> = (&'static str, K, Option<usize>, Option<usize>, bool);

/// The cases by their neighbours; whether they show an absence is computed, and known beforehand.
fn absences<L: SortedLeaf + Leaf + Clone>(
    leaves: &[L],
    tree: Tree<L::Node>,
    empty: B256,
    key: impl Fn(&L::Key) -> String,
    cases: Vec<Case<L::Key>>,
    never: L::Key,
) -> AbsenceVectors {
    let vector = |name, root, wanted: &L::Key, absence: &Absence<L>, absent: bool| {
        assert_eq!(absence.verify(root, wanted).is_ok(), absent, "{name}");
        let side = |side: &Option<Neighbour<L>>| {
            side.as_ref().map(|side| NeighbourVector {
                leaf: json::bytes(side.leaf.encode()),
                proof: json::bytes(side.proof.encode()),
            })
        };
        AbsenceVector {
            name,
            root: json::bytes(root),
            key: key(wanted),
            left: side(&absence.left),
            right: side(&absence.right),
            absent,
        }
    };
    let root = tree.root();
    let mut vectors: Vec<AbsenceVector> = cases
        .iter()
        .map(|(name, wanted, left, right, absent)| {
            let at = |at: &usize| neighbour(leaves, &tree, *at);
            let absence = Absence {
                left: left.as_ref().map(at),
                right: right.as_ref().map(at),
            };
            vector(*name, root, wanted, &absence, *absent)
        })
        .collect();
    let nothing = Absence {
        left: None,
        right: None,
    };
    vectors.push(vector("in an empty tree", empty, &never, &nothing, true));
    vectors.push(vector("no neighbours", root, &never, &nothing, false));
    let mut stale = neighbour(leaves, &tree, 0);
    stale.proof.siblings[0] = stale.leaf.node();
    let stale = Absence {
        left: None,
        right: Some(stale),
    };
    vectors.push(vector(
        "a neighbour that is not there",
        root,
        &never,
        &stale,
        false,
    ));
    AbsenceVectors {
        leaves: leaves
            .iter()
            .map(|leaf| json::bytes(leaf.encode()))
            .collect(),
        root: json::bytes(root),
        cases: vectors,
    }
}

fn absences_of_answers() -> AbsenceVectors {
    let rows: Vec<TrainRow> = [10, 20, 30, 40, 50]
        .map(|i| TrainRow { i, train: 3 })
        .into();
    let tree = SumTree::new(rows.iter().map(SortedLeaf::node).collect()).expect("small");
    let empty = SumTree::new(vec![]).expect("small").root();
    let cases = vec![
        ("between two", 25, Some(1), Some(2), true),
        ("before the first", 9, None, Some(0), true),
        ("after the last", 51, Some(4), None, true),
        ("the left one itself", 20, Some(1), Some(2), false),
        ("the right one itself", 30, Some(1), Some(2), false),
        ("the wrong way round", 25, Some(2), Some(1), false),
        ("one between them", 30, Some(1), Some(3), false),
        ("not the first", 9, None, Some(1), false),
        ("not the last", 51, Some(3), None, false),
        ("above the right one", 35, Some(1), Some(2), false),
    ];
    absences(&rows, tree, empty, u64::to_string, cases, 5)
}

fn absences_of_grams() -> AbsenceVectors {
    let gram = |first: u8| {
        let mut ids = [WordId::default(); GRAM_LEN];
        ids[0].0[0] = first;
        ids[7].0[15] = first;
        Gram { ids }
    };
    let key = |first, last| {
        let mut ids = gram(first).ids;
        ids[7].0[15] = last;
        ids
    };
    let grams: Vec<Gram> = [0x20, 0x7f, 0x80].map(gram).into();
    let tree = HashTree::new(grams.iter().map(SortedLeaf::node).collect());
    let empty = HashTree::new(vec![]).root();
    let cases = vec![
        (
            "between two, by the first byte",
            key(0x50, 0),
            Some(0),
            Some(1),
            true,
        ),
        (
            "between two, by the last byte",
            key(0x7f, 0x80),
            Some(1),
            Some(2),
            true,
        ),
        ("bytes have no sign", key(0x90, 0), Some(2), None, true),
        (
            "the left one itself",
            key(0x7f, 0x7f),
            Some(1),
            Some(2),
            false,
        ),
    ];
    let encoded = |key: &[WordId; GRAM_LEN]| json::bytes(key.map(|id| id.0).concat());
    absences(&grams, tree, empty, encoded, cases, key(0, 0))
}

fn sum_faults() -> Vec<Fault> {
    let mut faults = vec![];
    let cases = [
        ("a node above leaves", 7, 1, 1, 5, true),
        ("a node in the middle", 7, 2, 0, 1, true),
        ("the top", 7, 3, 0, 1, true),
        ("the only node", 2, 1, 0, 9, true),
        ("nothing wrong", 7, 1, 1, 0, false),
        ("nothing wrong at the top", 7, 3, 0, 0, false),
    ];
    for (name, count, level, at, more, shown) in cases {
        let (root, fault) = lying_tree(count, level, at, more);
        faults.push(fault_vector(name, root, &fault, shown));
    }
    let (root, fault) = lying_tree(7, 1, 1, 5);
    let honest = sum_tree(7).root();
    faults.push(fault_vector("in another tree", honest, &fault, false));
    let with = |change: fn(&mut SumFault)| {
        let mut fault = fault.clone();
        change(&mut fault);
        fault
    };
    let leaf = with(|f| f.level = 0);
    faults.push(fault_vector("a leaf", root, &leaf, false));
    let lone = with(|f| f.index = 3);
    faults.push(fault_vector(
        "a node that went up alone",
        root,
        &lone,
        false,
    ));
    let high = with(|f| (f.level, f.index) = (4, 0));
    faults.push(fault_vector("above the top", root, &high, false));
    faults
}

fn fault_vector(name: &'static str, root: B256, fault: &SumFault, shown: bool) -> Fault {
    assert_eq!(fault.verify(root).is_ok(), shown, "{name}");
    Fault {
        name,
        root: json::bytes(root),
        level: fault.level,
        index: fault.index,
        count: fault.count,
        stated: fault.stated.to_string(),
        left: node(&fault.left),
        right: node(&fault.right),
        siblings: fault.siblings.iter().map(node).collect(),
        shown,
    }
}

/// A tree in which one node states `more` than is below it.
fn lying_tree(count: u64, level: u8, at: usize, more: u128) -> (B256, SumFault) {
    let mut below = summed(count);
    let mut pair = (below[0], below[0]);
    for _ in 0..level {
        let mut above = vec![];
        for nodes in below.chunks(2) {
            above.push(match *nodes {
                [left, right] => left.join(right).expect("small"),
                _ => nodes[0],
            });
        }
        pair = (
            below[2 * at.min(above.len() - 1)],
            below[(2 * at + 1).min(below.len() - 1)],
        );
        below = above;
    }
    below[at].sum += more;
    let stated = below[at].sum;
    let above = SumTree::new(below).expect("small");
    let fault = SumFault {
        level,
        index: at as u64,
        count,
        stated,
        left: pair.0,
        right: pair.1,
        siblings: above.prove(at as u64).expect("a node").siblings,
    };
    (SumNode::root(count, above.top()), fault)
}
