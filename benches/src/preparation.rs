//! From settings to signed transactions on a chain whose senders can pay for them.

use crate::{
    Rpc,
    account::Account,
    funding::{Funder, FundingError, nonces},
    workload::{Plan, Transfer, Workload},
};
use alloy_primitives::{Address, U64, U256};
use serde_json::json;
use std::sync::Arc;

/// What the load is made of.
#[derive(Clone, Debug)]
pub struct LoadSettings {
    /// What each transaction does.
    pub transfer: Transfer,
    /// How many accounts send.
    pub senders: usize,
    /// How many transactions to sign, at most.
    pub transactions: usize,
    /// Transactions in one request.
    pub batch: usize,
    /// Connections.
    pub connections: usize,
    /// Wei per gas, at most.
    pub max_fee: u128,
    /// Wei per gas to the producer.
    pub priority_fee: u128,
    /// A token that is on the chain already; otherwise one is deployed.
    pub token: Option<Address>,
    /// See [`Plan::state_recipients`].
    pub state_recipients: u64,
}

/// A chain with a token and a dev account that pays.
#[derive(Debug)]
pub struct PreparedChain {
    chain_id: u64,
    token: Address,
    funder: Funder,
    settings: LoadSettings,
}

/// The last workloads signed, by family of senders: fresh chains with equal settings give equal plans.
#[derive(Debug, Default)]
pub struct SigningCache(Vec<(Plan, Arc<Workload>)>);

impl PreparedChain {
    /// Deploys the token unless the settings name one.
    pub fn new(rpc: &mut Rpc, settings: LoadSettings) -> Result<Self, FundingError> {
        let chain_id: U64 = rpc.call("eth_chainId", json!([]))?;
        let mut funder = Funder::new(rpc, chain_id.to(), settings.max_fee)?;
        let token = match settings.token {
            Some(token) => token,
            None => funder.deploy_token(rpc)?,
        };
        Ok(Self {
            chain_id: chain_id.to(),
            token,
            funder,
            settings,
        })
    }

    /// The main load.
    pub fn load(
        &mut self,
        rpc: &mut Rpc,
        cache: &mut SigningCache,
    ) -> Result<Arc<Workload>, FundingError> {
        let plan = self.plan("load", self.settings.senders);
        self.fund_and_sign(rpc, cache, plan)
    }

    /// `count` probes, each of which is one request with `method`, over `connections` with one sender each.
    pub fn probes(
        &mut self,
        rpc: &mut Rpc,
        cache: &mut SigningCache,
        count: usize,
        connections: usize,
        method: &'static str,
    ) -> Result<Arc<Workload>, FundingError> {
        let plan = Plan {
            transactions: count,
            batch: 1,
            connections,
            method,
            ..self.plan("probe", connections)
        };
        self.fund_and_sign(rpc, cache, plan)
    }

    fn plan(&self, family: &'static str, senders: usize) -> Plan {
        let settings = &self.settings;
        Plan {
            chain_id: self.chain_id,
            transfer: settings.transfer,
            token: self.token,
            method: "eth_sendRawTransaction",
            family,
            nonces: vec![0; senders.max(1)],
            state_recipients: settings.state_recipients,
            transactions: settings.transactions,
            batch: settings.batch.max(1),
            connections: settings.connections,
            max_fee: settings.max_fee,
            priority_fee: settings.priority_fee.min(settings.max_fee),
        }
    }

    fn fund_and_sign(
        &mut self,
        rpc: &mut Rpc,
        cache: &mut SigningCache,
        mut plan: Plan,
    ) -> Result<Arc<Workload>, FundingError> {
        let senders: Vec<Address> = plan
            .senders()?
            .iter()
            .map(|sender: &Account| sender.address)
            .collect();
        if plan.transactions > 0 {
            // Twice the limit: a rollup also charges each transaction for its bytes on the L1.
            self.funder.fund(
                rpc,
                self.token,
                &senders,
                plan.cost_per_sender() * U256::from(2),
            )?;
        }
        plan.nonces = nonces(rpc, &senders)?;
        if let Some((_, signed)) = cache.0.iter().find(|(cached, _)| *cached == plan) {
            return Ok(signed.clone());
        }
        cache.0.retain(|(cached, _)| cached.family != plan.family);
        let signed = Arc::new(plan.sign()?);
        cache.0.push((plan, signed.clone()));
        Ok(signed)
    }
}
