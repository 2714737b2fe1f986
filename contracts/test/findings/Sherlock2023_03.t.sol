// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { SafeCall } from "src/libraries/SafeCall.sol";
import { GasMeter, GasProbe, SafeCaller } from "test/mocks/GasProbe.sol";
import { Moody } from "test/mocks/Moody.sol";
import { Caller } from "test/mocks/Targets.sol";
import { BridgeDeployment, IMessenger } from "test/utils/BridgeDeployment.sol";

/// @notice What the audit contest of March 2023 found in the OP Stack's contracts, on these contracts.
contract Sherlock2023_03_Test is BridgeDeployment {
    Moody internal moody = new Moody();
    SafeCaller internal caller = new SafeCaller();
    address internal immutable PROBE = address(uint160(uint256(keccak256("probe"))));

    function setUp() external {
        _deployBridges(address(0));
        moody.change();
        vm.etch(PROBE, GasProbe.CODE);
        vm.deal(address(caller), 1 ether);
    }

    /// @dev A message to the L1 as the L2's messenger registers it.
    function _message(
        address _target,
        bytes memory _data,
        uint32 _minGas
    ) internal returns (IOptimismPortal.WithdrawalTransaction memory) {
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l2Messenger.sendMessage(_target, _data, _minGas);
        return _withdrawals(vm.getRecordedLogs())[0];
    }

    /// @dev A message to the L2, as it is deposited.
    function _messageToL2(address _target, bytes memory _data, uint32 _minGas) internal returns (Deposit memory) {
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l1Messenger.sendMessage(_target, _data, _minGas);
        return _deposits(vm.getRecordedLogs())[0];
    }

    /// @dev A message counts under its own version alone. There are no messages of version 0 on a chain that begins after
    ///      them: whoever brings one has no way to have it relayed.
    function testFuzz_2023_03_H_legacyDoubleRelay(uint16 _version) external {
        vm.assume(_version != 1);
        Proven memory proven = _finalizable(_message(address(moody), abi.encodeCall(Moody.greet, (1)), 100_000));
        _finalize(proven);
        (uint256 greetings,) = moody.greetings(1);
        vm.assertEq(greetings, 1);
        uint256 nonce = uint256(_version) << 240;
        bytes memory again = abi.encodeCall(
            IMessenger.relayMessage, (nonce, ALICE, address(moody), 0, 100_000, abi.encodeCall(Moody.greet, (1)))
        );
        (bool success,) = address(l1Messenger).call(again);
        vm.assertFalse(success);
        // As a withdrawal of its own it does not come from the other messenger.
        _finalize(_finalizable(_withdrawal(address(l1Messenger), 0, 1_000_000, again)));
        (greetings,) = moody.greetings(1);
        vm.assertEq(greetings, 1);
    }

    /// @dev Whatever gas there is, the call is made with at least what it was promised, or not at all; and enough is kept.
    function _checkCall(uint256 _minGas, uint256 _reserved, uint256 _value, uint256 _gas) internal {
        bytes memory data = abi.encode(_minGas);
        // Most of all about where it begins to suffice, and anything else.
        uint256 least = _minGas * 64 / 63 + _reserved + 40_000;
        uint256 gas = _gas % 2 == 0 ? least + _gas % 5000 : _bound(_gas, 5000, least + 100_000);
        try caller.call{ gas: gas }(PROBE, _minGas, _reserved, _value, data) returns (bool success) {
            vm.assertTrue(success);
        } catch (bytes memory reason) {
            vm.assertTrue(gas < least + 5000);
            vm.assertEq(bytes32(reason), bytes32(SafeCall.SafeCall_NotEnoughGas.selector));
        }
    }

    function testFuzz_2023_03_H_callWithMinGasFormula(
        uint256 _minGas,
        uint256 _reserved,
        bool _value,
        uint256 _gas
    ) external {
        _checkCall(_bound(_minGas, 40_000, 30_000_000), _bound(_reserved, 0, 100_000), _value ? 1 : 0, _gas);
    }

    /// @dev The same where 1/64 of the promise is less than what the check itself costs.
    function testFuzz_2023_03_M_gasUndercount_smallLimits(uint256 _minGas, bool _value, uint256 _gas) external {
        _checkCall(_bound(_minGas, 0, 40_000), 10_000, _value ? 1 : 0, _gas);
    }

    /// @dev Through the portal, at the very boundary.
    function test_2023_03_M_gasUndercount_smallWithdrawal() external {
        uint256 limit = 5000;
        Proven memory proven = _finalizable(_withdrawal(PROBE, 0, limit, abi.encode(limit)));
        uint256 state = vm.snapshotState();
        (uint256 low, uint256 high) = (limit, 1_000_000);
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            try portal.finalizeWithdrawalTransactionExternalProof{ gas: middle }(proven.tx, ALICE) {
                high = middle;
            } catch {
                low = middle;
            }
            vm.revertToState(state);
        }
        vm.expectEmit();
        emit IOptimismPortal.WithdrawalFinalized(proven.hash, true);
        portal.finalizeWithdrawalTransactionExternalProof{ gas: high }(proven.tx, ALICE);
    }

    /// @dev A message whose target relays messages itself: the inner one has failed and can be replayed, the outer one is made
    ///      once.
    function test_2023_03_M_messengerReplayability() external {
        Caller target = new Caller();
        Proven memory inner = _finalizable(_message(address(moody), abi.encodeCall(Moody.greet, (1)), 100_000));
        moody.change();
        _finalize(inner);
        moody.change();
        bytes32 innerHash = _messageHash(inner.tx.data);
        vm.assertTrue(l1Messenger.failedMessages(innerHash));

        target.arm(address(l1Messenger), 0, inner.tx.data);
        Proven memory outer = _finalizable(_message(address(target), "!", 1_000_000));
        _finalize(outer);
        vm.assertTrue(l1Messenger.successfulMessages(_messageHash(outer.tx.data)));
        vm.assertFalse(l1Messenger.successfulMessages(innerHash));
        (bool success,) = address(l1Messenger).call(inner.tx.data);
        vm.assertTrue(success);
        vm.assertTrue(l1Messenger.successfulMessages(innerHash));
        (success,) = address(l1Messenger).call(inner.tx.data);
        vm.assertFalse(success);
        (success,) = address(l1Messenger).call(outer.tx.data);
        vm.assertFalse(success);
        (uint256 greetings,) = moody.greetings(1);
        vm.assertEq(greetings, 1);
    }

    /// @dev The gas that a message is sent with suffices on the L2 for all that comes before its target.
    function testFuzz_2023_03_M_gasUndercount(uint256 _minGas, uint256 _length) external {
        uint256 minGas = _bound(_minGas, 1000, 2_000_000);
        GasMeter meter = new GasMeter(minGas);
        Deposit memory deposit = _messageToL2(address(meter), new bytes(_bound(_length, 1, 8000)), uint32(minGas));
        vm.assertTrue(_deriveWithGas(deposit, deposit.gasLimit - 21_000 - 16 * deposit.data.length));
        vm.assertTrue(l2Messenger.successfulMessages(_messageHash(deposit.data)));
        vm.assertTrue(meter.enough() || minGas < 30_000);
    }

    /// @dev With less gas than its target needs a message fails, and the relay does not.
    function testFuzz_2023_03_M_revertOnLowGas(uint256 _minGas) external {
        uint256 minGas = _bound(_minGas, 0, 99_000);
        GasMeter meter = new GasMeter(600_000);
        Deposit memory deposit = _messageToL2(address(meter), "?", uint32(minGas));
        vm.assertTrue(_deriveWithGas(deposit, deposit.gasLimit - 21_000 - 16 * deposit.data.length));
        bytes32 hash = _messageHash(deposit.data);
        vm.assertTrue(l2Messenger.failedMessages(hash));
        (bool success,) = address(l2Messenger).call(deposit.data);
        vm.assertTrue(success);
        vm.assertTrue(l2Messenger.successfulMessages(hash));
        vm.assertTrue(meter.enough());
    }

    /// @dev The longest message that a deposit takes, both ways, with the least gas: it is not lost on the way.
    function test_2023_03_M_longMessageOOG() external {
        bytes memory data = new bytes(119_000);
        for (uint256 i; i < data.length; i += 7) {
            data[i] = bytes1(uint8(i) | 1);
        }
        // The released messenger counts 16 for each byte and the portal asks for 40: it says so on the L1.
        vm.prank(ALICE, ALICE);
        vm.expectRevert(IOptimismPortal.OptimismPortal_GasLimitTooLow.selector);
        l1Messenger.sendMessage(address(moody), data, 0);
        Deposit memory deposit = _messageToL2(BOB, data, 2_700_000);
        vm.assertTrue(_deriveWithGas(deposit, deposit.gasLimit - 21_000 - 16 * deposit.data.length));
        bytes32 hash = _messageHash(deposit.data);
        vm.assertTrue(l2Messenger.failedMessages(hash) || l2Messenger.successfulMessages(hash));

        IOptimismPortal.WithdrawalTransaction memory withdrawal = _message(BOB, data, 0);
        Proven memory proven = _finalizable(withdrawal);
        uint256 state = vm.snapshotState();
        hash = _messageHash(withdrawal.data);
        for (uint256 gas = withdrawal.gasLimit; !portal.finalizedWithdrawals(proven.hash); gas += 20_000) {
            vm.revertToState(state);
            try portal.finalizeWithdrawalTransactionExternalProof{ gas: gas }(withdrawal, ALICE) { } catch { }
        }
        vm.assertTrue(l1Messenger.failedMessages(hash) || l1Messenger.successfulMessages(hash));
    }
}
