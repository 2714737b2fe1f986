//! Endpoints without a network, which answer from chains that tests make.

use super::options;
use alloy_consensus::Header;
use alloy_primitives::B256;
use alloy_rpc_types_eth::{Block, BlockTransactions, Header as RpcHeader};
use futures::future::BoxFuture;
use openledger_l1::{L1Client, L1Options, Transport};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Blocks between the head and what is safe; twice as many to what is final.
pub const EPOCH: usize = 4;

/// Blocks by their height.
#[derive(Debug, Clone)]
pub struct FakeChain(Vec<(Header, B256)>);

impl FakeChain {
    /// As long as is said, genesis included. Chains of another seed have nothing in common.
    pub fn new(seed: u64, length: usize) -> Self {
        let genesis = Header {
            nonce: seed.to_be_bytes().into(),
            base_fee_per_gas: Some(1),
            ..Header::default()
        };
        let hash = genesis.hash_slow();
        let mut chain = Self(vec![(genesis, hash)]);
        chain.extend(seed, length - 1);
        chain
    }

    /// Blocks on top. Those of another seed are others.
    pub fn extend(&mut self, seed: u64, blocks: usize) {
        for _ in 0..blocks {
            let (parent, parent_hash) = &self.0[self.0.len() - 1];
            let header = Header {
                number: parent.number + 1,
                parent_hash: *parent_hash,
                timestamp: parent.timestamp + 12,
                nonce: seed.to_be_bytes().into(),
                base_fee_per_gas: Some(1),
                ..Header::default()
            };
            let hash = header.hash_slow();
            self.0.push((header, hash));
        }
    }

    /// Without the newest blocks.
    pub fn without(&self, blocks: usize) -> Self {
        Self(self.0[..self.0.len() - blocks].to_vec())
    }

    pub fn head(&self) -> u64 {
        self.0.len() as u64 - 1
    }

    pub fn hash(&self, number: u64) -> B256 {
        self.0[number as usize].1
    }

    pub fn hashes(&self) -> impl Iterator<Item = B256> {
        self.0.iter().map(|(_, hash)| *hash)
    }

    fn json(&self, number: usize) -> Value {
        let Some((header, _)) = self.0.get(number) else {
            return Value::Null;
        };
        let block: Block<B256> = Block {
            header: RpcHeader::new(header.clone()),
            uncles: Vec::new(),
            transactions: BlockTransactions::Hashes(Vec::new()),
            withdrawals: None,
        };
        serde_json::to_value(block).expect("JSON")
    }

    fn answer(&self, method: &str, params: &Value) -> Value {
        let top = self.0.len() - 1;
        match method {
            "eth_chainId" => json!("0x7a69"),
            "eth_getBlockByNumber" => match params[0].as_str().expect("a tag") {
                "latest" => self.json(top),
                "safe" => self.json(top.saturating_sub(EPOCH)),
                "finalized" => self.json(top.saturating_sub(2 * EPOCH)),
                number => self.json(usize::from_str_radix(&number[2..], 16).expect("hex")),
            },
            "eth_getBlockByHash" => {
                let hash: B256 = serde_json::from_value(params[0].clone()).expect("a hash");
                let found = self.hashes().position(|known| known == hash);
                found.map_or(Value::Null, |number| self.json(number))
            }
            "eth_getBlockReceipts" => {
                let hash: B256 = serde_json::from_value(params[0].clone()).expect("a hash");
                match self.hashes().any(|known| known == hash) {
                    true => json!([]),
                    false => Value::Null,
                }
            }
            other => panic!("{other} is not expected"),
        }
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Answer,
    Fail,
    /// It is never answered.
    Hang,
    /// A refusal.
    Limit,
}

type Decide = Box<dyn FnMut(&str) -> Fate + Send>;

struct Inner {
    chain: Arc<Mutex<FakeChain>>,
    decide: Decide,
    requests: u64,
}

/// One endpoint. Clones are the same one.
#[derive(Clone)]
pub struct FakeEndpoint(Arc<Mutex<Inner>>);

impl std::fmt::Debug for FakeEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeEndpoint")
    }
}

impl FakeEndpoint {
    /// Of a chain that others may have too.
    pub fn of(chain: &Arc<Mutex<FakeChain>>) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            chain: chain.clone(),
            decide: Box::new(|_| Fate::Answer),
            requests: 0,
        })))
    }

    /// Of a chain of its own.
    pub fn with(chain: FakeChain) -> Self {
        Self::of(&Arc::new(Mutex::new(chain)))
    }

    /// From now on it serves another chain.
    pub fn serve(&self, chain: FakeChain) {
        self.0.lock().chain = Arc::new(Mutex::new(chain));
    }

    /// More blocks on top of what it serves.
    pub fn extend(&self, seed: u64, blocks: usize) {
        let chain = self.0.lock().chain.clone();
        chain.lock().extend(seed, blocks);
    }

    /// What becomes of every request from now on.
    pub fn all(&self, fate: Fate) {
        self.each(move |_| fate);
    }

    /// Decides by the method.
    pub fn each(&self, decide: impl FnMut(&str) -> Fate + Send + 'static) {
        self.0.lock().decide = Box::new(decide);
    }

    pub fn requests(&self) -> u64 {
        self.0.lock().requests
    }
}

impl Transport for FakeEndpoint {
    fn deliver(&self, body: Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        let request: Value = serde_json::from_slice(&body).expect("JSON");
        let method = request["method"].as_str().expect("a method");
        let (fate, chain) = {
            let mut inner = self.0.lock();
            inner.requests += 1;
            ((inner.decide)(method), inner.chain.clone())
        };
        let id = &request["id"];
        let answer = match fate {
            Fate::Fail => Err("HTTP status 503".to_owned()),
            Fate::Hang => return Box::pin(std::future::pending()),
            Fate::Limit => Ok(
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32005, "message": "slow down"}}),
            ),
            Fate::Answer => {
                let result = chain.lock().answer(method, &request["params"]);
                Ok(json!({"jsonrpc": "2.0", "id": id, "result": result}))
            }
        };
        Box::pin(async move {
            // Others run meanwhile, as they would.
            tokio::task::yield_now().await;
            answer.map(|answer| answer.to_string().into_bytes())
        })
    }
}

/// A client of these, in this order, that does not rest long.
pub fn client_of(endpoints: &[&FakeEndpoint]) -> L1Client {
    let transports = endpoints.iter().enumerate().map(|(index, endpoint)| {
        let transport: Arc<dyn Transport> = Arc::new((*endpoint).clone());
        (format!("fake-{index}"), transport)
    });
    let options = L1Options {
        backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(5),
        rest: Duration::from_millis(1),
        request_timeout: Duration::from_millis(200),
        ..options()
    };
    L1Client::over(transports.collect(), options)
}
