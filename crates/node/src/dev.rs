//! The development chain: an L1, an L2 on it, and everything that serves them.

use crate::{
    DevConfig, L1Source,
    admin::AdminPort,
    admission::Admission,
    api::{self, ApiState},
    banner::banner,
    datadir::DataDir,
    deployment::{Deployment, Layer},
    failed::failed_transactions,
    feed,
    http::serve_http,
    l1_endpoint::L1Endpoint,
    l1_inputs::InputsCache,
    metrics_port,
    origins::TrackedOrigins,
    rollup_side::{RollupParts, RollupSide},
    rpc_side::{RpcPort, bind, open_pool, restore, serve},
};
use alloy_genesis::Genesis;
use alloy_primitives::{Address, B256};
use anyhow::{Context, Result, bail};
use axum::Router;
use openledger_chain::{Chain, ChainConfig};
use openledger_deployer::{Progress, l2_contracts};
use openledger_devnet::{
    BeaconState, BlobStore, DevAccount, DevChain, DevRoles, EmbeddedL1, L1_CHAIN_ID, L1Config,
    beacon_router, deploy_dev, dev_accounts, dev_roles, l1_genesis, l1_genesis_time,
};
use openledger_genesis::RollupConfig;
use openledger_l1::{BlobSchedule, HeadTracker, L1Client, L1Options, TrackerOptions, shown_url};
use openledger_sequencer::{Clock, Sequencer, SequencerConfig, Wake};
use openledger_storage::{Database, DatabaseOptions};
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    slice::from_ref,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::broadcast, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How long the end waits for the L1 to take what is not posted yet.
const FLUSH_DEADLINE: Duration = Duration::from_secs(10);

/// A running development chain.
pub struct DevNode {
    banner: String,
    l1_rpc: String,
    l2_rpc: String,
    shutdown: CancellationToken,
    /// The embedded L1's port closes last: what is not posted yet goes there.
    l1_shutdown: CancellationToken,
    servers: Mutex<Vec<JoinHandle<Result<()>>>>,
    l1_server: Mutex<Option<JoinHandle<Result<()>>>>,
    sequencer: Arc<Sequencer>,
    rollup: RollupSide,
    chain: Arc<Chain>,
    l1: Option<(Arc<EmbeddedL1>, Arc<Chain>)>,
    datadir: DataDir,
}

impl std::fmt::Debug for DevNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevNode")
            .field("l2_rpc", &self.l2_rpc)
            .finish_non_exhaustive()
    }
}

/// What the L2 needs to know of its L1.
struct L1Side {
    endpoint: L1Endpoint,
    embedded: Option<(Arc<EmbeddedL1>, Arc<Chain>)>,
    block_time: u64,
    server: Option<JoinHandle<Result<()>>>,
}

