// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Moody
/// @notice Lets itself be greeted, and takes what comes along, only while in a good mood. Anybody changes the mood.
contract Moody {
    /// @dev How often a greeting came, and with how much.
    struct Greetings {
        uint256 count;
        uint256 value;
    }

    bool public isGood;
    mapping(uint256 number => Greetings) public greetings;

    function change() external {
        isGood = !isGood;
    }

    function greet(uint256 _number) external payable {
        require(isGood);
        ++greetings[_number].count;
        greetings[_number].value += msg.value;
    }
}
