// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { SettlementRowsTest } from "test/utils/SettlementRowsTest.sol";
import { SettlementTest } from "test/utils/SettlementTest.sol";

/// @title Settlement_RewardLimits_Test
/// @notice Who has the reward is not always who found the fault. The candidate is overturned all the same, and half of its bond is destroyed.
contract Settlement_RewardLimits_Test is SettlementTest {
    uint64 internal candidate;
    bytes internal proof;

    function setUp() public override {
        super.setUp();
        candidate = _post(BOB, _cut(10 ether), 0, "wrong");
        proof = _proof(candidate, 2);
    }

    function _showBy(address _by) internal {
        vm.prank(_by);
        settlement.prove(candidate, proof, "salt");
    }

    function _commitBy(address _by) internal {
        settlement.commitFault(settlement.faultHash(candidate, _by, proof, "salt"));
    }

    function _refused(address _by) internal {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        _showBy(_by);
    }

    /// @dev Who orders transactions sees Carol's proof, keeps it back for a block, commits to it and is first: here Alice.
    function test_prove_keptBackBySequencer_isNotPrevented() external {
        _commitBy(CAROL);
        vm.roll(block.number + 1);
        // Carol's transaction with the proof is there to be seen, and is not taken.
        _commitBy(ALICE);
        vm.roll(block.number + 1);
        _showBy(ALICE);
        _refused(CAROL);
        vm.assertEq(settlement.creditOf(ALICE), BOND / 2);
        vm.assertEq(settlement.creditOf(CAROL), 0);
        _is(candidate, ISettlement.Status.FAULTED);
    }

    /// @dev Who posts something wrong knows the fault, and has committed to it before anybody has found it. When Carol commits he shows it himself: she has
    ///      nothing, and he has lost half of his bond instead of all of it.
    function test_prove_byThePosterFirst_isNotPrevented() external {
        uint256 before = BOB.balance;
        _commitBy(BOB);
        vm.roll(block.number + 1);
        _commitBy(CAROL);
        _showBy(BOB);
        vm.roll(block.number + 1);
        _refused(CAROL);
        vm.assertEq(settlement.creditOf(CAROL), 0);
        settlement.withdraw(BOB);
        vm.assertEq(BOB.balance, before + BOND / 2);
    }

    /// @dev The same by a demand that the poster makes first and does not answer: half of the bond is the poster's again.
    function test_faultByDemand_ofThePosters_isNotPrevented() external {
        uint256 before = BOB.balance;
        vm.prank(BOB);
        settlement.demand{ value: FEE }(candidate, _demand(0));
        vm.expectRevert(ISettlement.Settlement_Demanded.selector);
        vm.prank(CAROL);
        settlement.demand{ value: FEE }(candidate, _demand(0));
        _passL1(WINDOW / 6);
        settlement.faultByDemand(candidate, _demand(0));
        settlement.withdraw(BOB);
        vm.assertEq(BOB.balance, before + BOND / 2);
    }
}

/// @title Settlement_BondLimits_Test
/// @notice What a bond does not cover.
contract Settlement_BondLimits_Test is SettlementRowsTest {
    uint64 internal k;
    uint64 internal right;
    bytes internal hers;
    bytes internal stolen;

    function setUp() public override {
        super.setUp();
        k = _cut(40_000 ether);
        hers = _row(0, 40_000 ether, 40_000 ether, "hers");
        stolen = _row(1, 40_000 ether + 1, 1, "his");
        right = _put(ALICE, _rows(k, 0, hers, _none(1, 0)));
    }

    /// @dev Bob says that all is his, and when nobody has looked it is.
    function _take() internal returns (uint256 bond_) {
        uint64 next = settlement.cuts() - 1;
        bond_ = settlement.bondOf(next, right);
        uint64 wrong = _put(BOB, _rows(next, right, _none(0, 0), stolen));
        _toL1(settlement.windowEndOf(wrong));
        if (settlement.finalOf(k) == 0) settlement.finalise(right);
        settlement.finalise(wrong);
        uint256 before = BOB.balance;
        vault.claim(next, stolen, _place(1, _none(0, 0)));
        vm.assertEq(BOB.balance, before + 40_000 ether + 1);
        vm.assertEq(settlement.creditOf(BOB), bond_);
    }

    /// @dev What nobody shows to be wrong counts, whatever it was bonded with: one who watches is enough, and one is needed.
    function test_finalise_nobodyLooks_isNotPrevented() external {
        _finalise(right);
        _cut(1);
        vm.assertEq(_take(), 10_000 ether);
    }

    /// @dev A bond follows what the vault has when the candidate is posted. Of what open ranges before will bring there it is a smaller part.
    function test_bondOf_behindLargeOpenRange_isLess() external {
        _cut(1);
        vm.assertEq(_take(), 2_500 ether);
        vm.assertEq(settlement.bondOf(k, 0), 10_000 ether);
    }
}
