//! The settlement contracts on the embedded L1, before it goes live and after a stop.

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, utils::parse_ether};
use alloy_sol_types::SolCall;
use axum::Router;
use openledger_chain::{Chain, ChainConfig};
use openledger_contracts::{IOPEN, IOptimismPortal, addresses};
use openledger_deployer::TokenConfig;
use openledger_deployer::{Inclusion, Outcome, Plan, RunOptions, Survey, supply};
use openledger_devnet::{
    BlobStore, DevAccount, DevChain, EmbeddedL1, L1_CHAIN_ID, L1Config, L1Fork, Slot, deploy_dev,
    dev_accounts, dev_roles, l1_genesis, l1_genesis_time,
};
use openledger_execution::StateSource;
use openledger_genesis::OpFork;
use openledger_l1::{BlobSchedule, L1Client, L1Options};
use openledger_pool::{AccountCode, AccountView, Pool, PoolConfig};
use openledger_rpc::{CorsOrigins, RpcConfig, RpcContext, serve_with};
use openledger_sequencer::Clock;
use openledger_storage::{Database, DatabaseOptions};
use serde_json::json;
use std::{path::Path, sync::Arc};
use tokio_util::sync::CancellationToken;

const BLOCK_TIME: u64 = 2;

/// An embedded L1 on demand, with its JSON-RPC port.
struct L1 {
    embedded: Arc<EmbeddedL1>,
    chain: Arc<Chain>,
    client: L1Client,
    clock: Clock,
    shutdown: CancellationToken,
    server: tokio::task::JoinHandle<Result<(), openledger_rpc::ServeError>>,
}

impl L1 {
    /// Opens what is in the folder, or a new one whose genesis is in the past.
    async fn open(folder: &Path, accounts: &[DevAccount]) -> Self {
        let clock = Clock::wall();
        let genesis_file = folder.join("genesis.json");
        let genesis = match std::fs::read(&genesis_file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
            Err(_) => {
                let mut funded = accounts.to_vec();
                funded.extend(dev_roles().unwrap().accounts().map(DevAccount::clone));
                let time = l1_genesis_time(clock.now(), BLOCK_TIME);
                let genesis = l1_genesis(time, L1Fork::Prague, 1, &funded).unwrap();
                std::fs::write(&genesis_file, serde_json::to_vec(&genesis).unwrap()).unwrap();
                genesis
            }
        };
        let db = Database::open(folder.join("db"), &DatabaseOptions::default()).unwrap();
        let chain = Chain::open(db, &genesis, ChainConfig::default()).unwrap();
        let pool = Arc::new(Pool::new(chain.spec().clone(), PoolConfig::default()));
        let config = L1Config {
            block_time: BLOCK_TIME,
            slots_per_epoch: 4,
            clock,
            fee_recipient: Address::ZERO,
        };
        let blobs = Arc::new(BlobStore::open(folder.join("blobs")).unwrap());
        let embedded = Arc::new(
            EmbeddedL1::start_on_demand(config, chain.clone(), pool.clone(), blobs).unwrap(),
        );
        let shutdown = CancellationToken::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let context = RpcContext {
            chain: chain.clone(),
            pool: pool.clone(),
            submit: {
                let chain = chain.clone();
                Arc::new(move |transactions| {
                    let state = chain.state_at(chain.head().number()).unwrap();
                    let with_views = transactions
                        .into_iter()
                        .map(|tx| {
                            let view = view(&*state, tx.tx.signer());
                            (tx, view)
                        })
                        .collect();
                    pool.add_batch(with_views)
                        .into_iter()
                        .map(|added| added.map(|added| added.hash))
                        .collect()
                })
            },
            dev_accounts: accounts
                .iter()
                .map(|account| account.signer.clone())
                .collect(),
            client_version: "openledger/test".into(),
            rollup: None,
        };
        let rpc_config = RpcConfig {
            cors: CorsOrigins::Any,
            ..RpcConfig::default()
        };
        let server = tokio::spawn(serve_with(
            context,
            rpc_config,
            Router::new(),
            listener,
            shutdown.clone(),
        ));
        let options = L1Options {
            chain_id: Some(L1_CHAIN_ID),
            blob_schedule: BlobSchedule::Chain(chain.spec().clone()),
            ..L1Options::default()
        };
        Self {
            embedded,
            chain,
            client: L1Client::new(&url, options).unwrap(),
            clock,
            shutdown,
            server,
        }
    }

    async fn view<C: SolCall>(&self, to: Address, call: C) -> C::Return {
        let request = json!([{"to": to, "input": Bytes::from(call.abi_encode())}, "latest"]);
        let answer: Bytes = self.client.call("eth_call", request).await.unwrap();
        C::abi_decode_returns(&answer).unwrap()
    }

    /// Every block's time is a whole number of slots after the genesis, and none is in the future.
    fn check_slots(&self) {
        let genesis = self.chain.header(0).unwrap().unwrap().timestamp;
        let mut last = None;
        for number in 0..=self.chain.head().number() {
            let time = self.chain.header(number).unwrap().unwrap().timestamp;
            assert_eq!((time - genesis) % BLOCK_TIME, 0);
            assert!(time <= self.clock.now());
            assert!(last.is_none_or(|last| last < time));
            last = Some(time);
        }
    }

    /// Ends it; the database can be opened again afterwards.
    async fn close(self) {
        self.shutdown.cancel();
        self.server.await.unwrap().unwrap();
        let (embedded, chain) = (self.embedded, self.chain);
        let chain = tokio::task::spawn_blocking(move || {
            embedded.stop();
            chain.flush().unwrap();
            chain
        })
        .await
        .unwrap();
        // The tasks of closed connections let go of it one after the other.
        while Arc::strong_count(&chain) > 1 {
            tokio::task::yield_now().await;
        }
    }
}

