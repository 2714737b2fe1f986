// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Wallet } from "test/mocks/Wallet.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";

/// @title PayableAI_Signature_Test
/// @notice Whose signatures count, of accounts with and without code.
contract PayableAI_Signature_Test is PaymentTest {
    /// @dev A payer who delegates to code that signs nothing does not take back what they signed for, and gets no answers for nothing.
    function test_redeem_signerDelegates_succeeds() public {
        vm.prank(payer);
        uint256 channel = payments.openChannel{ value: 1 ether }(gateway, address(0));
        IPayableAI.Answer[] memory answers = _one(_answer());
        bytes memory voucher = _sign(payerKey, _voucherHash(channel, answers));
        vm.etch(payer, address(new Refuser()).code);
        vm.prank(gateway);
        payments.redeem(channel, answers, voucher);
        vm.assertEq(payments.channelOf(channel).spent, FEE);
    }

    /// @dev Nor is an offer void because the gateway's account has code.
    function test_pay_gatewayDelegates_succeeds() public {
        vm.etch(gateway, address(new Refuser()).code);
        vm.assertEq(_pay(_answer()), 0);
    }

    /// @dev What a contract signs counts as long as it says so: a gateway that wants more asks for a key.
    function test_redeem_signerIsContract_succeeds() public {
        Wallet wallet = new Wallet(signer);
        vm.prank(payer);
        uint256 channel = payments.openChannel{ value: 2 ether }(gateway, address(wallet));
        _redeem(channel, _one(_answer(1)));
        wallet.mute();
        bytes memory voucher = _voucher(channel, _one(_answer(2)));
        vm.prank(gateway);
        vm.expectRevert(IPayableAI.PayableAI_Signature.selector);
        payments.redeem(channel, _one(_answer(2)), voucher);
    }
}
