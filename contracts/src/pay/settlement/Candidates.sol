// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IPayoutVault } from "interfaces/pay/IPayoutVault.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { Ranges } from "src/pay/settlement/Ranges.sol";

/// @title Candidates
/// @notice The part of {ISettlement} that takes candidates, and makes one of them final or falls back.
abstract contract Candidates is Ranges {
    /// @notice Who pays by final epochs.
    IPayoutVault public immutable VAULT;

    /// @notice Who divides what training weights are given.
    ITrainingAccumulator public immutable ACCUMULATOR;

    /// @notice Blocks of the L1 from a posting until it can be final.
    uint64 public immutable WINDOW;

    /// @notice Blocks of the L1 from a cut until nobody settles the range any more.
    uint64 public immutable FALLBACK_TIME;

    /// @notice The least bond, in wei.
    uint128 public immutable LEAST_BOND;

    /// @notice Part of what a candidate could take that a bond is at least: a quarter.
    uint256 public constant BOND_PART = 4;

    /// @notice Part of the data pools of ranges that are not settled before it.
    uint256 public constant EARLIER_PART = 16;

    /// @notice Most bytes that say where rows can be had.
    uint256 public constant MOST_DATA_REF = 1_024;

    /// @dev What becomes of a range.
    /// @param settled The candidate that settled it.
    /// @param settledAt The L1's block then.
    /// @param passed How many of its candidates, from the first on, are known to be faulted or dead.
    /// @param fellBack Whether nobody settled it.
    struct Outcome {
        uint64 settled;
        uint64 settledAt;
        uint64 passed;
        bool fellBack;
    }

    /// @inheritdoc ISettlement
    uint64 public candidates;

    mapping(uint64 candidate => Candidate) internal _candidates;

    /// @dev The block of this chain in which a candidate got its number.
    mapping(uint64 candidate => uint256) internal _postedIn;

    /// @dev How many candidates are open, by their status, that go on from one; zero for those of the first range.
    mapping(uint64 parent => uint256) internal _openOn;

    /// @dev Data pools of all ranges that are settled.
    uint256 internal _settledPools;

    mapping(uint64 k => uint64[]) internal _candidatesOf;
    mapping(uint64 k => Outcome) internal _outcomes;
    /// @inheritdoc ISettlement
    mapping(uint64 k => mapping(uint64 modelVersion => bool)) public isFed;

    constructor(
        IPayoutVault _vault,
        ITrainingAccumulator _accumulator,
        uint64 _window,
        uint64 _fallbackTime,
        uint128 _leastBond
    ) {
        // A window has six parts.
        if (_window < 6 || _fallbackTime < _window || _leastBond == 0) revert Settlement_Parameters();
        VAULT = _vault;
        ACCUMULATOR = _accumulator;
        WINDOW = _window;
        FALLBACK_TIME = _fallbackTime;
        LEAST_BOND = _leastBond;
    }

    /// @inheritdoc ISettlement
    function post(Posting calldata _of, bytes calldata _dataRef) external payable returns (uint64 candidate_) {
        Range storage range = _range(_of.k);
        Outcome storage outcome = _outcomes[_of.k];
        if (outcome.settled != 0) revert Settlement_Settled(_of.k);
        if (_dataRef.length == 0 || _dataRef.length > MOST_DATA_REF) revert Settlement_DataRef();
        uint128 before = _checkParent(_of.k, _of.parent);
        if (_of.anchor != 0) _checkAnchor(_of, range.cutBlock);
        _checkSums(_of, range, before);
        uint256 bond = bondOf(_of.k, _of.parent);
        if (msg.value < bond) revert Settlement_Value(bond, msg.value);
        // A rival that is gone by now, or a claim, has made it less.
        _credit(msg.sender, msg.value - bond);
        candidate_ = ++candidates;
        ++_openOn[_of.parent];
        _postedIn[candidate_] = block.number;
        _candidatesOf[_of.k].push(candidate_);
        Candidate storage candidate = _candidates[candidate_];
        candidate.k = _of.k;
        candidate.parent = _of.parent;
        candidate.postedAt = _l1();
        candidate.status = Status.OPEN;
        candidate.poster = msg.sender;
        candidate.bond = uint128(bond);
        candidate.payoutSum = _of.payoutSum;
        candidate.answersRoot = Trees.root(range.end - range.first, _of.answersTop);
        candidate.modelsRoot = Trees.sumRoot(_of.models, _of.modelsTop, _of.trainSum);
        candidate.payoutRoot = Trees.sumRoot(range.contributors, _of.payoutsTop, _of.payoutSum);
        emit Posted(candidate_, _of.k, msg.sender, bond, _of, _dataRef);
    }

    /// @inheritdoc ISettlement
    function finalise(uint64 _candidate) external {
        Candidate storage candidate = _alive(_candidate);
        uint64 k = candidate.k;
        uint64 end = candidate.postedAt + WINDOW;
        if (_l1() < end) revert Settlement_TooEarly(end);
        // Open with a parent that is not settled yet is not dead, and not final either.
        if (k != 0 && _outcomes[k - 1].settled == 0) revert Settlement_Parent(candidate.parent);
        if (candidate.openDemands != 0) revert Settlement_OpenDemands(candidate.openDemands);
        uint64 first = _firstAlive(k, type(uint64).max);
        if (first != _candidate) revert Settlement_Later(first);
        --_openOn[candidate.parent];
        _credit(candidate.poster, candidate.bond);
        emit Finalised(_candidate, k, candidate.payoutRoot, candidate.modelsRoot, candidate.payoutSum);
        _settle(_candidate, candidate, _ranges[k].pool);
    }

    /// @inheritdoc ISettlement
    function reclaim(uint64 _candidate) external {
        Candidate storage candidate = _open(_candidate);
        if (!_isDead(candidate)) revert Settlement_Alive(_candidate);
        candidate.status = Status.DEAD;
        --_openOn[candidate.parent];
        emit Died(_candidate, candidate.k);
        _credit(candidate.poster, candidate.bond);
    }

    /// @inheritdoc ISettlement
    function pass(uint64 _k, uint64 _most) external returns (uint64 passed_) {
        _range(_k);
        _firstAlive(_k, _most);
        return _outcomes[_k].passed;
    }

    /// @inheritdoc ISettlement
    function fallBack(uint64 _k) external returns (uint64 candidate_) {
        Range storage range = _range(_k);
        if (_outcomes[_k].settled != 0) revert Settlement_Settled(_k);
        uint64 from = range.l1Block + FALLBACK_TIME;
        Candidate storage parent = _candidates[0];
        if (_k != 0) {
            Outcome storage before = _outcomes[_k - 1];
            if (before.settled == 0) revert Settlement_Parent(0);
            parent = _candidates[before.settled];
            // Who goes on from a range that fell back late has time to post.
            uint64 grace = before.settledAt + WINDOW / 3;
            if (grace > from) from = grace;
        }
        if (_l1() < from) revert Settlement_TooEarly(from);
        uint64 first = _firstAlive(_k, type(uint64).max);
        if (first != 0) revert Settlement_Later(first);
        candidate_ = ++candidates;
        _postedIn[candidate_] = block.number;
        Candidate storage candidate = _candidates[candidate_];
        candidate.k = _k;
        candidate.parent = _k == 0 ? 0 : _outcomes[_k - 1].settled;
        candidate.postedAt = _l1();
        candidate.payoutSum = parent.payoutSum;
        candidate.payoutRoot = _k == 0 ? Trees.sumRoot(0, 0, 0) : parent.payoutRoot;
        candidate.modelsRoot = Trees.sumRoot(0, 0, 0);
        _outcomes[_k].fellBack = true;
        emit FellBack(candidate_, _k, range.pool);
        // The pool stays here, for the training weights.
        _settle(candidate_, candidate, 0);
    }

    /// @inheritdoc ISettlement
    function feedFallback(uint64 _k, uint64 _modelVersion) external {
        if (!_outcomes[_k].fellBack) revert Settlement_NoFallback(_k);
        if (isFed[_k][_modelVersion]) revert Settlement_FedBefore(_k, _modelVersion);
        isFed[_k][_modelVersion] = true;
        (uint128 data,) = PAYMENTS.accruedOf(_k, _modelVersion);
        emit FallbackFed(_k, _modelVersion, data);
        ACCUMULATOR.feed{ value: data }(_modelVersion);
    }

    /// @inheritdoc ISettlement
    function bondOf(uint64 _k, uint64 _parent) public view returns (uint256 bond_) {
        uint256 pool = _range(_k).pool;
        // Rows say what was earned since the beginning: a wrong one takes what others have not claimed yet, too, and what is settled before it. Of the latter it is a
        // smaller part, or who posts each of many ranges would have bonds for each other's.
        uint256 until = _poolsUntil[_k];
        uint256 earlier = until > _settledPools + pool ? until - _settledPools - pool : 0;
        bond_ = (address(VAULT).balance + pool) / BOND_PART + earlier / EARLIER_PART;
        if (bond_ < LEAST_BOND) bond_ = LEAST_BOND;
        // There are not so many coins long before it runs over.
        uint256 open = _openOn[_parent];
        return bond_ << (open > 100 ? 100 : open);
    }

    /// @inheritdoc ISettlement
    function candidateOf(uint64 _candidate) external view returns (Candidate memory candidate_) {
        return _known(_candidate);
    }

    /// @inheritdoc ISettlement
    function candidatesOf(uint64 _k) external view returns (uint64[] memory candidates_) {
        return _candidatesOf[_k];
    }

    /// @inheritdoc ISettlement
    function finalOf(uint64 _k) external view returns (uint64 candidate_) {
        return _outcomes[_k].settled;
    }

    /// @inheritdoc ISettlement
    function windowEndOf(uint64 _candidate) external view returns (uint64 end_) {
        return _known(_candidate).postedAt + WINDOW;
    }

    /// @inheritdoc ISettlement
    function epochOf(uint64 _candidate) public view returns (IAttributionVerifier.Epoch memory epoch_) {
        Candidate storage candidate = _known(_candidate);
        Range storage range = _ranges[candidate.k];
        return IAttributionVerifier.Epoch({
            first: range.first,
            end: range.end,
            cutAt: range.cutAt,
            contributors: range.contributors,
            payoutsBefore: candidate.parent == 0 ? Trees.sumRoot(0, 0, 0) : _candidates[candidate.parent].payoutRoot,
            answersRoot: candidate.answersRoot,
            modelsRoot: candidate.modelsRoot,
            payoutRoot: candidate.payoutRoot
        });
    }

    /// @dev Passes where a candidate can go on from another; what was earned by that one.
    function _checkParent(uint64 _k, uint64 _parent) internal view returns (uint128 before_) {
        if (_k == 0) {
            if (_parent != 0) revert Settlement_Parent(_parent);
            return 0;
        }
        Candidate storage parent = _candidates[_parent];
        bool mayBe =
            parent.k == _k - 1 && (parent.status == Status.FINAL || parent.status == Status.OPEN && !_isDead(parent));
        if (!mayBe) revert Settlement_Parent(_parent);
        return parent.payoutSum;
    }

    /// @dev Passes where the chain is the one that the poster has seen: with this block, which has the cut and the parent. Else the numbers of candidates may be others'.
    function _checkAnchor(Posting calldata _of, uint64 _cutBlock) internal view {
        bool isThere = _of.anchor >= _cutBlock && _of.anchor >= _postedIn[_of.parent] && _of.anchor < block.number
            && _of.anchorHash != 0 && blockhash(_of.anchor) == _of.anchorHash;
        if (!isThere) revert Settlement_Anchor(_of.anchor);
    }

    /// @dev Passes where all of the data pool is given to somebody, and nothing more.
    function _checkSums(Posting calldata _of, Range storage _in, uint128 _before) internal view {
        bool noModels = _of.models == 0 && (_of.modelsTop != 0 || _of.trainSum != 0);
        bool noRows = _in.contributors == 0 && (_of.payoutsTop != 0 || _of.payoutSum != 0);
        bool isAll = uint256(_of.payoutSum) + _of.trainSum == uint256(_before) + _in.pool && _of.payoutSum >= _before;
        if (noModels || noRows || !isAll) revert Settlement_Sums();
    }

    /// @dev Whether an open candidate can never be final.
    function _isDead(Candidate storage _of) internal view returns (bool isDead_) {
        if (_outcomes[_of.k].settled != 0) return true;
        if (_of.k == 0) return false;
        uint64 settled = _outcomes[_of.k - 1].settled;
        if (settled != 0) return settled != _of.parent;
        Status parent = _candidates[_of.parent].status;
        return parent == Status.FAULTED || parent == Status.DEAD;
    }

    /// @dev The first candidate of a range that can still be final; zero where there is none, or so many were passed. What was passed is not looked at again.
    function _firstAlive(uint64 _k, uint64 _most) internal returns (uint64 candidate_) {
        uint64[] storage all = _candidatesOf[_k];
        uint256 count = all.length;
        uint256 passed = _outcomes[_k].passed;
        if (count > passed + _most) count = passed + _most;
        while (passed < count) {
            candidate_ = all[passed];
            Candidate storage candidate = _candidates[candidate_];
            if (candidate.status == Status.OPEN && !_isDead(candidate)) break;
            candidate_ = 0;
            ++passed;
        }
        _outcomes[_k].passed = uint64(passed);
    }

    /// @dev Settles a range, for ever, and tells the vault, with what it has to pay out.
    function _settle(uint64 _candidate, Candidate storage _of, uint128 _value) internal {
        uint64 k = _of.k;
        _of.status = Status.FINAL;
        Outcome storage outcome = _outcomes[k];
        outcome.settled = _candidate;
        outcome.settledAt = _l1();
        _settledPools += _ranges[k].pool;
        VAULT.settle{ value: _value }(k, _of.payoutRoot, _of.modelsRoot);
    }

    function _known(uint64 _candidate) internal view returns (Candidate storage candidate_) {
        candidate_ = _candidates[_candidate];
        if (candidate_.status == Status.NONE) revert Settlement_Unknown(_candidate);
    }

    function _open(uint64 _candidate) internal view returns (Candidate storage candidate_) {
        candidate_ = _known(_candidate);
        if (candidate_.status != Status.OPEN) revert Settlement_NotOpen(_candidate);
    }

    /// @dev A candidate that can still be final. Of one that is dead nobody has to show anything, and its bond is its poster's.
    function _alive(uint64 _candidate) internal view returns (Candidate storage candidate_) {
        candidate_ = _open(_candidate);
        if (_isDead(candidate_)) revert Settlement_NotOpen(_candidate);
    }
}
