//! `eth_estimateGas`: the smallest gas limit at which a transaction succeeds.

use super::{
    CallOutcome, CallStatus, SimEvm, SimulateError, Simulation, TransactError,
    environment::allowance,
};
use alloy_op_evm::OpTx;
use alloy_rpc_types_eth::TransactionRequest;
use revm::{Database, inspector::NoOpInspector};
use std::time::{Duration, Instant};

/// Gas of a plain transfer.
const TRANSFER_GAS: u64 = 21_000;
/// What a call with value grants its callee.
const CALL_STIPEND: u64 = 2_300;
/// The search ends when the bounds are this close: one part in so many (geth's 1.5 %).
const PRECISION: u64 = 66;

impl Simulation {
    /// A gas limit at which the request succeeds, at most 1.5 % above the smallest.
    ///
    /// Fails with [`SimulateError::Revert`] when the transaction reverts at every limit, [`SimulateError::Allowance`] when the
    /// sender can not pay for the gas that it needs, and [`SimulateError::TimedOut`] between two attempts after `timeout`.
    pub fn estimate_gas(
        &self,
        request: &TransactionRequest,
        timeout: Duration,
    ) -> Result<u64, SimulateError> {
        let deadline = Instant::now() + timeout;
        let mut prepared = self.prepare()?;
        let mut tx = prepared.transaction(request, u64::MAX)?;
        let balance = prepared
            .db
            .basic(tx.0.base.caller)?
            .unwrap_or_default()
            .balance;
        if tx.0.base.value > balance {
            return Err(SimulateError::Invalid(
                "insufficient funds for transfer".into(),
            ));
        }
        let wanted = request.gas.filter(|gas| *gas >= TRANSFER_GAS);
        let mut high = wanted
            .unwrap_or(self.attributes.gas_limit)
            .min(allowance(&tx.0.base, balance))
            .min(self.gas_cap)
            .min(prepared.fork_gas_cap.unwrap_or(u64::MAX));
        let plain = tx.0.base.data.is_empty()
            && tx.0.base.authorization_list.is_empty()
            && tx.0.base.access_list.is_empty()
            && match tx.0.base.kind.to() {
                Some(to) => prepared
                    .db
                    .basic(*to)?
                    .is_none_or(|account| account.is_empty_code_hash()),
                None => false,
            };
        let mut evm = prepared.evm(None::<NoOpInspector>)?;
        if plain && high >= TRANSFER_GAS && attempt(&mut evm, &mut tx, TRANSFER_GAS)?.is_some() {
            return Ok(TRANSFER_GAS);
        }

        tx.0.base.gas_limit = high;
        let first = match evm.transact(tx.clone()) {
            Ok(result) => CallOutcome::of(result.result),
            Err(error) if error.is_gas_too_low() => return Err(SimulateError::Allowance(high)),
            Err(error) => return Err(error.into()),
        };
        match first.status {
            CallStatus::Success(_) => {}
            CallStatus::Revert(data) => return Err(SimulateError::Revert(data)),
            CallStatus::Halt(text) if text == "out of gas" => {
                return Err(SimulateError::Allowance(high));
            }
            CallStatus::Halt(text) => return Err(SimulateError::Halt(text)),
        }

        // Less than what it spent can not be enough, before refunds; 63/64 of what it passes on reaches inner calls.
        let mut low = first.gas_needed.saturating_sub(1);
        let optimistic = (first.gas_needed + CALL_STIPEND).saturating_mul(64) / 63;
        if optimistic < high {
            match attempt(&mut evm, &mut tx, optimistic)? {
                Some(_) => high = optimistic,
                None => low = optimistic,
            }
        }
        while low + 1 < high && high - low > high / PRECISION {
            if Instant::now() > deadline {
                return Err(SimulateError::TimedOut(timeout));
            }
            // Most transactions need little more than they spend, so the lower end is likelier.
            let middle = low.midpoint(high).min(low.saturating_mul(2)).max(low + 1);
            match attempt(&mut evm, &mut tx, middle)? {
                Some(_) => high = middle,
                None => low = middle,
            }
        }
        Ok(high)
    }
}

/// Executes at a limit; `None` when that is not enough.
fn attempt(
    evm: &mut SimEvm<NoOpInspector>,
    tx: &mut OpTx,
    gas: u64,
) -> Result<Option<CallOutcome>, SimulateError> {
    tx.0.base.gas_limit = gas;
    match evm.transact(tx.clone()) {
        Ok(result) if result.result.is_success() => Ok(Some(CallOutcome::of(result.result))),
        Ok(_) => Ok(None),
        Err(error) if error.is_gas_too_low() => Ok(None),
        Err(TransactError::State(error)) => Err(SimulateError::State(error)),
        Err(error) => Err(error.into()),
    }
}
