// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Votes } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title VotesToken
/// @notice A token with votes, which count by block. Anyone may mint.
contract VotesToken is ERC20, ERC20Votes {
    constructor() ERC20("Votes", "VOTES") EIP712("Votes", "1") { }

    function mint(address _to, uint256 _amount) external {
        _mint(_to, _amount);
        if (delegates(_to) == address(0)) _delegate(_to, _to);
    }

    function _update(address _from, address _to, uint256 _amount) internal override(ERC20, ERC20Votes) {
        super._update(_from, _to, _amount);
    }
}
