//! Every rule of the batch stage by name, each broken alone.

use crate::{
    MAX_SEQUENCER_DRIFT,
    batch_validity::{Candidate, Context, Invalid, SpanParent, SpanRange, Validity},
    kit::{L2_TIME, World, l1_block, pool},
    l1_window::L1Window,
};
use alloy_primitives::{B256, Bytes};
use openledger_genesis::RollupConfig;
use openledger_primitives::BlockRef;
use openledger_protocol::{L1Inputs, L2BlockRef, SpanBatch, SpanBlock};

const WINDOW: u64 = 10;

/// The safe block's number, its timestamp, and its origin's number.
const HEAD: u64 = 40;
const TIME: u64 = 2_000_000;
const EPOCH: u64 = 20;

struct Scene {
    rollup: RollupConfig,
    window: L1Window,
    head: L2BlockRef,
    inclusion: u64,
}

/// L1 blocks 20 to 24; the origin is 6 seconds older than the safe block, the next one is as old as the next block.
fn scene() -> Scene {
    scene_at(&[TIME - 6, TIME + 2, TIME + 14, TIME + 26, TIME + 38])
}

fn scene_at(timestamps: &[u64]) -> Scene {
    let mut window = L1Window::default();
    for (number, timestamp) in (EPOCH..).zip(timestamps) {
        window.push(L1Inputs {
            block: l1_block(number, *timestamp),
            deposits: Vec::new(),
            config_updates: Vec::new(),
        });
    }
    Scene {
        rollup: (*World::new(WINDOW).rollup).clone(),
        window,
        head: L2BlockRef {
            hash: B256::repeat_byte(4),
            number: HEAD,
            parent_hash: B256::repeat_byte(3),
            timestamp: TIME,
            l1_origin: l1_block(EPOCH, 0).id(),
            sequence_number: 3,
        },
        inclusion: EPOCH + timestamps.len() as u64 - 1,
    }
}

fn tx() -> Vec<Bytes> {
    vec![pool()[0].encoded().clone()]
}

/// A batch that keeps the rules.
fn good(transactions: &[Bytes]) -> Candidate<'_> {
    Candidate {
        parent_hash: Some(B256::repeat_byte(4)),
        epoch_number: EPOCH,
        epoch_hash: Some(l1_block(EPOCH, 0).hash),
        timestamp: TIME + L2_TIME,
        transactions,
    }
}

impl Scene {
    fn context(&self) -> Context<'_> {
        Context {
            rollup: &self.rollup,
            window: &self.window,
            head: &self.head,
            inclusion: self.inclusion,
        }
    }

    fn check(&self, batch: Candidate<'_>) -> Validity {
        let context = self.context();
        let (epoch, next) = context.epochs().expect("two blocks");
        context.check_single(&batch, epoch, next)
    }

    #[track_caller]
    fn drops(&self, batch: Candidate<'_>, expected: Invalid) {
        assert_eq!(self.check(batch), Validity::Drop(expected));
    }

    #[track_caller]
    fn accepts(&self, batch: Candidate<'_>) {
        assert_eq!(self.check(batch), Validity::Accept);
    }
}

#[test]
fn a_batch_that_keeps_the_rules_is_accepted() {
    let tx = tx();
    scene().accepts(good(&tx));
    scene().accepts(good(&[]));
    scene().accepts(Candidate {
        epoch_number: EPOCH + 1,
        epoch_hash: Some(l1_block(EPOCH + 1, 0).hash),
        ..good(&tx)
    });
}

#[test]
fn timestamp_decides_between_past_next_and_future() {
    let at = |timestamp| {
        scene().check(Candidate {
            timestamp,
            ..good(&[])
        })
    };
    let next = TIME + L2_TIME;
    assert_eq!(at(0), Validity::Past);
    assert_eq!(at(TIME), Validity::Past);
    assert_eq!(at(next - 1), Validity::Past);
    assert_eq!(at(next), Validity::Accept);
    for found in [next + 1, next + L2_TIME, u64::MAX] {
        assert_eq!(at(found), Validity::Drop(Invalid::Future { next, found }));
    }
}

#[test]
fn another_parent_is_dropped() {
    let parent_hash = Some(B256::repeat_byte(5));
    scene().drops(
        Candidate {
            parent_hash,
            ..good(&[])
        },
        Invalid::Parent,
    );
    // A past batch is past, whatever it says about its parent.
    let past = Candidate {
        parent_hash,
        timestamp: TIME,
        ..good(&[])
    };
    assert_eq!(scene().check(past), Validity::Past);
}

#[test]
fn the_sequencing_window_includes_its_last_block() {
    let mut scene = scene();
    scene.inclusion = EPOCH + WINDOW;
    scene.accepts(good(&[]));
    scene.inclusion = EPOCH + WINDOW + 1;
    let inclusion = scene.inclusion;
    scene.drops(
        good(&[]),
        Invalid::WindowOver {
            epoch: EPOCH,
            inclusion,
        },
    );
}

