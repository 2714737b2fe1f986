// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Absences } from "src/pay/attribution/Absences.sol";
import { AppendTree } from "src/pay/attribution/AppendTree.sol";
import { DataPools } from "src/pay/attribution/DataPools.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Shares } from "src/pay/attribution/Shares.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title AttributionLibraries
/// @notice The libraries of the attribution method with functions that a test can call.
contract AttributionLibraries {
    using AppendTree for AppendTree.Tree;

    AppendTree.Tree internal _tree;

    error AttributionLibraries_NoLeaf();
    error AttributionLibraries_Memory();

    /// @dev Passes where memory that belongs to Solidity is as it was: what is empty is so.
    modifier leavesMemory() {
        _;
        bytes memory none;
        if (none.length != 0) revert AttributionLibraries_Memory();
    }

    function push(bytes32 _leaf) external {
        _tree.push(_leaf);
    }

    function setCount(uint64 _count) external {
        _tree.count = _count;
    }

    function appended() external view returns (bytes32) {
        return _tree.root();
    }

    function leaf(bytes calldata _encoded) external pure returns (bytes32) {
        return Trees.leaf(_encoded);
    }

    function rootOf(bytes32[] memory _leaves) external pure returns (bytes32) {
        return Trees.rootOf(_leaves);
    }

    function climb(bytes32 _leaf, bytes calldata _proof) external pure leavesMemory returns (Trees.Path memory path_) {
        path_ = Trees.climb(_leaf, _proof);
    }

    function climbSums(
        bytes32 _leaf,
        uint128 _sum,
        bytes calldata _proof
    ) external pure leavesMemory returns (Trees.SumPath memory path_) {
        path_ = Trees.climbSums(_leaf, _sum, _proof);
    }

    function sumBefore(bytes calldata _proof) external pure returns (uint128) {
        return Trees.sumBefore(_proof);
    }

    function isAbsent(
        Proofs.Absence calldata _absence,
        bytes32 _root,
        bytes1 _tag,
        uint256 _key
    ) external pure returns (bool) {
        return Absences.isAbsent(_absence, _root, _tag, _key);
    }

    function isGramAbsent(
        Proofs.Absence calldata _absence,
        bytes32 _root,
        bytes memory _words
    ) external pure returns (bool) {
        return Absences.isGramAbsent(_absence, _root, _words);
    }

    function climbFrom(
        uint64 _index,
        uint64 _width,
        uint64 _count,
        bytes32 _node,
        uint128 _sum,
        bytes calldata _siblings
    ) external pure leavesMemory returns (bytes32 root_) {
        root_ = Trees.climbFrom(_index, _width, _count, _node, _sum, _siblings);
    }

    /// @dev A data pool, and what each item of the context and a tile of so many words earn of it.
    function divide(
        uint128 _pool,
        uint16 _retrievalBps,
        uint32 _words,
        bytes calldata _context,
        uint64 _contributors,
        uint64 _tile
    ) external pure returns (DataPools.Pool memory pool_, uint128[] memory items_, uint128 tile_) {
        pool_ = DataPools.divide(_pool, _retrievalBps, _words, _context, _contributors);
        items_ = new uint128[](pool_.items);
        for (uint256 k; k < pool_.items; ++k) {
            (, items_[k]) = DataPools.item(pool_, _context, k, _contributors);
        }
        tile_ = DataPools.tile(pool_, 0, _tile);
    }

    function partOf(
        uint128 _amount,
        Leaves.Document memory _document,
        uint8 _hop
    ) external pure returns (uint128, uint64) {
        return DataPools.partOf(_amount, _document, _hop);
    }

    function share(uint128 _pool, uint128 _before, uint128 _weight, uint128 _total) external pure returns (uint128) {
        return Shares.share(_pool, _before, _weight, _total);
    }

    /// @dev Reverts for what is no leaf; else what it adds to a sum tree, zero where it stands in none.
    function sumOf(bytes calldata _encoded) external pure returns (uint128 sum_) {
        bytes1 tag = _encoded.length == 0 ? bytes1(0) : _encoded[0];
        bool isLeaf = true;
        if (tag == "C") {
            Leaves.chunk(_encoded);
        } else if (tag == "D") {
            Leaves.document(_encoded);
        } else if (tag == "B") {
            Leaves.batch(_encoded);
        } else if (tag == "V") {
            Leaves.version(_encoded);
        } else if (tag == "R") {
            Leaves.answer(_encoded);
        } else if (tag == "W") {
            (, sum_) = Leaves.weight(_encoded);
        } else if (tag == "T") {
            Leaves.Tile memory tile;
            (isLeaf, tile) = Leaves.tryTile(_encoded);
            if (isLeaf) sum_ = Leaves.sum(tile);
        } else if (tag == "A") {
            (isLeaf,) = Leaves.tryRow(_encoded);
        } else if (tag == "M") {
            Leaves.ModelRow memory row;
            (isLeaf, row) = Leaves.tryModel(_encoded);
            sum_ = row.train;
        } else if (tag == "N") {
            (isLeaf,, sum_) = Leaves.tryTrain(_encoded);
        } else if (tag == "P") {
            Leaves.PayoutRow memory row;
            (isLeaf, row) = Leaves.tryPayout(_encoded);
            sum_ = row.cumulative;
        } else {
            Leaves.Earning memory row;
            (isLeaf, row) = Leaves.tryEarning(_encoded);
            sum_ = row.amount;
        }
        if (!isLeaf) revert AttributionLibraries_NoLeaf();
    }
}
