// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title ISemver
/// @notice A contract that names its own version.
interface ISemver {
    /// @notice Semantic version of the contract's ABI and behaviour.
    function version() external view returns (string memory);
}