impl DevNode {
    /// Starts everything. Returns when transactions are accepted.
    pub async fn start(config: DevConfig) -> Result<Self> {
        let datadir = DataDir::open(config.datadir.as_deref())?;
        let metrics = metrics_port::recorder()?;
        let (shutdown, l1_shutdown) = (CancellationToken::new(), CancellationToken::new());
        // Ports first: a port in use is the most common mistake, and nothing has been written yet.
        let (l2_listener, l2_address) = bind(config.host, config.l2_port, "--l2-port").await?;
        let (api_listener, api_address) = bind(config.host, config.api_port, "--api-port").await?;
        let (metrics_listener, metrics_address) =
            bind(config.host, config.metrics_port, "--metrics-port").await?;
        let admin = match &config.admin {
            Some(admin) => Some(AdminPort::open(admin, &config.allowed_hosts).await?),
            None => None,
        };
        let admin_rpc = admin.as_ref().map(|port| url("http", port.address));

        let accounts = dev_accounts(config.accounts)?;
        let roles = dev_roles()?;
        let stored_rollup: Option<RollupConfig> = datadir.read("rollup.json")?;
        let clock = clock(&datadir, &config).await?;
        let new = stored_rollup.is_none();
        let mut l1 = start_l1(
            &config,
            &datadir,
            clock,
            &accounts,
            &roles,
            new,
            &l1_shutdown,
        )
        .await?;

        let l2 = open_l2(&config, &datadir, &l1, stored_rollup, &accounts, &roles).await?;
        let (chain, rollup) = (l2.chain, l2.rollup);
        let (pool, journal) = open_pool(&chain, &datadir.path("l2/pool.journal"))?;
        let wake = Arc::new(Wake::default());
        pool.set_ready_listener({
            let wake = wake.clone();
            move || wake.raise()
        });
        let client = l1.endpoint.client().clone();
        let tracker = HeadTracker::start(
            client.clone(),
            TrackerOptions::for_block_time(Duration::from_secs(l1.block_time)),
        )
        .await
        .context("the L1 can not be followed")?;
        let tracker = Arc::new(tracker);
        let l1_view = tracker.view();
        let inputs = InputsCache::new(client.clone(), &rollup);
        let derive_wake = Arc::new(Wake::default());
        let origins = Arc::new(TrackedOrigins::new(
            tracker.clone(),
            client,
            inputs.clone(),
            vec![wake.clone(), derive_wake.clone()],
        ));
        #[cfg(debug_assertions)]
        let origins = crate::censor::censored(origins)?;
        let (verified, on_verified) = RollupSide::verified(chain.head().number());
        let throttle = RollupSide::throttle();
        let sequencer_config = SequencerConfig {
            rollup: rollup.clone(),
            log_dir: datadir.path("l2/log"),
            l1_confs: config.l1_confs,
            max_group: 64,
            clock,
            // Derivation finds out first where the chain stands.
            producing: false,
            da_limits: Some(throttle.limits()),
            on_verified: Some(on_verified),
            on_failed: Some(
                failed_transactions(chain.spec().clone())
                    .context("the tracing thread can not start")?,
            ),
        };
        let admission = Admission {
            chain: chain.clone(),
            pool: pool.clone(),
        };
        let sequencer = {
            let (chain, pool, wake) = (chain.clone(), pool.clone(), wake.clone());
            let admission = admission.clone();
            // Recovery executes blocks.
            tokio::task::spawn_blocking(move || -> Result<Arc<Sequencer>> {
                let sequencer = Arc::new(Sequencer::start(
                    sequencer_config,
                    chain,
                    pool,
                    origins,
                    wake,
                )?);
                restore(&admission, journal)?;
                Ok(sequencer)
            })
            .await
            .context("recovery was aborted")??
        };

        let side = RollupSide::start(RollupParts {
            rollup: rollup.clone(),
            chain: chain.clone(),
            sequencer: sequencer.clone(),
            l1: l1.endpoint.clone(),
            tracker,
            inputs,
            wake: derive_wake,
            verified,
            throttle,
            batcher: roles.batcher.signer.clone(),
            da: config.da,
            channel_duration: config.channel_duration,
            proposer: config.proposer.clone(),
            proposer_key: roles.proposer.signer.clone(),
            challenger_key: roles.challenger.signer.clone(),
            directory: datadir.path("l2"),
        })
        .await?;

        let mut servers = vec![serve(
            RpcPort {
                admission,
                rollup: Some(side.rpc_context()),
                accounts: accounts.clone(),
                hosts: config.allowed_hosts.clone(),
                extra: Router::new(),
                listener: l2_listener,
            },
            shutdown.clone(),
        )];
        servers.extend(admin.map(|port| {
            let context = side.admin_context(sequencer.clone());
            port.serve(context, shutdown.clone())
        }));
        tokio::spawn(metrics_port::upkeep(metrics.clone(), shutdown.clone()));
        servers.push(serve_http(
            metrics_port::router(metrics),
            metrics_listener,
            shutdown.clone(),
        ));

        let deployment = Arc::new(deployment(
            &l1,
            &roles,
            &rollup,
            [l2.l1_contracts, l2.l2_contracts],
            l2_address,
            api_address,
            metrics_address,
        ));
        datadir.write("deployment.json", &*deployment)?;
        let (feed, _) = broadcast::channel(feed::BUFFER);
        tokio::spawn(feed::run(
            chain.clone(),
            feed.clone(),
            config.slice_interval,
            shutdown.clone(),
        ));
        let api = api::router(ApiState {
            deployment: deployment.clone(),
            chain: chain.clone(),
            sequencer: sequencer.clone(),
            embedded_l1: l1.embedded.as_ref().map(|(l1, _)| l1.clone()),
            l1: l1_view,
            clock,
            block_time: config.block_time,
            feed,
            rollup: side.status_source(),
        });
        servers.push(serve_http(api, api_listener, shutdown.clone()));
        let banner = banner(
            &deployment.shown(),
            &accounts,
            datadir.root(),
            config.datadir.is_none(),
            clock.behind(),
            admin_rpc.as_deref(),
        );
        info!(head = chain.head().number(), l2 = %deployment.l2.rpc, l1 = %shown_url(&deployment.l1.rpc), "ready");
        Ok(Self {
            banner,
            l1_rpc: deployment.l1.rpc.clone(),
            l2_rpc: deployment.l2.rpc.clone(),
            shutdown,
            l1_shutdown,
            servers: Mutex::new(servers),
            l1_server: Mutex::new(l1.server.take()),
            sequencer,
            rollup: side,
            chain,
            l1: l1.embedded,
            datadir,
        })
    }

