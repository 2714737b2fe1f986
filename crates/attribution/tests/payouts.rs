//! An archive as an attributor fills it: its epochs are right, each payout is proven, and a proof that was touched shows nothing.

mod archives;

use alloy_primitives::{Address, B256};
use archives::{CONTRIBUTORS, archive, file, fresh, salt, word};
use openledger_attribution::{
    Archive, Epoch, Facts, HashTree, Leaf, PayoutProof, Text,
    archive::{ArchiveError, Phrases, Published, RoundError},
    dispute::Evidence,
    epoch::EpochError,
    fault::{NotAFault, PaidPart, TilePart},
    find_fault,
    leaf::{Answer, Chunk, Context, TileKind, Visibility},
    opening::{Chain, OpeningError},
    pay::Terms,
    payout::{NoProof, NotPaid, Reason},
    prove_payout,
};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;

/// The epochs of an archive that is cut in two, and all proofs of their payouts.
fn proofs(archive: &Archive, mut each: impl FnMut(&Facts, &PayoutProof)) {
    let cut = archive.answers() / 2;
    let mut before: Option<Epoch> = None;
    for range in [0..cut, cut..archive.answers()] {
        let round = archive
            .round(range.clone(), CONTRIBUTORS, before.as_ref())
            .expect("known");
        let epoch = round.attribute().expect("all is known");
        assert_eq!(find_fault(&epoch, before.as_ref(), &round), Ok(None));
        let trees = epoch.trees().expect("small");
        let roots = trees.roots();
        let all = round.facts(roots);
        // Every earning of every row is proven, and nothing else is.
        let mut paid: BTreeMap<u64, u128> = BTreeMap::new();
        for (row, tiles) in &epoch.answers {
            // Behind the tiles are the items.
            let parts = 0..tiles.len() as u32 + 4;
            for (tile, hop) in parts.flat_map(|tile| [(tile, 0), (tile, 1)]) {
                let proof = match prove_payout(&epoch, &trees, &round, row.i, tile, hop) {
                    Ok(proof) => proof,
                    Err(error) => {
                        let nothing =
                            matches!(error, NoProof::Nothing { .. } | NoProof::Tile { .. });
                        assert!(nothing, "{error}");
                        continue;
                    }
                };
                let facts = Facts::for_payout(&round, roots, &proof);
                // As many of the facts as it needs, and no others.
                assert!(
                    facts
                        .paid
                        .iter()
                        .all(|(i, hash)| all.paid.get(i) == Some(hash))
                );
                assert!(
                    facts
                        .contributions
                        .iter()
                        .all(|(commit, whose)| all.contributions.get(commit) == Some(whose))
                );
                let shown = proof.verify(&facts, &roots).expect("a payout");
                assert_eq!(shown, proof.verify(&round, &roots).expect("a payout"));
                assert_eq!(shown.answer.i, row.i);
                match &shown.reason {
                    Reason::Words {
                        tile: its,
                        words,
                        paid,
                        hop: by,
                        ..
                    } => {
                        assert_eq!((its.kind, *by), (TileKind::Span, hop));
                        assert_eq!(words.len(), usize::from(its.len));
                        let whose = archive.contributor_of((paid >> 32) as u32);
                        assert_eq!(whose, Some(shown.row.contributor));
                    }
                    Reason::Retrieved(item) => {
                        assert!(tile >= row.tiles && hop == 0);
                        assert_eq!(item.contributor, shown.row.contributor);
                    }
                }
                *paid.entry(shown.row.contributor).or_default() += shown.amount;
                each(&facts, &proof);
            }
        }
        for payout in &epoch.payouts {
            let proven = paid.get(&payout.row.contributor).copied();
            assert_eq!(payout.row.earned, proven.unwrap_or_default());
        }
        let other = prove_payout(&epoch, &trees, &round, range.end, 0, 0);
        assert_eq!(other, Err(NoProof::Answer(range.end)));
        before = Some(epoch);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_payout_is_proven_and_no_other(seed: u64) {
        proofs(&archive(seed), |_, _| {});
    }
}

/// Whether another document's contributor is paid.
fn pays_another(part: &TilePart) -> bool {
    part.paid() != part.source.document().seq
}

#[test]
fn there_are_payouts_of_each_band() {
    let (mut own, mut root, mut parent, mut retrieved) = (0, 0, 0, 0);
    for seed in 0..40 {
        proofs(&archive(seed), |_, proof| match &proof.part {
            PaidPart::Item(_) => retrieved += 1,
            PaidPart::Tile(part) if part.hop == 1 => parent += 1,
            PaidPart::Tile(part) if pays_another(part) => root += 1,
            PaidPart::Tile(_) => own += 1,
        });
    }
    let all = [own, root, parent, retrieved];
    assert!(own > 30 && all.iter().all(|proofs| *proofs > 3), "{all:?}");
}

/// A proof and its facts are JSON, and every value of it counts: another one is refused, or is no proof.
#[test]
fn a_proof_that_was_touched_shows_nothing() {
    let mut touched = 0;
    for seed in 0..12 {
        proofs(&archive(seed), |facts, proof| {
            let json = serde_json::to_value(proof).expect("JSON");
            let read: PayoutProof = serde_json::from_value(json.clone()).expect("a proof");
            assert_eq!(&read, proof);
            let written = serde_json::to_string(facts).expect("JSON");
            let facts: Facts = serde_json::from_str(&written).expect("facts");
            let right = proof.verify(&facts, &facts.roots).expect("a payout");
            for pointer in strings(&json, String::new()) {
                let mut other = json.clone();
                let place = other.pointer_mut(&pointer).expect("there");
                let text = place.as_str().expect("hex").to_owned();
                // The last nibble and one in the middle.
                for at in [text.len() - 1, 2 + (text.len() - 2) / 2] {
                    let mut bytes = text.clone().into_bytes();
                    bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
                    *other.pointer_mut(&pointer).expect("there") =
                        String::from_utf8(bytes).expect("ASCII").into();
                    touched += 1;
                    let Ok(read) = serde_json::from_value::<PayoutProof>(other.clone()) else {
                        continue;
                    };
                    let shown = read.verify(&facts, &facts.roots);
                    assert!(shown.is_err(), "{pointer}: {shown:?} for {right:?}");
                }
            }
            let mut other = proof.clone();
            match &mut other.part {
                PaidPart::Tile(part) => part.hop ^= 1,
                PaidPart::Item(part) => part.item ^= 1,
            }
            assert!(other.verify(&facts, &facts.roots).is_err());
            let mut other = proof.clone();
            if other.words.chunks.pop().is_none() {
                // What was retrieved has none.
                let chunk = Chunk::new(0, B256::ZERO, &[word(0)]).expect("a word");
                let alone = HashTree::new(vec![chunk.hash()]).prove(0).expect("there");
                other.words.chunks.push((chunk, alone));
            }
            assert!(other.verify(&facts, &facts.roots).is_err());
        });
    }
    assert!(touched > 1_000, "{touched}");
}

/// Pointers to all strings that are not empty hex.
fn strings(value: &serde_json::Value, at: String) -> Vec<String> {
    match value {
        serde_json::Value::String(text) if text.len() > 2 => vec![at],
        serde_json::Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(key, item)| strings(item, format!("{at}/{key}")))
                .collect()
        }
        serde_json::Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .flat_map(|(key, item)| strings(item, format!("{at}/{key}")))
                .collect()
        }
        _ => vec![],
    }
}

