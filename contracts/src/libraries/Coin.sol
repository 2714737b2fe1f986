// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Coin
/// @notice How the L1 contracts speak of the L2's native coin.
library Coin {
    /// @dev Stands for ether where a token's address is asked for.
    address internal constant ETHER = 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE;

    /// @dev Decimals of the coin, whichever it is.
    uint8 internal constant DECIMALS = 18;
}
