//! What one L1 block brings to the L2.

use crate::{CONFIG_UPDATE_TOPIC, ConfigUpdate, DEPOSIT_EVENT_TOPIC, L1Block, decode_deposit};
use alloy_consensus::Sealable;
use alloy_primitives::{Address, Log};
use openledger_genesis::SystemConfig;
use openledger_primitives::{Tx, TxEnvelope};

/// An L1 block with its deposits and its changes of the system configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct L1Inputs {
    /// The block.
    pub block: L1Block,
    /// Users' deposits in the order of their logs: they follow the L1-info deposit in the epoch's first L2 block.
    pub deposits: Vec<Tx>,
    /// Changes of the system configuration in the order of their logs.
    pub config_updates: Vec<ConfigUpdate>,
}

impl L1Inputs {
    /// Reads all receipts of `block`, in their order: whether each transaction succeeded, and its logs.
    ///
    /// Logs of failed transactions count for the logs' positions (by consensus there are none) and for nothing else.
    /// Malformed logs are skipped: nobody on the L1 may be able to stop the L2.
    pub fn new<'a>(
        block: L1Block,
        receipts: impl IntoIterator<Item = (bool, &'a [Log])>,
        portal: Address,
        system_config: Address,
    ) -> Self {
        let mut inputs = Self {
            block,
            deposits: Vec::new(),
            config_updates: Vec::new(),
        };
        let mut log_index = 0;
        for (succeeded, logs) in receipts {
            for log in logs {
                if succeeded {
                    inputs.read(log, log_index, portal, system_config);
                }
                log_index += 1;
            }
        }
        inputs
    }

    fn read(&mut self, log: &Log, log_index: u64, portal: Address, system_config: Address) {
        let topic = log.data.topics().first();
        if log.address == portal && topic == Some(&DEPOSIT_EVENT_TOPIC) {
            match decode_deposit(log, self.block.hash, log_index) {
                Ok(deposit) => {
                    let from = deposit.from;
                    let envelope = TxEnvelope::Deposit(deposit.seal_slow());
                    self.deposits.push(Tx::with_signer(envelope, from));
                }
                Err(error) => self.skip("deposit", log_index, &error),
            }
        }
        if log.address == system_config && topic == Some(&CONFIG_UPDATE_TOPIC) {
            match ConfigUpdate::decode(log) {
                Ok(update) => self.config_updates.push(update),
                Err(error) => self.skip("update of the system configuration", log_index, &error),
            }
        }
    }

    fn skip(&self, what: &str, log_index: u64, error: &dyn std::error::Error) {
        let block = self.block.number;
        tracing::debug!(block, log_index, %error, "malformed {what} skipped");
    }

    /// Applies the changes of the system configuration, in order.
    pub fn apply_updates(&self, config: &mut SystemConfig) {
        for update in &self.config_updates {
            update.apply(config);
        }
    }
}
