// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";

/// @title Models
/// @notice Model versions with whatever terms and payees a test chooses: what payments, the router of fees and the accumulator ask the register.
contract Models {
    struct Version {
        bool isThere;
        bool isRetired;
        uint64 activeFrom;
        address owner;
        address gateway;
        address settlement;
        uint128 weights;
        IModelFacts.Terms terms;
        IModelRegistry.Payees payees;
        address[] licensors;
    }

    mapping(uint64 modelVersion => Version) internal _versions;

    error Models_Unknown();

    function set(uint64 _modelVersion, Version calldata _of) external {
        _versions[_modelVersion] = _of;
    }

    function isActive(uint64 _modelVersion) external view returns (bool isActive_) {
        Version storage of_ = _known(_modelVersion);
        return !of_.isRetired && of_.activeFrom <= block.timestamp;
    }

    function gateOf(uint64 _modelVersion)
        external
        view
        returns (
            bool isActive_,
            uint64 activeFrom_,
            address gateway_,
            address settlement_,
            IModelFacts.Terms memory terms_
        )
    {
        Version storage of_ = _known(_modelVersion);
        isActive_ = !of_.isRetired && of_.activeFrom <= block.timestamp;
        return (isActive_, of_.activeFrom, of_.gateway, of_.settlement, of_.terms);
    }

    function gatewayOf(uint64 _modelVersion) external view returns (address gateway_) {
        return _known(_modelVersion).gateway;
    }

    function ownerOfVersion(uint64 _modelVersion) external view returns (address owner_) {
        return _known(_modelVersion).owner;
    }

    function termsOf(uint64 _modelVersion) external view returns (IModelFacts.Terms memory terms_) {
        return _known(_modelVersion).terms;
    }

    function payeesOf(uint64 _modelVersion) external view returns (IModelRegistry.Payees memory payees_) {
        return _known(_modelVersion).payees;
    }

    function licensorsOf(uint64 _modelVersion) external view returns (address[] memory licensors_) {
        return _known(_modelVersion).licensors;
    }

    /// @notice Nobody has a row of the weights; their sum is what a test chooses.
    function weightsOf(uint64 _modelVersion) external view returns (bytes32 root_, uint128 total_, bool declared_) {
        Version storage of_ = _versions[_modelVersion];
        return (bytes32(uint256(of_.isThere ? 1 : 0)), of_.weights, true);
    }

    function _known(uint64 _modelVersion) internal view returns (Version storage version_) {
        version_ = _versions[_modelVersion];
        if (!version_.isThere) revert Models_Unknown();
    }
}