/// With the archive as evidence a wrong epoch is found as well.
#[test]
fn lies_about_an_archive_are_found() {
    let (mut pools, mut gifts) = (0, 0);
    for seed in 0..10 {
        let archive = archive(seed);
        let round = archive
            .round(0..archive.answers(), CONTRIBUTORS, None)
            .expect("known");
        let right = round.attribute().expect("all is known");
        let honest = right.trees().expect("small").roots();
        let lie = |change: &dyn Fn(&mut Epoch), number: u8| {
            let mut wrong = right.clone();
            change(&mut wrong);
            let roots = wrong.trees().expect("small").roots();
            let fault = find_fault(&wrong, None, &round).expect("all is known");
            let fault = fault.expect("a fault");
            assert_eq!(fault.number(), number);
            assert_eq!(fault.verify(&round, &roots), Ok(()));
            assert!(fault.verify(&round, &honest).is_err());
        };
        for at in 0..right.answers.len() {
            lie(&|wrong| wrong.answers[at].0.data_pool += 1, 6);
            pools += 1;
        }
        for at in 0..right.models.len() {
            lie(&|wrong| wrong.models[at].row.train += 1, 10);
            gifts += 1;
        }
    }
    assert!(pools > 10 && gifts > 5, "{pools} {gifts}");
}

