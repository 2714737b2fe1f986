//! What comes from the L1: deposits, changes of the configuration, and blocks that derivation puts in the place of others.

use super::*;
use crate::{AdoptedPayload, Adoption, Origins, Starting, Stopping};
use alloy_consensus::Sealable;
use op_alloy_consensus::TxDeposit;
use openledger_chain::ChainEvent;
use openledger_genesis::SystemConfig;
use openledger_primitives::TxEnvelope;
use openledger_protocol::{ConfigUpdate, user_deposit_source};

const RECIPIENT: Address = Address::repeat_byte(0xd1);

fn deposit(l1: &L1Block, index: u64, mint: u128, to: Address) -> Tx {
    let deposit = TxDeposit {
        source_hash: user_deposit_source(l1.hash, index),
        from: RECIPIENT,
        to: TxKind::Call(to),
        mint,
        value: U256::from(mint),
        gas_limit: 100_000,
        is_system_transaction: false,
        input: Bytes::new(),
    };
    Tx::with_signer(TxEnvelope::Deposit(deposit.seal_slow()), RECIPIENT)
}

fn place(world: &World, chain: &Chain, number: u64) -> L2Head {
    let block = chain.block(number).unwrap().unwrap();
    L2Head::of_block(&block, &world.rollup).unwrap()
}

#[test]
fn an_epochs_deposits_stand_at_the_beginning_of_its_first_block_and_its_configuration_holds_from_there()
 {
    let world = World::new();
    world.l1.extend(1);
    let l1 = world.l1.block(1).unwrap();
    let deposits = vec![
        deposit(&l1, 3, 5, RECIPIENT),
        // More value than there is: the deposit fails, the mint stays.
        deposit(&l1, 7, 11, Address::repeat_byte(0xd2)),
    ];
    world.l1.deposits.write().insert(1, deposits.clone());
    world
        .l1
        .updates
        .write()
        .insert(1, vec![ConfigUpdate::GasLimit(40_000_000)]);
    let mut node = world.run().unwrap();
    node.until_height(3);
    let chain = &node.chain;
    let first = (1..=3)
        .find(|number| place(&world, chain, *number).block.l1_origin == l1.id())
        .expect("the origin was adopted");
    let block = chain.block(first).unwrap().unwrap();
    assert_eq!(block.transactions[1..3], deposits[..]);
    assert_eq!(block.header.gas_limit, 40_000_000);
    let before = chain.block(first - 1).unwrap().unwrap();
    assert_eq!(before.header.gas_limit, 60_000_000);
    assert_eq!(place(&world, chain, first).config.gas_limit, 40_000_000);
    let state = chain.state_at(first).unwrap();
    assert_eq!(
        state.account(RECIPIENT).unwrap().unwrap().balance,
        U256::from(5)
    );
    let later = chain.block(first + 1).unwrap().unwrap();
    assert_eq!(later.header.gas_limit, 40_000_000);
    assert!(later.transactions[1..].iter().all(|tx| !tx.is_deposit()));
}

#[test]
fn an_l1_block_whose_deposits_can_not_be_read_is_no_origin_until_they_can() {
    let world = World::new();
    world.l1.extend(1);
    world.l1.withheld.store(true, Ordering::Release);
    let mut node = world.run().unwrap();
    node.until_height(2);
    let head = node.chain.head().number();
    assert_eq!(place(&world, &node.chain, head).block.l1_origin.number, 0);
    world.l1.withheld.store(false, Ordering::Release);
    node.until("the adoption of the origin", |event| match event {
        ChainEvent::Committed(block) => {
            let place = L2Head::of_block(&block.block, &world.rollup).unwrap();
            (place.block.l1_origin.number == 1).then_some(())
        }
        _ => None,
    });
}

/// A block on `parent` of the L1's first block with these transactions.
fn derived(world: &World, chain: &Chain, parent: u64, transactions: Vec<Tx>) -> AdoptedPayload {
    let parent = place(world, chain, parent);
    let mut attributes = prepare(&world.rollup, &parent, &world.l1.block(0).unwrap(), None);
    attributes.transactions = transactions.iter().map(|tx| tx.encoded().clone()).collect();
    AdoptedPayload {
        attributes,
        transactions,
        parent: parent.block.id(),
    }
}

