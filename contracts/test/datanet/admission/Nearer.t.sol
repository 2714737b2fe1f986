// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { IAdmissionProofs } from "interfaces/datanet/IAdmissionProofs.sol";
import { IAdmissionStatements } from "interfaces/datanet/IAdmissionStatements.sol";
import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { AdmissionParts } from "src/datanet/admission/AdmissionParts.sol";
import { Sketches } from "src/pay/attribution/Sketches.sol";
import { EarlierTest } from "test/utils/EarlierTest.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title Admission_Nearer_Test
/// @notice An earlier document has more of one than its parent.
contract Admission_Nearer_Test is EarlierTest {
    /// @dev Who copies what is settled, and says that it is theirs, loses the bond.
    function test_nearer_settled_succeeds() public {
        _settle();
        (uint32 commitSeq, uint64 seq) = _copy(2);
        _begin(commitSeq);
        vm.expectEmit();
        emit IAdmissionProofs.ProofCommitted(admission.proofHash(commitSeq, CAROL, _nearerProof(seq, TEXT), "salt"));
        vm.assertTrue(_prove(CAROL, commitSeq, _nearerProof(seq, TEXT)));
        vm.assertEq(admission.creditOf(CAROL), BOND / 2);
    }

    /// @dev What is accepted is settled, too.
    function test_nearer_accepted_succeeds() public {
        _end(FIRST);
        _accept(FIRST);
        (uint32 commitSeq, uint64 seq) = _copy(2);
        _holds(commitSeq, _nearerProof(seq, TEXT), true);
    }

    /// @dev What nobody could be sure of costs nothing, and is not accepted either: it is to be stated anew.
    function test_nearer_notSettled_succeeds() public {
        vm.warp(START + WINDOW + TIME - 1);
        (uint32 commitSeq, uint64 seq) = _copy(2);
        _begin(commitSeq);
        IContributionRegistry.Record memory record = contributions.recordOf(commitSeq);
        bytes memory proof = _nearerProof(seq, TEXT);
        admission.commitProof(admission.proofHash(commitSeq, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        vm.expectEmit();
        emit IAdmissionProofs.Outdated(commitSeq, 5, CAROL, record.batchRoot, record.statedAt);
        vm.prank(CAROL);
        vm.assertFalse(admission.prove(commitSeq, proof, "salt"));
        vm.assertEq(contributions.recordOf(commitSeq).bond, BOND);
        vm.assertEq(contributions.recordOf(commitSeq).expelledAt, 0);
        vm.assertFalse(admission.isClear(commitSeq));
        vm.assertFalse(admission.isAsked(commitSeq));
        vm.assertTrue(admission.isOutOfDate(commitSeq));
        // That does not begin anew.
        vm.expectRevert(abi.encodeWithSelector(IAdmissionProofs.Admission_OutOfDate.selector, commitSeq));
        vm.prank(CAROL);
        admission.prove(commitSeq, proof, "salt");
        _end(commitSeq);
        bytes memory contested =
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(contested);
        datanets.accept(0, commitSeq, record.batchRoot);
        // Its bond is its contributor's, whatever becomes of it.
        uint256 state = vm.snapshotState();
        vm.warp(block.timestamp + 30 days);
        contributions.returnBond(commitSeq);
        vm.revertToState(state);
        // Now it is settled: saying the same again costs the bond.
        state = vm.snapshotState();
        _restate(commitSeq);
        vm.assertTrue(admission.isClear(commitSeq));
        _holds(commitSeq, _nearerProof(seq, TEXT), true);
        vm.revertToState(state);
        // And what is right is accepted.
        _restate(commitSeq, _derived(_ids(seq), commitSeq, 0, _documents[FIRST][0]));
        vm.assertTrue(admission.isClear(commitSeq));
        _holdsNot(commitSeq, _nearerProof(seq, TEXT), NO_FAULT);
        _end(commitSeq);
        _accept(commitSeq);
    }

    /// @dev Something that was asked of the earlier one and not shown is nothing that anybody could know.
    function test_nearer_withheld_succeeds() public {
        _begin(FIRST);
        IAdmissionDemands.Demand memory demand = _demand(FIRST, IAdmissionDemands.What.DOCUMENT, 0, 0);
        vm.prank(CAROL);
        admission.demand{ value: FEE }(demand);
        _settle();
        (uint32 commitSeq, uint64 seq) = _copy(2);
        _begin(commitSeq);
        bytes memory proof = _nearerProof(seq, TEXT);
        _holds(commitSeq, proof, false);
        // And nothing at all, once it is expelled.
        admission.expelByDemand(demand);
        _holdsNot(commitSeq, proof, NOT_SHOWN);
    }

    /// @dev What is out of date can be asked for, and has to be shown until something else is stated; that can be done at once.
    function test_nearer_notSettledAndAsked_succeeds() public {
        (uint32 commitSeq, uint64 seq) = _copy(2);
        _begin(commitSeq);
        _restate(commitSeq);
        bytes32 root = contributions.recordOf(commitSeq).batchRoot;
        IAdmissionDemands.Demand memory demand = _demand(commitSeq, IAdmissionDemands.What.DOCUMENT, 0, 0);
        vm.prank(CAROL);
        admission.demand{ value: FEE }(demand);
        vm.prank(ALICE);
        vm.expectRevert();
        contributions.restate(commitSeq, root);
        vm.assertFalse(_prove(ALICE, commitSeq, _nearerProof(seq, TEXT)));
        vm.warp(block.timestamp + 1);
        _restate(commitSeq, _derived(_ids(seq), commitSeq, 0, _documents[FIRST][0]));
        admission.returnFee(demand);
        vm.assertTrue(admission.isClear(commitSeq));
    }

    /// @dev What nobody states anew when it is out of date does not count any more, until somebody does.
    function test_nearer_leftOutOfDate_succeeds() public {
        // A copy of Bob's text, and more, of which it is said that it is an original.
        (uint32 middle, uint64 above) = _copy(2);
        uint32 last = _next();
        uint64 seq = uint64(last) << 32;
        _write(_original(_part(100, 2, 60), last, 0));
        _contribute(ALICE);
        _begin(middle);
        vm.assertFalse(_prove(CAROL, middle, _nearerProof(above, TEXT)));
        uint64 outdatedAt = uint64(block.timestamp);
        vm.warp(outdatedAt + TIME - 1);
        _holds(last, _nearerProof(seq, above), false);
        vm.warp(outdatedAt + TIME);
        _holdsNot(last, _nearerProof(seq, above), NOT_SHOWN);
        _holds(last, _nearerProof(seq, TEXT), false);
        _restate(middle, _derived(_ids(above), middle, 0, _documents[FIRST][0]));
        _holds(last, _nearerProof(seq, above), false);
    }

    /// @dev In the same contribution everything is its contributor's to know, also while it is out of date.
    function test_nearer_sameCommit_succeeds() public {
        uint32 next = _next();
        uint64 seq = uint64(next) << 32;
        _write(_original(Texts.words(30, 200), next, 0));
        _write(_original(Texts.words(31, 20), next, 1));
        _write(_original(Texts.cut(Texts.words(30, 200), 0, 16 * 60), next, 2));
        _contribute(ALICE);
        _holds(next, _nearerProof(seq | 2, seq), true);
        _holdsNot(next, _nearerProof(seq | 2, seq | 1), NO_FAULT);
        // The later one is no parent of the earlier one, nor of itself.
        _holdsNot(next, _nearerProof(seq, seq | 2), OTHER);
        _holdsNot(next, _nearerProof(seq | 2, seq | 2), OTHER);
    }

    /// @dev Of two that have as much the earlier one is the parent, and of two that have more or less the one that has more.
    function test_nearer_ties_succeeds() public {
        // A copy of Bob's text, and of it with some more words.
        uint32 second = _next();
        _write(_derived(Texts.words(1, 200), second, 0, _documents[FIRST][0]));
        _write(_derived(_part(100, 6, 40), second, 1, _documents[FIRST][0]));
        _contribute(ALICE);
        _settle();
        uint64 copy = uint64(second) << 32;
        uint32 next = _next();
        uint64 seq = uint64(next) << 32;
        _write(_derived(_part(100, 6, 40), next, 0, _documents[second][1]));
        _write(_derived(_part(100, 5, 40), next, 1, _documents[second][0]));
        _write(_derived(_part(100, 6, 40), next, 2, _documents[FIRST][0]));
        _contribute(ALICE);
        // Its parent has all of it.
        _holdsNot(next, _nearerProof(seq, TEXT), NO_FAULT);
        // As much is in Bob's, which is earlier.
        _holds(next, _nearerProof(seq | 1, TEXT), true);
        _holdsNot(next, _nearerProof(seq | 1, copy), NO_FAULT);
        // More is in the second.
        _holds(next, _nearerProof(seq | 2, copy | 1), true);
        // That as much is in one that is later is nothing.
        _restate(next, _derived(_part(100, 5, 40), next, 1, _documents[FIRST][0]));
        _holdsNot(next, _nearerProof(seq | 1, copy), NO_FAULT);
    }

    /// @dev Less than 1,500 is an original, whoever has the words.
    function test_nearer_threshold_succeeds() public {
        _settle();
        bool[2] memory seen;
        for (uint256 words = 24; words < 48; words += 2) {
            uint32 next = _next();
            bytes memory ids = _part(words, 100 + words, 160);
            _write(_original(ids, next, 0));
            _contribute(ALICE);
            bool isDerived = Texts.containment(Texts.sketch(ids), Texts.sketch(_ids(TEXT))) >= 1_500;
            seen[isDerived ? 1 : 0] = true;
            if (isDerived) _holds(next, _nearerProof(uint64(next) << 32, TEXT), true);
            else _holdsNot(next, _nearerProof(uint64(next) << 32, TEXT), NO_FAULT);
        }
        vm.assertTrue(seen[0] && seen[1]);
    }

    /// @dev What is earlier is what was committed to, where it was committed to; the sketches are those that are named.
    function test_nearer_forged_reverts() public {
        _settle();
        (uint32 commitSeq, uint64 seq) = _copy(2);
        (uint32 later,) = _copy(3);
        AdmissionParts.NearerProof memory proof =
            AdmissionParts.NearerProof(_placed(seq), _sketchOf(seq), FIRST, _content(TEXT), _sketchOf(TEXT));
        _holds(commitSeq, _forged(proof), true);
        proof.commitSeq = later;
        _holdsNot(commitSeq, _forged(proof), OTHER);
        proof.commitSeq = 0;
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 0));
        admission.refute(commitSeq, _forged(proof));
        proof.commitSeq = FIRST;
        proof.sketch = _sketchOf(TEXT);
        _holdsNot(commitSeq, _forged(proof), NOT_SHOWN);
        (proof.sketch, proof.earlierSketch) = (_sketchOf(seq), _sketchOf(seq));
        _holdsNot(commitSeq, _forged(proof), NOT_SHOWN);
        (proof.earlierSketch, proof.earlier.content[5]) = (_sketchOf(TEXT), hex"01");
        _holdsNot(commitSeq, _forged(proof), NOT_SHOWN);
        proof.earlier.content[0] = "D";
        _holdsNot(commitSeq, _forged(proof), IAdmissionStatements.Admission_Encoding.selector);
    }

    function _forged(AdmissionParts.NearerProof memory _proof) internal pure returns (bytes memory proof_) {
        return bytes.concat(hex"05", abi.encode(_proof));
    }

    /// @dev Bytes that are no sketch are nobody's, though they are named; and a commit that nobody revealed has no documents.
    function test_nearer_nothing_reverts() public {
        uint32 strange = _next();
        Texts.Document memory of_ = _original(Texts.words(40, 50), strange, 0);
        of_.sketchHash = Texts.sketchHash("no sketch");
        _write(of_);
        _contribute(ALICE);
        uint32 hidden = _next();
        _write(_original(Texts.words(1, 200), hidden, 0));
        _commit(ALICE);
        (uint32 commitSeq, uint64 seq) = _copy(2);
        AdmissionParts.NearerProof memory proof = AdmissionParts.NearerProof(
            _placed(seq), _sketchOf(seq), strange, _content(uint64(strange) << 32), "no sketch"
        );
        _holdsNot(commitSeq, _forged(proof), Sketches.Sketches_NoSketch.selector);
        _holdsNot(commitSeq, _nearerProof(seq, uint64(hidden) << 32), NOT_SHOWN);
    }
}
