// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title TestToken
/// @notice An ERC-20 that anyone may mint. For tests and benchmarks; never part of a genesis.
contract TestToken is ERC20 {
    constructor(string memory _name, string memory _symbol) ERC20(_name, _symbol) { }

    /// @notice Creates `_amount` for `_to`.
    function mint(address _to, uint256 _amount) external {
        _mint(_to, _amount);
    }
}
