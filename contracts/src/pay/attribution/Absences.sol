// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title Absences
/// @notice That a key is not in a tree whose leaves are in the order of their keys: the two leaves that it would stand between are side by side,
///         or it would be the first or the last, or there are none. Whole leaves are shown, since only they say what their keys are.
library Absences {
    /// @notice A neighbour is no leaf, or there are several where there is one at most.
    error Absences_Encoding();

    /// @notice Bytes of a phrase.
    uint256 internal constant GRAM = 128;

    /// @notice Whether no leaf M, N or E of a sum tree has this key.
    /// @param _tag Which of them.
    function isAbsent(
        Proofs.Absence calldata _absence,
        bytes32 _root,
        bytes1 _tag,
        uint256 _key
    ) internal pure returns (bool isAbsent_) {
        (bool left, bool right) = _sides(_absence);
        Trees.SumPath memory below;
        Trees.SumPath memory above;
        if (left) {
            uint256 key;
            (below, key) = _neighbour(_absence.left[0], _tag);
            if (below.root != _root || key >= _key) return false;
        }
        if (right) {
            uint256 key;
            (above, key) = _neighbour(_absence.right[0], _tag);
            if (above.root != _root || key <= _key) return false;
        }
        if (!left && !right) return _root == Trees.sumRoot(0, 0, 0);
        return _areSideBySide(left, below.index, below.count, right, above.index);
    }

    /// @notice Whether a phrase is not in the boilerplate with this root.
    /// @param _words Its words' ids.
    function isGramAbsent(
        Proofs.Absence calldata _absence,
        bytes32 _root,
        bytes memory _words
    ) internal pure returns (bool isAbsent_) {
        (bool left, bool right) = _sides(_absence);
        Trees.Path memory below;
        Trees.Path memory above;
        if (left) {
            bytes calldata gram = _absence.left[0].row;
            below = _climb(_absence.left[0]);
            if (below.root != _root || !_isBelow(gram[1:], _words)) return false;
        }
        if (right) {
            bytes calldata gram = _absence.right[0].row;
            above = _climb(_absence.right[0]);
            if (above.root != _root || _isBelow(gram[1:], _words) || keccak256(gram[1:]) == keccak256(_words)) {
                return false;
            }
        }
        if (!left && !right) return _root == Trees.root(0, 0);
        return _areSideBySide(left, below.index, below.count, right, above.index);
    }

    /// @notice The hash of the leaf G of the phrase that begins so many words into some.
    function gramLeaf(bytes memory _words, uint256 _from) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            let source := add(add(_words, 32), mul(16, _from))
            mstore8(ptr, 0)
            mstore8(add(ptr, 1), 0x47)
            mcopy(add(ptr, 2), source, 128)
            hash_ := keccak256(ptr, 130)
        }
    }

    function _sides(Proofs.Absence calldata _absence) private pure returns (bool left_, bool right_) {
        if (_absence.left.length > 1 || _absence.right.length > 1) revert Absences_Encoding();
        return (_absence.left.length == 1, _absence.right.length == 1);
    }

    function _areSideBySide(
        bool _left,
        uint64 _below,
        uint64 _count,
        bool _right,
        uint64 _above
    ) private pure returns (bool areSideBySide_) {
        if (!_left) return _above == 0;
        if (!_right) return uint256(_below) + 1 == _count;
        return uint256(_below) + 1 == _above;
    }

    function _neighbour(
        Proofs.RowOpening calldata _opening,
        bytes1 _tag
    ) private pure returns (Trees.SumPath memory path_, uint256 key_) {
        bool isLeaf;
        uint128 sum;
        if (_tag == "M") {
            Leaves.ModelRow memory row;
            (isLeaf, row) = Leaves.tryModel(_opening.row);
            (key_, sum) = (row.modelVersion, row.train);
        } else if (_tag == "N") {
            uint64 i;
            (isLeaf, i, sum) = Leaves.tryTrain(_opening.row);
            key_ = i;
        } else {
            Leaves.Earning memory row;
            (isLeaf, row) = Leaves.tryEarning(_opening.row);
            (key_, sum) = (Leaves.key(row), row.amount);
        }
        if (!isLeaf) revert Absences_Encoding();
        path_ = Trees.climbSums(Trees.leaf(_opening.row), sum, _opening.proof);
    }

    function _climb(Proofs.RowOpening calldata _opening) private pure returns (Trees.Path memory path_) {
        if (_opening.row.length != GRAM + 1 || _opening.row[0] != "G") revert Absences_Encoding();
        return Trees.climb(Trees.leaf(_opening.row), _opening.proof);
    }

    /// @dev Whether one phrase comes before another.
    function _isBelow(bytes calldata _one, bytes memory _other) private pure returns (bool isBelow_) {
        for (uint256 k; k < GRAM; k += 32) {
            bytes32 one = bytes32(_one[k:k + 32]);
            bytes32 other;
            assembly ("memory-safe") {
                other := mload(add(add(_other, 32), k))
            }
            if (one != other) return one < other;
        }
    }
}
