// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Furnace
/// @notice Destroys what it is created with: an account that destructs into itself, in the transaction that created it, takes its balance along
///         (EIP-6780).
contract Furnace {
    constructor() payable {
        selfdestruct(payable(address(this)));
    }
}
