//! Re-execution of transactions under geth's tracers, and call traces for people to read.
//!
//! JavaScript tracers are refused: they would run a client's program in the node.

mod bounded;
mod options;
mod readable;
mod replay;

pub use readable::{ReadableTrace, readable_trace};
pub use replay::{Replay, TraceLimits};

#[cfg(test)]
mod tests;
