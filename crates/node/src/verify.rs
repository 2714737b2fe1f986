//! `openledger verify`: the chain, from nothing but the L1.

use crate::{
    against::Against,
    derive::{Derivation, DerivationConfig, Engine, Source},
    http::serve_http,
    l1_endpoint::L1Endpoint,
    l1_inputs::InputsCache,
    metrics_port,
    rpc_side::bind,
    settlement_side::{SettlementParts, SettlementSide, derived},
};
use alloy_genesis::Genesis;
use alloy_primitives::B256;
use alloy_signer_local::PrivateKeySigner;
use anyhow::{Context, Result, bail};
use openledger_chain::{Chain, ChainConfig};
use openledger_genesis::RollupConfig;
use openledger_l1::L1View;
use openledger_protocol::OutputRoot;
use openledger_sequencer::Wake;
use openledger_storage::{Database, DatabaseOptions};
use serde::Serialize;
use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What to verify.
#[derive(Debug, Clone)]
pub struct VerifyConfig {
    /// The L1's JSON-RPC URLs, the preferred first.
    pub l1_rpc: Vec<String>,
    /// The L1's beacon URLs; the JSON-RPC URLs when there is none.
    pub l1_beacon: Vec<String>,
    /// `rollup.json`.
    pub rollup: PathBuf,
    /// `genesis.json`.
    pub genesis: PathBuf,
    /// Where the chain is rebuilt; goes on where an earlier run ended.
    pub datadir: PathBuf,
    /// The last block that is wanted; all that the L1 has when absent.
    pub to_block: Option<u64>,
    /// A node whose blocks must be the same.
    pub against: Option<String>,
    /// Whether it goes on with the L1, and watches the output roots there.
    pub watch: bool,
    /// With whose key wrong output roots are challenged.
    pub challenger: Option<PrivateKeySigner>,
    /// Where the metrics are served on 127.0.0.1.
    pub metrics_port: Option<u16>,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// The last block that the L1 determines.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its state root.
    pub state_root: B256,
    /// Its output root.
    pub output_root: B256,
    /// How long it took.
    pub seconds: f64,
    /// Transactions in the blocks that were derived, deposits included.
    pub transactions: u64,
}

/// How far it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// The newest L1 block that was read.
    pub l1_block: u64,
    /// The newest L1 block that there is.
    pub l1_head: u64,
    /// The newest block that was derived.
    pub block: u64,
    /// Transactions so far.
    pub transactions: u64,
}

/// Time between two reports.
const REPORT: Duration = Duration::from_millis(100);

