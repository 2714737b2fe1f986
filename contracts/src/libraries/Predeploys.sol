// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Predeploys
/// @notice Addresses that the L2 genesis fills, and the one address that only the protocol can send from.
library Predeploys {
    /// @notice ERC-20 wrapper of the native coin. Not behind a proxy.
    address internal constant WOPEN = 0x4200000000000000000000000000000000000006;

    /// @notice Fee oracle for clients.
    address internal constant GAS_PRICE_ORACLE = 0x420000000000000000000000000000000000000F;

    /// @notice Vault of the priority fees.
    address internal constant SEQUENCER_FEE_VAULT = 0x4200000000000000000000000000000000000011;

    /// @notice Attributes of the L1 origin.
    address internal constant L1_BLOCK = 0x4200000000000000000000000000000000000015;

    /// @notice Register of withdrawals.
    address internal constant L2_TO_L1_MESSAGE_PASSER = 0x4200000000000000000000000000000000000016;

    /// @notice Administrator of every proxied predeploy.
    address internal constant PROXY_ADMIN = 0x4200000000000000000000000000000000000018;

    /// @notice Vault of the base fees.
    address internal constant BASE_FEE_VAULT = 0x4200000000000000000000000000000000000019;

    /// @notice Vault of the L1 data fees.
    address internal constant L1_FEE_VAULT = 0x420000000000000000000000000000000000001A;

    /// @notice Vault of the operator fees.
    address internal constant OPERATOR_FEE_VAULT = 0x420000000000000000000000000000000000001b;

    /// @notice Sender of the deposits that the protocol itself makes. No key exists for it.
    address internal constant DEPOSITOR_ACCOUNT = 0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001;
}
