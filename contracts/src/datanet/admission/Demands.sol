// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { AdmissionParts } from "src/datanet/admission/AdmissionParts.sol";
import { Statements } from "src/datanet/admission/Statements.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Sketches } from "src/pay/attribution/Sketches.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title Demands
/// @notice The part of admission that asks for documents.
abstract contract Demands is Statements, IAdmissionDemands {
    /// @inheritdoc IAdmissionDemands
    uint128 public immutable DEMAND_FEE;

    mapping(bytes32 id => DemandState) internal _demands;

    constructor(uint128 _demandFee) {
        DEMAND_FEE = _demandFee;
    }

    /// @inheritdoc IAdmissionDemands
    function demand(Demand calldata _what) external payable returns (bytes32 id_) {
        if (msg.value != DEMAND_FEE) revert Admission_Fee(DEMAND_FEE, msg.value);
        (bool isStanding, IContributionRegistry.Record memory record) = _standing(_what);
        if (!isStanding) revert Admission_NotStanding(_what.commitSeq);
        uint64 until = _checkTime(_what.commitSeq);
        bool isThere = _what.index < record.documents
            && _what.chunk < (_what.what == What.CHUNK ? Leaves.DOCUMENT / Leaves.CHUNK : 1);
        if (!isThere) revert Admission_Range();
        id_ = _id(_what);
        DemandState storage state = _demands[id_];
        if (state.by != address(0)) revert Admission_Demanded();
        (state.by, state.until, state.isOpen) = (msg.sender, until, true);
        ++_statement(_what.commitSeq, record).openDemands;
        emit Demanded(_what.commitSeq, id_, msg.sender, _what, until);
    }

    /// @inheritdoc IAdmissionDemands
    function answer(Demand calldata _what, bytes calldata _response) external {
        (bytes32 id, DemandState storage state) = _openDemand(_what);
        (bool isStanding, IContributionRegistry.Record memory record) = _standing(_what);
        if (!isStanding) revert Admission_NotStanding(_what.commitSeq);
        if (block.timestamp >= state.until) revert Admission_TooLate(state.until);
        _checkResponse(record, _what, _response);
        _close(_what, state, record);
        emit Answered(_what.commitSeq, id, msg.sender, _response);
        _credit(msg.sender, DEMAND_FEE);
    }

    /// @inheritdoc IAdmissionDemands
    function expelByDemand(Demand calldata _what) external {
        (bytes32 id, DemandState storage state) = _openDemand(_what);
        (bool isStanding, IContributionRegistry.Record memory record) = _standing(_what);
        if (!isStanding) revert Admission_NotStanding(_what.commitSeq);
        if (block.timestamp < state.until) revert Admission_TooEarly(state.until);
        _close(_what, state, record);
        _credit(state.by, DEMAND_FEE);
        uint256 reward = _expel(_what.commitSeq, state.by);
        emit Withheld(_what.commitSeq, id, state.by, reward);
    }

    /// @inheritdoc IAdmissionDemands
    function returnFee(Demand calldata _what) external {
        (bytes32 id, DemandState storage state) = _openDemand(_what);
        (bool isStanding, IContributionRegistry.Record memory record) = _standing(_what);
        if (isStanding) revert Admission_Standing(_what.commitSeq);
        (record.batchRoot, record.statedAt) = (_what.batchRoot, _what.statedAt);
        _close(_what, state, record);
        emit FeeReturned(_what.commitSeq, id, state.by);
        _credit(state.by, DEMAND_FEE);
    }

    /// @inheritdoc IAdmissionDemands
    function demandOf(Demand calldata _what) external view returns (DemandState memory state_) {
        return _demands[_id(_what)];
    }

    function _close(
        Demand calldata _what,
        DemandState storage _state,
        IContributionRegistry.Record memory _of
    ) internal {
        _state.isOpen = false;
        --_statement(_what.commitSeq, _of).openDemands;
    }

    function _openDemand(Demand calldata _what) internal view returns (bytes32 id_, DemandState storage state_) {
        id_ = _id(_what);
        state_ = _demands[id_];
        if (!state_.isOpen) revert Admission_NotDemanded(id_);
    }

    /// @dev Whether the contribution states what the demand is about, and can be expelled.
    function _standing(Demand calldata _what)
        internal
        view
        returns (bool isStanding_, IContributionRegistry.Record memory record_)
    {
        record_ = CONTRIBUTIONS.recordOf(_what.commitSeq);
        isStanding_ = record_.revealedAt != 0 && !record_.isAccepted && record_.expelledAt == 0
            && record_.batchRoot == _what.batchRoot && record_.statedAt == _what.statedAt;
    }

    /// @dev Until when what is demanded now is to be shown: the last answer leaves a third of the time for proofs.
    function _checkTime(uint32 _commitSeq) internal view returns (uint64 until_) {
        (uint64 from, uint64 end) = CONTRIBUTIONS.admissionOf(_commitSeq);
        uint64 third = (end - from) / 3;
        if (block.timestamp < from) revert Admission_TooEarly(from);
        if (block.timestamp >= from + third) revert Admission_TooLate(from + third);
        return uint64(block.timestamp) + third;
    }

    function _id(Demand calldata _what) internal pure returns (bytes32 id_) {
        return keccak256(abi.encode(_what));
    }

    // What counts as shown

    function _checkResponse(
        IContributionRegistry.Record memory _of,
        Demand calldata _what,
        bytes calldata _response
    ) internal pure {
        uint256 ptr = _body(_response, 0);
        if (_what.what == What.DOCUMENT) _checkDocument(_of, _what, ptr);
        else if (_what.what == What.CHUNK) _checkChunk(_of, _what, ptr);
        else _checkSketch(_of, _what, ptr);
    }

    /// @dev A leaf D, and that what is in it was committed to at the same place.
    function _checkDocument(
        IContributionRegistry.Record memory _of,
        Demand calldata _what,
        uint256 _ptr
    ) internal pure {
        AdmissionParts.DocumentResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        _documentAt(_of, _what, response.document);
        Trees.Path memory path = Trees.climb(Leaves.contentOf(response.document.document), response.inContent);
        _shown(path.root == _of.contentRoot && path.index == _what.index && path.count == _of.documents);
    }

    function _checkChunk(IContributionRegistry.Record memory _of, Demand calldata _what, uint256 _ptr) internal pure {
        AdmissionParts.ChunkResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        Leaves.Document memory document = _documentAt(_of, _what, response.document);
        bool has = _what.chunk < _chunks(document);
        _shown(response.chunk.length == (has ? 1 : 0));
        if (has) _chunk(document, _what.chunk, response.chunk[0]);
    }

    function _checkSketch(IContributionRegistry.Record memory _of, Demand calldata _what, uint256 _ptr) internal pure {
        AdmissionParts.SketchResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        Leaves.Document memory document = _documentAt(_of, _what, response.document);
        Sketches.check(response.sketch);
        _shown(Sketches.hash(response.sketch) == document.sketchHash);
    }

    function _documentAt(
        IContributionRegistry.Record memory _of,
        Demand calldata _what,
        AdmissionParts.Placed calldata _opening
    ) internal pure returns (Leaves.Document memory document_) {
        uint64 index;
        (document_, index) = _document(_of, _opening);
        _shown(index == _what.index);
    }
}
