//! What the methods act on, given by the node.

use super::{ThrottleController, ThrottleLimits};
use crate::RpcError;
use alloy_primitives::B256;
use futures::future::BoxFuture;
use std::{fmt, sync::Arc};

/// Why something was not done: a sentence for the operator, in the words of the OP Stack's programs where they have some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl From<Refusal> for RpcError {
    fn from(refusal: Refusal) -> Self {
        Self::Server(refusal.0)
    }
}

/// What becomes of a call that may take a while.
pub type Controlled<'a, T> = BoxFuture<'a, Result<T, Refusal>>;

/// The sequencer and derivation.
pub trait NodeControl: Send + Sync {
    /// Makes blocks on this head; refused when it is not the head, or blocks are being made.
    fn start_sequencer(&self, head: B256) -> Controlled<'_, ()>;
    /// Makes no more blocks; the head's hash, which holds everything that was preconfirmed. Refused when none are being made.
    fn stop_sequencer(&self) -> Controlled<'_, B256>;
    /// Whether blocks are made as far as the operator is concerned. Must not block.
    fn sequencer_active(&self) -> bool;
    /// Has blocks made as derivation makes them without a batch, or no longer. Must not block.
    fn set_recover_mode(&self, on: bool) -> Result<(), Refusal>;
    /// Has derivation begin anew from the newest safe block that is noted. Must not block.
    fn reset_derivation(&self) -> Result<(), Refusal>;
}

/// The batcher and its throttle.
pub trait BatcherControl: Send + Sync {
    /// Posts again; refused when it does.
    fn start(&self) -> Controlled<'_, ()>;
    /// Plans no more transactions; refused when that is so.
    fn stop(&self) -> Controlled<'_, ()>;
    /// Closes the open channel and posts it; done when that has begun.
    fn flush(&self) -> Controlled<'_, ()>;
    /// How the throttle stands. Must not block.
    fn throttle(&self) -> ThrottleController;
    /// Changes what is given and keeps the rest. Must not block.
    fn set_throttle(&self, limits: ThrottleLimits) -> Result<(), Refusal>;
    /// Goes back to what the node was started with. Must not block.
    fn reset_throttle(&self);
}

/// The proposer.
pub trait ProposerControl: Send + Sync {
    /// Proposes again; refused when it does.
    fn start(&self) -> Controlled<'_, ()>;
    /// Proposes no more; refused when that is so.
    fn stop(&self) -> Controlled<'_, ()>;
}

/// What the `admin_` methods act on.
#[derive(Clone)]
pub struct AdminContext {
    /// The sequencer and derivation.
    pub node: Arc<dyn NodeControl>,
    /// The batcher.
    pub batcher: Arc<dyn BatcherControl>,
    /// The proposer; `None`: its methods say that none runs.
    pub proposer: Option<Arc<dyn ProposerControl>>,
}

impl fmt::Debug for AdminContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminContext").finish_non_exhaustive()
    }
}
