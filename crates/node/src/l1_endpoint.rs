//! Connecting to an L1 that runs elsewhere.

use anyhow::{Context, Result, bail};
use openledger_genesis::RollupConfig;
use openledger_l1::{
    BeaconClient, HeadTracker, L1Client, L1Options, L1Source as Endpoints, TrackerOptions,
};
use openledger_primitives::BlockRef;
use std::time::Duration;
use tracing::warn;

/// How often the head is asked for when nothing is known of the L1's block time.
const BLOCK_TIME: Duration = Duration::from_secs(2);

/// An L1's endpoints, checked.
#[derive(Debug, Clone)]
pub(crate) struct L1Endpoint {
    pub(crate) rpc: String,
    pub(crate) beacon: String,
    pub(crate) chain_id: u64,
    pub(crate) endpoints: Endpoints,
}

impl L1Endpoint {
    /// Checks that an L1 answers, and takes its own account of its blob parameters.
    pub(crate) async fn connect(rpc: &str, beacon: Option<&str>) -> Result<Self> {
        let client = L1Client::new(rpc, L1Options::default()).context("--l1-rpc")?;
        let unusable = || format!("the L1 at {rpc} can not be used; is it running?");
        // Its own blob schedule first: the check compares with what is configured.
        let client = match client
            .reported_blob_schedule()
            .await
            .with_context(unusable)?
        {
            Some(schedule) => client.with_blob_schedule(schedule),
            None => {
                warn!("the L1 does not report its blob parameters; Ethereum mainnet's are taken");
                client
            }
        };
        let chain_id = client.check().await.with_context(unusable)?;
        Self::of(rpc, beacon.unwrap_or(rpc), chain_id, client)
    }

    /// An L1 whose client was checked before.
    pub(crate) fn of(rpc: &str, beacon: &str, chain_id: u64, client: L1Client) -> Result<Self> {
        let beacon_client =
            BeaconClient::new(beacon, client.options().clone()).context("--l1-beacon")?;
        Ok(Self {
            rpc: rpc.to_owned(),
            beacon: beacon.to_owned(),
            chain_id,
            endpoints: Endpoints::new(client, beacon_client),
        })
    }

    pub(crate) fn client(&self) -> &L1Client {
        self.endpoints.client()
    }

    /// Fails unless it is the L1 that a rollup was founded on; `who` names what belongs to that rollup.
    pub(crate) async fn must_be(&self, rollup: &RollupConfig, who: &str) -> Result<()> {
        if self.chain_id != rollup.l1_chain_id {
            bail!(
                "{who} belongs to an L2 on L1 chain {}, but the L1 given is chain {}",
                rollup.l1_chain_id,
                self.chain_id
            );
        }
        let BlockRef { hash, number } = rollup.genesis.l1;
        let found = self.client().block_by_number(number).await?;
        if found.is_none_or(|block| block.hash != hash) {
            bail!(
                "{who} belongs to an L2 on another L1: block {number} of the L1 given is not {hash}"
            );
        }
        Ok(())
    }

    /// Follows its head.
    pub(crate) async fn track(&self) -> Result<HeadTracker> {
        HeadTracker::start(
            self.client().clone(),
            TrackerOptions::for_block_time(BLOCK_TIME),
        )
        .await
        .context("the L1 can not be followed")
    }
}
