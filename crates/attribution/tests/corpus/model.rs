//! The reference model.

use crate::oracle::{self, Owned, case, corpus, words};
use alloy_primitives::B256;
use openledger_attribution::{
    Corpus, ReferenceModel,
    model::{DEFAULT_HORIZON, Temperature},
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn counts_are_the_oracles_however_the_corpus_is_split((documents, split, text) in case(), horizon in 1_usize..40) {
        let model = ReferenceModel::new(corpus(&documents, &split));
        let near = ReferenceModel::new(corpus(&documents, &split)).with_horizon(horizon);
        for end in 0..=text.len() {
            for (model, horizon) in [(&model, DEFAULT_HORIZON), (&near, horizon)] {
                let found = model.distribution(&text[..end]).map(|found| {
                    let counts = found.continuations.into_iter().map(|next| (next.word, (next.clusters, next.occurrences)));
                    (found.context_words, found.occurrences, counts.collect())
                });
                prop_assert_eq!(found, oracle::following(&documents, &text[..end], horizon));
            }
        }
    }

    #[test]
    fn what_is_generated_depends_on_the_documents_and_the_seed_alone(
        (documents, split, text) in case(),
        temperature in prop_oneof![Just(0_u32), Just(10_000), 1_u32..30_000],
        seed in any::<[u8; 32]>(),
    ) {
        let generate = |split: &[usize]| {
            let model = ReferenceModel::new(corpus(&documents, split)).with_horizon(20);
            model.generate(&text, 30, Temperature(temperature), B256::from(seed))
        };
        let generated = generate(&split);
        prop_assert_eq!(&generated, &generate(&[0]));
        let something = documents.iter().any(|document| !document.words.is_empty());
        prop_assert_eq!(generated.len(), if something { 30 } else { 0 });
    }
}

#[test]
fn copies_of_a_text_are_one_voice() {
    let document = |seq, root_seq, numbers: &[usize]| Owned {
        seq,
        root_seq,
        words: words(numbers),
    };
    // "1 2" is followed by 3 in one cluster, five times, and by 4 in two.
    let mut documents: Vec<Owned> = (1..6).map(|seq| document(seq, 1, &[1, 2, 3])).collect();
    documents.extend([document(6, 6, &[1, 2, 4]), document(7, 7, &[1, 2, 4])]);
    let model = ReferenceModel::new(corpus(&documents, &[0, 1]));
    let distribution = model.distribution(&words(&[1, 2])).expect("a distribution");
    let counts = |number| {
        let [word] = words(&[number])[..] else {
            unreachable!()
        };
        let found = distribution
            .continuations
            .iter()
            .find(|next| next.word == word);
        found.map(|next| (next.clusters, next.occurrences))
    };
    assert_eq!((counts(3), counts(4)), (Some((1, 5)), Some((2, 2))));
    let next = model.generate(&words(&[1, 2]), 1, Temperature::GREEDY, B256::ZERO);
    assert_eq!(next, words(&[4]));
}

#[test]
fn an_empty_corpus_says_nothing() {
    let model = ReferenceModel::new(Corpus::default());
    assert_eq!(model.distribution(&words(&[1])), None);
    assert_eq!(model.generate(&[], 9, Temperature::ONE, B256::ZERO), []);
}
