// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { ContributionRegistry } from "src/datanet/ContributionRegistry.sol";
import { ContributionTest } from "test/utils/ContributionTest.sol";
import { Reenterer } from "test/mocks/Economy.sol";

/// @title ContributionRegistry_Bond_Test
/// @notice Bonds, and when they go back.
contract ContributionRegistry_Bond_Test is ContributionTest {
    /// @dev A bond does not go back while it can be lost: while its documents are judged, and while something that was asked of them is missing. What was
    ///      shown to be out of date is its contributor's to state anew, and costs nothing.
    function test_returnBond_judged_reverts() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + BOND_TIME - 1 days);
        vm.prank(ALICE);
        registry.restate(commitSeq, "others");
        uint64 until = START + BOND_TIME - 1 days + ADMISSION_TIME;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, until));
        registry.returnBond(commitSeq);
        vm.warp(until);
        _isContested[commitSeq] = true;
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq)
        );
        registry.returnBond(commitSeq);
        (_isContested[commitSeq], _isVoid[commitSeq]) = (false, true);
        registry.returnBond(commitSeq);
        vm.assertEq(registry.recordOf(commitSeq).bond, 0);
    }

    /// @dev What is judged has a bond: where it went back it is paid again.
    function test_restate_withoutBond_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 0, 3_000));
        registry.restate{ value: 3_000 }(commitSeq, "others");
        vm.warp(START + BOND_TIME);
        registry.returnBond(commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 3_000, 0));
        registry.restate(commitSeq, "others");
        vm.expectEmit();
        emit IContributionRegistry.Restated(commitSeq, "others", 3_000);
        vm.prank(ALICE);
        registry.restate{ value: 3_000 }(commitSeq, "others");
        vm.assertEq(registry.recordOf(commitSeq).bond, 3_000);
        // It goes back again when nothing can be lost of it.
        vm.warp(START + BOND_TIME + ADMISSION_TIME);
        registry.returnBond(commitSeq);
        vm.assertEq(address(registry).balance, 0);
        vm.prank(ALICE);
        registry.redirect{ value: 3_000 }(commitSeq, 4, "more");
        vm.assertEq(registry.expel(commitSeq), 1_500);
    }

    /// @dev Where bonds are nothing there is nothing to lose, or to send.
    function test_expel_withoutBond_succeeds() public {
        ContributionRegistry.Parameters memory parameters =
            ContributionRegistry.Parameters(WINDOW, ADMISSION_TIME, BOND_TIME, 0);
        registry = new ContributionRegistry(contributors, licences, this, this, parameters);
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        vm.prank(ALICE);
        registry.reveal(commitSeq, _batch(10), CID, "salt", ROOT);
        vm.assertEq(registry.expel(commitSeq), 0);
        vm.assertTrue(registry.recordOf(commitSeq).expelledAt != 0);
    }

    /// @dev A lost key does not lose the bonds that it paid; nobody has them while it is not known who is to have them.
    function test_returnBond_inRecovery_reverts() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + BOND_TIME);
        address fresh = _recovery();
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_InRecovery.selector, 0));
        registry.returnBond(commitSeq);
        vm.warp(START + BOND_TIME + 1 days);
        contributors.finishRecovery(0);
        uint256 before = fresh.balance;
        vm.expectEmit();
        emit IContributionRegistry.BondReturned(commitSeq, fresh, 3_000);
        registry.returnBond(commitSeq);
        vm.assertEq(fresh.balance, before + 3_000);
    }

    /// @dev Nothing is due to anybody of what was never revealed.
    function test_returnBond_void_succeeds() public {
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        vm.warp(START + WINDOW);
        registry.returnBond(commitSeq);
        vm.assertEq(registry.recordOf(commitSeq).bond, 0);
        vm.assertEq(registry.recordOf(commitSeq).batchRoot, 0);
        vm.assertEq(registry.recordOf(commitSeq).statedAt, 0);
    }

    function test_returnBond_accepted_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW + ADMISSION_TIME);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, START + BOND_TIME)
        );
        registry.returnBond(commitSeq);
        registry.accept(commitSeq, 5, ROOT);
        uint256 before = ALICE.balance;
        vm.expectEmit();
        emit IContributionRegistry.BondReturned(commitSeq, ALICE, 3_000);
        registry.returnBond(commitSeq);
        vm.assertEq(ALICE.balance, before + 3_000);
        // Not twice.
        registry.returnBond(commitSeq);
        vm.assertEq(ALICE.balance, before + 3_000);
    }

    /// @dev Whatever a Datanet does or does not do, the bond goes back.
    function test_returnBond_neverAccepted_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + BOND_TIME);
        uint256 before = ALICE.balance;
        registry.returnBond(commitSeq);
        vm.assertEq(ALICE.balance, before + 3_000);
    }

    function test_returnBond_reentered_succeeds() public {
        Reenterer payee = new Reenterer();
        uint32 commitSeq = _contribute();
        payee.prepare(abi.encodeCall(IContributionRegistry.returnBond, (commitSeq)));
        vm.warp(START + BOND_TIME);
        _contribute();
        vm.prank(ALICE);
        contributors.changePayee(0, address(payee));
        registry.returnBond(commitSeq);
        vm.assertEq(payee.paid(), 3_000);
        vm.assertEq(address(registry).balance, 3_000);
    }

    /// @dev In any order of calls the contract holds the bonds that did neither go back nor were lost, and nothing else.
    function testFuzz_bonds_succeeds(uint16[6] memory _sizes, uint8[12] memory _calls) public {
        uint256 held;
        for (uint256 k; k < 6; ++k) {
            IContributionRegistry.Batch memory batch = _batch(1);
            batch.size = _sizes[k] = uint16(_bound(_sizes[k], 1, type(uint16).max));
            uint32 commitSeq = _commit(ALICE, batch, CID);
            _reveal(ALICE, commitSeq, batch, CID);
            held += 3 * uint256(_sizes[k]);
        }
        vm.warp(START + WINDOW + ADMISSION_TIME);
        for (uint256 k; k < 12; ++k) {
            uint32 commitSeq = uint32(_calls[k] % 6) + 1;
            IContributionRegistry.Record memory record = registry.recordOf(commitSeq);
            bool isWaiting = !record.isAccepted && record.expelledAt == 0;
            if (isWaiting && _calls[k] > 99) registry.expel(commitSeq);
            else if (isWaiting) registry.accept(commitSeq, 5, ROOT);
            registry.returnBond(commitSeq);
            held -= record.bond;
            vm.assertEq(address(registry).balance, held);
        }
    }
}
