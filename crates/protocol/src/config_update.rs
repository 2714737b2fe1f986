//! Updates of the system configuration: events of SystemConfig on the L1
//! (OP Stack specification, system configuration, "System config updates").

use crate::abi::Words;
use alloy_primitives::{Address, B64, B256, Log, b256};
use openledger_genesis::SystemConfig;

/// `keccak("ConfigUpdate(uint256,uint8,bytes)")`.
pub const CONFIG_UPDATE_TOPIC: B256 =
    b256!("1d2b0bda21d56b8bd12d4f94ebacffdfb35f5e226f84b461103bb8beab6353be");

/// One change of the system configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigUpdate {
    /// Type 0: who may post batches.
    Batcher(Address),
    /// Type 1: the L1 fee's scalars.
    FeeScalars {
        /// Without effect since Ecotone.
        overhead: B256,
        /// Of version 0 or 1, padding checked.
        scalar: B256,
    },
    /// Type 2: gas limit of L2 blocks.
    GasLimit(u64),
    /// Type 3: who signs blocks that are gossiped. Without effect on derivation.
    UnsafeBlockSigner(Address),
    /// Type 4: `denominator u32 ‖ elasticity u32`, both zero (the chain's defaults) or neither.
    Eip1559Params(B64),
    /// Type 5: `0… ‖ operatorFeeScalar u32 ‖ operatorFeeConstant u64`.
    OperatorFee(B256),
    /// Type 6: lower bound of the base fee in wei.
    MinBaseFee(u64),
    /// Type 7: gas per byte of estimated DA; zero stands for 400.
    DaFootprintGasScalar(u16),
}

/// Why a log is no update. The log is skipped: the chain goes on with the configuration that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigUpdateError {
    /// Not the event, or not its number of topics.
    #[error("the log is no ConfigUpdate with three topics")]
    Topics,
    /// Another version than 0.
    #[error("unknown version {0}")]
    Version(B256),
    /// A type that this node does not know.
    #[error("unknown type {0}")]
    Type(B256),
    /// The data is not the ABI encoding of the type's value: a wrong offset or length, high bytes that are not zero, too
    /// few bytes or too many.
    #[error("the data is not the ABI encoding of type {0}")]
    Data(u8),
    /// The scalar's version is unknown, or its padding is not zero.
    #[error("invalid fee scalar {0}")]
    Scalar(B256),
    /// One of denominator and elasticity is zero and the other is not.
    #[error("EIP-1559 parameters {0} with one zero")]
    Eip1559Params(B64),
}

impl ConfigUpdate {
    /// Reads a log. Its address is the caller's to check.
    pub fn decode(log: &Log) -> Result<Self, ConfigUpdateError> {
        let [topic, version, kind] = log.data.topics() else {
            return Err(ConfigUpdateError::Topics);
        };
        if *topic != CONFIG_UPDATE_TOPIC {
            return Err(ConfigUpdateError::Topics);
        }
        if !version.is_zero() {
            return Err(ConfigUpdateError::Version(*version));
        }
        let (zeros, [number]) = kind.0.split_at(31) else {
            return Err(ConfigUpdateError::Type(*kind));
        };
        if zeros.iter().any(|byte| *byte != 0) || *number > 7 {
            return Err(ConfigUpdateError::Type(*kind));
        }
        let mut words = Words(&log.data.data);
        let update = Self::read(*number, &mut words).ok_or(ConfigUpdateError::Data(*number))?;
        if !words.0.is_empty() {
            return Err(ConfigUpdateError::Data(*number));
        }
        update.check()
    }

    /// The value of type `number` from the event's data: offset, length, then the value in whole words.
    fn read(number: u8, words: &mut Words<'_>) -> Option<Self> {
        let length = if number == 1 { 64 } else { 32 };
        if words.u64()? != 32 || words.u64()? != length {
            return None;
        }
        Some(match number {
            0 => Self::Batcher(words.address()?),
            1 => Self::FeeScalars {
                overhead: words.word()?,
                scalar: words.word()?,
            },
            2 => Self::GasLimit(words.u64()?),
            3 => Self::UnsafeBlockSigner(words.address()?),
            // What stands before the last eight bytes is ignored, as op-node ignores it.
            4 => Self::Eip1559Params(B64::from_slice(words.word()?.get(24..)?)),
            5 => Self::OperatorFee(words.word()?),
            6 => Self::MinBaseFee(words.u64()?),
            7 => Self::DaFootprintGasScalar(words.u16()?),
            _ => return None,
        })
    }

    /// The rules that the values obey since Ecotone and Holocene.
    fn check(self) -> Result<Self, ConfigUpdateError> {
        match self {
            Self::FeeScalars { scalar, .. } => {
                let used = match scalar[0] {
                    0 => 28..32,
                    1 => 24..32,
                    _ => return Err(ConfigUpdateError::Scalar(scalar)),
                };
                if scalar[1..used.start].iter().any(|byte| *byte != 0) {
                    return Err(ConfigUpdateError::Scalar(scalar));
                }
            }
            Self::Eip1559Params(params) => {
                let (denominator, elasticity) = params.0.split_at(4);
                if (denominator == [0; 4]) != (elasticity == [0; 4]) {
                    return Err(ConfigUpdateError::Eip1559Params(params));
                }
            }
            _ => {}
        }
        Ok(self)
    }

    /// Puts the change into effect.
    pub fn apply(&self, config: &mut SystemConfig) {
        match *self {
            Self::Batcher(batcher) => config.batcher_addr = batcher,
            Self::FeeScalars { scalar, .. } => {
                config.scalar = scalar;
                // It has no effect since Ecotone, and op-node keeps it at zero.
                config.overhead = B256::ZERO;
            }
            Self::GasLimit(limit) => config.gas_limit = limit,
            Self::UnsafeBlockSigner(_) => {}
            Self::Eip1559Params(params) => config.eip1559_params = params,
            Self::OperatorFee(params) => config.operator_fee_params = params,
            Self::MinBaseFee(fee) => config.min_base_fee = fee,
            Self::DaFootprintGasScalar(scalar) => config.da_footprint_gas_scalar = scalar,
        }
    }
}
