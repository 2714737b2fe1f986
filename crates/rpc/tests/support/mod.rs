//! A whole node without a clock: a chain, a pool and a producer that seals when the test says so, behind the real server.

#![allow(dead_code)] // Each test binary uses its own part.

use alloy_consensus::{Sealable, SignableTransaction, TxEip1559};
use alloy_eips::Encodable2718;
use alloy_genesis::Genesis;
use alloy_network::TxSignerSync;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address, hex};
use alloy_signer_local::PrivateKeySigner;
use openledger_chain::{Chain, ChainConfig, PendingBuilder};
use openledger_execution::{BlockAttributes, BlockExecution, StateSource, next_base_fee};
use openledger_pool::{
    AccountCode, AccountView, Executed, HeadInfo, Pool, PoolConfig, Rejected, Rejection,
};
use openledger_primitives::{PooledTx, Tx, TxEnvelope};
use openledger_rpc::{CorsOrigins, RpcConfig, RpcContext, serve};
use openledger_storage::{Database, DatabaseOptions, ExecutedBlock};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub const CHAIN_ID: u64 = 901;
/// Emits a log with its calldata as the topic.
pub const LOGGER: Address = address!("0x00000000000000000000000000000000000000a1");
/// Reverts with Error("no").
pub const REVERTER: Address = address!("0x00000000000000000000000000000000000000a2");
const L1_BLOCK: Address = address!("0x4200000000000000000000000000000000000015");
const DEPOSITOR: Address = address!("0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001");

