//! The system configuration that an L2 block was built with, read back from the block.

use crate::L2RefError;
use crate::refs::l1_info_of;
use alloy_primitives::{Address, B64, B256};
use openledger_genesis::{RollupConfig, SystemConfig};
use openledger_primitives::Block;

/// The system configuration in force in `block`: from its L1-info deposit, its gas limit and its `extraData`.
///
/// Fields that were zero to stand for defaults come back as the defaults, since blocks carry those; the next block is the
/// same either way. The genesis block's configuration is the configured one, after its hash was checked.
pub fn system_config_of(block: &Block, rollup: &RollupConfig) -> Result<SystemConfig, L2RefError> {
    let Some(info) = l1_info_of(block, &rollup.genesis)? else {
        return Ok(rollup.genesis.system_config.clone());
    };
    let extra_data = &block.header.extra_data;
    let (eip1559_params, min_base_fee) = read_extra_data(extra_data, rollup.is_jovian())
        .ok_or_else(|| L2RefError::ExtraData {
            number: block.number(),
            extra_data: extra_data.clone(),
        })?;
    Ok(SystemConfig {
        batcher_addr: Address::from_word(info.batcher_hash),
        overhead: B256::ZERO,
        scalar: SystemConfig::encode_scalars(info.base_fee_scalar, info.blob_base_fee_scalar),
        gas_limit: block.header.gas_limit,
        eip1559_params,
        operator_fee_params: SystemConfig::encode_operator_fee(
            info.operator_fee_scalar,
            info.operator_fee_constant,
        ),
        min_base_fee,
        da_footprint_gas_scalar: info.da_footprint_gas_scalar,
    })
}

/// `version ‖ denominator u32 ‖ elasticity u32`, and since Jovian `‖ minBaseFee u64`.
fn read_extra_data(extra_data: &[u8], jovian: bool) -> Option<(B64, u64)> {
    let (version, rest) = extra_data.split_first()?;
    let (params, rest) = rest.split_first_chunk::<8>()?;
    let (denominator, elasticity) = params.split_at(4);
    if denominator == [0; 4] || elasticity == [0; 4] || *version != u8::from(jovian) {
        return None;
    }
    let min_base_fee = match (jovian, rest) {
        (false, []) => 0,
        (true, _) => u64::from_be_bytes(rest.try_into().ok()?),
        _ => return None,
    };
    Some((B64::new(*params), min_base_fee))
}
