// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Sketches } from "src/pay/attribution/Sketches.sol";
import { AdmissionLibraries } from "test/mocks/AdmissionLibraries.sol";
import { Test } from "test/utils/Test.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title Sketches_Test
/// @notice Sketches as `crates/attribution/vectors` has them, and as naive code makes them.
contract Sketches_Test is Test {
    AdmissionLibraries internal libraries;

    error Sketches_Test_Vector(string key);

    function setUp() public {
        libraries = new AdmissionLibraries();
    }

    function _file() internal view returns (string memory json_) {
        return vm.readFile("../crates/attribution/vectors/sketches.json");
    }

    function _at(string memory _list, uint256 _place, string memory _field) internal pure returns (string memory) {
        return string.concat(_list, "[", vm.toString(_place), "]", _field);
    }

    /// @dev Passes, or names what differs.
    function _agrees(bool _does, string memory _key) internal pure {
        if (!_does) revert Sketches_Test_Vector(_key);
    }

    /// @dev The ids of words that stand with single spaces between them.
    function _ids(bytes memory _text) internal pure returns (bytes memory ids_) {
        uint256 start;
        for (uint256 k; k <= _text.length; ++k) {
            if (k != _text.length && _text[k] != " ") continue;
            ids_ = bytes.concat(ids_, bytes16(keccak256(Texts.cut(_text, start, k))));
            start = k + 1;
        }
    }

    function _string(string memory _json, string memory _key) internal pure returns (string memory text_) {
        return abi.decode(vm.parseJson(_json, _key), (string));
    }

    function test_make_writtenDocuments_succeeds() public view {
        string memory json = _file();
        for (uint256 k; k < 13; ++k) {
            bytes memory ids = _ids(bytes(_string(json, _at(".documents", k, ".words"))));
            bytes memory expected = vm.parseJsonBytes(json, _at(".documents", k, ".sketch"));
            bytes32 hash = vm.parseJsonBytes32(json, _at(".documents", k, ".sketch_hash"));
            bytes memory sketch = libraries.make(ids);
            _agrees(keccak256(sketch) == keccak256(expected), _at(".documents", k, ".sketch"));
            _agrees(libraries.hash(sketch) == hash, _at(".documents", k, ".sketch_hash"));
            libraries.check(sketch);
            // So does what the other tests compare with.
            _agrees(keccak256(Texts.sketch(ids)) == keccak256(expected), _at(".documents", k, ".words"));
        }
    }

    /// @dev The sketch of the written document with a name.
    function _named(string memory _json, string memory _name) internal pure returns (bytes memory sketch_) {
        for (uint256 k; k < 13; ++k) {
            string memory name = _string(_json, _at(".documents", k, ".name"));
            if (keccak256(bytes(name)) != keccak256(bytes(_name))) continue;
            return vm.parseJsonBytes(_json, _at(".documents", k, ".sketch"));
        }
        revert Sketches_Test_Vector(_name);
    }

    function test_containment_written_succeeds() public view {
        string memory json = _file();
        for (uint256 k; k < 12; ++k) {
            bytes memory one = _named(json, _string(json, _at(".containments", k, ".of")));
            bytes memory other = _named(json, _string(json, _at(".containments", k, ".within")));
            uint256 bps = vm.parseJsonUint(json, _at(".containments", k, ".bps"));
            _agrees(libraries.containment(one, other) == bps, _at(".containments", k, ".bps"));
            _agrees(Texts.containment(one, other) == bps, _at(".containments", k, ".within"));
        }
    }

    function test_check_written_reverts() public {
        string memory json = _file();
        for (uint256 k; k < 10; ++k) {
            bytes memory wrong = vm.parseJsonBytes(json, _at(".not_sketches", k, ".bytes"));
            vm.expectRevert(Sketches.Sketches_NoSketch.selector);
            libraries.check(wrong);
        }
    }

    /// @dev Fingerprints at two positions of the upper half, and the same one twice; none, and more than there can be.
    function test_check_positions_reverts() public {
        bytes10 low = bytes10(uint80(1) << 16 | 300);
        bytes10 high = bytes10(uint80(2) << 16 | 508);
        libraries.check(bytes.concat(hex"0002", low, high));
        bytes[7] memory wrong = [
            bytes.concat(hex"0002", low, bytes10(uint80(2) << 16 | 300)),
            bytes.concat(hex"0002", bytes10(uint80(1) << 16 | 30), bytes10(uint80(2) << 16 | 30)),
            bytes.concat(hex"0002", high, low),
            bytes.concat(hex"0002", low, low),
            bytes.concat(hex"0002", low, bytes10(uint80(2) << 16 | 509)),
            bytes.concat(hex"0003", low, high),
            bytes(hex"00")
        ];
        for (uint256 k; k < wrong.length; ++k) {
            vm.expectRevert(Sketches.Sketches_NoSketch.selector);
            libraries.check(wrong[k]);
        }
    }

    function test_make_length_reverts() public {
        vm.expectRevert(Sketches.Sketches_NoSketch.selector);
        libraries.make("");
        bytes memory many = new bytes(16 * 513);
        vm.expectRevert(Sketches.Sketches_NoSketch.selector);
        libraries.make(many);
    }

    /// @dev Texts of few words have many equal grams; of one word alone all of them.
    function _text(uint256 _seed, uint256 _words, uint256 _vocabulary) internal pure returns (bytes memory ids_) {
        for (uint256 k; k < _words; ++k) {
            uint256 word = uint256(keccak256(abi.encode(_seed, k))) % _vocabulary;
            ids_ = bytes.concat(ids_, bytes16(keccak256(abi.encode(word))));
        }
    }

    function testFuzz_make_succeeds(uint256 _seed, uint256 _words, uint256 _vocabulary) public view {
        bytes memory ids = _text(_seed, _bound(_words, 1, 120), _bound(_vocabulary, 1, 8));
        bytes memory sketch = libraries.make(ids);
        vm.assertEq(sketch, Texts.sketch(ids));
        libraries.check(sketch);
        vm.assertEq(libraries.hash(sketch), Texts.sketchHash(sketch));
        vm.assertEq(libraries.containment(sketch, sketch), 10_000);
    }

    function testFuzz_containment_succeeds(uint256 _seed, uint256 _one, uint256 _other) public view {
        bytes memory one = _text(_seed, _bound(_one, 1, 120), 2 + _seed % 5);
        bytes memory other = bytes.concat(_text(_seed, _bound(_other, 1, 60), 2 + _seed % 5), _text(_other, 20, 4));
        (one, other) = (libraries.make(one), libraries.make(other));
        vm.assertEq(libraries.containment(one, other), Texts.containment(one, other));
        vm.assertEq(libraries.containment(other, one), Texts.containment(other, one));
    }

    /// @dev Whatever bytes are taken as a sketch are of fingerprints in order, each position once.
    function testFuzz_check_succeeds(uint80[4] memory _fingerprints, uint256 _count) public view {
        uint256 count = _bound(_count, 1, 4);
        bytes memory sketch = abi.encodePacked(uint16(count));
        bool isOne = true;
        for (uint256 k; k < count; ++k) {
            // Some equal positions, and some equal hashes.
            if (_fingerprints[k] % 3 == 0) _fingerprints[k] = uint80(uint256(_fingerprints[k] >> 78) << 16 | k % 2);
            sketch = bytes.concat(sketch, bytes10(_fingerprints[k]));
            isOne = isOne && _fingerprints[k] & 0xffff < 509;
            for (uint256 before; before < k; ++before) {
                isOne = isOne && _fingerprints[before] < _fingerprints[k]
                    && (_fingerprints[before] & 0xffff) != (_fingerprints[k] & 0xffff);
            }
        }
        bool isTaken;
        try libraries.check(sketch) {
            isTaken = true;
        } catch { }
        vm.assertEq(isTaken, isOne);
    }

    /// @dev Hashes that only rise, or only fall: each window keeps another gram.
    function test_make_ordered_succeeds() public view {
        for (uint256 k; k < 2; ++k) {
            bytes memory ids = _ordered(64, k == 1);
            bytes memory sketch = libraries.make(ids);
            vm.assertEq(sketch.length, 2 + 10 * 57);
            vm.assertEq(sketch, Texts.sketch(ids));
        }
    }

    /// @dev A text whose grams have hashes in order: of each gram the last word is looked for.
    function _ordered(uint256 _words, bool _falls) internal pure returns (bytes memory ids_) {
        ids_ = Texts.words(7, 3);
        uint256 step = (uint256(1) << 64) / _words;
        uint64 last;
        for (uint256 k = 3; k < _words; ++k) {
            bytes memory three = Texts.cut(ids_, 16 * k - 48, 16 * k);
            for (uint256 attempt;; ++attempt) {
                bytes16 word = bytes16(keccak256(abi.encode(k, attempt)));
                uint64 gram = uint64(bytes8(keccak256(bytes.concat(three, word))));
                if (_falls) gram = type(uint64).max - gram;
                if (gram <= last || gram - last > step) continue;
                (last, ids_) = (gram, bytes.concat(ids_, word));
                break;
            }
        }
    }
}
