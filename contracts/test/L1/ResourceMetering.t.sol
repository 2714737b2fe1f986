// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { ResourceMetering } from "src/L1/ResourceMetering.sol";
import { Test } from "test/utils/Test.sol";

/// @title Market
/// @notice The market alone, with a state that can be set.
contract Market is ResourceMetering {
    constructor() {
        _openMarket();
    }

    function buy(uint64 _amount) external metered(_amount) { }

    function set(uint128 _fee, uint64 _bought) external {
        params = ResourceParams(_fee, _bought, uint64(block.number));
    }
}

abstract contract ResourceMetering_Base is Test {
    Market internal market;
    uint256 internal height = 1000;

    function setUp() external {
        vm.roll(height);
        market = new Market();
        // L1 gas so dear that hardly any is burnt: most of these tests are about the price.
        vm.fee(type(uint64).max);
    }

    /// @dev Lets so many L1 blocks pass.
    function _pass(uint256 _blocks) internal {
        height += _blocks;
        vm.roll(height);
    }

    function _fee() internal view returns (uint256 fee_) {
        (fee_,,) = market.params();
    }

    /// @dev The specification's update, in signed numbers as it is written there.
    function _specified(uint256 _previous, uint256 _bought) internal pure returns (uint256) {
        int256 delta = int256(_previous) * (int256(_bought) - 2_000_000) / 2_000_000 / 8;
        int256 next = int256(_previous) + delta;
        if (next < 1 gwei) return 1 gwei;
        if (next > int256(uint256(type(uint128).max))) return type(uint128).max;
        return uint256(next);
    }
}

contract ResourceMetering_Test is ResourceMetering_Base {
    function test_openMarket_succeeds() external view {
        (uint128 fee, uint64 bought, uint64 number) = market.params();
        vm.assertEq(fee, 1 gwei);
        vm.assertEq(bought, 0);
        vm.assertEq(number, 1000);
    }

    function testFuzz_buy_oneBlockLater_isAsSpecified_succeeds(uint128 _previous, uint64 _bought) external {
        uint128 previous = uint128(_bound(_previous, 1 gwei, type(uint128).max));
        uint64 bought = uint64(_bound(_bought, 0, 20_000_000));
        market.set(previous, bought);
        _pass(1);
        market.buy(0);
        // The specification divides twice, which may truncate differently by one.
        uint256 expected = _specified(previous, bought);
        vm.assertLe(_fee() > expected ? _fee() - expected : expected - _fee(), 1);
        (, uint64 now_, uint64 number) = market.params();
        vm.assertEq(now_, 0);
        vm.assertEq(number, height);
    }

    /// @dev A full block raises the price by 9/8 of itself, for the blocks after it.
    function test_buy_fullBlocks_raiseThePrice_succeeds() external {
        uint256 expected = 1 gwei;
        for (uint256 i; i < 20; ++i) {
            market.buy(20_000_000);
            vm.assertEq(_fee(), expected);
            expected = expected * 17 / 8;
            _pass(1);
        }
    }

    function test_buy_atTarget_keepsThePrice_succeeds() external {
        market.set(7 gwei, 2_000_000);
        _pass(1);
        market.buy(1);
        vm.assertEq(_fee(), 7 gwei);
    }

    /// @dev Against the decay taken step by step, which truncates at each: at most 8 wei in sum. The power is rounded at
    ///      120 bits.
    function testFuzz_buy_idle_decays_succeeds(uint128 _previous, uint16 _idle) external {
        uint128 previous = uint128(_bound(_previous, 1 gwei, type(uint128).max));
        uint256 idle = _bound(_idle, 1, 700);
        market.set(previous, 2_000_000);
        _pass(idle + 1);
        market.buy(0);

        uint256 step = uint256(previous);
        for (uint256 i; i < idle; ++i) {
            step = step * 7 / 8;
        }
        if (step < 1 gwei) step = 1 gwei;
        uint256 rounding = uint256(previous) * idle >> 118;
        vm.assertGe(_fee() + rounding + 1, step);
        vm.assertLe(_fee(), step + 8 + rounding);
    }

    /// @dev However long, and however high the price was.
    function testFuzz_buy_idleForLong_isTheMinimum_succeeds(uint64 _idle) external {
        market.set(type(uint128).max, 20_000_000);
        _pass(_bound(_idle, 600, type(uint64).max - height));
        market.buy(1);
        vm.assertEq(_fee(), 1 gwei);
    }

    function testFuzz_buy_neverBelowMinimumNorBeyondMaximum_succeeds(
        uint64[12] memory _buys,
        uint8[12] memory _gaps
    ) external {
        market.set(type(uint128).max, 20_000_000);
        for (uint256 i; i < _buys.length; ++i) {
            _pass(uint256(_gaps[i]) + 1);
            market.buy(0);
            vm.assertGe(_fee(), 1 gwei);
            vm.assertLe(_fee(), type(uint128).max);
            // As if so much had been bought, which nobody could pay for at such a price.
            market.set(uint128(_fee()), uint64(_bound(_buys[i], 0, 20_000_000)));
        }
    }

    /// @dev What one block sells never exceeds the limit, and reaches it.
    function testFuzz_buy_blockLimit_succeeds(uint64[10] memory _buys) external {
        uint256 sold;
        for (uint256 i; i < _buys.length; ++i) {
            uint64 amount = uint64(_bound(_buys[i], 0, 6_000_000));
            bool fits = sold + amount <= 20_000_000;
            if (!fits) vm.expectRevert(abi.encodeWithSelector(IResourceMetering.ResourceMetering_OutOfGas.selector));
            market.buy(amount);
            if (fits) sold += amount;
            (, uint64 bought,) = market.params();
            vm.assertEq(bought, sold);
        }
        market.buy(uint64(20_000_000 - sold));
        vm.expectRevert(abi.encodeWithSelector(IResourceMetering.ResourceMetering_OutOfGas.selector));
        market.buy(1);
        _pass(1);
        market.buy(20_000_000);
    }

    function testFuzz_buy_moreThanTheLimit_reverts(uint64 _amount) external {
        _amount = uint64(_bound(_amount, 20_000_001, type(uint64).max));
        vm.expectRevert(abi.encodeWithSelector(IResourceMetering.ResourceMetering_OutOfGas.selector));
        market.buy(_amount);
        vm.expectRevert(abi.encodeWithSelector(IResourceMetering.ResourceMetering_OutOfGas.selector));
        market.buy(type(uint64).max);
    }

    /// @dev The price is paid in L1 gas, the gas of the work itself included.
    function testFuzz_buy_burnsThePrice_succeeds(uint64 _amount, uint64 _l1BaseFee) external {
        uint64 amount = uint64(_bound(_amount, 100_000, 10_000_000));
        uint256 l1BaseFee = _bound(_l1BaseFee, 0, 3 gwei);
        vm.fee(l1BaseFee);
        market.set(2 gwei, 2_000_000);
        _pass(1);
        uint256 price = uint256(amount) * 2 gwei / (l1BaseFee > 1 gwei ? l1BaseFee : 1 gwei);
        uint256 before = gasleft();
        market.buy(amount);
        uint256 used = before - gasleft();
        vm.assertGe(used, price);
        // The call, what comes before the meter starts, and the last turn of the burning.
        vm.assertLe(used, price + 12_000);
    }
}
