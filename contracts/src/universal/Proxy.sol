// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC1967 } from "@openzeppelin/contracts/interfaces/IERC1967.sol";
import { ERC1967Utils } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import { Proxy as ForwardingProxy } from "@openzeppelin/contracts/proxy/Proxy.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { StorageSlot } from "@openzeppelin/contracts/utils/StorageSlot.sol";

import { IProxy } from "interfaces/universal/IProxy.sol";

/// @title Proxy
/// @notice ERC-1967 proxy with the OP Stack's administration functions.
/// @dev The administrator's functions also answer the zero address. No key and no contract can call from there: only
///      `eth_call` can, which makes the slots readable, and the protocol's upgrade deposits, which need it.
contract Proxy is IProxy, ForwardingProxy {
    /// @dev Forwards the call to the implementation unless the administrator made it.
    modifier proxyCallIfNotAdmin() {
        if (msg.sender == ERC1967Utils.getAdmin() || msg.sender == address(0)) {
            _;
        } else {
            _fallback();
        }
    }

    /// @param _admin The administrator; not the zero address.
    constructor(address _admin) {
        ERC1967Utils.changeAdmin(_admin);
    }

    /// @notice Plain transfers reach the implementation too.
    receive() external payable {
        _fallback();
    }

    /// @inheritdoc IProxy
    function upgradeTo(address _newImplementation) external proxyCallIfNotAdmin {
        _setImplementation(_newImplementation);
    }

    /// @inheritdoc IProxy
    function upgradeToAndCall(
        address _newImplementation,
        bytes calldata _data
    ) external payable proxyCallIfNotAdmin returns (bytes memory) {
        _setImplementation(_newImplementation);
        return Address.functionDelegateCall(_newImplementation, _data);
    }

    /// @inheritdoc IProxy
    function changeAdmin(address _admin) external proxyCallIfNotAdmin {
        ERC1967Utils.changeAdmin(_admin);
    }

    /// @inheritdoc IProxy
    function admin() external proxyCallIfNotAdmin returns (address) {
        return ERC1967Utils.getAdmin();
    }

    /// @inheritdoc IProxy
    function implementation() external proxyCallIfNotAdmin returns (address) {
        return ERC1967Utils.getImplementation();
    }

    /// @dev Stores the implementation. The library's own function does not allow a call with value or an answer.
    function _setImplementation(address _newImplementation) internal {
        if (_newImplementation.code.length == 0) {
            revert ERC1967Utils.ERC1967InvalidImplementation(_newImplementation);
        }
        StorageSlot.getAddressSlot(ERC1967Utils.IMPLEMENTATION_SLOT).value = _newImplementation;
        emit IERC1967.Upgraded(_newImplementation);
    }

    /// @dev The target of all forwarded calls.
    function _implementation() internal view override returns (address implementation_) {
        implementation_ = ERC1967Utils.getImplementation();
        if (implementation_ == address(0)) revert Proxy_NotInitialized();
    }
}
