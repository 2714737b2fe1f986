//! What becomes of whole chains: what each stage drops, and what happens then.

use crate::{
    CHANNEL_TIMEOUT, MAX_SEQUENCER_DRIFT, Request, ResetReason, Step,
    kit::{
        BATCHER, BlockPlan, FIRST_L1, GENESIS_TIME, L1_TIME, L2_TIME, Node, World, ZLIB, frames,
        pool, singular, singulars, span,
    },
};
use alloy_primitives::{Address, B64, Bytes};
use openledger_genesis::{L1Genesis, SystemConfig};
use openledger_primitives::Block;
use openledger_protocol::{
    Batch, ChannelId, ConfigUpdate, L1BlockInfo, L1InfoFormat, encode_frames,
};
use std::sync::Arc;

/// A world with some L1 blocks, and a chain that a sequencer built on it.
fn world_and_chain(seq_window: u64, l1: u64, blocks: usize) -> (World, Vec<Arc<Block>>) {
    let mut world = World::new(seq_window);
    world.mine(l1);
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &BlockPlan::usual(blocks));
    (world, chain)
}

fn derived(world: &World) -> Vec<Arc<Block>> {
    let mut node = Node::new(world);
    node.run().expect("one branch");
    node.chain
}

fn span_batch(world: &World, blocks: &[Arc<Block>]) -> Batch {
    Batch::Span(span(world, blocks))
}

#[test]
fn singular_batches_become_the_blocks_that_they_were_made_from() {
    let (mut world, chain) = world_and_chain(100, 20, 40);
    world.post_batches(FIRST_L1 + 10, &singulars(&world, &chain[1..]));
    assert_eq!(derived(&world), chain);
}

#[test]
fn a_span_becomes_the_blocks_that_it_was_made_from() {
    let (mut world, chain) = world_and_chain(100, 20, 40);
    world.post_batches(FIRST_L1 + 10, &[span_batch(&world, &chain[1..])]);
    let mut node = Node::new(&world);
    node.run().unwrap();
    assert_eq!(node.chain, chain);
    let last: Vec<bool> = node.derived.iter().map(|d| d.last_in_span).collect();
    assert_eq!(last.iter().filter(|last| **last).count(), 1);
    assert_eq!(last.last(), Some(&true));
    assert!(
        node.derived
            .iter()
            .all(|d| d.derived_from.number == FIRST_L1 + 10)
    );
}

#[test]
fn a_chain_before_jovian_is_derived_as_well() {
    let mut world = World::of_fork(100, false);
    world.mine(20);
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &BlockPlan::usual(10));
    world.post_batches(FIRST_L1 + 10, &[span_batch(&world, &chain[1..])]);
    let mut node = Node::new(&world);
    node.run().unwrap();
    assert_eq!(node.chain, chain);
    assert!(
        node.derived
            .iter()
            .all(|d| d.attributes.min_base_fee.is_none())
    );
    let (format, _) = L1BlockInfo::decode(alloy_consensus::Transaction::input(
        chain[1].transactions[0].envelope(),
    ))
    .unwrap();
    assert_eq!(format, L1InfoFormat::Isthmus);
}

#[test]
fn a_block_begins_with_the_l1_information_and_the_deposits_of_its_new_epoch() {
    let (mut world, _) = world_and_chain(100, 20, 0);
    world.add_deposit(FIRST_L1 + 1, 10);
    world.add_deposit(FIRST_L1 + 1, 20);
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &BlockPlan::usual(9));
    world.post_batches(FIRST_L1 + 10, &[span_batch(&world, &chain[1..])]);
    let mut node = Node::new(&world);
    node.run().unwrap();
    let by_number = |number: usize| &node.derived[number - 1].attributes;
    // The L1 block after the first is 12 seconds later: block 6 is the first that may adopt it.
    for (block, sequence_number, deposits) in [(1, 1, 0), (5, 5, 0), (6, 0, 2), (7, 1, 0)] {
        let attributes = by_number(block);
        assert_eq!(attributes.sequence_number, sequence_number, "{block}");
        assert_eq!(attributes.forced.len(), 1 + deposits, "{block}");
        assert!(attributes.forced.iter().all(|tx| tx.is_deposit()));
    }
    let inputs = world.inputs(FIRST_L1 + 1).unwrap();
    let attributes = by_number(6);
    assert_eq!(attributes.forced[1..], inputs.deposits);
    assert_eq!(attributes.origin, inputs.block.id());
    assert_eq!(attributes.prev_randao, inputs.block.prev_randao);
    assert_eq!(
        attributes.parent_beacon_block_root,
        inputs.block.parent_beacon_block_root
    );
    assert_eq!(attributes.timestamp, GENESIS_TIME + 6 * L2_TIME);
    assert_eq!(attributes.fee_recipient, crate::FEE_RECIPIENT);
    assert_eq!(attributes.min_base_fee, Some(0));
}

