//! `openledger check`: the doctor. Looks at a deployment from outside and changes nothing.

mod contracts;
mod finding;
mod income;
mod machine;
mod roles;

pub use finding::{Finding, Level};

use crate::l1_endpoint::L1Endpoint;
use anyhow::{Context, Result};
use contracts::Contracts;
use finding::Findings;
use futures::future::join_all;
use openledger_genesis::RollupConfig;
use openledger_l1::{L1Client, L1Error, L1Options, ViewError, Views};
use std::path::PathBuf;

/// What to look at.
#[derive(Debug, Clone)]
pub struct CheckConfig {
    /// The JSON-RPC URLs of the L1's endpoints: one at least.
    pub l1_rpc: Vec<String>,
    /// Its beacon URLs; the JSON-RPC URLs when there are none.
    pub l1_beacon: Vec<String>,
    /// `rollup.json`.
    pub rollup: PathBuf,
    /// A node of the L2, whose fee income is compared with what its batches cost; none: that is left out.
    pub l2_rpc: Option<String>,
    /// L2 blocks over which income and cost are compared. Default 1,800.
    pub blocks: u64,
    /// What one ether is worth in the L2's coin. Default 1.
    pub coins_per_ether: f64,
    /// Seconds between two proposals: how many bonds are out at once. Default 3,600.
    pub proposal_interval: u64,
    /// Where a node keeps its data, or will; none: the disk is not looked at.
    pub datadir: Option<PathBuf>,
    /// TCP ports of this machine that a node is going to need. Default none.
    pub ports: Vec<u16>,
    /// Keys by the name of the environment variable that holds them.
    pub keys: Vec<(&'static str, alloy_signer_local::PrivateKeySigner)>,
}

/// Looks at everything.
///
/// # Errors
/// When there is nothing to look at: a file is unusable. What does not work is a finding.
pub async fn check(config: &CheckConfig) -> Result<Vec<Finding>> {
    let bytes = std::fs::read(&config.rollup)
        .with_context(|| format!("--rollup: {} can not be read", config.rollup.display()))?;
    let rollup: RollupConfig = serde_json::from_slice(&bytes)
        .with_context(|| format!("--rollup: {} is malformed", config.rollup.display()))?;
    let mut findings = Findings::default();
    machine::look(config, &mut findings);
    if let Some(l1) = l1(config, &rollup, &mut findings).await {
        settlement(config, &rollup, &l1, &mut findings).await;
    }
    Ok(findings.0)
}

/// The L1 and its blobs; `None` where nothing more can be asked.
async fn l1(
    config: &CheckConfig,
    rollup: &RollupConfig,
    findings: &mut Findings,
) -> Option<L1Endpoint> {
    let remedy = "give --l1-rpc the URL of a running node of the rollup's L1";
    let l1 = match L1Endpoint::connect(&config.l1_rpc, &config.l1_beacon).await {
        Ok(l1) => l1,
        Err(error) => {
            findings.error("L1", format!("{error:#}"), remedy);
            return None;
        }
    };
    if let Err(error) = l1.must_be(rollup, "--rollup").await {
        findings.error("L1", format!("{error:#}"), remedy);
        return None;
    }
    match l1.client().head().await {
        Ok(head) => {
            findings.good(
                "L1",
                format!("chain {}, at block {}", l1.chain_id, head.number),
            );
            machine::clock(head.timestamp, findings);
        }
        Err(error) => {
            findings.error("L1", error.to_string(), remedy);
            return None;
        }
    }
    endpoints(&l1, findings).await;
    Some(l1)
}

/// Each endpoint by itself: of several one may be away without anybody noticing, until it is needed.
async fn endpoints(l1: &L1Endpoint, findings: &mut Findings) {
    let each = l1.client().each();
    if each.len() > 1 {
        let asked = each.into_iter().map(async |(host, client)| {
            let client = client.without_retries();
            (host, client.head().await.map(drop))
        });
        let found = join_all(asked).await;
        one_by_one("L1", &found, "another one is used meanwhile", findings);
    }
    let found = l1.endpoints.beacon().reachable().await;
    let remedy = "give --l1-beacon the URL of a consensus client that keeps blobs";
    one_by_one("blobs", &found, remedy, findings);
}

/// It is an error when none of them answers.
fn one_by_one(
    subject: &'static str,
    found: &[(String, Result<(), L1Error>)],
    remedy: &'static str,
    findings: &mut Findings,
) {
    let some_answer = found.iter().any(|(_, outcome)| outcome.is_ok());
    for (host, outcome) in found {
        let Err(error) = outcome else {
            findings.good(subject, format!("{host} answers"));
            continue;
        };
        let mut found = error.to_string();
        if !found.contains(host.as_str()) {
            found = format!("{host}: {found}");
        }
        if some_answer {
            findings.warning(subject, found, remedy);
        } else {
            findings.error(subject, found, remedy);
        }
    }
}

async fn settlement(
    config: &CheckConfig,
    rollup: &RollupConfig,
    l1: &L1Endpoint,
    findings: &mut Findings,
) {
    let client = l1.client();
    let read = async {
        let head = client.head().await.map_err(ViewError::L1)?;
        let client = client.without_retries();
        Contracts::read(&Views::new(&client, head.hash), rollup)
            .await
            .map(|contracts| (head, contracts))
    };
    let (head, contracts) = match read.await {
        Ok(read) => read,
        Err(error) => {
            findings.error(
                "contracts",
                error.to_string(),
                "this rollup.json is of a chain without a way out: deploy one with this version",
            );
            return;
        }
    };
    contracts.judge(l1.chain_id, findings);
    roles::look(config, client, &head, &contracts, findings).await;
    let Some(url) = &config.l2_rpc else { return };
    let l2 = L1Client::new(url, L1Options::default());
    let compared = match l2 {
        Ok(l2) => income::compare(config, client, &l2, &contracts).await,
        Err(error) => Err(error.into()),
    };
    match compared {
        Ok(comparison) => comparison.judge(findings),
        Err(error) => findings.error(
            "fees",
            format!("income and cost can not be compared: {error:#}"),
            "give --l2-rpc the URL of a node of this L2, and ask for fewer --blocks",
        ),
    }
}
