//! What the OP Stack puts on the wire, encoded and decoded.
//!
//! Synchronous and without IO: callers bring the data. Nothing here panics on bytes from outside.
//!
//! - [`L1BlockInfo`]: what the first transaction of every L2 block tells about the L1.
//! - [`l1_info_deposit`], [`user_deposit_source`], …: deposit transactions and what makes each unique.
//! - [`L1Block`], [`L1BlockRef`], [`L2BlockRef`]: blocks as rollup nodes speak about them.
//! - [`OutputRoot`]: the commitment that withdrawals are proven against.

mod deposit;
mod l1_info;
mod output;
mod refs;

pub use deposit::{
    L1_BLOCK_ADDRESS, L1_INFO_DEPOSITOR, L1_INFO_GAS_LIMIT, l1_info_deposit, l1_info_source,
    l1_info_tx, upgrade_source, user_deposit_source,
};
pub use l1_info::{L1BlockInfo, L1InfoError, L1InfoFormat};
pub use output::OutputRoot;
pub use refs::{L1Block, L1BlockRef, L2BlockRef, L2RefError};
