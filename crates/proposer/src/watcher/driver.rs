//! The task: it looks at the L1's games with every block, and at the chain that was derived.

use super::core::{Action, Verdict, act, judge, reached};
use crate::{
    Derived, Game, GameBook, GameProgress, GameStatus, Outputs, Settlement, metrics,
    outbox::{ContractCall, CrashPoints, Outbox},
    round::RoundError,
};
use alloy_primitives::{Address, B256};
use alloy_signer_local::PrivateKeySigner;
use openledger_contracts::{IAnchorStateRegistry, IPermissionedDisputeGame};
use openledger_l1::{L1Block, L1Client, L1Error, L1View, Views};
use std::collections::BTreeMap;
use tokio::{sync::watch, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

/// Points at which a test ends the process.
const POINTS: CrashPoints = CrashPoints {
    planned: "challenger-tx-planned",
    sent: "challenger-tx-sent",
    included: "challenger-tx-included",
};

/// Seconds after which a game that is over is not looked at any more: more than a reorganisation can undo.
const KEPT: u64 = 86_400;

/// What the watcher works on.
#[derive(Debug)]
pub struct WatcherInputs {
    /// The L1.
    pub client: L1Client,
    /// The challenger's key, where this node holds it.
    pub challenger: Option<PrivateKeySigner>,
    /// The rollup's contracts.
    pub settlement: Settlement,
    /// The L1's head.
    pub l1: watch::Receiver<L1View>,
    /// How far derivation is.
    pub derived: watch::Receiver<Derived>,
    /// The chain's output roots.
    pub outputs: Outputs,
}

/// What the watcher sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WatcherStatus {
    /// Claims that are what the chain says, of the games that are not over.
    pub sound: usize,
    /// Claims that are not, and are not rejected: what an alarm must be about.
    pub wrong: Vec<Address>,
    /// Claims about which derivation can not tell yet.
    pub undecided: usize,
}

/// A task that compares each game's root with the chain that this node derived.
///
/// A wrong one is logged as an error, counted, and challenged where the node holds the challenger's key. Every claim is judged again with
/// every block, since a reorganisation of the L1 may change the chain. Dropping it ends the task.
#[derive(Debug)]
pub struct Watcher {
    status: watch::Receiver<WatcherStatus>,
    stop: CancellationToken,
}

impl Watcher {
    /// Begins to watch.
    ///
    /// # Errors
    /// When it holds a key and the L1 can not be read now. Later failures of its endpoints are waited out.
    pub async fn start(inputs: WatcherInputs) -> Result<Self, L1Error> {
        let outbox = match inputs.challenger {
            Some(signer) => {
                Some(Outbox::start(&inputs.client, signer, "challenger", POINTS).await?)
            }
            None => None,
        };
        let (status, receiver) = watch::channel(WatcherStatus::default());
        let stop = CancellationToken::new();
        let driver = Driver {
            book: GameBook::new(inputs.settlement.factory),
            // With the next head it is asked again.
            client: inputs.client.without_retries(),
            settlement: inputs.settlement,
            l1: inputs.l1,
            derived: inputs.derived,
            outputs: inputs.outputs,
            outbox,
            alarmed: BTreeMap::new(),
            status,
        };
        tokio::spawn(driver.run(stop.clone()));
        Ok(Self {
            status: receiver,
            stop,
        })
    }

