// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { LongRefuser, Refuser } from "test/mocks/Refuser.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";

/// @title PayableAI_Orders_Test
/// @notice Answers that are asked for and paid before they are given.
contract PayableAI_Orders_Test is PaymentTest {
    /// @dev What a payer answers to the coins that they get back is not at the cost of who delivers.
    function test_deliver_longRefusal_succeeds() public {
        uint256[2] memory gas;
        for (uint256 k; k < 2; ++k) {
            vm.etch(payer, k == 0 ? address(new Refuser()).code : address(new LongRefuser()).code);
            uint256 order = _order(1 ether);
            IPayableAI.Answer memory of_ = _answer(k);
            uint256 state = vm.snapshotState();
            vm.prank(gateway);
            payments.deliver(order, of_);
            gas[k] = vm.lastCallGas().gasTotalUsed;
            vm.assertEq(payments.creditOf(payer), 1 ether - FEE);
            vm.revertToState(state);
        }
        // What the call itself was given.
        vm.assertLe(gas[1], gas[0] + 12_300);
    }
}
