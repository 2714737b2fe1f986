//! Filters that are polled: `eth_newFilter` and its kin.

use crate::{
    RpcError,
    convert::{Inclusion, block_logs},
};
use alloy_primitives::{B256, U256};
use alloy_rpc_types_eth::Filter;
use openledger_primitives::Tx;
use openledger_storage::ExecutedBlock;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// Changes that a filter keeps for its next poll; more make it fail then.
const MAX_CHANGES: usize = 20_000;

/// What a filter collects.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Logs that match.
    Logs(Box<Filter>),
    /// Hashes of new blocks.
    Blocks,
    /// Transactions that became executable: hashes, or in full.
    Pending { full: bool },
}

/// What a filter collected since the last poll.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Changes {
    Logs(Vec<alloy_rpc_types_eth::Log>),
    Hashes(Vec<B256>),
    Transactions(Vec<crate::convert::RpcTransaction>),
}

#[derive(Debug)]
struct Installed {
    kind: Kind,
    polled: Instant,
    changes: Changes,
    lost: bool,
}

impl Installed {
    fn len(&self) -> usize {
        match &self.changes {
            Changes::Logs(list) => list.len(),
            Changes::Hashes(list) => list.len(),
            Changes::Transactions(list) => list.len(),
        }
    }
}

/// All filters. They vanish when nobody polls them for a while.
#[derive(Debug)]
pub(crate) struct Filters {
    installed: Mutex<HashMap<U256, Installed>>,
    max: usize,
    lifetime: Duration,
}

