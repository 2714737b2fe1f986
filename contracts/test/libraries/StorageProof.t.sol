// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { RLP } from "@openzeppelin/contracts/utils/RLP.sol";
import { TrieProof } from "@openzeppelin/contracts/utils/cryptography/TrieProof.sol";

import { StorageProof } from "src/libraries/StorageProof.sol";
import { StorageTrie } from "test/utils/StorageTrie.sol";
import { Test } from "test/utils/Test.sol";

/// @title Verifiers
/// @notice The library, and a general one as its judge.
contract Verifiers {
    function holdsOne(bytes32 _slot, bytes32 _root, bytes[] calldata _proof) external pure returns (bool) {
        return StorageProof.holdsOne(_slot, _root, _proof);
    }

    function holdsOneAt(bytes32 _key, bytes32 _root, bytes[] calldata _proof) external pure returns (bool) {
        return StorageProof.holdsOneAt(uint256(_key), _root, _proof);
    }

    function judge(bytes32 _key, bytes32 _root, bytes[] calldata _proof) external pure returns (bool) {
        return TrieProof.verify(hex"01", _root, abi.encodePacked(_key), _proof);
    }
}

/// @notice Proofs that another implementation made: those of a node's `eth_getProof` for an account whose slots 0 to 39 hold
///         1, but for slot 7, which holds 2, and slot 8, which holds 256.
contract StorageProof_Node_Test is Test {
    bytes32 internal constant ROOT = 0xaec36113f59b29656d1cb85b6ab385862b0c4b22065c764133d2f6a98194ff00;

    Verifiers internal verifiers = new Verifiers();

    /// @dev The node that all proofs begin with.
    bytes internal root =
        hex"f901f1a0e1b5876da773541962da73785ecb6edbdb285475329af8b21f8e7b29ad2fd556a0b73d1558c0101d6b2ebac4f1eafcc4e838e72bdcf431c96cfa7a06829c7a770aa04fc5f13ab2f9ba0c2da88b0151ab0e7cf4d85d08cca45ccd923c6ab76323eb28a014f92bee9206eb5d7638eecf21011ab519a48ae26405062817005d2f39006df4a0582cd9a1604e42d1a823f0697fb15b9e6620a5b0b5b8f336f3bf25b0f1156109a0bc936901d39b9da3d9fe2a478a12eb8ab51c50c46324ccf07c869aacf74b5202a0c961ab76d28fd1aafbc3cde274c9aa36f31ef43223f705957694a762bdb3af3aa0a8dcb2002243ce3b04af94b708d1e952bed2a6d9c351bd59567dff31bd3786cba0d26d25c6682cafe7ec5cd0a192a26af2679adf51b93e5561c0fdef1ada738f53a0cee78932a8b26453052d882b95795bb52037e09e5bdc717a2a7a406a0d7b93c3a08cc990c93fe669a213ccc80a0478caac85d2d102a3b623d881557810defd67f3a0f70357c7508bc16b240887597892e54277a2df4e4e337fed783584ea9b2d931fa09a22b21a09a2efb58dab34c9bb8c03a6f467d44d01b6e13a3c20e09352bbf008a0f36736ebd5d0fd4dee9139633fc511d11c2dcbb28242135180f67b97f2185fdb80a0429f0f7d7cb98c3a7c37694ea1ccd5e82135724fb40d7aa0e08904086d9d1f3d80";

    /// @dev A proof of it and the nodes below, as far as there are any.
    function _proof(bytes memory _a, bytes memory _b, bytes memory _c) internal view returns (bytes[] memory proof_) {
        bytes[4] memory nodes = [root, _a, _b, _c];
        uint256 length = 1;
        while (length < 4 && nodes[length].length > 0) ++length;
        proof_ = new bytes[](length);
        for (uint256 i; i < length; ++i) {
            proof_[i] = nodes[i];
        }
    }

    function _slot1() internal view returns (bytes[] memory) {
        return _proof(
            hex"f85180a09075668daf320872f05a47befe70d00b74e964242137190756f663cb82f9f04c808080808080808080a02d31155c79503ca9e2271cc93f41ddd6d5f4bb0c339a02cb80cd7e7dce05eee28080808080",
            hex"f851a0e2c9a20510991c36861297b93fc71daf8f30625a5f97c026b672c3c9d4b44ac18080a05480349841c683c8d23a65a0ab7a1ff5eb69db2b2f0e5588d8839ecc49dbbbb380808080808080808080808080",
            hex"e19f3e2d527612073b26eecdfd717e6a320cf44b4afac2b0732d9fcbe2b7fa0cf601"
        );
    }

    function _slot39() internal view returns (bytes[] memory) {
        return _proof(
            hex"f85180808080a012e3102465c9836e2a9140c19fa8544f25df09124f906a4e1df449e1d7161736808080a036b40176cc86e6a46234c20f42a13fd3ee7a016cfd9e7c9f0ddb501ecc933b898080808080808080",
            hex"e2a020a476f1687bc3d60a2da2adbcba2c46958e61fa2fb4042cd7bc5816a710195b01",
            ""
        );
    }

    function test_setSlot_succeeds() external view {
        vm.assertTrue(verifiers.holdsOne(bytes32(uint256(1)), ROOT, _slot1()));
        vm.assertTrue(verifiers.holdsOne(bytes32(uint256(39)), ROOT, _slot39()));
    }

    function test_anotherSlot_fails() external view {
        vm.assertFalse(verifiers.holdsOne(bytes32(uint256(1)), ROOT, _slot39()));
        vm.assertFalse(verifiers.holdsOne(bytes32(uint256(39)), ROOT, _slot1()));
        vm.assertFalse(verifiers.holdsOne(bytes32(uint256(2)), ROOT, _slot1()));
    }

    function test_anotherRoot_fails() external view {
        vm.assertFalse(verifiers.holdsOne(bytes32(uint256(1)), keccak256(_slot1()[1]), _slot1()));
    }

    /// @dev A slot that holds something else.
    function test_anotherValue_fails() external view {
        bytes[] memory two = _proof(
            hex"f851a09fbd81c3b5ea76ffea5d0a5417dfe70f05ce1cc5d724749de5392dd8dae85c888080808080a0cb575386b441be124cd180e620013c2a0c6cfccdaa75fb91c253a0670e65664180808080808080808080",
            hex"e2a0206cc928b5edb82af9bd49922954155ab7b0942694bea4ce44661d9a8736c68802",
            ""
        );
        vm.assertFalse(verifiers.holdsOne(bytes32(uint256(7)), ROOT, two));
        bytes[] memory many = _proof(
            hex"f851808080a0309173a1e6c43135c7e83d97c97c09b80dc7b1010a5269898e00550873ac99918080a08da6d5c36a404670c553a2c9052df7cd604f04e3863c4c7b9e0027bfd54206d680808080808080808080",
            hex"e5a020f7a9fe364faab93b216da50a3214154f22a0a2b415b23a84c8169e8b636ee383820100",
            ""
        );
        vm.assertFalse(verifiers.holdsOne(bytes32(uint256(8)), ROOT, many));
    }

    /// @dev The proof that a slot holds nothing.
    function test_emptySlot_fails() external view {
        vm.assertFalse(verifiers.holdsOne(bytes32(uint256(40)), ROOT, _proof("", "", "")));
    }

    /// @dev What the other tests build tries with agrees with the node, where all forty slots hold 1.
    function test_storageTrie_succeeds() external pure {
        bytes32[] memory slots = new bytes32[](40);
        for (uint256 i; i < slots.length; ++i) {
            slots[i] = bytes32(i);
        }
        (bytes32 expected,) = StorageTrie.prove(slots, slots[0]);
        vm.assertEq(expected, 0x5fac5a9bfac7a469391c81aed28ef975710f4f686b6bc119698f7ef06d3ba274);
    }
}

