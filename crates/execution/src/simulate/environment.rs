//! A simulation's database and environment, overrides applied.

use super::{SimDb, SimEvm, SimInspector, SimulateError, Simulation, evm, overrides, request};
use crate::{StateDb, attributes::EvmEnvironment, evm_env};
use alloy_evm::EvmEnv;
use alloy_op_evm::OpTx;
use alloy_primitives::{Address, U256};
use alloy_rpc_types_eth::TransactionRequest;
use revm::{Database, context::CfgEnv, database::CacheDB};

pub(crate) struct Prepared {
    pub(crate) db: SimDb,
    pub(crate) environment: EvmEnvironment,
    pub(crate) moved_precompiles: Vec<(Address, Address)>,
    chain_id: u64,
    is_op: bool,
    /// The fork's own bound of a transaction's gas (EIP-7825).
    pub(crate) fork_gas_cap: Option<u64>,
}

impl Prepared {
    pub(super) fn new(simulation: &Simulation) -> Result<Self, SimulateError> {
        Self::on(CacheDB::new(StateDb(simulation.state.clone())), simulation)
    }

    /// On a database that holds more than the simulation's state, such as earlier transactions of the block.
    pub(crate) fn on(mut db: SimDb, simulation: &Simulation) -> Result<Self, SimulateError> {
        let mut environment = evm_env(&simulation.spec, &simulation.attributes);
        let moved_precompiles = match &simulation.state_overrides {
            Some(changes) => overrides::apply_state(&mut db, changes)?,
            None => Vec::new(),
        };
        if let Some(changes) = &simulation.block_overrides {
            overrides::apply_block(&mut db, environment.block_env_mut(), changes);
        }
        let fork_gas_cap = match &mut environment {
            EvmEnvironment::Ethereum(env) => relax(env),
            EvmEnvironment::Op(env) => relax(env),
        };
        Ok(Self {
            db,
            environment,
            moved_precompiles,
            chain_id: simulation.spec.chain_id(),
            is_op: simulation.spec.is_op(),
            fork_gas_cap,
        })
    }

    /// Turns a request into a transaction; without a gas limit it gets what the sender can pay for, at most `gas_cap`.
    pub(crate) fn transaction(
        &mut self,
        request: &TransactionRequest,
        gas_cap: u64,
    ) -> Result<OpTx, SimulateError> {
        let block = self.environment.block_env();
        let mut tx = request::transaction(request, block, self.chain_id, self.is_op)?;
        // A gas price makes the base fee matter; without one the call is free.
        let free = tx.gas_price == 0;
        match &mut self.environment {
            EvmEnvironment::Ethereum(env) => env.cfg_env.disable_base_fee = free,
            EvmEnvironment::Op(env) => env.cfg_env.disable_base_fee = free,
        }
        let account = self.db.basic(tx.caller)?.unwrap_or_default();
        tx.nonce = request.nonce.unwrap_or(account.nonce);
        tx.gas_limit = match request.gas {
            Some(gas) => gas.min(gas_cap),
            None => gas_cap.min(allowance(&tx, account.balance)),
        };
        Ok(evm::unsigned(tx))
    }

    /// geth's check: the sender has the value, and the gas when it names a price.
    pub(crate) fn check_funds(&mut self, tx: &OpTx) -> Result<(), SimulateError> {
        let tx = &tx.0.base;
        let balance = self.db.basic(tx.caller)?.unwrap_or_default().balance;
        let fee = U256::from(tx.gas_limit).saturating_mul(U256::from(tx.gas_price));
        let want = fee.saturating_add(tx.value);
        if balance < want {
            return Err(SimulateError::Invalid(format!(
                "insufficient funds for gas * price + value: address {} have {balance} want {want}",
                tx.caller
            )));
        }
        Ok(())
    }

    /// The EVM. It takes the database over.
    pub(crate) fn evm<I: SimInspector + Default>(
        self,
        inspector: Option<I>,
    ) -> Result<SimEvm<I>, SimulateError> {
        let mut evm = SimEvm::new(self.db, self.environment, inspector);
        if !self.moved_precompiles.is_empty() {
            let (_, _, precompiles) = evm.parts_mut();
            precompiles
                .move_precompiles(self.moved_precompiles)
                .map_err(|e| SimulateError::Request(e.to_string()))?;
        }
        Ok(evm)
    }
}

/// The gas that the balance pays for at the transaction's price, after its value.
pub(super) fn allowance(tx: &revm::context::TxEnv, balance: U256) -> u64 {
    if tx.gas_price == 0 {
        return u64::MAX;
    }
    let blobs = U256::from(tx.blob_hashes.len() as u64)
        .saturating_mul(U256::from(alloy_eips::eip4844::DATA_GAS_PER_BLOB))
        .saturating_mul(U256::from(tx.max_fee_per_blob_gas));
    let available = balance.saturating_sub(tx.value).saturating_sub(blobs);
    (available / U256::from(tx.gas_price)).saturating_to()
}

/// Switches off what does not apply to a call; returns the fork's bound of a transaction's gas.
fn relax<S>(env: &mut EvmEnv<S>) -> Option<u64> {
    let cfg: &mut CfgEnv<S> = &mut env.cfg_env;
    cfg.disable_nonce_check = true;
    cfg.disable_eip3607 = true;
    cfg.disable_block_gas_limit = true;
    cfg.disable_fee_charge = true;
    cfg.tx_gas_limit_cap.replace(u64::MAX)
}
