//! Being there first, or in the prompt.

use super::{Scene, Tried};
use crate::simulation::{BOILERPLATE_CLUSTERS, Work, World, library::COMMIT, measures::share_of};
use rand::{Rng, seq::IndexedRandom};

/// Of the contributors, the first tenth is attacked.
fn is_victim(scene: &Scene) -> impl Fn(u64) -> bool {
    let victims = scene.library.contributors / 10;
    move |who| who < victims
}

/// Who sees a document when it is revealed commits the same words: later than its commit, and first if the reveals were what counts.
pub fn front_running(scene: &Scene) -> Vec<Tried> {
    let works = scene.own().into_iter();
    let victims: Vec<&Work> = works
        .filter(|work| is_victim(scene)(work.contributor))
        .collect();
    let copied = |seq: fn(u64) -> u64| -> Vec<Work> {
        let copy = |work: &&Work| work.copied(seq(work.seq), scene.attacker());
        victims.iter().map(copy).collect()
    };
    vec![
        scene.try_works(
            "copies after seeing the reveal; the commits count, as they do".into(),
            &copied(|seq| seq + COMMIT / 2),
        ),
        scene.try_works(
            "the same, if the reveals counted and the attacker's came first".into(),
            &copied(|seq| seq - COMMIT / 2),
        ),
    ]
}

/// Texts that the first tenth of the contributors did not write, which nobody else registered.
pub fn public_text(scene: &Scene) -> Tried {
    let paid = scene.paid(&[], &scene.outputs);
    Tried {
        attack: "what a tenth of the contributors registered is public text".into(),
        without: 0.0,
        with: share_of(&paid, is_victim(scene)).0,
        naive: None,
    }
}

/// Somebody has the model say their own words, which stand in the prompt: 60 of them at the end of each answer.
pub fn echo(scene: &Scene) -> Vec<Tried> {
    let tried = [
        (
            "60 words of the attacker's in each prompt, repeated by the answer",
            60,
            60,
        ),
        (
            "the same, and the answer goes on with the next word of that document",
            60,
            61,
        ),
        (
            "the same, and the answer goes on with the next 12 words",
            60,
            72,
        ),
        ("the same 60 words, if the prompt were not looked at", 0, 60),
    ];
    let at = scene.library.next_seq();
    let mut rng = scene.rng();
    let chain = &scene.library.chain;
    let works = (0..20).map(|n| Work::original(at + n, scene.attacker(), chain.say(400, &mut rng)));
    let works = Vec::from_iter(works);
    let all = scene.library.works.iter().chain(&works);
    let world = World::new(all, Some(BOILERPLATE_CLUSTERS));
    let tried = tried.map(|(attack, asked, said)| {
        let outputs = scene.outputs.iter().map(|output| {
            let work = works.choose(&mut rng).expect("there are works");
            let text = &work.words[rng.random_range(0..300)..];
            let mut output = output.clone();
            output.prompt = text[..asked].to_vec();
            output.words.extend_from_slice(&text[..said]);
            output
        });
        let paid = world.attribute(&Vec::from_iter(outputs));
        Tried {
            attack: attack.into(),
            without: 0.0,
            with: share_of(&paid, |who| who >= scene.attacker()).0,
            naive: None,
        }
    });
    tried.into()
}
