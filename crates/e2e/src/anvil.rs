//! Foundry's anvil as the L1.

use crate::{Process, Rpc, anvil_binary, until};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::{
    path::PathBuf,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

/// A running anvil with chain id 900 and a block each second, by the newest rules unless a fork is named. Dropping it kills
/// it.
#[derive(Debug)]
pub struct Anvil {
    /// Its JSON-RPC.
    pub rpc: Rpc,
    process: Process,
    port: u16,
    fork: Option<&'static str>,
    /// The first block's timestamp, when it is not the time of the start.
    genesis: Option<u64>,
    folder: TempDir,
}

impl Anvil {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When anvil is not installed or does not come up.
    pub async fn start() -> Result<Self> {
        Self::begin(None, None).await
    }

    /// Starts one by the rules of this fork, in anvil's words, on a free port.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn at_fork(fork: &'static str) -> Result<Self> {
        Self::begin(Some(fork), None).await
    }

    /// Starts one whose clock is so many seconds behind, on a free port.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn behind(seconds: u64) -> Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        Self::begin(None, Some(now - seconds)).await
    }

    async fn begin(fork: Option<&'static str>, genesis: Option<u64>) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("openledger-anvil-")
            .tempdir()?;
        let (process, port) = spawn(0, fork, genesis, &state_file(&folder)).await?;
        Ok(Self {
            rpc: Rpc::new(&format!("http://127.0.0.1:{port}")),
            process,
            port,
            fork,
            genesis,
            folder,
        })
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        self.rpc.url()
    }

    /// From now on a block each so many seconds; with zero none by itself.
    ///
    /// # Errors
    /// When it is away.
    pub async fn mine_every(&self, seconds: u64) -> Result<()> {
        let seconds = json!([seconds]);
        self.rpc.call("evm_setIntervalMining", seconds).await?;
        Ok(())
    }

    /// Makes up for time in which it made no blocks: its next block comes so many seconds later than it would.
    ///
    /// # Errors
    /// When it is away.
    pub async fn skip(&self, seconds: u64) -> Result<()> {
        self.rpc
            .call("evm_increaseTime", json!([seconds]))
            .await
            .map(drop)?;
        Ok(())
    }

    /// Stops it; its state is kept.
    ///
    /// Nothing is mined while it saves that state: one that went on mining once came back with a nonce spent and the transaction in
    /// no block. The block that is mined here ends whatever was under way.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self) -> Result<()> {
        self.mine_every(0).await?;
        self.rpc.call("evm_mine", json!([])).await?;
        self.process.signal(rustix::process::Signal::INT)?;
        self.process.end().await?;
        Ok(())
    }

    /// Starts it again on its port, with its state.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn resume(&mut self) -> Result<()> {
        (self.process, _) = spawn(
            self.port,
            self.fork,
            self.genesis,
            &state_file(&self.folder),
        )
        .await?;
        Ok(())
    }
}

fn state_file(folder: &TempDir) -> PathBuf {
    folder.path().join("state.json")
}

async fn spawn(
    port: u16,
    fork: Option<&str>,
    genesis: Option<u64>,
    state: &PathBuf,
) -> Result<(Process, u16)> {
    let mut command = Command::new(anvil_binary()?);
    command.args([
        "--port",
        &port.to_string(),
        "--chain-id",
        "900",
        "--block-time",
        "1",
    ]);
    if let Some(fork) = fork {
        command.args(["--hardfork", fork]);
    }
    if let Some(genesis) = genesis {
        command.args(["--timestamp", &genesis.to_string()]);
    }
    command.arg("--state").arg(state).env("NO_COLOR", "1");
    let mut process = Process::spawn("anvil", &mut command)?;
    let port = until("anvil's start", async || {
        if let Some(status) = process.ended()? {
            bail!(
                "anvil ended with {status}: {}{}",
                process.stdout(),
                process.stderr()
            );
        }
        let printed = process.stdout();
        let line = printed
            .lines()
            .find_map(|line| line.strip_prefix("Listening on 127.0.0.1:"));
        line.map(|port| port.trim().parse().context("anvil's port"))
            .transpose()
    })
    .await?;
    Ok((process, port))
}
