//! Documents that are made to be matched, and others that are made to be common.

use super::{Scene, Tried};
use crate::simulation::{BOILERPLATE_CLUSTERS, Work, World, library::COMMIT, measures::share_of};
use openledger_attribution::{WordId, boilerplate::BOILERPLATE_WORDS};
use rand::rngs::StdRng;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Words of an attacker's document.
const WORDS: usize = 512;

/// Words of the victim's in a document that makes them common: too few of it to be anybody's derivative.
const BORROWED: usize = 64;

/// Documents that are nothing but the 8-word phrases which stand in the most documents, and as many as the library has of what the
/// language model says: each committed before and after everybody else, with the list of boilerplate and without.
pub fn stuffing(scene: &Scene) -> Vec<Tried> {
    let phrases: Vec<WordId> = common_phrases(scene).concat();
    let phrases: Vec<Vec<WordId>> = phrases.chunks(WORDS).map(<[_]>::to_vec).collect();
    let mut rng = scene.rng();
    let said = |rng: &mut StdRng| scene.library.chain.say(WORDS, rng);
    let said: Vec<_> = scene.library.works.iter().map(|_| said(&mut rng)).collect();
    let of_phrases = "the 512 commonest 8-word phrases";
    let of_model = "as many documents of likely text as there are documents";
    let mut tried = Vec::new();
    for (name, texts) in [(of_phrases, phrases), (of_model, said)] {
        for first in [false, true] {
            let at = match first {
                true => 1,
                false => scene.library.next_seq(),
            };
            let works = texts.iter().zip(at..);
            let works =
                works.map(|(words, seq)| Work::original(seq, scene.attacker(), words.clone()));
            let works = Vec::from_iter(works);
            for list in [None, Some(BOILERPLATE_CLUSTERS)] {
                let all = scene.library.works.iter().chain(&works);
                let paid = World::new(all, list).attribute(&scene.outputs);
                let when = if first { "first" } else { "last" };
                let with = if list.is_some() { "with" } else { "without" };
                tried.push(Tried {
                    attack: format!("{name}, committed {when}, {with} a list"),
                    without: 0.0,
                    with: share_of(&paid, |who| who >= scene.attacker()).0,
                    naive: None,
                });
            }
        }
    }
    tried
}

/// The 512 phrases that stand in the most documents.
fn common_phrases(scene: &Scene) -> Vec<Vec<WordId>> {
    let mut documents: BTreeMap<&[WordId], usize> = BTreeMap::new();
    for work in &scene.library.works {
        let phrases = BTreeSet::from_iter(work.words.windows(BOILERPLATE_WORDS));
        for phrase in phrases {
            *documents.entry(phrase).or_default() += 1;
        }
    }
    let mut phrases = Vec::from_iter(documents);
    phrases.sort_by_key(|(_, documents)| Reverse(*documents));
    let phrases = phrases.into_iter().take(512);
    phrases.map(|(phrase, _)| phrase.to_vec()).collect()
}

/// What a contributor gets whose longest text is put into so many clusters that the list takes it in: each document has 64 words of it, and for
/// the rest words of its own. The attackers gain nothing; the training weights do.
pub fn poisoned_list(scene: &Scene) -> Tried {
    let mut rng = scene.rng();
    let own = scene.own();
    let before = scene.paid(&[], &scene.outputs);
    let earned = |who: u64| share_of(&before, |of| of == who).1;
    let victim = (0..scene.library.contributors).max_by_key(|who| earned(*who));
    let victim = victim.expect("there are contributors");
    let mut works = Vec::new();
    for work in own.into_iter().filter(|work| work.contributor == victim) {
        for borrowed in overlapping(&work.words) {
            for _ in 0..BOILERPLATE_CLUSTERS {
                let mut words = borrowed.to_vec();
                words.extend(scene.library.chain.say(WORDS - borrowed.len(), &mut rng));
                let seq = scene.library.next_seq() + works.len() as u64 * COMMIT;
                works.push(Work::original(seq, scene.attacker(), words));
            }
        }
    }
    let after = scene.paid(&works, &scene.outputs);
    Tried {
        attack: format!("{} documents that borrow a contributor's text", works.len()),
        without: share_of(&before, |who| who == victim).0,
        with: share_of(&after, |who| who == victim).0,
        naive: None,
    }
}

/// Parts of a text that have each 8 words in a row among them.
fn overlapping(words: &[WordId]) -> impl Iterator<Item = &[WordId]> {
    let starts = (0..words.len()).step_by(BORROWED - BOILERPLATE_WORDS + 1);
    starts.map(|start| &words[start..words.len().min(start + BORROWED)])
}
