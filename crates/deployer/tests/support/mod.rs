//! anvil as the L1, and what the stories ask of it.

// Each test file is a program of its own and uses a part of this.
#![allow(dead_code)]

use alloy_primitives::{Address, B256, Bytes, Log, U256, address};
use alloy_signer_local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};
use alloy_sol_types::SolCall;
use openledger_deployer::{DeployConfig, Inclusion};
use openledger_l1::{L1Client, L1Options};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

pub const L1_CHAIN_ID: u64 = 900;
pub const L2_CHAIN_ID: u64 = 901;
pub const BATCHER: Address = address!("0x00000000000000000000000000000000000000b1");
pub const PROPOSER: Address = address!("0x00000000000000000000000000000000000000b2");

/// A running anvil. Dropping it ends it.
pub struct Anvil {
    child: Child,
    pub client: L1Client,
}

impl Anvil {
    /// One that makes a block of each transaction at once.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// One that makes blocks only when asked.
    pub fn on_demand() -> Self {
        Self::with(&["--no-mining"])
    }

    fn with(arguments: &[&str]) -> Self {
        let mut child = Command::new(anvil_binary())
            .args(["--port", "0", "--chain-id", &L1_CHAIN_ID.to_string()])
            .args(arguments)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("anvil starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.strip_prefix("Listening on 127.0.0.1:")
                    .map(str::to_owned)
            })
            .expect("anvil says where it listens");
        // A full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let client = L1Client::new(
            &format!("http://127.0.0.1:{}", port.trim()),
            L1Options::default(),
        )
        .expect("a URL");
        Self { child, client }
    }

    pub async fn rpc(&self, method: &'static str, params: Value) -> Value {
        self.client
            .call(method, params)
            .await
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Blocks come at once: ask often.
    pub fn waiting(&self) -> Inclusion {
        Inclusion::Wait {
            poll: Duration::from_millis(5),
            bump_after: Duration::from_secs(60),
            give_up_after: Duration::from_secs(60),
        }
    }

    /// Blocks come when asked for.
    pub fn demanding(&self) -> Inclusion {
        let (client, runtime) = (self.client.clone(), tokio::runtime::Handle::current());
        Inclusion::Demand(Arc::new(move || {
            runtime
                .block_on(client.call::<_, Value>("evm_mine", json!([])))
                .map(drop)
                .map_err(|error| error.to_string())
        }))
    }

    pub async fn view<C: SolCall>(&self, to: Address, call: C) -> C::Return {
        let data = Bytes::from(call.abi_encode());
        let answer = self
            .rpc("eth_call", json!([{"to": to, "input": data}, "latest"]))
            .await;
        let bytes: Bytes = serde_json::from_value(answer).expect("bytes");
        C::abi_decode_returns(&bytes).expect("the function's answer")
    }

    /// Sends from an account whose key anvil has, and waits for the receipt.
    pub async fn send(&self, from: Address, to: Address, value: U256, data: Bytes) -> Value {
        let hash = self
            .rpc(
                "eth_sendTransaction",
                // A deposit burns gas by the price in its own block: an exact estimate made before can be too low.
                json!([{"from": from, "to": to, "value": value, "input": data, "gas": "0x800000"}]),
            )
            .await;
        let receipt = self.receipt(hash).await;
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt
    }

    /// Asks until it is there: anvil answers a transaction before its block is made.
    pub async fn receipt(&self, hash: Value) -> Value {
        for _ in 0..10_000 {
            let receipt = self.rpc("eth_getTransactionReceipt", json!([hash])).await;
            if !receipt.is_null() {
                return receipt;
            }
        }
        panic!("transaction {hash} is not included");
    }

    pub async fn has_code(&self, account: Address) -> bool {
        self.rpc("eth_getCode", json!([account, "latest"])).await != "0x"
    }

    pub async fn nonce(&self, account: Address) -> u64 {
        let nonce: alloy_primitives::U64 = serde_json::from_value(
            self.rpc("eth_getTransactionCount", json!([account, "latest"]))
                .await,
        )
        .expect("a number");
        nonce.to()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `OPENLEDGER_ANVIL`, else what npm installed for the contracts or for the client stories.
fn anvil_binary() -> PathBuf {
    if let Some(path) = std::env::var_os("OPENLEDGER_ANVIL") {
        return path.into();
    }
    let os = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let package = format!("node_modules/@foundry-rs/anvil-{os}-{arch}/bin/anvil");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    [root.join("contracts"), root.join("crates/e2e/clients")]
        .into_iter()
        .map(|folder| folder.join(&package))
        .find(|path| path.is_file())
        .expect("anvil is not installed: `cargo xtask clients` installs it")
}

/// An account that anvil funds.
pub fn funded(index: u32) -> PrivateKeySigner {
    MnemonicBuilder::<English>::default()
        .phrase("test test test test test test test test test test test junk")
        .index(index)
        .and_then(|builder| builder.build())
        .expect("a key")
}

pub fn ether(amount: u64) -> U256 {
    U256::from(amount) * U256::from(10).pow(U256::from(18))
}

/// A deployment with allocations, grants, and an owner who is not the deployer.
pub fn config() -> DeployConfig {
    let holders = [funded(1).address(), funded(2).address()];
    DeployConfig {
        allocations: holders.map(|holder| (holder, ether(10_000))).into(),
        grants: holders.map(|holder| (holder, ether(500))).into(),
        fee_updater: funded(8).address(),
        operator_fee_scalar: 7,
        operator_fee_constant: 11,
        min_base_fee: 1_000,
        alloc: BTreeMap::from([(
            address!("0x00000000000000000000000000000000000000cc"),
            alloy_genesis::GenesisAccount::default().with_balance(U256::from(5)),
        )]),
        ..DeployConfig::new(
            L1_CHAIN_ID,
            L2_CHAIN_ID,
            funded(9).address(),
            BATCHER,
            PROPOSER,
        )
    }
}

/// The logs of a receipt, with their indices in the block.
pub fn logs(receipt: &Value) -> Vec<(u64, Log)> {
    let word = |value: &Value| -> B256 { serde_json::from_value(value.clone()).expect("a word") };
    receipt["logs"]
        .as_array()
        .expect("logs")
        .iter()
        .map(|log| {
            let index: alloy_primitives::U64 =
                serde_json::from_value(log["logIndex"].clone()).expect("a number");
            let topics = log["topics"].as_array().expect("topics");
            (
                index.to(),
                Log::new_unchecked(
                    serde_json::from_value(log["address"].clone()).expect("an address"),
                    topics.iter().map(word).collect(),
                    serde_json::from_value(log["data"].clone()).expect("bytes"),
                ),
            )
        })
        .collect()
}
