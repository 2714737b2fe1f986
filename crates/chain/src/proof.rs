//! Merkle proofs at any block of the history window (EIP-1186).

use crate::{Chain, ChainError, memory::Memory};
use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_trie::TrieAccount;
use openledger_storage::Reader;
use openledger_trie::StateTrie;

/// Slots that are proven from the trie that blocks are sealed with; more are from one of the proof's own.
const LIVE_SLOTS: usize = 16;

/// What `eth_getProof` returns.
#[derive(Debug, Clone)]
pub struct AccountProof {
    /// The account's leaf; `None` when the proof is one of absence.
    pub account: Option<TrieAccount>,
    /// Nodes from the state root down.
    pub proof: Vec<Bytes>,
    /// For each slot asked for: the slot, its value, and the nodes from the storage root down.
    pub storage: Vec<(U256, U256, Vec<Bytes>)>,
}

impl Chain {
    /// Proves an account and some of its slots in the state after a block.
    ///
    /// At the head it costs a walk down the trie; at an older block also the changes between it and the head.
    pub fn proof(
        &self,
        number: u64,
        address: Address,
        slots: &[U256],
    ) -> Result<AccountProof, ChainError> {
        let memory = self.memory.load_full();
        let reader = self.db.reader()?;
        let head = memory.head();
        if number > head.number() {
            return Err(ChainError::Future(number));
        }
        let values = self.state_at(number)?;
        let prove = |trie: &mut StateTrie| prove(trie, &reader, address, slots);
        let stored = reader.head()?.number;
        // The next block can not be sealed meanwhile, so the live trie is for what is quick.
        let live = (number == head.number() && number != stored && slots.len() <= LIVE_SLOTS)
            .then(|| self.trie.try_lock())
            .flatten()
            .filter(|state| state.at == head.hash());
        let (account, proof, storage) = match live {
            Some(mut state) => prove(&mut state.trie)?,
            None => prove(&mut trie_at(&memory, number, &reader)?)?,
        };
        let storage = slots
            .iter()
            .zip(storage)
            .map(|(slot, proof)| {
                let value = values
                    .storage(address, *slot)
                    .map_err(openledger_execution::ExecutionError::State)?;
                Ok((*slot, value, proof))
            })
            .collect::<Result<_, ChainError>>()?;
        Ok(AccountProof {
            account,
            proof,
            storage,
        })
    }
}

/// A trie of its own at some block, over the snapshot in `reader`, which must be newer than `memory`.
fn trie_at(memory: &Memory, number: u64, reader: &Reader) -> Result<StateTrie, ChainError> {
    let stored = reader.head()?.number;
    let mut trie = StateTrie::new();
    if number < stored {
        let oldest = reader.history_floor()?;
        if number < oldest {
            return Err(ChainError::HistoryPruned { number, oldest });
        }
        trie.apply(stored, &reader.reverse_changes(number)?, reader)?;
    } else {
        for block in memory
            .blocks
            .iter()
            .filter(|b| b.number() > stored && b.number() <= number)
        {
            trie.apply(block.number(), &block.hashed_changes(), reader)?;
        }
    }
    Ok(trie)
}

type Proven = (Option<TrieAccount>, Vec<Bytes>, Vec<Vec<Bytes>>);

fn prove(
    trie: &mut StateTrie,
    reader: &Reader,
    address: Address,
    slots: &[U256],
) -> Result<Proven, ChainError> {
    let hashed = keccak256(address);
    let account = trie.account(hashed, reader)?;
    let proof = trie.account_proof(hashed, reader)?;
    let storage = slots
        .iter()
        .map(|slot| trie.storage_proof(hashed, keccak256(slot.to_be_bytes::<32>()), reader))
        .collect::<Result<_, _>>()?;
    Ok((account, proof, storage))
}
