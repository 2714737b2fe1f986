//! Connecting to an L1 that runs elsewhere, by one endpoint or several.

use anyhow::{Context, Result, bail};
use openledger_genesis::RollupConfig;
use openledger_l1::{
    BeaconClient, HeadTracker, L1Client, L1Options, L1Source as Endpoints, TrackerOptions,
    shown_url,
};
use openledger_primitives::BlockRef;
use std::time::Duration;
use tracing::warn;

/// How often the head is asked for when nothing is known of the L1's block time.
const BLOCK_TIME: Duration = Duration::from_secs(2);

/// An L1's endpoints, checked.
#[derive(Debug, Clone)]
pub(crate) struct L1Endpoint {
    /// The first one's URL, which may hold a key.
    pub(crate) rpc: String,
    /// The same of the beacon endpoints.
    pub(crate) beacon: String,
    pub(crate) chain_id: u64,
    pub(crate) endpoints: Endpoints,
}

impl L1Endpoint {
    /// Checks that an L1 answers, and takes its own account of its blob parameters. Of several endpoints one must answer, and those
    /// that do must serve the same chain. Without `beacon` blobs come from the same URLs.
    pub(crate) async fn connect(rpc: &[String], beacon: &[String]) -> Result<Self> {
        let client = L1Client::of(rpc, L1Options::default()).context("--l1-rpc")?;
        let unusable = || match rpc {
            [one] => format!(
                "the L1 at {} can not be used; is it running?",
                shown_url(one)
            ),
            several => {
                let shown: Vec<_> = several.iter().map(|url| shown_url(url)).collect();
                format!(
                    "the L1 at {} can not be used; is one of them running?",
                    shown.join(", ")
                )
            }
        };
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
        let beacon = if beacon.is_empty() { rpc } else { beacon };
        Self::of(rpc, beacon, chain_id, client)
    }

    /// An L1 whose client was checked before.
    pub(crate) fn of(
        rpc: &[String],
        beacon: &[String],
        chain_id: u64,
        client: L1Client,
    ) -> Result<Self> {
        let beacon_client =
            BeaconClient::of(beacon, client.options().clone()).context("--l1-beacon")?;
        let first = |urls: &[String]| urls.first().cloned().unwrap_or_default();
        Ok(Self {
            rpc: first(rpc),
            beacon: first(beacon),
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
        let other = || format!("{who} belongs to an L2 on another L1");
        self.founded_on(rollup).await.with_context(other)
    }

    /// Takes it for a mark of this L1 that it has the block that a rollup was founded on: no endpoint without it is used.
    pub(crate) async fn founded_on(&self, rollup: &RollupConfig) -> Result<()> {
        Ok(self.client().anchor(rollup.genesis.l1).await?)
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
