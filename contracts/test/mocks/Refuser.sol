// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Refuser
/// @notice Accepts no coins.
contract Refuser {
    /// @notice The only thing it ever says.
    error Refuser_NoThanks();

    receive() external payable {
        revert Refuser_NoThanks();
    }
}

/// @title LongRefuser
/// @notice Accepts no coins, with as long an answer as it can pay for with little gas.
contract LongRefuser {
    receive() external payable {
        assembly {
            revert(0, 50000)
        }
    }
}
