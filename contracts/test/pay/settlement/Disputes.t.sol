// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { SettlementTest } from "test/utils/SettlementTest.sol";

/// @title Settlement_Prove_Test
contract Settlement_Prove_Test is SettlementTest {
    uint64 internal k;
    uint64 internal candidate;

    function setUp() public override {
        super.setUp();
        k = _cut(10 ether);
        candidate = _post(ALICE, k, 0, "a");
    }

    /// @dev Half of the bond is the prover's; the other half is nobody's any more.
    function test_prove_bond_succeeds() external {
        bytes memory proof = _proof(candidate, 9);
        bytes32 hash = settlement.faultHash(candidate, CAROL, proof, "salt");
        vm.expectEmit();
        emit ISettlement.FaultCommitted(hash);
        settlement.commitFault(hash);
        vm.roll(block.number + 1);
        vm.expectEmit();
        emit ISettlement.Faulted(candidate, k, 9, CAROL, BOND / 2, BOND / 2);
        vm.prank(CAROL);
        vm.assertEq(settlement.prove(candidate, proof, "salt"), 9);
        _is(candidate, ISettlement.Status.FAULTED);
        vm.assertEq(settlement.creditOf(CAROL), BOND / 2);
        // The data pool, and the reward.
        vm.assertEq(address(settlement).balance, 10 ether + BOND / 2);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        vm.prank(CAROL);
        settlement.prove(candidate, proof, "salt");
        _passL1(WINDOW);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        settlement.finalise(candidate);
    }

    /// @dev Who sees a proof and copies it has committed to nothing, or too late; and what another committed to is not theirs.
    function test_prove_copied_reverts() external {
        bytes memory proof = _proof(candidate, 2);
        settlement.commitFault(settlement.faultHash(candidate, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        // Bob sees the transaction and is first.
        settlement.commitFault(settlement.faultHash(candidate, BOB, proof, "mine"));
        vm.expectRevert(ISettlement.Settlement_NotCommitted.selector);
        vm.prank(BOB);
        settlement.prove(candidate, proof, "mine");
        vm.expectRevert(ISettlement.Settlement_NotCommitted.selector);
        vm.prank(BOB);
        settlement.prove(candidate, proof, "salt");
        vm.prank(CAROL);
        settlement.prove(candidate, proof, "salt");
        vm.assertEq(settlement.creditOf(BOB), 0);
    }

    /// @dev Committing to the same hash again does not put anybody off.
    function test_commitFault_again_succeeds() external {
        bytes memory proof = _proof(candidate, 2);
        bytes32 hash = settlement.faultHash(candidate, CAROL, proof, "salt");
        vm.prank(CAROL);
        settlement.commitFault(hash);
        vm.roll(block.number + 1);
        vm.prank(ALICE);
        settlement.commitFault(hash);
        vm.prank(CAROL);
        settlement.prove(candidate, proof, "salt");
    }

    /// @dev A right candidate stands, whatever is shown.
    function test_prove_noFault_reverts() external {
        bytes memory proof = _proof(candidate, 0);
        settlement.commitFault(settlement.faultHash(candidate, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_NoFault.selector);
        vm.prank(CAROL);
        settlement.prove(candidate, proof, "salt");
    }

    /// @dev A proof names one candidate, on one chain, in one contract.
    function test_faultHash_everywhere_succeeds() external {
        bytes32 hash = settlement.faultHash(candidate, CAROL, "proof", "salt");
        vm.assertTrue(hash != settlement.faultHash(candidate + 1, CAROL, "proof", "salt"));
        vm.chainId(5);
        vm.assertTrue(hash != settlement.faultHash(candidate, CAROL, "proof", "salt"));
    }

    /// @dev After the window, too, as long as nobody has made it final.
    function test_prove_afterWindow_succeeds() external {
        _passL1(3 * WINDOW);
        _prove(CAROL, candidate);
    }

    /// @dev Of a candidate that is dead nothing is to be shown: its bond is its poster's.
    function test_prove_dead_reverts() external {
        uint64 next = _cut(1 ether);
        uint64 child = _post(BOB, next, candidate, "b");
        _prove(CAROL, candidate);
        bytes memory proof = _proof(child, 2);
        settlement.commitFault(settlement.faultHash(child, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, child));
        vm.prank(CAROL);
        settlement.prove(child, proof, "salt");
        settlement.reclaim(child);
        vm.assertEq(settlement.creditOf(BOB), BOND);
    }

    /// @dev Whoever challenges themselves loses half of the bond.
    function test_prove_oneself_loses() external {
        uint256 before = ALICE.balance;
        _prove(ALICE, candidate);
        settlement.withdraw(ALICE);
        vm.assertEq(ALICE.balance, before + BOND / 2);
    }
}

/// @title Settlement_Demand_Test
contract Settlement_Demand_Test is SettlementTest {
    uint64 internal k;
    uint64 internal candidate;

    function setUp() public override {
        super.setUp();
        k = _cut(10 ether);
        candidate = _post(ALICE, k, 0, "a");
    }

    function _demandBy(address _by, uint64 _a) internal returns (bytes32 id_) {
        vm.prank(_by);
        return settlement.demand{ value: FEE }(candidate, _demand(_a));
    }

    /// @dev Whoever answers, in time, has the fee.
    function test_answer_inTime_succeeds() external {
        uint64 until = _l1() + WINDOW / 6;
        vm.expectEmit();
        emit ISettlement.Demanded(candidate, keccak256(abi.encode(_demand(1))), CAROL, _demand(1), until);
        bytes32 id = _demandBy(CAROL, 1);
        ISettlement.DemandState memory state = settlement.demandOf(candidate, _demand(1));
        vm.assertEq(state.by, CAROL);
        vm.assertEq(state.until, until);
        vm.assertTrue(state.isOpen);
        vm.assertEq(settlement.candidateOf(candidate).openDemands, 1);
        bytes memory response = _response(candidate, 1);
        _toL1(until - 1);
        vm.expectEmit();
        emit ISettlement.Answered(candidate, id, BOB, response);
        vm.prank(BOB);
        settlement.answer(candidate, _demand(1), response);
        vm.assertEq(settlement.candidateOf(candidate).openDemands, 0);
        // As soon as it is known that what was demanded is of a right candidate.
        vm.assertEq(settlement.creditOf(BOB), 0);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Alive.selector, candidate));
        settlement.handOnFee(candidate, _demand(1));
        // Once.
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, candidate));
        vm.prank(BOB);
        settlement.answer(candidate, _demand(1), response);
        vm.expectRevert(ISettlement.Settlement_Demanded.selector);
        _demandBy(CAROL, 1);
        _finalise(candidate);
        vm.expectEmit();
        emit ISettlement.FeeHandedOn(candidate, id, BOB);
        settlement.handOnFee(candidate, _demand(1));
        vm.assertEq(settlement.creditOf(BOB), FEE);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, candidate));
        settlement.handOnFee(candidate, _demand(1));
    }

    /// @dev Asking about what is wrong costs nothing: of a faulted candidate nobody earns by answers.
    function test_handOnFee_faulted_comesBack() external {
        _demandBy(CAROL, 1);
        bytes memory response = _response(candidate, 1);
        vm.prank(ALICE);
        settlement.answer(candidate, _demand(1), response);
        _prove(BOB, candidate);
        settlement.handOnFee(candidate, _demand(1));
        vm.assertEq(settlement.creditOf(CAROL), FEE);
        vm.assertEq(settlement.creditOf(ALICE), 0);
    }

    /// @dev A candidate that died was answered for all the same.
    function test_handOnFee_answeredAndDead_succeeds() external {
        uint64 rival = _post(BOB, k, 0, "b");
        vm.prank(CAROL);
        settlement.demand{ value: FEE }(rival, _demand(1));
        bytes memory response = _response(rival, 1);
        vm.prank(BOB);
        settlement.answer(rival, _demand(1), response);
        _finalise(candidate);
        settlement.reclaim(rival);
        settlement.handOnFee(rival, _demand(1));
        vm.assertEq(settlement.creditOf(BOB), 2 * BOND + FEE);
    }

    function test_answer_wrong_reverts() external {
        _demandBy(CAROL, 1);
        bytes memory response = _response(candidate, 2);
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_NotShown.selector);
        settlement.answer(candidate, _demand(1), response);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, candidate));
        settlement.answer(candidate, _demand(2), response);
    }

    /// @dev F0: what is not shown in time overturns the candidate, for who demanded it.
    function test_faultByDemand_withheld_succeeds() external {
        _demandBy(CAROL, 1);
        uint64 until = _l1() + WINDOW / 6;
        _toL1(until - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooEarly.selector, until));
        settlement.faultByDemand(candidate, _demand(1));
        _passL1(1);
        bytes memory response = _response(candidate, 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooLate.selector, until));
        settlement.answer(candidate, _demand(1), response);
        vm.expectEmit();
        emit ISettlement.Faulted(candidate, k, 0, CAROL, BOND / 2, BOND / 2);
        vm.prank(BOB);
        settlement.faultByDemand(candidate, _demand(1));
        vm.assertEq(settlement.creditOf(CAROL), BOND / 2 + FEE);
        vm.assertEq(settlement.creditOf(BOB), 0);
        _is(candidate, ISettlement.Status.FAULTED);
    }

    /// @dev Nothing is final with a demand that nobody has answered.
    function test_finalise_openDemand_reverts() external {
        _demandBy(CAROL, 1);
        _toL1(settlement.windowEndOf(candidate));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_OpenDemands.selector, 1));
        settlement.finalise(candidate);
    }

    /// @dev In the first half alone: afterwards there would be no time to show a fault of what is answered.
    function test_demand_late_reverts() external {
        uint64 last = 5_000 + WINDOW / 2;
        _toL1(last);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooLate.selector, last));
        _demandBy(CAROL, 1);
        _toL1(last - 1);
        _demandBy(CAROL, 1);
        // The last answer leaves a third of the window.
        vm.assertTrue(settlement.demandOf(candidate, _demand(1)).until < settlement.windowEndOf(candidate) - WINDOW / 3);
    }

    function test_demand_invalid_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Value.selector, FEE, 0));
        settlement.demand(candidate, _demand(1));
        vm.expectRevert(IDemandVerifier.DemandVerifier_Range.selector);
        _demandBy(CAROL, 3);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, 9));
        vm.prank(CAROL);
        settlement.demand{ value: FEE }(9, _demand(1));
    }

    /// @dev Demands that are only a nuisance cost who makes them, and pay who answers.
    function test_demand_griefing_costs() external {
        uint256 before = CAROL.balance;
        for (uint64 i; i < 3; ++i) {
            _demandBy(CAROL, i);
        }
        for (uint64 i; i < 3; ++i) {
            bytes memory response = _response(candidate, i);
            vm.prank(ALICE);
            settlement.answer(candidate, _demand(i), response);
        }
        _finalise(candidate);
        for (uint64 i; i < 3; ++i) {
            settlement.handOnFee(candidate, _demand(i));
        }
        vm.assertEq(CAROL.balance, before - 3 * FEE);
        vm.assertEq(settlement.creditOf(ALICE), BOND + 3 * FEE);
        vm.assertEq(address(settlement).balance, BOND + 3 * FEE);
    }

    /// @dev Fees of demands that nobody has to answer any more.
    function test_handOnFee_faulted_succeeds() external {
        _demandBy(CAROL, 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Alive.selector, candidate));
        settlement.handOnFee(candidate, _demand(1));
        _prove(BOB, candidate);
        settlement.handOnFee(candidate, _demand(1));
        vm.assertEq(settlement.creditOf(CAROL), FEE);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, candidate));
        settlement.handOnFee(candidate, _demand(1));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        _demandBy(CAROL, 2);
    }

    function test_handOnFee_dead_succeeds() external {
        uint64 next = _cut(1 ether);
        uint64 parent = candidate;
        candidate = _post(BOB, next, parent, "b");
        _demandBy(CAROL, 4);
        _prove(BOB, parent);
        // Dead, though nobody has said so: nothing is to be answered.
        _passL1(WINDOW / 6);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        settlement.faultByDemand(candidate, _demand(4));
        settlement.reclaim(candidate);
        settlement.handOnFee(candidate, _demand(4));
        vm.assertEq(settlement.creditOf(CAROL), FEE);
    }

    /// @dev One that goes on from a dead one can never be final, though nobody has said so of those between: nothing of it is to be shown, and no bond is lost.
    function test_faultByDemand_behindDead_reverts() external {
        uint64 wrong = candidate;
        uint64 child = _post(BOB, _cut(1 ether), wrong, "b");
        candidate = _post(ALICE, _cut(1 ether), child, "c");
        uint64 first = settlement.epochOf(candidate).first;
        _demandBy(CAROL, first);
        uint256 state = vm.snapshotState();
        _passL1(WINDOW / 6);
        settlement.faultByDemand(candidate, _demand(first));
        vm.revertToState(state);
        _prove(BOB, wrong);
        _passL1(WINDOW / 6);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        settlement.faultByDemand(candidate, _demand(first));
        settlement.reclaim(child);
        settlement.reclaim(candidate);
        settlement.handOnFee(candidate, _demand(first));
        vm.assertEq(settlement.creditOf(ALICE), BOND);
        vm.assertEq(settlement.creditOf(CAROL), FEE);
    }

    /// @dev Behind one that is final, or that can still be, what is demanded is to be shown.
    function test_faultByDemand_behindFinal_succeeds() external {
        uint64 next = _cut(1 ether);
        _finalise(candidate);
        candidate = _post(ALICE, next, candidate, "b");
        uint64 first = settlement.epochOf(candidate).first;
        _demandBy(CAROL, first);
        _passL1(WINDOW / 6);
        settlement.faultByDemand(candidate, _demand(first));
        _is(candidate, ISettlement.Status.FAULTED);
    }

    /// @dev Who demands and refuses coins can not keep a wrong candidate alive.
    function test_faultByDemand_refuser_succeeds() external {
        address refuser = address(new Refuser());
        vm.deal(refuser, FEE);
        _demandBy(refuser, 1);
        _passL1(WINDOW / 6);
        settlement.faultByDemand(candidate, _demand(1));
        vm.assertEq(settlement.creditOf(refuser), BOND / 2 + FEE);
    }
}
