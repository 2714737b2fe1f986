//! `rollup.json` in the OP Stack's own shape.

use alloy_primitives::{Address, B64, B256, U256};
use openledger_primitives::BlockRef;
use serde::{Deserialize, Serialize};

/// The newest OP fork that is active from genesis on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OpFork {
    /// Isthmus: what independent verifiers of early 2026 read.
    Isthmus,
    /// Jovian: minimum base fee and DA footprint.
    #[default]
    Jovian,
}

/// The rollup configuration, as op-node reads it. Unknown keys are refused: they may change consensus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollupConfig {
    /// Where both chains begin.
    pub genesis: RollupGenesis,
    /// Seconds between L2 blocks.
    pub block_time: u64,
    /// Seconds that the L2 may run ahead of its L1 origin; 1800 by protocol since Fjord.
    pub max_sequencer_drift: u64,
    /// L1 blocks in which a batch may land.
    pub seq_window_size: u64,
    /// L1 blocks in which a channel must complete.
    pub channel_timeout: u64,
    /// EIP-155 id of the L1.
    pub l1_chain_id: u64,
    /// EIP-155 id of the L2.
    pub l2_chain_id: u64,
    /// Activation times; `None` is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regolith_time: Option<u64>,
    /// See `regolith_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canyon_time: Option<u64>,
    /// See `regolith_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta_time: Option<u64>,
    /// See `regolith_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ecotone_time: Option<u64>,
    /// See `regolith_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fjord_time: Option<u64>,
    /// See `regolith_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granite_time: Option<u64>,
    /// See `regolith_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holocene_time: Option<u64>,
    /// See `regolith_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isthmus_time: Option<u64>,
    /// See `regolith_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jovian_time: Option<u64>,
    /// Where batches go on the L1.
    pub batch_inbox_address: Address,
    /// The L1 portal that emits deposits.
    pub deposit_contract_address: Address,
    /// The L1 SystemConfig.
    pub l1_system_config_address: Address,
    /// Fee-market defaults.
    pub chain_op_config: ChainOpConfig,
}

/// Fee-market defaults of an OP chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainOpConfig {
    /// Gas limit / elasticity is the target.
    pub eip1559_elasticity: u32,
    /// Denominator before Canyon.
    pub eip1559_denominator: u32,
    /// Denominator since Canyon.
    pub eip1559_denominator_canyon: u32,
}

/// Where both chains begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollupGenesis {
    /// The L1 block at which derivation starts.
    pub l1: L1Genesis,
    /// The L2 genesis block.
    pub l2: BlockRef,
    /// The L2 genesis block's timestamp in seconds.
    pub l2_time: u64,
    /// The system configuration at genesis.
    pub system_config: SystemConfig,
}

/// Number and hash of the L1 block at which derivation starts.
pub type L1Genesis = BlockRef;

/// What SystemConfig on the L1 holds, as of one L1 block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemConfig {
    /// The only sender whose batches count.
    #[serde(rename = "batcherAddr", alias = "batcherAddress")]
    pub batcher_addr: Address,
    /// Legacy overhead; zero since Ecotone.
    pub overhead: B256,
    /// Version 1: `0x01 ‖ … ‖ blobBaseFeeScalar u32 ‖ baseFeeScalar u32`.
    pub scalar: B256,
    /// Gas limit of an L2 block.
    pub gas_limit: u64,
    /// `denominator u32 ‖ elasticity u32`; zero: the chain's defaults.
    #[serde(default)]
    pub eip1559_params: B64,
    /// `0… ‖ operatorFeeScalar u32 ‖ operatorFeeConstant u64`.
    #[serde(default)]
    pub operator_fee_params: B256,
    /// Lower bound of the base fee in wei (Jovian).
    #[serde(default)]
    pub min_base_fee: u64,
    /// Gas per byte of estimated DA (Jovian); zero stands for 400.
    #[serde(default)]
    pub da_footprint_gas_scalar: u16,
}

/// Decoded `eip1559Params`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eip1559Params {
    /// Change denominator.
    pub denominator: u32,
    /// Elasticity multiplier.
    pub elasticity: u32,
}

impl SystemConfig {
    /// `DA_FOOTPRINT_GAS_SCALAR` where the configuration holds zero.
    pub const DEFAULT_DA_FOOTPRINT_GAS_SCALAR: u16 = 400;

    /// Packs the two Ecotone scalars into version 1 of `scalar`.
    pub fn encode_scalars(base_fee_scalar: u32, blob_base_fee_scalar: u32) -> B256 {
        let mut scalar = B256::ZERO;
        scalar[0] = 1;
        scalar[24..28].copy_from_slice(&blob_base_fee_scalar.to_be_bytes());
        scalar[28..32].copy_from_slice(&base_fee_scalar.to_be_bytes());
        scalar
    }

    /// `(baseFeeScalar, blobBaseFeeScalar)`. Version 0 has only the base-fee scalar.
    pub fn scalars(&self) -> (u32, u32) {
        let word = |at: usize| {
            u32::from_be_bytes([
                self.scalar[at],
                self.scalar[at + 1],
                self.scalar[at + 2],
                self.scalar[at + 3],
            ])
        };
        if self.scalar[0] == 1 {
            (word(28), word(24))
        } else {
            (word(28), 0)
        }
    }

    /// `(operatorFeeScalar, operatorFeeConstant)`.
    pub fn operator_fee(&self) -> (u32, u64) {
        let value = U256::from_be_bytes(self.operator_fee_params.0);
        let limbs = value.as_limbs();
        ((limbs[1] & 0xffff_ffff) as u32, limbs[0])
    }

    /// Packs the operator fee.
    pub fn encode_operator_fee(scalar: u32, constant: u64) -> B256 {
        B256::from(U256::from_limbs([constant, u64::from(scalar), 0, 0]))
    }

    /// The fee-market parameters, `None` when the chain's defaults apply.
    pub fn eip1559(&self) -> Option<Eip1559Params> {
        let bytes = self.eip1559_params.0;
        let denominator = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let elasticity = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        (denominator != 0 && elasticity != 0).then_some(Eip1559Params {
            denominator,
            elasticity,
        })
    }

    /// The scalar that L1Block receives: zero is encoded as 400.
    pub fn effective_da_footprint_gas_scalar(&self) -> u16 {
        if self.da_footprint_gas_scalar == 0 {
            Self::DEFAULT_DA_FOOTPRINT_GAS_SCALAR
        } else {
            self.da_footprint_gas_scalar
        }
    }
}

impl RollupConfig {
    /// True when Jovian is active at genesis.
    pub fn is_jovian(&self) -> bool {
        self.jovian_time
            .is_some_and(|at| at <= self.genesis.l2_time)
    }

    /// The conventional batch inbox: `0x00 ‖ keccak(u256(chainId))[..19]`.
    pub fn conventional_inbox(l2_chain_id: u64) -> Address {
        let hash = alloy_primitives::keccak256(U256::from(l2_chain_id).to_be_bytes::<32>());
        let mut address = [0u8; 20];
        address[1..].copy_from_slice(&hash[..19]);
        Address::from(address)
    }
}
