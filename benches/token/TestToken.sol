// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title The token that the load generator moves: OpenZeppelin's ERC-20 plus a bulk funding call.
/// @notice For benchmarks only: anybody may mint.
contract TestToken is ERC20 {
    error TestToken_NativeTransferFailed(address to);

    constructor() ERC20("Bench", "BENCH") {}

    /// @notice Mints `tokens` to every account and divides the native coin sent along equally among them.
    function fund(address[] calldata accounts, uint256 tokens) external payable {
        uint256 share = accounts.length == 0 ? 0 : msg.value / accounts.length;
        for (uint256 i; i < accounts.length; ++i) {
            _mint(accounts[i], tokens);
            if (share != 0) {
                (bool ok,) = accounts[i].call{value: share}("");
                if (!ok) revert TestToken_NativeTransferFailed(accounts[i]);
            }
        }
    }
}
