//! The task: it looks at the L1, plans, and sends.

use super::core::{Action, OwnGame, Snapshot, plan};
use crate::{
    Derived, Game, GameBook, GameProgress, GameStatus, Outputs, ProposalSource, ProposerConfig,
    Settlement, metrics,
    outbox::{ContractCall, CrashPoints, Outbox},
    round::RoundError,
};
use alloy_primitives::{Address, B256, U256};
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolValue;
use openledger_contracts::{IAnchorStateRegistry, IDisputeGameFactory, IPermissionedDisputeGame};
use openledger_l1::{L1Block, L1Client, L1Error, L1View, ViewError, Views};
use std::collections::BTreeMap;
use tokio::{sync::watch, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

/// The permissioned game of the OP Stack.
const GAME_TYPE: u32 = 1;

/// L1 blocks after which what was seen is not expected to be taken back.
const SETTLED: u64 = 64;

/// Points at which a test ends the process.
const POINTS: CrashPoints = CrashPoints {
    planned: "proposer-tx-planned",
    sent: "proposer-tx-sent",
    included: "proposer-tx-included",
};

/// What the proposer works on.
#[derive(Debug)]
pub struct ProposerInputs {
    /// The L1.
    pub client: L1Client,
    /// The account that proposes; it pays the bonds.
    pub signer: PrivateKeySigner,
    /// The rollup's contracts.
    pub settlement: Settlement,
    /// The L1's head.
    pub l1: watch::Receiver<L1View>,
    /// How far derivation is.
    pub derived: watch::Receiver<Derived>,
    /// The chain's output roots.
    pub outputs: Outputs,
}

/// How the proposer does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProposerStatus {
    /// Whether it works; false after [`Proposer::pause`].
    pub active: bool,
    /// The newest block that was proposed; zero before the first.
    pub proposed: u64,
    /// Its games that are not over.
    pub open_games: usize,
}

/// A task that proposes output roots, resolves its games after their clock, moves the anchor and takes bonds back.
///
/// It keeps nothing: what is to be done is read from the L1, so it may be killed at any point, and another one may go on with the
/// same key. Dropping it ends the task; what was sent stays sent.
#[derive(Debug)]
pub struct Proposer {
    active: watch::Sender<bool>,
    status: watch::Receiver<ProposerStatus>,
    stop: CancellationToken,
}

impl Proposer {
    /// Begins to work.
    ///
    /// # Errors
    /// When the L1 can not be read now. Later failures of its endpoints are waited out.
    pub async fn start(config: ProposerConfig, inputs: ProposerInputs) -> Result<Self, L1Error> {
        let outbox = Outbox::start(&inputs.client, inputs.signer, "proposer", POINTS).await?;
        let (active, on) = watch::channel(true);
        let (status, receiver) = watch::channel(ProposerStatus {
            active: true,
            ..ProposerStatus::default()
        });
        let stop = CancellationToken::new();
        metrics::proposer_up();
        let driver = Driver {
            config,
            book: GameBook::new(inputs.settlement.factory),
            // With the next head it is asked again.
            client: inputs.client.without_retries(),
            settlement: inputs.settlement,
            l1: inputs.l1,
            derived: inputs.derived,
            outputs: inputs.outputs,
            outbox,
            over: BTreeMap::new(),
            progress: BTreeMap::new(),
            on,
            status,
        };
        tokio::spawn(driver.run(stop.clone()));
        Ok(Self {
            active,
            status: receiver,
            stop,
        })
    }

    /// Goes on after [`pause`](Self::pause). False when it was at work.
    pub fn resume(&self) -> bool {
        !self.active.send_replace(true)
    }

    /// Sends nothing new until it is resumed. False when it had been stopped.
    pub fn pause(&self) -> bool {
        self.active.send_replace(false)
    }

    /// How it does, and a way to wait for changes.
    pub fn status(&self) -> watch::Receiver<ProposerStatus> {
        self.status.clone()
    }
}

