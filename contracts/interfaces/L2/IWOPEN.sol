// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IWOPEN
/// @notice What WETH9 adds to an ERC-20, under the name of this chain's coin.
interface IWOPEN {
    /// @notice Read by exchanges and indexers: native coin was wrapped.
    event Deposit(address indexed dst, uint256 wad);

    /// @notice Read by exchanges and indexers: native coin was unwrapped.
    event Withdrawal(address indexed src, uint256 wad);

    /// @notice Wraps the value sent with the call.
    function deposit() external payable;

    /// @notice Unwraps to the caller.
    /// @param wad Amount in wei.
    function withdraw(uint256 wad) external;
}
