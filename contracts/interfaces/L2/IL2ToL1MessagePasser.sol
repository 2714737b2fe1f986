// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";

/// @title IL2ToL1MessagePasser
/// @notice The register of withdrawals: what stands here can be proven on the L1 against an output root.
interface IL2ToL1MessagePasser is ISemver {
    /// @notice Read by whoever proves the withdrawal on the L1.
    event MessagePassed(
        uint256 indexed nonce,
        address indexed sender,
        address indexed target,
        uint256 value,
        uint256 gasLimit,
        bytes data,
        bytes32 withdrawalHash
    );

    /// @notice Read by supply monitors: withdrawn coins left the L2's supply.
    event WithdrawerBalanceBurnt(uint256 indexed amount);

    /// @notice Version in the two highest bytes of every nonce.
    function MESSAGE_VERSION() external view returns (uint16);

    /// @notice Whether a withdrawal with this hash was initiated.
    function sentMessages(bytes32 _withdrawalHash) external view returns (bool);

    /// @notice Nonce of the next withdrawal, with the version in its two highest bytes.
    function messageNonce() external view returns (uint256);

    /// @notice Registers a call to be made on the L1, and the value to be paid with it.
    /// @param _target Address to call on the L1.
    /// @param _gasLimit Least gas that the call must be given there.
    /// @param _data Calldata.
    function initiateWithdrawal(address _target, uint256 _gasLimit, bytes memory _data) external payable;

    /// @notice Takes the withdrawn coins that lie here out of the supply. Anyone may call it.
    function burn() external;
}