impl Drop for Proposer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Driver {
    config: ProposerConfig,
    client: L1Client,
    settlement: Settlement,
    l1: watch::Receiver<L1View>,
    derived: watch::Receiver<Derived>,
    outputs: Outputs,
    outbox: Outbox,
    book: GameBook,
    /// Own games about which nothing is left to be done, and the L1's height at which that was seen first.
    over: BTreeMap<Address, u64>,
    /// How own games stood when they were looked at last.
    progress: BTreeMap<Address, GameProgress>,
    on: watch::Receiver<bool>,
    status: watch::Sender<ProposerStatus>,
}

impl Driver {
    async fn run(mut self, stop: CancellationToken) {
        let mut failing = false;
        loop {
            let alive = tokio::select! {
                () = stop.cancelled() => return,
                changed = self.l1.changed() => changed.is_ok(),
                changed = self.on.changed() => changed.is_ok(),
                event = self.outbox.wait() => event.is_some(),
            };
            if !alive {
                return;
            }
            let active = *self.on.borrow_and_update();
            self.status
                .send_if_modified(|status| std::mem::replace(&mut status.active, active) != active);
            let head = self.l1.borrow_and_update().head;
            if !active || !self.outbox.is_ready(head.block_ref().id()) {
                continue;
            }
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.look(&head) => outcome,
            };
            match outcome {
                Ok(()) => failing = false,
                // Said once: an endpoint that is away does not fill the log.
                Err(error) if !failing => {
                    failing = true;
                    tracing::warn!(%error, "the proposer can not look at the L1; trying again with the next block");
                }
                Err(_) => {}
            }
        }
    }

    /// What it plans and sends rests on one endpoint's answers.
    async fn look(&mut self, head: &L1Block) -> Result<(), RoundError> {
        let client = self.client.clone();
        let mut pins = client.pins();
        loop {
            match self.round(&pins.client(), head).await {
                Err(error) if error.is_of_l1() && pins.another() => {}
                outcome => return outcome,
            }
        }
    }

    async fn round(&mut self, client: &L1Client, head: &L1Block) -> Result<(), RoundError> {
        while self.book.refresh(client, head).await? {}
        let views = Views::new(client, head.hash);
        let snapshot = self.snapshot(&views, head).await?;
        let proposed = snapshot
            .last
            .map_or(0, |(_, number)| number.saturating_to());
        metrics::proposed(proposed);
        metrics::open_games(snapshot.games.len());
        self.status.send_if_modified(|status| {
            let new = ProposerStatus {
                active: status.active,
                proposed,
                open_games: snapshot.games.len(),
            };
            std::mem::replace(status, new) != new
        });
        let actions = plan(&snapshot, self.config.interval);
        let mut calls = Vec::with_capacity(actions.len());
        for action in actions {
            tracing::info!(?action, l1_block = head.number, "the proposer acts");
            metrics::action(action.label());
            calls.push(self.call(&views, action).await?);
        }
        self.outbox.send(client, calls).await?;
        Ok(())
    }

    async fn snapshot(
        &mut self,
        views: &Views<'_>,
        head: &L1Block,
    ) -> Result<Snapshot, RoundError> {
        let registry = self.settlement.registry;
        let (paused, anchor) = tokio::try_join!(
            views.call(registry, IAnchorStateRegistry::pausedCall {}),
            views.call(registry, IAnchorStateRegistry::getAnchorRootCall {})
        )?;
        let account = self.outbox.account();
        let own: Vec<Game> = self
            .book
            .games()
            .filter(|game| game.creator == account && game.game_type == GAME_TYPE)
            .copied()
            .collect();
        let last = own.last().map(|game| (game.created_at, game.claim.number));
        let derived = *self.derived.borrow();
        let mut games = Vec::new();
        for game in own {
            let settled = |since: &u64| head.number >= since + SETTLED;
            if self.over.get(&game.address).is_some_and(settled) {
                continue;
            }
            let progress = self.progress(views, &game, head).await?;
            let agrees = match u64::try_from(game.claim.number) {
                Ok(number) if number <= derived.safe.number => {
                    self.output(number).await?.map(|(_, root)| root) == Some(game.claim.root)
                }
                _ => false,
            };
            let own = OwnGame {
                game,
                progress,
                agrees,
            };
            if own.is_over() {
                self.over.entry(game.address).or_insert(head.number);
            } else {
                // The L1 may have taken back what ended it.
                self.over.remove(&game.address);
                games.push(own);
            }
        }
        self.forget(head.number);
        let source = match self.config.source {
            ProposalSource::Finalized => derived.finalized.number,
            ProposalSource::Safe => derived.safe.number,
        };
        Ok(Snapshot {
            now: head.timestamp,
            paused,
            finality_delay: self.settlement.finality_delay,
            anchor: anchor.l2SequenceNumber,
            output: self.output(source).await?,
            games,
            last,
        })
    }

    /// How a game stands. It is read only when something can be done about it: many may be open at once.
    async fn progress(
        &mut self,
        views: &Views<'_>,
        game: &Game,
        head: &L1Block,
    ) -> Result<GameProgress, ViewError> {
        let cached = self.progress.get(&game.address);
        let idle_until = match cached {
            Some(progress) if progress.status == GameStatus::DefenderWins && !progress.closed => {
                progress
                    .resolved_at
                    .saturating_add(self.settlement.finality_delay)
            }
            _ => game.deadline(),
        };
        if head.timestamp < idle_until {
            return Ok(cached.copied().unwrap_or(GameProgress::OPEN));
        }
        let account = self.outbox.account();
        let progress = GameProgress::read(views, game.address, account).await?;
        self.progress.insert(game.address, progress);
        Ok(progress)
    }

    /// What is over is over; the own game that was made last says when the next one is due.
    fn forget(&mut self, height: u64) {
        let account = self.outbox.account();
        let own = |game: &&Game| game.creator == account && game.game_type == GAME_TYPE;
        let needed = |game: &&Game| match self.over.get(&game.address) {
            Some(since) => height < since + SETTLED,
            None => true,
        };
        let oldest_needed = self.book.games().filter(own).find(needed);
        let newest_own = self.book.games().rev().find(own);
        let keep = oldest_needed.or(newest_own).map(|game| game.index);
        if let Some(below) = keep {
            self.book.forget(below);
        }
        let known = |address: &Address| self.book.games().any(|game| game.address == *address);
        self.over.retain(|address, _| known(address));
        self.progress.retain(|address, _| known(address));
    }

    async fn output(&self, number: u64) -> Result<Option<(u64, B256)>, RoundError> {
        let outputs = self.outputs.clone();
        let output = spawn_blocking(move || outputs.at(number))
            .await
            .map_err(|_| RoundError::Aborted)??;
        Ok(output.map(|output| (number, output.hash())))
    }

    async fn call(&self, views: &Views<'_>, action: Action) -> Result<ContractCall, RoundError> {
        let account = self.outbox.account();
        Ok(match action {
            Action::Propose { root, number } => {
                let bond = views
                    .call(
                        self.settlement.factory,
                        IDisputeGameFactory::initBondsCall {
                            gameType: GAME_TYPE,
                        },
                    )
                    .await?;
                let create = IDisputeGameFactory::createCall {
                    gameType: GAME_TYPE,
                    rootClaim: root,
                    extraData: U256::from(number).abi_encode().into(),
                };
                ContractCall {
                    value: bond,
                    ..ContractCall::new(self.settlement.factory, &create)
                }
            }
            Action::Resolve(game) => {
                ContractCall::new(game, &IPermissionedDisputeGame::resolveCall {})
            }
            Action::Claim(game) => ContractCall::new(
                game,
                &IPermissionedDisputeGame::claimCreditCall { recipient: account },
            ),
            Action::Close(game) => {
                ContractCall::new(game, &IPermissionedDisputeGame::closeGameCall {})
            }
        })
    }
}
