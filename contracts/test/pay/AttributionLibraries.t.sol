// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Absences } from "src/pay/attribution/Absences.sol";
import { AppendTree } from "src/pay/attribution/AppendTree.sol";
import { DataPools } from "src/pay/attribution/DataPools.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Shares } from "src/pay/attribution/Shares.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { AttributionLibraries } from "test/mocks/AttributionLibraries.sol";
import { Test } from "test/utils/Test.sol";

/// @title AttributionLibraries_Test
/// @notice `crates/attribution/vectors`: trees, leaves and shares as another implementation has them.
contract AttributionLibraries_Test is Test {
    AttributionLibraries internal libraries;

    error AttributionLibraries_Test_Vector(string key);

    function setUp() public {
        libraries = new AttributionLibraries();
    }

    function _file(string memory _name) internal view returns (string memory json_) {
        return vm.readFile(string.concat("../crates/attribution/vectors/", _name));
    }

    function _at(string memory _list, uint256 _place, string memory _field) internal pure returns (string memory) {
        return string.concat(_list, "[", vm.toString(_place), "]", _field);
    }

    /// @dev Leaf k of the written trees.
    function _leaf(uint256 _k) internal pure returns (bytes32 hash_) {
        return keccak256(abi.encodePacked(uint64(_k)));
    }

    /// @dev Passes, or names what differs.
    function _agrees(bool _does, string memory _key) internal pure {
        if (!_does) revert AttributionLibraries_Test_Vector(_key);
    }

    function test_climb_writtenTrees_succeeds() public view {
        string memory json = _file("trees.json");
        for (uint256 k; k < 12; ++k) {
            uint256 count = vm.parseJsonUint(json, _at(".trees", k, ".count"));
            bytes32 root = vm.parseJsonBytes32(json, _at(".trees", k, ".root"));
            bytes32[] memory leaves = new bytes32[](count);
            for (uint256 leaf; leaf < count; ++leaf) {
                leaves[leaf] = _leaf(leaf);
            }
            _agrees(libraries.rootOf(leaves) == root, _at(".trees", k, ".root"));
            if (count == 0) continue;
            bytes[] memory proofs = vm.parseJsonBytesArray(json, _at(".trees", k, ".proofs"));
            for (uint256 each; each < proofs.length; ++each) {
                uint256 leaf = uint64(bytes8(proofs[each]));
                Trees.Path memory path = libraries.climb(_leaf(leaf), proofs[each]);
                _agrees(path.root == root && path.index == leaf && path.count == count, _at(".trees", k, ".proofs"));
            }
        }
    }

    function test_climbSums_writtenTrees_succeeds() public view {
        string memory json = _file("trees.json");
        for (uint256 k = 1; k < 12; ++k) {
            string memory key = _at(".sum_trees", k, ".proofs");
            bytes32 root = vm.parseJsonBytes32(json, _at(".sum_trees", k, ".root"));
            uint256 sum = vm.parseJsonUint(json, _at(".sum_trees", k, ".sum"));
            bytes[] memory proofs = vm.parseJsonBytesArray(json, key);
            for (uint256 each; each < proofs.length; ++each) {
                uint256 leaf = uint64(bytes8(proofs[each]));
                Trees.SumPath memory path = libraries.climbSums(_leaf(leaf), uint128(7 * leaf + 1), proofs[each]);
                _agrees(path.root == root && path.index == leaf && path.total == sum, key);
                // Of 1, 8, 15, ...
                uint256 before = libraries.sumBefore(proofs[each]);
                _agrees(before == 7 * leaf * (leaf - (leaf == 0 ? 0 : 1)) / 2 + leaf, key);
            }
        }
    }

    function test_climb_writtenForgeries_reverts() public view {
        string memory json = _file("trees.json");
        for (uint256 k; k < 16; ++k) {
            bytes32 root = vm.parseJsonBytes32(json, _at(".forged_proofs", k, ".root"));
            bytes32 leaf = vm.parseJsonBytes32(json, _at(".forged_proofs", k, ".leaf"));
            bytes memory proof = vm.parseJsonBytes(json, _at(".forged_proofs", k, ".proof"));
            try libraries.climb(leaf, proof) returns (Trees.Path memory path) {
                _agrees(path.root != root, _at(".forged_proofs", k, ""));
            } catch { }
        }
        for (uint256 k; k < 9; ++k) {
            bytes32 root = vm.parseJsonBytes32(json, _at(".forged_sum_proofs", k, ".root"));
            bytes memory node = vm.parseJsonBytes(json, _at(".forged_sum_proofs", k, ".leaf"));
            bytes memory proof = vm.parseJsonBytes(json, _at(".forged_sum_proofs", k, ".proof"));
            (bytes32 leaf, uint128 sum) = _node(node);
            try libraries.climbSums(leaf, sum, proof) returns (Trees.SumPath memory path) {
                _agrees(path.root != root, _at(".forged_sum_proofs", k, ""));
            } catch { }
        }
    }

    function _node(bytes memory _written) internal pure returns (bytes32 hash_, uint128 sum_) {
        assembly ("memory-safe") {
            hash_ := mload(add(_written, 32))
            sum_ := shr(128, mload(add(_written, 64)))
        }
    }

    function test_push_writtenRoots_succeeds() public {
        string memory json = _file("trees.json");
        for (uint256 k; k < 34; ++k) {
            string memory key = _at(".append_roots", k, "");
            _agrees(libraries.appended() == vm.parseJsonBytes32(json, key), key);
            libraries.push(_leaf(k));
        }
    }

    function test_push_full_reverts() public {
        libraries.setCount(type(uint64).max);
        vm.expectRevert(AppendTree.AppendTree_Full.selector);
        libraries.push(0);
    }

    /// @dev The root of a growing tree is at every count that of all its leaves.
    function testFuzz_push_succeeds(bytes32[] memory _leaves) public {
        for (uint256 k; k < _leaves.length; ++k) {
            libraries.push(_leaves[k]);
        }
        vm.assertEq(libraries.appended(), libraries.rootOf(_leaves));
    }

    function test_isAbsent_writtenCases_succeeds() public view {
        string memory json = _file("trees.json");
        for (uint256 k; k < 13; ++k) {
            string memory key = _at(".absences_of_answers.cases", k, "");
            bytes32 root = vm.parseJsonBytes32(json, string.concat(key, ".root"));
            uint256 i = vm.parseJsonUint(json, string.concat(key, ".key"));
            bool absent;
            try libraries.isAbsent(_absence(json, key), root, "N", i) returns (bool isAbsent) {
                absent = isAbsent;
            } catch { }
            _agrees(absent == vm.parseJsonBool(json, string.concat(key, ".absent")), key);
        }
        for (uint256 k; k < 7; ++k) {
            string memory key = _at(".absences_of_grams.cases", k, "");
            bytes32 root = vm.parseJsonBytes32(json, string.concat(key, ".root"));
            bytes memory gram = vm.parseJsonBytes(json, string.concat(key, ".key"));
            bool absent;
            try libraries.isGramAbsent(_absence(json, key), root, gram) returns (bool isAbsent) {
                absent = isAbsent;
            } catch { }
            _agrees(absent == vm.parseJsonBool(json, string.concat(key, ".absent")), key);
        }
    }

    function _absence(string memory _json, string memory _key) internal view returns (Proofs.Absence memory of_) {
        of_.left = _neighbour(_json, string.concat(_key, ".left"));
        of_.right = _neighbour(_json, string.concat(_key, ".right"));
    }

    function _neighbour(
        string memory _json,
        string memory _key
    ) internal view returns (Proofs.RowOpening[] memory one_) {
        string memory leaf = string.concat(_key, ".leaf");
        if (!vm.keyExistsJson(_json, leaf)) return one_;
        one_ = new Proofs.RowOpening[](1);
        one_[0] = Proofs.RowOpening(
            vm.parseJsonBytes(_json, leaf), vm.parseJsonBytes(_json, string.concat(_key, ".proof"))
        );
    }

    function test_leaves_written_succeeds() public view {
        string memory json = _file("leaves.json");
        for (uint256 k; k < 20; ++k) {
            string memory key = _at(".leaves", k, "");
            bytes memory encoded = vm.parseJsonBytes(json, string.concat(key, ".encoded"));
            _agrees(libraries.leaf(encoded) == vm.parseJsonBytes32(json, string.concat(key, ".hash")), key);
            // Of phrases there is only the hash.
            if (encoded[0] == "G") continue;
            _agrees(_isRefused(bytes.concat(encoded, hex"00")), key);
            _agrees(_isRefused(_without(encoded)), key);
            uint256 sum = libraries.sumOf(encoded);
            bytes1 tag = encoded[0];
            bool adds = tag == "T" || tag == "M" || tag == "N" || tag == "P" || tag == "E";
            if (adds) _agrees(sum == vm.parseJsonUint(json, string.concat(key, ".sum")), key);
        }
    }

    function test_leaves_writtenNoLeaves_reverts() public view {
        string memory json = _file("leaves.json");
        for (uint256 k; k < 27; ++k) {
            string memory key = _at(".not_leaves", k, "");
            bytes memory encoded = vm.parseJsonBytes(json, string.concat(key, ".encoded"));
            try libraries.sumOf(encoded) returns (uint128) {
                _agrees(false, key);
            } catch { }
        }
    }

    function test_share_written_succeeds() public view {
        string memory json = _file("shares.json");
        for (uint256 k; k < 7; ++k) {
            string memory key = _at(".shares", k, "");
            uint128 share = libraries.share(
                _number(json, key, ".pool"),
                _number(json, key, ".before"),
                _number(json, key, ".weight"),
                _number(json, key, ".total")
            );
            _agrees(share == _number(json, key, ".share"), key);
        }
    }

    function _number(string memory _json, string memory _key, string memory _field) internal pure returns (uint128) {
        return uint128(vm.parseJsonUint(_json, string.concat(_key, _field)));
    }

    function test_share_nothingToDivideBy_reverts() public {
        vm.expectRevert(Shares.Shares_NoShare.selector);
        libraries.share(10, 0, 0, 0);
        vm.expectRevert(Shares.Shares_NoShare.selector);
        libraries.share(10, 2, 2, 3);
        vm.expectRevert(Shares.Shares_NoShare.selector);
        libraries.share(10, type(uint128).max, 1, type(uint128).max);
    }

    /// @dev A split between neighbours gains nothing, and all shares are the pool.
    function testFuzz_share_succeeds(
        uint128 _pool,
        uint64 _before,
        uint64 _one,
        uint64 _other,
        uint64 _after
    ) public view {
        uint128 total = uint128(_before) + _one + _other + _after;
        vm.assume(total != 0);
        uint128 both = libraries.share(_pool, _before, uint128(_one) + _other, total);
        uint128 one = libraries.share(_pool, _before, _one, total);
        uint128 other = libraries.share(_pool, uint128(_before) + _one, _other, total);
        vm.assertEq(both, uint256(one) + other);
        uint128 earlier = libraries.share(_pool, 0, _before, total);
        uint128 later = libraries.share(_pool, total - _after, _after, total);
        vm.assertEq(uint256(earlier) + both + later, _pool);
    }

    /// @dev Whatever the bytes, they are a leaf or a clear refusal.
    function testFuzz_leaves_anyBytes_succeeds(bytes memory _encoded) public view {
        try libraries.sumOf(_encoded) returns (uint128) { }
        catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            vm.assertTrue(
                selector == Leaves.Leaves_NoLeaf.selector
                    || selector == AttributionLibraries.AttributionLibraries_NoLeaf.selector
            );
        }
    }

    function _isRefused(bytes memory _encoded) internal view returns (bool isRefused_) {
        try libraries.sumOf(_encoded) returns (uint128) { }
        catch {
            return true;
        }
    }

    /// @dev The same without its last byte.
    function _without(bytes memory _encoded) internal pure returns (bytes memory shorter_) {
        shorter_ = new bytes(_encoded.length - 1);
        for (uint256 k; k < shorter_.length; ++k) {
            shorter_[k] = _encoded[k];
        }
    }

    function test_weight_succeeds() public {
        vm.assertEq(libraries.sumOf(abi.encodePacked("W", uint64(3), uint128(17))), 17);
        vm.expectRevert(Leaves.Leaves_NoLeaf.selector);
        libraries.sumOf(abi.encodePacked("W", uint64(3), uint120(17)));
    }

    function test_climb_notAProof_reverts() public {
        // No index, another number of siblings, no such leaf.
        bytes[4] memory proofs = [
            abi.encodePacked(uint64(0)),
            abi.encodePacked(uint64(0), uint64(2)),
            abi.encodePacked(uint64(0), uint64(1), bytes32(0)),
            abi.encodePacked(uint64(1), uint64(1))
        ];
        for (uint256 k; k < proofs.length; ++k) {
            vm.expectRevert(Trees.Trees_Proof.selector);
            libraries.climb(0, proofs[k]);
            vm.expectRevert(Trees.Trees_Proof.selector);
            libraries.climbSums(0, 0, proofs[k]);
        }
        vm.expectRevert(Trees.Trees_Proof.selector);
        libraries.climbSums(0, 0, abi.encodePacked(uint64(0), uint64(1), bytes32(0), uint128(0)));
    }

    function test_climbSums_overflow_reverts() public {
        bytes memory proof = abi.encodePacked(uint64(0), uint64(2), bytes32(0), type(uint128).max);
        libraries.climbSums(0, 0, proof);
        vm.expectRevert(Trees.Trees_Sum.selector);
        libraries.climbSums(0, 1, proof);
    }

    function test_climbFrom_notANode_reverts() public {
        bytes32 root = libraries.climbFrom(0, 1, 2, "node", 5, "");
        vm.assertEq(root, keccak256(abi.encodePacked(uint8(3), uint64(2), bytes32("node"), uint128(5))));
        vm.expectRevert(Trees.Trees_Proof.selector);
        libraries.climbFrom(1, 1, 2, "node", 5, "");
        vm.expectRevert(Trees.Trees_Proof.selector);
        libraries.climbFrom(0, 1, 2, "node", 5, hex"00");
    }

    function test_isAbsent_encoding_reverts() public {
        Proofs.Absence memory absence;
        absence.left = new Proofs.RowOpening[](2);
        vm.expectRevert(Absences.Absences_Encoding.selector);
        libraries.isAbsent(absence, 0, "M", 1);
        absence.left = new Proofs.RowOpening[](1);
        for (uint256 k; k < 3; ++k) {
            vm.expectRevert(Absences.Absences_Encoding.selector);
            libraries.isAbsent(absence, 0, bytes3("MNE")[k], 1);
        }
        vm.expectRevert(Absences.Absences_Encoding.selector);
        libraries.isGramAbsent(absence, 0, new bytes(128));
    }

    function test_divide_succeeds() public view {
        bytes memory context = abi.encodePacked(
            bytes32(0),
            uint64(1),
            uint64(0),
            uint32(3),
            uint64(2),
            uint64(1),
            uint32(1),
            uint64(3),
            uint64(2),
            uint32(9)
        );
        (DataPools.Pool memory pool, uint128[] memory items, uint128 tile) =
            libraries.divide(1_000, 3_000, 10, context, 2, 4);
        // There are two contributors, so that the third item weighs nothing.
        vm.assertEq(pool.retrieved, 300);
        vm.assertEq(pool.text, 700);
        vm.assertEq(items.length, 3);
        vm.assertEq(items[0], 225);
        vm.assertEq(items[1], 75);
        vm.assertEq(items[2], 0);
        vm.assertEq(tile, 280);
    }

    function test_divide_noItems_succeeds() public view {
        // None; a piece of one; one that weighs nothing; more than 64; not open.
        bytes[5] memory contexts = [
            abi.encodePacked(bytes32(0)),
            abi.encodePacked(bytes32(0), uint64(1)),
            abi.encodePacked(bytes32(0), uint64(1), uint64(0), uint32(0)),
            abi.encodePacked(bytes32(0), new bytes(65 * 20 - 1), uint8(1)),
            bytes("")
        ];
        for (uint256 k; k < contexts.length; ++k) {
            (DataPools.Pool memory pool, uint128[] memory items, uint128 tile) =
                libraries.divide(1_000, 3_000, 0, contexts[k], 1, 0);
            vm.assertEq(pool.text, 1_000);
            vm.assertEq(items.length, k == 2 ? 1 : 0);
            vm.assertEq(tile, 0);
        }
    }

    function test_partOf_succeeds() public view {
        Leaves.Document memory document;
        (document.seq, document.parentSeq, document.rootSeq, document.containBps) = (9, 4, 2, 1_499);
        _part(document, 0, 1_001, 9);
        _part(document, 1, 0, 9);
        document.containBps = 1_500;
        _part(document, 0, 851, 9);
        _part(document, 1, 150, 4);
        _part(document, 2, 0, 9);
        document.containBps = 4_000;
        _part(document, 0, 1_001, 2);
        _part(document, 1, 0, 9);
    }

    function _part(Leaves.Document memory _document, uint8 _hop, uint256 _amount, uint256 _seq) internal view {
        (uint128 amount, uint64 seq) = libraries.partOf(1_001, _document, _hop);
        vm.assertEq(amount, _amount);
        vm.assertEq(seq, _seq);
    }
}
