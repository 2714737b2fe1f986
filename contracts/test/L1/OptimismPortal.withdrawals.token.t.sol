// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { SafeCall } from "src/libraries/SafeCall.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Caller, Recorder } from "test/mocks/Targets.sol";
import { HookedToken, IdleToken, OddToken, RefusingToken, TaxingToken } from "test/mocks/Tokens.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

contract OptimismPortal_Finalize_Token_Test is WithdrawalTest {
    OPEN internal open = new OPEN(DEPLOYER);
    Recorder internal recorder = new Recorder();

    function setUp() external {
        vm.warp(START - 1);
        _deploy(address(open), GENESIS);
        vm.warp(START);
    }

    function _assertFinalized(Proven memory _proven) internal view {
        vm.assertTrue(portal.finalizedWithdrawals(_proven.hash));
        vm.assertEq(portal.lockedBalance(), GENESIS - _proven.tx.value);
        vm.assertEq(open.balanceOf(address(portal)), GENESIS - _proven.tx.value);
        vm.assertEq(open.balanceOf(_proven.tx.target), _proven.tx.value);
        vm.assertEq(portal.l2Sender(), 0x000000000000000000000000000000000000dEaD);
    }

    /// @dev The target has the tokens before it is called, and is called without value.
    function testFuzz_finalize_succeeds(address _sender, uint256 _value, bytes calldata _data) external {
        vm.assume(_sender != address(0));
        IOptimismPortal.WithdrawalTransaction memory withdrawal =
            _withdrawal(address(recorder), _bound(_value, 0, GENESIS), 100_000, _data);
        withdrawal.sender = _sender;
        Proven memory proven = _finalizable(withdrawal);
        vm.expectEmit();
        emit IOptimismPortal.WithdrawalFinalized(proven.hash, true);
        _finalize(proven);
        _assertFinalized(proven);
        vm.assertEq(recorder.calls(), _data.length > 0 ? 1 : 0);
        if (_data.length == 0) return;
        vm.assertEq(recorder.caller(), address(portal));
        vm.assertEq(recorder.l2Sender(), _sender);
        vm.assertEq(recorder.value(), 0);
        vm.assertEq(recorder.data(), _data);
    }

    /// @dev A plain transfer of tokens needs no gas for a call that there is not, and no code that agrees.
    function testFuzz_finalize_withoutData_succeeds(uint256 _gasLimit) external {
        Proven memory proven = _finalizable(_withdrawal(address(new Refuser()), 1 ether, _gasLimit, ""));
        _finalize(proven);
        _assertFinalized(proven);
    }

    /// @dev The tokens are the target's whatever becomes of the call.
    function test_finalize_failingTarget_succeeds() external {
        Proven memory proven = _finalizable(_withdrawal(address(new Refuser()), 1 ether, 100_000, hex"1234"));
        vm.expectEmit();
        emit IOptimismPortal.WithdrawalFinalized(proven.hash, false);
        _finalize(proven);
        _assertFinalized(proven);
    }

    function test_finalize_tooLittleGas_reverts() external {
        Proven memory proven = _finalizable(_withdrawal(address(recorder), 1 ether, 1_000_000, hex"1234"));
        vm.expectRevert(SafeCall.SafeCall_NotEnoughGas.selector);
        portal.finalizeWithdrawalTransactionExternalProof{ gas: 1_000_000 }(proven.tx, ALICE);
        vm.assertEq(portal.lockedBalance(), GENESIS);
        _finalize(proven);
        _assertFinalized(proven);
    }

    /// @dev Even if such a withdrawal had been proven.
    function test_finalize_badTarget_reverts() external {
        Proven memory proven =
            _claimed(_withdrawal(address(open), 0, 100_000, abi.encodeCall(open.approve, (ALICE, GENESIS))));
        _storeProof(proven, uint64(block.timestamp));
        _mature(proven);
        vm.expectRevert(IOptimismPortal.OptimismPortal_BadTarget.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
    }

    /// @dev The token knows no such account: the coins stay where they are.
    function test_finalize_toZero_reverts() external {
        Proven memory proven = _finalizable(_withdrawal(address(0), 1 ether, 100_000, ""));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        vm.assertEq(portal.lockedBalance(), GENESIS);
    }

    /// @dev Gifts are not paid out.
    function test_finalize_moreThanLocked_reverts() external {
        vm.prank(DEPLOYER);
        open.transfer(address(portal), 1 ether);
        Proven memory proven = _finalizable(_withdrawal(BOB, GENESIS + 1, 100_000, ""));
        vm.expectRevert(IOptimismPortal.OptimismPortal_TooFewCoins.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
    }

    /// @dev The target may deposit again what it was just paid.
    function test_finalize_depositWithin_succeeds() external {
        Caller target = new Caller();
        target.approve(open, address(portal));
        target.arm(
            address(portal),
            0,
            abi.encodeCall(IOptimismPortal.depositERC20Transaction, (BOB, 1 ether, 1 ether, 100_000, false, ""))
        );
        _finalize(_finalizable(_withdrawal(address(target), 1 ether, 1_000_000, hex"1234")));
        vm.assertTrue(target.success());
        vm.assertEq(portal.lockedBalance(), GENESIS);
        vm.assertEq(open.balanceOf(address(portal)), GENESIS);
    }
}

contract OptimismPortal_Finalize_OddTokens_Test is WithdrawalTest {
    /// @dev A chain with this coin, of which Alice has deposited ten.
    function _deployWith(OddToken _token) internal {
        vm.warp(START - 1);
        _deploy(address(_token), 0);
        vm.warp(START);
        _token.mint(ALICE, 20 ether);
        vm.startPrank(ALICE, ALICE);
        _token.approve(address(portal), type(uint256).max);
        portal.depositERC20Transaction(ALICE, 10 ether, 0, 100_000, false, "");
        vm.stopPrank();
    }

    /// @dev Nothing is finalized, nothing is paid.
    function _finalizeReverts(OddToken _token, bytes memory _expected) internal {
        Proven memory proven = _finalizable(_withdrawal(BOB, 1 ether, 100_000, ""));
        vm.expectRevert(_expected);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        vm.assertFalse(portal.finalizedWithdrawals(proven.hash));
        vm.assertEq(portal.lockedBalance(), 10 ether);
        vm.assertEq(_token.balanceOf(address(portal)), 10 ether);
    }

    function _mismatch(uint256 _announced, uint256 _left) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IOptimismPortal.OptimismPortal_TransferMismatch.selector, _announced, _left);
    }

    function test_taxingToken_reverts() external {
        TaxingToken token = new TaxingToken();
        _deployWith(token);
        _finalizeReverts(token, _mismatch(1 ether, 1 ether + 1));
    }

    function test_idleToken_reverts() external {
        IdleToken token = new IdleToken();
        _deployWith(token);
        _finalizeReverts(token, _mismatch(1 ether, 0));
    }

    function test_refusingToken_reverts() external {
        RefusingToken token = new RefusingToken();
        _deployWith(token);
        _finalizeReverts(token, abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
    }

    /// @dev No token is called where there is nothing to move.
    function test_idleToken_withoutCoins_succeeds() external {
        _deployWith(new RefusingToken());
        Proven memory proven = _finalizable(_withdrawal(BOB, 0, 100_000, hex"1234"));
        _finalize(proven);
        vm.assertTrue(portal.finalizedWithdrawals(proven.hash));
    }

    /// @dev A deposit while the portal pays would make the balance that it checks mean something else.
    function test_hookedToken_depositWithinTransfer_reverts() external {
        HookedToken token = new HookedToken();
        _deployWith(token);
        token.arm(
            address(portal),
            abi.encodeCall(IOptimismPortal.depositERC20Transaction, (BOB, 1 ether, 0, 21_000, false, ""))
        );
        _finalizeReverts(token, abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
    }

    function test_hookedToken_finalizationWithinTransfer_reverts() external {
        HookedToken token = new HookedToken();
        _deployWith(token);
        Proven memory inner = _finalizable(_withdrawal(BOB, 1 ether, 100_000, ""));
        token.arm(
            address(portal),
            abi.encodeCall(IOptimismPortal.finalizeWithdrawalTransactionExternalProof, (inner.tx, ALICE))
        );
        _finalizeReverts(token, abi.encodeWithSelector(IOptimismPortal.OptimismPortal_NoReentrancy.selector));
    }

    /// @dev What leaves during a deposit would be missing from what arrives.
    function test_hookedToken_finalizationWithinDeposit_reverts() external {
        HookedToken token = new HookedToken();
        _deployWith(token);
        Proven memory inner = _finalizable(_withdrawal(BOB, 1 ether, 100_000, ""));
        token.arm(
            address(portal),
            abi.encodeCall(IOptimismPortal.finalizeWithdrawalTransactionExternalProof, (inner.tx, ALICE))
        );
        vm.prank(ALICE, ALICE);
        vm.expectRevert(IOptimismPortal.OptimismPortal_NoReentrancy.selector);
        portal.depositERC20Transaction(ALICE, 1 ether, 0, 100_000, false, "");
        vm.assertEq(portal.lockedBalance(), 10 ether);
    }
}
