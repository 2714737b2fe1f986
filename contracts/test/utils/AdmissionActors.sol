// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { AdmissionTest } from "test/utils/AdmissionTest.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title AdmissionActors
/// @notice Contributors, right and wrong, and watchers who do whatever they can, in any order. Each contribution has one document of a few words.
contract AdmissionActors is AdmissionTest {
    IAdmissionDemands.Demand[] internal _made;

    /// @dev Of a copy the contribution that it is of.
    mapping(uint32 commitSeq => uint32) internal _sources;

    /// @notice How far they got.
    uint256 public accepted;
    uint256 public withheld;
    uint256 public refuted;
    uint256 public outdated;
    uint256 public returned;
    uint256 public handedOver;

    constructor() {
        setUp();
    }

    /// @dev Once: the fuzzer would begin anew in the middle.
    function setUp() public override {
        if (address(admission) == address(0)) super.setUp();
    }

    /// @notice A contribution: of somebody's own words or those of an earlier one, and what is said of it is right or not.
    function contribute(uint256 _seed, bool _copies, bool _isWrong) external {
        uint32 next = _next();
        if (next > 40) return;
        bytes memory ids = Texts.words(_seed, 9);
        if (_copies && next > 1) {
            _sources[next] = _any(_seed);
            ids = _documents[_sources[next]][0].ids;
        }
        Texts.Document memory of_ = _original(ids, next, 0);
        if (_isWrong) of_.kind = 3;
        _write(of_);
        _contribute(ALICE);
    }

    function wait_(uint256 _seconds) external {
        vm.warp(block.timestamp + _bound(_seconds, 0, 1 days));
        vm.roll(block.number + 1);
    }

    function restate(uint256 _which, bool _isWrong) external {
        if (_next() == 1) return;
        uint32 commitSeq = _any(_which);
        IContributionRegistry.Record memory record = contributions.recordOf(commitSeq);
        if (record.isAccepted || record.expelledAt != 0) return;
        Texts.Document memory of_ = _documents[commitSeq][0];
        of_.contributor = _isWrong ? 5 : 0;
        _stated[commitSeq][0] = Texts.leaf(of_);
        bytes32 root = Texts.root(_stated[commitSeq]);
        vm.prank(ALICE);
        try contributions.restate{ value: record.bond == 0 ? BOND : 0 }(commitSeq, root) { } catch { }
    }

    function demand(uint256 _which, uint256 _what, uint256 _by) external {
        if (_next() == 1) return;
        IAdmissionDemands.Demand memory what =
            _demand(_any(_which), IAdmissionDemands.What(_what % 3), 0, _what % 3 == 1 ? uint8(_which % 16) : 0);
        vm.prank(_who(_by));
        try admission.demand{ value: FEE }(what) {
            _made.push(what);
        } catch { }
    }

    function answer(uint256 _which, uint256 _by) external {
        if (_made.length == 0) return;
        IAdmissionDemands.Demand memory what = _made[_which % _made.length];
        bytes memory response = _response(what);
        vm.prank(_who(_by));
        try admission.answer(what, response) { } catch { }
    }

    function expelByDemand(uint256 _which) external {
        if (_made.length == 0) return;
        try admission.expelByDemand(_made[_which % _made.length]) {
            ++withheld;
        } catch { }
    }

    function returnFee(uint256 _which) external {
        if (_made.length == 0) return;
        try admission.returnFee(_made[_which % _made.length]) {
            ++returned;
        } catch { }
    }

    function prove(uint256 _which, bool _isNearer, uint256 _by) external {
        if (_next() == 1) return;
        uint32 commitSeq = _any(_which);
        uint64 seq = uint64(commitSeq) << 32;
        if (_sources[commitSeq] == 0) _isNearer = false;
        bytes memory proof = _isNearer ? _nearerProof(seq, uint64(_sources[commitSeq]) << 32) : _leafProof(seq);
        address by = _who(_by);
        admission.commitProof(admission.proofHash(commitSeq, by, proof, "salt"));
        vm.roll(block.number + 1);
        vm.prank(by);
        try admission.prove(commitSeq, proof, "salt") returns (bool isExpelled) {
            if (isExpelled) ++refuted;
            else ++outdated;
        } catch { }
    }

    function accept(uint256 _which) external {
        if (_next() == 1) return;
        uint32 commitSeq = _any(_which);
        bytes32 root = contributions.recordOf(commitSeq).batchRoot;
        vm.prank(ALICE);
        try datanets.accept(0, commitSeq, root) {
            ++accepted;
        } catch { }
    }

    function returnBond(uint256 _which) external {
        if (_next() == 1) return;
        try contributions.returnBond(_any(_which)) { } catch { }
    }

    function withdraw(uint256 _by) external {
        handedOver += admission.withdraw(_who(_by));
    }

    /// @notice Fees of open demands, and credits.
    function explained() external view returns (uint256 amount_) {
        for (uint256 k; k < _made.length; ++k) {
            if (admission.demandOf(_made[k]).isOpen) amount_ += FEE;
        }
        amount_ += admission.creditOf(ALICE) + admission.creditOf(BOB) + admission.creditOf(CAROL);
    }

    function bonds() external view returns (uint256 amount_) {
        for (uint32 k = 1; k < _next(); ++k) {
            amount_ += contributions.recordOf(k).bond;
        }
    }

    /// @notice What has gone wrong with any contribution: one that no Datanet should have, a bond without something to lose, a demand that is lost count of.
    function isSound() external view returns (bool isSound_) {
        for (uint32 k = 1; k < _next(); ++k) {
            IContributionRegistry.Record memory record = contributions.recordOf(k);
            (uint64 from, uint64 until) = contributions.admissionOf(k);
            if (record.isAccepted && !admission.isClear(k)) return false;
            if (record.isAccepted && record.expelledAt != 0) return false;
            if (record.expelledAt != 0 && record.bond != 0) return false;
            // As long as it can be lost it is there.
            if (from != 0 && block.timestamp < until && record.bond == 0) return false;
            uint256 open;
            for (uint256 each; each < _made.length; ++each) {
                bool isIts = _made[each].commitSeq == k && _made[each].batchRoot == record.batchRoot
                    && _made[each].statedAt == record.statedAt;
                if (isIts && admission.demandOf(_made[each]).isOpen) ++open;
            }
            if (admission.isAsked(k) != (open != 0)) return false;
        }
        return true;
    }

    function balances() external view returns (uint256 admission_, uint256 contributions_) {
        return (address(admission).balance, address(contributions).balance);
    }

    /// @dev Any contribution; there is one.
    function _any(uint256 _which) internal view returns (uint32 commitSeq_) {
        return uint32(_bound(_which, 1, contributions.commits()));
    }

    function _who(uint256 _by) internal view returns (address who_) {
        return _by % 3 == 0 ? ALICE : _by % 3 == 1 ? BOB : CAROL;
    }
}
