//! The list of boilerplate.

use crate::oracle::{self, Owned, case, corpus, words};
use openledger_attribution::Boilerplate;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_list_is_the_oracles_however_the_corpus_is_split((documents, split, _) in case(), clusters in 0_usize..5) {
        let found = Boilerplate::common(&corpus(&documents, &split), clusters);
        prop_assert_eq!(found, oracle::common(&documents, clusters));
    }
}

#[test]
fn copies_do_not_make_a_sentence_boilerplate() {
    let document = |seq, root_seq, from: usize| Owned {
        seq,
        root_seq,
        words: words(&Vec::from_iter(from..from + 9)),
    };
    // One sentence in a cluster of four, another in two clusters.
    let documents = [
        document(1, 1, 0),
        document(2, 1, 0),
        document(3, 1, 0),
        document(4, 1, 0),
        document(5, 5, 100),
        document(6, 6, 100),
    ];
    let list = Boilerplate::common(&corpus(&documents, &[0, 1]), 2);
    assert_eq!(list.phrases().len(), 2);
    assert!(list.covers(&documents[4].words));
    assert!(!list.covers(&documents[0].words));
    assert!(!list.covers(&documents[4].words[..7]));
}
