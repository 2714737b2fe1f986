// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { RLP } from "@openzeppelin/contracts/utils/RLP.sol";

/// @title StorageTrie
/// @notice The storage trie of an account in which every slot that is set holds 1, and proofs of its slots. Written from
///         the trie's definition (Yellow Paper, appendix D), not from what verifies the proofs.
library StorageTrie {
    /// @dev Where a proof leads.
    /// @param key The key.
    /// @param shortest A node that is shorter than this is no step of the proof.
    struct Way {
        bytes32 key;
        uint256 shortest;
    }

    uint256 internal constant NIBBLES = 64;

    /// @dev Root of the trie, and the nodes on the way to a slot that is one of them.
    function prove(
        bytes32[] memory _slots,
        bytes32 _slot
    ) internal pure returns (bytes32 root_, bytes[] memory proof_) {
        bytes32[] memory keys = new bytes32[](_slots.length);
        for (uint256 i; i < keys.length; ++i) {
            keys[i] = keccak256(abi.encode(_slots[i]));
        }
        return proveKey(keys, keccak256(abi.encode(_slot)), false);
    }

    /// @dev The same for keys of the trie, which are the hashes of slots.
    /// @param _verbose Whether nodes that stand in their parents are steps of their own too.
    function proveKey(
        bytes32[] memory _keys,
        bytes32 _key,
        bool _verbose
    ) internal pure returns (bytes32 root_, bytes[] memory proof_) {
        (bytes memory node, bytes[] memory below) = _build(_keys, 0, Way(_key, _verbose ? 1 : 32));
        return (keccak256(node), _prepend(node, below));
    }

    /// @dev The same for a trie of so many slots that each of the uppermost levels is full; what the other branches hold
    ///      is nobody's business.
    function proveAmongMany(
        bytes32 _slot,
        uint256 _levels
    ) internal pure returns (bytes32 root_, bytes[] memory proof_) {
        bytes32 key = keccak256(abi.encode(_slot));
        proof_ = new bytes[](_levels + 1);
        proof_[_levels] = _pair(key, _levels, NIBBLES, hex"01");
        for (uint256 level = _levels; level > 0; --level) {
            bytes[] memory items = new bytes[](17);
            for (uint256 i; i < 16; ++i) {
                items[i] = RLP.encode(keccak256(abi.encode(_slot, level, i)));
            }
            items[_nibble(key, level - 1)] = _reference(proof_[level]);
            items[16] = hex"80";
            proof_[level - 1] = RLP.encode(items);
        }
        root_ = keccak256(proof_[0]);
    }

    /// @dev The node under which these keys differ from a depth on, and the nodes below it on the way to a key.
    function _build(
        bytes32[] memory _keys,
        uint256 _depth,
        Way memory _way
    ) private pure returns (bytes memory node_, bytes[] memory below_) {
        if (_keys.length == 1) return (_pair(_keys[0], _depth, NIBBLES, hex"01"), below_);
        uint256 shared = _sharedUntil(_keys, _depth);
        (node_, below_) = _branch(_keys, shared, _way);
        if (shared > _depth) {
            if (node_.length >= _way.shortest) below_ = _prepend(node_, below_);
            node_ = _pair(_keys[0], _depth, shared, _reference(node_));
        }
    }

    /// @dev A node with sixteen ways down.
    function _branch(
        bytes32[] memory _keys,
        uint256 _depth,
        Way memory _way
    ) private pure returns (bytes memory node_, bytes[] memory below_) {
        bytes[] memory items = new bytes[](17);
        items[16] = hex"80";
        for (uint256 nibble; nibble < 16; ++nibble) {
            bytes32[] memory keys = _having(_keys, _depth, nibble);
            if (keys.length == 0) {
                items[nibble] = hex"80";
                continue;
            }
            (bytes memory child, bytes[] memory below) = _build(keys, _depth + 1, _way);
            items[nibble] = _reference(child);
            if (_nibble(_way.key, _depth) == nibble) {
                below_ = child.length < _way.shortest ? below : _prepend(child, below);
            }
        }
        node_ = RLP.encode(items);
    }

    /// @dev A leaf, whose path goes to the end, or an extension, with what it holds or refers to.
    function _pair(
        bytes32 _key,
        uint256 _from,
        uint256 _to,
        bytes memory _content
    ) private pure returns (bytes memory) {
        bytes memory path = new bytes((_to - _from) / 2 + 1);
        uint256 flag = _to == NIBBLES ? 2 : 0;
        uint256 place = _from;
        path[0] = bytes1(uint8(flag * 16));
        if ((_to - _from) % 2 == 1) path[0] = bytes1(uint8((flag + 1) * 16 + _nibble(_key, place++)));
        for (uint256 i = 1; i < path.length; ++i) {
            path[i] = bytes1(uint8(_nibble(_key, place) * 16 + _nibble(_key, place + 1)));
            place += 2;
        }
        bytes[] memory items = new bytes[](2);
        (items[0], items[1]) = (RLP.encode(path), _content);
        return RLP.encode(items);
    }

    /// @dev How a parent refers to a node.
    function _reference(bytes memory _node) private pure returns (bytes memory) {
        return _node.length < 32 ? _node : RLP.encode(abi.encodePacked(keccak256(_node)));
    }

    /// @dev The depth at which the keys part.
    function _sharedUntil(bytes32[] memory _keys, uint256 _depth) private pure returns (uint256) {
        for (uint256 depth = _depth;; ++depth) {
            for (uint256 i = 1; i < _keys.length; ++i) {
                if (_nibble(_keys[i], depth) != _nibble(_keys[0], depth)) return depth;
            }
        }
        revert("StorageTrie: equal keys");
    }

    /// @dev The keys with this nibble at a depth.
    function _having(
        bytes32[] memory _keys,
        uint256 _depth,
        uint256 _value
    ) private pure returns (bytes32[] memory some_) {
        some_ = new bytes32[](_keys.length);
        uint256 count;
        for (uint256 i; i < _keys.length; ++i) {
            if (_nibble(_keys[i], _depth) == _value) some_[count++] = _keys[i];
        }
        assembly ("memory-safe") {
            mstore(some_, count)
        }
    }

    function _nibble(bytes32 _key, uint256 _depth) private pure returns (uint256) {
        return (uint256(_key) >> (252 - 4 * _depth)) & 15;
    }

    function _prepend(bytes memory _first, bytes[] memory _rest) private pure returns (bytes[] memory all_) {
        all_ = new bytes[](_rest.length + 1);
        all_[0] = _first;
        for (uint256 i; i < _rest.length; ++i) {
            all_[i + 1] = _rest[i];
        }
    }
}
