// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionProofs } from "interfaces/datanet/IAdmissionProofs.sol";
import { IContributionRegistry, IDatanetPolicy } from "interfaces/datanet/IContributionRegistry.sol";
import { Demands } from "src/datanet/admission/Demands.sol";
import { Refutations } from "src/datanet/admission/Refutations.sol";
import { Statements } from "src/datanet/admission/Statements.sol";

/// @title Admission
/// @notice Judges the documents of contributions before a Datanet can accept them: {IAdmissionDemands} asks for them, {IAdmissionProofs} shows that they are wrong. A
///         Datanet version has its roots for ever, and pay follows from what is below them. Nobody owns this contract, and nothing here can be paused.
contract Admission is Demands, Refutations {
    /// @dev The block of this chain in which a hash was kept.
    mapping(bytes32 hash => uint256) internal _commits;

    constructor(
        IContributionRegistry _contributions,
        IDatanetPolicy _datanets,
        uint128 _demandFee
    ) Statements(_contributions) Demands(_demandFee) Refutations(_datanets) { }

    /// @inheritdoc IAdmissionProofs
    function commitProof(bytes32 _hash) external {
        if (_commits[_hash] != 0) return;
        _commits[_hash] = block.number;
        emit ProofCommitted(_hash);
    }

    /// @inheritdoc IAdmissionProofs
    function prove(uint32 _commitSeq, bytes calldata _proof, bytes32 _salt) external returns (bool isExpelled_) {
        uint256 committed = _commits[proofHash(_commitSeq, msg.sender, _proof, _salt)];
        if (committed == 0 || committed >= block.number) revert Admission_NotCommitted();
        (uint64 from, uint64 until) = CONTRIBUTIONS.admissionOf(_commitSeq);
        if (from == 0) revert Admission_NotStanding(_commitSeq);
        if (block.timestamp < from) revert Admission_TooEarly(from);
        if (block.timestamp >= until) revert Admission_TooLate(until);
        IContributionRegistry.Record memory record = CONTRIBUTIONS.recordOf(_commitSeq);
        isExpelled_ = _refute(_commitSeq, record, _proof);
        uint8 kind = uint8(_proof[0]);
        if (isExpelled_) {
            emit Refuted(_commitSeq, kind, msg.sender, _expel(_commitSeq, msg.sender));
        } else {
            Statement storage statement = _statement(_commitSeq, record);
            // It does not begin anew.
            if (statement.outdatedAt != 0) revert Admission_OutOfDate(_commitSeq);
            statement.outdatedAt = uint64(block.timestamp);
            emit Outdated(_commitSeq, kind, msg.sender, record.batchRoot, record.statedAt);
        }
    }

    /// @inheritdoc IAdmissionProofs
    function proofHash(
        uint32 _commitSeq,
        address _caller,
        bytes calldata _proof,
        bytes32 _salt
    ) public view returns (bytes32 hash_) {
        return keccak256(abi.encode(block.chainid, this, _commitSeq, _caller, keccak256(_proof), _salt));
    }
}
