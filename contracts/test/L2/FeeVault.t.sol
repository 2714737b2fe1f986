// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { IFeeVault } from "interfaces/L2/IFeeVault.sol";
import { BaseFeeVault } from "src/L2/BaseFeeVault.sol";
import { L2ToL1MessagePasser } from "src/L2/L2ToL1MessagePasser.sol";
import { SequencerFeeVault } from "src/L2/SequencerFeeVault.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { ProxyAdmin } from "src/universal/ProxyAdmin.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Test } from "test/utils/Test.sol";

abstract contract FeeVault_Base is Test {
    BaseFeeVault internal vault = BaseFeeVault(payable(Predeploys.BASE_FEE_VAULT));

    address internal immutable OWNER = _account("owner");
    uint256 internal constant MINIMUM = 1 ether;

    function setUp() external {
        _place(Predeploys.BASE_FEE_VAULT, address(new BaseFeeVault()));
        _place(Predeploys.SEQUENCER_FEE_VAULT, address(new SequencerFeeVault()));
        _place(Predeploys.L2_TO_L1_MESSAGE_PASSER, address(new L2ToL1MessagePasser()));
        _place(Predeploys.PROXY_ADMIN, address(new ProxyAdmin(OWNER)));
        ProxyAdmin(Predeploys.PROXY_ADMIN).initialize(OWNER);
        vault.initialize(BOB, MINIMUM, IFeeVault.WithdrawalNetwork.L2);
    }
}

contract FeeVault_Withdraw_Test is FeeVault_Base {
    function testFuzz_withdraw_toL2_succeeds(uint96 _fees) external {
        uint256 fees = _bound(_fees, MINIMUM, type(uint96).max);
        vm.deal(address(vault), fees);
        uint256 before = BOB.balance;

        vm.expectEmit();
        emit IFeeVault.Withdrawal(fees, BOB, ALICE);
        vm.expectEmit();
        emit IFeeVault.Withdrawal(fees, BOB, ALICE, IFeeVault.WithdrawalNetwork.L2);
        vm.prank(ALICE);
        vm.assertEq(vault.withdraw(), fees);

        vm.assertEq(BOB.balance - before, fees);
        vm.assertEq(address(vault).balance, 0);
        vm.assertEq(vault.totalProcessed(), fees);
    }

    function test_withdraw_toL1_succeeds() external {
        vm.prank(OWNER);
        vault.setWithdrawalNetwork(IFeeVault.WithdrawalNetwork.L1);
        vm.deal(address(vault), 5 ether);
        vault.withdraw();

        bytes32 withdrawalHash = keccak256(abi.encode(1 << 240, address(vault), BOB, 5 ether, 400_000, bytes("")));
        L2ToL1MessagePasser passer = L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER));
        vm.assertTrue(passer.sentMessages(withdrawalHash));
        vm.assertEq(address(passer).balance, 5 ether);
    }

    function test_withdraw_belowMinimum_reverts() external {
        vm.deal(address(vault), MINIMUM - 1);
        vm.expectRevert(abi.encodeWithSelector(IFeeVault.FeeVault_BelowMinimum.selector, MINIMUM - 1, MINIMUM));
        vault.withdraw();
    }

    function test_withdraw_recipientRefuses_reverts() external {
        address refuser = address(new Refuser());
        vm.prank(OWNER);
        vault.setRecipient(refuser);
        vm.deal(address(vault), MINIMUM);
        vm.expectRevert(abi.encodeWithSelector(IFeeVault.FeeVault_PaymentFailed.selector));
        vault.withdraw();
        vm.assertEq(address(vault).balance, MINIMUM);
        vm.assertEq(vault.totalProcessed(), 0);
    }
}

contract FeeVault_Settings_Test is FeeVault_Base {
    function test_settings_byOwner_succeeds() external {
        vm.startPrank(OWNER);
        vm.expectEmit();
        emit IFeeVault.RecipientUpdated(BOB, ALICE);
        vault.setRecipient(ALICE);
        vm.expectEmit();
        emit IFeeVault.MinWithdrawalAmountUpdated(MINIMUM, 7);
        vault.setMinWithdrawalAmount(7);
        vm.expectEmit();
        emit IFeeVault.WithdrawalNetworkUpdated(IFeeVault.WithdrawalNetwork.L2, IFeeVault.WithdrawalNetwork.L1);
        vault.setWithdrawalNetwork(IFeeVault.WithdrawalNetwork.L1);

        vm.assertEq(vault.recipient(), ALICE);
        vm.assertEq(vault.RECIPIENT(), ALICE);
        vm.assertEq(vault.minWithdrawalAmount(), 7);
        vm.assertEq(vault.MIN_WITHDRAWAL_AMOUNT(), 7);
        vm.assertTrue(vault.withdrawalNetwork() == IFeeVault.WithdrawalNetwork.L1);
        vm.assertTrue(vault.WITHDRAWAL_NETWORK() == IFeeVault.WithdrawalNetwork.L1);
    }

    function testFuzz_settings_notOwner_reverts(address _caller) external {
        vm.assume(_caller != OWNER);
        bytes memory expected = abi.encodeWithSelector(IFeeVault.FeeVault_NotProxyAdminOwner.selector);
        vm.startPrank(_caller);
        vm.expectRevert(expected);
        vault.setRecipient(_caller);
        vm.expectRevert(expected);
        vault.setMinWithdrawalAmount(0);
        vm.expectRevert(expected);
        vault.setWithdrawalNetwork(IFeeVault.WithdrawalNetwork.L1);
    }

    function test_setRecipient_zero_reverts() external {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IFeeVault.FeeVault_ZeroRecipient.selector));
        vault.setRecipient(address(0));
    }

    function test_initialize_twice_reverts() external {
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        vault.initialize(ALICE, 0, IFeeVault.WithdrawalNetwork.L2);
    }

    function test_initialize_onImplementation_reverts() external {
        BaseFeeVault implementation = new BaseFeeVault();
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        implementation.initialize(ALICE, 0, IFeeVault.WithdrawalNetwork.L2);
    }

    function test_l1FeeWallet_succeeds() external {
        SequencerFeeVault sequencer = SequencerFeeVault(payable(Predeploys.SEQUENCER_FEE_VAULT));
        sequencer.initialize(ALICE, 0, IFeeVault.WithdrawalNetwork.L2);
        vm.assertEq(sequencer.l1FeeWallet(), ALICE);
    }
}
