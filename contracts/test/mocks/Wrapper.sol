// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Wrapper
/// @notice Wraps whatever it is called with, as WETH9 does, and knows no authorizations.
contract Wrapper {
    mapping(address account => uint256) public balanceOf;

    fallback() external payable {
        balanceOf[msg.sender] += msg.value;
    }
}
