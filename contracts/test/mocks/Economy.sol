// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmission } from "interfaces/datanet/IContributionRegistry.sol";
import { IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";
import { IModelWeights } from "interfaces/pay/ITrainingAccumulator.sol";

/// @title Weights
/// @notice Model versions whose weights a test chooses.
contract Weights is IModelWeights {
    mapping(uint64 modelVersion => bytes32) internal _roots;
    mapping(uint64 modelVersion => uint128) internal _totals;

    function set(uint64 _modelVersion, bytes32 _root, uint128 _total) external {
        (_roots[_modelVersion], _totals[_modelVersion]) = (_root, _total);
    }

    /// @inheritdoc IModelWeights
    function weightsOf(uint64 _modelVersion) external view returns (bytes32 root_, uint128 total_, bool declared_) {
        return (_roots[_modelVersion], _totals[_modelVersion], true);
    }
}

/// @title Clear
/// @notice Asks nothing of any contribution but of those that a test names.
contract Clear is IAdmission {
    mapping(uint32 commitSeq => bool) internal _isContested;

    function contest(uint32 _commitSeq, bool _is) external {
        _isContested[_commitSeq] = _is;
    }

    /// @inheritdoc IAdmission
    function isClear(uint32 _commitSeq) external view returns (bool isClear_) {
        return !_isContested[_commitSeq];
    }

    /// @inheritdoc IAdmission
    function isAsked(uint32 _commitSeq) external view returns (bool isAsked_) {
        return _isContested[_commitSeq];
    }

    /// @inheritdoc IAdmission
    function isOutOfDate(uint32) external pure returns (bool isOutOfDate_) {
        return false;
    }
}

/// @title PaidAnswers
/// @notice Answers that a test pays for.
contract PaidAnswers is IPaidAnswers {
    mapping(uint64 i => bytes32) internal _hashes;
    mapping(uint64 i => uint64) internal _published;

    function set(uint64 _i, bytes32 _hash, uint64 _publishedAt) external {
        (_hashes[_i], _published[_i]) = (_hash, _publishedAt);
    }

    /// @inheritdoc IPaidAnswers
    function paidOf(uint64 _i) external view returns (bytes32 hash_) {
        return _hashes[_i];
    }

    /// @inheritdoc IPaidAnswers
    function publishedAt(uint64 _i) external view returns (uint64 timestamp_) {
        return _published[_i];
    }
}

/// @title Reenterer
/// @notice A payee that makes a call to its payer while it is paid, and fails when that fails.
contract Reenterer {
    bytes internal _call;

    /// @notice What it got in all.
    uint256 public paid;

    error Reenterer_Failed();

    function prepare(bytes memory _with) external {
        _call = _with;
    }

    receive() external payable {
        paid += msg.value;
        (bool success,) = msg.sender.call(_call);
        if (!success) revert Reenterer_Failed();
    }
}
