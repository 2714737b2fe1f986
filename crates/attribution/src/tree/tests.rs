use super::*;
use alloy_primitives::keccak256;
use proptest::prelude::*;

fn hashes(count: u64) -> Vec<B256> {
    (0..count).map(|i| keccak256(i.to_be_bytes())).collect()
}

fn summed(count: u64) -> Vec<SumNode> {
    let sum = |i: u64| u128::from(i) * 7 + 1;
    let hashes = hashes(count).into_iter();
    (0..)
        .zip(hashes)
        .map(|(i, hash)| SumNode { hash, sum: sum(i) })
        .collect()
}

/// The shape by its recursive definition (RFC 6962, 2.1): the left side is the largest power of two below the count.
fn top_of<N: Node>(leaves: &[N]) -> Option<N> {
    let [first, rest @ ..] = leaves else {
        return None;
    };
    if rest.is_empty() {
        return Some(*first);
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    top_of(left)?.join(top_of(right)?).ok()
}

/// RFC 6962, 2.1.1.
fn path_of<N: Node>(index: usize, leaves: &[N]) -> Vec<N> {
    if leaves.len() < 2 {
        return vec![];
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, sibling) = match index.checked_sub(left.len()) {
        None => (path_of(index, left), top_of(right)),
        Some(index) => (path_of(index, right), top_of(left)),
    };
    path.extend(sibling);
    path
}

/// Every byte of the proof, of the leaf and of the root, one bit at a time.
fn nothing_can_be_changed<N: Node>(root: B256, leaf: N, proof: &Proof<N>) {
    let bytes = proof.encode();
    let accepted = |bytes: &[u8], leaf: N, root: B256| {
        Proof::<N>::decode(bytes).is_ok_and(|proof| proof.verify(root, leaf).is_ok())
    };
    assert!(accepted(&bytes, leaf, root));
    let flips = |len: usize| (0..len).flat_map(|at| [1u8, 0x80].map(|bit| (at, bit)));
    for (at, bit) in flips(bytes.len()) {
        let mut forged = bytes.clone();
        forged[at] ^= bit;
        assert!(!accepted(&forged, leaf, root), "byte {at} of {proof:?}");
    }
    for (at, bit) in flips(N::LEN) {
        let mut forged = vec![];
        leaf.encode(&mut forged);
        forged[at] ^= bit;
        let forged = N::decode(&forged).expect("a node");
        assert!(!accepted(&bytes, forged, root));
    }
    for (at, bit) in flips(32) {
        let mut forged = root;
        forged[at] ^= bit;
        assert!(!accepted(&bytes, leaf, forged));
    }
    for len in 0..bytes.len() {
        assert!(!accepted(&bytes[..len], leaf, root));
    }
    let longer = [&bytes[..], &[0; 48]].concat();
    for len in bytes.len() + 1..=longer.len() {
        assert!(!accepted(&longer[..len], leaf, root));
    }
}

#[test]
fn every_small_tree_has_the_shape() {
    for count in 0..=70 {
        let (plain, sums) = (hashes(count), summed(count));
        let tree = HashTree::new(plain.clone());
        let sum_tree = SumTree::new(sums.clone()).expect("small");
        assert_eq!(tree.top(), top_of(&plain));
        assert_eq!(sum_tree.top(), top_of(&sums));
        assert_eq!(sum_tree.sum(), sums.iter().map(|leaf| leaf.sum).sum());
        for index in 0..count {
            let at = index as usize;
            let proof = tree.prove(index).expect("a leaf");
            assert_eq!(proof.siblings, path_of(at, &plain));
            assert_eq!(Proof::decode(&proof.encode()), Ok(proof.clone()));
            assert_eq!(proof.verify(tree.root(), plain[at]).ok(), tree.top());
            let proof = sum_tree.prove(index).expect("a leaf");
            assert_eq!(proof.siblings, path_of(at, &sums));
            assert_eq!(Proof::decode(&proof.encode()), Ok(proof.clone()));
            assert_eq!(proof.verify(sum_tree.root(), sums[at]).ok(), sum_tree.top());
        }
        assert_eq!(tree.prove(count), None);
        assert_eq!(tree.prove(u64::MAX), None);
    }
}

#[test]
fn growing_gives_the_same_root_at_every_count() {
    let leaves = hashes(300);
    let mut growing = AppendTree::default();
    for (count, leaf) in leaves.iter().enumerate() {
        assert_eq!(
            growing.root(),
            HashTree::new(leaves[..count].to_vec()).root()
        );
        assert_eq!(growing.push(*leaf), count as u64);
    }
    assert_eq!(growing.count(), 300);
}

#[test]
fn forged_proofs_fail() {
    for count in [1, 2, 3, 5, 6, 7, 8, 11] {
        let (plain, sums) = (hashes(count), summed(count));
        let tree = HashTree::new(plain.clone());
        let sum_tree = SumTree::new(sums.clone()).expect("small");
        for index in 0..count {
            let at = index as usize;
            let proof = tree.prove(index).expect("a leaf");
            nothing_can_be_changed(tree.root(), plain[at], &proof);
            let proof = sum_tree.prove(index).expect("a leaf");
            nothing_can_be_changed(sum_tree.root(), sums[at], &proof);
        }
    }
}

#[test]
fn a_node_is_no_leaf_and_a_top_no_root() {
    let leaves = hashes(4);
    let tree = HashTree::new(leaves.clone());
    let above = HashTree::new(tree.levels[1].clone());
    let proof = above.prove(0).expect("a leaf");
    assert_eq!(
        proof.verify(above.root(), tree.levels[1][0]).ok(),
        tree.top()
    );
    assert_eq!(
        proof.verify(tree.root(), tree.levels[1][0]),
        Err(ProofError::Root)
    );
    assert_ne!(Some(tree.root()), tree.top());
    assert_ne!(HashTree::new(vec![]).root(), B256::ZERO);
}

#[test]
fn nothing_is_proven_of_impossible_places() {
    let node = B256::ZERO;
    let proof = |index, count, siblings| Proof {
        index,
        count,
        siblings: vec![node; siblings],
    };
    let check = |proof: Proof<B256>, expected| {
        assert_eq!(proof.verify(B256::ZERO, node), Err(expected));
    };
    check(proof(0, 0, 0), ProofError::Index { index: 0, width: 0 });
    check(proof(7, 7, 1), ProofError::Index { index: 7, width: 7 });
    let length = |expected, found| ProofError::Length { expected, found };
    check(proof(6, 7, 3), length(2, 3));
    check(proof(0, u64::MAX, 63), length(64, 63));
    check(proof(u64::MAX - 1, u64::MAX, 63), ProofError::Root);
    assert_eq!(
        HashProof::decode(&[0; 16]),
        Err(DecodeProofError::Index { index: 0, count: 0 })
    );
    assert_eq!(
        HashProof::decode(&[0; 15]),
        Err(DecodeProofError::Short(15))
    );
}

#[test]
fn sums_never_wrap() {
    let leaf = |sum| SumNode {
        hash: B256::ZERO,
        sum,
    };
    let most = SumTree::new(vec![leaf(u128::MAX), leaf(0)]).expect("fits");
    assert_eq!(most.sum(), u128::MAX);
    assert_eq!(
        SumTree::new(vec![leaf(u128::MAX), leaf(1)]),
        Err(SumOverflow)
    );
    let mut proof = most.prove(0).expect("a leaf");
    proof.siblings[0].sum = 1;
    assert_eq!(
        proof.verify(most.root(), leaf(u128::MAX)),
        Err(ProofError::Sum(SumOverflow))
    );
    assert_eq!(SumTree::new(vec![]).expect("empty").sum(), 0);
}

/// A sum tree with one node that states more than is below it, and the fault that shows it.
fn lying_tree(count: u64, level: u8, at: usize, more: u128) -> Option<(B256, SumFault)> {
    let mut levels = vec![summed(count)];
    while levels[levels.len() - 1].len() > 1 {
        let mut above: Vec<SumNode> = levels[levels.len() - 1]
            .chunks(2)
            .map(|pair| match *pair {
                [left, right] => left.join(right).expect("small"),
                _ => pair[0],
            })
            .collect();
        if levels.len() == usize::from(level) {
            above.get_mut(at)?.sum += more;
        }
        levels.push(above);
    }
    let pair = levels
        .get(usize::from(level) - 1)?
        .get(2 * at..2 * at + 2)?;
    let rest = Tree {
        levels: levels.get(usize::from(level)..)?.to_vec(),
    };
    let fault = SumFault {
        level,
        index: at as u64,
        count,
        stated: rest.levels[0][at].sum,
        left: pair[0],
        right: pair[1],
        siblings: rest.prove(at as u64)?.siblings,
    };
    Some((SumNode::root(count, rest.top()), fault))
}

#[test]
fn a_wrong_sum_is_shown_wherever_it_is() {
    let mut shown = 0;
    for count in 2..20 {
        for level in 1..6 {
            for at in 0..10 {
                let Some((root, fault)) = lying_tree(count, level, at, 5) else {
                    continue;
                };
                assert_eq!(fault.verify(root), Ok(()));
                let honest = SumTree::new(summed(count)).expect("small").root();
                assert_eq!(fault.verify(honest), Err(NoFault::Proof(ProofError::Root)));
                let (root, honest) = lying_tree(count, level, at, 0).expect("as above");
                assert_eq!(honest.verify(root), Err(NoFault::AddsUp));
                shown += 1;
            }
        }
    }
    // As many as there are nodes above leaves: one less than leaves.
    assert_eq!(shown, (2..20).map(|count| count - 1).sum::<i32>());
}

#[test]
fn leaves_and_lone_nodes_do_not_add_up_wrongly() {
    let (root, fault) = lying_tree(7, 1, 0, 1).expect("a node");
    for (level, index) in [
        (0, 0),
        (1, 3),
        (4, 0),
        (64, 0),
        (65, 0),
        (255, 0),
        (1, u64::MAX),
    ] {
        let fault = SumFault {
            level,
            index,
            ..fault.clone()
        };
        assert_eq!(fault.verify(root), Err(NoFault::NotANode { level, index }));
    }
}

/// A key that is its own leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key(u32);

impl SortedLeaf for Key {
    type Key = u32;
    type Node = B256;

    fn key(&self) -> u32 {
        self.0
    }

    fn node(&self) -> B256 {
        leaf_hash(b'k', &self.0.to_be_bytes())
    }
}

fn sorted_tree(keys: &[u32]) -> HashTree {
    HashTree::new(keys.iter().map(|key| Key(*key).node()).collect())
}

fn neighbour(tree: &HashTree, keys: &[u32], index: usize) -> Option<Neighbour<Key>> {
    Some(Neighbour {
        leaf: Key(*keys.get(index)?),
        proof: tree.prove(index as u64)?,
    })
}

#[test]
fn absence_takes_two_adjacent_neighbours() {
    let keys = [10, 20, 30, 40, 50];
    let tree = sorted_tree(&keys);
    let check = |left: Option<usize>, right: Option<usize>, key, expected| {
        let at = |index| neighbour(&tree, &keys, index);
        let absence = Absence {
            left: left.and_then(at),
            right: right.and_then(at),
        };
        assert_eq!(absence.verify(tree.root(), &key), expected, "{key}");
    };
    check(Some(1), Some(2), 25, Ok(()));
    check(None, Some(0), 9, Ok(()));
    check(Some(4), None, 51, Ok(()));
    check(Some(1), Some(2), 20, Err(AbsenceError::Order));
    check(Some(1), Some(2), 30, Err(AbsenceError::Order));
    check(Some(2), Some(1), 25, Err(AbsenceError::Order));
    check(Some(1), Some(3), 25, Err(AbsenceError::Gap));
    check(Some(1), Some(3), 30, Err(AbsenceError::Gap));
    check(None, Some(1), 9, Err(AbsenceError::Gap));
    check(Some(3), None, 51, Err(AbsenceError::Gap));
    check(None, None, 25, Err(AbsenceError::NotEmpty));
    let nothing = Absence::<Key> {
        left: None,
        right: None,
    };
    assert_eq!(nothing.verify(sorted_tree(&[]).root(), &1), Ok(()));
    let mut forged = neighbour(&tree, &keys, 1);
    if let Some(left) = &mut forged {
        left.leaf.0 = 24;
    }
    let forged = Absence {
        left: forged,
        right: neighbour(&tree, &keys, 2),
    };
    assert_eq!(
        forged.verify(tree.root(), &25),
        Err(AbsenceError::Proof(ProofError::Root))
    );
}

proptest! {
    #[test]
    fn large_trees_have_the_shape(count in 0..3000u64, at: prop::sample::Index) {
        let leaves = summed(count);
        let tree = SumTree::new(leaves.clone()).expect("small");
        prop_assert_eq!(tree.top(), top_of(&leaves));
        if count > 0 {
            let at = at.index(leaves.len());
            let proof = tree.prove(at as u64).expect("a leaf");
            prop_assert_eq!(&proof.siblings, &path_of(at, &leaves));
            prop_assert_eq!(proof.verify(tree.root(), leaves[at]).ok(), tree.top());
        }
    }

    #[test]
    fn any_bytes_are_a_proof_or_an_error(bytes: Vec<u8>, index in 0..40u64, count in 0..40u64) {
        let bytes = [&index.to_be_bytes()[..], &count.to_be_bytes(), &bytes].concat();
        if let Ok(proof) = HashProof::decode(&bytes) {
            prop_assert_eq!(proof.encode(), &bytes[..]);
            prop_assert!(proof.verify(B256::ZERO, B256::ZERO).is_err());
        }
        if let Ok(proof) = SumProof::decode(&bytes) {
            prop_assert_eq!(proof.encode(), &bytes[..]);
        }
    }

    #[test]
    fn a_proof_of_an_older_tree_does_not_verify(count in 1..100u64, more in 1..100u64, at: prop::sample::Index) {
        let leaves = hashes(count + more);
        let at = at.index(count as usize);
        let proof = HashTree::new(leaves[..count as usize].to_vec()).prove(at as u64).expect("a leaf");
        prop_assert!(proof.verify(HashTree::new(leaves.clone()).root(), leaves[at]).is_err());
    }

    #[test]
    fn absent_is_what_is_not_there(keys in prop::collection::btree_set(0..60u32, 0..30), key in 0..60u32) {
        let keys: Vec<u32> = keys.into_iter().collect();
        let tree = sorted_tree(&keys);
        let place = keys.partition_point(|other| *other < key);
        let absence = Absence {
            left: place.checked_sub(1).and_then(|left| neighbour(&tree, &keys, left)),
            right: neighbour(&tree, &keys, place),
        };
        prop_assert_eq!(absence.verify(tree.root(), &key).is_ok(), !keys.contains(&key));
    }
}
