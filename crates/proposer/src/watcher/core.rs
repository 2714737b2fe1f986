//! What is to be thought of a claim.

use crate::{Claim, Derived, Game, GameProgress, GameStatus};
use alloy_primitives::{Address, B256, U256};

/// What is to be thought of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the output root of the block.
    Sound,
    /// It is not. `expected` is the block's output root; `None` where the L1 determined no such block when the claim was made.
    Wrong {
        /// The right root.
        expected: Option<B256>,
    },
    /// Derivation is not far enough to tell.
    Undecided,
}

impl Verdict {
    pub(super) fn is_wrong(self) -> bool {
        matches!(self, Self::Wrong { .. })
    }
}

/// The block of a claim that derivation has reached; `None` where there is none.
pub(super) fn reached(claim: &Claim, derived: &Derived) -> Option<u64> {
    let number = u64::try_from(claim.number).ok()?;
    (number <= derived.safe.number).then_some(number)
}

/// Judges a claim. `root` is the output root of its block, where [`reached`] names one.
///
/// A claim about a block that the L1 did not determine when the game was made is wrong whatever the block will be: nobody could have
/// derived it.
pub(super) fn judge(game: &Game, derived: &Derived, root: Option<B256>) -> Verdict {
    match root {
        Some(root) if root == game.claim.root => Verdict::Sound,
        Some(root) => Verdict::Wrong {
            expected: Some(root),
        },
        None if derived.l1.number >= game.seen_at.number
            && game.claim.number > U256::from(derived.safe.number) =>
        {
            Verdict::Wrong { expected: None }
        }
        None => Verdict::Undecided,
    }
}

/// Something to be done on the L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Reject a claim.
    Challenge(Address),
    /// Take the bond of a game that was won.
    Claim(Address),
}

/// What the challenger does about a game.
pub(super) fn act(
    game: &Game,
    verdict: Verdict,
    progress: &GameProgress,
    now: u64,
    finality_delay: u64,
    paused: bool,
) -> Option<Action> {
    match progress.status {
        GameStatus::InProgress if verdict.is_wrong() && now < game.deadline() => {
            Some(Action::Challenge(game.address))
        }
        GameStatus::ChallengerWins if !progress.credit.is_zero() => {
            let ripe = progress.resolved_at.saturating_add(finality_delay);
            (progress.closed || (!paused && now > ripe)).then_some(Action::Claim(game.address))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openledger_primitives::BlockRef;

    fn block(number: u64) -> BlockRef {
        BlockRef {
            number,
            hash: B256::with_last_byte(number as u8),
        }
    }

    fn derived(l1: u64, safe: u64) -> Derived {
        Derived {
            l1: block(l1),
            safe: block(safe),
            finalized: block(0),
        }
    }

    fn game(number: U256, seen_at: u64) -> Game {
        Game {
            index: 0,
            address: Address::repeat_byte(1),
            game_type: 1,
            creator: Address::ZERO,
            claim: Claim {
                root: B256::repeat_byte(7),
                number,
            },
            created_at: 100,
            clock: 10,
            seen_at: block(seen_at),
        }
    }

    #[test]
    fn a_claim_is_judged_by_the_derived_chain() {
        let claimed = game(U256::from(5), 20);
        let right = Some(B256::repeat_byte(7));
        let other = Some(B256::repeat_byte(8));
        assert_eq!(judge(&claimed, &derived(20, 5), right), Verdict::Sound);
        assert_eq!(
            judge(&claimed, &derived(19, 5), other),
            Verdict::Wrong { expected: other }
        );
        // Not derived yet.
        assert_eq!(judge(&claimed, &derived(19, 4), None), Verdict::Undecided);
        // Not determined by the L1 when it was claimed.
        assert_eq!(
            judge(&claimed, &derived(20, 4), None),
            Verdict::Wrong { expected: None }
        );
    }

    #[test]
    fn a_number_that_is_no_block_is_reached_by_no_chain() {
        let claimed = game(U256::MAX, 20);
        assert_eq!(reached(&claimed.claim, &derived(20, u64::MAX)), None);
        assert_eq!(
            judge(&claimed, &derived(20, u64::MAX), None),
            Verdict::Wrong { expected: None }
        );
    }

    #[test]
    fn only_wrong_claims_are_challenged_and_only_in_time() {
        let claimed = game(U256::from(5), 20);
        let wrong = Verdict::Wrong { expected: None };
        let open = GameProgress::OPEN;
        let challenge = Some(Action::Challenge(claimed.address));
        assert_eq!(act(&claimed, wrong, &open, 109, 5, false), challenge);
        assert_eq!(act(&claimed, wrong, &open, 109, 5, true), challenge);
        assert_eq!(act(&claimed, wrong, &open, 110, 5, false), None);
        assert_eq!(act(&claimed, Verdict::Sound, &open, 101, 5, false), None);
        assert_eq!(
            act(&claimed, Verdict::Undecided, &open, 101, 5, false),
            None
        );
        let won = GameProgress {
            status: GameStatus::ChallengerWins,
            resolved_at: 105,
            closed: false,
            credit: U256::ONE,
        };
        assert_eq!(act(&claimed, wrong, &won, 110, 5, false), None);
        assert_eq!(act(&claimed, wrong, &won, 111, 5, true), None);
        assert_eq!(
            act(&claimed, wrong, &won, 111, 5, false),
            Some(Action::Claim(claimed.address))
        );
    }
}
