//! Output roots on the L1: proposing them, and watching what is proposed.
//!
//! - [`Settlement`]: the contracts of a rollup's way out, found through its portal.
//! - [`Proposer`]: claims output roots, resolves its games when their clock is out, moves the anchor, takes bonds back.
//! - [`Watcher`]: compares every claim with the chain that this node derived; alarms, and challenges when it holds the key.
//!
//! Neither keeps a state of its own: what is to be done follows from the L1 and from the derived chain, so both may be ended
//! and started at any point. What they do not do: derive the chain, or decide what the contracts believe.

mod config;
mod games;
mod metrics;
mod outbox;
mod output;
mod proposer;
mod round;
mod settlement;
mod watcher;

pub use config::{ProposalSource, ProposerConfig};
pub use games::{Claim, Game, GameBook, GameProgress, GameStatus};
pub use output::{Derived, Outputs};
pub use proposer::{Proposer, ProposerInputs, ProposerStatus};
pub use settlement::{Settlement, SettlementError};
pub use watcher::{Verdict, Watcher, WatcherInputs, WatcherStatus};
