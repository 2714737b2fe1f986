// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Trees
/// @notice The trees of docs/attribution-method.md: hashes, and hashes with sums.
/// @dev Positional, never sorted; a last node without a partner goes up as it is; the root is the hash of the count and the top. A proof of
///      membership is `index:8 | count:8 | siblings`, of 32 bytes each, in a sum tree of 48. Its length follows from index and count.
library Trees {
    /// @notice A proof of membership that is none: an index beyond the count, or another number of siblings.
    error Trees_Proof();

    /// @notice Sums of 2^128 and more, which no honest tree has.
    error Trees_Sum();

    /// @notice What a proof of membership leads to.
    /// @param root The root.
    /// @param index The leaf's place.
    /// @param count Leaves of the tree.
    struct Path {
        bytes32 root;
        uint64 index;
        uint64 count;
    }

    /// @notice The same in a sum tree.
    /// @param root The root.
    /// @param index The leaf's place.
    /// @param count Leaves of the tree.
    /// @param total The sum of all leaves.
    /// @param before The sum of those before this one.
    struct SumPath {
        bytes32 root;
        uint64 index;
        uint64 count;
        uint128 total;
        uint128 before;
    }

    /// @notice The hash of a leaf, given its tag and fields.
    function leaf(bytes calldata _encoded) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore8(ptr, 0)
            calldatacopy(add(ptr, 1), _encoded.offset, _encoded.length)
            hash_ := keccak256(ptr, add(_encoded.length, 1))
        }
    }

    /// @notice The hash of two nodes.
    function node(bytes32 _left, bytes32 _right) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore8(ptr, 1)
            mstore(add(ptr, 1), _left)
            mstore(add(ptr, 33), _right)
            hash_ := keccak256(ptr, 65)
        }
    }

    /// @notice The hash of two nodes of a sum tree.
    function sumNode(
        bytes32 _left,
        uint128 _leftSum,
        bytes32 _right,
        uint128 _rightSum
    ) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore8(ptr, 1)
            mstore(add(ptr, 1), _left)
            mstore(add(ptr, 33), shl(128, _leftSum))
            mstore(add(ptr, 49), _right)
            mstore(add(ptr, 81), shl(128, _rightSum))
            hash_ := keccak256(ptr, 97)
        }
    }

    /// @notice The root of so many leaves below a top; zero is the top of none.
    function root(uint64 _count, bytes32 _top) internal pure returns (bytes32 root_) {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore8(ptr, 2)
            mstore(add(ptr, 1), shl(192, _count))
            mstore(add(ptr, 9), _top)
            root_ := keccak256(ptr, 41)
        }
    }

    /// @notice The root of a sum tree; hash and sum are zero above no leaves.
    function sumRoot(uint64 _count, bytes32 _top, uint128 _sum) internal pure returns (bytes32 root_) {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore8(ptr, 3)
            mstore(add(ptr, 1), shl(192, _count))
            mstore(add(ptr, 9), _top)
            mstore(add(ptr, 41), shl(128, _sum))
            root_ := keccak256(ptr, 57)
        }
    }

    /// @notice The root of leaves that are all given.
    function rootOf(bytes32[] memory _leaves) internal pure returns (bytes32 root_) {
        uint256 width = _leaves.length;
        uint64 count = uint64(width);
        if (width == 0) return root(0, 0);
        while (width > 1) {
            uint256 half = width / 2;
            for (uint256 i; i < half; ++i) {
                _leaves[i] = node(_leaves[2 * i], _leaves[2 * i + 1]);
            }
            if (width % 2 == 1) _leaves[half] = _leaves[width - 1];
            width = half + width % 2;
        }
        return root(count, _leaves[0]);
    }

    /// @notice Where a proof of membership leads from a leaf.
    function climb(bytes32 _leaf, bytes calldata _proof) internal pure returns (Path memory path_) {
        uint256 siblings;
        (path_.index, path_.count, siblings) = _head(_proof, 32);
        (uint256 index, uint256 width) = (path_.index, path_.count);
        (uint256 ptr, uint256 end) = _range(_proof[16:], 32 * siblings);
        // None of these numbers is 2^65 or more, or grows beyond the call's data.
        unchecked {
            while (width > 1) {
                bool right = index & 1 == 1;
                if (right || index + 1 < width) {
                    if (ptr == end) revert Trees_Proof();
                    bytes32 sibling = _word(ptr);
                    ptr += 32;
                    _leaf = right ? node(sibling, _leaf) : node(_leaf, sibling);
                }
                index >>= 1;
                width = (width + 1) >> 1;
            }
        }
        if (ptr != end) revert Trees_Proof();
        path_.root = root(path_.count, _leaf);
    }

    /// @notice Where a proof of membership in a sum tree leads from a leaf and the sum that the tree states for it.
    function climbSums(
        bytes32 _leaf,
        uint128 _sum,
        bytes calldata _proof
    ) internal pure returns (SumPath memory path_) {
        uint256 siblings;
        (path_.index, path_.count, siblings) = _head(_proof, 48);
        uint256 before;
        (_leaf, _sum, before) = _climbSums(path_.index, path_.count, _leaf, _sum, _proof[16:], siblings);
        path_.total = _sum;
        // Less than the total, of which it is a part.
        path_.before = uint128(before);
        path_.root = sumRoot(path_.count, _leaf, _sum);
    }

    /// @notice The root that a node above the leaves leads to, by its siblings.
    function climbFrom(
        uint64 _index,
        uint64 _width,
        uint64 _count,
        bytes32 _node,
        uint128 _sum,
        bytes calldata _siblings
    ) internal pure returns (bytes32 root_) {
        if (_index >= _width || _siblings.length % 48 != 0) revert Trees_Proof();
        (_node, _sum,) = _climbSums(_index, _width, _node, _sum, _siblings, _siblings.length / 48);
        return sumRoot(_count, _node, _sum);
    }

    function _climbSums(
        uint256 _index,
        uint256 _width,
        bytes32 _node,
        uint128 _sum,
        bytes calldata _siblings,
        uint256 _left
    ) private pure returns (bytes32 node_, uint128 sum_, uint256 before_) {
        (uint256 ptr, uint256 end) = _range(_siblings, 48 * _left);
        uint256 sum = _sum;
        node_ = _node;
        // None of these numbers is 2^129 or more, or grows beyond the call's data.
        unchecked {
            while (_width > 1) {
                bool right = _index & 1 == 1;
                if (right || _index + 1 < _width) {
                    if (ptr == end) revert Trees_Proof();
                    bytes32 sibling = _word(ptr);
                    uint256 beside = uint256(_word(ptr + 32)) >> 128;
                    ptr += 48;
                    if (right) {
                        node_ = sumNode(sibling, uint128(beside), node_, uint128(sum));
                        before_ += beside;
                    } else {
                        node_ = sumNode(node_, uint128(sum), sibling, uint128(beside));
                    }
                    sum += beside;
                    if (sum > type(uint128).max) revert Trees_Sum();
                }
                _index >>= 1;
                _width = (_width + 1) >> 1;
            }
        }
        if (ptr != end) revert Trees_Proof();
        sum_ = uint128(sum);
    }

    /// @dev Index, count, and how many siblings of a size there are.
    function _head(
        bytes calldata _proof,
        uint256 _size
    ) private pure returns (uint64 index_, uint64 count_, uint256 siblings_) {
        if (_proof.length < 16) revert Trees_Proof();
        (uint256 ptr,) = _range(_proof, 16);
        uint256 head = uint256(_word(ptr));
        index_ = uint64(head >> 192);
        count_ = uint64(head >> 128);
        uint256 rest = _proof.length - 16;
        if (index_ >= count_ || rest % _size != 0) revert Trees_Proof();
        siblings_ = rest / _size;
    }

    /// @dev Where some bytes begin in the call's data, and where so many of them end.
    function _range(bytes calldata _bytes, uint256 _size) private pure returns (uint256 ptr_, uint256 end_) {
        assembly ("memory-safe") {
            ptr_ := _bytes.offset
            end_ := add(ptr_, _size)
        }
    }

    /// @dev 32 bytes of the call's data, of which those that were not asked for are whatever stands behind.
    function _word(uint256 _ptr) private pure returns (bytes32 word_) {
        assembly ("memory-safe") {
            word_ := calldataload(_ptr)
        }
    }
}