fn view(state: &dyn StateSource, address: Address) -> AccountView {
    let account = state.account(address).unwrap().unwrap_or_default();
    assert_eq!(account.code_hash, KECCAK256_EMPTY, "{address} has no key");
    AccountView {
        nonce: account.nonce,
        balance: account.balance,
        code: AccountCode::None,
    }
}

fn dev_chain(accounts: &[DevAccount]) -> DevChain {
    DevChain {
        l1_chain_id: L1_CHAIN_ID,
        salt: B256::ZERO,
        fork: OpFork::Jovian,
        block_time: 1,
        gas_limit: 60_000_000,
        elasticity: 6,
        seq_window: 3_600,
        token: TokenConfig::New,
        withdrawal_delay: 10,
        accounts: accounts.to_vec(),
        roles: dev_roles().unwrap(),
        alloc: Default::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contracts_are_there_before_the_first_slot_has_passed() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = dev_accounts(10).unwrap();
    let l1 = L1::open(folder.path(), &accounts).await;
    let chain = dev_chain(&accounts);
    let started = std::time::Instant::now();
    let deployed = deploy_dev(&chain, &l1.client, Some(&l1.embedded), |_| {})
        .await
        .unwrap();
    println!("deployed in {:?}", started.elapsed());
    l1.check_slots();

    // The L2 begins at the newest slot, and at a block that holds everything.
    let made = deployed.plan.l2_genesis(&deployed.l1).unwrap();
    assert_eq!(made.rollup.genesis.l1, deployed.l1.id());
    assert_eq!(made.genesis.timestamp, deployed.l1.timestamp);
    assert!(deployed.plan.open(&l1.client).await.unwrap().is_empty());
    let contracts = deployed.plan.contracts();
    let locked: U256 = l1
        .view(
            contracts.optimism_portal,
            IOptimismPortal::lockedBalanceCall {},
        )
        .await;
    assert_eq!(locked, supply(&made.genesis.alloc).unwrap());
    assert_eq!(locked, parse_ether("100000").unwrap());
    let token = contracts.token.unwrap();
    for (account, amount) in [
        (accounts[0].address, "10000"),
        (accounts[9].address, "10000"),
        (contracts.optimism_portal, "100000"),
        (chain.roles.owner.address, "999800000"),
    ] {
        let balance: U256 = l1.view(token, IOPEN::balanceOfCall { account }).await;
        assert_eq!(balance, parse_ether(amount).unwrap(), "{account}");
    }
    for (name, address) in addresses::ECONOMY {
        assert!(made.genesis.alloc.contains_key(&address), "{name}");
    }
    // Labels stay behind the head and in order.
    let (safe, finalized) = (l1.chain.safe(), l1.chain.finalized());
    assert!(finalized.number <= safe.number && safe.number < l1.chain.head().number());
    l1.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_was_interrupted_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = dev_accounts(2).unwrap();
    let chain = dev_chain(&accounts);
    let owner = chain.roles.owner.clone();
    let l1 = L1::open(folder.path(), &accounts).await;
    let config = chain.deploy_config();
    let survey = Survey::of(&l1.client, &config).await.unwrap();
    let plan = Plan::new(&config, &survey, owner.address).unwrap();
    let options = RunOptions {
        inclusion: Inclusion::Demand({
            let embedded = l1.embedded.clone();
            Arc::new(move || {
                embedded
                    .mine(Slot::Next)
                    .map(drop)
                    .map_err(|error| error.to_string())
            })
        }),
        limit: Some(7),
        ..RunOptions::default()
    };
    let outcome = plan
        .run(&l1.client, &owner.signer, &options, |_| {})
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Stopped { .. }));
    l1.close().await;

    let l1 = L1::open(folder.path(), &accounts).await;
    let deployed = deploy_dev(&chain, &l1.client, Some(&l1.embedded), |_| {})
        .await
        .unwrap();
    assert_eq!(deployed.plan.contracts(), plan.contracts());
    assert!(plan.open(&l1.client).await.unwrap().is_empty());
    l1.check_slots();
    l1.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_l1_on_demand_makes_no_block_of_its_own_until_it_is_live() {
    let folder = tempfile::tempdir().unwrap();
    let l1 = L1::open(folder.path(), &[]).await;
    let embedded = l1.embedded.clone();
    let (first, second, again) = tokio::task::spawn_blocking(move || {
        let first = embedded.mine(Slot::Next).unwrap();
        let second = embedded.mine(Slot::Latest).unwrap();
        let again = embedded.mine(Slot::Latest).unwrap();
        (first, second, again)
    })
    .await
    .unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    let time = |number| l1.chain.header(number).unwrap().unwrap().timestamp;
    assert_eq!(time(1) - time(0), BLOCK_TIME);
    assert!(time(2) + BLOCK_TIME > l1.clock.now() - 1);
    // A slot may just have begun; otherwise the newest block is the answer.
    assert!(again == second || time(3) == time(2) + BLOCK_TIME);
    let head = l1.chain.head().number();
    assert_eq!(head, again.number);

    let mut events = l1.chain.subscribe();
    l1.embedded.go_live();
    events.recv().await.unwrap();
    assert!(l1.chain.head().number() > head);
    l1.check_slots();
    let embedded = l1.embedded.clone();
    l1.close().await;
    let stopped = tokio::task::spawn_blocking(move || embedded.mine(Slot::Next))
        .await
        .unwrap();
    assert!(stopped.is_err());
}
