//! What a block is executed with, before its transactions.

use alloy_consensus::Header;
use alloy_eips::eip4895::Withdrawals;
use alloy_evm::EvmEnv;
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{Address, B256, Bytes, U256};
use op_revm::OpSpecId;
use openledger_genesis::ChainSpec;
use openledger_primitives::Block;
use revm::{
    context::{BlockEnv, CfgEnv},
    context_interface::block::BlobExcessGasAndPrice,
    primitives::hardfork::SpecId,
};

/// Everything that is decided about a block before its first transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockAttributes {
    /// The block's number.
    pub number: u64,
    /// Hash of the parent.
    pub parent_hash: B256,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Receives priority fees.
    pub beneficiary: Address,
    /// Randomness: the L1 origin's under OP rules.
    pub prev_randao: B256,
    /// Gas limit.
    pub gas_limit: u64,
    /// Base fee in wei.
    pub base_fee: u64,
    /// Since Cancun: the parent beacon block's root (under OP rules the L1 origin's).
    pub parent_beacon_block_root: Option<B256>,
    /// Since Shanghai; empty under OP rules.
    pub withdrawals: Option<Withdrawals>,
    /// Header's extra data: fee parameters under OP rules.
    pub extra_data: Bytes,
    /// Since Cancun; zero under OP rules.
    pub excess_blob_gas: Option<u64>,
}

impl BlockAttributes {
    /// The attributes that a sealed block was built with.
    pub fn of_block(block: &Block) -> Self {
        let header = &block.header;
        Self {
            number: header.number,
            parent_hash: header.parent_hash,
            timestamp: header.timestamp,
            beneficiary: header.beneficiary,
            prev_randao: header.mix_hash,
            gas_limit: header.gas_limit,
            base_fee: header.base_fee_per_gas.unwrap_or_default(),
            parent_beacon_block_root: header.parent_beacon_block_root,
            withdrawals: block.withdrawals.clone(),
            extra_data: header.extra_data.clone(),
            excess_blob_gas: header.excess_blob_gas,
        }
    }

    /// The attributes that are visible in a header alone; withdrawals are taken as none.
    pub fn of_header(header: &Header) -> Self {
        Self {
            number: header.number,
            parent_hash: header.parent_hash,
            timestamp: header.timestamp,
            beneficiary: header.beneficiary,
            prev_randao: header.mix_hash,
            gas_limit: header.gas_limit,
            base_fee: header.base_fee_per_gas.unwrap_or_default(),
            parent_beacon_block_root: header.parent_beacon_block_root,
            withdrawals: header.withdrawals_root.map(|_| Withdrawals::default()),
            extra_data: header.extra_data.clone(),
            excess_blob_gas: header.excess_blob_gas,
        }
    }
}

/// revm's environment under either rule set.
#[derive(Debug, Clone)]
pub enum EvmEnvironment {
    /// Ethereum's.
    Ethereum(EvmEnv<SpecId>),
    /// The OP Stack's.
    Op(EvmEnv<OpSpecId>),
}

impl EvmEnvironment {
    /// The block's part.
    pub fn block_env(&self) -> &BlockEnv {
        match self {
            Self::Ethereum(env) => &env.block_env,
            Self::Op(env) => &env.block_env,
        }
    }

    /// The block's part, to override.
    pub fn block_env_mut(&mut self) -> &mut BlockEnv {
        match self {
            Self::Ethereum(env) => &mut env.block_env,
            Self::Op(env) => &mut env.block_env,
        }
    }
}

/// The environment that a block with these attributes executes in.
pub fn evm_env(spec: &ChainSpec, attributes: &BlockAttributes) -> EvmEnvironment {
    let timestamp = attributes.timestamp;
    let blob_params = spec.blob_params(timestamp);
    let blob_excess_gas_and_price = if spec.is_op() {
        Some(BlobExcessGasAndPrice {
            excess_blob_gas: 0,
            blob_gasprice: 1,
        })
    } else {
        attributes
            .excess_blob_gas
            .zip(blob_params)
            .map(|(excess_blob_gas, params)| BlobExcessGasAndPrice {
                excess_blob_gas,
                blob_gasprice: params.calc_blob_fee(excess_blob_gas),
            })
    };
    let block_env = BlockEnv {
        number: U256::from(attributes.number),
        beneficiary: attributes.beneficiary,
        timestamp: U256::from(timestamp),
        gas_limit: attributes.gas_limit,
        basefee: attributes.base_fee,
        difficulty: U256::ZERO,
        prevrandao: Some(attributes.prev_randao),
        blob_excess_gas_and_price,
        slot_num: 0,
    };
    if spec.is_op() {
        let cfg_env = CfgEnv::new()
            .with_chain_id(spec.chain_id())
            .with_spec_and_mainnet_gas_params(spec.op_spec_id(timestamp));
        return EvmEnvironment::Op(EvmEnv::new(cfg_env, block_env));
    }
    let mut cfg_env =
        CfgEnv::new_with_spec(spec.ethereum_spec_id(timestamp)).with_chain_id(spec.chain_id());
    if let Some(params) = blob_params {
        cfg_env.set_max_blobs_per_tx(params.max_blobs_per_tx);
    }
    if spec.is_osaka_active_at_timestamp(timestamp) {
        cfg_env.tx_gas_limit_cap = Some(alloy_eips::eip7825::MAX_TX_GAS_LIMIT_OSAKA);
    }
    EvmEnvironment::Ethereum(EvmEnv::new(cfg_env, block_env))
}
