//! Starts and stops the nodes that are compared. **Their flags stand here and nowhere else.**

use crate::{Endpoint, Rpc};
use alloy_primitives::U64;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::{
    fs::{self, File},
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The chain id of every node here, so that one signing serves them all.
pub const CHAIN_ID: u64 = 901;
/// The block gas limit of the bench chain.
pub const GAS_LIMIT: u64 = 1_000_000_000;

/// This project: one-second blocks on the bench chain (gas limit 1 G, elasticity 1, DA footprint scalar 400).
pub const PROJECT: Flags = Flags {
    run: "dev --datadir {directory} --l2-port {port} --l1-port {port-b} --api-port {port-c} --metrics-port {port-d} \
          --block-time 1 --gas-limit {gas-limit} --bench-chain",
    genesis: "--genesis-alloc {genesis}",
};
/// anvil with a block at a fixed interval. It writes nothing to disk. An interval shorter than the making of a block
/// makes it queue up empty blocks, behind which transactions wait ever longer: see [`anvil_block_time`].
pub const ANVIL: Flags = Flags {
    run: "--port {port} --chain-id {chain-id} --gas-limit {gas-limit} --order fifo --quiet --block-time {block-time}",
    genesis: "--init {genesis}",
};
/// anvil with a block for each transaction: its fastest receipt.
pub const ANVIL_AUTOMINE: Flags = Flags {
    run: "--port {port} --chain-id {chain-id} --gas-limit {gas-limit} --order fifo --quiet",
    ..ANVIL
};

/// The project's binary: the one given, or `openledger` beside this program.
///
/// # Errors
/// When it is not there.
pub fn project_binary(given: Option<&Path>) -> io::Result<PathBuf> {
    let program = match given {
        Some(program) => program.to_owned(),
        None => std::env::current_exe()?.with_file_name("openledger"),
    };
    if program.is_file() {
        return Ok(program);
    }
    Err(io::Error::other(format!(
        "{} is not there: build it with `cargo build --release`, or give --project",
        program.display()
    )))
}

/// The interval that suits anvil at so many accounts, in seconds: it recomputes the root of the whole state for each
/// block, which takes about three seconds at a million.
pub fn anvil_block_time(accounts_in_state: u64) -> u64 {
    1 + accounts_in_state / 250_000
}

/// The arguments of a node, separated by spaces, with placeholders in braces.
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    /// Always given.
    pub run: &'static str,
    /// Given when the chain begins with a bench genesis.
    pub genesis: &'static str,
}

/// How to start a node.
#[derive(Clone, Debug)]
pub struct Launch {
    /// Its name in the tables.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments, with placeholders.
    pub arguments: String,
    /// How long it may take to answer (a large genesis takes its time).
    pub patience: Duration,
}

/// Why a node does not run.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// It could not be started.
    #[error("{program} does not start: {source}")]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It ended, or did not answer in time.
    #[error("{name} {what}; the end of its log:\n{log}")]
    NotReady {
        /// The node's name.
        name: String,
        /// What it did instead.
        what: String,
        /// The last lines that it wrote.
        log: String,
    },
}

/// A running node. Dropping it stops it: SIGTERM, and SIGKILL after ten seconds.
#[derive(Debug)]
pub struct RunningNode {
    child: Child,
    /// Its JSON-RPC.
    pub endpoint: Endpoint,
    /// From its start to its first answer.
    pub started_in: Duration,
    /// Where the L1 is that it embeds, if it does.
    l1: Endpoint,
}

impl Launch {
    /// Starts the node with its data and its log in `directory`, which must exist, and waits until it answers.
    pub fn start(
        &self,
        directory: &Path,
        genesis: Option<&Path>,
    ) -> Result<RunningNode, NodeError> {
        let failed = |source| NodeError::Start {
            program: self.program.clone(),
            source,
        };
        let ports = free_ports().map_err(failed)?;
        let log_path = directory.join("log");
        let log = File::create(&log_path).map_err(failed)?;
        let data = directory.join("data");
        fs::create_dir_all(&data).map_err(failed)?;
        let arguments = self.arguments.split_whitespace().map(|argument| {
            argument
                .replace("{directory}", &data.to_string_lossy())
                .replace(
                    "{genesis}",
                    &genesis.unwrap_or(Path::new("")).to_string_lossy(),
                )
                .replace("{chain-id}", &CHAIN_ID.to_string())
                .replace("{gas-limit}", &GAS_LIMIT.to_string())
                .replace("{port}", &ports[0].to_string())
                .replace("{port-b}", &ports[1].to_string())
                .replace("{port-c}", &ports[2].to_string())
                .replace("{port-d}", &ports[3].to_string())
        });
        let start = Instant::now();
        let mut child = Command::new(&self.program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        let endpoint = Endpoint::local(ports[0]);
        let mut rpc = Rpc::new(endpoint.clone());
        loop {
            if rpc.call::<U64>("eth_chainId", json!([])).is_ok() {
                return Ok(RunningNode {
                    child,
                    endpoint,
                    started_in: start.elapsed(),
                    l1: Endpoint::local(ports[1]),
                });
            }
            let what = match child.try_wait().map_err(failed)? {
                Some(status) => format!("ended with {status}"),
                None if start.elapsed() > self.patience => {
                    stop(&mut child);
                    format!("did not answer within {} s", self.patience.as_secs())
                }
                None => {
                    std::thread::sleep(Duration::from_millis(5));
                    continue;
                }
            };
            return Err(NodeError::NotReady {
                name: self.name.clone(),
                what,
                log: last_lines(&log_path),
            });
        }
    }
}

impl RunningNode {
    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The JSON-RPC of the L1 that it embeds; nobody answers there when it embeds none.
    pub fn l1(&self) -> Endpoint {
        self.l1.clone()
    }
}

impl Drop for RunningNode {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

fn stop(child: &mut Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended already; then there is nobody to tell.
        let _ = kill_process(pid, Signal::TERM);
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Four ports that were free a moment ago.
fn free_ports() -> io::Result<[u16; 4]> {
    let listeners = [(); 4].map(|()| TcpListener::bind("127.0.0.1:0"));
    let mut ports = [0; 4];
    for (port, listener) in ports.iter_mut().zip(listeners) {
        *port = listener?.local_addr()?.port();
    }
    Ok(ports)
}

fn last_lines(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

/// The anvil binary of the npm packages under `contracts/`. The platform's own binary, not the script that npm
/// links: the script would stand between us and the process to measure.
pub fn npm_anvil(contracts: &Path) -> Option<PathBuf> {
    let packages = fs::read_dir(contracts.join("node_modules/@foundry-rs")).ok()?;
    packages
        .flatten()
        .map(|package| package.path().join("bin/anvil"))
        .find(|binary| binary.is_file())
}
