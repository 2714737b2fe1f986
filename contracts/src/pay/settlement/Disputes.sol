// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { Furnace } from "src/libraries/Furnace.sol";
import { Candidates } from "src/pay/settlement/Candidates.sol";

/// @title Disputes
/// @notice The part of {ISettlement} that overturns candidates.
abstract contract Disputes is Candidates {
    /// @notice Who judges proofs of the faults F1 to F10.
    IAttributionVerifier public immutable VERIFIER;

    /// @notice Who judges what is shown on a demand.
    IDemandVerifier public immutable DEMANDS;

    /// @notice What a demand costs, in wei; who answers gets it, unless the candidate is wrong.
    uint128 public immutable DEMAND_FEE;

    mapping(uint64 candidate => mapping(bytes32 id => DemandState)) internal _demands;

    /// @dev The block of this chain in which a hash was kept.
    mapping(bytes32 hash => uint256) internal _commits;

    constructor(IAttributionVerifier _verifier, IDemandVerifier _demandVerifier, uint128 _demandFee) {
        VERIFIER = _verifier;
        DEMANDS = _demandVerifier;
        DEMAND_FEE = _demandFee;
    }

    /// @inheritdoc ISettlement
    function demand(uint64 _candidate, IDemandVerifier.Demand calldata _what) external payable returns (bytes32 id_) {
        Candidate storage candidate = _alive(_candidate);
        if (msg.value != DEMAND_FEE) revert Settlement_Value(DEMAND_FEE, msg.value);
        uint64 now_ = _l1();
        uint64 last = candidate.postedAt + WINDOW / 2;
        if (now_ >= last) revert Settlement_TooLate(last);
        DEMANDS.check(epochOf(_candidate), _what);
        id_ = _id(_what);
        DemandState storage state = _demands[_candidate][id_];
        if (state.by != address(0)) revert Settlement_Demanded();
        uint64 until = now_ + WINDOW / 6;
        (state.by, state.until, state.isOpen) = (msg.sender, until, true);
        ++candidate.openDemands;
        emit Demanded(_candidate, id_, msg.sender, _what, until);
    }

    /// @inheritdoc ISettlement
    function answer(uint64 _candidate, IDemandVerifier.Demand calldata _what, bytes calldata _response) external {
        Candidate storage candidate = _alive(_candidate);
        bytes32 id = _id(_what);
        DemandState storage state = _openDemand(_candidate, id);
        if (_l1() >= state.until) revert Settlement_TooLate(state.until);
        DEMANDS.verify(epochOf(_candidate), _what, _response);
        (state.isOpen, state.answerer) = (false, msg.sender);
        --candidate.openDemands;
        emit Answered(_candidate, id, msg.sender, _response);
    }

    /// @inheritdoc ISettlement
    function faultByDemand(uint64 _candidate, IDemandVerifier.Demand calldata _what) external {
        Candidate storage candidate = _alive(_candidate);
        DemandState storage state = _openDemand(_candidate, _id(_what));
        if (_l1() < state.until) revert Settlement_TooEarly(state.until);
        // Nobody has to show anything of what goes on from a dead one, whether anybody has said so of all between them or not. No further back than the last
        // range that is settled.
        Candidate storage each = candidate;
        while (each.status == Status.OPEN) {
            if (_isDead(each)) revert Settlement_NotOpen(_candidate);
            each = _candidates[each.parent];
        }
        (state.isOpen, state.isHandedOn) = (false, true);
        emit FeeHandedOn(_candidate, _id(_what), state.by);
        _credit(state.by, DEMAND_FEE);
        _fault(_candidate, candidate, 0, state.by);
    }

    /// @inheritdoc ISettlement
    function handOnFee(uint64 _candidate, IDemandVerifier.Demand calldata _what) external {
        Status status = _known(_candidate).status;
        if (status == Status.OPEN) revert Settlement_Alive(_candidate);
        bytes32 id = _id(_what);
        DemandState storage state = _demands[_candidate][id];
        if (state.by == address(0) || state.isHandedOn) revert Settlement_Unknown(_candidate);
        bool isBack = status == Status.FAULTED || state.answerer == address(0);
        address to = isBack ? state.by : state.answerer;
        (state.isOpen, state.isHandedOn) = (false, true);
        emit FeeHandedOn(_candidate, id, to);
        _credit(to, DEMAND_FEE);
    }

    /// @inheritdoc ISettlement
    function commitFault(bytes32 _hash) external {
        if (_commits[_hash] != 0) return;
        _commits[_hash] = block.number;
        emit FaultCommitted(_hash);
    }

    /// @inheritdoc ISettlement
    function prove(uint64 _candidate, bytes calldata _proof, bytes32 _salt) external returns (uint8 fault_) {
        Candidate storage candidate = _alive(_candidate);
        uint256 committed = _commits[faultHash(_candidate, msg.sender, _proof, _salt)];
        if (committed == 0 || committed >= block.number) revert Settlement_NotCommitted();
        fault_ = VERIFIER.verify(epochOf(_candidate), _proof);
        _fault(_candidate, candidate, fault_, msg.sender);
    }

    /// @inheritdoc ISettlement
    function demandOf(
        uint64 _candidate,
        IDemandVerifier.Demand calldata _what
    ) external view returns (DemandState memory state_) {
        return _demands[_candidate][_id(_what)];
    }

    /// @inheritdoc ISettlement
    function faultHash(
        uint64 _candidate,
        address _caller,
        bytes calldata _proof,
        bytes32 _salt
    ) public view returns (bytes32 hash_) {
        return keccak256(abi.encode(block.chainid, this, _candidate, _caller, keccak256(_proof), _salt));
    }

    /// @dev Overturns a candidate. Half of its bond is destroyed, so that who shows their own faults loses.
    function _fault(uint64 _candidate, Candidate storage _of, uint8 _number, address _by) internal {
        _of.status = Status.FAULTED;
        --_openOn[_of.parent];
        uint256 burned = _of.bond / 2;
        uint256 reward = _of.bond - burned;
        emit Faulted(_candidate, _of.k, _number, _by, reward, burned);
        _credit(_by, reward);
        new Furnace{ value: burned }();
    }

    function _openDemand(uint64 _candidate, bytes32 _demand) internal view returns (DemandState storage state_) {
        state_ = _demands[_candidate][_demand];
        if (!state_.isOpen) revert Settlement_Unknown(_candidate);
    }

    function _id(IDemandVerifier.Demand calldata _what) internal pure returns (bytes32 id_) {
        return keccak256(abi.encode(_what));
    }
}
