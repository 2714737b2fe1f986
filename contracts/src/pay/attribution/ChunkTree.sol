// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title ChunkTree
/// @notice The tree of a text's chunks, built in memory from leaves C in their order, and kept in storage between transactions where a text takes several.
library ChunkTree {
    /// @notice The chunks do not go on with the text: one is no leaf C, has another index, or is behind one that is not full.
    error ChunkTree_Text();

    /// @notice Bytes of a leaf C.
    uint256 internal constant SIZE = 550;

    /// @param words Words so far.
    /// @param count Chunks so far, below 2^32 since their index has four bytes.
    /// @param branch At place `l` the top of the full subtree of 2^l leaves, if bit `l` of the count is 1.
    struct Text {
        uint64 words;
        uint64 count;
        bytes32[32] branch;
    }

    /// @notice Adds leaves C that stand one behind the other.
    function push(Text memory _text, bytes calldata _chunks) internal pure {
        if (_chunks.length % SIZE != 0) revert ChunkTree_Text();
        for (uint256 ptr; ptr < _chunks.length; ptr += SIZE) {
            bytes calldata chunk = _chunks[ptr:ptr + SIZE];
            (uint32 index, uint256 n) = Leaves.chunk(chunk);
            uint64 count = _text.count;
            // Only the last one of a text may have fewer words.
            bool goesOn = index == count && _text.words == count * Leaves.CHUNK && count < type(uint32).max;
            if (!goesOn) revert ChunkTree_Text();
            bytes32 node = Trees.leaf(chunk);
            uint256 level;
            while (count >> level & 1 == 1) {
                node = Trees.node(_text.branch[level], node);
                ++level;
            }
            _text.branch[level] = node;
            _text.count = count + 1;
            _text.words += uint64(n);
        }
    }

    /// @notice The root of the chunks so far.
    function root(Text memory _text) internal pure returns (bytes32 root_) {
        uint64 count = _text.count;
        bytes32 top;
        bool any;
        for (uint256 level; count >> level != 0; ++level) {
            if (count >> level & 1 == 0) continue;
            top = any ? Trees.node(_text.branch[level], top) : _text.branch[level];
            any = true;
        }
        return Trees.root(count, top);
    }

    /// @notice What was kept of a text.
    function load(Text storage _from) internal view returns (Text memory text_) {
        (text_.words, text_.count) = (_from.words, _from.count);
        for (uint256 level; text_.count >> level != 0; ++level) {
            if (text_.count >> level & 1 == 1) text_.branch[level] = _from.branch[level];
        }
    }

    /// @notice Keeps a text until more of it comes.
    function store(Text memory _text, Text storage _to) internal {
        (_to.words, _to.count) = (_text.words, _text.count);
        for (uint256 level; _text.count >> level != 0; ++level) {
            if (_text.count >> level & 1 == 1) _to.branch[level] = _text.branch[level];
        }
    }
}
