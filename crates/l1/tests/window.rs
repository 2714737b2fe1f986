//! The window of canonical blocks and the blob schedule, without an endpoint.

use alloy_eips::eip7840::BlobParams;
use alloy_primitives::{B256, U256, keccak256};
use openledger_l1::{Advance, BlobSchedule, HeadWindow, L1Block};

/// A block of `branch` on `parent`; `None`: a genesis.
fn block(parent: Option<&L1Block>, branch: u8) -> L1Block {
    let number = parent.map_or(0, |parent| parent.number + 1);
    let parent_hash = parent.map(|parent| parent.hash).unwrap_or_default();
    L1Block {
        number,
        hash: keccak256([&parent_hash[..], &[branch]].concat()),
        parent_hash,
        timestamp: 12 * number,
        base_fee: 1,
        excess_blob_gas: None,
        blob_base_fee: 1,
        prev_randao: B256::ZERO,
        parent_beacon_block_root: B256::ZERO,
        receipts_root: B256::ZERO,
        gas_limit: 30_000_000,
    }
}

fn chain(parent: Option<&L1Block>, branch: u8, length: usize) -> Vec<L1Block> {
    let mut blocks: Vec<L1Block> = Vec::new();
    for _ in 0..length {
        blocks.push(block(blocks.last().or(parent), branch));
    }
    blocks
}

fn refs(blocks: &[L1Block]) -> Vec<openledger_l1::L1BlockRef> {
    blocks.iter().map(L1Block::block_ref).collect()
}

#[test]
fn blocks_on_top_extend_and_the_oldest_fall_out() {
    let blocks = chain(None, 0, 10);
    let mut window = HeadWindow::new(blocks[0], 4);
    assert_eq!(window.apply(blocks[1..3].to_vec()), Some(Advance::Extended));
    assert_eq!(
        window.apply(blocks[3..10].to_vec()),
        Some(Advance::Extended)
    );
    assert_eq!(*window.head(), blocks[9]);
    assert_eq!(*window.oldest(), blocks[6]);
    assert_eq!(window.get(5), None);
    assert_eq!(window.get(10), None);
    assert!(window.contains(7, blocks[7].hash));
    assert!(!window.contains(7, blocks[8].hash));
    assert_eq!(window.apply(Vec::new()), None);
}

#[test]
fn a_branch_replaces_what_stood_above_its_parent() {
    let blocks = chain(None, 0, 10);
    let mut window = HeadWindow::new(blocks[0], 100);
    window.apply(blocks[1..].to_vec());
    // Longer, equal and shorter than what it replaces.
    for (branch, kept, length) in [(1, 5, 9), (2, 3, 11), (3, 8, 2)] {
        let before: Vec<_> = (0..=window.head().number)
            .filter_map(|n| window.get(n).copied())
            .collect();
        let new = chain(Some(&before[kept]), branch, length);
        let expected = Advance::Reorg {
            common_ancestor: Some(before[kept].block_ref()),
            removed: refs(&before[kept + 1..]),
        };
        assert_eq!(window.apply(new.clone()), Some(expected));
        assert_eq!(window.head(), new.last().expect("not empty"));
        assert_eq!(window.get(kept as u64), Some(&before[kept]));
    }
}

#[test]
fn a_branch_from_below_the_window_replaces_everything() {
    let blocks = chain(None, 0, 10);
    let mut window = HeadWindow::new(blocks[5], 100);
    window.apply(blocks[6..].to_vec());
    let new = chain(Some(&blocks[2]), 1, 6);
    let expected = Advance::Reorg {
        common_ancestor: None,
        removed: refs(&blocks[5..]),
    };
    assert_eq!(window.apply(new[1..].to_vec()), Some(expected));
    assert_eq!(window.oldest(), &new[1]);
}

#[test]
fn only_the_parent_goes_below() {
    let blocks = chain(None, 0, 10);
    let mut window = HeadWindow::new(blocks[9], 2);
    assert!(!window.prepend(blocks[7]));
    assert!(window.prepend(blocks[8]));
    assert!(!window.prepend(blocks[7]), "it is full");
    let other = chain(None, 1, 10);
    let mut window = HeadWindow::new(blocks[9], 10);
    assert!(!window.prepend(other[8]));
}

#[test]
fn shortening_stops_at_what_is_remembered() {
    let blocks = chain(None, 0, 10);
    let mut window = HeadWindow::new(blocks[4], 100);
    window.apply(blocks[5..].to_vec());
    assert_eq!(window.shorten(9), None, "nothing stands above the head");
    assert_eq!(window.shorten(3), None, "not remembered");
    let expected = Advance::Reorg {
        common_ancestor: Some(blocks[7].block_ref()),
        removed: refs(&blocks[8..]),
    };
    assert_eq!(window.shorten(7), Some(expected));
    assert_eq!(*window.head(), blocks[7]);
}

#[test]
fn the_blob_base_fee_changes_at_each_boundary_of_the_schedule() {
    let schedule = BlobSchedule::mainnet();
    let boundaries = [
        (1_710_338_135, None, BlobParams::cancun()),
        (
            1_746_612_311,
            Some(BlobParams::cancun()),
            BlobParams::prague(),
        ),
        (
            1_764_798_551,
            Some(BlobParams::prague()),
            BlobParams::osaka(),
        ),
        (1_765_290_071, Some(BlobParams::osaka()), BlobParams::bpo1()),
        (1_767_747_671, Some(BlobParams::bpo1()), BlobParams::bpo2()),
    ];
    for (time, before, after) in boundaries {
        assert_eq!(schedule.params(time - 1), before, "before {time}");
        assert_eq!(schedule.params(time), Some(after), "at {time}");
    }
    assert_eq!(schedule.params(u64::MAX), Some(BlobParams::bpo2()));

    // EIP-4844's fake exponential with each fork's own fraction, computed with unbounded integers.
    let excess = 50_000_000_u64;
    for params in [
        BlobParams::cancun(),
        BlobParams::prague(),
        BlobParams::bpo1(),
        BlobParams::bpo2(),
    ] {
        let fraction = U256::from(params.update_fraction);
        let (mut sum, mut term, mut i) = (U256::ZERO, fraction, U256::from(1));
        while !term.is_zero() {
            sum += term;
            term = term * U256::from(excess) / (fraction * i);
            i += U256::from(1);
        }
        assert_eq!(U256::from(params.calc_blob_fee(excess)), sum / fraction);
    }
}
