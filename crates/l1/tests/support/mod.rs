//! A real anvil, and a way to take the network away from it.

#![allow(
    dead_code,
    reason = "each test binary uses another part of the support"
)]

pub mod accounts;
pub mod fake;
pub mod proxy;

use alloy_eips::eip7840::BlobParams;
use openledger_l1::{
    BlobSchedule, HeadTracker, L1Block, L1BlockRef, L1Client, L1Event, L1Options, L1View,
    TrackerOptions,
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{broadcast, watch},
    task::{JoinHandle, JoinSet},
};

/// Nothing here takes this long; a wait that does is a hang.
pub const HANG: Duration = Duration::from_secs(60);

/// An anvil that mines when it is told to. Killed when dropped.
pub struct Anvil {
    child: Child,
    pub port: u16,
}

impl Anvil {
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_at(0, arguments)
    }

    pub fn start_at(port: u16, arguments: &[&str]) -> Self {
        let mut child = Command::new(binary())
            .args([
                "--port",
                &port.to_string(),
                "--no-mining",
                "--slots-in-an-epoch",
                "2",
            ])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("anvil starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.strip_prefix("Listening on ")?
                    .rsplit(':')
                    .next()?
                    .parse()
                    .ok()
            })
            .expect("anvil says where it listens");
        // It blocks when nobody reads what it prints.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn client(&self) -> L1Client {
        L1Client::new(&self.url(), options()).expect("a URL")
    }

    pub async fn call(&self, method: &'static str, params: Value) -> Value {
        self.client()
            .call::<_, Value>(method, params)
            .await
            .expect("anvil answers")
    }

    pub async fn mine(&self, blocks: u64) {
        self.call("anvil_mine", json!([blocks])).await;
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The native binary rather than npm's script: killing the script would leave the binary behind.
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("OPENLEDGER_ANVIL") {
        return path.into();
    }
    let modules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/node_modules");
    std::fs::read_dir(modules.join("@foundry-rs"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin/anvil")))
        .find(|path| path.is_file())
        .or_else(|| Some(modules.join(".bin/anvil")).filter(|path| path.exists()))
        .expect(
            "anvil is missing: run `npm ci` in contracts/, or name its binary in OPENLEDGER_ANVIL",
        )
}

pub fn options() -> L1Options {
    L1Options {
        chain_id: Some(31_337),
        blob_schedule: BlobSchedule::constant(BlobParams::prague()),
        backoff: Duration::from_millis(10),
        ..L1Options::default()
    }
}

pub fn fast() -> TrackerOptions {
    TrackerOptions {
        poll_interval: Duration::ZERO,
        ..TrackerOptions::default()
    }
}

/// Forwards to an anvil until the line is cut.
pub struct Line {
    pub address: SocketAddr,
    target: u16,
    task: Option<JoinHandle<()>>,
}

impl Line {
    pub async fn to(target: u16) -> Self {
        let mut line = Self {
            address: ([127, 0, 0, 1], 0).into(),
            target,
            task: None,
        };
        line.restore().await;
        line
    }

    pub async fn restore(&mut self) {
        let listener = TcpListener::bind(self.address)
            .await
            .expect("the port is free");
        self.address = listener.local_addr().expect("bound");
        let target = self.target;
        self.task = Some(tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut inbound, _)) = listener.accept().await {
                connections.spawn(async move {
                    if let Ok(mut outbound) = TcpStream::connect(("127.0.0.1", target)).await {
                        // Ends when either side does, which is all that matters.
                        let _ = copy_bidirectional(&mut inbound, &mut outbound).await;
                    }
                });
            }
        }));
    }

    /// Closes the port and every connection through it.
    pub async fn cut(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

pub async fn view_where(
    tracker: &HeadTracker,
    what: &str,
    condition: impl FnMut(&L1View) -> bool,
) -> L1View {
    changed(&mut tracker.view(), what, condition).await
}

pub async fn changed<T: Clone>(
    receiver: &mut watch::Receiver<T>,
    what: &str,
    condition: impl FnMut(&T) -> bool,
) -> T {
    let value = tokio::time::timeout(HANG, receiver.wait_for(condition)).await;
    value
        .unwrap_or_else(|_| panic!("never: {what}"))
        .expect("the tracker runs")
        .clone()
}

/// The next reorganisation: its common ancestor, what it removed, and the head that it led to.
pub async fn reorganisation(
    events: &mut broadcast::Receiver<L1Event>,
) -> (Option<L1BlockRef>, Vec<L1BlockRef>, L1Block) {
    let wait = async {
        loop {
            let event = events.recv().await.expect("the tracker runs");
            if let L1Event::Reorg {
                common_ancestor,
                removed,
            } = event
            {
                match events.recv().await.expect("the tracker runs") {
                    L1Event::NewHead(head) => return (common_ancestor, removed, head),
                    other => panic!("a reorganisation is followed by its head, not {other:?}"),
                }
            }
        }
    };
    tokio::time::timeout(HANG, wait)
        .await
        .expect("never: a reorganisation")
}
