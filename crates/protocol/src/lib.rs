//! What the OP Stack puts on the wire, encoded and decoded.
//!
//! Synchronous and without IO: callers bring the data. Nothing here panics on bytes from outside, and nothing allocates by
//! a length that only the bytes claim.
//!
//! - [`L1BlockInfo`]: what the first transaction of every L2 block tells about the L1.
//! - [`l1_info_deposit`], [`decode_deposit`], [`user_deposit_source`], …: deposit transactions and what makes each unique.
//! - [`ConfigUpdate`], [`system_config_of`]: the system configuration, as the L1 changes it and as L2 blocks carry it.
//! - [`L1Inputs`]: what one L1 block brings to the L2. [`inbox_tx`]: which L1 transactions are the batcher's.
//! - [`Frame`], [`encode_blob`], [`compress`], [`BatchReader`], [`Batch`]: from the batcher's transactions to the
//!   transactions of L2 blocks and back.
//! - [`L1Block`], [`L1BlockRef`], [`L2BlockRef`]: blocks as rollup nodes speak about them.
//! - [`OutputRoot`]: the commitment that withdrawals are proven against.

mod abi;
mod batch;
mod blob;
mod channel;
mod config_update;
mod deposit;
mod frame;
mod inbox;
mod l1_info;
mod l1_inputs;
mod output;
mod refs;
mod rlp;
mod system_config;

pub use batch::{
    Batch, BatchError, MAX_SPAN_BATCH_ELEMENT_COUNT, SingularBatch, SpanBatch, SpanBatchBuilder,
    SpanBlock, SpanContext, batch_rlp,
};
pub use blob::{BLOB_CAPACITY, BlobError, decode_blob, encode_blob};
pub use channel::{
    BatchReader, ChannelEnd, Compression, Decompressed, MAX_RLP_BYTES_PER_CHANNEL, compress,
    decompress,
};
pub use config_update::{CONFIG_UPDATE_TOPIC, ConfigUpdate, ConfigUpdateError};
pub use deposit::{
    ALIAS_OFFSET, DEPOSIT_EVENT_TOPIC, DepositError, L1_BLOCK_ADDRESS, L1_INFO_DEPOSITOR,
    L1_INFO_GAS_LIMIT, alias, decode_deposit, l1_info_deposit, l1_info_source, l1_info_tx, unalias,
    upgrade_source, user_deposit_source,
};
pub use frame::{
    ChannelId, DERIVATION_VERSION_0, FRAME_OVERHEAD, Frame, FrameError, MAX_FRAME_LEN,
    decode_frames, encode_frames,
};
pub use inbox::{InboxData, InboxTx, inbox_tx};
pub use l1_info::{L1BlockInfo, L1InfoError, L1InfoFormat};
pub use l1_inputs::L1Inputs;
pub use output::OutputRoot;
pub use refs::{L1Block, L1BlockRef, L2BlockRef, L2RefError};
pub use system_config::system_config_of;
