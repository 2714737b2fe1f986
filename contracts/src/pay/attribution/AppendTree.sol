// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { Trees } from "src/pay/attribution/Trees.sol";

/// @title AppendTree
/// @notice A tree of docs/attribution-method.md that only grows: one slot is written for a leaf, and the count. Its root is at every count
///         that of the plain tree of the same leaves.
library AppendTree {
    /// @notice A leaf more than 2^64 - 1.
    error AppendTree_Full();

    /// @param count Leaves so far.
    /// @param branch At place `l` the top of the full subtree of 2^l leaves, if bit `l` of the count is 1.
    struct Tree {
        uint64 count;
        bytes32[64] branch;
    }

    /// @notice Adds a leaf.
    function push(Tree storage _tree, bytes32 _leaf) internal {
        uint64 count = _tree.count;
        if (count == type(uint64).max) revert AppendTree_Full();
        uint256 level;
        while (count >> level & 1 == 1) {
            _leaf = Trees.node(_tree.branch[level], _leaf);
            ++level;
        }
        _tree.branch[level] = _leaf;
        _tree.count = count + 1;
    }

    /// @notice The root.
    function root(Tree storage _tree) internal view returns (bytes32 root_) {
        uint64 count = _tree.count;
        bytes32 top;
        bool any;
        for (uint256 level; count >> level != 0; ++level) {
            if (count >> level & 1 == 0) continue;
            top = any ? Trees.node(_tree.branch[level], top) : _tree.branch[level];
            any = true;
        }
        return Trees.root(count, top);
    }
}