    /// URLs, keys and addresses for a person to read.
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// The L2's JSON-RPC URL.
    pub fn l2_rpc(&self) -> &str {
        &self.l2_rpc
    }

    /// The L1's JSON-RPC URL.
    pub fn l1_rpc(&self) -> &str {
        &self.l1_rpc
    }

    /// Stops intake, seals the open block, makes everything durable, and ends.
    pub async fn stop(self) -> Result<()> {
        self.shutdown.cancel();
        let servers = std::mem::take(&mut *self.servers.lock());
        for server in servers {
            ended(server).await;
        }
        let sequencer = self.sequencer.clone();
        tokio::task::spawn_blocking(move || sequencer.stop())
            .await
            .context("the shutdown was aborted")?;
        // Nobody can read an L1 that is removed with its directory.
        let kept = self.l1.is_none() || !self.datadir.is_temporary();
        self.rollup.stop(kept.then_some(FLUSH_DEADLINE)).await;
        self.l1_shutdown.cancel();
        let l1_server = self.l1_server.lock().take();
        if let Some(server) = l1_server {
            ended(server).await;
        }
        tokio::task::spawn_blocking(move || -> Result<()> {
            self.chain.flush()?;
            if let Some((l1, chain)) = &self.l1 {
                l1.stop();
                chain.flush()?;
            }
            match self.sequencer.status().halted {
                Some(reason) => bail!("block production had stopped: {reason}"),
                None => Ok(()),
            }
        })
        .await
        .context("the shutdown was aborted")?
    }
}

/// Waits for a server that was told to end.
async fn ended(server: JoinHandle<Result<()>>) {
    match server.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => warn!(%error, "a server ended with an error"),
        Err(error) => warn!(%error, "a server was aborted"),
    }
}

/// A kept chain resumes its clock where it stopped.
async fn clock(datadir: &DataDir, config: &DevConfig) -> Result<Clock> {
    // An L1 of its own has its own clock, which the L2 must not fall behind.
    if config.catch_up || !matches!(config.l1, L1Source::Embedded { .. }) {
        return Ok(Clock::wall());
    }
    let heads = ["l1/db", "l2/db"].map(|name| datadir.path(name));
    tokio::task::spawn_blocking(move || -> Result<Clock> {
        let mut latest = None;
        for path in heads.iter().filter(|path| path.exists()) {
            let db = Database::open(path, &DatabaseOptions::default())
                .with_context(|| format!("the database {} can not be opened", path.display()))?;
            let reader = db.reader()?;
            let Ok(head) = reader.head() else { continue };
            if let Some(header) = reader.header(head.number)? {
                latest = latest.max(Some(header.timestamp));
            }
        }
        Ok(latest.map_or_else(Clock::wall, Clock::resuming_at))
    })
    .await
    .context("the clock could not be read")?
}

/// Opens (or makes) a chain in the data directory.
async fn open_chain(datadir: &DataDir, name: &str, genesis: Genesis) -> Result<Arc<Chain>> {
    let path = datadir.path(name);
    tokio::task::spawn_blocking(move || {
        let db = Database::open(&path, &DatabaseOptions::default())
            .with_context(|| format!("the database {} can not be opened", path.display()))?;
        Chain::open(db, &genesis, ChainConfig::default())
            .with_context(|| format!("the chain in {} can not be opened", path.display()))
    })
    .await
    .context("opening the database was aborted")?
}

