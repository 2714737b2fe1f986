// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { Leaves } from "src/pay/attribution/Leaves.sol";

/// @title Documents
/// @notice The leaves of documents, D and O, of docs/attribution-method.md, with all that admission asks of them. Nothing reverts: what somebody hashed
///         may be anything.
library Documents {
    /// @notice D, the document where it stands. `file`, `part` and `rawCid` are left out: they are checked, or anything.
    struct Document {
        uint64 seq;
        uint64 contributor;
        uint8 kind;
        uint16 words;
        bytes32 chunkRoot;
        bytes32 sketchHash;
        uint64 parentSeq;
        uint64 rootSeq;
        uint16 containBps;
        uint32 licence;
    }

    /// @notice D. The same bytes as {Leaves.document} takes.
    function tryDocument(bytes calldata _leaf) internal pure returns (bool isLeaf_, Document memory leaf_) {
        if (_leaf.length != 150 || _leaf[0] != "D") return (false, leaf_);
        leaf_.seq = uint64(_number(_leaf, 1, 8));
        leaf_.contributor = uint64(_number(_leaf, 9, 8));
        leaf_.kind = uint8(_leaf[17]);
        leaf_.words = uint16(_number(_leaf, 26, 2));
        leaf_.chunkRoot = bytes32(_number(_leaf, 28, 32));
        leaf_.sketchHash = bytes32(_number(_leaf, 60, 32));
        leaf_.parentSeq = uint64(_number(_leaf, 92, 8));
        leaf_.rootSeq = uint64(_number(_leaf, 100, 8));
        leaf_.containBps = uint16(_number(_leaf, 108, 2));
        leaf_.licence = uint32(_number(_leaf, 110, 4));
        bool isPlaced = leaf_.containBps < Leaves.DERIVATIVE_BPS
            ? leaf_.parentSeq == leaf_.seq && leaf_.rootSeq == leaf_.seq
            : leaf_.containBps <= 10_000 && leaf_.parentSeq < leaf_.seq && leaf_.rootSeq <= leaf_.parentSeq;
        isLeaf_ = isPlaced && _isContent(_leaf, 17, 114);
    }

    /// @notice O, what a document is wherever it stands: `kind:1 | file:4 | part:4 | words:2 | chunkRoot:32 | sketchHash:32 | rawCid:36`.
    function tryContent(bytes calldata _leaf) internal pure returns (bool isLeaf_, bytes32 sketchHash_) {
        if (_leaf.length != 112 || _leaf[0] != "O") return (false, 0);
        return (_isContent(_leaf, 1, 76), bytes32(_number(_leaf, 44, 32)));
    }

    /// @notice The hash of the O that a D has in it.
    function contentOf(bytes calldata _document) internal pure returns (bytes32 hash_) {
        return keccak256(abi.encodePacked(uint8(0), "O", _document[17:92], _document[114:150]));
    }

    /// @dev Whether kind, words and file of a leaf are in range; where the kind is, and the file.
    function _isContent(bytes calldata _leaf, uint256 _kind, uint256 _file) private pure returns (bool isContent_) {
        uint256 words = _number(_leaf, _kind + 9, 2);
        if (uint8(_leaf[_kind]) > 7 || words == 0 || words > Leaves.DOCUMENT) return false;
        // Binary CIDv1 with SHA-256 of a raw or dag-pb file, or all zero.
        uint256 head = _number(_leaf, _file, 4);
        return head == 0x01551220 || head == 0x01701220 || head == 0 && _number(_leaf, _file + 4, 32) == 0;
    }

    /// @dev The bytes at a place as a number. The length was checked.
    function _number(bytes calldata _leaf, uint256 _ptr, uint256 _size) private pure returns (uint256 number_) {
        assembly ("memory-safe") {
            number_ := shr(sub(256, mul(8, _size)), calldataload(add(_leaf.offset, _ptr)))
        }
    }
}
