// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { SettlementRowsTest } from "test/utils/SettlementRowsTest.sol";
import { SettlementTest } from "test/utils/SettlementTest.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title Settlement_Attack_Test
/// @notice What whoever posts something wrong tries, before the real judges. Alice contributes, Bob attacks, Carol watches.
contract Settlement_Attack_Test is SettlementRowsTest {
    IDemandVerifier.What internal constant TILE = IDemandVerifier.What.TILE;
    IDemandVerifier.What internal constant PAYOUT = IDemandVerifier.What.PAYOUT;
    IDemandVerifier.What internal constant EARNING = IDemandVerifier.What.EARNING;

    /// @dev Blocks of the L1 in which a demand is answered.
    uint64 internal constant TIME = WINDOW / 6;

    uint64 internal candidate;

    /// @dev A row of a range of one wei says that all that Alice has earned, and not claimed, is Bob's.
    function _smallRange() internal returns (uint64 k_, bytes memory hers_, bytes memory proof_) {
        k_ = _cut(40_000 ether);
        hers_ = _row(0, 40_000 ether, 40_000 ether, "hers");
        uint64 right = _put(ALICE, _rows(k_, 0, hers_, _none(1, 0)));
        _finalise(right);
        uint64 next = _cut(1);
        bytes memory nothing = _none(0, 0);
        bytes memory stolen = _row(1, 40_000 ether + 1, 1, "his");
        ISettlement.Posting memory posting = _rows(next, right, nothing, stolen);
        // What is at stake is what the vault has, however small the range is.
        bytes memory error = abi.encodeWithSelector(ISettlement.Settlement_Value.selector, 10_000 ether, BOND);
        vm.expectRevert(error);
        vm.prank(BOB);
        settlement.post{ value: BOND }(posting, DATA);
        candidate = _put(BOB, posting);
        Proofs.RowOpening[] memory before = new Proofs.RowOpening[](1);
        before[0] = _opening(1, _none(1, 0), hers_);
        Proofs.RowOpening memory his = _opening(1, stolen, nothing);
        proof_ = abi.encode(Proofs.CumulativeProof(his, before, _top(hers_, _none(1, 0))));
        proof_ = bytes.concat(hex"86", proof_);
    }

    /// @dev A wrong posting is bonded with a quarter of all that it could take, and whoever says so has half of that.
    function test_post_smallRangeTakesAll_costsQuarterOfAll() external {
        (uint64 k, bytes memory hers, bytes memory proof) = _smallRange();
        vm.assertEq(settlement.candidateOf(candidate).bond, 10_000 ether);
        vm.assertEq(_show(CAROL, candidate, proof), 8);
        vm.assertEq(settlement.creditOf(CAROL), 5_000 ether);
        vm.assertEq(settlement.creditOf(BOB), 0);
        uint256 before = ALICE.balance;
        vault.claim(k, hers, _place(0, _none(1, 0)));
        vm.assertEq(ALICE.balance, before + 40_000 ether);
    }

    /// @dev Who copies a proof that was sent has not committed to it; and once they have, it was shown.
    function test_prove_copied_reverts() external {
        (,, bytes memory proof) = _smallRange();
        settlement.commitFault(settlement.faultHash(candidate, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        settlement.commitFault(settlement.faultHash(candidate, BOB, proof, "salt"));
        vm.expectRevert(ISettlement.Settlement_NotCommitted.selector);
        vm.prank(BOB);
        settlement.prove(candidate, proof, "salt");
        vm.prank(CAROL);
        settlement.prove(candidate, proof, "salt");
        vm.roll(block.number + 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        vm.prank(BOB);
        settlement.prove(candidate, proof, "salt");
        vm.assertEq(settlement.creditOf(BOB), 0);
    }

    /// @dev Bob answers in the last block. What his answer leads to is asked for all the same, and he can not show earnings that are none.
    function test_answer_inTheLastBlock_isAskedFurther() external {
        uint64 k = _cut(10 ether);
        bytes memory stolen = _row(1, 10 ether, 10 ether, Trees.sumRoot(1, "nobody sees it", 10 ether));
        candidate = _put(BOB, _rows(k, 0, _none(0, 0), stolen));
        _ask(candidate, _what(PAYOUT, 1));
        _passL1(TIME - 1);
        Proofs.LeafOpening memory row = _shown(1, stolen, _none(0, 0));
        _tell(candidate, _what(PAYOUT, 1), abi.encode(Proofs.PayoutResponse(row)));
        // Carol sees it in the next block.
        _passL1(1);
        _ask(candidate, _what(EARNING, 1));
        // That there is no such place is not to be shown either: the root says that there is one.
        Proofs.PlaceOpening memory place;
        place.top = new Proofs.SumTop[](1);
        place.top[0] = Proofs.SumTop(1, Proofs.SumNode("nobody sees it", 10 ether));
        bytes memory response = abi.encode(Proofs.EarningResponse(row, place));
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_NotShown.selector);
        _tell(candidate, _what(EARNING, 1), response);
        _passL1(TIME);
        settlement.faultByDemand(candidate, _what(EARNING, 1));
        settlement.handOnFee(candidate, _what(PAYOUT, 1));
        // Both fees are back: by his answer Bob has earned nothing.
        vm.assertEq(settlement.creditOf(CAROL), BOND / 2 + 2 * FEE);
        vm.assertEq(settlement.creditOf(BOB), 0);
    }

    /// @dev Three demands that follow from each other fit in, each of them answered in the last block: a row, its earning, and the tile of it, which is of no
    ///      document. A fourth does not, and half of the window is left for the proof.
    function test_answer_inTheLastBlock_threeRoundsFit() external {
        uint64 k = _cut(10 ether);
        (Proofs.AnswerOpening memory answer, Proofs.PlaceOpening memory tile) = _gap();
        bytes memory earning = abi.encodePacked("E", uint64(0), uint32(0), uint8(0), uint128(10 ether));
        (bytes32 root, Proofs.PlaceOpening memory place) = _alone(earning, 10 ether);
        bytes memory stolen = _row(1, 10 ether, 10 ether, root);
        ISettlement.Posting memory posting = _rows(k, 0, _none(0, 0), stolen);
        posting.answersTop = Trees.node(Trees.node(_leaf(answer.row), "second"), "third");
        candidate = _put(BOB, posting);
        uint64 from = _l1();
        Proofs.LeafOpening memory row = _shown(1, stolen, _none(0, 0));
        _round(_what(PAYOUT, 1), abi.encode(Proofs.PayoutResponse(row)));
        _round(_what(EARNING, 1), abi.encode(Proofs.EarningResponse(row, place)));
        Proofs.RowOpening memory first = Proofs.RowOpening(answer.row, answer.proof);
        _round(_what(TILE, 0), abi.encode(Proofs.TileResponse(first, tile)));
        vm.assertEq(_l1(), from + WINDOW / 2);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooLate.selector, from + WINDOW / 2));
        _ask(candidate, _what(IDemandVerifier.What.SOURCE, 0));
        Proofs.NoSpanProof memory proof;
        proof.payout = _opening(1, stolen, _none(0, 0));
        proof.answer = answer;
        proof.tile = Proofs.TileOpening(tile.leaf[0].leaf, tile.leaf[0].proof);
        proof.earning = Proofs.RowOpening(earning, place.leaf[0].proof);
        vm.assertEq(_show(CAROL, candidate, bytes.concat(hex"84", abi.encode(proof))), 8);
        settlement.handOnFee(candidate, _what(PAYOUT, 1));
        settlement.handOnFee(candidate, _what(EARNING, 1));
        settlement.handOnFee(candidate, _what(TILE, 0));
        vm.assertEq(settlement.creditOf(CAROL), BOND / 2 + 3 * FEE);
    }

    /// @dev Carol asks, Bob answers in the last block in which he may, and it is the next one.
    function _round(IDemandVerifier.Demand memory _for, bytes memory _response) internal {
        _ask(candidate, _for);
        _passL1(TIME - 1);
        _tell(candidate, _for, _response);
        _passL1(1);
    }

    /// @dev The first of three answers, whose words are nobody's.
    function _gap() internal returns (Proofs.AnswerOpening memory answer_, Proofs.PlaceOpening memory tile_) {
        bytes32 root;
        bytes memory gap = abi.encodePacked("T", uint32(0), uint8(8), Leaves.GAP, uint64(0), uint16(0));
        (root, tile_) = _alone(gap, uint128(8) << 64);
        answer_.answer = bytes.concat(
            abi.encodePacked("R", uint64(0), MODEL, CAROL, uint128(10 ether), uint32(1), uint32(8), uint8(1)),
            abi.encodePacked(bytes32("context"), bytes32("output"), uint32(8))
        );
        paid.set(0, _leaf(answer_.answer), 1);
        answer_.row = abi.encodePacked("A", uint64(0), root, uint32(1), uint128(10 ether));
        answer_.proof = abi.encodePacked(uint64(0), uint64(3), bytes32("second"), bytes32("third"));
    }
}

