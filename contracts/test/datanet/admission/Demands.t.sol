// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { IAdmissionStatements } from "interfaces/datanet/IAdmissionStatements.sol";
import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Reenterer } from "test/mocks/Economy.sol";
import { DemandTest } from "test/utils/DemandTest.sol";

/// @title Admission_Demands_Test
/// @notice When something can be asked for, who pays, and who loses.
contract Admission_Demands_Test is DemandTest {
    /// @dev Whoever answers, in time, has the fee; until then no Datanet can accept it, and its bond stays.
    function test_answer_inTime_succeeds() public {
        IAdmissionDemands.Demand memory demand = _demand(commitSeq, DOCUMENT, 0, 0);
        uint64 until = uint64(block.timestamp) + THIRD;
        bytes32 id = keccak256(abi.encode(demand));
        vm.expectEmit();
        emit IAdmissionDemands.Demanded(commitSeq, id, CAROL, demand, until);
        vm.assertEq(_ask(CAROL, demand), id);
        vm.assertEq(
            keccak256(abi.encode(admission.demandOf(demand))),
            keccak256(abi.encode(IAdmissionDemands.DemandState(CAROL, until, true)))
        );
        vm.assertFalse(admission.isClear(commitSeq));
        vm.assertTrue(admission.isAsked(commitSeq));
        vm.warp(until - 1);
        bytes memory response = _response(demand);
        vm.expectEmit();
        emit IAdmissionDemands.Answered(commitSeq, id, BOB, response);
        vm.expectEmit();
        emit IAdmissionStatements.Credited(BOB, FEE);
        vm.prank(BOB);
        admission.answer(demand, response);
        vm.assertEq(admission.creditOf(BOB), FEE);
        vm.assertTrue(admission.isClear(commitSeq));
        vm.assertFalse(admission.isAsked(commitSeq));
        // Once.
        vm.expectRevert(abi.encodeWithSelector(IAdmissionDemands.Admission_NotDemanded.selector, id));
        admission.answer(demand, response);
        uint256 before = BOB.balance;
        vm.expectEmit();
        emit IAdmissionStatements.Withdrawn(BOB, FEE);
        vm.assertEq(admission.withdraw(BOB), FEE);
        vm.assertEq(BOB.balance, before + FEE);
        vm.assertEq(admission.withdraw(BOB), 0);
        vm.assertEq(address(admission).balance, 0);
        _end(commitSeq);
        _accept(commitSeq);
    }

    /// @dev All that there is can be shown, and that there is no more.
    function test_answer_everything_succeeds() public {
        for (uint32 index; index < 3; ++index) {
            _answered(_ask(DOCUMENT, index, 0));
            _answered(_ask(SKETCH, index, 0));
            for (uint8 chunk; chunk < 16; ++chunk) {
                _answered(_ask(CHUNK, index, chunk));
            }
        }
        vm.assertTrue(admission.isClear(commitSeq));
        vm.assertEq(admission.creditOf(BOB), 3 * 18 * uint256(FEE));
    }

    /// @dev What is not shown in time expels the contribution: half of its bond, and the fee, are for who demanded.
    function test_expelByDemand_withheld_succeeds() public {
        IAdmissionDemands.Demand memory demand = _ask(CHUNK, 2, 15);
        bytes32 id = keccak256(abi.encode(demand));
        uint64 until = uint64(block.timestamp) + THIRD;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_TooEarly.selector, until));
        admission.expelByDemand(demand);
        vm.warp(until);
        bytes memory response = _response(demand);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_TooLate.selector, until));
        admission.answer(demand, response);
        vm.expectEmit();
        emit IContributionRegistry.Expelled(commitSeq, BOND / 2, BOND / 2);
        vm.expectEmit();
        emit IAdmissionDemands.Withheld(commitSeq, id, CAROL, BOND / 2);
        vm.prank(BOB);
        admission.expelByDemand(demand);
        vm.assertEq(admission.creditOf(CAROL), BOND / 2 + FEE);
        vm.assertEq(admission.creditOf(BOB), 0);
        vm.assertEq(address(admission).balance, BOND / 2 + FEE);
        vm.assertEq(address(contributions).balance, 0);
        vm.assertEq(contributions.recordOf(commitSeq).expelledAt, until);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionDemands.Admission_NotDemanded.selector, id));
        admission.expelByDemand(demand);
    }

    /// @dev Also when the time of admission is long over: no Datanet can accept it before, and its bond does not go back.
    function test_expelByDemand_late_succeeds() public {
        IAdmissionDemands.Demand memory demand = _ask(DOCUMENT, 0, 0);
        vm.warp(START + 60 days);
        bytes32 root = contributions.recordOf(commitSeq).batchRoot;
        bytes memory contested =
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(contested);
        datanets.accept(0, commitSeq, root);
        vm.expectRevert(contested);
        contributions.returnBond(commitSeq);
        admission.expelByDemand(demand);
        vm.assertEq(admission.creditOf(CAROL), BOND / 2 + FEE);
    }

    /// @dev In the first third alone: afterwards there would be no time to show what is wrong of what is answered.
    function test_demand_time_reverts() public {
        (uint64 from, uint64 until) = contributions.admissionOf(commitSeq);
        IAdmissionDemands.Demand memory demand = _demand(commitSeq, DOCUMENT, 0, 0);
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_TooEarly.selector, from));
        _ask(CAROL, demand);
        vm.warp(from + THIRD);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_TooLate.selector, from + THIRD));
        _ask(CAROL, demand);
        vm.warp(from + THIRD - 1);
        _ask(CAROL, demand);
        vm.assertTrue(admission.demandOf(demand).until < until - THIRD);
    }

    function test_demand_invalid_reverts() public {
        IAdmissionDemands.Demand memory demand = _demand(commitSeq, DOCUMENT, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionDemands.Admission_Fee.selector, FEE, 0));
        admission.demand(demand);
        demand.index = 3;
        vm.expectRevert(IAdmissionDemands.Admission_Range.selector);
        _ask(CAROL, demand);
        (demand.index, demand.chunk) = (0, 1);
        vm.expectRevert(IAdmissionDemands.Admission_Range.selector);
        _ask(CAROL, demand);
        (demand.what, demand.chunk) = (CHUNK, 16);
        vm.expectRevert(IAdmissionDemands.Admission_Range.selector);
        _ask(CAROL, demand);
        demand.chunk = 15;
        _ask(CAROL, demand);
        // What is known is not asked for again.
        vm.expectRevert(IAdmissionDemands.Admission_Demanded.selector);
        _ask(BOB, demand);
        _answered(demand);
        vm.expectRevert(IAdmissionDemands.Admission_Demanded.selector);
        _ask(BOB, demand);
    }

    /// @dev Of what is not stated, not revealed, accepted or not there nothing can be demanded.
    function test_demand_notStanding_reverts() public {
        IAdmissionDemands.Demand memory demand = _demand(commitSeq, DOCUMENT, 0, 0);
        bytes memory notStanding =
            abi.encodeWithSelector(IAdmissionStatements.Admission_NotStanding.selector, commitSeq);
        demand.batchRoot = "others";
        vm.expectRevert(notStanding);
        _ask(CAROL, demand);
        demand = _demand(commitSeq, DOCUMENT, 0, 0);
        demand.statedAt += 1;
        vm.expectRevert(notStanding);
        _ask(CAROL, demand);
        vm.prank(ALICE);
        uint32 hidden = contributions.commit("hidden");
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_NotStanding.selector, hidden));
        _ask(CAROL, IAdmissionDemands.Demand(hidden, 0, 0, DOCUMENT, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 9));
        _ask(CAROL, IAdmissionDemands.Demand(9, 0, 0, DOCUMENT, 0, 0));
        _end(commitSeq);
        _accept(commitSeq);
        demand = _demand(commitSeq, DOCUMENT, 0, 0);
        vm.expectRevert(notStanding);
        _ask(CAROL, demand);
    }

    /// @dev Who states something else has nothing to show of what they stated before: its fee goes back, and what they state now can be asked for.
    function test_returnFee_restated_succeeds() public {
        IAdmissionDemands.Demand memory demand = _ask(DOCUMENT, 0, 0);
        bytes32 id = keccak256(abi.encode(demand));
        vm.expectRevert(abi.encodeWithSelector(IAdmissionDemands.Admission_Standing.selector, commitSeq));
        admission.returnFee(demand);
        bytes memory response = _response(demand);
        vm.warp(block.timestamp + 1 hours);
        _restate(commitSeq);
        vm.assertTrue(admission.isClear(commitSeq));
        bytes memory notStanding =
            abi.encodeWithSelector(IAdmissionStatements.Admission_NotStanding.selector, commitSeq);
        vm.expectRevert(notStanding);
        admission.answer(demand, response);
        vm.warp(block.timestamp + THIRD - 1);
        vm.expectRevert(notStanding);
        admission.expelByDemand(demand);
        // The same, of what is stated now.
        IAdmissionDemands.Demand memory again = _ask(DOCUMENT, 0, 0);
        vm.expectEmit();
        emit IAdmissionDemands.FeeReturned(commitSeq, id, CAROL);
        admission.returnFee(demand);
        vm.assertEq(admission.creditOf(CAROL), FEE);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionDemands.Admission_NotDemanded.selector, id));
        admission.returnFee(demand);
        vm.assertFalse(admission.isClear(commitSeq));
        _answered(again);
        vm.assertTrue(admission.isClear(commitSeq));
    }

    function test_returnFee_expelled_succeeds() public {
        IAdmissionDemands.Demand memory first = _ask(DOCUMENT, 0, 0);
        IAdmissionDemands.Demand memory second = _ask(DOCUMENT, 1, 0);
        vm.warp(block.timestamp + THIRD);
        admission.expelByDemand(first);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_NotStanding.selector, commitSeq));
        admission.expelByDemand(second);
        admission.returnFee(second);
        vm.assertEq(admission.creditOf(CAROL), BOND / 2 + 2 * uint256(FEE));
        vm.assertEq(address(admission).balance, BOND / 2 + 2 * uint256(FEE));
    }

    /// @dev Who restates when something is demanded makes nobody poorer, and has one try: what is stated when everything is known stays.
    function test_restate_toDodge_gainsNothing() public {
        IAdmissionDemands.Demand memory demand = _ask(DOCUMENT, 0, 0);
        vm.warp(block.timestamp + THIRD - 1);
        vm.prank(ALICE);
        contributions.restate(commitSeq, "others");
        admission.returnFee(demand);
        vm.assertEq(admission.creditOf(CAROL), FEE);
        (, uint64 until) = contributions.admissionOf(commitSeq);
        vm.assertEq(until, block.timestamp + TIME);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, until));
        datanets.accept(0, commitSeq, "others");
        demand = _ask(DOCUMENT, 0, 0);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Judged.selector, until));
        contributions.restate(commitSeq, "more");
        vm.warp(block.timestamp + THIRD);
        admission.expelByDemand(demand);
        vm.assertEq(admission.creditOf(CAROL), BOND / 2 + 2 * uint256(FEE));
    }

    /// @dev Demands that are only a nuisance cost who makes them, and pay who answers.
    function test_demand_griefing_costs() public {
        uint256 before = CAROL.balance;
        for (uint32 k; k < 3; ++k) {
            IAdmissionDemands.Demand memory demand = _ask(DOCUMENT, k, 0);
            bytes memory response = _response(demand);
            vm.prank(ALICE);
            admission.answer(demand, response);
        }
        _end(commitSeq);
        _accept(commitSeq);
        vm.assertEq(CAROL.balance, before - 3 * uint256(FEE));
        vm.assertEq(admission.creditOf(ALICE), 3 * uint256(FEE));
    }

    /// @dev Who demands and refuses coins can not keep a wrong contribution from being expelled.
    function test_expelByDemand_refuser_succeeds() public {
        address refuser = address(new Refuser());
        vm.deal(refuser, FEE);
        IAdmissionDemands.Demand memory demand = _demand(commitSeq, DOCUMENT, 0, 0);
        _ask(refuser, demand);
        vm.warp(block.timestamp + THIRD);
        admission.expelByDemand(demand);
        vm.assertEq(admission.creditOf(refuser), BOND / 2 + FEE);
        vm.expectRevert();
        admission.withdraw(refuser);
    }

    /// @dev Who is handed coins finds nothing more of theirs, whatever they call.
    function test_withdraw_reentered_succeeds() public {
        Reenterer thief = new Reenterer();
        vm.deal(address(thief), FEE);
        IAdmissionDemands.Demand memory demand = _demand(commitSeq, DOCUMENT, 0, 0);
        _ask(address(thief), demand);
        _ask(SKETCH, 0, 0);
        vm.warp(block.timestamp + THIRD);
        admission.expelByDemand(demand);
        thief.prepare(abi.encodeCall(admission.withdraw, (address(thief))));
        admission.withdraw(address(thief));
        vm.assertEq(thief.paid(), BOND / 2 + FEE);
        vm.assertEq(address(admission).balance, FEE);
    }

    /// @dev Nothing but what is left of bonds comes without being credited.
    function test_receive_reverts() public {
        vm.prank(ALICE);
        (bool success, bytes memory data) = address(admission).call{ value: 1 }("");
        vm.assertFalse(success);
        vm.assertEq(data, abi.encodeWithSelector(IAdmissionStatements.Admission_NotAllowed.selector));
    }
}