/// The first answer of all, which is public, and cost 1,000,000 wei.
fn first_answer(context: &Context, output: &Text) -> Answer {
    Answer {
        i: 0,
        model_version: 1,
        payer: Address::ZERO,
        fee: 1_000_000,
        tokens_in: 0,
        tokens_out: 0,
        visibility: Visibility::Public,
        context_root: context.root(),
        output_root: output.root(),
        words: output.words().len() as u32,
    }
}

/// Who is repeated is paid although no Datanet has their document: the chain knows whose it is, and who pays somebody else is at fault.
#[test]
fn who_was_not_accepted_is_paid() {
    let mut rng = StdRng::seed_from_u64(4);
    let mut archive = Archive::default();
    let words = fresh(&mut rng, 100);
    for (commit, contributor) in [(2, 1), (1, 3)] {
        archive.revealed(commit, contributor).expect("once");
    }
    for commit in [1, 2] {
        let admitted = archive.admit(commit, vec![file(words.clone())]);
        admitted.expect("words");
    }
    archive.publish(0, &[2]).expect("known");
    let list = Phrases::Common(9);
    let registered = archive.register(1, &[(0, 0)], list, Terms::default());
    registered.expect("known");
    let prompt = Text::new(vec![], salt).expect("short");
    let output = Text::new(words[..60].to_vec(), salt).expect("short");
    let context = Context::new(prompt.root(), &[]).expect("none");
    let answer = first_answer(&context, &output);
    let published = Published {
        context,
        prompt,
        output,
    };
    let added = archive.answered(answer, Some(published));
    added.expect("next");
    let round = archive.round(0..1, CONTRIBUTORS, None).expect("known");
    let right = round.attribute().expect("all is known");
    let earned: Vec<_> = right.cumulative();
    assert_eq!(earned, [0, 0, 0, 380_000, 0]);
    let trees = right.trees().expect("small");
    let proof = prove_payout(&right, &trees, &round, 0, 0, 0).expect("a payout");
    let facts = Facts::for_payout(&round, trees.roots(), &proof);
    assert_eq!(facts.contributions, BTreeMap::from([(1, 3)]));
    let shown = proof.verify(&facts, &facts.roots).expect("a payout");
    let Reason::Words { document, paid, .. } = shown.reason else {
        panic!("words are paid");
    };
    assert_eq!((document.seq, paid), (2 << 32, 1 << 32));
    // To whom it goes in the row of whose the copy is, is a lie that is shown.
    let mut wrong = right.clone();
    wrong.payouts.swap(1, 3);
    for (part, contributor) in wrong.payouts.iter_mut().zip(0..) {
        part.row.contributor = contributor;
    }
    let roots = wrong.trees().expect("small").roots();
    let fault = find_fault(&wrong, None, &round).expect("all is known");
    let fault = fault.expect("a fault");
    assert_eq!(fault.number(), 9);
    assert_eq!(fault.verify(&round, &roots), Ok(()));
    assert_eq!(fault.verify(&round.facts(roots), &roots), Ok(()));
    assert!(fault.verify(&round, &trees.roots()).is_err());
    // Whom nobody knows, nobody can be said to have been kept from.
    let mut hidden = round.facts(roots);
    hidden.contributions.remove(&1);
    let unknown = OpeningError::Unknown("the paid contribution");
    assert_eq!(
        fault.verify(&hidden, &roots),
        Err(NotAFault::Opening(unknown))
    );
    // Of somebody else the same proof shows nothing: who was paid was to be paid.
    hidden.contributions.insert(1, 1);
    assert_eq!(fault.verify(&hidden, &roots), Err(NotAFault::Right));
}

