// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";

/// @title DepositMarket
/// @notice Parameters of the market for deposit gas, as the OP Stack's specification defaults them.
/// @dev Constants, for two reasons. A deposit need not ask another contract for them. And the L2's gas limit, which
///      SystemConfig keeps above what one L1 block can bring, can never be overtaken by a change of them.
library DepositMarket {
    /// @dev Gas that can be bought in one L1 block, at most.
    uint32 internal constant MAX_RESOURCE_LIMIT = 20_000_000;

    /// @dev Limit / target.
    uint8 internal constant ELASTICITY_MULTIPLIER = 10;

    /// @dev One block without demand lowers the price by one part in this many.
    uint8 internal constant BASE_FEE_MAX_CHANGE_DENOMINATOR = 8;

    /// @dev Lower bound of the price, in wei per gas.
    uint32 internal constant MINIMUM_BASE_FEE = 1 gwei;

    /// @dev Upper bound of the price, in wei per gas.
    uint128 internal constant MAXIMUM_BASE_FEE = type(uint128).max;

    /// @dev Gas of the L1 attributes deposit.
    uint32 internal constant SYSTEM_TX_MAX_GAS = 1_000_000;

    /// @dev All of them.
    function config() internal pure returns (IResourceMetering.ResourceConfig memory) {
        return IResourceMetering.ResourceConfig({
            maxResourceLimit: MAX_RESOURCE_LIMIT,
            elasticityMultiplier: ELASTICITY_MULTIPLIER,
            baseFeeMaxChangeDenominator: BASE_FEE_MAX_CHANGE_DENOMINATOR,
            minimumBaseFee: MINIMUM_BASE_FEE,
            systemTxMaxGas: SYSTEM_TX_MAX_GAS,
            maximumBaseFee: MAXIMUM_BASE_FEE
        });
    }
}
