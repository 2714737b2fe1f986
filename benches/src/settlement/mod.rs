//! What it costs to have the chain on the L1: bytes and CPU of its batches, and the time in which it is rebuilt from them.

mod encoding;
mod layer_one;
mod report;

pub use encoding::{BlockList, JudgedSizes, Sizes, judge, kzg_micros_per_blob};
pub use layer_one::{Lag, Posted, Settlement};
pub use report::{Kind, Run, Tables, Verified};

use crate::{RpcError, node::NodeError, session::SessionError};
use std::io;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// A node does not start.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A load failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A node went away or refused what it must answer.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// A file or a program is not usable.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A program did not do what it is for.
    #[error("{program} failed: {said}")]
    Program {
        /// Which.
        program: String,
        /// Its last words.
        said: String,
    },
    /// An answer is not what the protocol says.
    #[error("{0}")]
    Malformed(String),
}

impl SettlementError {
    pub(crate) fn malformed(what: impl std::fmt::Display) -> Self {
        Self::Malformed(what.to_string())
    }
}
