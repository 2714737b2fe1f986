//! Claims output roots, and sees its games to their end.

mod core;
mod driver;

pub use driver::{Proposer, ProposerInputs, ProposerStatus};
