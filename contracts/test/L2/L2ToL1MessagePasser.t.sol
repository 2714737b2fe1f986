// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IL2ToL1MessagePasser } from "interfaces/L2/IL2ToL1MessagePasser.sol";
import { L2ToL1MessagePasser } from "src/L2/L2ToL1MessagePasser.sol";
import { Test } from "test/utils/Test.sol";

contract L2ToL1MessagePasser_Test is Test {
    L2ToL1MessagePasser internal passer = new L2ToL1MessagePasser();

    uint256 internal constant FIRST_NONCE = 1 << 240;

    function testFuzz_initiateWithdrawal_succeeds(
        address _sender,
        address _target,
        uint96 _value,
        uint256 _gasLimit,
        bytes memory _data
    ) external {
        vm.assume(_sender != address(0));
        vm.deal(_sender, _value);
        bytes32 withdrawalHash = keccak256(abi.encode(FIRST_NONCE, _sender, _target, _value, _gasLimit, _data));
        vm.assertFalse(passer.sentMessages(withdrawalHash));

        vm.expectEmit();
        emit IL2ToL1MessagePasser.MessagePassed(FIRST_NONCE, _sender, _target, _value, _gasLimit, _data, withdrawalHash);
        vm.prank(_sender);
        passer.initiateWithdrawal{ value: _value }(_target, _gasLimit, _data);

        vm.assertTrue(passer.sentMessages(withdrawalHash));
        // The very slot that a withdrawal proof shows on the L1.
        vm.assertEq(vm.load(address(passer), keccak256(abi.encode(withdrawalHash, 0))), bytes32(uint256(1)));
        vm.assertEq(passer.messageNonce(), FIRST_NONCE + 1);
        vm.assertEq(address(passer).balance, _value);
    }

    function test_initiateWithdrawal_gas_succeeds() external {
        vm.prank(ALICE);
        passer.initiateWithdrawal{ value: 1 ether }(BOB, 100_000, "");
        vm.snapshotGasLastCall("L2ToL1MessagePasser", "initiateWithdrawal, first");
    }

    function test_initiateWithdrawal_sameTwice_differs() external {
        vm.startPrank(ALICE);
        passer.initiateWithdrawal(BOB, 21_000, "");
        passer.initiateWithdrawal(BOB, 21_000, "");
        vm.assertTrue(passer.sentMessages(keccak256(abi.encode(FIRST_NONCE, ALICE, BOB, 0, 21_000, bytes("")))));
        vm.assertTrue(passer.sentMessages(keccak256(abi.encode(FIRST_NONCE + 1, ALICE, BOB, 0, 21_000, bytes("")))));
    }

    function test_receive_withdrawsToSender_succeeds() external {
        bytes32 withdrawalHash = keccak256(abi.encode(FIRST_NONCE, ALICE, ALICE, 1 ether, 100_000, bytes("")));
        vm.prank(ALICE);
        (bool success,) = address(passer).call{ value: 1 ether }("");
        vm.assertTrue(success);
        vm.assertTrue(passer.sentMessages(withdrawalHash));
    }

    function test_burn_emptiesTheContract_succeeds() external {
        vm.prank(ALICE);
        passer.initiateWithdrawal{ value: 3 ether }(BOB, 21_000, "");
        vm.expectEmit();
        emit IL2ToL1MessagePasser.WithdrawerBalanceBurnt(3 ether);
        passer.burn();
        vm.assertEq(address(passer).balance, 0);
    }

    function test_version_succeeds() external view {
        vm.assertEq(passer.MESSAGE_VERSION(), 1);
        vm.assertEq(passer.messageNonce(), FIRST_NONCE);
    }
}
