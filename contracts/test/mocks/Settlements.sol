// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";

/// @title Payments
/// @notice What the settlement asks of the contract that takes payments: answers and data pools that a test pays for.
contract Payments {
    uint64 internal _answers;
    uint64 internal _epoch;
    uint128 internal _pool;
    mapping(uint64 k => mapping(uint64 modelVersion => uint128)) internal _data;

    error Payments_Failed();

    /// @notice So many answers of a model version, with the value as their data pools.
    function pay(uint64 _modelVersion, uint64 _count) external payable {
        _answers += _count;
        _pool += uint128(msg.value);
        _data[_epoch][_modelVersion] += uint128(msg.value);
    }

    function cut() external returns (uint64 end_, uint128 pool_) {
        (end_, pool_) = (_answers, _pool);
        _pool = 0;
        ++_epoch;
        (bool success,) = msg.sender.call{ value: pool_ }("");
        if (!success) revert Payments_Failed();
    }

    function accruedOf(uint64 _k, uint64 _modelVersion) external view returns (uint128 data_, uint128 rest_) {
        return (_data[_k][_modelVersion], 0);
    }
}

/// @title Judge
/// @notice Finds a fault where a proof says so, and a demand answered where the response says so: both name the epoch that they are about.
contract Judge is IAttributionVerifier, IDemandVerifier {
    /// @inheritdoc IAttributionVerifier
    function verify(Epoch calldata _epoch, bytes calldata _proof) external pure returns (uint8 fault_) {
        if (_proof.length != 33 || bytes32(_proof[1:]) != keccak256(abi.encode(_epoch))) {
            revert AttributionVerifier_NotShown();
        }
        if (_proof[0] == 0) revert AttributionVerifier_NoFault();
        return uint8(_proof[0]);
    }

    /// @inheritdoc IDemandVerifier
    function check(Epoch calldata _epoch, Demand calldata _demand) external pure {
        if (_demand.a < _epoch.first || _demand.a >= _epoch.end) revert DemandVerifier_Range();
    }

    /// @inheritdoc IDemandVerifier
    function verify(Epoch calldata _epoch, Demand calldata _demand, bytes calldata _response) external pure {
        if (keccak256(_response) != keccak256(abi.encode(_epoch, _demand))) revert AttributionVerifier_NotShown();
    }
}
