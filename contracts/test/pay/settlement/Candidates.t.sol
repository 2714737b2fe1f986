// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { Settlement } from "src/pay/Settlement.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { SettlementTest } from "test/utils/SettlementTest.sol";

/// @title Settlement_Parameters_Test
contract Settlement_Parameters_Test is SettlementTest {
    function _reverts(Settlement.Parameters memory _with) internal {
        vm.expectRevert(ISettlement.Settlement_Parameters.selector);
        _settlement(_with);
    }

    function test_constructor_windows_reverts() external {
        _reverts(Settlement.Parameters(0, 0, WINDOW, FALLBACK, BOND, FEE));
        _reverts(Settlement.Parameters(INTERVAL, 0, 5, FALLBACK, BOND, FEE));
        _reverts(Settlement.Parameters(INTERVAL, 0, WINDOW, WINDOW - 1, BOND, FEE));
        _reverts(Settlement.Parameters(INTERVAL, 0, WINDOW, FALLBACK, 0, FEE));
        _settlement(Settlement.Parameters(1, 0, 6, 6, 1, 0));
    }

    function test_receive_gift_reverts() external {
        vm.prank(ALICE);
        (bool success, bytes memory data) = address(settlement).call{ value: 1 }("");
        vm.assertFalse(success);
        vm.assertEq(data, abi.encodePacked(ISettlement.Settlement_NotAllowed.selector));
    }
}

/// @title Settlement_Cut_Test
contract Settlement_Cut_Test is SettlementTest {
    function test_cut_range_succeeds() external {
        uint256 cutBlock = block.number;
        uint64 k = _cut(10 ether);
        vm.assertEq(k, 0);
        vm.assertEq(settlement.cuts(), 1);
        ISettlement.Range memory range = settlement.rangeOf(0);
        vm.assertEq(range.first, 0);
        vm.assertEq(range.end, 3);
        vm.assertEq(range.cutAt, block.timestamp);
        vm.assertEq(range.contributors, 2);
        vm.assertEq(range.pool, 10 ether);
        vm.assertEq(range.cutBlock, cutBlock);
        vm.assertEq(range.l1Block, 5_000);
        vm.assertEq(address(settlement).balance, 10 ether);
        // Contributors who come later are the next range's.
        contributors.register(CAROL);
        _cut(1 ether);
        range = settlement.rangeOf(1);
        vm.assertEq(range.first, 3);
        vm.assertEq(range.end, 6);
        vm.assertEq(range.contributors, 3);
    }

    function test_cut_tooEarly_reverts() external {
        _cut(1 ether);
        payments.pay(MODEL, 1);
        uint64 from = uint64(block.timestamp) + INTERVAL;
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooEarly.selector, from));
        settlement.cut();
        vm.warp(from);
        settlement.cut();
    }

    /// @dev A range of little is not worth a bond each hour.
    function test_cut_little_waits() external {
        settlement = _settlement(Settlement.Parameters(INTERVAL, 1 ether, WINDOW, FALLBACK, BOND, FEE));
        _cut(0);
        vm.deal(address(this), 2 ether);
        payments.pay{ value: 1 ether - 1 }(MODEL, 1);
        uint64 from = uint64(block.timestamp) + 24 * INTERVAL;
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooEarly.selector, from));
        settlement.cut();
        payments.pay{ value: 1 }(MODEL, 1);
        settlement.cut();
        payments.pay(MODEL, 1);
        vm.warp(block.timestamp + 24 * INTERVAL);
        settlement.cut();
    }

    function test_cut_nothingPaid_reverts() external {
        vm.expectRevert(ISettlement.Settlement_NothingPaid.selector);
        settlement.cut();
        _cut(0);
        vm.warp(block.timestamp + INTERVAL);
        vm.expectRevert(ISettlement.Settlement_NothingPaid.selector);
        settlement.cut();
    }

    function test_rangeOf_unknown_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, 0));
        settlement.rangeOf(0);
    }
}

