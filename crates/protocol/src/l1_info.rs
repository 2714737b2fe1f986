//! The calldata of the L1-info deposit: packed big-endian fields behind a selector, one layout for each fork.

use crate::L1Block;
use alloy_primitives::{B256, Bytes, U256};
use openledger_genesis::{OpFork, SystemConfig};

/// The layouts, each the previous one with fields appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum L1InfoFormat {
    /// `setL1BlockValuesEcotone()`: 164 bytes.
    Ecotone,
    /// `setL1BlockValuesIsthmus()`: 176 bytes, with the operator fee.
    Isthmus,
    /// `setL1BlockValuesJovian()`: 178 bytes, with the DA footprint's scalar.
    Jovian,
}

impl L1InfoFormat {
    /// Every layout, oldest first.
    pub const ALL: [Self; 3] = [Self::Ecotone, Self::Isthmus, Self::Jovian];

    /// The function selector in front.
    pub const fn selector(self) -> [u8; 4] {
        match self {
            Self::Ecotone => [0x44, 0x0a, 0x5e, 0x20],
            Self::Isthmus => [0x09, 0x89, 0x99, 0xbe],
            Self::Jovian => [0x3d, 0xb6, 0xbe, 0x2b],
        }
    }

    /// Length of the calldata in bytes, selector included.
    pub const fn len(self) -> usize {
        match self {
            Self::Ecotone => 164,
            Self::Isthmus => 176,
            Self::Jovian => 178,
        }
    }

    /// Never true; there for symmetry with [`len`](Self::len).
    pub const fn is_empty(self) -> bool {
        false
    }
}

impl From<OpFork> for L1InfoFormat {
    fn from(fork: OpFork) -> Self {
        match fork {
            OpFork::Isthmus => Self::Isthmus,
            OpFork::Jovian => Self::Jovian,
        }
    }
}

/// Why calldata is not L1 information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum L1InfoError {
    /// Fewer than four bytes.
    #[error("L1 info calldata has {0} bytes, which is less than a selector")]
    NoSelector(usize),
    /// The selector belongs to no layout from Ecotone to Jovian.
    #[error("L1 info calldata begins with the unknown selector 0x{}", alloy_primitives::hex::encode(.0))]
    UnknownSelector([u8; 4]),
    /// The length is not the layout's.
    #[error("L1 info calldata of the {format:?} layout has {found} bytes, not {}", .format.len())]
    Length {
        /// The layout that the selector names.
        format: L1InfoFormat,
        /// Bytes found, selector included.
        found: usize,
    },
}

/// What an L2 block says about its L1 origin and the fee parameters in force.
///
/// Fields that a layout does not carry are zero after decoding, and are left out by encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct L1BlockInfo {
    /// The origin's number.
    pub number: u64,
    /// The origin's timestamp in seconds.
    pub timestamp: u64,
    /// The origin's base fee in wei.
    pub base_fee: U256,
    /// The origin's blob base fee in wei.
    pub blob_base_fee: U256,
    /// The origin's hash.
    pub hash: B256,
    /// Number of L2 blocks with the same origin before this one.
    pub sequence_number: u64,
    /// The batcher's address, left-padded.
    pub batcher_hash: B256,
    /// Scalar of the base fee, in millionths.
    pub base_fee_scalar: u32,
    /// Scalar of the blob base fee, in millionths.
    pub blob_base_fee_scalar: u32,
    /// Operator fee for each unit of gas, in millionths of a wei (Jovian: hundreds of wei).
    pub operator_fee_scalar: u32,
    /// Operator fee for each transaction in wei.
    pub operator_fee_constant: u64,
    /// Gas for each byte of estimated DA (Jovian).
    pub da_footprint_gas_scalar: u16,
}

