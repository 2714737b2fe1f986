//! Archives as an attributor fills them.

// Each test has its own use for it.
#![allow(dead_code)]

use alloy_primitives::{Address, B256};
use openledger_attribution::{
    Archive, Text, WordId,
    archive::{Contribution, Phrases, Published},
    leaf::{Answer, Context, ContributionKind, Item, RawCid, Visibility},
    pay::Terms,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

pub const CONTRIBUTORS: u64 = 5;

pub fn word(n: u32) -> WordId {
    WordId::of(&n.to_be_bytes())
}

pub fn fresh(rng: &mut StdRng, words: usize) -> Vec<WordId> {
    (0..words)
        .map(|_| word(rng.random_range(0..5_000)))
        .collect()
}

pub fn file(words: Vec<WordId>) -> Contribution {
    Contribution {
        kind: ContributionKind::Data,
        licence: 1,
        raw_cid: RawCid::NONE,
        words,
    }
}

pub fn salt(chunk: u32) -> B256 {
    B256::with_last_byte(chunk as u8 + 1)
}

/// A part of a text.
pub fn part(rng: &mut StdRng, words: &[WordId], len: usize) -> Vec<WordId> {
    let len = len.min(words.len());
    let start = rng.random_range(0..=words.len() - len);
    words[start..start + len].to_vec()
}

/// Files of which some hold parts of earlier ones, so that there are derivatives and held documents; answers made of their words.
pub fn archive(seed: u64) -> Archive {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut archive = Archive::default();
    let mut texts: Vec<Vec<WordId>> = vec![];
    let mut commits = 0;
    for version in 0..3u64 {
        let mut batches = vec![];
        for _ in 0..rng.random_range(1..4) {
            commits += 1;
            let files = (0..rng.random_range(1..3)).map(|_| {
                let len = rng.random_range(40..700);
                let mut words = fresh(&mut rng, len);
                if let Some(earlier) = texts.last().filter(|_| rng.random_bool(0.7)) {
                    let copied = [30, 150, 600][rng.random_range(0..3)];
                    words.splice(10..10, part(&mut rng, earlier, copied));
                }
                texts.push(words.clone());
                file(words)
            });
            let files = files.collect();
            let contributor = rng.random_range(0..CONTRIBUTORS);
            archive.revealed(commits, contributor).expect("once");
            archive.admit(commits, files).expect("in order");
            batches.push(commits);
        }
        archive.publish(version % 2, &batches).expect("known");
    }
    // Datanet 0 has two versions, of which the second model's corpus names both.
    let (first, both) = ([(0, 0)], [(0, 0), (1, 0), (0, 1)]);
    let terms = Terms::default().with_retrieval(2_000).expect("in bounds");
    archive
        .register(7, &first, Phrases::Common(3), terms)
        .expect("known");
    archive
        .register(9, &both, Phrases::Common(3), terms)
        .expect("known");
    for i in 0..rng.random_range(2..7) {
        let mut output = vec![];
        for _ in 0..rng.random_range(0..6) {
            let text = texts[rng.random_range(0..texts.len())].clone();
            let len = rng.random_range(4..90);
            output.extend(part(&mut rng, &text, len));
            let glue = rng.random_range(0..5);
            output.extend(fresh(&mut rng, glue));
        }
        let prompt = match rng.random_bool(0.3) {
            true => part(&mut rng, &output, 40),
            false => fresh(&mut rng, 20),
        };
        let prompt = Text::new(prompt, salt).expect("short");
        let output = Text::new(output, salt).expect("short");
        let items: Vec<_> = (0..rng.random_range(0..3))
            .map(|_| Item {
                seq: 1 << 32,
                contributor: rng.random_range(0..6),
                weight: rng.random_range(0..9),
            })
            .collect();
        let context = Context::new(prompt.root(), &items).expect("few");
        let answer = Answer {
            i,
            model_version: [7, 9][rng.random_range(0..2)],
            payer: Address::with_last_byte(1),
            fee: u128::from(rng.random_range(0..u64::MAX)) >> rng.random_range(0..60),
            tokens_in: 1,
            tokens_out: 2,
            visibility: match rng.random_bool(0.1) {
                true => Visibility::Sealed,
                false => Visibility::Public,
            },
            context_root: context.root(),
            output_root: output.root(),
            words: output.words().len() as u32,
        };
        let published = Published {
            context,
            prompt,
            output,
        };
        // Now and then somebody keeps the text back.
        let open = answer.visibility == Visibility::Public && rng.random_bool(0.9);
        let added = archive.answered(answer, open.then_some(published));
        added.expect("next");
    }
    archive
}