impl Filters {
    pub(crate) fn new(max: usize, lifetime: Duration) -> Self {
        Self {
            installed: Mutex::default(),
            max,
            lifetime,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.installed.lock().is_empty()
    }

    /// Installs a filter and returns its id. Fails when there are too many.
    pub(crate) fn install(&self, kind: Kind) -> Result<U256, RpcError> {
        let mut installed = self.installed.lock();
        let now = Instant::now();
        installed.retain(|_, filter| now.duration_since(filter.polled) < self.lifetime);
        if installed.len() >= self.max {
            return Err(RpcError::Limit(format!(
                "too many filters: {} are installed, remove some with eth_uninstallFilter",
                self.max
            )));
        }
        let id = U256::from_be_bytes(B256::random().0) >> 128;
        let changes = Self::nothing(&kind);
        installed.insert(
            id,
            Installed {
                kind,
                polled: now,
                changes,
                lost: false,
            },
        );
        Ok(id)
    }

    fn nothing(kind: &Kind) -> Changes {
        match kind {
            Kind::Logs(_) => Changes::Logs(Vec::new()),
            Kind::Blocks | Kind::Pending { full: false } => Changes::Hashes(Vec::new()),
            Kind::Pending { full: true } => Changes::Transactions(Vec::new()),
        }
    }

    pub(crate) fn remove(&self, id: U256) -> bool {
        self.installed.lock().remove(&id).is_some()
    }

    /// What changed since the last poll. Fails for unknown ids, and once when changes were lost.
    pub(crate) fn poll(&self, id: U256) -> Result<Changes, RpcError> {
        let mut installed = self.installed.lock();
        let filter = installed.get_mut(&id).ok_or_else(not_found)?;
        filter.polled = Instant::now();
        let nothing = Self::nothing(&filter.kind);
        let changes = std::mem::replace(&mut filter.changes, nothing);
        if std::mem::take(&mut filter.lost) {
            return Err(RpcError::Server(format!(
                "filter {id:#x} lost changes: poll more often, or read the range with eth_getLogs"
            )));
        }
        Ok(changes)
    }

    /// The criteria of a log filter.
    pub(crate) fn criteria(&self, id: U256) -> Result<Filter, RpcError> {
        let mut installed = self.installed.lock();
        let filter = installed.get_mut(&id).ok_or_else(not_found)?;
        filter.polled = Instant::now();
        match &filter.kind {
            Kind::Logs(criteria) => Ok((**criteria).clone()),
            _ => Err(RpcError::Server(format!(
                "filter {id:#x} is not a log filter"
            ))),
        }
    }

    /// Changes were missed: every filter says so at its next poll.
    pub(crate) fn missed_events(&self) {
        self.installed
            .lock()
            .values_mut()
            .for_each(|filter| filter.lost = true);
    }

    pub(crate) fn on_committed(&self, block: &ExecutedBlock) {
        self.on_block(block, false);
    }

    pub(crate) fn on_retracted(&self, blocks: &[Arc<ExecutedBlock>]) {
        for block in blocks {
            self.on_block(block, true);
        }
    }

    fn on_block(&self, block: &ExecutedBlock, removed: bool) {
        let inclusion = Inclusion::sealed(&block.block.header);
        for filter in self.installed.lock().values_mut() {
            match (&filter.kind, &mut filter.changes) {
                (Kind::Blocks, Changes::Hashes(hashes)) if !removed => hashes.push(block.hash()),
                (Kind::Logs(criteria), Changes::Logs(logs)) => {
                    if !criteria.matches_block_range(inclusion.block_number)
                        || !criteria.matches_bloom(block.block.header.logs_bloom)
                    {
                        continue;
                    }
                    let hashes = block.block.transactions.iter().map(|tx| tx.hash());
                    let all = block_logs(inclusion, hashes, &block.receipts, removed);
                    logs.extend(all.filter(|log| criteria.matches(&log.inner)));
                }
                _ => {}
            }
            overflow(filter);
        }
    }

    pub(crate) fn on_pooled(&self, txs: &[Tx]) {
        for filter in self.installed.lock().values_mut() {
            match (&filter.kind, &mut filter.changes) {
                (Kind::Pending { full: false }, Changes::Hashes(hashes)) => {
                    hashes.extend(txs.iter().map(Tx::hash));
                }
                (Kind::Pending { full: true }, Changes::Transactions(list)) => {
                    list.extend(txs.iter().map(crate::convert::RpcTransaction::pooled));
                }
                _ => {}
            }
            overflow(filter);
        }
    }
}

fn overflow(filter: &mut Installed) {
    if filter.len() > MAX_CHANGES {
        filter.changes = Filters::nothing(&filter.kind);
        filter.lost = true;
    }
}

fn not_found() -> RpcError {
    RpcError::Server("filter not found".into())
}

/// A filter's id as clients write it.
pub(crate) fn parse_id(text: &str) -> Result<U256, RpcError> {
    text.parse().map_err(|_| not_found())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_limited_expire_and_are_removed() {
        let filters = Filters::new(2, Duration::from_secs(60));
        let first = filters.install(Kind::Blocks).unwrap();
        let second = filters.install(Kind::Pending { full: false }).unwrap();
        assert!(matches!(
            filters.install(Kind::Blocks),
            Err(RpcError::Limit(_))
        ));
        assert!(filters.remove(first));
        assert!(!filters.remove(first));
        assert!(filters.poll(first).is_err());
        assert!(matches!(filters.poll(second).unwrap(), Changes::Hashes(list) if list.is_empty()));
        assert!(matches!(filters.criteria(second), Err(RpcError::Server(_))));

        let forgetful = Filters::new(1, Duration::ZERO);
        let gone = forgetful.install(Kind::Blocks).unwrap();
        forgetful.install(Kind::Blocks).unwrap();
        assert!(forgetful.poll(gone).is_err());
    }

    #[test]
    fn lost_changes_are_reported_once() {
        let filters = Filters::new(2, Duration::from_secs(60));
        let id = filters.install(Kind::Blocks).unwrap();
        filters.missed_events();
        assert!(
            filters
                .poll(id)
                .unwrap_err()
                .to_string()
                .contains("lost changes")
        );
        assert!(filters.poll(id).is_ok());
        assert_eq!(parse_id(&format!("{id:#x}")).unwrap(), id);
        assert!(parse_id("nonsense").is_err());
    }
}