#[test]
fn the_epoch_stays_or_moves_by_one() {
    let scene = scene();
    let with = |epoch_number| Candidate {
        epoch_number,
        ..good(&[])
    };
    let too_old = |epoch| Invalid::EpochTooOld {
        epoch,
        parent: EPOCH,
    };
    let too_new = |epoch| Invalid::EpochTooNew {
        epoch,
        parent: EPOCH,
    };
    scene.drops(with(EPOCH - 1), too_old(EPOCH - 1));
    scene.drops(with(EPOCH + 2), too_new(EPOCH + 2));
    scene.drops(with(u64::MAX), too_new(u64::MAX));
}

#[test]
fn the_epoch_hash_must_be_canonical() {
    let epoch_hash = Some(B256::repeat_byte(1));
    let batch = good(&[]);
    scene().drops(
        Candidate {
            epoch_hash,
            ..batch
        },
        Invalid::EpochHash,
    );
    let next = Candidate {
        epoch_number: EPOCH + 1,
        ..batch
    };
    scene().drops(next, Invalid::EpochHash);
}

#[test]
fn a_block_is_not_older_than_its_origin() {
    let timestamp = TIME + L2_TIME;
    let batch = Candidate {
        epoch_number: EPOCH + 1,
        epoch_hash: Some(l1_block(EPOCH + 1, 0).hash),
        ..good(&[])
    };
    scene_at(&[TIME, timestamp]).accepts(batch);
    scene_at(&[TIME, timestamp + 1]).drops(
        batch,
        Invalid::BeforeOrigin {
            timestamp,
            origin: timestamp + 1,
        },
    );
}

#[test]
fn transactions_are_allowed_up_to_the_drift() {
    let tx = tx();
    let next = TIME + L2_TIME;
    let origin = next - MAX_SEQUENCER_DRIFT;
    scene_at(&[origin, TIME]).accepts(good(&tx));
    scene_at(&[origin - 1, TIME]).drops(good(&tx), Invalid::Drift);
    // The limit in rollup.json (600) is the one before Fjord.
    scene_at(&[next - 601, TIME]).accepts(good(&tx));
}

#[test]
fn an_empty_block_beyond_the_drift_keeps_its_origin_only_while_the_next_is_in_its_future() {
    let next = TIME + L2_TIME;
    let old = next - MAX_SEQUENCER_DRIFT - 1;
    scene_at(&[old, next + 1]).accepts(good(&[]));
    scene_at(&[old, next]).drops(good(&[]), Invalid::LateAdoption);
}

#[test]
fn an_empty_block_beyond_the_drift_may_adopt_the_next_origin() {
    let tx = tx();
    let adopting = |transactions| Candidate {
        epoch_number: EPOCH + 1,
        epoch_hash: Some(l1_block(EPOCH + 1, 0).hash),
        ..good(transactions)
    };
    let old = TIME + L2_TIME - MAX_SEQUENCER_DRIFT - 1;
    // The next origin is too old as well, and so is the one after it.
    let scene = scene_at(&[old - 24, old - 12, old]);
    scene.accepts(adopting(&[]));
    scene.drops(adopting(&tx), Invalid::Drift);
}

#[test]
fn only_transactions_of_users_are_in_batches() {
    let scene = scene();
    let check = |bytes: &[u8], expected: Option<Invalid>| {
        let list = [tx()[0].clone(), Bytes::copy_from_slice(bytes)];
        match expected {
            Some(invalid) => scene.drops(good(&list), invalid),
            None => scene.accepts(good(&list)),
        }
    };
    check(&[], Some(Invalid::EmptyTransaction(1)));
    for kind in (3..=3).chain(5..=0x7f) {
        check(&[kind, 1], Some(Invalid::ForbiddenType { index: 1, kind }));
    }
    // Whether it decodes is the engine's business.
    for kind in [1, 2, 4, 0xc0, 0xff] {
        check(&[kind], None);
    }
}

/// A span of `count` blocks from `first` on, each with the scene's origin.
fn span(first: u64, count: u64) -> SpanBatch {
    SpanBatch {
        parent_check: [4; 20],
        l1_origin_check: check_of(EPOCH),
        first_origin_changed: false,
        blocks: (0..count)
            .map(|i| SpanBlock {
                epoch_number: EPOCH,
                timestamp: first.saturating_add(i.saturating_mul(L2_TIME)),
                transactions: Vec::new(),
            })
            .collect(),
    }
}

fn check_of(number: u64) -> [u8; 20] {
    let mut check = [0; 20];
    check.copy_from_slice(&l1_block(number, 0).hash[..20]);
    check
}

