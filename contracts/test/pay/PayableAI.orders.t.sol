// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { Reenterer } from "test/mocks/Economy.sol";
import { LongRefuser, Refuser } from "test/mocks/Refuser.sol";
import { Guzzler } from "test/mocks/Targets.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";

/// @title PayableAI_Orders_Test
/// @notice Answers that are asked for and paid before they are given.
contract PayableAI_Orders_Test is PaymentTest {
    function _deliver(uint256 _which, IPayableAI.Answer memory _of) internal returns (uint64 i_) {
        vm.prank(gateway);
        return payments.deliver(_which, _of);
    }

    /// @dev Delivers as the gateway, and finds it refused.
    function _refused(uint256 _which, IPayableAI.Answer memory _of, bytes memory _error) internal {
        vm.prank(gateway);
        vm.expectRevert(_error);
        payments.deliver(_which, _of);
    }

    function _unknown(uint256 _which) internal pure returns (bytes memory error_) {
        return abi.encodeWithSelector(IPayableAI.PayableAI_Unknown.selector, _which);
    }

    function test_order_succeeds() public {
        uint64 until = uint64(block.timestamp) + 30 days;
        uint256 tail = uint96(uint256(keccak256(abi.encode(payer, bytes32("request")))));
        uint256 number = uint256(version) << 192 | uint256(until) << 96 | tail;
        uint256 before = payer.balance;
        vm.expectEmit();
        emit IPayableAI.Ordered(number, version, payer, 0, 2 ether, until, "request");
        vm.prank(payer);
        vm.assertEq(payments.order{ value: 2 ether }(version, 0, until, "request"), number);
        vm.assertEq(payer.balance, before - 2 ether);
        vm.assertEq(address(payments).balance, 2 ether);
        IPayableAI.Order memory order = payments.orderOf(number);
        vm.assertEq(abi.encode(order), abi.encode(IPayableAI.Order(payer, 0, until, version, 2 ether)));
        // Nothing is paid yet.
        vm.assertEq(payments.answers(), 0);
        vm.assertEq(payments.orderOf(number + 1).payer, address(0));
    }

    /// @dev All that is asked is in the number, also at its bounds.
    function testFuzz_order_succeeds(uint96 _most, uint64 _time, bytes32 _request) public {
        vm.prank(ALICE);
        payments.setPrices(version, _prices());
        vm.warp(block.timestamp + PRICE_NOTICE);
        uint64 until = uint64(_bound(_time, block.timestamp + 1, block.timestamp + 30 days));
        vm.deal(payer, _most);
        vm.prank(payer);
        uint256 number = payments.order{ value: _most }(version, 1, until, _request);
        IPayableAI.Order memory order = payments.orderOf(number);
        vm.assertEq(abi.encode(order), abi.encode(IPayableAI.Order(payer, 1, until, version, _most)));
    }

    function test_order_twice_reverts() public {
        uint64 until = uint64(block.timestamp) + 1 hours;
        vm.startPrank(payer);
        uint256 number = payments.order{ value: 1 ether }(version, 0, until, "request");
        vm.expectRevert(IPayableAI.PayableAI_Invalid.selector);
        payments.order{ value: 2 ether }(version, 0, until, "request");
        // Of another payer it is another one, and when it is over there may be the next.
        vm.stopPrank();
        vm.prank(ALICE);
        vm.assertTrue(payments.order{ value: 2 ether }(version, 0, until, "request") != number);
        _deliver(number, _answer());
        vm.prank(payer);
        vm.assertEq(payments.order{ value: 1 ether }(version, 0, until, "request"), number);
    }

    function test_order_time_reverts() public {
        uint64 time = uint64(block.timestamp);
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooLate.selector, time));
        payments.order(version, 0, time, "request");
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooEarly.selector, time + 30 days + 1));
        payments.order(version, 0, time + 30 days + 1, "request");
        payments.order(version, 0, time + 1, "request");
    }

    function test_order_notActive_reverts() public {
        vm.prank(ALICE);
        models.retire(version);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_NoModel.selector, version));
        payments.order(version, 0, uint64(block.timestamp) + 1, "request");
    }

    function test_order_tooMuch_reverts() public {
        uint256 most = uint256(type(uint96).max) + 1;
        vm.deal(payer, most);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 96, most));
        payments.order{ value: most }(version, 0, uint64(block.timestamp) + 1, "request");
    }

    function test_deliver_succeeds() public {
        uint256 order = _order(1 ether);
        uint256 before = payer.balance;
        vm.expectEmit();
        emit IPayableAI.Paid(0, version, payer, 0, _leafR(_answer(), 0, FEE));
        vm.expectEmit();
        emit IPayableAI.Delivered(order, 0, 1 ether - FEE);
        vm.assertEq(_deliver(order, _answer()), 0);
        vm.assertEq(payer.balance, before + 1 ether - FEE);
        vm.assertEq(address(payments).balance, FEE);
        vm.assertEq(payments.paidOf(0), keccak256(bytes.concat(hex"00", _leafR(_answer(), 0, FEE))));
        vm.assertEq(payments.orderOf(order).payer, address(0));
        (uint128 data, uint128 rest) = payments.accruedOf(0, version);
        vm.assertEq(data, DATA);
        vm.assertEq(rest, FEE - DATA);
        // Once.
        _refused(order, _answer(1), _unknown(order));
        vm.warp(block.timestamp + 1 hours);
        vm.expectRevert(_unknown(order));
        payments.refund(order);
    }

    /// @dev All of it is used up, to the wei; one wei less was not enough.
    function test_deliver_exact_succeeds() public {
        uint256 order = _order(FEE);
        uint256 before = payer.balance;
        vm.expectEmit();
        emit IPayableAI.Delivered(order, 0, 0);
        _deliver(order, _answer());
        vm.assertEq(payer.balance, before);
        order = _order(FEE - 1);
        _refused(order, _answer(), abi.encodeWithSelector(IPayableAI.PayableAI_Fee.selector, FEE, FEE - 1));
    }

    function test_deliver_otherAnswer_reverts() public {
        uint256 order = _order(1 ether);
        for (uint256 k; k < 3; ++k) {
            IPayableAI.Answer memory of_ = _answer();
            if (k == 0) of_.payer = ALICE;
            if (k == 1) of_.sheet = 1;
            if (k == 2) of_.modelVersion = version + 1;
            _refused(order, of_, _unknown(order));
        }
        // No order at all, with a payer of zero; also by an answer that is all zero.
        IPayableAI.Answer memory none = _answer();
        none.payer = address(0);
        uint256 number = uint256(version) << 192;
        _refused(number, none, _unknown(number));
        none.modelVersion = 0;
        _refused(number, none, _unknown(number));
    }

    function test_deliver_byAnother_reverts() public {
        uint256 order = _order(1 ether);
        vm.prank(payer);
        vm.expectRevert(IPayableAI.PayableAI_NotGateway.selector);
        payments.deliver(order, _answer());
    }

    /// @dev In its last second it can be delivered and not refunded, in the next one refunded and not delivered.
    function test_deliver_late_reverts() public {
        uint64 until = uint64(block.timestamp) + 1 hours;
        uint256 order = _order(1 ether);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooEarly.selector, until));
        payments.refund(order);
        uint256 state = vm.snapshotState();
        _deliver(order, _answer());
        vm.revertToState(state);
        vm.warp(until);
        _refused(order, _answer(), abi.encodeWithSelector(IPayableAI.PayableAI_TooLate.selector, until));
        payments.refund(order);
    }

    /// @dev What was asked for before is answered, by whoever answers now, by the prices of then.
    function test_deliver_afterChanges_succeeds() public {
        uint256 order = _order(1 ether);
        vm.startPrank(ALICE);
        payments.setPrices(version, IPayableAI.Prices(0, 0, 0));
        models.setGateway(version, BOB);
        models.retire(version);
        vm.stopPrank();
        _refused(order, _answer(), abi.encodeWithSelector(IPayableAI.PayableAI_NotGateway.selector));
        uint256 before = payer.balance;
        vm.prank(BOB);
        payments.deliver(order, _answer());
        vm.assertEq(payer.balance, before + 1 ether - FEE);
    }

    /// @dev A new sheet counts before the order is over, and the order has the one that it names.
    function test_deliver_oldSheet_succeeds() public {
        vm.prank(ALICE);
        payments.setPrices(version, IPayableAI.Prices(0, 0, 5));
        vm.warp(block.timestamp + PRICE_NOTICE - 1);
        uint256 order = _order(1 ether);
        vm.warp(block.timestamp + 1);
        _deliver(order, _answer());
        vm.assertEq(address(payments).balance, FEE);
    }

    function test_refund_succeeds() public {
        uint256 order = _order(1 ether);
        uint256 before = payer.balance;
        vm.warp(block.timestamp + 1 hours);
        vm.expectEmit();
        emit IPayableAI.Refunded(order, payer, 1 ether);
        vm.prank(BOB);
        payments.refund(order);
        vm.assertEq(payer.balance, before + 1 ether);
        vm.assertEq(address(payments).balance, 0);
        vm.expectRevert(_unknown(order));
        payments.refund(order);
        vm.expectRevert(_unknown(7));
        payments.refund(7);
    }

    /// @dev For nothing, a free answer is delivered, and nothing comes back.
    function test_refund_nothing_succeeds() public {
        uint256 order = _order(0);
        _refused(order, _answer(), abi.encodeWithSelector(IPayableAI.PayableAI_Fee.selector, FEE, 0));
        vm.warp(block.timestamp + 1 hours);
        uint256 before = payer.balance;
        vm.expectEmit();
        emit IPayableAI.Refunded(order, payer, 0);
        payments.refund(order);
        vm.assertEq(payer.balance, before);
    }

    /// @dev Who refuses coins stops nobody, and has them when they take them.
    function test_deliver_payerRefuses_succeeds() public {
        uint256 order = _order(1 ether);
        bytes memory code = address(new Refuser()).code;
        vm.etch(payer, code);
        vm.expectEmit();
        emit IPayableAI.Delivered(order, 0, 1 ether - FEE);
        vm.expectEmit();
        emit IPayableAI.Credited(payer, 1 ether - FEE);
        _deliver(order, _answer());
        vm.assertEq(payments.creditOf(payer), 1 ether - FEE);
        vm.assertEq(address(payments).balance, 1 ether);
        vm.expectRevert(Refuser.Refuser_NoThanks.selector);
        payments.withdraw(payer);
        vm.assertEq(payments.creditOf(payer), 1 ether - FEE);
        // A second one adds to it.
        vm.etch(payer, "");
        order = _order(2 ether);
        vm.etch(payer, code);
        vm.warp(block.timestamp + 1 hours);
        payments.refund(order);
        vm.etch(payer, "");
        uint256 before = payer.balance;
        vm.expectEmit();
        emit IPayableAI.Withdrawn(payer, 3 ether - FEE);
        vm.prank(BOB);
        payments.withdraw(payer);
        vm.assertEq(payer.balance, before + 3 ether - FEE);
        vm.assertEq(payments.creditOf(payer), 0);
        vm.assertEq(address(payments).balance, FEE);
        // Nothing waits any more.
        vm.prank(BOB);
        payments.withdraw(payer);
        vm.assertEq(address(payments).balance, FEE);
    }

    /// @dev What a payer answers to the coins that they get back is not at the cost of who delivers.
    function test_deliver_longRefusal_succeeds() public {
        uint256[3] memory gas;
        for (uint256 k; k < 3; ++k) {
            address payee =
                k == 0 ? address(new Refuser()) : k == 1 ? address(new LongRefuser()) : address(new Guzzler());
            uint256 order = _order(1 ether);
            vm.etch(payer, payee.code);
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
        vm.assertLe(gas[2], gas[0] + 12_300);
    }

    /// @dev Who refunds with little gas does not turn coins that a payer would take into a credit: with too little there is no refund.
    function test_refund_littleGas_succeeds() public {
        uint256[2] memory orders = [_order(1 ether), _order(1 ether)];
        vm.warp(block.timestamp + 1 hours);
        // There is a credit already, which it costs less to add to.
        vm.etch(payer, address(new Refuser()).code);
        payments.refund(orders[0]);
        vm.etch(payer, address(new Taker()).code);
        uint256 refunds;
        for (uint256 gas = 10_000; gas < 50_000; gas += 100) {
            uint256 state = vm.snapshotState();
            uint256 before = payer.balance;
            (bool success,) = address(payments).call{ gas: gas }(abi.encodeCall(IPayableAI.refund, (orders[1])));
            vm.assertEq(payer.balance, before + (success ? 1 ether : 0));
            vm.assertEq(payments.creditOf(payer), 1 ether);
            if (success) ++refunds;
            vm.revertToState(state);
        }
        vm.assertGt(refunds, 0);
        vm.assertLt(refunds, 400);
    }

    /// @dev A payer that calls back in the middle of a refund finds nothing more.
    function test_refund_reentered_succeeds() public {
        Reenterer reenterer = new Reenterer();
        vm.deal(address(reenterer), 10 ether);
        uint64 until = uint64(block.timestamp) + 1 hours;
        vm.startPrank(address(reenterer));
        uint256 order = payments.order{ value: 1 ether }(version, 0, until, "one");
        payments.order{ value: 5 ether }(version, 0, until, "another");
        vm.stopPrank();
        vm.warp(until);
        // It fails when the second refund fails, so that the coins wait.
        reenterer.prepare(abi.encodeCall(IPayableAI.refund, (order)));
        payments.refund(order);
        vm.assertEq(payments.creditOf(address(reenterer)), 1 ether);
        vm.assertEq(reenterer.paid(), 0);
        vm.assertEq(address(payments).balance, 6 ether);
        // So does a credit that is withdrawn twice: the second time brings nothing.
        reenterer.prepare(abi.encodeCall(IPayableAI.withdraw, (address(reenterer))));
        payments.withdraw(address(reenterer));
        vm.assertEq(reenterer.paid(), 1 ether);
        vm.assertEq(address(payments).balance, 5 ether);
    }

    /// @dev Nor in the middle of a delivery: neither is the order refunded, nor delivered again.
    function test_deliver_reentered_succeeds() public {
        Reenterer reenterer = new Reenterer();
        vm.deal(address(reenterer), 10 ether);
        uint64 until = uint64(block.timestamp) + 1 hours;
        vm.prank(address(reenterer));
        uint256 order = payments.order{ value: 1 ether }(version, 0, until, "one");
        IPayableAI.Answer memory of_ = _answer();
        of_.payer = address(reenterer);
        // The payer answers for the version, too.
        vm.prank(ALICE);
        models.setGateway(version, address(reenterer));
        reenterer.prepare(abi.encodeCall(IPayableAI.deliver, (order, of_)));
        vm.prank(address(reenterer));
        payments.deliver(order, of_);
        vm.assertEq(payments.answers(), 1);
        vm.assertEq(payments.creditOf(address(reenterer)), 1 ether - FEE);
        vm.assertEq(address(payments).balance, 1 ether);
    }
}

/// @title Taker
/// @notice Takes coins, and needs some gas for it.
contract Taker {
    event Taken(uint256 amount, bytes32 text, bytes32 more);

    receive() external payable {
        for (uint256 k; k < 4; ++k) {
            emit Taken(msg.value, "some text", "and some more of it");
        }
    }
}
