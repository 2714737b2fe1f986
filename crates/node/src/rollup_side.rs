//! What makes the chain a rollup: derivation, the batcher, and who is told where they are.

use crate::{
    admin,
    derive::{Derivation, DerivationConfig, DeriveState, Engine, Source},
    l1_endpoint::L1Endpoint,
    l1_inputs::InputsCache,
    posts,
    settlement_side::{SettlementParts, SettlementSide, derived},
};
use alloy_signer_local::PrivateKeySigner;
use anyhow::{Context, Result};
use openledger_batcher::{
    Batcher, BatcherConfig, BatcherInputs, CoreStatus, DaMode, DerivationStatus, Throttle,
};
use openledger_chain::Chain;
use openledger_genesis::RollupConfig;
use openledger_l1::{HeadTracker, L1View};
use openledger_proposer::{ProposerConfig, ProposerStatus, WatcherStatus};
use openledger_protocol::L1BlockRef;
use openledger_rpc::{AdminContext, RollupContext, RollupStatus, SafeHeadAt};
use openledger_sequencer::{DaLimitSource, DaLimits, OnVerified, Sequencer, Wake};
use parking_lot::Mutex;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::watch;
use tracing::warn;

/// What the rollup's services work on.
pub(crate) struct RollupParts {
    pub(crate) rollup: Arc<RollupConfig>,
    pub(crate) chain: Arc<Chain>,
    pub(crate) sequencer: Arc<Sequencer>,
    pub(crate) l1: L1Endpoint,
    pub(crate) tracker: Arc<HeadTracker>,
    pub(crate) inputs: InputsCache,
    /// Raised whenever the L1 moved.
    pub(crate) wake: Arc<Wake>,
    pub(crate) verified: watch::Receiver<u64>,
    pub(crate) throttle: LateThrottle,
    pub(crate) batcher: PrivateKeySigner,
    pub(crate) da: DaMode,
    pub(crate) channel_duration: u64,
    pub(crate) proposer: Option<ProposerConfig>,
    pub(crate) proposer_key: PrivateKeySigner,
    pub(crate) challenger_key: PrivateKeySigner,
    /// Where journals and records are.
    pub(crate) directory: PathBuf,
}

/// Derivation and the batcher at work.
pub(crate) struct RollupSide {
    rollup: Arc<RollupConfig>,
    derivation: Arc<Derivation>,
    batcher: Arc<Batcher>,
    settlement: Option<Arc<SettlementSide>>,
    l1: watch::Receiver<L1View>,
}

/// The sequencer starts before the batcher, whose limits it is to keep.
#[derive(Clone, Default)]
pub(crate) struct LateThrottle(Arc<Mutex<Option<Arc<Throttle>>>>);

impl LateThrottle {
    /// What the sequencer asks.
    pub(crate) fn limits(&self) -> DaLimitSource {
        let throttle = self.0.clone();
        Arc::new(move || {
            let throttle = throttle.lock();
            let throttle = throttle.as_ref().filter(|throttle| throttle.active())?;
            Some(DaLimits {
                block: throttle.max_block_bytes(),
                transaction: throttle.max_tx_bytes(),
            })
        })
    }
}

/// How far the rollup's services are, for the health check.
#[derive(Clone)]
pub(crate) struct StatusSource {
    derivation: Arc<Derivation>,
    batcher: watch::Receiver<CoreStatus>,
    proposer: Option<watch::Receiver<ProposerStatus>>,
    watcher: Option<watch::Receiver<WatcherStatus>>,
}

impl StatusSource {
    /// Why derivation stopped, if it did.
    pub(crate) fn derivation_failure(&self) -> Option<String> {
        self.derivation.failure().map(str::to_owned)
    }

    pub(crate) fn batcher(&self) -> CoreStatus {
        *self.batcher.borrow()
    }

    pub(crate) fn derivation(&self) -> DeriveState {
        *self.derivation.state().borrow()
    }

    /// `None` where nothing is proposed.
    pub(crate) fn proposer(&self) -> Option<ProposerStatus> {
        Some(*self.proposer.as_ref()?.borrow())
    }

    /// `None` where there is nothing to watch.
    pub(crate) fn watcher(&self) -> Option<WatcherStatus> {
        Some(self.watcher.as_ref()?.borrow().clone())
    }
}

impl RollupSide {
    /// The height up to which blocks may leave, and who tells it.
    pub(crate) fn verified(number: u64) -> (watch::Receiver<u64>, OnVerified) {
        let (sender, receiver) = watch::channel(number);
        let told = Arc::new(move |number| {
            sender.send_replace(number);
        });
        (receiver, told)
    }

    /// Limits that apply as soon as the batcher runs.
    pub(crate) fn throttle() -> LateThrottle {
        LateThrottle::default()
    }

