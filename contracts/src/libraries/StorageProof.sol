// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title StorageProof
/// @notice Proofs that a slot of an account's storage holds 1, as a Solidity mapping to `true` does.
/// @dev A storage trie (Yellow Paper, appendix D) is simpler than tries are in general. All keys have 32 bytes, so that a
///      branch never holds a value; and the one value that is looked for is a single byte. What is checked against nodes by
///      their hash is calldata, which is neither copied item by item nor decoded into a structure: a full branch costs some
///      thousand gas. Nothing here reverts, whatever the proof: it holds or it does not.
library StorageProof {
    /// @dev What a node has to say about a key.
    enum Found {
        NOTHING,
        CHILD,
        VALUE
    }

    /// @dev Nibbles of a key, and items of a branch: one for each nibble, and a value.
    uint256 internal constant KEY_LENGTH = 64;
    uint256 internal constant BRANCH_LENGTH = 17;

    /// @dev First byte of an RLP item. Up to 0x7f it is the item. Strings are short here: the longest is a path of 33 bytes.
    uint256 internal constant STRING = 0x80;
    uint256 internal constant HASH = 0xa0;
    uint256 internal constant LONG_STRING = 0xb8;
    uint256 internal constant LIST = 0xc0;
    uint256 internal constant LONG_LIST_1 = 0xf8;
    uint256 internal constant LONG_LIST_2 = 0xf9;

    /// @dev First byte of a path.
    uint256 internal constant ODD = 0x10;
    uint256 internal constant LEAF = 0x20;

    /// @dev Whether the storage with this root holds 1 at a slot.
    /// @param _proof The trie's nodes from the root to the slot's leaf. A node that is shorter than a hash stands within its
    ///               parent; it may be repeated as a node of its own, or not.
    function holdsOne(bytes32 _slot, bytes32 _root, bytes[] calldata _proof) internal pure returns (bool) {
        return holdsOneAt(uint256(keccak256(abi.encode(_slot))), _root, _proof);
    }

    /// @dev The same for a key of the trie: the hash of a slot.
    function holdsOneAt(uint256 _key, bytes32 _root, bytes[] calldata _proof) internal pure returns (bool) {
        uint256 depth;
        bytes32 expected = _root;
        for (uint256 i; i < _proof.length; ++i) {
            bytes calldata node = _proof[i];
            if (keccak256(node) != expected) return false;
            while (true) {
                Found found;
                (found, depth, node) = _lookUp(node, _key, depth);
                if (found == Found.NOTHING) return false;
                if (found == Found.VALUE) return node.length == 1 && _byte(node, 0) == 1 && i + 1 == _proof.length;
                if (node.length == 33 && _byte(node, 0) == HASH) {
                    expected = bytes32(node[1:]);
                    break;
                }
                // An empty child, or one that should have been a hash.
                if (_byte(node, 0) < LIST || node.length >= 32) return false;
                if (i + 1 < _proof.length && keccak256(_proof[i + 1]) == keccak256(node)) ++i;
            }
        }
        return false;
    }

    /// @dev Goes through a node.
    /// @param _depth How many nibbles of the key lie above it.
    /// @return found_ What there is for the key.
    /// @return depth_ How many nibbles lie above that.
    /// @return item_ That, in RLP.
    function _lookUp(
        bytes calldata _node,
        uint256 _key,
        uint256 _depth
    ) private pure returns (Found found_, uint256 depth_, bytes calldata item_) {
        uint256 start = _listStart(_node);
        if (start == 0) return (Found.NOTHING, 0, _node);
        uint256 nibble = _depth < KEY_LENGTH ? (_key >> (252 - 4 * _depth)) & 15 : 0;
        (uint256 count, uint256 position) = _walk(_node, start, nibble);
        if (count == BRANCH_LENGTH && _depth < KEY_LENGTH) return (Found.CHILD, _depth + 1, _itemAt(_node, position));
        if (count != 2) return (Found.NOTHING, 0, _node);
        item_ = _itemAt(_node, start);
        start += item_.length;
        (found_, depth_) = _follow(item_, _key, _depth);
        item_ = _itemAt(_node, start);
    }

    /// @dev Compares the path of a leaf or an extension with the key.
    function _follow(
        bytes calldata _path,
        uint256 _key,
        uint256 _depth
    ) private pure returns (Found found_, uint256 depth_) {
        // A path of one byte is that byte; a longer one has its length in front.
        uint256 start = _path.length == 1 ? 0 : 1;
        if (_path.length > 34 || _byte(_path, 0) >= LIST) return (Found.NOTHING, 0);
        // Two bits of kind, of which the lower one says whether the number of nibbles is odd; if not, four unused ones.
        uint256 first = _byte(_path, start);
        bool odd = first & ODD != 0;
        if (first >> 4 > 3 || (!odd && first & 15 != 0)) return (Found.NOTHING, 0);

        uint256 rest = _path.length - start - 1;
        uint256 nibbles = 2 * rest + (odd ? 1 : 0);
        if (_depth + nibbles > KEY_LENGTH) return (Found.NOTHING, 0);
        uint256 path = uint256(bytes32(_path[start + 1:])) >> (256 - 8 * rest);
        if (odd) path |= (first & 15) << (8 * rest);
        if ((_key << (4 * _depth)) >> (256 - 4 * nibbles) != path) return (Found.NOTHING, 0);

        if (first & LEAF == 0) return (nibbles == 0 ? Found.NOTHING : Found.CHILD, _depth + nibbles);
        return (_depth + nibbles == KEY_LENGTH ? Found.VALUE : Found.NOTHING, KEY_LENGTH);
    }

    /// @dev Goes through the items of a node.
    /// @param _start Where they begin.
    /// @param _index Index of one of them.
    /// @return count_ How many there are; none where they are not all well-formed.
    /// @return position_ Where the one with the index begins, if there is one.
    function _walk(
        bytes calldata _node,
        uint256 _start,
        uint256 _index
    ) private pure returns (uint256 count_, uint256 position_) {
        // Positions are below the length of the calldata.
        unchecked {
            uint256 position = _start;
            for (; position < _node.length; ++count_) {
                if (count_ == _index) position_ = position;
                uint256 length = _itemLength(_node, position);
                if (length == 0) return (0, 0);
                position += length;
            }
            if (position > _node.length) return (0, 0);
        }
    }

    /// @dev The item at a position of a node that has one there.
    function _itemAt(bytes calldata _node, uint256 _position) private pure returns (bytes calldata) {
        return _node[_position:_position + _itemLength(_node, _position)];
    }

    /// @dev Where the first item of a list is that takes up all the bytes; zero where they are no such list.
    function _listStart(bytes calldata _bytes) private pure returns (uint256 start_) {
        if (_bytes.length < 3) return 0;
        uint256 prefix = _byte(_bytes, 0);
        uint256 length;
        uint256 shortest;
        if (prefix < LIST) return 0;
        if (prefix < LONG_LIST_1) (start_, length) = (1, prefix - LIST);
        else if (prefix == LONG_LIST_1) (start_, length, shortest) = (2, _byte(_bytes, 1), 56);
        else if (prefix == LONG_LIST_2) (start_, length, shortest) = (3, _byte(_bytes, 1) << 8 | _byte(_bytes, 2), 256);
        if (start_ + length != _bytes.length || length < shortest) return 0;
    }

    /// @dev Length of the item at a position; zero for what is no item, or too long a one for a storage trie.
    function _itemLength(bytes calldata _bytes, uint256 _position) private pure returns (uint256) {
        unchecked {
            uint256 prefix = _byte(_bytes, _position);
            // Almost all are hashes.
            if (prefix == HASH) return 33;
            if (prefix < STRING) return 1;
            // A byte that is an item by itself has nothing in front.
            if (prefix == STRING + 1 && _byte(_bytes, _position + 1) < STRING) return 0;
            if (prefix < LONG_STRING) return prefix - STRING + 1;
            return prefix < LIST || prefix >= LONG_LIST_1 ? 0 : prefix - LIST + 1;
        }
    }

    /// @dev A byte. Beyond the end it is whatever follows in the calldata, and the caller has to know.
    function _byte(bytes calldata _bytes, uint256 _index) private pure returns (uint256 byte_) {
        assembly ("memory-safe") {
            byte_ := byte(0, calldataload(add(_bytes.offset, _index)))
        }
    }
}
