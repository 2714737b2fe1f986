// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IL2ToL1MessagePasser } from "interfaces/L2/IL2ToL1MessagePasser.sol";
import { Furnace } from "src/libraries/Furnace.sol";

/// @title L2ToL1MessagePasser
/// @notice Predeploy 0x4200000000000000000000000000000000000016.
/// @dev Withdrawals are proven against this account's storage root: a hash `h` is registered at the storage slot
///      `keccak256(abi.encode(h, 0))`, so `sentMessages` stays the first variable.
contract L2ToL1MessagePasser is IL2ToL1MessagePasser {
    /// @inheritdoc IL2ToL1MessagePasser
    uint16 public constant MESSAGE_VERSION = 1;

    /// @dev Gas on the L1 for a withdrawal that was made by a plain transfer to this contract.
    uint256 internal constant RECEIVE_DEFAULT_GAS_LIMIT = 100_000;

    /// @inheritdoc IL2ToL1MessagePasser
    mapping(bytes32 withdrawalHash => bool) public sentMessages;

    /// @dev Nonce of the next withdrawal, without the version.
    uint240 internal msgNonce;

    /// @notice A plain transfer withdraws its value to the sender's address on the L1.
    receive() external payable {
        initiateWithdrawal(msg.sender, RECEIVE_DEFAULT_GAS_LIMIT, "");
    }

    /// @inheritdoc IL2ToL1MessagePasser
    function burn() external {
        uint256 amount = address(this).balance;
        new Furnace{ value: amount }();
        emit WithdrawerBalanceBurnt(amount);
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    /// @inheritdoc IL2ToL1MessagePasser
    function initiateWithdrawal(address _target, uint256 _gasLimit, bytes memory _data) public payable {
        uint256 nonce = messageNonce();
        bytes32 withdrawalHash = keccak256(abi.encode(nonce, msg.sender, _target, msg.value, _gasLimit, _data));
        sentMessages[withdrawalHash] = true;
        ++msgNonce;
        emit MessagePassed(nonce, msg.sender, _target, msg.value, _gasLimit, _data, withdrawalHash);
    }

    /// @inheritdoc IL2ToL1MessagePasser
    function messageNonce() public view returns (uint256) {
        return uint256(MESSAGE_VERSION) << 240 | msgNonce;
    }
}