/// @title Settlement_Post_Test
contract Settlement_Post_Test is SettlementTest {
    uint64 internal k;

    function setUp() public override {
        super.setUp();
        k = _cut(10 ether);
    }

    function _refused(ISettlement.Posting memory _of, bytes memory _error) internal {
        uint256 bond = settlement.bondOf(_of.k, _of.parent);
        vm.expectRevert(_error);
        vm.prank(ALICE);
        settlement.post{ value: bond }(_of, DATA);
    }

    function test_post_roots_succeeds() external {
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        vm.expectEmit();
        emit ISettlement.Posted(1, k, ALICE, BOND, posting, DATA);
        vm.prank(ALICE);
        vm.assertEq(settlement.post{ value: BOND }(posting, DATA), 1);
        ISettlement.Candidate memory candidate = settlement.candidateOf(1);
        vm.assertEq(candidate.k, k);
        vm.assertEq(candidate.parent, 0);
        vm.assertEq(candidate.postedAt, 5_000);
        vm.assertEq(candidate.poster, ALICE);
        vm.assertEq(candidate.bond, BOND);
        vm.assertEq(candidate.payoutSum, 5 ether);
        // The numbers of rows are the chain's, so that no posting has others.
        vm.assertEq(candidate.answersRoot, Trees.root(3, posting.answersTop));
        vm.assertEq(candidate.modelsRoot, Trees.sumRoot(1, posting.modelsTop, 5 ether));
        vm.assertEq(candidate.payoutRoot, Trees.sumRoot(2, posting.payoutsTop, 5 ether));
        vm.assertEq(settlement.epochOf(1).payoutsBefore, Trees.sumRoot(0, 0, 0));
        vm.assertEq(settlement.candidatesOf(k).length, 1);
        vm.assertEq(settlement.windowEndOf(1), 5_000 + WINDOW);
        // Nothing of it counts yet.
        vm.assertEq(settlement.finalOf(k), 0);
        vm.assertEq(vault.payoutRootOf(k), 0);
        vm.assertEq(vault.modelsRootOf(k), 0);
    }

    function test_post_sums_reverts() external {
        bytes memory error = abi.encodePacked(ISettlement.Settlement_Sums.selector);
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        ++posting.payoutSum;
        _refused(posting, error);
        posting.payoutSum -= 2;
        _refused(posting, error);
        ++posting.trainSum;
        posting.models = 0;
        _refused(posting, error);
        posting.models = 1;
        vm.prank(ALICE);
        settlement.post{ value: BOND }(posting, DATA);
        // A tree of no rows has no top.
        posting.models = 0;
        (posting.payoutSum, posting.trainSum) = (10 ether, 0);
        _refused(posting, error);
        // What was earned before can not be less.
        _cut(1 ether);
        posting = _posting(1, 1, "b");
        (posting.payoutSum, posting.trainSum) = (0, settlement.candidateOf(1).payoutSum + 1 ether);
        _refused(posting, error);
        // Sums beyond 2^128 do not come around.
        (posting.payoutSum, posting.trainSum) = (type(uint128).max, type(uint128).max);
        _refused(posting, error);
    }

    /// @dev As long as nobody has contributed all goes to training weights.
    function test_post_noContributors_succeeds() external {
        contributors = new ContributorRegistry();
        settlement = _settlement(Settlement.Parameters(1, 0, WINDOW, FALLBACK, BOND, FEE));
        payments.pay(MODEL, 1);
        settlement.cut();
        vm.roll(block.number + 1);
        ISettlement.Posting memory posting = _posting(0, 0, "a");
        _refused(posting, abi.encodePacked(ISettlement.Settlement_Sums.selector));
        posting.payoutsTop = 0;
        vm.prank(ALICE);
        settlement.post{ value: BOND }(posting, DATA);
    }

    function test_post_anchor_reverts() external {
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        posting.anchorHash = "another chain";
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Anchor.selector, posting.anchor));
        posting = _posting(k, 0, "a");
        posting.anchor = uint64(block.number) - 2;
        posting.anchorHash = blockhash(block.number - 2);
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Anchor.selector, posting.anchor));
        posting.anchor = uint64(block.number);
        posting.anchorHash = blockhash(block.number);
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Anchor.selector, posting.anchor));
        posting = _posting(k, 0, "a");
        vm.roll(block.number + 300);
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Anchor.selector, posting.anchor));
        posting.anchorHash = 0;
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Anchor.selector, posting.anchor));
    }

    /// @dev Candidates that others post meanwhile, or after a reorganisation, have other numbers: nobody goes on from one that they have not seen. What is
    ///      right behind one parent is wrong behind another, and would lose its bond.
    function test_post_anchorBeforeParent_reverts() external {
        uint64 next = _cut(1 ether);
        // Alice means to go on from her own, which she thinks will be the first.
        uint64 anchor = uint64(block.number) - 1;
        uint64 before = _post(BOB, k, 0, "b");
        vm.assertEq(_post(ALICE, k, 0, "a"), before + 1);
        ISettlement.Posting memory posting = _posting(next, before, "c");
        (posting.anchor, posting.anchorHash) = (anchor, blockhash(anchor));
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Anchor.selector, anchor));
        // The block that Bob's was posted in has it.
        (posting.anchor, posting.anchorHash) = (anchor + 1, blockhash(anchor + 1));
        uint256 bond = settlement.bondOf(next, 1);
        vm.prank(ALICE);
        settlement.post{ value: bond }(posting, DATA);
    }

    function test_post_parent_reverts() external {
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        posting.parent = 1;
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, 1));
        uint64 first = _post(ALICE, k, 0, "a");
        _cut(1 ether);
        _cut(1 ether);
        // Of the range before, and there.
        posting = _posting(2, first, "b");
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, first));
        posting = _posting(1, first, "b");
        posting.parent = 0;
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, 0));
        posting.parent = 7;
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, 7));
        // Not one that is faulted, or can not be final any more.
        uint64 second = _post(BOB, k, 0, "b");
        uint64 child = _post(ALICE, 1, second, "c");
        _prove(CAROL, second);
        posting = _posting(1, second, "b");
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, second));
        posting = _posting(2, child, "d");
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, child));
    }

    /// @dev What is more than the bond is the poster's.
    function test_post_more_succeeds() external {
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        vm.prank(ALICE);
        settlement.post{ value: BOND + 5 }(posting, DATA);
        vm.assertEq(settlement.creditOf(ALICE), 5);
        vm.assertEq(settlement.candidateOf(1).bond, BOND);
    }

    /// @dev A posting that was forced through the L1 comes when it comes.
    function test_post_noAnchor_succeeds() external {
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        (posting.anchor, posting.anchorHash) = (0, 0);
        vm.roll(block.number + 10_000);
        vm.prank(ALICE);
        settlement.post{ value: BOND }(posting, DATA);
    }

    function test_post_value_reverts() external {
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Value.selector, BOND, BOND - 1));
        vm.prank(ALICE);
        settlement.post{ value: BOND - 1 }(posting, DATA);
    }

    function test_post_dataRef_reverts() external {
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        vm.expectRevert(ISettlement.Settlement_DataRef.selector);
        settlement.post(posting, "");
        vm.expectRevert(ISettlement.Settlement_DataRef.selector);
        settlement.post(posting, new bytes(1_025));
        vm.prank(ALICE);
        settlement.post{ value: BOND }(posting, new bytes(1_024));
    }

    function test_post_unknown_reverts() external {
        ISettlement.Posting memory posting = _posting(k, 0, "a");
        posting.k = 1;
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, 1));
        settlement.post(posting, DATA);
    }

    function test_post_settled_reverts() external {
        _finalise(_post(ALICE, k, 0, "a"));
        ISettlement.Posting memory posting = _posting(k, 0, "b");
        _refused(posting, abi.encodeWithSelector(ISettlement.Settlement_Settled.selector, k));
    }

    /// @dev Each open rival doubles the bond, and a quarter of a large pool is the least.
    function test_bondOf_rivals_succeeds() external {
        vm.assertEq(settlement.bondOf(k, 0), BOND);
        uint64 wrong = _post(ALICE, k, 0, "a");
        vm.assertEq(settlement.bondOf(k, 0), 2 * BOND);
        _post(BOB, k, 0, "b");
        vm.assertEq(settlement.bondOf(k, 0), 4 * BOND);
        _prove(CAROL, wrong);
        vm.assertEq(settlement.bondOf(k, 0), 2 * BOND);
        // By what it could take, and by who goes on from the same.
        uint64 large = _cut(8_000 ether);
        vm.assertEq(settlement.bondOf(large, 2), 2_000.625 ether);
        vm.deal(address(vault), 4_000 ether);
        vm.assertEq(settlement.bondOf(large, 2), 3_000.625 ether);
        _post(BOB, large, 2, "c");
        vm.assertEq(settlement.bondOf(large, 2), 6_001.25 ether);
        vm.assertEq(settlement.bondOf(large, 3), 3_000.625 ether);
    }
}

