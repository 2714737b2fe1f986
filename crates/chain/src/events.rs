//! What subscribers are told.

use crate::PendingBlock;
use openledger_storage::ExecutedBlock;
use std::{ops::Range, sync::Arc};

/// A change of the chain, in order.
#[derive(Debug, Clone)]
pub enum ChainEvent {
    /// A block became the head.
    Committed(Arc<ExecutedBlock>),
    /// Blocks were taken back, newest first.
    Retracted(Vec<Arc<ExecutedBlock>>),
    /// Transactions of the open block became preconfirmed: those in the range are new.
    Preconfirmed(Arc<PendingBlock>, Range<usize>),
    /// The open block was taken back with its preconfirmed transactions.
    PendingRetracted(Arc<PendingBlock>),
}
