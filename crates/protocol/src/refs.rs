//! Blocks of both layers, as rollup nodes speak about them. Numbers are JSON numbers here, not hex.

use crate::{L1BlockInfo, L1InfoError};
use alloy_consensus::Transaction;
use alloy_primitives::{B256, Bytes};
use openledger_genesis::RollupGenesis;
use openledger_primitives::{Block, BlockRef};
use serde::{Deserialize, Serialize};

/// What the L2 takes from an L1 block's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct L1Block {
    /// The block's number.
    pub number: u64,
    /// The block's hash.
    pub hash: B256,
    /// The parent's hash.
    pub parent_hash: B256,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Base fee in wei.
    pub base_fee: u64,
    /// Excess blob gas; `None` before Cancun.
    pub excess_blob_gas: Option<u64>,
    /// Blob base fee in wei by the L1's own blob schedule; 1 before Cancun.
    pub blob_base_fee: u128,
    /// The header's `mixHash`.
    pub prev_randao: B256,
    /// Root of the parent beacon block; zero before Cancun.
    pub parent_beacon_block_root: B256,
    /// Root of the receipts, against which fetched receipts are checked.
    pub receipts_root: B256,
    /// Gas limit.
    pub gas_limit: u64,
}

impl L1Block {
    /// The reference to it.
    pub fn block_ref(&self) -> L1BlockRef {
        L1BlockRef {
            hash: self.hash,
            number: self.number,
            parent_hash: self.parent_hash,
            timestamp: self.timestamp,
        }
    }

    /// Number and hash.
    pub fn id(&self) -> BlockRef {
        BlockRef {
            hash: self.hash,
            number: self.number,
        }
    }
}

/// An L1 block, as `optimism_syncStatus` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct L1BlockRef {
    /// The block's hash.
    pub hash: B256,
    /// The block's number.
    pub number: u64,
    /// The parent's hash.
    pub parent_hash: B256,
    /// Seconds since 1970.
    pub timestamp: u64,
}

impl L1BlockRef {
    /// Number and hash.
    pub fn id(&self) -> BlockRef {
        BlockRef {
            hash: self.hash,
            number: self.number,
        }
    }
}

/// An L2 block with its place on the L1, as `optimism_syncStatus` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct L2BlockRef {
    /// The block's hash.
    pub hash: B256,
    /// The block's number.
    pub number: u64,
    /// The parent's hash.
    pub parent_hash: B256,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// The L1 block whose epoch it belongs to.
    #[serde(rename = "l1origin")]
    pub l1_origin: BlockRef,
    /// Number of blocks of the epoch before it.
    pub sequence_number: u64,
}

/// Why a block does not say where on the L1 it belongs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum L2RefError {
    /// The block at the genesis height is another one.
    #[error("block {number} is {found}, the rollup configuration's genesis is {expected}")]
    Genesis {
        /// The genesis height.
        number: u64,
        /// Hash by the rollup configuration.
        expected: B256,
        /// Hash of the block.
        found: B256,
    },
    /// The first transaction is no deposit, or there is none.
    #[error("L2 block {0} does not begin with an L1-info deposit")]
    NoL1Info(u64),
    /// The first transaction's calldata is not L1 information.
    #[error("L2 block {number}: {error}")]
    L1Info {
        /// The block's number.
        number: u64,
        /// What is wrong with it.
        error: L1InfoError,
    },
    /// The header's `extraData` is not the fork's fee-market parameters.
    #[error("L2 block {number}: extraData {extra_data} does not hold the fee market's parameters")]
    ExtraData {
        /// The block's number.
        number: u64,
        /// What stands there.
        extra_data: Bytes,
    },
}

impl L2BlockRef {
    /// The reference to a block, whose L1 origin is read from its first transaction; the genesis block's is configured.
    pub fn of_block(block: &Block, genesis: &RollupGenesis) -> Result<Self, L2RefError> {
        let number = block.number();
        let (l1_origin, sequence_number) = match l1_info_of(block, genesis)? {
            None => (genesis.l1, 0),
            Some(info) => (
                BlockRef {
                    hash: info.hash,
                    number: info.number,
                },
                info.sequence_number,
            ),
        };
        Ok(Self {
            hash: block.hash(),
            number,
            parent_hash: block.header.parent_hash,
            timestamp: block.header.timestamp,
            l1_origin,
            sequence_number,
        })
    }

    /// Number and hash.
    pub fn id(&self) -> BlockRef {
        BlockRef {
            hash: self.hash,
            number: self.number,
        }
    }
}

/// What a block's first transaction says; `None` for the genesis block, which has none and must be the configured one.
pub(crate) fn l1_info_of(
    block: &Block,
    genesis: &RollupGenesis,
) -> Result<Option<L1BlockInfo>, L2RefError> {
    let number = block.number();
    if number <= genesis.l2.number {
        if block.block_ref() != genesis.l2 {
            return Err(L2RefError::Genesis {
                number,
                expected: genesis.l2.hash,
                found: block.hash(),
            });
        }
        return Ok(None);
    }
    let first = block.transactions.first().and_then(|tx| tx.as_deposit_tx());
    let deposit = first.ok_or(L2RefError::NoL1Info(number))?;
    let (_, info) = L1BlockInfo::decode(deposit.input())
        .map_err(|error| L2RefError::L1Info { number, error })?;
    Ok(Some(info))
}