#[test]
fn a_span_begins_with_the_next_block_or_with_safe_ones() {
    let range = |first, count| scene().context().check_span_range(&span(first, count));
    let next = TIME + L2_TIME;
    assert_eq!(range(next, 3), Ok(SpanRange::OnHead));
    assert_eq!(
        range(TIME, 2),
        Ok(SpanRange::Overlapping { parent: HEAD - 1 })
    );
    assert_eq!(
        range(TIME - 2 * L2_TIME, 4),
        Ok(SpanRange::Overlapping { parent: HEAD - 3 })
    );
    let found = next + L2_TIME;
    assert_eq!(
        range(found, 3),
        Err(Validity::Drop(Invalid::Future { next, found }))
    );
}

#[test]
fn a_span_that_ends_with_a_safe_block_is_past() {
    let range = |first, count| scene().context().check_span_range(&span(first, count));
    assert_eq!(range(TIME, 1), Err(Validity::Past));
    assert_eq!(range(TIME - 2 * L2_TIME, 3), Err(Validity::Past));
    assert_eq!(range(0, 5), Err(Validity::Past));
}

#[test]
fn a_span_between_two_blocks_is_dropped() {
    let range = |first, count| scene().context().check_span_range(&span(first, count));
    let misaligned = Err(Validity::Drop(Invalid::Misaligned));
    assert_eq!(range(TIME + 1, 3), misaligned);
    assert_eq!(range(TIME - 1, 5), misaligned);
}

#[test]
fn a_span_from_before_the_genesis_block_is_dropped() {
    let range = |first, count| scene().context().check_span_range(&span(first, count));
    let before = Err(Validity::Drop(Invalid::BeforeGenesis));
    // It may begin with block 1, not with the genesis block.
    let block = |number| TIME - (HEAD - number) * L2_TIME;
    assert_eq!(
        range(block(1), 60),
        Ok(SpanRange::Overlapping { parent: 0 })
    );
    assert_eq!(range(block(0), 60), before);
    assert_eq!(range(block(0) - 50 * L2_TIME, 600), before);
}

#[test]
fn the_prefix_of_a_span_keeps_the_rules() {
    let scene = scene();
    let parent = SpanParent::from(&scene.head);
    let prefix = |change: &dyn Fn(&mut SpanBatch)| {
        let mut span = span(TIME + L2_TIME, 3);
        change(&mut span);
        scene.context().check_span_prefix(&span, &parent)
    };
    let epochs = |span: &mut SpanBatch, numbers: [u64; 3]| {
        for (block, number) in span.blocks.iter_mut().zip(numbers) {
            block.epoch_number = number;
        }
        span.l1_origin_check = check_of(numbers[2]);
    };
    let (e, parent_epoch) = (EPOCH, EPOCH);
    assert_eq!(prefix(&|_| {}), Ok(()));
    assert_eq!(prefix(&|s| epochs(s, [e + 1, e + 1, e + 2])), Ok(()));
    assert_eq!(prefix(&|s| s.parent_check[19] ^= 1), Err(Invalid::Parent));
    assert_eq!(
        prefix(&|s| s.l1_origin_check[0] ^= 1),
        Err(Invalid::EpochHash)
    );
    assert_eq!(
        prefix(&|s| epochs(s, [e + 2, e + 2, e + 2])),
        Err(Invalid::EpochTooNew {
            epoch: e + 2,
            parent: parent_epoch
        })
    );
    assert_eq!(
        prefix(&|s| epochs(s, [e - 1, e, e])),
        Err(Invalid::EpochTooOld {
            epoch: e - 1,
            parent: parent_epoch
        })
    );
    // Whoever wrote it can not have known a later L1 block than the one before the including one.
    assert_eq!(
        prefix(&|s| epochs(s, [e, e + 1, e + 5])),
        Err(Invalid::LastEpoch(e + 5))
    );
    assert_eq!(
        prefix(&|s| epochs(s, [e - 3, e - 2, e - 1])),
        Err(Invalid::LastEpoch(e - 1))
    );
}

#[test]
fn the_window_of_a_span_is_that_of_its_first_block() {
    let mut scene = scene();
    let mut span = span(TIME + L2_TIME, 2);
    span.blocks[1].epoch_number = EPOCH + 1;
    span.l1_origin_check = check_of(EPOCH + 1);
    let parent = SpanParent {
        hash: scene.head.hash,
        origin: BlockRef {
            hash: B256::ZERO,
            number: EPOCH,
        },
    };
    scene.inclusion = EPOCH + WINDOW;
    assert_eq!(scene.context().check_span_prefix(&span, &parent), Ok(()));
    scene.inclusion = EPOCH + WINDOW + 1;
    assert_eq!(
        scene.context().check_span_prefix(&span, &parent),
        Err(Invalid::WindowOver {
            epoch: EPOCH,
            inclusion: EPOCH + WINDOW + 1
        })
    );
}
