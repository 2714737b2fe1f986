//! From L1 data to payload attributes, stage by stage as in the OP Stack specification; synchronous, no IO.
//!
//! [`Pipeline`] asks for data ([`Request`]) and gives out blocks to be made ([`Derived`]). Its stages, from the outermost:
//!
//! 1. L1 traversal: the L1 block being read, and the batcher that counts in it.
//! 2. L1 retrieval: the batcher's payloads in that block.
//! 3. Frame queue: the frames of one payload.
//! 4. Channel assembler: the one channel that frames are being put together for.
//! 5. Channel reader: decompression, batches.
//! 6. Batch stage: the rules for batches, spans, and empty blocks when the sequencing window is over.
//! 7. Attributes queue: what the block is made of.
//!
//! Only the rules since Holocene are implemented, since every chain here has them from its genesis. `docs/derivation.md` lists
//! what each stage drops, and where this differs from op-node.
//!
//! [`LookAhead`] reads batches before the pipeline does, for whoever prepares what is likely to come next.
//!
//! [`prepare`] is what the sequencer shares with it: what an L2 block must begin with.
//!
//! What it does not do: fetch anything, make blocks, or choose the block to start from.

mod attributes;
mod attributes_queue;
mod batch_stage;
mod batch_validity;
mod channel_assembler;
mod channel_reader;
mod error;
mod frame_queue;
#[cfg(test)]
mod kit;
mod l1_retrieval;
mod l1_traversal;
mod l1_window;
mod look_ahead;
mod pipeline;
#[cfg(test)]
mod tests;

pub use attributes::{FEE_RECIPIENT, L2Head, PayloadAttributes, prepare};
pub use attributes_queue::Derived;
pub use batch_validity::MAX_SEQUENCER_DRIFT;
pub use channel_assembler::CHANNEL_TIMEOUT;
pub use error::ResetReason;
pub use look_ahead::LookAhead;
pub use pipeline::{Pipeline, Request, Step, start_number};
