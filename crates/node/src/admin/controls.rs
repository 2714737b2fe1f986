//! What the operator's methods do to the sequencer, derivation, the batcher and the proposer.

use crate::{derive::Derivation, settlement_side::SettlementSide};
use alloy_primitives::B256;
use openledger_batcher::{Batcher, BatcherError, ThrottleConfig};
use openledger_rpc::{
    AdminContext, BatcherControl, Controlled, NodeControl, ProposerControl, Refusal,
    ThrottleController, ThrottleLimits,
};
use openledger_sequencer::{Sequencer, SequencerError, Starting, Stopping};
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// What the `admin_` methods act on.
pub(crate) fn context(
    sequencer: Arc<Sequencer>,
    derivation: Arc<Derivation>,
    batcher: Arc<Batcher>,
    settlement: Option<Arc<SettlementSide>>,
) -> AdminContext {
    let proposer = settlement.filter(|settlement| settlement.proposer().is_some());
    AdminContext {
        node: Arc::new(NodeRole {
            sequencer,
            derivation,
        }),
        batcher: Arc::new(BatcherRole(batcher)),
        proposer: proposer.map(|settlement| Arc::new(ProposerRole(settlement)) as _),
    }
}

fn refuse<T>(sentence: impl ToString) -> Result<T, Refusal> {
    Err(Refusal(sentence.to_string()))
}

struct NodeRole {
    sequencer: Arc<Sequencer>,
    derivation: Arc<Derivation>,
}

impl NodeRole {
    /// Asks the builder, which may be busy with a block, from a thread that may wait.
    async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Sequencer) -> Result<T, SequencerError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let sequencer = self.sequencer.clone();
        match spawn_blocking(move || what(&sequencer)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => refuse(format!("the sequencer has ended: {error}")),
            Err(_) => refuse("the node ends"),
        }
    }
}

impl NodeControl for NodeRole {
    fn start_sequencer(&self, head: B256) -> Controlled<'_, ()> {
        Box::pin(async move {
            match self
                .ask(move |sequencer| sequencer.start_production(head))
                .await?
            {
                Starting::Started => Ok(()),
                Starting::WasStarted => refuse("sequencer already running"),
                Starting::OtherHead(found) => refuse(format!(
                    "block hash does not match: head {}:{}, received {head}",
                    found.hash, found.number
                )),
            }
        })
    }

    fn stop_sequencer(&self) -> Controlled<'_, B256> {
        Box::pin(async move {
            match self.ask(Sequencer::stop_production).await? {
                Stopping::Stopped(head) => Ok(head.hash),
                Stopping::WasStopped => refuse("sequencer not running"),
            }
        })
    }

    fn sequencer_active(&self) -> bool {
        let status = self.sequencer.status();
        status.active && status.halted.is_none()
    }

    fn set_recover_mode(&self, on: bool) -> Result<(), Refusal> {
        self.sequencer.set_recover_mode(on);
        Ok(())
    }

    fn reset_derivation(&self) -> Result<(), Refusal> {
        match self.derivation.failure() {
            Some(reason) => refuse(format!("derivation has stopped: {reason}")),
            None => {
                self.derivation.reset();
                Ok(())
            }
        }
    }
}

/// Of a node that proposes.
struct ProposerRole(Arc<SettlementSide>);

impl ProposerControl for ProposerRole {
    fn start(&self) -> Controlled<'_, ()> {
        Box::pin(async {
            match self.0.resume_proposer() {
                true => Ok(()),
                false => refuse("proposer is already running"),
            }
        })
    }

    fn stop(&self) -> Controlled<'_, ()> {
        Box::pin(async {
            match self.0.pause_proposer() {
                true => Ok(()),
                false => refuse("proposer is not running"),
            }
        })
    }
}

struct BatcherRole(Arc<Batcher>);

/// op-batcher's words.
fn refused(error: BatcherError) -> Refusal {
    Refusal(match error {
        BatcherError::Running => "batcher is already running".into(),
        BatcherError::Paused => "batcher is not running".into(),
        error => error.to_string(),
    })
}

impl BatcherControl for BatcherRole {
    fn start(&self) -> Controlled<'_, ()> {
        Box::pin(async { self.0.resume().await.map_err(refused) })
    }

    fn stop(&self) -> Controlled<'_, ()> {
        Box::pin(async { self.0.pause().await.map_err(refused) })
    }

    fn flush(&self) -> Controlled<'_, ()> {
        Box::pin(async { self.0.begin_flush().await.map(drop).map_err(refused) })
    }

    fn throttle(&self) -> ThrottleController {
        let throttle = self.0.throttle();
        let config = throttle.config();
        // op-batcher writes 0 for no limit.
        let limit = |bytes| if bytes == u64::MAX { 0 } else { bytes };
        ThrottleController {
            kind: ThrottleController::LINEAR,
            lower_threshold: config.threshold_bytes,
            upper_threshold: config.full_bytes,
            current_load: throttle.backlog_bytes(),
            intensity: throttle.intensity(),
            max_tx_size: limit(throttle.max_tx_bytes()),
            max_block_size: limit(throttle.max_block_bytes()),
        }
    }

    fn set_throttle(&self, limits: ThrottleLimits) -> Result<(), Refusal> {
        let throttle = self.0.throttle();
        let config = changed(&throttle.config(), &limits);
        throttle
            .configure(config)
            .map_err(|error| Refusal(error.to_string()))
    }

    fn reset_throttle(&self) {
        self.0.throttle().reset();
    }
}

fn changed(config: &ThrottleConfig, limits: &ThrottleLimits) -> ThrottleConfig {
    let ((block_high, block_low), (tx_high, tx_low)) = (config.block_bytes, config.tx_bytes);
    ThrottleConfig {
        threshold_bytes: limits.lower_threshold.unwrap_or(config.threshold_bytes),
        full_bytes: limits.upper_threshold.unwrap_or(config.full_bytes),
        block_bytes: (
            limits.block_size_upper_limit.unwrap_or(block_high),
            limits.block_size_lower_limit.unwrap_or(block_low),
        ),
        tx_bytes: (
            limits.tx_size_upper_limit.unwrap_or(tx_high),
            limits.tx_size_lower_limit.unwrap_or(tx_low),
        ),
    }
}
