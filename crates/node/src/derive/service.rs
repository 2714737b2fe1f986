//! Starting and stopping derivation.

use crate::derive::{
    DeriveState, Engine, OnSafe, SafeHead,
    driver::{Driver, Parts},
    safe_heads::SafeHeads,
    source::Source,
};
use anyhow::{Context, Result};
use openledger_genesis::RollupConfig;
use openledger_sequencer::Wake;
use parking_lot::Mutex;
use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};
use tokio::sync::watch;
use tracing::error;

/// What derivation is started with.
pub(crate) struct DerivationConfig {
    pub(crate) rollup: Arc<RollupConfig>,
    pub(crate) engine: Engine,
    pub(crate) source: Source,
    /// Where the safe blocks are noted.
    pub(crate) safe_heads: PathBuf,
    /// Raised whenever the L1 moved.
    pub(crate) wake: Arc<Wake>,
    /// Called with every block that became safe.
    pub(crate) on_safe: Option<OnSafe>,
    /// The last block that is wanted; `Some(None)`: whatever the L1 has now; `None`: never ends by itself.
    pub(crate) until: Option<Option<u64>>,
}

/// Derivation on its thread. Dropping it stops it.
pub(crate) struct Derivation {
    state: watch::Receiver<DeriveState>,
    safe_heads: Arc<Mutex<SafeHeads>>,
    stop: Arc<AtomicBool>,
    reset: Arc<AtomicBool>,
    wake: Arc<Wake>,
    failed: Arc<OnceLock<String>>,
    thread: Mutex<Option<JoinHandle<Result<()>>>>,
}

impl Derivation {
    /// Starts the thread.
    pub(crate) fn start(config: DerivationConfig) -> Result<Self> {
        let (state, receiver) = watch::channel(DeriveState {
            finalized: config.rollup.genesis.l2,
            ..DeriveState::default()
        });
        let stop = Arc::<AtomicBool>::default();
        let reset = Arc::<AtomicBool>::default();
        let failed = Arc::new(OnceLock::new());
        let safe_heads = Arc::new(Mutex::new(SafeHeads::open(&config.safe_heads)?));
        let driver = Driver::new(Parts {
            rollup: config.rollup,
            engine: config.engine,
            source: config.source,
            safe_heads: safe_heads.clone(),
            state,
            wake: config.wake.clone(),
            stop: stop.clone(),
            reset: reset.clone(),
            on_safe: config.on_safe,
            until: config.until,
        })?;
        let reason = failed.clone();
        let thread = std::thread::Builder::new()
            .name("derive".into())
            .spawn(move || {
                driver.run().inspect_err(|error| {
                    error!(error = format!("{error:#}"), "derivation stopped");
                    let _ = reason.set(format!("{error:#}"));
                })
            })
            .context("the derivation thread can not be started")?;
        Ok(Self {
            state: receiver,
            safe_heads,
            stop,
            reset,
            wake: config.wake,
            failed,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Where it is.
    pub(crate) fn state(&self) -> watch::Receiver<DeriveState> {
        self.state.clone()
    }

    /// What was safe after the L1 block of a height.
    pub(crate) fn safe_head_at(&self, l1_number: u64) -> Option<SafeHead> {
        if l1_number > self.state.borrow().current_l1.number {
            return None;
        }
        self.safe_heads.lock().at(l1_number)
    }

    /// Why it stopped by itself, if it did.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }

    /// Has it make a new pipeline, which begins at the newest safe block that is noted, as soon as it is done with its step.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Release);
        self.wake.raise();
    }

    /// Waits until it has derived what was wanted. Blocks the thread.
    pub(crate) fn wait(&self) -> Result<()> {
        match self.thread.lock().take() {
            Some(thread) => match thread.join() {
                Ok(outcome) => outcome,
                Err(_) => anyhow::bail!("derivation panicked"),
            },
            None => Ok(()),
        }
    }

    /// Lets it end at the next step. Does not wait for that.
    pub(crate) fn request_stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.wake.raise();
    }

    /// Ends it. Blocks the thread.
    pub(crate) fn stop(&self) {
        self.request_stop();
        // Why it failed is logged and kept.
        let _ = self.wait();
    }
}

impl Drop for Derivation {
    fn drop(&mut self) {
        self.request_stop();
    }
}
