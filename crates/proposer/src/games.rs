//! The claims on the L1.

use alloy_primitives::{Address, B256, U256};
use openledger_contracts::{IDisputeGameFactory, IPermissionedDisputeGame};
use openledger_l1::{L1Block, L1Client, ViewError, Views};
use openledger_primitives::BlockRef;
use std::collections::BTreeMap;

/// Games that are read at most in one go, so that a long list does not keep anything else waiting.
const PAGE: u64 = 64;

/// Seconds that are looked back at the start: far more than any clock and delay. What is older is over, or somebody has to look
/// after it by hand.
const HORIZON: u64 = 60 * 86_400;

/// What a game claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The output root.
    pub root: B256,
    /// The L2 block whose output root it is said to be. What does not fit is no block of any chain.
    pub number: U256,
}

/// A game as it was created; nothing of it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Game {
    /// Its place in the factory's list.
    pub index: u64,
    /// Its contract.
    pub address: Address,
    /// Its type.
    pub game_type: u32,
    /// Who made the claim.
    pub creator: Address,
    /// What is claimed.
    pub claim: Claim,
    /// Time of its creation in seconds, by the L1's clock.
    pub created_at: u64,
    /// Seconds in which it can be challenged.
    pub clock: u64,
    /// The L1's head when it was first seen; it was created there or below.
    pub seen_at: BlockRef,
}

impl Game {
    /// The time from which nobody can challenge it, in seconds.
    pub fn deadline(&self) -> u64 {
        self.created_at.saturating_add(self.clock)
    }
}

/// How a game stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GameStatus {
    /// It can be challenged, or resolved when its clock is out.
    InProgress,
    /// The claim is rejected.
    ChallengerWins,
    /// The claim stands.
    DefenderWins,
}

/// What changes about a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GameProgress {
    /// How it stands.
    pub status: GameStatus,
    /// When it was resolved, in seconds; zero before.
    pub resolved_at: u64,
    /// Whether it is decided who gets the bond.
    pub closed: bool,
    /// Wei that the account which asks can take out of it.
    pub credit: U256,
}

impl GameProgress {
    /// A game that nothing has happened to.
    pub(crate) const OPEN: Self = Self {
        status: GameStatus::InProgress,
        resolved_at: 0,
        closed: false,
        credit: U256::ZERO,
    };

    /// How a game stands, as of an L1 block, and what `account` can take out of it.
    pub(crate) async fn read(
        views: &Views<'_>,
        game: Address,
        account: Address,
    ) -> Result<Self, ViewError> {
        let (status, resolved_at, mode, credit) = tokio::try_join!(
            views.call(game, IPermissionedDisputeGame::statusCall {}),
            views.call(game, IPermissionedDisputeGame::resolvedAtCall {}),
            views.call(game, IPermissionedDisputeGame::bondDistributionModeCall {}),
            views.call(
                game,
                IPermissionedDisputeGame::creditCall { recipient: account }
            )
        )?;
        Ok(Self {
            status: match status {
                0 => GameStatus::InProgress,
                1 => GameStatus::ChallengerWins,
                _ => GameStatus::DefenderWins,
            },
            resolved_at,
            closed: mode != 0,
            credit,
        })
    }
}

/// The factory's list as of the newest L1 block that was looked at: the games of the last 60 days, as far as it was asked to
/// remember them.
///
/// It follows reorganisations: what the L1 took back is forgotten and read anew. Games that can not be read (of an unknown kind)
/// are left out.
#[derive(Debug)]
pub struct GameBook {
    factory: Address,
    /// By index; `None` for one that is not understood. Its timestamp tells one creation from another at the same address.
    entries: BTreeMap<u64, (Address, u64, Option<Game>)>,
    /// The first index that was never read; `None` before it is known where to begin.
    next: Option<u64>,
}

impl GameBook {
    /// The list of a factory.
    pub fn new(factory: Address) -> Self {
        Self {
            factory,
            entries: BTreeMap::new(),
            next: None,
        }
    }

