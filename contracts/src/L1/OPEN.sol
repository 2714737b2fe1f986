// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Burnable } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title OPEN
/// @notice The coin of OpenLedger on the L1: one billion, minted once. On the L2 it is the native coin, for which
///         OptimismPortal locks what stands here.
/// @dev No owner, no proxy, no way to mint more.
contract OPEN is ERC20, ERC20Burnable, ERC20Permit {
    /// @notice All that there will ever be, in units of 10^-18.
    uint256 public constant INITIAL_SUPPLY = 1_000_000_000 ether;

    /// @param _holder Receives the whole supply.
    constructor(address _holder) ERC20("OpenLedger", "OPEN") ERC20Permit("OpenLedger") {
        _mint(_holder, INITIAL_SUPPLY);
    }
}
