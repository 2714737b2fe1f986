// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Trees } from "src/pay/attribution/Trees.sol";
import { AttributionLibraries } from "test/mocks/AttributionLibraries.sol";
import { Test } from "test/utils/Test.sol";

/// @title Trees_Test
/// @notice Proofs of membership in trees of any size lead where the rule leads, level by level, as it is written.
contract Trees_Test is Test {
    AttributionLibraries internal libraries;

    /// @dev A proof, and what it leads to.
    struct Walk {
        bytes proof;
        bytes32 root;
        uint256 total;
        uint256 before;
    }

    function setUp() public {
        libraries = new AttributionLibraries();
    }

    /// @dev A leaf of a tree: of small ones and large ones, and as often as not at its end, where nodes have no partner.
    function _place(uint64 _index, uint64 _count, uint8 _size) internal pure returns (uint64 index_, uint64 count_) {
        count_ = uint64(_bound(_count >> (_size % 64), 1, type(uint64).max));
        index_ = _size < 128 ? _index % count_ : count_ - 1 - uint64(_bound(_index % 4, 0, count_ - 1));
    }

    /// @dev Up from a leaf of this hash and sum, with siblings made from a seed; of a tree without sums they weigh nothing and are not written.
    function _walk(
        uint64 _index,
        uint64 _count,
        bytes32 _seed,
        bytes32 _node,
        uint256 _sum,
        bool _sums
    ) internal pure returns (Walk memory walk_) {
        walk_.proof = abi.encodePacked(_index, _count);
        (uint256 index, uint256 width) = (_index, _count);
        while (width > 1) {
            // The last one of a level of an odd number goes up as it is.
            if (index != width - 1 || width % 2 == 0) {
                _seed = keccak256(abi.encode(_seed));
                (bytes32 beside, uint256 weight) = (_seed, _sums ? uint120(uint256(_seed)) : 0);
                walk_.proof = bytes.concat(walk_.proof, beside, _sums ? abi.encodePacked(uint128(weight)) : bytes(""));
                bytes memory own = _part(_node, _sum, _sums);
                bytes memory other = _part(beside, weight, _sums);
                _node =
                    keccak256(index % 2 == 0 ? bytes.concat(hex"01", own, other) : bytes.concat(hex"01", other, own));
                _sum += weight;
                if (index % 2 == 1) walk_.before += weight;
            }
            (index, width) = (index / 2, width / 2 + width % 2);
        }
        walk_.root =
            keccak256(bytes.concat(_sums ? bytes1(0x03) : bytes1(0x02), bytes8(_count), _part(_node, _sum, _sums)));
        walk_.total = _sum;
    }

    function _part(bytes32 _node, uint256 _sum, bool _sums) internal pure returns (bytes memory part_) {
        return _sums ? abi.encodePacked(_node, uint128(_sum)) : abi.encodePacked(_node);
    }

    function testFuzz_climb_succeeds(uint64 _index, uint64 _count, uint8 _size, bytes32 _leaf) public view {
        (uint64 index, uint64 count) = _place(_index, _count, _size);
        Walk memory walk = _walk(index, count, _leaf, _leaf, 0, false);
        Trees.Path memory path = libraries.climb(_leaf, walk.proof);
        vm.assertEq(path.root, walk.root);
        vm.assertEq(path.index, index);
        vm.assertEq(path.count, count);
    }

    function testFuzz_climbSums_succeeds(
        uint64 _index,
        uint64 _count,
        uint8 _size,
        bytes32 _leaf,
        uint120 _sum
    ) public view {
        (uint64 index, uint64 count) = _place(_index, _count, _size);
        Walk memory walk = _walk(index, count, _leaf, _leaf, _sum, true);
        Trees.SumPath memory path = libraries.climbSums(_leaf, _sum, walk.proof);
        vm.assertEq(path.root, walk.root);
        vm.assertEq(path.index, index);
        vm.assertEq(path.count, count);
        vm.assertEq(path.total, walk.total);
        vm.assertEq(libraries.sumBefore(walk.proof), walk.before);
    }

    /// @dev A proof is as long as its tree is high, to the byte.
    function testFuzz_climb_anotherLength_reverts(uint64 _index, uint64 _count, uint8 _size, uint8 _length) public {
        (uint64 index, uint64 count) = _place(_index, _count, _size);
        for (uint256 sums; sums < 2; ++sums) {
            bytes memory right = _walk(index, count, 0, 0, 0, sums == 1).proof;
            uint256 length = _bound(_length, 0, right.length + 50);
            if (length == right.length) ++length;
            bytes memory proof = new bytes(length);
            for (uint256 k; k < length && k < right.length; ++k) {
                proof[k] = right[k];
            }
            vm.expectRevert(Trees.Trees_Proof.selector);
            if (sums == 1) libraries.climbSums(0, 0, proof);
            else libraries.climb(0, proof);
        }
    }

    function testFuzz_climb_noPlace_reverts(uint64 _index, uint64 _count) public {
        bytes memory proof = _walk(_index, _count, 0, 0, 0, false).proof;
        vm.assume(_index >= _count);
        vm.expectRevert(Trees.Trees_Proof.selector);
        libraries.climb(0, proof);
        vm.expectRevert(Trees.Trees_Proof.selector);
        libraries.climbSums(0, 0, proof);
        vm.expectRevert(Trees.Trees_Proof.selector);
        libraries.sumBefore(proof);
    }

    /// @dev No honest tree has such a sum: what is beyond 128 bits is in no hash.
    function testFuzz_climbSums_tooMuch_reverts(uint128 _sum, uint128 _beside, bool _right) public {
        vm.assume(uint256(_sum) + _beside > type(uint128).max);
        bytes memory proof = abi.encodePacked(uint64(_right ? 1 : 0), uint64(2), bytes32("beside"), _beside);
        vm.expectRevert(Trees.Trees_Sum.selector);
        libraries.climbSums("leaf", _sum, proof);
    }
}
