// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { EarlierTest } from "test/utils/EarlierTest.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title Admission_Parents_Test
/// @notice The parent that a document names is not there, has another part of it, or another root.
contract Admission_Parents_Test is EarlierTest {
    // Gone

    /// @dev A document with a parent that is no document.
    function _orphan(uint64 _parent) internal returns (uint32 commitSeq_, uint64 seq_) {
        Texts.Document memory of_ = _original(Texts.words(50, 60), _next(), 0);
        (of_.parentSeq, of_.rootSeq, of_.containBps) = (_parent, _parent, 5_000);
        _write(of_);
        commitSeq_ = _contribute(ALICE);
        seq_ = uint64(commitSeq_) << 32;
    }

    /// @dev Of a place that nobody has, or beyond the documents of one.
    function test_gone_nowhere_succeeds() public {
        _settle();
        uint64[3] memory parents = [uint64(7), TEXT + 1, TEXT + type(uint32).max];
        for (uint256 k; k < 3; ++k) {
            (uint32 commitSeq, uint64 seq) = _orphan(parents[k]);
            _holds(commitSeq, _goneProof(seq), true);
        }
        (uint32 right, uint64 its) = _orphan(TEXT);
        _holdsNot(right, _goneProof(its), NO_FAULT);
    }

    /// @dev Of a commit that is void: who stated when it was void already is answerable for it, and who stated while it could be revealed is not.
    function test_gone_void_succeeds() public {
        vm.prank(BOB);
        uint32 hidden = contributions.commit("hidden");
        vm.warp(START + WINDOW - 1);
        (uint32 early, uint64 its) = _orphan(uint64(hidden) << 32);
        vm.warp(START + WINDOW);
        (uint32 late, uint64 seq) = _orphan(uint64(hidden) << 32);
        vm.warp(START + 2 * WINDOW);
        _holds(early, _goneProof(its), false);
        _holds(late, _goneProof(seq), true);
    }

    /// @dev A parent that is expelled later: its child states something else and loses nothing; of what was expelled long ago nobody is a child.
    function test_gone_expelled_succeeds() public {
        uint32 next = _next();
        _write(_derived(_part(100, 2, 100), next, 0, _documents[FIRST][0]));
        _contribute(ALICE);
        _begin(FIRST);
        _holdsNot(next, _goneProof(uint64(next) << 32), NO_FAULT);
        IAdmissionDemands.Demand memory demand = _demand(FIRST, IAdmissionDemands.What.DOCUMENT, 0, 0);
        vm.prank(CAROL);
        admission.demand{ value: FEE }(demand);
        vm.warp(block.timestamp + THIRD);
        admission.expelByDemand(demand);
        uint64 expelledAt = uint64(block.timestamp);
        vm.assertFalse(_prove(CAROL, next, _goneProof(uint64(next) << 32)));
        vm.assertEq(contributions.recordOf(next).bond, BOND);
        // Nobody else has the words now: it is an original.
        Texts.Document memory of_ = _original(_part(100, 2, 100), next, 0);
        _restate(next, of_);
        _holdsNot(next, _goneProof(uint64(next) << 32), NO_FAULT);
        _holdsNot(next, _nearerProof(uint64(next) << 32, TEXT), NOT_SHOWN);
        _end(next);
        _accept(next);
        // In the last second in which it is not settled, and the first in which it is.
        for (uint64 k; k < 2; ++k) {
            vm.warp(expelledAt + TIME - 1 + k);
            (uint32 commitSeq, uint64 seq) = _orphan(TEXT);
            _holds(commitSeq, _goneProof(seq), k == 1);
        }
    }

    // Containment

    /// @dev More or less than the parent has.
    function test_containment_succeeds() public {
        _settle();
        uint32 next = _next();
        uint64 seq = uint64(next) << 32;
        Texts.Document memory right = _derived(_part(100, 2, 100), next, 0, _documents[FIRST][0]);
        _write(right);
        _contribute(ALICE);
        _holdsNot(next, _containmentProof(seq, TEXT), NO_FAULT);
        uint16[4] memory wrong = [right.containBps - 1, right.containBps + 1, 1_500, 10_000];
        for (uint256 k; k < 4; ++k) {
            Texts.Document memory of_ = _documents[next][0];
            of_.containBps = wrong[k];
            _restate(next, of_);
            _holds(next, _containmentProof(seq, TEXT), true);
        }
        // What has less than it says can be an original, too.
        _restate(next, right);
        _write(_original(Texts.words(70, 50), _next(), 0));
        uint32 other = _contribute(ALICE);
        Texts.Document memory unrelated = _documents[other][0];
        (unrelated.parentSeq, unrelated.rootSeq, unrelated.containBps) = (TEXT, TEXT, 1_500);
        _restate(other, unrelated);
        _holds(other, _containmentProof(unrelated.seq, TEXT), true);
        _holdsNot(other, _containmentProof(unrelated.seq, seq), NOT_SHOWN);
    }

    /// @dev Beside what is not settled it costs nothing.
    function test_containment_notSettled_succeeds() public {
        uint32 next = _next();
        Texts.Document memory of_ = _derived(_part(100, 2, 100), next, 0, _documents[FIRST][0]);
        of_.containBps -= 1;
        _write(of_);
        _contribute(ALICE);
        _holds(next, _containmentProof(of_.seq, TEXT), false);
    }

    /// @dev An original has no parent that has a part of it.
    function test_containment_original_reverts() public {
        (uint32 commitSeq, uint64 seq) = _copy(2);
        _holdsNot(commitSeq, _containmentProof(seq, TEXT), NO_FAULT);
        _holdsNot(commitSeq, _rootProof(seq, TEXT), NO_FAULT);
        _holdsNot(commitSeq, _goneProof(seq), NO_FAULT);
    }

    // Root

    /// @dev Bob's text, Alice's derivative of it, and a derivative of that: all of one root.
    function _chain() internal returns (uint32 middle_, uint32 last_) {
        middle_ = _next();
        _write(_derived(_part(100, 2, 100), middle_, 0, _documents[FIRST][0]));
        _contribute(ALICE);
        _settle();
        last_ = _next();
        bytes memory ids = bytes.concat(Texts.words(2, 100), Texts.words(8, 60));
        _write(_derived(ids, last_, 0, _documents[middle_][0]));
        _contribute(ALICE);
    }

    function test_root_succeeds() public {
        (uint32 middle, uint32 last) = _chain();
        (uint64 above, uint64 seq) = (uint64(middle) << 32, uint64(last) << 32);
        vm.assertEq(_documents[last][0].rootSeq, TEXT);
        _holdsNot(last, _rootProof(seq, above), NO_FAULT);
        _holdsNot(last, _containmentProof(seq, above), NO_FAULT);
        Texts.Document memory of_ = _documents[last][0];
        of_.rootSeq = above;
        _restate(last, of_);
        _holds(last, _rootProof(seq, above), true);
        _holdsNot(last, _rootProof(seq, TEXT), NOT_SHOWN);
    }

    /// @dev What the parent says anew its child is not answerable for; nor is it wrong by what the parent may not say.
    function test_root_restated_succeeds() public {
        (uint32 middle, uint32 last) = _chain();
        (uint64 above, uint64 seq) = (uint64(middle) << 32, uint64(last) << 32);
        bytes memory proof = _rootProof(seq, above);
        vm.warp(block.timestamp + 1 hours);
        // It says that it is an original.
        _restate(middle, _original(_ids(above), middle, 0));
        _holdsNot(last, proof, NOT_SHOWN);
        proof = _rootProof(seq, above);
        _holds(last, proof, false);
        // That is wrong, and it is Bob's text that shows it.
        bytes memory nearer = _nearerProof(above, TEXT);
        _holds(middle, nearer, true);
        vm.assertTrue(_prove(CAROL, middle, nearer));
        _holdsNot(last, proof, NOT_SHOWN);
        _holds(last, _goneProof(seq), false);
    }

    /// @dev By what is to be stated anew nothing is wrong.
    function test_root_void_reverts() public {
        uint32 middle = _next();
        _write(_original(_part(100, 2, 100), middle, 0));
        _contribute(ALICE);
        uint32 last = _next();
        bytes memory ids = bytes.concat(Texts.words(2, 100), Texts.words(8, 60));
        _write(_derived(ids, last, 0, _documents[middle][0]));
        _contribute(ALICE);
        _begin(last);
        (uint64 above, uint64 seq) = (uint64(middle) << 32, uint64(last) << 32);
        _holdsNot(last, _rootProof(seq, above), NO_FAULT);
        Texts.Document memory of_ = _documents[last][0];
        (of_.rootSeq, of_.containBps) = (TEXT, of_.containBps - 1);
        _restate(last, of_);
        _holds(last, _rootProof(seq, above), false);
        _holdsNot(last, _goneProof(seq), NO_FAULT);
        vm.assertFalse(_prove(CAROL, middle, _nearerProof(above, TEXT)));
        _holdsNot(last, _rootProof(seq, above), NOT_SHOWN);
        // Nobody knows what the root is until it is stated anew, or left.
        _holds(last, _goneProof(seq), false);
        _holds(last, _containmentProof(seq, above), false);
        vm.warp(block.timestamp + TIME);
        _holdsNot(last, _containmentProof(seq, above), NOT_SHOWN);
        _holds(last, _goneProof(seq), false);
        _restate(middle, _derived(_ids(above), middle, 0, _documents[FIRST][0]));
        _holdsNot(last, _goneProof(seq), NO_FAULT);
        _holdsNot(last, _rootProof(seq, above), NO_FAULT);
    }

    /// @dev In the same contribution it is its contributor's to know.
    function test_root_sameCommit_succeeds() public {
        uint32 next = _next();
        uint64 seq = uint64(next) << 32;
        _write(_original(Texts.words(30, 200), next, 0));
        _write(_derived(bytes.concat(Texts.words(30, 100), Texts.words(31, 80)), next, 1, _documents[next][0]));
        Texts.Document memory of_ =
            _derived(bytes.concat(Texts.words(31, 80), Texts.words(32, 40)), next, 2, _documents[next][1]);
        of_.rootSeq = seq | 1;
        _write(of_);
        _write(_original(Texts.words(1, 60), next, 3));
        _contribute(ALICE);
        _holds(next, _rootProof(seq | 2, seq | 1), true);
        // Also while it is out of date for another document.
        _begin(next);
        vm.assertFalse(_prove(CAROL, next, _nearerProof(seq | 3, TEXT)));
        _holds(next, _rootProof(seq | 2, seq | 1), true);
        _holdsNot(next, _rootProof(seq | 2, seq), OTHER);
        _holdsNot(next, _containmentProof(seq | 2, seq), OTHER);
        _holdsNot(next, _rootProof(seq | 1, seq), NO_FAULT);
        _holdsNot(next, _containmentProof(seq | 2, seq | 1), NO_FAULT);
        _holdsNot(next, _goneProof(seq | 2), NO_FAULT);
    }

    /// @dev A document that is not where it says shows nothing beside others: that is another fault.
    function test_earlier_misplaced_reverts() public {
        _settle();
        uint32 commitSeq = _next();
        _write(_original(_part(100, 2, 100), commitSeq, 1));
        _contribute(ALICE);
        uint64 seq = uint64(commitSeq) << 32;
        _holds(commitSeq, _leafProof(seq), true);
        _holdsNot(commitSeq, _nearerProof(seq, TEXT), OTHER);
        _holdsNot(commitSeq, _goneProof(seq), OTHER);
    }
}
