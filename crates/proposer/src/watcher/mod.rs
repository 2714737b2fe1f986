//! Compares every claim with the chain that this node derived.

mod core;
mod driver;

pub use self::core::Verdict;
pub use driver::{Watcher, WatcherInputs, WatcherStatus};
