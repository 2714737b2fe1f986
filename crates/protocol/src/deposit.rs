//! Deposit transactions: what identifies each, and the one that opens every block.

use crate::{L1BlockInfo, L1InfoFormat, abi::Words};
use alloy_consensus::Sealable;
use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U160, U256, address, b256};
use op_alloy_consensus::{L1InfoDepositSource, TxDeposit, UpgradeDepositSource, UserDepositSource};
use openledger_primitives::{Tx, TxEnvelope};

/// Sender of the L1-info deposit; nobody has its key.
pub const L1_INFO_DEPOSITOR: Address = address!("DeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001");

/// The L1Block predeploy.
pub const L1_BLOCK_ADDRESS: Address = address!("4200000000000000000000000000000000000015");

/// Gas limit of the L1-info deposit.
pub const L1_INFO_GAS_LIMIT: u64 = 1_000_000;

/// `keccak("TransactionDeposited(address,address,uint256,bytes)")`.
pub const DEPOSIT_EVENT_TOPIC: B256 =
    b256!("b3813568d9991fc951961fcb4c784893574240a28925604d09fc577c55bb7c32");

/// What is added to the address of a contract that deposits, so that it can not pass for the L2 contract or account of the
/// same address.
pub const ALIAS_OFFSET: Address = address!("1111000000000000000000000000000000001111");

/// The L2 sender of what a contract on the L1 deposits.
pub fn alias(l1: Address) -> Address {
    Address::from(number(l1).wrapping_add(number(ALIAS_OFFSET)))
}

/// The L1 contract behind an aliased sender: the inverse of [`alias`].
pub fn unalias(l2: Address) -> Address {
    Address::from(number(l2).wrapping_sub(number(ALIAS_OFFSET)))
}

fn number(address: Address) -> U160 {
    U160::from_be_bytes(address.into_array())
}

/// Why a log is no deposit. The log is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DepositError {
    /// Not the event, or not its number of topics.
    #[error("the log is no TransactionDeposited with four topics")]
    Topics,
    /// Another version than 0.
    #[error("unknown deposit version {0}")]
    Version(B256),
    /// The data is not the ABI encoding of one byte string with the least padding.
    #[error("the deposit's data is not the ABI encoding of bytes")]
    Data,
    /// The byte string is shorter than the fields that it must hold.
    #[error("a deposit of {0} bytes, the least is {MIN_OPAQUE_LEN}")]
    OpaqueData(usize),
    /// More than 2^128 wei are minted, which no coin has.
    #[error("the deposit mints more than 128 bits")]
    Mint,
}

/// Mint, value, gas limit, and whether a contract is created.
const MIN_OPAQUE_LEN: usize = 32 + 32 + 8 + 1;

/// Reads a deposit from the portal's log, whose address is the caller's to check.
///
/// `l1_block` and `log_index` (the log's position among all logs of its block) make the deposit unique.
pub fn decode_deposit(
    log: &Log,
    l1_block: B256,
    log_index: u64,
) -> Result<TxDeposit, DepositError> {
    let [topic, from, to, version] = log.data.topics() else {
        return Err(DepositError::Topics);
    };
    if *topic != DEPOSIT_EVENT_TOPIC {
        return Err(DepositError::Topics);
    }
    let opaque = opaque_data(&log.data.data).ok_or(DepositError::Data)?;
    if !version.is_zero() {
        return Err(DepositError::Version(*version));
    }
    read_opaque_data(opaque, Address::from_word(*to))
        .ok_or(DepositError::OpaqueData(opaque.len()))?
        .map(|deposit| TxDeposit {
            source_hash: user_deposit_source(l1_block, log_index),
            // The topics' high bytes are ignored, as op-node ignores them.
            from: Address::from_word(*from),
            ..deposit
        })
}

/// The byte string in the event's data. Padding must fill the last word and no more; what it holds is not looked at.
fn opaque_data(data: &[u8]) -> Option<&[u8]> {
    let mut words = Words(data);
    let offset = words.u64()?;
    let length = usize::try_from(words.u64()?).ok()?;
    let content = words.0;
    let padded = length.checked_next_multiple_of(32)?;
    (offset == 32 && content.len() == padded).then_some(())?;
    content.get(..length)
}

/// The packed fields of version 0; `None` when they are not all there.
fn read_opaque_data(opaque: &[u8], to: Address) -> Option<Result<TxDeposit, DepositError>> {
    let (mint, rest) = opaque.split_first_chunk::<32>()?;
    let (value, rest) = rest.split_first_chunk::<32>()?;
    let (gas_limit, rest) = rest.split_first_chunk::<8>()?;
    let (is_creation, input) = rest.split_first()?;
    let Ok(mint) = u128::try_from(U256::from_be_bytes(*mint)) else {
        return Some(Err(DepositError::Mint));
    };
    Some(Ok(TxDeposit {
        source_hash: B256::ZERO,
        from: Address::ZERO,
        to: if *is_creation == 0 {
            TxKind::Call(to)
        } else {
            TxKind::Create
        },
        mint,
        value: U256::from_be_bytes(*value),
        gas_limit: u64::from_be_bytes(*gas_limit),
        is_system_transaction: false,
        input: Bytes::copy_from_slice(input),
    }))
}

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
