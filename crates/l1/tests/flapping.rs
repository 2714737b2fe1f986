//! Endpoints that come and go, move apart and together again, by schedules that are made from seeds and driven by requests.

mod support;

use alloy_primitives::{Address, B256, Bytes};
use openledger_l1::{HeadTracker, L1Client, L1Event, L1Options, L1View};
use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{collections::HashSet, sync::Arc, time::Duration};
use support::{
    Anvil,
    accounts::{assert_sent, calldata, quick, sender_with},
    fake::{FakeChain, FakeEndpoint, Fate, client_of},
    fast, options,
    proxy::{Fate as ProxyFate, Proxy},
    view_where,
};

const TO: Address = Address::repeat_byte(0x30);

/// Follows all that the tracker tells, and keeps that every block was one that the L1 had, each on its parent.
struct Witness {
    tracker: HeadTracker,
    events: tokio::sync::broadcast::Receiver<L1Event>,
    ever: Arc<Mutex<HashSet<B256>>>,
    heads: u64,
    reorganisations: u64,
}

impl Witness {
    async fn of(client: &L1Client, ever: Arc<Mutex<HashSet<B256>>>) -> Self {
        let tracker = HeadTracker::start(client.clone(), fast()).await;
        let tracker = tracker.expect("an endpoint answers");
        Self {
            events: tracker.subscribe(),
            tracker,
            ever,
            heads: 0,
            reorganisations: 0,
        }
    }

    fn check(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            match event {
                L1Event::NewHead(head) => {
                    self.heads += 1;
                    assert!(self.ever.lock().contains(&head.hash), "{head:?}");
                }
                L1Event::Reorg { .. } => self.reorganisations += 1,
            }
        }
        let view = *self.tracker.view().borrow();
        let mut number = view.head.number;
        while let (Some(block), Some(parent)) = (
            self.tracker.canonical(number),
            number
                .checked_sub(1)
                .and_then(|below| self.tracker.canonical(below)),
        ) {
            // A new window may have come between the two.
            if view.head == self.tracker.view().borrow().head {
                assert!(self.ever.lock().contains(&block.hash), "{block:?}");
                assert_eq!(block.parent_hash, parent.hash, "block {number}");
            }
            number -= 1;
        }
    }
}

/// Two endpoints that are away in turns, which end after a number of requests. The two are never away at once.
#[derive(Clone)]
struct Turns(Arc<Mutex<Turn>>);

struct Turn {
    rng: StdRng,
    longest: u32,
    away: usize,
    left: u32,
    switches: u64,
}

impl Turns {
    fn new(seed: u64, longest: u32) -> Self {
        Self(Arc::new(Mutex::new(Turn {
            rng: StdRng::seed_from_u64(seed),
            longest,
            away: 0,
            left: 1,
            switches: 0,
        })))
    }

    /// A request to one of the two: whether it is away, and how many requests its turn has left.
    fn request(&self, index: usize) -> Option<u32> {
        let mut turn = self.0.lock();
        turn.left -= 1;
        if turn.left == 0 {
            let longest = turn.longest;
            turn.left = turn.rng.random_range(1..longest);
            turn.away = 1 - turn.away;
            turn.switches += 1;
        }
        (turn.away == index).then_some(turn.left)
    }

    fn switches(&self) -> u64 {
        self.0.lock().switches
    }
}

