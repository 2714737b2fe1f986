// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { SafeCall } from "src/libraries/SafeCall.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Bomber, Caller, Guzzler, Recorder } from "test/mocks/Targets.sol";
import { Vm } from "test/utils/Vm.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

contract OptimismPortal_Finalize_Test is WithdrawalTest {
    Recorder internal recorder = new Recorder();

    function setUp() external {
        vm.warp(START - 1);
        _deploy(address(0), GENESIS);
        vm.warp(START);
    }

    function _assertFinalized(Proven memory _proven) internal view {
        vm.assertTrue(portal.finalizedWithdrawals(_proven.hash));
        vm.assertEq(portal.lockedBalance(), GENESIS - _proven.tx.value);
        vm.assertEq(portal.l2Sender(), 0x000000000000000000000000000000000000dEaD);
    }

    function testFuzz_finalize_succeeds(
        address _sender,
        uint256 _value,
        uint256 _gasLimit,
        bytes calldata _data
    ) external {
        vm.assume(_sender != address(0));
        IOptimismPortal.WithdrawalTransaction memory withdrawal =
            _withdrawal(address(recorder), _bound(_value, 0, GENESIS), _bound(_gasLimit, 0, 10_000_000), _data);
        withdrawal.sender = _sender;
        Proven memory proven = _finalizable(withdrawal);
        vm.expectEmit();
        emit IOptimismPortal.WithdrawalFinalized(proven.hash, true);
        _finalize(proven);
        _assertFinalized(proven);
        vm.assertEq(address(portal).balance, GENESIS - withdrawal.value);
        vm.assertEq(recorder.caller(), address(portal));
        vm.assertEq(recorder.l2Sender(), _sender);
        vm.assertEq(recorder.value(), withdrawal.value);
        vm.assertEq(recorder.data(), _data);
        vm.assertEq(recorder.calls(), 1);
    }

    function test_finalize_ownProof_succeeds() external {
        Proven memory proven = _finalizable(_withdrawal(BOB, 1 ether, 0, ""));
        uint256 before = BOB.balance;
        vm.prank(ALICE, ALICE);
        portal.finalizeWithdrawalTransaction(proven.tx);
        _assertFinalized(proven);
        vm.assertEq(BOB.balance, before + 1 ether);
    }

    /// @dev Several in one transaction, one after the other.
    function test_finalize_batch_succeeds() external {
        Proven memory one = _proven(_withdrawal(address(recorder), 1, 100_000, ""));
        Proven memory two = _finalizable(_withdrawal(address(recorder), 2, 100_000, ""));
        one.game.resolve();
        vm.warp(block.timestamp + PROOF_MATURITY_DELAY);
        _finalize(one);
        _finalize(two);
        vm.assertEq(recorder.calls(), 2);
        vm.assertEq(portal.lockedBalance(), GENESIS - 3);
    }

    /// @dev A target that fails has had its call. Its coins are not owed to the L2 any more.
    function test_finalize_failingTarget_succeeds() external {
        Proven memory proven = _finalizable(_withdrawal(address(new Refuser()), 1 ether, 100_000, ""));
        vm.expectEmit();
        emit IOptimismPortal.WithdrawalFinalized(proven.hash, false);
        _finalize(proven);
        _assertFinalized(proven);
        vm.assertEq(address(portal).balance, GENESIS);
    }

    /// @dev Whoever estimates gas must not be told that a failing call succeeded.
    function test_finalize_failingTarget_whileEstimating_reverts() external {
        Proven memory proven = _finalizable(_withdrawal(address(new Refuser()), 1 ether, 100_000, ""));
        vm.prank(BOB, address(1));
        vm.expectRevert(IOptimismPortal.OptimismPortal_GasEstimation.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        Proven memory good = _finalizable(_withdrawal(address(recorder), 1 ether, 100_000, ""));
        vm.prank(BOB, address(1));
        portal.finalizeWithdrawalTransactionExternalProof(good.tx, ALICE);
        _assertFinalized(good);
    }

    /// @dev Even if such a withdrawal had been proven.
    function test_finalize_badTarget_reverts() external {
        Proven memory proven = _claimed(_withdrawal(address(portal), 0, 0, ""));
        _storeProof(proven, uint64(block.timestamp));
        _mature(proven);
        portal.checkWithdrawal(proven.hash, ALICE);
        vm.expectRevert(IOptimismPortal.OptimismPortal_BadTarget.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
    }

    /// @dev More than the L2 has ever had, as only a wrong claim could bring about.
    function test_finalize_moreThanLocked_reverts() external {
        Proven memory proven = _finalizable(_withdrawal(BOB, GENESIS + 1, 100_000, ""));
        vm.deal(address(portal), 2 * GENESIS);
        vm.expectRevert(IOptimismPortal.OptimismPortal_TooFewCoins.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        vm.assertFalse(portal.finalizedWithdrawals(proven.hash));
    }

    // Gas.

    /// @dev A target that fails with less gas than so much, to the last unit.
    function _gasMeter(uint256 _needed) internal returns (address meter_) {
        meter_ = address(0x6a5);
        // PUSH4 needed, GAS, LT, PUSH1 11, JUMPI, STOP, JUMPDEST, PUSH1 0, PUSH1 0, REVERT. Five units are spent by then.
        uint32 needed = uint32(_needed < 5 ? 0 : _needed - 5);
        vm.etch(meter_, abi.encodePacked(hex"63", needed, hex"5a10600b57005b60006000fd"));
    }

    /// @dev Finalizes with so much gas. Whoever pays for it: the call gets its gas limit, or nothing happens at all.
    function _finalizeWith(Proven memory _proven, uint256 _gas) internal returns (bool finalized_) {
        vm.recordLogs();
        vm.prank(BOB, BOB);
        try portal.finalizeWithdrawalTransactionExternalProof{ gas: _gas }(_proven.tx, ALICE) {
            Vm.Log[] memory logs = vm.getRecordedLogs();
            vm.assertEq(logs[logs.length - 1].topics[0], IOptimismPortal.WithdrawalFinalized.selector);
            vm.assertTrue(abi.decode(logs[logs.length - 1].data, (bool)));
            return true;
        } catch {
            vm.assertFalse(portal.finalizedWithdrawals(_proven.hash));
            vm.assertEq(portal.lockedBalance(), GENESIS);
        }
    }

    function testFuzz_finalize_gas_callGetsItsLimit_succeeds(uint256 _gasLimit, uint256 _gas, bool _value) external {
        uint256 gasLimit = _bound(_gasLimit, 0, 15_000_000);
        Proven memory proven = _finalizable(_withdrawal(_gasMeter(gasLimit), _value ? 1 ether : 0, gasLimit, ""));
        if (!_finalizeWith(proven, _bound(_gas, 50_000, gasLimit * 2 + 200_000))) {
            vm.assertTrue(_finalizeWith(proven, gasLimit * 2 + 200_000));
        }
    }

    /// @dev With the least gas that does, the target has its gas limit already.
    function test_finalize_gas_boundary_succeeds() external {
        uint256[5] memory gasLimits = [uint256(0), 1000, 10_000, 100_000, 3_000_000];
        for (uint256 i; i < gasLimits.length; ++i) {
            Proven memory proven = _finalizable(_withdrawal(_gasMeter(gasLimits[i]), 0, gasLimits[i], ""));
            (uint256 low, uint256 high) = (gasLimits[i], 2 * gasLimits[i] + 200_000);
            while (high - low > 1) {
                uint256 state = vm.snapshotState();
                bool enough = _finalizeWith(proven, (low + high) / 2);
                vm.revertToState(state);
                if (enough) high = (low + high) / 2;
                else low = (low + high) / 2;
            }
            vm.assertGt(high, gasLimits[i] * 64 / 63 + 50_000);
        }
    }

    function test_finalize_gas_tooLittle_reverts() external {
        Proven memory proven = _finalizable(_withdrawal(_gasMeter(3_000_000), 1 ether, 3_000_000, ""));
        vm.expectRevert(SafeCall.SafeCall_NotEnoughGas.selector);
        portal.finalizeWithdrawalTransactionExternalProof{ gas: 3_100_000 }(proven.tx, ALICE);
    }

    function testFuzz_finalize_absurdGasLimit_reverts(uint256 _gasLimit) external {
        uint256 gasLimit = _bound(_gasLimit, type(uint64).max, type(uint256).max);
        Proven memory proven = _finalizable(_withdrawal(BOB, 1 ether, gasLimit, ""));
        vm.expectRevert(SafeCall.SafeCall_NotEnoughGas.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        vm.assertFalse(portal.finalizedWithdrawals(proven.hash));
    }

    /// @dev A target that uses everything leaves enough for the end: what fails, fails for want of what was promised to it.
    function testFuzz_finalize_guzzler_succeeds(uint256 _gas) external {
        Proven memory proven = _finalizable(_withdrawal(address(new Guzzler()), 1 ether, 1000, ""));
        vm.recordLogs();
        try portal.finalizeWithdrawalTransactionExternalProof{ gas: _bound(_gas, 150_000, 1_000_000) }(
            proven.tx, ALICE
        ) {
            Vm.Log[] memory logs = vm.getRecordedLogs();
            vm.assertFalse(abi.decode(logs[logs.length - 1].data, (bool)));
            _assertFinalized(proven);
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(reason), bytes32(SafeCall.SafeCall_NotEnoughGas.selector));
        }
    }

    /// @dev With the least gas that suffices for the call, too.
    function test_finalize_guzzler_boundary_succeeds() external {
        Proven memory proven = _finalizable(_withdrawal(address(new Guzzler()), 1 ether, 1000, ""));
        (uint256 low, uint256 high) = (uint256(150_000), uint256(1_000_000));
        while (high - low > 1) {
            uint256 gas = (low + high) / 2;
            uint256 state = vm.snapshotState();
            try portal.finalizeWithdrawalTransactionExternalProof{ gas: gas }(proven.tx, ALICE) {
                high = gas;
            } catch (bytes memory reason) {
                vm.assertEq(bytes32(reason), bytes32(SafeCall.SafeCall_NotEnoughGas.selector));
                low = gas;
            }
            vm.revertToState(state);
        }
        vm.assertLt(high, 1_000_000);
        portal.finalizeWithdrawalTransactionExternalProof{ gas: high }(proven.tx, ALICE);
        _assertFinalized(proven);
    }

    /// @dev Nobody pays for an answer that nobody reads.
    function test_finalize_hugeAnswer_succeeds() external {
        Proven memory proven = _finalizable(_withdrawal(address(new Bomber()), 1 ether, 3_000_000, ""));
        portal.finalizeWithdrawalTransactionExternalProof{ gas: 3_500_000 }(proven.tx, ALICE);
        _assertFinalized(proven);
    }

    // What the target may do meanwhile.

    function test_finalize_withinFinalization_reverts() external {
        Caller target = new Caller();
        Proven memory inner = _proven(_withdrawal(address(recorder), 5 ether, 0, ""));
        Proven memory outer = _finalizable(_withdrawal(address(target), 1 ether, 1_000_000, ""));
        inner.game.resolve();
        vm.warp(block.timestamp + PROOF_MATURITY_DELAY);
        target.arm(
            address(portal),
            0,
            abi.encodeCall(IOptimismPortal.finalizeWithdrawalTransactionExternalProof, (inner.tx, ALICE))
        );
        _finalize(outer);
        vm.assertFalse(target.success());
        vm.assertEq(bytes32(target.answer()), bytes32(IOptimismPortal.OptimismPortal_NoReentrancy.selector));
        vm.assertFalse(portal.finalizedWithdrawals(inner.hash));
        vm.assertEq(portal.lockedBalance(), GENESIS - 1 ether);
        _finalize(inner);
    }

    function test_finalize_depositWithin_succeeds() external {
        Caller target = new Caller();
        target.arm(
            address(portal),
            1 ether,
            abi.encodeCall(IOptimismPortal.depositTransaction, (BOB, 1 ether, 100_000, false, ""))
        );
        Proven memory proven = _finalizable(_withdrawal(address(target), 1 ether, 1_000_000, ""));
        _finalize(proven);
        vm.assertTrue(target.success());
        vm.assertEq(portal.lockedBalance(), GENESIS);
        vm.assertEq(address(portal).balance, GENESIS);
    }

    function test_finalize_proveWithin_succeeds() external {
        Caller target = new Caller();
        Proven memory other = _claimed(_withdrawal(BOB, 1, 0, ""));
        target.arm(
            address(portal),
            0,
            abi.encodeCall(
                IOptimismPortal.proveWithdrawalTransaction, (other.tx, other.index, other.output, other.proof)
            )
        );
        _finalize(_finalizable(_withdrawal(address(target), 0, 3_000_000, "")));
        vm.assertTrue(target.success());
        vm.assertEq(portal.proofSubmitters(other.hash, 0), address(target));
    }
}
