// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IProxyAdminOwned
/// @notice A contract behind a proxy that obeys whoever may replace its code.
interface IProxyAdminOwned {
    /// @notice The caller is neither the ProxyAdmin nor its owner.
    error ProxyAdminOwned_NotProxyAdminOrOwner();

    /// @notice The caller is not the owner of the ProxyAdmin.
    error ProxyAdminOwned_NotProxyAdminOwner();

    /// @notice The administrator of the proxy. Zero on an implementation of its own.
    function proxyAdmin() external view returns (address);

    /// @notice The owner of that administrator.
    function proxyAdminOwner() external view returns (address);
}
