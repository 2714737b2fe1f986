// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { Test } from "test/utils/Test.sol";

/// @title ContributorRegistry_Test
/// @notice Ids, keys and payees; what a guardian can do, and what a thief of the key can not.
contract ContributorRegistry_Test is Test {
    ContributorRegistry internal registry;

    address internal immutable GUARDIAN = _account("guardian");
    address internal immutable THIEF = _account("thief");
    address internal immutable FRESH = _account("fresh");

    uint32 internal constant DELAY = 3 days;

    function setUp() public {
        registry = new ContributorRegistry();
        vm.warp(1_000_000);
        vm.prank(ALICE);
        registry.register(ALICE);
    }

    function _guardian(bool _prevails) internal {
        vm.prank(ALICE);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(GUARDIAN, DELAY, _prevails));
    }

    function _recovery() internal {
        vm.prank(GUARDIAN);
        registry.startRecovery(0, FRESH, FRESH);
    }

    function test_register_succeeds() public {
        vm.expectEmit();
        emit IContributorRegistry.Registered(1, BOB, ALICE);
        vm.prank(BOB);
        vm.assertEq(registry.register(ALICE), 1);
        vm.snapshotGasLastCall("ContributorRegistry", "register");
        vm.assertEq(registry.count(), 2);
        vm.assertEq(registry.keyOf(1), BOB);
        vm.assertEq(registry.payeeOf(1), ALICE);
        vm.assertEq(registry.payeeFor(1, THIEF), ALICE);
        vm.assertFalse(registry.inRecovery(1));
        vm.assertEq(registry.guardianOf(1).account, address(0));
    }

    function test_register_zero_reverts() public {
        vm.expectRevert(IContributorRegistry.ContributorRegistry_Zero.selector);
        registry.register(address(0));
    }

    function test_views_unknown_reverts() public {
        bytes memory unknown = abi.encodeWithSelector(IContributorRegistry.ContributorRegistry_Unknown.selector, 1);
        vm.expectRevert(unknown);
        registry.keyOf(1);
        vm.expectRevert(unknown);
        registry.payeeOf(1);
        vm.expectRevert(unknown);
        registry.payeeFor(1, BOB);
        vm.expectRevert(unknown);
        registry.guardianOf(1);
        vm.expectRevert(unknown);
        registry.inRecovery(1);
        vm.expectRevert(unknown);
        registry.changeKey(1, BOB);
    }

    function test_changeKey_succeeds() public {
        vm.expectEmit();
        emit IContributorRegistry.KeyChanged(0, BOB);
        vm.prank(ALICE);
        registry.changeKey(0, BOB);
        vm.assertEq(registry.keyOf(0), BOB);
        // The old key is nobody's any more.
        vm.prank(ALICE);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotKey.selector);
        registry.changePayee(0, ALICE);
    }

    function test_changePayee_succeeds() public {
        vm.expectEmit();
        emit IContributorRegistry.PayeeChanged(0, BOB);
        vm.prank(ALICE);
        registry.changePayee(0, BOB);
        vm.assertEq(registry.payeeOf(0), BOB);
    }

    function test_change_zero_reverts() public {
        vm.startPrank(ALICE);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_Zero.selector);
        registry.changeKey(0, address(0));
        vm.expectRevert(IContributorRegistry.ContributorRegistry_Zero.selector);
        registry.changePayee(0, address(0));
    }

    function test_change_byAnother_reverts() public {
        vm.startPrank(THIEF);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotKey.selector);
        registry.changeKey(0, THIEF);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotKey.selector);
        registry.changePayee(0, THIEF);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotKey.selector);
        registry.allowClaimFor(0, false);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotKey.selector);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(THIEF, DELAY, true));
    }

    function test_allowClaimFor_succeeds() public {
        vm.startPrank(ALICE);
        registry.allowClaimFor(0, false);
        vm.assertEq(registry.payeeFor(0, THIEF), address(0));
        vm.assertEq(registry.payeeFor(0, ALICE), registry.payeeOf(0));
        registry.allowClaimFor(0, true);
        vm.assertEq(registry.payeeFor(0, THIEF), registry.payeeOf(0));
    }

    function test_proposeGuardian_first_succeeds() public {
        vm.expectEmit();
        emit IContributorRegistry.GuardianProposed(0, GUARDIAN, DELAY, true, uint64(block.timestamp));
        _guardian(true);
        IContributorRegistry.Guardian memory guardian = registry.guardianOf(0);
        vm.assertEq(guardian.account, GUARDIAN);
        vm.assertEq(guardian.delay, DELAY);
        vm.assertTrue(guardian.prevails);
    }

    function test_proposeGuardian_delay_reverts() public {
        uint32[2] memory delays = [uint32(1 days - 1), uint32(30 days + 1)];
        for (uint256 k; k < 2; ++k) {
            vm.prank(ALICE);
            vm.expectRevert(abi.encodeWithSelector(IContributorRegistry.ContributorRegistry_Delay.selector, delays[k]));
            registry.proposeGuardian(0, IContributorRegistry.Guardian(GUARDIAN, delays[k], false));
        }
    }

    /// @dev A thief of the key is not rid of the guardian before the guardian can act.
    function test_proposeGuardian_another_takesTheDelay_succeeds() public {
        _guardian(true);
        vm.prank(ALICE);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(address(0), 0, false));
        vm.warp(block.timestamp + DELAY - 1);
        vm.assertEq(registry.guardianOf(0).account, GUARDIAN);
        // A new proposal begins anew.
        vm.prank(ALICE);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(THIEF, DELAY, true));
        vm.warp(block.timestamp + 1);
        vm.assertEq(registry.guardianOf(0).account, GUARDIAN);
        vm.warp(block.timestamp + DELAY - 1);
        vm.assertEq(registry.guardianOf(0).account, THIEF);
        vm.prank(GUARDIAN);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotGuardian.selector);
        registry.startRecovery(0, FRESH, FRESH);
        vm.expectEmit();
        emit IContributorRegistry.GuardianChanged(0, THIEF, DELAY, true);
        vm.prank(THIEF);
        registry.startRecovery(0, THIEF, THIEF);
    }

    /// @dev The first guardian is there at once, and it is said when the next is proposed.
    function test_proposeGuardian_takenOver_succeeds() public {
        _guardian(false);
        vm.expectEmit();
        emit IContributorRegistry.GuardianChanged(0, GUARDIAN, DELAY, false);
        vm.expectEmit();
        emit IContributorRegistry.GuardianProposed(0, BOB, DELAY, true, uint64(block.timestamp) + DELAY);
        vm.prank(ALICE);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(BOB, DELAY, true));
    }

    function test_recovery_lostKey_succeeds() public {
        _guardian(false);
        uint64 end = uint64(block.timestamp) + DELAY;
        vm.expectEmit();
        emit IContributorRegistry.RecoveryStarted(0, FRESH, FRESH, end);
        _recovery();
        vm.assertTrue(registry.inRecovery(0));
        vm.assertEq(registry.payeeFor(0, ALICE), address(0));
        vm.warp(end - 1);
        vm.expectRevert(abi.encodeWithSelector(IContributorRegistry.ContributorRegistry_TooEarly.selector, end));
        registry.finishRecovery(0);
        vm.warp(end);
        registry.finishRecovery(0);
        vm.assertEq(registry.keyOf(0), FRESH);
        vm.assertEq(registry.payeeOf(0), FRESH);
        vm.assertFalse(registry.inRecovery(0));
        vm.assertEq(registry.payeeFor(0, THIEF), FRESH);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NoRecovery.selector);
        registry.finishRecovery(0);
    }

    /// @dev A guardian that prevails gets an id back from a thief, who can neither move it away nor stop the recovery nor name another guardian.
    function test_recovery_stolenKey_succeeds() public {
        _guardian(true);
        // The thief proposes one of their own, and the guardian is in time.
        vm.prank(ALICE);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(THIEF, 1 days, true));
        vm.warp(block.timestamp + DELAY - 1);
        _recovery();
        vm.startPrank(ALICE);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_InRecovery.selector);
        registry.changeKey(0, THIEF);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_InRecovery.selector);
        registry.changePayee(0, THIEF);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_InRecovery.selector);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(THIEF, 1 days, true));
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotKey.selector);
        registry.stopRecovery(0);
        vm.stopPrank();
        vm.warp(block.timestamp + DELAY);
        vm.expectEmit();
        emit IContributorRegistry.GuardianDropped(0, THIEF);
        registry.finishRecovery(0);
        vm.assertEq(registry.keyOf(0), FRESH);
        // What the thief proposed does not come true.
        vm.assertEq(registry.guardianOf(0).account, GUARDIAN);
    }

    /// @dev A guardian can not keep a contributor in recovery for ever: who stops one has a delay of peace, and can name another guardian in it.
    function test_recovery_abuse_reverts() public {
        _guardian(false);
        _recovery();
        vm.expectEmit();
        uint64 from = uint64(block.timestamp) + DELAY;
        emit IContributorRegistry.RecoveryStopped(0, from);
        vm.prank(ALICE);
        registry.stopRecovery(0);
        vm.prank(ALICE);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(address(0), 0, false));
        vm.warp(from - 1);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IContributorRegistry.ContributorRegistry_TooEarly.selector, from));
        registry.startRecovery(0, FRESH, FRESH);
        vm.warp(from);
        vm.prank(GUARDIAN);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotGuardian.selector);
        registry.startRecovery(0, FRESH, FRESH);
    }

    /// @dev The delay of peace is from the guardian who was stopped, and not from the one after.
    function test_recovery_byTheNextGuardian_succeeds() public {
        _guardian(false);
        vm.prank(ALICE);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(BOB, DELAY, false));
        vm.warp(block.timestamp + DELAY - 1);
        _recovery();
        vm.prank(ALICE);
        registry.stopRecovery(0);
        vm.warp(block.timestamp + 1);
        vm.prank(BOB);
        registry.startRecovery(0, FRESH, FRESH);
        vm.assertTrue(registry.inRecovery(0));
    }

    function test_stopRecovery_byGuardian_succeeds() public {
        _guardian(true);
        _recovery();
        vm.expectEmit();
        emit IContributorRegistry.RecoveryStopped(0, 0);
        vm.prank(GUARDIAN);
        registry.stopRecovery(0);
        vm.assertFalse(registry.inRecovery(0));
        // The guardian made a mistake, and starts again at once.
        _recovery();
        vm.assertTrue(registry.inRecovery(0));
    }

    function test_recovery_wrongCalls_reverts() public {
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NoRecovery.selector);
        registry.stopRecovery(0);
        // Nobody is the guardian of who has none.
        vm.prank(address(0));
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotGuardian.selector);
        registry.startRecovery(0, FRESH, FRESH);
        _guardian(false);
        vm.prank(THIEF);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotGuardian.selector);
        registry.startRecovery(0, THIEF, THIEF);
        vm.startPrank(GUARDIAN);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_Zero.selector);
        registry.startRecovery(0, address(0), FRESH);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_Zero.selector);
        registry.startRecovery(0, FRESH, address(0));
        registry.startRecovery(0, FRESH, FRESH);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_InRecovery.selector);
        registry.startRecovery(0, FRESH, FRESH);
        vm.stopPrank();
        vm.prank(THIEF);
        vm.expectRevert(IContributorRegistry.ContributorRegistry_NotKey.selector);
        registry.stopRecovery(0);
    }

    /// @dev Whatever is called in whatever order: the key is one that was chosen by who had the id, or by the guardian after a delay.
    function testFuzz_recovery_succeeds(uint32 _delay, uint64 _wait, bool _prevails) public {
        uint32 delay = uint32(_bound(_delay, 1 days, 30 days));
        vm.prank(ALICE);
        registry.proposeGuardian(0, IContributorRegistry.Guardian(GUARDIAN, delay, _prevails));
        _recovery();
        uint64 wait = uint64(_bound(_wait, 0, 60 days));
        vm.warp(block.timestamp + wait);
        if (wait < delay) vm.expectRevert();
        registry.finishRecovery(0);
        vm.assertEq(registry.keyOf(0), wait < delay ? ALICE : FRESH);
    }
}
