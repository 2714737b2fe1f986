//! What the newest L1 blocks bring to the L2, fetched once for the sequencer and for derivation.

use alloy_primitives::{Address, B256};
use openledger_genesis::RollupConfig;
use openledger_l1::{L1Client, L1Error};
use openledger_protocol::{L1Block, L1Inputs};
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc};

/// L1 blocks whose inputs are kept.
const KEPT: usize = 128;

/// The newest at the back.
type Kept = VecDeque<(B256, Arc<L1Inputs>)>;

/// A client with a small memory. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct InputsCache {
    client: L1Client,
    portal: Address,
    system_config: Address,
    kept: Arc<Mutex<Kept>>,
}

impl InputsCache {
    pub(crate) fn new(client: L1Client, rollup: &RollupConfig) -> Self {
        Self {
            client,
            portal: rollup.deposit_contract_address,
            system_config: rollup.l1_system_config_address,
            kept: Arc::default(),
        }
    }

    /// What is at hand of a block.
    pub(crate) fn get(&self, hash: B256) -> Option<Arc<L1Inputs>> {
        let kept = self.kept.lock();
        let found = kept.iter().find(|(of, _)| *of == hash);
        found.map(|(_, inputs)| inputs.clone())
    }

    /// What a block brings, from memory or the endpoint.
    pub(crate) async fn fetch(&self, block: &L1Block) -> Result<Arc<L1Inputs>, L1Error> {
        if let Some(inputs) = self.get(block.hash) {
            return Ok(inputs);
        }
        let inputs = self
            .client
            .inputs(block, self.portal, self.system_config)
            .await?;
        let inputs = Arc::new(inputs);
        let mut kept = self.kept.lock();
        if kept.iter().all(|(of, _)| *of != block.hash) {
            kept.push_back((block.hash, inputs.clone()));
        }
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(inputs)
    }
}
