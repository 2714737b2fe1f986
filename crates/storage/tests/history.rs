//! Random histories against a model: what is committed reads back, and unwinding is the inverse of commit.

mod common;

use common::{
    Chain, assert_same, assert_state, assert_state_at, dump, hashed, open, root, strategy,
};
use openledger_storage::StorageError;
use openledger_trie::StateTrie;
use proptest::prelude::*;

const ADDRESSES: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn committed_blocks_read_back_and_unwind_exactly(
        genesis in strategy::block(), blocks in strategy::blocks(8),
        sizes in prop::collection::vec(1usize..4, 8), target in any::<prop::sample::Index>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let database = open(directory.path());
        let mut chain = Chain::new(&database, &genesis);
        let mut dumps = vec![Some(dump(&database))];
        let mut sizes = sizes.iter().cycle();
        let mut batch = Vec::new();
        let mut size = *sizes.next().unwrap();
        for (index, ops) in blocks.iter().enumerate() {
            batch.push(chain.extend(&database, ops));
            dumps.push(None);
            if batch.len() == size || index + 1 == blocks.len() {
                database.commit(&batch).unwrap();
                *dumps.last_mut().unwrap() = Some(dump(&database));
                batch.clear();
                size = *sizes.next().unwrap();
            }
        }

        let reader = database.reader().unwrap();
        assert_state(&reader, chain.states.last().unwrap());
        database.check(true).unwrap();
        for (number, state) in chain.states.iter().enumerate() {
            assert_state_at(&reader, number as u64, state, &ADDRESSES);
            let reverse = reader.reverse_changes(number as u64).unwrap();
            let trie = StateTrie::new().apply(0, &reverse, &reader).unwrap();
            prop_assert_eq!(trie.root, root(state));
        }
        for executed in &chain.blocks {
            let number = executed.number();
            prop_assert_eq!(reader.block(number).unwrap(), Some(executed.block.clone()));
            prop_assert_eq!(reader.receipts(number).unwrap(), Some(executed.receipts.clone()));
            prop_assert_eq!(reader.header_number(executed.hash()).unwrap(), Some(number));
            for (hash, code) in &executed.changes.codes {
                prop_assert_eq!(reader.code(*hash).unwrap(), Some(code.clone()));
            }
        }
        drop(reader);

        // One block at a time and several at once lead to the same tables.
        let target = target.index(chain.blocks.len()) as u64;
        let removed = database.unwind_to(target).unwrap();
        let expected: Vec<_> = chain.blocks[target as usize + 1..].iter().map(|b| b.block.clone()).collect();
        prop_assert_eq!(removed, expected);
        if let Some(before) = &dumps[target as usize] {
            assert_same(before, &dump(&database));
        }
        database.check(true).unwrap();
        assert_state(&database.reader().unwrap(), &chain.states[target as usize]);

        // And the chain goes on, to the same tables again.
        let rest: Vec<_> = chain.blocks[target as usize + 1..].to_vec();
        for block in rest {
            database.commit(&[block]).unwrap();
        }
        assert_same(dumps.last().unwrap().as_ref().unwrap(), &dump(&database));
    }

    #[test]
    fn pruning_forgets_what_it_says_and_nothing_else(
        genesis in strategy::block(), blocks in strategy::blocks(10),
        floors in prop::collection::vec((0u64..12, prop::option::of(0u64..12)), 1..4),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let database = open(directory.path());
        let mut chain = Chain::new(&database, &genesis);
        let batch: Vec<_> = blocks.iter().map(|ops| chain.extend(&database, ops)).collect();
        database.commit(&batch).unwrap();
        let head = chain.head_number();
        let kept = hashed(3);
        let (mut floor, mut kept_floor) = (0, 0);
        for (before, keep) in floors {
            let before = before.min(head);
            let keep: Vec<_> = keep.map(|from| (kept, from)).into_iter().collect();
            floor = floor.max(before);
            kept_floor = keep.first().map_or(floor, |(_, from)| kept_floor.max(*from).min(floor));
            prop_assert_eq!(database.prune_history(before, &keep).unwrap().floor, floor);

            let reader = database.reader().unwrap();
            prop_assert_eq!(reader.history_floor().unwrap(), floor);
            for (number, state) in chain.states.iter().enumerate() {
                let number = number as u64;
                if number >= floor {
                    assert_state_at(&reader, number, state, &ADDRESSES);
                    prop_assert_eq!(
                        StateTrie::new().apply(0, &reader.reverse_changes(number).unwrap(), &reader).unwrap().root,
                        root(state)
                    );
                } else {
                    let pruned = |oldest| move |error| matches!(error, StorageError::HistoryPruned { oldest: o, .. } if o == oldest);
                    prop_assert!(reader.reverse_changes(number).is_err_and(pruned(floor)));
                    prop_assert!(reader.account_at(number, hashed(4)).is_err_and(pruned(floor)));
                    if number >= kept_floor {
                        assert_state_at(&reader, number, state, &[3]);
                    } else {
                        prop_assert!(reader.account_at(number, kept).is_err_and(pruned(kept_floor)));
                    }
                }
            }
        }
        // Of what is forgotten nothing stays behind.
        database.prune_history(head, &[]).unwrap();
        for stats in database.stats().unwrap() {
            use openledger_storage::Table::{AccountHistory, ChangeSets, StorageHistory};
            if matches!(stats.table, AccountHistory | StorageHistory | ChangeSets) {
                prop_assert_eq!(stats.entries, 0, "{:?}", stats.table);
            }
        }
        database.check(true).unwrap();
    }
}
