//! What is found to be wrong.

use super::world::{World, lie, tree};
use openledger_attribution::{
    Leaf,
    admission::{NotChecked, Refutation, Verdict, find_fault},
    leaf::{Content, Document},
};
use proptest::prelude::*;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Statements that the archive makes have nothing wrong, whatever anybody tries; but what is derived from what is out of date is out of date, too.
    #[test]
    fn nothing_is_wrong_with_what_follows_the_rules(seed: u64) {
        let world = World::random(seed);
        let all = world.all();
        let standing = world.standing();
        let is_outdated = |proof: &Refutation, of: u32| {
            proof.kind() == 6 && proof.verify(of, &world) == Ok(Verdict::OutOfDate)
        };
        for &commit_seq in &standing {
            let statement = &world.statements[&commit_seq];
            let found = find_fault(&world.archive, &world, statement).expect("all is there");
            prop_assert!(found.as_ref().is_none_or(|proof| is_outdated(proof, commit_seq)), "{:?}", found);
        }
        for &seq in all.iter().filter(|seq| standing.contains(&((**seq >> 32) as u32))) {
            let of = (seq >> 32) as u32;
            for &beside in &all {
                for kind in 1..9 {
                    let Some(proof) = world.proof(kind, seq, beside) else { continue };
                    let is_right = proof.verify(of, &world).is_err() || is_outdated(&proof, of);
                    prop_assert!(is_right, "{:?}", proof);
                }
            }
        }
    }

    /// Of one that says something else the first document that is wrong is found, and its proof holds, also after it was sent.
    #[test]
    fn what_is_wrong_is_found(seed: u64) {
        let mut world = World::random(seed);
        let mut rng = StdRng::seed_from_u64(seed);
        let standing = world.standing();
        prop_assume!(!standing.is_empty());
        let commit_seq = standing[rng.random_range(0..standing.len())];
        let right = world.statements[&commit_seq].clone();
        let name = lie(&mut rng, &mut world, commit_seq);
        let statement = world.statements[&commit_seq].clone();
        let found = find_fault(&world.archive, &world, &statement);
        if statement == right {
            return Ok(());
        }
        let proof = found.expect(name).expect(name);
        prop_assert!(proof.verify(commit_seq, &world).is_ok());
        prop_assert_eq!(Refutation::decode(&proof.encode()), Ok(proof.clone()));
        // By what it says itself it is expelled.
        if proof.kind() <= 4 {
            prop_assert_eq!(proof.verify(commit_seq, &world), Ok(Verdict::Expelled));
        }
        // It shows nothing of what is right.
        world.state(commit_seq, right.documents);
        prop_assert!(proof.verify(commit_seq, &world).is_err(), "{}", name);
    }

    /// No bytes do any harm.
    #[test]
    fn any_bytes_are_a_proof_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300), kind in 0u8..10) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = kind;
        }
        if let Ok(proof) = Refutation::decode(&bytes) {
            prop_assert_eq!(proof.encode(), bytes);
        }
    }
}

/// That every kind of lie and of proof comes up.
#[test]
fn all_kinds_are_found() {
    let (mut kinds, mut names) = (BTreeMap::new(), BTreeMap::new());
    for seed in 0..400 {
        let mut world = World::random(seed);
        let mut rng = StdRng::seed_from_u64(seed);
        let Some(&commit_seq) = world.standing().last() else {
            continue;
        };
        let name = lie(&mut rng, &mut world, commit_seq);
        let statement = world.statements[&commit_seq].clone();
        let Ok(Some(proof)) = find_fault(&world.archive, &world, &statement) else {
            continue;
        };
        let verdict = proof.verify(commit_seq, &world).expect("it holds");
        *kinds
            .entry((proof.kind(), verdict == Verdict::Expelled))
            .or_insert(0) += 1;
        *names.entry(name).or_insert(0) += 1;
    }
    assert_eq!(names.len(), 14, "{names:?}");
    for kind in [1, 2, 3, 5, 6, 7, 8] {
        assert!(kinds.contains_key(&(kind, true)), "{kinds:?}");
    }
    for kind in 5..9 {
        assert!(kinds.contains_key(&(kind, false)), "{kinds:?}");
    }
}

/// A wrong sketch that was committed to.
#[test]
fn a_sketch_of_other_words_is_found() {
    let mut world = World::random(3);
    let commit_seq = world.standing()[0];
    let mut statement = world.statements[&commit_seq].clone();
    let mut document = Document::decode(&statement.documents[0]).expect("a leaf");
    document.sketch_hash.0[0] ^= 1;
    (statement.documents[0], statement.contents[0]) =
        (document.encode(), document.content().encode());
    world.revealed(commit_seq).batch_root = tree(&statement.documents).root();
    world.revealed(commit_seq).content_root = tree(&statement.contents).root();
    let found = find_fault(&world.archive, &world, &statement).expect("all is there");
    let proof = found.expect("a fault");
    assert_eq!(proof.kind(), 4);
    assert_eq!(proof.verify(commit_seq, &world), Ok(Verdict::Expelled));
}

/// Other leaves than the chain has the root of, and words that were not revealed, are no fault that could be shown: they are to be asked for, or known.
#[test]
fn what_can_not_be_told_is_said() {
    let mut world = World::random(3);
    let commit_seq = world.standing()[0];
    let right = world.statements[&commit_seq].clone();
    let mut other = right.clone();
    other.documents[0][20] ^= 1;
    let leaves = |what| Err(NotChecked::Leaves(what));
    assert_eq!(
        find_fault(&world.archive, &world, &other),
        leaves("documents")
    );
    other = right.clone();
    other.contents.push(vec![]);
    assert_eq!(
        find_fault(&world.archive, &world, &other),
        leaves("contents")
    );
    // Committed to with other words.
    let mut document = Document::decode(&right.documents[0]).expect("a leaf");
    document.chunk_root.0[0] ^= 1;
    let mut content = Content::decode(&right.contents[0]).expect("a leaf");
    content.chunk_root.0[0] ^= 1;
    let mut statement = right.clone();
    (statement.documents[0], statement.contents[0]) = (document.encode(), content.encode());
    world.revealed(commit_seq).batch_root = tree(&statement.documents).root();
    world.revealed(commit_seq).content_root = tree(&statement.contents).root();
    let seq = u64::from(commit_seq) << 32;
    assert_eq!(
        find_fault(&world.archive, &world, &statement),
        Err(NotChecked::Words(seq))
    );
    world.revealed(commit_seq).expelled_at = Some(1);
    let unknown = Err(NotChecked::Unknown(commit_seq));
    assert_eq!(find_fault(&world.archive, &world, &statement), unknown);
}
