//! What a poster may hash who shows nobody the rows.

use super::Wrong;
use crate::world::World;
use openledger_attribution::{
    Epoch, EpochRoots, Fault, HashTree, Leaf, SumNode, SumTree, Summed,
    fault::{LeafOpening, RowsFault, TreeFault, TreeOpening},
    opening::{ModelOpening, PayoutOpening},
    tree::{Node, SumFault, leaf_hash},
};

pub fn wrong(world: &World) -> Vec<Wrong<'_>> {
    let names = [
        ("the sum of tiles is larger", "a tile is said to add more"),
        (
            "the sum of model versions is larger",
            "a model version is said to add more",
        ),
        ("the sum of gifts is larger", "a gift is said to add more"),
        (
            "the sum of payouts is larger",
            "a payout is said to add more",
        ),
        (
            "the sum of earnings is larger",
            "an earning is said to add more",
        ),
    ];
    let mut all = Vec::new();
    for (place, (sum, leaf)) in names.into_iter().enumerate() {
        let leaves = leaves(&world.right(), place);
        let nodes: Vec<_> = leaves.iter().map(|(_, node)| *node).collect();
        let (root, fault) = wrong_sum(&nodes);
        all.push(of(world, sum, place, root, TreeFault::Sum(fault)));
        let (root, opening) = wrong_leaf(&leaves);
        all.push(of(world, leaf, place, root, TreeFault::Leaf(opening)));
    }
    all.push(no_row(world));
    all
}

fn encoded<'a, L: Summed + 'a>(leaves: impl Iterator<Item = &'a L>) -> Vec<(Vec<u8>, SumNode)> {
    leaves
        .map(|leaf| (leaf.encode(), leaf.sum_node()))
        .collect()
}

/// Who earned by two tiles at least.
fn earner(epoch: &Epoch) -> usize {
    let earner = epoch
        .payouts
        .iter()
        .position(|part| part.earnings.len() > 1);
    earner.expect("somebody earned twice")
}

/// The leaves of the tree with a number.
fn leaves(epoch: &Epoch, tree: usize) -> Vec<(Vec<u8>, SumNode)> {
    match tree {
        0 => encoded(epoch.answers[0].1.iter()),
        1 => encoded(epoch.models.iter().map(|part| &part.row)),
        2 => encoded(epoch.models[0].answers.iter()),
        3 => encoded(epoch.payouts.iter().map(|part| &part.row)),
        _ => encoded(epoch.payouts[earner(epoch)].earnings.iter()),
    }
}

/// The epoch with this root of the tree with a number, and the fault in it.
fn of<'a>(
    world: &'a World,
    name: &'static str,
    tree: usize,
    root: alloy_primitives::B256,
    fault: TreeFault,
) -> Wrong<'a> {
    let mut epoch = world.right();
    let earner = earner(&epoch);
    match tree {
        0 => epoch.answers[0].0.tiling_root = root,
        2 => epoch.models[0].row.answers_root = root,
        4 => epoch.payouts[earner].row.earnings_root = root,
        _ => {}
    }
    let trees = epoch.trees().expect("small amounts");
    let mut roots = trees.roots();
    let opening = match tree {
        0 => TreeOpening::Tiling(world.answer_opening(&epoch, &trees, 0)),
        1 => {
            roots.models = root;
            TreeOpening::Models
        }
        2 => TreeOpening::Train(ModelOpening {
            row: epoch.models[0].row.clone(),
            proof: trees.models.prove(0).expect("there"),
        }),
        3 => {
            roots.payouts = root;
            TreeOpening::Payouts
        }
        _ => TreeOpening::Earnings(PayoutOpening {
            row: epoch.payouts[earner].row.clone(),
            proof: trees.payouts.prove(earner as u64).expect("there"),
        }),
    };
    Wrong {
        world,
        name,
        epoch,
        trees,
        roots,
        fault: Fault::Tree(opening, fault),
    }
}

/// A tree whose first node above two leaves states one more than they have.
fn wrong_sum(leaves: &[SumNode]) -> (alloy_primitives::B256, SumFault) {
    let pairs = leaves.chunks(2).map(|pair| match pair {
        [left, right] => left.join(*right).expect("small amounts"),
        _ => pair[0],
    });
    let mut above: Vec<SumNode> = pairs.collect();
    above[0].sum += 1;
    let stated = above[0].sum;
    let above = SumTree::new(above).expect("small amounts");
    let count = leaves.len() as u64;
    let fault = SumFault {
        level: 1,
        index: 0,
        count,
        stated,
        left: leaves[0],
        right: leaves[1],
        siblings: above.prove(0).expect("there").siblings,
    };
    (SumNode::root(count, above.top()), fault)
}

/// A tree that states one more for its last leaf.
fn wrong_leaf(leaves: &[(Vec<u8>, SumNode)]) -> (alloy_primitives::B256, LeafOpening) {
    let mut nodes: Vec<SumNode> = leaves.iter().map(|(_, node)| *node).collect();
    let last = nodes.len() - 1;
    nodes[last].sum += 1;
    let tree = SumTree::new(nodes.clone()).expect("small amounts");
    let opening = LeafOpening {
        bytes: leaves[last].0.clone(),
        stated: nodes[last].sum,
        proof: tree.prove(last as u64).expect("there"),
    };
    (tree.root(), opening)
}

/// An answer's row that is none.
fn no_row(world: &World) -> Wrong<'_> {
    let epoch = world.right();
    let trees = epoch.trees().expect("small amounts");
    let mut rows: Vec<_> = epoch.answers.iter().map(|(row, _)| row.hash()).collect();
    let bytes = b"A row?".to_vec();
    rows[1] = leaf_hash(bytes[0], &bytes[1..]);
    let tree = HashTree::new(rows);
    let roots = EpochRoots {
        answers: tree.root(),
        ..trees.roots()
    };
    Wrong {
        world,
        name: "an answer's row is none",
        epoch,
        trees,
        roots,
        fault: Fault::Rows(RowsFault::Row(bytes, tree.prove(1).expect("there"))),
    }
}
