//! The sequencer: it decides the order of transactions and makes blocks of them.
//!
//! Four threads work on a block, each on a different one: the *builder* executes block n+1 as transactions arrive, the *log writer*
//! makes groups of them durable and publishes them, the *sealer* computes the state root of block n, and the *verifier* executes
//! block n-1 again from its parent's state. `docs/block-log.md` describes what is durable when, and what happens after a crash.
//!
//! Derivation has the last word: the builder holds still while it finds out where the chain stands, and
//! [`Sequencer::adopt`] puts a derived block in the place of what was produced. An operator may stop production as well.
//!
//! What it does not do: post to the L1, derive blocks from it, or admit transactions (the pool does).

mod adoption;
mod attributes;
mod behind;
mod builder;
mod clock;
mod command;
mod config;
mod error;
mod halt;
mod log_writer;
mod metrics;
mod opening;
mod origin;
mod rebuild;
mod recovery;
mod retraction;
mod sealer;
mod sequencer;
#[cfg(test)]
mod tests;
mod unsealed;
mod verifier;
mod wake;

pub use adoption::{AdoptedPayload, Adoption};
pub use attributes::{block_attributes, head_info, same_payload};
pub use clock::Clock;
pub use command::{Starting, Stopping};
pub use config::{DaLimitSource, DaLimits, FailedTransaction, OnVerified, SequencerConfig};
pub use error::SequencerError;
pub use origin::{OriginChoice, Origins, choose_origin};
pub use rebuild::{ChangedReceipt, Rebuilt, rebuild};
pub use sequencer::{Sequencer, SequencerStatus};
pub use wake::Wake;
