//! `rollup.json` for kona.
//!
//! kona 0.4.5 refuses keys that it does not know and demands one that op-node leaves optional, so a file for op-node is
//! brought into its shape here, and only where that cannot change what is derived:
//!
//! - keys without a value are left out;
//! - `minBaseFee` and `daFootprintGasScalar` of the system configuration belong to Jovian, which the judge refuses;
//! - `protocol_versions_address` is required by kona and used by nobody: zero.
//!
//! Every other unknown key stays and makes kona refuse the file. `granite_channel_timeout` may be left out and is then
//! 50, as the protocol says; `channel_timeout` counts only before Granite.

use crate::ConfigError;
use alloy_primitives::Address;
use kona_genesis::RollupConfig;
use serde_json::{Value, json};

/// Times that are no forks, and forks that kona derives. (kona's type also has `jovian_time` and `interop_time`, but its
/// derivation does not act on the first.)
const KNOWN_TIMES: [&str; 10] = [
    "block_time",
    "regolith_time",
    "canyon_time",
    "delta_time",
    "ecotone_time",
    "fjord_time",
    "granite_time",
    "holocene_time",
    "pectra_blob_schedule_time",
    "isthmus_time",
];

/// Keys of the system configuration that only Jovian reads.
const JOVIAN_KEYS: [&str; 2] = ["minBaseFee", "daFootprintGasScalar"];

/// Reads a `rollup.json` in op-node's shape.
///
/// # Errors
/// When it is not JSON of that shape, schedules a fork after Isthmus at any time, or does not begin with Isthmus.
pub fn parse_rollup_config(text: &str) -> Result<RollupConfig, ConfigError> {
    let mut config: Value = serde_json::from_str(text)?;
    if let Some(keys) = config.as_object_mut() {
        keys.retain(|_, value| !value.is_null());
        let too_new =
            |key: &&String| key.ends_with("_time") && !KNOWN_TIMES.contains(&key.as_str());
        if let Some(fork) = keys.keys().find(too_new) {
            return Err(ConfigError::TooNew(fork.clone()));
        }
        keys.entry("protocol_versions_address")
            .or_insert_with(|| json!(Address::ZERO));
    }
    if let Some(system) = config
        .pointer_mut("/genesis/system_config")
        .and_then(Value::as_object_mut)
    {
        system.retain(|key, value| !value.is_null() && !JOVIAN_KEYS.contains(&key.as_str()));
    }
    let config: RollupConfig = serde_json::from_value(config)?;
    let begins = config.genesis.l2_time;
    if config.hardforks.isthmus_time.is_none_or(|at| at > begins) {
        return Err(ConfigError::TooOld);
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `openledger deploy` writes it for an Isthmus chain.
    fn ours() -> Value {
        json!({
            "genesis": {
                "l1": {"hash": format!("0x{:064x}", 1), "number": 7},
                "l2": {"hash": format!("0x{:064x}", 2), "number": 0},
                "l2_time": 1000,
                "system_config": {
                    "batcherAddr": format!("0x{:040x}", 3),
                    "overhead": format!("0x{:064x}", 0),
                    "scalar": format!("0x01{:062x}", 5),
                    "gasLimit": 60_000_000,
                    "eip1559Params": "0x000000fa00000006",
                    "operatorFeeParams": format!("0x{:064x}", (9u128 << 64) | 11),
                    "minBaseFee": 0,
                    "daFootprintGasScalar": 0
                }
            },
            "block_time": 2, "max_sequencer_drift": 1800, "seq_window_size": 3600, "channel_timeout": 300,
            "l1_chain_id": 900, "l2_chain_id": 901,
            "regolith_time": 0, "canyon_time": 0, "delta_time": 0, "ecotone_time": 0, "fjord_time": 0,
            "granite_time": 0, "holocene_time": 0, "isthmus_time": 0, "jovian_time": null,
            "batch_inbox_address": format!("0x{:040x}", 4),
            "deposit_contract_address": format!("0x{:040x}", 5),
            "l1_system_config_address": format!("0x{:040x}", 6),
            "chain_op_config": {
                "eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250
            }
        })
    }

    #[test]
    fn our_isthmus_file_is_read() {
        let config = parse_rollup_config(&ours().to_string()).unwrap();
        assert_eq!(config.granite_channel_timeout, 50);
        assert_eq!(config.l2_chain_id.id(), 901);
        let system = config.genesis.system_config.unwrap();
        assert_eq!(system.eip1559_denominator, Some(250));
        assert_eq!(system.operator_fee_scalar, Some(9));
        assert_eq!(system.operator_fee_constant, Some(11));
    }

    #[test]
    fn newer_and_older_chains_are_refused() {
        let mut config = ours();
        config["jovian_time"] = json!(5_000_000);
        let error = parse_rollup_config(&config.to_string()).unwrap_err();
        assert!(matches!(error, ConfigError::TooNew(fork) if fork == "jovian_time"));
        config["jovian_time"] = Value::Null;
        config["isthmus_time"] = json!(1001);
        let error = parse_rollup_config(&config.to_string()).unwrap_err();
        assert!(matches!(error, ConfigError::TooOld));
    }

    #[test]
    fn an_unknown_key_is_not_passed_over() {
        let mut config = ours();
        config["surprise"] = json!(1);
        assert!(parse_rollup_config(&config.to_string()).is_err());
    }
}
