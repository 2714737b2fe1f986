//! The L1 seen from here.
//!
//! - [`L1Client`]: one endpoint or several, of which one is asked at a time, with time-outs and retries; answers are checked before
//!   they are believed, and an endpoint before it takes the place of one that fails.
//! - [`HeadTracker`]: a task that follows the head, remembers the canonical chain, and tells of reorganisations.
//! - [`BlobSchedule`]: the L1's own blob parameters, from which its blob base fee follows.
//! - [`BeaconClient`] and [`L1Source`]: blobs, each checked against its versioned hash, and the batcher's payloads.
//! - [`TxManager`]: transactions of one account, each at its nonce, until they are included.
//!
//! What it does not do: decide what the L2 makes of an L1 block, or what is sent at which nonce.

mod asking;
mod beacon;
mod client;
mod endpoints;
mod error;
mod follower;
mod inbox;
mod metrics;
mod receipts;
mod reported;
mod schedule;
mod source;
mod tracker;
mod tx_manager;
mod views;
mod window;

pub use asking::Pins;
pub use beacon::BeaconClient;
pub use client::{L1Client, L1Options};
pub use endpoints::{
    address::{check_urls, shown_url},
    transport::Transport,
};
pub use error::{ErrorKind, L1Error};
pub use openledger_protocol::{L1Block, L1BlockRef};
pub use schedule::BlobSchedule;
pub use source::L1Source;
pub use tracker::{HeadTracker, L1Event, L1View, TrackerOptions};
pub use tx_manager::{
    Hold, TxCandidate, TxEvent, TxManager, TxManagerConfig, TxManagerStatus, TxPayload,
};
pub use views::{ViewError, Views};
pub use window::{Advance, HeadWindow};
