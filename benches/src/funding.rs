//! Before a run: the token is deployed and the senders get what they will spend, paid by a dev account.

use crate::{
    Rpc, RpcError,
    account::{Account, DEV_FUNDER, KeyError},
    token,
};
use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U256, hex};
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant};

/// Accounts in one funding call: it then stays below 2^24 gas, the most that Osaka gives a transaction.
const ACCOUNTS_PER_CALL: usize = 200;
/// Tokens that each sender gets, far more than it can send.
const TOKENS: u128 = 1_000_000_000_000_000_000_000;
const RECEIPT_DEADLINE: Duration = Duration::from_secs(180);
const POLL: Duration = Duration::from_millis(20);

/// Why the chain could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum FundingError {
    /// The node refused a call or went away.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// A key is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A funding transaction failed on chain.
    #[error("the transaction {0} that prepares the run was reverted")]
    Reverted(B256),
    /// A funding transaction was not included in time.
    #[error("the transaction {0} that prepares the run was not included within 180 s")]
    NotIncluded(B256),
    /// The dev account does not own what the run would spend.
    #[error(
        "{account} owns {owned} wei, and funding the senders takes {needed}: use a fresh chain or a smaller run"
    )]
    Poor {
        /// The account that pays.
        account: Address,
        /// Its balance.
        owned: U256,
        /// What the run takes.
        needed: U256,
    },
}

/// The dev account that pays for the preparation of one chain.
#[derive(Debug)]
pub struct Funder {
    account: Account,
    chain_id: u64,
    nonce: u64,
    max_fee: u128,
}

#[derive(Deserialize)]
struct Receipt {
    status: U64,
}

impl Funder {
    /// Reads the dev account's nonce. `max_fee` is in wei per gas.
    pub fn new(rpc: &mut Rpc, chain_id: u64, max_fee: u128) -> Result<Self, FundingError> {
        let account = Account::from_key(DEV_FUNDER)?;
        let nonce: U64 = rpc.call(
            "eth_getTransactionCount",
            json!([account.address, "latest"]),
        )?;
        Ok(Self {
            account,
            chain_id,
            nonce: nonce.to(),
            max_fee,
        })
    }

    /// Deploys the token and waits for it.
    pub fn deploy_token(&mut self, rpc: &mut Rpc) -> Result<Address, FundingError> {
        let address = self.account.address.create(self.nonce);
        let hash = self.send(
            rpc,
            TxKind::Create,
            U256::ZERO,
            token::creation_code(),
            token::DEPLOY_GAS,
        )?;
        wait_for_success(rpc, hash)?;
        Ok(address)
    }

    /// Gives each of `accounts` tokens and `wei_each`, and waits until all have them.
    pub fn fund(
        &mut self,
        rpc: &mut Rpc,
        token: Address,
        accounts: &[Address],
        wei_each: U256,
    ) -> Result<(), FundingError> {
        let needed = wei_each * U256::from(accounts.len());
        let owned: U256 = rpc.call("eth_getBalance", json!([self.account.address, "latest"]))?;
        if owned <= needed {
            return Err(FundingError::Poor {
                account: self.account.address,
                owned,
                needed,
            });
        }
        let mut hashes = Vec::new();
        for part in accounts.chunks(ACCOUNTS_PER_CALL) {
            let count = part.len() as u64;
            let gas = 100_000 + token::FUND_GAS_PER_ACCOUNT * count;
            let value = wei_each * U256::from(count);
            hashes.push(self.send(
                rpc,
                TxKind::Call(token),
                value,
                token::fund(part, U256::from(TOKENS)),
                gas,
            )?);
        }
        hashes
            .into_iter()
            .try_for_each(|hash| wait_for_success(rpc, hash))
    }

    fn send(
        &mut self,
        rpc: &mut Rpc,
        to: TxKind,
        value: U256,
        input: Bytes,
        gas_limit: u64,
    ) -> Result<B256, FundingError> {
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce: self.nonce,
            gas_limit,
            max_fee_per_gas: self.max_fee,
            max_priority_fee_per_gas: 1.min(self.max_fee),
            to,
            value,
            access_list: Default::default(),
            input,
        };
        let signed = self.account.sign(transaction)?;
        let hash = rpc.call(
            "eth_sendRawTransaction",
            json!([hex::encode_prefixed(&signed.raw)]),
        )?;
        self.nonce += 1;
        Ok(hash)
    }
}

fn wait_for_success(rpc: &mut Rpc, hash: B256) -> Result<(), FundingError> {
    let deadline = Instant::now() + RECEIPT_DEADLINE;
    loop {
        match rpc.call::<Option<Receipt>>("eth_getTransactionReceipt", json!([hash]))? {
            Some(receipt) if receipt.status.to::<u64>() == 1 => return Ok(()),
            Some(_) => return Err(FundingError::Reverted(hash)),
            None if Instant::now() > deadline => return Err(FundingError::NotIncluded(hash)),
            None => std::thread::sleep(POLL),
        }
    }
}

/// The next nonce of each account.
pub fn nonces(rpc: &mut Rpc, accounts: &[Address]) -> Result<Vec<u64>, RpcError> {
    let mut nonces = Vec::with_capacity(accounts.len());
    for part in accounts.chunks(500) {
        let params: Vec<_> = part
            .iter()
            .map(|account| json!([account, "latest"]))
            .collect();
        let counts: Vec<U64> = rpc.batch("eth_getTransactionCount", &params)?;
        nonces.extend(counts.into_iter().map(|count| count.to::<u64>()));
    }
    Ok(nonces)
}
