// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { IProxy } from "interfaces/universal/IProxy.sol";
import { IProxyAdmin } from "interfaces/universal/IProxyAdmin.sol";

/// @title IStaticProxy
/// @notice The getters of a proxy, declared as what they are for its administrator: views.
interface IStaticProxy {
    function admin() external view returns (address);

    function implementation() external view returns (address);
}

/// @title ProxyAdmin
/// @notice Predeploy 0x4200000000000000000000000000000000000018 on the L2, and an ordinary contract on the L1.
contract ProxyAdmin is IProxyAdmin, Ownable, Initializable {
    /// @dev An instance of its own belongs to `_owner`; behind a proxy `initialize` names the owner.
    constructor(address _owner) Ownable(_owner) {
        _disableInitializers();
    }

    /// @inheritdoc IProxyAdmin
    function initialize(address _owner) external initializer {
        if (_owner == address(0)) revert OwnableInvalidOwner(_owner);
        _transferOwnership(_owner);
    }

    /// @inheritdoc IProxyAdmin
    function changeProxyAdmin(address payable _proxy, address _newAdmin) external onlyOwner {
        IProxy(_proxy).changeAdmin(_newAdmin);
    }

    /// @inheritdoc IProxyAdmin
    function upgrade(address payable _proxy, address _implementation) external onlyOwner {
        IProxy(_proxy).upgradeTo(_implementation);
    }

    /// @inheritdoc IProxyAdmin
    function upgradeAndCall(
        address payable _proxy,
        address _implementation,
        bytes memory _data
    ) external payable onlyOwner {
        IProxy(_proxy).upgradeToAndCall{ value: msg.value }(_implementation, _data);
    }

    /// @inheritdoc IProxyAdmin
    function getProxyImplementation(address _proxy) external view returns (address) {
        return IStaticProxy(_proxy).implementation();
    }

    /// @inheritdoc IProxyAdmin
    function getProxyAdmin(address payable _proxy) external view returns (address) {
        return IStaticProxy(_proxy).admin();
    }
}
