//! The canonical chain of one rule set.
//!
//! [`Chain`] holds the last blocks in memory and everything else in the database; a persistence thread moves blocks from one to
//! the other in batches. Readers see a consistent state at any block of the history window, at the head, and in the open block
//! (pending). Blocks enter in two ways: a producer [`seal`](Chain::seal)s what it executed, or a foreign block is
//! [`import`](Chain::import)ed. They leave from the top by [`unwind_to`](Chain::unwind_to).
//!
//! What it does not do: choose between forks, produce blocks, or keep acknowledgements durable (that is the block log's).

mod chain;
mod error;
mod events;
mod memory;
mod metrics;
mod pending;
mod persistence;
mod proof;
mod read;
mod versions;
mod view;

pub use chain::{Chain, ChainConfig};
pub use error::ChainError;
pub use events::ChainEvent;
pub use pending::{PendingBlock, PendingBuilder};
pub use proof::AccountProof;
