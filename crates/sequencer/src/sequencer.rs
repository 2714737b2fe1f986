//! Starting and stopping the sequencer's threads.

use crate::{
    Origins, SequencerConfig, SequencerError, Wake,
    adoption::{AdoptedPayload, Adoption},
    behind::open_log,
    builder::Builder,
    command::{Command, Mode, Starting, Stopping},
    halt::Halt,
    log_writer::{LogMessage, LogWriter},
    sealer::Sealer,
    verifier::{Verified, VerifiedMark, Verifier},
};
use alloy_primitives::B256;
use crossbeam_channel::{Sender, bounded, unbounded};
use openledger_chain::Chain;
use openledger_pool::Pool;
use parking_lot::Mutex;
use std::{sync::Arc, thread::JoinHandle};
use tracing::info;

/// Groups that may wait for the log before the builder waits too.
const LOG_QUEUE: usize = 1_024;

/// What the sequencer is doing.
#[derive(Debug, Clone)]
pub struct SequencerStatus {
    /// The highest block that stood independent re-execution: what may leave for the L1.
    pub verified: u64,
    /// Why production stopped, if it did.
    pub halted: Option<String>,
    /// Whether it makes blocks; false while derivation finds out where the chain stands, and while it is not active.
    pub producing: bool,
    /// Whether the operator wants blocks: see [`Sequencer::stop_production`].
    pub active: bool,
    /// Whether it waits for the next L1 block: without it none of its blocks would be valid, since the drift is used up.
    pub waits_for_l1: bool,
}

/// A running sequencer. Dropping it stops it as [`stop`](Self::stop) does.
pub struct Sequencer {
    halt: Halt,
    verified: Arc<Verified>,
    commands: Sender<Command>,
    mode: Arc<Mode>,
    wake: Arc<Wake>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for Sequencer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sequencer")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl Sequencer {
    /// Recovers what the log holds beyond the database, then starts production, unless the configuration says that
    /// [`resume_after_derivation`](Self::resume_after_derivation) does.
    ///
    /// `wake` is to be raised whenever the pool has something new or the L1 has moved. Blocks until recovery is done.
    pub fn start(
        config: SequencerConfig,
        chain: Arc<Chain>,
        pool: Arc<Pool>,
        origins: Arc<dyn Origins>,
        wake: Arc<Wake>,
    ) -> Result<Self, SequencerError> {
        let (log, recovered) = open_log(&config.log_dir, &chain)?;
        if let Some(torn) = &recovered.torn {
            info!(
                ?torn,
                "the block log ended in an unfinished write, which is cut off"
            );
        }
        let halt = Halt::new(wake.clone());
        let verified = Arc::new(Verified::new(
            chain.head().number(),
            VerifiedMark::new(&config.log_dir),
            config.on_verified.clone(),
        ));
        let (to_log, log_messages) = bounded::<LogMessage>(LOG_QUEUE);
        let (to_seal, seal_jobs) = bounded(1);
        let (to_verify, verify_jobs) = unbounded();
        let (commands, commanded) = unbounded();
        let mode = Arc::new(Mode::new(config.producing));
        let writer = LogWriter {
            log,
            chain: chain.clone(),
            pool: pool.clone(),
            to_verify,
            halt: halt.clone(),
            withheld: Default::default(),
        };
        let sealer = Sealer {
            chain: chain.clone(),
            verified: verified.clone(),
            log: to_log.clone(),
            clock: config.clock,
            halt: halt.clone(),
        };
        let verifier = Verifier {
            chain: chain.clone(),
            verified: verified.clone(),
            halt: halt.clone(),
        };
        let builder = Builder {
            config,
            chain,
            pool,
            origins,
            wake: wake.clone(),
            log: to_log,
            seal: to_seal,
            verified: verified.clone(),
            halt: halt.clone(),
            leftover: Default::default(),
            // Higher than any count, so that the first look happens: the L1 may have moved while the node was down.
            seen_reorgs: u64::MAX,
            commands: commanded,
            mode: mode.clone(),
        };
        let (report, outcome) = bounded(1);
        let mut threads = vec![
            spawn("seq-log", &halt, move || writer.run(&log_messages))?,
            spawn("seq-seal", &halt, move || sealer.run(&seal_jobs))?,
            spawn("seq-verify", &halt, move || verifier.run(&verify_jobs))?,
        ];
        threads.push(spawn("seq-build", &halt, move || {
            builder.run(recovered.records, &report)
        })?);
        let sequencer = Self {
            halt,
            verified,
            commands,
            mode,
            wake,
            threads: Mutex::new(threads),
        };
        match outcome.recv() {
            Ok(Ok(())) => Ok(sequencer),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(SequencerError::Stopped(
                "recovery ended without a result".into(),
            )),
        }
    }