/// @title Settlement_AttackCosts_Test
/// @notice What it costs whom. Bob attacks, Alice posts what is right, Carol watches.
contract Settlement_AttackCosts_Test is SettlementTest {
    uint64 internal constant ROWS = 200;

    uint64 internal k;

    function setUp() public override {
        super.setUp();
        payments.pay(MODEL, ROWS);
        vm.warp(block.timestamp + INTERVAL);
        k = settlement.cut();
        vm.roll(block.number + 1);
    }

    function _demandBy(address _by, uint64 _candidate, uint64 _a) internal {
        vm.prank(_by);
        settlement.demand{ value: FEE }(_candidate, _demand(_a));
    }

    function _answerBy(address _by, uint64 _candidate, uint64 _a) internal {
        bytes memory response = _response(_candidate, _a);
        vm.prank(_by);
        settlement.answer(_candidate, _demand(_a), response);
    }

    function _handOnAll(uint64 _candidate) internal {
        for (uint64 i; i < ROWS; ++i) {
            settlement.handOnFee(_candidate, _demand(i));
        }
    }

    /// @dev Carol asks for all rows of a wrong candidate but one, which Bob has asked for himself and does not show. She has all of her fees back, and has
    ///      paid for gas; he has lost half of his bond, as whoever shows their own fault, and has earned nothing by his answers.
    function test_demand_allRowsOfWrong_costsWhoPosted() external {
        (uint256 bobs, uint256 carols) = (BOB.balance, CAROL.balance);
        uint64 wrong = _post(BOB, k, 0, "wrong");
        _demandBy(BOB, wrong, 0);
        for (uint64 i = 1; i < ROWS; ++i) {
            _demandBy(CAROL, wrong, i);
            _answerBy(BOB, wrong, i);
        }
        // What was asked for is not asked for again.
        vm.expectRevert(ISettlement.Settlement_Demanded.selector);
        _demandBy(CAROL, wrong, 0);
        _passL1(WINDOW / 6);
        settlement.faultByDemand(wrong, _demand(0));
        for (uint64 i = 1; i < ROWS; ++i) {
            settlement.handOnFee(wrong, _demand(i));
        }
        settlement.withdraw(BOB);
        settlement.withdraw(CAROL);
        vm.assertEq(BOB.balance, bobs - BOND / 2);
        vm.assertEq(CAROL.balance, carols);
    }

    /// @dev Bob asks for all rows of a right candidate, as late as he can. Alice has a fee for each, and her candidate is final when it would have been.
    function test_demand_allRowsOfRight_costsWhoDemands() external {
        (uint256 alices, uint256 bobs) = (ALICE.balance, BOB.balance);
        uint64 right = _post(ALICE, k, 0, "right");
        _passL1(WINDOW / 2 - 1);
        for (uint64 i; i < ROWS; ++i) {
            _demandBy(BOB, right, i);
        }
        _passL1(WINDOW / 6 - 1);
        for (uint64 i; i < ROWS; ++i) {
            _answerBy(ALICE, right, i);
        }
        _finalise(right);
        _handOnAll(right);
        settlement.withdraw(ALICE);
        vm.assertEq(ALICE.balance, alices + ROWS * FEE);
        vm.assertEq(BOB.balance, bobs - ROWS * FEE);
    }

    /// @dev Bob asks, copies Alice's answer and is first with it: then his fee comes back to him when the candidate is final, and what he has done costs him
    ///      gas alone. It costs her gas, too; nothing is left to answer, and nothing is held up.
    function test_answer_byWhoDemanded_costsGasAlone() external {
        uint256 bobs = BOB.balance;
        uint64 right = _post(ALICE, k, 0, "right");
        for (uint64 i; i < ROWS; ++i) {
            _demandBy(BOB, right, i);
            _answerBy(BOB, right, i);
        }
        bytes memory response = _response(right, 7);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, right));
        vm.prank(ALICE);
        settlement.answer(right, _demand(7), response);
        // Until then it is out of his hands.
        vm.assertEq(BOB.balance, bobs - ROWS * FEE);
        _finalise(right);
        _handOnAll(right);
        settlement.withdraw(BOB);
        vm.assertEq(BOB.balance, bobs);
        vm.assertEq(settlement.creditOf(ALICE), BOND);
    }

    /// @dev However many go on from a wrong candidate, who goes on from the right one pays no more; and they die without loss, so that it costs a poster
    ///      nothing to have gone on from what turns out to be wrong.
    function test_bondOf_childrenOfWrong_noDearerForOthers() external {
        uint64 right = _post(ALICE, k, 0, "right");
        uint64 wrong = _post(BOB, k, 0, "wrong");
        uint64 next = _cut(1 ether);
        uint64[5] memory children;
        for (uint256 n; n < 5; ++n) {
            children[n] = _post(BOB, next, wrong, bytes32(n));
        }
        vm.assertEq(settlement.bondOf(next, wrong), 32 * BOND);
        vm.assertEq(settlement.bondOf(next, right), BOND);
        _prove(CAROL, wrong);
        for (uint256 n; n < 5; ++n) {
            settlement.reclaim(children[n]);
        }
        vm.assertEq(settlement.creditOf(BOB), 31 * BOND);
    }

    /// @dev Wrong ones that go on from the same make the right one dearer until they are overturned, and each of them is a bond that is lost: five of them
    ///      cost 31, half of which is for who shows it.
    function test_bondOf_wrongRivals_costWhoPostsThem() external {
        uint256 bobs = BOB.balance;
        uint64[5] memory rivals;
        for (uint256 n; n < 5; ++n) {
            rivals[n] = _post(BOB, k, 0, bytes32(n));
        }
        vm.assertEq(settlement.bondOf(k, 0), 32 * BOND);
        for (uint256 n; n < 5; ++n) {
            _prove(CAROL, rivals[n]);
        }
        vm.assertEq(settlement.bondOf(k, 0), BOND);
        settlement.withdraw(BOB);
        vm.assertEq(BOB.balance, bobs - 31 * BOND);
        vm.assertEq(settlement.creditOf(CAROL), 31 * BOND / 2);
    }

    /// @dev Right ones make it dearer as well, and get their bonds back. But then somebody has posted what is right, and that settles the range.
    function test_bondOf_rightRivals_settleTheRange() external {
        uint64 wrong = _post(CAROL, k, 0, "wrong");
        uint64 right = _post(BOB, k, 0, "right");
        uint64 copy = _post(BOB, k, 0, "right");
        vm.assertEq(settlement.bondOf(k, 0), 8 * BOND);
        _prove(ALICE, wrong);
        _finalise(right);
        settlement.reclaim(copy);
        vm.assertEq(settlement.creditOf(BOB), 6 * BOND);
    }
}