#[tokio::test]
async fn after_a_thousand_changes_the_chain_is_whole_and_no_call_has_failed_for_good() {
    let chain = Arc::new(Mutex::new(FakeChain::new(1, 30)));
    let (first, second) = (FakeEndpoint::of(&chain), FakeEndpoint::of(&chain));
    let client = client_of(&[&first, &second]);
    client.check().await.expect("both answer");
    let ever = Arc::new(Mutex::new(chain.lock().hashes().collect()));
    let mut witness = Witness::of(&client, ever).await;
    let turns = Turns::new(7, 60);
    for (index, endpoint) in [&first, &second].into_iter().enumerate() {
        let turns = turns.clone();
        endpoint.each(move |_| match turns.request(index) {
            Some(left) if left.is_multiple_of(2) => Fate::Limit,
            Some(_) => Fate::Fail,
            None => Fate::Answer,
        });
    }
    let (mut calls, mut again) = (0_u64, 0_u64);
    while turns.switches() < 1_000 {
        if calls.is_multiple_of(20) {
            let mut chain = chain.lock();
            chain.extend(1, 1);
            let head = chain.head();
            witness.ever.lock().insert(chain.hash(head));
        }
        if calls.is_multiple_of(250) {
            let head = chain.lock().head();
            let reached = |view: &L1View| view.head.number == head;
            view_where(&witness.tracker, "the head meanwhile", reached).await;
        }
        calls += 1;
        // What fails temporarily is asked for again, as all who use it do.
        loop {
            let number = calls % chain.lock().head();
            let read = async {
                let block = client.block_by_number(number).await?;
                let block = block.expect("it is there");
                assert_eq!(block.hash, chain.lock().hash(number));
                client.inputs(&block, Address::ZERO, Address::ZERO).await
            };
            match read.await {
                Ok(inputs) => {
                    assert_eq!(inputs.block.number, number);
                    break;
                }
                Err(error) => {
                    assert!(error.is_temporary(), "{error}");
                    again += 1;
                }
            }
        }
        witness.check();
    }
    for endpoint in [&first, &second] {
        endpoint.all(Fate::Answer);
    }
    let head = chain.lock().head();
    let reached = |view: &L1View| view.head.number == head;
    view_where(&witness.tracker, "the head", reached).await;
    witness.check();
    println!(
        "{} switches, {calls} calls, {again} asked again, {} heads",
        turns.switches(),
        witness.heads
    );
    assert!(witness.heads > 10 && witness.reorganisations == 0);
    // Within a call's own budget nearly always.
    assert!(
        again * 10 < calls,
        "{again} of {calls} calls were asked again"
    );
}

#[tokio::test]
async fn a_tracker_starts_however_often_the_endpoint_changes_meanwhile() {
    let chain = Arc::new(Mutex::new(FakeChain::new(1, 100)));
    let (first, second) = (FakeEndpoint::of(&chain), FakeEndpoint::of(&chain));
    let client = client_of(&[&first, &second]);
    client.check().await.expect("both answer");
    // More changes than there are endpoints while the blocks below the head are read.
    let turns = Turns::new(3, 30);
    for (index, endpoint) in [&first, &second].into_iter().enumerate() {
        let turns = turns.clone();
        endpoint.each(move |_| match turns.request(index) {
            Some(_) => Fate::Fail,
            None => Fate::Answer,
        });
    }
    let mut blocks = 0;
    for _ in 0..50 {
        let tracker = HeadTracker::start(client.clone(), fast())
            .await
            .expect("one of them answers");
        assert_eq!(tracker.view().borrow().head.number, 99);
        // As far down as it goes it is this chain.
        let below = (0..99).rev().map_while(|number| tracker.canonical(number));
        for block in below {
            assert_eq!(block.hash, chain.lock().hash(block.number));
            blocks += 1;
        }
        tracker.stop().await;
    }
    assert!(turns.switches() > 2 * 50, "{}", turns.switches());
    assert!(blocks > 20 * 50, "{blocks}");
}

