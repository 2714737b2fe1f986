// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";

/// @title Gates
/// @notice What payments and fees ask of the register of models: one model version, which answers for whoever made this contract.
contract Gates {
    address public immutable OWNER;
    address internal immutable SETTLEMENT;
    address[] internal _licensors;

    constructor(address _settlement, address[] memory _licensorsOf) {
        OWNER = msg.sender;
        SETTLEMENT = _settlement;
        _licensors = _licensorsOf;
    }

    function gateOf(uint64)
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
        return (true, 1, OWNER, SETTLEMENT, _terms());
    }

    function ownerOfVersion(uint64) external view returns (address owner_) {
        return OWNER;
    }

    function gatewayOf(uint64) external view returns (address gateway_) {
        return OWNER;
    }

    function isActive(uint64) external pure returns (bool isActive_) {
        return true;
    }

    function termsOf(uint64) external pure returns (IModelFacts.Terms memory terms_) {
        return _terms();
    }

    function payeesOf(uint64) external view returns (IModelRegistry.Payees memory payees_) {
        return IModelRegistry.Payees(address(0), _licensors[0], _licensors[1], _licensors[2]);
    }

    function licensorsOf(uint64) external view returns (address[] memory licensors_) {
        return _licensors;
    }

    function _terms() internal pure returns (IModelFacts.Terms memory terms_) {
        return IModelFacts.Terms(733, 0, IModelFacts.SplitTable(501, 2_499, 1_987, 1_013, 4_000));
    }
}
