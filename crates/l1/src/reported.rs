//! The L1's blob parameters by an endpoint's own account.

use crate::{BlobSchedule, L1Block, L1Client, L1Error};
use alloy_eips::{
    eip7594::MAX_BLOBS_PER_TX_FUSAKA,
    eip7840::{BLOB_BASE_COST, BlobParams},
};
use alloy_primitives::{Address, U256};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportedFork {
    activation_time: u64,
    blob_schedule: Option<BlobParams>,
    #[serde(default)]
    precompiles: BTreeMap<String, Address>,
}

impl ReportedFork {
    /// The blob parameters. EIP-7910 names only part of them; the rest follows from the fork, which its newest precompile
    /// gives away (EIP-7951).
    fn blob_params(&self) -> Option<BlobParams> {
        let params = self.blob_schedule?;
        let osaka = self.precompiles.contains_key("P256VERIFY");
        Some(if osaka {
            params
                .with_blob_base_cost(BLOB_BASE_COST)
                .with_max_blobs_per_tx(MAX_BLOBS_PER_TX_FUSAKA)
        } else {
            params
        })
    }
}

#[derive(Debug, Deserialize)]
struct ReportedConfig {
    current: ReportedFork,
    next: Option<ReportedFork>,
    last: Option<ReportedFork>,
}

impl L1Client {
    /// The blob schedule by the endpoint's own account (`eth_config`, EIP-7910): the last, the current and the next
    /// fork's. `None` when the endpoint does not know the method.
    pub async fn reported_blob_schedule(&self) -> Result<Option<BlobSchedule>, L1Error> {
        let config: ReportedConfig = match self.call("eth_config", ()).await {
            Ok(config) => config,
            Err(L1Error::Refused { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let entries: Vec<_> = [config.last, Some(config.current), config.next]
            .into_iter()
            .flatten()
            .filter_map(|fork| Some((fork.activation_time, fork.blob_params()?)))
            .collect();
        Ok((!entries.is_empty()).then(|| BlobSchedule::from_entries(entries)))
    }

    pub(crate) async fn compare_blob_parameters(&self, head: &L1Block) {
        let (Some(excess), Some(params)) = (
            head.excess_blob_gas,
            self.options().blob_schedule.params(head.timestamp),
        ) else {
            return;
        };
        match self
            .reported_blob_schedule()
            .await
            .map(|schedule| schedule.and_then(|s| s.params(head.timestamp)))
        {
            Ok(Some(theirs)) if theirs.update_fraction != params.update_fraction => {
                tracing::warn!(
                    configured = params.update_fraction,
                    reported = theirs.update_fraction,
                    "the configured L1 blob schedule differs from the endpoint's eth_config; the blob base fee is charged by the configured one"
                );
                return;
            }
            Ok(Some(_)) => return,
            Ok(None) | Err(_) => {}
        }
        // Endpoints without eth_config: compare one fee. They name the head's or the next block's.
        let Ok(reported) = self.call::<_, U256>("eth_blobBaseFee", ()).await else {
            return;
        };
        let most = params.calc_blob_fee(excess.saturating_add(params.max_blob_gas_per_block()));
        let least = params.calc_blob_fee(excess.saturating_sub(params.target_blob_gas_per_block()));
        if reported < U256::from(least) || reported > U256::from(most) {
            tracing::warn!(
                computed = head.blob_base_fee,
                %reported,
                "the configured L1 blob schedule gives another blob base fee than the endpoint"
            );
        }
    }
}
