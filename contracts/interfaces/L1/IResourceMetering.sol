// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IResourceMetering
/// @notice The market for the gas that deposits use on the L2 (OP Stack specification, "Guaranteed gas fee market").
interface IResourceMetering {
    /// @notice The market's parameters.
    /// @param maxResourceLimit Gas that can be bought in one L1 block, at most.
    /// @param elasticityMultiplier The limit, divided by this, is the target: above it the price rises, below it falls.
    /// @param baseFeeMaxChangeDenominator One block without demand lowers the price by one part in this many.
    /// @param minimumBaseFee Lower bound of the price, in wei per gas.
    /// @param systemTxMaxGas Gas of the deposit that begins each L2 block.
    /// @param maximumBaseFee Upper bound of the price, in wei per gas.
    struct ResourceConfig {
        uint32 maxResourceLimit;
        uint8 elasticityMultiplier;
        uint8 baseFeeMaxChangeDenominator;
        uint32 minimumBaseFee;
        uint32 systemTxMaxGas;
        uint128 maximumBaseFee;
    }

    /// @notice The gas that this L1 block still offers is not enough.
    error ResourceMetering_OutOfGas();

    /// @notice State of the market as of its last use.
    /// @return prevBaseFee Price in wei per gas.
    /// @return prevBoughtGas Gas bought in that L1 block.
    /// @return prevBlockNum Number of that L1 block.
    function params() external view returns (uint128 prevBaseFee, uint64 prevBoughtGas, uint64 prevBlockNum);
}