#[test]
fn what_the_l1_determines_takes_the_place_of_what_was_produced_and_nothing_is_lost() {
    let world = World::new();
    let mut node = world.run().unwrap();
    let tx = world.transfer(0, 0);
    node.send(&tx);
    let produced = node.until_sealed(&tx);
    node.until_height(produced + 2);
    let other = world.transfer(1, 0);
    let payload = derived(&world, &node.chain, produced - 1, vec![other.clone()]);
    let Adoption::Adopted(head) = node.sequencer.adopt(payload).unwrap() else {
        panic!("it was not adopted");
    };
    assert_eq!(head.block.number, produced);
    assert_eq!(node.chain.head().hash(), head.block.hash);
    assert!(!node.sequencer.status().producing);
    let block = node.chain.block(produced).unwrap().unwrap();
    assert_eq!(block.transactions[1], other);
    let told = node.until("the retraction", |event| match event {
        ChainEvent::Retracted(blocks) => Some(blocks.len()),
        _ => None,
    });
    assert!(told >= 3, "{told}");
    // The transaction that lost its block gets another one as soon as production goes on.
    node.sequencer.resume_after_derivation().unwrap();
    assert!(node.until_sealed(&tx) > produced);
    // And all of it is what a restart finds.
    let hash = head.block.hash;
    node.sequencer.stop();
    drop(node);
    let mut node = world.run().unwrap();
    assert_eq!(node.chain.header(produced).unwrap().unwrap().seal(), hash);
    let height = node.chain.head().number();
    node.until_height(height + 1);
}

#[test]
fn a_payload_that_can_not_be_executed_or_has_another_parent_changes_nothing() {
    let world = World::new();
    let mut node = world.run().unwrap();
    node.until_height(2);
    let Stopping::Stopped(held) = node.sequencer.stop_production().unwrap() else {
        panic!("it was stopped before");
    };
    assert_eq!(node.chain.head().hash(), held.hash);
    // A nonce that the sender has not reached.
    let invalid = derived(
        &world,
        &node.chain,
        held.number - 1,
        vec![world.transfer(0, 5)],
    );
    assert!(matches!(
        node.sequencer.adopt(invalid).unwrap(),
        Adoption::Invalid(_)
    ));
    let mut stale = derived(&world, &node.chain, held.number - 1, Vec::new());
    stale.parent.hash = B256::repeat_byte(9);
    assert_eq!(
        node.sequencer.adopt(stale).unwrap(),
        Adoption::OtherParent {
            found: Some(node.chain.head().block.header.parent_hash)
        }
    );
    assert_eq!(node.chain.head().block_ref(), held);
    // An operator's stop outlives derivation, and derivation's word outlives an operator's start.
    node.sequencer.resume_after_derivation().unwrap();
    assert!(!node.sequencer.status().producing);
    assert_eq!(
        node.sequencer.start_production(held.hash).unwrap(),
        Starting::Started
    );
    node.until_height(held.number + 1);
}

#[test]
fn a_sequencer_that_holds_still_extends_its_chain_by_derived_blocks_only() {
    let world = World::new();
    let node = world.run_with(|config| config.producing = false).unwrap();
    assert_eq!(node.chain.head().number(), 0);
    for parent in 0..3 {
        let tx = world.transfer(0, parent);
        let payload = derived(&world, &node.chain, parent, vec![tx]);
        let Adoption::Adopted(head) = node.sequencer.adopt(payload).unwrap() else {
            panic!("it was not adopted");
        };
        assert_eq!(head.block.number, parent + 1);
        assert_eq!(
            head.config.gas_limit,
            SystemConfig::clone(&world.rollup.genesis.system_config).gas_limit
        );
    }
    assert_eq!(node.chain.head().number(), 3);
    assert_eq!(node.sequencer.status().halted, None);
}
