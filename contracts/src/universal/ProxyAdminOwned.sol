// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { ERC1967Utils } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";

import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";

/// @title ProxyAdminOwned
/// @notice Base of the contracts on the L1 whose initializer must not be open to the first caller.
/// @dev The administrator is read from the proxy's own slot, so there is no second place that could disagree. Being
///      called by the ProxyAdmin itself means being called in `upgradeAndCall`, which only its owner can do.
abstract contract ProxyAdminOwned is IProxyAdminOwned {
    /// @dev Only an upgrade, or the account that could make one.
    modifier onlyProxyAdminOrOwner() {
        if (msg.sender != proxyAdmin() && msg.sender != proxyAdminOwner()) {
            revert ProxyAdminOwned_NotProxyAdminOrOwner();
        }
        _;
    }

    /// @dev Only the account that could make an upgrade.
    modifier onlyProxyAdminOwner() {
        if (msg.sender != proxyAdminOwner()) revert ProxyAdminOwned_NotProxyAdminOwner();
        _;
    }

    /// @inheritdoc IProxyAdminOwned
    function proxyAdmin() public view returns (address) {
        return ERC1967Utils.getAdmin();
    }

    /// @inheritdoc IProxyAdminOwned
    function proxyAdminOwner() public view returns (address) {
        return Ownable(proxyAdmin()).owner();
    }
}
