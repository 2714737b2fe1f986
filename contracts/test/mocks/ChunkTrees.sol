// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ChunkTree } from "src/pay/attribution/ChunkTree.sol";

/// @title ChunkTrees
/// @notice A text of chunks, with functions that a test can call.
contract ChunkTrees {
    using ChunkTree for ChunkTree.Text;

    ChunkTree.Text internal _text;

    /// @notice As if so much of a text was there.
    function set(uint64 _words, uint64 _count) external {
        (_text.words, _text.count) = (_words, _count);
    }

    function push(bytes calldata _chunks) external {
        ChunkTree.Text memory text = ChunkTree.load(_text);
        text.push(_chunks);
        text.store(_text);
    }

    function root() external view returns (bytes32 root_) {
        return ChunkTree.load(_text).root();
    }

    function size() external view returns (uint64 words_, uint64 count_) {
        return (_text.words, _text.count);
    }
}