#[test]
fn the_configuration_changes_with_the_first_block_of_the_epoch() {
    let (mut world, _) = world_and_chain(100, 20, 0);
    let params = B64::from([0, 0, 0, 9, 0, 0, 0, 4]);
    for update in [
        ConfigUpdate::GasLimit(50_000_000),
        ConfigUpdate::Eip1559Params(params),
        ConfigUpdate::MinBaseFee(77),
        ConfigUpdate::OperatorFee(SystemConfig::encode_operator_fee(8, 9)),
        ConfigUpdate::DaFootprintGasScalar(123),
        // The last of two counts.
        ConfigUpdate::GasLimit(60_000_000),
    ] {
        world.update_config(FIRST_L1 + 1, update);
    }
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &BlockPlan::usual(9));
    world.post_batches(FIRST_L1 + 10, &[span_batch(&world, &chain[1..])]);
    let mut node = Node::new(&world);
    node.run().unwrap();
    let before = &node.derived[4].attributes;
    assert_eq!(before.gas_limit, 30_000_000);
    assert_eq!(before.min_base_fee, Some(0));
    for block in [5, 6, 8] {
        let after = &node.derived[block].attributes;
        assert_eq!(after.gas_limit, 60_000_000);
        assert_eq!(after.eip1559_params, params);
        assert_eq!(after.min_base_fee, Some(77));
        assert_eq!(after.config.operator_fee(), (8, 9));
        assert_eq!(after.config.da_footprint_gas_scalar, 123);
    }
    assert_eq!(node.chain, chain);
}

#[test]
fn the_new_batcher_counts_from_the_l1_block_that_names_it() {
    let (mut world, chain) = world_and_chain(100, 30, 20);
    let new = Address::with_last_byte(0x77);
    world.update_config(FIRST_L1 + 12, ConfigUpdate::Batcher(new));
    let payload = |world: &World, blocks: &[Arc<Block>]| {
        let channel = world.channel(&[span_batch(world, blocks)], ZLIB);
        Bytes::from(encode_frames(&frames(
            ChannelId([blocks.len() as u8; 16]),
            &channel,
            usize::MAX,
        )))
    };
    let (first, second) = (payload(&world, &chain[1..6]), payload(&world, &chain[6..]));
    // The new one speaks too early, the old one too late.
    world.post_from(new, FIRST_L1 + 11, first.clone());
    world.post_from(BATCHER, FIRST_L1 + 12, first.clone());
    let mut node = Node::new(&world);
    node.run().unwrap();
    assert_eq!(node.chain.len(), 1);
    // Each in its time.
    world.post_from(BATCHER, FIRST_L1 + 11, first);
    world.post_from(new, FIRST_L1 + 12, second);
    assert_eq!(derived(&world), chain);
}

#[test]
fn a_batch_that_skips_a_block_is_dropped_with_the_rest_of_its_channel() {
    let (mut world, chain) = world_and_chain(100, 20, 6);
    let mut batches = singulars(&world, &chain[1..3]);
    batches.extend(singulars(&world, &chain[4..]));
    batches.extend(singulars(&world, &chain[3..]));
    world.post_batches(FIRST_L1 + 5, &batches);
    assert_eq!(derived(&world), chain[..3]);
    // The next channel goes on.
    world.post_batches(FIRST_L1 + 6, &singulars(&world, &chain[3..]));
    assert_eq!(derived(&world), chain);
}

