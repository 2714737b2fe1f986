//! `openledger verify`: a second node that has nothing but the L1.

use crate::{Node, Process, node_binary, until};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A verifier with a data directory of its own, empty at first.
#[derive(Debug)]
pub struct Verifier {
    folder: TempDir,
    l1: String,
    /// Where `rollup.json` and `genesis.json` are.
    chain: PathBuf,
    environment: Vec<(String, String)>,
}

impl Verifier {
    /// Of the chain whose files are in a directory, from this L1.
    ///
    /// # Errors
    /// When no temporary directory can be made.
    pub fn new(l1: &str, chain: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("openledger-verify-")
            .tempdir()?;
        Ok(Self {
            folder,
            l1: l1.into(),
            chain: chain.into(),
            environment: Vec::new(),
        })
    }

    /// Of the chain of a running node.
    ///
    /// # Errors
    /// When no temporary directory can be made.
    pub fn of(node: &Node) -> Result<Self> {
        Self::new(node.l1.url(), node.datadir())
    }

    /// Sets a variable of its environment for the runs from now on, or takes it away.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.environment.retain(|(known, _)| known != name);
        self.environment
            .extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// Starts one that goes on with the L1 and watches its output roots.
    ///
    /// # Errors
    /// When it can not be started.
    pub fn watch(&self) -> Result<Process> {
        let mut command = self.command()?;
        command.arg("--watch");
        Process::spawn("openledger verify --watch", &mut command)
    }

    /// Starts it; `against` is the node whose blocks must be the same. It goes on where an earlier run has ended.
    ///
    /// # Errors
    /// When it can not be started.
    pub fn spawn(&self, to: Option<u64>, against: Option<&str>) -> Result<Process> {
        let mut command = self.command()?;
        if let Some(to) = to {
            command.args(["--to-block", &to.to_string()]);
        }
        if let Some(url) = against {
            command.args(["--against", url]);
        }
        Process::spawn("openledger verify", &mut command)
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(node_binary()?);
        command
            .args(["verify", "--l1-rpc", &self.l1])
            .arg("--rollup")
            .arg(self.chain.join("rollup.json"))
            .arg("--genesis")
            .arg(self.chain.join("genesis.json"))
            .arg("--datadir")
            .arg(self.folder.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1");
        Ok(command)
    }

    /// Runs it to its end; the line that it prints.
    ///
    /// # Errors
    /// When it does not succeed, with what it said.
    pub async fn run(&self, to: Option<u64>, against: Option<&str>) -> Result<Value> {
        let mut process = self.spawn(to, against)?;
        let status = process.end().await?;
        ensure!(
            status.success(),
            "verify ended with {status}: {}",
            process.stderr()
        );
        serde_json::from_str(&process.stdout()).context("verify prints one JSON line")
    }
}

impl Node {
    /// Waits until the L1 determines a height; the height that it then determines.
    ///
    /// # Errors
    /// When it takes too long.
    pub async fn safe(&self, height: u64) -> Result<u64> {
        let what = format!("block {height} is safe");
        let found = until(&what, async || {
            let status = self.l2.call("optimism_syncStatus", json!([])).await?;
            let number = status["safe_l2"]["number"].as_u64().unwrap_or_default();
            Ok((number >= height).then_some(number))
        });
        found.await.with_context(|| self.process.stderr())
    }

    /// What must hold of the chain whenever the L1 has everything: a fresh verifier that knows the L1 alone arrives at every
    /// one of its hashes. Returns the height up to which that was seen: at least the head at the time of the call.
    ///
    /// # Errors
    /// When it does not hold, or the batches do not reach the L1 in time.
    pub async fn rebuilds(&self) -> Result<u64> {
        let safe = self.safe(self.l2.height().await?).await?;
        self.rebuilds_to(safe).await?;
        Ok(safe)
    }

    async fn rebuilds_to(&self, safe: u64) -> Result<()> {
        let found = Verifier::of(self)?
            .run(Some(safe), Some(self.l2.url()))
            .await?;
        let block = self.l2.block(safe).await?;
        let output = self
            .l2
            .call("optimism_outputAtBlock", json!([format!("{safe:#x}")]))
            .await?;
        for (field, expected) in [
            ("hash", &block["hash"]),
            ("stateRoot", &block["stateRoot"]),
            ("outputRoot", &output["outputRoot"]),
        ] {
            if found[field] != *expected {
                bail!("{field} of block {safe}: {found}, the node has {expected}");
            }
        }
        Ok(())
    }
}
