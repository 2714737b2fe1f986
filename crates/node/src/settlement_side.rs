//! What settles the chain on its L1: the proposer of output roots, and the watch over what is proposed.

use crate::derive::DeriveState;
use alloy_primitives::Address;
use alloy_signer_local::PrivateKeySigner;
use anyhow::{Context, Result};
use openledger_chain::Chain;
use openledger_l1::{L1Client, L1View};
use openledger_proposer::{
    Derived, Outputs, Proposer, ProposerConfig, ProposerInputs, ProposerStatus, Settlement,
    SettlementError, Watcher, WatcherInputs, WatcherStatus,
};
use std::sync::Arc;
use tokio::sync::watch;
use tracing::warn;

/// What settlement works on.
pub(crate) struct SettlementParts {
    pub(crate) client: L1Client,
    /// The rollup's portal: it leads to all other contracts.
    pub(crate) portal: Address,
    pub(crate) chain: Arc<Chain>,
    pub(crate) l1: watch::Receiver<L1View>,
    pub(crate) derived: watch::Receiver<Derived>,
    /// How to propose, and with whose key; `None` on a node that only watches.
    pub(crate) proposer: Option<(ProposerConfig, PrivateKeySigner)>,
    /// The challenger's key, where this node holds it.
    pub(crate) challenger: Option<PrivateKeySigner>,
}

/// Proposer and watcher at work. Dropping it ends both.
pub(crate) struct SettlementSide {
    proposer: Option<Proposer>,
    watcher: Watcher,
}

impl SettlementSide {
    /// Starts them. `None` where the rollup's contracts have no way out: those of a chain that was deployed before there was one.
    pub(crate) async fn start(parts: SettlementParts) -> Result<Option<Self>> {
        let head = parts.l1.borrow().head;
        let settlement = match Settlement::of_portal(&parts.client, head.hash, parts.portal).await {
            Ok(settlement) => settlement,
            Err(error @ SettlementError::Contracts(_)) => {
                warn!(%error, "nothing is proposed: nothing can be withdrawn from this chain");
                return Ok(None);
            }
            Err(error) => return Err(error).context("the rollup's contracts can not be read"),
        };
        let outputs = Outputs::new(parts.chain);
        let watcher = Watcher::start(WatcherInputs {
            client: parts.client.clone(),
            challenger: parts.challenger,
            settlement,
            l1: parts.l1.clone(),
            derived: parts.derived.clone(),
            outputs: outputs.clone(),
        })
        .await
        .context("the challenger's account can not be used")?;
        let proposer = match parts.proposer {
            Some((config, signer)) => {
                let inputs = ProposerInputs {
                    client: parts.client,
                    signer,
                    settlement,
                    l1: parts.l1,
                    derived: parts.derived,
                    outputs,
                };
                let started = Proposer::start(config, inputs).await;
                Some(started.context("the proposer's account can not be used")?)
            }
            None => None,
        };
        Ok(Some(Self { proposer, watcher }))
    }

    /// How the proposer does; `None` where there is none.
    pub(crate) fn proposer(&self) -> Option<watch::Receiver<ProposerStatus>> {
        self.proposer.as_ref().map(Proposer::status)
    }

    /// Lets the proposer go on. False when it was at work, or there is none.
    pub(crate) fn resume_proposer(&self) -> bool {
        self.proposer.as_ref().is_some_and(Proposer::resume)
    }

    /// Has the proposer send nothing new. False when that was so, or there is none.
    pub(crate) fn pause_proposer(&self) -> bool {
        self.proposer.as_ref().is_some_and(Proposer::pause)
    }

    /// What the watcher sees.
    pub(crate) fn watcher(&self) -> watch::Receiver<WatcherStatus> {
        self.watcher.status()
    }
}

/// Derivation's state as settlement reads it.
pub(crate) fn derived(mut state: watch::Receiver<DeriveState>) -> watch::Receiver<Derived> {
    let read = |state: &DeriveState| Derived {
        l1: state.current_l1.id(),
        safe: state.safe.id(),
        finalized: state.finalized,
    };
    let (sender, receiver) = watch::channel(read(&state.borrow()));
    tokio::spawn(async move {
        while state.changed().await.is_ok() {
            let derived = read(&state.borrow_and_update());
            sender.send_if_modified(|current| std::mem::replace(current, derived) != derived);
        }
    });
    receiver
}