#[test]
fn past_batches_are_skipped_and_their_channel_goes_on() {
    let (mut world, chain) = world_and_chain(100, 20, 6);
    world.post_batches(FIRST_L1 + 5, &singulars(&world, &chain[1..4]));
    // The same blocks again, with another parent even, and then new ones.
    let mut stale = singular(&world, &chain[2]);
    stale.parent_hash = chain[5].hash();
    let mut batches = vec![Batch::Singular(stale), span_batch(&world, &chain[1..4])];
    batches.extend(singulars(&world, &chain[2..]));
    world.post_batches(FIRST_L1 + 6, &batches);
    assert_eq!(derived(&world), chain);
}

#[test]
fn an_invalid_batch_drops_the_rest_of_its_span_but_not_the_blocks_before_it() {
    let (mut world, chain) = world_and_chain(100, 20, 8);
    let mut bad = span(&world, &chain[1..7]);
    // A blob transaction can not be encoded in a span, so a time rule is broken: the origin is adopted too early.
    let adopted = world.head_of(&chain[6]).block.l1_origin;
    for block in &mut bad.blocks[3..] {
        block.epoch_number = adopted.number;
    }
    let mut batches = vec![Batch::Span(bad)];
    batches.extend(singulars(&world, &chain[4..]));
    world.post_batches(FIRST_L1 + 5, &batches);
    assert_eq!(derived(&world), chain[..4]);
}

#[test]
fn a_malformed_batch_drops_the_rest_of_its_channel() {
    let (mut world, chain) = world_and_chain(100, 20, 4);
    let context = openledger_protocol::SpanContext::of(&world.rollup);
    let good = |i: usize| {
        singulars(&world, &chain[i..=i])[0]
            .encode(&context)
            .unwrap()
    };
    for garbage in [
        vec![],
        vec![9, 9],
        vec![0, 0xc0],
        vec![1],
        vec![1, 0xff, 0xff],
    ] {
        let mut content = Vec::new();
        for batch in [&good(1), &garbage, &good(2)] {
            openledger_protocol::batch_rlp(batch, &mut content);
        }
        let mut world = world.clone();
        world.post_channel(FIRST_L1 + 5, openledger_protocol::compress(&content, ZLIB));
        assert_eq!(derived(&world), chain[..2], "{garbage:?}");
    }
    // A channel that ends in the middle counts up to there.
    let mut channel = world.channel(&singulars(&world, &chain[1..]), ZLIB);
    channel.truncate(channel.len() - 5);
    world.post_channel(FIRST_L1 + 5, channel);
    let node = derived(&world);
    assert_eq!(node, chain[..node.len()]);
}