/// One schedule: two or three honest endpoints that lag, move apart above what is final, and fail, beside one that lies below it.
async fn schedule(seed: u64) -> (u64, u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut chain = FakeChain::new(1, 40);
    let mut lies = chain.without(25);
    lies.extend(9, 60);
    let honest: Vec<_> = (0..rng.random_range(2..4))
        .map(|_| FakeEndpoint::with(chain.clone()))
        .collect();
    let liar = FakeEndpoint::with(chain.clone());
    let mut all: Vec<&FakeEndpoint> = honest.iter().collect();
    all.insert(rng.random_range(0..all.len() + 1), &liar);
    let client = client_of(&all);
    client.check().await.expect("all answer");
    let ever = Arc::new(Mutex::new(chain.hashes().collect::<HashSet<_>>()));
    let mut witness = Witness::of(&client, ever).await;
    for step in 0..60_u64 {
        match rng.random_range(0..10) {
            // The chain grows, and takes blocks back now and then, never final ones.
            0..5 => {
                if rng.random_bool(0.2) {
                    chain = chain.without(rng.random_range(1..4));
                }
                chain.extend(100 + step, rng.random_range(1..6));
                witness.ever.lock().extend(chain.hashes());
                for endpoint in &honest {
                    let lag = if rng.random_bool(0.3) {
                        rng.random_range(0..4)
                    } else {
                        0
                    };
                    endpoint.serve(chain.without(lag));
                }
            }
            5..7 => {
                let fates = [Fate::Answer, Fate::Fail, Fate::Limit];
                let endpoint = &honest[rng.random_range(0..honest.len())];
                endpoint.all(fates[rng.random_range(0..3)]);
            }
            7 => arrive(&honest, &chain, &mut witness).await,
            8 => liar.serve(lies.clone()),
            _ => liar.all([Fate::Answer, Fate::Fail][rng.random_range(0..2)]),
        }
        // Whatever the outcome: it must be one that can be waited out, and no lie.
        for _ in 0..rng.random_range(1..20) {
            match client.head().await {
                Ok(_) => {}
                Err(error) => assert!(error.is_temporary(), "{error}"),
            }
        }
        witness.check();
    }
    liar.serve(lies);
    liar.all(Fate::Answer);
    arrive(&honest, &chain, &mut witness).await;
    (witness.heads, witness.reorganisations)
}

/// All that are honest answer, and the tracker comes to their head, whatever the liar does.
async fn arrive(honest: &[FakeEndpoint], chain: &FakeChain, witness: &mut Witness) {
    for endpoint in honest {
        endpoint.serve(chain.clone());
        endpoint.all(Fate::Answer);
    }
    let hash = chain.hash(chain.head());
    let reached = |view: &L1View| view.head.hash == hash;
    view_where(&witness.tracker, "the honest head", reached).await;
    witness.check();
}

#[tokio::test]
async fn whatever_the_schedule_every_published_block_is_of_the_honest_chain() {
    let (mut heads, mut reorganisations) = (0, 0);
    for seed in 0..25 {
        let (more, reorgs) = schedule(seed).await;
        heads += more;
        reorganisations += reorgs;
    }
    println!("{heads} heads, {reorganisations} reorganisations");
    assert!(heads > 25 && reorganisations > 0);
}

#[tokio::test]
async fn after_a_thousand_changes_every_transaction_is_there_once_and_in_order() {
    let anvil = Anvil::start(&[]);
    let turns = Turns::new(7, 12);
    let (first, second) = (turns.clone(), turns.clone());
    let fate = |away: Option<u32>| match away {
        Some(left) if left.is_multiple_of(3) => ProxyFate::LoseAnswer,
        Some(left) if left % 3 == 1 => ProxyFate::Refuse(-32_005, "too many requests"),
        Some(_) => ProxyFate::Lose,
        None => ProxyFate::Pass,
    };
    let first = Proxy::to(anvil.url(), move |_, _| fate(first.request(0))).await;
    let second = Proxy::to(anvil.url(), move |_, _| fate(second.request(1))).await;
    let several = L1Options {
        attempts: 20,
        rest: Duration::from_millis(1),
        ..options()
    };
    let client = L1Client::of(&[first.url(), second.url()], several).expect("two URLs");
    let mut sender = sender_with(client, 0, quick()).await;
    let mut expected = Vec::new();
    while turns.switches() < 1_000 {
        let first = expected.len() as u64;
        for nonce in first..first + 5 {
            let data = Bytes::from(nonce.to_be_bytes().repeat(10));
            sender.manager.send(nonce, calldata(TO, data.clone()));
            expected.push(data);
        }
        sender.mined(first + 4, &anvil).await;
    }
    println!(
        "{} switches, {} transactions",
        turns.switches(),
        expected.len()
    );
    assert_sent(&anvil, &sender, &expected).await;
}