pub struct Node {
    pub url: String,
    pub ws: String,
    pub chain: Arc<Chain>,
    pub pool: Arc<Pool>,
    pub producer: Arc<Producer>,
    pub signers: Vec<PrivateKeySigner>,
    pub http: reqwest::Client,
    shutdown: CancellationToken,
    _directory: TempDir,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub struct Producer {
    chain: Arc<Chain>,
    pool: Arc<Pool>,
    open: Mutex<Option<Open>>,
    /// Whether transactions are preconfirmed as they arrive; else only `seal` looks at the pool.
    preconfirms: bool,
}

/// The open block: what is in it. It is executed again for every step, since an execution can not move between threads.
struct Open {
    attributes: BlockAttributes,
    txs: Vec<Tx>,
    builder: PendingBuilder,
}

fn genesis(op: bool, signers: &[PrivateKeySigner]) -> Genesis {
    let mut config = json!({
        "chainId": CHAIN_ID, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
        "shanghaiTime": 0, "cancunTime": 0,
    });
    if op {
        let extra = json!({
            "pragueTime": 0,
            "optimism": {"eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250},
            "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0, "graniteTime": 0,
            "holoceneTime": 0, "isthmusTime": 0, "jovianTime": 0,
        });
        for (key, value) in extra.as_object().unwrap() {
            config[key] = value.clone();
        }
    }
    let mut alloc = json!({
        LOGGER.to_string(): {"balance": "0x0", "code": "0x60003560006000a1"},
        REVERTER.to_string(): {"balance": "0x0", "code": hex::encode_prefixed(reverter())},
    });
    if op {
        // What op-revm charges must be what the L1-info deposit says: the same figures, in L1Block's layout.
        alloc[L1_BLOCK.to_string()] = json!({"balance": "0x0", "nonce": "0x1", "storage": {
            word(1): word(1_000_000_000),
            word(3): format!("0x{:032x}{:08x}{:08x}{:016x}", 0, 1_368, 810_949, 0),
            word(7): word(2),
            word(8): format!("0x{:036x}{:04x}{:08x}{:016x}", 0, 400, 0, 0),
        }});
    }
    for signer in signers {
        alloc[signer.address().to_string()] = json!({"balance": "0x21e19e0c9bab2400000"});
    }
    serde_json::from_value(json!({
        "config": config, "difficulty": "0x0", "gasLimit": "0x3938700", "timestamp": "0x65000000",
        "baseFeePerGas": "0x3e8", "alloc": alloc,
    }))
    .unwrap()
}

fn word(value: u64) -> String {
    format!("0x{value:064x}")
}

fn reverter() -> Vec<u8> {
    hex!(
        "7f08c379a000000000000000000000000000000000000000000000000000000000600052"
        "602060045260026024527f6e6f00000000000000000000000000000000000000000000000000000000000060445260646000fd"
    )
    .to_vec()
}

/// The L1-info deposit of a block, with the figures of the genesis.
fn l1_info(number: u64) -> Tx {
    let mut data = hex!("3db6be2b").to_vec();
    data.extend(1_368_u32.to_be_bytes());
    data.extend(810_949_u32.to_be_bytes());
    data.extend([0; 24]);
    data.extend(U256::from(1_000_000_000).to_be_bytes::<32>());
    data.extend(U256::from(2).to_be_bytes::<32>());
    data.extend([0; 64]);
    data.extend([0; 12]);
    data.extend(400_u16.to_be_bytes());
    let deposit = op_alloy_consensus::TxDeposit {
        source_hash: B256::from(U256::from(number)),
        from: DEPOSITOR,
        to: TxKind::Call(L1_BLOCK),
        gas_limit: 1_000_000,
        input: data.into(),
        ..Default::default()
    };
    Tx::recover(TxEnvelope::Deposit(deposit.seal_slow())).unwrap()
}

fn view(state: &dyn StateSource, address: Address) -> AccountView {
    let account = state.account(address).unwrap().unwrap_or_default();
    AccountView {
        nonce: account.nonce,
        balance: account.balance,
        code: AccountCode::None,
    }
}

impl Producer {
    /// Puts transactions into the pool and, when this chain preconfirms, executes them.
    pub fn submit(&self, txs: Vec<PooledTx>) -> Vec<Result<B256, Rejected>> {
        let head = self.chain.head().number();
        let state: Arc<dyn StateSource> = match self.chain.pending() {
            Some(block) => block,
            None => self.chain.state_at(head).unwrap(),
        };
        let results = txs
            .into_iter()
            .map(|tx| {
                let (hash, sender) = (tx.tx.hash(), tx.tx.signer());
                self.pool.add(tx, view(&*state, sender)).map(|_| hash)
            })
            .collect();
        if self.preconfirms {
            let _ = self.drain(true);
        }
        results
    }

    /// Executes what is ready on top of the open block.
    fn drain(&self, publish: bool) -> BlockExecution {
        let mut open = self.open.lock();
        let open = open.get_or_insert_with(|| self.begin());
        let state = self.chain.state_at(open.attributes.number - 1).unwrap();
        let mut execution =
            BlockExecution::begin(self.chain.spec().clone(), state, open.attributes.clone())
                .unwrap();
        for tx in &open.txs {
            execution.execute(tx).unwrap();
        }
        let before = open.txs.len();
        if before == 0 {
            open.builder.apply(execution.opening_delta());
            if self.chain.spec().is_op() {
                open.include(&mut execution, &l1_info(open.attributes.number))
                    .expect("the deposit executes");
            }
        }
        for tx in self.pool.take_ready(10_000) {
            match open.include(&mut execution, &tx) {
                Ok(()) => {
                    let state = open.builder.snapshot();
                    let account = view(&*state, tx.signer());
                    self.pool.on_executed(&[Executed {
                        hash: tx.hash(),
                        sender: tx.signer(),
                        account,
                    }]);
                }
                Err(_) => drop(self.pool.on_rejected(tx.hash(), Rejection::Deferred)),
            }
        }
        if publish {
            self.chain
                .publish_pending(open.builder.snapshot(), before..open.builder.len());
        }
        execution
    }

    fn begin(&self) -> Open {
        let head = self.chain.head();
        let parent = &head.block.header;
        let op = self.chain.spec().is_op();
        let attributes = BlockAttributes {
            number: parent.number + 1,
            parent_hash: parent.seal(),
            timestamp: parent.timestamp + 1,
            beneficiary: address!("0x4200000000000000000000000000000000000011"),
            prev_randao: B256::ZERO,
            gas_limit: parent.gas_limit,
            base_fee: next_base_fee(self.chain.spec(), parent).unwrap(),
            parent_beacon_block_root: Some(B256::ZERO),
            withdrawals: Some(Default::default()),
            extra_data: if op {
                parent.extra_data.clone()
            } else {
                Bytes::new()
            },
            excess_blob_gas: Some(0),
        };
        self.pool.set_head(HeadInfo {
            number: attributes.number,
            timestamp: attributes.timestamp,
            base_fee: attributes.base_fee,
            gas_limit: attributes.gas_limit,
            blob_base_fee: u128::from(!op),
            l1_block_info: None,
        });
        let state = self.chain.state_at(parent.number).unwrap();
        let builder = PendingBuilder::new(attributes.clone(), state);
        Open {
            attributes,
            txs: Vec::new(),
            builder,
        }
    }

    /// Opens a block and publishes it, as a sequencer does at the start of a slot.
    pub fn open_block(&self) {
        let _ = self.drain(true);
    }

    /// Executes what is ready and seals the block.
    pub fn seal(&self) -> Arc<ExecutedBlock> {
        let execution = self.drain(self.preconfirms);
        self.open.lock().take();
        let block = self.chain.seal(execution.finish().unwrap()).unwrap();
        self.chain.append(block.clone()).unwrap();
        let hashes: Vec<_> = block
            .block
            .transactions
            .iter()
            .map(|tx| tx.hash())
            .collect();
        let state = self.chain.state_at(block.number()).unwrap();
        let accounts: Vec<_> = block
            .changes
            .accounts
            .iter()
            .map(|change| (change.address, view(&*state, change.address)))
            .collect();
        self.pool.on_block(block.number(), &hashes, &accounts);
        block
    }
}

impl Open {
    fn include(
        &mut self,
        execution: &mut BlockExecution,
        tx: &Tx,
    ) -> Result<(), openledger_execution::TxError> {
        let outcome = execution.execute(tx)?;
        self.builder.apply(&outcome.delta);
        let receipt = execution
            .receipts()
            .last()
            .expect("one for each transaction")
            .clone();
        self.builder.push(tx.clone(), receipt);
        self.txs.push(tx.clone());
        Ok(())
    }
}

impl Node {
    /// An L2 whose transactions are preconfirmed as they arrive.
    pub async fn l2() -> Self {
        Self::start(true, |_| {}).await
    }

    /// An L1, whose transactions wait for `seal`.
    pub async fn l1() -> Self {
        Self::start(false, |_| {}).await
    }

    pub async fn start(op: bool, configure: impl FnOnce(&mut RpcConfig)) -> Self {
        let signers: Vec<_> = (1..=4_u8)
            .map(|index| PrivateKeySigner::from_bytes(&B256::repeat_byte(index)).unwrap())
            .collect();
        let directory = tempfile::tempdir().unwrap();
        let options = DatabaseOptions {
            max_size: 1 << 30,
            ..Default::default()
        };
        let db = Database::open(directory.path(), &options).unwrap();
        let chain = Chain::open(db, &genesis(op, &signers), ChainConfig::default()).unwrap();
        let pool = Arc::new(Pool::new(chain.spec().clone(), PoolConfig::default()));
        let producer = Arc::new(Producer {
            chain: chain.clone(),
            pool: pool.clone(),
            open: Mutex::new(None),
            preconfirms: op,
        });
        let context = RpcContext {
            chain: chain.clone(),
            pool: pool.clone(),
            submit: Arc::new({
                let producer = producer.clone();
                move |txs| producer.submit(txs)
            }),
            dev_accounts: signers.clone(),
            client_version: "openledger/test".into(),
            rollup: None,
        };
        let mut config = RpcConfig {
            cors: CorsOrigins::Any,
            ..Default::default()
        };
        configure(&mut config);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        tokio::spawn(serve(context, config, listener, shutdown.clone()));
        Self {
            url: format!("http://{address}"),
            ws: format!("ws://{address}"),
            chain,
            pool,
            producer,
            signers,
            http: reqwest::Client::new(),
            shutdown,
            _directory: directory,
        }
    }

    /// The whole response to one call.
    pub async fn respond(&self, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.http
            .post(&self.url)
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// The result of a call that succeeds.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        let mut response = self.respond(method, params).await;
        assert!(response.get("error").is_none(), "{method}: {response}");
        response["result"].take()
    }

    /// Code and message of a call that fails.
    pub async fn fail(&self, method: &str, params: Value) -> (i64, String) {
        let response = self.respond(method, params).await;
        let error = response
            .get("error")
            .unwrap_or_else(|| panic!("{method} succeeded: {response}"));
        (
            error["code"].as_i64().unwrap(),
            error["message"].as_str().unwrap().to_owned(),
        )
    }

    pub fn signer(&self, index: usize) -> Address {
        self.signers[index].address()
    }

    /// A signed EIP-1559 transaction.
    pub fn sign(&self, index: usize, nonce: u64, to: Address, value: u64, input: Bytes) -> Bytes {
        let mut tx = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce,
            gas_limit: 200_000,
            max_fee_per_gas: 1_000_000,
            max_priority_fee_per_gas: 10,
            to: TxKind::Call(to),
            value: U256::from(value),
            input,
            ..Default::default()
        };
        let signature = self.signers[index].sign_transaction_sync(&mut tx).unwrap();
        TxEnvelope::Eip1559(tx.into_signed(signature))
            .encoded_2718()
            .into()
    }

    pub async fn send(&self, raw: &Bytes) -> B256 {
        serde_json::from_value(self.call("eth_sendRawTransaction", json!([raw])).await).unwrap()
    }
}

/// A quantity of a response as a number.
pub fn number(value: &Value) -> u128 {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is not a quantity"));
    u128::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()
}
