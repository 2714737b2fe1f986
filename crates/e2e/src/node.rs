//! The node under test: the real binary, started as a user starts it.

use crate::{Process, Rpc, node_binary, until};
use alloy_primitives::Address;
use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use serde::Deserialize;
use serde_json::Value;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use tempfile::TempDir;

/// How a node is started. Ports are free ones unless an argument names them.
#[derive(Debug, Clone)]
pub struct NodeOptions {
    datadir: Arc<DataDir>,
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
}

#[derive(Debug)]
enum DataDir {
    Temporary(TempDir),
    Given(PathBuf),
}

impl DataDir {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Given(path) => path,
        }
    }
}

impl NodeOptions {
    /// A fresh data directory that goes with the last copy of these options.
    ///
    /// # Errors
    /// When no temporary directory can be made.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("openledger-e2e-")
            .tempdir()?;
        Ok(Self {
            datadir: Arc::new(DataDir::Temporary(folder)),
            arguments: Vec::new(),
            environment: Vec::new(),
        })
    }

    /// A data directory that the caller owns.
    pub fn on(datadir: impl Into<PathBuf>) -> Self {
        Self {
            datadir: Arc::new(DataDir::Given(datadir.into())),
            arguments: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Adds arguments.
    pub fn with<S: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds a variable to its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The data directory.
    pub fn datadir(&self) -> &Path {
        self.datadir.path()
    }

    fn spawn(&self) -> Result<Process> {
        // A signal that the shell ignores stays ignored: with it a write beyond a size limit fails like one on a full disk,
        // instead of ending the process.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(node_binary()?)
            .arg("dev");
        command.arg("--datadir").arg(self.datadir());
        for (flag, free) in [
            ("--l1-port", "0"),
            ("--l2-port", "0"),
            ("--api-port", "0"),
            ("--metrics-port", "0"),
        ] {
            if !self.arguments.iter().any(|argument| argument == flag) {
                command.args([flag, free]);
            }
        }
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1");
        Process::spawn("openledger", &mut command)
    }

    /// Starts a node that is expected to end by itself.
    ///
    /// # Errors
    /// When it does not.
    pub async fn run(&self) -> Result<Exit> {
        let mut process = self.spawn()?;
        let status = process.end().await?;
        Ok(Exit {
            code: status.code(),
            stdout: process.stdout(),
            stderr: process.stderr(),
        })
    }

    /// Starts a node that is expected to refuse with exit code 1; returns its last sentence.
    ///
    /// # Errors
    /// When it starts, or ends otherwise.
    pub async fn refused(&self) -> Result<String> {
        let exit = self.run().await?;
        let sentence = exit.stderr.lines().last().unwrap_or_default();
        match (exit.code, sentence.strip_prefix("openledger: ")) {
            (Some(1), Some(sentence)) => Ok(sentence.to_owned()),
            _ => bail!("expected exit code 1 with one sentence, got {exit:?}"),
        }
    }

    /// Starts a node and waits until it accepts transactions.
    ///
    /// # Errors
    /// When it ends, with what it said, or is not ready in time.
    pub async fn start(&self) -> Result<Node> {
        self.try_start()
            .await?
            .map_err(|exit| anyhow::anyhow!("the node ended: {exit:?}"))
    }

    /// Starts a node that may end before it accepts transactions.
    ///
    /// # Errors
    /// When it can not be started, or neither ends nor is ready in time.
    pub async fn try_start(&self) -> Result<Result<Node, Exit>> {
        let deployment = self.datadir().join("deployment.json");
        match std::fs::remove_file(&deployment) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut process = self.spawn()?;
        let deployment: Option<Deployment> = until("the node's start", async || {
            // It is renamed into place: whole or not there.
            if let Ok(bytes) = std::fs::read(&deployment) {
                return Ok(Some(Some(serde_json::from_slice(&bytes)?)));
            }
            Ok(process.ended()?.map(|_| None))
        })
        .await
        .with_context(|| process.stderr())?;
        let Some(deployment) = deployment else {
            let status = process.end().await?;
            return Ok(Err(Exit {
                code: status.code(),
                stdout: process.stdout(),
                stderr: process.stderr(),
            }));
        };
        let Deployment { l1, l2, .. } = &deployment;
        Ok(Ok(Node {
            l1: Rpc::new(&l1.rpc),
            l2: Rpc::new(&l2.rpc),
            options: self.clone(),
            process,
            deployment,
        }))
    }
}

/// How a node ended.
#[derive(Debug)]
pub struct Exit {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// `deployment.json`, as far as tests read it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// The L1.
    pub l1: Layer,
    /// The L2.
    pub l2: Layer,
    /// Where batches go on the L1.
    pub batch_inbox: Address,
    /// Who posts them.
    pub batcher: Address,
    /// The API port's URL.
    pub explorer: String,
    /// The metrics page.
    pub metrics: String,
    /// The feed's WebSocket.
    pub feed: String,
}

/// One chain.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    /// Its id.
    pub chain_id: u64,
    /// JSON-RPC over HTTP.
    pub rpc: String,
    /// JSON-RPC over WebSocket.
    pub ws: Option<String>,
    /// The beacon API.
    pub beacon: Option<String>,
}

/// A running node.
#[derive(Debug)]
pub struct Node {
    /// The L2's JSON-RPC.
    pub l2: Rpc,
    /// The L1's JSON-RPC.
    pub l1: Rpc,
    /// Where everything is.
    pub deployment: Deployment,
    /// The process itself.
    pub process: Process,
    options: NodeOptions,
}

impl Node {
    /// A node with default options on a fresh data directory.
    ///
    /// # Errors
    /// As [`NodeOptions::start`].
    pub async fn start() -> Result<Self> {
        NodeOptions::new()?.start().await
    }

    /// How it was started.
    pub fn options(&self) -> &NodeOptions {
        &self.options
    }

    /// The data directory.
    pub fn datadir(&self) -> &Path {
        self.options.datadir()
    }

    /// The operator's JSON-RPC, where the node says that it is.
    ///
    /// # Errors
    /// When it does not say so.
    pub async fn admin(&self) -> Result<Rpc> {
        let url = until("the operator's port", async || {
            let banner = self.process.stdout();
            let line = banner
                .lines()
                .find_map(|line| line.strip_prefix("Admin JSON-RPC"));
            Ok(line.map(|url| url.trim().to_owned()))
        })
        .await?;
        Ok(Rpc::new(&url))
    }

    /// Ends it at once.
    pub fn kill9(&mut self) {
        self.process.kill9();
    }

    /// Asks it to stop and waits; its exit.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn terminate(&mut self) -> Result<Exit> {
        self.process.signal(Signal::TERM)?;
        let status = self.process.end().await?;
        Ok(Exit {
            code: status.code(),
            stdout: self.process.stdout(),
            stderr: self.process.stderr(),
        })
    }

    /// Starts it again on the same data directory, with the same arguments; it must have ended.
    ///
    /// # Errors
    /// As [`NodeOptions::start`].
    pub async fn restart(&mut self) -> Result<()> {
        *self = self.options.start().await?;
        Ok(())
    }

    /// A page of the API port; its status and JSON.
    ///
    /// # Errors
    /// When there is no answer or it is not JSON.
    pub async fn api(&self, path: &str) -> Result<(u16, Value)> {
        let response = reqwest::get(format!("{}{path}", self.deployment.explorer)).await?;
        Ok((response.status().as_u16(), response.json().await?))
    }
}
