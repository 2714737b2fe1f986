//! revm and op-revm wrapped once: transactions in, receipts and state changes out.
//!
//! One [`BlockExecution`] executes a block's transactions one by one under the rule set of its [`ChainSpec`]; the sequencer,
//! the embedded L1, the importer and the independent verifier all run it. It reads the state through [`StateSource`] and writes
//! nothing: what changed comes out as [`BlockChanges`].
//!
//! [`ChainSpec`]: openledger_genesis::ChainSpec
//! [`BlockChanges`]: openledger_primitives::BlockChanges

mod attributes;
mod block;
mod changes;
mod contained;
mod header;
mod op;
mod simulate;
mod state;
mod trace;
mod verify;

pub use attributes::{BlockAttributes, EvmEnvironment, evm_env};
pub use block::{BlockExecution, ExecutedPayload, TxError, TxOutcome, TxStatus, history_slot};
pub use changes::{AccountDelta, StateDelta};
pub use contained::{ContainedOpEvm, ExecutionError};
pub use header::{
    FeeParams, HeaderError, assemble_header, expected_excess_blob_gas, header_without_roots,
    next_base_fee, validate_header,
};
pub use simulate::{
    AccessListOutcome, CallOutcome, CallStatus, DEFAULT_CALL_GAS_CAP, SimulateError, Simulation,
    halt_text, invalid_text, revert_reason,
};
pub use state::{MemoryState, StateDb, StateError, StateSource};
pub use trace::{ReadableTrace, Replay, TraceLimits, readable_trace};
pub use verify::{Mismatch, VerifyError, execute_block, verify_block};
