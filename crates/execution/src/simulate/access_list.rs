//! `eth_createAccessList`.

use super::{CallOutcome, CallStatus, SimulateError, Simulation};
use alloy_rpc_types_eth::{AccessList, TransactionRequest};
use revm::inspector::NoOpInspector;
use revm_inspectors::access_list::AccessListInspector;

/// Rounds after which a list that still changes is taken as it is: a contract can branch on its own gas for ever.
const MAX_ROUNDS: usize = 8;

/// The list, and what the call costs with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessListOutcome {
    /// Accounts (ascending) and slots that the transaction touches beside those that are warm anyway.
    pub access_list: AccessList,
    /// How the call ends with the list.
    pub outcome: CallOutcome,
}

impl Simulation {
    /// The access list of a request: the list with which executing it touches nothing else.
    ///
    /// Fails as [`call`](Self::call) does; a revert or halt is reported in the outcome, with the list up to there.
    pub fn create_access_list(
        &self,
        request: &TransactionRequest,
    ) -> Result<AccessListOutcome, SimulateError> {
        let mut request = request.clone();
        let mut list = request.access_list.take().unwrap_or_default();
        for _ in 0..MAX_ROUNDS {
            request.access_list = Some(list.clone());
            let mut prepared = self.prepare()?;
            let tx = prepared.transaction(&request, self.gas_cap)?;
            prepared.check_funds(&tx)?;
            let mut evm = prepared.evm(Some(AccessListInspector::new(list.clone())))?;
            let outcome = CallOutcome::of(evm.transact(tx)?.result);
            let (_, inspector, _) = evm.parts_mut();
            let excluded = inspector.excluded().clone();
            let mut found = std::mem::take(inspector).into_access_list();
            // What is warm anyway stays only for its slots, which never are.
            found
                .0
                .retain(|item| !item.storage_keys.is_empty() || !excluded.contains(&item.address));
            found.0.sort_by_key(|item| item.address);
            let settled = found == list;
            list = found;
            if settled || !matches!(outcome.status, CallStatus::Success(_)) {
                return Ok(AccessListOutcome {
                    access_list: list,
                    outcome,
                });
            }
        }
        request.access_list = Some(list.clone());
        let mut prepared = self.prepare()?;
        let tx = prepared.transaction(&request, self.gas_cap)?;
        let mut evm = prepared.evm(None::<NoOpInspector>)?;
        let outcome = CallOutcome::of(evm.transact(tx)?.result);
        Ok(AccessListOutcome {
            access_list: list,
            outcome,
        })
    }
}
