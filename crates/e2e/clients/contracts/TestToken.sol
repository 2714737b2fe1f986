// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @notice An ordinary OpenZeppelin token: what most first contracts on a new chain look like.
contract TestToken is ERC20, ERC20Permit, Ownable {
    constructor(address owner, uint256 supply) ERC20("Test Token", "TT") ERC20Permit("Test Token") Ownable(owner) {
        _mint(owner, supply);
    }

    /// @notice Creates `amount` for `to`; owner only (`OwnableUnauthorizedAccount` otherwise).
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
