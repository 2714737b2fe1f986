// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title PayableAI_Gas_Base
/// @notice All that is signed and asked for before: a call that is measured is the first of its transaction.
abstract contract PayableAI_Gas_Base is PaymentTest {
    uint64 internal until;
    uint256 internal order;
    uint256 internal exact;
    uint256 internal channel;
    bytes internal quote;
    bytes internal authorization;

    /// @dev For redemptions of 1, 10 and 100 answers.
    mapping(uint256 count => bytes) internal vouchers;

    function setUp() public virtual override {
        super.setUp();
        until = uint64(block.timestamp) + 1 hours;
        (order, exact) = (_order(1 ether), _order(FEE));
        channel = _channel(1_000 ether);
        (quote, authorization) = (_quote(_answer(1), until), _authorization(_answer(2), FEE));
        for (uint256 count = 1; count <= 100; count *= 10) {
            vouchers[count] = _voucher(channel, _several(count, 3));
        }
    }

    /// @dev The gas of a transaction with the last call, of which this is the data. What clearing storage gives back is taken off, a fifth at most
    ///      (EIP-3529).
    function _snapshot(string memory _name, bytes memory _data, uint256 _most) internal {
        uint256 gas = _transactionGas(_data);
        uint256 back = uint256(int256(vm.lastCallGas().gasRefunded));
        gas -= back < gas / 5 ? back : gas / 5;
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("PayableAI", _name, gas);
        vm.assertLe(gas, _most);
    }

    function _measurePay(string memory _name, uint256 _most) internal {
        IPayableAI.Answer memory of_ = _answer(1);
        vm.prank(payer);
        payments.pay{ value: FEE }(of_, until, quote);
        _snapshot(_name, abi.encodeCall(IPayableAI.pay, (of_, until, quote)), _most);
    }

    function _measureAuthorization(string memory _name, uint256 _most) internal {
        IPayableAI.Answer memory of_ = _answer(2);
        vm.prank(gateway);
        payments.payWithAuthorization(of_, 0, until, authorization);
        _snapshot(_name, abi.encodeCall(IPayableAI.payWithAuthorization, (of_, 0, until, authorization)), _most);
    }

    function _measureDeliver(string memory _name, uint256 _which, uint256 _most) internal {
        IPayableAI.Answer memory of_ = _answer(3);
        vm.prank(gateway);
        payments.deliver(_which, of_);
        _snapshot(_name, abi.encodeCall(IPayableAI.deliver, (_which, of_)), _most);
    }

    function _measureRedeem(string memory _name, uint256 _count, uint256 _most) internal {
        IPayableAI.Answer[] memory of_ = _several(_count, 3);
        vm.prank(gateway);
        payments.redeem(channel, of_, vouchers[_count]);
        _snapshot(_name, abi.encodeCall(IPayableAI.redeem, (channel, of_, vouchers[_count])), _most);
    }
}

/// @title PayableAI_Gas_First_Test
/// @notice What the first answer of a model version in a range costs.
contract PayableAI_Gas_First_Test is PayableAI_Gas_Base {
    /// @dev A version without prices.
    uint64 internal other;

    function setUp() public override {
        super.setUp();
        other = _publish(_ours());
        vm.warp(block.timestamp - NOTICE);
    }

    function test_pay_gas_first_succeeds() public {
        _measurePay("pay, first of a range", 130_000);
    }

    /// @dev And the first in WOPEN since the last cut.
    function test_payWithAuthorization_gas_first_succeeds() public {
        _measureAuthorization("payWithAuthorization, first of a range", 190_000);
    }

    function test_deliver_gas_first_succeeds() public {
        _measureDeliver("deliver, first of a range", order, 130_000);
    }

    function test_redeem_gas_first_succeeds() public {
        _measureRedeem("redeem 1 answer, first of a range and of the channel", 1, 180_000);
    }

    function test_setPrices_gas_succeeds() public {
        IPayableAI.Prices memory prices = _prices();
        vm.prank(ALICE);
        payments.setPrices(other, prices);
        _snapshot("setPrices, first", abi.encodeCall(IPayableAI.setPrices, (other, prices)), 100_000);
    }
}

/// @title PayableAI_Gas_Test
/// @notice What all others cost, of a payer that has paid before.
contract PayableAI_Gas_Test is PayableAI_Gas_Base {
    function setUp() public override {
        super.setUp();
        _pay(_answer(1_000));
        _payInWOPEN(_answer(1_001));
        _redeem(channel, _one(_answer(1_002)));
        for (uint256 count = 1; count <= 100; count *= 10) {
            vouchers[count] = _voucher(channel, _several(count, 3));
        }
    }

    function test_pay_gas_succeeds() public {
        _measurePay("pay", 100_000);
    }

    function test_payWithAuthorization_gas_succeeds() public {
        _measureAuthorization("payWithAuthorization", 135_000);
    }

    /// @dev Together with the delivery 160,000 at most.
    function test_order_gas_succeeds() public {
        vm.prank(payer);
        payments.order{ value: 1 ether }(version, 0, until, keccak256("request"));
        bytes memory data = abi.encodeCall(IPayableAI.order, (version, 0, until, keccak256("request")));
        _snapshot("order", data, 65_000);
    }

    function test_deliver_gas_succeeds() public {
        _measureDeliver("deliver, with something handed back", order, 95_000);
    }

    function test_deliver_gas_exact_succeeds() public {
        _measureDeliver("deliver, with nothing handed back", exact, 90_000);
    }

    function test_refund_gas_succeeds() public {
        vm.warp(until);
        payments.refund(order);
        _snapshot("refund", abi.encodeCall(IPayableAI.refund, (order)), 50_000);
    }

    function test_redeem_gas_succeeds() public {
        _measureRedeem("redeem 1 answer", 1, 130_000);
    }

    function test_redeem_gas_ten_succeeds() public {
        _measureRedeem("redeem 10 answers", 10, 500_000);
    }

    function test_redeem_gas_hundred_succeeds() public {
        _measureRedeem("redeem 100 answers", 100, 4_200_000);
    }
}
