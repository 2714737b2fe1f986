// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { Trees } from "src/pay/attribution/Trees.sol";

/// @title Chunks
/// @notice Texts as the chain knows them: chunks of made-up words.
library Chunks {
    uint256 internal constant SIZE = 550;

    /// @notice A leaf C with so many words.
    function chunk(uint32 _index, uint8 _words, bytes32 _seed) internal pure returns (bytes memory leaf_) {
        bytes32 salt = keccak256(abi.encode(_seed, _index));
        leaf_ = bytes.concat(abi.encodePacked("C", _index, salt, _words), new bytes(512));
        for (uint256 k; k < _words; ++k) {
            bytes16 id = bytes16(keccak256(abi.encode(_seed, _index, k)));
            for (uint256 each; each < 16; ++each) {
                leaf_[38 + 16 * k + each] = id[each];
            }
        }
    }

    /// @notice The chunks of a text of so many words, one behind the other, and their root.
    function text(uint256 _words, bytes32 _seed) internal pure returns (bytes memory chunks_, bytes32 root_) {
        uint256 count = (_words + 31) / 32;
        chunks_ = new bytes(count * SIZE);
        bytes32[] memory leaves = new bytes32[](count);
        for (uint256 k; k < count; ++k) {
            uint256 left = _words - 32 * k;
            bytes memory leaf = chunk(uint32(k), uint8(left < 32 ? left : 32), _seed);
            leaves[k] = keccak256(bytes.concat(hex"00", leaf));
            assembly ("memory-safe") {
                mcopy(add(add(chunks_, 32), mul(k, SIZE)), add(leaf, 32), SIZE)
            }
        }
        return (chunks_, Trees.rootOf(leaves));
    }

    /// @notice Bytes of a list, from one place up to another.
    function slice(bytes memory _of, uint256 _from, uint256 _to) internal pure returns (bytes memory part_) {
        part_ = new bytes(_to - _from);
        assembly ("memory-safe") {
            mcopy(add(part_, 32), add(add(_of, 32), _from), sub(_to, _from))
        }
    }
}
