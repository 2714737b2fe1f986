// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { Trees } from "src/pay/attribution/Trees.sol";

/// @title Phrases
/// @notice The list of a model version's boilerplate: phrases of eight word ids, which nobody is paid for.
library Phrases {
    /// @notice The list is not made of whole phrases, or they are not in strict order.
    error Phrases_NoList();

    /// @notice Bytes of a phrase.
    uint256 internal constant SIZE = 128;

    /// @notice The root of the leaves G of a list, given the phrases one behind the other.
    function rootOf(bytes calldata _list) internal pure returns (bytes32 root_) {
        if (_list.length % SIZE != 0) revert Phrases_NoList();
        bytes32[] memory leaves = new bytes32[](_list.length / SIZE);
        for (uint256 k; k < leaves.length; ++k) {
            bytes calldata phrase = _list[SIZE * k:SIZE * (k + 1)];
            if (k != 0 && !_isBelow(_list[SIZE * (k - 1):SIZE * k], phrase)) revert Phrases_NoList();
            leaves[k] = keccak256(bytes.concat(hex"00", "G", phrase));
        }
        return Trees.rootOf(leaves);
    }

    function _isBelow(bytes calldata _one, bytes calldata _other) private pure returns (bool isBelow_) {
        for (uint256 ptr; ptr < SIZE; ptr += 32) {
            (bytes32 one, bytes32 other) = (bytes32(_one[ptr:]), bytes32(_other[ptr:]));
            if (one != other) return one < other;
        }
    }
}
