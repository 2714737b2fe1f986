// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

contract OptimismPortal_Check_Test is WithdrawalTest {
    Proven internal proven;

    function setUp() external {
        vm.warp(START - 1);
        _deploy(address(0), GENESIS);
        vm.warp(START);
        proven = _proven(_withdrawal(BOB, 1 ether, 100_000, ""));
    }

    /// @dev Neither checked nor finalized, and the reason is the same.
    function _assertRefused(bytes4 _error) internal {
        vm.expectRevert(_error);
        portal.checkWithdrawal(proven.hash, ALICE);
        vm.expectRevert(_error);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        vm.assertFalse(portal.finalizedWithdrawals(proven.hash));
        vm.assertEq(portal.lockedBalance(), GENESIS);
    }

    function test_check_succeeds() external {
        _mature(proven);
        portal.checkWithdrawal(proven.hash, ALICE);
    }

    function testFuzz_check_unproven_reverts(bytes32 _hash, address _submitter) external {
        vm.assume(_hash != proven.hash || _submitter != ALICE);
        _mature(proven);
        vm.expectRevert(IOptimismPortal.OptimismPortal_Unproven.selector);
        portal.checkWithdrawal(_hash, _submitter);
    }

    /// @dev Somebody else's proof is of no use unless it is named.
    function test_finalize_unproven_reverts() external {
        _mature(proven);
        vm.prank(BOB, BOB);
        vm.expectRevert(IOptimismPortal.OptimismPortal_Unproven.selector);
        portal.finalizeWithdrawalTransaction(proven.tx);
    }

    function testFuzz_check_proofNotOldEnough_reverts(uint256 _age) external {
        (, uint64 provenAt) = portal.provenWithdrawals(proven.hash, ALICE);
        vm.warp(provenAt + _bound(_age, 0, PROOF_MATURITY_DELAY));
        _assertRefused(IOptimismPortal.OptimismPortal_ProofNotOldEnough.selector);
    }

    /// @dev More than the delay, by a second.
    function test_check_proofMaturity_boundary_reverts() external {
        (, uint64 provenAt) = portal.provenWithdrawals(proven.hash, ALICE);
        _resolve(proven.game);
        vm.warp(provenAt + PROOF_MATURITY_DELAY);
        _assertRefused(IOptimismPortal.OptimismPortal_ProofNotOldEnough.selector);
        vm.warp(provenAt + PROOF_MATURITY_DELAY + 1);
        vm.assertTrue(registry.isGameFinalized(address(proven.game)));
        _finalize(proven);
    }

    /// @dev A second proof begins a new wait.
    function test_check_provenAgain_waitsAgain_reverts() external {
        _mature(proven);
        _prove(proven);
        _assertRefused(IOptimismPortal.OptimismPortal_ProofNotOldEnough.selector);
        vm.warp(block.timestamp + PROOF_MATURITY_DELAY + 1);
        _finalize(proven);
    }

    /// @dev What the registry calls time for the guardian.
    function test_check_gameFinality_boundary_reverts() external {
        vm.warp(START + 30 days);
        _assertRefused(IOptimismPortal.OptimismPortal_InvalidRootClaim.selector);
        proven.game.resolve();
        vm.warp(proven.game.resolvedAt() + FINALITY_DELAY);
        _assertRefused(IOptimismPortal.OptimismPortal_InvalidRootClaim.selector);
        vm.warp(proven.game.resolvedAt() + FINALITY_DELAY + 1);
        _finalize(proven);
    }

    function test_check_rejectedClaim_reverts() external {
        _challenge(proven.game);
        vm.warp(START + 30 days);
        _assertRefused(IOptimismPortal.OptimismPortal_InvalidRootClaim.selector);
    }

    /// @dev Whenever the guardian acts, before the last second.
    function test_check_blacklistedGame_reverts() external {
        _mature(proven);
        portal.checkWithdrawal(proven.hash, ALICE);
        _blacklist(proven.game);
        _assertRefused(IOptimismPortal.OptimismPortal_InvalidRootClaim.selector);
    }

    function test_check_retiredGame_reverts() external {
        _mature(proven);
        vm.prank(GUARDIAN);
        registry.updateRetirementTimestamp();
        _assertRefused(IOptimismPortal.OptimismPortal_InvalidRootClaim.selector);
    }

    /// @dev A withdrawal whose game was set aside is proven against the next one and comes through.
    function test_finalize_provenAgainAfterBlacklisting_succeeds() external {
        _mature(proven);
        _blacklist(proven.game);
        proven.index = factory.gameCount();
        proven.game = _propose(_outputRoot(proven.output), 1000);
        vm.warp(block.timestamp + 1);
        _prove(proven);
        _mature(proven);
        _finalize(proven);
        vm.assertTrue(portal.finalizedWithdrawals(proven.hash));
    }

    /// @dev Another type that becomes respected does not touch games that were respected when they began.
    function test_finalize_afterChangeOfType_succeeds() external {
        vm.prank(GUARDIAN);
        registry.setRespectedGameType(8);
        _mature(proven);
        _finalize(proven);
    }

    function test_check_finalized_reverts() external {
        _mature(proven);
        _finalize(proven);
        vm.expectRevert(IOptimismPortal.OptimismPortal_AlreadyFinalized.selector);
        portal.checkWithdrawal(proven.hash, ALICE);
        // Whoever is named as its submitter.
        vm.expectRevert(IOptimismPortal.OptimismPortal_AlreadyFinalized.selector);
        portal.checkWithdrawal(proven.hash, BOB);
        vm.expectRevert(IOptimismPortal.OptimismPortal_AlreadyFinalized.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
    }

    /// @dev A proof as old as its game, as no proof can be made: the check does not rely on that.
    function test_check_proofAsOldAsGame_reverts() external {
        _mature(proven);
        _storeProof(proven, proven.game.createdAt());
        _assertRefused(IOptimismPortal.OptimismPortal_InvalidProofTimestamp.selector);
    }

    /// @dev During a pause the check says that the claim does not count, and finalizing says why.
    function test_finalize_paused_reverts() external {
        _mature(proven);
        _pause();
        vm.expectRevert(IOptimismPortal.OptimismPortal_InvalidRootClaim.selector);
        portal.checkWithdrawal(proven.hash, ALICE);
        vm.expectRevert(IOptimismPortal.OptimismPortal_CallPaused.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        vm.prank(ALICE, ALICE);
        vm.expectRevert(IOptimismPortal.OptimismPortal_CallPaused.selector);
        portal.finalizeWithdrawalTransaction(proven.tx);
        // No guardian can stop it for ever.
        vm.warp(block.timestamp + PAUSE_DURATION);
        _finalize(proven);
    }
}
