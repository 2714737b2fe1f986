// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IProxyAdmin
/// @notice Administrator of the proxies; its owner decides on upgrades.
interface IProxyAdmin {
    /// @notice Names the owner, once. For use behind a proxy.
    function initialize(address _owner) external;

    /// @notice The implementation behind a proxy.
    function getProxyImplementation(address _proxy) external view returns (address);

    /// @notice The administrator of a proxy.
    function getProxyAdmin(address payable _proxy) external view returns (address);

    /// @notice Hands the administration of a proxy over.
    function changeProxyAdmin(address payable _proxy, address _newAdmin) external;

    /// @notice Sets a proxy's implementation.
    function upgrade(address payable _proxy, address _implementation) external;

    /// @notice Sets a proxy's implementation and calls it through the proxy.
    function upgradeAndCall(address payable _proxy, address _implementation, bytes memory _data) external payable;
}