impl L1BlockInfo {
    /// What the `sequence_number`-th L2 block of the epoch of `origin` says, under the system configuration of that epoch.
    pub fn new(origin: &L1Block, config: &SystemConfig, sequence_number: u64) -> Self {
        let (base_fee_scalar, blob_base_fee_scalar) = config.scalars();
        let (operator_fee_scalar, operator_fee_constant) = config.operator_fee();
        Self {
            number: origin.number,
            timestamp: origin.timestamp,
            base_fee: U256::from(origin.base_fee),
            blob_base_fee: U256::from(origin.blob_base_fee),
            hash: origin.hash,
            sequence_number,
            batcher_hash: config.batcher_addr.into_word(),
            base_fee_scalar,
            blob_base_fee_scalar,
            operator_fee_scalar,
            operator_fee_constant,
            da_footprint_gas_scalar: config.effective_da_footprint_gas_scalar(),
        }
    }

    /// The calldata in the given layout.
    pub fn encode(&self, format: L1InfoFormat) -> Bytes {
        let mut out = Vec::with_capacity(format.len());
        out.extend_from_slice(&format.selector());
        out.extend_from_slice(&self.base_fee_scalar.to_be_bytes());
        out.extend_from_slice(&self.blob_base_fee_scalar.to_be_bytes());
        out.extend_from_slice(&self.sequence_number.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.base_fee.to_be_bytes::<32>());
        out.extend_from_slice(&self.blob_base_fee.to_be_bytes::<32>());
        out.extend_from_slice(self.hash.as_slice());
        out.extend_from_slice(self.batcher_hash.as_slice());
        if format >= L1InfoFormat::Isthmus {
            out.extend_from_slice(&self.operator_fee_scalar.to_be_bytes());
            out.extend_from_slice(&self.operator_fee_constant.to_be_bytes());
        }
        if format >= L1InfoFormat::Jovian {
            out.extend_from_slice(&self.da_footprint_gas_scalar.to_be_bytes());
        }
        out.into()
    }

    /// Reads calldata of any layout from Ecotone to Jovian.
    ///
    /// Fails on an unknown selector and on any length but the layout's own.
    pub fn decode(calldata: &[u8]) -> Result<(L1InfoFormat, Self), L1InfoError> {
        let Some((selector, fields)) = calldata.split_first_chunk::<4>() else {
            return Err(L1InfoError::NoSelector(calldata.len()));
        };
        let format = L1InfoFormat::ALL
            .into_iter()
            .find(|format| format.selector() == *selector)
            .ok_or(L1InfoError::UnknownSelector(*selector))?;
        let mut fields = Fields(fields);
        Self::read(format, &mut fields)
            .filter(|_| fields.0.is_empty())
            .map(|info| (format, info))
            .ok_or(L1InfoError::Length {
                format,
                found: calldata.len(),
            })
    }

    fn read(format: L1InfoFormat, fields: &mut Fields<'_>) -> Option<Self> {
        let mut info = Self {
            base_fee_scalar: u32::from_be_bytes(fields.take()?),
            blob_base_fee_scalar: u32::from_be_bytes(fields.take()?),
            sequence_number: u64::from_be_bytes(fields.take()?),
            timestamp: u64::from_be_bytes(fields.take()?),
            number: u64::from_be_bytes(fields.take()?),
            base_fee: U256::from_be_bytes(fields.take::<32>()?),
            blob_base_fee: U256::from_be_bytes(fields.take::<32>()?),
            hash: B256::from(fields.take()?),
            batcher_hash: B256::from(fields.take()?),
            ..Self::default()
        };
        if format >= L1InfoFormat::Isthmus {
            info.operator_fee_scalar = u32::from_be_bytes(fields.take()?);
            info.operator_fee_constant = u64::from_be_bytes(fields.take()?);
        }
        if format >= L1InfoFormat::Jovian {
            info.da_footprint_gas_scalar = u16::from_be_bytes(fields.take()?);
        }
        Some(info)
    }
}

/// What is left to read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
}
