//! Calls of contracts on their way to the L1, one round after the other.

use alloy_primitives::{Address, Bytes, U256};
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall;
use openledger_l1::{
    Hold, L1Client, L1Error, TxCandidate, TxEvent, TxManager, TxManagerConfig, TxManagerStatus,
};
use openledger_primitives::{BlockRef, crash_point};
use std::{collections::BTreeSet, time::Duration};
use tokio::sync::{mpsc, watch};

/// A call of a contract.
#[derive(Debug, Clone)]
pub(crate) struct ContractCall {
    pub(crate) to: Address,
    pub(crate) data: Bytes,
    pub(crate) value: U256,
}

impl ContractCall {
    pub(crate) fn new(to: Address, call: &impl SolCall) -> Self {
        Self {
            to,
            data: call.abi_encode().into(),
            value: U256::ZERO,
        }
    }
}

/// Where a test ends the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CrashPoints {
    pub(crate) planned: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) included: &'static str,
}

/// An account's calls. A round's calls are independent of each other; nothing new is sent before all of them are included, so that
/// whoever plans sees their effects.
#[derive(Debug)]
pub(crate) struct Outbox {
    manager: TxManager,
    events: mpsc::UnboundedReceiver<TxEvent>,
    status: watch::Receiver<TxManagerStatus>,
    account: Address,
    outstanding: BTreeSet<u64>,
    /// The newest block in which something of it was included.
    settled_at: BlockRef,
    points: CrashPoints,
}

impl Outbox {
    pub(crate) async fn start(
        client: &L1Client,
        signer: PrivateKeySigner,
        name: &'static str,
        points: CrashPoints,
    ) -> Result<Self, L1Error> {
        let account = signer.address();
        let config = TxManagerConfig {
            name,
            // The blocks of a development L1 come every two seconds.
            poll_interval: Duration::from_secs(1),
            ..TxManagerConfig::default()
        };
        let (manager, events) = TxManager::start(client.clone(), signer, config).await?;
        Ok(Self {
            status: manager.status(),
            manager,
            events,
            account,
            outstanding: BTreeSet::new(),
            settled_at: BlockRef::default(),
            points,
        })
    }

    pub(crate) fn account(&self) -> Address {
        self.account
    }

    /// Whether a round may be planned as of an L1 block: nothing is on its way, and what was is visible there.
    pub(crate) fn is_ready(&self, at: BlockRef) -> bool {
        self.outstanding.is_empty() && at.number >= self.settled_at.number
    }

    /// Waits for news. `None` when the manager has ended.
    pub(crate) async fn wait(&mut self) -> Option<()> {
        tokio::select! {
            event = self.events.recv() => self.on_event(event?),
            changed = self.status.changed() => {
                changed.ok()?;
                let gap = matches!(self.status.borrow_and_update().hold, Some(Hold::NonceGap(_)));
                if gap {
                    // The round was planned on a count that a reorganisation has changed since.
                    self.start_over();
                }
            }
        }
        Some(())
    }

    fn on_event(&mut self, event: TxEvent) {
        match event {
            TxEvent::Included { nonce, block } => {
                crash_point(self.points.included);
                self.outstanding.remove(&nonce);
                if block.number > self.settled_at.number {
                    self.settled_at = block;
                }
            }
            TxEvent::Excluded { .. } => self.start_over(),
            TxEvent::Confirmed { nonce } => self.manager.forget(nonce + 1),
        }
    }

    /// What was planned on blocks that are gone may not be right any more: the next round is planned on those that there are now.
    fn start_over(&mut self) {
        self.manager.forget(u64::MAX);
        self.outstanding.clear();
        self.settled_at = BlockRef::default();
    }

    /// Sends a round: all of it, or nothing when the L1 can not be asked. A call that would fail is left out, with a warning.
    pub(crate) async fn send(
        &mut self,
        client: &L1Client,
        calls: Vec<ContractCall>,
    ) -> Result<(), L1Error> {
        let mut good = Vec::with_capacity(calls.len());
        for call in calls {
            let ContractCall { to, data, value } = &call;
            match client.estimate_gas(self.account, *to, *value, data).await? {
                // What the L1's next blocks change may make it dearer.
                Ok(gas) => good.push((call, gas.saturating_mul(6) / 5)),
                Err(reason) => {
                    tracing::warn!(%to, %reason, "a transaction would fail on the L1 and is not sent");
                }
            }
        }
        let next = self.status.borrow().count;
        for (nonce, (ContractCall { to, data, value }, gas)) in (next..).zip(good) {
            crash_point(self.points.planned);
            self.manager
                .send(nonce, TxCandidate::call(to, data, value, gas));
            self.outstanding.insert(nonce);
            crash_point(self.points.sent);
        }
        Ok(())
    }
}
