// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Leaves
/// @notice The leaves of docs/attribution-method.md, taken apart. Whatever is of another length or tag, or out of range, reverts.
library Leaves {
    /// @notice The bytes are no leaf of this kind.
    error Leaves_NoLeaf();

    uint8 internal constant SPAN = 0;
    uint8 internal constant GAP = 1;
    uint8 internal constant ECHO = 2;
    uint8 internal constant BOILER = 3;

    /// @notice Words of a full tile, and of the shortest run that begins anew.
    uint256 internal constant FULL = 64;
    uint256 internal constant LEAST = 8;

    /// @notice Most words of a document, and words of a chunk.
    uint256 internal constant DOCUMENT = 512;
    uint256 internal constant CHUNK = 32;

    /// @notice Where derivatives begin, and where documents are held, in basis points.
    uint256 internal constant DERIVATIVE_BPS = 1_500;
    uint256 internal constant HELD_BPS = 4_000;

    /// @notice D, but for `file`, `part` and `rawCid`, which are checked, or anything.
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

    struct Answer {
        uint64 i;
        uint64 modelVersion;
        uint128 fee;
        bool isPublic;
        bytes32 contextRoot;
        bytes32 outputRoot;
        uint32 words;
    }

    struct Tile {
        uint32 start;
        uint8 len;
        uint8 kind;
        uint64 seq;
        uint16 offset;
    }

    struct AnswerRow {
        uint64 i;
        bytes32 tilingRoot;
        uint32 tiles;
        uint128 dataPool;
    }

    struct ModelRow {
        uint64 modelVersion;
        uint128 train;
        bytes32 ansRoot;
    }

    struct PayoutRow {
        uint64 contributor;
        uint128 cumulative;
        uint128 earned;
        bytes32 earnRoot;
    }

    struct Earning {
        uint64 i;
        uint32 tile;
        uint8 hop;
        uint128 amount;
    }

    /// @notice C: index and number of words. The ids are 16 bytes each from byte 38 on.
    function chunk(bytes calldata _leaf) internal pure returns (uint32 index_, uint256 n_) {
        _is(_leaf, "C", 550);
        index_ = uint32(_number(_leaf, 1, 4));
        n_ = uint8(_leaf[37]);
        if (n_ == 0 || n_ > CHUNK) revert Leaves_NoLeaf();
        // Those beyond n are zero, or one chunk would have several hashes.
        uint256 rest;
        for (uint256 ptr = 38 + 16 * n_; ptr < 550; ptr += 16) {
            rest |= _number(_leaf, ptr, 16);
        }
        if (rest != 0) revert Leaves_NoLeaf();
    }

    /// @notice D.
    function document(bytes calldata _leaf) internal pure returns (Document memory leaf_) {
        bool isLeaf;
        (isLeaf, leaf_) = tryDocument(_leaf);
        if (!isLeaf) revert Leaves_NoLeaf();
    }

    /// @notice D. `isLeaf_` is false instead of a revert, since a contributor may have hashed anything.
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
        bool isPlaced = leaf_.containBps < DERIVATIVE_BPS
            ? leaf_.parentSeq == leaf_.seq && leaf_.rootSeq == leaf_.seq
            : leaf_.containBps <= 10_000 && leaf_.parentSeq < leaf_.seq && leaf_.rootSeq <= leaf_.parentSeq;
        isLeaf_ = isPlaced && _isContent(_leaf, 17, 114);
    }

    /// @notice O, what a document is wherever it stands: `kind:1 | file:4 | part:4 | words:2 | chunkRoot:32 | sketchHash:32 | rawCid:36`. `isLeaf_` is false
    ///         instead of a revert.
    function tryContent(bytes calldata _leaf) internal pure returns (bool isLeaf_, bytes32 sketchHash_) {
        if (_leaf.length != 112 || _leaf[0] != "O") return (false, 0);
        return (_isContent(_leaf, 1, 76), bytes32(_number(_leaf, 44, 32)));
    }

    /// @notice The hash of the O that a D has in it.
    function contentOf(bytes calldata _document) internal pure returns (bytes32 hash_) {
        return keccak256(abi.encodePacked(uint8(0), "O", _document[17:92], _document[114:150]));
    }

    /// @notice B.
    function batch(bytes calldata _leaf) internal pure returns (uint32 commitSeq_, bytes32 root_) {
        _is(_leaf, "B", 37);
        return (uint32(_number(_leaf, 1, 4)), bytes32(_number(_leaf, 5, 32)));
    }

    /// @notice V.
    function version(bytes calldata _leaf) internal pure returns (uint64 datanet_, uint32 version_, bytes32 root_) {
        _is(_leaf, "V", 45);
        return (uint64(_number(_leaf, 1, 8)), uint32(_number(_leaf, 9, 4)), bytes32(_number(_leaf, 13, 32)));
    }

    /// @notice R.
    function answer(bytes calldata _leaf) internal pure returns (Answer memory leaf_) {
        _is(_leaf, "R", 130);
        leaf_.i = uint64(_number(_leaf, 1, 8));
        leaf_.modelVersion = uint64(_number(_leaf, 9, 8));
        leaf_.fee = uint128(_number(_leaf, 37, 16));
        if (uint8(_leaf[61]) > 1) revert Leaves_NoLeaf();
        leaf_.isPublic = uint8(_leaf[61]) == 1;
        leaf_.contextRoot = bytes32(_number(_leaf, 62, 32));
        leaf_.outputRoot = bytes32(_number(_leaf, 94, 32));
        leaf_.words = uint32(_number(_leaf, 126, 4));
    }

    /// @notice T. `isLeaf_` is false instead of a revert, since a poster may have hashed anything.
    function tryTile(bytes calldata _leaf) internal pure returns (bool isLeaf_, Tile memory leaf_) {
        if (_leaf.length != 17 || _leaf[0] != "T") return (false, leaf_);
        leaf_.start = uint32(_number(_leaf, 1, 4));
        leaf_.len = uint8(_leaf[5]);
        leaf_.kind = uint8(_leaf[6]);
        leaf_.seq = uint64(_number(_leaf, 7, 8));
        leaf_.offset = uint16(_number(_leaf, 15, 2));
        uint256 len = leaf_.len;
        if (len == 0 || len > FULL || leaf_.kind > BOILER || leaf_.start + len > type(uint32).max) {
            return (false, leaf_);
        }
        if (leaf_.kind == GAP) isLeaf_ = leaf_.seq == 0 && leaf_.offset == 0;
        else if (leaf_.kind == ECHO) isLeaf_ = leaf_.seq + len <= 1 << 32 && leaf_.offset == 0;
        else isLeaf_ = leaf_.offset + len <= DOCUMENT;
    }

    /// @notice What a tile adds to its tree: its words in the upper half, those that earn in the lower.
    function sum(Tile memory _tile) internal pure returns (uint128 sum_) {
        return uint128(_tile.len) << 64 | (_tile.kind == SPAN ? _tile.len : 0);
    }

    /// @notice A. `isLeaf_` is false instead of a revert.
    function tryRow(bytes calldata _leaf) internal pure returns (bool isLeaf_, AnswerRow memory leaf_) {
        if (_leaf.length != 61 || _leaf[0] != "A") return (false, leaf_);
        leaf_.i = uint64(_number(_leaf, 1, 8));
        leaf_.tilingRoot = bytes32(_number(_leaf, 9, 32));
        leaf_.tiles = uint32(_number(_leaf, 41, 4));
        leaf_.dataPool = uint128(_number(_leaf, 45, 16));
        return (true, leaf_);
    }

    /// @notice M. `isLeaf_` is false instead of a revert.
    function tryModel(bytes calldata _leaf) internal pure returns (bool isLeaf_, ModelRow memory leaf_) {
        if (_leaf.length != 57 || _leaf[0] != "M") return (false, leaf_);
        leaf_.modelVersion = uint64(_number(_leaf, 1, 8));
        leaf_.train = uint128(_number(_leaf, 9, 16));
        leaf_.ansRoot = bytes32(_number(_leaf, 25, 32));
        return (true, leaf_);
    }

    /// @notice N. `isLeaf_` is false instead of a revert.
    function tryTrain(bytes calldata _leaf) internal pure returns (bool isLeaf_, uint64 i_, uint128 train_) {
        if (_leaf.length != 25 || _leaf[0] != "N") return (false, 0, 0);
        return (true, uint64(_number(_leaf, 1, 8)), uint128(_number(_leaf, 9, 16)));
    }

    /// @notice P. `isLeaf_` is false instead of a revert.
    function tryPayout(bytes calldata _leaf) internal pure returns (bool isLeaf_, PayoutRow memory leaf_) {
        if (_leaf.length != 73 || _leaf[0] != "P") return (false, leaf_);
        leaf_.contributor = uint64(_number(_leaf, 1, 8));
        leaf_.cumulative = uint128(_number(_leaf, 9, 16));
        leaf_.earned = uint128(_number(_leaf, 25, 16));
        leaf_.earnRoot = bytes32(_number(_leaf, 41, 32));
        return (leaf_.earned <= leaf_.cumulative, leaf_);
    }

    /// @notice E. `isLeaf_` is false instead of a revert.
    function tryEarning(bytes calldata _leaf) internal pure returns (bool isLeaf_, Earning memory leaf_) {
        if (_leaf.length != 30 || _leaf[0] != "E") return (false, leaf_);
        leaf_.i = uint64(_number(_leaf, 1, 8));
        leaf_.tile = uint32(_number(_leaf, 9, 4));
        leaf_.hop = uint8(_leaf[13]);
        leaf_.amount = uint128(_number(_leaf, 14, 16));
        return (leaf_.hop <= 1, leaf_);
    }

    /// @notice What earnings are in the order of: answer, tile, hop.
    function key(Earning memory _earning) internal pure returns (uint256 key_) {
        return uint256(_earning.i) << 40 | uint256(_earning.tile) << 8 | _earning.hop;
    }

    /// @notice W.
    function weight(bytes calldata _leaf) internal pure returns (uint64 contributor_, uint128 weight_) {
        _is(_leaf, "W", 25);
        return (uint64(_number(_leaf, 1, 8)), uint128(_number(_leaf, 9, 16)));
    }

    /// @dev A leaf of some tag and length.
    function _is(bytes calldata _leaf, bytes1 _tag, uint256 _length) private pure {
        if (_leaf.length != _length || _leaf[0] != _tag) revert Leaves_NoLeaf();
    }

    /// @dev The bytes at a place as a number. The length was checked.
    function _number(bytes calldata _leaf, uint256 _ptr, uint256 _size) private pure returns (uint256 number_) {
        assembly ("memory-safe") {
            number_ := shr(sub(256, mul(8, _size)), calldataload(add(_leaf.offset, _ptr)))
        }
    }

    /// @dev Whether kind, words and file of a document are in range; where the kind is, and the file.
    function _isContent(bytes calldata _leaf, uint256 _kind, uint256 _file) private pure returns (bool isContent_) {
        uint256 words = _number(_leaf, _kind + 9, 2);
        if (uint8(_leaf[_kind]) > 7 || words == 0 || words > DOCUMENT) return false;
        // Binary CIDv1 with SHA-256 of a raw or dag-pb file, or all zero.
        uint256 head = _number(_leaf, _file, 4);
        return head == 0x01551220 || head == 0x01701220 || head == 0 && _number(_leaf, _file + 4, 32) == 0;
    }
}