/// @title Settlement_Finalise_Test
contract Settlement_Finalise_Test is SettlementTest {
    uint64 internal k;

    function setUp() public override {
        super.setUp();
        k = _cut(10 ether);
    }

    function test_finalise_pool_succeeds() external {
        uint64 candidate = _post(ALICE, k, 0, "a");
        _toL1(settlement.windowEndOf(candidate) - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooEarly.selector, 5_000 + WINDOW));
        settlement.finalise(candidate);
        _passL1(1);
        ISettlement.Candidate memory of_ = settlement.candidateOf(candidate);
        vm.expectEmit();
        emit ISettlement.Finalised(candidate, k, of_.payoutRoot, of_.modelsRoot, of_.payoutSum);
        settlement.finalise(candidate);
        _is(candidate, ISettlement.Status.FINAL);
        vm.assertEq(settlement.finalOf(k), candidate);
        vm.assertEq(vault.payoutRootOf(k), of_.payoutRoot);
        vm.assertEq(vault.modelsRootOf(k), of_.modelsRoot);
        vm.assertEq(address(vault).balance, 10 ether);
        // The bond is its poster's again.
        vm.assertEq(settlement.creditOf(ALICE), BOND);
        uint256 before = ALICE.balance;
        vm.assertEq(settlement.withdraw(ALICE), BOND);
        vm.assertEq(ALICE.balance, before + BOND);
        vm.assertEq(settlement.withdraw(ALICE), 0);
        vm.assertEq(address(settlement).balance, 0);
        // What is final is so for ever: no proof, no second time.
        bytes memory proof = _proof(candidate, 2);
        settlement.commitFault(settlement.faultHash(candidate, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        vm.prank(CAROL);
        settlement.prove(candidate, proof, "salt");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        settlement.finalise(candidate);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        settlement.reclaim(candidate);
    }

    /// @dev The earliest of those that are left wins, and the others get their bonds back.
    function test_finalise_rivals_succeeds() external {
        uint64 wrong = _post(ALICE, k, 0, "a");
        _passL1(10);
        uint64 right = _post(BOB, k, 0, "b");
        _passL1(10);
        uint64 late = _post(CAROL, k, 0, "c");
        _toL1(settlement.windowEndOf(late));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Later.selector, wrong));
        settlement.finalise(right);
        _prove(CAROL, wrong);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Later.selector, right));
        settlement.finalise(late);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Alive.selector, late));
        settlement.reclaim(late);
        settlement.finalise(right);
        settlement.reclaim(late);
        _is(late, ISettlement.Status.DEAD);
        vm.assertEq(settlement.creditOf(BOB), 2 * BOND);
        // Half of the wrong one's bond, and her own.
        vm.assertEq(settlement.creditOf(CAROL), BOND / 2 + 4 * BOND);
        vm.assertEq(settlement.creditOf(ALICE), 0);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, late));
        settlement.reclaim(late);
    }

    /// @dev A child waits for its parent, and dies with it; its bond is not lost.
    function test_finalise_childOfFaulted_dies() external {
        uint64 wrong = _post(ALICE, k, 0, "a");
        uint64 right = _post(BOB, k, 0, "b");
        uint64 next = _cut(2 ether);
        uint64 last = _cut(2 ether);
        uint64 child = _post(ALICE, next, wrong, "c");
        uint64 grandchild = _post(ALICE, last, child, "d");
        _toL1(settlement.windowEndOf(grandchild));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, wrong));
        settlement.finalise(child);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Alive.selector, child));
        settlement.reclaim(child);
        _prove(CAROL, wrong);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, child));
        settlement.finalise(child);
        // Lazily: a grandchild lives until its parent is said to be dead.
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Alive.selector, grandchild));
        settlement.reclaim(grandchild);
        settlement.reclaim(child);
        settlement.reclaim(grandchild);
        vm.assertEq(settlement.creditOf(ALICE), 2 * BOND);
        // From the right one on it goes on.
        uint64 again = _post(BOB, next, right, "e");
        settlement.finalise(right);
        _finalise(again);
        vm.assertEq(settlement.epochOf(again).payoutsBefore, vault.payoutRootOf(k));
        vm.assertEq(address(vault).balance, 12 ether);
    }

    /// @dev A child of a rival that lost, though it was not wrong.
    function test_finalise_childOfLater_dies() external {
        uint64 winner = _post(ALICE, k, 0, "a");
        uint64 loser = _post(BOB, k, 0, "b");
        uint64 next = _cut(2 ether);
        uint64 child = _post(BOB, next, loser, "c");
        _finalise(winner);
        _toL1(settlement.windowEndOf(child));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, child));
        settlement.finalise(child);
        settlement.reclaim(child);
        settlement.reclaim(loser);
        vm.assertEq(settlement.creditOf(BOB), 3 * BOND);
        // Nobody can go on from a rival that lost.
        ISettlement.Posting memory posting = _posting(next, loser, "d");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, loser));
        settlement.post{ value: 0 }(posting, DATA);
    }

    /// @dev However many are dead, they can be passed a few at a time, and what was passed stays so.
    function test_pass_some_succeeds() external {
        for (uint256 n; n < 7; ++n) {
            _prove(CAROL, _post(ALICE, k, 0, bytes32(n)));
        }
        uint64 right = _post(BOB, k, 0, "b");
        vm.assertEq(settlement.pass(k, 0), 0);
        vm.assertEq(settlement.pass(k, 3), 3);
        vm.assertEq(settlement.pass(k, 3), 6);
        // No further than to one that can still be final.
        vm.assertEq(settlement.pass(k, type(uint64).max), 7);
        vm.assertEq(settlement.pass(k, 3), 7);
        _finalise(right);
        vm.assertEq(settlement.pass(k, 3), 8);
        vm.assertEq(settlement.pass(k, 3), 8);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, 1));
        settlement.pass(1, 1);
    }

    /// @dev Who passed the dead pays for them; who makes one final behind them does not.
    function test_pass_fallBack_succeeds() external {
        for (uint256 n; n < 5; ++n) {
            _prove(CAROL, _post(ALICE, k, 0, bytes32(n)));
        }
        _passL1(FALLBACK);
        vm.assertEq(settlement.pass(k, 4), 4);
        settlement.fallBack(k);
        vm.assertEq(settlement.pass(k, 4), 5);
    }

    function test_finalise_unknown_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, 9));
        settlement.finalise(9);
    }

    /// @dev A poster who refuses coins holds nothing up.
    function test_finalise_refuser_succeeds() external {
        address refuser = address(new Refuser());
        vm.deal(refuser, BOND);
        uint64 candidate = _post(refuser, k, 0, "a");
        _finalise(candidate);
        vm.assertEq(settlement.creditOf(refuser), BOND);
        vm.expectRevert();
        settlement.withdraw(refuser);
    }
}