    /// The games that are known, ascending.
    pub fn games(&self) -> impl DoubleEndedIterator<Item = &Game> {
        self.entries
            .values()
            .filter_map(|(_, _, game)| game.as_ref())
    }

    /// Forgets the games of an index below this one.
    pub fn forget(&mut self, below: u64) {
        // The newest stays: it shows whether the list is still the same one.
        let newest = self.entries.last_key_value().map(|(index, _)| *index);
        self.entries = self
            .entries
            .split_off(&below.min(newest.unwrap_or_default()));
    }

    /// Reads on, as of an L1 block. `true` when there is more than was read.
    pub(crate) async fn refresh(
        &mut self,
        client: &L1Client,
        head: &L1Block,
    ) -> Result<bool, ViewError> {
        let at = head.block_ref().id();
        let views = Views::new(client, at.hash);
        let count = views
            .call(self.factory, IDisputeGameFactory::gameCountCall {})
            .await?
            .saturating_to::<u64>();
        self.unwind(&views, count).await?;
        let mut next = match self.next {
            Some(next) => next,
            None => {
                let since = head.timestamp.saturating_sub(HORIZON);
                self.first_since(&views, since, count).await?
            }
        };
        let end = count.min(next.saturating_add(PAGE));
        while next < end {
            let index = next;
            let found = views.call(self.factory, at_index(index)).await?;
            let game = match read_game(&views, index, &found, at).await {
                Ok(game) => Some(game),
                Err(ViewError::Contract { reason, .. }) => {
                    tracing::warn!(index, game = %found.proxy, %reason, "a game on the L1 is not understood and not looked at");
                    None
                }
                Err(error @ ViewError::L1(_)) => return Err(error),
            };
            self.entries
                .insert(index, (found.proxy, found.timestamp, game));
            next = index + 1;
            self.next = Some(next);
        }
        self.next = Some(next);
        Ok(next < count)
    }

    /// The first game that was not created before a time. They are in the order of their creation.
    async fn first_since(
        &self,
        views: &Views<'_>,
        since: u64,
        count: u64,
    ) -> Result<u64, ViewError> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = views.call(self.factory, at_index(middle)).await?;
            if found.timestamp < since {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Forgets what the L1 took back: the end of the list, down to the newest entry that is still there.
    async fn unwind(&mut self, views: &Views<'_>, count: u64) -> Result<(), ViewError> {
        while let Some((&index, &(address, timestamp, _))) = self.entries.last_key_value() {
            if index < count {
                let found = views.call(self.factory, at_index(index)).await?;
                if (found.proxy, found.timestamp) == (address, timestamp) {
                    return Ok(());
                }
            }
            self.entries.remove(&index);
            self.next = Some(index);
        }
        // Nothing of what was remembered is left, or there was nothing: what is below is not known either.
        self.next = None;
        Ok(())
    }
}

fn at_index(index: u64) -> IDisputeGameFactory::gameAtIndexCall {
    IDisputeGameFactory::gameAtIndexCall {
        index: U256::from(index),
    }
}

async fn read_game(
    views: &Views<'_>,
    index: u64,
    found: &IDisputeGameFactory::gameAtIndexReturn,
    seen_at: BlockRef,
) -> Result<Game, ViewError> {
    let address = found.proxy;
    let (creator, root, number, created_at, clock) = tokio::try_join!(
        views.call(address, IPermissionedDisputeGame::gameCreatorCall {}),
        views.call(address, IPermissionedDisputeGame::rootClaimCall {}),
        views.call(address, IPermissionedDisputeGame::l2SequenceNumberCall {}),
        views.call(address, IPermissionedDisputeGame::createdAtCall {}),
        views.call(address, IPermissionedDisputeGame::maxClockDurationCall {})
    )?;
    Ok(Game {
        index,
        address,
        game_type: found.gameType,
        creator,
        claim: Claim { root, number },
        created_at,
        clock,
        seen_at,
    })
}
