//! Output roots: what the L1 learns about the L2's state.

use alloy_primitives::{B256, keccak256};
use serde::{Deserialize, Serialize};

/// The preimage of a version 0 output root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputRoot {
    /// The L2 block's state root.
    pub state_root: B256,
    /// Storage root of L2ToL1MessagePasser: the block's `withdrawalsRoot` since Isthmus.
    pub message_passer_storage_root: B256,
    /// The L2 block's hash.
    pub block_hash: B256,
}

impl OutputRoot {
    /// The version that [`hash`](Self::hash) commits to.
    pub const VERSION: B256 = B256::ZERO;

    /// `keccak(version ‖ stateRoot ‖ messagePasserStorageRoot ‖ blockHash)`.
    pub fn hash(&self) -> B256 {
        let mut preimage = [0u8; 128];
        preimage[..32].copy_from_slice(Self::VERSION.as_slice());
        preimage[32..64].copy_from_slice(self.state_root.as_slice());
        preimage[64..96].copy_from_slice(self.message_passer_storage_root.as_slice());
        preimage[96..].copy_from_slice(self.block_hash.as_slice());
        keccak256(preimage)
    }
}
