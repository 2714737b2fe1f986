//! A deployment's configuration as a person writes it.

use crate::{
    DeployConfig, DeployError, EconomyFile, FeeLimits, TokenConfig, config::L1_BLOCK_TIME,
};
use alloy_primitives::{Address, B256, U256};
use openledger_genesis::{EconomyConfig, OpFork};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};

/// A configuration as a person writes it: in a JSON file, by flags, or both. What is absent has the default that
/// [`DeployConfig`] states.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeployFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l2_chain_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batcher: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposer: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenger: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardian: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_updater: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_limits: Option<FeeLimits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsafe_block_signer: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fork: Option<OpFork>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elasticity: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq_window: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_fee_scalar: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blob_base_fee_scalar: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_fee_scalar: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_fee_constant: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_base_fee: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timelock_delay: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_expiry: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof_maturity_delay: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_clock_duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispute_game_finality_delay: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal_bond: Option<U256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub development: Option<bool>,
    /// Seconds between L1 blocks, of which the economy's default windows are so many; at least 1. Default 12.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1_block_time: Option<u64>,
    /// What is absent has the default of [`EconomyConfig::standard`], on a development chain of [`EconomyConfig::dev`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub economy: Option<EconomyFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocations: Option<BTreeMap<Address, U256>>,
}

impl DeployFile {
    /// Reads a JSON file.
    ///
    /// # Errors
    /// [`DeployError::File`], and [`DeployError::FileContent`] with the line and what is wrong in it.
    pub fn read(path: &Path) -> Result<Self, DeployError> {
        let bytes = std::fs::read(path).map_err(|error| DeployError::File {
            path: path.to_owned(),
            error,
        })?;
        serde_json::from_slice(&bytes).map_err(|error| DeployError::FileContent {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }

    /// What `over` says goes before what this says.
    #[must_use]
    pub fn overridden_by(self, over: Self) -> Self {
        Self {
            l2_chain_id: over.l2_chain_id.or(self.l2_chain_id),
            salt: over.salt.or(self.salt),
            owner: over.owner.or(self.owner),
            batcher: over.batcher.or(self.batcher),
            proposer: over.proposer.or(self.proposer),
            challenger: over.challenger.or(self.challenger),
            guardian: over.guardian.or(self.guardian),
            fee_updater: over.fee_updater.or(self.fee_updater),
            fee_limits: over.fee_limits.or(self.fee_limits),
            unsafe_block_signer: over.unsafe_block_signer.or(self.unsafe_block_signer),
            token: over.token.or(self.token),
            fork: over.fork.or(self.fork),
            block_time: over.block_time.or(self.block_time),
            gas_limit: over.gas_limit.or(self.gas_limit),
            elasticity: over.elasticity.or(self.elasticity),
            seq_window: over.seq_window.or(self.seq_window),
            base_fee_scalar: over.base_fee_scalar.or(self.base_fee_scalar),
            blob_base_fee_scalar: over.blob_base_fee_scalar.or(self.blob_base_fee_scalar),
            operator_fee_scalar: over.operator_fee_scalar.or(self.operator_fee_scalar),
            operator_fee_constant: over.operator_fee_constant.or(self.operator_fee_constant),
            min_base_fee: over.min_base_fee.or(self.min_base_fee),
            timelock_delay: over.timelock_delay.or(self.timelock_delay),
            pause_expiry: over.pause_expiry.or(self.pause_expiry),
            proof_maturity_delay: over.proof_maturity_delay.or(self.proof_maturity_delay),
            max_clock_duration: over.max_clock_duration.or(self.max_clock_duration),
            dispute_game_finality_delay: over
                .dispute_game_finality_delay
                .or(self.dispute_game_finality_delay),
            proposal_bond: over.proposal_bond.or(self.proposal_bond),
            development: over.development.or(self.development),
            l1_block_time: over.l1_block_time.or(self.l1_block_time),
            economy: match (self.economy, over.economy) {
                (Some(under), Some(over)) => Some(under.overridden_by(over)),
                (under, over) => over.or(under),
            },
            allocations: over.allocations.or(self.allocations),
        }
    }

    /// The whole configuration for an L1, validated. The roles that are absent default to `deployer`.
    ///
    /// # Errors
    /// [`DeployError::Config`].
    pub fn config(self, l1_chain_id: u64, deployer: Address) -> Result<DeployConfig, DeployError> {
        let l2_chain_id = self
            .l2_chain_id
            .ok_or_else(|| DeployError::Config("the L2 needs a chain id".into()))?;
        let owner = self.owner.unwrap_or(deployer);
        let batcher = self.batcher.unwrap_or(deployer);
        let proposer = self.proposer.unwrap_or(batcher);
        let l1_block_time = self.l1_block_time.unwrap_or(L1_BLOCK_TIME);
        if l1_block_time == 0 {
            return Err(DeployError::Config(
                "the L1's block time must be at least 1 s".into(),
            ));
        }
        let development = self.development.unwrap_or_default();
        let economy = match development {
            true => EconomyConfig::dev(owner),
            false => EconomyConfig::standard(l1_block_time, owner),
        };
        let base = DeployConfig::new(l1_chain_id, l2_chain_id, owner, batcher, proposer);
        let config = DeployConfig {
            salt: self.salt.unwrap_or(base.salt),
            challenger: self.challenger.unwrap_or(base.challenger),
            guardian: self.guardian.unwrap_or(base.guardian),
            fee_updater: self.fee_updater.unwrap_or(base.fee_updater),
            fee_limits: self.fee_limits.unwrap_or(base.fee_limits),
            unsafe_block_signer: self.unsafe_block_signer.unwrap_or(base.unsafe_block_signer),
            token: self.token.unwrap_or(base.token),
            fork: self.fork.unwrap_or(base.fork),
            block_time: self.block_time.unwrap_or(base.block_time),
            gas_limit: self.gas_limit.unwrap_or(base.gas_limit),
            elasticity: self.elasticity.unwrap_or(base.elasticity),
            seq_window: self.seq_window.unwrap_or(base.seq_window),
            base_fee_scalar: self.base_fee_scalar.unwrap_or(base.base_fee_scalar),
            blob_base_fee_scalar: self
                .blob_base_fee_scalar
                .unwrap_or(base.blob_base_fee_scalar),
            operator_fee_scalar: self.operator_fee_scalar.unwrap_or(base.operator_fee_scalar),
            operator_fee_constant: self
                .operator_fee_constant
                .unwrap_or(base.operator_fee_constant),
            min_base_fee: self.min_base_fee.unwrap_or(base.min_base_fee),
            timelock_delay: self.timelock_delay.unwrap_or(base.timelock_delay),
            pause_expiry: self.pause_expiry.unwrap_or(base.pause_expiry),
            proof_maturity_delay: self
                .proof_maturity_delay
                .unwrap_or(base.proof_maturity_delay),
            max_clock_duration: self.max_clock_duration.unwrap_or(base.max_clock_duration),
            dispute_game_finality_delay: self
                .dispute_game_finality_delay
                .unwrap_or(base.dispute_game_finality_delay),
            proposal_bond: self.proposal_bond.unwrap_or(base.proposal_bond),
            development,
            economy: self.economy.unwrap_or_default().over(economy),
            allocations: self.allocations.unwrap_or_default(),
            ..base
        };
        config.validate()?;
        Ok(config)
    }
}
