// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { StorageProof } from "src/libraries/StorageProof.sol";

/// @title Withdrawals
/// @notice What is known about a withdrawal from the L2's state alone (OP Stack specification, "Withdrawals").
library Withdrawals {
    /// @dev What a withdrawal is known by: the hash that the L2's L2ToL1MessagePasser registers.
    function hash(IOptimismPortal.WithdrawalTransaction calldata _tx) internal pure returns (bytes32) {
        return keccak256(abi.encode(_tx.nonce, _tx.sender, _tx.target, _tx.value, _tx.gasLimit, _tx.data));
    }

    /// @dev The output root of this version and these parts.
    function outputRoot(IOptimismPortal.OutputRootProof calldata _proof) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(_proof.version, _proof.stateRoot, _proof.messagePasserStorageRoot, _proof.latestBlockhash)
        );
    }

    /// @dev Whether the L2ToL1MessagePasser, its storage having this root, has registered the withdrawal: its first
    ///      variable maps the hash to true.
    /// @param _withdrawalHash The withdrawal.
    /// @param _storageRoot Root of the storage trie.
    /// @param _proof The trie's nodes from the root to the slot.
    function isRegistered(
        bytes32 _withdrawalHash,
        bytes32 _storageRoot,
        bytes[] calldata _proof
    ) internal pure returns (bool) {
        return StorageProof.holdsOne(keccak256(abi.encode(_withdrawalHash, uint256(0))), _storageRoot, _proof);
    }
}
