//! What is sent: transfers signed and serialised before anything is measured.

use crate::{
    account::{Account, KeyError, SignedTransaction, state_address},
    token,
};
use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex};
use serde::Serialize;
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// What a transaction of the load does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Transfer {
    /// Moves one unit of the test token.
    Erc20,
    /// Moves one wei.
    Native,
}

impl Transfer {
    /// The gas limit of one transfer.
    pub fn gas_limit(self) -> u64 {
        match self {
            Self::Erc20 => token::TRANSFER_GAS,
            Self::Native => 21_000,
        }
    }
}

/// Everything that determines the signed bytes: equal plans give equal transactions, so that one signing serves
/// several runs on fresh chains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The chain's id.
    pub chain_id: u64,
    /// What each transaction does.
    pub transfer: Transfer,
    /// The token (unused by native transfers).
    pub token: Address,
    /// The JSON-RPC method that each transaction is sent with.
    pub method: &'static str,
    /// Names the senders' keys, see [`Account::sender`].
    pub family: &'static str,
    /// The next nonce of each sender; their number is the number of senders.
    pub nonces: Vec<u64>,
    /// Zero: each sender pays the next one. Otherwise the number of addresses of the bench genesis, from which the
    /// recipients are drawn evenly.
    pub state_recipients: u64,
    /// How many transactions to sign.
    pub transactions: usize,
    /// Transactions in one request. One makes a plain call, more a JSON-RPC batch.
    pub batch: usize,
    /// Connections. Each has its own senders, so that the nonces of a sender arrive in order.
    pub connections: usize,
    /// Wei per gas, at most.
    pub max_fee: u128,
    /// Wei per gas to the producer.
    pub priority_fee: u128,
}

/// One request: the transactions `first..first + length` of its lane.
#[derive(Debug)]
pub struct Batch {
    /// The JSON-RPC body; the ids are the transactions' indices in the workload.
    pub body: Vec<u8>,
    /// The index of its first transaction in the workload.
    pub first: usize,
    /// How many transactions it holds.
    pub length: usize,
}

/// The signed transactions of a [`Plan`].
#[derive(Debug)]
pub struct Workload {
    /// The requests of each connection, in sending order.
    pub lanes: Vec<Vec<Batch>>,
    /// The hash of each transaction; batches refer to ranges of it.
    pub hashes: Vec<B256>,
}

impl Plan {
    /// Signs everything, on all cores.
    pub fn sign(&self) -> Result<Workload, KeyError> {
        let senders = self.senders()?;
        let lanes = self.lanes();
        let jobs: Vec<(usize, Range)> = (0..)
            .zip(&lanes)
            .flat_map(|(lane, range)| range.split(self.batch).map(move |part| (lane, part)))
            .collect();
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(jobs.len()));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(|| {
                        while let Some((lane, part)) =
                            jobs.get(next.fetch_add(1, Ordering::Relaxed))
                        {
                            let signed = self.sign_batch(&senders, *lane, &lanes[*lane], part)?;
                            done.lock()
                                .unwrap_or_else(|poisoned| poisoned.into_inner())
                                .push((*lane, signed));
                        }
                        Ok(())
                    })
                })
                .collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap_or(Err(KeyError)))
        })?;

        let mut done = done
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        done.sort_unstable_by_key(|(_, (batch, _))| batch.first);
        let mut workload = Workload {
            lanes: lanes.iter().map(|_| Vec::new()).collect(),
            hashes: Vec::with_capacity(self.transactions),
        };
        for (lane, (batch, hashes)) in done {
            workload.hashes.extend(hashes);
            workload.lanes[lane].push(batch);
        }
        Ok(workload)
    }

    /// The senders' accounts.
    pub fn senders(&self) -> Result<Vec<Account>, KeyError> {
        (0..self.nonces.len() as u64)
            .map(|index| Account::sender(self.family, index))
            .collect()
    }

    /// What one sender spends at most on its share of the load, in wei.
    pub fn cost_per_sender(&self) -> U256 {
        let each = self.transactions.div_ceil(self.nonces.len().max(1));
        U256::from(each)
            * (U256::from(self.transfer.gas_limit()) * U256::from(self.max_fee) + U256::ONE)
    }

    /// The workload's index range of each connection.
    fn lanes(&self) -> Vec<Range> {
        let lanes = self.connections.clamp(1, self.nonces.len().max(1));
        let mut first = 0;
        (0..lanes)
            .map(|lane| {
                let length =
                    self.transactions / lanes + usize::from(lane < self.transactions % lanes);
                first += length;
                Range {
                    first: first - length,
                    length,
                }
            })
            .collect()
    }

    fn sign_batch(
        &self,
        senders: &[Account],
        lane: usize,
        range: &Range,
        part: &Range,
    ) -> Result<(Batch, Vec<B256>), KeyError> {
        let lanes = self.connections.clamp(1, senders.len().max(1));
        let in_lane = (senders.len() - lane).div_ceil(lanes);
        let mut body = Vec::with_capacity(part.length * 520);
        let mut hashes = Vec::with_capacity(part.length);
        let batched = self.batch > 1;
        if batched {
            body.push(b'[');
        }
        for index in part.first..part.first + part.length {
            let position = index - range.first;
            let sender = lane + (position % in_lane) * lanes;
            let nonce = self.nonces[sender] + (position / in_lane) as u64;
            let recipient = match self.state_recipients {
                0 => senders[(sender + 1) % senders.len()].address,
                count => state_address(scatter(index as u64) % count),
            };
            let signed = senders[sender].sign(self.transaction(nonce, recipient))?;
            if body.len() > 1 {
                body.push(b',');
            }
            push_request(&mut body, index, self.method, &signed);
            hashes.push(signed.hash);
        }
        if batched {
            body.push(b']');
        }
        Ok((
            Batch {
                body,
                first: part.first,
                length: part.length,
            },
            hashes,
        ))
    }

    fn transaction(&self, nonce: u64, recipient: Address) -> TxEip1559 {
        let (to, value, input) = match self.transfer {
            Transfer::Native => (recipient, U256::ONE, Bytes::new()),
            Transfer::Erc20 => (
                self.token,
                U256::ZERO,
                token::transfer(recipient, U256::ONE),
            ),
        };
        TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit: self.transfer.gas_limit(),
            max_fee_per_gas: self.max_fee,
            max_priority_fee_per_gas: self.priority_fee,
            to: TxKind::Call(to),
            value,
            access_list: Default::default(),
            input,
        }
    }
}

