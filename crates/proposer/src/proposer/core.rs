//! What the proposer does next, as a function of what the L1 shows.

use crate::{Game, GameProgress, GameStatus};
use alloy_primitives::{Address, B256, U256};

/// Something to be done on the L1. Those of one round do not depend on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Claim an output root.
    Propose {
        /// The root.
        root: B256,
        /// Its block.
        number: u64,
    },
    /// Resolve a game whose clock is out.
    Resolve(Address),
    /// Take the bond of a game back; that also moves the anchor.
    Claim(Address),
    /// Move the anchor; there is no bond to be had.
    Close(Address),
}

impl Action {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Propose { .. } => "propose",
            Self::Resolve(_) => "resolve",
            Self::Claim(_) => "claim",
            Self::Close(_) => "close",
        }
    }
}

/// A game of this proposer.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnGame {
    pub(super) game: Game,
    pub(super) progress: GameProgress,
    /// Whether its claim is what the chain says now.
    pub(super) agrees: bool,
}

impl OwnGame {
    /// Whether nothing is left to be done about it, ever.
    pub(super) fn is_over(&self) -> bool {
        match self.progress.status {
            GameStatus::InProgress => false,
            // The bond is the challenger's.
            GameStatus::ChallengerWins => true,
            GameStatus::DefenderWins => self.progress.closed && self.progress.credit.is_zero(),
        }
    }
}

/// What the L1 and the chain show at one moment.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// The time of the L1's head in seconds.
    pub(super) now: u64,
    /// Whether the exit is paused: games can not be closed then.
    pub(super) paused: bool,
    /// Seconds between a game's resolution and its end.
    pub(super) finality_delay: u64,
    /// The block of the newest root that is proven.
    pub(super) anchor: U256,
    /// The newest output that may be proposed.
    pub(super) output: Option<(u64, B256)>,
    /// The games of this proposer that are not over.
    pub(super) games: Vec<OwnGame>,
    /// The newest claim of this proposer, whatever became of it: its time and its block.
    pub(super) last: Option<(u64, U256)>,
}

/// Everything that can be done now.
pub(super) fn plan(snapshot: &Snapshot, interval: u64) -> Vec<Action> {
    let proposal = propose(snapshot, interval);
    let rest = snapshot
        .games
        .iter()
        .filter_map(|own| finish(snapshot, own));
    proposal.into_iter().chain(rest).collect()
}

fn propose(snapshot: &Snapshot, interval: u64) -> Option<Action> {
    let (number, root) = snapshot.output?;
    let floor = match snapshot.last {
        Some((at, _)) if snapshot.now < at.saturating_add(interval) => return None,
        Some((_, last)) => last.max(snapshot.anchor),
        None => snapshot.anchor,
    };
    (U256::from(number) > floor).then_some(Action::Propose { root, number })
}

