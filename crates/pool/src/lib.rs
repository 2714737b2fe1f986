//! The transaction pool: what may wait for a block, in which order it leaves, and what has to go when room is short.
//!
//! The pool reads no database: callers pass each sender's [`AccountView`] along with the transaction, and tell the pool what
//! execution and new blocks changed. [`Pool::validate`] is the part that costs time (KZG, authorisation signatures); it
//! takes no lock and can run on as many threads as there are. [`Pool::insert`] takes the lock once for a whole batch.
//!
//! What it does not do: it does not read the state, execute, gossip or know privileged senders, and it does not choose what
//! fits a block. The sequencer does that, and gives back what does not.

mod account;
mod best;
mod config;
mod content;
mod context;
mod error;
mod fee_index;
mod insert;
mod journal;
mod metrics;
mod pool;
mod progress;
mod state;
#[cfg(test)]
mod tests;
mod validate;

pub use account::{AccountCode, AccountView};
pub use best::BestTransactions;
pub use config::PoolConfig;
pub use content::{PoolContent, PoolStatus};
pub use context::{ChainContext, HeadInfo};
pub use error::Rejected;
pub use insert::Added;
pub use journal::{LoadedJournal, PoolJournal};
pub use pool::{Maintenance, Pool};
pub use progress::{Executed, Rejection};
pub use validate::ValidTx;
