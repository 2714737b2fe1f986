//! What an L2 block must begin with: the one place that decides it, for the sequencer and for derivation alike.

use alloy_primitives::{Address, B64, B256, Bytes, address};
use openledger_genesis::{RollupConfig, SystemConfig};
use openledger_primitives::{Block, BlockRef, Tx};
use openledger_protocol::{
    L1Block, L1BlockInfo, L1InfoFormat, L1Inputs, L2BlockRef, L2RefError, l1_info_tx,
    system_config_of,
};

/// SequencerFeeVault: the fee recipient of every L2 block.
pub const FEE_RECIPIENT: Address = address!("0x4200000000000000000000000000000000000011");

/// An L2 block that the next one is built on, with the system configuration in force after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct L2Head {
    /// The block.
    pub block: L2BlockRef,
    /// The system configuration that the block was built with; the next block of the same epoch has the same.
    pub config: SystemConfig,
}

impl L2Head {
    /// Reads both from a block, as every rollup node can: from its L1-info deposit and its header.
    ///
    /// A configuration that left parameters to the chain's defaults comes back with those defaults spelled out, which
    /// has the same effect on every later block.
    pub fn of_block(block: &Block, rollup: &RollupConfig) -> Result<Self, L2RefError> {
        Ok(Self {
            block: L2BlockRef::of_block(block, &rollup.genesis)?,
            config: system_config_of(block, rollup)?,
        })
    }
}

/// Everything about an L2 block that its parent, its L1 origin and its batch determine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadAttributes {
    /// The block's number.
    pub number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// The origin's.
    pub prev_randao: B256,
    /// The origin's: the root of the beacon block before it.
    pub parent_beacon_block_root: B256,
    /// Gas limit of the block.
    pub gas_limit: u64,
    /// Always [`FEE_RECIPIENT`].
    pub fee_recipient: Address,
    /// `denominator u32 ‖ elasticity u32`; zero leaves them to the chain's defaults (Holocene).
    pub eip1559_params: B64,
    /// Lower bound of the base fee in wei (Jovian); `None` before Jovian.
    pub min_base_fee: Option<u64>,
    /// The L1 origin.
    pub origin: BlockRef,
    /// Number of blocks of the same epoch before this one.
    pub sequence_number: u64,
    /// The transactions that the block must begin with: the L1-info deposit, then the epoch's deposits in the order of
    /// their logs when this is its first block.
    pub forced: Vec<Tx>,
    /// The transactions after them, as the batch holds them: EIP-2718 bytes, not decoded. Empty from [`prepare`].
    pub transactions: Vec<Bytes>,
    /// The system configuration that the block is built with, and that is in force after it.
    pub config: SystemConfig,
}

/// The attributes of the block after `parent` with the L1 origin `origin`, without transactions of a batch.
///
/// `inputs` are the origin's, given exactly when it is not the parent's origin: then an epoch begins, its deposits are
/// forced and its configuration updates applied first. The caller has checked that the origin is the parent's or the
/// L1 block after it.
pub fn prepare(
    rollup: &RollupConfig,
    parent: &L2Head,
    origin: &L1Block,
    inputs: Option<&L1Inputs>,
) -> PayloadAttributes {
    let mut config = parent.config.clone();
    let sequence_number = match inputs {
        Some(inputs) => {
            inputs.apply_updates(&mut config);
            0
        }
        None => parent.block.sequence_number + 1,
    };
    let format = if rollup.is_jovian() {
        L1InfoFormat::Jovian
    } else {
        L1InfoFormat::Isthmus
    };
    let info = L1BlockInfo::new(origin, &config, sequence_number);
    let mut forced = vec![l1_info_tx(&info, format)];
    forced.extend(
        inputs
            .iter()
            .flat_map(|inputs| inputs.deposits.iter().cloned()),
    );
    PayloadAttributes {
        number: parent.block.number + 1,
        timestamp: parent.block.timestamp + rollup.block_time,
        prev_randao: origin.prev_randao,
        parent_beacon_block_root: origin.parent_beacon_block_root,
        gas_limit: config.gas_limit,
        fee_recipient: FEE_RECIPIENT,
        eip1559_params: config.eip1559_params,
        min_base_fee: rollup.is_jovian().then_some(config.min_base_fee),
        origin: origin.id(),
        sequence_number,
        forced,
        transactions: Vec::new(),
        config,
    }
}