fn finish(snapshot: &Snapshot, own: &OwnGame) -> Option<Action> {
    let OwnGame { game, progress, .. } = own;
    match progress.status {
        // A claim that turned out wrong is not helped along; the watcher deals with it.
        GameStatus::InProgress if own.agrees && snapshot.now >= game.deadline() => {
            Some(Action::Resolve(game.address))
        }
        GameStatus::DefenderWins => {
            let ripe = progress.resolved_at.saturating_add(snapshot.finality_delay);
            let waiting = !progress.closed && (snapshot.paused || snapshot.now <= ripe);
            if waiting {
                None
            } else if !progress.credit.is_zero() {
                Some(Action::Claim(game.address))
            } else {
                (!progress.closed).then_some(Action::Close(game.address))
            }
        }
        GameStatus::InProgress | GameStatus::ChallengerWins => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Claim;
    use openledger_primitives::BlockRef;
    use proptest::prelude::*;

    const CLOCK: u64 = 10;
    const DELAY: u64 = 5;
    const INTERVAL: u64 = 7;

    /// The contracts, as far as a proposer can tell.
    #[derive(Debug, Default)]
    struct World {
        now: u64,
        paused: bool,
        anchor: u64,
        games: Vec<OwnGame>,
        bonds_out: u64,
    }

    impl World {
        fn snapshot(&self, output: Option<(u64, B256)>) -> Snapshot {
            Snapshot {
                now: self.now,
                paused: self.paused,
                finality_delay: DELAY,
                anchor: U256::from(self.anchor),
                output,
                games: self
                    .games
                    .iter()
                    .filter(|own| !own.is_over())
                    .copied()
                    .collect(),
                last: self
                    .games
                    .last()
                    .map(|own| (own.game.created_at, own.game.claim.number)),
            }
        }

        fn own(&mut self, address: Address) -> &mut OwnGame {
            self.games
                .iter_mut()
                .find(|own| own.game.address == address)
                .expect("a game of ours")
        }

        /// Does what the contracts would do, and fails where they would revert.
        fn carry_out(&mut self, action: Action) {
            let (now, paused) = (self.now, self.paused);
            match action {
                Action::Propose { root, number } => {
                    assert!(number > self.anchor, "the registry is beyond {number}");
                    let number = U256::from(number);
                    let known = |own: &OwnGame| own.game.claim.number == number;
                    assert!(!self.games.iter().any(known), "{number} is claimed twice");
                    let index = self.games.len() as u64;
                    self.bonds_out += 1;
                    self.games.push(OwnGame {
                        game: Game {
                            index,
                            address: Address::with_last_byte(index as u8 + 1),
                            game_type: 1,
                            creator: Address::ZERO,
                            claim: Claim { root, number },
                            created_at: now,
                            clock: CLOCK,
                            seen_at: BlockRef::default(),
                        },
                        progress: GameProgress {
                            credit: U256::ONE,
                            ..GameProgress::OPEN
                        },
                        agrees: true,
                    });
                }
                Action::Resolve(address) => {
                    let own = self.own(address);
                    assert_eq!(own.progress.status, GameStatus::InProgress);
                    assert!(now >= own.game.deadline(), "the clock is not out");
                    own.progress.status = GameStatus::DefenderWins;
                    own.progress.resolved_at = now;
                }
                Action::Claim(address) | Action::Close(address) => {
                    let own = self.own(address);
                    assert_eq!(own.progress.status, GameStatus::DefenderWins);
                    if !own.progress.closed {
                        assert!(!paused, "the registry is paused");
                        assert!(now > own.progress.resolved_at + DELAY, "it is not final");
                    }
                    own.progress.closed = true;
                    if matches!(action, Action::Claim(_)) {
                        assert_eq!(own.progress.credit, U256::ONE);
                        own.progress.credit = U256::ZERO;
                    }
                    let number = own.game.claim.number.to::<u64>();
                    if matches!(action, Action::Claim(_)) {
                        self.bonds_out -= 1;
                    }
                    self.anchor = self.anchor.max(number);
                }
            }
        }
    }

    proptest! {
        /// Whatever the L1 does and wherever the proposer is interrupted: no action reverts, nothing is claimed twice, and in the
        /// end every bond is back and the anchor is at the last proposal.
        #[test]
        fn every_game_comes_to_its_end(
            steps in prop::collection::vec((0..6u64, 0..4u64, any::<bool>(), 0..4usize), 1..80),
        ) {
            let mut world = World::default();
            let mut height = 0;
            for (seconds, blocks, paused, done) in steps {
                world.now += seconds;
                world.paused = paused;
                height += blocks;
                let output = (height > 0).then(|| (height, B256::with_last_byte(height as u8)));
                let actions = plan(&world.snapshot(output), INTERVAL);
                // A crash after `done` of them; the next life plans anew.
                for action in actions.into_iter().take(done) {
                    world.carry_out(action);
                }
            }
            world.paused = false;
            for _ in 0..4 {
                world.now += CLOCK + DELAY + 1;
                for action in plan(&world.snapshot(None), INTERVAL) {
                    world.carry_out(action);
                }
            }
            prop_assert_eq!(world.bonds_out, 0);
            let last = world.games.last().map_or(0, |own| own.game.claim.number.to());
            prop_assert_eq!(world.anchor, last);
            prop_assert!(world.games.iter().all(OwnGame::is_over));
        }
    }

    #[test]
    fn a_claim_that_turned_out_wrong_is_not_resolved() {
        let mut world = World::default();
        world.carry_out(Action::Propose {
            root: B256::ZERO,
            number: 1,
        });
        world.now = CLOCK;
        assert_eq!(plan(&world.snapshot(None), INTERVAL).len(), 1);
        world.games[0].agrees = false;
        assert_eq!(plan(&world.snapshot(None), INTERVAL), []);
    }

    #[test]
    fn proposals_keep_their_distance_in_time() {
        let mut world = World::default();
        let output = |number| Some((number, B256::ZERO));
        let first = plan(&world.snapshot(output(1)), INTERVAL);
        assert_eq!(first.len(), 1);
        world.carry_out(first[0]);
        world.now = INTERVAL - 1;
        assert_eq!(plan(&world.snapshot(output(2)), INTERVAL), []);
        world.now = INTERVAL;
        assert_eq!(plan(&world.snapshot(output(1)), INTERVAL), []);
        assert_eq!(plan(&world.snapshot(output(2)), INTERVAL).len(), 1);
    }
}
