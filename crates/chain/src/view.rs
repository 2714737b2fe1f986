//! A consistent state at one block.

use crate::{ChainError, memory::Memory};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use openledger_execution::{StateError, StateSource};
use openledger_primitives::Account;
use openledger_storage::{ExecutedBlock, Reader};
use std::sync::Arc;

/// The state after block `number`: blocks in memory over one snapshot of the database.
pub(crate) struct StateView {
    number: u64,
    /// Newest first; all above the snapshot's block.
    overlay: Vec<Arc<ExecutedBlock>>,
    reader: Reader,
    /// Set when the state is older than the snapshot: values come from the history.
    historical: bool,
}

impl StateView {
    pub(crate) fn new(memory: &Memory, reader: Reader, number: u64) -> Result<Self, ChainError> {
        if number > memory.head().number() {
            return Err(ChainError::Future(number));
        }
        // The snapshot may be newer than `memory`: blocks that it has are not needed from memory.
        let stored = reader.head()?.number;
        if number < stored {
            let oldest = reader.history_floor()?;
            if number < oldest {
                return Err(ChainError::HistoryPruned { number, oldest });
            }
            return Ok(Self {
                number,
                overlay: Vec::new(),
                reader,
                historical: true,
            });
        }
        let overlay: Vec<_> = memory
            .blocks
            .iter()
            .rev()
            .filter(|block| block.number() > stored && block.number() <= number)
            .cloned()
            .collect();
        // Blocks that were taken back after `memory` was read are in neither.
        if overlay.len() as u64 != number - stored {
            return Err(ChainError::Future(number));
        }
        Ok(Self {
            number,
            overlay,
            reader,
            historical: false,
        })
    }
}

impl StateView {
    /// The state after `block`, which sits on the block at height `parent` and need not be canonical yet.
    pub(crate) fn on(
        memory: &Memory,
        reader: Reader,
        parent: u64,
        block: Arc<ExecutedBlock>,
    ) -> Result<Self, ChainError> {
        let mut view = Self::new(memory, reader, parent)?;
        view.number = block.number();
        view.overlay.insert(0, block);
        Ok(view)
    }
}

impl StateSource for StateView {
    fn account(&self, address: Address) -> Result<Option<Account>, StateError> {
        if let Some(account) = self
            .overlay
            .iter()
            .find_map(|block| block.account(&address))
        {
            return Ok(account);
        }
        let hashed = keccak256(address);
        let account = if self.historical {
            self.reader.account_at(self.number, hashed)
        } else {
            self.reader.account(hashed)
        };
        account.map_err(StateError::new)
    }

    fn storage(&self, address: Address, slot: U256) -> Result<U256, StateError> {
        if let Some(value) = self
            .overlay
            .iter()
            .find_map(|block| block.slot(&address, &slot))
        {
            return Ok(value);
        }
        let hashed_address = keccak256(address);
        let hashed_slot = keccak256(slot.to_be_bytes::<32>());
        let value = if self.historical {
            self.reader
                .storage_at(self.number, hashed_address, hashed_slot)
        } else {
            self.reader.storage(hashed_address, hashed_slot)
        };
        value.map_err(StateError::new)
    }

    fn code(&self, hash: B256) -> Result<Bytes, StateError> {
        if let Some(code) = self.overlay.iter().find_map(|block| block.code(&hash)) {
            return Ok(code.clone());
        }
        self.reader
            .code(hash)
            .map_err(StateError::new)?
            .ok_or_else(|| StateError::new(format!("no code with hash {hash}")))
    }

    fn block_hash(&self, number: u64) -> Result<B256, StateError> {
        if number > self.number {
            return Ok(B256::ZERO);
        }
        if let Some(block) = self.overlay.iter().find(|block| block.number() == number) {
            return Ok(block.hash());
        }
        let header = self.reader.header(number).map_err(StateError::new)?;
        Ok(header.map(|header| header.seal()).unwrap_or_default())
    }
}
