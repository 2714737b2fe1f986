// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { IPermissionedDisputeGame } from "interfaces/L1/IPermissionedDisputeGame.sol";
import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { SafeCall } from "src/libraries/SafeCall.sol";
import { Moody } from "test/mocks/Moody.sol";
import { GasMeter } from "test/mocks/GasProbe.sol";
import { Guzzler } from "test/mocks/Targets.sol";
import { BridgeDeployment } from "test/utils/BridgeDeployment.sol";

/// @notice What the audit contest of January 2023 found in the OP Stack's contracts, on these contracts. Its findings about the
///         node have their tests there: batcher frames that are decoded in two ways (fuzzing of the derivation, compared with an
///         independent implementation), a panic on a malformed deposit in JSON (fuzzing of the RPC's inputs), and spam that
///         stops a node's gossip (this node has no gossip).
contract Sherlock2023_01_Test is BridgeDeployment {
    Moody internal moody = new Moody();

    function setUp() external {
        _deployBridges(address(0));
        moody.change();
    }

    /// @dev A message of the L2 for somebody on the L1, proven and ripe.
    function _ripeMessage(
        address _target,
        bytes memory _data,
        uint32 _minGas,
        uint256 _value
    ) internal returns (Proven memory proven_, bytes32 hash_) {
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l2Messenger.sendMessage{ value: _value }(_target, _data, _minGas);
        proven_ = _finalizable(_withdrawals(vm.getRecordedLogs())[0]);
        hash_ = _messageHash(proven_.tx.data);
    }

    /// @dev Whatever gas a stranger brings: the message is relayed, or it can be replayed, or nothing has happened.
    function testFuzz_2023_01_H_finalizingOthersWithTooLittleGas(uint256 _gas, uint32 _needed) external {
        uint256 needed = _bound(_needed, 30_000, 2_000_000);
        GasMeter meter = new GasMeter(needed);
        (Proven memory proven, bytes32 hash) = _ripeMessage(address(meter), "?", uint32(needed), 1 ether);
        uint256 gas = _bound(_gas, 50_000, 3 * needed + 1_000_000);
        vm.prank(BOB, BOB);
        try portal.finalizeWithdrawalTransactionExternalProof{ gas: gas }(proven.tx, ALICE) {
            // With the gas that the portal guarantees, the messenger had enough for the target too.
            vm.assertTrue(l1Messenger.successfulMessages(hash));
        } catch {
            vm.assertFalse(portal.finalizedWithdrawals(proven.hash));
            _finalize(proven);
        }
        vm.assertTrue(meter.enough());
        vm.assertEq(address(meter).balance, 1 ether);
    }

    /// @dev A call that needs 20 million gas, with 20 million gas: 1/64 is missing, and that must not be the withdrawal's end.
    function test_2023_01_H_highGasWithdrawalsBrickedBy63Of64() external {
        uint256 needed = 20_000_000;
        GasMeter meter = new GasMeter(needed);
        Proven memory proven = _finalizable(_withdrawal(address(meter), 1 ether, needed, ""));
        uint256[3] memory gases = [needed, needed + 100_000, needed * 64 / 63];
        for (uint256 i; i < gases.length; ++i) {
            vm.expectRevert(SafeCall.SafeCall_NotEnoughGas.selector);
            portal.finalizeWithdrawalTransactionExternalProof{ gas: gases[i] }(proven.tx, ALICE);
            vm.assertFalse(portal.finalizedWithdrawals(proven.hash));
        }
        // One 64th stays in the proxy, and one in the portal.
        uint256 enough = needed * 64 / 63 * 64 / 63 + 300_000;
        portal.finalizeWithdrawalTransactionExternalProof{ gas: enough }(proven.tx, ALICE);
        vm.assertTrue(meter.enough());
        vm.assertEq(address(meter).balance, 1 ether);
    }

    /// @dev Through the messenger coins are not lost with a call that fails: they wait there for its repetition.
    function test_2023_01_H_fundsLostInFinalize() external {
        (Proven memory proven, bytes32 hash) =
            _ripeMessage(address(moody), abi.encodeCall(Moody.greet, (1)), 100_000, 3 ether);
        moody.change();
        _finalize(proven);
        vm.assertTrue(l1Messenger.failedMessages(hash));
        vm.assertEq(address(l1Messenger).balance, 3 ether);
        moody.change();
        (bool success,) = address(l1Messenger).call(proven.tx.data);
        vm.assertTrue(success);
        vm.assertEq(address(moody).balance, 3 ether);
        (uint256 greetings,) = moody.greetings(1);
        vm.assertEq(greetings, 1);
    }

    /// @dev Nobody can buy all gas of all blocks: at 20 gwei the sixth full block costs more gas than an L1 block has.
    function test_2023_01_M_depositDoSAtLowCost() external {
        vm.fee(20 gwei);
        uint256 blocks;
        uint256 spent;
        while (blocks < 20) {
            vm.roll(block.number + 1);
            uint256 before = gasleft();
            vm.prank(ALICE, ALICE);
            try portal.depositTransaction{ gas: 60_000_000 }(BOB, 0, 20_000_000, false, "") { }
            catch {
                break;
            }
            spent += before - gasleft();
            vm.prank(BOB, BOB);
            vm.expectRevert(IResourceMetering.ResourceMetering_OutOfGas.selector);
            portal.depositTransaction(BOB, 0, 21_000, false, "");
            ++blocks;
        }
        vm.assertLe(blocks, 6);
        vm.assertGt(spent, 60_000_000);
        // Whoever wants in gets in with the next block.
        vm.roll(block.number + 1);
        vm.prank(BOB, BOB);
        portal.depositTransaction(BOB, 0, 21_000, false, "");
    }

    /// @dev What the portal does after the call is paid by what it kept, however much the target uses.
    function testFuzz_2023_01_M_portalOutOfGasOverhead(uint256 _limit, uint256 _excess) external {
        uint256 limit = _bound(_limit, 0, 5_000_000);
        Proven memory proven = _finalizable(_withdrawal(address(new Guzzler()), 0, limit, "?"));
        uint256 gas = _bound(_excess, 0, 200_000) + limit;
        try portal.finalizeWithdrawalTransactionExternalProof{ gas: gas }(proven.tx, ALICE) { }
        catch (bytes memory reason) {
            // By name, before the call, or so early that not even that was reached.
            vm.assertTrue(reason.length == 0 || bytes4(reason) == SafeCall.SafeCall_NotEnoughGas.selector);
            portal.finalizeWithdrawalTransactionExternalProof{ gas: limit * 64 / 63 + 200_000 }(proven.tx, ALICE);
        }
        vm.assertTrue(portal.finalizedWithdrawals(proven.hash));
    }

    /// @dev The challenger's word ends with its clock. Afterwards the guardian alone can set a game aside, and nobody can once
    ///      the withdrawal is paid.
    function test_2023_01_M_challengerOverridesFinalization() external {
        Proven memory proven = _proven(_withdrawal(BOB, 1 ether, 0, ""));
        _resolve(proven.game);
        vm.prank(CHALLENGER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_AlreadyResolved.selector);
        proven.game.challenge();
        address[5] memory others = [CHALLENGER, PROPOSER, OPERATOR, BATCHER, FEE_UPDATER];
        for (uint256 i; i < others.length; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert();
            registry.blacklistDisputeGame(address(proven.game));
            vm.expectRevert();
            registry.updateRetirementTimestamp();
            vm.expectRevert();
            registry.setRespectedGameType(7);
            vm.stopPrank();
        }
        vm.warp(block.timestamp + PROOF_MATURITY_DELAY + 1);
        _finalize(proven);
        uint256 paid = BOB.balance;
        _blacklist(proven.game);
        vm.assertTrue(portal.finalizedWithdrawals(proven.hash));
        vm.assertEq(BOB.balance, paid);
    }

    /// @dev Ether that is bridged with no gas at all for the other side is late, and not lost, in both directions.
    function test_2023_01_M_gaslessETHBridging() external {
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeETHTo{ value: 2 ether }(address(moody), 0, "");
        Deposit memory deposit = _deposits(vm.getRecordedLogs())[0];
        _deriveWithGas(deposit, deposit.gasLimit - 21_000 - 16 * deposit.data.length);
        _assertReplayable(deposit.data, true);

        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l2Bridge.bridgeETHTo{ value: 2 ether }(BOB, 0, "");
        Proven memory proven = _finalizable(_withdrawals(vm.getRecordedLogs())[0]);
        uint256 before = BOB.balance;
        uint256 least = proven.tx.gasLimit * 64 / 63 + 150_000;
        portal.finalizeWithdrawalTransactionExternalProof{ gas: least }(proven.tx, ALICE);
        if (!l1Messenger.successfulMessages(_messageHash(proven.tx.data))) _assertReplayable(proven.tx.data, false);
        vm.assertEq(BOB.balance, before + 2 ether);
    }

    /// @dev It has failed, and what it carries lies with the messenger until it is replayed. To a contract that refuses plain
    ///      transfers it cannot be, and goes on waiting.
    function _assertReplayable(bytes memory _call, bool _refused) internal {
        address messenger = _refused ? address(l2Messenger) : address(l1Messenger);
        vm.assertTrue((_refused ? l2Messenger : l1Messenger).failedMessages(_messageHash(_call)));
        vm.assertEq(messenger.balance, 2 ether);
        (bool success,) = messenger.call(_call);
        vm.assertTrue(success);
        vm.assertEq(messenger.balance, _refused ? 2 ether : 0);
    }

    /// @dev A pause stops withdrawals as a whole, so that no message comes to a messenger that refuses it; and deposits during
    ///      the pause are as good as any.
    function test_2023_01_M_pausedMessengerDepositsNotReplayable() external {
        (Proven memory proven, bytes32 hash) =
            _ripeMessage(address(moody), abi.encodeCall(Moody.greet, (2)), 100_000, 1 ether);
        _pause();
        vm.assertTrue(l1Messenger.paused());
        vm.expectRevert(IOptimismPortal.OptimismPortal_CallPaused.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);

        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l1Messenger.sendMessage{ value: 1 ether }(address(moody), abi.encodeCall(Moody.greet, (3)), 100_000);
        Deposit memory deposit = _deposits(vm.getRecordedLogs())[0];
        vm.assertTrue(_derive(deposit));
        vm.assertTrue(l2Messenger.successfulMessages(_messageHash(deposit.data)));

        vm.warp(block.timestamp + PAUSE_DURATION);
        _finalize(proven);
        vm.assertTrue(l1Messenger.successfulMessages(hash));
        vm.assertEq(address(moody).balance, 2 ether);
    }

    /// @dev A withdrawal whose game was rejected, set aside or retired is proven against a newer one about the same state.
    function testFuzz_2023_01_M_withdrawalsStuckWhenOutputIsReproposed(uint8 _end) external {
        Proven memory proven = _proven(_withdrawal(BOB, 1 ether, 0, ""));
        if (_end % 3 == 0) {
            _challenge(proven.game);
        } else if (_end % 3 == 1) {
            _blacklist(proven.game);
        } else {
            vm.prank(GUARDIAN);
            registry.updateRetirementTimestamp();
        }
        vm.warp(block.timestamp + 30 days);
        vm.expectRevert(IOptimismPortal.OptimismPortal_InvalidRootClaim.selector);
        portal.finalizeWithdrawalTransactionExternalProof(proven.tx, ALICE);
        proven.index = factory.gameCount();
        proven.game = _propose(_outputRoot(proven.output), nextBlock++);
        vm.warp(block.timestamp + 1);
        _prove(proven);
        _mature(proven);
        _finalize(proven);
        vm.assertTrue(portal.finalizedWithdrawals(proven.hash));
    }
}
