//! The block log: what is acknowledged before the database has it. `docs/block-log.md` is its state machine.

mod error;
pub(crate) mod frame;
mod record;
mod recover;
mod segment;
mod state;
mod writer;

pub use error::LogError;

pub use record::{BlockStart, LogRecord};
pub use recover::{Recovered, TornTail};
pub use state::LogState;
pub use writer::BlockLog;
