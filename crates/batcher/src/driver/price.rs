//! Blobs or calldata: what the same bytes cost either way.

use crate::DaKind;
use openledger_protocol::BLOB_CAPACITY;

/// Gas of a blob (EIP-4844).
const GAS_PER_BLOB: u128 = 131_072;
/// Gas of a transaction before its calldata.
const GAS_PER_TX: u128 = 21_000;
/// Gas of a non-zero byte of calldata by the floor of EIP-7623, which applies since nothing is executed. Compressed bytes are
/// seldom zero.
const GAS_PER_BYTE: u128 = 40;

/// Which kind of payload the batcher may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DaMode {
    /// Whichever is cheaper.
    #[default]
    Auto,
    /// Blobs.
    Blobs,
    /// Calldata.
    Calldata,
}

/// What the L1 looks like at its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct L1Conditions {
    /// The head's number.
    pub head: u64,
    /// Its base fee in wei.
    pub base_fee: u128,
    /// Its blob base fee in wei; `None` on an L1 without blobs.
    pub blob_base_fee: Option<u128>,
}

/// How transactions are shaped, as far as it matters for their price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) blobs_per_tx: usize,
    pub(super) calldata_bytes: usize,
}

/// Wei that `bytes` cost; `None` when the L1 does not take them this way.
fn cost(kind: DaKind, bytes: usize, l1: &L1Conditions, shape: Shape) -> Option<u128> {
    let txs = |bytes: usize, per_tx: usize| bytes.div_ceil(per_tx.max(1)).max(1) as u128;
    match kind {
        DaKind::Blobs => {
            let blobs = txs(bytes, BLOB_CAPACITY);
            let gas = txs(bytes, BLOB_CAPACITY * shape.blobs_per_tx) * GAS_PER_TX;
            let blob_fee = l1.blob_base_fee?.saturating_mul(GAS_PER_BLOB * blobs);
            Some(blob_fee.saturating_add(gas.saturating_mul(l1.base_fee)))
        }
        DaKind::Calldata => {
            let gas = txs(bytes, shape.calldata_bytes) * GAS_PER_TX + bytes as u128 * GAS_PER_BYTE;
            Some(gas.saturating_mul(l1.base_fee))
        }
    }
}

/// The kind for the next `bytes`. What is in use stays until the other is cheaper by more than `margin` percent.
pub(super) fn choose(
    mode: DaMode,
    current: Option<DaKind>,
    bytes: usize,
    l1: &L1Conditions,
    shape: Shape,
    margin: u64,
) -> DaKind {
    let auto = || {
        let calldata = cost(DaKind::Calldata, bytes, l1, shape)?;
        let blobs = cost(DaKind::Blobs, bytes, l1, shape)?;
        let cheaper_by_far = |other: u128, this: u128| {
            let factor = u128::from(100 - margin.min(99));
            other.saturating_mul(100) < this.saturating_mul(factor)
        };
        Some(match current {
            Some(DaKind::Blobs) if cheaper_by_far(calldata, blobs) => DaKind::Calldata,
            Some(DaKind::Calldata) if cheaper_by_far(blobs, calldata) => DaKind::Blobs,
            Some(kind) => kind,
            None if blobs <= calldata => DaKind::Blobs,
            None => DaKind::Calldata,
        })
    };
    match mode {
        DaMode::Auto => auto().unwrap_or(DaKind::Calldata),
        DaMode::Blobs => DaKind::Blobs,
        DaMode::Calldata => DaKind::Calldata,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        blobs_per_tx: 6,
        calldata_bytes: 120_000,
    };

    fn l1(base_fee: u128, blob_base_fee: u128) -> L1Conditions {
        L1Conditions {
            head: 1,
            base_fee,
            blob_base_fee: Some(blob_base_fee),
        }
    }

    #[test]
    fn the_cheaper_kind_is_taken_with_hysteresis() {
        let choose = |current, bytes, l1: L1Conditions| {
            super::choose(DaMode::Auto, current, bytes, &l1, SHAPE, 20)
        };
        let gwei = 1_000_000_000;
        assert_eq!(choose(None, 700_000, l1(gwei, 1)), DaKind::Blobs);
        // A blob base fee that rose a thousand times.
        let spike = l1(gwei, 100 * gwei);
        assert_eq!(
            choose(Some(DaKind::Blobs), 700_000, spike),
            DaKind::Calldata
        );
        // A full blob costs as much as its bytes' calldata at about 40 times the base fee.
        let even = l1(gwei, 40 * gwei);
        assert_eq!(choose(Some(DaKind::Blobs), 780_000, even), DaKind::Blobs);
        assert_eq!(
            choose(Some(DaKind::Calldata), 780_000, even),
            DaKind::Calldata
        );
        // Few bytes in a whole blob.
        assert_eq!(choose(None, 1_000, l1(gwei, gwei)), DaKind::Calldata);
    }

    #[test]
    fn an_l1_without_blobs_gets_calldata_and_a_fixed_mode_is_kept() {
        let mut without = l1(100, 1);
        without.blob_base_fee = None;
        assert_eq!(
            choose(
                DaMode::Auto,
                Some(DaKind::Blobs),
                1_000,
                &without,
                SHAPE,
                20
            ),
            DaKind::Calldata
        );
        let dear = l1(1, u128::MAX);
        assert_eq!(
            choose(DaMode::Blobs, None, 1, &dear, SHAPE, 20),
            DaKind::Blobs
        );
        assert_eq!(
            choose(DaMode::Auto, Some(DaKind::Blobs), 1, &dear, SHAPE, 20),
            DaKind::Calldata
        );
        assert_eq!(
            choose(DaMode::Calldata, None, 1, &l1(9, 1), SHAPE, 20),
            DaKind::Calldata
        );
    }
}
