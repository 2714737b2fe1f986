//! Why a simulation failed, in the words that clients of geth parse.

use super::evm::TransactError;
use crate::StateError;
use alloy_primitives::{Bytes, U256};
use op_revm::OpHaltReason;
use revm::context::result::{HaltReason, InvalidTransaction};
use std::time::Duration;

/// Why a simulation or a trace failed.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The state could not be read; nothing is known about the call.
    #[error(transparent)]
    State(#[from] StateError),
    /// The request contradicts itself: the caller must change it.
    #[error("{0}")]
    Request(String),
    /// The rules forbid the transaction on this state.
    #[error("{0}")]
    Invalid(String),
    /// The transaction reverts; carries its data (estimation only).
    #[error("{}", revert_text(.0))]
    Revert(Bytes),
    /// The transaction halts at any gas limit (estimation only).
    #[error("{0}")]
    Halt(String),
    /// It fails even with all the gas that it may have.
    #[error("gas required exceeds allowance ({0})")]
    Allowance(u64),
    /// It took too long.
    #[error("execution aborted (timeout = {}s)", .0.as_secs_f64())]
    TimedOut(Duration),
    /// The trace would not fit into the memory that one trace may use.
    #[error(
        "trace is larger than {limit} bytes: use a callTracer, disable memory, stack and storage, or set the tracer's limit"
    )]
    TraceTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The tracer does not exist here, or its options are wrong.
    #[error("{0}")]
    Tracer(String),
}

impl From<TransactError> for SimulateError {
    fn from(error: TransactError) -> Self {
        match error {
            TransactError::State(error) => Self::State(error),
            TransactError::Invalid(error) => Self::Invalid(invalid_text(&error)),
            TransactError::Other(text) => Self::Invalid(text),
        }
    }
}

fn revert_text(data: &Bytes) -> String {
    match revert_reason(data) {
        Some(reason) => format!("execution reverted: {reason}"),
        None => "execution reverted".into(),
    }
}

/// geth's words for a transaction that the rules forbid.
pub fn invalid_text(error: &InvalidTransaction) -> String {
    use InvalidTransaction as I;
    match error {
        I::PriorityFeeGreaterThanMaxFee => {
            "max priority fee per gas higher than max fee per gas".into()
        }
        I::GasPriceLessThanBasefee => "max fee per gas less than block base fee".into(),
        I::CallerGasLimitMoreThanBlock => "exceeds block gas limit".into(),
        I::CallGasCostMoreThanGasLimit {
            initial_gas,
            gas_limit,
        } => {
            format!("intrinsic gas too low: have {gas_limit}, want {initial_gas}")
        }
        I::GasFloorMoreThanGasLimit {
            gas_floor,
            gas_limit,
        } => {
            format!("insufficient gas for floor data gas cost: have {gas_limit}, want {gas_floor}")
        }
        I::LackOfFundForMaxFee { fee, balance } => {
            format!("insufficient funds for gas * price + value: have {balance} want {fee}")
        }
        I::NonceTooLow { tx, state } => format!("nonce too low: next nonce {state}, tx nonce {tx}"),
        I::NonceTooHigh { tx, state } => {
            format!("nonce too high: next nonce {state}, tx nonce {tx}")
        }
        I::RejectCallerWithCode => "sender not an eoa".into(),
        I::CreateInitCodeSizeLimit => "max initcode size exceeded".into(),
        I::InvalidChainId => "invalid chain id for signer".into(),
        I::TxGasLimitGreaterThanCap { gas_limit, cap } => {
            format!("transaction gas limit too high (cap: {cap}, tx: {gas_limit})")
        }
        I::EmptyAuthorizationList => "EIP-7702 transaction with empty auth list".into(),
        I::EmptyBlobs => "blob transaction missing blob hashes".into(),
        I::BlobCreateTransaction => "blob transaction of type create".into(),
        other => other.to_string(),
    }
}

/// geth's words for an exceptional halt.
pub fn halt_text(reason: &OpHaltReason) -> String {
    use HaltReason as H;
    let text = match reason {
        OpHaltReason::FailedDeposit => "failed deposit",
        OpHaltReason::Base(reason) => match reason {
            H::OutOfGas(_) => "out of gas",
            H::OpcodeNotFound | H::NotActivated => "invalid opcode",
            H::InvalidFEOpcode => "invalid opcode: INVALID",
            H::InvalidJump => "invalid jump destination",
            H::StackUnderflow => "stack underflow",
            H::StackOverflow => "stack limit reached 1024 (1023)",
            H::OutOfOffset => "return data out of bounds",
            H::CreateCollision => "contract address collision",
            H::NonceOverflow => "nonce uint64 overflow",
            H::CreateContractSizeLimit => "max code size exceeded",
            H::CreateContractStartingWithEF => "invalid code: must not begin with 0xef",
            H::CreateInitCodeSizeLimit => "max initcode size exceeded",
            H::StateChangeDuringStaticCall | H::CallNotAllowedInsideStatic => "write protection",
            H::OutOfFunds | H::OverflowPayment => "insufficient balance for transfer",
            H::CallTooDeep => "max call depth exceeded",
            H::PrecompileError | H::PrecompileErrorWithContext(_) => return reason.to_string(),
        },
    };
    text.into()
}

/// The reason in a revert's data: `Error(string)`'s text, or the meaning of `Panic(uint256)`'s code.
///
/// `None` for custom errors and for data that is not well-formed.
pub fn revert_reason(data: &[u8]) -> Option<String> {
    const ERROR: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];
    const PANIC: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];
    let (selector, body) = data.split_at_checked(4)?;
    let word = |at: usize| body.get(at..at.checked_add(32)?).map(U256::from_be_slice);
    if selector == ERROR {
        let offset = usize::try_from(word(0)?).ok()?;
        let length = usize::try_from(word(offset)?).ok()?;
        let start = offset.checked_add(32)?;
        let text = body.get(start..start.checked_add(length)?)?;
        return Some(String::from_utf8_lossy(text).into_owned());
    }
    if selector != PANIC {
        return None;
    }
    let code = word(0)?;
    let text = match u64::try_from(code) {
        Ok(0x00) => "generic panic",
        Ok(0x01) => "assert(false)",
        Ok(0x11) => "arithmetic underflow or overflow",
        Ok(0x12) => "division or modulo by zero",
        Ok(0x21) => "enum overflow",
        Ok(0x22) => "invalid encoded storage byte array accessed",
        Ok(0x31) => "out-of-bounds array access; popping on an empty array",
        Ok(0x32) => "out-of-bounds access of an array or bytesN",
        Ok(0x41) => "out of memory",
        Ok(0x51) => "uninitialized function",
        _ => return Some(format!("unknown panic code: {code:#x}")),
    };
    Some(text.into())
}
