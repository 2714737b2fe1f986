//! Deposit transactions: what identifies each, and the one that opens every block.

use crate::{L1BlockInfo, L1InfoFormat};
use alloy_consensus::Sealable;
use alloy_primitives::{Address, B256, TxKind, U256, address};
use op_alloy_consensus::{L1InfoDepositSource, TxDeposit, UpgradeDepositSource, UserDepositSource};
use openledger_primitives::{Tx, TxEnvelope};

/// Sender of the L1-info deposit; nobody has its key.
pub const L1_INFO_DEPOSITOR: Address = address!("DeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001");

/// The L1Block predeploy.
pub const L1_BLOCK_ADDRESS: Address = address!("4200000000000000000000000000000000000015");

/// Gas limit of the L1-info deposit.
pub const L1_INFO_GAS_LIMIT: u64 = 1_000_000;

/// Source hash of a user's deposit: the L1 block and the position of the log within that block.
pub fn user_deposit_source(l1_block_hash: B256, log_index: u64) -> B256 {
    UserDepositSource::new(l1_block_hash, log_index).source_hash()
}

/// Source hash of the L1-info deposit: the origin and the number of L2 blocks that it opened before.
pub fn l1_info_source(l1_block_hash: B256, sequence_number: u64) -> B256 {
    L1InfoDepositSource::new(l1_block_hash, sequence_number).source_hash()
}

/// Source hash of a network upgrade's deposit: the upgrade's intent in words.
pub fn upgrade_source(intent: &str) -> B256 {
    UpgradeDepositSource::new(intent.into()).source_hash()
}

/// The deposit that is the first transaction of every L2 block.
pub fn l1_info_deposit(info: &L1BlockInfo, format: L1InfoFormat) -> TxDeposit {
    TxDeposit {
        source_hash: l1_info_source(info.hash, info.sequence_number),
        from: L1_INFO_DEPOSITOR,
        to: TxKind::Call(L1_BLOCK_ADDRESS),
        mint: 0,
        value: U256::ZERO,
        gas_limit: L1_INFO_GAS_LIMIT,
        // False since Regolith: the deposit's gas counts like any other's.
        is_system_transaction: false,
        input: info.encode(format),
    }
}

/// [`l1_info_deposit`] as a transaction of a block.
pub fn l1_info_tx(info: &L1BlockInfo, format: L1InfoFormat) -> Tx {
    let deposit = l1_info_deposit(info, format);
    Tx::with_signer(TxEnvelope::Deposit(deposit.seal_slow()), L1_INFO_DEPOSITOR)
}
