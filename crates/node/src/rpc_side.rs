//! One chain's pool and JSON-RPC port.

use crate::admission::Admission;
use anyhow::{Context, Result};
use axum::Router;
use openledger_chain::Chain;
use openledger_devnet::DevAccount;
use openledger_pool::{LoadedJournal, Pool, PoolConfig};
use openledger_rpc::{CorsOrigins, RollupContext, RpcConfig, RpcContext, serve_with};
use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How often the pool drops what has waited too long and compacts its journal.
const MAINTENANCE: Duration = Duration::from_secs(30);

/// Connections that may wait to be accepted. Tokio asks for 128; a burst beyond that waits a second for TCP to try again.
const BACKLOG: u32 = 4_096;

/// Binds a port; the error names it and the flag that changes it.
pub(crate) async fn bind(host: IpAddr, port: u16, flag: &str) -> Result<(TcpListener, SocketAddr)> {
    let listener = listen(SocketAddr::new(host, port)).with_context(|| {
        format!("port {port} can not be used; stop what uses it or choose another with {flag}")
    })?;
    let address = listener
        .local_addr()
        .context("the port's address can not be read")?;
    Ok((listener, address))
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A port whose last connections are still being closed is free.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Opens a pool with its journal. The journal's transactions are to be restored when the chain has recovered.
pub(crate) fn open_pool(chain: &Chain, journal: &Path) -> Result<(Arc<Pool>, LoadedJournal)> {
    let pool = Arc::new(Pool::new(chain.spec().clone(), PoolConfig::default()));
    let loaded = pool
        .open_journal(journal)
        .with_context(|| format!("the pool's journal {} can not be opened", journal.display()))?;
    if loaded.malformed > 0 || loaded.torn_bytes > 0 {
        warn!(
            malformed = loaded.malformed,
            torn_bytes = loaded.torn_bytes,
            "the pool's journal was damaged"
        );
    }
    Ok((pool, loaded))
}

/// Puts the journal's transactions back.
pub(crate) fn restore(admission: &Admission, loaded: LoadedJournal) -> Result<()> {
    let count = loaded.transactions.len();
    if count == 0 {
        return Ok(());
    }
    let views = admission.views(&loaded.transactions)?;
    let with_views = loaded
        .transactions
        .into_iter()
        .map(|tx| {
            let view = views.get(&tx.tx.signer()).copied().unwrap_or_default();
            (tx, view)
        })
        .collect();
    let restored = admission
        .pool
        .restore(with_views)
        .into_iter()
        .filter(Result::is_ok)
        .count();
    info!(
        restored,
        journal = count,
        "transactions restored to the pool"
    );
    Ok(())
}

/// What a port serves.
pub(crate) struct RpcPort {
    pub(crate) admission: Admission,
    /// Where the rollup stands; `None` for the L1.
    pub(crate) rollup: Option<RollupContext>,
    pub(crate) accounts: Vec<DevAccount>,
    pub(crate) hosts: Vec<String>,
    pub(crate) extra: Router,
    pub(crate) listener: TcpListener,
}

/// Serves JSON-RPC until `shutdown`.
pub(crate) fn serve(port: RpcPort, shutdown: CancellationToken) -> JoinHandle<Result<()>> {
    let admission = port.admission;
    let pool = admission.pool.clone();
    let context = RpcContext {
        chain: admission.chain.clone(),
        pool: admission.pool.clone(),
        submit: Arc::new(move |transactions| admission.submit(transactions)),
        dev_accounts: port
            .accounts
            .into_iter()
            .map(|account| account.signer)
            .collect(),
        client_version: client_version(),
        rollup: port.rollup,
    };
    let config = RpcConfig {
        cors: CorsOrigins::Any,
        hosts: port.hosts,
        ..RpcConfig::default()
    };
    tokio::spawn(maintain(pool, shutdown.clone()));
    tokio::spawn(async move {
        serve_with(context, config, port.extra, port.listener, shutdown)
            .await
            .context("JSON-RPC")
    })
}

async fn maintain(pool: Arc<Pool>, shutdown: CancellationToken) {
    let mut ticks = tokio::time::interval(MAINTENANCE);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shutdown.cancelled() => return,
        }
        let pool = pool.clone();
        let done = tokio::task::spawn_blocking(move || pool.maintain(Instant::now())).await;
        if let Ok(Err(error)) = done {
            warn!(%error, "the pool's journal can not be compacted");
        }
    }
}

/// `web3_clientVersion`.
pub(crate) fn client_version() -> String {
    format!(
        "openledger/v{}/{}-{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}