    /// Starts both. Production begins when derivation has taken in what the L1 has.
    pub(crate) async fn start(parts: RollupParts) -> Result<Self> {
        let l1 = parts.tracker.view();
        let derivation = Derivation::start(DerivationConfig {
            rollup: parts.rollup.clone(),
            engine: Engine::Sequencer(parts.chain.clone(), parts.sequencer),
            source: Source::new(parts.l1.clone(), parts.tracker, parts.inputs, &parts.rollup),
            safe_heads: parts.directory.join("safe-heads"),
            wake: parts.wake,
            on_safe: None,
            until: None,
        })?;
        let derivation = Arc::new(derivation);
        let settlement = SettlementSide::start(SettlementParts {
            client: parts.l1.client().clone(),
            portal: parts.rollup.deposit_contract_address,
            chain: parts.chain.clone(),
            l1: l1.clone(),
            derived: derived(derivation.state()),
            proposer: parts.proposer.map(|config| (config, parts.proposer_key)),
            challenger: Some(parts.challenger_key),
        })
        .await?;
        let posts = posts::start(
            parts.l1.client().clone(),
            parts.batcher,
            parts.rollup.batch_inbox_address,
        )
        .await
        .context("the batcher's account can not be used")?;
        let mut config = BatcherConfig::new(parts.rollup.clone(), parts.directory.join("batcher"));
        config.posting.mode = parts.da;
        config.channel.max_duration = parts.channel_duration;
        let batcher = Batcher::start(
            config,
            BatcherInputs {
                chain: parts.chain,
                verified: parts.verified,
                derivation: derivation_status(derivation.state()),
                l1: l1.clone(),
                posts,
            },
        )
        .await
        .context("the batcher can not start")?;
        *parts.throttle.0.lock() = Some(batcher.throttle());
        Ok(Self {
            rollup: parts.rollup,
            derivation,
            batcher: Arc::new(batcher),
            settlement: settlement.map(Arc::new),
            l1,
        })
    }

    /// What the `optimism_` methods answer from.
    pub(crate) fn rpc_context(&self) -> RollupContext {
        let (state, l1) = (self.derivation.state(), self.l1.clone());
        let derivation = self.derivation.clone();
        RollupContext {
            config: self.rollup.clone(),
            status: Arc::new(move || {
                let view = *l1.borrow();
                RollupStatus {
                    current_l1: state.borrow().current_l1,
                    head_l1: view.head.block_ref(),
                    safe_l1: view.safe.unwrap_or_default(),
                    finalized_l1: view.finalized.unwrap_or_default(),
                }
            }),
            safe_head_at: Arc::new(move |number| {
                derivation.safe_head_at(number).map(|entry| SafeHeadAt {
                    l1_block: entry.l1,
                    safe_head: entry.l2,
                })
            }),
        }
    }

    /// What the `admin_` methods act on.
    pub(crate) fn admin_context(&self, sequencer: Arc<Sequencer>) -> AdminContext {
        admin::context(
            sequencer,
            self.derivation.clone(),
            self.batcher.clone(),
            self.settlement.clone(),
        )
    }

    /// What the health check looks at.
    pub(crate) fn status_source(&self) -> StatusSource {
        StatusSource {
            derivation: self.derivation.clone(),
            batcher: self.batcher.status(),
            proposer: self
                .settlement
                .as_ref()
                .and_then(|settlement| settlement.proposer()),
            watcher: self
                .settlement
                .as_ref()
                .map(|settlement| settlement.watcher()),
        }
    }

    /// Ends both; with a deadline what is not posted yet is posted first.
    pub(crate) async fn stop(&self, flush: Option<Duration>) {
        if let Err(error) = self.batcher.shutdown(flush.unwrap_or_default()).await
            && flush.is_some()
        {
            warn!(%error, "the batcher goes on at the next start");
        }
        let derivation = self.derivation.clone();
        // Its thread may wait for the L1, and this one is the runtime's.
        let _ = tokio::task::spawn_blocking(move || derivation.stop()).await;
    }
}

/// Derivation's state as the batcher reads it.
fn derivation_status(
    mut state: watch::Receiver<DeriveState>,
) -> watch::Receiver<Option<DerivationStatus>> {
    let read = |state: &DeriveState| {
        (state.current_l1 != L1BlockRef::default()).then_some(DerivationStatus {
            current_l1: state.current_l1,
            safe: state.safe.id(),
        })
    };
    let (sender, receiver) = watch::channel(read(&state.borrow()));
    tokio::spawn(async move {
        while state.changed().await.is_ok() {
            let status = read(&state.borrow_and_update());
            sender.send_if_modified(|current| {
                let modified = *current != status;
                *current = status;
                modified
            });
        }
    });
    receiver
}
