// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { SettlementTest } from "test/utils/SettlementTest.sol";

/// @title SettlementActors
/// @notice Payers, posters, watchers and contributors who do whatever they can, in any order. Every candidate has rows: of two contributors and of
///         one model version, all of whose weight is the second contributor's.
contract SettlementActors is SettlementTest {
    /// @dev The rows of a candidate.
    struct Rows {
        bytes first;
        bytes second;
        bytes model;
    }

    mapping(uint64 candidate => Rows) internal _rows;

    /// @notice All data pools so far, and what contributors got of them.
    uint256 public pools;
    uint256 public paid;

    /// @notice What is destroyed of bonds, and what posters and watchers put in and got.
    uint256 public burned;
    uint256 public putIn;
    uint256 public handedOver;

    uint256 public settled;
    uint256 public fellBack;
    uint256 public faulted;

    bytes internal weight;

    constructor() {
        setUp();
        weight = abi.encodePacked("W", uint64(1), uint128(10));
        WeightsSetter(address(accumulator.MODELS())).set(MODEL, Trees.sumRoot(1, _leaf(weight), 10), 10);
    }

    /// @dev Once: the fuzzer would begin anew in the middle.
    function setUp() public virtual override {
        if (address(settlement) == address(0)) super.setUp();
    }

    function pay(uint96 _amount) external virtual {
        vm.deal(address(this), _amount);
        payments.pay{ value: _amount }(MODEL, 1);
        pools += _amount;
    }

    function cut() external {
        vm.warp(block.timestamp + INTERVAL);
        try settlement.cut() { } catch { }
        vm.roll(block.number + 1);
    }

    function post(uint256 _range, uint256 _parent, uint128 _train, uint128 _first, uint256 _by) external {
        if (settlement.cuts() == 0) return;
        uint64 k = uint64(_bound(_range, 0, settlement.cuts() - 1));
        uint64 parent;
        if (k != 0) {
            uint64[] memory parents = settlement.candidatesOf(k - 1);
            parent = settlement.finalOf(k - 1);
            if (parent == 0 && parents.length != 0) parent = parents[_bound(_parent, 0, parents.length - 1)];
        }
        if (settlement.bondOf(k, parent) > 100_000 ether) return;
        _postRows(_who(_by), k, parent, _train, _first);
    }

    function demand(uint256 _candidate, uint256 _by) external {
        uint64 candidate = _any(_candidate);
        if (candidate == 0) return;
        uint64 first = settlement.epochOf(candidate).first;
        vm.prank(_who(_by));
        try settlement.demand{ value: FEE }(candidate, _demand(first)) {
            putIn += FEE;
        } catch { }
    }

    function answer(uint256 _candidate, uint256 _by) external {
        uint64 candidate = _any(_candidate);
        if (candidate == 0) return;
        uint64 first = settlement.epochOf(candidate).first;
        bytes memory response = _response(candidate, first);
        vm.prank(_who(_by));
        try settlement.answer(candidate, _demand(first), response) { } catch { }
    }

    function faultByDemand(uint256 _candidate) external {
        uint64 candidate = _any(_candidate);
        if (candidate == 0) return;
        try settlement.faultByDemand(candidate, _demand(settlement.epochOf(candidate).first)) {
            _burned(candidate);
        } catch { }
    }

    function handOnFee(uint256 _candidate) external {
        uint64 candidate = _any(_candidate);
        if (candidate == 0) return;
        try settlement.handOnFee(candidate, _demand(settlement.epochOf(candidate).first)) { } catch { }
    }

    function prove(uint256 _candidate, uint256 _by) external {
        uint64 candidate = _any(_candidate);
        if (candidate == 0) return;
        bytes memory proof = _proof(candidate, 3);
        address by = _who(_by);
        settlement.commitFault(settlement.faultHash(candidate, by, proof, "salt"));
        vm.roll(block.number + 1);
        vm.prank(by);
        try settlement.prove(candidate, proof, "salt") {
            _burned(candidate);
        } catch { }
    }

    function finalise(uint256 _candidate) external {
        uint64 candidate = _any(_candidate);
        if (candidate == 0) return;
        _passL1(WINDOW / 2);
        try settlement.finalise(candidate) {
            ++settled;
        } catch { }
    }

    function reclaim(uint256 _candidate) external {
        uint64 candidate = _any(_candidate);
        if (candidate == 0) return;
        try settlement.reclaim(candidate) { } catch { }
    }

    function pass(uint256 _range, uint64 _most) external {
        if (settlement.cuts() == 0) return;
        settlement.pass(uint64(_bound(_range, 0, settlement.cuts() - 1)), _most % 3);
    }

    function fallBack(uint256 _range) external {
        if (settlement.cuts() == 0) return;
        uint64 k = uint64(_bound(_range, 0, settlement.cuts() - 1));
        _passL1(FALLBACK / 2);
        try settlement.fallBack(k) returns (uint64 candidate) {
            ++fellBack;
            _rows[candidate] = _rows[settlement.candidateOf(candidate).parent];
            vm.roll(block.number + 1);
        } catch { }
    }

    function feed(uint256 _range) external {
        if (settlement.cuts() == 0) return;
        uint64 k = uint64(_bound(_range, 0, settlement.cuts() - 1));
        try settlement.feedFallback(k, MODEL) { } catch { }
        bytes memory row = _rows[settlement.finalOf(k)].model;
        try vault.feed(k, row, abi.encodePacked(uint64(0), uint64(1))) { } catch { }
    }

    function claim(uint256 _range, bool _isFirst) external {
        if (settlement.cuts() == 0) return;
        uint64 k = uint64(_bound(_range, 0, settlement.cuts() - 1));
        Rows memory rows = _rows[settlement.finalOf(k)];
        (bytes memory row, bytes memory other) = _isFirst ? (rows.first, rows.second) : (rows.second, rows.first);
        if (row.length == 0) return;
        bytes memory proof = abi.encodePacked(uint64(_isFirst ? 0 : 1), uint64(2), _leaf(other), _cumulative(other));
        // A range that fell back has the payouts of the one before it.
        try vault.claim(k, row, proof) returns (uint256 amount) {
            paid += amount;
        } catch { }
    }

    function claimWeight() external {
        try accumulator.claim(MODEL, weight, abi.encodePacked(uint64(0), uint64(1))) returns (uint256 amount) {
            paid += amount;
        } catch { }
    }

    function withdraw(uint256 _by) external {
        handedOver += settlement.withdraw(_who(_by));
    }

    /// @notice What the settlement has to hold, piece by piece.
    function explained() external view returns (uint256 amount_) {
        for (uint64 k; k < settlement.cuts(); ++k) {
            uint64 final_ = settlement.finalOf(k);
            uint128 pool = settlement.rangeOf(k).pool;
            // Settled by one of the candidates, the vault has the pool; else it is here until the weights have it.
            if (final_ == 0) amount_ += pool;
            else if (!_isPosted(k, final_) && !_isFed(k)) amount_ += pool;
        }
        for (uint64 each = 1; each <= settlement.candidates(); ++each) {
            ISettlement.Candidate memory candidate = settlement.candidateOf(each);
            if (candidate.status == ISettlement.Status.OPEN) amount_ += candidate.bond;
            ISettlement.DemandState memory state = settlement.demandOf(each, _demand(settlement.epochOf(each).first));
            if (state.by != address(0) && !state.isHandedOn) amount_ += FEE;
        }
        amount_ += settlement.creditOf(ALICE) + settlement.creditOf(BOB) + settlement.creditOf(CAROL);
    }

    /// @notice Coins of data pools, wherever they are.
    function dataCoins() public view returns (uint256 amount_) {
        amount_ = paid + address(vault).balance + address(accumulator).balance + address(payments).balance;
        for (uint64 k; k < settlement.cuts(); ++k) {
            uint64 final_ = settlement.finalOf(k);
            if (final_ == 0 || !_isPosted(k, final_) && !_isFed(k)) amount_ += settlement.rangeOf(k).pool;
        }
    }

    function settlementBalance() external view returns (uint256 balance_) {
        return address(settlement).balance;
    }

    function _isPosted(uint64 _k, uint64 _candidate) internal view returns (bool isPosted_) {
        uint64[] memory all = settlement.candidatesOf(_k);
        for (uint256 n; n < all.length; ++n) {
            if (all[n] == _candidate) return true;
        }
    }

    function _isFed(uint64 _k) internal view returns (bool isFed_) {
        return settlement.isFed(_k, MODEL);
    }

    function _postRows(address _by, uint64 _k, uint64 _parent, uint128 _train, uint128 _first) internal {
        uint128 pool = settlement.rangeOf(_k).pool;
        Rows memory before = _rows[_parent];
        _train = uint128(_bound(_train, 0, pool));
        _first = uint128(_bound(_first, 0, pool - _train));
        Rows memory rows = Rows({
            first: _payout(0, before.first, _first),
            second: _payout(1, before.second, pool - _train - _first),
            model: abi.encodePacked("M", MODEL, _train, bytes32("gifts"))
        });
        ISettlement.Posting memory posting = _posting(_k, _parent, 0);
        (uint128 left, uint128 right) = (_cumulative(rows.first), _cumulative(rows.second));
        (posting.modelsTop, posting.trainSum) = (_leaf(rows.model), _train);
        posting.payoutsTop = Trees.sumNode(_leaf(rows.first), left, _leaf(rows.second), right);
        posting.payoutSum = left + right;
        uint256 bond = settlement.bondOf(_k, _parent);
        vm.prank(_by);
        try settlement.post{ value: bond }(posting, DATA) returns (uint64 candidate) {
            _rows[candidate] = rows;
            putIn += bond;
            vm.roll(block.number + 1);
        } catch { }
    }

    function _payout(uint64 _of, bytes memory _before, uint128 _earned) internal pure returns (bytes memory row_) {
        uint128 cumulative = _before.length == 0 ? _earned : _cumulative(_before) + _earned;
        return abi.encodePacked("P", _of, cumulative, _earned, bytes32("earnings"));
    }

    function _cumulative(bytes memory _row) internal pure returns (uint128 cumulative_) {
        assembly ("memory-safe") {
            cumulative_ := shr(128, mload(add(_row, 41)))
        }
    }

    function _leaf(bytes memory _encoded) internal pure returns (bytes32 hash_) {
        return keccak256(bytes.concat(hex"00", _encoded));
    }

    function _burned(uint64 _candidate) internal {
        ++faulted;
        burned += settlement.candidateOf(_candidate).bond / 2;
    }

    /// @dev Any candidate; zero when there is none.
    function _any(uint256 _candidate) internal view returns (uint64 candidate_) {
        uint64 count = settlement.candidates();
        if (count != 0) candidate_ = uint64(_bound(_candidate, 1, count));
    }

    function _who(uint256 _by) internal view returns (address who_) {
        return _by % 3 == 0 ? ALICE : _by % 3 == 1 ? BOB : CAROL;
    }
}

interface WeightsSetter {
    function set(uint64 modelVersion, bytes32 root, uint128 total) external;
}
