//! What is to be sent.

use alloy_primitives::{Address, Bytes, U256};

/// Gas of a transaction before anything else (yellow paper).
const TX_GAS: u64 = 21_000;
/// Gas of a token of calldata when nothing is executed (EIP-7623). A zero byte is one token, another is four.
const TOKEN_GAS: u64 = 10;

/// What a transaction carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxPayload {
    /// Calldata of an EIP-1559 transaction.
    Calldata(Bytes),
    /// The data of each blob of an EIP-4844 transaction, put into blobs in the rollup's encoding: at least one, of at most
    /// [`BLOB_CAPACITY`](openledger_protocol::BLOB_CAPACITY) bytes each. The calldata is empty.
    Blobs(Vec<Bytes>),
}

/// A transaction before nonce, fees and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxCandidate {
    /// The callee.
    pub to: Address,
    /// Calldata or blobs.
    pub payload: TxPayload,
    /// Wei that it carries.
    pub value: U256,
    /// The gas limit.
    pub gas: u64,
}

impl TxCandidate {
    /// Data for an account without code, such as a batch inbox: with as much gas as that costs.
    pub fn new(to: Address, payload: TxPayload) -> Self {
        let gas = match &payload {
            TxPayload::Calldata(data) => intrinsic_gas(data),
            TxPayload::Blobs(_) => TX_GAS,
        };
        Self {
            to,
            payload,
            value: U256::ZERO,
            gas,
        }
    }

    /// A call of a contract.
    pub fn call(to: Address, data: Bytes, value: U256, gas: u64) -> Self {
        Self {
            to,
            payload: TxPayload::Calldata(data),
            value,
            gas,
        }
    }

    /// Number of blobs; `None` for a transaction of another type.
    pub(super) fn blobs(&self) -> Option<u64> {
        match &self.payload {
            TxPayload::Calldata(_) => None,
            TxPayload::Blobs(blobs) => Some(blobs.len() as u64),
        }
    }
}

fn intrinsic_gas(data: &[u8]) -> u64 {
    let zeros = data.iter().filter(|byte| **byte == 0).count() as u64;
    let tokens = 4 * data.len() as u64 - 3 * zeros;
    TX_GAS + tokens * TOKEN_GAS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calldata_costs_by_its_bytes() {
        assert_eq!(intrinsic_gas(&[]), 21_000);
        assert_eq!(intrinsic_gas(&[0]), 21_010);
        assert_eq!(intrinsic_gas(&[1, 0, 2]), 21_090);
    }
}