/// @title Settlement_AttackLoops_Test
/// @notice Sixteen dead candidates of one range, at the price of half of one bond: they go on from one that is wrong, by way of others that nobody has said
///         to be dead yet.
contract Settlement_AttackLoops_Test is SettlementTest {
    uint64 internal target;
    uint64 internal rightLast;

    function setUp() public override {
        super.setUp();
        uint64 k = _cut(1 ether);
        uint64 right = _post(ALICE, k, 0, "right");
        uint256 bobs = BOB.balance;
        uint64 wrong = _post(BOB, k, 0, "wrong");
        uint64 next = _cut(1 ether);
        uint64 last = _cut(1 ether);
        uint64[4] memory children;
        uint64[4] memory grandchildren;
        for (uint256 n; n < 4; ++n) {
            children[n] = _post(BOB, next, wrong, bytes32(n));
            grandchildren[n] = _post(BOB, last, children[n], bytes32(n));
        }
        target = _cut(1 ether);
        // Bob is first with it himself.
        _prove(BOB, wrong);
        for (uint256 n; n < 4; ++n) {
            _dead(children[n], grandchildren[n]);
        }
        settlement.withdraw(BOB);
        vm.assertEq(BOB.balance, bobs - BOND);
        uint64 rightNext = _post(ALICE, next, right, "right");
        rightLast = _post(ALICE, last, rightNext, "right");
        _finalise(right);
        _finalise(rightNext);
        _finalise(rightLast);
    }

    /// @dev Four of them, as long as a grandchild of the wrong one passes for alive.
    function _dead(uint64 _child, uint64 _grandchild) internal {
        uint64[4] memory dead;
        for (uint256 m; m < 4; ++m) {
            dead[m] = _post(BOB, target, _grandchild, bytes32(m));
        }
        settlement.reclaim(_child);
        settlement.reclaim(_grandchild);
        for (uint256 m; m < 4; ++m) {
            settlement.reclaim(dead[m]);
        }
    }

    /// @dev They do not make it dearer for others. Whoever likes passes some of them, and the right one is final as if they had never been.
    function test_pass_manyDead_inParts() external {
        vm.assertEq(settlement.candidatesOf(target).length, 16);
        vm.assertEq(settlement.bondOf(target, rightLast), BOND);
        uint64 late = _post(ALICE, target, rightLast, "right");
        for (uint64 passed = 5; passed < 16; passed += 5) {
            vm.assertEq(settlement.pass(target, 5), passed);
        }
        vm.assertEq(settlement.pass(target, 5), 16);
        _finalise(late);
        vm.assertEq(settlement.finalOf(target), late);
    }

    /// @dev To post one of them takes fifty times the gas that it takes to pass it.
    function test_pass_gas_succeeds() external {
        ISettlement.Posting memory posting = _posting(target, rightLast, "right");
        vm.prank(ALICE);
        settlement.post{ value: BOND }(posting, DATA);
        uint256 posted = vm.lastCallGas().gasTotalUsed;
        settlement.pass(target, 4);
        settlement.pass(target, 12);
        // Nothing of these was looked at before in this transaction.
        uint256 one = vm.lastCallGas().gasTotalUsed / 12;
        vm.snapshotValue("Settlement", "pass one", one);
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.assertLe(one, 4_000);
        vm.assertGt(posted, 50 * one);
    }
}