/// @notice Tries of all shapes, and what is like one.
contract StorageProof_Fuzz_Test is Test {
    Verifiers internal verifiers = new Verifiers();

    /// @dev Keys of which many have much in common: so much that nodes become shorter than their hash.
    function _keys(uint256 _seed, uint256 _count) internal pure returns (bytes32[] memory keys_) {
        keys_ = new bytes32[](_count);
        for (uint256 i; i < _count; ++i) {
            bytes32 random = keccak256(abi.encode(_seed, i));
            if (i == 0) keys_[0] = random;
            // A key that parts from an earlier one at any depth, and from there on has other nibbles.
            uint256 depth = uint256(keccak256(abi.encode(random))) % 64;
            bytes32 shared = i == 0 ? random : keys_[uint256(random) % i];
            bytes32 mask = bytes32(type(uint256).max >> (4 * depth));
            if (i > 0) keys_[i] = (shared & ~mask) | (random & mask);
            // The same key twice is none too many: it is replaced.
            for (uint256 j; j < i; ++j) {
                if (keys_[j] == keys_[i]) keys_[i] = keccak256(abi.encode(keys_[i]));
            }
        }
    }

    function testFuzz_setKey_succeeds(uint256 _seed, uint8 _count, bool _verbose) external view {
        bytes32[] memory keys = _keys(_seed, uint256(_count) % 10 + 1);
        bytes32 key = keys[_seed % keys.length];
        (bytes32 root, bytes[] memory proof) = StorageTrie.proveKey(keys, key, _verbose);
        vm.assertTrue(verifiers.holdsOneAt(key, root, proof));
        vm.assertTrue(verifiers.judge(key, root, proof));
    }

    /// @dev With the nodes of any other key.
    function testFuzz_emptyKey_fails(uint256 _seed, uint8 _count, uint256 _different, bool _verbose) external view {
        bytes32[] memory keys = _keys(_seed, uint256(_count) % 10 + 1);
        bytes32 key = keys[0] ^ bytes32(uint256(1) << (_different % 256));
        for (uint256 i; i < keys.length; ++i) {
            vm.assume(keys[i] != key);
        }
        (bytes32 root, bytes[] memory proof) =
            StorageTrie.proveKey(keys, keys[_different / 256 % keys.length], _verbose);
        vm.assertFalse(verifiers.holdsOneAt(key, root, proof));
    }

    /// @dev Missing, repeated and foreign nodes.
    function testFuzz_otherNodes_fails(
        uint256 _seed,
        uint8 _count,
        uint256 _place,
        bytes calldata _node
    ) external view {
        bytes32[] memory keys = _keys(_seed, uint256(_count) % 10 + 1);
        (bytes32 root, bytes[] memory proof) = StorageTrie.proveKey(keys, keys[0], false);
        bytes[] memory longer = new bytes[](proof.length + 1);
        uint256 place = _place % longer.length;
        for (uint256 i; i < longer.length; ++i) {
            longer[i] = i < place ? proof[i] : i == place ? _node : proof[i - 1];
        }
        vm.assertFalse(verifiers.holdsOneAt(keys[0], root, longer));
        longer[place] = proof[place % proof.length];
        vm.assertFalse(verifiers.holdsOneAt(keys[0], root, longer));
        place = _place % proof.length;
        bytes[] memory shorter = new bytes[](proof.length - 1);
        for (uint256 i; i < shorter.length; ++i) {
            shorter[i] = proof[i < place ? i : i + 1];
        }
        vm.assertFalse(verifiers.holdsOneAt(keys[0], root, shorter));
    }

    /// @dev Even a root that was made for it brings nothing through that the general library refuses: a node of the proof
    ///      is altered, and the hashes above it are made to fit.
    function testFuzz_alteredNode_isJudged_succeeds(
        uint256 _seed,
        uint8 _count,
        uint256 _node,
        uint256 _byte,
        uint8 _value
    ) external view {
        bytes32[] memory keys = _keys(_seed, uint256(_count) % 10 + 1);
        (, bytes[] memory proof) = StorageTrie.proveKey(keys, keys[0], false);
        uint256 altered = _node % proof.length;
        bytes32 before = keccak256(proof[altered]);
        proof[altered][_byte % proof[altered].length] = bytes1(_value);
        for (uint256 i = altered; i > 0; --i) {
            bytes32 next = keccak256(proof[i]);
            bytes32 parent = keccak256(proof[i - 1]);
            _replace(proof[i - 1], before, next);
            before = parent;
        }
        _assertJudged(keys[0], keccak256(proof[0]), proof);
    }

    /// @dev A list of anything, as the only node.
    function testFuzz_anyList_isJudged_succeeds(bytes32 _key, bytes memory _items, uint8 _form) external view {
        bytes[] memory proof = new bytes[](1);
        uint256 length = _items.length;
        if (_form % 4 == 0) proof[0] = abi.encodePacked(uint8(0xc0 + length % 56), _items);
        if (_form % 4 == 1) proof[0] = abi.encodePacked(uint8(0xf8), uint8(length), _items);
        if (_form % 4 == 2) proof[0] = abi.encodePacked(uint8(0xf9), uint16(length), _items);
        if (_form % 4 == 3) proof[0] = abi.encodePacked(uint8(0xfa), uint24(length), _items);
        _assertJudged(_key, keccak256(proof[0]), proof);
    }

    /// @dev A leaf of which anything may be wrong: the kind, the unused bits, the path, the value, its form.
    function testFuzz_leaf_isJudged_succeeds(
        bytes32 _key,
        uint8 _first,
        uint8 _nibble,
        uint8 _value,
        uint8 _what
    ) external view {
        uint8 first = _what & 1 == 0 ? 0x20 : _first;
        bytes32 path = _what & 2 == 0 ? _key : bytes32(uint256(_key) ^ (uint256(_nibble) << (8 * (_first % 32))));
        bytes memory value = _what & 4 == 0 ? bytes(hex"01") : abi.encodePacked(_value);
        if (_what & 8 != 0) value = abi.encodePacked(uint8(0x81), value);
        bytes memory items = abi.encodePacked(uint8(0xa1), first, path, value);
        bytes[] memory proof = new bytes[](1);
        proof[0] = abi.encodePacked(uint8(0xc0 + items.length), items);
        bool expected = first == 0x20 && path == _key && keccak256(value) == keccak256(hex"01");
        vm.assertEq(verifiers.holdsOneAt(_key, keccak256(proof[0]), proof), expected);
        _assertJudged(_key, keccak256(proof[0]), proof);
    }

    function testFuzz_anything_fails(bytes32 _key, bytes32 _root, bytes[] calldata _proof) external view {
        vm.assertFalse(verifiers.holdsOneAt(_key, _root, _proof));
        if (_proof.length > 0) _assertJudged(_key, keccak256(_proof[0]), _proof);
    }

    /// @dev Does not revert, and finds nothing that the general library does not find.
    function _assertJudged(bytes32 _key, bytes32 _root, bytes[] memory _proof) internal view {
        if (!verifiers.holdsOneAt(_key, _root, _proof)) return;
        vm.assertTrue(verifiers.judge(_key, _root, _proof));
    }

    /// @dev Replaces a hash within a node, wherever it is.
    function _replace(bytes memory _node, bytes32 _old, bytes32 _new) internal pure {
        for (uint256 i; i + 32 <= _node.length; ++i) {
            assembly ("memory-safe") {
                let place := add(add(_node, 0x20), i)
                if eq(mload(place), _old) { mstore(place, _new) }
            }
        }
    }
}

