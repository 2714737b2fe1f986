// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Wallet
/// @notice A contract that has coins, signs what its owner signs as long as it likes, and does what it is told.
contract Wallet is IERC1271 {
    address internal immutable OWNER;

    /// @notice Whether it signs nothing any more.
    bool public isMute;

    constructor(address _owner) {
        OWNER = _owner;
    }

    receive() external payable { }

    function mute() external {
        isMute = true;
    }

    function call(address _target, uint256 _value, bytes calldata _data) external returns (bytes memory answer_) {
        return Address.functionCallWithValue(_target, _data, _value);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 _hash, bytes calldata _signature) external view returns (bytes4 magic_) {
        (address by,,) = ECDSA.tryRecover(_hash, _signature);
        return by == OWNER && !isMute ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
