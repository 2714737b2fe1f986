// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// @notice State, an event and one way to fail of each kind; usable behind an ERC-1967 proxy too.
contract Counter is Initializable, UUPSUpgradeable {
    /// @notice Read by the clients' filters and subscriptions.
    event Incremented(address indexed by, uint256 indexed number, string note);

    error TooMuch(uint256 asked, uint256 limit);

    uint256 public number;

    function initialize(uint256 start) external initializer {
        number = start;
    }

    function increment(string calldata note) external {
        number += 1;
        emit Incremented(msg.sender, number, note);
    }

    /// @notice Reverts with a custom error above 100.
    function set(uint256 value) external {
        if (value > 100) revert TooMuch(value, 100);
        number = value;
    }

    function failWithReason() external pure {
        revert("no such luck");
    }

    function failWithPanic(uint256 zero) external view returns (uint256) {
        return number / zero;
    }

    /// @dev A test contract: anybody may upgrade it.
    function _authorizeUpgrade(address) internal override {}
}