/// @title Settlement_FallBack_Test
contract Settlement_FallBack_Test is SettlementTest {
    uint64 internal k;

    function setUp() public override {
        super.setUp();
        k = _cut(10 ether);
    }

    /// @dev A poster who vanishes: what nobody settles goes to the training weights.
    function test_fallBack_nobodyPosts_succeeds() external {
        _toL1(5_000 + FALLBACK - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooEarly.selector, 5_000 + FALLBACK));
        settlement.fallBack(k);
        _passL1(1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NoFallback.selector, k));
        settlement.feedFallback(k, MODEL);
        uint64 candidate = settlement.fallBack(k);
        _is(candidate, ISettlement.Status.FINAL);
        vm.assertEq(settlement.finalOf(k), candidate);
        vm.assertEq(vault.payoutRootOf(k), Trees.sumRoot(0, 0, 0));
        vm.assertEq(vault.modelsRootOf(k), Trees.sumRoot(0, 0, 0));
        settlement.feedFallback(k, MODEL);
        vm.assertEq(address(accumulator).balance, 10 ether);
        vm.assertEq(address(settlement).balance, 0);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_FedBefore.selector, k, MODEL));
        settlement.feedFallback(k, MODEL);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Settled.selector, k));
        settlement.fallBack(k);
    }

    /// @dev What was earned before stays, and later epochs go on from it.
    function test_fallBack_afterFinal_succeeds() external {
        uint64 first = _post(ALICE, k, 0, "a");
        _finalise(first);
        uint64 next = _cut(4 ether);
        uint64 last = _cut(6 ether);
        _passL1(FALLBACK);
        uint64 fell = settlement.fallBack(next);
        // Who goes on from it has seen it.
        ISettlement.Posting memory posting = _posting(last, fell, "b");
        uint256 bond = settlement.bondOf(last, fell);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Anchor.selector, posting.anchor));
        vm.prank(BOB);
        settlement.post{ value: bond }(posting, DATA);
        vm.roll(block.number + 1);
        vm.assertEq(vault.payoutRootOf(next), vault.payoutRootOf(k));
        vm.assertEq(settlement.candidateOf(fell).payoutSum, settlement.candidateOf(first).payoutSum);
        // The next one has a time of grace, in which somebody can post.
        uint64 from = _l1() + WINDOW / 3;
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooEarly.selector, from));
        settlement.fallBack(last);
        uint64 candidate = _post(BOB, last, fell, "b");
        _toL1(from);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Later.selector, candidate));
        settlement.fallBack(last);
        _finalise(candidate);
        settlement.feedFallback(next, MODEL);
        vm.assertEq(address(vault).balance, 16 ether);
        vm.assertEq(address(accumulator).balance, 4 ether);
        vm.assertEq(address(settlement).balance, 2 * BOND);
    }

    function test_fallBack_orderOfRanges_reverts() external {
        uint64 next = _cut(4 ether);
        _passL1(2 * FALLBACK);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, 0));
        settlement.fallBack(next);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Unknown.selector, 2));
        settlement.fallBack(2);
    }

    /// @dev As long as somebody can still win, nobody gives up; who can not is in nobody's way.
    function test_fallBack_candidates_succeeds() external {
        uint64 wrong = _post(ALICE, k, 0, "a");
        _toL1(5_000 + FALLBACK);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Later.selector, wrong));
        settlement.fallBack(k);
        _prove(CAROL, wrong);
        settlement.fallBack(k);
        // Its children die, too.
        uint64 next = _cut(1 ether);
        ISettlement.Posting memory posting = _posting(next, wrong, "b");
        uint256 bond = settlement.bondOf(next, wrong);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_Parent.selector, wrong));
        vm.prank(ALICE);
        settlement.post{ value: bond }(posting, DATA);
    }
}