/// Appends a JSON-RPC request with one raw transaction as its only parameter.
fn push_request(body: &mut Vec<u8>, id: usize, method: &str, transaction: &SignedTransaction) {
    body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    body.extend_from_slice(id.to_string().as_bytes());
    body.extend_from_slice(br#","method":""#);
    body.extend_from_slice(method.as_bytes());
    body.extend_from_slice(br#"","params":["0x"#);
    body.extend_from_slice(hex::encode(&transaction.raw).as_bytes());
    body.extend_from_slice(br#""]}"#);
}

/// Spreads consecutive numbers evenly over 64 bits (the finaliser of SplitMix64).
fn scatter(index: u64) -> u64 {
    let mut mixed = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[derive(Clone, Copy, Debug)]
struct Range {
    first: usize,
    length: usize,
}

impl Range {
    fn split(self, size: usize) -> impl Iterator<Item = Self> {
        let end = self.first + self.length;
        (self.first..end)
            .step_by(size.max(1))
            .map(move |first| Self {
                first,
                length: size.min(end - first),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_consensus::{Transaction, TxEnvelope, transaction::SignerRecoverable};
    use alloy_eips::eip2718::Decodable2718;
    use serde_json::Value;
    use std::collections::BTreeMap;

    fn plan() -> Plan {
        Plan {
            chain_id: 901,
            transfer: Transfer::Erc20,
            token: Address::repeat_byte(0x22),
            method: "eth_sendRawTransaction",
            family: "test",
            nonces: vec![4, 0, 0, 9, 0],
            state_recipients: 0,
            transactions: 23,
            batch: 3,
            connections: 2,
            max_fee: 7,
            priority_fee: 1,
        }
    }

    fn decode(entry: &Value) -> (usize, TxEnvelope) {
        let raw = hex::decode(entry["params"][0].as_str().expect("a string")).expect("hexadecimal");
        let index = entry["id"].as_u64().expect("a number") as usize;
        (
            index,
            TxEnvelope::decode_2718(&mut raw.as_slice()).expect("a transaction"),
        )
    }

    #[test]
    fn every_sender_counts_its_nonces_up_within_one_lane() {
        let plan = plan();
        let workload = plan.sign().expect("keys");
        let mut next: BTreeMap<Address, (usize, u64)> = BTreeMap::new();
        for (nonce, sender) in plan.nonces.iter().zip(plan.senders().expect("keys")) {
            next.insert(sender.address, (usize::MAX, *nonce));
        }
        let mut seen = 0;
        for (lane, batches) in workload.lanes.iter().enumerate() {
            for batch in batches {
                let entries: Vec<Value> = serde_json::from_slice(&batch.body).expect("JSON");
                assert_eq!(entries.len(), batch.length);
                for entry in &entries {
                    let (index, transaction) = decode(entry);
                    assert_eq!(workload.hashes[index], *transaction.tx_hash());
                    let sender = transaction.recover_signer().expect("a signature");
                    let (in_lane, nonce) = next.get_mut(&sender).expect("a sender of the plan");
                    assert!(
                        [usize::MAX, lane].contains(in_lane),
                        "a sender belongs to one lane"
                    );
                    assert_eq!(transaction.nonce(), *nonce);
                    (*in_lane, *nonce) = (lane, *nonce + 1);
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, plan.transactions);
        assert_eq!(workload.hashes.len(), plan.transactions);
    }

    #[test]
    fn single_transactions_are_plain_calls_and_recipients_may_come_from_the_state() {
        let plan = Plan {
            batch: 1,
            state_recipients: 10,
            transfer: Transfer::Native,
            ..plan()
        };
        let workload = plan.sign().expect("keys");
        let state: Vec<_> = (0..10).map(state_address).collect();
        for batch in workload.lanes.iter().flatten() {
            let (_, transaction) = decode(&serde_json::from_slice(&batch.body).expect("JSON"));
            assert!(state.contains(&transaction.to().expect("a recipient")));
        }
    }
}