/// Derives the chain from the L1 and compares it with another node's, when one is given. Ends early when `stop` is cancelled, with
/// what was derived by then.
///
/// Fails when the files or the endpoints are unusable, with the first block that differs, or when the L1 does not determine
/// `to_block`.
pub async fn verify(
    config: VerifyConfig,
    stop: CancellationToken,
    mut report: impl FnMut(Progress),
) -> Result<Verified> {
    let started = Instant::now();
    let rollup: RollupConfig = read(&config.rollup, "--rollup")?;
    let genesis: Genesis = read(&config.genesis, "--genesis")?;
    let rollup = Arc::new(rollup);
    let l1 = L1Endpoint::connect(&config.l1_rpc, &config.l1_beacon).await?;
    l1.must_be(&rollup, "--rollup").await?;
    let chain = open(&config.datadir.join("db"), genesis).await?;
    if chain.genesis() != rollup.genesis.l2 {
        bail!(
            "--genesis gives the genesis block {}, but --rollup names {}",
            chain.genesis().hash,
            rollup.genesis.l2.hash
        );
    }
    let tracker = Arc::new(l1.track().await?);
    let head = tracker.view().borrow().head.number;
    let mut against = match &config.against {
        Some(url) => Some(Against::start(url, chain.clone())?),
        None => None,
    };
    let inputs = InputsCache::new(l1.client().clone(), &rollup);
    let transactions = Arc::new(AtomicU64::new(0));
    let counter = transactions.clone();
    let compare = against.as_ref().map(Against::sender);
    let view = tracker.view();
    let derivation = Derivation::start(DerivationConfig {
        rollup: rollup.clone(),
        engine: Engine::Verifier(chain.clone()),
        source: Source::new(l1.clone(), tracker, inputs, &rollup),
        safe_heads: config.datadir.join("safe-heads"),
        wake: Arc::new(Wake::default()),
        on_safe: Some(Box::new(move |block, count| {
            counter.fetch_add(count as u64, Ordering::Relaxed);
            if let Some(compare) = &compare {
                compare.put(block.id());
            }
        })),
        until: (!config.watch).then_some(config.to_block),
    })?;
    let derivation = Arc::new(derivation);
    let state = derivation.state();
    let waiting = derivation.clone();
    let mut done = tokio::task::spawn_blocking(move || waiting.wait());
    let _watch = if config.watch {
        Some(Watch::start(&config, &rollup, &l1, chain.clone(), view, &derivation).await?)
    } else {
        None
    };
    let mut ticks = tokio::time::interval(REPORT);
    loop {
        tokio::select! {
            outcome = &mut done => {
                outcome.context("derivation was aborted")??;
                break;
            }
            () = stop.cancelled() => {
                derivation.request_stop();
                (&mut done).await.context("derivation was aborted")??;
                break;
            }
            _ = ticks.tick() => {
                let state = *state.borrow();
                report(Progress {
                    l1_block: state.current_l1.number,
                    l1_head: head,
                    block: state.safe.number,
                    transactions: transactions.load(Ordering::Relaxed),
                });
                if let Some(against) = &against {
                    against.check()?;
                }
            }
        }
    }
    if let Some(against) = against.take() {
        against.finish().await?;
    }
    let safe = state.borrow().safe;
    if stop.is_cancelled() && !config.watch {
        bail!(
            "stopped at block {}; the next run goes on from there",
            safe.number
        );
    }
    if let Some(wanted) = config.to_block.filter(|wanted| *wanted > safe.number) {
        bail!(
            "the L1 determines blocks up to {} only, not {wanted}",
            safe.number
        );
    }
    let seconds = started.elapsed().as_secs_f64();
    let header = {
        let chain = chain.clone();
        tokio::task::spawn_blocking(move || -> Result<_> {
            chain.flush()?;
            chain
                .header(safe.number)?
                .context("the last derived block is missing")
        })
        .await
        .context("the database could not be written")??
    };
    let output = OutputRoot {
        state_root: header.state_root,
        message_passer_storage_root: header.withdrawals_root.unwrap_or_default(),
        block_hash: header.seal(),
    };
    Ok(Verified {
        number: safe.number,
        hash: header.seal(),
        state_root: header.state_root,
        output_root: output.hash(),
        seconds,
        transactions: transactions.load(Ordering::Relaxed),
    })
}

/// Watches the output roots while the chain is derived.
struct Watch {
    _settlement: SettlementSide,
    _metrics: Option<DropGuard>,
}

impl Watch {
    async fn start(
        config: &VerifyConfig,
        rollup: &RollupConfig,
        l1: &L1Endpoint,
        chain: Arc<Chain>,
        view: watch::Receiver<L1View>,
        derivation: &Derivation,
    ) -> Result<Self> {
        let metrics = match config.metrics_port {
            Some(port) => {
                let recorder = metrics_port::recorder()?;
                let (listener, _) =
                    bind(Ipv4Addr::LOCALHOST.into(), port, "--metrics-port").await?;
                let shutdown = CancellationToken::new();
                tokio::spawn(metrics_port::upkeep(recorder.clone(), shutdown.clone()));
                serve_http(metrics_port::router(recorder), listener, shutdown.clone());
                Some(shutdown.drop_guard())
            }
            None => None,
        };
        let settlement = SettlementSide::start(SettlementParts {
            client: l1.client().clone(),
            portal: rollup.deposit_contract_address,
            chain,
            l1: view,
            derived: derived(derivation.state()),
            proposer: None,
            challenger: config.challenger.clone(),
        })
        .await?;
        Ok(Self {
            _settlement: settlement
                .context("--watch: this rollup's contracts have no output roots")?,
            _metrics: metrics,
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path, flag: &str) -> Result<T> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("{flag}: {} can not be read", path.display()))?;
    serde_json::from_slice(&bytes)
        .with_context(|| format!("{flag}: {} is malformed", path.display()))
}

async fn open(path: &Path, genesis: Genesis) -> Result<Arc<Chain>> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| {
                format!("the data directory {} can not be created", parent.display())
            })?;
        }
        let db = Database::open(&path, &DatabaseOptions::default())
            .with_context(|| format!("the database {} can not be opened", path.display()))?;
        Chain::open(db, &genesis, ChainConfig::default())
            .with_context(|| format!("the chain in {} can not be opened", path.display()))
    })
    .await
    .context("opening the database was aborted")?
}
