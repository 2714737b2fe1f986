// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IAdmissionStatements } from "interfaces/datanet/IAdmissionStatements.sol";
import { IAdmission, IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { AdmissionParts } from "src/datanet/admission/AdmissionParts.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title Statements
/// @notice What is known of a contribution's statement; what opens a part of it; and coins that leave.
abstract contract Statements is IAdmission, IAdmissionStatements {
    /// @inheritdoc IAdmissionStatements
    IContributionRegistry public immutable CONTRIBUTIONS;

    /// @param openDemands Demands that nobody has answered yet.
    /// @param outdatedAt Since when something else is to be stated, in seconds; zero where it is not.
    struct Statement {
        uint32 openDemands;
        uint64 outdatedAt;
    }

    mapping(bytes32 id => Statement) internal _statements;

    /// @inheritdoc IAdmissionStatements
    mapping(address account => uint256) public creditOf;

    constructor(IContributionRegistry _contributions) {
        CONTRIBUTIONS = _contributions;
    }

    /// @notice Takes what is left of a bond.
    receive() external payable {
        if (msg.sender != address(CONTRIBUTIONS)) revert Admission_NotAllowed();
    }

    /// @inheritdoc IAdmissionStatements
    function withdraw(address _account) external returns (uint256 amount_) {
        amount_ = creditOf[_account];
        if (amount_ == 0) return 0;
        creditOf[_account] = 0;
        emit Withdrawn(_account, amount_);
        Address.sendValue(payable(_account), amount_);
    }

    /// @inheritdoc IAdmission
    function isClear(uint32 _commitSeq) external view returns (bool isClear_) {
        return _isClear(_commitSeq, CONTRIBUTIONS.recordOf(_commitSeq));
    }

    /// @inheritdoc IAdmission
    function isAsked(uint32 _commitSeq) external view returns (bool isAsked_) {
        return _statement(_commitSeq, CONTRIBUTIONS.recordOf(_commitSeq)).openDemands != 0;
    }

    /// @inheritdoc IAdmission
    function isOutOfDate(uint32 _commitSeq) external view returns (bool isOutOfDate_) {
        return _statement(_commitSeq, CONTRIBUTIONS.recordOf(_commitSeq)).outdatedAt != 0;
    }

    function _isClear(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of
    ) internal view returns (bool isClear_) {
        Statement storage statement = _statement(_commitSeq, _of);
        return statement.openDemands == 0 && statement.outdatedAt == 0;
    }

    /// @dev What is known of what a contribution states now.
    function _statement(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of
    ) internal view returns (Statement storage statement_) {
        return _statements[keccak256(abi.encode(_commitSeq, _of.batchRoot, _of.statedAt))];
    }

    function _credit(address _account, uint256 _amount) internal {
        if (_amount == 0) return;
        creditOf[_account] += _amount;
        emit Credited(_account, _amount);
    }

    /// @dev Expels a contribution, for whoever it is due to.
    function _expel(uint32 _commitSeq, address _by) internal returns (uint256 reward_) {
        reward_ = CONTRIBUTIONS.expel(_commitSeq);
        _credit(_by, reward_);
    }

    // What is shown

    /// @dev Passes when bytes are what they should be.
    function _encoded(bool _is) internal pure {
        if (!_is) revert Admission_Encoding();
    }

    /// @dev Passes when something is shown.
    function _shown(bool _is) internal pure {
        if (!_is) revert Admission_NotShown();
    }

    /// @dev Passes when parts belong together.
    function _same(bool _is) internal pure {
        if (!_is) revert Admission_Other();
    }

    /// @dev Where the struct of an encoding begins, behind so many other bytes. Its members are read where they stand, and Solidity checks that each of
    ///      them is within the call's data.
    function _body(bytes calldata _encoding, uint256 _behind) internal pure returns (uint256 ptr_) {
        _encoded(_encoding.length >= _behind + 32 && bytes32(_encoding[_behind:_behind + 32]) == bytes32(uint256(32)));
        assembly ("memory-safe") {
            ptr_ := add(_encoding.offset, add(_behind, 32))
        }
    }

    /// @dev A leaf D below the root that is stated, and its place.
    function _document(
        IContributionRegistry.Record memory _of,
        AdmissionParts.Placed calldata _opening
    ) internal pure returns (Leaves.Document memory document_, uint64 index_) {
        bool isLeaf;
        (isLeaf, document_) = Leaves.tryDocument(_opening.document);
        _encoded(isLeaf);
        Trees.Path memory path = Trees.climb(Trees.leaf(_opening.document), _opening.proof);
        _shown(path.root == _of.batchRoot);
        return (document_, path.index);
    }

    /// @dev A chunk of a document: the number of its words. The document has one at this place.
    function _chunk(
        Leaves.Document memory _of,
        uint256 _place,
        Proofs.ChunkOpening calldata _opening
    ) internal pure returns (uint256 n_) {
        uint32 index;
        (index, n_) = Leaves.chunk(_opening.chunk);
        Trees.Path memory path = Trees.climb(Trees.leaf(_opening.chunk), _opening.proof);
        _shown(index == _place && path.index == _place && path.count == _chunks(_of) && path.root == _of.chunkRoot);
        uint256 left = _of.words - Leaves.CHUNK * _place;
        _shown(n_ == (left < Leaves.CHUNK ? left : Leaves.CHUNK));
    }

    /// @dev How many chunks a document has.
    function _chunks(Leaves.Document memory _of) internal pure returns (uint256 chunks_) {
        return (_of.words + Leaves.CHUNK - 1) / Leaves.CHUNK;
    }
}
