//! The economy's configuration as it stands in files.

use alloy_primitives::{Address, U128};
use openledger_genesis::EconomyConfig;
use serde::{Deserialize, Serialize};

/// The economy as a person writes it, and as `deployment.json` shows it: what [`EconomyConfig`] has, in the same units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EconomyFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reveal_window: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contribution_bond_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_delay: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_notice: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_bond_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_notice: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_close_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_interval: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_pool: Option<U128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_window: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bond_per_byte: Option<U128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_bond: Option<U128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_settlement_bond: Option<U128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demand_fee: Option<U128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission_fee: Option<U128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub treasury: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burn_bps: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emission_bps: Option<u16>,
}

impl EconomyFile {
    /// What `over` says goes before what this says.
    #[must_use]
    pub fn overridden_by(self, over: Self) -> Self {
        Self {
            reveal_window: over.reveal_window.or(self.reveal_window),
            admission_time: over.admission_time.or(self.admission_time),
            contribution_bond_time: over.contribution_bond_time.or(self.contribution_bond_time),
            publish_delay: over.publish_delay.or(self.publish_delay),
            model_notice: over.model_notice.or(self.model_notice),
            model_bond_time: over.model_bond_time.or(self.model_bond_time),
            price_notice: over.price_notice.or(self.price_notice),
            channel_close_time: over.channel_close_time.or(self.channel_close_time),
            cut_interval: over.cut_interval.or(self.cut_interval),
            least_pool: over.least_pool.or(self.least_pool),
            challenge_window: over.challenge_window.or(self.challenge_window),
            fallback_time: over.fallback_time.or(self.fallback_time),
            bond_per_byte: over.bond_per_byte.or(self.bond_per_byte),
            version_bond: over.version_bond.or(self.version_bond),
            least_settlement_bond: over.least_settlement_bond.or(self.least_settlement_bond),
            demand_fee: over.demand_fee.or(self.demand_fee),
            admission_fee: over.admission_fee.or(self.admission_fee),
            treasury: over.treasury.or(self.treasury),
            burn_bps: over.burn_bps.or(self.burn_bps),
            emission_bps: over.emission_bps.or(self.emission_bps),
        }
    }

    /// The economy in which `base` has what this does not say.
    pub fn over(self, base: EconomyConfig) -> EconomyConfig {
        EconomyConfig {
            reveal_window: self.reveal_window.unwrap_or(base.reveal_window),
            admission_time: self.admission_time.unwrap_or(base.admission_time),
            contribution_bond_time: self
                .contribution_bond_time
                .unwrap_or(base.contribution_bond_time),
            publish_delay: self.publish_delay.unwrap_or(base.publish_delay),
            model_notice: self.model_notice.unwrap_or(base.model_notice),
            model_bond_time: self.model_bond_time.unwrap_or(base.model_bond_time),
            price_notice: self.price_notice.unwrap_or(base.price_notice),
            channel_close_time: self.channel_close_time.unwrap_or(base.channel_close_time),
            cut_interval: self.cut_interval.unwrap_or(base.cut_interval),
            least_pool: self.least_pool.map_or(base.least_pool, |wei| wei.to()),
            challenge_window: self.challenge_window.unwrap_or(base.challenge_window),
            fallback_time: self.fallback_time.unwrap_or(base.fallback_time),
            bond_per_byte: self
                .bond_per_byte
                .map_or(base.bond_per_byte, |wei| wei.to()),
            version_bond: self.version_bond.map_or(base.version_bond, |wei| wei.to()),
            least_settlement_bond: self
                .least_settlement_bond
                .map_or(base.least_settlement_bond, |wei| wei.to()),
            demand_fee: self.demand_fee.map_or(base.demand_fee, |wei| wei.to()),
            admission_fee: self
                .admission_fee
                .map_or(base.admission_fee, |wei| wei.to()),
            treasury: self.treasury.unwrap_or(base.treasury),
            burn_bps: self.burn_bps.unwrap_or(base.burn_bps),
            emission_bps: self.emission_bps.unwrap_or(base.emission_bps),
        }
    }
}

/// All of it.
impl From<&EconomyConfig> for EconomyFile {
    fn from(config: &EconomyConfig) -> Self {
        Self {
            reveal_window: Some(config.reveal_window),
            admission_time: Some(config.admission_time),
            contribution_bond_time: Some(config.contribution_bond_time),
            publish_delay: Some(config.publish_delay),
            model_notice: Some(config.model_notice),
            model_bond_time: Some(config.model_bond_time),
            price_notice: Some(config.price_notice),
            channel_close_time: Some(config.channel_close_time),
            cut_interval: Some(config.cut_interval),
            least_pool: Some(U128::from(config.least_pool)),
            challenge_window: Some(config.challenge_window),
            fallback_time: Some(config.fallback_time),
            bond_per_byte: Some(U128::from(config.bond_per_byte)),
            version_bond: Some(U128::from(config.version_bond)),
            least_settlement_bond: Some(U128::from(config.least_settlement_bond)),
            demand_fee: Some(U128::from(config.demand_fee)),
            admission_fee: Some(U128::from(config.admission_fee)),
            treasury: Some(config.treasury),
            burn_bps: Some(config.burn_bps),
            emission_bps: Some(config.emission_bps),
        }
    }
}
