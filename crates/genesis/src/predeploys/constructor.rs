//! Runs constructors where the contracts will stand.

use super::PredeployError;
use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall;
use openledger_contracts::{Artifact, addresses::DEPOSITOR_ACCOUNT};
use revm::{
    Context, MainBuilder, MainContext, MainnetEvm, SystemCallCommitEvm,
    bytecode::Bytecode,
    context::{ContextTr, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    handler::MainnetContext,
    primitives::hardfork::SpecId,
    state::AccountInfo,
};
use std::collections::BTreeMap;

/// An empty chain on which contracts are created at chosen addresses.
pub(super) struct Constructor {
    evm: MainnetEvm<MainnetContext<CacheDB<EmptyDB>>>,
}

impl Constructor {
    pub(super) fn new(chain_id: u64) -> Self {
        let context = Context::mainnet()
            .with_db(CacheDB::default())
            .modify_cfg_chained(|cfg| {
                cfg.chain_id = chain_id;
                cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE);
            });
        Self {
            evm: context.build_mainnet(),
        }
    }

    /// Creates a contract at `address`.
    ///
    /// The creation code is put there as if it were runtime code and then called: what it returns is the runtime code.
    /// Unlike in a real creation the account has code meanwhile, which none of our constructors looks at.
    pub(super) fn construct(
        &mut self,
        artifact: &Artifact,
        address: Address,
        arguments: &[u8],
    ) -> Result<(), PredeployError> {
        self.set_code(address, artifact.creation_code(arguments));
        let runtime = self.run(DEPOSITOR_ACCOUNT, address, Bytes::new())?;
        self.set_code(address, runtime);
        Ok(())
    }

    /// Calls a contract as the depositor account, which the protocol's own settings need.
    pub(super) fn call<C: SolCall>(
        &mut self,
        address: Address,
        call: C,
    ) -> Result<(), PredeployError> {
        self.call_from(DEPOSITOR_ACCOUNT, address, call)
    }

    /// Calls a contract as `caller`.
    pub(super) fn call_from<C: SolCall>(
        &mut self,
        caller: Address,
        address: Address,
        call: C,
    ) -> Result<(), PredeployError> {
        self.run(caller, address, call.abi_encode().into())
            .map(drop)
    }

    /// Every contract with its code and storage. Empty accounts, such as the callers, are left out.
    pub(super) fn into_accounts(self) -> BTreeMap<Address, GenesisAccount> {
        let cache = self.evm.ctx.journaled_state.database.cache;
        cache
            .accounts
            .into_iter()
            .filter(|(_, account)| !account.info.is_empty_code_hash())
            .map(|(address, account)| {
                let code = cache
                    .contracts
                    .get(&account.info.code_hash)
                    .map(Bytecode::original_bytes);
                let storage: BTreeMap<_, _> = account
                    .storage
                    .into_iter()
                    .filter(|(_, value)| !value.is_zero())
                    .map(|(slot, value)| (B256::from(slot), B256::from(value)))
                    .collect();
                let account = GenesisAccount {
                    nonce: Some(account.info.nonce),
                    balance: account.info.balance,
                    code,
                    storage: (!storage.is_empty()).then_some(storage),
                    ..Default::default()
                };
                (address, account)
            })
            .collect()
    }

    /// Replaces the code of an account and keeps its storage. The nonce is that of a contract after its creation.
    fn set_code(&mut self, address: Address, code: Bytes) {
        let info = AccountInfo {
            nonce: 1,
            ..AccountInfo::from_bytecode(Bytecode::new_legacy(code))
        };
        self.evm.ctx.db_mut().insert_account_info(address, info);
    }

    /// One call outside of any transaction: free of charge, from any account. Its changes are kept.
    fn run(
        &mut self,
        caller: Address,
        address: Address,
        data: Bytes,
    ) -> Result<Bytes, PredeployError> {
        let halted = |reason: String| PredeployError::Halted { address, reason };
        let result = self
            .evm
            .system_call_with_caller_commit(caller, address, data)
            .map_err(|error| halted(error.to_string()))?;
        match result {
            ExecutionResult::Success { output, .. } => Ok(output.into_data()),
            ExecutionResult::Revert { output, .. } => Err(PredeployError::Reverted {
                address,
                data: output,
            }),
            ExecutionResult::Halt { reason, .. } => Err(halted(format!("{reason:?}"))),
        }
    }
}
