// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IProxy
/// @notice The administrator's side of a proxy. Everyone else's calls, of these functions too, go to the
///         implementation.
interface IProxy {
    /// @notice The proxy has no implementation yet.
    error Proxy_NotInitialized();

    /// @notice Sets the implementation.
    function upgradeTo(address _implementation) external;

    /// @notice Sets the implementation and calls it through the proxy.
    /// @param _implementation Address of the implementation; it must have code.
    /// @param _data Calldata.
    /// @return What the call returned.
    function upgradeToAndCall(address _implementation, bytes calldata _data) external payable returns (bytes memory);

    /// @notice Hands the administration over.
    function changeAdmin(address _admin) external;

    /// @notice The administrator.
    function admin() external returns (address);

    /// @notice The implementation.
    function implementation() external returns (address);
}
