//! `deployment.json`: what the banner shows, for programs.

use alloy_primitives::Address;
use openledger_l1::shown_url;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where everything is. It goes to `<datadir>/deployment.json`, and without keys to `GET /api/v1/deployment`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deployment {
    pub(crate) l1: Layer,
    pub(crate) l2: Layer,
    pub(crate) batch_inbox: Address,
    pub(crate) batcher: Address,
    pub(crate) proposer: Address,
    pub(crate) explorer: String,
    pub(crate) metrics: String,
    pub(crate) feed: String,
}

/// One chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Layer {
    pub(crate) chain_id: u64,
    pub(crate) rpc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ws: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) beacon: Option<String>,
    pub(crate) contracts: BTreeMap<String, Address>,
}

impl Deployment {
    /// The same for everybody: the URLs of somebody else's L1 may hold keys.
    pub(crate) fn shown(&self) -> Self {
        let mut shown = self.clone();
        shown.l1.rpc = shown_url(&shown.l1.rpc);
        shown.l1.beacon = shown.l1.beacon.as_deref().map(shown_url);
        shown
    }
}
