//! Starting the batcher, and what others ask of it.

use super::{
    Core, CoreStatus, DerivationStatus, Posts, Start,
    run::{Command, Driver, conditions},
};
use crate::{BatcherConfig, Journal, JournalError, Throttle, metrics};
use openledger_chain::Chain;
use openledger_l1::L1View;
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// What the batcher works on.
#[derive(Debug)]
pub struct BatcherInputs {
    /// The L2.
    pub chain: Arc<Chain>,
    /// The highest block that stood re-execution: nothing above it leaves.
    pub verified: watch::Receiver<u64>,
    /// How far derivation has come; `None` until it knows.
    pub derivation: watch::Receiver<Option<DerivationStatus>>,
    /// The L1's head.
    pub l1: watch::Receiver<L1View>,
    /// Who sends transactions.
    pub posts: Posts,
}

/// Why the batcher does not start, or does not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BatcherError {
    /// The journal can not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The batcher is paused; resume it first.
    #[error("the batcher is paused")]
    Paused,
    /// The batcher is at work already.
    #[error("the batcher is running")]
    Running,
    /// The batcher has ended; the log says why.
    #[error("the batcher has ended")]
    Ended,
    /// The deadline came before the L1 had everything.
    #[error("not everything is on the L1 yet: {posted} of {target}")]
    Deadline {
        /// The last block that is in included transactions.
        posted: u64,
        /// The block that was to be posted.
        target: u64,
    },
}

/// A running batcher.
///
/// Guarantees: whatever ends the process at whatever time, the next run sends the same payload at the same nonce again, leaves no nonce
/// out and posts every verified block. Dropping it ends the task without a flush.
#[derive(Debug)]
pub struct Batcher {
    commands: mpsc::UnboundedSender<Command>,
    status: watch::Receiver<CoreStatus>,
    throttle: Arc<Throttle>,
    stop: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Batcher {
    /// Reads the journal and starts the task.
    ///
    /// Fails when the journal can not be read or written.
    pub async fn start(config: BatcherConfig, inputs: BatcherInputs) -> Result<Self, BatcherError> {
        let directory = config.journal_dir.clone();
        let opened = tokio::task::spawn_blocking(move || Journal::open(&directory)).await;
        let (journal, entries) = opened.map_err(|_| BatcherError::Ended)??;
        let l1 = conditions(&inputs.l1.borrow());
        let start = Start {
            entries,
            nonce: inputs.posts.nonce,
            l1,
        };
        let core = Core::new(
            config.channel.clone(),
            config.posting.clone(),
            config.rollup.clone(),
            start,
        );
        let throttle = Arc::new(Throttle::new(config.throttle.clone()));
        let stop = CancellationToken::new();
        let (commands, command_receiver) = mpsc::unbounded_channel();
        let (status_sender, status) = watch::channel(core.status());
        let driver = Driver::new(
            config,
            inputs,
            core,
            journal,
            throttle.clone(),
            command_receiver,
            status_sender,
            stop.clone(),
        );
        let task = tokio::spawn(driver.run());
        metrics::up();
        Ok(Self {
            commands,
            status,
            throttle,
            stop,
            task: Mutex::new(Some(task)),
        })
    }

    /// What the sequencer reads.
    pub fn throttle(&self) -> Arc<Throttle> {
        self.throttle.clone()
    }

    /// Where the batcher stands, and a way to wait for changes.
    pub fn status(&self) -> watch::Receiver<CoreStatus> {
        self.status.clone()
    }

    /// Takes no more blocks in and plans no more transactions (`admin_stopBatcher`). What is under way is still brought in.
    ///
    /// Fails when that is so already, or the batcher has ended.
    pub async fn pause(&self) -> Result<(), BatcherError> {
        self.ask(Command::Pause).await
    }

    /// Ends a pause (`admin_startBatcher`).
    ///
    /// Fails when there is none, or the batcher has ended.
    pub async fn resume(&self) -> Result<(), BatcherError> {
        self.ask(Command::Resume).await
    }

    /// Closes the open channel with the last verified block and posts it without waiting for more (`admin_flushBatcher`). Returns
    /// that block as soon as this has begun.
    ///
    /// Fails when the batcher is paused or has ended.
    pub async fn begin_flush(&self) -> Result<u64, BatcherError> {
        self.ask(|done| Command::Flush { wait: false, done }).await
    }

    /// The same, but waits until the L1 has it.
    ///
    /// Fails when the batcher is paused or has ended. It waits as long as the L1 takes: give it a deadline from outside.
    pub async fn flush(&self) -> Result<u64, BatcherError> {
        self.ask(|done| Command::Flush { wait: true, done }).await
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, BatcherError>>) -> Command,
    ) -> Result<T, BatcherError> {
        let (done, answer) = oneshot::channel();
        self.commands
            .send(command(done))
            .map_err(|_| BatcherError::Ended)?;
        answer.await.map_err(|_| BatcherError::Ended)?
    }

    /// Flushes, unless the batcher is paused, for at most `deadline`, and ends the task.
    ///
    /// Fails when not everything got to the L1; nothing is lost by that, the next run goes on.
    pub async fn shutdown(&self, deadline: Duration) -> Result<(), BatcherError> {
        let flushed = tokio::time::timeout(deadline, self.flush()).await;
        let status = *self.status.borrow();
        self.stop.cancel();
        let task = self.task.lock().take();
        if let Some(task) = task
            && task.await.is_err()
        {
            warn!("the batcher's task has panicked");
        }
        match flushed {
            Ok(Ok(block)) => {
                info!(block, "the batcher stopped, everything is on the L1");
                Ok(())
            }
            Ok(Err(BatcherError::Paused | BatcherError::Ended)) => Ok(()),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(BatcherError::Deadline {
                posted: status.posted,
                target: status.safe + status.backlog_blocks,
            }),
        }
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
