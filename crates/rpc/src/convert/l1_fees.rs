//! What the L1 charges an L2 transaction, as receipts report it (OP rules).

use alloy_primitives::U256;
use openledger_primitives::Tx;

/// Ecotone's fields; Isthmus and Jovian append theirs.
const ECOTONE_LEN: usize = 164;
const ISTHMUS_LEN: usize = 176;
const JOVIAN_LEN: usize = 178;
/// `fee = size * scaled / 10^12`: both the size and the scalars are in millionths.
const FEE_DIVISOR: u64 = 1_000_000_000_000;
/// Gas that a byte of calldata once cost on the L1; what is left of it is `l1GasUsed`.
const GAS_PER_BYTE: u64 = 16;

/// The fee parameters of one block, from the L1-info deposit that opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct L1Fees {
    /// The L1 origin's base fee in wei.
    pub base_fee: U256,
    /// Weight of the base fee, in millionths.
    pub base_fee_scalar: u32,
    /// The L1 origin's blob base fee in wei.
    pub blob_base_fee: U256,
    /// Weight of the blob base fee, in millionths.
    pub blob_base_fee_scalar: u32,
    /// Weight of the gas in the operator fee.
    pub operator_fee_scalar: u32,
    /// Constant part of the operator fee in wei.
    pub operator_fee_constant: u64,
    /// Gas per estimated byte of DA (Jovian).
    pub da_footprint_gas_scalar: Option<u16>,
}

/// The same for one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TxL1Fees {
    /// The L1 fee in wei.
    pub fee: U256,
    /// L1 gas that the compressed transaction would use as calldata; deprecated, but clients read it.
    pub gas_used: u64,
    /// The DA footprint in gas (Jovian).
    pub da_footprint: Option<u64>,
}

