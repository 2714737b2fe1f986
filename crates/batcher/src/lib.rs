//! The batcher: verified blocks become channels, channels become transactions on the L1.
//!
//! - [`Encoder`], [`Packer`]: blocks to span batches, compressed channels and full payloads. Synchronous.
//! - [`Core`]: what to do next, as a state machine. [`Journal`]: what must survive a crash.
//! - [`Batcher`]: the task that carries it out, and [`Throttle`], which holds the sequencer back when the L1 takes too little.
//!
//! `README.md` says what it does not do and what was measured.

mod config;
mod driver;
mod encoder;
mod journal;
mod metrics;
mod throttle;

pub use config::{BadThrottle, BatcherConfig, ChannelConfig, PostingConfig, ThrottleConfig};
pub use driver::{
    Action, Batcher, BatcherError, BatcherInputs, Core, CoreStatus, DaMode, DerivationStatus,
    L1Conditions, Payload, Post, PostEvent, Posts, Start,
};
pub use encoder::{
    BlockRange, Channel, ChannelInfo, CloseReason, ClosedChannel, DaKind, EncodeError, Encoder,
    Missing, Packed, Packer, Piece, Rejected, assemble, compress_batch,
};
pub use journal::{Entry, Journal, JournalError, Record, Transaction};
pub use throttle::Throttle;
