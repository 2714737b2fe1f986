//! What is read ahead is what the pipeline derives.

use crate::{
    LookAhead,
    kit::{Choices, FIRST_L1, Node, cases},
    tests::identity::posted_chain,
};
use alloy_primitives::Bytes;
use openledger_protocol::Batch;
use proptest::prelude::*;

fn blocks(batch: Batch) -> Vec<Vec<Bytes>> {
    match batch {
        Batch::Singular(batch) => vec![batch.transactions],
        Batch::Span(span) => span.blocks.into_iter().map(|b| b.transactions).collect(),
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn every_derived_block_was_read_ahead_from_the_same_l1_block(
        list in prop::collection::vec(any::<u16>(), 8..80),
        count in 1usize..60,
    ) {
        let (world, chain) = posted_chain(&mut Choices::new(list), count);
        let mut ahead = LookAhead::new(&world.rollup);
        let mut found = Vec::new();
        for number in FIRST_L1..=world.head() {
            ahead.read(number, &world.posted(number), |batch| {
                found.extend(blocks(batch).into_iter().map(|block| (number, block)));
                true
            });
        }
        let mut node = Node::new(&world);
        node.run().map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(&node.chain, &chain);
        let derived: Vec<_> = node
            .derived
            .iter()
            .take(chain.len() - 1)
            .map(|d| (d.derived_from.number, d.attributes.transactions.clone()))
            .collect();
        prop_assert_eq!(found, derived);
    }
}
