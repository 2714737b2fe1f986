// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "src/pay/attribution/Leaves.sol";
import { AdmissionLibraries } from "test/mocks/AdmissionLibraries.sol";
import { AdmissionTest } from "test/utils/AdmissionTest.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title Admission_Honest_Test
/// @notice Documents that are placed by comparing them with every earlier one, as the page says: nothing shows that they are wrong, and of any that are placed
///         otherwise something does.
/// forge-config: default.fuzz.runs = 48
contract Admission_Honest_Test is AdmissionTest {
    AdmissionLibraries internal libraries;

    /// @dev All documents in their order, and their sketches.
    uint64[] internal _all;
    mapping(uint64 seq => bytes) internal _sketches;

    function setUp() public override {
        super.setUp();
        libraries = new AdmissionLibraries();
    }

    function _sketchOf(uint64 _seq) internal view override returns (bytes memory sketch_) {
        return _sketches[_seq];
    }

    function _at(uint64 _seq) internal view returns (Texts.Document storage of_) {
        return _documents[uint32(_seq >> 32)][uint32(_seq)];
    }

    /// @dev The document where it belongs.
    function _place(bytes memory _ids, uint32 _commitSeq, uint32 _index) internal returns (Texts.Document memory of_) {
        of_ = _original(_ids, _commitSeq, _index);
        _sketches[of_.seq] = Texts.sketch(_ids);
        for (uint256 k; k < _all.length; ++k) {
            uint16 bps = Texts.containment(_sketches[of_.seq], _sketches[_all[k]]);
            if (bps < 1_500 || bps <= of_.containBps) continue;
            (of_.parentSeq, of_.rootSeq, of_.containBps) = (_all[k], _at(_all[k]).rootSeq, bps);
        }
    }

    /// @dev A text of parts: of earlier ones, of phrases that all have, and of its own.
    function _text(uint256 _seed) internal view returns (bytes memory ids_) {
        for (uint256 part; part < 3; ++part) {
            uint256 random = uint256(keccak256(abi.encode(_seed, part)));
            uint256 words = random % 16;
            if (random % 5 == 0) ids_ = bytes.concat(ids_, Texts.words(random % 3, words));
            else if (random % 5 == 1 || _all.length == 0) ids_ = bytes.concat(ids_, Texts.words(random, 1 + words));
            else ids_ = bytes.concat(ids_, _quote(random >> 8));
        }
        if (ids_.length == 0) ids_ = Texts.words(_seed, 1);
        if (ids_.length > 16 * 60) ids_ = Texts.cut(ids_, 0, 16 * 60);
    }

    function _quote(uint256 _random) internal view returns (bytes memory ids_) {
        bytes memory earlier = _at(_all[_random % _all.length]).ids;
        uint256 words = earlier.length / 16;
        uint256 start = (_random >> 16) % words;
        return Texts.cut(earlier, 16 * start, 16 * (start + 1 + (_random >> 32) % (words - start)));
    }

    /// @dev Contributions of one to three documents, at any times.
    function _world(uint256 _seed) internal {
        for (uint32 k; k < 5; ++k) {
            uint256 random = uint256(keccak256(abi.encode(_seed, "contribution", k)));
            uint32 next = _next();
            for (uint32 index; index <= random % 3; ++index) {
                Texts.Document memory of_ = _place(_text(uint256(keccak256(abi.encode(random, index)))), next, index);
                _all.push(of_.seq);
                _write(of_);
            }
            _contribute(ALICE);
            vm.warp(block.timestamp + (random >> 8) % (WINDOW + TIME));
        }
        _end(5);
    }

    /// @dev Whether a proof holds.
    function _shows(uint64 _seq, bytes memory _proof) internal view returns (bool shows_) {
        try admission.refute(uint32(_seq >> 32), _proof) returns (bool) {
            return true;
        } catch { }
    }

    /// @dev Whether anything shows that a document is wrong.
    function _isWrong(uint64 _seq) internal view returns (bool isWrong_) {
        isWrong_ = _shows(_seq, _leafProof(_seq)) || _shows(_seq, _contentProof(_seq))
            || _shows(_seq, _sketchProof(_seq)) || _shows(_seq, _goneProof(_seq));
        for (uint256 k; k < _all.length && !isWrong_; ++k) {
            isWrong_ = _shows(_seq, _nearerProof(_seq, _all[k])) || _shows(_seq, _containmentProof(_seq, _all[k]))
                || _shows(_seq, _rootProof(_seq, _all[k]));
        }
    }

    function testFuzz_refute_honest_reverts(uint256 _seed) public {
        _world(_seed);
        for (uint32 k = 1; k < 6; ++k) {
            vm.assertFalse(_shows(uint64(k) << 32, _countProof(k)));
        }
        for (uint256 k; k < _all.length; ++k) {
            vm.assertFalse(_isWrong(_all[k]));
        }
    }

    /// @dev Another parent, another part, another root, or none where there is one.
    function testFuzz_refute_otherPlace_succeeds(uint256 _seed, uint256 _which, uint256 _how) public {
        _world(_seed);
        uint64 seq = _all[_bound(_which, 1, _all.length - 1)];
        Texts.Document memory right = _at(seq);
        Texts.Document memory of_ = _at(seq);
        uint64 other = _all[(_how >> 8) % _all.length];
        if (_how % 4 == 0) (of_.parentSeq, of_.rootSeq, of_.containBps) = (seq, seq, 0);
        if (_how % 4 == 1) (of_.parentSeq, of_.rootSeq) = (other, _at(other).rootSeq);
        if (_how % 4 == 2) of_.containBps = uint16(_bound(_how >> 32, 1_500, 10_000));
        if (_how % 4 == 3) of_.rootSeq = other;
        if (of_.containBps == 0 && _how % 4 != 0) of_.containBps = 1_500;
        vm.assume(keccak256(abi.encode(of_)) != keccak256(abi.encode(right)));
        _restate(uint32(seq >> 32), of_);
        vm.assertTrue(_isWrong(seq));
    }

    /// @dev Of a leaf D verifiers of epochs and admission read the same, and what is in it is a leaf O.
    function testFuzz_tryDocument_succeeds(uint256 _ptr, bytes2 _bytes, uint256 _kind) public view {
        Texts.Document memory of_ = _original(Texts.words(1, 40), 1, 3);
        if (_kind % 2 == 0) (of_.parentSeq, of_.rootSeq, of_.containBps) = (5, 4, 2_000);
        bytes memory leaf = Texts.leaf(of_);
        // No file, or one of the other kind.
        if (_kind % 3 == 0) leaf = bytes.concat(Texts.cut(leaf, 0, 114), new bytes(36));
        if (_kind % 5 == 0) leaf[115] = 0x70;
        _ptr = _kind % 7 == 0 ? 108 : _bound(_ptr, 0, 148);
        if (_kind % 11 != 0) (leaf[_ptr], leaf[_ptr + 1]) = (_bytes[0], _bytes[1]);
        (bool isLeaf, Leaves.Document memory read) = libraries.tryDocument(leaf);
        try libraries.document(leaf) returns (Leaves.Document memory expected) {
            vm.assertTrue(isLeaf);
            vm.assertEq(keccak256(abi.encode(expected)), keccak256(abi.encode(read)));
            // What it is by itself is a leaf, too, with the same sketch.
            bytes memory content = bytes.concat("O", Texts.cut(leaf, 17, 92), Texts.cut(leaf, 114, 150));
            vm.assertEq(libraries.contentOf(leaf), Texts.leafHash(content));
            (bool isContent, bytes32 sketchHash) = libraries.tryContent(content);
            vm.assertTrue(isContent);
            vm.assertEq(sketchHash, read.sketchHash);
        } catch {
            vm.assertFalse(isLeaf);
        }
    }

    /// @dev Bytes that are no leaf O: another length or tag, a kind, words or a file that can not be.
    function test_tryContent_succeeds() public view {
        bytes memory leaf = Texts.contentOf(_original(Texts.words(1, 40), 1, 0));
        bytes[8] memory wrong;
        for (uint256 k; k < 8; ++k) {
            wrong[k] = Texts.cut(leaf, 0, 112);
        }
        wrong[0] = Texts.cut(leaf, 0, 111);
        wrong[1][0] = "D";
        wrong[2][1] = hex"08";
        wrong[3][11] = hex"00";
        wrong[4][10] = hex"03";
        wrong[5][77] = hex"00";
        wrong[6] = bytes.concat(Texts.cut(leaf, 0, 76), new bytes(35), hex"01");
        wrong[7] = bytes.concat(leaf, hex"00");
        for (uint256 k; k < 8; ++k) {
            (bool isLeaf,) = libraries.tryContent(wrong[k]);
            vm.assertFalse(isLeaf);
        }
        (bool isRight,) = libraries.tryContent(leaf);
        vm.assertTrue(isRight);
    }
}
