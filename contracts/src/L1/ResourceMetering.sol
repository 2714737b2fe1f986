// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { FixedPointMathLib } from "@solady/utils/FixedPointMathLib.sol";

import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { DepositMarket } from "src/libraries/DepositMarket.sol";

/// @title ResourceMetering
/// @notice Sells the L2 gas of deposits: so much per L1 block, at a price that follows demand, paid by burning L1 gas.
abstract contract ResourceMetering is IResourceMetering {
    /// @dev State of the market: one slot.
    struct ResourceParams {
        uint128 prevBaseFee;
        uint64 prevBoughtGas;
        uint64 prevBlockNum;
    }

    /// @dev Gas per L1 block at which the price stays.
    uint256 internal constant TARGET_RESOURCE_LIMIT =
        DepositMarket.MAX_RESOURCE_LIMIT / DepositMarket.ELASTICITY_MULTIPLIER;

    /// @dev The unit of the decay's fixed-point numbers: 7/8 is exact, and a price times the unit fits a word.
    uint256 internal constant UNIT = 1 << 120;

    /// @dev What an L1 block without demand leaves of the price.
    uint256 internal constant DECAY = UNIT - UNIT / DepositMarket.BASE_FEE_MAX_CHANGE_DENOMINATOR;

    /// @dev L1 gas is never taken to cost less than this, in wei: division by a tiny base fee would burn absurd amounts.
    uint256 internal constant MIN_L1_BASE_FEE = 1 gwei;

    /// @inheritdoc IResourceMetering
    ResourceParams public params;

    /// @dev Room for the market to grow without moving what the inheriting contract stores.
    uint256[49] private __gap;

    /// @dev Sells `_amount` of L2 gas to the caller of the function, and burns what the L1 gas that the function itself
    ///      used has not paid for.
    modifier metered(uint64 _amount) {
        uint256 initialGas = gasleft();
        _;
        _buy(_amount, initialGas);
    }

    /// @dev Opens the market at the minimum price. For the inheriting contract's initializer.
    function _openMarket() internal {
        params = ResourceParams({
            prevBaseFee: DepositMarket.MINIMUM_BASE_FEE, prevBoughtGas: 0, prevBlockNum: uint64(block.number)
        });
    }

    /// @dev Books the purchase and burns its price. `_initialGas`: the gas that was left when the function began.
    function _buy(uint64 _amount, uint256 _initialGas) internal {
        ResourceParams memory market = params;
        if (block.number != market.prevBlockNum) {
            market.prevBaseFee = _nextBaseFee(market);
            market.prevBoughtGas = 0;
            market.prevBlockNum = uint64(block.number);
        }
        // In two steps, so that an amount near the type's maximum is refused by name and not by an overflow.
        if (_amount > DepositMarket.MAX_RESOURCE_LIMIT - market.prevBoughtGas) revert ResourceMetering_OutOfGas();
        market.prevBoughtGas += _amount;
        params = market;

        uint256 price = uint256(_amount) * market.prevBaseFee / Math.max(block.basefee, MIN_L1_BASE_FEE);
        uint256 used = _initialGas - gasleft();
        if (price > used) _burnGas(price - used);
    }

    /// @dev The price in the present L1 block: EIP-1559's rule for the block of the last purchases, then one step of
    ///      decay for each block without any since. The decay is a power, so its cost hardly depends on the time passed.
    function _nextBaseFee(ResourceParams memory _market) internal view returns (uint128) {
        uint256 fee = _market.prevBaseFee;
        uint256 divisor = TARGET_RESOURCE_LIMIT * DepositMarket.BASE_FEE_MAX_CHANGE_DENOMINATOR;
        if (_market.prevBoughtGas >= TARGET_RESOURCE_LIMIT) {
            fee += fee * (_market.prevBoughtGas - TARGET_RESOURCE_LIMIT) / divisor;
        } else {
            fee -= fee * (TARGET_RESOURCE_LIMIT - _market.prevBoughtGas) / divisor;
        }
        fee = _clamp(fee);

        uint256 idleBlocks = block.number - _market.prevBlockNum - 1;
        if (idleBlocks > 0) fee = _clamp(fee * FixedPointMathLib.rpow(DECAY, idleBlocks, UNIT) / UNIT);
        return uint128(fee);
    }

    /// @dev Keeps a price between its bounds.
    function _clamp(uint256 _fee) internal pure returns (uint256) {
        return Math.min(Math.max(_fee, DepositMarket.MINIMUM_BASE_FEE), DepositMarket.MAXIMUM_BASE_FEE);
    }

    /// @dev Uses up this much gas, and a little more. Without enough of it the whole deposit fails for lack of gas.
    function _burnGas(uint256 _amount) internal view {
        uint256 start = gasleft();
        while (start - gasleft() < _amount) { }
    }
}
