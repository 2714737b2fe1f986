//! A chain at its genesis.

use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, Bytes, address};
use alloy_sol_types::SolCall;
use openledger_genesis::{EconomyConfig, FeeVaults, L1Peers, OpFork, PredeployConfig};
use revm::{
    Context, MainBuilder, MainContext, SystemCallCommitEvm,
    bytecode::Bytecode,
    context::result::ExecutionResult,
    database::{CacheDB, EmptyDB},
    state::AccountInfo,
};
use std::collections::BTreeMap;

pub(crate) type Alloc = BTreeMap<Address, GenesisAccount>;

pub(crate) const CHAIN_ID: u64 = 901;
pub(crate) const OWNER: Address = address!("0x00000000000000000000000000000000000A11CE");
pub(crate) const RECIPIENT: Address = address!("0x0000000000000000000000000000000000000B0B");

pub(crate) const L1_MESSENGER: Address = address!("0x000000000000000000000000000000000000C0DE");
pub(crate) const L1_BRIDGE: Address = address!("0x000000000000000000000000000000000000CAFE");
pub(crate) const TREASURY: Address = address!("0x00000000000000000000000000000000000B0A4D");

pub(crate) fn config(fork: OpFork) -> PredeployConfig {
    PredeployConfig {
        chain_id: CHAIN_ID,
        fork,
        proxy_admin_owner: OWNER,
        fee_vaults: FeeVaults::all_to(RECIPIENT),
        gas_paying_token: None,
        l1_peers: L1Peers {
            cross_domain_messenger: L1_MESSENGER,
            standard_bridge: L1_BRIDGE,
        },
        economy: EconomyConfig::standard(12, TREASURY),
    }
}

/// A chain at its genesis, on which contracts can be called.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) db: CacheDB<EmptyDB>,
}

impl Chain {
    pub(crate) fn new(alloc: &Alloc) -> Self {
        let mut db = CacheDB::default();
        for (address, account) in alloc {
            let code = account.code.clone().unwrap_or_default();
            let info = AccountInfo {
                nonce: account.nonce.unwrap_or_default(),
                balance: account.balance,
                ..AccountInfo::from_bytecode(Bytecode::new_raw(code))
            };
            db.insert_account_info(*address, info);
            for (slot, value) in account.storage.iter().flatten() {
                db.insert_account_storage(*address, (*slot).into(), (*value).into())
                    .expect("no database behind");
            }
        }
        Self { db }
    }

    /// Calls and keeps the changes; an error is the revert data.
    pub(crate) fn send(
        &mut self,
        caller: Address,
        to: Address,
        data: Bytes,
    ) -> Result<Bytes, Bytes> {
        let mut evm = Context::mainnet()
            .with_db(std::mem::take(&mut self.db))
            .modify_cfg_chained(|cfg| cfg.chain_id = CHAIN_ID)
            .build_mainnet();
        let result = evm
            .system_call_with_caller_commit(caller, to, data)
            .expect("no database behind");
        self.db = evm.ctx.journaled_state.database;
        match result {
            ExecutionResult::Success { output, .. } => Ok(output.into_data()),
            ExecutionResult::Revert { output, .. } => Err(output),
            ExecutionResult::Halt { reason, .. } => panic!("{reason:?}"),
        }
    }

    pub(crate) fn call<C: SolCall>(&mut self, to: Address, call: C) -> C::Return {
        let output = self
            .send(OWNER, to, call.abi_encode().into())
            .expect("the call succeeds");
        C::abi_decode_returns(&output).expect("the answer has the declared type")
    }
}
