//! Getting transactions of one account into the L1, each at the nonce that its caller names.
//!
//! The state machine in `core` decides; a task carries that out. Callers plan nonces, since they alone know whether two
//! transactions are the same; the manager keeps to it.

mod candidate;
mod config;
mod core;
mod driver;
mod endpoint;
mod fees;
mod refusal;
mod sidecar;
mod signer;
#[cfg(test)]
mod simulation;
mod slot;
mod status;

use crate::{L1Client, L1Error};
use alloy_signer_local::PrivateKeySigner;
pub use candidate::{TxCandidate, TxPayload};
pub use config::TxManagerConfig;
use driver::{Command, Driver};
pub use status::{Hold, TxEvent, TxManagerStatus};
use tokio::sync::{mpsc, watch};

/// Sends transactions of one account, and sees to it that they are included.
///
/// Guarantees: a nonce carries one payload for as long as it is known, whatever the endpoint does; fees never exceed the limits,
/// nor what is with the L1 the balance; a transaction that a reorganisation removes, or that the pool has lost, is sent again. An endpoint
/// that fails is asked again until it is back. There must be one manager for each account. Dropping it ends the task; what
/// was sent stays sent.
#[derive(Debug)]
pub struct TxManager {
    commands: mpsc::UnboundedSender<Command>,
    status: watch::Receiver<TxManagerStatus>,
}

impl TxManager {
    /// Checks the endpoint and looks at the account, then begins to work. The events may be dropped.
    ///
    /// # Errors
    /// When the endpoint can not be read now (within the client's retries), or serves another chain than the client's options
    /// name.
    pub async fn start(
        client: L1Client,
        signer: PrivateKeySigner,
        config: TxManagerConfig,
    ) -> Result<(Self, mpsc::UnboundedReceiver<TxEvent>), L1Error> {
        let chain_id = client.chain_id().await?;
        if let Some(expected) = client.options().chain_id.filter(|id| *id != chain_id) {
            return Err(L1Error::ChainId {
                expected,
                found: chain_id,
            });
        }
        let mut driver = Driver::new(&client, signer, chain_id, config);
        driver.look(&client).await?;
        driver.publish();
        let status = driver.status();
        let (commands, command_receiver) = mpsc::unbounded_channel();
        let (events, event_receiver) = mpsc::unbounded_channel();
        tokio::spawn(driver.run(command_receiver, events));
        Ok((Self { commands, status }, event_receiver))
    }

    /// Sends a transaction at a nonce, and goes on until it is included. Returns at once.
    ///
    /// Nonces are sent in order and without gaps: one waits for those before it. Asking again for the same nonce changes
    /// nothing; with another payload that is logged as an error.
    pub fn send(&self, nonce: u64, candidate: TxCandidate) {
        // The task ends with this.
        let _ = self.commands.send(Command::Send(nonce, candidate));
    }

    /// Watches and sends nothing any more at nonces below this one.
    pub fn forget(&self, below: u64) {
        let _ = self.commands.send(Command::Forget(below));
    }

    /// How it does, and a way to wait for changes.
    pub fn status(&self) -> watch::Receiver<TxManagerStatus> {
        self.status.clone()
    }
}
