// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { HookedToken } from "test/mocks/Tokens.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

/// @notice A coin that calls somebody while it is transferred, as ERC-777's tokens do.
contract Attacks_Hooks_Test is WithdrawalTest {
    HookedToken internal token = new HookedToken();

    function setUp() external {
        token.mint(DEPLOYER, GENESIS);
        vm.warp(START - 1);
        _deploy(address(token), GENESIS);
        vm.warp(START);
        token.mint(ALICE, 100 ether);
        vm.prank(ALICE);
        token.approve(address(portal), type(uint256).max);
    }

    function _depositReverts() internal {
        vm.prank(ALICE, ALICE);
        vm.expectRevert();
        portal.depositERC20Transaction(BOB, 5 ether, 5 ether, 21_000, false, "");
        vm.assertEq(portal.lockedBalance(), GENESIS);
        vm.assertEq(token.balanceOf(address(portal)), GENESIS);
    }

    /// @dev Coins that come in beside a deposit would be counted twice, once for each.
    function test_attack_giftWithinDeposit() external {
        token.arm(address(token), abi.encodeCall(token.transfer, (address(portal), 1)));
        _depositReverts();
    }

    function test_attack_depositWithinDeposit() external {
        token.arm(
            address(portal),
            abi.encodeCall(IOptimismPortal.depositERC20Transaction, (BOB, 1 ether, 0, 21_000, false, ""))
        );
        _depositReverts();
    }

    /// @dev Coins that come back while a withdrawal is paid would make it look unpaid.
    function test_attack_giftWithinPayment() external {
        Proven memory proven = _finalizable(_withdrawal(BOB, 3 ether, 0, ""));
        token.arm(address(token), abi.encodeCall(token.transfer, (address(portal), 1)));
        vm.expectRevert(
            abi.encodeWithSelector(IOptimismPortal.OptimismPortal_TransferMismatch.selector, 3 ether, 3 ether - 1)
        );
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        vm.assertFalse(portal.finalizedWithdrawals(proven.hash));
        _finalizeAnyway(proven);
    }

    function test_attack_depositWithinPayment() external {
        Proven memory proven = _finalizable(_withdrawal(BOB, 3 ether, 0, ""));
        token.arm(
            address(portal),
            abi.encodeCall(IOptimismPortal.depositERC20Transaction, (BOB, 1 ether, 0, 21_000, false, ""))
        );
        vm.expectRevert();
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        _finalizeAnyway(proven);
    }

    /// @dev The hook is gone, and nothing has been lost by it.
    function _finalizeAnyway(Proven memory _proven) internal {
        token.arm(BOB, "");
        _finalize(_proven);
        vm.assertEq(token.balanceOf(BOB), 3 ether);
        vm.assertEq(portal.lockedBalance(), GENESIS - 3 ether);
        vm.assertEq(token.balanceOf(address(portal)), GENESIS - 3 ether);
    }

    /// @dev A deposit without coins is allowed within one with coins. What the inner one burns counts for the outer one too,
    ///      so that two may cost as much as the dearer one: no less, and the block's limit holds for their sum.
    function test_attack_depositsShareTheirPrice() external {
        token.arm(address(portal), abi.encodeCall(IOptimismPortal.depositTransaction, (BOB, 0, 5_000_000, false, "")));
        uint256 before = gasleft();
        vm.prank(ALICE, ALICE);
        portal.depositERC20Transaction(BOB, 1 ether, 0, 5_000_000, false, "");
        vm.assertGe(before - gasleft(), 5_000_000);
        (, uint64 bought,) = portal.params();
        vm.assertEq(bought, 10_000_000);
    }
}