    /// What it sees, and a way to wait for changes.
    pub fn status(&self) -> watch::Receiver<WatcherStatus> {
        self.status.clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Driver {
    client: L1Client,
    settlement: Settlement,
    l1: watch::Receiver<L1View>,
    derived: watch::Receiver<Derived>,
    outputs: Outputs,
    book: GameBook,
    outbox: Option<Outbox>,
    /// What was said of a game last, so that it is said once.
    alarmed: BTreeMap<Address, (Verdict, GameStatus)>,
    status: watch::Sender<WatcherStatus>,
}

impl Driver {
    async fn run(mut self, stop: CancellationToken) {
        let mut failing = false;
        loop {
            let alive = tokio::select! {
                () = stop.cancelled() => return,
                changed = self.l1.changed() => changed.is_ok(),
                changed = self.derived.changed() => changed.is_ok(),
                event = news(&mut self.outbox) => event.is_some(),
            };
            if !alive {
                return;
            }
            let head = self.l1.borrow_and_update().head;
            self.derived.mark_unchanged();
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.look(&head) => outcome,
            };
            match outcome {
                Ok(()) => failing = false,
                // Said once: an endpoint that is away does not fill the log.
                Err(error) if !failing => {
                    failing = true;
                    tracing::warn!(%error, "the watcher can not look at the L1's games; trying again with the next block");
                }
                Err(_) => {}
            }
        }
    }

    /// What it says and does rests on one endpoint's answers.
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
        let paused = views
            .call(
                self.settlement.registry,
                IAnchorStateRegistry::pausedCall {},
            )
            .await?;
        let account = self.outbox.as_ref().map(Outbox::account);
        let games: Vec<Game> = self.book.games().copied().collect();
        let mut seen = WatcherStatus::default();
        let mut calls = Vec::new();
        let mut oldest_open = None;
        for game in &games {
            let verdict = self.verdict(game).await?;
            // What becomes of a sound claim does not matter here, and there may be many.
            let progress = if verdict.is_wrong() {
                GameProgress::read(&views, game.address, account.unwrap_or_default()).await?
            } else {
                GameProgress::OPEN
            };
            self.say(game, verdict, progress.status);
            match verdict {
                Verdict::Sound => seen.sound += 1,
                Verdict::Undecided => seen.undecided += 1,
                Verdict::Wrong { .. } if progress.status == GameStatus::ChallengerWins => {}
                Verdict::Wrong { .. } => seen.wrong.push(game.address),
            }
            let ended = game.deadline().max(progress.resolved_at);
            let over = head.timestamp
                > ended.saturating_add(self.settlement.finality_delay.saturating_add(KEPT));
            if !over || (account.is_some() && !progress.credit.is_zero()) {
                oldest_open.get_or_insert(game.index);
            }
            let action = act(
                game,
                verdict,
                &progress,
                head.timestamp,
                self.settlement.finality_delay,
                paused,
            );
            calls.extend(action.map(|action| call(action, account.unwrap_or_default())));
        }
        self.book.forget(oldest_open.unwrap_or(u64::MAX));
        let known = |address: &Address| games.iter().any(|game| game.address == *address);
        self.alarmed.retain(|address, _| known(address));
        metrics::watched(seen.sound, seen.wrong.len(), seen.undecided);
        self.status
            .send_if_modified(|status| std::mem::replace(status, seen.clone()) != seen);
        match &mut self.outbox {
            Some(outbox) if outbox.is_ready(head.block_ref().id()) => {
                Ok(outbox.send(client, calls).await?)
            }
            _ => Ok(()),
        }
    }

    /// Judges by one state of derivation: when it moved meanwhile, the next round tells.
    async fn verdict(&self, game: &Game) -> Result<Verdict, RoundError> {
        let derived = *self.derived.borrow();
        let root: Option<B256> = match reached(&game.claim, &derived) {
            Some(number) => {
                let outputs = self.outputs.clone();
                spawn_blocking(move || outputs.at(number))
                    .await
                    .map_err(|_| RoundError::Aborted)??
                    .map(|output| output.hash())
            }
            None => None,
        };
        if self.derived.borrow().safe.number < derived.safe.number {
            return Ok(Verdict::Undecided);
        }
        Ok(judge(game, &derived, root))
    }

    fn say(&mut self, game: &Game, verdict: Verdict, status: GameStatus) {
        let before = self.alarmed.insert(game.address, (verdict, status));
        let Verdict::Wrong { expected } = verdict else {
            return;
        };
        if before == Some((verdict, status)) {
            return;
        }
        let Game {
            address: at, claim, ..
        } = game;
        match status {
            GameStatus::InProgress => tracing::error!(
                game = %at, number = %claim.number, claimed = %claim.root, ?expected,
                deadline = game.deadline(), challenging = self.outbox.is_some(),
                "a wrong output root is proposed on the L1: it must be challenged before its deadline"
            ),
            GameStatus::DefenderWins => tracing::error!(
                game = %at, number = %claim.number, claimed = %claim.root, ?expected,
                "a wrong output root was not challenged in time: the guardian must blacklist the game before withdrawals rely on it"
            ),
            GameStatus::ChallengerWins => tracing::info!(
                game = %at, number = %claim.number, "a wrong output root is rejected"
            ),
        }
        metrics::alarm();
    }
}

/// Waits for ever where there is no key.
async fn news(outbox: &mut Option<Outbox>) -> Option<()> {
    match outbox {
        Some(outbox) => outbox.wait().await,
        None => std::future::pending().await,
    }
}

fn call(action: Action, account: Address) -> ContractCall {
    match action {
        Action::Challenge(game) => {
            metrics::challenged();
            ContractCall::new(game, &IPermissionedDisputeGame::challengeCall {})
        }
        Action::Claim(game) => ContractCall::new(
            game,
            &IPermissionedDisputeGame::claimCreditCall { recipient: account },
        ),
    }
}
