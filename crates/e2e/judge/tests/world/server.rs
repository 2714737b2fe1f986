//! Serves a world over HTTP as an L1 node, a beacon node and an L2 node would: `/l1`, `/l2` and `/eth/v1/...`.

use super::{BeaconKind, L1_BLOCK_TIME, World, l1::L1Block};
use alloy_consensus::{Sealable, transaction::Recovered, transaction::SignerRecoverable};
use alloy_primitives::{B256, U64};
use alloy_rpc_types_eth::{Block, BlockTransactions, Header, Log, Transaction, TransactionReceipt};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// Serves until the process ends; returns the base URL.
pub fn serve(world: World) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let world = Arc::new(world);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let world = Arc::clone(&world);
            thread::spawn(move || answer(&world, stream));
        }
    });
    url
}

/// One request, one answer.
fn answer(world: &World, mut stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let found = match path.as_str() {
        "/l1" | "/l2" => {
            let request: Value = serde_json::from_slice(&body).ok()?;
            let method = request["method"].as_str()?;
            let result = match path.as_str() {
                "/l1" => world.l1_rpc(method, &request["params"]),
                _ => world.l2_rpc(method, &request["params"]),
            };
            Some(json!({"jsonrpc": "2.0", "id": 1, "result": result}))
        }
        _ => world.beacon(&path).map(|data| json!({"data": data})),
    };
    let (status, text) = match found {
        Some(body) => ("200 OK", body.to_string()),
        None => ("404 Not Found", String::new()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
    .ok()
}

impl World {
    fn l1_rpc(&self, method: &str, params: &Value) -> Value {
        let by_hash = |hash: &Value| {
            let hash: B256 = serde_json::from_value(hash.clone()).unwrap();
            self.l1.iter().find(|block| block.hash == hash)
        };
        let full = params[1] == true;
        match method {
            "eth_blockNumber" => json!(U64::from(self.l1.last().unwrap().header.number)),
            "eth_getBlockByHash" => json!(by_hash(&params[0]).map(|block| listed(block, full))),
            "eth_getBlockByNumber" => {
                let number: U64 = serde_json::from_value(params[0].clone()).unwrap();
                let mut blocks = self.l1.iter();
                let block = blocks.find(|block| U64::from(block.header.number) == number);
                json!(block.map(|block| listed(block, full)))
            }
            "eth_getBlockReceipts" => json!(by_hash(&params[0]).map(receipts)),
            _ => panic!("the judge asks the L1 for {method}"),
        }
    }

    fn l2_rpc(&self, method: &str, params: &Value) -> Value {
        let number: U64 = serde_json::from_value(params[0].clone()).unwrap();
        let block = self.l2.get(number.to::<usize>());
        match method {
            "eth_getBlockByNumber" => json!(block.map(|block| json!({"hash": block.hash()}))),
            "debug_getRawBlock" => json!(block.unwrap().encode()),
            _ => panic!("the judge asks the L2 for {method}"),
        }
    }

    fn beacon(&self, path: &str) -> Option<Value> {
        let path = path.strip_prefix("/eth/v1/")?;
        let genesis = self.l1[0].header.timestamp
            - (self.l1[0].header.number + self.slot_offset) * L1_BLOCK_TIME;
        let blobs = |slot: &str| {
            let number = slot.parse::<u64>().ok()? - self.slot_offset;
            let block = self.l1.iter().find(|block| block.header.number == number);
            block.map(|block| &block.blobs)
        };
        match self.beacon {
            BeaconKind::Anvil => {
                let slot = path.strip_prefix("beacon/blobs/")?;
                // In another order than they were posted.
                Some(json!(blobs(slot)?.iter().rev().collect::<Vec<_>>()))
            }
            BeaconKind::Sidecars if path == "config/spec" => {
                Some(json!({"SECONDS_PER_SLOT": L1_BLOCK_TIME.to_string()}))
            }
            BeaconKind::Sidecars if path == "beacon/genesis" => {
                Some(json!({"genesis_time": genesis.to_string()}))
            }
            BeaconKind::Sidecars => {
                let slot = path.strip_prefix("beacon/blob_sidecars/")?;
                let sidecars = blobs(slot)?
                    .iter()
                    .map(|blob| json!({"index": "0", "blob": blob}));
                Some(sidecars.collect())
            }
        }
    }
}

fn listed(block: &L1Block, full: bool) -> Block {
    let transactions = if full {
        let list = block.transactions.iter().enumerate();
        BlockTransactions::Full(
            list.map(|(index, transaction)| Transaction {
                inner: Recovered::new_unchecked(
                    transaction.clone(),
                    transaction.recover_signer().unwrap(),
                ),
                block_hash: Some(block.hash),
                block_number: Some(block.header.number),
                transaction_index: Some(index as u64),
                effective_gas_price: Some(1),
            })
            .collect(),
        )
    } else {
        BlockTransactions::Hashes(block.transactions.iter().map(|t| *t.tx_hash()).collect())
    };
    Block {
        header: Header::from_consensus(block.header.clone().seal_slow(), None, None),
        uncles: Vec::new(),
        transactions,
        withdrawals: None,
    }
}

fn receipts(block: &L1Block) -> Vec<TransactionReceipt> {
    let pairs = block.receipts.iter().zip(&block.transactions).enumerate();
    pairs
        .map(|(index, (receipt, transaction))| TransactionReceipt {
            inner: receipt.clone().map_logs(|inner| Log {
                inner,
                block_hash: Some(block.hash),
                ..Default::default()
            }),
            transaction_hash: *transaction.tx_hash(),
            transaction_index: Some(index as u64),
            block_hash: Some(block.hash),
            block_number: Some(block.header.number),
            gas_used: 21_000,
            effective_gas_price: 1,
            blob_gas_used: None,
            blob_gas_price: None,
            from: transaction.recover_signer().unwrap(),
            to: None,
            contract_address: None,
        })
        .collect()
}
