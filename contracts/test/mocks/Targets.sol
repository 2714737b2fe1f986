// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";

/// @title Recorder
/// @notice Remembers how it was called last.
contract Recorder {
    address public caller;
    address public l2Sender;
    uint256 public value;
    uint256 public gas;
    uint256 public calls;
    bytes public data;

    fallback() external payable {
        gas = gasleft();
        caller = msg.sender;
        l2Sender = IOptimismPortal(msg.sender).l2Sender();
        value = msg.value;
        data = msg.data;
        ++calls;
    }
}

/// @title Guzzler
/// @notice Uses all the gas that it gets.
contract Guzzler {
    fallback() external payable {
        while (true) { }
    }
}

/// @title Bomber
/// @notice Answers with more than its caller could afford to copy.
contract Bomber {
    fallback() external payable {
        assembly {
            return(0, 1000000)
        }
    }
}

/// @title Caller
/// @notice Makes one call when it is called, and remembers how that went.
contract Caller {
    address internal target;
    bytes internal data;
    uint256 internal value;

    bool public success;
    bytes public answer;

    /// @notice Chooses the call.
    function arm(address _target, uint256 _value, bytes calldata _data) external {
        (target, value, data) = (_target, _value, _data);
    }

    /// @notice Lets somebody take this contract's tokens.
    function approve(IERC20 _token, address _spender) external {
        _token.approve(_spender, type(uint256).max);
    }

    fallback() external payable {
        (success, answer) = target.call{ value: value }(data);
    }
}