async fn start_l1(
    config: &DevConfig,
    datadir: &DataDir,
    clock: Clock,
    accounts: &[DevAccount],
    roles: &DevRoles,
    new: bool,
    shutdown: &CancellationToken,
) -> Result<L1Side> {
    let (fork, port, block_time, slots_in_epoch, blob_base_fee) = match &config.l1 {
        L1Source::Embedded {
            fork,
            port,
            block_time,
            slots_in_epoch,
            blob_base_fee,
        } => (*fork, *port, *block_time, *slots_in_epoch, *blob_base_fee),
        L1Source::Remote {
            rpc,
            beacon,
            block_time,
        } => {
            return Ok(L1Side {
                endpoint: L1Endpoint::connect(rpc, beacon).await?,
                embedded: None,
                block_time: *block_time,
                server: None,
            });
        }
    };
    let (listener, address) = bind(config.host, port, "--l1-port").await?;
    let genesis = match datadir.read::<Genesis>("l1/genesis.json")? {
        Some(genesis) => genesis,
        None => {
            let mut funded = accounts.to_vec();
            funded.extend(roles.accounts().into_iter().cloned());
            let time = l1_genesis_time(clock.now(), block_time);
            let genesis = l1_genesis(time, fork, blob_base_fee, &funded)?;
            datadir.write("l1/genesis.json", &genesis)?;
            genesis
        }
    };
    let genesis_time = genesis.timestamp;
    let chain = open_chain(datadir, "l1/db", genesis).await?;
    let (pool, journal) = open_pool(&chain, &datadir.path("l1/pool.journal"))?;
    let blobs = Arc::new(BlobStore::open(datadir.path("l1/blobs"))?);
    let l1_config = L1Config {
        block_time,
        slots_per_epoch: slots_in_epoch,
        clock,
        fee_recipient: roles.owner.address,
    };
    let admission = Admission {
        chain: chain.clone(),
        pool: pool.clone(),
    };
    let l1 = {
        let (chain, pool, blobs, admission) =
            (chain.clone(), pool, blobs.clone(), admission.clone());
        tokio::task::spawn_blocking(move || -> Result<EmbeddedL1> {
            // A new L2's contracts are deployed first, in blocks that are made for them.
            let l1 = if new {
                EmbeddedL1::start_on_demand(l1_config, chain, pool, blobs)?
            } else {
                EmbeddedL1::start(l1_config, chain, pool, blobs)?
            };
            restore(&admission, journal)?;
            Ok(l1)
        })
        .await
        .context("the start of the L1 was aborted")??
    };
    let extra = beacon_router(BeaconState {
        chain: chain.clone(),
        blobs,
        genesis_time,
        seconds_per_slot: block_time,
        slots_per_epoch: slots_in_epoch,
    });
    let server = serve(
        RpcPort {
            admission,
            rollup: None,
            accounts: accounts.to_vec(),
            hosts: config.allowed_hosts.clone(),
            extra,
            listener,
        },
        shutdown.clone(),
    );
    let rpc = url("http", address);
    let options = L1Options {
        chain_id: Some(L1_CHAIN_ID),
        blob_schedule: BlobSchedule::Chain(chain.spec().clone()),
        ..L1Options::default()
    };
    let client = L1Client::new(&rpc, options).context("the embedded L1's own URL is malformed")?;
    client
        .check()
        .await
        .context("the embedded L1 does not answer")?;
    Ok(L1Side {
        endpoint: L1Endpoint::of(from_ref(&rpc), from_ref(&rpc), L1_CHAIN_ID, client)?,
        embedded: Some((Arc::new(l1), chain)),
        block_time,
        server: Some(server),
    })
}

struct L2Side {
    chain: Arc<Chain>,
    rollup: Arc<RollupConfig>,
    l1_contracts: BTreeMap<String, Address>,
    l2_contracts: BTreeMap<String, Address>,
}

