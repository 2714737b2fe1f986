// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Texts
/// @notice Documents of the attribution method as a test makes them: leaves, trees, and sketches by the words of the page, one after the other and without any
///         thought of gas. Nothing of `src` is used.
library Texts {
    /// @dev What stands in a leaf D. `ids` are its words, 16 bytes each.
    struct Document {
        uint64 seq;
        uint64 contributor;
        uint8 kind;
        bytes ids;
        bytes32 sketchHash;
        uint64 parentSeq;
        uint64 rootSeq;
        uint16 containBps;
        uint32 licence;
    }

    function leafHash(bytes memory _leaf) internal pure returns (bytes32 hash_) {
        return keccak256(bytes.concat(hex"00", _leaf));
    }

    function join(bytes32 _left, bytes32 _right) internal pure returns (bytes32 hash_) {
        return keccak256(bytes.concat(hex"01", _left, _right));
    }

    function hashes(bytes[] memory _leaves) internal pure returns (bytes32[] memory hashes_) {
        hashes_ = new bytes32[](_leaves.length);
        for (uint256 k; k < _leaves.length; ++k) {
            hashes_[k] = leafHash(_leaves[k]);
        }
    }

    /// @dev A level of a tree, from the one below it.
    function up(bytes32[] memory _level) internal pure returns (bytes32[] memory above_) {
        above_ = new bytes32[]((_level.length + 1) / 2);
        for (uint256 k; k < above_.length; ++k) {
            bool isPair = 2 * k + 1 < _level.length;
            above_[k] = isPair ? join(_level[2 * k], _level[2 * k + 1]) : _level[2 * k];
        }
    }

    function root(bytes[] memory _leaves) internal pure returns (bytes32 root_) {
        return keccak256(abi.encodePacked(uint8(2), uint64(_leaves.length), top(_leaves)));
    }

    function top(bytes[] memory _leaves) internal pure returns (bytes32 top_) {
        if (_leaves.length == 0) return 0;
        bytes32[] memory level = hashes(_leaves);
        while (level.length > 1) {
            level = up(level);
        }
        return level[0];
    }

    function proof(bytes[] memory _leaves, uint256 _index) internal pure returns (bytes memory proof_) {
        proof_ = abi.encodePacked(uint64(_index), uint64(_leaves.length));
        bytes32[] memory level = hashes(_leaves);
        while (level.length > 1) {
            uint256 beside = _index ^ 1;
            if (beside < level.length) proof_ = bytes.concat(proof_, level[beside]);
            (level, _index) = (up(level), _index / 2);
        }
    }

    /// @dev Some bytes of others.
    function cut(bytes memory _of, uint256 _start, uint256 _end) internal pure returns (bytes memory cut_) {
        cut_ = new bytes(_end - _start);
        for (uint256 k; k < cut_.length; ++k) {
            cut_[k] = _of[_start + k];
        }
    }

    /// @dev Words that nobody has written before, for each seed others.
    function words(uint256 _seed, uint256 _count) internal pure returns (bytes memory ids_) {
        ids_ = new bytes(16 * _count);
        for (uint256 k; k < _count; ++k) {
            bytes32 id = keccak256(abi.encode("word", _seed, k));
            assembly ("memory-safe") {
                let ptr := add(add(ids_, 32), mul(16, k))
                mstore(ptr, or(shl(128, shr(128, id)), shr(128, shl(128, mload(ptr)))))
            }
        }
    }

    /// @dev The leaves C of a text.
    function chunks(bytes memory _ids) internal pure returns (bytes[] memory chunks_) {
        uint256 count = _ids.length / 16;
        chunks_ = new bytes[]((count + 31) / 32);
        for (uint256 k; k < chunks_.length; ++k) {
            uint256 end = 32 * k + 32 < count ? 32 * k + 32 : count;
            bytes memory ids = cut(_ids, 512 * k, 16 * end);
            uint8 n = uint8(ids.length / 16);
            chunks_[k] = abi.encodePacked("C", uint32(k), bytes32(0), n, ids, new bytes(512 - ids.length));
        }
    }

    /// @dev D.
    function leaf(Document memory _of) internal pure returns (bytes memory leaf_) {
        bytes memory content = contentOf(_of);
        leaf_ = abi.encodePacked("D", _of.seq, _of.contributor, cut(content, 1, 76));
        leaf_ = abi.encodePacked(leaf_, _of.parentSeq, _of.rootSeq, _of.containBps, _of.licence, cut(content, 76, 112));
    }

    /// @dev O.
    function contentOf(Document memory _of) internal pure returns (bytes memory leaf_) {
        bytes32 chunkRoot = root(chunks(_of.ids));
        uint16 count = uint16(_of.ids.length / 16);
        leaf_ = abi.encodePacked("O", _of.kind, uint32(0), uint32(0), count, chunkRoot, _of.sketchHash);
        leaf_ = bytes.concat(leaf_, hex"01551220", keccak256("file"));
    }

    // Sketches

    /// @dev The hashes of all grams.
    function grams(bytes memory _ids) internal pure returns (uint64[] memory grams_) {
        uint256 count = _ids.length / 16;
        grams_ = new uint64[](count < 4 ? 1 : count - 3);
        for (uint256 k; k < grams_.length; ++k) {
            grams_[k] = uint64(bytes8(keccak256(cut(_ids, 16 * k, count < 4 ? 16 * count : 16 * k + 64))));
        }
    }

    /// @dev By rule 3: of each window the lowest; of several the one that the window before kept, else the rightmost.
    function sketch(bytes memory _ids) internal pure returns (bytes memory sketch_) {
        uint64[] memory all = grams(_ids);
        bool[] memory isKept = new bool[](all.length);
        uint256 size = all.length < 5 ? all.length : 5;
        uint256 before = type(uint256).max;
        for (uint256 start; start + size <= all.length; ++start) {
            uint64 lowest = type(uint64).max;
            for (uint256 k = start; k < start + size; ++k) {
                if (all[k] < lowest) lowest = all[k];
            }
            bool stays = before != type(uint256).max && before >= start && all[before] == lowest;
            if (!stays) {
                for (uint256 k = start; k < start + size; ++k) {
                    if (all[k] == lowest) before = k;
                }
            }
            isKept[before] = true;
        }
        return encode(all, isKept);
    }

    /// @dev By rule 4: picks the lowest of what is left, again and again.
    function encode(uint64[] memory _grams, bool[] memory _isKept) internal pure returns (bytes memory sketch_) {
        uint16 count;
        while (true) {
            uint256 next = type(uint256).max;
            for (uint256 k; k < _grams.length; ++k) {
                if (_isKept[k] && (next == type(uint256).max || _grams[k] < _grams[next])) next = k;
            }
            if (next == type(uint256).max) break;
            _isKept[next] = false;
            sketch_ = abi.encodePacked(sketch_, _grams[next], uint16(next));
            ++count;
        }
        return abi.encodePacked(count, sketch_);
    }

    function sketchHash(bytes memory _sketch) internal pure returns (bytes32 hash_) {
        return keccak256(bytes.concat(hex"00", "S", _sketch));
    }

    /// @dev Each of one sketch is looked for in all of the other.
    function containment(bytes memory _one, bytes memory _other) internal pure returns (uint16 bps_) {
        uint256 all = _one.length / 10;
        uint256 found;
        for (uint256 k; k < all; ++k) {
            for (uint256 other; other < _other.length / 10; ++other) {
                if (_hashAt(_one, k) != _hashAt(_other, other)) continue;
                ++found;
                break;
            }
        }
        return uint16(10_000 * found / all);
    }

    function _hashAt(bytes memory _sketch, uint256 _k) private pure returns (uint64 hash_) {
        assembly ("memory-safe") {
            hash_ := shr(192, mload(add(add(_sketch, 34), mul(10, _k))))
        }
    }
}