#[test]
fn a_span_that_overlaps_the_safe_chain_goes_on_behind_it() {
    let (mut world, chain) = world_and_chain(200, 40, 150);
    world.post_batches(FIRST_L1 + 30, &[span_batch(&world, &chain[1..=140])]);
    world.post_batches(FIRST_L1 + 31, &[span_batch(&world, &chain[3..])]);
    let mut node = Node::new(&world);
    node.run().unwrap();
    assert_eq!(node.chain, chain);
    // The block before the span, and then every safe block in it, in bounded pieces.
    let asked: Vec<(u64, u64)> = node
        .requests
        .iter()
        .filter_map(|request| match request {
            Request::L2Blocks { from, to } => Some((*from, *to)),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [(2, 65), (66, 129), (130, 140)]);
}

#[test]
fn a_span_that_disagrees_with_a_safe_block_is_dropped_with_its_channel() {
    let (mut world, chain) = world_and_chain(100, 20, 9);
    world.post_batches(FIRST_L1 + 5, &[span_batch(&world, &chain[1..6])]);
    let change = |change: &dyn Fn(&mut openledger_protocol::SpanBatch)| {
        let mut world = world.clone();
        let mut bad = span(&world, &chain[2..8]);
        change(&mut bad);
        let batches = [Batch::Span(bad), span_batch(&world, &chain[6..])];
        world.post_batches(FIRST_L1 + 6, &batches);
        derived(&world).len()
    };
    assert_eq!(change(&|_| {}), chain.len());
    let extra = || pool()[9].encoded().clone();
    assert_eq!(change(&|s| s.blocks[0].transactions.push(extra())), 6);
    assert_eq!(change(&|s| s.blocks[3].transactions[0] = extra()), 6);
    assert_eq!(change(&|s| s.blocks[1].transactions.clear()), 6);
    assert_eq!(change(&|s| s.blocks.remove(0).timestamp = 0), 6);
    assert_eq!(change(&|s| s.parent_check = [0; 20]), 6);
    // Another origin, adopted earlier than the safe blocks did.
    let early = |s: &mut openledger_protocol::SpanBatch| {
        let last = s.blocks.last().map_or(0, |block| block.epoch_number);
        s.blocks.iter_mut().for_each(|b| b.epoch_number = last);
    };
    assert_eq!(change(&early), 6);
    // Only what is after the safe block differs: that is another valid chain.
    assert_eq!(change(&|s| s.blocks[4].transactions.push(extra())), 8);
}

#[test]
fn a_span_beside_a_block_whose_transactions_were_refused_does_not_go_on_behind_it() {
    // The engine refuses block 3, which becomes deposits-only. The rest of its span would build on the block that never was.
    let (mut world, chain) = world_and_chain(100, 20, 8);
    world.post_batches(FIRST_L1 + 5, &[span_batch(&world, &chain[1..7])]);
    world.post_batches(FIRST_L1 + 6, &[span_batch(&world, &chain[2..])]);
    world.post_batches(FIRST_L1 + 7, &singulars(&world, &chain[4..]));
    let mut node = Node::new(&world);
    node.refused.insert(chain[3].transactions[1].hash());
    node.run().unwrap();
    assert_eq!(node.chain.len(), 4);
    assert_eq!(node.chain[..3], chain[..3]);
    assert_eq!(node.chain[3].transactions.len(), 1);
    let offered: Vec<(u64, bool)> = node
        .derived
        .iter()
        .map(|d| (d.attributes.number, d.deposits_only))
        .collect();
    assert_eq!(offered, [(1, false), (2, false), (3, false), (3, true)]);
    let [.., refused, replaced] = &node.derived[..] else {
        panic!("two blocks")
    };
    assert_eq!(refused.attributes.forced, replaced.attributes.forced);
    assert_eq!(refused.derived_from, replaced.derived_from);
    // A batcher that builds on the replacement goes on.
    let mut chain = node.chain.clone();
    drop(node);
    world.sequence(&mut chain, &BlockPlan::usual(3));
    world.post_batches(FIRST_L1 + 8, &[span_batch(&world, &chain[4..])]);
    let mut node = Node::new(&world);
    node.refused.insert(pool()[2].hash());
    node.run_until(|node| node.chain.len() == 4).unwrap();
    node.refused.clear();
    node.run().unwrap();
    assert_eq!(node.chain, chain);
}

#[test]
fn a_refused_block_drops_the_rest_of_its_channel_but_not_the_next_channel() {
    let (mut world, chain) = world_and_chain(100, 20, 4);
    let mut replaced = vec![world.genesis.clone()];
    world.sequence(&mut replaced, &[BlockPlan::default()]);
    world.sequence(&mut replaced, &BlockPlan::usual(2));
    // Both channels in one payload.
    let content = |batches: &[Batch]| world.channel(batches, ZLIB);
    let mut payload = frames(
        ChannelId([1; 16]),
        &content(&singulars(&world, &chain[1..])),
        usize::MAX,
    );
    payload.extend(frames(
        ChannelId([2; 16]),
        &content(&singulars(&world, &replaced[2..])),
        usize::MAX,
    ));
    world.post(FIRST_L1 + 5, encode_frames(&payload));
    let mut node = Node::new(&world);
    node.refused.insert(chain[1].transactions[1].hash());
    node.run_until(|node| node.chain.len() == 2).unwrap();
    node.refused.clear();
    node.run().unwrap();
    assert_eq!(node.chain, replaced);
}

#[test]
fn a_batch_behind_a_refused_one_is_dropped_even_if_it_builds_on_the_replacement() {
    let (mut world, chain) = world_and_chain(100, 20, 1);
    let mut replaced = vec![world.genesis.clone()];
    world.sequence(&mut replaced, &[BlockPlan::default()]);
    world.sequence(&mut replaced, &BlockPlan::usual(2)[1..]);
    let mut batches = singulars(&world, &chain[1..]);
    batches.extend(singulars(&world, &replaced[2..]));
    world.post_batches(FIRST_L1 + 5, &batches);
    let mut node = Node::new(&world);
    node.refused.insert(chain[1].transactions[1].hash());
    node.run().unwrap();
    assert_eq!(node.chain, replaced[..2]);
}

#[test]
fn a_channel_that_takes_too_long_is_dropped() {
    for (blocks, complete) in [(CHANNEL_TIMEOUT, true), (CHANNEL_TIMEOUT + 1, false)] {
        let (mut world, chain) = world_and_chain(200, 80, 6);
        let channel = world.channel(&[span_batch(&world, &chain[1..])], ZLIB);
        let parts = frames(ChannelId([1; 16]), &channel, channel.len() / 2 + 1);
        assert_eq!(parts.len(), 2);
        world.post(FIRST_L1 + 5, encode_frames(&parts[..1]));
        world.post(FIRST_L1 + 5 + blocks, encode_frames(&parts[1..]));
        assert_eq!(derived(&world).len() == chain.len(), complete);
    }
}

#[test]
fn empty_blocks_fill_the_epochs_whose_window_is_over() {
    let mut world = World::new(5);
    world.mine(9);
    let mut node = Node::new(&world);
    node.run().unwrap();
    // The L1's head is 9 blocks after the first one. The epochs 10 to 14 are complete: each has the blocks until the next
    // one's time. Epoch 14 was begun at the L1 block 19 and is complete as well.
    let origins: Vec<u64> = node
        .derived
        .iter()
        .map(|d| d.attributes.origin.number - FIRST_L1)
        .collect();
    let per_epoch = (L1_TIME / L2_TIME) as usize;
    for epoch in 0..5 {
        // The genesis block is the first of epoch 0.
        let expected = per_epoch - usize::from(epoch == 0);
        assert_eq!(origins.iter().filter(|e| **e == epoch).count(), expected);
    }
    assert!(origins.is_sorted());
    assert!(
        node.derived
            .iter()
            .all(|d| d.deposits_only && d.attributes.forced.len() == 1)
    );
    assert_eq!(node.derived[0].derived_from.number, FIRST_L1 + 5);
    assert_eq!(
        node.derived.last().unwrap().derived_from.number,
        FIRST_L1 + 9
    );
}

#[test]
fn every_epoch_has_a_block_even_if_the_l1_is_faster() {
    let mut world = World::new(4);
    for i in 1..20 {
        world.mine_at(GENESIS_TIME + i);
    }
    world.add_deposit(FIRST_L1 + 3, 1);
    let mut node = Node::new(&world);
    node.run().unwrap();
    let origins: Vec<u64> = node
        .derived
        .iter()
        .map(|d| d.attributes.origin.number - FIRST_L1)
        .collect();
    assert_eq!(origins[..8], [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(node.derived[2].attributes.forced.len(), 2);
    for derived in &node.derived {
        let origin = world.inputs(derived.attributes.origin.number).unwrap();
        assert!(derived.attributes.timestamp >= origin.block.timestamp);
    }
}

#[test]
fn a_batch_in_the_last_block_of_its_window_counts_and_one_block_later_it_does_not() {
    for (late, counts) in [(0, true), (1, false)] {
        let mut world = World::new(5);
        world.mine(5 + late);
        let mut chain = vec![world.genesis.clone()];
        world.sequence(&mut chain, &BlockPlan::usual(5));
        world.post_batches(FIRST_L1 + 5 + late, &[span_batch(&world, &chain[1..])]);
        let node = derived(&world);
        assert_eq!(node[1] == chain[1], counts);
        assert_eq!(node[1].transactions.len() == 2, counts);
    }
}

#[test]
fn after_a_gap_the_next_epochs_own_batches_still_count() {
    // Nothing comes for epoch 0; its blocks are empty. A batch for epoch 1 lands in the last block of that epoch's window.
    let mut world = World::new(5);
    world.mine(6);
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &vec![BlockPlan::default(); 5]);
    let tx = BlockPlan {
        adopt: true,
        transactions: vec![3],
    };
    world.sequence(&mut chain, &[tx]);
    world.post_batches(FIRST_L1 + 6, &[span_batch(&world, &chain[6..])]);
    let node = derived(&world);
    assert_eq!(node[..7], chain[..]);
}

#[test]
fn a_sequencer_without_l1_goes_on_with_empty_blocks_beyond_the_drift() {
    // The L1 stands still for longer than the drift.
    let mut world = World::new(100);
    let pause = MAX_SEQUENCER_DRIFT + 20 * L2_TIME;
    world.mine_at(GENESIS_TIME + pause);
    world.mine(5);
    let within = (MAX_SEQUENCER_DRIFT / L2_TIME) as usize;
    let mut chain = vec![world.genesis.clone()];
    let keep = |transactions: Vec<usize>| BlockPlan {
        adopt: false,
        transactions,
    };
    world.sequence(&mut chain, &vec![keep(vec![1]); within]);
    let mut late = chain.clone();
    // The next block is beyond it: with a transaction it is dropped, and everything after it.
    world.sequence(&mut late, &[keep(vec![1])]);
    // Empty ones are fine until the next origin's time, and then a block has to adopt it.
    world.sequence(&mut chain, &vec![keep(vec![]); 19]);
    let mut stubborn = chain.clone();
    world.sequence(&mut stubborn, &[keep(vec![])]);
    world.sequence(&mut chain, &BlockPlan::usual(3));

    let derive = |blocks: &[Arc<Block>]| {
        let mut world = world.clone();
        world.post_batches(FIRST_L1 + 3, &[span_batch(&world, &blocks[1..])]);
        derived(&world)
    };
    assert_eq!(derive(&chain), chain);
    assert_eq!(derive(&late), late[..late.len() - 1]);
    assert_eq!(derive(&stubborn), stubborn[..stubborn.len() - 1]);
}

#[test]
fn a_reorganised_l1_is_noticed_at_the_next_block() {
    let (mut world, chain) = world_and_chain(100, 10, 12);
    world.post_batches(FIRST_L1 + 4, &[span_batch(&world, &chain[1..])]);
    let mut node = Node::new(&world);
    node.run().unwrap();
    let Step::Need(Request::L1Block { number, parent }) = node.pipeline.step() else {
        panic!("everything is read")
    };
    let mut other = world.clone();
    other.reorg(FIRST_L1 + 9);
    other.mine(5);
    let next = other.inputs(number).unwrap().clone();
    assert_eq!(
        node.pipeline.on_l1_block(next.clone()),
        Err(ResetReason::L1Reorg {
            number,
            expected: parent,
            found: next.block.parent_hash
        })
    );
    // A new pipeline derives the same from the other branch, as far as the batches are in it.
    assert_eq!(derived(&other), chain);
}

#[test]
fn a_safe_block_whose_origin_is_gone_is_noticed() {
    let (mut world, chain) = world_and_chain(100, 70, 400);
    world.reorg(FIRST_L1 + 60);
    world.mine(10);
    let chain: Vec<_> = chain
        .into_iter()
        .take_while(|b| b.header.timestamp <= GENESIS_TIME + 65 * L1_TIME)
        .collect();
    let origin = world.head_of(chain.last().unwrap()).block.l1_origin;
    assert!(origin.number > FIRST_L1 + 60);
    let mut node = Node::restarted(&world, chain, None).unwrap();
    assert_eq!(
        node.run(),
        Err(ResetReason::OriginReorged {
            origin,
            found: world.inputs(origin.number).unwrap().block.hash
        })
    );
}

#[test]
fn a_pipeline_does_not_start_after_the_safe_blocks_origin() {
    let (world, chain) = world_and_chain(100, 10, 3);
    let safe = world.head_of(&chain[3]);
    let config = safe.config.clone();
    let start = world.inputs(FIRST_L1 + 1).unwrap().clone();
    let L1Genesis { number, .. } = safe.block.l1_origin;
    assert_eq!(
        crate::Pipeline::new(world.rollup.clone(), safe, start, config).err(),
        Some(ResetReason::StartTooLate {
            start: FIRST_L1 + 1,
            origin: number
        })
    );
}

#[test]
fn answers_that_were_not_asked_for_are_refused() {
    let (world, chain) = world_and_chain(100, 10, 3);
    let mut node = Node::new(&world);
    let inputs = world.inputs(FIRST_L1 + 1).unwrap().clone();
    assert!(matches!(
        node.pipeline.step(),
        Step::Need(Request::Inbox { .. })
    ));
    assert!(node.pipeline.on_l1_block(inputs.clone()).is_err());
    assert!(node.pipeline.on_l1_inputs(inputs).is_err());
    assert!(node.pipeline.on_l2_blocks(vec![chain[1].clone()]).is_err());
    assert_eq!(
        node.pipeline.on_applied(world.head_of(&chain[1])),
        Err(ResetReason::ForeignHead(chain[1].block_ref()))
    );
    node.pipeline.on_inbox(Vec::new()).unwrap();
    assert!(matches!(
        node.pipeline.step(),
        Step::Need(Request::L1Block { .. })
    ));
    assert!(node.pipeline.on_inbox(Vec::new()).is_err());
    // The L1 block that was asked for is the next one, not a later one.
    let later = world.inputs(FIRST_L1 + 2).unwrap().clone();
    assert!(node.pipeline.on_l1_block(later).is_err());
}

#[test]
fn only_the_derived_block_can_be_applied() {
    let (mut world, chain) = world_and_chain(100, 20, 10);
    world.post_batches(FIRST_L1 + 10, &[span_batch(&world, &chain[1..])]);
    let mut node = Node::new(&world);
    node.run_until(|node| node.chain.len() == 3).unwrap();
    while !matches!(node.pipeline.step(), Step::Derived(_)) {
        node.advance().unwrap();
    }
    let wrong = world.head_of(&chain[4]);
    assert!(node.pipeline.on_applied(wrong).is_err());
    node.run().unwrap();
    assert_eq!(node.chain, chain);
}

#[test]
fn l2_blocks_that_are_not_the_safe_chain_are_noticed() {
    let (mut world, chain) = world_and_chain(100, 20, 8);
    world.post_batches(FIRST_L1 + 5, &[span_batch(&world, &chain[1..6])]);
    world.post_batches(FIRST_L1 + 6, &[span_batch(&world, &chain[3..])]);
    let mut node = Node::new(&world);
    let asked = |node: &mut Node<'_>| {
        matches!(
            node.pipeline.step(),
            Step::Need(Request::L2Blocks { from: 2, to: 5 })
        )
    };
    while !asked(&mut node) {
        node.advance().unwrap();
    }
    let mut answer = |blocks: &[usize]| {
        let blocks = blocks.iter().map(|i| chain[*i].clone()).collect();
        node.pipeline.on_l2_blocks(blocks)
    };
    assert_eq!(
        answer(&[2, 3, 4]),
        Err(ResetReason::Unrequested("L2 blocks"))
    );
    assert_eq!(answer(&[2, 3, 4, 6]), Err(ResetReason::ForeignL2Block(5)));
    assert_eq!(answer(&[3, 4, 5, 6]), Err(ResetReason::ForeignL2Block(2)));
    // A failed answer changes nothing: the span still waits for its blocks.
    node.run().unwrap();
    assert_eq!(node.chain, chain);
}

#[test]
fn deposits_that_were_not_kept_are_asked_for_again() {
    let mut world = World::new(100);
    world.mine(60);
    for number in FIRST_L1 + 1..FIRST_L1 + 50 {
        world.add_deposit(number, 120_000);
    }
    let mut chain = vec![world.genesis.clone()];
    world.sequence(&mut chain, &BlockPlan::usual(290));
    world.post_batches(FIRST_L1 + 55, &[span_batch(&world, &chain[1..])]);
    let mut node = Node::new(&world);
    node.run().unwrap();
    assert_eq!(node.chain, chain);
    let asked = node
        .requests
        .iter()
        .filter(|r| matches!(r, Request::L1Inputs(_)))
        .count();
    assert!(asked > 0 && asked < 40, "{asked}");
}
