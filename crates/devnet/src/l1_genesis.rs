//! The embedded L1's genesis.

use crate::{DevAccount, DevnetError};
use alloy_eips::{eip2935, eip4788, eip7002, eip7251, eip7840::BlobParams};
use alloy_genesis::{Genesis, GenesisAccount};
use alloy_primitives::{Bytes, U256, utils::Unit};
use openledger_contracts::preinstalls;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Chain id of the embedded L1.
pub const L1_CHAIN_ID: u64 = 900;

/// The embedded L1's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum L1Fork {
    /// Prague: blob transactions carry one proof a blob. The default, since cell proofs take 200 ms and more a blob.
    #[default]
    Prague,
    /// Osaka: blob transactions carry cell proofs (EIP-7594), a transaction uses at most 2^24 gas.
    Osaka,
}

/// Gas limit of an L1 block.
const GAS_LIMIT: u64 = 60_000_000;

/// Ether that every development account has.
const BALANCE: u64 = 10_000;

/// The excess blob gas at which a blob's gas costs at least `fee` wei (EIP-4844), by Prague's schedule, which both forks have here.
fn excess_blob_gas(fee: u128) -> u64 {
    let params = BlobParams::prague();
    // The fee is e to the power of excess over the update fraction: this is above any that fits the type.
    let (mut low, mut high) = (0, 88 * params.update_fraction as u64);
    while low < high {
        let middle = low + (high - low) / 2;
        if params.calc_blob_fee(middle) < fee {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The genesis: funded accounts, system contracts, and the deployments that tools expect. A blob's gas costs `blob_base_fee` wei
/// at first.
pub fn l1_genesis(
    timestamp: u64,
    fork: L1Fork,
    blob_base_fee: u128,
    accounts: &[DevAccount],
) -> Result<Genesis, DevnetError> {
    let mut config = json!({
        "chainId": L1_CHAIN_ID,
        "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0,
        "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0, "berlinBlock": 0, "londonBlock": 0,
        "mergeNetsplitBlock": 0, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
        "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0,
        "blobSchedule": {
            "cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 3_338_477},
            "prague": {"target": 6, "max": 9, "baseFeeUpdateFraction": 5_007_716},
            "osaka": {"target": 6, "max": 9, "baseFeeUpdateFraction": 5_007_716},
        },
    });
    if fork == L1Fork::Osaka {
        config["osakaTime"] = json!(0);
    }
    let config = serde_json::from_value(config).map_err(|e| DevnetError::Genesis(e.to_string()))?;
    let mut genesis = Genesis {
        config,
        timestamp,
        gas_limit: GAS_LIMIT,
        base_fee_per_gas: Some(1_000_000_000),
        excess_blob_gas: Some(excess_blob_gas(blob_base_fee)),
        blob_gas_used: Some(0),
        extra_data: Bytes::from_static(b"openledger dev"),
        ..Default::default()
    };
    let balance = U256::from(BALANCE) * Unit::ETHER.wei();
    for account in accounts {
        genesis.alloc.insert(
            account.address,
            GenesisAccount::default().with_balance(balance),
        );
    }
    for (address, code) in [
        (
            eip4788::BEACON_ROOTS_ADDRESS,
            eip4788::BEACON_ROOTS_CODE.clone(),
        ),
        (
            eip2935::HISTORY_STORAGE_ADDRESS,
            eip2935::HISTORY_STORAGE_CODE.clone(),
        ),
        (
            eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
            eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE.clone(),
        ),
        (
            eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
            eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE.clone(),
        ),
    ] {
        genesis.alloc.insert(
            address,
            GenesisAccount::default()
                .with_nonce(Some(1))
                .with_code(Some(code)),
        );
    }
    // Multicall3 (which viem needs to look up games), the deterministic deployment proxy and the like.
    for preinstall in preinstalls() {
        let code = match preinstall.immutables {
            Some(immutables) => {
                openledger_contracts::permit2_code(&preinstall.code, immutables, L1_CHAIN_ID)
            }
            None => preinstall.code.clone(),
        };
        genesis.alloc.entry(preinstall.address).or_insert_with(|| {
            GenesisAccount::default()
                .with_nonce(Some(1))
                .with_code(Some(code))
        });
    }
    Ok(genesis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_blob_base_fee_is_the_one_asked_for() {
        let params = BlobParams::prague();
        assert_eq!(excess_blob_gas(1), 0);
        for fee in [2, 1_000, 1_000_000_000, 1_000_000_000_000_000] {
            let excess = excess_blob_gas(fee);
            assert!(params.calc_blob_fee(excess) >= fee);
            assert!(params.calc_blob_fee(excess - 1) < fee);
        }
    }
}
