//! What an attacker gets.

use crate::{
    scene,
    simulation::{
        attacks::{
            copies::copies,
            laundering::{mixtures, paraphrases},
            order::{echo, front_running},
            splits::{Cut, after_a_full_tile, quotes_apart, splits},
            stuffing::{poisoned_list, stuffing},
        },
        containment::{Edited, Independent},
        generated,
    },
};
use openledger_attribution::sketch::Band;

#[test]
fn copies_gain_nothing() {
    for tried in copies(&scene()) {
        println!("{tried:.4?}");
        assert_eq!(tried.with, 0.0, "{tried:?}");
        // By the naive rule it pays.
        assert!(tried.naive.is_some_and(|naive| naive > 0.3), "{tried:?}");
    }
}

#[test]
fn splitting_ones_documents_gains_nothing() {
    for cut in [Cut::Parts(2), Cut::Parts(4), Cut::Parts(8), Cut::Crumbs] {
        let split = splits(&scene(), 4, cut);
        println!("{cut:?}: {split:.4?}");
        assert!(split.whole > 0 && split.split <= split.whole, "{split:?}");
        assert!(cut != Cut::Crumbs || split.split == 0, "{split:?}");
    }
}

#[test]
fn no_cut_saves_what_goes_on_after_a_full_tile() {
    let split = after_a_full_tile(&scene());
    println!("{split:.4?}");
    assert!(split.split <= split.whole, "{split:?}");
}

#[test]
fn a_quote_committed_apart_gives_its_derivative_the_parents_share() {
    // A limit, held here so that it is noticed when it moves: the parent has no part of words that were not its own then.
    let split = quotes_apart(&scene());
    println!("{split:.4?}");
    assert!(split.highest > 1.0, "{split:?}");
    // The parent of a derivative gets less than 0.4.
    assert!(split.highest < 1.0 / 0.6, "{split:?}");
}

#[test]
fn who_commits_after_the_reveal_gets_nothing() {
    let tried = front_running(&scene());
    println!("{tried:.4?}");
    assert_eq!(tried[0].with, 0.0);
    assert!(tried[1].with > 0.01, "it would be worth something");
}

#[test]
fn what_stands_in_the_prompt_earns_nothing() {
    let tried = echo(&scene());
    println!("{tried:.4?}");
    let [echoed, further, goes_on, unseen] = &tried[..] else {
        panic!("four were tried")
    };
    assert!(echoed.with < unseen.with / 20.0, "{tried:?}");
    // What the model goes on with is its source's, and that alone.
    assert!(further.with < unseen.with / 20.0, "{tried:?}");
    assert!(goes_on.with < unseen.with / 3.0, "{tried:?}");
}

#[test]
fn documents_made_to_be_matched_get_next_to_nothing() {
    let tried = stuffing(&scene());
    println!("{tried:.4?}");
    for tried in &tried {
        // Also those that were there before anybody wrote a text.
        assert!(tried.with < 0.03, "{tried:?}");
        if tried.attack.contains("committed last") {
            assert!(tried.with < 0.001, "{tried:?}");
        }
    }
}

#[test]
fn a_list_can_be_filled_with_a_contributors_text() {
    // A limit: those who fill it get nothing of it, and the contributor loses.
    let tried = poisoned_list(&scene());
    println!("{tried:.4?}");
    assert!(tried.with < tried.without / 2.0, "{tried:?}");
}

#[test]
fn laundering_takes_nothing_from_answers_that_say_the_originals() {
    let scene = scene();
    let paraphrased = paraphrases(&scene, &[4, 6, 10, 20]);
    let mixed = mixtures(&scene, &[1, 2, 4, 12]);
    for laundered in paraphrased.iter().chain(&mixed) {
        println!("{laundered:.3?}");
        assert!(laundered.of_originals < 0.005, "{laundered:?}");
    }
    // What is held pays its root, also where the model says the laundered text; what is no derivative any more is the limit.
    let held = [&paraphrased[2], &paraphrased[3], &mixed[0], &mixed[1]];
    for laundered in held {
        assert!(laundered.held > 0.95, "{laundered:?}");
        assert!(laundered.of_laundered < 0.05, "{laundered:?}");
    }
    for laundered in [&paraphrased[0], &mixed[3]] {
        assert!(laundered.of_laundered > 0.7, "{laundered:?}");
    }
}

#[test]
fn independent_documents_are_original() {
    let found = Independent::of(&generated::documents(400, 9));
    println!(
        "{:?} and {} of {}",
        found.quantile(1.0),
        found.touching,
        found.pairs
    );
    assert_eq!(found.share(Band::Held), 0.0);
    assert!(found.share(Band::Derivative) < 0.05, "{found:?}");
}

#[test]
fn an_edit_is_seen_up_to_every_sixth_word() {
    let scene = scene();
    let chain = &scene.library.chain;
    let contained = [4, 6, 8, 10, 20].map(|n| Edited::every_nth(&scene.own(), n, chain).mean);
    println!("{contained:.3?}");
    assert!(contained.is_sorted());
    assert!(contained[0] < 0.15 && contained[1] > 0.15, "{contained:?}");
    assert!(contained[3] > 0.4, "{contained:?}");
}

#[test]
fn a_look_alike_is_another_word() {
    let scene = scene();
    let look_alikes = generated::look_alikes();
    for n in [4, 10] {
        let looks_alike = Edited::of(&scene.own(), |mut work| {
            for word in work.words.iter_mut().skip(n - 1).step_by(n) {
                *word = look_alikes[word];
            }
            work
        });
        let changed = Edited::every_nth(&scene.own(), n, &scene.library.chain);
        println!("{n}: {looks_alike:.3?}, {changed:.3?}");
        assert!((looks_alike.mean - changed.mean).abs() < 0.02);
    }
}