impl L1Fees {
    /// Reads the parameters from a block's transactions. `None` when the first is not an L1-info deposit of Ecotone or
    /// later, as in the genesis block.
    pub fn of_block<'a>(transactions: impl IntoIterator<Item = &'a Tx>) -> Option<Self> {
        let first = transactions.into_iter().next()?;
        Self::decode(&first.as_deposit_tx()?.input)
    }

    fn decode(data: &[u8]) -> Option<Self> {
        let (selector, _) = data.split_at_checked(4)?;
        let needed = match selector {
            [0x44, 0x0a, 0x5e, 0x20] => ECOTONE_LEN,
            [0x09, 0x89, 0x99, 0xbe] => ISTHMUS_LEN,
            [0x3d, 0xb6, 0xbe, 0x2b] => JOVIAN_LEN,
            _ => return None,
        };
        if data.len() < needed {
            return None;
        }
        let u32_at = |at: usize| {
            data[at..at + 4]
                .iter()
                .fold(0, |value, byte| value << 8 | u32::from(*byte))
        };
        let u64_at = |at: usize| {
            data[at..at + 8]
                .iter()
                .fold(0, |value, byte| value << 8 | u64::from(*byte))
        };
        let isthmus = needed >= ISTHMUS_LEN;
        Some(Self {
            base_fee_scalar: u32_at(4),
            blob_base_fee_scalar: u32_at(8),
            base_fee: U256::from_be_slice(&data[36..68]),
            blob_base_fee: U256::from_be_slice(&data[68..100]),
            operator_fee_scalar: if isthmus { u32_at(164) } else { 0 },
            operator_fee_constant: if isthmus { u64_at(168) } else { 0 },
            da_footprint_gas_scalar: (needed >= JOVIAN_LEN)
                .then(|| u16::from_be_bytes([data[176], data[177]])),
        })
    }

    /// The fees of a transaction, from its signed encoding. Compresses it: some microseconds.
    pub fn of_transaction(&self, encoded: &[u8]) -> TxL1Fees {
        let size = op_revm::estimate_tx_compressed_size(encoded);
        let calldata = self
            .base_fee
            .saturating_mul(U256::from(GAS_PER_BYTE))
            .saturating_mul(U256::from(self.base_fee_scalar));
        let blobs = self
            .blob_base_fee
            .saturating_mul(U256::from(self.blob_base_fee_scalar));
        let scaled = calldata.saturating_add(blobs);
        TxL1Fees {
            fee: U256::from(size).saturating_mul(scaled) / U256::from(FEE_DIVISOR),
            gas_used: size.saturating_mul(GAS_PER_BYTE) / 1_000_000,
            da_footprint: self
                .da_footprint_gas_scalar
                .map(|scalar| (size / 1_000_000).saturating_mul(u64::from(scalar))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use op_revm::{L1BlockInfo, OpSpecId};
    use proptest::prelude::*;

    fn jovian_calldata(fees: &L1Fees) -> Vec<u8> {
        let mut data = vec![0x3d, 0xb6, 0xbe, 0x2b];
        data.extend(fees.base_fee_scalar.to_be_bytes());
        data.extend(fees.blob_base_fee_scalar.to_be_bytes());
        data.extend([7; 24]);
        data.extend(fees.base_fee.to_be_bytes::<32>());
        data.extend(fees.blob_base_fee.to_be_bytes::<32>());
        data.extend([9; 64]);
        data.extend(fees.operator_fee_scalar.to_be_bytes());
        data.extend(fees.operator_fee_constant.to_be_bytes());
        data.extend(
            fees.da_footprint_gas_scalar
                .unwrap_or_default()
                .to_be_bytes(),
        );
        data
    }

    proptest! {
        #[test]
        fn charges_what_op_revm_charges(
            base_fee: u64, blob_base_fee: u64, base_fee_scalar: u32, blob_base_fee_scalar: u32,
            bytes in proptest::collection::vec(any::<u8>(), 1..3_000),
        ) {
            let mut encoded = vec![2];
            encoded.extend(bytes);
            let fees = L1Fees {
                base_fee: U256::from(base_fee),
                blob_base_fee: U256::from(blob_base_fee),
                base_fee_scalar,
                blob_base_fee_scalar,
                da_footprint_gas_scalar: Some(400),
                ..Default::default()
            };
            let mut reference = L1BlockInfo {
                l1_base_fee: fees.base_fee,
                l1_base_fee_scalar: U256::from(base_fee_scalar),
                l1_blob_base_fee: Some(fees.blob_base_fee),
                l1_blob_base_fee_scalar: Some(U256::from(blob_base_fee_scalar)),
                ..Default::default()
            };
            let charged = fees.of_transaction(&encoded);
            prop_assert_eq!(charged.fee, reference.calculate_tx_l1_cost(&encoded, OpSpecId::JOVIAN));
            prop_assert_eq!(U256::from(charged.gas_used), reference.data_gas(&encoded, OpSpecId::JOVIAN));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = L1Fees::decode(&bytes);
            for selector in [[0x44, 0x0a, 0x5e, 0x20], [0x09, 0x89, 0x99, 0xbe], [0x3d, 0xb6, 0xbe, 0x2b]] {
                let _ = L1Fees::decode(&[selector.as_slice(), &bytes].concat());
            }
        }
    }

    #[test]
    fn jovian_calldata_is_read_field_by_field() {
        let fees = L1Fees {
            base_fee: U256::from(11),
            base_fee_scalar: 1_368,
            blob_base_fee: U256::from(12),
            blob_base_fee_scalar: 810_949,
            operator_fee_scalar: 5,
            operator_fee_constant: 6,
            da_footprint_gas_scalar: Some(400),
        };
        let data = jovian_calldata(&fees);
        assert_eq!(data.len(), JOVIAN_LEN);
        assert_eq!(L1Fees::decode(&data), Some(fees));
        assert_eq!(L1Fees::decode(&data[..177]), None);
    }
}