/// @notice Nodes that no honest trie has, each wrong in one respect.
contract StorageProof_Shape_Test is Test {
    bytes32 internal constant KEY = 0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef;

    Verifiers internal verifiers = new Verifiers();

    /// @dev Whether nodes, of which the first one is the root, prove the key.
    function _holds(bytes memory _root, bytes memory _second) internal view returns (bool) {
        bytes[] memory proof = new bytes[](_second.length == 0 ? 1 : 2);
        proof[0] = _root;
        if (proof.length == 2) proof[1] = _second;
        return verifiers.holdsOneAt(KEY, keccak256(_root), proof);
    }

    function _holds(bytes memory _root) internal view returns (bool) {
        return _holds(_root, "");
    }

    function _pair(bytes memory _path, bytes memory _content) internal pure returns (bytes memory) {
        bytes[] memory items = new bytes[](2);
        (items[0], items[1]) = (RLP.encode(_path), _content);
        return RLP.encode(items);
    }

    /// @dev A branch with one child.
    function _branch(uint256 _nibble, bytes memory _child) internal pure returns (bytes memory) {
        bytes[] memory items = new bytes[](17);
        for (uint256 i; i < 17; ++i) {
            items[i] = i == _nibble ? _child : bytes(hex"80");
        }
        return RLP.encode(items);
    }

    function _hash(bytes memory _node) internal pure returns (bytes memory) {
        return RLP.encode(keccak256(_node));
    }

    /// @dev The key's last nibbles, an even number of them.
    function _rest(uint256 _from) internal pure returns (bytes memory rest_) {
        rest_ = new bytes((64 - _from) / 2);
        for (uint256 i; i < rest_.length; ++i) {
            rest_[i] = KEY[_from / 2 + i];
        }
    }

    function test_leaf_succeeds() external view {
        vm.assertTrue(_holds(_pair(abi.encodePacked(hex"20", KEY), hex"01")));
    }

    function test_leaf_path_fails() external view {
        vm.assertFalse(_holds(_pair(abi.encodePacked(hex"21", KEY), hex"01")));
        vm.assertFalse(_holds(_pair(abi.encodePacked(hex"60", KEY), hex"01")));
        vm.assertFalse(_holds(_pair(abi.encodePacked(hex"30", KEY), hex"01")));
        vm.assertFalse(_holds(_pair(abi.encodePacked(hex"20", KEY, hex"00"), hex"01")));
        vm.assertFalse(_holds(_pair(abi.encodePacked(hex"20", bytes31(KEY)), hex"01")));
        vm.assertFalse(_holds(_pair("", hex"01")));
        vm.assertFalse(_holds(_pair(hex"20", hex"01")));
        vm.assertFalse(_holds(abi.encodePacked(hex"e3e120", KEY, hex"01")));
    }

    function test_leaf_value_fails() external view {
        bytes memory path = abi.encodePacked(hex"20", KEY);
        vm.assertFalse(_holds(_pair(path, hex"02")));
        vm.assertFalse(_holds(_pair(path, hex"80")));
        vm.assertFalse(_holds(_pair(path, hex"8101")));
        vm.assertFalse(_holds(_pair(path, hex"820001")));
        vm.assertFalse(_holds(_pair(path, hex"c101")));
    }

    function test_list_form_fails() external view {
        bytes memory items = abi.encodePacked(hex"a120", KEY, hex"01");
        vm.assertTrue(_holds(abi.encodePacked(hex"e3", items)));
        vm.assertFalse(_holds(abi.encodePacked(hex"a3", items)));
        vm.assertFalse(_holds(abi.encodePacked(hex"e2", items)));
        vm.assertFalse(_holds(abi.encodePacked(hex"e4", items)));
        vm.assertFalse(_holds(abi.encodePacked(hex"f823", items)));
        vm.assertFalse(_holds(abi.encodePacked(hex"f90023", items)));
        vm.assertFalse(_holds(abi.encodePacked(hex"fa000023", items)));
        vm.assertFalse(_holds(abi.encodePacked(hex"e4", items, hex"01")));
        vm.assertFalse(_holds(hex"c0"));
        vm.assertFalse(_holds(""));
    }

    /// @dev An item that ends beyond its list, and one that is longer than anything in a storage trie.
    function test_items_fail() external view {
        vm.assertFalse(_holds(abi.encodePacked(hex"e3a120", KEY, hex"81")));
        vm.assertFalse(_holds(abi.encodePacked(hex"e3a220", KEY, hex"01")));
        vm.assertFalse(_holds(_pair(new bytes(56), hex"01")));
    }

    function test_extension_succeeds() external view {
        bytes memory leaf = _pair(abi.encodePacked(hex"20", _rest(2)), hex"01");
        vm.assertTrue(_holds(_pair(hex"0001", _hash(leaf)), leaf));
        leaf = _pair(abi.encodePacked(hex"31", _rest(2)), hex"01");
        vm.assertTrue(_holds(_pair(hex"10", _hash(leaf)), leaf));
    }

    /// @dev Of no nibbles, of others, and without what it leads to.
    function test_extension_fails() external view {
        bytes memory leaf = _pair(abi.encodePacked(hex"20", KEY), hex"01");
        vm.assertFalse(_holds(_pair(hex"00", _hash(leaf)), leaf));
        leaf = _pair(abi.encodePacked(hex"20", _rest(2)), hex"01");
        vm.assertFalse(_holds(_pair(hex"0002", _hash(leaf)), leaf));
        vm.assertFalse(_holds(_pair(hex"0001", _hash(leaf))));
        vm.assertFalse(_holds(_pair(hex"0001", hex"80"), leaf));
    }

    function test_branch_succeeds() external view {
        bytes memory leaf = _pair(abi.encodePacked(hex"31", _rest(2)), hex"01");
        vm.assertTrue(_holds(_branch(0, _hash(leaf)), leaf));
        vm.assertFalse(_holds(_branch(1, _hash(leaf)), leaf));
        vm.assertFalse(_holds(_branch(16, _hash(leaf)), leaf));
    }

    /// @dev Below the last nibble there is no branch.
    function test_branch_atTheEnd_fails() external view {
        bytes memory branch = _branch(16, hex"01");
        vm.assertFalse(_holds(_pair(abi.encodePacked(hex"00", KEY), _hash(branch)), branch));
        branch = _branch(0, hex"c22001");
        vm.assertFalse(_holds(_pair(abi.encodePacked(hex"00", KEY), _hash(branch)), branch));
    }

    /// @dev A node as long as a hash is referred to by its hash.
    function test_embedded_succeeds() external view {
        for (uint256 from = 4; from <= 8; from += 2) {
            bytes memory leaf = _pair(abi.encodePacked(hex"20", _rest(from)), hex"01");
            bytes memory path = abi.encodePacked(hex"00", bytes31(KEY));
            assembly ("memory-safe") {
                mstore(path, add(1, div(from, 2)))
            }
            vm.assertEq(_holds(_pair(path, leaf)), leaf.length < 32);
            vm.assertEq(_holds(_pair(path, leaf), leaf), leaf.length < 32);
            vm.assertFalse(_holds(_pair(path, leaf), hex"00"));
        }
    }

    function test_numberOfItems_fails() external view {
        for (uint256 count; count < 20; ++count) {
            bytes[] memory items = new bytes[](count);
            for (uint256 i; i < count; ++i) {
                items[i] = hex"01";
            }
            if (count > 0) items[0] = RLP.encode(abi.encodePacked(hex"20", KEY));
            vm.assertEq(_holds(RLP.encode(items)), count == 2);
        }
    }
}