async fn open_l2(
    config: &DevConfig,
    datadir: &DataDir,
    l1: &L1Side,
    stored: Option<RollupConfig>,
    accounts: &[DevAccount],
    roles: &DevRoles,
) -> Result<L2Side> {
    if let Some(rollup) = stored {
        let genesis: Genesis = datadir
            .read("genesis.json")?
            .context("the data directory has rollup.json but no genesis.json")?;
        if rollup.block_time != config.block_time {
            warn!(
                kept = rollup.block_time,
                "--block-time is ignored: the kept chain has its own"
            );
        }
        l1.endpoint.must_be(&rollup, "the data directory").await?;
        let l2_contracts = l2_contracts(&genesis.alloc);
        let chain = open_chain(datadir, "l2/db", genesis).await?;
        return Ok(L2Side {
            chain,
            rollup: Arc::new(rollup),
            l1_contracts: datadir.read("l1-contracts.json")?.unwrap_or_default(),
            l2_contracts,
        });
    }
    let alloc = match &config.genesis_alloc {
        Some(path) => {
            let bytes = std::fs::read(path)
                .with_context(|| format!("--genesis-alloc: {} can not be read", path.display()))?;
            let genesis: Genesis = serde_json::from_slice(&bytes).with_context(|| {
                format!("--genesis-alloc: {} is no genesis file", path.display())
            })?;
            genesis.alloc
        }
        None => Default::default(),
    };
    let salt = deployment_salt(datadir, l1).await?;
    let dev_chain = DevChain {
        l1_chain_id: l1.endpoint.chain_id,
        salt,
        fork: config.fork,
        block_time: config.block_time,
        gas_limit: config.gas_limit,
        elasticity: config.elasticity,
        seq_window: config.seq_window,
        token: config.token,
        withdrawal_delay: config.withdrawal_delay,
        accounts: accounts.to_vec(),
        roles: roles.clone(),
        alloc,
    };
    let embedded = l1.embedded.as_ref().map(|(l1, _)| l1);
    let deployed = deploy_dev(&dev_chain, l1.endpoint.client(), embedded, |progress| {
        if let Progress::Included { step, block, .. } = progress {
            info!(step = %step.name, block, "deployed on the L1");
        }
    })
    .await
    .context("the L1 contracts can not be deployed")?;
    let l1_contracts = deployed.plan.contracts().by_name();
    let made = deployed.plan.l2_genesis(&deployed.l1)?;
    datadir.write("genesis.json", &made.genesis)?;
    let l2_contracts = l2_contracts(&made.genesis.alloc);
    let chain = open_chain(datadir, "l2/db", made.genesis).await?;
    let mut rollup = made.rollup;
    rollup.genesis.l2 = chain.genesis();
    l1.endpoint.founded_on(&rollup).await?;
    datadir.write("l1-contracts.json", &l1_contracts)?;
    // Last: a directory with rollup.json is complete.
    datadir.write("rollup.json", &rollup)?;
    Ok(L2Side {
        chain,
        rollup: Arc::new(rollup),
        l1_contracts,
        l2_contracts,
    })
}

/// What makes this chain's contracts others than those of an earlier chain on the same L1. Kept, so that an interrupted
/// deployment goes on.
async fn deployment_salt(datadir: &DataDir, l1: &L1Side) -> Result<B256> {
    if l1.embedded.is_some() {
        return Ok(B256::ZERO);
    }
    if let Some(salt) = datadir.read("deploy-salt.json")? {
        return Ok(salt);
    }
    let salt = l1.endpoint.client().head().await?.hash;
    datadir.write("deploy-salt.json", &salt)?;
    Ok(salt)
}

fn deployment(
    l1: &L1Side,
    roles: &DevRoles,
    rollup: &RollupConfig,
    [l1_contracts, l2_contracts]: [BTreeMap<String, Address>; 2],
    l2: SocketAddr,
    api: SocketAddr,
    metrics: SocketAddr,
) -> Deployment {
    Deployment {
        l1: Layer {
            chain_id: l1.endpoint.chain_id,
            rpc: l1.endpoint.rpc.clone(),
            ws: l1
                .embedded
                .as_ref()
                .map(|_| l1.endpoint.rpc.replacen("http", "ws", 1)),
            beacon: Some(l1.endpoint.beacon.clone()),
            contracts: l1_contracts,
        },
        l2: Layer {
            chain_id: rollup.l2_chain_id,
            rpc: url("http", l2),
            ws: Some(url("ws", l2)),
            beacon: None,
            contracts: l2_contracts,
        },
        batch_inbox: rollup.batch_inbox_address,
        batcher: roles.batcher.address,
        proposer: roles.proposer.address,
        explorer: url("http", api),
        metrics: format!("{}/metrics", url("http", metrics)),
        feed: format!("{}/api/v1/feed", url("ws", api)),
    }
}

/// A URL that works on this machine, also when the port listens on every address.
fn url(scheme: &str, address: SocketAddr) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    format!("{scheme}://{host}:{}", address.port())
}
