//! Of a right epoch nothing shows a fault, however its own openings are put together.

mod world;

use openledger_attribution::{Fault, fault::NotAFault};
use world::{World, picks::Pick};

#[test]
fn nothing_of_a_right_epoch_shows_a_fault() {
    let mut right_but = 0;
    for seed in 0..60 {
        let world = World::random(seed);
        let epoch = world.right();
        let trees = epoch.trees().expect("small amounts");
        let roots = trees.roots();
        let mut pick = Pick::new(&world, &epoch, &trees, seed);
        for turn in 0..400 {
            let fault = pick.fault(turn);
            let Some(fault) = fault else { continue };
            let verdict = fault.verify(&world, &roots);
            assert!(verdict.is_err(), "{fault:?}");
            assert_eq!(Fault::decode(&fault.encode()).as_ref(), Ok(&fault));
            right_but += usize::from(verdict == Err(NotAFault::Right));
        }
    }
    println!("{right_but} proofs open all that they must, and nothing is wrong");
    assert!(right_but > 4_000);
}
