// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { ContributionTest } from "test/utils/ContributionTest.sol";

/// @title ContributionRegistry_Statement_Test
/// @notice What is stated of a contribution until a Datanet has it: another root, another Datanet, acceptance, expulsion.
contract ContributionRegistry_Statement_Test is ContributionTest {
    /// @dev Documents that have their Datanet's licence have the other one's, which their leaves say: they are stated anew, and judged anew.
    function test_redirect_otherLicence_succeeds() public {
        (licenceOf[3], licenceOf[4]) = (2, 3);
        IContributionRegistry.Batch memory batch = _batch(10);
        (batch.datanet, batch.licence) = (3, 0);
        uint32 commitSeq = _commit(ALICE, batch, CID);
        _reveal(ALICE, commitSeq, batch, CID);
        licenceOf[5] = 2;
        vm.warp(START + WINDOW + 1 days);
        // To one with the same licence.
        vm.prank(ALICE);
        registry.redirect(commitSeq, 5, ROOT);
        _admission(commitSeq, START + WINDOW);
        vm.expectEmit();
        emit IContributionRegistry.Redirected(commitSeq, 5, 4);
        vm.expectEmit();
        emit IContributionRegistry.Restated(commitSeq, "others", 0);
        vm.prank(ALICE);
        registry.redirect(commitSeq, 4, "others");
        vm.assertEq(registry.recordOf(commitSeq).batchRoot, "others");
        vm.assertEq(registry.recordOf(commitSeq).datanet, 4);
        _admission(commitSeq, START + WINDOW + 1 days);
        // Whoever says that nothing is another is judged for it, too.
        uint64 until = START + WINDOW + 1 days + ADMISSION_TIME;
        vm.warp(until);
        vm.prank(ALICE);
        registry.redirect(commitSeq, 3, "others");
        _admission(commitSeq, until);
        vm.prank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_Invalid.selector);
        registry.redirect(commitSeq, 4, 0);
    }

    /// @dev With a licence of its own nothing is another, unless its contributor says so.
    function test_redirect_ownLicence_succeeds() public {
        (licenceOf[3], licenceOf[4]) = (2, 3);
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW + 1 days);
        vm.startPrank(ALICE);
        registry.redirect(commitSeq, 3, ROOT);
        registry.redirect(commitSeq, 4, ROOT);
        _admission(commitSeq, START + WINDOW);
        registry.redirect(commitSeq, 4, "others");
        _admission(commitSeq, START + WINDOW + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 0, 1));
        registry.redirect{ value: 1 }(commitSeq, 4, "others");
        vm.warp(START + WINDOW + 1 days + ADMISSION_TIME);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 0, 1));
        registry.redirect{ value: 1 }(commitSeq, 4, ROOT);
    }

    /// @dev Nobody can keep a contribution from being revealed; where it is not welcome it is not accepted, and its place in time goes elsewhere.
    function test_redirect_unwelcome_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(10);
        batch.datanet = 6;
        uint32 commitSeq = _commit(ALICE, batch, CID);
        _reveal(ALICE, commitSeq, batch, CID);
        // A copy of what it said.
        batch.contributor = 1;
        uint32 copied = _commit(BOB, batch, CID);
        vm.warp(START + WINDOW + ADMISSION_TIME);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotWelcome.selector, 6, 0));
        registry.accept(commitSeq, 6, ROOT);
        vm.expectEmit();
        emit IContributionRegistry.Redirected(commitSeq, 6, 5);
        vm.prank(ALICE);
        registry.redirect(commitSeq, 5, ROOT);
        vm.assertEq(registry.recordOf(commitSeq).datanet, 5);
        vm.assertEq(registry.recordOf(commitSeq).committedAt, START);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 6, ROOT);
        vm.assertEq(registry.checkAcceptable(commitSeq, 5, ROOT), 1);
        registry.accept(commitSeq, 5, ROOT);
        vm.assertLt(commitSeq, copied);
    }

    function test_redirect_reverts() public {
        uint32 commitSeq = _contribute();
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NoDatanet.selector, 8));
        registry.redirect(commitSeq, 8, ROOT);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 9));
        registry.redirect(9, 4, ROOT);
        vm.stopPrank();
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotKey.selector, 0));
        registry.redirect(commitSeq, 4, ROOT);
        // Not what nobody knows yet, and not what a Datanet has.
        uint32 hidden = _commit(ALICE, _batch(1), CID);
        vm.warp(START + WINDOW + ADMISSION_TIME);
        registry.accept(commitSeq, 5, ROOT);
        uint32[2] memory wrong = [hidden, commitSeq];
        for (uint256 k; k < 2; ++k) {
            vm.prank(ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, wrong[k])
            );
            registry.redirect(wrong[k], 4, ROOT);
        }
    }

    /// @dev Without a licence of its own a derivative would have more consent in another Datanet.
    function test_redirect_licence_reverts() public {
        (licenceOf[3], licenceOf[4]) = (2, 3);
        IContributionRegistry.Batch memory parent = _batch(1);
        parent.licence = 2;
        uint32 above = _commit(ALICE, parent, CID);
        _reveal(ALICE, above, parent, CID);
        (IContributionRegistry.Batch memory batch, uint32 commitSeq) = _child(3, 0, uint64(above) << 32);
        _reveal(ALICE, commitSeq, batch, CID);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Licence.selector, 2, 3));
        registry.redirect(commitSeq, 4, ROOT);
        licenceOf[5] = 1;
        registry.redirect(commitSeq, 5, ROOT);
        vm.assertEq(registry.recordOf(commitSeq).datanet, 5);
    }

    /// @dev Nothing is accepted as long as something that was committed before it may still be revealed, and not before its documents could be judged.
    function test_accept_beforeAdmissionIsOver_reverts() public {
        uint32 commitSeq = _contribute();
        uint64 until = START + WINDOW + ADMISSION_TIME;
        _admission(commitSeq, START + WINDOW);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, until));
        registry.accept(commitSeq, 5, ROOT);
        vm.warp(until);
        vm.expectEmit();
        emit IContributionRegistry.Accepted(commitSeq, 5);
        registry.accept(commitSeq, 5, ROOT);
        vm.assertTrue(registry.recordOf(commitSeq).isAccepted);
        (uint64 from, uint64 end) = registry.admissionOf(commitSeq);
        vm.assertEq(from + end, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, ROOT);
    }

    /// @dev Not with another root than the one that stands, and not while something is to be shown.
    function test_accept_contested_reverts() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW + ADMISSION_TIME);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, "others");
        _isContested[commitSeq] = true;
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, ROOT);
        (_isContested[commitSeq], _isVoid[commitSeq]) = (false, true);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, ROOT);
        _isVoid[commitSeq] = false;
        registry.accept(commitSeq, 5, ROOT);
    }

    /// @dev Its time of admission begins anew each time, but not before its window is over. What is stated when everything earlier is known stays until it is
    ///      judged.
    function test_restate_succeeds() public {
        uint32 commitSeq = _contribute();
        _restated(commitSeq, "a", START + WINDOW);
        vm.warp(START + WINDOW - 1);
        _restated(commitSeq, "b", START + WINDOW);
        vm.assertEq(registry.recordOf(commitSeq).revealedAt, START);
        // What was stated before everything was known can be replaced at any time, once.
        uint64 now_ = START + WINDOW + ADMISSION_TIME - 1;
        vm.warp(now_);
        _restated(commitSeq, "c", now_);
        _judged(commitSeq);
        now_ += ADMISSION_TIME - 1;
        vm.warp(now_);
        _judged(commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Judged.selector, now_ + 1));
        registry.redirect(commitSeq, 5, "more");
        // Afterwards again.
        vm.warp(now_ + 1);
        _restated(commitSeq, "d", now_ + 1);
        vm.warp(now_ + 1 + ADMISSION_TIME);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, "c");
        registry.accept(commitSeq, 5, "d");
        // Its place in time is as it was.
        vm.assertEq(registry.recordOf(commitSeq).committedAt, START);
    }

    /// @dev In the second in which the window is over everything is known.
    function test_restate_whenAllIsKnown_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW);
        _restated(commitSeq, "a", START + WINDOW);
        _judged(commitSeq);
    }

    /// @dev What is out of date is stated anew at once.
    function test_restate_outOfDate_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW);
        _restated(commitSeq, "a", START + WINDOW);
        vm.warp(START + WINDOW + 1 hours);
        _judged(commitSeq);
        _isVoid[commitSeq] = true;
        _restated(commitSeq, "b", START + WINDOW + 1 hours);
    }

    /// @dev By the contributor's key, another root than none, of what is revealed and neither accepted nor expelled.
    function test_restate_reverts() public {
        uint32 commitSeq = _contribute();
        uint32 lost = _contribute();
        uint32 hidden = _commit(ALICE, _batch(1), CID);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotKey.selector, 0));
        registry.restate(commitSeq, "others");
        vm.prank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_Invalid.selector);
        registry.restate(commitSeq, 0);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 9));
        registry.restate(9, "others");
        vm.warp(START + WINDOW + ADMISSION_TIME);
        registry.accept(commitSeq, 5, ROOT);
        registry.expel(lost);
        uint32[3] memory wrong = [commitSeq, lost, hidden];
        for (uint256 k; k < 3; ++k) {
            vm.prank(ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, wrong[k])
            );
            registry.restate(wrong[k], "others");
        }
    }

    /// @dev Half of the bond is nobody's any more, the other half is with who judges; the contribution is nobody's, and stays where it is.
    function test_expel_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(10);
        batch.size = 1_001;
        uint32 commitSeq = _commit(ALICE, batch, CID);
        _reveal(ALICE, commitSeq, batch, CID);
        uint32 other = _contribute();
        uint256 before = address(this).balance;
        vm.expectEmit();
        emit IContributionRegistry.Expelled(commitSeq, 1_501, 1_502);
        vm.assertEq(registry.expel(commitSeq), 1_502);
        vm.assertEq(address(this).balance, before + 1_502);
        vm.assertEq(address(registry).balance, 3_000);
        IContributionRegistry.Record memory record = registry.recordOf(commitSeq);
        vm.assertEq(record.expelledAt, START);
        vm.assertFalse(record.isAccepted);
        vm.assertEq(record.bond, 0);
        vm.assertEq(record.batchRoot, ROOT);
        (uint64 from, uint64 until) = registry.admissionOf(commitSeq);
        vm.assertEq(from + until, 0);
        // Nothing goes back, and there is nothing left to lose.
        vm.warp(START + BOND_TIME);
        registry.returnBond(commitSeq);
        vm.assertEq(address(registry).balance, 3_000);
        bytes memory notAcceptable =
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq);
        vm.expectRevert(notAcceptable);
        registry.accept(commitSeq, 5, ROOT);
        vm.expectRevert(notAcceptable);
        registry.expel(commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(notAcceptable);
        registry.redirect(commitSeq, 4, ROOT);
        registry.accept(other, 5, ROOT);
    }

    /// @dev Who contributed is known from the reveal on and stays, whatever becomes of the contribution, its Datanet or the key.
    function test_contributorOf_succeeds() public {
        uint32 hidden = _commit(ALICE, _batch(10), CID);
        IContributionRegistry.Batch memory batch = _batch(10);
        batch.contributor = 1;
        uint32 expelled = _commit(BOB, batch, CID);
        _reveal(BOB, expelled, batch, CID);
        uint32 waiting = _commit(BOB, batch, CID);
        _reveal(BOB, waiting, batch, CID);
        uint32 accepted = _contribute();
        registry.expel(expelled);
        vm.startPrank(BOB);
        contributors.changeKey(1, _account("fresh"));
        vm.stopPrank();
        vm.warp(START + WINDOW + ADMISSION_TIME);
        registry.accept(accepted, 5, ROOT);
        vm.assertEq(registry.contributorOf(expelled), 1);
        vm.assertEq(registry.contributorOf(waiting), 1);
        vm.assertEq(registry.contributorOf(accepted), 0);
        // The first of all contributors is not nobody: what nobody revealed, or committed to, has none.
        uint32[3] memory unknown = [hidden, 0, 9];
        for (uint256 k; k < 3; ++k) {
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, unknown[k])
            );
            registry.contributorOf(unknown[k]);
        }
    }

    /// @dev By who judges documents, of what is revealed and was not accepted.
    function test_expel_reverts() public {
        uint32 commitSeq = _contribute();
        uint32 hidden = _commit(ALICE, _batch(1), CID);
        vm.prank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_NotAdmission.selector);
        registry.expel(commitSeq);
        vm.warp(START + WINDOW + ADMISSION_TIME);
        registry.accept(commitSeq, 5, ROOT);
        uint32[2] memory wrong = [commitSeq, hidden];
        for (uint256 k; k < 2; ++k) {
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, wrong[k])
            );
            registry.expel(wrong[k]);
        }
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 9));
        registry.expel(9);
    }

    function test_accept_wrongly_reverts() public {
        uint32 commitSeq = _contribute();
        uint32 hidden = _commit(ALICE, _batch(1), CID);
        vm.warp(START + WINDOW + ADMISSION_TIME);
        vm.prank(BOB);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_NotDatanets.selector);
        registry.accept(commitSeq, 5, ROOT);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 6, ROOT);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, hidden)
        );
        registry.accept(hidden, 5, ROOT);
        vm.assertTrue(registry.isVoid(hidden));
    }
}
