//! Stopping all threads of the sequencer together, with one reason.

use crate::{SequencerError, Wake};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};
use tracing::error;

/// Shared by the sequencer's threads: the first error stops them all and is kept.
#[derive(Debug, Clone)]
pub(crate) struct Halt(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    stop: AtomicBool,
    reason: OnceLock<String>,
    wake: Arc<Wake>,
}

impl Halt {
    pub(crate) fn new(wake: Arc<Wake>) -> Self {
        Self(Arc::new(Inner {
            stop: AtomicBool::new(false),
            reason: OnceLock::new(),
            wake,
        }))
    }

    /// Asks for an orderly stop.
    pub(crate) fn stop(&self) {
        self.0.stop.store(true, Ordering::Release);
        self.0.wake.raise();
    }

    /// Stops because of an error. The first one is logged and kept.
    pub(crate) fn fail(&self, error: &SequencerError) {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            let inner_text = inner.to_string();
            if !text.contains(&inner_text) {
                text = format!("{text}: {inner_text}");
            }
            cause = inner.source();
        }
        if self.0.reason.set(text.clone()).is_ok() {
            error!(reason = %text, "block production stopped");
            crate::metrics::halted();
        }
        self.stop();
    }

    pub(crate) fn stopping(&self) -> bool {
        self.0.stop.load(Ordering::Acquire)
    }

    /// Why production stopped, if it did.
    pub(crate) fn reason(&self) -> Option<String> {
        self.0.reason.get().cloned()
    }
}
