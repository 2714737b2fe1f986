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
    struct SumPath {
        bytes32 root;
        uint64 index;
        uint64 count;
        uint128 total;
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
        (uint64 index, uint64 count, uint256 ptr, uint256 end) = _open(_proof);
        (path_.index, path_.count) = (index, count);
        assembly ("memory-safe") {
            mstore8(0, 1)
            let free := mload(0x40)
            let at := index
            for { let last := sub(count, 1) } last { last := shr(1, last) } {
                let side := and(at, 1)
                if or(side, xor(at, last)) {
                    side := shl(5, side)
                    mstore(add(1, side), _leaf)
                    mstore(sub(33, side), calldataload(ptr))
                    _leaf := keccak256(0, 65)
                    ptr := add(ptr, 32)
                }
                at := shr(1, at)
            }
            mstore(0x40, free)
        }
        if (ptr != end) revert Trees_Proof();
        path_.root = root(count, _leaf);
    }

    /// @notice Where a proof of membership in a sum tree leads from a leaf and the sum that the tree states for it.
    function climbSums(
        bytes32 _leaf,
        uint128 _sum,
        bytes calldata _proof
    ) internal pure returns (SumPath memory path_) {
        (uint64 index, uint64 count, uint256 ptr, uint256 end) = _open(_proof);
        (_leaf, _sum) = _climbSums(index, count, _leaf, _sum, ptr, end);
        path_.root = sumRoot(count, _leaf, _sum);
        (path_.index, path_.count, path_.total) = (index, count, _sum);
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
        if (_index >= _width) revert Trees_Proof();
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := _siblings.offset
        }
        (_node, _sum) = _climbSums(_index, _width, _node, _sum, ptr, ptr + _siblings.length);
        return sumRoot(_count, _node, _sum);
    }

    /// @notice The sum of the leaves before the one of a proof of membership in a sum tree, which is right: {climbSums} has taken it.
    function sumBefore(bytes calldata _proof) internal pure returns (uint128 before_) {
        (uint64 index, uint64 count, uint256 ptr,) = _open(_proof);
        // Less than the sum of all leaves, of which it is a part.
        assembly ("memory-safe") {
            for { let last := sub(count, 1) } last { last := shr(1, last) } {
                let side := and(index, 1)
                if side { before_ := add(before_, shr(128, calldataload(add(ptr, 32)))) }
                if or(side, xor(index, last)) { ptr := add(ptr, 48) }
                index := shr(1, index)
            }
        }
    }

    /// @dev The top above a node, and the sum there. It needs all siblings from a place of the call's data to another.
    function _climbSums(
        uint256 _index,
        uint256 _width,
        bytes32 _node,
        uint256 _sum,
        uint256 _ptr,
        uint256 _end
    ) private pure returns (bytes32 top_, uint128 sum_) {
        assembly ("memory-safe") {
            // The pair is in the first 128 bytes, of which those from 64 on are put right again afterwards.
            let free := mload(0x40)
            mstore8(31, 1)
            // The last node of a level has the last one of the next for a parent. All others have a partner.
            for { let last := sub(_width, 1) } xor(_index, last) { last := shr(1, last) } {
                let side := mul(48, and(_index, 1))
                // The sum is half a word, behind the node.
                mstore(add(48, side), _sum)
                mstore(add(32, side), _node)
                calldatacopy(sub(80, side), _ptr, 48)
                _node := keccak256(31, 97)
                _sum := add(_sum, shr(128, calldataload(add(_ptr, 32))))
                _ptr := add(_ptr, 48)
                _index := shr(1, _index)
            }
            // From here on it is the last one, which goes up as it is where it is not on the right.
            for { } _index { _index := shr(1, _index) } {
                if and(_index, 1) {
                    mstore(96, _sum)
                    mstore(80, _node)
                    calldatacopy(32, _ptr, 48)
                    _node := keccak256(31, 97)
                    _sum := add(_sum, shr(128, calldataload(add(_ptr, 32))))
                    _ptr := add(_ptr, 48)
                }
            }
            mstore(0x40, free)
            mstore(0x60, 0)
        }
        if (_ptr != _end) revert Trees_Proof();
        // It has only grown, by less than 2^128 each of 64 times at most.
        if (_sum > type(uint128).max) revert Trees_Sum();
        return (_node, uint128(_sum));
    }

    /// @dev Index and count of a proof of membership, and from where to where in the call's data it has siblings.
    function _open(bytes calldata _proof)
        private
        pure
        returns (uint64 index_, uint64 count_, uint256 ptr_, uint256 end_)
    {
        assembly ("memory-safe") {
            ptr_ := _proof.offset
            // Of a proof that is shorter what stands behind it; it is refused.
            let head := calldataload(ptr_)
            index_ := shr(192, head)
            count_ := and(shr(128, head), 0xffffffffffffffff)
            end_ := add(ptr_, _proof.length)
            ptr_ := add(ptr_, 16)
        }
        if (_proof.length < 16 || index_ >= count_) revert Trees_Proof();
    }
}