#[test]
fn facts_of_another_chain_are_told_apart() {
    let (mut compared, mut others) = (0, 0);
    let mut each = |facts: &Facts, proof: &PayoutProof| {
        let mut other = facts.clone();
        for root in other.paid.values_mut() {
            *root = B256::ZERO;
        }
        assert!(matches!(
            proof.verify(&other, &other.roots),
            Err(NotPaid::Opening(_))
        ));
        let mut other = facts.clone();
        other.contributions.clear();
        // Whose a parent or root is the chain says; whose the tile's own document is its leaf.
        let shown = proof.verify(&other, &other.roots);
        let other_is_paid = match &proof.part {
            PaidPart::Tile(part) => pays_another(part),
            PaidPart::Item(_) => false,
        };
        assert_eq!(shown.is_err(), other_is_paid);
        let mut other = facts.clone();
        for contributor in other.contributions.values_mut() {
            *contributor += 1;
        }
        let shown = proof.verify(&other, &other.roots);
        assert_eq!(shown.is_err(), other_is_paid);
        others += usize::from(other_is_paid);
        let mut other = facts.clone();
        other.roots.payouts = B256::ZERO;
        assert!(proof.verify(&other, &other.roots).is_err());
        compared += 1;
    };
    for seed in 0..8 {
        proofs(&archive(seed), &mut each);
    }
    assert!(others > 0 && others < compared, "{others} of {compared}");
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut rng = StdRng::seed_from_u64(3);
    let mut archive = Archive::default();
    let refused = |error: ArchiveError, words: &str| {
        assert!(error.to_string().contains(words), "{error}");
    };
    refused(
        archive.admit(1, vec![]).expect_err("hidden"),
        "commit 1 was not revealed",
    );
    // In any order.
    for commit in [2, 1] {
        archive.revealed(commit, 0).expect("once");
    }
    refused(
        archive.revealed(2, 1).expect_err("twice"),
        "commit 2 was revealed before",
    );
    assert_eq!(archive.contributor_of(2), Some(0));
    refused(
        archive.admit(1, vec![]).expect_err("empty"),
        "commit 1 has no words",
    );
    refused(
        archive.admit(1, vec![file(vec![])]).expect_err("empty"),
        "no words",
    );
    let words = fresh(&mut rng, 100);
    archive.admit(2, vec![file(words.clone())]).expect("words");
    refused(
        archive
            .admit(2, vec![file(words.clone())])
            .expect_err("order"),
        "after commit 2",
    );
    refused(
        archive.publish(0, &[3]).expect_err("unknown"),
        "commit 3 is not known",
    );
    refused(
        archive.publish(0, &[2, 2]).expect_err("twice"),
        "in a Datanet already",
    );
    archive.publish(0, &[2]).expect("known");
    refused(
        archive.publish(1, &[2]).expect_err("twice"),
        "in a Datanet already",
    );
    let terms = Terms::default();
    let phrases = || Phrases::Common(2);
    let error = archive.register(1, &[(0, 1)], phrases(), terms);
    refused(
        error.expect_err("unknown"),
        "version 1 of Datanet 0 is not known",
    );
    archive
        .register(1, &[(0, 0)], phrases(), terms)
        .expect("known");
    let error = archive.register(1, &[(0, 0)], phrases(), terms);
    refused(error.expect_err("twice"), "known already");

    let text = Text::new(words, salt).expect("short");
    let context = Context::new(text.root(), &[]).expect("none");
    let answer = first_answer(&context, &text);
    let published = Published {
        context,
        prompt: text.clone(),
        output: text,
    };
    let with = |change: fn(&mut Answer)| {
        let mut answer = answer.clone();
        change(&mut answer);
        answer
    };
    for (answer, words) in [
        (with(|answer| answer.i = 1), "answer 1 where 0 should be"),
        (
            with(|answer| answer.model_version = 2),
            "model version 2 is not known",
        ),
        (
            with(|answer| answer.context_root = B256::ZERO),
            "the context of answer 0",
        ),
        (
            with(|answer| answer.output_root = B256::ZERO),
            "the output of answer 0",
        ),
        (
            with(|answer| answer.visibility = Visibility::Sealed),
            "the sealed text of answer 0",
        ),
        (
            with(|answer| answer.words = 99),
            "the number of words of answer 0",
        ),
    ] {
        let error = archive.answered(answer, Some(published.clone()));
        refused(error.expect_err("refused"), words);
    }
    assert_eq!(archive.answers(), 0);
    let added = archive.answered(answer, Some(published));
    added.expect("next");
    let error = archive.round(0..2, 1, None).expect_err("one answer");
    assert!(
        matches!(error, RoundError::Range { known: 1, .. }),
        "{error}"
    );
    // The document's contributor is number 0, and there is none.
    let round = archive.round(0..1, 0, None).expect("known");
    let words = round.attribute();
    // All of it stands in the prompt: nobody is paid, and nobody is missed.
    assert!(words.expect("an echo").payouts.is_empty());
    assert_eq!(Evidence::answer(&round, 1), None);
    assert_eq!(
        Chain::paid(&round, 0),
        Some(archive.answer(0).expect("there").hash())
    );
    let unknown = EpochError::Contributor(3);
    assert_eq!(unknown.to_string(), "contributor 3 is not known");
}