    /// What it is doing.
    pub fn status(&self) -> SequencerStatus {
        SequencerStatus {
            verified: self.verified.number(),
            halted: self.halt.reason(),
            producing: self.mode.producing(),
            active: !self.mode.stopped(),
            waits_for_l1: self.mode.waits_for_l1(),
        }
    }

    /// Everything that the L1 has is derived: makes blocks from now on, unless an operator wants none.
    pub fn resume_after_derivation(&self) -> Result<(), SequencerError> {
        if self.mode.derived() {
            return Ok(());
        }
        self.command(Command::Derived)
    }

    /// Seals the open block and makes no further one until [`start_production`](Self::start_production), or until the next run.
    /// Blocks of the L1 are still adopted, and the pool keeps what has no block yet. Blocks the thread.
    ///
    /// Fails only when the sequencer stops.
    pub fn stop_production(&self) -> Result<Stopping, SequencerError> {
        let (done, stopped) = bounded(1);
        self.command(Command::Stop(done))?;
        stopped.recv().map_err(|_| self.ended())
    }

    /// Makes blocks again, if the head is the one that the caller believes in. Blocks the thread.
    ///
    /// Fails only when the sequencer stops.
    pub fn start_production(&self, head: B256) -> Result<Starting, SequencerError> {
        let (done, started) = bounded(1);
        self.command(Command::Start(head, done))?;
        started.recv().map_err(|_| self.ended())
    }

    /// In recover mode blocks are made as derivation makes them without any batch: each takes the next L1 block as its origin as soon
    /// as its time and the confirmations allow, and holds forced transactions only. From the next block on; true when that is a change.
    pub fn set_recover_mode(&self, on: bool) -> bool {
        let changed = self.mode.recover(on);
        if changed {
            info!(on, "recover mode");
        }
        changed
    }

    /// Puts a derived block at its height, in the place of what stands there and above, whose transactions go back to the
    /// pool; subscribers are told. No further block is made until
    /// [`resume_after_derivation`](Self::resume_after_derivation). Blocks the thread.
    ///
    /// Fails only when the sequencer stops.
    pub fn adopt(&self, payload: AdoptedPayload) -> Result<Adoption, SequencerError> {
        let (done, adopted) = bounded(1);
        self.command(Command::Adopt(Box::new(payload), done))?;
        match adopted.recv() {
            Ok(outcome) => outcome.map_err(SequencerError::Stopped),
            Err(_) => Err(self.ended()),
        }
    }

    fn command(&self, command: Command) -> Result<(), SequencerError> {
        self.commands.send(command).map_err(|_| self.ended())?;
        self.wake.raise();
        Ok(())
    }

    fn ended(&self) -> SequencerError {
        let reason = self.halt.reason();
        SequencerError::Stopped(reason.unwrap_or_else(|| "the sequencer has been stopped".into()))
    }

    /// Seals the open block, makes it durable, and ends all threads.
    pub fn stop(&self) {
        self.halt.stop();
        let mut threads = self.threads.lock();
        if threads.is_empty() {
            return;
        }
        // The builder last in the list ends first and closes the channels that the others wait on.
        while let Some(thread) = threads.pop() {
            if thread.join().is_err() {
                tracing::error!("a thread of the sequencer panicked");
            }
        }
        info!("sequencer stopped");
    }
}

impl Drop for Sequencer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Stops the others when its thread panics: they would wait for it.
struct StopOnPanic {
    name: String,
    halt: Halt,
}

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.halt.fail(&SequencerError::Stopped(format!(
                "the thread {} panicked",
                self.name
            )));
        }
    }
}

fn spawn(
    name: &str,
    halt: &Halt,
    run: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, SequencerError> {
    let guard = StopOnPanic {
        name: name.into(),
        halt: halt.clone(),
    };
    std::thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            let _guard = guard;
            run();
        })
        .map_err(|error| {
            SequencerError::Stopped(format!("thread {name} can not be started: {error}"))
        })
}
